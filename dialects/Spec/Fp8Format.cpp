//===- Fp8Format.cpp - Decode and encode the 8-bit floats -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Formats: OCP 8-bit Floating Point Specification (E4M3, here E4M3FN) and
// Graphcore/AMD's "8-bit Numerical Formats for Deep Neural Networks"
// (arXiv:2206.02915, here E4M3FNUZ).
//
//===----------------------------------------------------------------------===//

#include "Spec/Fp8Format.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

using namespace hipdex;

static constexpr int bias(Fp8Format format) {
  return format == Fp8Format::E4M3FN ? 7 : 8;
}

static constexpr bool isNaNCode(Fp8Format format, unsigned code) {
  return format == Fp8Format::E4M3FN ? (code & 0x7f) == 0x7f : code == 0x80;
}

llvm::StringRef hipdex::fp8Name(Fp8Format format) {
  return format == Fp8Format::E4M3FN ? "e4m3fn" : "e4m3fnuz";
}

llvm::StringRef hipdex::fp8KeyName(Fp8Format format) {
  return fp8Name(format).drop_front(4);
}

std::optional<Fp8Format> hipdex::parseFp8Name(llvm::StringRef name) {
  for (Fp8Format format : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
    if (name == fp8Name(format))
      return format;
  return std::nullopt;
}

std::optional<Fp8Format> hipdex::parseFp8KeyName(llvm::StringRef name) {
  for (Fp8Format format : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
    if (name == fp8KeyName(format))
      return format;
  return std::nullopt;
}

static constexpr float decode(Fp8Format format, unsigned code) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  if (isNaNCode(format, code))
    return code == 0xff ? -nan : nan; // E4M3FN has one of either sign
  unsigned exponent = (code >> 3) & 15;
  unsigned mantissa = code & 7;
  // Exponent 0 is subnormal: the implicit bit is absent, the scale that of 1.
  float value = exponent ? mantissa + 8 : mantissa;
  int power = (exponent ? int(exponent) : 1) - bias(format) - 3;
  for (; power > 0; --power)
    value *= 2.0f;
  for (; power < 0; ++power)
    value *= 0.5f;
  return code & 0x80 ? -value : value;
}

using DecodeTable = std::array<float, 256>;

static constexpr DecodeTable makeTable(Fp8Format format) {
  DecodeTable table{};
  for (unsigned code = 0; code < 256; ++code)
    table[code] = decode(format, code);
  return table;
}

// The references decode whole caches: a table, made by the compiler.
static constexpr DecodeTable fnTable = makeTable(Fp8Format::E4M3FN);
static constexpr DecodeTable fnuzTable = makeTable(Fp8Format::E4M3FNUZ);

llvm::ArrayRef<int64_t> hipdex::fp8Maxima(Fp8Format format) {
  static const int64_t fn[] = {448}, fnuz[] = {240, 224};
  return format == Fp8Format::E4M3FN ? llvm::ArrayRef<int64_t>(fn)
                                     : llvm::ArrayRef<int64_t>(fnuz);
}

float hipdex::decodeFp8(Fp8Format format, uint8_t code) {
  return format == Fp8Format::E4M3FN ? fnTable[code] : fnuzTable[code];
}

uint8_t hipdex::encodeFp8(Fp8Format format, float value) {
  bool isFN = format == Fp8Format::E4M3FN;
  uint8_t sign = std::signbit(value) ? 0x80 : 0;
  if (std::isnan(value))
    return isFN ? 0x7f | sign : 0x80;

  uint8_t largestCode = isFN ? 0x7e : 0x7f;
  float magnitude = std::fabs(value);
  if (magnitude >= decodeFp8(format, largestCode))
    return largestCode | sign;

  // In units of the last place of the value's binade (of the smallest normal
  // binade for subnormals) the code is the rounded integer plus the binade:
  // a carry out of the mantissa lands in the exponent, as it should.
  // On the bits: the references encode whole caches, and libm's ilogb and ldexp
  // took most of that time.
  uint32_t bits = llvm::bit_cast<uint32_t>(magnitude);
  int smallest = 1 - bias(format);
  int exponent = std::max<int>(bits >> 23, 1) - 127;
  uint32_t mantissa = (bits & 0x7fffff) | (bits >> 23 ? 1 << 23 : 0);
  // 20 of its 24 bits are below the last place; all of them far below it.
  int below = std::min(20 + std::max(smallest - exponent, 0), 31);
  exponent = std::max(exponent, smallest);
  uint32_t units = mantissa >> below, rest = mantissa - (units << below),
           half = uint32_t(1) << (below - 1);
  if (rest > half || (rest == half && (units & 1)))
    ++units;
  uint8_t code = ((exponent - smallest) << 3) + units;
  // E4M3FNUZ has no -0: its code is the NaN.
  if (!isFN && code == 0)
    return 0;
  return code | sign;
}
