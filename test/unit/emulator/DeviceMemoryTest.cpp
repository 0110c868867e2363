//===- DeviceMemoryTest.cpp - Allocations, exact to the byte --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/DeviceMemory.h"
#include <atomic>
#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <random>
#include <thread>

using namespace hipdex::emulator;
using Catch::Contains;

static uint64_t allocate(DeviceMemory &memory, size_t bytes) {
  llvm::Expected<void *> pointer = memory.allocate(bytes);
  REQUIRE(bool(pointer));
  return reinterpret_cast<uint64_t>(*pointer);
}

static std::string freeError(DeviceMemory &memory, uint64_t address) {
  return llvm::toString(memory.free(reinterpret_cast<void *>(address)));
}

TEST_CASE("Ranges are found to the byte") {
  DeviceMemory memory;
  for (size_t bytes : {1, 15, 4095, 4096, 4097, 1000000}) {
    uint64_t begin = allocate(memory, bytes);
    CHECK(!memory.find(begin - 1));
    CHECK(memory.find(begin).begin == begin);
    CHECK(memory.find(begin + bytes - 1).end == begin + bytes);
    CHECK(!memory.find(begin + bytes));
    DeviceMemory::Range range = memory.find(begin);
    CHECK(range.contains(begin, bytes));
    CHECK(!range.contains(begin, bytes + 1));
    CHECK(!range.contains(begin + 1, bytes));
    CHECK(!range.contains(begin - 1, 1));
    CHECK(!range.contains(begin, UINT64_MAX));
    CHECK(range.contains(begin + bytes - 1, 1));
    // Zeroed, and the host's to use.
    CHECK(*reinterpret_cast<char *>(begin + bytes - 1) == 0);
  }
  CHECK(memory.liveRanges().size() == 6);
  CHECK(!memory.find(0));
  CHECK(!memory.find(UINT64_MAX));
}

TEST_CASE("Messages say what an address is") {
  DeviceMemory memory;
  uint64_t begin = allocate(memory, 100);
  CHECK_THAT(memory.describe(begin + 7), Contains("7 bytes into the 100-byte"));
  CHECK_THAT(memory.describe(begin + 100),
             Contains("0 bytes past the end of the 100-byte"));
  CHECK_THAT(memory.describe(begin - 4), Contains("4 bytes before"));
  CHECK_THAT(memory.describe(0), Contains("null"));
  CHECK(freeError(memory, begin) == "");
  CHECK_THAT(memory.describe(begin + 7), Contains("freed"));
  CHECK_THAT(freeError(memory, begin), Contains("freed"));
}

TEST_CASE("Freed addresses are not handed out again at once") {
  DeviceMemory memory;
  uint64_t freed = allocate(memory, 5000);
  CHECK(freeError(memory, freed) == "");
  for (int i = 0; i < 100; ++i) {
    uint64_t begin = allocate(memory, 5000);
    CHECK((begin + 5000 <= freed || begin >= freed + 5000));
  }
  CHECK(!memory.find(freed));
}

TEST_CASE("Nothing lies near an allocation") {
  DeviceMemory memory;
  constexpr uint64_t gap = 1 << 20;
  std::vector<uint64_t> begins;
  for (int i = 0; i < 100; ++i)
    begins.push_back(allocate(memory, 100));
  for (uint64_t begin : begins)
    for (uint64_t other : begins)
      CHECK((other == begin || other >= begin + 100 + gap ||
             other + 100 + gap <= begin));
}

TEST_CASE("Nothing is allocated of impossible sizes") {
  DeviceMemory memory;
  for (size_t bytes : {size_t(0), SIZE_MAX, size_t(1) << 47}) {
    llvm::Expected<void *> pointer = memory.allocate(bytes);
    CHECK(!pointer);
    CHECK(llvm::toString(pointer.takeError()) != "");
  }
  CHECK(memory.bytesInUse() == 0);
}

TEST_CASE("Random allocations agree with a map") {
  std::random_device device;
  uint32_t seed = device();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  DeviceMemory memory;
  std::map<uint64_t, uint64_t> live;
  for (int step = 0; step < 3000; ++step) {
    if (live.empty() || random() % 2) {
      size_t bytes = 1 + random() % 20000;
      uint64_t begin = allocate(memory, bytes);
      auto next = live.lower_bound(begin);
      REQUIRE((next == live.end() || next->first >= begin + bytes));
      REQUIRE((next == live.begin() ||
               std::prev(next)->first + std::prev(next)->second <= begin));
      live[begin] = bytes;
    } else {
      auto victim = std::next(live.begin(), random() % live.size());
      REQUIRE(freeError(memory, victim->first) == "");
      live.erase(victim);
    }
    uint64_t probe =
        live.empty() ? 1000 : live.begin()->first + random() % 40000;
    auto after = live.upper_bound(probe);
    bool inside = after != live.begin() &&
                  probe < std::prev(after)->first + std::prev(after)->second;
    REQUIRE(bool(memory.find(probe)) == inside);
  }
}

TEST_CASE("A reader keeps memory until it is done") {
  DeviceMemory memory;
  uint64_t begin = allocate(memory, 64);
  auto scope = std::make_unique<DeviceMemory::ReaderScope>(memory);
  std::atomic<bool> freed{false};
  std::thread other([&] {
    llvm::consumeError(memory.free(reinterpret_cast<void *>(begin)));
    freed = true;
  });
  // Allocating does not wait for readers.
  for (int i = 0; i < 50; ++i)
    allocate(memory, 64);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(!freed);
  CHECK(memory.find(begin));
  scope.reset();
  other.join();
  CHECK(freed);
  CHECK(!memory.find(begin));
}

TEST_CASE("A guard's bits are those of a table of bytes") {
  std::random_device device;
  uint32_t seed = device();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (uint64_t size : {1, 7, 8, 64, 65, 1000}) {
    auto guard = Guard::create(size, "");
    REQUIRE(bool(guard));
    std::vector<unsigned> allowed(size, 0);
    for (int step = 0; step < 300; ++step) {
      uint64_t begin = random() % size, bytes = random() % (size - begin + 1);
      if (step % 8 == 0) {
        unsigned access = 1 + random() % 3;
        bytes = std::min<uint64_t>(bytes, random() % 40);
        (*guard)->allow(begin, bytes, access);
        for (uint64_t i = begin; i < begin + bytes; ++i)
          allowed[i] |= access;
        continue;
      }
      for (unsigned access : {1, 2, 3}) {
        bool all = true;
        for (uint64_t i = begin; i < begin + bytes; ++i)
          all &= (allowed[i] & access) == access;
        REQUIRE((*guard)->allows(begin, bytes, access) == all);
      }
    }
  }
}

TEST_CASE("A guard lives as long as its allocation") {
  DeviceMemory memory;
  uint64_t begin = allocate(memory, 100);
  auto at = [](uint64_t address) {
    return reinterpret_cast<const void *>(address);
  };
  auto allow = [&](uint64_t address, uint64_t bytes, unsigned access) {
    return llvm::toString(
        memory.allow(at(address), hipdex_emulator_range{0, bytes}, access));
  };
  CHECK_THAT(llvm::toString(memory.guard(at(begin + 100), "keys")),
             Contains("past the end"));
  CHECK_THAT(allow(begin, 4, Guard::Read),
             Contains("not in a guarded allocation"));
  CHECK(!memory.find(begin).guard);
  CHECK(!memory.guard(at(begin + 5), "keys"));
  CHECK(memory.find(begin).guard);
  CHECK_THAT(memory.describe(begin + 7),
             Contains("7 bytes into the 100-byte allocation \"keys\""));
  CHECK(allow(begin + 4, 96, Guard::Read) == "");
  CHECK_THAT(allow(begin + 4, 97, Guard::Read), Contains("97 bytes"));
  CHECK(memory.find(begin).guard->allows(4, 96, Guard::Read));
  CHECK(!memory.find(begin).guard->allows(3, 2, Guard::Read));
  CHECK(!memory.find(begin).guard->allows(4, 1, Guard::Write));
  // Guarding again forbids again; who still reads sees what was.
  auto scope = std::make_unique<DeviceMemory::ReaderScope>(memory);
  const Guard *before = memory.find(begin).guard;
  CHECK(!memory.guard(at(begin), "values"));
  CHECK(!memory.find(begin).guard->allows(4, 1, Guard::Read));
  CHECK(before->allows(4, 1, Guard::Read));
  CHECK(before->name == "keys");
  scope.reset();
  CHECK(freeError(memory, begin) == "");
  CHECK_THAT(memory.describe(begin + 7), Contains("freed"));

  // Of a sparse range, the bits are as sparse.
  uint64_t size = uint64_t(1) << 40;
  begin = allocate(memory, size);
  CHECK(!memory.guard(at(begin), "sparse"));
  CHECK(allow(begin + size - 5, 5, Guard::Write) == "");
  CHECK(memory.find(begin).guard->allows(size - 5, 5, Guard::Write));
  CHECK(!memory.find(begin).guard->allows(size - 6, 6, Guard::Write));
}

TEST_CASE("Registered memory does not overlap") {
  DeviceMemory memory;
  std::vector<char> bytes(1000);
  CHECK(!memory.registerRange(bytes.data(), 1000));
  CHECK_THAT(llvm::toString(memory.registerRange(bytes.data() + 999, 2)),
             Contains("overlap"));
  CHECK_THAT(llvm::toString(memory.registerRange(nullptr, 2)),
             Contains("cannot register"));
  // Not allocated here: not to be freed here.
  CHECK_THAT(freeError(memory, reinterpret_cast<uint64_t>(bytes.data())),
             Contains("registered"));
  CHECK(!memory.unregisterRange(bytes.data()));
  CHECK(memory.liveRanges().empty());
}
