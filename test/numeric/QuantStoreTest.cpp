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
#include "hipdex/hipdex-emulator.h"
#include "reference/KeySpace.h"
#include "reference/Random.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MemoryBuffer.h"
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

/// Keys that together have every triple of field values, or those whose text
/// contains HIPDEX_TEST_KEY; their kernels are compiled.
static std::vector<KernelKey> storeKeys() {
  KeySpace space(KernelKey::all(Op::KQuantStore));
  std::vector<KernelKey> keys;
  const char *part = std::getenv("HIPDEX_TEST_KEY");
  if (!part)
    keys = space.coverTriples(testSeed());
  else
    for (const KernelKey &key : space.keys())
      if (llvm::StringRef(key.str()).contains(part))
        keys.push_back(key);
  for (const Arch &arch : archTable()) {
    std::vector<std::string> texts;
    for (const KernelKey &key : keys)
      if (key.arch == &arch)
        texts.push_back(key.str());
    std::vector<const char *> pointers;
    for (const std::string &text : texts)
      pointers.push_back(text.c_str());
    if (hipdex_prepare(deviceOf(arch).context(), pointers.data(),
                       pointers.size(), nullptr, nullptr) != HIPDEX_SUCCESS)
      FAIL(hipdex_last_message());
  }
  return keys;
}

namespace {
/// What is in the error word before a launch, and must stay.
constexpr uint32_t oldError = 0x80;

/// What a launch left.
struct Stored {
  std::vector<uint8_t> cache;
  uint32_t error = oldError;
};
} // namespace

/// Launches the problem. Without \p hasError there is no error word.
static Stored store(const QuantStoreProblem &p, bool hasError = true,
                    LaunchCounters *counters = nullptr) {
  Device &device = deviceOf(*p.key.arch);
  std::vector<void *> allocations;
  llvm::scope_exit cleanup([&] {
    for (void *memory : allocations)
      device.release(memory);
  });
  auto place = [&](const void *data, uint64_t bytes) {
    void *memory = require(device.allocate(bytes));
    allocations.push_back(memory);
    require(device.upload(memory, data, bytes));
    return memory;
  };
  Stored result;
  hipdex_k_quant_store_args args = {};
  args.struct_size = sizeof(args);
  args.tokens = p.tokens;
  args.k = place(p.k.data(), p.k.size());
  args.k_stride = p.kStride;
  args.slots = place(p.slots.data(), p.slots.size());
  args.cache.data = place(p.cache.data(), p.cache.size());
  args.cache.bytes = p.cache.size();
  args.cache.num_pages = p.numPages;
  args.cache.page_stride = p.pageStride;
  args.cache.layout_hash = p.key.layout().hash();
  if (hasError)
    args.error = static_cast<uint32_t *>(place(&result.error, 4));

  auto *guard =
      device.function<decltype(hipdex_emulator_guard)>("hipdex_emulator_guard");
  auto *allow =
      device.function<decltype(hipdex_emulator_allow)>("hipdex_emulator_allow");
  auto permit = [&](const void *pointer, const char *name,
                    std::vector<hipdex_emulator_range> ranges,
                    unsigned access) {
    REQUIRE(guard(pointer, name) == 0);
    if (!ranges.empty())
      REQUIRE(allow(pointer, ranges.data(), ranges.size(), access) == 0);
  };
  CacheLayout layout = p.key.layout();
  std::vector<hipdex_emulator_range> rows, places;
  for (int64_t token = 0; token < p.tokens; ++token) {
    rows.push_back({uint64_t(token * p.kStride) * p.elementBytes(),
                    uint64_t(p.key.headDim) * p.elementBytes()});
    int64_t slot = p.slot(token);
    if (slot < 0 || slot >= p.numSlots())
      continue;
    for (int64_t d = 0; d < p.key.headDim; d += 16)
      places.push_back(
          {uint64_t(layout.elementOffset(slot, d, p.pageStride)), 16});
    places.push_back({uint64_t(layout.scaleOffset(slot, p.pageStride)), 4});
  }
  permit(args.k, "k", rows, HIPDEX_EMULATOR_READ);
  permit(args.slots, "slots", {{0, p.slots.size()}}, HIPDEX_EMULATOR_READ);
  permit(args.cache.data, "cache", places, HIPDEX_EMULATOR_WRITE);

  if (counters)
    require(counters->start(device, args.cache));
  if (hipdex_launch_k_quant_store(kernelOf(p.key), &args, nullptr) !=
      HIPDEX_SUCCESS)
    require(device.launchError());
  require(device.synchronize());
  if (counters)
    require(counters->finish(device));
  result.cache.resize(p.cache.size());
  require(device.download(result.cache.data(), args.cache.data,
                          result.cache.size()));
  if (hasError)
    require(device.download(&result.error, args.error, 4));
  return result;
}

/// Stores the problem and compares every byte.
static void check(const QuantStoreProblem &p, bool hasError = true) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.tokens
                   << " tokens, k stride " << p.kStride << ", page stride "
                   << p.pageStride);
  Stored stored = store(p, hasError);
  std::vector<uint8_t> expected;
  uint32_t error = p.expect(expected);
  CHECK(stored.error == (oldError | (hasError ? error : 0)));
  if (stored.cache == expected)
    return;
  size_t byte = 0, wrong = 0;
  for (size_t i = expected.size(); i-- > 0;)
    if (stored.cache[i] != expected[i]) {
      byte = i;
      ++wrong;
    }
  FAIL_CHECK(wrong << " bytes are wrong; first: byte " << byte % p.pageStride
                   << " of page " << byte / p.pageStride << " is "
                   << int(stored.cache[byte]) << ", must be "
                   << int(expected[byte]));
}

static QuantStoreProblem draw(const KernelKey &key, QuantStoreOptions options) {
  options.seed = nextSeed();
  options.numPages =
      std::max<int64_t>(2 + (options.tokens + 8) / key.pageSize, 2);
  return require(QuantStoreProblem::random(key, options));
}

TEST_CASE("k_quant_store: every key, every byte") {
  for (const KernelKey &key : storeKeys()) {
    Random random(nextSeed(), 0, 0);
    // Around what a wave and a workgroup take, and any number.
    const int64_t counts[] = {1, 7, 9, 31, 33, 65, int64_t(random.below(300))};
    for (int64_t tokens : counts) {
      QuantStoreOptions options;
      options.tokens = tokens;
      // Rows that are aligned to an element only.
      options.kPadding = random.below(3) ? random.below(40) : 0;
      options.pagePadding =
          random.below(2) ? key.layout().alignment() * random.below(9) : 0;
      options.skipped = 10;
      if (random.below(2))
        options.outOfRange = 10;
      if (random.below(2))
        options.notFinite = 20;
      check(draw(key, options), random.below(4) != 0);
    }
    require(checkResources(metadataOf(kernelOf(key))));
  }
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
    Stored stored = store(p);
    CHECK(stored.cache == readFile(folder + "/cache_after.bin"));
    CHECK(stored.error == oldError);
    // The reference agrees, so that it may judge the other keys.
    check(p);
  }
}

TEST_CASE("k_quant_store: whole pages are 16-byte stores and one scale a "
          "token") {
  for (const KernelKey &key : storeKeys()) {
    INFO(key.str());
    QuantStoreOptions options;
    options.tokens = 256;
    options.consecutive = true;
    QuantStoreProblem p = draw(key, options);
    LaunchCounters counters;
    store(p, true, &counters);
    uint64_t rows = metadataOf(kernelOf(key)).stepTokens;
    CHECK(counters.counts.bytes_stored == uint64_t(256 * (key.headDim + 4)));
    // Of K and of scales one instruction for the rows of a wave.
    CHECK(counters.counts.vmem_store == 2 * 256 / rows);
  }
}
