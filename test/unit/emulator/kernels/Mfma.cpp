//===- Mfma.cpp - One matrix instruction a kernel -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every kernel loads its operands a register at a time (word [register][lane]),
// executes one instruction and stores the result the same way: nothing here
// knows which element is where.
//
//===----------------------------------------------------------------------===//

#include "../MfmaCases.h"

typedef unsigned u32;
#define VECTOR(type, count) __attribute__((ext_vector_type(count))) type
typedef VECTOR(float, 4) float4;
typedef VECTOR(float, 16) float16;
typedef VECTOR(float, 32) float32;
typedef VECTOR(int, 4) int4;
typedef VECTOR(int, 8) int8;
typedef VECTOR(int, 16) int16;
typedef VECTOR(int, 32) int32;
typedef VECTOR(double, 4) double4;
typedef VECTOR(short, 4) short4;
typedef VECTOR(_Float16, 4) half4;
typedef VECTOR(_Float16, 8) half8;
typedef VECTOR(__bf16, 8) bfloat8;

template <typename T> static inline T loadRegisters(const u32 *words) {
  u32 registers[sizeof(T) / 4];
  u32 lane = __builtin_amdgcn_workitem_id_x();
  for (u32 r = 0; r < sizeof(T) / 4; ++r)
    registers[r] = words[64 * r + lane];
  T value;
  __builtin_memcpy(&value, registers, sizeof(T));
  return value;
}

template <typename T> static inline void storeRegisters(u32 *words, T value) {
  u32 registers[sizeof(T) / 4];
  u32 lane = __builtin_amdgcn_workitem_id_x();
  __builtin_memcpy(registers, &value, sizeof(T));
  for (u32 r = 0; r < sizeof(T) / 4; ++r)
    words[64 * r + lane] = registers[r];
}

#define KERNEL extern "C" __attribute__((amdgpu_kernel)) void

#define HIPDEX_MFMA(name, builtin, AB, C, cbsz, abid, blgp, ...)               \
  KERNEL mfma_##name(const u32 *a, const u32 *b, const u32 *c, u32 *d) {       \
    storeRegisters(d, __builtin_amdgcn_mfma_##builtin(                         \
                          loadRegisters<AB>(a), loadRegisters<AB>(b),          \
                          loadRegisters<C>(c), cbsz, abid, blgp));             \
  }
HIPDEX_FOREACH_MFMA(HIPDEX_MFMA)

#ifdef __gfx950__
HIPDEX_FOREACH_MFMA_GFX950(HIPDEX_MFMA)

// The scales as constants that LLVM takes for "no scaling", and from registers.
#define HIPDEX_F8F6F4(cbsz, aName, blgp, bName)                                \
  KERNEL plain_16x16x128_##aName##_##bName(const u32 *a, const u32 *b,         \
                                           const u32 *c, u32 *d) {             \
    storeRegisters(d, __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(        \
                          loadRegisters<int8>(a), loadRegisters<int8>(b),      \
                          loadRegisters<float4>(c), cbsz, blgp, 0, 0, 0, 0));  \
  }                                                                            \
  KERNEL plain_32x32x64_##aName##_##bName(const u32 *a, const u32 *b,          \
                                          const u32 *c, u32 *d) {              \
    storeRegisters(d, __builtin_amdgcn_mfma_scale_f32_32x32x64_f8f6f4(         \
                          loadRegisters<int8>(a), loadRegisters<int8>(b),      \
                          loadRegisters<float16>(c), cbsz, blgp, 0, 0, 0, 0)); \
  }                                                                            \
  KERNEL scaled_16x16x128_##aName##_##bName(                                   \
      const u32 *a, const u32 *b, const u32 *c, u32 *d, const u32 *scaleA,     \
      const u32 *scaleB) {                                                     \
    storeRegisters(d, __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(        \
                          loadRegisters<int8>(a), loadRegisters<int8>(b),      \
                          loadRegisters<float4>(c), cbsz, blgp, 1,             \
                          loadRegisters<int>(scaleA), 2,                       \
                          loadRegisters<int>(scaleB)));                        \
  }                                                                            \
  KERNEL scaled_32x32x64_##aName##_##bName(                                    \
      const u32 *a, const u32 *b, const u32 *c, u32 *d, const u32 *scaleA,     \
      const u32 *scaleB) {                                                     \
    storeRegisters(d, __builtin_amdgcn_mfma_scale_f32_32x32x64_f8f6f4(         \
                          loadRegisters<int8>(a), loadRegisters<int8>(b),      \
                          loadRegisters<float16>(c), cbsz, blgp, 3,            \
                          loadRegisters<int>(scaleA), 0,                       \
                          loadRegisters<int>(scaleB)));                        \
  }
HIPDEX_FOREACH_F8F6F4_FORMATS(HIPDEX_F8F6F4)
#endif
