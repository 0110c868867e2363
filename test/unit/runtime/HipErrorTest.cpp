//===- HipErrorTest.cpp - Tests of every error at every HIP call ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A context's whole life is run once to see which HIP functions it calls, and
// then again with each call failing in turn.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>

using namespace hipdex;
using Catch::Contains;

// Every value of hipError_t in ROCm 7 but hipSuccess.
static const int allErrors[] = {
    1,   2,   3,   4,   5,   6,   7,    8,    9,    12,  13,  17,  21,  34,
    35,  52,  53,  98,  100, 101, 200,  201,  202,  205, 206, 207, 208, 209,
    210, 211, 212, 213, 214, 215, 216,  217,  218,  219, 300, 301, 302, 303,
    304, 400, 401, 500, 600, 700, 701,  702,  704,  705, 708, 709, 710, 712,
    713, 717, 718, 719, 720, 801, 900,  901,  902,  903, 904, 905, 906, 907,
    908, 909, 910, 911, 998, 999, 1052, 1053, 1054, 5000};

namespace {
enum class Phase { Create, Get, Launch, Destroy };
struct Call {
  std::string name;
  Phase phase;
};

/// What happened in a life: its calls, and the first failure.
struct Life {
  std::vector<Call> calls;
  hipdex_status status = HIPDEX_SUCCESS;
  std::string message;
  Phase failedIn = Phase::Destroy;
};
} // namespace

/// Opens a context of device 1, gets a kernel, launches it and closes the
/// context, with the call number \p failing (if there is one) giving \p error.
static Life live(Fixture &fixture, size_t failing, int error) {
  fakeHip(FAKE_HIP);
  Life life;
  Phase phase = Phase::Create;
  fixture.hip.onCall = [&](const char *name) {
    life.calls.push_back({name, phase});
    return life.calls.size() == failing + 1 ? error : 0;
  };
  auto failed = [&](hipdex_status status) {
    if (status == HIPDEX_SUCCESS)
      return false;
    life.status = status;
    life.message = hipdex_last_message();
    life.failedIn = phase;
    return true;
  };
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = FAKE_HIP;
  options.device = 1;
  options.cache_dir = fixture.cacheDirectory.c_str();
  hipdex_context *context = nullptr;
  const hipdex_kernel *kernel = nullptr;
  if (!failed(hipdex_context_create(&options, &context))) {
    phase = Phase::Get;
    if (!failed(hipdex_get_kernel(context, testKey, &kernel))) {
      phase = Phase::Launch;
      hipdex_paged_mqa_logits_args args = goodArgs();
      failed(hipdex_launch_paged_mqa_logits(kernel, &args, nullptr));
    }
  }
  CHECK((context != nullptr) == (life.failedIn != Phase::Create));
  phase = Phase::Destroy;
  hipdex_context_destroy(context);
  fixture.hip.onCall = nullptr;
  return life;
}

/// Whether a call puts the thread's device back, which nobody is told of.
static bool isRestore(const Life &life, size_t index) {
  unsigned sets = 0;
  for (size_t i = 0; i <= index; ++i)
    if (life.calls[i].phase == life.calls[index].phase &&
        life.calls[i].name == "hipSetDevice")
      ++sets;
  return life.calls[index].name == "hipSetDevice" && sets % 2 == 0;
}

TEST_CASE("every error of every HIP call is reported, and nothing leaks") {
  Fixture fixture;
  const Life whole = live(fixture, SIZE_MAX, 0);
  REQUIRE(whole.status == HIPDEX_SUCCESS);
  // The calls of a life, so that one more is noticed, above all in a launch.
  std::string launch;
  for (const Call &call : whole.calls)
    if (call.phase == Phase::Launch)
      launch += call.name + " ";
  CHECK(launch == "hipGetDevice hipSetDevice hipModuleLaunchKernel "
                  "hipSetDevice ");
  REQUIRE(whole.calls.size() == 16);

  for (size_t i = 0; i < whole.calls.size(); ++i) {
    const Call &call = whole.calls[i];
    for (int error : allErrors) {
      INFO("call " << i << ", " << call.name << ", fails with " << error);
      Life life = live(fixture, i, error);
      bool isSilent = isRestore(whole, i) || call.phase == Phase::Destroy;
      bool isNoDevice =
          call.name == "hipGetDeviceCount" && (error == 100 || error == 35);
      hipdex_status expected = isSilent     ? HIPDEX_SUCCESS
                               : isNoDevice ? HIPDEX_ERROR_NO_DEVICE
                               : error == 2 ? HIPDEX_ERROR_OUT_OF_MEMORY
                                            : HIPDEX_ERROR_HIP;
      std::string said =
          isNoDevice ? "finds no device" : call.name + " failed with hipError";
      std::string number = " (" + std::to_string(error) + "): ";
      bool isRight = life.status == expected;
      if (!isSilent)
        isRight &=
            life.failedIn == call.phase &&
            life.message.find(said) != std::string::npos &&
            (isNoDevice || life.message.find(number) != std::string::npos);
      // HIP's sticky error is not left to the caller's next check, and modules
      // are unloaded unless that is what failed.
      isRight &= fixture.hip.lastError == 0;
      if (call.phase != Phase::Destroy)
        isRight &= fixture.hip.modulesLoaded == fixture.hip.modulesUnloaded;
      if (!isRight) {
        CHECK(life.status == expected);
        CHECK_THAT(life.message, Contains(said) && Contains(number));
        CHECK(fixture.hip.lastError == 0);
        CHECK(fixture.hip.modulesLoaded == fixture.hip.modulesUnloaded);
      }
      REQUIRE(isRight);
    }
  }
  // Nothing of all that was kept on disk wrongly.
  CHECK(live(fixture, SIZE_MAX, 0).status == HIPDEX_SUCCESS);
}
