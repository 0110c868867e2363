//===- KeysTest.cpp - Every supported key on random problems --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "Every key" is a set that has every triple of field values (testKeys()). The
// last test, which only test/run.sh --full runs, takes all there are.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Random.h"
#include "reference/RowProblem.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>

using namespace hipdex;

/// Lengths at which something ends or begins, or that the device must clamp, in
/// rows of \p width columns.
static std::vector<int32_t> edgeLengths(const KernelKey &key, int32_t width) {
  std::vector<int32_t> lengths = {0,
                                  1,
                                  int32_t(key.nextN - 1),
                                  int32_t(key.nextN),
                                  -1,
                                  std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int32_t>::max(),
                                  width - 1,
                                  width,
                                  width + 1};
  // Blocks, pages, MFMA tiles, half steps and steps.
  for (int64_t boundary :
       {key.kvBlockSize, key.pageSize, int64_t(16), int64_t(32), int64_t(64),
        int64_t(128), int64_t(256)})
    for (int64_t delta : {-1, 0, 1})
      lengths.push_back(boundary + delta);
  return lengths;
}

/// A problem with those lengths, in random order, and no dense stride.
static Shape edgeShape(const KernelKey &key, uint64_t seed,
                       size_t maxLengths = SIZE_MAX) {
  Random random(seed, 2, 0);
  Shape shape;
  ProblemOptions &options = shape.options;
  options.seed = seed;
  options.width = 270 + random.below(60);
  options.contextLens = edgeLengths(key, options.width);
  for (size_t i = 1; i < options.contextLens.size(); ++i)
    std::swap(options.contextLens[i], options.contextLens[random.below(i + 1)]);
  if (options.contextLens.size() > maxLengths)
    options.contextLens.resize(maxLengths);
  options.qPadding = 16;
  options.weightsPadding = 4;
  options.tablePadding = 3;
  options.logitsPadding = 5;
  options.pagePadding = 48;
  if (random.below(2))
    shape.workgroups = 1 + random.below(20);
  return shape;
}

TEST_CASE("every key: lengths around every boundary, and to clamp") {
  checkKeys([](const KernelKey &key, uint64_t seed) {
    return std::vector<Shape>{edgeShape(key, seed)};
  });
}

TEST_CASE("every key: entries out of range give -inf") {
  checkKeys([](const KernelKey &key, uint64_t seed) {
    Shape shape;
    shape.options.seed = seed;
    shape.options.batch = 7;
    shape.options.contextLow = 0;
    shape.options.contextHigh = 400;
    shape.options.invalidEntries = key.checkTable ? 30 : 0;
    return std::vector<Shape>{shape};
  });
}

TEST_CASE("every key: many small requests") {
  checkKeys([](const KernelKey &key, uint64_t seed) {
    Shape shape;
    shape.options.seed = seed;
    shape.options.batch =
        1 + Random(seed, 3, 0).below(16384 / key.heads / key.nextN);
    shape.options.contextLow = 0;
    shape.options.contextHigh = 40;
    shape.options.width = 64;
    return std::vector<Shape>{shape};
  });
}

TEST_CASE("every key: one request") {
  checkKeys([](const KernelKey &, uint64_t seed) {
    std::vector<Shape> shapes;
    // The table's memory ends with the last entry of the context: where rows
    // are wider, a read of the one after it faults.
    Random random(seed, 4, 0);
    const std::pair<int32_t, int64_t> lengthsAndWidths[] = {
        {1, -1}, {65, -1}, {2049, -1}, {1 + int32_t(random.below(500)), 2048}};
    for (auto [length, width] : lengthsAndWidths) {
      Shape shape;
      shape.options.seed = seed + shapes.size();
      shape.options.contextLens = {length};
      shape.options.width = width;
      shapes.push_back(shape);
    }
    return shapes;
  });
}

TEST_CASE("every key: no tokens, and no columns") {
  checkKeys([](const KernelKey &, uint64_t seed) {
    Shape shape;
    shape.options.seed = seed;
    shape.options.contextLens = {0, -3, 0};
    shape.options.width = 130;
    std::vector<Shape> shapes = {shape};
    // No columns at all: no launch, with any grid.
    shape.options.contextLens = {5};
    shape.options.width = 0;
    shapes.push_back(shape);
    shape.workgroups = 3;
    shapes.push_back(shape);
    return shapes;
  });
}

TEST_CASE("every key: random shapes") {
  checkKeys([](const KernelKey &key, uint64_t seed) {
    std::vector<Shape> shapes;
    for (uint64_t i = 0; i < 4; ++i)
      shapes.push_back(randomShape(key, Random(seed, 5, i).bits(), 1 << 19));
    return shapes;
  });
}

TEST_CASE("every key of the ops on K rows: random problems") {
  for (Op op : allOps())
    if (RowProblem::create(op))
      checkKeys(
          [](const KernelKey &key, uint64_t seed) {
            std::vector<Shape> shapes;
            for (uint64_t i = 0; i < 6; ++i)
              shapes.push_back(randomShape(key, Random(seed, 5, i).bits()));
            return shapes;
          },
          op);
}

/// HIPDEX_TEST_SHARD: "2/8" is the second of eight parts, which together are
/// all.
static std::pair<unsigned, unsigned> testShard() {
  const char *text = std::getenv("HIPDEX_TEST_SHARD");
  std::pair<unsigned, unsigned> shard = {1, 1};
  if (!text)
    return shard;
  auto [part, parts] = llvm::StringRef(text).split('/');
  if (part.getAsInteger(10, shard.first) ||
      parts.getAsInteger(10, shard.second) || shard.first < 1 ||
      shard.first > shard.second)
    FAIL("HIPDEX_TEST_SHARD is \"" << text << "\", must be I/N, as in 2/8");
  return shard;
}

TEST_CASE("all keys", "[.][full]") {
  // Read when the first device is opened. Keys take the cores, not launches.
  ::setenv("HIPDEX_EMULATOR_THREADS", "1", /*overwrite=*/0);
  std::pair<unsigned, unsigned> shard = testShard();
  unsigned part = shard.first, parts = shard.second;
  std::vector<KernelKey> all = KernelKey::all(), keys;
  if (const char *text = std::getenv("HIPDEX_TEST_KEY"))
    llvm::erase_if(all, [&](const KernelKey &key) {
      return !llvm::StringRef(key.str()).contains(text);
    });
  for (size_t i = part - 1; i < all.size(); i += parts)
    keys.push_back(all[i]);

  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  auto seconds = [&] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  auto make = [&](uint64_t number) {
    const KernelKey &key = keys[number];
    uint64_t seed = Random(testSeed(), 6, part - 1 + number * parts).bits();
    if (!Problem::isOf(key.op))
      return Check{key, {randomShape(key, seed), randomShape(key, seed + 1)}};
    Shape edges = edgeShape(key, seed, 8);
    edges.options.invalidEntries = key.checkTable ? 10 : 0;
    return Check{key, {edges, randomShape(key, seed + 1, 1 << 18)}};
  };
  CheckOptions options;
  // Each kernel is wanted once.
  options.cacheDirectory = "";
  options.maxFailures = 50;
  options.inspect = checkResources;
  double told = 0;
  options.progress = [&](uint64_t done) {
    if (seconds() < told + 30)
      return;
    told = seconds();
    std::cout << done << " of " << keys.size() << " keys, " << int(told) << " s"
              << std::endl;
  };
  auto result = runChecks(keys.size(), make, options);
  if (!result)
    FAIL(llvm::toString(result.takeError()));
  char summary[200];
  std::snprintf(summary, sizeof(summary),
                "all keys, shard %u/%u: %zu of %zu keys, %llu problems, %zu "
                "keys failed, %.1f s (%.1f ms a key), seed %llu",
                part, parts, size_t(result->checks), keys.size(),
                (unsigned long long)result->problems, result->failures.size(),
                seconds(), 1e3 * seconds() / double(result->checks),
                (unsigned long long)testSeed());
  std::cout << summary << std::endl;
  for (Op op : allOps()) {
    auto isOfOp = [&](const KernelKey &key) { return key.op == op; };
    std::cout << opName(op).str() << ": " << llvm::count_if(keys, isOfOp)
              << " of " << llvm::count_if(all, isOfOp) << " keys" << std::endl;
  }
  for (const CheckFailure &failure : result->failures)
    FAIL_CHECK(failure.what);
  CHECK(result->checks == keys.size());
  CHECK(result->problems == 2 * keys.size());
}
