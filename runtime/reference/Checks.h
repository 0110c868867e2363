//===- Checks.h - Many kernels on many problems, on all cores ---*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_CHECKS_H
#define HIPDEX_REFERENCE_CHECKS_H

#include "Spec/KernelMetadata.h"
#include "reference/RandomShape.h"
#include "llvm/Support/Error.h"
#include <functional>

namespace hipdex {

/// A kernel and what it is tried on.
struct Check {
  KernelKey key;
  std::vector<Shape> shapes;
};

struct CheckFailure {
  uint64_t number;  ///< Of the check.
  std::string what; ///< What is wrong, and in the next line how to repeat it.
};

struct CheckOptions {
  /// As Device::choose() takes it.
  std::string device = "emulator";
  /// The context's folder of kernels (hipdex.h); "" is none.
  const char *cacheDirectory = nullptr;
  /// No more checks start when so many have failed.
  uint64_t maxFailures = 1;
  /// What else must hold of a kernel.
  std::function<llvm::Error(const KernelMetadata &metadata)> inspect;
  /// Called after each check with how many are done; one call at a time.
  std::function<void(uint64_t done)> progress;
};

struct CheckResult {
  uint64_t checks = 0, problems = 0;  ///< Finished, whatever their result.
  std::vector<CheckFailure> failures; ///< By number.
};

/// Runs checks 0 to count - 1 as \p make gives them, which is called by many
/// threads. Checks start in order, so the first failure is the same whatever
/// the number of threads. Fails when there is no device.
llvm::Expected<CheckResult>
runChecks(uint64_t count, std::function<Check(uint64_t number)> make,
          const CheckOptions &options);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_CHECKS_H
