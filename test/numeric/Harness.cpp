//===- Harness.cpp - Runs one problem on the emulator ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"

#include "reference/Dump.h"
#include "reference/Random.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>

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

/// What a key says, field by field.
static std::vector<std::string> fieldsOf(const KernelKey &key) {
  llvm::SmallVector<llvm::StringRef> fields;
  std::string text = key.str();
  llvm::StringRef(text).split(fields, '.');
  return {fields.begin(), fields.end()};
}

/// Keys that together have every triple of field values that any supported key
/// has: greedily the key with the most new ones, the first of equals in an
/// order that follows from the seed.
static std::vector<KernelKey> coveringKeys() {
  struct Candidate {
    KernelKey key;
    uint64_t rank;
    std::vector<std::string> triples;
  };
  std::vector<Candidate> candidates;
  uint64_t number = 0;
  for (const KernelKey &key : KernelKey::all()) {
    Candidate candidate = {key, Random(testSeed(), 0, number++).bits(), {}};
    std::vector<std::string> fields = fieldsOf(key);
    for (size_t a = 0; a < fields.size(); ++a)
      for (size_t b = a + 1; b < fields.size(); ++b)
        for (size_t c = b + 1; c < fields.size(); ++c)
          candidate.triples.push_back((llvm::Twine(a) + fields[a] + "," +
                                       llvm::Twine(b) + fields[b] + "," +
                                       llvm::Twine(c) + fields[c])
                                          .str());
    candidates.push_back(std::move(candidate));
  }
  llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
    return a.rank < b.rank;
  });

  std::set<std::string> covered;
  std::vector<KernelKey> keys;
  for (;;) {
    const Candidate *best = nullptr;
    size_t most = 0;
    for (const Candidate &candidate : candidates) {
      size_t added = llvm::count_if(candidate.triples, [&](const auto &triple) {
        return !covered.count(triple);
      });
      if (added > most) {
        most = added;
        best = &candidate;
      }
    }
    if (!best)
      return keys;
    covered.insert(best->triples.begin(), best->triples.end());
    keys.push_back(best->key);
  }
}

const std::vector<KernelKey> &hipdex::testKeys() {
  static const std::vector<KernelKey> keys = [] {
    const char *part = std::getenv("HIPDEX_TEST_KEY");
    std::vector<KernelKey> chosen;
    if (!part)
      chosen = coveringKeys();
    else
      for (const KernelKey &key : KernelKey::all())
        if (llvm::StringRef(key.str()).contains(part))
          chosen.push_back(key);
    std::cout << chosen.size() << " of " << KernelKey::all().size() << " keys"
              << (part ? "" : ", which have every triple of field values")
              << std::endl;
    return chosen;
  }();
  return keys;
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
  return require(Problem::random(key, options));
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
