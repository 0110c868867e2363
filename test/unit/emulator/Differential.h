//===- Differential.h - The same functions on host and GPU ------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_DIFFERENTIAL_H
#define HIPDEX_TEST_DIFFERENTIAL_H

#include "Harness.h"

namespace hipdex::test {

/// A function of four words that the kernel "kernel_<name>" computes too.
struct DifferentialCase {
  const char *name;
  unsigned long (*function)(unsigned long, unsigned long, unsigned long,
                            unsigned long);
};

/// Runs the kernel on random words and compares with the host's results. What
/// went wrong, or nothing.
std::string runDifferential(const DifferentialCase &item,
                            const LoadedModule &module);

} // namespace hipdex::test

#endif // HIPDEX_TEST_DIFFERENTIAL_H
