//===- ValuConvert.cpp - Conversions between number formats on lanes ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// fp8 and bf8 are the formats of the architecture: e4m3fnuz and e5m2fnuz on
// gfx942, OCP's e4m3fn and e5m2 on gfx950 (MI300 ISA guide 7.2; CDNA4 ISA
// guide). Values beyond the largest finite one become the format's NaN (or
// infinity, e5m2), as with MODE.FP16_OVFL = 0.
//
//===----------------------------------------------------------------------===//

#include "emulator/VectorOp.h"
#include "llvm/ADT/APFloat.h"
#include <array>

using namespace hipdex;
using namespace hipdex::emulator;

using u8 = uint8_t;
using u16 = uint16_t;
using u32 = uint32_t;
using i32 = int32_t;
using i16 = int16_t;

//===----------------------------------------------------------------------===//
// Half
//===----------------------------------------------------------------------===//

float emulator::halfToFloat(Half value) {
#if defined(__F16C__)
  return _cvtsh_ss(value.bits);
#else
  u32 sign = u32(value.bits & 0x8000) << 16;
  u32 exponent = value.bits >> 10 & 31, mantissa = value.bits & 0x3FF;
  if (exponent == 31)
    return floatOf(sign | 0x7F800000 | mantissa << 13 |
                   (mantissa ? 0x00400000 : 0));
  float magnitude = exponent == 0
                        ? float(mantissa) * 0x1p-24f
                        : floatOf((exponent + 112) << 23 | mantissa << 13);
  return floatOf(sign | bitsOf(magnitude));
#endif
}

/// Rounds |value| given as a double, exactly, to half.
static Half roundToHalf(double value, bool towardZero) {
  u16 sign = std::signbit(value) ? 0x8000 : 0;
  if (value != value) {
    u16 payload = u16(bitsOf(value) >> 42) & 0x1FF;
    return {u16(sign | 0x7E00 | payload)};
  }
  double magnitude = std::fabs(value);
  if (std::isinf(magnitude))
    return {u16(sign | 0x7C00)};
  if (magnitude == 0) // frexp() gives it the exponent of 0.5.
    return {sign};
  int exponent;
  std::frexp(magnitude, &exponent); // In [2^(e-1), 2^e).
  // The distance of halves there: 2^-24 for denormals.
  int step = std::max(exponent - 11, -24);
  double scaled = std::ldexp(magnitude, -step);
  double rounded = towardZero ? std::trunc(scaled) : std::rint(scaled);
  u32 count = u32(rounded);
  // Counting in steps, halves are consecutive integers.
  u32 bits = step == -24 ? count : u32((step + 24) * 1024) + count;
  if (bits >= 0x7C00)
    bits = towardZero ? 0x7BFF : 0x7C00;
  return {u16(sign | bits)};
}

Half emulator::floatToHalf(float value) {
#if defined(__F16C__)
  return {_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)};
#else
  return roundToHalf(value, false);
#endif
}
Half emulator::doubleToHalf(double value) { return roundToHalf(value, false); }
Half emulator::floatToHalfTowardZero(float value) {
  return roundToHalf(value, true);
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

template <typename To, typename From> static To toInteger(From value) {
  // Both bounds are powers of two (less one), exact in From.
  constexpr From low = From(std::numeric_limits<To>::min());
  constexpr From above = From(uint64_t(std::numeric_limits<To>::max()) + 1);
  if (value != value)
    return 0;
  if (value <= low)
    return std::numeric_limits<To>::min();
  if (value >= above)
    return std::numeric_limits<To>::max();
  return To(value);
}

/// v_cvt_pknorm: [-1, 1] or [0, 1] to 16 bits.
static u32 normSigned(float value) {
  float clamped = std::fmin(std::fmax(value, -1.0f), 1.0f);
  return u16(i16(std::rint((value != value ? 0 : clamped) * 32767.0f)));
}
static u32 normUnsigned(float value) {
  float clamped = std::fmin(std::fmax(value, 0.0f), 1.0f);
  return u16(std::rint((value != value ? 0 : clamped) * 65535.0f));
}

//===----------------------------------------------------------------------===//
// 8-bit floats, bfloat16
//===----------------------------------------------------------------------===//

namespace {
enum class Small : u8 { Fp8, Bf8 };
}

static const llvm::fltSemantics &semanticsOf(Small format, bool ocp) {
  if (format == Small::Fp8)
    return ocp ? llvm::APFloat::Float8E4M3FN()
               : llvm::APFloat::Float8E4M3FNUZ();
  return ocp ? llvm::APFloat::Float8E5M2() : llvm::APFloat::Float8E5M2FNUZ();
}

static float smallToFloat(Small format, bool ocp, u32 code) {
  static const auto tables = [] {
    std::array<std::array<float, 256>, 4> result;
    for (unsigned which = 0; which < 4; ++which)
      for (unsigned i = 0; i < 256; ++i) {
        llvm::APFloat value(semanticsOf(Small(which & 1), which & 2),
                            llvm::APInt(8, i));
        bool lost;
        value.convert(llvm::APFloat::IEEEsingle(),
                      llvm::APFloat::rmNearestTiesToEven, &lost);
        result[which][i] = value.convertToFloat();
      }
    return result;
  }();
  return tables[unsigned(format) | (ocp ? 2 : 0)][code & 0xFF];
}

static u32 floatToSmall(Small format, bool ocp, float value) {
  llvm::APFloat result(value);
  bool lost;
  result.convert(semanticsOf(format, ocp), llvm::APFloat::rmNearestTiesToEven,
                 &lost);
  return u32(result.bitcastToAPInt().getZExtValue());
}

/// v_cvt_sr: adds random bits below the last kept one and truncates.
static u32 floatToSmallStochastic(Small format, bool ocp, float value,
                                  u32 random) {
  const llvm::fltSemantics &semantics = semanticsOf(format, ocp);
  if (!std::isfinite(value))
    return floatToSmall(format, ocp, value);
  int mantissaBits = format == Small::Fp8 ? 3 : 2;
  int minimumExponent = llvm::APFloat::semanticsMinExponent(semantics);
  int exponent;
  std::frexp(value, &exponent);
  int step = std::max(exponent - 1, minimumExponent) - mantissaBits;
  double steps = std::ldexp(std::fabs(double(value)), -step);
  double whole = std::floor(steps + double(random) * 0x1p-32);
  llvm::APFloat result(float(std::copysign(std::ldexp(whole, step), value)));
  bool lost;
  result.convert(semantics, llvm::APFloat::rmTowardZero, &lost);
  if (result.isFinite() &&
      std::ldexp(whole, step) >
          llvm::APFloat::getLargest(semantics).convertToDouble())
    return floatToSmall(format, ocp, float(std::ldexp(1.0, 100)));
  return u32(result.bitcastToAPInt().getZExtValue());
}

static u32 floatToBfloat(float value) {
  u32 bits = bitsOf(value);
  if (value != value)
    return (bits >> 16) | 0x40;
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

/// Two results packed into the half that op_sel bit 3 names; the other half
/// stays (source 2 is the destination).
template <Small format> static void packSmallRow(RowArgs &args) {
  bool high = args.instruction->opSel & 8;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u32 a = floatToSmall(format, args.ocpFp8,
                         loadLane<float>(args.source[0], lane));
    u32 b = floatToSmall(format, args.ocpFp8,
                         loadLane<float>(args.source[1], lane));
    u32 old = args.source[2][lane], pair = a | b << 8;
    args.result[lane] =
        high ? (old & 0xFFFF) | pair << 16 : (old & 0xFFFF0000) | pair;
  }
}
/// One result into the byte that op_sel bits 2 and 3 name.
template <Small format> static void stochasticRow(RowArgs &args) {
  unsigned shift = 8 * (args.instruction->opSel >> 2 & 3);
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u32 code = floatToSmallStochastic(format, args.ocpFp8,
                                      loadLane<float>(args.source[0], lane),
                                      args.source[1][lane]);
    args.result[lane] =
        (args.source[2][lane] & ~(0xFFu << shift)) | code << shift;
  }
}
/// Byte op_sel picks (VOP3); SDWA has selected before.
template <Small format> static void unpackSmallRow(RowArgs &args) {
  // VOP3's op_sel bits 0 and 1 are the byte's number, high bit first.
  u8 opSel = args.instruction->opSel;
  unsigned shift = 8 * ((opSel & 1) * 2 + (opSel >> 1 & 1));
  for (unsigned lane = 0; lane < waveSize; ++lane)
    storeLane<float>(
        args.result, lane,
        smallToFloat(format, args.ocpFp8, args.source[0][lane] >> shift));
}
template <Small format> static void unpackSmallPairRow(RowArgs &args) {
  unsigned shift = args.instruction->opSel & 1 ? 16 : 0;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    u32 pair = args.source[0][lane] >> shift;
    args.result[lane] = bitsOf(smallToFloat(format, args.ocpFp8, pair));
    args.result[waveSize + lane] =
        bitsOf(smallToFloat(format, args.ocpFp8, pair >> 8));
  }
}

#define CVT(NAME, R, A, ...) HIPDEX_OP1(NAME, 0, R, A, __VA_ARGS__)

llvm::ArrayRef<VectorOp> emulator::convertVectorOps() {
  using namespace opflag;
  const ValueType none = ValueType::None, b32 = ValueType::B32,
                  f32 = ValueType::F32, b64 = ValueType::B64;
  static const VectorOp table[] = {
      CVT("v_cvt_f32_i32", float, i32, float(a)),
      CVT("v_cvt_f32_u32", float, u32, float(a)),
      CVT("v_cvt_i32_f32", i32, float, toInteger<i32>(a)),
      CVT("v_cvt_u32_f32", u32, float, toInteger<u32>(a)),
      CVT("v_cvt_rpi_i32_f32", i32, float,
          toInteger<i32>(std::floor(double(a) + 0.5))),
      CVT("v_cvt_flr_i32_f32", i32, float, toInteger<i32>(std::floor(a))),
      CVT("v_cvt_f32_ubyte0", float, u32, float(a & 0xFF)),
      CVT("v_cvt_f32_ubyte1", float, u32, float(a >> 8 & 0xFF)),
      CVT("v_cvt_f32_ubyte2", float, u32, float(a >> 16 & 0xFF)),
      CVT("v_cvt_f32_ubyte3", float, u32, float(a >> 24)),
      CVT("v_cvt_off_f32_i4", float, u32, float(i32(a << 28) >> 28) * 0.0625f),
      CVT("v_cvt_f64_f32", double, float, double(a)),
      CVT("v_cvt_f32_f64", float, double, float(a)),
      CVT("v_cvt_f64_i32", double, i32, double(a)),
      CVT("v_cvt_f64_u32", double, u32, double(a)),
      CVT("v_cvt_i32_f64", i32, double, toInteger<i32>(a)),
      CVT("v_cvt_u32_f64", u32, double, toInteger<u32>(a)),
      HIPDEX_OP1("v_cvt_f16_f32", selectsHalf, Half, float, floatToHalf(a)),
      CVT("v_cvt_f32_f16", float, Half, halfToFloat(a)),
      HIPDEX_OP1("v_cvt_f16_u16", selectsHalf, Half, u16,
                 floatToHalf(float(a))),
      HIPDEX_OP1("v_cvt_f16_i16", selectsHalf, Half, i16,
                 floatToHalf(float(a))),
      HIPDEX_OP1("v_cvt_u16_f16", selectsHalf, u16, Half,
                 toInteger<u16>(halfToFloat(a))),
      HIPDEX_OP1("v_cvt_i16_f16", selectsHalf, i16, Half,
                 toInteger<i16>(halfToFloat(a))),
      HIPDEX_OP1("v_cvt_norm_i16_f16", selectsHalf, u16, Half,
                 normSigned(halfToFloat(a))),
      HIPDEX_OP1("v_cvt_norm_u16_f16", selectsHalf, u16, Half,
                 normUnsigned(halfToFloat(a))),

      VectorOp{"v_cvt_pkrtz_f16_f32",
               HIPDEX_ROW2(u32, float, float,
                           floatToHalfTowardZero(a).bits |
                               u32(floatToHalfTowardZero(b).bits) << 16),
               ValueType::PackedF16,
               {f32, f32, none},
               0},
      VectorOp{
          "v_cvt_pk_f16_f32",
          HIPDEX_ROW2(u32, float, float,
                      floatToHalf(a).bits | u32(floatToHalf(b).bits) << 16),
          ValueType::PackedF16,
          {f32, f32, none},
          0},
      HIPDEX_OP2("v_cvt_pk_bf16_f32", 0, u32, float, float,
                 floatToBfloat(a) | floatToBfloat(b) << 16),
      HIPDEX_OP2("v_cvt_pknorm_i16_f32", 0, u32, float, float,
                 normSigned(a) | normSigned(b) << 16),
      HIPDEX_OP2("v_cvt_pknorm_u16_f32", 0, u32, float, float,
                 normUnsigned(a) | normUnsigned(b) << 16),
      HIPDEX_OP2("v_cvt_pknorm_i16_f16", 0, u32, Half, Half,
                 normSigned(halfToFloat(a)) | normSigned(halfToFloat(b)) << 16),
      HIPDEX_OP2("v_cvt_pknorm_u16_f16", 0, u32, Half, Half,
                 normUnsigned(halfToFloat(a)) | normUnsigned(halfToFloat(b))
                                                    << 16),
      HIPDEX_OP2("v_cvt_pk_u16_u32", 0, u32, u32, u32,
                 std::min(a, 0xFFFFu) | std::min(b, 0xFFFFu) << 16),
      HIPDEX_OP2("v_cvt_pk_i16_i32", 0, u32, i32, i32,
                 u32(u16(std::clamp(a, -32768, 32767))) |
                     u32(u16(std::clamp(b, -32768, 32767))) << 16),
      HIPDEX_OP3("v_cvt_pk_u8_f32", 0, u32, float, u32, u32,
                 (c & ~(0xFFu << (8 * (b & 3)))) | u32(toInteger<u8>(a))
                                                       << (8 * (b & 3))),
      HIPDEX_OP2("v_pack_b32_f16", 0, u32, Half, Half,
                 a.bits | u32(b.bits) << 16),

      VectorOp{"v_cvt_pk_fp8_f32",
               packSmallRow<Small::Fp8>,
               b32,
               {f32, f32, b32},
               accumulates | ownOpSel},
      VectorOp{"v_cvt_pk_bf8_f32",
               packSmallRow<Small::Bf8>,
               b32,
               {f32, f32, b32},
               accumulates | ownOpSel},
      VectorOp{"v_cvt_sr_fp8_f32",
               stochasticRow<Small::Fp8>,
               b32,
               {f32, b32, b32},
               accumulates | ownOpSel},
      VectorOp{"v_cvt_sr_bf8_f32",
               stochasticRow<Small::Bf8>,
               b32,
               {f32, b32, b32},
               accumulates | ownOpSel},
      VectorOp{"v_cvt_f32_fp8",
               unpackSmallRow<Small::Fp8>,
               f32,
               {b32, none, none},
               ownOpSel},
      VectorOp{"v_cvt_f32_bf8",
               unpackSmallRow<Small::Bf8>,
               f32,
               {b32, none, none},
               ownOpSel},
      VectorOp{"v_cvt_pk_f32_fp8",
               unpackSmallPairRow<Small::Fp8>,
               b64,
               {b32, none, none},
               ownOpSel},
      VectorOp{"v_cvt_pk_f32_bf8",
               unpackSmallPairRow<Small::Bf8>,
               b64,
               {b32, none, none},
               ownOpSel},

      CVT("v_cvt_f32_bf16", float, u16, floatOf(u32(a) << 16)),
  };
  return table;
}
