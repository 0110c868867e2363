//===- VectorOp.h - Operations on rows of 64 lanes --------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A vector operation sees its sources as rows: 64 words, one a lane, or two
// such rows for 64-bit values. What all formats share (constants, modifiers,
// DPP, SDWA, clamp, EXEC) is done around it by Valu.cpp, so that an operation
// is one loop that the compiler vectorizes.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_VECTOROP_H
#define HIPDEX_EMULATOR_VECTOROP_H

#include "emulator/Wave.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <limits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace hipdex::emulator {

/// Type of a source or result: how wide, what its constants mean, and whether
/// denormals are flushed by MODE.
enum class ValueType : uint8_t {
  None,
  B16,
  B32,
  B64,
  F16,
  F32,
  F64,
  PackedB16, ///< Two halves of a word.
  PackedF16,
  PackedF32, ///< Two words.
};

inline unsigned wordsOf(ValueType type) {
  return type == ValueType::B64 || type == ValueType::F64 ||
                 type == ValueType::PackedF32
             ? 2
             : 1;
}

/// Bits of an IEEE half.
struct Half {
  uint16_t bits;
};

struct RowArgs {
  const uint32_t *source[3];
  uint32_t *result;
  uint64_t maskIn;
  uint64_t maskOut;
  const Instruction *instruction;
  bool ieee;
  bool clamp;
  bool dx10Clamp;
  bool ocpFp8; ///< gfx950: e4m3fn and e5m2; gfx942: the fnuz formats.
};

namespace opflag {
enum : uint16_t {
  writesMask = 1,    ///< Result is a lane mask (compares).
  writesExec = 2,    ///< ... which goes to EXEC as well.
  carryOut = 4,      ///< Writes maskOut beside the result.
  carryIn = 8,       ///< Reads a lane mask.
  accumulates = 16,  ///< The destination is the last source.
  keepsHigh = 32,    ///< A 16-bit result leaves the upper half as it was.
  integerClamp = 64, ///< Knows args.clamp itself.
  selectsHalf = 128, ///< VOP3 op_sel bit 3 picks the result's half, kept other.
  ownOpSel = 256,    ///< Reads opSel itself.
  writesHigh = 512,  ///< The result goes to the upper half, the lower stays.
};
} // namespace opflag

struct VectorOp {
  const char *name; ///< Mnemonic without _e32, _e64, _dpp, _sdwa.
  void (*row)(RowArgs &args);
  ValueType result;
  ValueType source[3];
  uint16_t flags;
};

/// The tables, one a file.
llvm::ArrayRef<VectorOp> integerVectorOps();
llvm::ArrayRef<VectorOp> floatVectorOps();
llvm::ArrayRef<VectorOp> convertVectorOps();
llvm::ArrayRef<VectorOp> compareVectorOps();
llvm::ArrayRef<VectorOp> packedVectorOps();

template <typename T> T loadLane(const uint32_t *row, unsigned lane) {
  if constexpr (sizeof(T) == 8)
    return llvm::bit_cast<T>(row[lane] | uint64_t(row[waveSize + lane]) << 32);
  else if constexpr (sizeof(T) == 4)
    return llvm::bit_cast<T>(row[lane]);
  else
    return llvm::bit_cast<T>(uint16_t(row[lane]));
}

template <typename T> void storeLane(uint32_t *row, unsigned lane, T value) {
  if constexpr (sizeof(T) == 8) {
    uint64_t bits = llvm::bit_cast<uint64_t>(value);
    row[lane] = uint32_t(bits);
    row[waveSize + lane] = uint32_t(bits >> 32);
  } else if constexpr (sizeof(T) == 4) {
    row[lane] = llvm::bit_cast<uint32_t>(value);
  } else {
    row[lane] = llvm::bit_cast<uint16_t>(value);
  }
}

template <typename T> constexpr ValueType typeOf() {
  if (std::is_same<T, float>())
    return ValueType::F32;
  if (std::is_same<T, double>())
    return ValueType::F64;
  if (std::is_same<T, Half>())
    return ValueType::F16;
  if (sizeof(T) == 8)
    return ValueType::B64;
  return sizeof(T) == 4 ? ValueType::B32 : ValueType::B16;
}

/// Lane mask of the words that are not zero in their sign bit.
inline uint64_t signMask(const uint32_t *row) {
  uint64_t mask = 0;
#if defined(__AVX2__)
  for (unsigned i = 0; i < waveSize; i += 8)
    mask |= uint64_t(unsigned(_mm256_movemask_ps(
                _mm256_loadu_ps(reinterpret_cast<const float *>(row + i)))))
            << i;
#else
  for (unsigned i = 0; i < waveSize; ++i)
    mask |= uint64_t(row[i] >> 31) << i;
#endif
  return mask;
}

/// All ones in the words of the lanes of \p mask.
inline void expandMask(uint64_t mask, uint32_t *__restrict row) {
  uint32_t low = uint32_t(mask), high = uint32_t(mask >> 32);
  for (unsigned i = 0; i < 32; ++i)
    row[i] = 0u - (low >> i & 1);
  for (unsigned i = 0; i < 32; ++i)
    row[32 + i] = 0u - (high >> i & 1);
}

/// Exact, and the rounding of v_cvt_f16_f32.
float halfToFloat(Half value);
Half floatToHalf(float value);
/// One rounding from a double.
Half doubleToHalf(double value);
Half floatToHalfTowardZero(float value);

inline uint32_t bitsOf(float value) { return llvm::bit_cast<uint32_t>(value); }
inline uint64_t bitsOf(double value) { return llvm::bit_cast<uint64_t>(value); }
inline float floatOf(uint32_t bits) { return llvm::bit_cast<float>(bits); }

// Rows of one, two and three sources: EXPR sees a, b, c and the lane's number.
#define HIPDEX_ROW1(R, A, ...)                                                 \
  [](RowArgs &args) {                                                          \
    const uint32_t *__restrict p0 = args.source[0];                            \
    uint32_t *__restrict q = args.result;                                      \
    for (unsigned lane = 0; lane < waveSize; ++lane) {                         \
      A a = loadLane<A>(p0, lane);                                             \
      storeLane<R>(q, lane, R(__VA_ARGS__));                                   \
    }                                                                          \
  }
#define HIPDEX_ROW2(R, A, B, ...)                                              \
  [](RowArgs &args) {                                                          \
    const uint32_t *__restrict p0 = args.source[0];                            \
    const uint32_t *__restrict p1 = args.source[1];                            \
    uint32_t *__restrict q = args.result;                                      \
    for (unsigned lane = 0; lane < waveSize; ++lane) {                         \
      A a = loadLane<A>(p0, lane);                                             \
      B b = loadLane<B>(p1, lane);                                             \
      storeLane<R>(q, lane, R(__VA_ARGS__));                                   \
    }                                                                          \
  }
#define HIPDEX_ROW3(R, A, B, C, ...)                                           \
  [](RowArgs &args) {                                                          \
    const uint32_t *__restrict p0 = args.source[0];                            \
    const uint32_t *__restrict p1 = args.source[1];                            \
    const uint32_t *__restrict p2 = args.source[2];                            \
    uint32_t *__restrict q = args.result;                                      \
    for (unsigned lane = 0; lane < waveSize; ++lane) {                         \
      A a = loadLane<A>(p0, lane);                                             \
      B b = loadLane<B>(p1, lane);                                             \
      C c = loadLane<C>(p2, lane);                                             \
      storeLane<R>(q, lane, R(__VA_ARGS__));                                   \
    }                                                                          \
  }

// Table rows. FLAGS is an opflag expression.
#define HIPDEX_OP1(NAME, FLAGS, R, A, ...)                                     \
  VectorOp {                                                                   \
    NAME, HIPDEX_ROW1(R, A, __VA_ARGS__), typeOf<R>(),                         \
        {typeOf<A>(), ValueType::None, ValueType::None}, FLAGS                 \
  }
#define HIPDEX_OP2(NAME, FLAGS, R, A, B, ...)                                  \
  VectorOp {                                                                   \
    NAME, HIPDEX_ROW2(R, A, B, __VA_ARGS__), typeOf<R>(),                      \
        {typeOf<A>(), typeOf<B>(), ValueType::None}, FLAGS                     \
  }
#define HIPDEX_OP3(NAME, FLAGS, R, A, B, C, ...)                               \
  VectorOp {                                                                   \
    NAME, HIPDEX_ROW3(R, A, B, C, __VA_ARGS__), typeOf<R>(),                   \
        {typeOf<A>(), typeOf<B>(), typeOf<C>()}, FLAGS                         \
  }

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_VECTOROP_H
