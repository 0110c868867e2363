//===- Fuzz.cpp - hipdexc run --fuzz --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"

#include "reference/Checks.h"
#include "reference/KeySpace.h"
#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cstdlib>
#include <mutex>

using namespace hipdex;

llvm::Error hipdex::runFuzz(uint64_t count, uint64_t seed,
                            std::vector<KernelKey> keys,
                            const std::string &device) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  auto seconds = [&] {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  // The problems take the cores; launches of them are too small to.
  ::setenv("HIPDEX_EMULATOR_THREADS", "1", /*overwrite=*/0);

  llvm::outs() << count << " problems of " << keys.size() << " keys, seed "
               << seed << "\n";
  llvm::outs().flush();
  // Every op as often as any other, however many keys it has.
  std::vector<KeySpace> spaces;
  for (Op op : allOps()) {
    std::vector<KernelKey> ofOp;
    llvm::copy_if(keys, std::back_inserter(ofOp),
                  [&](const KernelKey &key) { return key.op == op; });
    if (!ofOp.empty())
      spaces.emplace_back(std::move(ofOp));
  }
  std::mutex mutex;
  llvm::StringSet<> drawn;
  auto make = [&](uint64_t number) {
    uint64_t problemSeed = Random(seed, 0, number).bits();
    const KernelKey &key =
        spaces[Random(problemSeed, 1, 0).below(spaces.size())].draw(
            problemSeed);
    std::lock_guard<std::mutex> lock(mutex);
    drawn.insert(key.str());
    return Check{key, {randomShape(key, problemSeed)}};
  };

  CheckOptions options;
  options.device = device;
  // Thousands of kernels that nobody will ask for again.
  options.cacheDirectory = "";
  bool progress = llvm::errs().is_displayed();
  if (progress)
    options.progress = [&](uint64_t done) {
      llvm::errs() << "\r" << done << " of " << count << " problems, "
                   << llvm::format("%.0f s", seconds());
    };
  auto result = runChecks(count, make, options);
  if (progress)
    llvm::errs() << "\r\33[K";
  if (!result)
    return result.takeError();
  if (!result->failures.empty()) {
    const CheckFailure &first = result->failures.front();
    llvm::outs() << "problem " << first.number << ": " << first.what << "\n";
    llvm::outs().flush();
    return llvm::createStringError(
        "problem " + llvm::Twine(first.number) + " of " + llvm::Twine(count) +
        " is wrong, seed " + llvm::Twine(seed) + "; the line above repeats it");
  }
  if (result->problems != count)
    return llvm::createStringError("only " + llvm::Twine(result->problems) +
                                   " of " + llvm::Twine(count) +
                                   " problems were checked");
  llvm::outs() << result->problems << " problems, " << drawn.size()
               << " keys, seed " << seed
               << llvm::format(": all right in %.1f s\n", seconds());
  return llvm::Error::success();
}
