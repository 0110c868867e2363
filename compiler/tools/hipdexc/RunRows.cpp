//===- RunRows.cpp - hipdexc run of kernels on K rows ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RunRows.h"

#include "Commands.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

/// A line of the table.
static llvm::raw_ostream &line(llvm::StringRef name) {
  return llvm::outs() << llvm::left_justify(name, 18);
}

/// The sizes as text.
static std::string describe(RowProblem &problem) {
  std::string text;
  for (const RowSize &size : problem.sizes())
    text += (text.empty() ? "" : ", ") + std::string(size.name) + " " +
            llvm::itostr(*size.value);
  return text;
}

static llvm::Expected<const hipdex_kernel *> kernelOf(Device &device,
                                                      Dump &dump) {
  const hipdex_kernel *kernel = nullptr;
  if (!dump.codeObject.empty()) {
    if (hipdex_load_kernel(
            device.context(), dump.codeObject.data(), dump.codeObject.size(),
            dump.metadata.toJSON().c_str(), &kernel) != HIPDEX_SUCCESS)
      return Device::lastError();
    return kernel;
  }
  if (hipdex_get_kernel(device.context(), dump.key().str().c_str(), &kernel) !=
      HIPDEX_SUCCESS)
    return Device::lastError();
  if (llvm::StringRef warning = hipdex_last_message(); !warning.empty())
    reportWarning(warning);
  auto metadata = KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel));
  if (!metadata)
    return metadata.takeError();
  dump.metadata = std::move(*metadata);
  size_t size = 0;
  const void *code = hipdex_kernel_code_object(kernel, &size);
  dump.codeObject.assign(static_cast<const char *>(code), size);
  return kernel;
}

llvm::Error hipdex::runRowProblem(Dump &dump, const std::string &deviceChoice,
                                  bool stats,
                                  const std::string &dumpDirectory) {
  RowProblem &problem = *dump.rows;
  auto device = Device::choose(deviceChoice, problem.key.arch->name);
  if (!device)
    return device.takeError();
  if (stats && !(*device)->isEmulator())
    return llvm::createStringError(
        "--stats needs the emulator, the device is " +
        llvm::Twine((*device)->info().name));
  line("device") << (*device)->describe() << "\n";
  line("key") << problem.key.str() << "\n";
  line("seed") << problem.seed << "\n";
  line("problem") << describe(problem) << "\n";
  llvm::outs().flush();
  auto kernel = kernelOf(**device, dump);
  if (!kernel)
    return kernel.takeError();

  std::unique_ptr<RowProblem> before = std::move(dump.rowsAfter);
  dump.rowsAfter = problem.clone();
  LaunchCounters counters;
  RowLaunchOptions options;
  if (stats)
    options.counters = &counters;
  options.packed = &dump.launch;
  if (llvm::Error error =
          launchRows(**device, *kernel, *dump.rowsAfter, options))
    return error;
  if (!dumpDirectory.empty())
    if (llvm::Error error = dump.write(dumpDirectory))
      return error;

  uint64_t bytes = 0;
  bool isSame = true;
  for (const RowOperand &operand : dump.rowsAfter->operands())
    if (operand.isWritten())
      bytes += operand.bytes.size();
  line("bytes checked") << bytes << "\n";
  if (before) {
    for (auto [then, now] :
         llvm::zip_equal(before->operands(), dump.rowsAfter->operands()))
      isSame &= then.bytes == now.bytes;
    line("dumped result") << (isSame ? "bit-identical\n" : "different\n");
  }
  if (!dumpDirectory.empty())
    line("dump") << dumpDirectory << "\n";
  if (stats) {
    int64_t tokens = 1;
    for (const RowSize &size : problem.sizes())
      for (llvm::StringRef factor : {"tokens", "entries", "run_tokens"})
        if (factor == size.name)
          tokens *= *size.value;
    counters.print(llvm::outs(), tokens);
  }
  std::string wrong = problem.compare(*dump.rowsAfter);
  if (!wrong.empty())
    return llvm::createStringError(wrong);
  return llvm::Error::success();
}
