//===- KernelCacheTest.cpp - Tests of getting a kernel by key -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Misses, hits, single flight, and failures of the compiler.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <thread>

using namespace hipdex;
using Catch::Contains;

TEST_CASE("a kernel is compiled once and then found") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> first = context.kernel(testKey);
  INFO(first.status().message());
  REQUIRE(bool(first));
  CHECK(first.status().message().empty());
  Result<Kernel> second = context.kernel(testKey);
  REQUIRE(bool(second));
  CHECK(first->get() == second->get());
  CHECK(fixture.compiler.compiles == 1);
  CHECK(fixture.hip.modulesLoaded == 1);
  CHECK(fixture.hip.function == "fake_kernel");
  hipdex_counters counters = context.counters();
  CHECK(counters.compiles == 1);
  CHECK(counters.memory_hits == 1);
  CHECK(counters.disk_hits == 0);
  CHECK(counters.disk_rejects == 0);

  // Another key is another kernel.
  Result<Kernel> other =
      context.kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn");
  REQUIRE(bool(other));
  CHECK(other->get() != first->get());

  // The kernel's bytes are the module's: HIP may read them later.
  size_t size = 0;
  CHECK(hipdex_kernel_code_object(other->get(), &size) == fixture.hip.image);
  CHECK(size == fakeElf(*KernelKey::parse(testKey)).size());
  CHECK_THAT(std::string(first->metadata()), Contains(testKey));
}

TEST_CASE("modules are unloaded with their context") {
  Fixture fixture;
  {
    Context context = fixture.open();
    REQUIRE(bool(context.kernel(testKey)));
    CHECK(fixture.hip.modulesUnloaded == 0);
  }
  CHECK(fixture.hip.modulesUnloaded == 1);
}

TEST_CASE("concurrent calls for one key compile once") {
  Fixture fixture;
  fixture.compiler.milliseconds = 50;
  Context context = fixture.open();
  const hipdex_kernel *found[8] = {};
  std::vector<std::thread> threads;
  for (const hipdex_kernel *&kernel : found)
    threads.emplace_back(
        [&] { hipdex_get_kernel(context.get(), testKey, &kernel); });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(fixture.compiler.compiles == 1);
  CHECK(fixture.hip.modulesLoaded == 1);
  for (const hipdex_kernel *kernel : found) {
    CHECK(kernel != nullptr);
    CHECK(kernel == found[0]);
  }
}

TEST_CASE("those who wait get the failure, and the next call tries again") {
  Fixture fixture;
  fixture.compiler.milliseconds = 50;
  fixture.compiler.error = "register pressure";
  Context context = fixture.open();
  hipdex_status statuses[8];
  std::string messages[8];
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      const hipdex_kernel *kernel;
      statuses[i] = hipdex_get_kernel(context.get(), testKey, &kernel);
      messages[i] = hipdex_last_message();
    });
  for (std::thread &thread : threads)
    thread.join();
  for (int i = 0; i < 8; ++i) {
    CHECK(statuses[i] == HIPDEX_ERROR_COMPILER);
    CHECK_THAT(messages[i], Contains("register pressure") && Contains(testKey));
  }
  fixture.compiler.error = nullptr;
  fixture.compiler.milliseconds = 0;
  CHECK(bool(context.kernel(testKey)));
}

TEST_CASE("keys that cannot be had say why, and compile nothing") {
  Fixture fixture;
  Context context = fixture.open();
  auto get = [&](const char *key) { return context.kernel(key).status(); };
  Status status = get("paged_mqa_logits.gfx950.p8.d128.b8.pre.h64.n1.fn");
  CHECK(status.code() == HIPDEX_ERROR_UNSUPPORTED_KEY);
  CHECK_THAT(status.message(), Contains("nearest supported key"));
  status = get("paged_mqa_logits.gfx900.p64.d128.b64.pre.h64.n1.fn");
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(), Contains("unknown arch"));
  status = get("paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz");
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(), Contains("is for gfx942, the device is gfx950"));
  CHECK(get("").code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(fixture.compiler.compiles == 0);
  CHECK(context.counters().compiles == 0);
}

TEST_CASE("a compiler that is not there, or not ours") {
  Fixture fixture;
  Context context = fixture.open();
  setenv("HIPDEX_COMPILER_LIBRARY", "/nowhere/compiler.so", 1);
  Status status = context.kernel(testKey).status();
  CHECK(status.code() == HIPDEX_ERROR_COMPILER);
  CHECK_THAT(status.message(), Contains("/nowhere/compiler.so"));

  setenv("HIPDEX_COMPILER_LIBRARY", FAKE_HIP, 1);
  status = context.kernel(testKey).status();
  CHECK(status.code() == HIPDEX_ERROR_COMPILER);
  CHECK_THAT(status.message(), Contains("lacks hipdex_compiler_build_id"));

  setenv("HIPDEX_COMPILER_LIBRARY", FAKE_COMPILER, 1);
  fixture.compiler.buildId = "0123abcd";
  status = context.kernel(testKey).status();
  CHECK(status.code() == HIPDEX_ERROR_COMPILER);
  CHECK_THAT(status.message(),
             Contains("has BuildId 0123abcd") && Contains(hipdex_build_id()));
  fixture.compiler.buildId = nullptr;
  CHECK(bool(context.kernel(testKey)));
}

TEST_CASE("a module that HIP cannot load is HIP's error, and is not cached") {
  Fixture fixture;
  Context context = fixture.open();
  fixture.hip.loadError = 200;
  Status status = context.kernel(testKey).status();
  CHECK(status.code() == HIPDEX_ERROR_HIP);
  CHECK_THAT(status.message(), Contains("hipModuleLoadData"));
  CHECK(fixture.hip.lastError == 0);
  fixture.hip.loadError = 2;
  CHECK(context.kernel(testKey).status().code() == HIPDEX_ERROR_OUT_OF_MEMORY);
  fixture.hip.loadError = 0;
  CHECK(bool(context.kernel(testKey)));
  CHECK(fixture.compiler.compiles == 3);
}

TEST_CASE("what a HIP library throws is an error with its own message") {
  Fixture fixture;
  Context context = fixture.open();
  // Both for who builds and for who waits.
  auto getTwice = [&](hipdex_status code, const std::string &message) {
    Status statuses[2];
    std::thread other([&] { statuses[1] = context.kernel(testKey).status(); });
    statuses[0] = context.kernel(testKey).status();
    other.join();
    for (const Status &status : statuses) {
      CHECK(status.code() == code);
      CHECK(status.message() == message);
    }
  };
  auto wait = [] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  fixture.hip.whileLoading = [&] {
    wait();
    throw std::runtime_error("no such luck, and at length that needs memory");
  };
  getTwice(HIPDEX_ERROR_INTERNAL, "unexpected exception: no such luck, and at "
                                  "length that needs memory");
  fixture.hip.whileLoading = [&] {
    wait();
    throw std::bad_alloc();
  };
  getTwice(HIPDEX_ERROR_OUT_OF_MEMORY, "out of memory");
  fixture.hip.whileLoading = [&] {
    wait();
    throw 7;
  };
  getTwice(HIPDEX_ERROR_INTERNAL,
           "unexpected exception, which is no std::exception");
  fixture.hip.whileLoading = nullptr;
  CHECK(bool(context.kernel(testKey)));
}

TEST_CASE("loading leaves the thread's device as it was") {
  Fixture fixture;
  fixture.hip.currentDevice = 0;
  Context context = fixture.open(FAKE_HIP, 1);
  REQUIRE(bool(context.kernel(testKey)));
  CHECK(fixture.hip.currentDevice == 0);
}

TEST_CASE("time of a memory hit") {
  Fixture fixture;
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(testKey)));
  constexpr int calls = 200000;
  auto start = std::chrono::steady_clock::now();
  const hipdex_kernel *kernel = nullptr;
  for (int i = 0; i < calls; ++i)
    hipdex_get_kernel(context.get(), testKey, &kernel);
  std::chrono::duration<double, std::nano> time =
      std::chrono::steady_clock::now() - start;
  // Printed, never checked: the machine is not ours alone.
  std::printf("memory hit: %.0f ns\n", time.count() / calls);
  CHECK(context.counters().memory_hits == calls);
}
