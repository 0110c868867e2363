//===- FakeHiprtc.h - A hiprtc that counts --------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The state behind FakeHiprtc.cpp, from fakeHiprtcState().
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_RUNTIME_FAKEHIPRTC_H
#define HIPDEX_TEST_RUNTIME_FAKEHIPRTC_H

#include <mutex>
#include <string>
#include <vector>

struct FakeHiprtcState {
  // What it is.
  std::string version = "7.2.53211";
  unsigned clang = 22;
  std::string clangText = "Fake Clang 22.0.0git (roc-7.2.0 \"x\")";
  int milliseconds = 0; ///< What a compilation takes, one after the other.
  /// The function that fails, if not empty.
  std::string failing;
  std::string log;
  /// What the code for a question holds, if not null.
  const char *answer = nullptr;

  // What it was asked; guarded by the mutex.
  std::mutex mutex;
  struct Compilation {
    std::string source, name;
    std::vector<std::string> options;
  };
  std::vector<Compilation> compilations;
  int questions = 0; ///< Compilations that ask for the version.
  int programs = 0;  ///< That were not destroyed.
};

#endif // HIPDEX_TEST_RUNTIME_FAKEHIPRTC_H
