//===- MoveTest.cpp - k_move against the reference ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every byte of what is moved to, on the emulator, with every operand guarded;
// and that what reads a cache reads the same after it was moved, from any
// layout to any other.
//
//===----------------------------------------------------------------------===//

#include "reference/Move.h"
#include "Harness.h"
#include "reference/Gather.h"
#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

/// Moves what the problem says and compares every byte.
static MoveProblem check(const MoveProblem &p) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.entries
                   << " entries of " << p.runTokens << " tokens, page strides "
                   << p.sourcePageStride << " and " << p.targetPageStride
                   << (p.inPlace ? ", in place" : ""));
  REQUIRE(p.check().what == "");
  MoveProblem got = p;
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), got));
  CHECK(p.compare(got) == "");
  return got;
}

static MoveProblem draw(const KernelKey &key, MoveOptions options) {
  options.seed = nextSeed();
  Random random(options.seed, 0, 0);
  auto padding = [&](const CacheLayout &layout) {
    return random.below(2) ? layout.alignment() * random.below(9) : 0;
  };
  options.sourcePadding = padding(key.layout());
  options.targetPadding = padding(key.targetLayout());
  return require(MoveProblem::random(key, options));
}

/// The keys of one type of slots or the other for every pair of layouts, or
/// those whose text contains HIPDEX_TEST_KEY; compiled.
static const std::vector<KernelKey> &pairKeys() {
  static const std::vector<KernelKey> keys = [] {
    const char *part = std::getenv("HIPDEX_TEST_KEY");
    std::vector<KernelKey> chosen;
    for (const KernelKey &key : KernelKey::all(Op::KMove)) {
      Random random(testSeed(), key.layout().hash(), key.targetLayout().hash());
      if (part ? llvm::StringRef(key.str()).contains(part)
               : key.wideSlots == (random.below(2) == 0))
        chosen.push_back(key);
    }
    for (const Arch &arch : archTable()) {
      std::vector<std::string> texts;
      for (const KernelKey &key : chosen)
        if (key.arch == &arch)
          texts.push_back(key.str());
      std::vector<const char *> pointers;
      for (const std::string &text : texts)
        pointers.push_back(text.c_str());
      if (hipdex_prepare(deviceOf(arch).context(), pointers.data(),
                         pointers.size(), nullptr, nullptr) != HIPDEX_SUCCESS)
        FAIL(hipdex_last_message());
    }
    return chosen;
  }();
  return keys;
}

TEST_CASE("k_move: within one buffer, for every layout") {
  for (const KernelKey &key : pairKeys()) {
    if (!(key.layout() == key.targetLayout()))
      continue;
    for (int64_t runTokens : {INT64_C(1), INT64_C(4), key.pageSize}) {
      MoveOptions options;
      options.entries = 1 + 100 / runTokens;
      options.runTokens = runTokens;
      options.inPlace = true;
      options.skipped = options.outOfRange = 10;
      check(draw(key, options));
    }
  }
}

TEST_CASE("k_move: nothing to move, and nothing that is moved") {
  for (const char *text : {"k_move.gfx942.p16.d64.pre.t1.plain.i32.fnuz",
                           "k_move.gfx950.p1.d128.plain.t256.pre.i64.fn"}) {
    KernelKey key = require(KernelKey::parse(text));
    for (int64_t runTokens : {1, 64}) {
      MoveOptions options;
      options.runTokens = runTokens;
      options.entries = 0;
      check(draw(key, options));
      options.entries = 40;
      options.skipped = 100;
      check(draw(key, options));
      options.outOfRange = 100;
      MoveProblem both = check(draw(key, options));
      // A negative entry hides what the other list has.
      CHECK(both.error[0] == MoveProblem::oldError);
      options.skipped = 0;
      MoveProblem none = check(draw(key, options));
      CHECK(none.error[0] == (MoveProblem::oldError | 3));
    }
    // A run that is longer than the caches: no entry is in them.
    MoveOptions options;
    options.runTokens = 256;
    MoveProblem problem = draw(key, options);
    problem.runTokens = 1 << 20;
    problem.setEntry(problem.sourceSlots, 0, 0);
    problem.setEntry(problem.targetSlots, 0, 0);
    CHECK(check(problem).error[0] == (MoveProblem::oldError | 3));
  }
}

//===----------------------------------------------------------------------===//
// What reads a cache reads the same after a move
//===----------------------------------------------------------------------===//

/// K and scales of slots of a cache with the layout of \p key.
static GatherProblem gather(KernelKey key, const std::vector<uint8_t> &cache,
                            int64_t pageStride,
                            const std::vector<int32_t> &slots) {
  key.op = Op::KGather;
  key.kvBlockSize = 1;
  GatherProblem p;
  p.key = key;
  p.batch = 1;
  p.tokens = p.tableWidth = p.tableStride = slots.size();
  p.numPages = cache.size() / pageStride;
  p.pageStride = pageStride;
  p.kStride = key.headDim;
  p.scalesStride = 1;
  p.allocate();
  p.cache = cache;
  p.table = slots;
  p.cuSeqLens = {0, int32_t(p.tokens)};
  INFO(key.str() << ", " << p.tokens << " tokens");
  require(launchRows(deviceOf(*key.arch), kernelOf(key), p));
  return p;
}

/// The slots that the entries of a list name.
static std::vector<int32_t> slotsOf(const MoveProblem &p,
                                    const std::vector<uint8_t> &list) {
  std::vector<int32_t> slots;
  for (int64_t i = 0; i < p.entries; ++i)
    for (int64_t t = 0; t < p.runTokens; ++t)
      slots.push_back(p.entry(list, i) * p.runTokens + t);
  return slots;
}

/// With the layout of its target as the layout.
static KernelKey targetKey(KernelKey key) {
  key.pageSize = key.targetPageSize;
  key.preshuffle = key.targetPreshuffle;
  return key;
}

TEST_CASE("k_move: what is gathered is what was gathered, for every pair of "
          "layouts") {
  for (const KernelKey &key : pairKeys()) {
    INFO(key.str());
    // Random bytes: codes and scales that mean NaN are among them.
    MoveOptions options;
    options.runTokens = INT64_C(1) << Random(nextSeed(), 0, 0).below(7);
    options.entries = 1 + 256 / options.runTokens;
    MoveProblem before = draw(key, options);
    MoveProblem after = check(before);
    GatherProblem a = gather(key, before.source, before.sourcePageStride,
                             slotsOf(before, before.sourceSlots));
    GatherProblem b =
        gather(targetKey(key), after.target, after.targetPageStride,
               slotsOf(before, before.targetSlots));
    CHECK(a.k == b.k);
    CHECK(a.scales == b.scales);
  }
}

/// The logits' bits.
static std::vector<uint32_t> logitsOf(const Problem &problem) {
  Device &device = deviceOf(*problem.key.arch);
  INFO(problem.key.str() << ", problem seed " << problem.seed);
  auto operands = require(DeviceProblem::create(device, problem));
  require(operands->launch(kernelOf(problem.key)));
  std::vector<float> logits = require(operands->downloadLogits());
  std::vector<uint32_t> bits(logits.size());
  std::memcpy(bits.data(), logits.data(), logits.size() * sizeof(float));
  return bits;
}

/// \p problem on a cache of another layout, to which \p key moves all slots.
static Problem moveCache(const Problem &problem, const KernelKey &key) {
  Random random(nextSeed(), 0, 0);
  int64_t numSlots = problem.numPages * problem.key.pageSize;
  MoveProblem move;
  move.key = key;
  move.runTokens = numSlots % 16 == 0 && random.below(2) ? 16 : 1;
  move.entries = numSlots / move.runTokens;
  move.sourcePages = problem.numPages;
  move.sourcePageStride = problem.pageStride;
  move.targetPages = llvm::divideCeil(numSlots, key.targetPageSize);
  move.targetPageStride = key.targetLayout().pageBytes() +
                          key.targetLayout().alignment() * random.below(3);
  move.allocate();
  std::copy_n(problem.kv.get(), problem.kvBytes(), move.source.begin());
  for (uint8_t &byte : move.target)
    byte = random.bits();
  std::vector<int64_t> to(move.entries);
  for (auto [i, entry] : llvm::enumerate(to)) {
    entry = i;
    std::swap(entry, to[random.below(i + 1)]);
  }
  for (int64_t i = 0; i < move.entries; ++i) {
    move.setEntry(move.sourceSlots, i, i);
    move.setEntry(move.targetSlots, i, to[i]);
  }
  MoveProblem moved = check(move);

  Problem result = problem;
  result.key.pageSize = key.targetPageSize;
  result.key.preshuffle = key.targetPreshuffle;
  result.numPages = move.targetPages;
  result.pageStride = move.targetPageStride;
  result.kv = Problem::mapMemory(moved.target.size());
  llvm::copy(moved.target, result.kv.get());
  // Entries that mean nothing stay.
  for (int32_t &slot : result.blockTable)
    if (slot >= 0 && slot < numSlots)
      slot = to[slot / move.runTokens] * move.runTokens + slot % move.runTokens;
  return result;
}

TEST_CASE("k_move: logits are the same bits, for every pair of layouts") {
  std::map<std::string, std::pair<Problem, std::vector<uint32_t>>> sources;
  for (const KernelKey &key : pairKeys()) {
    INFO(key.str());
    KernelKey logitsKey = key;
    logitsKey.op = Op::PagedMqaLogits;
    logitsKey.kvBlockSize = 1;
    logitsKey.heads = 32;
    auto [source, isNew] = sources.try_emplace(logitsKey.str());
    auto &[problem, logits] = source->second;
    if (isNew) {
      ProblemOptions options;
      options.contextLens = {1, 70, 0, 129};
      options.pagePadding = key.layout().alignment() * (nextSeed() % 3);
      problem = draw(logitsKey, options);
      check(problem);
      logits = logitsOf(problem);
    }
    CHECK(logitsOf(moveCache(problem, key)) == logits);
  }
}
