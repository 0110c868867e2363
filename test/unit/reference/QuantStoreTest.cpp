//===- QuantStoreTest.cpp - Tests of the reference of k_quant_store -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Numbers that were worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "reference/QuantStore.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

using namespace hipdex;

static const Fp8Format fn = Fp8Format::E4M3FN, fnuz = Fp8Format::E4M3FNUZ;
static const float infinity = std::numeric_limits<float>::infinity(),
                   notANumber = std::numeric_limits<float>::quiet_NaN();

static QuantizedRow stored(const std::vector<float> &row, Fp8Format fp8,
                           int64_t fp8Max, bool powerOfTwo) {
  return quantize(row, fp8, fp8Max, powerOfTwo);
}

TEST_CASE("a row is scaled so that its largest is the largest code") {
  QuantizedRow row = stored({224.0f, -448.0f, 1.0f, 0.0f}, fn, 448, false);
  CHECK(row.scale == 1.0f);
  CHECK(row.isFinite);
  CHECK(row.codes == std::vector<uint8_t>{0x76, 0xfe, 0x38, 0x00});
  row = stored({-120.0f, 60.0f}, fnuz, 240, false);
  CHECK(row.scale == 0.5f);
  CHECK(row.codes == std::vector<uint8_t>{0xff, 0x77});
  // 224 is one step of 16 below 240.
  row = stored({-112.0f}, fnuz, 224, false);
  CHECK(row.scale == 0.5f);
  CHECK(row.codes == std::vector<uint8_t>{0xfe});
}

TEST_CASE("ties go to even codes") {
  // 17 is between 16 (code 0x58) and 18 (0x59); 19 between 18 and 20 (0x5a).
  QuantizedRow row = stored({448.0f, 17.0f, 19.0f, -17.0f}, fn, 448, false);
  CHECK(row.codes == std::vector<uint8_t>{0x7e, 0x58, 0x5a, 0xd8});
}

TEST_CASE("scales as powers of two are the next ones") {
  CHECK(stored({448.0f}, fn, 448, true).scale == 1.0f);
  CHECK(stored({448.5f}, fn, 448, true).scale == 2.0f);
  CHECK(stored({447.5f}, fn, 448, true).scale == 1.0f);
  CHECK(stored({224.0f}, fn, 448, true).scale == 0.5f);
  // The floor: 1e-4 / 448 is above 2^-23, 1e-4 / 240 above 2^-22.
  CHECK(stored({0.0f}, fn, 448, true).scale == std::ldexp(1.0f, -22));
  CHECK(stored({0.0f}, fnuz, 240, true).scale == std::ldexp(1.0f, -21));
  CHECK(stored({0.0f}, fn, 448, false).scale == 1e-4f / 448.0f);
  CHECK(stored({-1e-20f, 0.0f}, fnuz, 240, false).codes ==
        std::vector<uint8_t>{0x00, 0x00}); // fnuz has no -0
  CHECK(stored({-1e-20f, 0.0f}, fn, 448, false).codes ==
        std::vector<uint8_t>{0x80, 0x00});
}

TEST_CASE("what is not finite is stored as the largest code of its sign") {
  QuantizedRow row = stored({infinity, -infinity, notANumber,
                             std::copysign(notANumber, -1.0f), 448.0f},
                            fn, 448, false);
  CHECK(!row.isFinite);
  CHECK(row.scale == 1.0f);
  CHECK(row.codes == std::vector<uint8_t>{0x7e, 0xfe, 0x7e, 0xfe, 0x7e});
  row = stored({notANumber, notANumber}, fnuz, 240, false);
  CHECK(row.scale == 1e-4f / 240.0f);
  CHECK(row.codes == std::vector<uint8_t>{0x7f, 0x7f});
}

TEST_CASE("numbers of each source type") {
  CHECK(fromSource(SourceType::BF16, 0x3f80) == 1.0f);
  CHECK(fromSource(SourceType::BF16, 0xc2f7) == -123.5f);
  CHECK(fromSource(SourceType::F16, 0x3c00) == 1.0f);
  CHECK(fromSource(SourceType::F16, 0x0001) == std::ldexp(1.0f, -24));
  CHECK(fromSource(SourceType::F16, 0xfbff) == -65504.0f);
  CHECK(std::isinf(fromSource(SourceType::F16, 0x7c00)));
  CHECK(fromSource(SourceType::F32, 0x40490fdb) == 3.14159274f);
}

TEST_CASE("what is expected of a problem") {
  QuantStoreProblem p;
  p.key = *KernelKey::parse("k_quant_store.gfx950.p1.d64.plain.bf16.i32.fn");
  p.tokens = 4;
  p.kStride = 64;
  p.numPages = 3;
  p.pageStride = 68;
  p.k.assign(4 * 64 * 2, 0);
  p.k[1 * 128 + 1] = 0x43; // token 1, element 0: 0x4300 is 128
  const int32_t slots[] = {-1, 2, 3, 0};
  p.slots.assign(reinterpret_cast<const uint8_t *>(slots),
                 reinterpret_cast<const uint8_t *>(slots + 4));
  p.cache.assign(3 * 68, 0xaa);
  p.execute();
  const std::vector<uint8_t> &after = p.cache;
  CHECK(p.error[0] == (0x80 | 1)); // slot 3 is past the cache
  CHECK(after[1 * 68] == 0xaa);
  CHECK(after[2 * 68] == 0x7e);
  CHECK(after[2 * 68 + 1] == 0);
  CHECK(after[0] == 0);
  float scale;
  std::memcpy(&scale, &after[2 * 68 + 64], 4);
  CHECK(scale == 128.0f / 448.0f);
}
