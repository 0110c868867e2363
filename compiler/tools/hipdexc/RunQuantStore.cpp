//===- RunQuantStore.cpp - hipdexc run of k_quant_store -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunQuantStore.h"

#include "Commands.h"
#include "reference/DeviceQuantStore.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

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
  auto device = Device::choose(deviceChoice, key.arch->name);
  if (!device)
    return device.takeError();
  if (stats && !(*device)->isEmulator())
    return llvm::createStringError(
        "--stats needs the emulator, the device is " +
        llvm::Twine((*device)->info().name));
  auto line = [](llvm::StringRef name) -> llvm::raw_ostream & {
    return llvm::outs() << llvm::left_justify(name, 18);
  };
  line("device") << (*device)->describe() << "\n";
  line("key") << key.str() << "\n";
  line("seed") << problem->seed << "\n";
  line("problem") << problem->tokens << " tokens, " << problem->numPages
                  << " pages\n";
  llvm::outs().flush();

  const hipdex_kernel *kernel = nullptr;
  if (hipdex_get_kernel((*device)->context(), key.str().c_str(), &kernel) !=
      HIPDEX_SUCCESS)
    return Device::lastError();
  if (llvm::StringRef warning = hipdex_last_message(); !warning.empty())
    reportWarning(warning);
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
