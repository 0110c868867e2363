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
       {"HIPDEX_DEVICE", "HIPDEX_CACHE_DIR", "HIPDEX_CACHE_LOWER_DIR",
        "HIPDEX_CACHE_LIMIT", "HIPDEX_BUNDLE_PATH", "HIPDEX_BUNDLE_PUBLIC_KEY",
        "HIPDEX_JIT", "HIPDEX_LOG", "HIPDEX_HTTP_CACHE",
        "HIPDEX_HTTP_CACHE_MODE", "HIPDEX_EMULATOR_LIBRARY", "HIPDEX_COMPILER",
        "HIPDEX_HIPRTC_LIBRARY"})
    unsetenv(name);
  setenv("HIPDEX_COMPILER_LIBRARY", FAKE_COMPILER, 1);
  // In memory where that is possible: each entry is synchronized to disk, and
  // some tests write thousands.
  for (const char *folder : {"/dev/shm", "/tmp"}) {
    std::string path = std::string(folder) + "/hipdex-test-XXXXXX";
    if (mkdtemp(path.data())) {
      cacheDirectory = path;
      break;
    }
  }
  REQUIRE(!cacheDirectory.empty());
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

std::vector<std::string> Fixture::files(const std::string &folder,
                                        const std::string &root) const {
  std::vector<std::string> result;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(root + "/" + folder, error), end;
       !error && it != end; it.increment(error))
    result.push_back(it->path());
  REQUIRE(!error);
  return result;
}

std::string Fixture::onlyFile(const std::string &folder,
                              const std::string &root) const {
  std::vector<std::string> found = files(folder, root);
  REQUIRE(found.size() == 1);
  return found.front();
}

hipdex_paged_mqa_logits_args goodArgs() {
  hipdex_paged_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.batch = 3;
  args.q = address(0x10000);
  args.q_stride_request = 64 * 128;
  args.q_stride_token = 64 * 128 + 16;
  args.q_stride_head = 128;
  args.cache.data = address(0x20000);
  args.cache.num_pages = 10;
  args.cache.page_stride = 8448 + 16;
  args.cache.bytes = 9 * (8448 + 16) + 8448;
  args.cache.layout_hash = KernelKey::parse(testKey)->layout().hash();
  args.weights = reinterpret_cast<float *>(address(0x30000));
  args.weights_stride = 68;
  args.context_lens = reinterpret_cast<int32_t *>(address(0x40004));
  args.block_table = reinterpret_cast<int32_t *>(address(0x50004));
  args.table_width = 4;
  args.table_stride = 5;
  args.logits = reinterpret_cast<float *>(address(0x60004));
  args.width = 200;
  args.logits_stride = 204;
  return args;
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
