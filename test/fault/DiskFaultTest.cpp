//===- DiskFaultTest.cpp - Tests of disks that do not do what they should -===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// No room, no permission, read-only. Whatever happens, a kernel is served, the
// first time with one warning and after that without, and nothing half written
// is left.
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include "Fixture.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <catch2/catch.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hipdex;

namespace fs = llvm::sys::fs;

/// Some keys of gfx950.
static std::vector<std::string> someKeys(size_t count) {
  std::vector<std::string> keys;
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits))
    if (key.arch->name == "gfx950" && keys.size() < count)
      keys.push_back(key.str());
  return keys;
}

namespace {
/// A context whose kernels are asked for one after the other.
struct Service {
  explicit Service(const std::string &directory) {
    hipdex_context_options options = {};
    options.struct_size = sizeof(options);
    options.provider = FAKE_HIP;
    options.cache_dir = directory.c_str();
    if (hipdex_context_create(&options, &context) != HIPDEX_SUCCESS)
      failures.expect(false, hipdex_last_message());
  }
  ~Service() { hipdex_context_destroy(context); }

  /// The warning that came with the kernel.
  std::string get(const std::string &key) {
    const hipdex_kernel *kernel = nullptr;
    failures.expect(hipdex_get_kernel(context, key.c_str(), &kernel) ==
                        HIPDEX_SUCCESS,
                    key + ": " + hipdex_last_message());
    return hipdex_last_message();
  }
  void expectWarning(const std::string &key, const std::string &part) {
    std::string warning = get(key);
    failures.expect(warning.find(part) != std::string::npos,
                    "warning \"" + warning + "\" lacks \"" + part + "\"");
  }
  void expectSilence(const std::string &key) {
    std::string warning = get(key);
    failures.expect(warning.empty(), "unexpected warning: " + warning);
  }
  hipdex_counters counters() {
    hipdex_counters result = {};
    result.struct_size = sizeof(result);
    hipdex_get_counters(context, &result);
    return result;
  }

  hipdex_context *context = nullptr;
  Failures failures;
};
} // namespace

static void expectSound(const Fixture &fixture, Failures &failures) {
  hipdex_status status = hipdex_cache_list(
      fixture.cacheDirectory.c_str(), /*verify=*/1,
      [](const hipdex_cache_entry *entry, void *user) {
        static_cast<Failures *>(user)->expect(
            !*entry->problem, std::string("bad entry: ") + entry->problem);
      },
      &failures);
  failures.expect(status == HIPDEX_SUCCESS, hipdex_last_message());
  failures.expect(fixture.files("tmp").empty(), "a temporary file is left");
}

TEST_CASE("files that may not grow are a warning, once") {
  Fixture fixture;
  CHECK(Child([&] {
          std::vector<std::string> keys = someKeys(6);
          Service service(fixture.cacheDirectory);
          service.expectSilence(keys[0]);
          // Between the sizes of a content and of an action, then below both.
          signal(SIGXFSZ, SIG_IGN);
          rlimit limit;
          getrlimit(RLIMIT_FSIZE, &limit);
          rlim_t most = limit.rlim_cur;
          for (rlim_t bytes : {1000, 100}) {
            Service starved(fixture.cacheDirectory);
            limit.rlim_cur = bytes;
            setrlimit(RLIMIT_FSIZE, &limit);
            starved.expectWarning(keys[1], "File too large; kernels stay in "
                                           "memory only");
            starved.expectSilence(keys[2]);
            starved.expectSilence(keys[1]);
            starved.failures.expect(starved.counters().store_failures == 2,
                                    "store_failures");
            limit.rlim_cur = most;
            setrlimit(RLIMIT_FSIZE, &limit);
            // There is room again.
            starved.expectSilence(keys[3]);
            starved.failures.expect(starved.counters().store_failures == 2,
                                    "store_failures after all");
            expectSound(fixture, starved.failures);
            service.failures.text += starved.failures.text;
          }
          service.failures.expect(fixture.files("ac").size() == 2, "entries");
          return service.failures.text;
        }).wait() == "");
}

/// Makes \p path a small file system of the calling process's own. Why it
/// cannot be done here, or nothing.
static std::string mountSmall(const std::string &path, const char *options) {
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return std::string("no mount namespace: ") + std::strerror(errno);
  mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, options) != 0)
    return std::string("no mount: ") + std::strerror(errno);
  return "";
}

/// Where a container may not mount, the part is skipped, and says so; what it
/// tests, the test above tests with another error number.
static std::string withoutSkips(const std::string &result) {
  llvm::StringRef reason = result;
  if (!reason.consume_front("skip: "))
    return result;
  std::printf("skipped 1 part: %s\n", reason.str().c_str());
  return "";
}

TEST_CASE("a full disk is a warning, once, and is used again when there is "
          "room") {
  Fixture fixture;
  CHECK(withoutSkips(
            Child([&]() -> std::string {
              std::string reason =
                  mountSmall(fixture.cacheDirectory, "size=64k,mode=700");
              if (!reason.empty())
                return "skip: " + reason;
              Service service(fixture.cacheDirectory);
              unsigned warnings = 0;
              for (const std::string &key : someKeys(60)) {
                std::string warning = service.get(key);
                warnings += !warning.empty();
                service.failures.expect(
                    warning.empty() ||
                        warning.find("No space left on device") !=
                            std::string::npos,
                    warning);
              }
              service.failures.expect(warnings == 1,
                                      "warnings: " + std::to_string(warnings));
              service.failures.expect(service.counters().store_failures > 20,
                                      "the disk was not full");
              service.failures.expect(service.counters().compiles == 60,
                                      "compiles");
              expectSound(fixture, service.failures);
              // Room is made; the next kernel is kept.
              hipdex_cache_remove(fixture.cacheDirectory.c_str(), nullptr,
                                  nullptr);
              uint64_t failures = service.counters().store_failures;
              service.expectSilence(someKeys(61).back());
              service.failures.expect(
                  service.counters().store_failures == failures, "not kept");
              expectSound(fixture, service.failures);
              return service.failures.text;
            }).wait()) == "");
}

TEST_CASE("a read-only file system serves what it has, and warns once") {
  Fixture fixture;
  CHECK(withoutSkips(Child([&]() -> std::string {
                       std::string reason =
                           mountSmall(fixture.cacheDirectory, "mode=700");
                       if (!reason.empty())
                         return "skip: " + reason;
                       std::vector<std::string> keys = someKeys(3);
                       Service(fixture.cacheDirectory).get(keys[0]);
                       if (mount(nullptr, fixture.cacheDirectory.c_str(),
                                 nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
                         return std::string("skip: no remount: ") +
                                std::strerror(errno);
                       Service service(fixture.cacheDirectory);
                       service.expectSilence(keys[0]);
                       service.failures.expect(
                           service.counters().disk_hits == 1, "no hit");
                       service.expectWarning(keys[1], "Read-only file system");
                       service.expectSilence(keys[2]);
                       return service.failures.text;
                     }).wait()) == "");
}

/// Runs \p body as a user whom permissions bind: root is not.
static std::string unprivileged(const std::string &directory,
                                const std::function<void()> &body) {
  constexpr uid_t nobody = 65534;
  if (geteuid() != 0) {
    body();
    return "";
  }
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end;
       !error && it != end; it.increment(error))
    if (chown(it->path().c_str(), nobody, nobody) != 0)
      return std::strerror(errno);
  if (chown(directory.c_str(), nobody, nobody) != 0 || seteuid(nobody) != 0)
    return std::strerror(errno);
  body();
  return seteuid(0) == 0 ? "" : std::strerror(errno);
}

TEST_CASE("what an unprivileged user may not write or read is a warning") {
  Fixture fixture;
  const std::string root = fixture.cacheDirectory;
  std::vector<std::string> keys = someKeys(4);
  struct Part {
    const char *name;
    std::vector<std::pair<std::string, unsigned>> modes; ///< Below the root.
    const char *warning; ///< With the second key.
    bool hasHit;         ///< Of the first key.
  };
  // Root may write everywhere, hence the other user.
  const Part parts[] = {
      {"nothing may be written",
       {{"", 0500}, {"/ac", 0500}, {"/cas", 0500}, {"/tmp", 0500}},
       "Permission denied; kernels stay in memory only",
       true},
      {"temporary files may not be written",
       {{"/tmp", 0500}},
       "Permission denied; kernels stay in memory only",
       true},
      {"the root may not be entered", {{"", 0}}, "Permission denied", false},
      {"the actions may not be listed or entered",
       {{"/ac", 0}},
       "Permission denied",
       false}};
  for (const Part &part : parts) {
    INFO(part.name);
    CHECK(Child([&] {
            // What needs the loader, before permissions are given up.
            Service(root).get(keys[0]);
            Service service(root);
            service.expectSilence(keys[0]);
            service.expectSilence(keys[3]);
            Service other(root);
            // The compiler's library is opened with the first miss, in a
            // folder that the other user perhaps may not enter.
            hipdex_cache_remove(root.c_str(), keys[2].c_str(), nullptr);
            std::string later = other.get(keys[2]);
            std::string problem = unprivileged(root, [&] {
              for (const auto &[path, mode] : part.modes)
                chmod((root + path).c_str(), mode);
              hipdex_cache_remove(root.c_str(), keys[1].c_str(), nullptr);
              const hipdex_counters before = other.counters();
              std::string first = other.get(keys[0]);
              other.failures.expect((other.counters().disk_hits >
                                     before.disk_hits) == part.hasHit,
                                    "hit: " + first);
              std::string second = other.get(keys[1]);
              std::string both = first + second;
              other.failures.expect(
                  both.find(part.warning) != std::string::npos,
                  "warnings \"" + first + "\" and \"" + second + "\"");
              other.failures.expect(first.empty() || second.empty(),
                                    "two warnings: " + both);
              other.expectSilence(someKeys(6)[5]);
              for (auto it = part.modes.rbegin(); it != part.modes.rend(); ++it)
                chmod((root + it->first).c_str(), 0700);
              for (const auto &[path, mode] : part.modes)
                chmod((root + path).c_str(), 0700);
            });
            other.failures.expect(problem.empty(), problem);
            return service.failures.text + other.failures.text;
          }).wait() == "");
    if (geteuid() == 0) { // back to this user
      std::error_code error;
      for (fs::recursive_directory_iterator it(root, error), end;
           !error && it != end; it.increment(error))
        CHECK(chown(it->path().c_str(), 0, 0) == 0);
      CHECK(chown(root.c_str(), 0, 0) == 0);
    }
    hipdex_cache_remove(root.c_str(), nullptr, nullptr);
  }
}

TEST_CASE("another user's folder is not used, neither read nor written") {
  Fixture fixture;
  if (geteuid() != 0) {
    std::printf("skipped 1 part: only root can give a folder away\n");
    return;
  }
  std::vector<std::string> keys = someKeys(2);
  Service(fixture.cacheDirectory).get(keys[0]);
  REQUIRE(chown(fixture.cacheDirectory.c_str(), 65534, 65534) == 0);
  Service service(fixture.cacheDirectory);
  service.expectWarning(keys[0], "belongs to user 65534, must belong to 0");
  service.expectSilence(keys[1]);
  CHECK(service.failures.text == "");
  CHECK(service.counters().disk_hits == 0);
  REQUIRE(chown(fixture.cacheDirectory.c_str(), 0, 0) == 0);
  CHECK(fixture.files("ac").size() == 1);

  // Below, root's is as good as one's own, but no third person's.
  REQUIRE(chown(fixture.cacheDirectory.c_str(), 65534, 65534) == 0);
  std::string upper = fixture.cacheDirectory + "-upper";
  setenv("HIPDEX_CACHE_LOWER_DIR", fixture.cacheDirectory.c_str(), 1);
  Service layered(upper);
  layered.expectWarning(keys[0], "belongs to user 65534");
  CHECK(layered.failures.text == "");
  REQUIRE(chown(fixture.cacheDirectory.c_str(), 0, 0) == 0);
  fs::remove_directories(upper);
}

TEST_CASE("a clock that jumps puts out the order of pruning, nothing else") {
  Fixture fixture;
  const std::string &root = fixture.cacheDirectory;
  std::vector<std::string> keys = someKeys(4);
  // As a machine writes them whose clock stands at 1970, at 2106, at a time
  // before all clocks; and one that was right.
  const time_t times[] = {0, INT64_C(1) << 32, -1000000, time(nullptr)};
  for (int i = 0; i < 4; ++i) {
    std::vector<std::string> before;
    if (i > 0)
      before = fixture.files("ac");
    CHECK(Service(root).get(keys[i]) == "");
    for (const std::string &path : fixture.files("ac"))
      if (!llvm::is_contained(before, path)) {
        timespec stamps[2] = {};
        stamps[0].tv_sec = stamps[1].tv_sec = times[i];
        REQUIRE(utimensat(AT_FDCWD, path.c_str(), stamps, 0) == 0);
      }
  }
  Failures failures;
  expectSound(fixture, failures);
  CHECK(failures.text == "");
  {
    Service service(root);
    service.expectSilence(keys[1]); // from the future
    service.expectSilence(keys[2]);
    CHECK(service.counters().disk_hits == 2);
    CHECK(service.failures.text == "");
  }
  // Their times were put right, so what is left from 1970 goes first.
  hipdex_cache_removed removed = {};
  removed.struct_size = sizeof(removed);
  REQUIRE(hipdex_cache_prune(root.c_str(), UINT64_MAX, &removed) ==
          HIPDEX_SUCCESS);
  CHECK(removed.files == 0);
  REQUIRE(hipdex_cache_prune(root.c_str(), removed.bytes_left - 1, &removed) ==
          HIPDEX_SUCCESS);
  CHECK(removed.entries == 1);
  Service service(root);
  for (int i = 1; i < 4; ++i)
    service.expectSilence(keys[i]);
  CHECK(service.counters().disk_hits == 3);
  service.expectSilence(keys[0]);
  CHECK(service.counters().compiles == 1);
  CHECK(service.failures.text == "");
}
