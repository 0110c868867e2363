//===- Harness.cpp - Runs one problem on the emulator ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "reference/Dump.h"
#include "reference/KeySpace.h"
#include "reference/Random.h"
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

using namespace hipdex;

uint64_t hipdex::testSeed() {
  static const uint64_t seed = [] {
    uint64_t value;
    const char *text = std::getenv("HIPDEX_TEST_SEED");
    if (text && !llvm::StringRef(text).getAsInteger(10, value))
      return value;
    return uint64_t(std::random_device{}());
  }();
  return seed;
}

uint64_t hipdex::nextSeed() {
  // A test case starts from the same seeds whichever cases ran before it.
  static std::map<std::string, uint64_t> calls;
  std::string test = Catch::getResultCapture().getCurrentTestName();
  uint64_t name = std::hash<std::string>()(test);
  return Random(testSeed(), name, calls[test]++).bits();
}

const std::vector<KernelKey> &hipdex::testKeys() {
  static const std::vector<KernelKey> keys = [] {
    std::vector<KernelKey> chosen = coveringKeys(Op::PagedMqaLogits);
    llvm::append_range(chosen, coveringKeys(Op::StreamPages));
    return chosen;
  }();
  return keys;
}

const std::vector<KernelKey> &hipdex::coveringKeys(Op op) {
  static std::map<Op, std::vector<KernelKey>> sets;
  auto [set, isNew] = sets.try_emplace(op);
  if (!isNew)
    return set->second;
  const char *part = std::getenv("HIPDEX_TEST_KEY");
  std::vector<KernelKey> &chosen = set->second;
  KeySpace space(KernelKey::all(op));
  if (!part)
    chosen = space.coverTriples(testSeed());
  else
    for (const KernelKey &key : space.keys())
      if (llvm::StringRef(key.str()).contains(part))
        chosen.push_back(key);
  std::cout << chosen.size() << " of " << space.keys().size() << " keys of "
            << opName(op).str()
            << (part ? "" : ", which have every triple of field values")
            << std::endl;
  // Compiled on all cores, into the disk cache: tests that count launch one
  // kernel after the other. Whatever fails here fails there again.
  CheckOptions options;
  options.maxFailures = UINT64_MAX;
  auto compiled = runChecks(
      chosen.size(), [&](uint64_t number) { return Check{chosen[number], {}}; },
      options);
  llvm::consumeError(compiled.takeError());
  return chosen;
}

/// Fails the test case with the error's message.
static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

static std::map<std::string, std::unique_ptr<Device>> devices;

Device &hipdex::deviceOf(const Arch &arch) {
  std::unique_ptr<Device> &device = devices[arch.name.str()];
  if (!device)
    device = require(Device::find("emulator", arch.name));
  return *device;
}

ScheduleScope::ScheduleScope(Device &device, unsigned threads, uint64_t order)
    : schedule(device.function<decltype(hipdex_emulator_schedule)>(
          "hipdex_emulator_schedule")) {
  REQUIRE(schedule);
  schedule(threads, order);
}

ScheduleScope::~ScheduleScope() {
  auto asked = [](const char *variable, auto number) {
    // The emulator has refused what is no number.
    if (const char *text = std::getenv(variable))
      llvm::StringRef(text).getAsInteger(10, number);
    return number;
  };
  schedule(asked("HIPDEX_EMULATOR_THREADS", 0u),
           asked("HIPDEX_EMULATOR_ORDER", uint64_t(0)));
}

void hipdex::closeDevices() { devices.clear(); }

const hipdex_kernel *hipdex::kernelOf(const KernelKey &key) {
  const hipdex_kernel *kernel = nullptr;
  if (hipdex_get_kernel(deviceOf(*key.arch).context(), key.str().c_str(),
                        &kernel) != HIPDEX_SUCCESS)
    require(Device::lastError());
  return kernel;
}

KernelMetadata hipdex::metadataOf(const hipdex_kernel *kernel) {
  return require(KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel)));
}

Problem hipdex::draw(const KernelKey &key, ProblemOptions options) {
  options.seed = nextSeed();
  // A kernel that does not check the table is right with no other.
  if (!key.checkTable)
    options.invalidEntries = 0;
  return require(Problem::random(key, options));
}

void hipdex::checkKeys(
    const std::function<std::vector<Shape>(const KernelKey &, uint64_t)>
        &shapesOf,
    Op op) {
  const std::vector<KernelKey> &keys = coveringKeys(op);
  uint64_t seed = nextSeed();
  std::atomic<uint64_t> problems{0};
  auto make = [&](uint64_t number) {
    const KernelKey &key = keys[number];
    Check check = {key, shapesOf(key, Random(seed, 0, number).bits())};
    problems += check.shapes.size();
    return check;
  };
  CheckOptions options;
  options.maxFailures = UINT64_MAX;
  options.inspect = checkResources;
  CheckResult result = require(runChecks(keys.size(), make, options));
  for (const CheckFailure &failure : result.failures)
    FAIL_CHECK(failure.what);
  CHECK(result.checks == keys.size());
  CHECK(result.problems == problems);
}

llvm::Error hipdex::checkResources(const KernelMetadata &metadata) {
  const Arch *arch = lookupArch(metadata.arch);
  auto bad = [](const llvm::Twine &what) {
    return llvm::createStringError(what);
  };
  // What clang makes of a key's text may spill a little where the compiler
  // just does not (docs/hip-source.md).
  const char *compiler = std::getenv("HIPDEX_COMPILER_LIBRARY");
  bool isOfText =
      compiler && llvm::StringRef(compiler) == HIPDEX_CLANG_COMPILER;
  if (isOfText
          ? metadata.vgprSpills > 8 || metadata.sgprSpills > 8
          : metadata.vgprSpills || metadata.sgprSpills || metadata.scratchBytes)
    return bad(llvm::Twine(metadata.vgprSpills) + " vector and " +
               llvm::Twine(metadata.sgprSpills) + " scalar registers spill, " +
               llvm::Twine(metadata.scratchBytes) + " bytes of scratch");
  // vgprs counts the AGPRs too: they are one file.
  if (metadata.vgprs == 0 || metadata.agprs > metadata.vgprs ||
      metadata.vgprs > arch->vgprsPerSimdLane / metadata.wavesPerSimd)
    return bad(llvm::Twine(metadata.vgprs) + " registers, of which " +
               llvm::Twine(metadata.agprs) + " are AGPRs, with " +
               llvm::Twine(metadata.wavesPerSimd) + " waves a SIMD");
  if (metadata.ldsBytes > arch->ldsBytes)
    return bad(llvm::Twine(metadata.ldsBytes) + " bytes of LDS, " + arch->name +
               " has " + llvm::Twine(arch->ldsBytes));
  return llvm::Error::success();
}

/// Where the failed problem went, and how to repeat it.
static std::string dumpFailure(const Problem &problem,
                               const std::vector<float> &logits,
                               const hipdex_kernel *kernel,
                               const PackedLaunch &packed) {
  Dump dump;
  dump.problem = problem;
  dump.logits = logits;
  dump.launch = packed;
  dump.metadata = metadataOf(kernel);
  size_t size = 0;
  const void *code = hipdex_kernel_code_object(kernel, &size);
  dump.codeObject.assign(static_cast<const char *>(code), size);
  std::string directory = std::string(HIPDEX_FAILURES) + "/" +
                          problem.key.str() + "." +
                          std::to_string(problem.seed);
  if (llvm::Error error = dump.write(directory))
    return llvm::toString(std::move(error));
  return "hipdexc run --device emulator --load " + directory;
}

void hipdex::check(const Problem &problem, LaunchCounters *counters,
                   std::optional<uint32_t> grid) {
  Device &device = deviceOf(*problem.key.arch);
  const hipdex_kernel *kernel = kernelOf(problem.key);
  INFO(problem.key.str() << ", problem seed " << problem.seed << ", batch "
                         << problem.batch << ", width " << problem.width
                         << ", page stride " << problem.pageStride);
  auto operands = require(DeviceProblem::create(device, problem));
  PackedLaunch packed = require(operands->describe(kernel, grid));
  if (counters)
    require(counters->start(device, operands->args.cache));
  llvm::Error launched =
      grid ? operands->launch(kernel, packed) : operands->launch(kernel);
  std::vector<float> logits = require(operands->downloadLogits());
  if (launched) {
    std::string reason = llvm::toString(std::move(launched));
    FAIL_CHECK(reason << "\n" << dumpFailure(problem, logits, kernel, packed));
    return;
  }
  if (counters)
    require(counters->finish(device));
  Comparison result = compare(problem, logits);
  if (!result.passed())
    FAIL_CHECK(result.wrong << " cells are wrong; first: " << result.firstWrong
                            << "\n"
                            << dumpFailure(problem, logits, kernel, packed));
  else
    SUCCEED();
}
