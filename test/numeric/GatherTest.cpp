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
#include <catch2/catch.hpp>
#include <cstring>

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

TEST_CASE("what k_quant_store stored is gathered with the same codes, for "
          "every layout and scale") {
  size_t layouts = 0;
  for (const KernelKey &storeKey : KernelKey::all(Op::KQuantStore)) {
    // One key of each layout and kind of scale.
    if (storeKey.source != SourceType::BF16 || !storeKey.wideSlots ||
        storeKey.lowerFp8Max)
      continue;
    ++layouts;
    KernelKey key = storeKey;
    key.op = Op::KGather;
    key.kvBlockSize = key.pageSize;
    INFO(storeKey.str());
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
      uint32_t bits = 0;
      std::memcpy(&bits, &expected.scale, sizeof(bits));
      if (codes != expected.codes || got.scales[slot] != bits)
        FAIL_CHECK("token " << token << " is not what was stored");
    }
  }
  // Page sizes in both orders but for 1, head dims, archs, scales.
  CHECK(layouts == (2 * 6 - 1) * 2 * archTable().size() * 2);
}
