//===- ResolutionTest.cpp - Tests of where kernels may come from ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The order of the sources, contexts that may not compile, hipdex_prepare(),
// hipdex_can_run(), hipdex_find_kernel(), forks.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace hipdex;
using Catch::Contains;

static const char *const otherKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";
static const char *const foreignKey =
    "paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz";
static const char *const badKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h63.n1.fn";

namespace {
/// A context made through the C ABI, with flags.
struct RawContext {
  explicit RawContext(Fixture &fixture, uint64_t flags = 0) {
    hipdex_context_options options = {};
    options.struct_size = sizeof(options);
    options.provider = FAKE_HIP;
    options.cache_dir = fixture.cacheDirectory.c_str();
    options.flags = flags;
    status = hipdex_context_create(&options, &context);
    message = hipdex_last_message();
  }
  ~RawContext() { hipdex_context_destroy(context); }

  hipdex_status get(const char *key) {
    const hipdex_kernel *kernel = nullptr;
    hipdex_status result = hipdex_get_kernel(context, key, &kernel);
    message = hipdex_last_message();
    CHECK((kernel != nullptr) == (result == HIPDEX_SUCCESS));
    return result;
  }
  hipdex_status prepare(const std::vector<const char *> &keys) {
    reports.clear();
    hipdex_status result = hipdex_prepare(
        context, keys.data(), keys.size(),
        [](const hipdex_prepare_progress *progress, void *user) {
          auto &self = *static_cast<RawContext *>(user);
          CHECK(progress->struct_size == sizeof(*progress));
          CHECK(progress->done == self.reports.size() + 1);
          self.reports.push_back({progress->total, progress->key,
                                  progress->status, progress->message,
                                  progress->source});
        },
        this);
    message = hipdex_last_message();
    return result;
  }
  hipdex_can_run_result canRun(const char *key) {
    hipdex_can_run_result result = {};
    result.struct_size = sizeof(result);
    CHECK(hipdex_can_run(context, key, &result) == HIPDEX_SUCCESS);
    return result;
  }
  hipdex_counters counters() {
    hipdex_counters result = {};
    result.struct_size = sizeof(result);
    hipdex_get_counters(context, &result);
    return result;
  }

  struct Report {
    size_t total;
    std::string key;
    hipdex_status status;
    std::string message, source;
  };
  hipdex_context *context = nullptr;
  hipdex_status status;
  std::string message;
  std::vector<Report> reports;
};
} // namespace

/// What \p body writes to the standard error.
static std::string standardErrorOf(const std::function<void()> &body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  int saved = dup(2);
  dup2(ends[1], 2);
  close(ends[1]);
  body();
  dup2(saved, 2);
  close(saved);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;)
    text.append(buffer, size_t(n));
  close(ends[0]);
  return text;
}

TEST_CASE("HIPDEX_LOG=resolve traces a line a step") {
  Fixture fixture;
  std::string cache = "cache " + fixture.cacheDirectory;
  std::string line = std::string("hipdex: resolve ") + testKey + ": ";
  setenv("HIPDEX_LOG", "resolve", 1);
  CHECK(standardErrorOf([&] { RawContext(fixture).get(testKey); }) ==
        line + cache + ": miss\n" + line + cache + ": miss\n" + line +
            "compiler: compiled\n");
  CHECK(standardErrorOf([&] {
          RawContext context(fixture);
          context.get(testKey);
          context.get(testKey); // the memory cache is not traced
        }) == line + cache + ": hit\n");
  std::string path = fixture.onlyFile("ac");
  writeFile(path, "x");
  CHECK(standardErrorOf([&] {
          RawContext(fixture, HIPDEX_CONTEXT_STRICT).get(testKey);
        }) == line + cache + ": rejected: cache entry " + path +
                  ": does not end in its digest\n" + line +
                  "compiler: may not be used\n");
  setenv("HIPDEX_LOG", "resolv", 1);
  RawContext wrong(fixture);
  CHECK(wrong.status == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(wrong.message == "HIPDEX_LOG is \"resolv\", must be resolve");
  unsetenv("HIPDEX_LOG");
  CHECK(standardErrorOf([&] { RawContext(fixture).get(testKey); }) == "");
}

TEST_CASE("a strict context does not compile, and says what to do") {
  Fixture fixture;
  RawContext context(fixture, HIPDEX_CONTEXT_STRICT);
  CHECK(context.get(testKey) == HIPDEX_ERROR_NOT_FOUND);
  CHECK(context.message ==
        std::string("no kernel for ") + testKey + " in memory, cache " +
            fixture.cacheDirectory +
            ", and only hipdex_prepare() compiles; this makes it: hipdexc "
            "bundle --key " +
            testKey + " -o DIR, to be found with HIPDEX_BUNDLE_PATH=DIR");
  CHECK(fixture.compiler.compiles == 0);
  // A key that nothing could make is refused as such.
  CHECK(context.get(badKey) == HIPDEX_ERROR_UNSUPPORTED_KEY);

  CHECK(context.prepare({testKey, otherKey}) == HIPDEX_SUCCESS);
  CHECK(fixture.compiler.compiles == 2);
  CHECK(context.get(testKey) == HIPDEX_SUCCESS);
  CHECK(context.get(otherKey) == HIPDEX_SUCCESS);
  CHECK(fixture.compiler.compiles == 2);

  // What a cache has is loaded.
  RawContext next(fixture, HIPDEX_CONTEXT_STRICT);
  CHECK(next.get(testKey) == HIPDEX_SUCCESS);
  CHECK(next.counters().disk_hits == 1);
  CHECK(fixture.compiler.compiles == 2);
}

TEST_CASE("with compiling off nothing compiles, prepared or not") {
  Fixture fixture;
  for (bool byFlag : {true, false}) {
    if (!byFlag)
      setenv("HIPDEX_JIT", "off", 1);
    RawContext context(fixture, byFlag ? HIPDEX_CONTEXT_NO_JIT : 0);
    CHECK(context.get(testKey) == HIPDEX_ERROR_NOT_FOUND);
    CHECK_THAT(context.message, Contains("compiling is off") &&
                                    Contains(std::string("--key ") + testKey));
    CHECK(context.prepare({testKey}) == HIPDEX_ERROR_NOT_FOUND);
    CHECK_THAT(context.message, Contains(testKey));
    CHECK(context.counters().compiles == 0);
  }
  CHECK(fixture.compiler.compiles == 0);
}

TEST_CASE("HIPDEX_JIT is on, prepare or off") {
  Fixture fixture;
  setenv("HIPDEX_JIT", "prepare", 1);
  {
    RawContext context(fixture);
    CHECK(context.get(testKey) == HIPDEX_ERROR_NOT_FOUND);
    CHECK(context.prepare({testKey}) == HIPDEX_SUCCESS);
  }
  setenv("HIPDEX_JIT", "on", 1);
  {
    RawContext context(fixture);
    CHECK(context.get(otherKey) == HIPDEX_SUCCESS);
    RawContext strict(fixture, HIPDEX_CONTEXT_STRICT);
    CHECK(strict.get(foreignKey) != HIPDEX_SUCCESS);
  }
  setenv("HIPDEX_JIT", "0", 1);
  RawContext wrong(fixture);
  CHECK(wrong.status == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(wrong.message == "HIPDEX_JIT is \"0\", must be on, prepare or off");
  unsetenv("HIPDEX_JIT");
  RawContext unknown(fixture, 8);
  CHECK(unknown.status == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(unknown.message, Contains("options.flags is 0x8"));
}

TEST_CASE("preparing reports every key, and goes on after a failure") {
  Fixture fixture;
  RawContext context(fixture);
  CHECK(context.get(otherKey) == HIPDEX_SUCCESS);
  RawContext(fixture).prepare({testKey});
  CHECK(context.prepare({badKey, testKey, otherKey, foreignKey,
                         "paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn",
                         "nonsense"}) == HIPDEX_ERROR_UNSUPPORTED_KEY);
  CHECK_THAT(context.message, Contains("nearest supported key"));
  REQUIRE(context.reports.size() == 6);
  auto reportOf = [&](const std::string &key) {
    for (const RawContext::Report &report : context.reports)
      if (report.key == key)
        return report;
    FAIL("no report of " << key);
    return context.reports[0];
  };
  CHECK(reportOf(badKey).total == 6);
  CHECK(reportOf(badKey).status == HIPDEX_ERROR_UNSUPPORTED_KEY);
  CHECK(reportOf(badKey).message == context.message);
  CHECK(reportOf(testKey).source == "disk");
  CHECK(reportOf(otherKey).source == "memory");
  CHECK(reportOf("paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn").source ==
        "compiler");
  CHECK(reportOf(foreignKey).status == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(reportOf("nonsense").status == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(reportOf("nonsense").source == "");

  CHECK(context.prepare({}) == HIPDEX_SUCCESS);
  const char *null = nullptr;
  CHECK(hipdex_prepare(context.context, &null, 1, nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(std::string(hipdex_last_message()) == "keys[0] is null");
  CHECK(hipdex_prepare(context.context, nullptr, 1, nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("preparing compiles on several threads, each key once") {
  Fixture fixture;
  fixture.compiler.milliseconds = 20;
  RawContext context(fixture);
  std::vector<std::string> texts;
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits))
    if (key.arch->name == "gfx950" && texts.size() < 8)
      texts.push_back(key.str());
  std::vector<const char *> keys;
  for (const std::string &text : texts)
    keys.insert(keys.end(), {text.c_str(), text.c_str()});
  CHECK(context.prepare(keys) == HIPDEX_SUCCESS);
  CHECK(fixture.compiler.compiles == 8);
  CHECK(fixture.hip.modulesLoaded == 8);
  CHECK(context.reports.size() == 16);
  // Workers load on the context's device without moving the caller's.
  CHECK(fixture.hip.currentDevice == 0);
}

TEST_CASE("prepare compiles whatever strict calls of the key are missing it") {
  for (int round = 0; round < 20; ++round) {
    Fixture fixture;
    RawContext context(fixture, HIPDEX_CONTEXT_STRICT);
    REQUIRE(context.context);
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        const hipdex_kernel *kernel = nullptr;
        while (!stop)
          hipdex_get_kernel(context.context, testKey, &kernel);
      });
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    hipdex_status status = context.prepare({testKey});
    stop = true;
    for (std::thread &thread : threads)
      thread.join();
    CHECK(status == HIPDEX_SUCCESS);
  }
}

TEST_CASE("what a caller's report throws is an error, and ends the threads") {
  Fixture fixture;
  fixture.compiler.milliseconds = 5;
  Context context = fixture.open();
  // Several for each of the threads, which are as many as there are cores.
  const size_t count = std::max(20u, 10 * std::thread::hardware_concurrency());
  std::vector<std::string> texts;
  for (const KernelKey &key : KernelKey::all())
    if (key.arch->name == "gfx950" && texts.size() < count)
      texts.push_back(key.str());
  std::vector<const char *> keys;
  for (const std::string &text : texts)
    keys.push_back(text.c_str());
  size_t reports = 0;
  Status status = context.prepare(keys, [&](const hipdex_prepare_progress &) {
    if (++reports == 2)
      throw std::runtime_error("the caller's own");
  });
  CHECK(status.code() == HIPDEX_ERROR_INTERNAL);
  CHECK_THAT(status.message(), Contains("the caller's own"));
  CHECK(size_t(fixture.compiler.compiles) < texts.size());
  CHECK(bool(context.prepare(keys)));
  Result<Kernel> found = context.findKernel(testKey);
  CHECK(bool(found) ==
        (std::find(texts.begin(), texts.end(), testKey) != texts.end()));
  Result<CanRun> answer = context.canRun(badKey);
  REQUIRE(bool(answer));
  CHECK(!answer->canRun);
}

TEST_CASE("relative folders stay where they are when the process moves") {
  Fixture fixture;
  char old[4096];
  REQUIRE(getcwd(old, sizeof(old)));
  REQUIRE(chdir(fixture.cacheDirectory.c_str()) == 0);
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.cacheDirectory = "relative";
  Result<Context> context = Context::open(options);
  REQUIRE(chdir(old) == 0);
  REQUIRE(bool(context));
  REQUIRE(bool(context->kernel(testKey)));
  fixture.onlyFile("ac", fixture.cacheDirectory + "/relative");
}

TEST_CASE("can_run answers without compiling") {
  Fixture fixture;
  RawContext context(fixture);
  hipdex_can_run_result result = context.canRun(testKey);
  CHECK(result.can_run == 1);
  CHECK(std::string(result.constraint) == "");
  CHECK(std::string(result.nearest) == "");

  result = context.canRun(badKey);
  CHECK(result.can_run == 0);
  CHECK_THAT(result.constraint, Contains("heads"));
  llvm::Expected<KernelKey> nearest = KernelKey::parse(result.nearest);
  REQUIRE(bool(nearest));
  CHECK(!nearest->validate());
  CHECK(context.canRun(nearest->str().c_str()).can_run == 1);

  result = context.canRun(foreignKey);
  CHECK(result.can_run == 0);
  CHECK(std::string(result.constraint) ==
        "arch is gfx942, the device is gfx950");
  CHECK(std::string(result.nearest) == testKey);

  // Without a device, every arch can.
  result = {};
  result.struct_size = sizeof(result);
  CHECK(hipdex_can_run(nullptr, foreignKey, &result) == HIPDEX_SUCCESS);
  CHECK(result.can_run == 1);
  CHECK(hipdex_can_run(nullptr, badKey, &result) == HIPDEX_SUCCESS);
  CHECK(result.can_run == 0);
  CHECK(hipdex_can_run(nullptr, "nonsense", &result) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_can_run(nullptr, nullptr, &result) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_can_run(nullptr, testKey, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);

  // A strict context can run what it, or a cache, has.
  RawContext strict(fixture, HIPDEX_CONTEXT_STRICT);
  result = strict.canRun(testKey);
  CHECK(result.can_run == 0);
  CHECK_THAT(result.constraint,
             Contains("no kernel for") && Contains("hipdexc bundle"));
  CHECK(std::string(result.nearest) == testKey);
  CHECK(fixture.compiler.compiles == 0);
  CHECK(context.get(testKey) == HIPDEX_SUCCESS);
  CHECK(strict.canRun(testKey).can_run == 1);

  // What needs a compiler that cannot be used cannot run.
  fixture.compiler.buildId = "another";
  RawContext stale(fixture);
  CHECK(stale.canRun(testKey).can_run == 1);
  result = stale.canRun(otherKey);
  CHECK(result.can_run == 0);
  CHECK_THAT(result.constraint, Contains("has BuildId another"));
  CHECK(std::string(result.nearest) == otherKey);
  CHECK(stale.get(otherKey) == HIPDEX_ERROR_COMPILER);
  CHECK(fixture.hip.modulesLoaded == 1);
}

TEST_CASE("find_kernel gives what is loaded, and calls nothing") {
  Fixture fixture;
  RawContext context(fixture);
  const hipdex_kernel *kernel = nullptr;
  CHECK(hipdex_find_kernel(context.context, testKey, &kernel) ==
        HIPDEX_ERROR_NOT_FOUND);
  CHECK_THAT(hipdex_last_message(), Contains(testKey));
  CHECK(kernel == nullptr);
  CHECK(fixture.compiler.compiles == 0);
  REQUIRE(context.get(testKey) == HIPDEX_SUCCESS);
  CHECK(hipdex_find_kernel(context.context, testKey, &kernel) ==
        HIPDEX_SUCCESS);
  CHECK(kernel != nullptr);
  CHECK(hipdex_find_kernel(context.context, nullptr, &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_find_kernel(nullptr, testKey, &kernel) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("callers with the first header's structs are served") {
  Fixture fixture;
  struct OldOptions {
    size_t struct_size;
    const char *provider;
    int device;
    const char *cache_dir;
    uint64_t notOurs;
  } options = {32, FAKE_HIP, 0, fixture.cacheDirectory.c_str(), ~UINT64_C(0)};
  hipdex_context *context = nullptr;
  REQUIRE(hipdex_context_create(
              reinterpret_cast<hipdex_context_options *>(&options), &context) ==
          HIPDEX_SUCCESS);
  uint64_t counters[10];
  std::fill(std::begin(counters), std::end(counters), 77);
  counters[0] = 40;
  CHECK(hipdex_get_counters(context, reinterpret_cast<hipdex_counters *>(
                                         counters)) == HIPDEX_SUCCESS);
  CHECK(counters[0] == 40);
  CHECK(counters[4] == 0);
  CHECK(counters[5] == 77);
  // And those of a later one: what we do not know stays as it is.
  constexpr size_t known = sizeof(hipdex_counters) / sizeof(uint64_t);
  uint64_t later[known + 9];
  std::fill(std::begin(later), std::end(later), 77);
  later[0] = sizeof(later);
  CHECK(hipdex_get_counters(context, reinterpret_cast<hipdex_counters *>(
                                         later)) == HIPDEX_SUCCESS);
  CHECK(later[known - 1] == 0);
  CHECK(later[known] == 77);
  hipdex_context_destroy(context);
}

TEST_CASE("each device has its own modules") {
  Fixture fixture;
  Context first = fixture.open(FAKE_HIP, 0);
  Context second = fixture.open(FAKE_HIP, 1);
  Result<Kernel> a = first.kernel(testKey), b = second.kernel(testKey);
  REQUIRE((bool(a) && bool(b)));
  CHECK(a->get() != b->get());
  CHECK(fixture.hip.modulesLoaded == 2);
  CHECK(fixture.hip.loadDevices == std::vector<int>{0, 1});
  CHECK(fixture.compiler.compiles == 1);
}

TEST_CASE(
    "a forked child is told, makes its own context, and unloads nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  int result[2];
  REQUIRE(pipe(result) == 0);
  pid_t child = fork();
  if (child == 0) {
    std::string failures;
    auto expect = [&](bool condition, const char *what) {
      if (!condition)
        failures += std::string(what) + ": " + hipdex_last_message() + "\n";
    };
    const hipdex_kernel *found = nullptr;
    hipdex_paged_mqa_logits_args args = goodArgs();
    expect(hipdex_get_kernel(context.get(), otherKey, &found) ==
               HIPDEX_ERROR_INVALID_ARGUMENT,
           "get");
    expect(hipdex_get_kernel(context.get(), testKey, &found) ==
               HIPDEX_ERROR_INVALID_ARGUMENT,
           "get of a loaded one");
    expect(std::string(hipdex_last_message()).find("forked") !=
               std::string::npos,
           "message");
    expect(hipdex_launch_paged_mqa_logits(kernel->get(), &args, nullptr) ==
               HIPDEX_ERROR_INVALID_ARGUMENT,
           "launch");
    expect(fixture.hip.launches == 0, "launches");
    hipdex_context_destroy(context.get());
    expect(fixture.hip.modulesUnloaded == 0, "unloads");
    hipdex_context_options options = {};
    options.struct_size = sizeof(options);
    options.provider = FAKE_HIP;
    options.cache_dir = fixture.cacheDirectory.c_str();
    hipdex_context *own = nullptr;
    expect(hipdex_context_create(&options, &own) == HIPDEX_SUCCESS, "create");
    expect(hipdex_get_kernel(own, testKey, &found) == HIPDEX_SUCCESS, "own");
    expect(hipdex_launch_paged_mqa_logits(found, &args, nullptr) ==
               HIPDEX_SUCCESS,
           "own launch");
    (void)!write(result[1], failures.data(), failures.size());
    _exit(0);
  }
  close(result[1]);
  std::string failures;
  char buffer[1024];
  for (ssize_t n; (n = read(result[0], buffer, sizeof(buffer))) > 0;)
    failures.append(buffer, size_t(n));
  close(result[0]);
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(failures == "");
  CHECK(status == 0);
  // The parent goes on.
  CHECK(bool(context.kernel(otherKey)));
}
