//===- CFunctions.h - Ordinary C, for the host and for the GPU --*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Functions of four 64-bit words that give one. This text is compiled for the
// host and, as kernels, for every arch at every optimization level: the results
// must be the same to the bit, so nothing here may depend on what C leaves
// open. NaNs are made equal before they are compared (C says nothing of their
// payload), and so are the zeros of fmin and fmax.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_CFUNCTIONS_H
#define HIPDEX_TEST_CFUNCTIONS_H

typedef unsigned long u64;
typedef long i64;
typedef unsigned u32;
typedef int i32;
typedef unsigned short u16;
typedef short i16;
typedef unsigned char u8;
typedef signed char i8;

#define NOINLINE __attribute__((noinline))
#define HIPDEX_CASE(name)                                                      \
  [[maybe_unused]] static u64 name(                                            \
      [[maybe_unused]] u64 a, [[maybe_unused]] u64 b, [[maybe_unused]] u64 c,  \
      [[maybe_unused]] u64 d)

static inline float asFloat(u64 bits) {
  u32 word = (u32)bits;
  float value;
  __builtin_memcpy(&value, &word, 4);
  return value;
}
static inline u64 fromFloat(float value) {
  u32 word;
  __builtin_memcpy(&word, &value, 4);
  return value != value ? 0x7fc00000 : word;
}
static inline double asDouble(u64 bits) {
  double value;
  __builtin_memcpy(&value, &bits, 8);
  return value;
}
static inline u64 fromDouble(double value) {
  u64 bits;
  __builtin_memcpy(&bits, &value, 8);
  return value != value ? 0x7ff8000000000000ul : bits;
}
static inline _Float16 asHalf(u64 bits) {
  u16 word = (u16)bits;
  _Float16 value;
  __builtin_memcpy(&value, &word, 2);
  return value;
}
static inline u64 fromHalf(_Float16 value) {
  u16 word;
  __builtin_memcpy(&word, &value, 2);
  return value != value ? 0x7e00 : word;
}

// fmin and fmax of a signaling NaN are left open.
static inline float quietFloat(u64 bits) {
  float value = asFloat(bits);
  return value != value ? __builtin_nanf("") : value;
}
static inline double quietDouble(u64 bits) {
  double value = asDouble(bits);
  return value != value ? __builtin_nan("") : value;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

HIPDEX_CASE(add64) { return a + b - c * 3 + (d ^ a); }
HIPDEX_CASE(add32) { return (u32)a + (u32)b - (u32)c * (u32)d; }
HIPDEX_CASE(add16) {
  return (u16)((u16)a + (u16)b) ^ (u64)(i64)(i16)((u16)c - (u16)d);
}
HIPDEX_CASE(add8) {
  return (u8)((u8)a + (u8)b) ^ (u64)(i64)(i8)((u8)c * (u8)d);
}
HIPDEX_CASE(mul64) { return a * b + c * d; }
HIPDEX_CASE(mulHigh64) {
  return (u64)((unsigned __int128)a * b >> 64) ^
         (u64)((__int128)(i64)c * (i64)d >> 64);
}
HIPDEX_CASE(mulHigh32) {
  return (u64)(u32)a * (u32)b ^ (u64)((i64)(i32)c * (i32)d);
}
HIPDEX_CASE(mul24) {
  // Xor, not plus: LLVM 22 folds 24-bit mul_lo, mul_hi and an addition into
  // v_mad_u64_u32 and forgets to clear the upper 8 bits.
  return (u64)((a & 0xffffff) * (b & 0xffffff)) ^
         (u64)(((i32)((u32)c << 8) >> 8) * ((i32)((u32)d << 24) >> 24));
}
HIPDEX_CASE(divide32) {
  u32 divisor = (u32)b | 1;
  return (u32)a / divisor + ((u64)((u32)a % divisor) << 32);
}
HIPDEX_CASE(divideSigned32) {
  i32 x = (i32)a, y = (i32)b;
  if (y == 0 || (x == -0x7fffffff - 1 && y == -1))
    return c;
  return (u32)(x / y) + ((u64)(u32)(x % y) << 32);
}
HIPDEX_CASE(divide64) {
  u64 divisor = (b >> (c & 63)) | 1;
  return a / divisor ^ (a % divisor) << 1;
}
HIPDEX_CASE(divideSigned64) {
  i64 x = (i64)a, y = (i64)b >> (c & 63);
  if (y == 0 || (x == -0x7fffffffffffffffl - 1 && y == -1))
    return d;
  return (u64)(x / y) ^ (u64)(x % y) << 1;
}
HIPDEX_CASE(divideByConstants) {
  return (u32)a / 7 + (u32)a % 10 + (u64)((i32)b / -3) + c / 1000003 +
         d % 4096 + (u64)((i64)d / 16);
}
HIPDEX_CASE(divide8) {
  return (u8)a / (u8)(b | 1) + (u64)(u16)c % (u16)(d | 1) * 256;
}
HIPDEX_CASE(shifts) {
  return (a << (b & 63)) ^ (c >> (d & 63)) ^ (u64)((i64)a >> (d & 63)) ^
         ((u32)b << (c & 31)) ^ ((u32)a >> (b & 31)) ^
         (u64)((i32)c >> (a & 31));
}
HIPDEX_CASE(rotates) {
  u32 n = (u32)b & 31, m = (u32)b & 63;
  u32 x = (u32)a << n | (u32)a >> (-n & 31);
  return (c << m | c >> (-m & 63)) ^ x ^ (u64)__builtin_bswap32((u32)d) << 32 ^
         __builtin_bswap64(a);
}
HIPDEX_CASE(funnel) {
  u64 wide = (a << 32) | (u32)b;
  return (u32)(wide >> (c & 31)) ^ (u64)(u32)(wide >> 16) << 7;
}
HIPDEX_CASE(bitCounts) {
  return (u64)__builtin_popcountl(a) | (u64)__builtin_popcount((u32)b) << 8 |
         (u64)(c ? __builtin_clzl(c) : 64) << 16 |
         (u64)((u32)d ? __builtin_clz((u32)d) : 32) << 24 |
         (u64)(a ? __builtin_ctzl(a) : 64) << 32 |
         (u64)((u32)b ? __builtin_ctz((u32)b) : 32) << 40 |
         (u64)__builtin_ffsl((i64)c) << 48;
}
HIPDEX_CASE(bitReverse) {
  return __builtin_bitreverse64(a) ^ __builtin_bitreverse32((u32)b) ^
         __builtin_bitreverse16((u16)c) ^ __builtin_bitreverse8((u8)d);
}
HIPDEX_CASE(bitFields) {
  u32 lo = (u32)a & 31, width = (u32)b & 15;
  u32 mask = (1u << width) - 1;
  return (((u32)c >> lo) & mask) | (u64)(((u32)d & ~mask) | ((u32)a & mask))
                                       << 32;
}
HIPDEX_CASE(logic) {
  return (a & b) | (c & ~d) | (~(a ^ c) & (b | ~d)) |
         (u64)(((u32)a & (u32)b) | (u32)c) << 13;
}
HIPDEX_CASE(compares) {
  u64 result = 0;
  result |= (u64)(a < b) | (u64)((i64)a < (i64)b) << 1;
  result |= (u64)((u32)a < (u32)b) << 2 | (u64)((i32)a < (i32)b) << 3;
  result |= (u64)((u16)a <= (u16)b) << 4 | (u64)((i16)a >= (i16)b) << 5;
  result |= (u64)((i8)c > (i8)d) << 6 | (u64)(c == d) << 7;
  result |= (u64)((u32)c != (u32)d) << 8;
  return result;
}
HIPDEX_CASE(minMax) {
  u32 x = (u32)a < (u32)b ? (u32)a : (u32)b;
  i32 y = (i32)c > (i32)d ? (i32)c : (i32)d;
  i64 z = (i64)a > (i64)d ? (i64)a : (i64)d;
  u32 median = x < (u32)c ? ((u32)c < (u32)d ? (u32)c : (u32)d) : x;
  return x ^ (u64)(u32)y << 32 ^ (u64)z ^ median;
}
HIPDEX_CASE(overflow) {
  u32 x;
  i32 y;
  u64 z;
  i64 w;
  u64 flags = __builtin_add_overflow((u32)a, (u32)b, &x);
  flags |= (u64)__builtin_sub_overflow((i32)c, (i32)d, &y) << 1;
  flags |= (u64)__builtin_mul_overflow(a, b, &z) << 2;
  flags |= (u64)__builtin_mul_overflow((i64)c, (i64)d, &w) << 3;
  return flags ^ x ^ (u64)(u32)y << 32 ^ z ^ (u64)w;
}
HIPDEX_CASE(saturate) {
  u32 add = __builtin_elementwise_add_sat((u32)a, (u32)b);
  i32 sub = __builtin_elementwise_sub_sat((i32)c, (i32)d);
  i16 half = __builtin_elementwise_add_sat((i16)a, (i16)c);
  return add ^ (u64)(u32)sub << 32 ^ (u16)half;
}
HIPDEX_CASE(absolute) {
  i32 x = (i32)a;
  u32 magnitude = x < 0 ? -(u32)x : (u32)x;
  i64 y = (i64)b;
  return magnitude ^ (y < 0 ? -(u64)y : (u64)y) ^
         (u64)(u32)((i32)(u16)c - (i32)(u16)d < 0);
}
HIPDEX_CASE(wide128) {
  unsigned __int128 x = (unsigned __int128)a << 64 | b;
  unsigned __int128 y = (unsigned __int128)c << 64 | d;
  x = x * 3 + y - (y << (a & 63)) + (x >> 17);
  return (u64)x ^ (u64)(x >> 64);
}
HIPDEX_CASE(packed16) {
  typedef u16 pair __attribute__((ext_vector_type(2)));
  typedef i16 signedPair __attribute__((ext_vector_type(2)));
  pair x = {(u16)a, (u16)(a >> 16)}, y = {(u16)b, (u16)(b >> 16)};
  signedPair s = {(i16)c, (i16)(c >> 16)}, t = {(i16)d, (i16)(d >> 16)};
  pair sum = x * y + x - (y << (pair)(x & (u16)15));
  signedPair low = __builtin_elementwise_min(s, t) >> (signedPair)3;
  pair high = __builtin_elementwise_max(x, y) >> (pair)(y & (u16)15);
  return (sum.x | (u64)sum.y << 16 | (u64)(u16)low.x << 32 |
          (u64)(u16)low.y << 48) ^
         high.x ^ (u64)high.y << 20;
}
HIPDEX_CASE(bytes) {
  u32 x = (u32)a, y = (u32)b, sum = 0;
  for (int i = 0; i < 4; ++i) {
    i32 difference = (i32)(x >> 8 * i & 255) - (i32)(y >> 8 * i & 255);
    sum += difference < 0 ? -difference : difference;
  }
  u32 permuted = (x & 0xff) << 24 | (y >> 8 & 0xff) << 16 |
                 (x >> 16 & 0xff) << 8 | y >> 24;
  return sum | (u64)permuted << 32;
}
HIPDEX_CASE(dotBytes) {
  i32 sum = (i32)c;
  u32 unsignedSum = (u32)d;
  for (int i = 0; i < 4; ++i) {
    sum = (i32)((u32)sum + (u32)((i8)(a >> 8 * i) * (i8)(b >> 8 * i)));
    unsignedSum += (u32)(u8)(a >> 8 * i) * (u8)(b >> 8 * i);
  }
  return (u32)sum | (u64)unsignedSum << 32;
}

//===----------------------------------------------------------------------===//
// Floating point
//===----------------------------------------------------------------------===//

HIPDEX_CASE(floatArithmetic) {
  float x = asFloat(a), y = asFloat(b), z = asFloat(c);
  return fromFloat(x + y * z) ^ fromFloat(x - y) << 32 ^ fromFloat(-z * x);
}
HIPDEX_CASE(floatDivide) {
  return fromFloat(asFloat(a) / asFloat(b)) | fromFloat(1.0f / asFloat(c))
                                                  << 32;
}
HIPDEX_CASE(floatSqrt) {
  return fromFloat(__builtin_sqrtf(asFloat(a))) |
         fromFloat(__builtin_sqrtf(__builtin_fabsf(asFloat(b)))) << 32;
}
HIPDEX_CASE(floatFma) {
  return fromFloat(__builtin_fmaf(asFloat(a), asFloat(b), asFloat(c))) |
         fromFloat(__builtin_fmaf(-asFloat(a), asFloat(d), asFloat(b))) << 32;
}
HIPDEX_CASE(floatRounding) {
  float x = asFloat(a), y = asFloat(b);
  return fromFloat(__builtin_floorf(x)) ^ fromFloat(__builtin_ceilf(y)) << 32 ^
         fromFloat(__builtin_truncf(x)) << 1 ^
         fromFloat(__builtin_rintf(y)) << 16 ^
         fromFloat(__builtin_roundf(x)) << 3;
}
HIPDEX_CASE(floatMinMax) {
  float x = quietFloat(a), y = quietFloat(b);
  return fromFloat(__builtin_fminf(x, y) + 0.0f) |
         fromFloat(__builtin_fmaxf(x, y) + 0.0f) << 32;
}
HIPDEX_CASE(floatClamp) {
  float x = asFloat(a);
  x = x < 0.0f ? 0.0f : x;
  x = x > 1.0f ? 1.0f : x;
  float y = asFloat(b) > asFloat(c) ? asFloat(b) : asFloat(c);
  return fromFloat(x + 0.0f) | fromFloat(y) << 32;
}
HIPDEX_CASE(floatSigns) {
  return fromFloat(__builtin_copysignf(asFloat(a), asFloat(b))) |
         fromFloat(-__builtin_fabsf(asFloat(c))) << 32;
}
HIPDEX_CASE(floatCompares) {
  float x = asFloat(a), y = asFloat(b);
  return (u64)(x < y) | (u64)(x <= y) << 1 | (u64)(x == y) << 2 |
         (u64)(x != y) << 3 | (u64) !(x > y) << 4 |
         (u64)__builtin_isnan(x) << 5 | (u64)__builtin_isinf(y) << 6 |
         (u64)__builtin_isunordered(x, y) << 7 |
         (u64)__builtin_isfinite(x) << 8 | (u64)__builtin_isnormal(y) << 9;
}
HIPDEX_CASE(floatToInteger) {
  // In range, or C says nothing.
  float x = asFloat(a), y = asFloat(b);
  u64 result = 0;
  if (x > -2147483648.0f && x < 2147483648.0f)
    result ^= (u32)(i32)x;
  if (y > -1.0f && y < 4294967296.0f)
    result ^= (u64)(u32)y << 32;
  if (x > -9.2e18f && x < 9.2e18f)
    result ^= (u64)(i64)x << 1;
  if (y > -1.0f && y < 1.8e19f)
    result ^= (u64)y;
  return result;
}
HIPDEX_CASE(integerToFloat) {
  return fromFloat((float)(i32)a) ^ fromFloat((float)(u32)b) << 32 ^
         fromFloat((float)(i64)c) << 5 ^ fromFloat((float)d) << 17 ^
         fromFloat((float)(u8)a) ^ fromFloat((float)(i16)b);
}
HIPDEX_CASE(floatScale) {
  return fromFloat(__builtin_ldexpf(asFloat(a), (i32)b % 300)) |
         fromFloat(asFloat(c) * 0x1p-40f) << 32;
}
HIPDEX_CASE(floatSum) {
  // Not reassociated, at any level.
  float sum = 0;
  u64 words[4] = {a, b, c, d};
  for (int i = 0; i < 4; ++i) {
    sum += asFloat(words[i]);
    sum *= 0.5f;
    sum += asFloat(words[i] >> 32);
  }
  return fromFloat(sum);
}
HIPDEX_CASE(doubleArithmetic) {
  double x = asDouble(a), y = asDouble(b), z = asDouble(c);
  return fromDouble(x + y * z) ^ fromDouble(x - z) << 1 ^
         fromDouble(x * y) << 2;
}
HIPDEX_CASE(doubleDivide) {
  return fromDouble(asDouble(a) / asDouble(b)) ^ fromDouble(1.0 / asDouble(c))
                                                     << 1;
}
HIPDEX_CASE(doubleSqrt) {
  return fromDouble(__builtin_sqrt(__builtin_fabs(asDouble(a)))) ^
         fromDouble(__builtin_sqrt(asDouble(b)));
}
HIPDEX_CASE(doubleFma) {
  return fromDouble(__builtin_fma(asDouble(a), asDouble(b), asDouble(c)));
}
HIPDEX_CASE(doubleRounding) {
  double x = asDouble(a), y = asDouble(b);
  return fromDouble(__builtin_floor(x)) ^ fromDouble(__builtin_ceil(y)) << 1 ^
         fromDouble(__builtin_trunc(x)) << 2 ^
         fromDouble(__builtin_rint(y)) << 3;
}
HIPDEX_CASE(doubleCompares) {
  double x = quietDouble(a), y = quietDouble(b);
  return (u64)(x < y) | (u64)(x >= y) << 1 | (u64)(x == y) << 2 |
         (u64) !(x <= y) << 3 | fromDouble(__builtin_fmax(x, y) + 0.0) << 4;
}
HIPDEX_CASE(doubleConversions) {
  double x = asDouble(a);
  u64 result = fromFloat((float)x) ^ fromDouble((double)asFloat(b)) ^
               fromDouble((double)(i64)c) << 1 ^ fromDouble((double)d) << 2 ^
               fromDouble((double)(i32)a) << 3 ^ fromDouble((double)(u32)b);
  if (x > -2147483649.0 && x < 2147483648.0)
    result ^= (u32)(i32)x;
  if (x > -1.0 && x < 1.8e19)
    result ^= (u64)x;
  if (x > -9.2e18 && x < 9.2e18)
    result ^= (u64)(i64)x << 1;
  return result;
}
HIPDEX_CASE(halfArithmetic) {
  _Float16 x = asHalf(a), y = asHalf(b), z = asHalf(c);
  _Float16 product = x * y, sum = x + y, difference = y - z;
  return fromHalf(product) | fromHalf(sum) << 16 | fromHalf(difference) << 32;
}
HIPDEX_CASE(halfDivide) {
  _Float16 quotient = asHalf(a) / asHalf(b);
  return fromHalf(quotient);
}
HIPDEX_CASE(halfConversions) {
  u64 result = fromHalf((_Float16)asFloat(a)) | fromFloat((float)asHalf(b))
                                                    << 16;
  result ^= fromHalf((_Float16)(i16)c) << 48;
  float x = (float)asHalf(d);
  if (x > -32769.0f && x < 32768.0f)
    result ^= (u64)(u16)(i16)asHalf(d) << 8;
  return result;
}
HIPDEX_CASE(halfPacked) {
  typedef _Float16 pair __attribute__((ext_vector_type(2)));
  pair x = {asHalf(a), asHalf(a >> 16)}, y = {asHalf(b), asHalf(b >> 16)};
  pair sum = x + y, product = x * y;
  return fromHalf(sum.x) | fromHalf(sum.y) << 16 | fromHalf(product.x) << 32 |
         fromHalf(product.y) << 48;
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

HIPDEX_CASE(switchCases) {
  switch (a % 13) {
  case 0:
    return b + c;
  case 1:
    return b * d;
  case 2:
    a ^= c;
    [[fallthrough]];
  case 3:
    return a - b;
  case 5:
    return c >> 3;
  case 7:
  case 8:
    return d | 1;
  case 11:
    return ~a;
  default:
    return b ^ c ^ d;
  }
}
HIPDEX_CASE(loopCollatz) {
  u64 n = (u32)a % 10000 + 1, steps = 0;
  while (n != 1 && steps < 300) {
    n = n & 1 ? 3 * n + 1 : n / 2;
    ++steps;
  }
  return steps;
}
HIPDEX_CASE(loopNested) {
  u64 sum = 0;
  for (u64 i = 0; i < (a & 7); ++i) {
    for (u64 j = 0; j < (b & 7); ++j) {
      if ((i * j + c) % 3 == 0)
        continue;
      sum += i * 31 + j;
      if (sum > (d & 255))
        break;
    }
    if ((c >> i) & 1)
      sum ^= a;
  }
  return sum;
}
HIPDEX_CASE(loopGcd) {
  u64 x = a >> 32, y = b >> 32;
  while (y) {
    u64 rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
HIPDEX_CASE(gotos) {
  u64 count = 0, x = a;
again:
  if (++count > 20)
    goto out;
  x = x * 6364136223846793005ul + b;
  if (x >> 60 == (c & 15))
    goto out;
  if (x & 1)
    goto again;
  x ^= d;
  goto again;
out:
  return x + count;
}
HIPDEX_CASE(shortCircuit) {
  return (a > b && c > d) || (a & 1 && (b & 2 || c & 4)) ? a + d
         : (d & 8)                                       ? b - c
                                                         : c ^ d;
}

//===----------------------------------------------------------------------===//
// Calls and memory
//===----------------------------------------------------------------------===//

struct Small {
  u32 x;
  u16 y;
  u8 z;
};
struct Large {
  u64 values[6];
  struct Small small;
};

NOINLINE static u64 useSmall(struct Small value) {
  return value.x + ((u64)value.y << 32) + ((u64)value.z << 50);
}
NOINLINE static struct Large makeLarge(u64 a, u64 b) {
  struct Large large;
  for (int i = 0; i < 6; ++i)
    large.values[i] = a * (u64)i + (b >> i);
  large.small.x = (u32)a;
  large.small.y = (u16)b;
  large.small.z = (u8)(a ^ b);
  return large;
}
NOINLINE static u64 useLarge(struct Large value, int index) {
  return value.values[index] + useSmall(value.small);
}
HIPDEX_CASE(structByValue) {
  struct Large large = makeLarge(a, b);
  large.values[c % 6] ^= d;
  return useLarge(large, (int)(d % 6));
}

NOINLINE static u64 fibonacci(u32 n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
HIPDEX_CASE(recursion) { return fibonacci((u32)(a % 12)); }
NOINLINE static u32 isOdd(u32 n);
NOINLINE static u32 isEven(u32 n) { return n == 0 ? 1 : isOdd(n - 1); }
NOINLINE static u32 isOdd(u32 n) { return n == 0 ? 0 : isEven(n - 1); }
HIPDEX_CASE(mutualRecursion) { return isEven((u32)(a & 31)); }
NOINLINE static u64 manyArguments(u64 a, u32 b, u16 c, u8 d, float e, double f,
                                  u64 g, u64 h, u64 i, u64 j, u64 k, u64 l,
                                  u64 m, u64 n, u64 o, u64 p, u64 q, u64 r) {
  return a + b * 2 + c * 3u + d * 5u + fromFloat(e) + fromDouble(f) + g * 7 +
         h * 11 + i * 13 + j * 17 + k * 19 + l * 23 + m * 29 + n * 31 + o * 37 +
         p * 41 + q * 43 + r * 47;
}
HIPDEX_CASE(callManyArguments) {
  return manyArguments(a, (u32)b, (u16)c, (u8)d, asFloat(a), asDouble(b), a ^ b,
                       b ^ c, c ^ d, a + b, b + c, c + d, a - b, b - c, c - d,
                       a | b, b | c, c | d);
}
NOINLINE static u64 operationAdd(u64 x, u64 y) { return x + y; }
NOINLINE static u64 operationXor(u64 x, u64 y) { return x ^ y; }
NOINLINE static u64 operationMul(u64 x, u64 y) { return x * y; }
HIPDEX_CASE(indirectCalls) {
  // Each lane its own callee.
  u64 (*operation)(u64, u64) = a % 3 == 0   ? operationAdd
                               : a % 3 == 1 ? operationXor
                                            : operationMul;
  return operation(b, c) ^ d;
}
NOINLINE static void swapAndAdd(u64 *x, u64 *y) {
  u64 old = *x;
  *x = *y;
  *y = old + *y;
}
HIPDEX_CASE(pointersToLocals) {
  u64 x = a, y = b;
  for (u64 i = 0; i < (c & 3); ++i)
    swapAndAdd(&x, &y);
  return x ^ y ^ d;
}
HIPDEX_CASE(arrays) {
  u32 histogram[16];
  for (int i = 0; i < 16; ++i)
    histogram[i] = (u32)i;
  u64 words[4] = {a, b, c, d};
  for (int i = 0; i < 4; ++i)
    for (int nibble = 0; nibble < 16; ++nibble)
      histogram[words[i] >> 4 * nibble & 15] += (u32)(nibble + 1);
  u64 result = 0;
  for (int i = 0; i < 16; ++i)
    result = result * 31 + histogram[i];
  return result;
}
HIPDEX_CASE(sortBytes) {
  u8 bytes[16];
  __builtin_memcpy(bytes, &a, 8);
  __builtin_memcpy(bytes + 8, &b, 8);
  for (int i = 1; i < 16; ++i) {
    u8 value = bytes[i];
    int j = i - 1;
    while (j >= 0 && bytes[j] > value) {
      bytes[j + 1] = bytes[j];
      --j;
    }
    bytes[j + 1] = value;
  }
  u64 low, high;
  __builtin_memcpy(&low, bytes, 8);
  __builtin_memcpy(&high, bytes + 8, 8);
  return low ^ high * 3;
}
// Not inlined, so that the array stays in scratch: LLVM may move it to LDS,
// where the emulator (unlike the hardware as Linux sets it up) wants alignment.
NOINLINE static void spread(u8 *bytes, u64 value) {
  for (int i = 0; i < 40; ++i)
    bytes[i] = (u8)(value >> (i & 7) * 8) + (u8)i;
}
HIPDEX_CASE(unalignedMemory) {
  u8 bytes[40];
  spread(bytes, a);
  u32 word;
  u16 half;
  u64 wide;
  __builtin_memcpy(&word, bytes + (b & 15) + 1, 4);
  __builtin_memcpy(&half, bytes + (c & 15) + 1, 2);
  __builtin_memcpy(&wide, bytes + (d & 15) + 3, 8);
  __builtin_memcpy(bytes + (b & 7), &wide, 8);
  __builtin_memcpy(&a, bytes + 5, 8);
  return word ^ (u64)half << 20 ^ wide << 3 ^ a;
}
HIPDEX_CASE(bitFieldStruct) {
  struct {
    u32 x : 5;
    i32 y : 11;
    u32 z : 16;
    u64 w : 40;
  } fields;
  fields.x = (u32)a & 31;
  fields.y = (i32)((u32)b << 21) >> 21;
  fields.z = (u32)c & 0xffff;
  fields.w = d & 0xffffffffff;
  fields.z += fields.x;
  return fields.x + (u64)(i64)fields.y * 3 + ((u64)fields.z << 8) + fields.w;
}
static const u32 primes[] = {2,  3,  5,  7,  11, 13, 17, 19,
                             23, 29, 31, 37, 41, 43, 47, 53};
HIPDEX_CASE(constantTable) {
  u64 result = 1;
  for (int i = 0; i < 8; ++i)
    result = result * primes[a >> 4 * i & 15] + b;
  return result;
}
NOINLINE static u64 dynamicStack(u32 n, u64 seed) {
  u64 *values = (u64 *)__builtin_alloca(n * sizeof(u64));
  for (u32 i = 0; i < n; ++i)
    values[i] = seed * (i + 1);
  u64 sum = 0;
  for (u32 i = 0; i < n; ++i)
    sum ^= values[(i * 7 + (u32)seed) % n];
  return sum;
}
HIPDEX_CASE(allocaArray) { return dynamicStack((u32)(a & 15) + 1, b); }
HIPDEX_CASE(mersenne) {
  // Enough live values to spill at any level.
  u64 s[24];
  for (int i = 0; i < 24; ++i)
    s[i] = a * (u64)(i + 1) + (b ^ (c << i)) + (d >> i);
#pragma unroll
  for (int round = 0; round < 3; ++round) {
#pragma unroll
    for (int i = 0; i < 24; ++i)
      s[i] = (s[i] ^ s[(i + 7) % 24] >> 3) * 0x9e3779b97f4a7c15ul +
             s[(i + 13) % 24];
  }
  u64 result = 0;
#pragma unroll
  for (int i = 0; i < 24; ++i)
    result = (result << 1 | result >> 63) ^ s[i];
  return result;
}

// clang-format off
#define HIPDEX_FOREACH_CASE(X)                                                 \
  X(add64) X(add32) X(add16) X(add8) X(mul64) X(mulHigh64) X(mulHigh32)        \
  X(mul24) X(divide32) X(divideSigned32) X(divide64) X(divideSigned64)         \
  X(divideByConstants) X(divide8) X(shifts) X(rotates) X(funnel) X(bitCounts)  \
  X(bitReverse) X(bitFields) X(logic) X(compares) X(minMax) X(overflow)        \
  X(saturate) X(absolute) X(wide128) X(packed16) X(bytes) X(dotBytes)          \
  X(floatArithmetic) X(floatDivide) X(floatSqrt) X(floatFma) X(floatRounding)  \
  X(floatMinMax) X(floatClamp) X(floatSigns) X(floatCompares)                  \
  X(floatToInteger) X(integerToFloat) X(floatScale) X(floatSum)                \
  X(doubleArithmetic) X(doubleDivide) X(doubleSqrt) X(doubleFma)               \
  X(doubleRounding) X(doubleCompares) X(doubleConversions) X(halfArithmetic)   \
  X(halfDivide) X(halfConversions) X(halfPacked) X(switchCases)                \
  X(loopCollatz) X(loopNested) X(loopGcd) X(gotos) X(shortCircuit)             \
  X(structByValue) X(recursion) X(mutualRecursion) X(callManyArguments)        \
  X(indirectCalls) X(pointersToLocals) X(arrays) X(sortBytes)                  \
  X(unalignedMemory) X(bitFieldStruct) X(constantTable) X(allocaArray)         \
  X(mersenne)
// clang-format on

#endif // HIPDEX_TEST_CFUNCTIONS_H
