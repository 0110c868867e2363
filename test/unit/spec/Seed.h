//===- Seed.h - Fresh random numbers that can be had again ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Catch2 prints a captured value when a check fails; set HIPDEX_TEST_SEED to it
// to see the same failure.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_SPEC_SEED_H
#define HIPDEX_TEST_SPEC_SEED_H

#include <cstdlib>
#include <random>

inline uint64_t testSeed() {
  if (const char *text = std::getenv("HIPDEX_TEST_SEED"))
    return std::strtoull(text, nullptr, 0);
  return std::random_device{}();
}

#endif // HIPDEX_TEST_SPEC_SEED_H
