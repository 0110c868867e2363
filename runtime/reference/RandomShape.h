//===- RandomShape.h - Random shapes of a problem ---------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_RANDOMSHAPE_H
#define HIPDEX_REFERENCE_RANDOMSHAPE_H

#include "reference/Problem.h"
#include <optional>
#include <string>

namespace hipdex {

/// What a key is tried on: a problem, and how many workgroups are launched,
/// if not as many as the runtime would. Of an op on K rows, all follows from
/// the seed of the options.
struct Shape {
  ProblemOptions options;
  std::optional<uint32_t> workgroups;
};

/// An option of `hipdexc run` that is an integer of ProblemOptions.
struct ProblemOption {
  const char *name;
  int64_t ProblemOptions::*value;
  const char *description;
};
inline constexpr ProblemOption problemOptions[] = {
    {"invalid-entries", &ProblemOptions::invalidEntries,
     "Of a hundred block-table entries, how many are out of range (0)"},
    {"page-padding", &ProblemOptions::pagePadding,
     "Bytes between cache pages (0)"},
    {"q-padding", &ProblemOptions::qPadding,
     "Elements between the queries of two requests (0)"},
    {"q-token-padding", &ProblemOptions::qTokenPadding,
     "Elements between the query tokens of a request (0)"},
    {"q-head-padding", &ProblemOptions::qHeadPadding,
     "Elements between the heads of a query token (0)"},
    {"weights-padding", &ProblemOptions::weightsPadding,
     "Elements between rows of weights (0)"},
    {"table-padding", &ProblemOptions::tablePadding,
     "Entries between rows of the block table (0)"},
    {"logits-padding", &ProblemOptions::logitsPadding,
     "Elements between rows of logits (0)"}};

/// Batches, lengths, widths, strides and grids of any size, small ones as often
/// as large ones. At most some \p work dot products: a million take the
/// emulator a tenth of a second. The problem's own seed is \p seed too.
Shape randomShape(const KernelKey &key, uint64_t seed, int64_t work = 1 << 20);

/// The command that repeats it on a device (as Device::choose() takes it):
/// "hipdexc run KEY ...".
std::string runLine(const KernelKey &key, const Shape &shape,
                    llvm::StringRef device);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_RANDOMSHAPE_H
