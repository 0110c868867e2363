//===- Gather.h - What k_gather must gather ---------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_GATHER_H
#define HIPDEX_REFERENCE_GATHER_H

#include "reference/RowProblem.h"

namespace hipdex {

struct GatherOptions {
  int64_t batch = 3;
  int64_t longest = 40; ///< Lengths are random in 0..this.
  uint64_t seed = 0;
  int64_t kPadding = 0, scalesPadding = 0, tablePadding = 0, pagePadding = 0;
  /// Rows of no request before the first and behind the last one.
  int64_t rowsBefore = 0, rowsAfter = 0;
  /// Of a hundred entries, how many are out of range.
  int64_t invalidEntries = 0;
  /// Columns that the table lacks for the longest request.
  int64_t missingColumns = 0;

  static GatherOptions random(const KernelKey &key, uint64_t seed);
};

class GatherProblem
    : public RowProblemOf<GatherProblem, RowProblem, hipdex_launch_k_gather,
                          hipdex_describe_k_gather> {
public:
  int64_t batch = 0, tokens = 0, numPages = 0, pageStride = 0;
  int64_t tableWidth = 0, tableStride = 0, kStride = 0, scalesStride = 0;
  std::vector<uint8_t> cache; ///< Random bytes.
  std::vector<int32_t> table, cuSeqLens;
  std::vector<uint8_t> k;       ///< Random bytes: what must stay shows.
  std::vector<uint32_t> scales; ///< Likewise, bits of floats.

  static GatherProblem random(const KernelKey &key,
                              const GatherOptions &options);

  int64_t numEntries() const {
    return numPages * key.pageSize / key.kvBlockSize;
  }
  /// The cache slot of position \p t of a request; -1: there is none.
  int64_t slot(int64_t request, int64_t t) const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  void execute() override;
  hipdex_k_gather_args args(const Pointers &pointers) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_GATHER_H
