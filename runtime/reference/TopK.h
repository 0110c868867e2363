//===- TopK.h - What topk must select ---------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_TOPK_H
#define HIPDEX_REFERENCE_TOPK_H

#include "reference/RowProblem.h"

namespace hipdex {

/// What logits are like.
enum class TopKValues : uint8_t {
  Normal,
  Uniform,
  Bits, ///< Any bits of a float.
  Equal,
  Few,       ///< A few different ones.
  NotFinite, ///< NaN and infinities of both signs, and few numbers.
  AllNaN,
  AllMinusInfinity,
  Zeros, ///< Of both signs, and denormals.
  Ascending,
  Descending
};
constexpr unsigned numTopKValues = unsigned(TopKValues::Descending) + 1;

struct TopKOptions {
  int64_t rows = 6; ///< In a decode key, a multiple of nextN.
  int64_t nextN = 1;
  int64_t batch = 3; ///< In a prefill key; else rows / nextN.
  int64_t width = 1000;
  int64_t k = 100;
  uint64_t seed = 0;
  TopKValues values = TopKValues::Normal;
  /// Every row has all columns; otherwise any, and none.
  bool isFull = false;
  int64_t logitsPadding = 0, indicesPadding = 0, tablePadding = 0;
  /// Of a hundred entries, how many are out of range; of rows, of no request.
  int64_t invalidEntries = 0, noRequest = 0;
  /// Columns that the table lacks for the longest row.
  int64_t missingColumns = 0;

  static TopKOptions random(const KernelKey &key, uint64_t seed);
};

class TopKProblem
    : public RowProblemOf<TopKProblem, RowProblem, hipdex_launch_topk,
                          hipdex_describe_topk> {
public:
  int64_t rows = 0, width = 0, k = 1, batch = 0, nextN = 1, numBlocks = 0;
  int64_t tableWidth = 1, tableStride = 1, logitsStride = 0, indicesStride = 1;
  std::vector<float> logits;
  std::vector<int32_t> contextLens, starts, ends, requests, table;
  std::vector<int32_t> indices;   ///< Poison: what must stay shows.
  std::vector<int32_t> workspace; ///< Zeros, before and after.

  static TopKProblem random(const KernelKey &key, const TopKOptions &options);

  /// The columns of a row, from and to.
  std::pair<int64_t, int64_t> window(int64_t row) const;
  /// The request of a row, for its slots; -1: none.
  int64_t request(int64_t row) const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  void execute() override;
  hipdex_topk_args args(const Pointers &pointers) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_TOPK_H
