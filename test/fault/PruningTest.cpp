//===- PruningTest.cpp - Tests of pruning under a loader's feet -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a process is loading is not pruned, and what is not being loaded is. The
// program's own openat() comes before libc's also for libhipdex.so, so a test
// can act between any two files that the library opens.
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include "Fixture.h"
#include "llvm/Support/Path.h"
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace hipdex;

namespace {
/// What a thread wants to know of the files that it opens. The hook is off
/// while it runs.
struct Hook {
  std::function<void(llvm::StringRef name)> before;
  std::function<void(llvm::StringRef name, int fd)> after;
};
} // namespace
static thread_local Hook *hook = nullptr;

extern "C" __attribute__((visibility("default"))) int
openat(int folder, const char *name, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  Hook *current = hook;
  hook = nullptr;
  if (current && current->before)
    current->before(name);
  int fd = int(syscall(SYS_openat, folder, name, flags, mode));
  if (current && current->after) {
    int code = errno;
    current->after(name, fd);
    errno = code;
  }
  hook = current;
  return fd;
}

static hipdex_cache_removed prune(const Fixture &fixture) {
  hipdex_cache_removed removed = {};
  removed.struct_size = sizeof(removed);
  CHECK(hipdex_cache_prune(fixture.cacheDirectory.c_str(), 0, &removed) ==
        HIPDEX_SUCCESS);
  return removed;
}

/// Loads testKey from what is on disk alone.
static hipdex_status loadStrictly(const Fixture &fixture, Hook *whileLoading) {
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = FAKE_HIP;
  options.cache_dir = fixture.cacheDirectory.c_str();
  options.flags = HIPDEX_CONTEXT_STRICT | HIPDEX_CONTEXT_NO_JIT;
  hipdex_context *context = nullptr;
  hipdex_status status = hipdex_context_create(&options, &context);
  if (status != HIPDEX_SUCCESS)
    return status;
  const hipdex_kernel *kernel = nullptr;
  hook = whileLoading;
  status = hipdex_get_kernel(context, testKey, &kernel);
  hook = nullptr;
  hipdex_context_destroy(context);
  return status;
}

static std::string nameOf(const std::string &path) {
  return llvm::sys::path::filename(path).str();
}

TEST_CASE("what is being loaded is not pruned, and is pruned afterwards") {
  Fixture fixture;
  // The other shares the content and is not being loaded.
  const char *other = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string content = nameOf(fixture.onlyFile("cas"));
  REQUIRE(bool(fixture.open().kernel(other)));
  REQUIRE(fixture.files("cas").size() == 1);
  hipdex_cache_removed removed = {};
  Hook inBetween;
  inBetween.before = [&](llvm::StringRef name) {
    if (name == content) // The action is read, the content not yet open.
      removed = prune(fixture);
  };
  CHECK(loadStrictly(fixture, &inBetween) == HIPDEX_SUCCESS);
  CHECK(removed.entries == 1);
  CHECK(fixture.files("ac").size() == 1);
  CHECK(fixture.files("cas").size() == 1);

  removed = prune(fixture);
  CHECK(removed.entries == 1);
  CHECK(removed.bytes_left == 0);
  CHECK(loadStrictly(fixture, nullptr) == HIPDEX_ERROR_NOT_FOUND);
}

TEST_CASE("what was removed and made again while it was loaded is found") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string action = nameOf(fixture.onlyFile("ac"));
  const std::string content = nameOf(fixture.onlyFile("cas"));
  // Opened, but not locked yet: a pruner does not see that.
  Hook opened;
  opened.after = [&](llvm::StringRef name, int) {
    if (name == action)
      prune(fixture);
  };
  CHECK(loadStrictly(fixture, &opened) == HIPDEX_ERROR_NOT_FOUND);
  CHECK(fixture.files("cas").empty());

  REQUIRE(bool(fixture.open().kernel(testKey)));
  unsigned misses = 0;
  opened.after = [&](llvm::StringRef name, int fd) {
    if (name == action && misses == 0)
      prune(fixture);
    if (name == content && fd < 0) {
      ++misses;
      CHECK(bool(fixture.open().kernel(testKey)));
    }
  };
  CHECK(loadStrictly(fixture, &opened) == HIPDEX_SUCCESS);
  CHECK(misses == 1);
}

TEST_CASE("who is told to remove an entry does, in use or not") {
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string content = nameOf(fixture.onlyFile("cas"));
  Hook inBetween;
  inBetween.before = [&](llvm::StringRef name) {
    if (name == content)
      CHECK(hipdex_cache_remove(fixture.cacheDirectory.c_str(), testKey,
                                nullptr) == HIPDEX_SUCCESS);
  };
  CHECK(loadStrictly(fixture, &inBetween) == HIPDEX_ERROR_NOT_FOUND);
  CHECK(fixture.files("ac").empty());
  CHECK(fixture.files("cas").empty());
}

/// Whether \p path is the file \p number, and nobody is about to remove it.
static bool isThere(const std::string &path, ino_t number) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct flock byte = {};
  byte.l_type = F_RDLCK;
  byte.l_len = 1;
  struct stat status;
  bool result = fd >= 0 && fcntl(fd, F_OFD_SETLK, &byte) == 0 &&
                stat(path.c_str(), &status) == 0 && status.st_ino == number;
  close(fd);
  return result;
}

TEST_CASE("strict loaders, a pruner and a writer: what is there is loaded") {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds duration(1500);
  Fixture fixture;
  REQUIRE(bool(fixture.open().kernel(testKey)));
  const std::string path = fixture.onlyFile("ac");
  const std::string action = nameOf(path);
  const std::string content = nameOf(fixture.onlyFile("cas"));
  struct Counts {
    std::atomic<unsigned> hits{0}, misses{0}, pruned{0}, kept{0};
    std::atomic<bool> isOver{false};
  };
  void *memory = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  Counts &counts = *new (memory) Counts;

  Child pruner([&] {
    while (!counts.isOver) {
      // Where there is nothing, it would only keep the writer waiting.
      if (access(path.c_str(), F_OK) != 0)
        continue;
      hipdex_cache_removed removed = prune(fixture);
      counts.pruned += unsigned(removed.entries);
      counts.kept += removed.entries == 0;
    }
    return "";
  });
  Child writer([&] {
    Failures failures;
    while (!counts.isOver) {
      Result<Kernel> kernel = fixture.open().kernel(testKey);
      failures.expect(bool(kernel) && kernel.status().message().empty(),
                      kernel.status().message());
    }
    return failures.text;
  });
  std::vector<Child> loaders;
  for (int loader = 0; loader < 2; ++loader)
    loaders.emplace_back([&] {
      Failures failures;
      ino_t opened = 0; // The action's that was opened last.
      bool wasThere = false;
      Hook record;
      record.after = [&](llvm::StringRef name, int fd) {
        struct stat status;
        if (name == action && fd >= 0 && fstat(fd, &status) == 0)
          opened = status.st_ino;
      };
      record.before = [&](llvm::StringRef name) {
        if (name == content) {
          wasThere |= isThere(path, opened);
          usleep(300); // time for a whole prune
        }
      };
      while (!counts.isOver) {
        wasThere = false;
        usleep(1000); // time to be pruned in
        hipdex_status status = loadStrictly(fixture, &record);
        ++(status == HIPDEX_SUCCESS ? counts.hits : counts.misses);
        // A miss is right if the entry was gone, or going, before the lock.
        failures.expect(status == HIPDEX_SUCCESS ||
                            (status == HIPDEX_ERROR_NOT_FOUND && !wasThere),
                        std::string("there, but: ") + hipdex_last_message());
      }
      return failures.text;
    });
  Clock::time_point end = Clock::now() + duration;
  while (Clock::now() < end ||
         (counts.pruned < 10 && Clock::now() < end + 10 * duration))
    usleep(10000);
  counts.isOver = true;
  for (Child &loader : loaders)
    CHECK(loader.wait() == "");
  CHECK(writer.wait() == "");
  CHECK(pruner.wait() == "");
  std::printf("%u hits, %u misses, %u entries pruned, %u times some kept\n",
              counts.hits.load(), counts.misses.load(), counts.pruned.load(),
              counts.kept.load());
  CHECK(counts.hits > 0);
  CHECK(counts.pruned > 0);
  CHECK(prune(fixture).bytes_left == 0);
  munmap(memory, sizeof(Counts));
}
