//===- Reference.h - What a problem's logits must be ------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Float64 on the decoded fp8 codes:
//
//   value(row, p)     = k_scale[p] * sum_h w[row, h] * max(0, q[row, h] . k[p])
//   magnitude(row, p) = the same sum of absolute values
//   terms(row, p)     = k_scale[p] * sum_h |w[row, h]|
//                                    * sum_d |q[row, h, d] * k[p, d]|
//
// and for stream_pages, to the bit,
//
//   checksum(p)       = bits of k_scale[p] + sum of the words of k[p]
//
// The dot products are exact (fp8 products are multiples of 2^-20 below 2^18,
// and 128 of them fit in 53 bits), so only the head sum rounds.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_REFERENCE_H
#define HIPDEX_REFERENCE_REFERENCE_H

#include "reference/Problem.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <string>

namespace hipdex {

class Reference {
public:
  explicit Reference(const Problem &problem);

  /// Fills \p values and \p magnitudes, [next_n][last - first], for tokens
  /// [first, last) of a request, of which the context must have that many.
  /// A token whose table entry is out of range gets -inf and 0.
  void compute(int64_t request, int64_t first, int64_t last,
               llvm::MutableArrayRef<double> values,
               llvm::MutableArrayRef<double> magnitudes) const;

  /// checksum(position), of a token whose table entry is in range.
  uint32_t checksum(int64_t request, int64_t position) const;

  /// terms(row, position), row of query token \p token of a request. Slow.
  double terms(int64_t request, int64_t token, int64_t position) const;

private:
  const Problem &problem;
  double decoded[256];
  std::vector<int64_t> elementSteps;
};

/// What a comparison of all cells of a logits buffer found.
struct Comparison {
  /// |got - value| may be this part of the magnitude ...
  static constexpr double tolerance = 1e-5;
  /// ... and this part of the terms. A dot product is summed in float32, and
  /// each of its D additions rounds by up to u = 2^-24 of the partial sum at
  /// that point, not of the sum that comes out: products that cancel leave an
  /// error which may be any part of the magnitude. Where the products have
  /// either sign, partial sums are some sum|q * k| / sqrt(D), and D independent
  /// roundings of such add up to some u * sum|q * k|. Allowed is four times
  /// that: the most seen in three million cells of 8 heads is 1.8 u, while
  /// one cell in 20,000 misses the first bound, by up to 270 times. (The bound
  /// for any signs and any order is D * u.)
  static constexpr double termsTolerance = 0x1p-22;

  int64_t cells = 0;     ///< Written cells, each compared with the reference.
  int64_t untouched = 0; ///< Other cells, each compared with the poison.
  int64_t wrong = 0;     ///< Of either kind.
  /// Largest |got - value| of a right cell, in parts of the magnitude, or of
  /// what is allowed in all, where that decided.
  double worst = 0;
  std::string firstWrong; ///< Row, column, what is there, what must be.

  bool passed() const { return wrong == 0; }
};

/// Compares a buffer of problem.logitsElements() floats that a kernel wrote.
/// \p progress, if given, is called now and then with a share in [0, 1], from
/// any thread, one at a time.
Comparison compare(const Problem &problem, llvm::ArrayRef<float> logits,
                   llvm::function_ref<void(double)> progress = nullptr);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_REFERENCE_H
