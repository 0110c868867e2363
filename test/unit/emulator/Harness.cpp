//===- Harness.cpp - What the emulator's tests share ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace hipdex::test {

uint64_t seed() {
  static const uint64_t value = [] {
    const char *text = std::getenv("HIPDEX_TEST_SEED");
    std::random_device device;
    uint64_t chosen = text ? std::strtoull(text, nullptr, 0)
                           : uint64_t(device()) << 32 | device();
    std::printf("HIPDEX_TEST_SEED=%llu\n", (unsigned long long)chosen);
    std::fflush(stdout);
    return chosen;
  }();
  return value;
}

const std::vector<std::string> &arches() {
  static const std::vector<std::string> names = {"gfx942", "gfx950"};
  return names;
}

void useArch(const std::string &arch) {
  for (size_t i = 0; i < arches().size(); ++i)
    if (arches()[i] == arch)
      REQUIRE(hipSetDevice(int(i)) == hipSuccess);
}

std::string kernelPath(const std::string &name, const std::string &arch) {
  return std::string(HIPDEX_TEST_KERNELS) + "/" + name + "." + arch + ".hsaco";
}

std::vector<char> readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return std::vector<char>(std::istreambuf_iterator<char>(file), {});
}

LoadedModule::LoadedModule(const std::string &name, const std::string &arch) {
  useArch(arch);
  int status = hipModuleLoad(&handle, kernelPath(name, arch).c_str());
  INFO(lastMessage());
  REQUIRE(status == hipSuccess);
}

LoadedModule::LoadedModule(const std::vector<char> &image) {
  int status = hipModuleLoadData(&handle, image.data());
  INFO(lastMessage());
  REQUIRE(status == hipSuccess);
}

LoadedModule::~LoadedModule() { (void)hipModuleUnload(handle); }

hipFunction_t LoadedModule::function(const std::string &name) const {
  hipFunction_t function = nullptr;
  int status = hipModuleGetFunction(&function, handle, name.c_str());
  INFO(lastMessage());
  REQUIRE(status == hipSuccess);
  return function;
}

std::string lastMessage() { return hipdex_emulator_last_error(); }

} // namespace hipdex::test
