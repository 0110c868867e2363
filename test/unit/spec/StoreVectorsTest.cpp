//===- StoreVectorsTest.cpp - Layout and encoding against golden bytes ----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// test/data/vectors/k_quant_store holds caches that an independent
// implementation of the K store filled; see their manifests. Its arithmetic:
// scale = max(amax, 1e-4) / fp8_max, code = fp8(clamp(k * (1 / scale))).
//
//===----------------------------------------------------------------------===//

#include "Spec/Arch.h"
#include "Spec/CacheLayout.h"
#include "llvm/Support/MemoryBuffer.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

using namespace hipdex;

static std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  INFO(path);
  REQUIRE(bool(buffer));
  return (*buffer)->getBuffer().str();
}

static float fromBf16(uint16_t half) {
  uint32_t bits = uint32_t(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

static void checkVector(const char *name, Fp8Format fp8, CacheOrder order) {
  INFO(name);
  std::string folder =
      std::string(HIPDEX_TEST_VECTORS "/k_quant_store/") + name;
  std::string k = readFile(folder + "/k_bf16.bin");
  std::string slots = readFile(folder + "/slots.bin");
  std::string cache = readFile(folder + "/cache_before.bin");
  std::string expected = readFile(folder + "/cache_after.bin");
  CacheLayout layout;
  layout.pageSize = 64;
  layout.headDim = 128;
  layout.order = order;
  layout.fp8 = fp8;
  float fp8Max = fp8 == Fp8Format::E4M3FN ? 448.0f : 240.0f;
  size_t tokens = slots.size() / 8;
  REQUIRE(tokens == 150);
  REQUIRE(cache.size() == size_t(4 * layout.pageBytes()));

  for (size_t token = 0; token < tokens; ++token) {
    int64_t slot;
    std::memcpy(&slot, slots.data() + token * 8, 8);
    if (slot < 0)
      continue;
    float row[128];
    float amax = 0;
    for (int64_t d = 0; d < 128; ++d) {
      uint16_t half;
      std::memcpy(&half, k.data() + (token * 128 + d) * 2, 2);
      row[d] = fromBf16(half);
      amax = std::max(amax, std::fabs(row[d]));
    }
    float scale = std::max(amax, 1e-4f) / fp8Max;
    float inverse = 1.0f / scale;
    for (int64_t d = 0; d < 128; ++d)
      cache[layout.elementOffset(slot, d, layout.pageBytes())] =
          char(encodeFp8(fp8, row[d] * inverse));
    std::memcpy(&cache[layout.scaleOffset(slot, layout.pageBytes())], &scale,
                4);
  }
  CHECK(cache == expected);
}

TEST_CASE("a K store written with the layout gives the golden bytes") {
  checkVector("fn_pre_fp32", Fp8Format::E4M3FN, CacheOrder::Preshuffle16x16);
  checkVector("fnuz_plain_fp32", Fp8Format::E4M3FNUZ, CacheOrder::Plain);
}
