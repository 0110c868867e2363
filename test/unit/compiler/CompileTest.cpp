//===- CompileTest.cpp - hipdex_compile() ---------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compiled.h"
#include <catch2/catch.hpp>
#include <csignal>
#include <cstddef>
#include <thread>
#include <vector>

static const char *const keys[] = {
    testKey,
    "paged_mqa_logits.gfx942.p1.d128.b1.plain.h32.n1.fnuz",
    "paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n2.fnuz",
    "paged_mqa_logits.gfx950.p16.d128.b16.plain.h32.n2.fn",
};

/// What readers of ELF call the ABI version: 3 for code object 5, 4 for 6.
static int abiVersion(const std::string &codeObject) {
  return codeObject.size() > 8 ? codeObject[8] : -1;
}

TEST_CASE("threads get the bytes that one thread gets") {
  constexpr size_t numKeys = std::size(keys), numThreads = 4;
  std::vector<Compiled> expected;
  for (const char *key : keys) {
    expected.emplace_back(key);
    CAPTURE(key);
    REQUIRE(expected.back().error == "");
    REQUIRE(expected.back().data.substr(0, 4) == "\177ELF");
  }

  auto check = [&](auto keyOf) {
    std::vector<std::string> data(numThreads * numKeys), metadata(data.size());
    std::vector<std::thread> threads;
    for (size_t thread = 0; thread < numThreads; ++thread)
      threads.emplace_back([&, thread] {
        for (size_t turn = 0; turn < numKeys; ++turn) {
          Compiled compiled(keys[keyOf(thread, turn)]);
          data[thread * numKeys + turn] = compiled.data;
          metadata[thread * numKeys + turn] = compiled.metadata;
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    for (size_t thread = 0; thread < numThreads; ++thread)
      for (size_t turn = 0; turn < numKeys; ++turn) {
        const Compiled &wanted = expected[keyOf(thread, turn)];
        CAPTURE(thread, turn);
        CHECK(data[thread * numKeys + turn] == wanted.data);
        CHECK(metadata[thread * numKeys + turn] == wanted.metadata);
      }
  };
  SECTION("all of the same key") {
    check([](size_t, size_t turn) { return turn; });
  }
  SECTION("each of another key") {
    check([](size_t thread, size_t turn) { return (thread + turn) % numKeys; });
  }
}

TEST_CASE("defaults are a code object of version 5") {
  Compiled byDefault(testKey);
  CHECK(byDefault.error == "");
  CHECK(abiVersion(byDefault.data) == 3);
  CHECK(byDefault.metadata.find("\"code_object_version\": 5") !=
        std::string::npos);
  CHECK(Compiled(testKey, "obj", 5).data == byDefault.data);
  CHECK(Compiled(testKey, "obj", 0).data == byDefault.data);
  CHECK(Compiled(testKey, static_cast<const char *>(nullptr), 5).data ==
        byDefault.data);
  CHECK(abiVersion(Compiled(testKey, "obj", 6).data) == 4);
}

TEST_CASE("a text stage has no metadata") {
  for (const char *emit : {"indexer", "tile", "gpu", "hip", "llvm", "asm"}) {
    Compiled compiled(testKey, emit);
    CAPTURE(emit);
    CHECK(compiled.error == "");
    CHECK(compiled.data.find("paged_mqa_logits") != std::string::npos);
    // Who builds the source has to launch it.
    CHECK(compiled.metadata.empty() == (std::string(emit) != "hip"));
  }
}

TEST_CASE("options of an older caller end earlier") {
  // What is past struct_size may be anything, and is not read.
  hipdex_compile_options options = {
      offsetof(hipdex_compile_options, code_object_version), "obj", 99};
  Compiled withoutVersion(testKey, options);
  CHECK(withoutVersion.error == "");
  CHECK(abiVersion(withoutVersion.data) == 3);

  options.struct_size = offsetof(hipdex_compile_options, emit);
  options.emit = reinterpret_cast<const char *>(1);
  Compiled withoutEmit(testKey, options);
  CHECK(withoutEmit.error == "");
  CHECK(withoutEmit.data == withoutVersion.data);

  options.struct_size = 0;
  CHECK(Compiled(testKey, options).data == withoutVersion.data);

  // A newer caller's are longer.
  options = {sizeof(options) + 64, "obj", 6};
  CHECK(abiVersion(Compiled(testKey, options).data) == 4);
}

TEST_CASE("errors are one line, and there is no data") {
  auto fails = [](const char *key, const char *emit, unsigned version,
                  const std::string &message) {
    Compiled compiled(key, emit, version);
    CHECK(compiled.error == message);
    CHECK(compiled.error.find('\n') == std::string::npos);
    CHECK(compiled.data == "");
    CHECK(compiled.metadata == "");
  };
  fails(nullptr, "obj", 5, "the key is null");
  fails(testKey, "ptx", 5,
        "unknown stage 'ptx'; stages are indexer, tile, gpu, hip, llvm, asm "
        "and "
        "obj");
  fails(testKey, "", 5,
        "unknown stage ''; stages are indexer, tile, gpu, hip, llvm, "
        "asm and obj");
  fails(testKey, "obj", 4,
        "code object version 4 is not supported; versions are 5 and 6");
  fails("paged_mqa_logits.gfx950.p64.d128.b64.pre.h48.n1.fn", "obj", 5,
        "heads is 48, supported: 8, 16, 32, 64, 128; nearest supported key: "
        "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn");
  fails("paged_mqa_logits.gfx950", "obj", 5,
        "key \"paged_mqa_logits.gfx950\": has 2 fields, must have 9, as in "
        "\"paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn\"");
  fails("", "obj", 5,
        "key \"\": unknown op \"\", supported: paged_mqa_logits, "
        "k_quant_store, k_gather, k_move, stream_pages, mqa_logits, "
        "paged_mqa_prefill, topk, qk_prep; nearest: topk");
}

TEST_CASE("destroying nothing is nothing") {
  hipdex_compile_result_destroy(nullptr);
}

TEST_CASE("the host's signal handlers stay its own") {
  // LLVM's temporary files would take these, once in a process, and keep them;
  // Catch takes others only.
  Compiled compiled(testKey);
  CHECK(compiled.error == "");
  for (int signal : {SIGHUP, SIGUSR1, SIGUSR2}) {
    INFO("signal " << signal);
    struct sigaction action;
    REQUIRE(sigaction(signal, nullptr, &action) == 0);
    CHECK(action.sa_handler == SIG_DFL);
  }
}

TEST_CASE("the BuildId is there") {
  std::string id = hipdex_compiler_build_id();
  CHECK(id.size() >= 16);
  CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
}
