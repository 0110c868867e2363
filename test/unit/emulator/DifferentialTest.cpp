//===- DifferentialTest.cpp - C on the host and on the GPU ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Differential.h"
#include "CFunctions.h"
#include <catch2/catch.hpp>

using namespace hipdex::test;

#define HIPDEX_HOST_CASE(name) {#name, name},
static const DifferentialCase cases[] = {HIPDEX_FOREACH_CASE(HIPDEX_HOST_CASE)};

TEST_CASE("C functions give what they give on the host") {
  for (const std::string &arch : arches())
    for (const char *level : {"O0", "O1", "O2", "O3"}) {
      LoadedModule module(std::string("CFunctions-") + level, arch);
      for (const DifferentialCase &item : cases) {
        INFO(item.name << " " << arch << " -" << level);
        CHECK(runDifferential(item, module) == "");
      }
    }
}
