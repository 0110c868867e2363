//===- QkPrep.h - What qk_prep must write -----------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In float32, operation by operation and in the order that docs/ops.md has, so
// that what is written is right if it is equal to the byte.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_QKPREP_H
#define HIPDEX_REFERENCE_QKPREP_H

#include "reference/QuantStore.h"

namespace hipdex {

/// \p value, rounded to nearest even, as bf16 or f16 have it.
float roundToSource(SourceType type, float value);

/// The sum of 128 numbers in the order of docs/ops.md.
float sumOfRow(llvm::ArrayRef<float> row);

/// The steps, each on a row of 128 numbers of the type \p type, and to such.
void layerNorm(llvm::MutableArrayRef<float> row, llvm::ArrayRef<float> weight,
               llvm::ArrayRef<float> bias, float eps, SourceType type);
void rotate(llvm::MutableArrayRef<float> row, llvm::ArrayRef<float> cos,
            llvm::ArrayRef<float> sin, Rope rope, bool rotaryLast,
            SourceType type);
void hadamard(llvm::MutableArrayRef<float> row, SourceType type);

QuantizedRow quantizeQ(llvm::ArrayRef<float> row, Fp8Format fp8, int64_t fp8Max,
                       bool powerOfTwo);

struct QkPrepOptions {
  /// Of K: tokens, slots, and what is wrong with them.
  QuantStoreOptions store;
  int64_t maxPositions = 64;
  /// Elements between heads and between tokens of q, of q_out, and between
  /// rows of what else has rows.
  int64_t headPadding = 0, tokenPadding = 0, outPadding = 0, rowPadding = 0;
  /// Of a hundred tokens, how many have a position outside the tables; and a
  /// head of q or a gate that is not finite.
  int64_t outOfTables = 0, notFinite = 0;
  float normEps = 1e-6f;

  static QkPrepOptions random(const KernelKey &key, uint64_t seed);
};

class QkPrepProblem
    : public RowProblemOf<QkPrepProblem, RowProblem, hipdex_launch_qk_prep,
                          hipdex_describe_qk_prep> {
public:
  static constexpr int64_t columns = 128, angles = 32;

  /// k, slots, cache and error word: what k_quant_store would be given, but
  /// that its k has yet to be prepared.
  QuantStoreProblem store;
  int64_t qStrideToken = 0, qStrideHead = 0, weightsStride = 0;
  int64_t maxPositions = 1, cosStride = 0, sinStride = 0;
  int64_t qOutStrideToken = 0, qOutStrideHead = 0, weightsOutStride = 0;
  /// The bits of these float32s, which are positive.
  int64_t normEpsBits = 0, weightsScaleBits = 0;
  std::vector<uint8_t> q, weights, positions, cos, sin; ///< Padding is NaNs.
  std::vector<float> normWeight, normBias;
  std::vector<uint8_t> qOut;     ///< Random bytes: what must not change shows.
  std::vector<float> weightsOut; ///< Likewise.

  /// Fails where there are too few slots.
  static llvm::Expected<QkPrepProblem> random(const KernelKey &key,
                                              const QkPrepOptions &options);
  /// The key of the store that a key's kernel contains.
  static KernelKey storeKey(const KernelKey &key);

  int64_t tokens() const { return store.tokens; }
  float normEps() const;
  float weightsScale() const;
  int64_t position(int64_t token) const;
  bool isInTables(int64_t token) const {
    return position(token) >= 0 && position(token) < maxPositions;
  }
  /// Whether the token's q and gates are written.
  bool isPrepared(int64_t token) const {
    return isInTables(token) && (key.prepsSkipped || store.slot(token) >= 0);
  }
  /// q of a head, or k, after all that comes before it is quantized.
  std::vector<float> preparedQ(int64_t token, int64_t head) const;
  std::vector<float> preparedK(int64_t token) const;
  float gate(int64_t token, int64_t head) const;
  /// The store, of k that is prepared: what k_quant_store is given. Tokens that
  /// qk_prep does not store have a negative slot.
  QuantStoreProblem preparedStore() const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  void execute() override;
  hipdex_qk_prep_args args(const Pointers &pointers) const;

private:
  /// \p count numbers of the key's type from element \p first on.
  std::vector<float> numbers(llvm::ArrayRef<uint8_t> bytes, int64_t first,
                             int64_t count) const;
  void rotateAndTransform(llvm::MutableArrayRef<float> row,
                          int64_t token) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_QKPREP_H
