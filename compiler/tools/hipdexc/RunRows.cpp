//===- RunRows.cpp - hipdexc run of kernels on K rows ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunRows.h"

#include "Commands.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

/// A line of the table.
static llvm::raw_ostream &line(llvm::StringRef name) {
  return llvm::outs() << llvm::left_justify(name, 18);
}

/// Launches the problem, once by the runtime, and compares every byte.
static llvm::Error run(RowProblem &problem, const std::string &deviceChoice,
                       bool stats, int64_t tokens,
                       llvm::StringRef description) {
  const KernelKey &key = problem.key;
  auto device = Device::choose(deviceChoice, key.arch->name);
  if (!device)
    return device.takeError();
  if (stats && !(*device)->isEmulator())
    return llvm::createStringError(
        "--stats needs the emulator, the device is " +
        llvm::Twine((*device)->info().name));
  line("device") << (*device)->describe() << "\n";
  line("key") << key.str() << "\n";
  line("seed") << problem.seed << "\n";
  line("problem") << description << "\n";
  llvm::outs().flush();
  const hipdex_kernel *kernel = nullptr;
  if (hipdex_get_kernel((*device)->context(), key.str().c_str(), &kernel) !=
      HIPDEX_SUCCESS)
    return Device::lastError();
  if (llvm::StringRef warning = hipdex_last_message(); !warning.empty())
    reportWarning(warning);

  std::unique_ptr<RowProblem> got = problem.clone();
  LaunchCounters counters;
  RowLaunchOptions options;
  if (stats)
    options.counters = &counters;
  if (llvm::Error error = launchRows(**device, kernel, *got, options))
    return error;
  uint64_t bytes = 0;
  for (const RowOperand &operand : got->operands())
    if (operand.isWritten())
      bytes += operand.bytes.size();
  line("bytes checked") << bytes << "\n";
  if (stats)
    counters.print(llvm::outs(), tokens);
  std::string wrong = problem.compare(*got);
  if (!wrong.empty())
    return llvm::createStringError(wrong);
  return llvm::Error::success();
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
  return run(*problem, deviceChoice, stats, problem->tokens,
             (llvm::Twine(problem->tokens) + " tokens, " +
              llvm::Twine(problem->numPages) + " pages")
                 .str());
}

llvm::Error hipdex::runGather(const KernelKey &key, GatherOptions options,
                              const std::string &deviceChoice, bool stats) {
  if (llvm::Error error = key.validate())
    return error;
  GatherProblem problem = GatherProblem::random(key, options);
  return run(problem, deviceChoice, stats, problem.tokens,
             (llvm::Twine(problem.batch) + " requests, " +
              llvm::Twine(problem.tokens) + " rows, " +
              llvm::Twine(problem.numPages) + " pages")
                 .str());
}
