//===- CountsTest.cpp - What a kernel may cost ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts, not times: they are the same on every machine.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>
#include <iostream>

using namespace hipdex;

TEST_CASE("wave instructions for 16 tokens") {
  struct Limit {
    const char *arch;
    int64_t heads, nextN;
    double instructions;
  };
  // aiter's Gluon kernel needs 97 and 95.5 (heads 64), 61.3 and 61.8 (heads 32)
  // for next_n 1 on gfx942 and gfx950.
  const Limit limits[] = {{"gfx942", 64, 1, 48}, {"gfx950", 64, 1, 42},
                          {"gfx942", 32, 1, 31}, {"gfx950", 32, 1, 28},
                          {"gfx942", 64, 2, 92}, {"gfx950", 64, 2, 80}};
  for (const Limit &limit : limits) {
    unsigned matches = 0;
    for (const KernelKey &key : KernelKey::all()) {
      if (key.pageSize != 64 || key.kvBlockSize != 64 || key.headDim != 128 ||
          !key.preshuffle || key.arch->name != limit.arch ||
          key.heads != limit.heads || key.nextN != limit.nextN)
        continue;
      ++matches;
      // One workgroup: the loop alone, without what waves do once.
      uint64_t instructions[2];
      for (int i : {0, 1}) {
        ProblemOptions options;
        options.contextLens = {i == 0 ? 2560 : 7680};
        options.width = 7680;
        LaunchCounters counters;
        check(draw(key, options), &counters, 1);
        instructions[i] = counters.counts.instructions;
      }
      double per16 = double(instructions[1] - instructions[0]) / (5120 / 16);
      std::cout << key.str() << ": " << per16
                << " wave instructions for 16 tokens, at most "
                << limit.instructions << std::endl;
      INFO(key.str());
      CHECK(per16 <= limit.instructions);
    }
    // A limit that no key has any more would hold for ever.
    INFO(limit.arch << ", heads " << limit.heads << ", next_n " << limit.nextN);
    CHECK(matches == 1);
  }
}

TEST_CASE("K is read once") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    // Whole pages and steps, so that "the pages touched" is one number.
    options.contextLens = {768, 256, 1280, 0, 512, 3328};
    Problem problem = draw(key, options);
    LaunchCounters counters;
    check(problem, &counters);
    INFO(key.str());
    CHECK(counters.counts.watched_bytes == problem.liveCacheBytes());
  }
}

TEST_CASE("instructions before a wave's first K load") {
  struct Limit {
    int64_t batch;
    uint64_t instructions;
  };
  for (const Limit &limit : {Limit{1, 250}, Limit{512, 1000}})
    for (const KernelKey &key : testKeys()) {
      ProblemOptions options;
      // Every wave goes through all lengths, so few of them need tokens.
      options.contextLens.resize(limit.batch);
      for (int64_t b = 0; b < limit.batch; b += 64)
        options.contextLens[b] = limit.batch == 1 ? 1000 : 100;
      LaunchCounters counters;
      check(draw(key, options), &counters);
      INFO(key.str() << ", batch " << limit.batch);
      CHECK(counters.counts.watched_waves > 0);
      CHECK(counters.counts.max_before_watched <= limit.instructions);
    }
}

TEST_CASE("registers and spills") {
  for (const KernelKey &key : testKeys()) {
    KernelMetadata metadata = metadataOf(kernelOf(key));
    INFO(key.str());
    CHECK(metadata.vgprSpills == 0);
    CHECK(metadata.sgprSpills == 0);
    CHECK(metadata.scratchBytes == 0);
    CHECK(metadata.vgprs > 0);
    CHECK(metadata.vgprs + metadata.agprs <=
          key.arch->vgprsPerSimdLane / metadata.wavesPerSimd);
    if (key.nextN == 1 && key.kvBlockSize == key.pageSize)
      CHECK(metadata.vgprs <= 168);
  }
}
