//===- ValuPacked.cpp - Packed operations on lanes (VOP3P) ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The halves have been picked (op_sel, op_sel_hi) and negated before: a row
// holds the low operand in the low half (or the first row, for packed f32).
//
//===----------------------------------------------------------------------===//

#include "emulator/VectorOp.h"

using namespace hipdex;
using namespace hipdex::emulator;

using u16 = uint16_t;
using i16 = int16_t;
using u32 = uint32_t;
using i32 = int32_t;
using i64 = int64_t;

template <typename T, typename Body>
static void packedRow(RowArgs &args, unsigned sources, Body body) {
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u32 result = 0;
    for (unsigned shift : {0, 16}) {
      T value[3] = {};
      for (unsigned i = 0; i < sources; ++i)
        value[i] = llvm::bit_cast<T>(u16(args.source[i][lane] >> shift));
      T half = T(body(value[0], value[1], value[2]));
      result |= u32(llvm::bit_cast<u16>(half)) << shift;
    }
    args.result[lane] = result;
  }
}

static float f(Half value) { return halfToFloat(value); }
static Half h(float value) { return floatToHalf(value); }

static bool isNan(Half a) { return (a.bits & 0x7FFF) > 0x7C00; }
static Half quieted(Half a) { return {u16(a.bits | 0x200)}; }
static bool isSignaling(Half a) { return isNan(a) && !(a.bits & 0x200); }

static Half smaller(Half a, Half b, bool ieee) {
  if (ieee && isSignaling(a))
    return quieted(a);
  if (ieee && isSignaling(b))
    return quieted(b);
  if (isNan(a) || isNan(b))
    return isNan(a) ? b : a;
  if (f(a) == f(b))
    return {u16(a.bits | b.bits)};
  return f(a) < f(b) ? a : b;
}
static Half larger(Half a, Half b, bool ieee) {
  if (ieee && isSignaling(a))
    return quieted(a);
  if (ieee && isSignaling(b))
    return quieted(b);
  if (isNan(a) || isNan(b))
    return isNan(a) ? b : a;
  if (f(a) == f(b))
    return {u16(a.bits & b.bits)};
  return f(a) > f(b) ? a : b;
}
static Half smallerNan(Half a, Half b) {
  return isNan(a) ? quieted(a) : isNan(b) ? quieted(b) : smaller(a, b, false);
}
static Half largerNan(Half a, Half b) {
  return isNan(a) ? quieted(a) : isNan(b) ? quieted(b) : larger(a, b, false);
}

template <typename T> static T limited(RowArgs &args, i64 value) {
  if (!args.clamp)
    return T(value);
  i64 low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return T(value < low ? low : value > high ? high : value);
}

template <typename Body> static void floatPairRow(RowArgs &args, Body body) {
  const u32 *__restrict a = args.source[0];
  const u32 *__restrict b = args.source[1];
  const u32 *__restrict c = args.source[2] ? args.source[2] : args.source[1];
  u32 *__restrict q = args.result;
  for (unsigned i = 0; i < 2 * waveSize; ++i)
    q[i] = bitsOf(body(floatOf(a[i]), floatOf(b[i]), floatOf(c[i])));
}

/// A source of v_fma_mix: a float, or the half that op_sel names, with the
/// negation and absolute value (neg_hi) of VOP3P.
static float mixSource(const RowArgs &args, unsigned which, unsigned lane) {
  const Instruction &in = *args.instruction;
  u32 word = args.source[which][lane];
  float value;
  if (in.opSelHi >> which & 1)
    value = f(Half{u16(in.opSel >> which & 1 ? word >> 16 : word)});
  else
    value = floatOf(word);
  if (in.negateHi >> which & 1)
    value = std::fabs(value);
  return in.extra >> which & 1 ? -value : value;
}
static float mix(const RowArgs &args, unsigned lane) {
  float value =
      __builtin_fmaf(mixSource(args, 0, lane), mixSource(args, 1, lane),
                     mixSource(args, 2, lane));
  if (args.clamp)
    value = value > 0 ? (value < 1 ? value : 1.0f) : 0.0f;
  return value;
}

template <unsigned bits, typename T> static i64 dot(u32 a, u32 b) {
  i64 sum = 0;
  for (unsigned i = 0; i < 32; i += bits) {
    T x = T(T(a >> i << (8 * sizeof(T) - bits)) >> (8 * sizeof(T) - bits));
    T y = T(T(b >> i << (8 * sizeof(T) - bits)) >> (8 * sizeof(T) - bits));
    sum += i64(x) * y;
  }
  return sum;
}

static float dotHalf(u32 a, u32 b, float c) {
  // Products of halves and their sum are exact in a double.
  double sum = double(f(Half{u16(a)})) * f(Half{u16(b)}) +
               double(f(Half{u16(a >> 16)})) * f(Half{u16(b >> 16)});
  return float(sum + c);
}
static float dotBfloat(u32 a, u32 b, float c) {
  double sum = double(floatOf(a << 16)) * floatOf(b << 16) +
               double(floatOf(a & 0xFFFF0000)) * floatOf(b & 0xFFFF0000);
  return float(sum + c);
}

llvm::ArrayRef<VectorOp> emulator::packedVectorOps() {
  using namespace opflag;
  const ValueType none = ValueType::None, f16 = ValueType::PackedF16,
                  b16 = ValueType::PackedB16, f32 = ValueType::PackedF32,
                  word = ValueType::B32, single = ValueType::F32;
#define PK2(NAME, KIND, T, FLAGS, EXPR)                                        \
  VectorOp{NAME,                                                               \
           [](RowArgs &args) {                                                 \
             packedRow<T>(args, 2, [&](T a, T b, T) { return EXPR; });         \
           },                                                                  \
           KIND,                                                               \
           {KIND, KIND, none},                                                 \
           FLAGS}
#define PK3(NAME, KIND, T, FLAGS, EXPR)                                        \
  VectorOp{NAME,                                                               \
           [](RowArgs &args) {                                                 \
             packedRow<T>(args, 3, [&](T a, T b, T c) { return EXPR; });       \
           },                                                                  \
           KIND,                                                               \
           {KIND, KIND, KIND},                                                 \
           FLAGS}
#define PKF32(NAME, THIRD, EXPR)                                               \
  VectorOp{NAME,                                                               \
           [](RowArgs &args) {                                                 \
             floatPairRow(args, [](float a, float b, float c) {                \
               (void)c;                                                        \
               return EXPR;                                                    \
             });                                                               \
           },                                                                  \
           f32,                                                                \
           {f32, f32, THIRD},                                                  \
           0}
#define DOT(NAME, FLAGS, KIND, T, EXPR)                                        \
  VectorOp {                                                                   \
    NAME, HIPDEX_ROW3(T, u32, u32, T, EXPR), KIND, {word, word, KIND}, FLAGS   \
  }
  static const VectorOp table[] = {
      PK2("v_pk_add_f16", f16, Half, 0, h(f(a) + f(b))),
      PK2("v_pk_mul_f16", f16, Half, 0, h(f(a) * f(b))),
      PK2("v_pk_min_f16", f16, Half, 0, smaller(a, b, args.ieee)),
      PK2("v_pk_max_f16", f16, Half, 0, larger(a, b, args.ieee)),
      PK3("v_pk_fma_f16", f16, Half, 0,
          doubleToHalf(double(f(a)) * f(b) + double(f(c)))),
      VectorOp{"v_pk_fmac_f16",
               [](RowArgs &args) {
                 packedRow<Half>(args, 3, [](Half a, Half b, Half c) {
                   return doubleToHalf(double(f(a)) * f(b) + double(f(c)));
                 });
               },
               f16,
               {f16, f16, f16},
               accumulates},
      PK3("v_pk_minimum3_f16", f16, Half, 0, smallerNan(smallerNan(a, b), c)),
      PK3("v_pk_maximum3_f16", f16, Half, 0, largerNan(largerNan(a, b), c)),

      PK2("v_pk_add_u16", b16, u16, integerClamp,
          limited<u16>(args, i64(a) + b)),
      PK2("v_pk_sub_u16", b16, u16, integerClamp,
          limited<u16>(args, i64(a) - b)),
      PK2("v_pk_add_i16", b16, i16, integerClamp,
          limited<i16>(args, i64(a) + b)),
      PK2("v_pk_sub_i16", b16, i16, integerClamp,
          limited<i16>(args, i64(a) - b)),
      PK2("v_pk_mul_lo_u16", b16, u16, 0, u32(a) * b),
      PK3("v_pk_mad_u16", b16, u16, integerClamp,
          limited<u16>(args, i64(a) * b + c)),
      PK3("v_pk_mad_i16", b16, i16, integerClamp,
          limited<i16>(args, i64(a) * b + c)),
      PK2("v_pk_min_u16", b16, u16, 0, a < b ? a : b),
      PK2("v_pk_max_u16", b16, u16, 0, a > b ? a : b),
      PK2("v_pk_min_i16", b16, i16, 0, a < b ? a : b),
      PK2("v_pk_max_i16", b16, i16, 0, a > b ? a : b),
      PK2("v_pk_lshlrev_b16", b16, u16, 0, b << (a & 15)),
      PK2("v_pk_lshrrev_b16", b16, u16, 0, b >> (a & 15)),
      PK2("v_pk_ashrrev_i16", b16, i16, 0, b >> (a & 15)),

      PKF32("v_pk_add_f32", none, a + b),
      PKF32("v_pk_mul_f32", none, a *b),
      PKF32("v_pk_fma_f32", f32, __builtin_fmaf(a, b, c)),
      // The low result is what op_sel picked of the first source, the high one
      // what op_sel_hi (of the second source) picked of the second.
      VectorOp{"v_pk_mov_b32",
               [](RowArgs &args) {
                 std::memcpy(args.result, args.source[0],
                             sizeof(u32) * waveSize);
                 std::memcpy(args.result + waveSize, args.source[1] + waveSize,
                             sizeof(u32) * waveSize);
               },
               ValueType::PackedF32,
               {f32, f32, none},
               0},

      VectorOp{"v_fma_mix_f32",
               [](RowArgs &args) {
                 for (unsigned lane = 0; lane < waveSize; ++lane)
                   storeLane<float>(args.result, lane, mix(args, lane));
               },
               single,
               {word, word, word},
               ownOpSel | integerClamp},
      VectorOp{"v_fma_mixlo_f16",
               [](RowArgs &args) {
                 for (unsigned lane = 0; lane < waveSize; ++lane)
                   args.result[lane] = h(mix(args, lane)).bits;
               },
               ValueType::B16,
               {word, word, word},
               ownOpSel | integerClamp | keepsHigh},
      VectorOp{"v_fma_mixhi_f16",
               [](RowArgs &args) {
                 for (unsigned lane = 0; lane < waveSize; ++lane)
                   args.result[lane] = h(mix(args, lane)).bits;
               },
               ValueType::B16,
               {word, word, word},
               ownOpSel | integerClamp | writesHigh},

      DOT("v_dot2_f32_f16", 0, single, float, dotHalf(a, b, c)),
      DOT("v_dot2_f32_bf16", 0, single, float, dotBfloat(a, b, c)),
      DOT("v_dot2c_f32_f16", accumulates, single, float, dotHalf(a, b, c)),
      DOT("v_dot2c_f32_bf16", accumulates, single, float, dotBfloat(a, b, c)),
      DOT("v_dot2_i32_i16", 0, word, i32, (i32(dot<16, i16>(a, b) + c))),
      DOT("v_dot2_u32_u16", 0, word, u32, (u32(dot<16, u16>(a, b) + c))),
      DOT("v_dot4_i32_i8", 0, word, i32, (i32(dot<8, int8_t>(a, b) + c))),
      DOT("v_dot4_u32_u8", 0, word, u32, (u32(dot<8, uint8_t>(a, b) + c))),
      DOT("v_dot8_i32_i4", 0, word, i32, (i32(dot<4, int8_t>(a, b) + c))),
      DOT("v_dot8_u32_u4", 0, word, u32, (u32(dot<4, uint8_t>(a, b) + c))),
      DOT("v_dot2c_i32_i16", accumulates, word, i32,
          (i32(dot<16, i16>(a, b) + c))),
      DOT("v_dot4c_i32_i8", accumulates, word, i32,
          (i32(dot<8, int8_t>(a, b) + c))),
      DOT("v_dot8c_i32_i4", accumulates, word, i32,
          (i32(dot<4, int8_t>(a, b) + c))),
  };
  return table;
}
