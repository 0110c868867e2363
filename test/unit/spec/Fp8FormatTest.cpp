//===- Fp8FormatTest.cpp - Tests of the fp8 conversions -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Against formulas written here from the formats' definitions, not from the
// implementation: decoding by ldexp, encoding by searching all codes.
//
//===----------------------------------------------------------------------===//

#include "Spec/Fp8Format.h"
#include "Seed.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

using namespace hipdex;

static const Fp8Format formats[] = {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ};

static bool isNaNCode(Fp8Format format, unsigned code) {
  if (format == Fp8Format::E4M3FN)
    return code == 0x7f || code == 0xff;
  return code == 0x80;
}

static double valueOf(Fp8Format format, unsigned code) {
  int bias = format == Fp8Format::E4M3FN ? 7 : 8;
  int exponent = (code & 0x78) >> 3;
  int mantissa = code & 7;
  double magnitude = exponent == 0
                         ? std::ldexp(mantissa / 8.0, 1 - bias)
                         : std::ldexp(1.0 + mantissa / 8.0, exponent - bias);
  return code >= 0x80 ? -magnitude : magnitude;
}

/// The nearest code by search; of two, the one with the even mantissa.
static unsigned nearestCode(Fp8Format format, double value) {
  double magnitude = std::fabs(value);
  unsigned best = 0;
  for (unsigned code = 0; code < 128; ++code) {
    if (isNaNCode(format, code))
      continue;
    double distance = std::fabs(valueOf(format, code) - magnitude);
    double bestDistance = std::fabs(valueOf(format, best) - magnitude);
    // Far out the distances are equal as doubles: then the larger is nearer.
    if (distance < bestDistance ||
        (distance == bestDistance &&
         (code % 2 == 0 || magnitude > valueOf(format, code))))
      best = code;
  }
  bool hasNegativeZero = format == Fp8Format::E4M3FN;
  return std::signbit(value) && (best != 0 || hasNegativeZero) ? best | 0x80
                                                               : best;
}

TEST_CASE("fp8 decodes every code") {
  for (Fp8Format format : formats)
    for (unsigned code = 0; code < 256; ++code) {
      INFO(fp8Name(format).str() << " code " << code);
      float value = decodeFp8(format, code);
      if (isNaNCode(format, code)) {
        CHECK(std::isnan(value));
        continue;
      }
      CHECK(double(value) == valueOf(format, code));
      CHECK(std::signbit(value) == (code >= 0x80));
    }
}

TEST_CASE("fp8 encodes what it decoded") {
  for (Fp8Format format : formats)
    for (unsigned code = 0; code < 256; ++code) {
      INFO(fp8Name(format).str() << " code " << code);
      CHECK(encodeFp8(format, decodeFp8(format, code)) == code);
    }
}

TEST_CASE("fp8 rounds to nearest, ties to even") {
  uint64_t seed = testSeed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (Fp8Format format : formats) {
    auto check = [&](float value) {
      unsigned expected = nearestCode(format, value);
      // CHECK on each of a million values is slow.
      if (encodeFp8(format, value) != expected) {
        INFO(fp8Name(format).str() << " of " << value);
        CHECK(unsigned(encodeFp8(format, value)) == expected);
      }
    };
    // Every tie, and its neighbours.
    for (unsigned code = 0; code < 0x7e; ++code)
      for (double sign : {1.0, -1.0}) {
        float tie =
            sign * (valueOf(format, code) + valueOf(format, code + 1)) / 2;
        check(tie);
        check(std::nextafter(tie, 1000.0f));
        check(std::nextafter(tie, -1000.0f));
      }
    // Values across the range, and arbitrary bit patterns.
    std::uniform_real_distribution<float> exponent(-14, 10);
    for (int i = 0; i < 200000; ++i) {
      check(std::exp2(exponent(random)) * (random() & 1 ? 1 : -1));
      uint32_t bits = random();
      float value;
      std::memcpy(&value, &bits, sizeof(value));
      if (!std::isnan(value))
        check(value);
    }
    check(0.0f);
    check(-0.0f);
  }
  SUCCEED("all values agree");
}

TEST_CASE("fp8 saturates and keeps NaN") {
  float infinity = std::numeric_limits<float>::infinity();
  float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(encodeFp8(Fp8Format::E4M3FN, infinity) == 0x7e);
  CHECK(encodeFp8(Fp8Format::E4M3FN, -infinity) == 0xfe);
  CHECK(encodeFp8(Fp8Format::E4M3FN, 449.0f) == 0x7e);
  CHECK(encodeFp8(Fp8Format::E4M3FNUZ, infinity) == 0x7f);
  CHECK(encodeFp8(Fp8Format::E4M3FNUZ, -infinity) == 0xff);
  CHECK(encodeFp8(Fp8Format::E4M3FN, nan) == 0x7f);
  CHECK(encodeFp8(Fp8Format::E4M3FNUZ, nan) == 0x80);
  CHECK(encodeFp8(Fp8Format::E4M3FNUZ, -nan) == 0x80);
}

TEST_CASE("fp8 names go both ways") {
  CHECK(fp8Name(Fp8Format::E4M3FN) == "e4m3fn");
  CHECK(fp8KeyName(Fp8Format::E4M3FNUZ) == "fnuz");
  for (Fp8Format format : formats) {
    CHECK(parseFp8Name(fp8Name(format)) == format);
    CHECK(parseFp8KeyName(fp8KeyName(format)) == format);
  }
  CHECK(!parseFp8Name("e5m2"));
  CHECK(!parseFp8KeyName(""));
}
