//===- LanesTest.cpp - DPP, permutes, swaps, fp8 conversions --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Against formulas written from "AMD Instinct MI300 Instruction Set
// Architecture" (DPP controls in the VOP_DPP format, and the instruction
// descriptions of DS_PERMUTE_B32, DS_BPERMUTE_B32, DS_SWIZZLE_B32, V_CVT_*);
// the swaps from the CDNA4 manual.
//
//===----------------------------------------------------------------------===//

#include "DppCases.h"
#include "Harness.h"
#include "SmallFloat.h"
#include <catch2/catch.hpp>
#include <numeric>

using namespace hipdex::test;

namespace {

struct DppCase {
  const char *name;
  unsigned control, rowMask, bankMask, boundControl;
};
#define HIPDEX_DPP_CASE(name, control, rows, banks, bound)                     \
  {"dpp_" #name, control, rows, banks, bound},
const DppCase dppCases[] = {HIPDEX_FOREACH_DPP(HIPDEX_DPP_CASE)};

/// The lane that DPP control \p control reads for \p lane; negative if it is
/// out of bounds.
int dppSource(unsigned control, int lane) {
  int row = lane / 16 * 16, inRow = lane % 16;
  if (control < 0x100) // QUAD_PERM
    return lane / 4 * 4 + int(control >> 2 * (lane % 4) & 3);
  int amount = int(control & 15);
  switch (control & 0x1f0) {
  case 0x100: // ROW_SL: shift left, that is towards lane 0
    return inRow + amount < 16 ? lane + amount : -1;
  case 0x110: // ROW_SR
    return inRow - amount >= 0 ? lane - amount : -1;
  case 0x120: // ROW_RR: rotate right
    return row + (inRow - amount + 16) % 16;
  case 0x150: // ROW_NEWBCAST
    return row + amount;
  }
  switch (control) {
  case 0x130: // WF_SL1
    return lane + 1 < 64 ? lane + 1 : -1;
  case 0x134: // WF_RL1
    return (lane + 1) % 64;
  case 0x138: // WF_SR1
    return lane - 1;
  case 0x13c: // WF_RR1
    return (lane + 63) % 64;
  case 0x140: // ROW_MIRROR
    return row + 15 - inRow;
  case 0x141: // ROW_HALF_MIRROR
    return lane / 8 * 8 + 7 - lane % 8;
  case 0x142: // ROW_BCAST15: the last lane of a row, to the next row
    return row - 1;
  case 0x143: // ROW_BCAST31: lane 31, to rows 2 and 3
    return lane >= 32 ? 31 : -1;
  }
  FAIL("the test knows no DPP control " << control);
  return -1;
}

/// Lanes' inputs, and what a kernel made of them.
struct Lanes {
  Buffer<uint32_t> in, other, out;
  Lanes(const LoadedModule &module, const std::string &kernel,
        const std::vector<uint32_t> &otherValues)
      : in(random(64)), other(otherValues), out(128) {
    for (unsigned i = 0; i < 128; ++i)
      out[i] = untouched;
    int status =
        launch(module.function(kernel), 1, 64, in.data, other.data, out.data);
    INFO(kernel << ": " << lastMessage());
    REQUIRE(status == hipSuccess);
  }
  static std::vector<uint32_t> random(size_t count) {
    static std::mt19937_64 generator(seed());
    std::vector<uint32_t> values(count);
    for (uint32_t &value : values)
      value = uint32_t(generator());
    return values;
  }
  static constexpr uint32_t untouched = 0xdeadbeef;
};

} // namespace

TEST_CASE("DPP reads the lanes that the manual says") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Lanes", arch);
    for (const DppCase &item : dppCases) {
      Lanes lanes(module, item.name, Lanes::random(64));
      for (int lane = 0; lane < 64; ++lane) {
        int source = dppSource(item.control, lane);
        bool enabled = (item.rowMask >> lane / 16 & 1) &&
                       (item.bankMask >> lane % 16 / 4 & 1);
        uint32_t expected = !enabled            ? lanes.other[lane]
                            : source >= 0       ? lanes.in[source]
                            : item.boundControl ? 0
                                                : lanes.other[lane];
        INFO(arch << " " << item.name << " lane " << lane);
        CHECK(lanes.out[lane] == expected);
      }
    }
  }
}

TEST_CASE("DPP takes nothing from lanes that are off") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Lanes", arch);
    Lanes lanes(module, "dpp_inactive", Lanes::random(64));
    for (int lane = 0; lane < 64; ++lane) {
      int source = dppSource(0x111, lane);
      uint32_t expected = lane % 3 == 0                   ? Lanes::untouched
                          : source < 0 || source % 3 == 0 ? lanes.other[lane]
                                                          : lanes.in[source];
      INFO(arch << " lane " << lane);
      CHECK(lanes.out[lane] == expected);
    }
  }
}

TEST_CASE("Lanes are permuted, swizzled and read") {
  std::vector<uint32_t> permutation(64);
  std::iota(permutation.begin(), permutation.end(), 0);
  std::shuffle(permutation.begin(), permutation.end(),
               std::mt19937(uint32_t(seed())));
  std::vector<uint32_t> indices(64);
  for (unsigned lane = 0; lane < 64; ++lane)
    // Bits beyond the 64 lanes and below a word are ignored.
    indices[lane] = permutation[lane] * 4 + (lane % 2) * 256 + lane % 3;
  for (const std::string &arch : arches()) {
    LoadedModule module("Lanes", arch);
    Lanes backward(module, "bpermute", indices);
    Lanes forward(module, "permute", indices);
    Lanes bits(module, "swizzle_and_xor", indices);
    Lanes quads(module, "swizzle_quad", indices);
    Lanes read(module, "readlane", indices);
    Lanes active(module, "readfirst_active", indices);
    Lanes votes(module, "ballot", indices);
    unsigned below = 0;
    for (unsigned lane = 0; lane < 64; ++lane) {
      INFO(arch << " lane " << lane);
      CHECK(backward.out[lane] == backward.in[permutation[lane]]);
      CHECK(forward.out[permutation[lane]] == forward.in[lane]);
      unsigned swizzled = (((lane % 32 & 0x1d) | 2) ^ 0x11) + lane / 32 * 32;
      CHECK(bits.out[lane] == bits.in[swizzled]);
      CHECK(quads.out[lane] == quads.in[lane ^ 2]);
      CHECK(read.out[lane] == read.in[indices[0] & 63] + read.in[0]);
      CHECK(active.out[lane] == (lane < 5 ? Lanes::untouched : active.in[5]));
      CHECK(votes.out[lane] == below);
      below += votes.in[lane] & 1;
    }
  }
}

TEST_CASE("Permlane swaps exchange rows") {
  LoadedModule module("Lanes", "gfx950");
  // "Swap the upper half of vdst with the lower half of src", and odd rows of
  // vdst with even rows of src.
  Lanes halves(module, "permlane32_swap", Lanes::random(64));
  Lanes rows(module, "permlane16_swap", Lanes::random(64));
  for (unsigned lane = 0; lane < 64; ++lane) {
    INFO("lane " << lane);
    CHECK(halves.out[lane] ==
          (lane < 32 ? halves.other[lane] : halves.in[lane - 32]));
    CHECK(halves.out[64 + lane] ==
          (lane < 32 ? halves.other[lane + 32] : halves.in[lane]));
    bool odd = lane / 16 % 2;
    CHECK(rows.out[lane] == (odd ? rows.in[lane - 16] : rows.other[lane]));
    CHECK(rows.out[64 + lane] == (odd ? rows.in[lane] : rows.other[lane + 16]));
  }
}

TEST_CASE("fp8 and bf8 are decoded") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Lanes", arch);
    const std::pair<const char *, SmallFloat> kernels[] = {
        {"from_fp8", fp8Of(arch)}, {"from_bf8", bf8Of(arch)}};
    for (const auto &[kernel, format] : kernels) {
      Buffer<uint32_t> in(64);
      Buffer<float> out(8 * 64);
      for (unsigned code = 0; code < 256; ++code)
        in[code / 4] |= code << 8 * (code % 4);
      REQUIRE(launch(module.function(kernel), 1, 64, in.data, in.data,
                     out.data) == hipSuccess);
      for (unsigned code = 0; code < 256; ++code)
        for (unsigned packed = 0; packed < 2; ++packed) {
          float result = out[code / 4 * 8 + code % 4 + 4 * packed];
          double expected = format.decode(code);
          INFO(arch << " " << kernel << " code " << code << " packed "
                    << packed);
          if (std::isnan(expected))
            CHECK(std::isnan(result));
          else
            CHECK((result == expected &&
                   std::signbit(result) == std::signbit(expected)));
        }
    }
  }
}

TEST_CASE("fp8 and bf8 are rounded to nearest even") {
  std::mt19937_64 random(seed());
  for (const std::string &arch : arches()) {
    LoadedModule module("Lanes", arch);
    const std::pair<const char *, SmallFloat> kernels[] = {
        {"to_fp8", fp8Of(arch)}, {"to_bf8", bf8Of(arch)}};
    for (const auto &[kernel, format] : kernels) {
      std::vector<float> values;
      // Every value, every middle between neighbours and beside it.
      for (unsigned code = 0; code < 256; ++code) {
        double value = format.decode(code);
        if (!std::isfinite(value))
          continue;
        values.push_back(float(value));
        double next = format.decode(code + 1);
        if (code % 128 == 127 || !std::isfinite(next))
          continue;
        float middle = float((value + next) / 2);
        values.push_back(middle);
        values.push_back(std::nextafter(middle, 1e30f));
        values.push_back(std::nextafter(middle, -1e30f));
      }
      while (values.size() % 128 || values.size() < 4096)
        values.push_back(float(
            std::ldexp(double(int32_t(uint32_t(random()))) * format.largest(),
                       -31) *
            std::ldexp(1.0, -int(random() % 20))));
      unsigned pairs = unsigned(values.size() / 2);
      Buffer<float> in(values);
      Buffer<uint32_t> old(Lanes::random(pairs)), out(2 * pairs);
      REQUIRE(launch(module.function(kernel), pairs / 64, 64, in.data, old.data,
                     out.data) == hipSuccess);
      for (unsigned i = 0; i < pairs; ++i) {
        uint32_t both = format.encode(values[2 * i]) |
                        format.encode(values[2 * i + 1]) << 8;
        INFO(arch << " " << kernel << " " << values[2 * i] << ", "
                  << values[2 * i + 1]);
        CHECK(out[2 * i] == ((old[i] & 0xffff0000) | both));
        CHECK(out[2 * i + 1] == ((old[i] & 0xffff) | both << 16));
      }
    }
  }
}
