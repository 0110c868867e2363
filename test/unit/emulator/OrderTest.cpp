//===- OrderTest.cpp - Which workgroup runs when --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <numeric>

using namespace hipdex::test;

namespace {

/// The schedule of a scope; then the environment's again, which asks for no
/// order.
struct ScheduleScope {
  ScheduleScope(unsigned threads, uint64_t order) {
    hipdex_emulator_schedule(threads, order);
  }
  ~ScheduleScope() {
    const char *threads = std::getenv("HIPDEX_EMULATOR_THREADS");
    hipdex_emulator_schedule(threads ? std::atoi(threads) : 0, 0);
  }
};

/// How many workgroups added to a word before each workgroup did.
std::vector<uint32_t> places(const LoadedModule &module, unsigned groups) {
  Buffer<uint32_t> in(std::vector<uint32_t>(64 * groups)),
      words(std::vector<uint32_t>(7)), old(64 * groups);
  REQUIRE(launch(module.function("atomics32"), groups, 64, words.data, in.data,
                 old.data) == hipSuccess);
  std::vector<uint32_t> result(groups);
  for (unsigned group = 0; group < groups; ++group)
    result[group] = old[64 * group] / 64;
  return result;
}

} // namespace

TEST_CASE("A seed is an order of workgroups") {
  LoadedModule module("Memory", "gfx950");
  for (unsigned groups : {1, 2, 3, 4, 5, 16, 17, 23, 64, 100, 1000}) {
    INFO(groups << " workgroups");
    std::vector<uint32_t> byNumber(groups);
    std::iota(byNumber.begin(), byNumber.end(), 0);
    {
      ScheduleScope scope(1, 0);
      CHECK(places(module, groups) == byNumber);
    }
    std::vector<std::vector<uint32_t>> orders;
    for (uint64_t order : {uint64_t(1), uint64_t(2), uint64_t(3), ~uint64_t(0),
                           seed() | uint64_t(1) << 63}) {
      INFO("order " << order);
      ScheduleScope scope(1, order);
      std::vector<uint32_t> first = places(module, groups);
      CHECK(places(module, groups) == first);
      orders.push_back(first);
      std::sort(first.begin(), first.end());
      CHECK(first == byNumber);
    }
    if (groups < 16)
      continue;
    orders.push_back(byNumber);
    std::sort(orders.begin(), orders.end());
    CHECK(std::adjacent_find(orders.begin(), orders.end()) == orders.end());
  }
}

TEST_CASE("Every workgroup runs once in any order and on any threads") {
  LoadedModule module("Memory", "gfx942");
  for (unsigned threads : {1, 2, 3, 9})
    for (uint64_t order : {uint64_t(0), seed() | 1}) {
      INFO(threads << " threads, order " << order);
      ScheduleScope scope(threads, order);
      constexpr unsigned groups = 77;
      std::vector<uint32_t> expected(64 * groups);
      std::iota(expected.begin(), expected.end(), 0);
      Buffer<uint32_t> in(std::vector<uint32_t>(64 * groups)),
          words(std::vector<uint32_t>(7)), old(64 * groups);
      REQUIRE(launch(module.function("atomics32"), groups, 64, words.data,
                     in.data, old.data) == hipSuccess);
      std::vector<uint32_t> seen = old.values();
      std::sort(seen.begin(), seen.end());
      CHECK(seen == expected);
    }
}

TEST_CASE("The first workgroup of the order that fails is reported") {
  LoadedModule module("Memory", "gfx950");
  constexpr unsigned groups = 40;
  // Every workgroup writes beyond the end.
  Buffer<uint32_t> in(std::vector<uint32_t>(64 * groups)),
      words(std::vector<uint32_t>(7)), old(1);
  auto message = [&](unsigned threads, uint64_t order) {
    ScheduleScope scope(threads, order);
    CHECK(launch(module.function("atomics32"), groups, 64, words.data, in.data,
                 old.data) != hipSuccess);
    return lastMessage();
  };
  CHECK_THAT(message(1, 0), Catch::Contains("workgroup (0, 0, 0)"));
  std::vector<std::string> messages;
  for (uint64_t order : {1, 2, 3, 4, 5, 6}) {
    messages.push_back(message(1, order));
    CHECK(message(7, order) == messages.back());
  }
  std::sort(messages.begin(), messages.end());
  CHECK(messages.front() != messages.back());
}
