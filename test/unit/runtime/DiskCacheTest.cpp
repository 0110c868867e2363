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
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/stat.h>

using namespace hipdex;
using Catch::Contains;

static std::string sha256(llvm::StringRef bytes) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)),
                     /*LowerCase=*/true);
}

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
  std::string content = readFile(fixture.onlyFile("cas"));
  CHECK(content == fakeElf(*KernelKey::parse(testKey)));
  std::string digest = sha256(content);
  CHECK(llvm::sys::path::filename(fixture.onlyFile("cas")) == digest);

  std::string action = readFile(fixture.onlyFile("ac"));
  // The identity, as docs/cache-format.md has it, names the file.
  std::string identity =
      std::string("{\"format\":2,\"key\":\"") + testKey +
      "\",\"schema\":" + std::to_string(KernelKey::schemaVersion) +
      ",\"build_id\":\"" + hipdex_build_id() + "\",\"code_object_version\":5";
  CHECK(action.substr(0, identity.size()) == identity);
  CHECK(llvm::sys::path::filename(fixture.onlyFile("ac")) ==
        sha256(identity + "}"));
  CHECK_THAT(action, Contains("\"content_sha256\":\"" + digest + "\""));
  size_t tail = action.rfind(",\"entry_sha256\"");
  CHECK(action.substr(tail) ==
        ",\"entry_sha256\":\"" + sha256(action.substr(0, tail)) + "\"}\n");
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(action);
  REQUIRE(bool(value));
  CHECK(value->getAsObject()->getString("metadata") ==
        llvm::StringRef(fakeMetadata(*KernelKey::parse(testKey)).toJSON()));
}

TEST_CASE("folders and files are their owner's alone") {
  Fixture fixture;
  std::string root = fixture.cacheDirectory + "/new/root";
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.cacheDirectory = root.c_str();
  Result<Context> context = Context::open(options);
  REQUIRE(bool(context));
  REQUIRE(bool(context->kernel(testKey)));
  for (const std::string &path :
       {root, root + "/ac", root + "/cas", root + "/tmp", root + "/lock",
        fixture.onlyFile("ac", root), fixture.onlyFile("cas", root)}) {
    INFO(path);
    llvm::sys::fs::file_status status;
    REQUIRE(!llvm::sys::fs::status(path, status));
    CHECK(!(status.permissions() & ~llvm::sys::fs::owner_all));
  }
}

/// Whether a context that finds \p bytes at \p path rejects them, gives the
/// right kernel all the same, and leaves \p good there.
static void checkRejected(Fixture &fixture, const std::string &path,
                          const std::string &good, const std::string &bytes) {
  writeFile(path, bytes);
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

TEST_CASE("a file with any byte changed is rejected and built again") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  for (const char *folder : {"ac", "cas"}) {
    std::string path = fixture.onlyFile(folder);
    const std::string good = readFile(path);
    for (size_t at = 0; at < good.size(); at += at < 700 ? 1 : 13) {
      std::string bad = good;
      bad[at] ^= at % 2 ? 0x01 : 0x20; // 0x20 changes the case of a letter
      INFO(folder << ": byte " << at << " of " << good.size());
      checkRejected(fixture, path, good, bad);
    }
    for (size_t at = good.size() - 100; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] ^= 0x80;
      INFO(folder << ": byte " << at << " of " << good.size());
      checkRejected(fixture, path, good, bad);
    }
    for (size_t size = 0; size < good.size(); size += 7) {
      INFO(folder << ": the first " << size << " of " << good.size()
                  << " bytes");
      checkRejected(fixture, path, good, good.substr(0, size));
    }
    checkRejected(fixture, path, good, good + "x");
    checkRejected(fixture, path, good, std::string(good.size(), '\0'));
    checkRejected(fixture, path, good, std::string(2 << 20, '['));
  }
}

/// The action with a part replaced and the digest made right again: what
/// another version of us, or nobody we know, could have written there.
static std::string rewritten(std::string action, const std::string &from,
                             const std::string &to) {
  size_t at = action.find(from);
  REQUIRE(at != std::string::npos);
  action.replace(at, from.size(), to);
  std::string head = action.substr(0, action.rfind(",\"entry_sha256\""));
  return head + ",\"entry_sha256\":\"" + sha256(head) + "\"}\n";
}

TEST_CASE("an action of something else is rejected although it is intact") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyFile("ac");
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
  check("\"format\":2", "\"format\":3");
  check("\"schema\":", "\"schema\":9");
  check("\"code_object_version\":5", "\"code_object_version\":6");
  check("\"content_bytes\":", "\"content_bytes\":-");
  check("\"content_bytes\":", "\"content_bytes\":9");
  check("\"content_bytes\":", "\"content_bytes\": ");
  check("\"content_sha256\":\"", "\"content_sha256\":\"../");
  check("\"content_sha256\":\"", "\"content_sha256\":\"\",\"x\":\"");
  check(".h64.n1.fn\",\"schema", ".h32.n1.fn\",\"schema");
  // In the metadata: its arch, its key, the symbol.
  check("gfx950\\\"", "gfx942\\\"");
  check("\\\"key\\\": \\\"paged_mqa_logits.gfx950.p64.d128.b64.pre.h64",
        "\\\"key\\\": \\\"paged_mqa_logits.gfx950.p64.d128.b64.pre.h32");
  check("fake_kernel", "fake_kernex");
  // What ends a process that hands it to LLVM's parser.
  checkRejected(
      fixture, path, good,
      rewritten(good, "{\"format\"", std::string(500000, '[') + "{\"format\""));
}

TEST_CASE("a content that is an intact code object of another arch") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyFile("ac");
  std::string oldContent = fixture.onlyFile("cas");
  const std::string good = readFile(path);
  std::string other =
      fakeElf(llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942, "fake_kernel");
  writeFile(fixture.cacheDirectory + "/cas/" + sha256(other), other);
  checkRejected(fixture, path, good,
                rewritten(good, sha256(readFile(oldContent)), sha256(other)));
}

TEST_CASE("a content that is gone is a miss, not an error") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  REQUIRE(!llvm::sys::fs::remove(fixture.onlyFile("cas")));
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK(kernel.status().message() == "");
  CHECK(context.counters().disk_rejects == 0);
  CHECK(context.counters().compiles == 1);
  REQUIRE(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.compiler.compiles == 2);
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
  CHECK_THAT(kernel.status().message(), Contains("kernel cache " + below) &&
                                            Contains("stay in memory only"));
  CHECK(bool(context->kernel(testKey)));
  CHECK(fixture.compiler.compiles == 1);
  // It is said once, and counted each time.
  kernel =
      context->kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn");
  REQUIRE(bool(kernel));
  CHECK(kernel.status().message() == "");
  CHECK(context->counters().store_failures == 2);
}

TEST_CASE("a bad entry that cannot be replaced is a warning about both") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyFile("ac");
  // A folder cannot be read as an entry, nor renamed over.
  REQUIRE(!llvm::sys::fs::remove(path));
  REQUIRE(!llvm::sys::fs::create_directory(path));
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK(context.counters().disk_rejects == 1);
  CHECK_THAT(kernel.status().message(),
             Contains("cache entry " + path) &&
                 Contains("; built again; kernel cache " +
                          fixture.cacheDirectory + ": cannot write") &&
                 Contains("stay in memory only"));
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

TEST_CASE("no temporary file is left") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.files("tmp").empty());
  CHECK(fixture.files("").size() == 4); // ac, cas, tmp, lock
}

TEST_CASE("a root that is a link, or that others may write to, is not used") {
  Fixture fixture;
  std::string real = fixture.cacheDirectory + "/real";
  std::string link = fixture.cacheDirectory + "/link";
  REQUIRE(!llvm::sys::fs::create_directory(real));
  REQUIRE(!llvm::sys::fs::create_link(real, link));
  ContextOptions options;
  options.provider = FAKE_HIP;
  auto message = [&](const std::string &root) {
    options.cacheDirectory = root.c_str();
    Result<Context> context = Context::open(options);
    REQUIRE(bool(context));
    Result<Kernel> kernel = context->kernel(testKey);
    REQUIRE(bool(kernel));
    CHECK(context->counters().disk_hits == 0);
    return kernel.status().message();
  };
  for (const char *end : {"", "/", "/.", "//./"})
    CHECK_THAT(message(link + end), Contains("links are not followed"));
  CHECK(fixture.files("", real).empty());
  CHECK(message(real) == "");
  for (auto bits : {llvm::sys::fs::group_write, llvm::sys::fs::others_write}) {
    REQUIRE(
        !llvm::sys::fs::setPermissions(real, llvm::sys::fs::owner_all | bits));
    CHECK_THAT(message(real), Contains("others may write to it"));
  }
}

TEST_CASE("a link in place of an entry is not followed") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  for (const char *folder : {"ac", "cas"}) {
    std::string path = fixture.onlyFile(folder);
    std::string elsewhere = fixture.cacheDirectory + "/elsewhere";
    REQUIRE(!llvm::sys::fs::rename(path, elsewhere));
    REQUIRE(!llvm::sys::fs::create_link(elsewhere, path));
    Context context = fixture.open();
    REQUIRE(bool(context.kernel(testKey)));
    CHECK(context.counters().disk_rejects == 1);
    CHECK(context.counters().compiles == 1);
    // The link is replaced, not what it points to.
    CHECK(llvm::sys::fs::get_file_type(path, /*Follow=*/false) ==
          llvm::sys::fs::file_type::regular_file);
    REQUIRE(!llvm::sys::fs::remove(elsewhere));
  }
}

TEST_CASE("a pipe in place of an entry does not hang") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string path = fixture.onlyFile("ac");
  REQUIRE(!llvm::sys::fs::remove(path));
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(testKey)));
  CHECK(context.counters().disk_rejects == 1);
}

TEST_CASE("a folder that vanishes is made again, or is a warning") {
  Fixture fixture;
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(testKey)));
  llvm::sys::fs::remove_directories(fixture.cacheDirectory);
  Result<Kernel> kernel =
      context.kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn");
  REQUIRE(bool(kernel));
  CHECK(kernel.status().message() == "");
  fixture.onlyFile("ac");

  llvm::sys::fs::remove_directories(fixture.cacheDirectory);
  writeFile(fixture.cacheDirectory, "");
  kernel = context.kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn");
  REQUIRE(bool(kernel));
  CHECK_THAT(kernel.status().message(), Contains("is not a folder"));
  REQUIRE(!llvm::sys::fs::remove(fixture.cacheDirectory));
}

static hipdex_cache_removed prune(const std::string &root, uint64_t limit) {
  hipdex_cache_removed removed = {};
  removed.struct_size = sizeof(removed);
  REQUIRE(hipdex_cache_prune(root.c_str(), limit, &removed) == HIPDEX_SUCCESS);
  return removed;
}

static std::vector<std::string> problemsOf(const std::string &root) {
  std::vector<std::string> problems;
  REQUIRE(hipdex_cache_list(
              root.c_str(), /*verify=*/1,
              [](const hipdex_cache_entry *entry, void *user) {
                static_cast<std::vector<std::string> *>(user)->push_back(
                    entry->problem);
              },
              &problems) == HIPDEX_SUCCESS);
  return problems;
}

/// As if the entry of \p key had been used \p seconds ago.
static void age(const std::string &root, const char *key, int seconds) {
  std::pair<std::string, std::string> wanted(key, "");
  hipdex_cache_list(
      root.c_str(), 0,
      [](const hipdex_cache_entry *entry, void *user) {
        auto &pair = *static_cast<std::pair<std::string, std::string> *>(user);
        if (pair.first == entry->key)
          pair.second = entry->name;
      },
      &wanted);
  REQUIRE(!wanted.second.empty());
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = time(nullptr) - seconds;
  REQUIRE(utimensat(AT_FDCWD, (root + "/ac/" + wanted.second).c_str(), times,
                    0) == 0);
}

TEST_CASE("pruning takes what was used longest ago, and what nobody can use") {
  Fixture fixture;
  const char *keys[] = {"paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn",
                        "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn",
                        "paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn"};
  for (const char *key : keys)
    REQUIRE(bool(fixture.open().kernel(key)));
  const std::string &root = fixture.cacheDirectory;
  // The fakes are one content.
  REQUIRE(fixture.files("cas").size() == 1);
  for (int i = 0; i < 3; ++i)
    age(root, keys[i], 100 * (i + 1)); // the last is the oldest
  uint64_t actionBytes = readFile(fixture.files("ac")[0]).size();
  uint64_t contentBytes = readFile(fixture.files("cas")[0]).size();

  writeFile(root + "/tmp/123-4", "what a dead writer left");
  writeFile(root + "/cas/" + sha256("x"), "x");
  writeFile(root + "/ac/" + sha256("y"), "y");
  hipdex_cache_removed removed = prune(root, UINT64_MAX);
  CHECK(removed.files == 3);
  CHECK(removed.entries == 1);
  CHECK(fixture.files("tmp").empty());
  CHECK(fixture.files("ac").size() == 3);

  removed = prune(root, removed.bytes_left - 1);
  CHECK(removed.entries == 1);
  CHECK(removed.bytes == actionBytes);
  CHECK(removed.bytes_left == 2 * actionBytes + contentBytes);
  // The oldest went, and the shared content stayed.
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(keys[0])));
  REQUIRE(bool(context.kernel(keys[1])));
  CHECK(context.counters().disk_hits == 2);
  REQUIRE(bool(context.kernel(keys[2])));
  CHECK(context.counters().compiles == 1);

  removed = prune(root, 0);
  CHECK(removed.bytes_left == 0);
  CHECK(fixture.files("cas").empty());
  CHECK(fixture.files("ac").empty());
}

TEST_CASE("a hit makes an entry young again, whatever the clock did") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  for (int seconds : {100000, -100000}) { // long ago, and in the future
    age(fixture.cacheDirectory, testKey, seconds);
    Context context = fixture.open();
    REQUIRE(bool(context.kernel(testKey)));
    CHECK(context.counters().disk_hits == 1);
    struct stat status;
    REQUIRE(stat(fixture.onlyFile("ac").c_str(), &status) == 0);
    CHECK(std::abs(difftime(status.st_mtime, time(nullptr))) < 100);
  }
}

TEST_CASE("storing keeps the cache below its limit") {
  Fixture fixture;
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = FAKE_HIP;
  options.cache_dir = fixture.cacheDirectory.c_str();
  options.cache_limit_bytes = 20000; // about five entries
  hipdex_context *context = nullptr;
  REQUIRE(hipdex_context_create(&options, &context) == HIPDEX_SUCCESS);
  int count = 0;
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits)) {
    if (key.arch->name != "gfx950" || ++count > 200)
      continue;
    const hipdex_kernel *kernel;
    REQUIRE(hipdex_get_kernel(context, key.str().c_str(), &kernel) ==
            HIPDEX_SUCCESS);
  }
  hipdex_context_destroy(context);
  uint64_t bytes = 0;
  for (const char *folder : {"ac", "cas", "tmp"})
    for (const std::string &path : fixture.files(folder))
      bytes += readFile(path).size();
  CHECK(bytes < 20000);
  CHECK(bytes > 10000);
  CHECK(problemsOf(fixture.cacheDirectory) ==
        std::vector<std::string>(fixture.files("ac").size()));
}

TEST_CASE("the limit can come from the environment, and must be a number") {
  Fixture fixture;
  auto open = [&](const char *limit) {
    setenv("HIPDEX_CACHE_LIMIT", limit, 1);
    ContextOptions options;
    options.provider = FAKE_HIP;
    options.cacheDirectory = fixture.cacheDirectory.c_str();
    Status status = Context::open(options).status();
    unsetenv("HIPDEX_CACHE_LIMIT");
    return status;
  };
  for (const char *good : {"", "1", "500K", "20M", "3G"})
    CHECK(bool(open(good)));
  for (const char *bad : {"0", "x", "1T", "-1", "99999999999G", "K"}) {
    Status status = open(bad);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(),
               Contains(std::string("HIPDEX_CACHE_LIMIT is \"") + bad + "\""));
  }
}

TEST_CASE("verifying finds every kind of damage; removing removes a key") {
  Fixture fixture;
  const char *other = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string &root = fixture.cacheDirectory;
  CHECK(problemsOf(root) == std::vector<std::string>{""});
  std::string content = fixture.onlyFile("cas");
  const std::string good = readFile(content);
  writeFile(content, good + "x");
  CHECK_THAT(problemsOf(root).at(0), Contains("bytes, must have"));
  std::string flipped = good;
  flipped[40] ^= 1;
  writeFile(content, flipped);
  CHECK_THAT(problemsOf(root).at(0), Contains("SHA-256"));
  REQUIRE(!llvm::sys::fs::remove(content));
  CHECK_THAT(problemsOf(root).at(0), Contains("gone"));
  writeFile(content, good);
  REQUIRE(bool(fixture.open().kernel(other)));
  CHECK(problemsOf(root) == std::vector<std::string>{"", ""});

  hipdex_cache_removed removed = {};
  removed.struct_size = sizeof(removed);
  REQUIRE(hipdex_cache_remove(root.c_str(), other, &removed) == HIPDEX_SUCCESS);
  CHECK(removed.entries == 1);
  CHECK(removed.files == 1); // the content has another user
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(testKey)));
  CHECK(context.counters().disk_hits == 1);
  REQUIRE(hipdex_cache_remove(root.c_str(), nullptr, &removed) ==
          HIPDEX_SUCCESS);
  CHECK(removed.bytes_left == 0);
  CHECK(hipdex_cache_list(root.c_str(), 0, nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  writeFile(root + "/file", "");
  CHECK(hipdex_cache_prune((root + "/file").c_str(), 0, nullptr) ==
        HIPDEX_ERROR_CACHE);
  // A cache that nobody has made yet is an empty one.
  CHECK(prune(root + "/nothing", 0).files == 0);
}

TEST_CASE("what another BuildId made is sound if its digests are") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string action = readFile(fixture.onlyFile("ac"));
  const std::string content = readFile(fixture.onlyFile("cas"));
  REQUIRE(!llvm::sys::fs::remove(fixture.onlyFile("ac")));
  // Its kernels take arguments that ours do not.
  std::string id = hipdex_build_id();
  std::string otherId = (id[0] == '0' ? "1" : "0") + id.substr(1);
  std::string other =
      rewritten(rewritten(action, id, otherId), "\\\"q\\\"", "\\\"query\\\"");
  std::string identity =
      other.substr(0, other.find(",\"content_sha256\"")) + "}";
  writeFile(fixture.cacheDirectory + "/ac/" + sha256(identity), other);
  CHECK(problemsOf(fixture.cacheDirectory) == std::vector<std::string>{""});
  // The same arguments under our own BuildId are not.
  std::string ours = rewritten(action, "\\\"q\\\"", "\\\"query\\\"");
  identity = ours.substr(0, ours.find(",\"content_sha256\"")) + "}";
  writeFile(fixture.cacheDirectory + "/ac/" + sha256(identity), ours);
  std::vector<std::string> problems = problemsOf(fixture.cacheDirectory);
  std::sort(problems.begin(), problems.end());
  REQUIRE(problems.size() == 2);
  CHECK(problems[0] == "");
  CHECK_THAT(problems[1], Contains("argument"));
  // Damage is found whoever made it.
  std::string flipped = content;
  flipped[40] ^= 1;
  writeFile(fixture.onlyFile("cas"), flipped);
  for (const std::string &problem : problemsOf(fixture.cacheDirectory))
    CHECK_THAT(problem, Contains("SHA-256"));
}

TEST_CASE("a lower layer is read and never written") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  std::string upper = fixture.cacheDirectory + "/upper";
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = FAKE_HIP;
  options.cache_dir = upper.c_str();
  options.cache_lower_dir = fixture.cacheDirectory.c_str();
  hipdex_context *raw = nullptr;
  REQUIRE(hipdex_context_create(&options, &raw) == HIPDEX_SUCCESS);
  const hipdex_kernel *kernel;
  REQUIRE(hipdex_get_kernel(raw, testKey, &kernel) == HIPDEX_SUCCESS);
  const char *other = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";
  REQUIRE(hipdex_get_kernel(raw, other, &kernel) == HIPDEX_SUCCESS);
  hipdex_counters counters = {};
  counters.struct_size = sizeof(counters);
  REQUIRE(hipdex_get_counters(raw, &counters) == HIPDEX_SUCCESS);
  CHECK(counters.disk_hits == 1);
  CHECK(counters.compiles == 1);
  CHECK(fixture.files("ac").size() == 1);
  CHECK(fixture.files("ac", upper).size() == 1);

  // What is broken there is built above it.
  std::string path = fixture.onlyFile("ac");
  writeFile(path, "x");
  hipdex_context_destroy(raw);
  REQUIRE(hipdex_context_create(&options, &raw) == HIPDEX_SUCCESS);
  REQUIRE(hipdex_get_kernel(raw, testKey, &kernel) == HIPDEX_SUCCESS);
  CHECK(readFile(path) == "x");
  CHECK(fixture.files("ac", upper).size() == 2);
  hipdex_context_destroy(raw);

  // The environment names one too.
  setenv("HIPDEX_CACHE_LOWER_DIR", upper.c_str(), 1);
  std::string third = fixture.cacheDirectory + "/third";
  ContextOptions fromEnvironment;
  fromEnvironment.provider = FAKE_HIP;
  fromEnvironment.cacheDirectory = third.c_str();
  Result<Context> context = Context::open(fromEnvironment);
  REQUIRE(bool(context));
  REQUIRE(bool(context->kernel(testKey)));
  CHECK(context->counters().disk_hits == 1);
}
