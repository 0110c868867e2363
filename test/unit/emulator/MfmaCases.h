//===- MfmaCases.h - The matrix instructions that are tested ----*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Read by the kernels and by the test.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_MFMACASES_H
#define HIPDEX_TEST_MFMACASES_H

// Name, builtin, type of A and B, of C and D, cbsz, abid, blgp,
// M, N, K, blocks, element of A, of B.
#define HIPDEX_FOREACH_MFMA(X)                                                 \
  X(f32_32x32x1, f32_32x32x1f32, float, float32, 0, 0, 0, 32, 32, 1, 2, F32,   \
    F32)                                                                       \
  X(f32_16x16x1, f32_16x16x1f32, float, float16, 0, 0, 0, 16, 16, 1, 4, F32,   \
    F32)                                                                       \
  X(f32_4x4x1, f32_4x4x1f32, float, float4, 0, 0, 0, 4, 4, 1, 16, F32, F32)    \
  X(f32_32x32x2, f32_32x32x2f32, float, float16, 0, 0, 0, 32, 32, 2, 1, F32,   \
    F32)                                                                       \
  X(f32_16x16x4, f32_16x16x4f32, float, float4, 0, 0, 0, 16, 16, 4, 1, F32,    \
    F32)                                                                       \
  X(f16_32x32x4, f32_32x32x4f16, half4, float32, 0, 0, 0, 32, 32, 4, 2, F16,   \
    F16)                                                                       \
  X(f16_16x16x4, f32_16x16x4f16, half4, float16, 0, 0, 0, 16, 16, 4, 4, F16,   \
    F16)                                                                       \
  X(f16_4x4x4, f32_4x4x4f16, half4, float4, 0, 0, 0, 4, 4, 4, 16, F16, F16)    \
  X(f16_32x32x8, f32_32x32x8f16, half4, float16, 0, 0, 0, 32, 32, 8, 1, F16,   \
    F16)                                                                       \
  X(f16_16x16x16, f32_16x16x16f16, half4, float4, 0, 0, 0, 16, 16, 16, 1, F16, \
    F16)                                                                       \
  X(bf16_32x32x4, f32_32x32x4bf16_1k, short4, float32, 0, 0, 0, 32, 32, 4, 2,  \
    BF16, BF16)                                                                \
  X(bf16_16x16x4, f32_16x16x4bf16_1k, short4, float16, 0, 0, 0, 16, 16, 4, 4,  \
    BF16, BF16)                                                                \
  X(bf16_4x4x4, f32_4x4x4bf16_1k, short4, float4, 0, 0, 0, 4, 4, 4, 16, BF16,  \
    BF16)                                                                      \
  X(bf16_32x32x8, f32_32x32x8bf16_1k, short4, float16, 0, 0, 0, 32, 32, 8, 1,  \
    BF16, BF16)                                                                \
  X(bf16_16x16x16, f32_16x16x16bf16_1k, short4, float4, 0, 0, 0, 16, 16, 16,   \
    1, BF16, BF16)                                                             \
  X(i8_32x32x4, i32_32x32x4i8, int, int32, 0, 0, 0, 32, 32, 4, 2, I8, I8)      \
  X(i8_16x16x4, i32_16x16x4i8, int, int16, 0, 0, 0, 16, 16, 4, 4, I8, I8)      \
  X(i8_4x4x4, i32_4x4x4i8, int, int4, 0, 0, 0, 4, 4, 4, 16, I8, I8)            \
  X(i8_32x32x16, i32_32x32x16_i8, long, int16, 0, 0, 0, 32, 32, 16, 1, I8, I8) \
  X(i8_16x16x32, i32_16x16x32_i8, long, int4, 0, 0, 0, 16, 16, 32, 1, I8, I8)  \
  X(f64_16x16x4, f64_16x16x4f64, double, double4, 0, 0, 0, 16, 16, 4, 1, F64,  \
    F64)                                                                       \
  X(f64_4x4x4, f64_4x4x4f64, double, double, 0, 0, 0, 4, 4, 4, 4, F64, F64)    \
  X(fp8_16x16x32, f32_16x16x32_fp8_fp8, long, float4, 0, 0, 0, 16, 16, 32, 1,  \
    FP8, FP8)                                                                  \
  X(fp8_bf8_16x16x32, f32_16x16x32_fp8_bf8, long, float4, 0, 0, 0, 16, 16, 32, \
    1, FP8, BF8)                                                               \
  X(bf8_fp8_16x16x32, f32_16x16x32_bf8_fp8, long, float4, 0, 0, 0, 16, 16, 32, \
    1, BF8, FP8)                                                               \
  X(bf8_16x16x32, f32_16x16x32_bf8_bf8, long, float4, 0, 0, 0, 16, 16, 32, 1,  \
    BF8, BF8)                                                                  \
  X(fp8_32x32x16, f32_32x32x16_fp8_fp8, long, float16, 0, 0, 0, 32, 32, 16, 1, \
    FP8, FP8)                                                                  \
  X(fp8_bf8_32x32x16, f32_32x32x16_fp8_bf8, long, float16, 0, 0, 0, 32, 32,    \
    16, 1, FP8, BF8)                                                           \
  X(bf8_fp8_32x32x16, f32_32x32x16_bf8_fp8, long, float16, 0, 0, 0, 32, 32,    \
    16, 1, BF8, FP8)                                                           \
  X(bf8_32x32x16, f32_32x32x16_bf8_bf8, long, float16, 0, 0, 0, 32, 32, 16, 1, \
    BF8, BF8)                                                                  \
  X(cbsz_f16, f32_16x16x4f16, half4, float16, 1, 1, 0, 16, 16, 4, 4, F16, F16) \
  X(cbsz_f32, f32_4x4x1f32, float, float4, 3, 5, 0, 4, 4, 1, 16, F32, F32)     \
  X(blgp1_f32, f32_32x32x1f32, float, float32, 0, 0, 1, 32, 32, 1, 2, F32,     \
    F32)                                                                       \
  X(blgp2_f32, f32_32x32x2f32, float, float16, 0, 0, 2, 32, 32, 2, 1, F32,     \
    F32)                                                                       \
  X(blgp3_f32, f32_16x16x1f32, float, float16, 0, 0, 3, 16, 16, 1, 4, F32,     \
    F32)                                                                       \
  X(blgp5_f16, f32_16x16x4f16, half4, float16, 0, 0, 5, 16, 16, 4, 4, F16,     \
    F16)                                                                       \
  X(blgp7_i8, i32_16x16x4i8, int, int16, 0, 0, 7, 16, 16, 4, 4, I8, I8)

// gfx950 only.
#define HIPDEX_FOREACH_MFMA_GFX950(X)                                          \
  X(f16_16x16x32, f32_16x16x32_f16, half8, float4, 0, 0, 0, 16, 16, 32, 1,     \
    F16, F16)                                                                  \
  X(f16_32x32x16, f32_32x32x16_f16, half8, float16, 0, 0, 0, 32, 32, 16, 1,    \
    F16, F16)                                                                  \
  X(bf16_16x16x32, f32_16x16x32_bf16, bfloat8, float4, 0, 0, 0, 16, 16, 32, 1, \
    BF16, BF16)                                                                \
  X(bf16_32x32x16, f32_32x32x16_bf16, bfloat8, float16, 0, 0, 0, 32, 32, 16,   \
    1, BF16, BF16)                                                             \
  X(i8_16x16x64, i32_16x16x64_i8, int4, int4, 0, 0, 0, 16, 16, 64, 1, I8, I8)  \
  X(i8_32x32x32, i32_32x32x32_i8, int4, int16, 0, 0, 0, 32, 32, 32, 1, I8, I8)

// f8f6f4 with every pair of formats. cbsz and blgp are the formats here.
#define HIPDEX_FOREACH_F8F6F4_FORMATS(X)                                       \
  X(0, FP8, 0, FP8)                                                            \
  X(0, FP8, 1, BF8)                                                            \
  X(1, BF8, 0, FP8)                                                            \
  X(1, BF8, 1, BF8)                                                            \
  X(2, FP6, 2, FP6)                                                            \
  X(3, BF6, 3, BF6)                                                            \
  X(4, FP4, 4, FP4)                                                            \
  X(0, FP8, 4, FP4)                                                            \
  X(4, FP4, 1, BF8)                                                            \
  X(2, FP6, 0, FP8)                                                            \
  X(3, BF6, 4, FP4)                                                            \
  X(4, FP4, 2, FP6)

#endif // HIPDEX_TEST_MFMACASES_H
