//===- ValuInteger.cpp - Integer and bit operations on lanes --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Semantics: AMD Instinct MI300 ISA reference guide, chapter 12 (VOP1, VOP2,
// VOP3A), and for v_bitop3 and v_prng the CDNA4 guide.
//
//===----------------------------------------------------------------------===//

#include "emulator/VectorOp.h"

using namespace hipdex;
using namespace hipdex::emulator;

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using i16 = int16_t;
using i32 = int32_t;
using i64 = int64_t;

template <typename T> static T saturate(i64 value) {
  i64 low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return T(value < low ? low : value > high ? high : value);
}

static i32 signExtend24(u32 value) { return i32(value << 8) >> 8; }
static u32 mask24(u32 value) { return value & 0xFFFFFF; }

static u32 bitFieldExtract(u32 value, u32 offset, u32 width) {
  offset &= 31;
  width &= 31;
  return value >> offset & ((1u << width) - 1);
}
static u32 bitFieldExtractSigned(u32 value, u32 offset, u32 width) {
  offset &= 31;
  width &= 31;
  if (width == 0)
    return 0;
  u32 field = value >> offset & ((1u << width) - 1);
  // Bits beyond the word's end are copies of its sign.
  if (offset + width > 32)
    return u32(i32(value) >> offset);
  return u32(i32(field << (32 - width)) >> (32 - width));
}

static u32 reverseBits(u32 value) {
  value = (value >> 1 & 0x55555555) | (value & 0x55555555) << 1;
  value = (value >> 2 & 0x33333333) | (value & 0x33333333) << 2;
  value = (value >> 4 & 0x0F0F0F0F) | (value & 0x0F0F0F0F) << 4;
  return __builtin_bswap32(value);
}
static u32 findHigh(u32 value) { return value ? __builtin_clz(value) : ~0u; }
static u32 findLow(u32 value) { return value ? __builtin_ctz(value) : ~0u; }
static u32 findHighSigned(u32 value) {
  u32 folded = i32(value) < 0 ? ~value : value;
  return folded ? __builtin_clz(folded) : ~0u;
}

/// v_perm_b32: byte selectors 0-3 from the second source, 4-7 from the first,
/// 8-11 sign bytes, 12 zero, above 0xff.
static u32 permuteBytes(u32 high, u32 low, u32 selector) {
  u64 bytes = u64(high) << 32 | low;
  u32 result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    u32 select = selector >> (8 * i) & 0xFF;
    u32 byte;
    if (select < 8)
      byte = u32(bytes >> (8 * select)) & 0xFF;
    else if (select < 12)
      byte = bytes >> (16 * (select - 8) + 15) & 1 ? 0xFF : 0;
    else
      byte = select == 12 ? 0 : 0xFF;
    result |= byte << (8 * i);
  }
  return result;
}

static u32 sumOfAbsoluteDifferences8(u32 a, u32 b, u32 c, bool masked) {
  for (unsigned i = 0; i < 32; i += 8) {
    i32 x = a >> i & 0xFF, y = b >> i & 0xFF;
    if (!masked || y != 0)
      c += x > y ? x - y : y - x;
  }
  return c;
}

template <typename T> static T median(T a, T b, T c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

static u32 bitTable(u32 a, u32 b, u32 c, u32 table) {
  u32 result = 0;
  for (unsigned i = 0; i < 8; ++i)
    if (table >> i & 1)
      result |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
  return result;
}

// Sum with the carry in of a mask row; args.maskOut receives the carries.
template <typename Body> static void carryRow(RowArgs &args, Body body) {
  alignas(64) u32 carries[waveSize], carry[waveSize];
  expandMask(args.maskIn, carry);
  const u32 *__restrict a = args.source[0];
  const u32 *__restrict b = args.source[1];
  u32 *__restrict q = args.result;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u64 sum = body(u64(a[lane]), u64(b[lane]), u64(carry[lane] & 1));
    u32 overflow = u32(sum >> 32) & 1;
    u32 result = u32(sum);
    carries[lane] = overflow << 31;
    q[lane] = result;
  }
  args.maskOut = signMask(carries);
}

/// With clamp, sums that carry become all ones and differences that borrow 0.
static void clampCarry(RowArgs &args, u32 value) {
  if (!args.clamp)
    return;
  for (unsigned lane = 0; lane < waveSize; ++lane)
    if (args.maskOut >> lane & 1)
      args.result[lane] = value;
}

#define CARRY(NAME, FLAGS, CLAMPED, EXPR)                                      \
  VectorOp {                                                                   \
    NAME,                                                                      \
        [](RowArgs &args) {                                                    \
          carryRow(args, [](u64 a, u64 b, u64 carry) {                         \
            (void)carry;                                                       \
            return EXPR;                                                       \
          });                                                                  \
          clampCarry(args, CLAMPED);                                           \
        },                                                                     \
        ValueType::B32, {ValueType::B32, ValueType::B32, ValueType::None},     \
        opflag::carryOut | opflag::integerClamp | (FLAGS)                      \
  }

static void mad64(RowArgs &args, bool isSigned) {
  alignas(64) u32 carries[waveSize];
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u32 a = args.source[0][lane], b = args.source[1][lane];
    u64 c = loadLane<u64>(args.source[2], lane);
    u64 product = isSigned ? u64(i64(i32(a)) * i32(b)) : u64(a) * b;
    u64 sum = product + c;
    bool overflow =
        isSigned ? i64((sum ^ product) & (sum ^ c)) < 0 : sum < product;
    carries[lane] = u32(overflow) << 31;
    storeLane<u64>(args.result, lane, sum);
  }
  args.maskOut = signMask(carries);
}

static void conditionalMask(RowArgs &args) {
  alignas(64) u32 select[waveSize];
  expandMask(args.maskIn, select);
  const u32 *__restrict a = args.source[0];
  const u32 *__restrict b = args.source[1];
  u32 *__restrict q = args.result;
  for (unsigned lane = 0; lane < waveSize; ++lane)
    q[lane] = (a[lane] & ~select[lane]) | (b[lane] & select[lane]);
}

static u32 bytesOf(u32 value, unsigned from) { return value >> (8 * from); }

#define U1(NAME, ...) HIPDEX_OP1(NAME, 0, u32, u32, __VA_ARGS__)
#define U2(NAME, ...) HIPDEX_OP2(NAME, 0, u32, u32, u32, __VA_ARGS__)
#define I2(NAME, ...) HIPDEX_OP2(NAME, 0, i32, i32, i32, __VA_ARGS__)
#define U3(NAME, ...) HIPDEX_OP3(NAME, 0, u32, u32, u32, u32, __VA_ARGS__)
#define I3(NAME, ...) HIPDEX_OP3(NAME, 0, i32, i32, i32, i32, __VA_ARGS__)
#define H2(NAME, ...) HIPDEX_OP2(NAME, 0, u16, u16, u16, __VA_ARGS__)
#define HC2(NAME, ...)                                                         \
  HIPDEX_OP2(NAME, opflag::integerClamp, u16, u16, u16, __VA_ARGS__)
#define C2(NAME, R, A, ...)                                                    \
  HIPDEX_OP2(NAME, opflag::integerClamp, R, A, A, __VA_ARGS__)
#define C3(NAME, R, A, B, C, ...)                                              \
  HIPDEX_OP3(NAME, opflag::integerClamp, R, A, B, C, __VA_ARGS__)

llvm::ArrayRef<VectorOp> emulator::integerVectorOps() {
  static const VectorOp table[] = {
      U1("v_mov_b32", a),
      HIPDEX_OP1("v_mov_b64", 0, u64, u64, a),
      U1("v_accvgpr_mov_b32", a),
      U1("v_accvgpr_read_b32", a),
      U1("v_accvgpr_write_b32", a),
      U1("v_not_b32", ~a),
      U1("v_bfrev_b32", reverseBits(a)),
      U1("v_ffbh_u32", findHigh(a)),
      U1("v_ffbl_b32", findLow(a)),
      U1("v_ffbh_i32", findHighSigned(a)),
      VectorOp{"v_cndmask_b32",
               conditionalMask,
               ValueType::B32,
               {ValueType::B32, ValueType::B32, ValueType::None},
               opflag::carryIn},

      // Additions. GFX9 spells those that carry "_co_".
      C2("v_add_u32", u32, u32,
         args.clamp && u32(a + b) < a ? ~0u : u32(a + b)),
      C2("v_sub_u32", u32, u32, args.clamp && b > a ? 0u : a - b),
      C2("v_subrev_u32", u32, u32, args.clamp && a > b ? 0u : b - a),
      C2("v_add_i32", u32, u32,
         args.clamp ? u32(saturate<i32>(i64(i32(a)) + i32(b))) : a + b),
      C2("v_sub_i32", u32, u32,
         args.clamp ? u32(saturate<i32>(i64(i32(a)) - i32(b))) : a - b),
      CARRY("v_add_co_u32", 0, ~0u, a + b),
      CARRY("v_sub_co_u32", 0, 0u, a - b),
      CARRY("v_subrev_co_u32", 0, 0u, b - a),
      CARRY("v_addc_co_u32", opflag::carryIn, ~0u, a + b + carry),
      CARRY("v_subb_co_u32", opflag::carryIn, 0u, a - b - carry),
      CARRY("v_subbrev_co_u32", opflag::carryIn, 0u, b - a - carry),
      U3("v_add3_u32", a + b + c),
      U3("v_lshl_add_u32", (a << (b & 31)) + c),
      U3("v_add_lshl_u32", (a + b) << (c & 31)),
      // The shift is 0 to 4: 3 bits are read and 5 to 7 are not defined.
      HIPDEX_OP3("v_lshl_add_u64", 0, u64, u64, u32, u64, (a << (b & 7)) + c),

      // Products.
      I2("v_mul_i32_i24", i32(i64(signExtend24(a)) * signExtend24(b))),
      I2("v_mul_hi_i32_i24",
         i32((i64(signExtend24(a)) * signExtend24(b)) >> 32)),
      U2("v_mul_u32_u24", u32(u64(mask24(a)) * mask24(b))),
      U2("v_mul_hi_u32_u24", u32(u64(mask24(a)) * mask24(b) >> 32)),
      U2("v_mul_lo_u32", a * b),
      U2("v_mul_hi_u32", u32(u64(a) * b >> 32)),
      I2("v_mul_hi_i32", i32(i64(a) * b >> 32)),
      C3("v_mad_i32_i24", i32, i32, i32, i32,
         args.clamp
             ? saturate<i32>(i64(signExtend24(a)) * signExtend24(b) + c)
             : i32(u32(u64(i64(signExtend24(a)) * signExtend24(b))) + u32(c))),
      C3("v_mad_u32_u24", u32, u32, u32, u32,
         args.clamp && u64(mask24(a)) * mask24(b) + c > ~0u
             ? ~0u
             : u32(u64(mask24(a)) * mask24(b) + c)),
      VectorOp{"v_mad_u64_u32",
               [](RowArgs &args) { mad64(args, false); },
               ValueType::B64,
               {ValueType::B32, ValueType::B32, ValueType::B64},
               opflag::carryOut},
      VectorOp{"v_mad_i64_i32",
               [](RowArgs &args) { mad64(args, true); },
               ValueType::B64,
               {ValueType::B32, ValueType::B32, ValueType::B64},
               opflag::carryOut},

      // Comparisons that give a value.
      I2("v_min_i32", a < b ? a : b),
      I2("v_max_i32", a > b ? a : b),
      U2("v_min_u32", a < b ? a : b),
      U2("v_max_u32", a > b ? a : b),
      I3("v_min3_i32", std::min(std::min(a, b), c)),
      I3("v_max3_i32", std::max(std::max(a, b), c)),
      I3("v_med3_i32", median(a, b, c)),
      U3("v_min3_u32", std::min(std::min(a, b), c)),
      U3("v_max3_u32", std::max(std::max(a, b), c)),
      U3("v_med3_u32", median(a, b, c)),

      // Bits.
      U2("v_and_b32", a & b),
      U2("v_or_b32", a | b),
      U2("v_xor_b32", a ^ b),
      U2("v_xnor_b32", ~(a ^ b)),
      U3("v_and_or_b32", (a & b) | c),
      U3("v_or3_b32", a | b | c),
      U3("v_xad_u32", (a ^ b) + c),
      U3("v_lshl_or_b32", (a << (b & 31)) | c),
      U3("v_bfi_b32", (a & b) | (~a & c)),
      U3("v_bfe_u32", bitFieldExtract(a, b, c)),
      U3("v_bfe_i32", bitFieldExtractSigned(a, b, c)),
      U2("v_bfm_b32", ((1u << (a & 31)) - 1) << (b & 31)),
      U2("v_bcnt_u32_b32", u32(__builtin_popcount(a)) + b),
      U2("v_mbcnt_lo_u32_b32",
         u32(__builtin_popcount(
             a & (lane >= 32 ? ~0u : u32((u64(1) << lane) - 1)))) +
             b),
      U2("v_mbcnt_hi_u32_b32",
         u32(__builtin_popcount(
             a & (lane <= 32 ? 0u : u32((u64(1) << (lane - 32)) - 1)))) +
             b),
      U3("v_alignbit_b32", u32((u64(a) << 32 | b) >> (c & 31))),
      U3("v_alignbyte_b32", u32((u64(a) << 32 | b) >> (8 * (c & 3)))),
      U3("v_perm_b32", permuteBytes(a, b, c)),
      HIPDEX_OP3("v_bitop3_b32", 0, u32, u32, u32, u32,
                 bitTable(a, b, c, args.instruction->extra)),
      HIPDEX_OP3("v_bitop3_b16", opflag::selectsHalf, u16, u16, u16, u16,
                 bitTable(a, b, c, args.instruction->extra)),

      // Shifts.
      U2("v_lshlrev_b32", b << (a & 31)),
      U2("v_lshrrev_b32", b >> (a & 31)),
      HIPDEX_OP2("v_ashrrev_i32", 0, i32, u32, i32, b >> (a & 31)),
      HIPDEX_OP2("v_lshlrev_b64", 0, u64, u32, u64, b << (a & 63)),
      HIPDEX_OP2("v_lshrrev_b64", 0, u64, u32, u64, b >> (a & 63)),
      HIPDEX_OP2("v_ashrrev_i64", 0, i64, u32, i64, b >> (a & 63)),

      // 16 bits. Those of VOP2 clear the upper half, the three-source ones of
      // GFX9 keep it.
      HC2("v_add_u16", args.clamp && u32(a) + b > 0xFFFF ? 0xFFFF : a + b),
      HC2("v_sub_u16", args.clamp && b > a ? 0 : a - b),
      HC2("v_subrev_u16", args.clamp && a > b ? 0 : b - a),
      HIPDEX_OP2("v_add_i16", opflag::integerClamp | opflag::selectsHalf, i16,
                 i16, i16, args.clamp ? saturate<i16>(i64(a) + b) : a + b),
      HIPDEX_OP2("v_sub_i16", opflag::integerClamp | opflag::selectsHalf, i16,
                 i16, i16, args.clamp ? saturate<i16>(i64(a) - b) : a - b),
      H2("v_mul_lo_u16", u32(a) * b),
      HIPDEX_OP2("v_min_i16", 0, i16, i16, i16, a < b ? a : b),
      HIPDEX_OP2("v_max_i16", 0, i16, i16, i16, a > b ? a : b),
      H2("v_min_u16", a < b ? a : b),
      H2("v_max_u16", a > b ? a : b),
      H2("v_lshlrev_b16", b << (a & 15)),
      H2("v_lshrrev_b16", b >> (a & 15)),
      HIPDEX_OP2("v_ashrrev_i16", 0, i16, u16, i16, b >> (a & 15)),
      HIPDEX_OP3("v_mad_u16",
                 opflag::integerClamp | opflag::keepsHigh | opflag::selectsHalf,
                 u16, u16, u16, u16,
                 args.clamp && u64(a) * b + c > 0xFFFF ? 0xFFFF
                                                       : u32(a) * b + c),
      HIPDEX_OP3("v_mad_i16",
                 opflag::integerClamp | opflag::keepsHigh | opflag::selectsHalf,
                 i16, i16, i16, i16,
                 args.clamp ? saturate<i16>(i64(a) * b + c) : i32(a) * b + c),
      // The older encodings, which clear the upper half.
      HIPDEX_OP3("v_mad_legacy_u16", opflag::integerClamp, u16, u16, u16, u16,
                 args.clamp && u64(a) * b + c > 0xFFFF ? 0xFFFF
                                                       : u32(a) * b + c),
      HIPDEX_OP3("v_mad_legacy_i16", opflag::integerClamp, i16, i16, i16, i16,
                 args.clamp ? saturate<i16>(i64(a) * b + c) : i32(a) * b + c),
      HIPDEX_OP3("v_mad_u32_u16", opflag::integerClamp, u32, u16, u16, u32,
                 args.clamp && u64(a) * b + c > ~0u ? ~0u : u32(a) * b + c),
      HIPDEX_OP3("v_mad_i32_i16", opflag::integerClamp, i32, i16, i16, i32,
                 args.clamp ? saturate<i32>(i64(a) * b + c)
                            : i32(u32(i32(a) * b) + u32(c))),
      HIPDEX_OP3("v_min3_i16", opflag::keepsHigh | opflag::selectsHalf, i16,
                 i16, i16, i16, std::min(std::min(a, b), c)),
      HIPDEX_OP3("v_max3_i16", opflag::keepsHigh | opflag::selectsHalf, i16,
                 i16, i16, i16, std::max(std::max(a, b), c)),
      HIPDEX_OP3("v_med3_i16", opflag::keepsHigh | opflag::selectsHalf, i16,
                 i16, i16, i16, median(a, b, c)),
      HIPDEX_OP3("v_min3_u16", opflag::keepsHigh | opflag::selectsHalf, u16,
                 u16, u16, u16, std::min(std::min(a, b), c)),
      HIPDEX_OP3("v_max3_u16", opflag::keepsHigh | opflag::selectsHalf, u16,
                 u16, u16, u16, std::max(std::max(a, b), c)),
      HIPDEX_OP3("v_med3_u16", opflag::keepsHigh | opflag::selectsHalf, u16,
                 u16, u16, u16, median(a, b, c)),
      U1("v_sat_pk_u8_i16", u32(std::clamp<i32>(i16(a), 0, 255)) |
                                u32(std::clamp<i32>(i16(a >> 16), 0, 255))
                                    << 8),

      // Sums of differences of bytes.
      U3("v_sad_u8", sumOfAbsoluteDifferences8(a, b, c, false)),
      U3("v_msad_u8", sumOfAbsoluteDifferences8(a, b, c, true)),
      U3("v_sad_hi_u8", (sumOfAbsoluteDifferences8(a, b, 0, false) << 16) + c),
      U3("v_sad_u16", c + u32(std::abs(i32(a & 0xFFFF) - i32(b & 0xFFFF))) +
                          u32(std::abs(i32(a >> 16) - i32(b >> 16)))),
      U3("v_sad_u32", (a > b ? a - b : b - a) + c),
      U3("v_lerp_u8",
         [](u32 x, u32 y, u32 z) {
           u32 result = 0;
           for (unsigned i = 0; i < 32; i += 8)
             result |= ((bytesOf(x, i / 8) & 0xFF) +
                        (bytesOf(y, i / 8) & 0xFF) + (bytesOf(z, i / 8) & 1)) >>
                       1 << i;
           return result;
         }(a, b, c)),

      U1("v_prng_b32", (a << 1) ^ (a >> 31 ? 197u : 0u)),
      HIPDEX_OP3("v_ashr_pk_i8_i32", opflag::selectsHalf, u16, i32, i32, u32,
                 u32(uint8_t(saturate<int8_t>(a >> (c & 31)))) |
                     u32(uint8_t(saturate<int8_t>(b >> (c & 31)))) << 8),
      HIPDEX_OP3("v_ashr_pk_u8_i32", opflag::selectsHalf, u16, i32, i32, u32,
                 u32(saturate<uint8_t>(a >> (c & 31))) |
                     u32(saturate<uint8_t>(b >> (c & 31))) << 8),
  };
  return table;
}
