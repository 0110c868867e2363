//===- KeysTest.cpp - Every supported key on random problems --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Random.h"
#include <catch2/catch.hpp>
#include <limits>

using namespace hipdex;

TEST_CASE("every key: a ragged batch") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.batch = 5;
    options.contextLow = 1;
    options.contextHigh = 3000;
    check(draw(key, options));
  }
}

TEST_CASE("every key: lengths around every boundary") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {0, 1, int32_t(key.nextN - 1), int32_t(key.nextN)};
    // Pages, MFMA tiles, half steps and steps.
    for (int64_t boundary : {key.pageSize, int64_t(16), int64_t(32),
                             int64_t(64), int64_t(128), int64_t(256)})
      for (int64_t delta : {-1, 0, 1})
        options.contextLens.push_back(boundary + delta);
    options.width = 300;
    options.qPadding = 16;
    options.weightsPadding = 4;
    options.tablePadding = 3;
    options.logitsPadding = 5;
    options.pagePadding = 48;
    check(draw(key, options));
  }
}

TEST_CASE("every key: lengths that the device must clamp") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.width = 203;
    options.contextLens = {-1,
                           std::numeric_limits<int32_t>::min(),
                           204,
                           203,
                           std::numeric_limits<int32_t>::max(),
                           202,
                           0,
                           1000};
    check(draw(key, options));
  }
}

TEST_CASE("every key: entries out of range give -inf") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.batch = 7;
    options.contextLow = 0;
    options.contextHigh = 700;
    options.invalidEntries = 30;
    check(draw(key, options));
  }
}

TEST_CASE("every key: many small requests") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.batch = 1 + Random(nextSeed(), 0, 0).below(512);
    options.contextLow = 0;
    options.contextHigh = 40;
    options.width = 64;
    check(draw(key, options));
  }
}

TEST_CASE("every key: one request") {
  for (const KernelKey &key : testKeys())
    for (int64_t length : {1, 2, 65, 4097}) {
      ProblemOptions options;
      options.contextLens = {int32_t(length)};
      check(draw(key, options));
    }
}

TEST_CASE("every key: a row wider than its context") {
  // The table's memory ends with the last entry of the context: a read of the
  // one after it faults.
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {int32_t(1 + Random(nextSeed(), 0, 0).below(500))};
    options.width = 4096;
    check(draw(key, options));
  }
}

TEST_CASE("every key: nothing to do writes nothing") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {0, -3, 0};
    options.width = 130;
    check(draw(key, options));
    // No columns at all: no launch, with any grid.
    options.contextLens = {5};
    options.width = 0;
    check(draw(key, options));
    check(draw(key, options), nullptr, 3);
  }
}

TEST_CASE("every key: random shapes") {
  for (const KernelKey &key : testKeys())
    for (int i = 0; i < 6; ++i) {
      Random random(nextSeed(), 0, 0);
      // Sizes with a uniform number of bits, and some 20,000 tokens at most.
      auto size = [&](unsigned bits) {
        return int64_t(random.below(uint64_t(2) << random.below(bits)));
      };
      ProblemOptions options;
      options.batch = 1 + size(9);
      options.contextHigh = size(12) * 16 / (15 + options.batch) + 1;
      options.contextLow = random.below(options.contextHigh + 1);
      if (random.below(2))
        options.width = options.contextHigh * random.below(17) / 8;
      options.invalidEntries = random.below(2) * random.below(10);
      options.pagePadding = 16 * random.below(4);
      options.qPadding = 16 * random.below(4);
      options.weightsPadding = 4 * random.below(4);
      options.tablePadding = random.below(4);
      options.logitsPadding = random.below(70);
      std::optional<uint32_t> grid;
      if (random.below(2) && options.width != 0)
        grid = 1 + size(9);
      check(draw(key, options), nullptr, grid);
    }
}
