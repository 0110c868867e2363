//===- FakeHip.h - A HIP library that records calls -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The state behind FakeHip.cpp. The test opens the library too and asks
// fakeHipState() for it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_RUNTIME_FAKEHIP_H
#define HIPDEX_TEST_RUNTIME_FAKEHIP_H

#include <atomic>
#include <functional>
#include <string>
#include <vector>

struct FakeHipState {
  // What it answers.
  int deviceCount = 2;
  int deviceCountError = 0;
  int computeUnits = 256;
  std::string arch = "gfx950:sramecc+:xnack-";
  int loadError = 0;
  int launchError = 0;
  std::function<void()> whileLoading; ///< Called if set; may throw.
  /// Called, if set, by every function but those that explain errors; what it
  /// gives, if not 0, is the function's result, and nothing else happens.
  std::function<int(const char *function)> onCall;

  // What it was asked.
  std::atomic<int> modulesLoaded{0};
  std::atomic<int> modulesUnloaded{0};
  std::vector<int> loadDevices; ///< The current device of each load.
  int currentDevice = 0;
  int launches = 0;
  int launchDevice = -1;
  unsigned grid[3] = {}, block[3] = {}, sharedBytes = 0;
  void *stream = nullptr;
  std::vector<char> arguments;
  std::string function;
  const void *image = nullptr;
  int lastError = 0;
};

#endif // HIPDEX_TEST_RUNTIME_FAKEHIP_H
