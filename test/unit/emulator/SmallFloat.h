//===- SmallFloat.h - Narrow floats, by the book ----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Decodes floats of any exponent and fraction width from their definition
// (OCP 8-bit floating point and microscaling formats, and "FNUZ" as the CDNA3
// instruction set manual describes it). Slow and plain: the tests' own truth.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_SMALLFLOAT_H
#define HIPDEX_TEST_SMALLFLOAT_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace hipdex::test {

struct SmallFloat {
  enum Specials {
    Ieee,  ///< Largest exponent: infinity and NaN.
    Fn,    ///< No infinity; all ones is NaN.
    Fnuz,  ///< No infinity, no -0; its code is NaN.
    Finite ///< Neither.
  };
  unsigned exponentBits, fractionBits;
  int bias;
  Specials specials;

  unsigned bits() const { return 1 + exponentBits + fractionBits; }

  double decode(unsigned code) const {
    unsigned sign = code >> (bits() - 1) & 1;
    unsigned exponent = code >> fractionBits & ((1u << exponentBits) - 1);
    unsigned fraction = code & ((1u << fractionBits) - 1);
    unsigned ones = (1u << exponentBits) - 1;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (specials == Fnuz && code == 1u << (bits() - 1))
      return nan;
    if (specials == Fn && exponent == ones &&
        fraction == (1u << fractionBits) - 1)
      return nan;
    if (specials == Ieee && exponent == ones)
      return fraction ? nan
             : sign   ? -std::numeric_limits<double>::infinity()
                      : std::numeric_limits<double>::infinity();
    double magnitude =
        exponent == 0
            ? std::ldexp(double(fraction), 1 - bias - int(fractionBits))
            : std::ldexp(double(fraction + (1u << fractionBits)),
                         int(exponent) - bias - int(fractionBits));
    return sign ? -magnitude : magnitude;
  }

  /// The finite code nearest to \p value, ties to the even code; \p value must
  /// not be further out than the largest.
  unsigned encode(double value) const {
    unsigned best = 0;
    double bestDistance = std::numeric_limits<double>::infinity();
    for (unsigned code = 0; code < 1u << bits(); ++code) {
      double candidate = decode(code);
      // A format without -0 rounds small negative values to its only zero.
      bool anySign = specials == Fnuz && candidate == 0;
      if (!std::isfinite(candidate) ||
          (!anySign && std::signbit(candidate) != std::signbit(value)))
        continue;
      double distance = std::fabs(candidate - value);
      if (distance < bestDistance ||
          (distance == bestDistance && code % 2 == 0)) {
        best = code;
        bestDistance = distance;
      }
    }
    return best;
  }

  double largest() const {
    double result = 0;
    for (unsigned code = 0; code < 1u << bits(); ++code)
      if (double value = decode(code); std::isfinite(value) && value > result)
        result = value;
    return result;
  }
};

constexpr SmallFloat e4m3fn = {4, 3, 7, SmallFloat::Fn};
constexpr SmallFloat e4m3fnuz = {4, 3, 8, SmallFloat::Fnuz};
constexpr SmallFloat e5m2 = {5, 2, 15, SmallFloat::Ieee};
constexpr SmallFloat e5m2fnuz = {5, 2, 16, SmallFloat::Fnuz};
constexpr SmallFloat e2m3 = {2, 3, 1, SmallFloat::Finite};
constexpr SmallFloat e3m2 = {3, 2, 3, SmallFloat::Finite};
constexpr SmallFloat e2m1 = {2, 1, 1, SmallFloat::Finite};
constexpr SmallFloat binary16 = {5, 10, 15, SmallFloat::Ieee};

/// What "fp8" and "bf8" in an instruction's name mean.
inline SmallFloat fp8Of(const std::string &arch) {
  return arch == "gfx942" ? e4m3fnuz : e4m3fn;
}
inline SmallFloat bf8Of(const std::string &arch) {
  return arch == "gfx942" ? e5m2fnuz : e5m2;
}

} // namespace hipdex::test

#endif // HIPDEX_TEST_SMALLFLOAT_H
