//===- Main.cpp - Catch2's main, with a fresh seed ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#define CATCH_CONFIG_RUNNER
#include "Harness.h"
#include <catch2/catch.hpp>
#include <iostream>

int main(int argc, char **argv) {
  std::cout << "HIPDEX_TEST_SEED=" << hipdex::testSeed()
            << " repeats this run, HIPDEX_TEST_KEY=<part of a key> narrows it"
            << std::endl;
  int result = Catch::Session().run(argc, argv);
  hipdex::closeDevices();
  return result;
}
