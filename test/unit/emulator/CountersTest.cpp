//===- CountersTest.cpp - Counts of kernels counted by eye ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels stand in kernels/Counters.s with their counts. CMake runs this
// program with one thread and with several: the numbers are the same.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>

using namespace hipdex::test;

static hipdex_emulator_counters counters() {
  hipdex_emulator_counters result = {};
  result.struct_size = sizeof(result);
  REQUIRE(hipdex_emulator_get_counters(&result) == 0);
  return result;
}

TEST_CASE("Straight code is counted exactly") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Counters", arch);
    hipFunction_t function = module.function("straight");
    // All workgroups use the same 64 words a wave.
    for (auto [groups, threads] :
         {std::pair(1u, 64u), std::pair(13u, 64u), std::pair(5u, 256u)}) {
      INFO(arch << " " << groups << " groups of " << threads);
      Buffer<uint32_t> in(threads), out(threads);
      for (unsigned i = 0; i < threads; ++i)
        in[i] = i;
      uint64_t waves = uint64_t(groups) * threads / 64;
      hipdex_emulator_reset_counters();
      hipdex_emulator_watch(&in[8], 32); // words 8 to 15
      REQUIRE(launch(function, groups, threads, in.data, out.data) ==
              hipSuccess);
      hipdex_emulator_watch(nullptr, 0);
      for (unsigned i = 0; i < threads; ++i)
        REQUIRE(out[i] == 2 * i + 3);
      hipdex_emulator_counters counts = counters();
      CHECK(counts.launches == 1);
      CHECK(counts.workgroups == groups);
      CHECK(counts.waves == waves);
      CHECK(counts.instructions == 22 * waves);
      CHECK(counts.smem == waves);
      CHECK(counts.wait == 2 * waves);
      CHECK(counts.valu == 5 * waves);
      CHECK(counts.vmem_load == waves);
      CHECK(counts.vmem_store == waves);
      CHECK(counts.salu == 7 * waves);
      CHECK(counts.branch == 4 * waves);
      CHECK(counts.nop == waves);
      CHECK(counts.mfma == 0);
      CHECK(counts.lds == 0);
      CHECK(counts.other == 0);
      CHECK(counts.min_per_wave == 22);
      CHECK(counts.max_per_wave == 22);
      CHECK(counts.bytes_loaded == 256 * waves);
      CHECK(counts.bytes_stored == 256 * waves);
      CHECK(counts.scalar_bytes_loaded == 16 * waves);
      CHECK(counts.segments_loaded == 4 * waves);
      CHECK(counts.segments_stored == 4 * waves);
      CHECK(counts.watched_segments_loaded == groups);
      CHECK(counts.watched_segments_stored == 0);
      // Only the first wave of a group touches the watched words.
      CHECK(counts.watched_bytes == 32 * groups);
      CHECK(counts.watched_waves == groups);
      CHECK(counts.min_before_watched == 3);
      CHECK(counts.max_before_watched == 3);
    }
  }
}

TEST_CASE("MFMA, LDS and barriers are counted, and waves apart") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Counters", arch);
    Buffer<uint32_t> in(128), out(128);
    hipdex_emulator_reset_counters();
    constexpr uint64_t groups = 6;
    int status =
        launch(module.function("classes"), groups, 128, in.data, out.data);
    INFO(arch << " " << lastMessage());
    REQUIRE(status == hipSuccess);
    hipdex_emulator_counters counts = counters();
    CHECK(counts.waves == 2 * groups);
    CHECK(counts.instructions == (17 + 16) * groups);
    CHECK(counts.mfma == groups);
    CHECK(counts.lds == 4 * groups);
    CHECK(counts.wait == 6 * groups);
    CHECK(counts.valu == 8 * groups);
    CHECK(counts.salu == 6 * groups);
    CHECK(counts.branch == 4 * groups);
    CHECK(counts.min_per_wave == 16);
    CHECK(counts.max_per_wave == 17);
    CHECK(counts.bytes_stored == 2 * 16 * 4 * groups);
    CHECK(counts.watched_waves == 0);
    CHECK(counts.min_before_watched == 0);
    for (unsigned i = 0; i < 128; ++i)
      CHECK(out[i] == (i % 64 < 16 ? 0x3f800000 : 0));
  }
}

TEST_CASE("Segments of an instruction are counted once") {
  struct Case {
    const char *what;
    uint32_t first, step; ///< Offsets of the lanes.
    /// Of 64 lanes of 16 bytes, those of them in a buffer of 72 bytes, and of
    /// lanes 0 to 7 with 8 bytes.
    uint64_t loaded, inBuffer, stored;
  };
  const Case cases[] = {
      {"consecutive", 0, 16, 16, 2, 2},
      {"all in one place", 32, 0, 1, 1, 1},
      {"one a lane", 0, 64, 64, 2, 8},
      // Half of a lane's bytes are in the next lane's segment. In the buffer
      // are lane 0's, all of them.
      {"straddling", 56, 64, 65, 2, 8},
      {"every other one, straddling", 56, 128, 128, 2, 8},
      {"backwards", 63 * 16, uint32_t(-16), 16, 2, 2},
      {"far apart", 0, 1 << 16, 64, 1, 8},
      {"far apart, straddling", 60, 1 << 16, 128, 2, 16},
  };
  for (const std::string &arch : arches()) {
    LoadedModule module("Counters", arch);
    for (const Case &c : cases) {
      INFO(arch << ": " << c.what);
      Buffer<uint8_t> data(1 << 22);
      Buffer<uint32_t> offsets(64);
      for (unsigned lane = 0; lane < 64; ++lane)
        offsets[lane] = c.first + lane * c.step;
      hipdex_emulator_reset_counters();
      hipdex_emulator_watch(data.data, 1 << 22);
      int status =
          launch(module.function("segments"), 1, 64, data.data, offsets.data);
      hipdex_emulator_watch(nullptr, 0);
      INFO(lastMessage());
      REQUIRE(status == hipSuccess);
      hipdex_emulator_counters counts = counters();
      CHECK(counts.watched_segments_loaded == c.loaded + c.inBuffer);
      CHECK(counts.watched_segments_stored == c.stored);
      // The offsets are four segments.
      CHECK(counts.segments_loaded == 4 + c.loaded + c.inBuffer);
      CHECK(counts.segments_stored == c.stored);
    }
  }
}

TEST_CASE("A launch that fails counts nothing") {
  LoadedModule module("Counters", "gfx950");
  Buffer<uint32_t> words(64);
  hipdex_emulator_reset_counters();
  REQUIRE(launch(module.function("undefined"), 3, 64, words.data, words.data) ==
          hipErrorLaunchFailure);
  CHECK(counters().instructions == 0);
  CHECK(counters().launches == 0);
  CHECK(counters().min_per_wave == 0);
}

TEST_CASE("Counters respect the size of the caller's struct") {
  hipdex_emulator_counters counts = {};
  counts.valu = 77;
  counts.struct_size = offsetof(hipdex_emulator_counters, valu);
  CHECK(hipdex_emulator_get_counters(&counts) == 0);
  CHECK(counts.valu == 77);
  counts.struct_size = 4;
  CHECK(hipdex_emulator_get_counters(&counts) == 1);
  CHECK(hipdex_emulator_get_counters(nullptr) == 1);
}
