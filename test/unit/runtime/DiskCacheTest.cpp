//===- DiskCacheTest.cpp - Tests of the disk cache ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is found again, and that nothing that was changed is believed.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/SHA256.h"
#include <catch2/catch.hpp>

using namespace hipdex;
using Catch::Contains;

TEST_CASE("a new context finds the kernel on disk") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK(fixture.compiler.compiles == 1);
  CHECK(context.counters().disk_hits == 1);
  CHECK(context.counters().compiles == 0);
  size_t size = 0;
  const char *code = static_cast<const char *>(
      hipdex_kernel_code_object(kernel->get(), &size));
  CHECK(std::string(code, size) == fakeElf(*KernelKey::parse(testKey)));
}

TEST_CASE("an entry can be checked and read by people") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyCacheEntry();
  std::string entry = readFile(path);
  size_t line = entry.find('\n');
  auto digest = llvm::SHA256::hash(
      llvm::arrayRefFromStringRef(llvm::StringRef(entry).drop_front(line + 1)));
  CHECK(entry.substr(0, line) ==
        "hipdex-kernel 1 " + llvm::toHex(digest, /*LowerCase=*/true));
  CHECK_THAT(entry, Contains(std::string("{\"key\":\"") + testKey));
  CHECK_THAT(entry, Contains(hipdex_build_id()));
  CHECK_THAT(path, Contains("/llvmcache-"));
  llvm::sys::fs::file_status status;
  REQUIRE(!llvm::sys::fs::status(path, status));
  CHECK(!(status.permissions() & llvm::sys::fs::all_write &
          ~llvm::sys::fs::owner_write));
}

/// Whether a context that finds \p entry rejects it, gives the right kernel
/// all the same, and leaves the good entry on disk.
static void checkRejected(Fixture &fixture, const std::string &path,
                          const std::string &good, const std::string &entry) {
  writeFile(path, entry);
  int compiles = fixture.compiler.compiles;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  if (context.counters().disk_rejects != 1 ||
      fixture.compiler.compiles != compiles + 1 || readFile(path) != good ||
      kernel.status().message().empty()) {
    CHECK(context.counters().disk_rejects == 1);
    CHECK(fixture.compiler.compiles == compiles + 1);
    CHECK(readFile(path) == good);
    CHECK_THAT(kernel.status().message(), Contains("built again"));
  }
}

TEST_CASE("an entry with any byte changed is rejected and built again") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyCacheEntry();
  const std::string good = readFile(path);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] ^= at % 2 ? 0x01 : 0x20; // 0x20 changes the case of a letter
    INFO("byte " << at << " of " << good.size());
    checkRejected(fixture, path, good, bad);
  }
  for (size_t size = 0; size < good.size(); size += 7) {
    INFO("the first " << size << " of " << good.size() << " bytes");
    checkRejected(fixture, path, good, good.substr(0, size));
  }
  checkRejected(fixture, path, good, good + "x");
  checkRejected(fixture, path, good, std::string(good.size(), '\0'));
}

/// The entry with a part replaced and the digest made right again: what another
/// version of us could have written there.
static std::string rewritten(std::string entry, const std::string &from,
                             const std::string &to) {
  size_t at = entry.find(from);
  REQUIRE(at != std::string::npos);
  entry.replace(at, from.size(), to);
  llvm::StringRef body =
      llvm::StringRef(entry).drop_front(entry.find('\n') + 1);
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(body));
  return "hipdex-kernel 1 " + llvm::toHex(digest, /*LowerCase=*/true) + "\n" +
         body.str();
}

TEST_CASE("an entry of something else is rejected although it is intact") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyCacheEntry();
  const std::string good = readFile(path);
  std::string id = hipdex_build_id();
  std::string otherId = id;
  otherId[0] = id[0] == '0' ? '1' : '0';
  auto check = [&](const std::string &from, const std::string &to) {
    INFO(from << " -> " << to);
    std::string bad = rewritten(good, from, to);
    REQUIRE(bad != good);
    checkRejected(fixture, path, good, bad);
  };
  check(id, otherId);
  check("\"schema\":1", "\"schema\":2");
  check("\"code_object_version\":5", "\"code_object_version\":6");
  check("\"metadata_bytes\":", "\"metadata_bytes\":-");
  check("\"code_object_bytes\":", "\"code_object_bytes\":9");
  check(".h64.n1.fn\",\"schema", ".h32.n1.fn\",\"schema");
  // Behind the header: the metadata's arch, its key, the ELF's machine.
  check("\"arch\": \"gfx950\"", "\"arch\": \"gfx942\"");
  check("\"key\": \"paged_mqa_logits.gfx950.p64.d128.b64.pre.h64",
        "\"key\": \"paged_mqa_logits.gfx950.p64.d128.b64.pre.h32");
  check("ELF", "ELG");
  check("fake_kernel.kd", "fake_kernel.kx");
}

TEST_CASE("a cache that cannot be written is a warning") {
  Fixture fixture;
  std::string file = fixture.cacheDirectory + "/file";
  writeFile(file, "");
  ContextOptions options;
  options.provider = FAKE_HIP;
  std::string below = file + "/cache";
  options.cacheDirectory = below.c_str();
  Result<Context> context = Context::open(options);
  REQUIRE(bool(context));
  Result<Kernel> kernel = context->kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK_THAT(kernel.status().message(), Contains("kernel cache: cannot") &&
                                            Contains("stays in memory only"));
  CHECK(bool(context->kernel(testKey)));
  CHECK(fixture.compiler.compiles == 1);
}

TEST_CASE("a bad entry that cannot be replaced is a warning about both") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyCacheEntry();
  // A folder cannot be read as an entry, nor renamed over.
  REQUIRE(!llvm::sys::fs::remove(path));
  REQUIRE(!llvm::sys::fs::create_directory(path));
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK(context.counters().disk_rejects == 1);
  CHECK_THAT(kernel.status().message(),
             Contains("cache entry " + path) &&
                 Contains("; built again; kernel cache: cannot write") &&
                 Contains("stays in memory only"));
}

TEST_CASE("the cache's place comes from the caller, then the environment") {
  Fixture fixture;
  auto compileWith = [&](const char *directory) {
    ContextOptions options;
    options.provider = FAKE_HIP;
    options.cacheDirectory = directory;
    Result<Context> context = Context::open(options);
    REQUIRE(bool(context));
    REQUIRE(bool(context->kernel(testKey)));
  };
  setenv("HIPDEX_CACHE_DIR", (fixture.cacheDirectory + "/environment").c_str(),
         1);
  compileWith("");
  CHECK(!llvm::sys::fs::exists(fixture.cacheDirectory + "/environment"));
  compileWith(nullptr);
  CHECK(llvm::sys::fs::exists(fixture.cacheDirectory + "/environment"));
  unsetenv("HIPDEX_CACHE_DIR");
  setenv("XDG_CACHE_HOME", fixture.cacheDirectory.c_str(), 1);
  compileWith(nullptr);
  unsetenv("XDG_CACHE_HOME");
  CHECK(llvm::sys::fs::exists(fixture.cacheDirectory + "/hipdex"));
}

TEST_CASE("nothing but the entry is left in the folder") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  fixture.onlyCacheEntry();
}
