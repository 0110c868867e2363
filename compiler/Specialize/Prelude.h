//===- Prelude.h - What a key makes of a template ---------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPECIALIZE_PRELUDE_H
#define HIPDEX_SPECIALIZE_PRELUDE_H

#include "Spec/KernelKey.h"
#include <string>

namespace hipdex {

/// The choices that a key leaves open.
struct Schedule {
  unsigned threads;      ///< Of a workgroup.
  unsigned wavesPerSimd; ///< What registers are bounded for.
  unsigned stepTokens;   ///< Tokens a wave takes at a time.
  unsigned mmaSize;      ///< Rows and columns of a matrix product: 16 or 32;
                         ///< 0: there is none.
  unsigned teamWaves;    ///< Waves that take the same tokens, and share next_n.
  unsigned waveQueries;  ///< Query tokens of a request that a wave takes.
};

/// The schedule of a key that is supported.
Schedule scheduleFor(const KernelKey &key);

/// The type and attribute aliases above the line of equals signs of the key's
/// template, for a key that is supported.
std::string preludeFor(const KernelKey &key);

/// Those of the kernels whose lanes take 16 bytes of a row at a time.
Schedule rowSchedule(const KernelKey &key);
std::string kQuantStorePrelude(const KernelKey &key);
std::string kGatherPrelude(const KernelKey &key);
std::string kMovePrelude(const KernelKey &key);
std::string qkPrepPrelude(const KernelKey &key);

/// Those of the selection.
Schedule topKSchedule(const KernelKey &key);
std::string topKPrelude(const KernelKey &key);

} // namespace hipdex

#endif // HIPDEX_SPECIALIZE_PRELUDE_H
