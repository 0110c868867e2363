//===- HipRuntime.cpp - What HIP's functions share ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "llvm/ADT/StringExtras.h"
#include <cstdlib>

using namespace llvm;

namespace hipdex::emulator {

thread_local int currentDevice = 0;

static thread_local hipError_t lastError = hipSuccess;
static thread_local std::string lastErrorMessage;

std::string Device::name() const {
  return (part.name + " (hipdex emulator)").str();
}

HipRuntime &HipRuntime::get() {
  static HipRuntime *runtime = new HipRuntime;
  return *runtime;
}

HipRuntime::HipRuntime() {
  if (const char *text = std::getenv("HIPDEX_EMULATOR_THREADS");
      text && *text) {
    if (StringRef(text).getAsInteger(10, schedule.threads) ||
        schedule.threads > maxThreads) {
      setupError = std::string("HIPDEX_EMULATOR_THREADS=") + text +
                   " is not a number from 0 (all) to " +
                   std::to_string(maxThreads);
      return;
    }
  }
  if (const char *text = std::getenv("HIPDEX_EMULATOR_ORDER"); text && *text) {
    if (StringRef(text).getAsInteger(10, schedule.order)) {
      setupError = std::string("HIPDEX_EMULATOR_ORDER=") + text +
                   " is not a number from 0 (by number) to 2^64 - 1";
      return;
    }
  }
  const char *chosen = std::getenv("HIPDEX_EMULATOR_ARCH");
  std::string known;
  for (const Arch &arch : archTable()) {
    if (arch.parts.empty())
      continue;
    known += (known.empty() ? "" : ", ") + arch.name.str();
    if (!chosen || !*chosen || arch.name == chosen)
      devices.push_back({&arch, arch.parts.front()});
  }
  if (devices.empty())
    setupError = std::string("HIPDEX_EMULATOR_ARCH=") + chosen +
                 " is not an architecture that the emulator knows (" + known +
                 ")";
}

hipError_t fail(hipError_t error, const Twine &message) {
  lastError = error;
  lastErrorMessage = message.str();
  return error;
}

hipError_t fail(hipError_t error, Error reason) {
  return fail(error, toString(std::move(reason)));
}

hipError_t takeLastError() {
  hipError_t error = lastError;
  lastError = hipSuccess;
  return error;
}

hipError_t peekLastError() { return lastError; }

const std::string &lastMessage() { return lastErrorMessage; }

hipError_t requireDevice() {
  HipRuntime &runtime = HipRuntime::get();
  if (runtime.devices.empty())
    return fail(hipErrorNoDevice, runtime.setupError);
  return hipSuccess;
}

} // namespace hipdex::emulator
