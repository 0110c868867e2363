//===- GuardsTest.cpp - Launches that touch what they must not ------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every other test runs under guards. Here a launch is wrong on purpose, once
// for each kind of byte that is guarded, and must fail with the instruction
// that touched it.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <iterator>

using namespace hipdex;
using Catch::Matchers::Matches;

namespace {

/// A launch to be spoiled: its arguments by name, and its operands.
struct Victim {
  Device &device;
  const Problem &problem;
  DeviceProblem &operands;
  KernelMetadata metadata;
  PackedLaunch packed;

  template <typename T> T get(const char *name) const {
    T value;
    std::memcpy(&value, packed.arguments.data() + offsetOf(name), sizeof(T));
    return value;
  }
  template <typename T> void set(const char *name, T value) {
    std::memcpy(packed.arguments.data() + offsetOf(name), &value, sizeof(T));
  }
  template <typename T> void add(const char *name, T value) {
    set<T>(name, get<T>(name) + value);
  }
  /// Overwrites one element of an operand in the device's memory.
  template <typename T> void poke(const void *operand, int64_t index, T value) {
    char *at = const_cast<char *>(static_cast<const char *>(operand));
    REQUIRE(!device.upload(at + index * sizeof(T), &value, sizeof(T)));
  }

private:
  unsigned offsetOf(const char *name) const {
    for (const KernelArgument &argument : metadata.arguments)
      if (argument.name == name)
        return argument.offset;
    FAIL("the kernel has no argument " << name);
    return 0;
  }
};

/// What is done to a launch, and how the message must say what came of it.
struct Crime {
  const char *what;
  std::function<void(Victim &)> commit;
  const char *instruction; ///< What the opcode ends with, as a pattern.
  const char *place;       ///< The operand, and what is wrong with it.
  bool needsQueries = false;
};

} // namespace

static const char *const load = "(global|buffer|s)_load_[a-z0-9_]+";
static const char *const store = "(global|buffer)_store_[a-z0-9_]+";

static const Crime crimes[] = {
    {"q: the padding between requests",
     [](Victim &v) { v.add<int64_t>("q_stride_request", 16); }, load,
     "\"q\".*not allow to read", true},
    {"q: before the first byte",
     [](Victim &v) { v.add<int64_t>("q", -(1 << 19)); }, load,
     "bytes before .*\"q\"", true},
    {"q: past the last byte",
     [](Victim &v) { v.add<int64_t>("q", v.problem.q.size()); }, load,
     "past the end of .*\"q\"", true},
    {"weights: the padding between rows",
     [](Victim &v) { v.add<int64_t>("weights_stride", 4); }, load,
     "\"weights\".*not allow to read", true},
    {"weights: before the first byte",
     [](Victim &v) { v.add<int64_t>("weights", -(1 << 19)); }, load,
     "bytes before .*\"weights\"", true},
    {"context_lens: past the batch", [](Victim &v) { v.add("batch", 1); }, load,
     "past the end of .*\"context_lens\""},
    {"block_table: an entry past a context",
     [](Victim &v) { v.add<int64_t>("block_table", sizeof(int32_t)); }, load,
     "\"block_table\".*not allow to read"},
    {"block_table: the padding between rows",
     [](Victim &v) { v.add<int64_t>("table_stride", 1); }, load,
     "\"block_table\".*not allow to read"},
    {"cache: the padding between pages",
     [](Victim &v) {
       v.add<int64_t>("cache", v.problem.key.layout().alignment());
     },
     load, "\"cache\".*not allow to read"},
    {"cache: a block that no entry names",
     [](Victim &v) {
       std::vector<bool> named(v.problem.numEntries());
       for (int32_t entry : v.problem.blockTable)
         if (entry >= 0 && entry < v.problem.numEntries())
           named[entry] = true;
       auto free = std::find(named.begin(), named.end(), false);
       REQUIRE(free != named.end());
       v.poke(v.operands.args.block_table, 0, int32_t(free - named.begin()));
     },
     load, "\"cache\".*not allow to read"},
    {"cache: past the last page",
     [](Victim &v) {
       v.add("num_pages", 100);
       v.poke(v.operands.args.block_table, 0,
              int32_t(v.problem.numEntries() + 1));
     },
     load, "past the end of .*\"cache\""},
    {"logits: a cell that is not visible",
     [](Victim &v) { v.add<int64_t>("logits", sizeof(float)); }, store,
     "\"logits\".*not allow to write"},
    {"logits: the padding between rows",
     [](Victim &v) { v.add<int64_t>("logits_stride", 1); }, store,
     "\"logits\".*not allow to write"},
    {"logits: past the last row",
     [](Victim &v) {
       v.add<int64_t>("logits", 4 * v.problem.logitsElements());
     },
     store, "past the end of .*\"logits\""},
    {"logits: are not read",
     [](Victim &v) {
       v.set("context_lens", v.operands.args.logits);
       v.set("batch", 1);
     },
     load, "\"logits\".*not allow to read"},
    {"cache: is not written",
     [](Victim &v) { v.set("logits", v.operands.args.cache.data); }, store,
     "\"cache\".*not allow to write"},
};

TEST_CASE("every key: what a launch must not touch fails it") {
  // A few of them for each key, others for the next one; all in any case.
  size_t keys = std::max<size_t>(testKeys().size(), 1);
  size_t crimesOfKey =
      std::max<size_t>(4, (std::size(crimes) + keys - 1) / keys);
  size_t number = nextSeed() % std::size(crimes);
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    // Whole blocks of every size, so that each byte of a page that has live
    // tokens may be read. The second context fills its row, the first does not.
    options.contextLens = {256, 768, 512};
    options.qPadding = 16;
    options.weightsPadding = 4;
    options.tablePadding = 3;
    options.logitsPadding = 5;
    options.pagePadding = 48;
    Problem problem = draw(key, options);
    INFO(key.str() << ", problem seed " << problem.seed);
    Device &device = deviceOf(*key.arch);
    const hipdex_kernel *kernel = kernelOf(key);
    // The launch without a crime.
    check(problem, nullptr, 3);
    for (size_t i = 0; i < crimesOfKey; ++i) {
      const Crime &crime = crimes[number++ % std::size(crimes)];
      if (crime.needsQueries && Problem::heads(key) == 0)
        continue;
      INFO(crime.what);
      auto operands = DeviceProblem::create(device, problem);
      REQUIRE(bool(operands));
      auto packed = (*operands)->describe(kernel, 3);
      REQUIRE(bool(packed));
      Victim victim = {device, problem, **operands, metadataOf(kernel),
                       std::move(*packed)};
      crime.commit(victim);
      llvm::Error error = (*operands)->launch(kernel, victim.packed);
      CHECK(bool(error));
      if (!error)
        continue;
      CHECK_THAT(llvm::toString(std::move(error)),
                 Matches(".*kernel " + opName(key.op).str() +
                         "[a-z0-9_.]*, pc 0x[0-9a-f]+ \\(" +
                         std::string(crime.instruction) + " .*\\).*" +
                         crime.place + ".*"));
    }
  }
}
