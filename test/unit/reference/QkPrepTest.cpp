//===- QkPrepTest.cpp - Tests of the reference of qk_prep -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Numbers that were worked out by hand, and how far float32 is from float64.
//
//===----------------------------------------------------------------------===//

#include "reference/QkPrep.h"
#include "reference/Random.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace hipdex;

static const SourceType bf16 = SourceType::BF16, f16 = SourceType::F16;
static const float infinity = std::numeric_limits<float>::infinity(),
                   notANumber = std::numeric_limits<float>::quiet_NaN();

TEST_CASE("numbers are rounded to the nearest of a source type, ties to even") {
  // bf16 has steps of 2^-7 above 1, f16 of 2^-10.
  CHECK(roundToSource(bf16, 1.0f + 1.0f / 256) == 1.0f);
  CHECK(roundToSource(bf16, 1.0f + 3.0f / 256) == 1.0f + 4.0f / 256);
  CHECK(roundToSource(bf16, -1.0f - 1.1f / 256) == -1.0f - 2.0f / 256);
  CHECK(roundToSource(f16, 1.0f + 1.0f / 2048) == 1.0f);
  CHECK(roundToSource(f16, 1.0f + 3.0f / 2048) == 1.0f + 4.0f / 2048);
  // Next to a power of two, the steps below it are half as large.
  CHECK(roundToSource(bf16, 1.0f - 1.0f / 512) == 1.0f);
  CHECK(roundToSource(bf16, 1.0f - 1.1f / 512) == 1.0f - 1.0f / 256);
  // f16 ends at 65504, and its smallest number is 2^-24.
  CHECK(roundToSource(f16, 65519.0f) == 65504.0f);
  CHECK(roundToSource(f16, -65520.0f) == -infinity);
  CHECK(roundToSource(f16, std::ldexp(1.0f, -25)) == 0.0f);
  CHECK(roundToSource(f16, std::ldexp(1.5f, -25)) == std::ldexp(1.0f, -24));
  CHECK(roundToSource(bf16, 3.4e38f) == infinity);
  CHECK(roundToSource(bf16, 3.39e38f) == std::ldexp(255.0f, 120));
  CHECK(std::isnan(roundToSource(bf16, notANumber)));
  CHECK(roundToSource(f16, infinity) == infinity);
}

TEST_CASE("rows are summed in the order that is written down") {
  // 2^24 swallows a one that meets it alone, and keeps two that met before.
  std::vector<float> row(128, 0.0f);
  const float big = 1 << 24;
  row[0] = big;
  row[32] = 1;
  row[64] = 1;
  CHECK(sumOfRow(row) == big); // (2^24 + 1) + 1
  row[64] = 0;
  row[96] = row[32] = 0;
  row[5] = row[1] = 1; // 1 and 5 meet before they meet 0
  CHECK(sumOfRow(row) == big + 2);
  row[5] = 0;
  row[4] = 1; // 4 meets 0 first, and then 1
  CHECK(sumOfRow(row) == big);
  row[4] = row[1] = 0;
  row[16] = row[24] = 1; // 16 and 24 meet before they meet 0
  CHECK(sumOfRow(row) == big + 2);
  row[24] = 0;
  row[8] = 1; // 8 meets 0 first
  CHECK(sumOfRow(row) == big);
}

TEST_CASE("layer norm of a row that is half 1 and half 3") {
  // The mean is 2 and the variance 1: with eps 3 the deviation is 2.
  std::vector<float> row(128), weight(128, 4.0f), bias(128, 0.25f);
  for (int d = 0; d < 128; ++d)
    row[d] = d % 2 ? 3 : 1;
  weight[1] = 8;
  bias[2] = 1.0f / 512;
  layerNorm(row, weight, bias, 3, bf16);
  CHECK(row[0] == -1.75f); // -1 / 2 * 4 + 0.25
  CHECK(row[1] == 4.25f);
  CHECK(row[2] == -2.0f); // -2 + 1/512 is a quarter of a step away
  CHECK(row[127] == 2.25f);
}

TEST_CASE("rope turns pairs of columns") {
  std::vector<float> row(128), cos(32, 1.0f), sin(32, 0.0f);
  for (int d = 0; d < 128; ++d)
    row[d] = d;
  cos[3] = 0; // a right angle
  sin[3] = 1;
  cos[5] = 0.5f;
  sin[5] = 2; // no angle, but arithmetic is the same
  auto turned = [&](Rope rope, bool last) {
    std::vector<float> result = row;
    rotate(result, cos, sin, rope, last, bf16);
    return result;
  };
  std::vector<float> r = turned(Rope::Neox, false);
  CHECK(r[3] == -35.0f);
  CHECK(r[35] == 3.0f);
  CHECK(r[5] == 2.5f - 74.0f);
  CHECK(r[37] == 18.5f + 10.0f);
  CHECK(r[4] == 4.0f);
  CHECK(r[67] == 67.0f);
  r = turned(Rope::Interleaved, false);
  CHECK(r[6] == -7.0f);
  CHECK(r[7] == 6.0f);
  CHECK(r[10] == 5.0f - 22.0f);
  CHECK(r[11] == 5.5f + 20.0f);
  CHECK(r[3] == 3.0f);
  CHECK(r[70] == 70.0f);
  r = turned(Rope::Neox, true);
  CHECK(r[67] == -99.0f);
  CHECK(r[99] == 67.0f);
  CHECK(r[3] == 3.0f);
  r = turned(Rope::Interleaved, true);
  CHECK(r[70] == -71.0f);
  CHECK(r[71] == 70.0f);
  CHECK(r[6] == 6.0f);
  // Each product is rounded before the sum: 1/3 times 3 and 1 cancel to
  // nothing, where a fused one would leave what was rounded off.
  row[4] = 1.0f / 3;
  row[36] = 1;
  cos[4] = 3;
  sin[4] = 1;
  CHECK(turned(Rope::Neox, false)[4] == 0.0f);
}

TEST_CASE("the Hadamard transform of a column, and of all ones") {
  std::vector<float> row(128);
  row[5] = 16;
  hadamard(row, f16);
  // 16 / sqrt(128) = 1.41421 is rounded to 1.4140625. The sign is the parity
  // of the bits that column and place share.
  for (int c = 0; c < 128; ++c)
    CHECK(row[c] == (__builtin_parity(c & 5) ? -1.4140625f : 1.4140625f));
  std::fill(row.begin(), row.end(), 1.0f);
  hadamard(row, bf16);
  CHECK(row[0] == 11.3125f); // 128 / sqrt(128) = 11.3137, in steps of 1/16
  for (int c = 1; c < 128; ++c)
    CHECK(row[c] == 0.0f);
}

TEST_CASE("q is scaled by a product, from a lower floor") {
  QuantizedRow row = quantizeQ({224.0f, -448.0f, notANumber, -notANumber},
                               Fp8Format::E4M3FN, 448, false);
  CHECK(row.scale == 448.0f * (1.0f / 448.0f));
  // What is no number is the largest code, whatever its sign.
  CHECK(row.codes == std::vector<uint8_t>{0x76, 0xfe, 0x7e, 0x7e});
  row = quantizeQ({infinity, -infinity, 2.0f}, Fp8Format::E4M3FNUZ, 240, true);
  CHECK(row.scale == 1.0f / 64); // 2 / 240 is above 1/128
  CHECK(row.codes == std::vector<uint8_t>{0x7f, 0xff, 0x78});
  row = quantizeQ({0.0f}, Fp8Format::E4M3FN, 448, false);
  CHECK(row.scale == 1e-10f * (1.0f / 448.0f));
  CHECK(row.codes == std::vector<uint8_t>{0x00});
}

TEST_CASE("what is expected of a problem of qk_prep") {
  QkPrepProblem p;
  p.key = *KernelKey::parse(
      "qk_prep.gfx950.p1.d128.plain.h8.neox.first.bf16.i32.fn");
  p.store.tokens = 4;
  p.store.kStride = 128;
  p.store.numPages = 2;
  p.store.pageStride = 132;
  p.qStrideHead = p.qOutStrideHead = 128;
  p.qStrideToken = p.qOutStrideToken = 8 * 128;
  p.weightsStride = p.weightsOutStride = 8;
  p.maxPositions = 2;
  p.cosStride = p.sinStride = 32;
  p.normEpsBits = 0x40400000;      // 3
  p.weightsScaleBits = 0x3f000000; // 1/2
  p.allocate();
  auto put = [](std::vector<uint8_t> &bytes, size_t place, uint16_t bits) {
    std::memcpy(&bytes[place * 2], &bits, 2);
  };
  for (int i = 0; i < 64; ++i)
    put(p.cos, i, 0x3f80); // 1
  put(p.cos, 32 + 0, 0);   // position 1: the first pair by a right angle
  put(p.sin, 32 + 0, 0x3f80);
  std::fill(p.normWeight.begin(), p.normWeight.end(), 4.0f);
  for (int token = 0; token < 4; ++token) {
    put(p.q, token * 1024 + 3 * 128 + 32, 0x43e0); // head 3: 448
    put(p.weights, token * 8 + 3, 0x4040);         // 3
    for (int d = 0; d < 128; ++d)
      put(p.store.k, token * 128 + d, d % 2 ? 0x4040 : 0x3f80); // 3 and 1
  }
  const int32_t slots[] = {1, -1, 2, 0}, positions[] = {1, 1, 1, 2};
  std::memcpy(p.store.slots.data(), slots, sizeof(slots));
  std::memcpy(p.positions.data(), positions, sizeof(positions));
  std::fill(p.qOut.begin(), p.qOut.end(), 0xaa);
  std::fill(p.store.cache.begin(), p.store.cache.end(), 0xbb);

  for (bool prepsSkipped : {false, true}) {
    QkPrepProblem after = p;
    after.key.prepsSkipped = prepsSkipped;
    after.execute();
    // Slot 2 is past the cache; position 2 is outside the tables.
    CHECK(after.store.error[0] == (0x80 | 1 | 4));
    for (int token : {0, 1, 2}) {
      size_t head = token * 1024 + 3 * 128;
      if (token == 1 && !prepsSkipped) {
        CHECK(after.qOut[head] == 0xaa);
        CHECK(after.weightsOut[token * 8 + 3] == 0);
        continue;
      }
      CHECK(after.qOut[head] == 0xfe); // -448 came from column 32
      CHECK(after.qOut[head + 32] == 0);
      CHECK(after.weightsOut[token * 8 + 3] ==
            3.0f * (448.0f * (1.0f / 448.0f)) * 0.5f);
    }
    CHECK(after.qOut[3 * 1024 + 3 * 128] == 0xaa);
    // K of token 0: -2 and 2, of which columns 0 and 32 are -2 and turn.
    const uint8_t *k = &after.store.cache[132];
    CHECK(k[0] == 0x7e);
    CHECK(k[32] == 0xfe);
    CHECK(k[1] == 0x7e);
    CHECK(k[2] == 0xfe);
    float scale;
    std::memcpy(&scale, k + 128, 4);
    CHECK(scale == 2.0f / 448.0f);
    CHECK(after.store.cache[0] == 0xbb);
  }
}

TEST_CASE("float32 is as near to float64 as docs/ops.md says") {
  uint64_t seed = std::random_device{}();
  CAPTURE(seed);
  const std::vector<float> ones(128, 1.0f), zeros(128, 0.0f);
  for (int i = 0; i < 2000; ++i) {
    Random random(seed, 0, i);
    std::vector<float> row;
    float magnitude = std::ldexp(1.0f, int(random.below(20)) - 10),
          center = float(random.below(3)) * magnitude;
    for (int d = 0; d < 128; ++d)
      row.push_back(roundToSource(bf16, center + random.normal() * magnitude));
    double sum = 0, size = 0;
    for (float x : row) {
      sum += x;
      size += std::fabs(x);
    }
    CHECK(std::fabs(sumOfRow(row) - sum) <= std::ldexp(8.0, -24) * size);

    // f16, which rounds less: 2^-11 of a number, or 2^-25.
    auto rounding = [](double x) {
      return std::ldexp(std::fabs(x), -11) + std::ldexp(1.0, -25);
    };
    double mean = sum / 128, variance = 0;
    for (float x : row)
      variance += (x - mean) * (x - mean) / 128;
    std::vector<float> normed = row;
    layerNorm(normed, ones, zeros, 1e-6f, f16);
    double deviation = std::sqrt(variance + double(1e-6f));
    for (int d = 0; d < 128; ++d) {
      double exact = (row[d] - mean) / deviation;
      // What the mean lacks is of the size of the row.
      double allowed =
          rounding(exact) +
          std::ldexp(16.0, -24) * (size / 128 / deviation + std::fabs(exact));
      if (std::fabs(normed[d] - exact) > allowed)
        FAIL_CHECK("column " << d << " of layer norm: " << normed[d] << ", not "
                             << exact);
    }
    std::vector<float> transformed = normed;
    hadamard(transformed, f16);
    double total = 0;
    for (float x : normed)
      total += std::fabs(x);
    for (int c = 0; c < 128; ++c) {
      double exact = 0;
      for (int d = 0; d < 128; ++d)
        exact += (__builtin_parity(c & d) ? -normed[d] : normed[d]) /
                 std::sqrt(128.0);
      double allowed =
          rounding(exact) + std::ldexp(9.0, -24) * total / std::sqrt(128.0);
      if (std::fabs(transformed[c] - exact) > allowed)
        FAIL_CHECK("column " << c << " of the transform: " << transformed[c]
                             << ", not " << exact);
    }
  }
}
