//===- Problem.h - The operands of one launch, in host memory ---*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A random problem of paged_mqa_logits, or of stream_pages, which has no
// queries and weights. What a kernel must not use holds something that shows
// when it is used: K bytes of no token are fp8 NaNs, block-table entries past a
// context name a page that does not exist, and logits start as one bit pattern.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_PROBLEM_H
#define HIPDEX_REFERENCE_PROBLEM_H

#include "Spec/KernelKey.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hipdex {

class Random;

struct ProblemOptions {
  int64_t batch = 1;
  /// Random lengths in [contextLow, contextHigh] ...
  int64_t contextLow = 1, contextHigh = 1;
  /// ... or these, one a request. May be negative or above the width.
  std::vector<int32_t> contextLens;
  uint64_t seed = 0;
  /// Columns of a logits row; -1: as many as the longest context.
  int64_t width = -1;
  /// Of a hundred entries inside a context, how many are out of range.
  int64_t invalidEntries = 0;
  /// Added to the dense strides. Bytes for pages, elements for the others.
  int64_t pagePadding = 0, weightsPadding = 0, tablePadding = 0,
          logitsPadding = 0;
  /// Of q: between requests, query tokens and heads.
  int64_t qPadding = 0, qTokenPadding = 0, qHeadPadding = 0;
};

struct Problem {
  /// A quiet NaN that no instruction makes (they make 0x7fc00000).
  static constexpr uint32_t poison = 0x7fedbeef;
  /// No cache has this page: a kernel that uses it faults or shows -inf.
  static constexpr int32_t poisonEntry = 0x7fffffff;

  KernelKey key;
  uint64_t seed = 0;
  int64_t batch = 0, width = 0;
  int64_t numPages = 0, pageStride = 0; ///< Stride in bytes.
  int64_t tableWidth = 0, tableStride = 0;
  int64_t weightsStride = 0, logitsStride = 0;
  int64_t qStrideRequest = 0, qStrideToken = 0, qStrideHead = 0;

  std::vector<uint8_t> q;
  std::shared_ptr<uint8_t> kv; ///< kvBytes(), mapped: pages may be far apart.
  std::vector<float> weights;
  std::vector<int32_t> contextLens, blockTable;

  /// Draws a problem for \p key, which need not be a supported one. Fails
  /// when the options make no sense or the operands do not fit in memory.
  static llvm::Expected<Problem> random(const KernelKey &key,
                                        const ProblemOptions &options);

  /// Whether the op has such problems: it writes rows of logits.
  static bool isOf(Op op) {
    return op == Op::PagedMqaLogits || op == Op::StreamPages;
  }
  /// Query heads; 0 if the op takes no queries.
  static int64_t heads(const KernelKey &key) {
    return key.op == Op::StreamPages ? 0 : key.heads;
  }
  int64_t rows() const { return batch * key.nextN; }
  uint64_t kvBytes() const { return uint64_t(numPages) * pageStride; }
  int64_t logitsElements() const { return rows() * logitsStride; }

  /// The context length as a kernel sees it: clamped to [0, width].
  int64_t contextLen(int64_t request) const;
  /// How many columns of row \p token of a request it may see, from 0 on.
  int64_t visible(int64_t request, int64_t token) const;
  /// How many columns of it are written: those, or all with the tail -inf.
  int64_t written(int64_t request, int64_t token) const;
  /// Table entries of a request that a kernel may read.
  int64_t liveEntries(int64_t request) const;
  int64_t numEntries() const; ///< Entry values in range are [0, this).
  /// The cache slot of token \p position of a request; -1: out of range.
  int64_t slot(int64_t request, int64_t position) const;
  /// Cells that a kernel must write.
  int64_t visibleCells() const;
  /// Bytes of K and scales of the blocks that live entries name: what a kernel
  /// that reads each block once, and whole, reads of the cache.
  uint64_t liveCacheBytes() const;

  /// Bytes from element 0 of a token's K to each element: the same for every
  /// slot, because a layout's address is a sum of token and element digits.
  std::vector<int64_t> elementSteps() const;

  /// The [begin, end) byte ranges of a page, in order, that K and scales of its
  /// block \p block have: several, where other tokens' bytes lie between them.
  std::vector<std::pair<int64_t, int64_t>> blockRanges(int64_t block) const;

  /// The [begin, end) byte ranges of kv that hold data, in order. One range
  /// unless pages are so far apart that the rest was never touched.
  std::vector<std::pair<uint64_t, uint64_t>> kvRanges() const;

  /// Zeroed memory of that size which costs nothing until it is written; null
  /// if the system refuses.
  static std::shared_ptr<uint8_t> mapMemory(uint64_t bytes);
};

/// A code that is NaN.
uint8_t nanCode(Fp8Format format);
/// Fills in K of a token, before it is quantized. Scales of tokens differ by up
/// to 64 times.
void drawToken(llvm::MutableArrayRef<float> row, Random &random);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_PROBLEM_H
