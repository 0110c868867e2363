//===- ContextTest.cpp - Tests of opening a device ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Providers, devices, and what is said when there is none.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace hipdex;
using Catch::Contains;

extern "C" int hipdexHeaderTest(void);

static Status openStatus(ContextOptions options) {
  return Context::open(options).status();
}

TEST_CASE("the C header is C") { CHECK(hipdexHeaderTest()); }

TEST_CASE("a context says what device it has") {
  Fixture fixture;
  // HIP 5 fills another struct than HIP 6, and both must be read right.
  for (const char *provider : {FAKE_HIP, FAKE_HIP5}) {
    fakeHip(provider).computeUnits = 80;
    Context context = fixture.open(provider, 1);
    hipdex_device_info info = context.deviceInfo();
    CHECK(std::string(info.name) == "Fake GPU");
    CHECK(std::string(info.arch) == "gfx950");
    CHECK(std::string(info.provider) == provider);
    CHECK(info.compute_units == 80);
  }
}

TEST_CASE("no provider: every path tried is named") {
  Fixture fixture;
  Status status = openStatus({"/nowhere/libhip.so", 0, ""});
  CHECK(status.code() == HIPDEX_ERROR_NO_PROVIDER);
  CHECK_THAT(status.message(), Contains("/nowhere/libhip.so"));

  setenv("HIPDEX_EMULATOR_LIBRARY", "/nowhere/emulator.so", 1);
  status = openStatus({"emulator", 0, ""});
  CHECK(status.code() == HIPDEX_ERROR_NO_PROVIDER);
  CHECK_THAT(status.message(), Contains("\"emulator\"") &&
                                   Contains("/nowhere/emulator.so") &&
                                   !Contains("libhipdex-emulator.so"));

  status = openStatus({FAKE_HIP_BROKEN, 0, ""});
  CHECK(status.code() == HIPDEX_ERROR_NO_PROVIDER);
  CHECK_THAT(status.message(), Contains("lacks hipModuleLaunchKernel"));
}

TEST_CASE("HIPDEX_EMULATOR_LIBRARY and HIPDEX_DEVICE choose the provider") {
  Fixture fixture;
  setenv("HIPDEX_EMULATOR_LIBRARY", FAKE_HIP, 1);
  Context context = fixture.open("emulator");
  CHECK(std::string(context.deviceInfo().provider) == FAKE_HIP);

  setenv("HIPDEX_DEVICE", FAKE_HIP5, 1);
  Context fromEnvironment = fixture.open(nullptr);
  CHECK(std::string(fromEnvironment.deviceInfo().provider) == FAKE_HIP5);
  Context explicitly = fixture.open(FAKE_HIP);
  CHECK(std::string(explicitly.deviceInfo().provider) == FAKE_HIP);
}

TEST_CASE("no device") {
  Fixture fixture;
  fixture.hip.deviceCountError = 100; // hipErrorNoDevice
  Status status = openStatus({FAKE_HIP, 0, ""});
  CHECK(status.code() == HIPDEX_ERROR_NO_DEVICE);
  CHECK_THAT(status.message(), Contains("finds no device"));
  CHECK(fixture.hip.lastError == 0);

  fixture.hip.deviceCountError = 0;
  fixture.hip.deviceCount = 0;
  CHECK(openStatus({FAKE_HIP, 0, ""}).code() == HIPDEX_ERROR_NO_DEVICE);

  fixture.hip.deviceCount = 2;
  status = openStatus({FAKE_HIP, 2, ""});
  CHECK(status.code() == HIPDEX_ERROR_NO_DEVICE);
  CHECK_THAT(status.message(), Contains("device is 2, must be in 0..1"));
  CHECK(openStatus({FAKE_HIP, -1, ""}).code() == HIPDEX_ERROR_NO_DEVICE);

  fixture.hip.deviceCountError = 999;
  status = openStatus({FAKE_HIP, 0, ""});
  CHECK(status.code() == HIPDEX_ERROR_HIP);
  CHECK_THAT(status.message(),
             Contains("hipGetDeviceCount") && Contains("999"));
}

TEST_CASE("HIP's functions can be had by name, and only HIP's") {
  Fixture fixture;
  Context context = fixture.open();
  CHECK(context.hipFunction<int(int *)>("hipGetDeviceCount") != nullptr);
  CHECK(hipdex_get_hip_function(context.get(), "hipNoSuchFunction") == nullptr);
  CHECK(hipdex_get_hip_function(context.get(), "fakeHipState") == nullptr);
  CHECK(hipdex_get_hip_function(context.get(), nullptr) == nullptr);
  CHECK(hipdex_get_hip_function(nullptr, "hipMalloc") == nullptr);
}

TEST_CASE("null pointers and small structs are errors") {
  Fixture fixture;
  Context context = fixture.open();
  hipdex_context *raw = nullptr;
  CHECK(hipdex_context_create(nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(std::string(hipdex_last_message()) == "context is null");
  hipdex_context_options options = {};
  options.struct_size = 4;
  options.provider = FAKE_HIP;
  CHECK(hipdex_context_create(&options, &raw) == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(hipdex_last_message(), Contains("struct_size is 4"));
  hipdex_device_info info = {};
  CHECK(hipdex_get_device_info(context.get(), nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_get_device_info(context.get(), &info) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_get_device_info(nullptr, &info) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  hipdex_counters counters = {};
  CHECK(hipdex_get_counters(context.get(), &counters) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  const hipdex_kernel *kernel = nullptr;
  CHECK(hipdex_get_kernel(nullptr, testKey, &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_get_kernel(context.get(), nullptr, &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_get_kernel(context.get(), testKey, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_load_kernel(context.get(), nullptr, 3, "", &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_load_kernel(context.get(), "x", 1, nullptr, &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  uint64_t hash;
  CHECK(hipdex_layout_hash(nullptr, &hash) == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_layout_hash("cache<>", nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_kernel_metadata(nullptr) == nullptr);
  CHECK(hipdex_kernel_code_object(nullptr, nullptr) == nullptr);
  hipdex_context_destroy(nullptr);
}

TEST_CASE("the layout hash is the spec's") {
  CacheLayout layout;
  layout.pageSize = 64;
  layout.headDim = 128;
  layout.order = CacheOrder::Preshuffle16x16;
  layout.fp8 = Fp8Format::E4M3FN;
  Result<uint64_t> hash = layoutHash(layout.str().c_str());
  REQUIRE(bool(hash));
  CHECK(*hash == layout.hash());
  CHECK(layoutHash("cache<page_size=x>").status().code() ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
}
