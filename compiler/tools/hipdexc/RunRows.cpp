//===- RunRows.cpp - hipdexc run of kernels on K rows ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunRows.h"

#include "Commands.h"
#include "reference/DeviceQuantStore.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

/// A line of the table.
static llvm::raw_ostream &line(llvm::StringRef name) {
  return llvm::outs() << llvm::left_justify(name, 18);
}

/// Opens a device for the key and gets its kernel.
static llvm::Expected<std::unique_ptr<Device>>
openFor(const KernelKey &key, uint64_t seed, const std::string &choice,
        const hipdex_kernel *&kernel) {
  auto device = Device::choose(choice, key.arch->name);
  if (!device)
    return device;
  line("device") << (*device)->describe() << "\n";
  line("key") << key.str() << "\n";
  line("seed") << seed << "\n";
  llvm::outs().flush();
  if (hipdex_get_kernel((*device)->context(), key.str().c_str(), &kernel) !=
      HIPDEX_SUCCESS)
    return Device::lastError();
  if (llvm::StringRef warning = hipdex_last_message(); !warning.empty())
    reportWarning(warning);
  return device;
}

llvm::Error hipdex::runQuantStore(const KernelKey &key,
                                  QuantStoreOptions options,
                                  const std::string &deviceChoice, bool stats) {
  if (llvm::Error error = key.validate())
    return error;
  // Room for slots that stay as they are.
  options.numPages = llvm::divideCeil(options.tokens, key.pageSize) + 2;
  auto problem = QuantStoreProblem::random(key, options);
  if (!problem)
    return problem.takeError();
  const hipdex_kernel *kernel = nullptr;
  auto device = openFor(key, options.seed, deviceChoice, kernel);
  if (!device)
    return device.takeError();
  if (stats && !(*device)->isEmulator())
    return llvm::createStringError(
        "--stats needs the emulator, the device is " +
        llvm::Twine((*device)->info().name));
  line("problem") << problem->tokens << " tokens, " << problem->numPages
                  << " pages\n";
  LaunchCounters counters;
  auto stored = launchQuantStore(**device, kernel, *problem, /*hasError=*/true,
                                 stats ? &counters : nullptr);
  if (!stored)
    return stored.takeError();
  line("bytes checked") << stored->cache.size() << "\n";
  if (stats) {
    llvm::outs() << "wave instructions: " << counters.counts.instructions
                 << "\n";
    llvm::outs() << "bytes loaded: " << counters.counts.bytes_loaded << "\n";
    llvm::outs() << "bytes stored: " << counters.counts.bytes_stored << "\n";
  }
  std::string wrong = compare(*problem, *stored);
  if (!wrong.empty())
    return llvm::createStringError(wrong);
  return llvm::Error::success();
}

llvm::Error hipdex::runGather(const KernelKey &key, GatherOptions options,
                              const std::string &deviceChoice) {
  if (llvm::Error error = key.validate())
    return error;
  const hipdex_kernel *kernel = nullptr;
  auto device = openFor(key, options.seed, deviceChoice, kernel);
  if (!device)
    return device.takeError();
  GatherProblem problem = GatherProblem::random(key, options), got = problem;
  line("problem") << problem.batch << " requests, " << problem.tokens
                  << " rows, " << problem.numPages << " pages\n";
  if (llvm::Error error = launchGather(**device, kernel, got))
    return error;
  line("bytes checked") << got.k.size() + 4 * got.scales.size() << "\n";
  std::string wrong = compare(problem, got);
  if (!wrong.empty())
    return llvm::createStringError(wrong);
  return llvm::Error::success();
}
