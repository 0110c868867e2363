//===- QuantStoreTest.cpp - k_quant_store against the reference -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every byte of the cache and the error word, on the emulator, with every
// operand guarded.
//
//===----------------------------------------------------------------------===//

#include "reference/QuantStore.h"
#include "Harness.h"
#include "llvm/Support/MemoryBuffer.h"
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

/// Stores the problem and compares every byte.
static QuantStoreProblem check(const QuantStoreProblem &p,
                               LaunchCounters *counters = nullptr) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.tokens
                   << " tokens, k stride " << p.kStride << ", page stride "
                   << p.pageStride);
  QuantStoreProblem stored = p;
  RowLaunchOptions options;
  options.counters = counters;
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), stored, options));
  CHECK(p.compare(stored) == "");
  return stored;
}

static QuantStoreProblem draw(const KernelKey &key, QuantStoreOptions options) {
  options.seed = nextSeed();
  options.numPages =
      std::max<int64_t>(2 + (options.tokens + 8) / key.pageSize, 2);
  return require(QuantStoreProblem::random(key, options));
}

TEST_CASE("k_quant_store: nothing to store, and nothing that is stored") {
  for (const char *text : {"k_quant_store.gfx942.p16.d64.pre.f16.i32.fnuz",
                           "k_quant_store.gfx950.p1.d128.plain.bf16.i64.fn"}) {
    KernelKey key = require(KernelKey::parse(text));
    QuantStoreOptions options;
    options.tokens = 0;
    check(draw(key, options));
    options.tokens = 40;
    options.skipped = 100;
    check(draw(key, options));
    options.skipped = 0;
    options.outOfRange = 100;
    check(draw(key, options));
    options.outOfRange = 0;
    options.notFinite = 100;
    check(draw(key, options));
  }
}

TEST_CASE("k_quant_store: one row for all tokens") {
  KernelKey key =
      require(KernelKey::parse("k_quant_store.gfx950.p64.d128.pre.f32.i64.fn"));
  QuantStoreOptions options;
  options.tokens = 20;
  QuantStoreProblem p = draw(key, options);
  // The same row for every token.
  p.kStride = 0;
  check(p);
}

static std::vector<uint8_t> readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  INFO(path);
  REQUIRE(bool(buffer));
  return {(*buffer)->getBufferStart(), (*buffer)->getBufferEnd()};
}

TEST_CASE("k_quant_store: golden caches of another implementation") {
  for (auto [name, text] :
       {std::pair<const char *, const char *>{
            "fn_pre_fp32", "k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn"},
        {"fnuz_plain_fp32",
         "k_quant_store.gfx942.p64.d128.plain.bf16.i64.fnuz"}}) {
    std::string folder = std::string(HIPDEX_VECTORS "/k_quant_store/") + name;
    QuantStoreProblem p;
    p.key = require(KernelKey::parse(text));
    p.k = readFile(folder + "/k_bf16.bin");
    p.slots = readFile(folder + "/slots.bin");
    p.cache = readFile(folder + "/cache_before.bin");
    p.tokens = p.slots.size() / 8;
    p.kStride = p.key.headDim;
    p.pageStride = p.key.layout().pageBytes();
    p.numPages = p.cache.size() / p.pageStride;
    REQUIRE(p.tokens == 150);
    // The reference agrees, so that it may judge the other keys.
    QuantStoreProblem stored = check(p);
    CHECK(stored.cache == readFile(folder + "/cache_after.bin"));
  }
}

TEST_CASE("k_quant_store: whole pages are stored byte by byte once") {
  for (const KernelKey &key : coveringKeys(Op::KQuantStore)) {
    INFO(key.str());
    QuantStoreOptions options;
    options.tokens = 256;
    options.consecutive = true;
    QuantStoreProblem p = draw(key, options);
    LaunchCounters counters;
    check(p, &counters);
    CHECK(counters.counts.bytes_stored == uint64_t(256 * (key.headDim + 4)));
  }
}
