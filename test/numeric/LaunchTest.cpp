//===- LaunchTest.cpp - What a result must not depend on ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/RowProblem.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace hipdex;

TEST_CASE("the shares of two teams of waves differ by at most one step") {
  for (const KernelKey &key : testKeys()) {
    KernelMetadata metadata = metadataOf(kernelOf(key));
    // One page a step, so that pages say where a share begins.
    if (key.pageSize != metadata.stepTokens || key.kvBlockSize != key.pageSize)
      continue;
    INFO(key.str());
    ProblemOptions options;
    options.contextLens = {130, 0, 1, 64, 300, 65, 0, 63, 320};
    Problem problem = draw(key, options);
    // The pages in the order of the steps. Then as many waves read the first n
    // pages as have shares that begin before step n.
    int32_t steps = 0;
    for (int64_t b = 0; b < problem.batch; ++b)
      for (int64_t c = 0; c < problem.liveEntries(b); ++c)
        problem.blockTable[b * problem.tableStride + c] = steps++;
    auto operands = DeviceProblem::create(deviceOf(*key.arch), problem);
    REQUIRE(bool(operands));
    for (uint32_t workgroups : {1, 3, 16}) {
      auto packed = (*operands)->describe(kernelOf(key), workgroups);
      REQUIRE(bool(packed));
      int64_t teamWaves = metadata.teamWaves;
      int64_t waves = workgroups * packed->threads / key.arch->waveSize;
      int64_t teams = waves / teamWaves;
      INFO(teams << " teams of " << teamWaves << " waves, " << steps
                 << " steps");
      std::vector<int64_t> starts;
      for (int32_t n = 1; n <= steps; ++n) {
        hipdex_cache_buffer prefix = (*operands)->args.cache;
        prefix.bytes = n * problem.pageStride;
        LaunchCounters counters;
        REQUIRE(!counters.start(deviceOf(*key.arch), prefix));
        if (llvm::Error error = (*operands)->launch(kernelOf(key), *packed))
          FAIL(llvm::toString(std::move(error)));
        REQUIRE(!counters.finish(deviceOf(*key.arch)));
        while (starts.size() < counters.counts.watched_waves)
          starts.push_back(n - 1);
      }
      // The waves that read nothing have shares of no steps.
      starts.resize(waves + teamWaves, steps);
      for (int64_t wave = 0; wave < waves; ++wave) {
        int64_t share = starts[wave + teamWaves] - starts[wave];
        INFO("wave " << wave << " has " << share << " steps");
        CHECK(share >= steps / teams);
        CHECK(share <= (steps + teams - 1) / teams);
        CHECK(starts[wave] == starts[wave / teamWaves * teamWaves]);
      }
    }
  }
}

TEST_CASE("the waves share the tail evenly") {
  for (const KernelKey &key : testKeys()) {
    if (key.tail != Tail::NegInf || Problem::heads(key) > 32)
      continue;
    // Nothing but tail, of one request, over several workgroups: if one wave
    // had much more than another, this would be many times as much.
    ProblemOptions options;
    options.contextLens = {0, 0, 0};
    options.width = 16384;
    LaunchCounters counters;
    check(draw(key, options), &counters, 4);
    INFO(key.str());
    CHECK(counters.counts.min_per_wave > 0);
    CHECK(counters.counts.max_per_wave <=
          counters.counts.min_per_wave + counters.counts.min_per_wave / 4);
  }
}

TEST_CASE("every key: the same bits with any number of workgroups") {
  for (const KernelKey &key : testKeys()) {
    INFO(key.str());
    ProblemOptions options;
    options.batch = 9;
    options.contextLow = 0;
    options.contextHigh = 200;
    Problem problem = draw(key, options);
    INFO("problem seed " << problem.seed);
    auto operands = DeviceProblem::create(deviceOf(*key.arch), problem);
    REQUIRE(bool(operands));
    const hipdex_kernel *kernel = kernelOf(key);
    std::vector<float> first;
    for (uint32_t workgroups : {1, 3, 40}) {
      INFO(workgroups << " workgroups");
      REQUIRE(!(*operands)->poisonLogits());
      auto packed = (*operands)->describe(kernel, workgroups);
      REQUIRE(bool(packed));
      if (llvm::Error error = (*operands)->launch(kernel, *packed))
        FAIL(llvm::toString(std::move(error)));
      auto logits = (*operands)->downloadLogits();
      REQUIRE(bool(logits));
      if (first.empty()) {
        first = *logits;
        CHECK(compare(problem, first).passed());
      }
      CHECK(std::memcmp(first.data(), logits->data(),
                        first.size() * sizeof(float)) == 0);
    }
  }
}

namespace {

/// All that a launch writes.
std::vector<uint8_t> resultOf(Device &device, const KernelKey &key,
                              uint64_t seed) {
  std::vector<uint8_t> result;
  if (Problem::isOf(key.op)) {
    ProblemOptions options;
    options.batch = 9;
    options.contextLow = 0;
    options.contextHigh = 300;
    options.seed = seed;
    auto problem = Problem::random(key, options);
    REQUIRE(bool(problem));
    auto operands = DeviceProblem::create(device, *problem);
    REQUIRE(bool(operands));
    if (llvm::Error error = (*operands)->launch(kernelOf(key)))
      FAIL(llvm::toString(std::move(error)));
    auto logits = (*operands)->downloadLogits();
    REQUIRE(bool(logits));
    CHECK(compare(*problem, *logits).passed());
    result.resize(logits->size() * sizeof(float));
    std::memcpy(result.data(), logits->data(), result.size());
    return result;
  }
  auto problem = RowProblem::random(key, seed);
  REQUIRE(bool(problem));
  std::unique_ptr<RowProblem> got = (*problem)->clone();
  if (llvm::Error error = launchRows(device, kernelOf(key), *got))
    FAIL(llvm::toString(std::move(error)));
  CHECK((*problem)->compare(*got) == "");
  for (const RowOperand &operand : got->operands())
    if (operand.isWritten())
      llvm::append_range(result, operand.bytes);
  return result;
}

} // namespace

TEST_CASE("every op: the same bits in any order of workgroups, on any threads",
          "[order]") {
  for (Op op : allOps()) {
    const std::vector<KernelKey> &keys = coveringKeys(op);
    size_t step = std::max<size_t>(1, keys.size() / 16);
    for (size_t i = 0; i < keys.size(); i += step) {
      const KernelKey &key = keys[i];
      Device &device = deviceOf(*key.arch);
      uint64_t seed = nextSeed();
      INFO(key.str() << ", problem seed " << seed);
      std::vector<uint8_t> byNumber;
      {
        ScheduleScope scope(device, 1, 0);
        byNumber = resultOf(device, key, seed);
      }
      for (unsigned threads : {1, 2, 5}) {
        uint64_t order = nextSeed() | 1;
        INFO(threads << " threads, order " << order);
        ScheduleScope scope(device, threads, order);
        CHECK(resultOf(device, key, seed) == byNumber);
      }
    }
  }
}
