//===- Fixture.cpp - What the runtime's tests share -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Fixture.h.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <dlfcn.h>

using namespace hipdex;

template <typename State>
static State &stateOf(const char *path, const char *function) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library);
  auto *get = reinterpret_cast<State *(*)()>(dlsym(library, function));
  REQUIRE(get);
  return *get();
}

/// Assignment, where atomics forbid it.
template <typename State> static void reset(State &state) {
  state.~State();
  new (&state) State;
}

FakeHipState &fakeHip(const char *path) {
  FakeHipState &state = stateOf<FakeHipState>(path, "fakeHipState");
  reset(state);
  return state;
}

Fixture::Fixture()
    : hip(fakeHip(FAKE_HIP)),
      compiler(stateOf<FakeCompilerState>(FAKE_COMPILER, "fakeCompilerState")) {
  reset(compiler);
  for (const char *name :
       {"HIPDEX_DEVICE", "HIPDEX_CACHE_DIR", "HIPDEX_EMULATOR_LIBRARY"})
    unsetenv(name);
  setenv("HIPDEX_COMPILER_LIBRARY", FAKE_COMPILER, 1);
  llvm::SmallString<128> path;
  REQUIRE(!llvm::sys::fs::createUniqueDirectory("hipdex-test", path));
  cacheDirectory = path.str().str();
}

Fixture::~Fixture() { llvm::sys::fs::remove_directories(cacheDirectory); }

Context Fixture::open(const char *provider, int device) {
  ContextOptions options;
  options.provider = provider;
  options.device = device;
  options.cacheDirectory = cacheDirectory.c_str();
  Result<Context> context = Context::open(options);
  INFO(context.status().message());
  REQUIRE(bool(context));
  return std::move(*context);
}

std::string Fixture::onlyCacheEntry() const {
  std::error_code error;
  llvm::sys::fs::directory_iterator it(cacheDirectory, error), end;
  REQUIRE(!error);
  REQUIRE(it != end);
  std::string path = it->path();
  it.increment(error);
  REQUIRE(it == end);
  return path;
}

std::string readFile(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  REQUIRE(bool(buffer));
  return (*buffer)->getBuffer().str();
}

void writeFile(const std::string &path, const std::string &bytes) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  REQUIRE(!error);
  os << bytes;
}
