//===- Checks.cpp - Many kernels on many problems, on all cores -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Checks.h"

#include "reference/DeviceProblem.h"
#include "reference/Reference.h"
#include "reference/RowProblem.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ThreadPool.h"
#include <atomic>
#include <map>
#include <mutex>

using namespace hipdex;

namespace {

/// Devices that the workers share. A context keeps the kernels that it gave
/// out, and the emulator their decoded instructions, so after some checks it
/// gives way to a fresh one.
class Devices {
public:
  explicit Devices(const CheckOptions &options) : options(options) {}

  llvm::Expected<std::shared_ptr<Device>> get(const Arch &arch) {
    constexpr unsigned maxUses = 64;
    std::lock_guard<std::mutex> lock(mutex);
    Entry &entry = entries[arch.name];
    if (!entry.device || entry.uses == maxUses) {
      auto opened =
          Device::choose(options.device, arch.name, options.cacheDirectory);
      if (!opened)
        return opened.takeError();
      entry = {std::move(*opened), 0};
    }
    ++entry.uses;
    return entry.device;
  }

private:
  struct Entry {
    std::shared_ptr<Device> device;
    unsigned uses = 0;
  };
  const CheckOptions &options;
  std::mutex mutex;
  std::map<llvm::StringRef, Entry> entries;
};

llvm::Error checkRows(Device &device, const hipdex_kernel *kernel,
                      const KernelKey &key, const Shape &shape) {
  auto problem = RowProblem::random(key, shape.options.seed);
  if (!problem)
    return problem.takeError();
  std::unique_ptr<RowProblem> got = (*problem)->clone();
  if (llvm::Error error = launchRows(device, kernel, *got))
    return error;
  std::string wrong = (*problem)->compare(*got);
  return wrong.empty() ? llvm::Error::success()
                       : llvm::createStringError(wrong);
}

llvm::Error checkShape(Device &device, const hipdex_kernel *kernel,
                       const KernelKey &key, const Shape &shape) {
  if (!Problem::isOf(key.op))
    return checkRows(device, kernel, key, shape);
  auto problem = Problem::random(key, shape.options);
  if (!problem)
    return problem.takeError();
  auto operands = DeviceProblem::create(device, *problem);
  if (!operands)
    return operands.takeError();
  if (shape.workgroups) {
    auto packed = (*operands)->describe(kernel, shape.workgroups);
    if (!packed)
      return packed.takeError();
    if (llvm::Error error = (*operands)->launch(kernel, *packed))
      return error;
  } else if (llvm::Error error = (*operands)->launch(kernel)) {
    return error;
  }
  auto logits = (*operands)->downloadLogits();
  if (!logits)
    return logits.takeError();
  Comparison result = compare(*problem, *logits);
  if (!result.passed())
    return llvm::createStringError(
        llvm::Twine(result.wrong) +
        " cells are wrong; first: " + result.firstWrong);
  return llvm::Error::success();
}

} // namespace

llvm::Expected<CheckResult>
hipdex::runChecks(uint64_t count, std::function<Check(uint64_t)> make,
                  const CheckOptions &options) {
  Devices devices(options);
  CheckResult result;
  std::string deviceError;
  std::mutex mutex;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> stop{false};

  auto run = [&](uint64_t number) {
    Check check = make(number);
    auto device = devices.get(*check.key.arch);
    if (!device) {
      std::lock_guard<std::mutex> lock(mutex);
      deviceError = llvm::toString(device.takeError());
      stop = true;
      return;
    }
    std::vector<std::string> wrong;
    const hipdex_kernel *kernel = nullptr;
    llvm::Error unusable = llvm::Error::success();
    if (hipdex_get_kernel((*device)->context(), check.key.str().c_str(),
                          &kernel) != HIPDEX_SUCCESS) {
      unusable = llvm::joinErrors(std::move(unusable), Device::lastError());
    } else if (options.inspect) {
      auto metadata = KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel));
      unusable = llvm::joinErrors(std::move(unusable),
                                  metadata ? options.inspect(*metadata)
                                           : metadata.takeError());
    }
    if (unusable)
      wrong.push_back(check.key.str() + ": " +
                      llvm::toString(std::move(unusable)) +
                      "\nhipdexc explain " + check.key.str());
    uint64_t problems = 0;
    if (kernel)
      for (const Shape &shape : check.shapes) {
        ++problems;
        if (llvm::Error error = checkShape(**device, kernel, check.key, shape))
          wrong.push_back(llvm::toString(std::move(error)) + "\n" +
                          runLine(check.key, shape, options.device));
      }

    std::lock_guard<std::mutex> lock(mutex);
    ++result.checks;
    result.problems += problems;
    if (!wrong.empty())
      result.failures.push_back({number, llvm::join(wrong, "\n")});
    if (result.failures.size() >= options.maxFailures)
      stop = true;
    if (options.progress)
      options.progress(result.checks);
  };

  llvm::DefaultThreadPool pool(llvm::hardware_concurrency());
  for (unsigned i = 0; i < pool.getMaxConcurrency(); ++i)
    pool.async([&] {
      while (!stop) {
        uint64_t number = next++;
        if (number >= count)
          return;
        run(number);
      }
    });
  pool.wait();
  if (!deviceError.empty())
    return llvm::createStringError(deviceError);
  llvm::sort(result.failures,
             [](const auto &a, const auto &b) { return a.number < b.number; });
  return result;
}
