//===- HiprtcCompilerTest.cpp - Tests of compiling by hiprtc --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// HIPDEX_COMPILER=hiprtc: which library may be used, what it is asked, what the
// caches call its kernels, and what is said when something is wrong.
//
//===----------------------------------------------------------------------===//

#include "FakeHiprtc.h"
#include "Fixture.h"
#include "Spec/BundleManifest.h"
#include "llvm/Support/FileSystem.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <dlfcn.h>
#include <new>
#include <thread>
#include <unistd.h>

using namespace hipdex;
using Catch::Contains;

static const char *const otherKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";
static const char *const thirdKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n3.fn";

namespace {
/// A fixture with the texts of testKey and otherKey, and a hiprtc for them.
struct HiprtcFixture : Fixture {
  HiprtcFixture() : directory(cacheDirectory + "/texts") {
    void *library = dlopen(FAKE_HIPRTC, RTLD_NOW | RTLD_LOCAL);
    REQUIRE(library);
    auto *get = reinterpret_cast<FakeHiprtcState *(*)()>(
        dlsym(library, "fakeHiprtcState"));
    REQUIRE(get);
    hiprtc = get();
    hiprtc->~FakeHiprtcState();
    new (hiprtc) FakeHiprtcState;
    REQUIRE(!llvm::sys::fs::create_directory(directory));
    writeBundle("text");
    setenv("HIPDEX_COMPILER", "hiprtc", 1);
    setenv("HIPDEX_HIPRTC_LIBRARY", FAKE_HIPRTC, 1);
    setenv("HIPDEX_BUNDLE_PATH", directory.c_str(), 1);
  }
  ~HiprtcFixture() {
    CHECK(hiprtc->programs == 0);
    unsetenv("HIPDEX_COMPILER");
    unsetenv("HIPDEX_HIPRTC_LIBRARY");
  }

  std::string textPath(const char *key) const {
    return directory + "/" + key + ".hip";
  }
  /// Texts that begin with \p prefix.
  void writeBundle(const std::string &prefix, unsigned wavesPerSimd = 2) {
    BundleManifest manifest;
    manifest.contents = BundleContents::HipSource;
    manifest.buildId = hipdex_build_id();
    for (const char *key : {testKey, otherKey}) {
      std::string text = prefix + " of " + key;
      BundleEntry entry;
      entry.key = key;
      entry.contents = BundleContents::HipSource;
      entry.sha256 = sha256Hex(text);
      entry.bytes = text.size();
      entry.metadata = fakeMetadata(*KernelKey::parse(key));
      entry.metadata.sgprs = 33; // not what a compiler would say
      entry.metadata.wavesPerSimd = wavesPerSimd;
      manifest.entries.push_back(entry);
      writeFile(textPath(key), text);
    }
    writeFile(directory + "/manifest.json", manifest.toJSON());
  }

  /// Why there is no context.
  Status refusal() {
    ContextOptions options;
    options.provider = FAKE_HIP;
    options.cacheDirectory = cacheDirectory.c_str();
    Result<Context> context = Context::open(options);
    REQUIRE(!context);
    // Nothing was compiled for an arch that the library may not know.
    CHECK(hiprtc->compilations.empty());
    CHECK(compiler.compiles == 0);
    return context.status();
  }
  /// How many kernels a new context has to compile for testKey.
  uint64_t compiles() {
    Context context = open();
    Result<Kernel> kernel = context.kernel(testKey);
    INFO(kernel.status().message());
    REQUIRE(bool(kernel));
    CHECK(kernel.status().message() == "");
    CHECK(context.counters().compiles + context.counters().disk_hits == 1);
    CHECK(context.counters().disk_rejects == 0);
    return context.counters().compiles;
  }

  FakeHiprtcState *hiprtc;
  const std::string directory;
};
} // namespace

TEST_CASE("hiprtc compiles the text of a bundle") {
  HiprtcFixture fixture;
  Context context = fixture.open();
  CHECK(fixture.hiprtc->questions == 1);
  CHECK(fixture.hiprtc->compilations.empty());
  Result<Kernel> kernel = context.kernel(testKey);
  INFO(kernel.status().message());
  REQUIRE(bool(kernel));
  CHECK(kernel.status().message() == "");
  CHECK(context.counters().compiles == 1);
  CHECK(context.counters().bundle_hits == 0);
  CHECK(fixture.compiler.compiles == 0);
  CHECK(fixture.hiprtc->questions == 1);
  REQUIRE(fixture.hiprtc->compilations.size() == 1);
  const FakeHiprtcState::Compilation &done = fixture.hiprtc->compilations[0];
  const std::string text = std::string("text of ") + testKey;
  CHECK(done.source == text);
  CHECK(done.name == std::string(testKey) + ".hip");
  CHECK(done.options == std::vector<std::string>{"-O3", "-fno-slp-vectorize",
                                                 "-fuse-cuid=none",
                                                 "--offload-arch=gfx950",
                                                 "-mcode-object-version=5"});
  // What HIP was given is what hiprtc made, and the rest is the manifest's.
  KernelMetadata metadata = fakeMetadata(*KernelKey::parse(testKey));
  metadata.sgprs = 33;
  CHECK(std::string(kernel->metadata()) == metadata.toJSON());
  size_t size = 0;
  const void *code = hipdex_kernel_code_object(kernel->get(), &size);
  CHECK(std::string(static_cast<const char *>(code), size) ==
        fakeElf(*KernelKey::parse(testKey)) + text);
}

TEST_CASE(
    "kernels by hiprtc are cached apart: by its version, clang and text") {
  HiprtcFixture fixture;
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  fixture.hiprtc->version = "7.2.53212";
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  fixture.hiprtc->clangText = "Fake Clang 22.0.0git (roc-7.2.1)";
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  fixture.writeBundle("other text");
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  // The launch is the manifest's too.
  fixture.writeBundle("other text", /*wavesPerSimd=*/1);
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  CHECK(fixture.hiprtc->compilations.size() == 5);
  CHECK(fixture.compiler.compiles == 0);

  // Nor are they taken for the compiler's own, or its own for hiprtc's.
  setenv("HIPDEX_COMPILER", "hipdex", 1);
  unsetenv("HIPDEX_BUNDLE_PATH");
  CHECK(fixture.compiles() == 1);
  CHECK(fixture.compiles() == 0);
  CHECK(fixture.compiler.compiles == 1);
  setenv("HIPDEX_COMPILER", "hiprtc", 1);
  setenv("HIPDEX_BUNDLE_PATH", fixture.directory.c_str(), 1);
  CHECK(fixture.compiles() == 0);

  // The entries say it, and each passes every check.
  std::vector<std::string> compilers;
  auto visit = [](const hipdex_cache_entry *entry, void *user) {
    CHECK(std::string(entry->key) == testKey);
    CHECK(std::string(entry->problem) == "");
    static_cast<std::vector<std::string> *>(user)->push_back(entry->compiler);
  };
  REQUIRE(hipdex_cache_list(fixture.cacheDirectory.c_str(), /*verify=*/1, visit,
                            &compilers) == HIPDEX_SUCCESS);
  std::sort(compilers.begin(), compilers.end());
  const std::string last =
      "hiprtc of HIP 7.2.53212, Fake Clang 22.0.0git (roc-7.2.1)";
  CHECK(compilers ==
        std::vector<std::string>{
            "",
            "hiprtc of HIP 7.2.53211, Fake Clang 22.0.0git (roc-7.2.0 \"x\")",
            "hiprtc of HIP 7.2.53212, Fake Clang 22.0.0git (roc-7.2.0 \"x\")",
            last, last, last});
}

TEST_CASE("a hiprtc that is too old is refused before it compiles anything") {
  HiprtcFixture fixture;
  auto message = [&](const char *version, unsigned clang) {
    fixture.hiprtc->version = version;
    fixture.hiprtc->clang = clang;
    Status status = fixture.refusal();
    CHECK(status.code() == HIPDEX_ERROR_COMPILER);
    CHECK_THAT(status.message(), Contains(FAKE_HIPRTC));
    return status.message();
  };
  CHECK_THAT(message("5.2.21153", 15),
             Contains("is of HIP 5.2.21153 with clang 15, gfx950 needs HIP 7.0 "
                      "or newer"));
  CHECK_THAT(message("6.4.43484", 19), Contains("gfx950 needs HIP 7.0"));
  CHECK_THAT(message("7.0.0", 18),
             Contains("clang 18, the text of kernels needs clang 19 or newer"));
  fixture.hip.arch = "gfx942";
  CHECK_THAT(message("5.7.31921", 17), Contains("gfx942 needs HIP 6.0"));
  CHECK_THAT(message("6.3.42131", 18), Contains("needs clang 19"));
  fixture.hiprtc->version = "6.4.43482";
  fixture.hiprtc->clang = 19;
  fixture.open();
  fixture.hip.arch = "gfx950";
  fixture.hiprtc->version = "7.0.51831";
  CHECK(fixture.compiles() == 1);
}

TEST_CASE("a library that is no hiprtc, or does not say which it is") {
  HiprtcFixture fixture;
  auto message = [&] {
    Status status = fixture.refusal();
    CHECK(status.code() == HIPDEX_ERROR_COMPILER);
    return status.message();
  };
  fixture.hiprtc->answer = "";
  CHECK_THAT(message(), Contains("does not say of which version it is (\"\")"));
  // Macros that nobody defined.
  fixture.hiprtc->answer =
      "hipdex: HIP HIP_VERSION_MAJOR.HIP_VERSION_MINOR.0; clang 22; Clang";
  CHECK_THAT(message(), Contains("which version it is (\"hipdex: HIP HIP_"));
  // Bytes that no cache entry could hold.
  fixture.hiprtc->answer = "hipdex: HIP 7.2.0; clang 22; Clang \xff";
  CHECK_THAT(message(), Contains("is not UTF-8"));
  fixture.hiprtc->answer = nullptr;
  fixture.hiprtc->failing = "version";
  CHECK_THAT(message(), Contains("hiprtcCompileProgram gave "
                                 "HIPRTC_ERROR_COMPILATION (6)"));
  fixture.hiprtc->failing = "hiprtcCreateProgram";
  CHECK_THAT(message(), Contains("hiprtcCreateProgram gave"));
  setenv("HIPDEX_HIPRTC_LIBRARY", "/nowhere/libhiprtc.so", 1);
  CHECK_THAT(message(),
             Contains("no hiprtc library: tried /nowhere/libhiprtc.so ("));
  setenv("HIPDEX_HIPRTC_LIBRARY", FAKE_COMPILER, 1);
  CHECK_THAT(message(), Contains("lacks hiprtcCreateProgram") &&
                            Contains("hiprtcGetErrorString"));
}

TEST_CASE("what hiprtc fails at is said, and tried again") {
  HiprtcFixture fixture;
  Context context = fixture.open();
  auto message = [&](const char *failing) {
    fixture.hiprtc->failing = failing;
    Status status = context.kernel(testKey).status();
    CHECK(status.code() == HIPDEX_ERROR_COMPILER);
    CHECK_THAT(status.message(),
               Contains(std::string("hiprtc library ") + FAKE_HIPRTC));
    return status.message();
  };
  CHECK_THAT(message("hiprtcCreateProgram"), Contains("hiprtcCreateProgram"));
  CHECK_THAT(message("hiprtcCompileProgram"),
             Contains("hiprtcCompileProgram gave HIPRTC_ERROR_COMPILATION (6): "
                      "it has no log"));
  fixture.hiprtc->log = "note: in passing\nk.hip:1:2: error: no such thing\n"
                        "k.hip:3:4: error: nor this\n";
  std::string text = message("hiprtcCompileProgram");
  CHECK_THAT(text, Contains("(6): k.hip:1:2: error: no such thing"));
  CHECK(text.find('\n') == text.npos);
  CHECK_THAT(message("hiprtcGetCodeSize"), Contains("hiprtcGetCodeSize gave"));
  CHECK_THAT(message("hiprtcGetCode"), Contains("hiprtcGetCode gave"));
  CHECK(context.counters().compiles == 0);
  // A log that cannot be had is no failure, nor are warnings.
  fixture.hiprtc->failing = "hiprtcGetProgramLogSize";
  CHECK(bool(context.kernel(testKey)));
  CHECK(context.counters().compiles == 1);
}

TEST_CASE("a key without text, and text that is not what the manifest says") {
  HiprtcFixture fixture;
  Context context = fixture.open();
  Status status = context.kernel(thirdKey).status();
  CHECK(status.code() == HIPDEX_ERROR_NOT_FOUND);
  CHECK_THAT(status.message(),
             Contains(std::string("no HIP C++ text for ") + thirdKey +
                      " in bundle " + fixture.directory) &&
                 Contains(std::string("hipdexc bundle --format=hip --key ") +
                          thirdKey));
  // The same before anything is compiled.
  hipdex_can_run_result answer = {};
  answer.struct_size = sizeof(answer);
  REQUIRE(hipdex_can_run(context.get(), thirdKey, &answer) == HIPDEX_SUCCESS);
  CHECK(!answer.can_run);
  CHECK_THAT(answer.constraint, Contains("no HIP C++ text"));
  REQUIRE(hipdex_can_run(context.get(), testKey, &answer) == HIPDEX_SUCCESS);
  CHECK(answer.can_run);

  writeFile(fixture.textPath(testKey), std::string("Text of ") + testKey);
  status = context.kernel(testKey).status();
  CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
  CHECK_THAT(status.message(),
             Contains(std::string(testKey) + ".hip") && Contains("SHA-256"));
  REQUIRE(hipdex_can_run(context.get(), testKey, &answer) == HIPDEX_SUCCESS);
  CHECK(!answer.can_run);
  CHECK_THAT(answer.constraint, Contains("SHA-256"));
  REQUIRE(unlink(fixture.textPath(testKey).c_str()) == 0);
  CHECK_THAT(context.kernel(testKey).status().message(),
             Contains("cannot read"));
  CHECK(fixture.hiprtc->compilations.empty());
  CHECK(bool(context.kernel(otherKey)));
  // No cache answers for a text that has changed since.
  writeFile(fixture.textPath(otherKey), std::string("Text of ") + otherKey);
  status = fixture.open().kernel(otherKey).status();
  CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
  CHECK_THAT(status.message(), Contains("SHA-256"));
}

TEST_CASE("who compiles is a choice of the caller, else of the environment") {
  HiprtcFixture fixture;
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.cacheDirectory = "";
  auto refusal = [&] {
    Result<Context> context = Context::open(options);
    REQUIRE(!context);
    return context.status();
  };
  setenv("HIPDEX_COMPILER", "nvrtc", 1);
  CHECK(refusal().code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(refusal().message(), Contains("HIPDEX_COMPILER is \"nvrtc\", must "
                                           "be hipdex or hiprtc"));
  options.compiler = "Hiprtc";
  CHECK_THAT(refusal().message(), Contains("options.compiler is \"Hiprtc\""));
  options.compiler = "hiprtc";
  CHECK(bool(Context::open(options)));
  options.compiler = "";
  setenv("HIPDEX_COMPILER", "hiprtc", 1);
  CHECK(bool(Context::open(options)));

  // Text that nobody is to compile, and nothing to compile.
  for (const char *choice : {"hipdex", ""}) {
    setenv("HIPDEX_COMPILER", choice, 1);
    Status status = refusal();
    CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
    CHECK_THAT(status.message(), Contains("bundle " + fixture.directory) &&
                                     Contains("holds HIP C++ source") &&
                                     Contains("HIPDEX_COMPILER=hiprtc"));
  }
  unsetenv("HIPDEX_BUNDLE_PATH");
  options.compiler = "hiprtc";
  Status status = refusal();
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(), Contains("none of the bundles is one"));
  // The caller's path is as good.
  options.bundlePath = fixture.directory.c_str();
  CHECK(bool(Context::open(options)));
}

TEST_CASE("nobody waits for a kernel whose maker waits for hiprtc") {
  HiprtcFixture fixture;
  fixture.hiprtc->milliseconds = 50;
  Context contexts[] = {fixture.open(), fixture.open(), fixture.open()};
  const char *const keys[] = {testKey, otherKey};
  std::vector<std::thread> threads;
  for (Context &context : contexts)
    threads.emplace_back(
        [&] { hipdex_prepare(context.get(), keys, 2, nullptr, nullptr); });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(fixture.hiprtc->compilations.size() == 2);
  for (Context &context : contexts) {
    CHECK(context.counters().compiles + context.counters().disk_hits == 2);
    CHECK(context.counters().lock_waits == 0);
  }
}

TEST_CASE("hiprtc compiles no more often than another compiler") {
  HiprtcFixture fixture;
  setenv("HIPDEX_JIT", "off", 1);
  {
    Context context = fixture.open();
    CHECK(context.kernel(testKey).status().code() == HIPDEX_ERROR_NOT_FOUND);
  }
  CHECK(fixture.hiprtc->compilations.empty());
  setenv("HIPDEX_JIT", "prepare", 1);
  Context context = fixture.open();
  CHECK(context.kernel(testKey).status().code() == HIPDEX_ERROR_NOT_FOUND);
  const char *const keys[] = {testKey, otherKey, testKey, otherKey, testKey};
  std::vector<std::string> sources;
  auto report = [](const hipdex_prepare_progress *progress, void *user) {
    static_cast<std::vector<std::string> *>(user)->push_back(progress->source);
  };
  REQUIRE(hipdex_prepare(context.get(), keys, 5, report, &sources) ==
          HIPDEX_SUCCESS);
  CHECK(std::count(sources.begin(), sources.end(), "compiler") == 2);
  CHECK(fixture.hiprtc->compilations.size() == 2);
  CHECK(bool(context.kernel(testKey)));

  // A bundle of code objects comes first.
  const std::string code = fixture.cacheDirectory + "/code";
  REQUIRE(!llvm::sys::fs::create_directory(code));
  BundleManifest manifest;
  manifest.buildId = hipdex_build_id();
  BundleEntry entry;
  entry.key = testKey;
  std::string bytes = fakeElf(*KernelKey::parse(testKey));
  entry.sha256 = sha256Hex(bytes);
  entry.bytes = bytes.size();
  entry.metadata = fakeMetadata(*KernelKey::parse(testKey));
  manifest.entries.push_back(entry);
  writeFile(code + "/manifest.json", manifest.toJSON());
  writeFile(code + "/" + testKey + ".hsaco", bytes);
  setenv("HIPDEX_BUNDLE_PATH", (fixture.directory + ":" + code).c_str(), 1);
  Context both = fixture.open();
  CHECK(bool(both.kernel(testKey)));
  CHECK(both.counters().bundle_hits == 1);
  CHECK(fixture.hiprtc->compilations.size() == 2);
}
