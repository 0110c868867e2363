//===- BuiltinFunctions.h - Single instructions and their formulas -*- C++
//-*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions like those of CFunctions.h, but on the GPU each is one instruction
// that C has no expression for, and on the host the formula of its description
// in the "AMD Instinct MI300" or "CDNA4" instruction set manual.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_BUILTINFUNCTIONS_H
#define HIPDEX_TEST_BUILTINFUNCTIONS_H

#include "CFunctions.h"

#ifdef __AMDGCN__
#define ON_GPU(...) __VA_ARGS__
#define ON_HOST(...)
#else
#define ON_GPU(...)
#define ON_HOST(...) __VA_ARGS__
#endif

// V_PERM_B32: bytes 0 to 3 are those of the second operand.
HIPDEX_CASE(perm) {
  ON_GPU(return (u32)__builtin_amdgcn_perm((u32)a, (u32)b, (u32)c);)
  ON_HOST(u64 both = (u64)(u32)a << 32 | (u32)b; u32 result = 0;
          for (int i = 0; i < 4; ++i) {
            u32 select = (u32)c >> 8 * i & 255;
            u32 byte = select > 12    ? 255
                       : select == 12 ? 0
                       : select >= 8
                           ? (both >> (16 * (select - 8) + 15) & 1) * 255
                           : both >> 8 * select & 255;
            result |= byte << 8 * i;
          } return result;)
}
HIPDEX_CASE(alignBit) {
  ON_GPU(return (u32)__builtin_amdgcn_alignbit((u32)a, (u32)b, (u32)c);)
  ON_HOST(return (u32)(((u64)(u32)a << 32 | (u32)b) >> (c & 31));)
}
HIPDEX_CASE(alignByte) {
  ON_GPU(return (u32)__builtin_amdgcn_alignbyte((u32)a, (u32)b, (u32)c);)
  ON_HOST(return (u32)(((u64)(u32)a << 32 | (u32)b) >> 8 * (c & 3));)
}
HIPDEX_CASE(bitFieldExtract) {
  ON_GPU(return (u32)__builtin_amdgcn_ubfe((u32)a, (u32)b, (u32)c) |
                    (u64)(u32)__builtin_amdgcn_sbfe((u32)a, (u32)b, (u32)c)
                        << 32;)
  ON_HOST(u32 offset = b & 31, width = c & 31; if (width == 0) return 0;
          u32 field = (u32)a >> offset & (u32)(((u64)1 << width) - 1);
          // The sign is that of the field, or of the word if it is shorter.
          u32 top = offset + width < 32 ? width : 32 - offset;
          i32 extended = (i32)(field << (32 - top)) >> (32 - top);
          return field | (u64)(u32)extended << 32;)
}
HIPDEX_CASE(sums) {
  ON_GPU(return (u32)__builtin_amdgcn_sad_u8((u32)a, (u32)b, (u32)c) |
                    (u64)(u32)__builtin_amdgcn_sad_u16((u32)a, (u32)b, (u32)d)
                        << 32;)
  ON_HOST(
      u32 bytes = (u32)c, halves = (u32)d; for (int i = 0; i < 4; ++i) {
        i32 difference = (i32)(a >> 8 * i & 255) - (i32)(b >> 8 * i & 255);
        bytes += difference < 0 ? -difference : difference;
      } for (int i = 0; i < 2; ++i) {
        i32 difference =
            (i32)(a >> 16 * i & 65535) - (i32)(b >> 16 * i & 65535);
        halves += difference < 0 ? -difference : difference;
      } return bytes | (u64)halves << 32;)
}
HIPDEX_CASE(lerpBytes) {
  ON_GPU(return (u32)__builtin_amdgcn_lerp((u32)a, (u32)b, (u32)c);)
  ON_HOST(u32 result = 0; for (int i = 0; i < 4; ++i) {
    u32 sum = (a >> 8 * i & 255) + (b >> 8 * i & 255) + (c >> 8 * i & 1);
    result |= (sum >> 1 & 255) << 8 * i;
  } return result;)
}
// V_CVT_PKRTZ_F16_F32: towards zero, so the largest finite half is not passed.
#ifndef __AMDGCN__
static u32 halfTowardZero(float value) {
  _Float16 half = (_Float16)value;
  if (value != value)
    return 0x7e00;
  u16 bits;
  __builtin_memcpy(&bits, &half, 2);
  // The magnitude was rounded up: one step back.
  float back = (float)half;
  if (__builtin_fabsf(back) > __builtin_fabsf(value))
    --bits;
  return bits;
}
#endif
HIPDEX_CASE(packTowardZero) {
  ON_GPU(auto packed = __builtin_amdgcn_cvt_pkrtz(asFloat(a), asFloat(b));
         return fromHalf((_Float16)packed.x) | fromHalf((_Float16)packed.y)
                                                   << 16;)
  ON_HOST(return halfTowardZero(asFloat(a)) | halfTowardZero(asFloat(b)) << 16;)
}
HIPDEX_CASE(median) {
  float x = quietFloat(a), y = quietFloat(b), z = quietFloat(c);
  if (x != x || y != y || z != z)
    return 0;
  ON_GPU(return fromFloat(__builtin_amdgcn_fmed3f(x, y, z) + 0.0f);)
  ON_HOST(float low = x < y ? x : y, high = x < y ? y : x;
          return fromFloat((z < low    ? low
                            : z > high ? high
                                       : z) +
                           0.0f);)
}
HIPDEX_CASE(fract) {
  float x = asFloat(a);
  if (!__builtin_isfinite(x))
    return 0;
  ON_GPU(return fromFloat(__builtin_amdgcn_fractf(x) + 0.0f);)
  // Never 1: the result is at most the largest float below.
  ON_HOST(float part = x - __builtin_floorf(x);
          return fromFloat((part >= 1.0f ? 0x1.fffffep-1f : part) + 0.0f);)
}
HIPDEX_CASE(splitFloat) {
  float x = asFloat(a);
  double y = asDouble(b);
  if (!__builtin_isfinite(x) || !__builtin_isfinite(y))
    return 0;
  ON_GPU(return fromFloat(__builtin_amdgcn_frexp_mantf(x)) ^
                    (u64)(u32)__builtin_amdgcn_frexp_expf(x) << 32 ^
                    fromDouble(__builtin_amdgcn_frexp_mant(y)) ^
                    (u64)(u32)__builtin_amdgcn_frexp_exp(y) << 20;)
  ON_HOST(int e, f; float m = __builtin_frexpf(x, &e);
          double n = __builtin_frexp(y, &f);
          return fromFloat(m) ^ (u64)(u32)e << 32 ^ fromDouble(n) ^
                 (u64)(u32)f << 20;)
}
// V_CMP_CLASS: bit 0 signaling NaN, 1 quiet NaN, 2 -inf, 3 -normal,
// 4 -denormal, 5 -0, 6 to 9 the same upward.
HIPDEX_CASE(floatClass) {
  u64 result = 0;
  ON_GPU(for (int i = 0; i < 10; ++i) result |=
         (u64)__builtin_amdgcn_classf(asFloat(a), 1 << i) << i |
         (u64)__builtin_amdgcn_class(asDouble(b), 1 << i) << (16 + i);)
  ON_HOST(auto classify =
              [](u64 bits, int fractionBits, int exponentBits) {
                u64 sign = bits >> (fractionBits + exponentBits) & 1;
                u64 exponent =
                    bits >> fractionBits & (((u64)1 << exponentBits) - 1);
                u64 fraction = bits & (((u64)1 << fractionBits) - 1);
                if (exponent == ((u64)1 << exponentBits) - 1) {
                  if (fraction)
                    return fraction >> (fractionBits - 1) ? 1 : 0;
                  return sign ? 2 : 9;
                }
                if (exponent)
                  return sign ? 3 : 8;
                if (fraction)
                  return sign ? 4 : 7;
                return sign ? 5 : 6;
              };
          result = (u64)1 << classify((u32)a, 23, 8) |
                   (u64)1 << (16 + classify(b, 52, 11));)
  return result;
}
HIPDEX_CASE(dotProducts) {
  ON_GPU(
      return (u32)__builtin_amdgcn_sdot4((i32)a, (i32)b, (i32)c, false) ^
                 (u64)(u32)__builtin_amdgcn_udot4((u32)a, (u32)b, (u32)d, false)
                     << 32 ^
                 (u64)(u32)__builtin_amdgcn_sdot8((i32)a, (i32)b, (i32)d, false)
                     << 16 ^
                 (u32)__builtin_amdgcn_udot8((u32)a, (u32)b, (u32)c, false);)
  ON_HOST(
      u32 s4 = (u32)c, u4 = (u32)d, s8 = (u32)d, u8sum = (u32)c;
      for (int i = 0; i < 4; ++i) {
        s4 += (u32)((i8)(a >> 8 * i) * (i8)(b >> 8 * i));
        u4 += (u32)((u8)(a >> 8 * i) * (u8)(b >> 8 * i));
      } for (int i = 0; i < 8; ++i) {
        i32 x = (i32)((u32)(a >> 4 * i) << 28) >> 28;
        i32 y = (i32)((u32)(b >> 4 * i) << 28) >> 28;
        s8 += (u32)(x * y);
        u8sum += (u32)((a >> 4 * i & 15) * (b >> 4 * i & 15));
      } return s4 ^
      (u64)u4 << 32 ^ (u64)s8 << 16 ^ u8sum;)
}
// Conversions to packed 16-bit integers saturate.
HIPDEX_CASE(packIntegers) {
  ON_GPU(auto s = __builtin_amdgcn_cvt_pk_i16((i32)a, (i32)b);
         auto u = __builtin_amdgcn_cvt_pk_u16((u32)c, (u32)d);
         return (u16)s.x | (u64)(u16)s.y << 16 | (u64)(u16)u.x << 32 |
                (u64)(u16)u.y << 48;)
  ON_HOST(
      auto s =
          [](i32 x) {
            return (u64)(u16)(x < -32768 ? -32768 : x > 32767 ? 32767 : x);
          };
      auto u = [](u32 x) { return (u64)(x > 65535 ? 65535 : x); };
      return s((i32)a) | s((i32)b) << 16 | u((u32)c) << 32 | u((u32)d) << 48;)
}
HIPDEX_CASE(halfDot) {
  // Small integers, so that every order of the sum gives the same.
  float expected = 0;
  typedef _Float16 pair __attribute__((ext_vector_type(2)));
  pair x = {(_Float16)(i8)a, (_Float16)(i8)(a >> 8)};
  pair y = {(_Float16)(i8)b, (_Float16)(i8)(b >> 8)};
  float z = (float)(i16)c;
  ON_GPU(expected = __builtin_amdgcn_fdot2(x, y, z, false);)
  ON_HOST(expected = (float)x.x * (float)y.x + (float)x.y * (float)y.y + z;)
  return fromFloat(expected + 0.0f);
}
// To bfloat16, to nearest even: an instruction on gfx950, several on gfx942.
HIPDEX_CASE(toBFloat16) {
  float x = asFloat(a);
  if (x != x)
    return 0;
  u16 bits = 0;
  ON_GPU(__bf16 half = (__bf16)x; __builtin_memcpy(&bits, &half, 2);)
  ON_HOST(u32 word = (u32)a; word += 0x7fff + (word >> 16 & 1);
          bits = (u16)(word >> 16);)
  return bits;
}
HIPDEX_CASE(mixedHalf) {
  // v_fma_mix_f32 and v_mad_mix: halves widened within an fma.
  float sum = __builtin_fmaf((float)asHalf(a), (float)asHalf(a >> 16),
                             (float)asHalf(b));
  return fromFloat(sum);
}
HIPDEX_CASE(logicThree) {
  // v_bitop3_b32 on gfx950.
  u32 x = (u32)a, y = (u32)b, z = (u32)c;
  return ((x & y) | (~x & z)) ^ (u64)((x ^ y ^ z) & ~(x & y & z)) << 32;
}
HIPDEX_CASE(threeOperands) {
  // v_add3, v_lshl_add, v_lshl_or, v_and_or, v_xad, v_min3, v_max3, v_med3.
  u32 x = (u32)a, y = (u32)b, z = (u32)c;
  u32 r = (x + y + z) ^ ((x << 3) + y) ^ ((x << (y & 31)) | z) ^ ((x & y) | z) ^
          ((x ^ y) + z) ^ ((x + y) << 5);
  i32 low = __builtin_elementwise_min(__builtin_elementwise_min((i32)x, (i32)y),
                                      (i32)z);
  u32 high = __builtin_elementwise_max(__builtin_elementwise_max(x, y), z);
  i32 middle =
      __builtin_elementwise_max(__builtin_elementwise_min((i32)d, 1000), -1000);
  return r ^ (u64)(u32)low << 32 ^ high ^ (u32)middle;
}

// clang-format off
#define HIPDEX_FOREACH_BUILTIN(X)                                              \
  X(perm) X(alignBit) X(alignByte) X(bitFieldExtract) X(sums) X(lerpBytes)     \
  X(packTowardZero) X(median) X(fract) X(splitFloat) X(floatClass)             \
  X(dotProducts) X(packIntegers) X(halfDot) X(toBFloat16) X(mixedHalf)         \
  X(logicThree) X(threeOperands)
// clang-format on

#endif // HIPDEX_TEST_BUILTINFUNCTIONS_H
