//===- BuiltinTest.cpp - Single instructions and their formulas -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BuiltinFunctions.h"
#include "Differential.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace hipdex::test;

#define HIPDEX_HOST_CASE(name) {#name, name},
static const DifferentialCase cases[] = {
    HIPDEX_FOREACH_BUILTIN(HIPDEX_HOST_CASE)};

TEST_CASE("Single instructions give what the manuals say") {
  for (const std::string &arch : arches()) {
    LoadedModule module("BuiltinFunctions", arch);
    for (const DifferentialCase &item : cases) {
      INFO(item.name << " " << arch);
      CHECK(runDifferential(item, module) == "");
    }
  }
}

TEST_CASE("Approximations are as close as the manuals promise") {
  std::mt19937_64 random(seed());
  for (const std::string &arch : arches()) {
    LoadedModule module("BuiltinFunctions", arch);
    Buffer<float> in(1024), out(8 * 1024);
    for (unsigned i = 0; i < 1024; ++i)
      in[i] = float(std::ldexp(double(random() % 1000000 + 1) / 1000000,
                               int(random() % 14) - 7));
    REQUIRE(launch(module.function("approximations"), 16, 64, in.data,
                   out.data) == hipSuccess);
    for (unsigned i = 0; i < 1024; ++i) {
      double x = in[i];
      INFO(arch << " of " << x);
      // One unit in the last place of a result is at most 2^-23 of it.
      auto near = [](double result, double exact, double units) {
        return std::fabs(result - exact) <=
               units * std::ldexp(std::fabs(exact), -23);
      };
      CHECK(near(out[8 * i], 1 / x, 1));
      CHECK(near(out[8 * i + 1], 1 / std::sqrt(x), 1));
      CHECK(near(out[8 * i + 2], std::sqrt(x), 1));
      CHECK(near(out[8 * i + 3], std::exp2(x), 1));
      CHECK(std::fabs(out[8 * i + 4] - std::log2(x)) <=
            std::ldexp(1 + std::fabs(std::log2(x)), -22));
      // The argument is in revolutions.
      constexpr double pi = 3.14159265358979323846;
      CHECK(std::fabs(out[8 * i + 5] - std::sin(2 * pi * x)) <= 1e-6);
      CHECK(std::fabs(out[8 * i + 6] - std::cos(2 * pi * x)) <= 1e-6);
      CHECK(near(out[8 * i + 7], 1 / x, 1));
    }
  }
}
