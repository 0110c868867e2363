//===- PagedMqaPrefill.h - What paged_mqa_prefill must compute --*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_PAGEDMQAPREFILL_H
#define HIPDEX_REFERENCE_PAGEDMQAPREFILL_H

#include "reference/MqaLogits.h"

namespace hipdex {

struct PagedMqaPrefillOptions {
  MqaLogitsOptions rows; ///< Tokens are those of the longest request.
  int64_t batch = 3;
  int64_t pagePadding = 0, tablePadding = 0;
  /// Of a hundred entries, how many are out of range.
  int64_t invalidEntries = 0;
  /// Of a hundred rows, how many are of no request.
  int64_t noRequest = 0;

  static PagedMqaPrefillOptions random(const KernelKey &key, uint64_t seed);
};

/// As MqaLogitsProblem, with K in a cache. Of its members, k, kScales and
/// tokens mean nothing.
class PagedMqaPrefillProblem
    : public RowProblemOf<PagedMqaPrefillProblem, MqaLogitsProblem,
                          hipdex_launch_paged_mqa_prefill,
                          hipdex_describe_paged_mqa_prefill> {
public:
  int64_t batch = 0, numPages = 0, pageStride = 0, tableWidth = 0,
          tableStride = 0;
  std::vector<uint8_t> cache;
  std::vector<int32_t> requests, table;

  static PagedMqaPrefillProblem random(const KernelKey &key,
                                       const PagedMqaPrefillOptions &options);

  bool hasRequest(int64_t row) const {
    return requests[row] >= 0 && requests[row] < batch;
  }
  int64_t numEntries() const {
    return numPages * key.pageSize / key.kvBlockSize;
  }
  /// The cache slot of a position of a request; -1: there is none.
  int64_t slot(int64_t request, int64_t position) const;

  std::pair<int64_t, int64_t> window(int64_t row) const override;
  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  hipdex_paged_mqa_prefill_args args(const Pointers &pointers) const;

protected:
  bool token(int64_t row, int64_t position,
             llvm::MutableArrayRef<uint8_t> codes, float &scale) const override;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_PAGEDMQAPREFILL_H
