//===- QuantStore.h - What k_quant_store must store -------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In float32, operation by operation as docs/ops.md has them, so that a cache
// is right if it is equal to the byte.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_QUANTSTORE_H
#define HIPDEX_REFERENCE_QUANTSTORE_H

#include "reference/RowProblem.h"
#include "llvm/ADT/ArrayRef.h"

namespace hipdex {

/// One row of K, quantized.
struct QuantizedRow {
  float scale = 0;
  bool isFinite = true; ///< All that was given is finite.
  std::vector<uint8_t> codes;
};

/// The smallest power of two that is not less.
float nextPowerOfTwo(float scale);

/// Element \p i of an array of int64, or of int32.
int64_t readIndex(llvm::ArrayRef<uint8_t> bytes, bool isWide, int64_t i);
void writeIndex(llvm::MutableArrayRef<uint8_t> bytes, bool isWide, int64_t i,
                int64_t value);

QuantizedRow quantize(llvm::ArrayRef<float> row, Fp8Format fp8, int64_t fp8Max,
                      bool powerOfTwo);

/// \p bits, of a number of that type in the low bits, as float32.
float fromSource(SourceType type, uint32_t bits);
/// The bits of \p value, if it is a number of that type, else of one near it.
uint32_t toSource(SourceType type, float value);

unsigned sourceBytes(SourceType type);
/// As in numpy.
const char *sourceName(SourceType type);

/// A row of numbers of that type, of every magnitude, of zeros, or of what is
/// far below the floor of a scale; with some that are not finite if it
/// \p breaks.
void drawRow(SourceType type, Random &random, bool breaks,
             llvm::MutableArrayRef<uint8_t> row);

struct QuantStoreOptions {
  int64_t tokens = 1;
  uint64_t seed = 0;
  int64_t numPages = 4;
  int64_t kPadding = 0;    ///< Elements between rows of k.
  int64_t pagePadding = 0; ///< Bytes between pages.
  /// Of a hundred tokens, how many have a negative slot, one past the cache,
  /// and an element that is not finite.
  int64_t skipped = 0, outOfRange = 0, notFinite = 0;
  bool consecutive = false; ///< Slots 0, 1, ... instead of random ones.
  bool hasError = true;

  static QuantStoreOptions random(const KernelKey &key, uint64_t seed);
};

class QuantStoreProblem : public RowProblemOf<QuantStoreProblem, RowProblem,
                                              hipdex_launch_k_quant_store,
                                              hipdex_describe_k_quant_store> {
public:
  /// What is in the error word before a launch, and must stay.
  static constexpr uint32_t oldError = 0x80;

  int64_t tokens = 0, kStride = 0, numPages = 0, pageStride = 0;
  int64_t hasError = 1;       ///< 0: there is no error word.
  std::vector<uint8_t> k;     ///< Its padding is NaNs.
  std::vector<uint8_t> slots; ///< int64 or int32.
  std::vector<uint8_t> cache; ///< Random bytes: what must not change shows.
  std::vector<uint32_t> error = {oldError};

  /// Slots are distinct. Fails where there are not enough of them.
  static llvm::Expected<QuantStoreProblem>
  random(const KernelKey &key, const QuantStoreOptions &options);

  unsigned elementBytes() const { return sourceBytes(key.source); }
  int64_t numSlots() const { return numPages * key.pageSize; }
  int64_t slot(int64_t token) const;
  float element(int64_t token, int64_t d) const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  void execute() override;
  hipdex_k_quant_store_args args(const Pointers &pointers) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_QUANTSTORE_H
