//===- Fixture.h - What the runtime's tests share -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each test case makes a Fixture: fakes in their first state, the environment
// clean, an empty cache folder.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_RUNTIME_FIXTURE_H
#define HIPDEX_TEST_RUNTIME_FIXTURE_H

#include "FakeCompiler.h"
#include "FakeHip.h"
#include "FakeKernel.h"
#include "hipdex/hipdex.hpp"
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

constexpr const char *testKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";

struct Fixture {
  Fixture();
  ~Fixture();

  /// A context on a fake HIP; fails the test if there is none.
  hipdex::Context open(const char *provider = FAKE_HIP, int device = 0);
  /// The paths in a folder of the cache, or of another root.
  std::vector<std::string> files(const std::string &folder) const {
    return files(folder, cacheDirectory);
  }
  std::vector<std::string> files(const std::string &folder,
                                 const std::string &root) const;
  /// The only one; fails the test if there is another, or none.
  std::string onlyFile(const std::string &folder) const {
    return onlyFile(folder, cacheDirectory);
  }
  std::string onlyFile(const std::string &folder,
                       const std::string &root) const;

  FakeHipState &hip;
  FakeCompilerState &compiler;
  std::string cacheDirectory;
};

/// A pointer that nothing follows.
template <typename T = char> T *address(uintptr_t value) {
  return reinterpret_cast<T *>(value);
}

/// What the last launch passed at a byte of its arguments.
template <typename T> T argumentAt(const FakeHipState &hip, size_t offset) {
  REQUIRE(offset + sizeof(T) <= hip.arguments.size());
  T value;
  std::memcpy(&value, hip.arguments.data() + offset, sizeof(T));
  return value;
}

/// The state of another fake HIP than the default one.
FakeHipState &fakeHip(const char *path);

/// Arguments that testKey's kernel accepts: batch 3, width 200.
hipdex_paged_mqa_logits_args goodArgs();

std::string readFile(const std::string &path);
void writeFile(const std::string &path, const std::string &bytes);

#endif // HIPDEX_TEST_RUNTIME_FIXTURE_H
