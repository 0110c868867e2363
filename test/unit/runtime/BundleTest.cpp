//===- BundleTest.cpp - Tests of bundles, on disk and in the program ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A bundle answers before the compiler; nothing of it is believed unchecked,
// and nothing that is wrong with it goes unsaid.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include "Spec/BundleManifest.h"
#include "llvm/Support/FileSystem.h"
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hipdex;
using Catch::Contains;

static const char *otherKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn";

static BundleManifest makeManifest(std::vector<const char *> keys) {
  BundleManifest manifest;
  manifest.buildId = hipdex_build_id();
  for (const char *text : keys) {
    KernelKey key = *KernelKey::parse(text);
    std::string code = fakeElf(key);
    BundleEntry entry;
    entry.key = text;
    entry.sha256 = sha256Hex(code);
    entry.bytes = code.size();
    entry.metadata = fakeMetadata(key);
    manifest.entries.push_back(entry);
  }
  return manifest;
}

namespace {
/// A fixture with a bundle of one kernel of testKey.
struct BundleFixture : Fixture {
  BundleFixture() : manifest(makeManifest({testKey})) {
    directory = cacheDirectory + "/bundle";
    manifestPath = directory + "/manifest.json";
    codePath = directory + "/" + testKey + ".hsaco";
    REQUIRE(!llvm::sys::fs::create_directory(directory));
    writeFile(manifestPath, manifest.toJSON());
    writeFile(codePath, fakeElf(*KernelKey::parse(testKey)));
    setenv("HIPDEX_BUNDLE_PATH", directory.c_str(), 1);
  }

  /// Why there is no context.
  std::string refusal() {
    ContextOptions options;
    options.provider = FAKE_HIP;
    options.cacheDirectory = "";
    Result<Context> context = Context::open(options);
    REQUIRE(!context);
    CHECK(context.status().code() == HIPDEX_ERROR_CODE_OBJECT);
    return context.status().message();
  }
  /// The same with another text as the manifest.
  std::string refusalOf(const std::string &text) {
    writeFile(manifestPath, text);
    std::string message = refusal();
    CHECK_THAT(message, Contains(manifestPath));
    return message;
  }

  BundleManifest manifest;
  std::string directory, manifestPath, codePath;
};
} // namespace

static std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a bundle's kernel is neither compiled nor cached") {
  BundleFixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  INFO(kernel.status().message());
  REQUIRE(bool(kernel));
  CHECK(kernel.status().message() == "");
  CHECK(fixture.compiler.compiles == 0);
  CHECK(context.counters().bundle_hits == 1);
  CHECK(context.counters().compiles == 0);
  CHECK(!llvm::sys::fs::exists(fixture.cacheDirectory + "/ac"));
  CHECK(std::string(kernel->metadata()) ==
        fakeMetadata(*KernelKey::parse(testKey)).toJSON());
  // What it does not have comes from elsewhere.
  CHECK(bool(context.kernel(otherKey)));
  CHECK(fixture.compiler.compiles == 1);
  CHECK(context.counters().bundle_rejects == 0);
}

TEST_CASE("a bundle's files are opened when they are asked for") {
  BundleFixture fixture;
  Context context = fixture.open();
  REQUIRE(unlink(fixture.codePath.c_str()) == 0);
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel)); // compiled
  CHECK(fixture.compiler.compiles == 1);
  CHECK(context.counters().bundle_rejects == 1);
  CHECK_THAT(kernel.status().message(),
             Contains("bundle " + fixture.directory + ": cannot read " +
                      testKey + ".hsaco: No such file or directory"));
}

TEST_CASE("the first of several bundles has the say, the caller's before the "
          "environment's") {
  BundleFixture fixture;
  std::string second = fixture.cacheDirectory + "/second";
  REQUIRE(!llvm::sys::fs::create_directory(second));
  writeFile(second + "/manifest.json",
            makeManifest({otherKey, testKey}).toJSON());
  writeFile(second + "/" + otherKey + ".hsaco",
            fakeElf(*KernelKey::parse(otherKey)));
  // Its testKey would be rejected: there is no such file.
  std::string path = fixture.directory + "::" + second + ":";
  auto count = [](Context context) {
    CHECK(bool(context.kernel(testKey)));
    CHECK(bool(context.kernel(otherKey)));
    CHECK(context.counters().bundle_hits == 2);
    return context.counters().bundle_rejects;
  };
  setenv("HIPDEX_BUNDLE_PATH", path.c_str(), 1);
  CHECK(count(fixture.open()) == 0);
  path = second + ":" + fixture.directory;
  setenv("HIPDEX_BUNDLE_PATH", path.c_str(), 1);
  CHECK(count(fixture.open()) == 1);

  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = FAKE_HIP;
  options.cache_dir = "";
  options.bundle_path = fixture.directory.c_str();
  options.flags = HIPDEX_CONTEXT_NO_JIT;
  hipdex_context *context = nullptr;
  REQUIRE(hipdex_context_create(&options, &context) == HIPDEX_SUCCESS);
  const hipdex_kernel *kernel = nullptr;
  CHECK(hipdex_get_kernel(context, testKey, &kernel) == HIPDEX_SUCCESS);
  hipdex_counters counters = {};
  counters.struct_size = sizeof(counters);
  REQUIRE(hipdex_get_counters(context, &counters) == HIPDEX_SUCCESS);
  CHECK(counters.bundle_rejects == 0);
  hipdex_context_destroy(context);
  CHECK(fixture.compiler.compiles == 0);
}

TEST_CASE("a bundle comes before the disk cache") {
  BundleFixture fixture;
  unsetenv("HIPDEX_BUNDLE_PATH");
  REQUIRE(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.compiler.compiles == 1);
  setenv("HIPDEX_BUNDLE_PATH", fixture.directory.c_str(), 1);
  Context context = fixture.open();
  REQUIRE(bool(context.kernel(testKey)));
  CHECK(context.counters().bundle_hits == 1);
  CHECK(context.counters().disk_hits == 0);
}

/// As hipdexc bundle replaces a folder.
static void replaceBundle(const std::string &with,
                          const std::string &directory) {
  REQUIRE(renameat2(AT_FDCWD, with.c_str(), AT_FDCWD, directory.c_str(),
                    RENAME_EXCHANGE) == 0);
  llvm::sys::fs::remove_directories(with);
}

TEST_CASE("a bundle that is made again under a context goes on serving") {
  BundleFixture fixture;
  Context context = fixture.open();
  const std::string next = fixture.directory + ".partial";
  // The same BuildId gives the same kernels.
  REQUIRE(!llvm::sys::fs::create_directory(next));
  writeFile(next + "/manifest.json",
            makeManifest({otherKey, testKey}).toJSON());
  for (const char *key : {otherKey, testKey})
    writeFile(next + "/" + key + ".hsaco", fakeElf(*KernelKey::parse(key)));
  replaceBundle(next, fixture.directory);
  REQUIRE(bool(context.kernel(testKey)));
  CHECK(context.counters().bundle_hits == 1);
  CHECK(context.counters().bundle_rejects == 0);
  Context second = fixture.open();
  REQUIRE(bool(second.kernel(otherKey))); // a new context sees what is new
  CHECK(second.counters().bundle_hits == 1);
  CHECK(fixture.compiler.compiles == 0);
}

TEST_CASE("a bundle that another takes the place of says so") {
  BundleFixture fixture;
  setenv("HIPDEX_JIT", "off", 1);
  const std::string next = fixture.directory + ".partial";
  const std::string code = fakeElf(*KernelKey::parse(testKey)) + "x";
  for (bool hasKey : {true, false}) {
    Context context = fixture.open();
    BundleManifest manifest = fixture.manifest;
    manifest.buildId = std::string(64, '0');
    REQUIRE(!llvm::sys::fs::create_directory(next));
    writeFile(next + "/manifest.json", manifest.toJSON());
    if (hasKey)
      writeFile(next + "/" + testKey + ".hsaco", code);
    replaceBundle(next, fixture.directory);
    Result<Kernel> kernel = context.kernel(testKey);
    CHECK(kernel.status().code() == HIPDEX_ERROR_NOT_FOUND);
    CHECK(context.counters().bundle_rejects == 1);
    CHECK_THAT(kernel.status().message(),
               Contains(hasKey ? "the manifest says" : "cannot read") &&
                   Contains("another bundle has been put in this one's place"));
    // What is damaged and in its place does not say so.
    writeFile(fixture.manifestPath, fixture.manifest.toJSON());
    writeFile(fixture.codePath, code);
    Context fresh = fixture.open();
    kernel = fresh.kernel(testKey);
    CHECK_THAT(kernel.status().message(), !Contains("in this one's place"));
  }
}

TEST_CASE("a manifest is checked before anything of it is used") {
  BundleFixture fixture;
  const std::string good = fixture.manifest.toJSON();
  CHECK_THAT(fixture.refusalOf(""), Contains("not JSON"));
  CHECK_THAT(fixture.refusalOf("[]"), Contains("not a JSON object"));
  CHECK_THAT(fixture.refusalOf(good.substr(0, good.size() / 2)),
             Contains("not JSON"));
  CHECK_THAT(fixture.refusalOf(std::string(100000, '[')),
             Contains("nested deeper"));
  CHECK_THAT(fixture.refusalOf(replaced(good, "hipdex bundle", "a bundle")),
             Contains("\"format\" is not \"hipdex bundle\""));
  CHECK_THAT(
      fixture.refusalOf(replaced(good, "\"version\":1", "\"version\":2")),
      Contains("\"version\" is 2, this hipdex reads 1"));
  CHECK_THAT(fixture.refusalOf(replaced(
                 good, "\"schema\":" + std::to_string(KernelKey::schemaVersion),
                 "\"schema\":99")),
             Contains("\"schema\" is 99, this hipdex reads "));
  CHECK_THAT(fixture.refusalOf(replaced(good, "\"entries\"", "\"entry\"")),
             Contains("\"entries\" is not an array"));
  std::string other(64, '0');
  CHECK_THAT(fixture.refusalOf(replaced(good, hipdex_build_id(), other)),
             Contains("was made by BuildId " + other + ", libhipdex.so has " +
                      hipdex_build_id()));
  CHECK_THAT(fixture.refusalOf(replaced(good, hipdex_build_id(), "0")),
             Contains("\"build_id\" is not 64"));

  const std::string at = std::string("entry 0: key \"") + testKey + "\": ";
  CHECK_THAT(fixture.refusalOf(replaced(good, ".hsaco", ".so")),
             Contains(at + "\"file\" is \""));
  CHECK_THAT(fixture.refusalOf(replaced(good, "\"bytes\":", "\"bytes\":-")),
             Contains(at + "\"bytes\" is not an integer in 1.."));
  CHECK_THAT(fixture.refusalOf(
                 replaced(good, fixture.manifest.entries[0].sha256, "ab")),
             Contains(at + "\"sha256\" is not 64"));
  CHECK_THAT(fixture.refusalOf(replaced(good, "\"symbol\"", "\"name\"")),
             Contains(at + "kernel metadata: field \"symbol\""));
  CHECK_THAT(fixture.refusalOf(replaced(good, "\"metadata\"", "\"data\"")),
             Contains(at + "\"metadata\" is not a JSON object"));
  CHECK_THAT(
      fixture.refusalOf(replaced(good, "\"arguments\":0", "\"arguments\":1")),
      Contains(at + "\"arguments\" is not one of the 1 argument_lists"));
  CHECK_THAT(fixture.refusalOf(replaced(good, "argument_lists", "arguments")),
             Contains("\"argument_lists\" is not an array"));
  CHECK_THAT(fixture.refusalOf(replaced(good, "\"is_pointer\"", "\"is\"")),
             Contains("argument_lists 0: kernel metadata: argument 0: field "
                      "\"is_pointer\" is not true or false"));
  BundleManifest bad = fixture.manifest;
  bad.entries[0].metadata.key = otherKey;
  CHECK_THAT(fixture.refusalOf(bad.toJSON()),
             Contains(at + "its metadata is of \"" + otherKey));
  bad = fixture.manifest;
  bad.entries[0].key = bad.entries[0].metadata.key = "../secret";
  CHECK_THAT(fixture.refusalOf(bad.toJSON()),
             Contains("\"../secret\": is not a key's text"));
  bad = makeManifest({testKey, otherKey});
  CHECK_THAT(fixture.refusalOf(bad.toJSON()),
             Contains(std::string("entry 1: key \"") + otherKey +
                      "\" must come after"));
  bad = makeManifest({testKey, testKey});
  CHECK_THAT(fixture.refusalOf(bad.toJSON()), Contains("must come after"));
  // Text has files of its own, and is for a compiler.
  const std::string source =
      replaced(good, "\"hipdex bundle\"", "\"hipdex HIP source\"");
  CHECK_THAT(fixture.refusalOf(source),
             Contains(at + "\"file\" is \"" + testKey + ".hsaco\", must be \"" +
                      testKey + ".hip\""));
  CHECK_THAT(fixture.refusalOf(replaced(good, ".hsaco", ".hip")),
             Contains(at + "\"file\" is \"" + testKey + ".hip\", must be \"" +
                      testKey + ".hsaco\""));
  bad = fixture.manifest;
  bad.contents = bad.entries[0].contents = BundleContents::HipSource;
  CHECK(bad.toJSON() == replaced(source, ".hsaco", ".hip"));
  bad = fixture.manifest;
  bad.shard = BundleShard{3, 2, 1, other};
  CHECK_THAT(fixture.refusalOf(bad.toJSON()),
             Contains("shard: \"index\" is not an integer in 0..1"));

  // And the good one is good.
  writeFile(fixture.manifestPath, good);
  CHECK(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.compiler.compiles == 0);
  bad.shard = BundleShard{1, 2, 1, other};
  writeFile(fixture.manifestPath, bad.toJSON());
  CHECK(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.compiler.compiles == 0);
}

TEST_CASE("a bundle that is not there is an error") {
  BundleFixture fixture;
  std::string path = fixture.directory + ":/nowhere";
  setenv("HIPDEX_BUNDLE_PATH", path.c_str(), 1);
  CHECK_THAT(fixture.refusal(), Contains("bundle /nowhere/manifest.json: No "
                                         "such file or directory"));
}

TEST_CASE("an empty public key does not turn the environment's off") {
  BundleFixture fixture;
  setenv("HIPDEX_BUNDLE_PUBLIC_KEY", "/no/such.pem", 1);
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.bundlePublicKey = "";
  Result<Context> context = Context::open(options);
  REQUIRE(!context);
  CHECK_THAT(context.status().message(), Contains("/no/such.pem"));
}

TEST_CASE("no changed byte of a bundle's kernel is loaded") {
  BundleFixture fixture;
  const std::string good = readFile(fixture.codePath);
  Context context = fixture.open();
  uint64_t rejects = 0;
  auto check = [&](const std::string &code, const std::string &reason) {
    writeFile(fixture.codePath, code);
    Context fresh = fixture.open();
    Result<Kernel> kernel = fresh.kernel(testKey);
    REQUIRE(bool(kernel));
    CHECK(fresh.counters().bundle_hits == 0);
    CHECK(fresh.counters().bundle_rejects == 1);
    CHECK_THAT(kernel.status().message(),
               Contains("bundle " + fixture.directory + ": ") &&
                   Contains(reason));
    ++rejects;
  };
  for (size_t at = 0; at < good.size(); at += 37) {
    std::string bad = good;
    bad[at] ^= 1 << (at % 8);
    check(bad, "has SHA-256 ");
  }
  for (size_t length : {size_t(0), size_t(1), good.size() / 2, good.size() - 1})
    check(good.substr(0, length),
          "has " + std::to_string(length) + " bytes, the manifest says ");
  check(good + "x", " bytes, the manifest says ");
  CHECK(rejects > 10);

  // A digest that fits does not make it a kernel of this device.
  KernelKey gfx942 =
      *KernelKey::parse("paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz");
  std::string foreign = fakeElf(gfx942);
  BundleManifest manifest = fixture.manifest;
  manifest.entries[0].sha256 = sha256Hex(foreign);
  manifest.entries[0].bytes = foreign.size();
  writeFile(fixture.manifestPath, manifest.toJSON());
  check(foreign, "is for gfx942, the device is gfx950");
}

TEST_CASE("without a compiler a miss names the key and the command") {
  BundleFixture fixture;
  setenv("HIPDEX_JIT", "off", 1);
  Context context = fixture.open();
  CHECK(bool(context.kernel(testKey)));
  Result<Kernel> kernel = context.kernel(otherKey);
  CHECK(kernel.status().code() == HIPDEX_ERROR_NOT_FOUND);
  CHECK_THAT(kernel.status().message(),
             Contains("bundle " + fixture.directory) &&
                 Contains(std::string("hipdexc bundle --key ") + otherKey));
  // What is there and damaged is said, too.
  writeFile(fixture.codePath, "x");
  kernel = fixture.open().kernel(testKey);
  CHECK(kernel.status().code() == HIPDEX_ERROR_NOT_FOUND);
  CHECK_THAT(kernel.status().message(),
             Contains(std::string(testKey) +
                      ".hsaco has 1 bytes, the manifest says "));
  CHECK(fixture.compiler.compiles == 0);
}

//===----------------------------------------------------------------------===//
// In the program
//===----------------------------------------------------------------------===//

// Registered for good, as in a program; so these are the last, in one case.
TEST_CASE("kernels in the program come before those of HIPDEX_BUNDLE_PATH") {
  BundleFixture fixture;
  REQUIRE(unlink(fixture.codePath.c_str()) == 0);

  static hipdex_embedded_bundle bundle;
  CHECK(hipdex_register_embedded_bundle(nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_register_embedded_bundle(&bundle) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(hipdex_last_message(), Contains("bundle.struct_size is 0"));
  static std::string code = fakeElf(*KernelKey::parse(testKey));
  static const hipdex_embedded_code codes[] = {{code.data(), code.size()}};
  static std::string manifest = fixture.manifest.toJSON();
  bundle.struct_size = sizeof(bundle);
  for (const char *missing : {"name", "manifest", "code"}) {
    bundle.name = missing == std::string("name") ? nullptr : "test";
    bundle.manifest =
        missing == std::string("manifest") ? nullptr : manifest.data();
    bundle.manifest_bytes = manifest.size();
    bundle.code = missing == std::string("code") ? nullptr : codes;
    bundle.code_count = 2;
    CHECK(hipdex_register_embedded_bundle(&bundle) ==
          HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK(std::string(hipdex_last_message()) ==
          std::string("bundle.") + missing + " is null");
  }
  // A refused one is not remembered.
  CHECK(bool(fixture.open().kernel(testKey)));
  CHECK(fixture.compiler.compiles == 1);
  fixture.compiler.compiles = 0;

  bundle.code = codes;
  REQUIRE(hipdex_register_embedded_bundle(&bundle) == HIPDEX_SUCCESS);
  CHECK_THAT(fixture.refusal(),
             Contains("embedded bundle test: code_count is 2, the manifest has "
                      "1 entries"));
  bundle.code_count = 1;
  // In place: the pointer is registered.
  const size_t buildIdAt = manifest.find(hipdex_build_id());
  manifest.replace(buildIdAt, 64, 64, '0');
  CHECK_THAT(fixture.refusal(), Contains("embedded bundle test: was made by "
                                         "BuildId 000"));
  manifest.replace(buildIdAt, 64, hipdex_build_id());
  // Text is compiled from folders alone.
  BundleManifest text = fixture.manifest;
  text.contents = BundleContents::HipSource;
  for (BundleEntry &entry : text.entries)
    entry.contents = text.contents;
  std::string ofText = text.toJSON();
  bundle.manifest = ofText.data();
  bundle.manifest_bytes = ofText.size();
  CHECK_THAT(fixture.refusal(),
             Contains("embedded bundle test: holds HIP C++ source and no code "
                      "objects"));
  bundle.manifest = manifest.data();
  bundle.manifest_bytes = manifest.size();

  // Twice is once.
  REQUIRE(hipdex_register_embedded_bundle(&bundle) == HIPDEX_SUCCESS);
  std::string cache = fixture.cacheDirectory + "/fresh";
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.cacheDirectory = cache.c_str();
  Result<Context> context = Context::open(options);
  REQUIRE(bool(context));
  REQUIRE(bool(context->kernel(testKey)));
  CHECK(context->counters().embedded_hits == 1);
  CHECK(context->counters().bundle_rejects == 0);
  CHECK(fixture.compiler.compiles == 0);
  // HIP gets the bytes where they are.
  size_t size = 0;
  Result<Kernel> kernel = context->kernel(testKey);
  CHECK(hipdex_kernel_code_object(kernel->get(), &size) == code.data());

  // What the caller names comes before it.
  {
    BundleFixture named;
    ContextOptions explicitly;
    explicitly.provider = FAKE_HIP;
    explicitly.cacheDirectory = "";
    explicitly.bundlePath = named.directory.c_str();
    Result<Context> asked = Context::open(explicitly);
    REQUIRE(bool(asked));
    REQUIRE(bool(asked->kernel(testKey)));
    CHECK(asked->counters().bundle_hits == 1);
    CHECK(asked->counters().embedded_hits == 0);
    setenv("HIPDEX_BUNDLE_PATH", fixture.directory.c_str(), 1);
  }

  // Damaged in memory, it is as a damaged file.
  code[100] ^= 1;
  Result<Context> second = Context::open(options);
  REQUIRE(bool(second));
  kernel = second->kernel(testKey);
  REQUIRE(bool(kernel));
  CHECK_THAT(kernel.status().message(),
             Contains("embedded bundle test: ") && Contains("has SHA-256"));
  CHECK(second->counters().embedded_hits == 0);
  CHECK(second->counters().bundle_rejects == 2); // and the missing file
}
