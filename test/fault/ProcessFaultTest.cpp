//===- ProcessFaultTest.cpp - Tests of processes that die or crowd --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One cache, many processes: killed while they write, all asking for the same
// keys at once, killed while others wait for them.
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include "Fixture.h"
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <random>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

using namespace hipdex;
using Clock = std::chrono::steady_clock;

/// In memory that forked processes share.
template <typename T> static T &shared() {
  void *memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  return *new (memory) T();
}

static std::mt19937_64 makeRandom() {
  uint64_t seed = std::random_device()();
  if (const char *text = std::getenv("HIPDEX_TEST_SEED"))
    seed = std::strtoull(text, nullptr, 10);
  std::printf("HIPDEX_TEST_SEED=%llu\n", (unsigned long long)seed);
  return std::mt19937_64(seed);
}

static std::vector<std::string> keysOfGfx950() {
  std::vector<std::string> keys;
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits))
    if (key.arch->name == "gfx950")
      keys.push_back(key.str());
  return keys;
}

/// The problems of all entries, and how many there are.
static std::pair<std::string, size_t> verify(const std::string &root) {
  std::pair<std::string, size_t> result;
  hipdex_status status = hipdex_cache_list(
      root.c_str(), /*verify=*/1,
      [](const hipdex_cache_entry *entry, void *user) {
        auto &pair = *static_cast<std::pair<std::string, size_t> *>(user);
        ++pair.second;
        if (*entry->problem)
          pair.first += std::string(entry->problem) + "\n";
      },
      &result);
  if (status != HIPDEX_SUCCESS)
    result.first += hipdex_last_message();
  return result;
}

TEST_CASE("whoever is killed while publishing leaves no broken entry") {
  Fixture fixture;
  std::mt19937_64 random = makeRandom();
  std::vector<std::string> keys = keysOfGfx950();
  keys.resize(std::min<size_t>(keys.size(), 120));
  auto &published = shared<std::atomic<int>>();
  std::uniform_int_distribution<int> microseconds(0, 1500);
  int interrupted = 0;
  constexpr int rounds = 200;
  for (int round = 0; round < rounds; ++round) {
    published = 0;
    Child child([&] {
      Context context = fixture.open();
      // In an order that moves on, so that every round publishes.
      for (size_t i = 0; i < keys.size(); ++i) {
        (void)context.kernel(keys[(i + 17 * round) % keys.size()].c_str());
        ++published;
      }
      return "";
    });
    while (published == 0)
      std::this_thread::yield();
    usleep(microseconds(random));
    child.kill(SIGKILL);
    interrupted += child.wait() == "killed by signal 9\n";
    auto [problems, count] = verify(fixture.cacheDirectory);
    INFO("round " << round << ", " << count << " entries");
    REQUIRE(problems == "");
    // Some rounds begin with an empty cache again.
    if (count + 20 > keys.size() || round % 20 == 0)
      REQUIRE(hipdex_cache_remove(fixture.cacheDirectory.c_str(), nullptr,
                                  nullptr) == HIPDEX_SUCCESS);
  }
  std::printf("%d of %d writers were killed\n", interrupted, rounds);
  CHECK(interrupted > rounds / 2);

  // The dead hold no lock, and what they left is swept away.
  REQUIRE(hipdex_cache_prune(fixture.cacheDirectory.c_str(), UINT64_MAX,
                             nullptr) == HIPDEX_SUCCESS);
  CHECK(fixture.files("tmp").empty());
  Context context = fixture.open();
  for (const std::string &key : keys)
    REQUIRE(context.kernel(key.c_str()).status().message() == "");
  CHECK(context.counters().lock_waits == 0);
  CHECK(context.counters().disk_rejects == 0);
  CHECK(verify(fixture.cacheDirectory).second == keys.size());
}

TEST_CASE("eight processes that want the same fifty keys") {
  Fixture fixture;
  std::mt19937_64 random = makeRandom();
  constexpr int processes = 8, keyCount = 50;
  std::vector<std::string> keys = keysOfGfx950();
  REQUIRE(keys.size() >= keyCount);
  keys.resize(keyCount);
  struct Shared {
    std::atomic<int> compiles[keyCount];
    std::atomic<int> waits, begun;
  };
  Shared &counts = shared<Shared>();
  fixture.compiler.milliseconds = 3;
  // One that dies while it compiles: the others want that key too.
  Child dying([&] {
    fixture.compiler.milliseconds = 60000;
    std::thread watcher([&] {
      while (!fixture.compiler.compiles)
        std::this_thread::yield();
      counts.begun = 1;
    });
    Context context = fixture.open();
    (void)context.kernel(keys[0].c_str());
    watcher.join();
    return "";
  });
  while (!counts.begun)
    std::this_thread::yield();
  counts.begun = 0;
  Clock::time_point start = Clock::now();
  std::vector<Child> children;
  for (int process = 0; process < processes; ++process) {
    std::vector<int> order(keyCount);
    for (int i = 0; i < keyCount; ++i)
      order[i] = i;
    if (process % 2) // half of them go the same way
      std::shuffle(order.begin(), order.end(), random);
    children.emplace_back([&, order] {
      ++counts.begun;
      while (counts.begun < processes)
        std::this_thread::yield();
      Failures failures;
      Context context = fixture.open();
      uint64_t compiles = 0;
      for (int i : order) {
        Result<Kernel> kernel = context.kernel(keys[i].c_str());
        failures.expect(bool(kernel), kernel.status().message());
        failures.expect(kernel.status().message().empty(),
                        kernel.status().message());
        uint64_t now = context.counters().compiles;
        counts.compiles[i] += int(now - compiles);
        compiles = now;
      }
      failures.expect(context.counters().disk_rejects == 0, "rejects");
      counts.waits += int(context.counters().lock_waits);
      // Who waits for a dead process must not sit out the 10 s that a living
      // one is given.
      failures.expect(context.counters().lock_timeouts == 0, "lock timeouts");
      return failures.text;
    });
  }
  while (counts.begun < processes)
    std::this_thread::yield();
  usleep(20000);
  dying.kill(SIGKILL);
  CHECK(dying.wait() == "killed by signal 9\n");
  for (Child &child : children)
    CHECK(child.wait() == "");
  double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  int total = 0;
  for (int i = 0; i < keyCount; ++i) {
    INFO(keys[i]);
    CHECK(counts.compiles[i] >= 1);
    CHECK(counts.compiles[i] <= 2);
    total += counts.compiles[i];
  }
  std::printf("%d compiles of %d keys, %d waits, %.2f s\n", total, keyCount,
              int(counts.waits), seconds);
  CHECK(verify(fixture.cacheDirectory) ==
        std::make_pair(std::string(), size_t(keyCount)));
  CHECK(fixture.files("tmp").empty());
}

TEST_CASE("readers and a pruner at once: a miss at worst") {
  Fixture fixture;
  std::vector<std::string> keys = keysOfGfx950();
  keys.resize(std::min<size_t>(keys.size(), 40));
  auto &isOver = shared<std::atomic<bool>>();
  auto &pruned = shared<std::atomic<unsigned>>();
  Child pruner([&] {
    Failures failures;
    while (!isOver) {
      hipdex_cache_removed removed = {};
      removed.struct_size = sizeof(removed);
      failures.expect(hipdex_cache_prune(fixture.cacheDirectory.c_str(), 20000,
                                         &removed) == HIPDEX_SUCCESS,
                      hipdex_last_message());
      pruned += removed.entries;
      usleep(5000); // else it holds its lock nearly all the time
    }
    failures.expect(pruned > 0, "nothing was pruned");
    return failures.text;
  });
  std::vector<Child> readers;
  for (int reader = 0; reader < 3; ++reader)
    readers.emplace_back([&] {
      Failures failures;
      // Longer where the pruner had no turn yet.
      for (int round = 0; round < 10 || (!pruned && round < 1000); ++round) {
        Context context = fixture.open();
        for (const std::string &key : keys) {
          Result<Kernel> kernel = context.kernel(key.c_str());
          failures.expect(bool(kernel), kernel.status().message());
          failures.expect(kernel.status().message().empty(),
                          kernel.status().message());
        }
        failures.expect(context.counters().disk_rejects == 0, "rejects");
        failures.expect(context.counters().store_failures == 0,
                        "store failures");
      }
      return failures.text;
    });
  for (Child &reader : readers)
    CHECK(reader.wait() == "");
  isOver = true;
  CHECK(pruner.wait() == "");
  CHECK(verify(fixture.cacheDirectory).first == "");
}
