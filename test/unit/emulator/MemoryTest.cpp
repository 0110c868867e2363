//===- MemoryTest.cpp - Atomics, barriers, buffers, arguments -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>

using namespace hipdex::test;

static std::vector<uint32_t> randomWords(size_t count, uint32_t salt) {
  std::mt19937 random(uint32_t(seed()) ^ salt);
  std::vector<uint32_t> values(count);
  for (uint32_t &value : values)
    value = random();
  return values;
}

TEST_CASE("Atomics of all lanes and waves happen") {
  constexpr unsigned groups = 23, count = 64 * groups;
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    std::vector<uint32_t> values = randomWords(count, 1);
    Buffer<uint32_t> in(values), words({5, ~0u, 0, ~0u, 0, 0, 9}), old(count);
    REQUIRE(launch(module.function("atomics32"), groups, 64, words.data,
                   in.data, old.data) == hipSuccess);
    uint32_t all = ~0u, any = 0, parity = 0, swaps = 9;
    for (uint32_t value : values) {
      all &= value | 0xff;
      any |= value & 0xff;
      parity ^= value;
      swaps += value & 3;
    }
    INFO(arch);
    CHECK(words[0] == 5 + count);
    CHECK(words[1] == *std::min_element(values.begin(), values.end()));
    CHECK(words[2] == *std::max_element(values.begin(), values.end()));
    CHECK(words[3] == all);
    CHECK(words[4] == any);
    CHECK(words[5] == parity);
    CHECK(words[6] == swaps);
    // Every lane saw a sum of its own.
    std::vector<uint32_t> seen = old.values();
    std::sort(seen.begin(), seen.end());
    for (unsigned i = 0; i < count; ++i)
      REQUIRE(seen[i] == 5 + i);

    std::vector<uint64_t> wideValues(count);
    std::mt19937_64 random(seed());
    uint64_t sum = 3, wideParity = 0;
    for (uint64_t &value : wideValues) {
      value = random();
      sum += value;
      wideParity ^= value;
    }
    Buffer<uint64_t> wideIn(wideValues), wideOld(count);
    Buffer<uint64_t> wideWords({3, ~uint64_t(0), 0, 0});
    REQUIRE(launch(module.function("atomics64"), groups, 64, wideWords.data,
                   wideIn.data, wideOld.data) == hipSuccess);
    CHECK(wideWords[0] == sum);
    CHECK(wideWords[1] ==
          *std::min_element(wideValues.begin(), wideValues.end()));
    CHECK(wideWords[2] ==
          *std::max_element(wideValues.begin(), wideValues.end()));
    CHECK(wideWords[3] == wideParity);

    Buffer<float> floatSum(std::vector<float>{0.5f});
    Buffer<double> doubleSum(std::vector<double>{0.25});
    REQUIRE(launch(module.function("atomics_float"), groups, 64, floatSum.data,
                   doubleSum.data, in.data) == hipSuccess);
    double total = 0;
    for (uint32_t value : values)
      total += value & 15;
    CHECK(floatSum[0] == float(total + 0.5));
    CHECK(doubleSum[0] == total + 0.25);
  }
}

TEST_CASE("LDS that was not written holds no zeros, in every workgroup") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    Buffer<uint32_t> out(64);
    // Two times: nothing remains of the workgroup before.
    for (uint32_t firstByte : {0u, 256u}) {
      REQUIRE(launch(module.function("lds_at"), 3, 64, firstByte, out.data) ==
              hipSuccess);
      for (uint32_t lane = 0; lane < 64; ++lane)
        CHECK(out[lane] == (firstByte ? 0xa5a5a5a5 : lane));
    }
  }
}

TEST_CASE("LDS atomics count a histogram") {
  constexpr unsigned groups = 7;
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    std::vector<uint32_t> values = randomWords(256 * groups, 2);
    Buffer<uint32_t> in(values), out(64 * groups);
    REQUIRE(launch(module.function("atomics_lds"), groups, 256, in.data,
                   out.data) == hipSuccess);
    for (unsigned group = 0; group < groups; ++group) {
      uint32_t expected[64] = {};
      for (unsigned i = 0; i < 256; ++i) {
        uint32_t value = values[256 * group + i];
        ++expected[value & 31];
        expected[32] += value;
        expected[33] = std::max(expected[33], value);
      }
      INFO(arch << " group " << group);
      for (unsigned i = 0; i < 64; ++i)
        REQUIRE(out[64 * group + i] == expected[i]);
    }
  }
}

TEST_CASE("The last workgroup to arrive has what all counted, and resets it") {
  constexpr unsigned groups = 37;
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    std::vector<uint32_t> values = randomWords(256 * groups, 4);
    std::vector<uint32_t> expected(64), zeros(64);
    Buffer<uint32_t> in(values), bins(zeros), arrived(std::vector<uint32_t>{0}),
        out(zeros);
    for (uint32_t value : values)
      ++expected[value % 64];
    INFO(arch);
    for (unsigned launches = 1; launches <= 3; ++launches) {
      REQUIRE(launch(module.function("last_arriver"), groups, 256, bins.data,
                     arrived.data, groups, in.data, out.data) == hipSuccess);
      for (unsigned i = 0; i < 64; ++i)
        REQUIRE(out[i] == launches * expected[i]);
      CHECK(bins.values() == zeros);
      CHECK(arrived[0] == 0);
    }
  }
}

TEST_CASE("Barriers hold all waves of a block") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    for (unsigned threads : {64u, 128u, 256u, 1024u}) {
      constexpr unsigned groups = 9;
      std::vector<uint32_t> values = randomWords(threads * groups, 3);
      Buffer<uint32_t> in(values), out(groups);
      REQUIRE(launch(module.function("reduce"), groups, threads, in.data,
                     out.data, threads) == hipSuccess);
      for (unsigned group = 0; group < groups; ++group) {
        uint32_t sum = 0;
        for (unsigned i = 0; i < threads; ++i)
          sum += values[threads * group + i];
        INFO(arch << " " << threads << " threads, group " << group);
        CHECK(out[group] == sum);
      }
    }
    for (unsigned waves : {1u, 3u, 4u, 16u}) {
      constexpr uint32_t rounds = 29;
      Buffer<uint32_t> out(64 * waves);
      REQUIRE(launch(module.function("relay"), 1, 64 * waves, out.data, waves,
                     rounds) == hipSuccess);
      for (unsigned i = 0; i < 64 * waves; ++i)
        REQUIRE(out[i] == (i / 64 + rounds) % waves);
    }
  }
}

TEST_CASE("Buffer accesses stop at num_records") {
  // Reads beyond give 0, writes beyond are dropped, and neither is a fault:
  // raw buffers compare offset + size with num_records ("AMD Instinct MI300"
  // manual, buffer addressing, range checking).
  constexpr uint32_t untouched = 0x11111111;
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    std::vector<uint32_t> values = randomWords(100, 4);
    for (uint32_t &value : values)
      value |= 1;
    for (uint32_t bytes : {0u, 4u, 160u, 161u, 163u, 400u}) {
      uint32_t first = 16;
      Buffer<uint32_t> memory(values), out(64);
      REQUIRE(launch(module.function("buffer_load"), 1, 64, memory.data, bytes,
                     first, out.data) == hipSuccess);
      for (unsigned lane = 0; lane < 64; ++lane) {
        uint32_t end = 4 * (first + lane) + 4;
        INFO(arch << " " << bytes << " bytes, lane " << lane);
        CHECK(out[lane] == (end <= bytes ? values[first + lane] : 0));
      }
      Buffer<uint32_t> byteOut(64);
      REQUIRE(launch(module.function("buffer_load_byte"), 1, 64, memory.data,
                     bytes, first, byteOut.data) == hipSuccess);
      for (unsigned lane = 0; lane < 64; ++lane) {
        uint32_t at = first + lane;
        INFO(arch << " " << bytes << " bytes, lane " << lane);
        CHECK(byteOut[lane] ==
              (at < bytes ? values[at / 4] >> 8 * (at % 4) & 255 : 0));
      }
      Buffer<uint32_t> target(std::vector<uint32_t>(100, untouched));
      Buffer<uint32_t> in(values);
      REQUIRE(launch(module.function("buffer_store"), 1, 64, target.data, bytes,
                     first, in.data) == hipSuccess);
      for (unsigned i = 0; i < 100; ++i) {
        bool written = i >= first && i < first + 64 && 4 * i + 4 <= bytes;
        INFO(arch << " " << bytes << " bytes, word " << i);
        CHECK(target[i] == (written ? values[i - first] : untouched));
      }
    }
    // Four words a lane: the words in range are read, the others are 0.
    Buffer<uint32_t> memory(values), out(256);
    REQUIRE(launch(module.function("buffer_load4"), 1, 64, memory.data, 400u,
                   16u, out.data) == hipSuccess);
    for (unsigned i = 0; i < 96; ++i)
      CHECK(out[i] == values[i + 4]);
    for (unsigned i = 96; i < 256; ++i)
      CHECK(out[i] == 0);
  }
}

TEST_CASE("Loads into LDS put lanes side by side") {
  // M0 says where; lanes that are off leave a hole, what a buffer does not have
  // is 0, and what is narrower than a word fills one.
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    std::vector<uint32_t> values = randomWords(256, 5);
    std::vector<uint32_t> index = randomWords(64, 6);
    for (uint32_t &i : index)
      i %= 60;
    Buffer<uint32_t> in(values), order(index);
    uint64_t masks[] = {~uint64_t(0), 0x8000000000000001, 0, 0};
    masks[3] = randomWords(1, 7)[0] | uint64_t(randomWords(1, 8)[0]) << 32;
    struct Case {
      const char *name;
      uint32_t bytes, offset;
    };
    std::vector<Case> cases = {
        {"1", 1, 0}, {"2", 2, 0}, {"4", 4, 0}, {"4_offset", 4, 16}};
    if (arch == "gfx950") {
      cases.push_back({"12", 12, 0});
      cases.push_back({"16", 16, 0});
    }
    for (const Case &c : cases)
      for (bool isBuffer : {false, true})
        for (uint64_t mask : masks) {
          if (isBuffer && c.offset)
            continue;
          // Ends within an element of four words, and within the values.
          uint32_t size =
              isBuffer ? c.bytes * 30 + (c.bytes > 4 ? 4 : 0) : 1024;
          uint32_t words = (c.bytes + 3) / 4, first = words == 4 ? 0 : 7;
          Buffer<uint32_t> out(256);
          std::string name = isBuffer ? "buffer_to_lds_" : "global_to_lds_";
          void *function = module.function((name + c.name).c_str());
          REQUIRE((isBuffer ? launch(function, 1, 64, in.data, order.data, mask,
                                     first, out.data, size)
                            : launch(function, 1, 64, in.data, order.data, mask,
                                     first, out.data)) == hipSuccess);
          std::vector<uint32_t> expected(256, 5);
          for (unsigned lane = 0; lane < 64; ++lane) {
            if (!(mask >> lane & 1))
              continue;
            for (unsigned word = 0; word < words; ++word) {
              uint32_t at = c.bytes * index[lane] + c.offset + 4 * word;
              uint32_t bytes = std::min(c.bytes, 4u), value = 0;
              if (at + bytes <= size)
                std::memcpy(&value,
                            reinterpret_cast<char *>(values.data()) + at,
                            bytes);
              expected[first + c.offset / 4 + lane * words + word] = value;
            }
          }
          INFO(arch << " " << name << c.name << " mask " << mask);
          for (unsigned i = 0; i < 256; ++i) {
            INFO("word " << i);
            REQUIRE(out[i] == expected[i]);
          }
        }
    // One word past the end of LDS.
    Buffer<uint32_t> out(256);
    CHECK(launch(module.function("global_to_lds_4"), 1, 64, in.data, order.data,
                 ~uint64_t(0), 193u, out.data) != hipSuccess);
    CHECK_THAT(lastMessage(),
               Catch::Contains("lane 63: load of 4 bytes at LDS offset 0x400, "
                               "outside the 1024 bytes of LDS"));
  }
}

TEST_CASE("A kernel knows its place in the grid") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    const unsigned grids[][6] = {{1, 1, 1, 64, 1, 1},
                                 {3, 2, 4, 8, 4, 2},
                                 {2, 3, 1, 5, 7, 3},
                                 {5, 1, 2, 1, 1, 100}};
    for (const unsigned (&grid)[6] : grids) {
      unsigned blocks = grid[0] * grid[1] * grid[2];
      unsigned threads = grid[3] * grid[4] * grid[5];
      Buffer<uint32_t> out(16 * blocks * threads);
      void *arguments[] = {&out.data};
      int status = hipModuleLaunchKernel(
          module.function("ids"), grid[0], grid[1], grid[2], grid[3], grid[4],
          grid[5], 0, nullptr, arguments, nullptr);
      INFO(arch << " " << lastMessage());
      REQUIRE(status == hipSuccess);
      unsigned at = 0;
      for (unsigned gz = 0; gz < grid[2]; ++gz)
        for (unsigned gy = 0; gy < grid[1]; ++gy)
          for (unsigned gx = 0; gx < grid[0]; ++gx)
            for (unsigned z = 0; z < grid[5]; ++z)
              for (unsigned y = 0; y < grid[4]; ++y)
                for (unsigned x = 0; x < grid[3]; ++x, ++at) {
                  const uint32_t expected[15] = {
                      x,       y,       z,       gx,      gy,
                      gz,      grid[0], grid[1], grid[2], grid[3],
                      grid[4], grid[5], 0,       grid[3], grid[0] * grid[3]};
                  INFO("work-item " << at);
                  REQUIRE(std::equal(expected, expected + 15, &out[16 * at]));
                }
    }
  }
}

TEST_CASE("Variables of a code object are found and used") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    void *address = nullptr;
    size_t bytes = 0;
    REQUIRE(hipModuleGetGlobal(&address, &bytes, module.handle,
                               "counterVariable") == hipSuccess);
    REQUIRE(bytes == 4);
    uint32_t value = 0;
    REQUIRE(hipMemcpyDtoH(&value, address, 4) == hipSuccess);
    CHECK(value == 41);
    value = 1000;
    REQUIRE(hipMemcpyHtoD(address, &value, 4) == hipSuccess);
    Buffer<uint32_t> out(64);
    REQUIRE(launch(module.function("use_variables"), 1, 64, out.data) ==
            hipSuccess);
    for (unsigned lane = 0; lane < 64; ++lane)
      CHECK(out[lane] == 1000 + 10 * (lane % 4 + 1));
    CHECK(hipModuleGetGlobal(&address, &bytes, module.handle, "nothing") ==
          hipErrorNotFound);
    CHECK(lastMessage().find("nothing") != std::string::npos);
  }
}

namespace {
struct Triple {
  uint32_t x;
  uint64_t y;
  unsigned char z;
};
} // namespace

TEST_CASE("Arguments of all sizes arrive, either way of passing") {
  unsigned char a = 0xab;
  unsigned short b = 0xcdef;
  uint32_t c = 0x12345678;
  uint64_t d = 0x9abcdef012345678;
  float e = 1.5f;
  double f = -2.25;
  Triple g = {7, 0x1122334455667788, 0x99};
  uint64_t eBits = 0, fBits;
  std::memcpy(&eBits, &e, 4);
  std::memcpy(&fBits, &f, 8);
  const uint64_t expected[10] = {a, b, c, d, eBits, fBits, g.x, g.y, g.z, 0x77};
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    hipFunction_t function = module.function("arguments");
    Buffer<uint64_t> out(10);
    REQUIRE(launch(function, 1, 64, a, b, c, d, e, f, g, out.data) ==
            hipSuccess);
    CHECK(std::equal(expected, expected + 10, &out[0]));

    struct {
      unsigned char a;
      unsigned short b;
      uint32_t c;
      uint64_t d;
      float e;
      double f;
      Triple g;
      uint64_t *out;
    } packed = {a, b, c, d, e, f, g, out.data};
    size_t size = sizeof(packed);
    void *extra[] = {(void *)1, &packed, (void *)2, &size, (void *)3};
    for (unsigned i = 0; i < 10; ++i)
      out[i] = 0;
    REQUIRE(hipModuleLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, nullptr,
                                  nullptr, extra) == hipSuccess);
    CHECK(std::equal(expected, expected + 10, &out[0]));
  }
}
