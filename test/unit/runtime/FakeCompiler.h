//===- FakeCompiler.h - A compiler library that counts --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The state behind FakeCompiler.cpp, from fakeCompilerState().
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_RUNTIME_FAKECOMPILER_H
#define HIPDEX_TEST_RUNTIME_FAKECOMPILER_H

#include <atomic>
#include <cstddef>

struct FakeCompilerState {
  std::atomic<int> compiles{0};
  int milliseconds = 0;          ///< What a compilation takes.
  const char *error = nullptr;   ///< What it says, if not null.
  const char *buildId = nullptr; ///< Instead of the true one, if not null.
  unsigned machine = 0;          ///< Instead of the key's, if not 0.
  size_t padding = 0;            ///< Zeros behind a code object.
};

#endif // HIPDEX_TEST_RUNTIME_FAKECOMPILER_H
