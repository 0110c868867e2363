//===- MfmaTest.cpp - Matrix instructions against the manuals -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers are filled with noise, so what an element is follows from where it
// is: the formulas here are those of the "AMD Instinct MI300" and "CDNA4"
// instruction set manuals (7.1, matrix arithmetic) in the direction matrix to
// register, as AMD's matrix-instruction calculator computes them; single
// entries that the calculator printed anchor the formulas.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "MfmaCases.h"
#include "SmallFloat.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <optional>

using namespace hipdex::test;

namespace {

enum Element { F64, F32, F16, BF16, I8, FP8, BF8, FP6, BF6, FP4 };

unsigned elementBits(Element element) {
  switch (element) {
  case F64:
    return 64;
  case F32:
    return 32;
  case F16:
  case BF16:
    return 16;
  case FP6:
  case BF6:
    return 6;
  case FP4:
    return 4;
  default:
    return 8;
  }
}

std::optional<SmallFloat> smallFloat(Element element, const std::string &arch) {
  switch (element) {
  case F16:
    return binary16;
  case FP8:
    return fp8Of(arch);
  case BF8:
    return bf8Of(arch);
  case FP6:
    return e2m3;
  case BF6:
    return e3m2;
  case FP4:
    return e2m1;
  default:
    return std::nullopt;
  }
}

double decode(Element element, uint64_t code, const std::string &arch) {
  if (std::optional<SmallFloat> format = smallFloat(element, arch))
    return format->decode(unsigned(code));
  if (element == I8)
    return int8_t(code);
  if (element == F64) {
    double value;
    std::memcpy(&value, &code, 8);
    return value;
  }
  uint32_t word = uint32_t(element == BF16 ? code << 16 : code);
  float value;
  std::memcpy(&value, &word, 4);
  return value;
}

/// A code whose value is a small multiple of a power of two, so that every sum
/// of products is exact in float32 in any order.
uint64_t simpleCode(Element element, const std::string &arch,
                    std::mt19937_64 &random) {
  if (std::optional<SmallFloat> format = smallFloat(element, arch);
      format && element != F16)
    for (;;) {
      unsigned code = unsigned(random() % (1u << format->bits()));
      double value = std::fabs(format->decode(code));
      if (value == 0 || (value >= 0.25 && value <= 4))
        return code;
    }
  if (element == I8)
    return random() & 0xff;
  double value = (int(random() % 33) - 16) / 4.0;
  if (element == F64) {
    uint64_t code;
    std::memcpy(&code, &value, 8);
    return code;
  }
  if (element == F16)
    return binary16.encode(value);
  float single = float(value);
  uint32_t code;
  std::memcpy(&code, &single, 4);
  return element == BF16 ? code >> 16 : code;
}

/// Where an element is: its first bit in a lane's registers.
struct Place {
  unsigned lane, bit;
};

/// Element (row, k) of A; of B with columns for rows. The calculator's
/// __get_input_reg_lanes.
Place inputPlace(unsigned rows, unsigned depth, unsigned blocks, unsigned row,
                 unsigned k, unsigned block, unsigned bits) {
  unsigned perLane = rows * depth * blocks / 64;
  return {block * rows + k / perLane * rows * blocks + row, k % perLane * bits};
}

/// The f8f6f4 instructions: 32 elements a lane. The 8-bit formats come in two
/// runs of 16 (a run of 16 bytes is what a lane loads at once), the others in
/// one of 32. CDNA4 manual, 7.1.5; the same table is in Composable Kernel's
/// test of these instructions.
Place f8f6f4Place(unsigned rows, unsigned row, unsigned k, unsigned bits) {
  if (bits != 8)
    return {row + rows * (k / 32), k % 32 * bits};
  unsigned half = 1024 / rows;
  return {row + rows * (k % half / 16), (k / half * 16 + k % 16) * 8};
}

/// Element (i, j) of D: register (pair for 64 bits) and lane. The calculator's
/// __get_output_reg_lanes.
struct OutputPlace {
  unsigned reg, lane;
};
OutputPlace outputPlace(unsigned m, unsigned n, unsigned i, unsigned j,
                        unsigned block, unsigned bits) {
  unsigned height = bits == 64 ? 1 : 4;
  unsigned rowsPerRegister = 64 / n;
  unsigned size = m * n / height;
  unsigned blocksPerRegister = (64 + size - 1) / size;
  return {block * (m * n / 64) + i / (height * rowsPerRegister) * height +
              i % height,
          block % blocksPerRegister * n +
              i / height % rowsPerRegister * blocksPerRegister * n + j};
}

/// Where B's lane is read from: the calculator's _get_blgp_transformed_lane.
unsigned blgpLane(unsigned lane, unsigned blgp) {
  switch (blgp) {
  case 1:
    return lane % 32;
  case 2:
    return lane < 32 ? lane + 32 : lane;
  case 3:
    return (lane + 16) % 64;
  case 0:
    return lane;
  default:
    return lane % 16 + (blgp - 4) * 16;
  }
}

/// Registers of a wave, filled an element at a time.
struct Registers {
  std::vector<uint32_t> words;
  explicit Registers(unsigned count) : words(64 * count) {}

  uint64_t read(Place place, unsigned bits) const {
    uint64_t value = 0;
    for (unsigned bit = 0; bit < bits; ++bit) {
      unsigned at = place.bit + bit;
      value |= uint64_t(words[at / 32 * 64 + place.lane] >> at % 32 & 1) << bit;
    }
    return value;
  }
  void write(Place place, unsigned bits, uint64_t value) {
    for (unsigned bit = 0; bit < bits; ++bit) {
      unsigned at = place.bit + bit;
      uint32_t &word = words[at / 32 * 64 + place.lane];
      word = (word & ~(1u << at % 32)) | uint32_t(value >> bit & 1) << at % 32;
    }
  }
};

struct Case {
  std::string kernel;
  unsigned cbsz, abid, blgp;
  unsigned m, n, k, blocks;
  Element a, b;
  bool f8f6f4 = false;
  int scaleByteA = -1, scaleByteB = -1; ///< Negative: no scales.
};

Registers fill(const Case &item, Element element, unsigned rows,
               const std::string &arch, std::mt19937_64 &random) {
  unsigned bits = elementBits(element);
  unsigned perLane = rows * item.k * item.blocks / 64;
  // f8f6f4 kernels pass 8 registers whatever the format.
  Registers registers(item.f8f6f4 ? 8 : perLane * bits / 32);
  for (uint32_t &word : registers.words)
    word = uint32_t(random());
  for (unsigned lane = 0; lane < 64; ++lane)
    for (unsigned e = 0; e < perLane; ++e)
      registers.write({lane, e * bits}, bits,
                      simpleCode(element, arch, random));
  return registers;
}

/// What is wrong with the instruction, or nothing.
/// \p farScales: scales that would take the elements out of float32's range,
/// and cancel in the products.
std::string runCase(const Case &item, hipFunction_t function,
                    const std::string &arch, bool farScales = false) {
  std::mt19937_64 random(seed() ^ std::hash<std::string>()(item.kernel));
  Registers a = fill(item, item.a, item.m, arch, random);
  Registers b = fill(item, item.b, item.n, arch, random);
  bool isDouble = item.a == F64, isInteger = item.a == I8;
  unsigned outBits = isDouble ? 64 : 32;
  unsigned outRegisters =
      std::max(1u, item.m * item.n * item.blocks / 64) * outBits / 32;
  Registers c(outRegisters);
  for (unsigned lane = 0; lane < 64; ++lane)
    for (unsigned r = 0; r < outRegisters * 32 / outBits; ++r) {
      uint64_t code = isInteger
                          ? uint32_t(random() % 2001 - 1000)
                          : simpleCode(isDouble ? F64 : F32, arch, random);
      c.write({lane, r * outBits}, outBits, code);
    }
  Buffer<uint32_t> aBuffer(a.words), bBuffer(b.words), cBuffer(c.words);
  Buffer<uint32_t> dBuffer(c.words.size());
  // Factors of 1/2 to 2 for both: with 1/4 to 4, one sum in 400 tests has more
  // bits than a float32.
  std::vector<uint32_t> scales[2] = {std::vector<uint32_t>(64),
                                     std::vector<uint32_t>(64)};
  for (unsigned operand = 0; operand < 2; ++operand)
    for (uint32_t &word : scales[operand])
      for (unsigned byte = 0; byte < 4; ++byte) {
        uint32_t exponent = farScales ? (operand ? 127 - 120 : 127 + 120)
                                      : uint32_t(126 + random() % 3);
        word |= exponent << 8 * byte;
      }
  Buffer<uint32_t> scaleA(scales[0]), scaleB(scales[1]);
  bool scaled = item.scaleByteA >= 0;
  int status =
      scaled ? launch(function, 1, 64, aBuffer.data, bBuffer.data, cBuffer.data,
                      dBuffer.data, scaleA.data, scaleB.data)
             : launch(function, 1, 64, aBuffer.data, bBuffer.data, cBuffer.data,
                      dBuffer.data);
  if (status != hipSuccess)
    return lastMessage();

  Registers d(outRegisters);
  d.words = dBuffer.values();
  unsigned aBits = elementBits(item.a), bBits = elementBits(item.b);
  for (unsigned block = 0; block < item.blocks; ++block)
    for (unsigned i = 0; i < item.m; ++i)
      for (unsigned j = 0; j < item.n; ++j) {
        OutputPlace place = outputPlace(item.m, item.n, i, j, block, outBits);
        Place out = {place.lane, place.reg * outBits};
        auto value = [&](const Registers &registers) {
          uint64_t code = registers.read(out, outBits);
          return isInteger ? double(int32_t(code))
                           : decode(isDouble ? F64 : F32, code, arch);
        };
        double expected = value(c);
        // CBSZ: blocks in groups of 2^cbsz all take A's block abid.
        unsigned group = 1u << (item.f8f6f4 ? 0 : item.cbsz);
        unsigned aBlock = group > 1 ? block / group * group + item.abid : block;
        for (unsigned k = 0; k < item.k; ++k) {
          Place aPlace = item.f8f6f4 ? f8f6f4Place(item.m, i, k, aBits)
                                     : inputPlace(item.m, item.k, item.blocks,
                                                  i, k, aBlock, aBits);
          Place bPlace = item.f8f6f4 ? f8f6f4Place(item.n, j, k, bBits)
                                     : inputPlace(item.n, item.k, item.blocks,
                                                  j, k, block, bBits);
          if (!item.f8f6f4)
            bPlace.lane = blgpLane(bPlace.lane, item.blgp);
          double product = decode(item.a, a.read(aPlace, aBits), arch) *
                           decode(item.b, b.read(bPlace, bBits), arch);
          if (scaled) {
            // E8M0: row i's scale for k/32 is in lane i + rows * (k/32).
            unsigned s = k / 32;
            int aScale = scales[0][i + item.m * s] >> 8 * item.scaleByteA & 255;
            int bScale = scales[1][j + item.n * s] >> 8 * item.scaleByteB & 255;
            product = std::ldexp(product, aScale + bScale - 254);
          }
          expected += product;
        }
        if (value(d) == expected)
          continue;
        return "D[" + std::to_string(i) + "][" + std::to_string(j) +
               "] of block " + std::to_string(block) + " is " +
               std::to_string(value(d)) + ", expected " +
               std::to_string(expected);
      }
  return "";
}

#define HIPDEX_MFMA_CASE(name, builtin, AB, C, cbsz, abid, blgp, m, n, k,      \
                         blocks, a, b)                                         \
  {"mfma_" #name, cbsz, abid, blgp, m, n, k, blocks, a, b},

std::vector<Case> allCases(const std::string &arch) {
  std::vector<Case> cases = {HIPDEX_FOREACH_MFMA(HIPDEX_MFMA_CASE)};
  if (arch != "gfx950")
    return cases;
  for (const Case &item :
       std::vector<Case>{HIPDEX_FOREACH_MFMA_GFX950(HIPDEX_MFMA_CASE)})
    cases.push_back(item);
#define HIPDEX_F8F6F4_CASE(cbsz, aName, blgp, bName)                           \
  cases.push_back({"plain_16x16x128_" #aName "_" #bName, cbsz, 0, blgp, 16,    \
                   16, 128, 1, aName, bName, true});                           \
  cases.push_back({"plain_32x32x64_" #aName "_" #bName, cbsz, 0, blgp, 32, 32, \
                   64, 1, aName, bName, true});                                \
  cases.push_back({"scaled_16x16x128_" #aName "_" #bName, cbsz, 0, blgp, 16,   \
                   16, 128, 1, aName, bName, true, 1, 2});                     \
  cases.push_back({"scaled_32x32x64_" #aName "_" #bName, cbsz, 0, blgp, 32,    \
                   32, 64, 1, aName, bName, true, 3, 0});
  HIPDEX_FOREACH_F8F6F4_FORMATS(HIPDEX_F8F6F4_CASE)
  return cases;
}

} // namespace

TEST_CASE("The formulas agree with AMD's matrix-instruction calculator") {
  auto isAt = [](Place place, unsigned reg, unsigned lane, unsigned bit) {
    return place.lane == lane && place.bit == reg * 32 + bit;
  };
  auto outAt = [](OutputPlace place, unsigned reg, unsigned lane) {
    return place.lane == lane && place.reg == reg;
  };
  // matrix_calculator.py -a cdna3 -i INSTRUCTION --get-register ...
  // v_mfma_f32_32x32x16_fp8_fp8: A[17][13] = v1{49}.[15:8],
  // B[6][5] = v1{5}.[23:16], D[21][9] = v9{41}.
  CHECK(isAt(inputPlace(32, 16, 1, 17, 13, 0, 8), 1, 49, 8));
  CHECK(isAt(inputPlace(32, 16, 1, 5, 6, 0, 8), 1, 5, 16));
  CHECK(outAt(outputPlace(32, 32, 21, 9, 0, 32), 9, 41));
  // v_mfma_f32_16x16x32_fp8_fp8: A[3][22] = v1{35}.[23:16], D[14][7] = v2{55}.
  CHECK(isAt(inputPlace(16, 32, 1, 3, 22, 0, 8), 1, 35, 16));
  CHECK(outAt(outputPlace(16, 16, 14, 7, 0, 32), 2, 55));
  // v_mfma_f32_4x4x4_16b_f16: A[2][3].B11 = v1{46}.[31:16],
  // D[3][1].B6 = v3{25}.
  CHECK(isAt(inputPlace(4, 4, 16, 2, 3, 11, 16), 1, 46, 16));
  CHECK(outAt(outputPlace(4, 4, 3, 1, 6, 32), 3, 25));
  // v_mfma_f32_32x32x1_2b_f32: B[0][30].B1 = v0{62}, D[13][3].B1 = v21{35}.
  CHECK(isAt(inputPlace(32, 1, 2, 30, 0, 1, 32), 0, 62, 0));
  CHECK(outAt(outputPlace(32, 32, 13, 3, 1, 32), 21, 35));
  // v_mfma_f32_16x16x4_f32: A[9][2] = v0{41}, D[6][11] = v2{27}.
  CHECK(isAt(inputPlace(16, 4, 1, 9, 2, 0, 32), 0, 41, 0));
  CHECK(outAt(outputPlace(16, 16, 6, 11, 0, 32), 2, 27));
  // v_mfma_f64_16x16x4_f64: D[10][4] = v[5:4]{36}.
  // v_mfma_f64_4x4x4_4b_f64: D[2][3].B1 = v[1:0]{39}, A[2][3].B1 = {54}.
  CHECK(outAt(outputPlace(16, 16, 10, 4, 0, 64), 2, 36));
  CHECK(outAt(outputPlace(4, 4, 2, 3, 1, 64), 0, 39));
  CHECK(isAt(inputPlace(4, 4, 4, 2, 3, 1, 64), 0, 54, 0));
  // v_mfma_f32_16x16x4_4b_f16, CBSZ 1, ABID 1: A[5][1].B2 = v0{53}.[31:16].
  CHECK(isAt(inputPlace(16, 4, 4, 5, 1, 2 / 2 * 2 + 1, 16), 0, 53, 16));
  // v_mfma_f32_16x16x1_4b_f32: B[0][5].B2 with BLGP 3 = v0{53},
  // B[0][5].B3 with BLGP 5 = v0{21}.
  CHECK(blgpLane(inputPlace(16, 1, 4, 5, 0, 2, 32).lane, 3) == 53);
  CHECK(blgpLane(inputPlace(16, 1, 4, 5, 0, 3, 32).lane, 5) == 21);
}

TEST_CASE("Matrix instructions compute what the manuals say") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Mfma", arch);
    for (const Case &item : allCases(arch)) {
      INFO(item.kernel << " " << arch);
      CHECK(runCase(item, module.function(item.kernel), arch) == "");
    }
  }
}

TEST_CASE("Scales far from one are applied, and NaN") {
  LoadedModule module("Mfma", "gfx950");
  for (const Case &item : allCases("gfx950")) {
    if (item.scaleByteA < 0)
      continue;
    INFO(item.kernel);
    CHECK(runCase(item, module.function(item.kernel), "gfx950", true) == "");
  }
  // E8M0's 255 is NaN: of row 3 of A, for the k's from 32 to 63.
  Buffer<uint32_t> zeros(16 * 64), d(16 * 64);
  Buffer<uint32_t> scaleA(std::vector<uint32_t>(64, 0x7f7f7f7f));
  Buffer<uint32_t> scaleB(std::vector<uint32_t>(64, 0x7f7f7f7f));
  scaleA[16 + 3] = 0xffffffff;
  REQUIRE(launch(module.function("scaled_16x16x128_FP8_FP8"), 1, 64, zeros.data,
                 zeros.data, zeros.data, d.data, scaleA.data,
                 scaleB.data) == hipSuccess);
  for (unsigned i = 0; i < 16; ++i)
    for (unsigned j = 0; j < 16; ++j) {
      OutputPlace place = outputPlace(16, 16, i, j, 0, 32);
      float value;
      std::memcpy(&value, &d[place.reg * 64 + place.lane], 4);
      INFO("D[" << i << "][" << j << "]");
      CHECK(std::isnan(value) == (i == 3));
    }
}

TEST_CASE("fp8 matrix instructions take every code") {
  // One element at a time: A[0][0] is the code, B[0][0] is 1, the rest is 0.
  for (const std::string &arch : arches()) {
    LoadedModule module("Mfma", arch);
    SmallFloat formats[2] = {fp8Of(arch), bf8Of(arch)};
    const char *kernels[2] = {"mfma_fp8_16x16x32", "mfma_bf8_16x16x32"};
    for (unsigned which = 0; which < 2; ++which) {
      hipFunction_t function = module.function(kernels[which]);
      Buffer<uint32_t> a(2 * 64), b(2 * 64), c(4 * 64), d(4 * 64);
      b[0] = formats[which].encode(1.0);
      for (unsigned code = 0; code < 256; ++code) {
        a[0] = code;
        REQUIRE(launch(function, 1, 64, a.data, b.data, c.data, d.data) ==
                hipSuccess);
        double expected = formats[which].decode(code);
        float result;
        std::memcpy(&result, &d[0], 4);
        INFO(arch << " " << kernels[which] << " code " << code);
        if (std::isnan(expected))
          CHECK(std::isnan(result));
        else
          CHECK(result == expected);
      }
    }
  }
}
