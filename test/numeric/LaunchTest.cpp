//===- LaunchTest.cpp - What a result must not depend on ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace hipdex;

TEST_CASE("every key: the same bits with any number of workgroups") {
  for (const KernelKey &key : testKeys()) {
    INFO(key.str());
    ProblemOptions options;
    options.batch = 9;
    options.contextLow = 0;
    options.contextHigh = 400;
    Problem problem = draw(key, options);
    INFO("problem seed " << problem.seed);
    auto operands = DeviceProblem::create(deviceOf(*key.arch), problem);
    REQUIRE(bool(operands));
    const hipdex_kernel *kernel = kernelOf(key);
    std::vector<float> first;
    for (uint32_t workgroups : {1, 3, 64, 1000}) {
      INFO(workgroups << " workgroups");
      REQUIRE(!(*operands)->poisonLogits());
      auto packed = (*operands)->describe(kernel, workgroups);
      REQUIRE(bool(packed));
      if (llvm::Error error = (*operands)->launch(kernel, *packed))
        FAIL(llvm::toString(std::move(error)));
      auto logits = (*operands)->downloadLogits();
      REQUIRE(bool(logits));
      if (first.empty()) {
        first = *logits;
        CHECK(compare(problem, first).passed());
      }
      CHECK(std::memcmp(first.data(), logits->data(),
                        first.size() * sizeof(float)) == 0);
    }
  }
}
