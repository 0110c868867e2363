//===- ValuFloat.cpp - Floating-point operations on lanes -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Round to nearest even throughout. The approximations of the hardware
// (v_rcp, v_rsq, v_sqrt, v_exp, v_log, v_sin, v_cos) are the correctly rounded
// or nearly so results of the host. Semantics: AMD Instinct MI300 ISA
// reference guide, chapter 12.
//
//===----------------------------------------------------------------------===//

#include "emulator/VectorOp.h"

using namespace hipdex;
using namespace hipdex::emulator;

using u32 = uint32_t;
using u64 = uint64_t;
using i32 = int32_t;

static float toFloat(Half value) { return halfToFloat(value); }

//===----------------------------------------------------------------------===//
// Minimum and maximum
//===----------------------------------------------------------------------===//

template <typename T> struct Bits;
template <> struct Bits<float> {
  using Int = u32;
  static constexpr Int quiet = 0x00400000, absolute = 0x7FFFFFFF,
                       infinity = 0x7F800000;
};
template <> struct Bits<double> {
  using Int = u64;
  static constexpr Int quiet = u64(1) << 51, absolute = ~(u64(1) << 63),
                       infinity = u64(0x7FF) << 52;
};

template <typename T> static bool isSignaling(T value) {
  auto bits = bitsOf(value) & Bits<T>::absolute;
  return bits > Bits<T>::infinity && !(bits & Bits<T>::quiet);
}
template <typename T> static T quieted(T value) {
  return llvm::bit_cast<T>(bitsOf(value) | Bits<T>::quiet);
}

/// The number when one is a NaN, -0 below +0, and in IEEE mode a signaling NaN
/// comes back quiet.
template <typename T> static T minimum(T a, T b, bool ieee) {
  T result = a < b ? a : b;
  result = b != b ? a : result;
  result = a == b ? llvm::bit_cast<T>(bitsOf(a) | bitsOf(b)) : result;
  result = ieee && isSignaling(b) ? quieted(b) : result;
  result = ieee && isSignaling(a) ? quieted(a) : result;
  return result;
}
template <typename T> static T maximum(T a, T b, bool ieee) {
  T result = a > b ? a : b;
  result = b != b ? a : result;
  result = a == b ? llvm::bit_cast<T>(bitsOf(a) & bitsOf(b)) : result;
  result = ieee && isSignaling(b) ? quieted(b) : result;
  result = ieee && isSignaling(a) ? quieted(a) : result;
  return result;
}
template <typename T> static T median(T a, T b, T c, bool ieee) {
  if (a != a || b != b || c != c)
    return minimum(minimum(a, b, ieee), c, ieee);
  return maximum(minimum(a, b, false), minimum(maximum(a, b, false), c, false),
                 false);
}
/// The gfx950 forms that propagate NaNs.
template <typename T> static T minimumNan(T a, T b) {
  if (a != a)
    return quieted(a);
  return b != b ? quieted(b) : minimum(a, b, false);
}
template <typename T> static T maximumNan(T a, T b) {
  if (a != a)
    return quieted(a);
  return b != b ? quieted(b) : maximum(a, b, false);
}

/// Halves: their order is that of their values, which floats hold exactly.
static Half minimumHalf(Half a, Half b, bool ieee) {
  return floatToHalf(minimum(toFloat(a), toFloat(b), ieee));
}
static Half maximumHalf(Half a, Half b, bool ieee) {
  return floatToHalf(maximum(toFloat(a), toFloat(b), ieee));
}
static Half medianHalf(Half a, Half b, Half c, bool ieee) {
  return floatToHalf(median(toFloat(a), toFloat(b), toFloat(c), ieee));
}

//===----------------------------------------------------------------------===//
// Division
//===----------------------------------------------------------------------===//

template <typename T> struct DivisionLimits;
template <> struct DivisionLimits<float> {
  static constexpr int scale = 64, farApart = 96, tinyNumerator = 23;
  static constexpr int mantissaBits = 23, bias = 127;
};
template <> struct DivisionLimits<double> {
  static constexpr int scale = 128, farApart = 768, tinyNumerator = 53;
  static constexpr int mantissaBits = 52, bias = 1023;
};

template <typename T> static int biasedExponent(T value) {
  using L = DivisionLimits<T>;
  return int((bitsOf(value) & Bits<T>::absolute) >> L::mantissaBits);
}
template <typename T> static bool isDenormal(T value) {
  return value != 0 && biasedExponent(value) == 0;
}

/// v_div_scale: brings a numerator or denominator into the range where the
/// Newton steps of a division neither overflow nor lose bits. Where the
/// manual's text scales the denominator although both 1/b and a/b are
/// denormal, this scales it down, which is what v_div_fmas undoes.
template <typename T>
static T divisionScale(T value, T denominator, T numerator, bool &scaled) {
  using L = DivisionLimits<T>;
  scaled = false;
  if (numerator == 0 || denominator == 0)
    return std::numeric_limits<T>::quiet_NaN();
  T reciprocal = T(1) / denominator;
  T quotient = numerator / denominator;
  if (biasedExponent(numerator) - biasedExponent(denominator) >= L::farApart) {
    scaled = true;
    return bitsOf(value) == bitsOf(denominator) ? std::ldexp(value, L::scale)
                                                : value;
  }
  if (isDenormal(denominator))
    return std::ldexp(value, L::scale);
  bool tinyQuotient = quotient == 0 || isDenormal(quotient);
  if (isDenormal(reciprocal) && tinyQuotient) {
    scaled = true;
    return bitsOf(value) == bitsOf(denominator) ? std::ldexp(value, -L::scale)
                                                : value;
  }
  if (isDenormal(reciprocal))
    return std::ldexp(value, -L::scale);
  if (tinyQuotient) {
    scaled = true;
    return bitsOf(value) == bitsOf(numerator) ? std::ldexp(value, L::scale)
                                              : value;
  }
  if (biasedExponent(numerator) <= L::tinyNumerator)
    return std::ldexp(value, L::scale);
  return value;
}

template <typename T> static void divisionScaleRow(RowArgs &args) {
  uint64_t mask = 0;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    bool scaled;
    T value = divisionScale(loadLane<T>(args.source[0], lane),
                            loadLane<T>(args.source[1], lane),
                            loadLane<T>(args.source[2], lane), scaled);
    storeLane<T>(args.result, lane, value);
    mask |= uint64_t(scaled) << lane;
  }
  args.maskOut = mask;
}

template <typename T> static void divisionFmasRow(RowArgs &args) {
  using L = DivisionLimits<T>;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    T a = loadLane<T>(args.source[0], lane);
    T b = loadLane<T>(args.source[1], lane);
    T c = loadLane<T>(args.source[2], lane);
    T value = std::fma(a, b, c);
    if (args.maskIn >> lane & 1) {
      int scale = biasedExponent(c) > L::bias ? L::scale : -L::scale;
      if (scale < 0 && biasedExponent(value) + scale <= 0) {
        // The result is denormal: rounding the sum to T before scaling it
        // would round twice, so sum in a wider format.
        if constexpr (sizeof(T) == 4) {
          double wide = double(a) * double(b) + double(c);
          value = T(std::ldexp(wide, scale));
        } else {
          long double wide = (long double)a * b + (long double)c;
          value = T(std::ldexp(wide, scale));
        }
      } else {
        value = std::ldexp(value, scale);
      }
    }
    storeLane<T>(args.result, lane, value);
  }
}

/// v_div_fixup: the special cases of quotient \p q = numerator / denominator.
template <typename T> static T divisionFixup(T q, T denominator, T numerator) {
  bool negative = std::signbit(denominator) != std::signbit(numerator);
  auto withSign = [&](T value) { return negative ? -value : value; };
  T infinity = std::numeric_limits<T>::infinity();
  if (numerator != numerator)
    return quieted(numerator);
  if (denominator != denominator)
    return quieted(denominator);
  if ((numerator == 0 && denominator == 0) ||
      (std::isinf(numerator) && std::isinf(denominator)))
    return -std::numeric_limits<T>::quiet_NaN();
  if (denominator == 0 || std::isinf(numerator))
    return withSign(infinity);
  if (std::isinf(denominator) || numerator == 0)
    return withSign(T(0));
  // The steps of a quotient that overflows meet infinity minus infinity.
  if (q != q)
    return withSign(infinity);
  return withSign(std::fabs(q));
}

//===----------------------------------------------------------------------===//
// Parts of a number
//===----------------------------------------------------------------------===//

template <typename T> static i32 exponentOf(T value) {
  if (!std::isfinite(value) || value == 0)
    return 0;
  int exponent;
  std::frexp(value, &exponent);
  return exponent;
}
template <typename T> static T mantissaOf(T value) {
  if (value != value)
    return quieted(value);
  if (!std::isfinite(value) || value == 0)
    return value;
  int exponent;
  return std::frexp(value, &exponent);
}
template <typename T> static T fraction(T value) {
  // The largest number below one: what a tiny negative number must not round
  // up from.
  T below = sizeof(T) == 4 ? T(floatOf(0x3F7FFFFF)) : T(0x1.fffffffffffffp-1);
  T result = value - std::floor(value);
  return result > below ? below : result;
}
template <typename T> static T scaleBy(T value, i32 exponent) {
  return std::ldexp(value, exponent < -5000  ? -5000
                           : exponent > 5000 ? 5000
                                             : exponent);
}

static double turns(double revolutions) {
  return (revolutions - std::floor(revolutions)) * 6.283185307179586476925;
}
static float sine(float a) {
  return std::isfinite(a) ? float(std::sin(turns(a))) : floatOf(0xFFC00000);
}
static float cosine(float a) {
  return std::isfinite(a) ? float(std::cos(turns(a))) : floatOf(0xFFC00000);
}

/// v_mul_legacy: zero times anything is zero.
static float legacyProduct(float a, float b) {
  return a == 0 || b == 0 ? 0.0f : a * b;
}

#define F1(NAME, ...) HIPDEX_OP1(NAME, 0, float, float, __VA_ARGS__)
#define F2(NAME, ...) HIPDEX_OP2(NAME, 0, float, float, float, __VA_ARGS__)
#define F3(NAME, ...)                                                          \
  HIPDEX_OP3(NAME, 0, float, float, float, float, __VA_ARGS__)
#define FA(NAME, ...)                                                          \
  HIPDEX_OP3(NAME, opflag::accumulates, float, float, float, float, __VA_ARGS__)
#define D1(NAME, ...) HIPDEX_OP1(NAME, 0, double, double, __VA_ARGS__)
#define D2(NAME, ...) HIPDEX_OP2(NAME, 0, double, double, double, __VA_ARGS__)
#define D3(NAME, ...)                                                          \
  HIPDEX_OP3(NAME, 0, double, double, double, double, __VA_ARGS__)
#define DA(NAME, ...)                                                          \
  HIPDEX_OP3(NAME, opflag::accumulates, double, double, double, double,        \
             __VA_ARGS__)
#define H1(NAME, ...)                                                          \
  HIPDEX_OP1(NAME, opflag::selectsHalf, Half, Half, __VA_ARGS__)
#define H2(NAME, ...)                                                          \
  HIPDEX_OP2(NAME, opflag::selectsHalf, Half, Half, Half, __VA_ARGS__)
#define H3(NAME, ...)                                                          \
  HIPDEX_OP3(NAME, opflag::selectsHalf | opflag::keepsHigh, Half, Half, Half,  \
             Half, __VA_ARGS__)

/// One rounding: the product of two halves is exact in a double, and so is,
/// where it can decide a rounding, the sum.
static Half fmaHalf(Half a, Half b, Half c) {
  return doubleToHalf(double(toFloat(a)) * double(toFloat(b)) +
                      double(toFloat(c)));
}

llvm::ArrayRef<VectorOp> emulator::floatVectorOps() {
  static const VectorOp table[] = {
      F2("v_add_f32", a + b),
      F2("v_sub_f32", a - b),
      F2("v_subrev_f32", b - a),
      F2("v_mul_f32", a * b),
      F2("v_mul_legacy_f32", legacyProduct(a, b)),
      F2("v_min_f32", minimum(a, b, args.ieee)),
      F2("v_max_f32", maximum(a, b, args.ieee)),
      F3("v_min3_f32", minimum(minimum(a, b, args.ieee), c, args.ieee)),
      F3("v_max3_f32", maximum(maximum(a, b, args.ieee), c, args.ieee)),
      F3("v_med3_f32", median(a, b, c, args.ieee)),
      F3("v_minimum3_f32", minimumNan(minimumNan(a, b), c)),
      F3("v_maximum3_f32", maximumNan(maximumNan(a, b), c)),
      F3("v_fma_f32", __builtin_fmaf(a, b, c)),
      F3("v_mad_f32", a * b + c),
      F3("v_mad_legacy_f32", legacyProduct(a, b) + c),
      FA("v_fmac_f32", __builtin_fmaf(a, b, c)),
      FA("v_mac_f32", a * b + c),
      // The constant of fmamk and fmaak is put into its place by the decoder.
      F3("v_fmamk_f32", __builtin_fmaf(a, b, c)),
      F3("v_fmaak_f32", __builtin_fmaf(a, b, c)),
      F3("v_madmk_f32", a * b + c),
      F3("v_madak_f32", a * b + c),

      F1("v_trunc_f32", __builtin_truncf(a)),
      F1("v_ceil_f32", __builtin_ceilf(a)),
      F1("v_floor_f32", __builtin_floorf(a)),
      F1("v_rndne_f32", __builtin_rintf(a)),
      F1("v_fract_f32", fraction(a)),
      F1("v_rcp_f32", 1.0f / a),
      F1("v_rcp_iflag_f32", 1.0f / a),
      F1("v_rsq_f32", float(1.0 / std::sqrt(double(a)))),
      F1("v_sqrt_f32", __builtin_sqrtf(a)),
      F1("v_exp_f32", float(std::exp2(double(a)))),
      F1("v_log_f32", float(std::log2(double(a)))),
      F1("v_exp_legacy_f32", float(std::exp2(double(a)))),
      F1("v_log_legacy_f32", float(std::log2(double(a)))),
      F1("v_sin_f32", sine(a)),
      F1("v_cos_f32", cosine(a)),
      HIPDEX_OP1("v_frexp_exp_i32_f32", 0, i32, float, exponentOf(a)),
      F1("v_frexp_mant_f32", mantissaOf(a)),
      HIPDEX_OP2("v_ldexp_f32", 0, float, float, i32, scaleBy(a, b)),

      VectorOp{"v_div_scale_f32",
               divisionScaleRow<float>,
               ValueType::F32,
               {ValueType::F32, ValueType::F32, ValueType::F32},
               opflag::carryOut},
      VectorOp{"v_div_fmas_f32",
               divisionFmasRow<float>,
               ValueType::F32,
               {ValueType::F32, ValueType::F32, ValueType::F32},
               opflag::carryIn},
      F3("v_div_fixup_f32", divisionFixup(a, b, c)),
      VectorOp{"v_div_scale_f64",
               divisionScaleRow<double>,
               ValueType::F64,
               {ValueType::F64, ValueType::F64, ValueType::F64},
               opflag::carryOut},
      VectorOp{"v_div_fmas_f64",
               divisionFmasRow<double>,
               ValueType::F64,
               {ValueType::F64, ValueType::F64, ValueType::F64},
               opflag::carryIn},
      D3("v_div_fixup_f64", divisionFixup(a, b, c)),

      D2("v_add_f64", a + b),
      D2("v_mul_f64", a * b),
      D2("v_min_f64", minimum(a, b, args.ieee)),
      D2("v_max_f64", maximum(a, b, args.ieee)),
      D3("v_fma_f64", __builtin_fma(a, b, c)),
      DA("v_fmac_f64", __builtin_fma(a, b, c)),
      D1("v_trunc_f64", __builtin_trunc(a)),
      D1("v_ceil_f64", __builtin_ceil(a)),
      D1("v_floor_f64", __builtin_floor(a)),
      D1("v_rndne_f64", __builtin_rint(a)),
      D1("v_fract_f64", fraction(a)),
      D1("v_rcp_f64", 1.0 / a),
      D1("v_rsq_f64", 1.0 / __builtin_sqrt(a)),
      D1("v_sqrt_f64", __builtin_sqrt(a)),
      HIPDEX_OP1("v_frexp_exp_i32_f64", 0, i32, double, exponentOf(a)),
      D1("v_frexp_mant_f64", mantissaOf(a)),
      HIPDEX_OP2("v_ldexp_f64", 0, double, double, i32, scaleBy(a, b)),

      H2("v_add_f16", floatToHalf(toFloat(a) + toFloat(b))),
      H2("v_sub_f16", floatToHalf(toFloat(a) - toFloat(b))),
      H2("v_subrev_f16", floatToHalf(toFloat(b) - toFloat(a))),
      H2("v_mul_f16", floatToHalf(toFloat(a) * toFloat(b))),
      H2("v_min_f16", minimumHalf(a, b, args.ieee)),
      H2("v_max_f16", maximumHalf(a, b, args.ieee)),
      H3("v_min3_f16", minimumHalf(minimumHalf(a, b, args.ieee), c, args.ieee)),
      H3("v_max3_f16", maximumHalf(maximumHalf(a, b, args.ieee), c, args.ieee)),
      H3("v_med3_f16", medianHalf(a, b, c, args.ieee)),
      H3("v_fma_f16", fmaHalf(a, b, c)),
      H3("v_mad_f16",
         floatToHalf(toFloat(floatToHalf(toFloat(a) * toFloat(b))) +
                     toFloat(c))),
      // The older encodings, which clear the upper half.
      HIPDEX_OP3("v_fma_legacy_f16", 0, Half, Half, Half, Half,
                 fmaHalf(a, b, c)),
      HIPDEX_OP3("v_mad_legacy_f16", 0, Half, Half, Half, Half,
                 floatToHalf(toFloat(floatToHalf(toFloat(a) * toFloat(b))) +
                             toFloat(c))),
      HIPDEX_OP3(
          "v_div_fixup_legacy_f16", 0, Half, Half, Half, Half,
          floatToHalf(divisionFixup(toFloat(a), toFloat(b), toFloat(c)))),
      HIPDEX_OP3("v_fmac_f16", opflag::accumulates, Half, Half, Half, Half,
                 fmaHalf(a, b, c)),
      HIPDEX_OP3("v_mac_f16", opflag::accumulates, Half, Half, Half, Half,
                 floatToHalf(toFloat(floatToHalf(toFloat(a) * toFloat(b))) +
                             toFloat(c))),
      HIPDEX_OP3("v_fmamk_f16", 0, Half, Half, Half, Half, fmaHalf(a, b, c)),
      HIPDEX_OP3("v_fmaak_f16", 0, Half, Half, Half, Half, fmaHalf(a, b, c)),
      H3("v_div_fixup_f16",
         floatToHalf(divisionFixup(toFloat(a), toFloat(b), toFloat(c)))),
      H1("v_trunc_f16", floatToHalf(__builtin_truncf(toFloat(a)))),
      H1("v_ceil_f16", floatToHalf(__builtin_ceilf(toFloat(a)))),
      H1("v_floor_f16", floatToHalf(__builtin_floorf(toFloat(a)))),
      H1("v_rndne_f16", floatToHalf(__builtin_rintf(toFloat(a)))),
      H1("v_fract_f16",
         floatToHalf(std::fmin(toFloat(a) - __builtin_floorf(toFloat(a)),
                               0x1.ffcp-1f))),
      H1("v_rcp_f16", floatToHalf(1.0f / toFloat(a))),
      H1("v_rsq_f16", floatToHalf(float(1.0 / std::sqrt(double(toFloat(a)))))),
      H1("v_sqrt_f16", floatToHalf(__builtin_sqrtf(toFloat(a)))),
      H1("v_exp_f16", floatToHalf(float(std::exp2(double(toFloat(a)))))),
      H1("v_log_f16", floatToHalf(float(std::log2(double(toFloat(a)))))),
      H1("v_sin_f16", floatToHalf(sine(toFloat(a)))),
      H1("v_cos_f16", floatToHalf(cosine(toFloat(a)))),
      HIPDEX_OP1("v_frexp_exp_i16_f16", opflag::selectsHalf, int16_t, Half,
                 exponentOf(toFloat(a))),
      H1("v_frexp_mant_f16", floatToHalf(mantissaOf(toFloat(a)))),
      HIPDEX_OP2("v_ldexp_f16", opflag::selectsHalf, Half, Half, int16_t,
                 floatToHalf(scaleBy(toFloat(a), b))),
  };
  return table;
}
