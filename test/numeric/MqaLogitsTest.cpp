//===- MqaLogitsTest.cpp - mqa_logits against the reference ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random problems of every key are in KeysTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "reference/MqaLogits.h"
#include "Harness.h"
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <iostream>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}

/// Launches the problem, which then holds the logits.
static hipdex_emulator_counters launch(MqaLogitsProblem &p) {
  LaunchCounters counters;
  RowLaunchOptions options;
  options.counters = &counters;
  options.watched = "k";
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), p, options));
  return counters.counts;
}

static void check(const MqaLogitsProblem &p) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.rows << " rows, "
                   << p.tokens << " tokens, width " << p.width);
  MqaLogitsProblem got = p;
  launch(got);
  CHECK(p.compare(got) == "");
}

TEST_CASE("mqa_logits: no rows, no tokens, one of each") {
  for (const char *text : {"mqa_logits.gfx942.d128.h64.fnuz",
                           "mqa_logits.gfx950.d64.h16.fn.neginf"})
    for (auto [rows, tokens, width] :
         std::initializer_list<std::array<int64_t, 3>>{{0, 100, 100},
                                                       {5, 100, 0},
                                                       {5, 0, 0},
                                                       {5, 0, 300},
                                                       {1, 1, 1},
                                                       {1, 64, 64},
                                                       {9, 65, 63},
                                                       {7, 63, 65}}) {
      auto key = KernelKey::parse(text);
      require(key.takeError());
      MqaLogitsOptions options;
      options.seed = nextSeed();
      options.rows = rows;
      options.tokens = tokens;
      options.width = width;
      check(MqaLogitsProblem::random(*key, options));
    }
}

TEST_CASE("mqa_logits: a row by itself has the same bits") {
  for (const char *text :
       {"mqa_logits.gfx942.d128.h32.fnuz", "mqa_logits.gfx950.d128.h64.fn"}) {
    auto key = KernelKey::parse(text);
    require(key.takeError());
    MqaLogitsOptions options;
    options.seed = nextSeed();
    options.rows = 11;
    options.tokens = 300;
    MqaLogitsProblem all = MqaLogitsProblem::random(*key, options), one = all;
    launch(all);
    one.rows = 1;
    for (int64_t m = 0; m < all.rows; ++m) {
      MqaLogitsProblem row = one;
      row.q.erase(row.q.begin(), row.q.begin() + m * row.qStrideRow);
      row.weights.erase(row.weights.begin(),
                        row.weights.begin() + m * row.weightsStride);
      row.starts = {one.starts[m]};
      row.ends = {one.ends[m]};
      row.allocate();
      launch(row);
      CHECK(std::memcmp(row.logits.data(),
                        all.logits.data() + m * all.logitsStride,
                        all.width * sizeof(float)) == 0);
    }
  }
}

TEST_CASE("mqa_logits: instructions of a token and row") {
  // Wave instructions of a row for 16 tokens, by two lengths: what waves do
  // once is in neither. At most 1.1 times what the decode kernel takes with one
  // row (counts.txt).
  for (auto [text, decode] :
       {std::make_pair("mqa_logits.gfx942.d128.h64.fnuz", 45.75),
        std::make_pair("mqa_logits.gfx950.d128.h64.fn", 40.5),
        std::make_pair("mqa_logits.gfx942.d128.h32.fnuz", 29.0),
        std::make_pair("mqa_logits.gfx950.d128.h32.fn", 25.0)}) {
    auto key = KernelKey::parse(text);
    require(key.takeError());
    // So many rows that both lengths are split over as many waves.
    constexpr int64_t rows = 1200, less = 2560, more = 3840;
    uint64_t counted[2];
    for (int i = 0; i < 2; ++i) {
      MqaLogitsOptions options;
      options.seed = nextSeed();
      options.rows = rows;
      options.tokens = i ? more : less;
      MqaLogitsProblem p = MqaLogitsProblem::random(*key, options);
      std::fill(p.starts.begin(), p.starts.end(), 0);
      std::fill(p.ends.begin(), p.ends.end(), options.tokens);
      counted[i] = launch(p).instructions;
    }
    double per16 =
        double(counted[1] - counted[0]) / (double(more - less) / 16 * rows);
    INFO(text << ": " << per16 << " for 16 tokens and a row");
    CHECK(per16 <= 1.1 * decode);
    std::cout << text << ": " << per16 << " for 16 tokens and a row\n";
  }
}
