//===- GatherTest.cpp - k_gather against the reference --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every byte of what is gathered, on the emulator, with every operand guarded.
//
//===----------------------------------------------------------------------===//

#include "reference/Gather.h"
#include "Harness.h"
#include "reference/QuantStore.h"
#include "reference/Random.h"
#include <catch2/catch.hpp>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

/// Gathers the problem and compares every byte.
static GatherProblem check(const GatherProblem &p) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.tokens
                   << " rows, batch " << p.batch);
  GatherProblem got = p;
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), got));
  CHECK(p.compare(got) == "");
  return got;
}

TEST_CASE("k_gather: every key, every byte") {
  for (const KernelKey &key : coveringKeys(Op::KGather)) {
    for (int i = 0; i < 4; ++i) {
      uint64_t seed = nextSeed();
      Random random(seed, 0, 0);
      GatherOptions options;
      options.seed = seed;
      options.batch = 1 + random.below(i == 0 ? 70 : 9);
      options.longest = i == 0 ? 5 : random.below(300);
      options.kPadding = random.below(2) ? random.below(40) : 0;
      options.scalesPadding = random.below(2) ? random.below(3) : 0;
      options.tablePadding = random.below(4);
      options.pagePadding =
          random.below(2) ? key.layout().alignment() * random.below(9) : 0;
      options.rowsBefore = random.below(2) ? random.below(20) : 0;
      options.rowsAfter = random.below(2) ? random.below(80) : 0;
      options.invalidEntries = random.below(2) ? 20 : 0;
      options.missingColumns = random.below(4) == 0;
      check(GatherProblem::random(key, options));
    }
    require(checkResources(metadataOf(kernelOf(key))));
  }
}

TEST_CASE("k_gather: no request, no rows, requests without tokens") {
  for (const char *text : {"k_gather.gfx942.p16.d64.b1.pre.fnuz",
                           "k_gather.gfx950.p1.d128.b1.plain.fn"}) {
    KernelKey key = require(KernelKey::parse(text));
    GatherOptions options;
    options.seed = nextSeed();
    options.batch = 0;
    options.rowsAfter = 10;
    check(GatherProblem::random(key, options));
    options.batch = 5;
    options.longest = 0;
    check(GatherProblem::random(key, options));
    options.rowsAfter = 0;
    check(GatherProblem::random(key, options));
  }
}

TEST_CASE("k_gather: what k_quant_store stored, for every layout") {
  for (const KernelKey &key : coveringKeys(Op::KGather)) {
    INFO(key.str());
    KernelKey storeKey = key;
    storeKey.op = Op::KQuantStore;
    QuantStoreOptions options;
    options.seed = nextSeed();
    options.tokens = 100;
    options.numPages = 2 + 100 / key.pageSize;
    QuantStoreProblem stored =
        require(QuantStoreProblem::random(storeKey, options));
    QuantStoreProblem given = stored;
    require(launchRows(deviceOf(*key.arch), kernelOf(storeKey), stored));
    CHECK(given.compare(stored) == "");

    // One request whose tokens are all slots of the cache in order.
    GatherProblem p;
    p.key = key;
    p.batch = 1;
    p.numPages = stored.numPages;
    p.pageStride = stored.pageStride;
    p.tokens = stored.numSlots();
    p.tableWidth = p.tableStride = p.numEntries();
    p.kStride = key.headDim;
    p.scalesStride = 1;
    p.cache = stored.cache;
    for (int64_t i = 0; i < p.numEntries(); ++i)
      p.table.push_back(i);
    p.cuSeqLens = {0, int32_t(p.tokens)};
    p.k.resize(p.tokens * p.kStride);
    p.scales.resize(p.tokens);
    GatherProblem got = check(p);
    for (int64_t token = 0; token < stored.tokens; ++token) {
      std::vector<float> row;
      for (int64_t d = 0; d < key.headDim; ++d)
        row.push_back(stored.element(token, d));
      QuantizedRow expected =
          quantize(row, key.fp8, storeKey.fp8Max(), storeKey.powerOfTwo);
      int64_t slot = stored.slot(token);
      std::vector<uint8_t> codes(got.k.begin() + slot * key.headDim,
                                 got.k.begin() + (slot + 1) * key.headDim);
      if (codes != expected.codes)
        FAIL_CHECK("token " << token << " is not what was stored");
    }
  }
}
