//===- ProviderTest.cpp - Tests of the emulator as a HIP provider ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Our own provider has every function of the table, and is a device.
//
//===----------------------------------------------------------------------===//

#include "hipdex/hipdex.hpp"
#include <catch2/catch.hpp>

using namespace hipdex;

TEST_CASE("the emulator exports every function of the table") {
  ContextOptions options;
  options.provider = "emulator";
  options.cacheDirectory = "";
  Result<Context> context = Context::open(options);
  INFO(context.status().message());
  REQUIRE(bool(context));
#define HIP_REQUIRED(name, parameters)                                         \
  CHECK(hipdex_get_hip_function(context->get(), #name) != nullptr);
#define HIP_OPTIONAL(name, parameters) HIP_REQUIRED(name, parameters)
#define HIP_STRING(name, parameters) HIP_REQUIRED(name, parameters)
#define HIP_CALLER(name, parameters) HIP_REQUIRED(name, parameters)
#include "src/HipFunctions.def"
  hipdex_device_info info = context->deviceInfo();
  CHECK((std::string(info.arch) == "gfx942" ||
         std::string(info.arch) == "gfx950"));
  CHECK(info.compute_units > 0);
}
