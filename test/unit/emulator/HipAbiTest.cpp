//===- HipAbiTest.cpp - HIP's functions, used well and badly --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

using namespace hipdex::test;
using Catch::Contains;

// hipDeviceAttribute_t of HIP 6.
enum : int {
  attributeMaxThreadsPerBlock = 56,
  attributeMultiprocessorCount = 63,
  attributeMaxSharedMemoryPerBlock = 74,
  attributeWarpSize = 87,
};

TEST_CASE("Both architectures are devices") {
  int count = 0;
  REQUIRE(hipInit(0) == hipSuccess);
  REQUIRE(hipGetDeviceCount(&count) == hipSuccess);
  REQUIRE(count == 2);
  // MI300X and MI350X.
  const int computeUnits[] = {304, 256}, lds[] = {65536, 163840};
  for (int device = 0; device < 2; ++device) {
    char name[64];
    REQUIRE(hipDeviceGetName(name, sizeof(name), device) == hipSuccess);
    CHECK_THAT(name, Contains("emulator"));
    int value = 0;
    REQUIRE(hipDeviceGetAttribute(&value, attributeMultiprocessorCount,
                                  device) == hipSuccess);
    CHECK(value == computeUnits[device]);
    REQUIRE(hipDeviceGetAttribute(&value, attributeMaxSharedMemoryPerBlock,
                                  device) == hipSuccess);
    CHECK(value == lds[device]);
    REQUIRE(hipDeviceGetAttribute(&value, attributeWarpSize, device) ==
            hipSuccess);
    CHECK(value == 64);
    // hipDeviceProp_tR0600 has 1472 bytes; gcnArchName is at 1160.
    std::vector<char> properties(1472 + 64, 0x55);
    REQUIRE(hipGetDevicePropertiesR0600(properties.data(), device) ==
            hipSuccess);
    CHECK(std::string(&properties[1160]) == arches()[size_t(device)]);
    int fromProperties;
    std::memcpy(&fromProperties, &properties[388], 4); // multiProcessorCount
    CHECK(fromProperties == computeUnits[device]);
    for (size_t i = 1472; i < properties.size(); ++i)
      REQUIRE(properties[i] == 0x55);
    // The struct of HIP 5 has 792; gcnArchName is at 396.
    REQUIRE(hipGetDeviceProperties(properties.data(), device) == hipSuccess);
    CHECK(std::string(&properties[396]) == arches()[size_t(device)]);
  }
  int value;
  CHECK(hipDeviceGetAttribute(&value, 123456, 0) == hipErrorInvalidValue);
  CHECK_THAT(lastMessage(), Contains("123456"));
  CHECK(hipSetDevice(2) == hipErrorInvalidDevice);
  CHECK(hipSetDevice(-1) == hipErrorInvalidDevice);
  CHECK(hipGetDeviceCount(nullptr) == hipErrorInvalidValue);
  REQUIRE(hipDriverGetVersion(&value) == hipSuccess);
  CHECK(value >= 60000000);
}

TEST_CASE("The current device is the thread's own") {
  REQUIRE(hipSetDevice(1) == hipSuccess);
  int other = -1;
  std::thread([&] { (void)hipGetDevice(&other); }).join();
  CHECK(other == 0);
  REQUIRE(hipGetDevice(&other) == hipSuccess);
  CHECK(other == 1);
}

TEST_CASE("Memory is allocated, copied, set and freed") {
  uint64_t before = hipdex_emulator_live_allocations(nullptr);
  size_t freeBefore, total, freeAfter;
  REQUIRE(hipMemGetInfo(&freeBefore, &total) == hipSuccess);
  CHECK(freeBefore <= total);
  void *pointer = nullptr;
  REQUIRE(hipMalloc(&pointer, 1000) == hipSuccess);
  CHECK(reinterpret_cast<uintptr_t>(pointer) % 256 == 0);
  REQUIRE(hipMemGetInfo(&freeAfter, &total) == hipSuccess);
  CHECK(freeBefore - freeAfter == 1000);
  char host[1000], back[1000];
  for (int i = 0; i < 1000; ++i)
    host[i] = char(i * 7);
  REQUIRE(hipMemcpy(pointer, host, 1000, hipMemcpyHostToDevice) == hipSuccess);
  REQUIRE(hipMemsetAsync(static_cast<char *>(pointer) + 500, 9, 10, nullptr) ==
          hipSuccess);
  REQUIRE(hipMemsetD32(static_cast<char *>(pointer) + 600, -2, 3) ==
          hipSuccess);
  std::memset(host + 500, 9, 10);
  for (int i = 0; i < 3; ++i) {
    int word = -2;
    std::memcpy(host + 600 + 4 * i, &word, 4);
  }
  REQUIRE(hipMemcpy(back, pointer, 1000, hipMemcpyDefault) == hipSuccess);
  CHECK(std::memcmp(host, back, 1000) == 0);

  // One byte too many, in every function.
  CHECK(hipMemcpy(pointer, host, 1001, hipMemcpyHostToDevice) ==
        hipErrorInvalidValue);
  CHECK_THAT(lastMessage(), Contains("hipMemcpy") && Contains("1001"));
  CHECK(hipMemcpy(back, pointer, 1001, hipMemcpyDeviceToHost) ==
        hipErrorInvalidValue);
  CHECK(hipMemcpy(pointer, host, 1001, hipMemcpyDefault) ==
        hipErrorInvalidValue);
  CHECK(hipMemset(pointer, 0, 1001) == hipErrorInvalidValue);
  CHECK(hipMemsetD32(pointer, 0, SIZE_MAX / 2) == hipErrorInvalidValue);
  // Host memory where device memory is promised.
  CHECK(hipMemcpy(host, back, 10, hipMemcpyHostToDevice) ==
        hipErrorInvalidValue);
  CHECK(hipMemcpy(pointer, host, 10, 17) == hipErrorInvalidMemcpyDirection);
  CHECK(hipMemcpy(nullptr, host, 10, hipMemcpyHostToDevice) ==
        hipErrorInvalidValue);
  CHECK(hipMemcpy(nullptr, nullptr, 0, hipMemcpyHostToDevice) == hipSuccess);

  CHECK(hipFree(static_cast<char *>(pointer) + 16) == hipErrorInvalidValue);
  CHECK_THAT(lastMessage(), Contains("16 bytes into"));
  CHECK(hipFree(host) == hipErrorInvalidValue);
  REQUIRE(hipFree(pointer) == hipSuccess);
  CHECK(hipFree(pointer) == hipErrorInvalidValue);
  CHECK_THAT(lastMessage(), Contains("freed"));
  CHECK(hipFree(nullptr) == hipSuccess);
  CHECK(hipdex_emulator_live_allocations(nullptr) == before);
}

TEST_CASE("Odd sizes of memory") {
  void *pointer = &pointer;
  CHECK(hipMalloc(&pointer, 0) == hipSuccess);
  CHECK(pointer == nullptr);
  CHECK(hipMalloc(nullptr, 1) == hipErrorInvalidValue);
  CHECK(hipMalloc(&pointer, size_t(1) << 50) == hipErrorOutOfMemory);
  CHECK(pointer == nullptr);
  // 100 GiB of which two pages are used.
  size_t bytes = size_t(100) << 30;
  REQUIRE(hipMalloc(&pointer, bytes) == hipSuccess);
  char *data = static_cast<char *>(pointer);
  CHECK(data[bytes - 1] == 0);
  data[bytes - 1] = 1;
  CHECK(hipMalloc(&pointer, bytes) == hipErrorOutOfMemory);
  CHECK(hipFree(data) == hipSuccess);
  REQUIRE(hipHostMalloc(&pointer, 100, 0) == hipSuccess);
  CHECK(hipHostFree(pointer) == hipSuccess);
}

TEST_CASE("Streams and events") {
  hipStream_t stream = nullptr, second = nullptr;
  REQUIRE(hipStreamCreate(&stream) == hipSuccess);
  REQUIRE(hipStreamCreateWithFlags(&second, 1) == hipSuccess);
  CHECK(hipStreamCreateWithFlags(&second, 2) == hipErrorInvalidValue);
  hipEvent_t start = nullptr, stop = nullptr;
  REQUIRE(hipEventCreate(&start) == hipSuccess);
  REQUIRE(hipEventCreate(&stop) == hipSuccess);
  float milliseconds = -1;
  CHECK(hipEventElapsedTime(&milliseconds, start, stop) ==
        hipErrorInvalidHandle);
  REQUIRE(hipEventRecord(start, stream) == hipSuccess);
  LoadedModule module("Memory", "gfx950");
  Buffer<uint32_t> out(64);
  uint32_t *data = out.data;
  long index = 0;
  uint32_t value = 77;
  void *arguments[] = {&data, &index, &value};
  REQUIRE(hipModuleLaunchKernel(module.function("store_at"), 1, 1, 1, 64, 1, 1,
                                0, stream, arguments, nullptr) == hipSuccess);
  REQUIRE(hipEventRecord(stop, stream) == hipSuccess);
  REQUIRE(hipEventSynchronize(stop) == hipSuccess);
  REQUIRE(hipStreamSynchronize(stream) == hipSuccess);
  REQUIRE(hipStreamQuery(stream) == hipSuccess);
  CHECK(out[5] == 77);
  REQUIRE(hipEventElapsedTime(&milliseconds, start, stop) == hipSuccess);
  CHECK(milliseconds >= 0);
  int capturing = 5;
  CHECK(hipStreamIsCapturing(stream, &capturing) == hipSuccess);
  CHECK(capturing == 0);
  REQUIRE(hipStreamDestroy(stream) == hipSuccess);
  // A handle that is gone is an error, not a crash.
  CHECK(hipStreamSynchronize(stream) == hipErrorInvalidHandle);
  CHECK(hipStreamDestroy(stream) == hipErrorInvalidHandle);
  CHECK(hipStreamDestroy(nullptr) == hipErrorInvalidHandle);
  CHECK(hipEventRecord(start, stream) == hipErrorInvalidHandle);
  CHECK(hipModuleLaunchKernel(module.function("store_at"), 1, 1, 1, 64, 1, 1, 0,
                              stream, arguments,
                              nullptr) == hipErrorInvalidHandle);
  REQUIRE(hipEventDestroy(start) == hipSuccess);
  REQUIRE(hipEventDestroy(stop) == hipSuccess);
  CHECK(hipEventRecord(stop, nullptr) == hipErrorInvalidHandle);
  CHECK(hipEventSynchronize(nullptr) == hipErrorInvalidHandle);
  CHECK(hipDeviceSynchronize() == hipSuccess);
}

TEST_CASE("Launches with bad arguments are refused") {
  LoadedModule module("Memory", "gfx950");
  hipFunction_t function = module.function("store_at");
  Buffer<uint32_t> out(64);
  uint32_t *data = out.data;
  long index = 0;
  uint32_t value = 1;
  void *arguments[] = {&data, &index, &value};
  auto go = [&](unsigned gx, unsigned bx, unsigned by, unsigned lds,
                void **params, void **extra) {
    return hipModuleLaunchKernel(function, gx, 1, 1, bx, by, 1, lds, nullptr,
                                 params, extra);
  };
  CHECK(go(1, 64, 1, 0, arguments, nullptr) == hipSuccess);
  CHECK(go(0, 64, 1, 0, arguments, nullptr) == hipErrorInvalidConfiguration);
  CHECK(go(1, 0, 1, 0, arguments, nullptr) == hipErrorInvalidConfiguration);
  CHECK(go(1, 1025, 1, 0, arguments, nullptr) == hipErrorInvalidConfiguration);
  CHECK_THAT(lastMessage(),
             Contains("store_at") && Contains("1025") && Contains("1024"));
  CHECK(go(1, 1 << 16, 1 << 16, 0, arguments, nullptr) ==
        hipErrorInvalidConfiguration);
  CHECK(go(1u << 31, 64, 1, 0, arguments, nullptr) ==
        hipErrorInvalidConfiguration);
  CHECK(go(1, 64, 1, 1 << 20, arguments, nullptr) ==
        hipErrorInvalidConfiguration);
  CHECK(go(1, 64, 1, 0, nullptr, nullptr) == hipErrorInvalidValue);
  void *withNull[] = {&data, nullptr, &value};
  CHECK(go(1, 64, 1, 0, withNull, nullptr) == hipErrorInvalidValue);
  size_t size = 10;
  char buffer[64] = {};
  void *extra[] = {(void *)1, buffer, (void *)2, &size, (void *)3};
  CHECK(go(1, 64, 1, 0, arguments, extra) == hipErrorInvalidValue);
  CHECK(go(1, 64, 1, 0, nullptr, extra) == hipErrorInvalidValue); // too short
  size = 4000;
  CHECK(go(1, 64, 1, 0, nullptr, extra) == hipErrorInvalidValue); // too long
  void *nonsense[] = {(void *)9, buffer, (void *)3};
  CHECK(go(1, 64, 1, 0, nullptr, nonsense) == hipErrorInvalidValue);
  CHECK(hipModuleLaunchKernel(nullptr, 1, 1, 1, 64, 1, 1, 0, nullptr, arguments,
                              nullptr) == hipErrorInvalidHandle);
  // The kernel belongs to the other device.
  REQUIRE(hipSetDevice(0) == hipSuccess);
  CHECK(go(1, 64, 1, 0, arguments, nullptr) == hipErrorInvalidHandle);
}

TEST_CASE("Modules and kernels with bad arguments are refused") {
  useArch("gfx950");
  hipModule_t module = nullptr;
  hipFunction_t function = nullptr;
  CHECK(hipModuleLoad(&module, "/nowhere/nothing.hsaco") ==
        hipErrorFileNotFound);
  CHECK_THAT(lastMessage(), Contains("/nowhere/nothing.hsaco"));
  CHECK(hipModuleLoadData(&module, nullptr) == hipErrorInvalidValue);
  REQUIRE(hipModuleLoad(&module, kernelPath("Memory", "gfx950").c_str()) ==
          hipSuccess);
  CHECK(hipModuleGetFunction(&function, module, "absent") == hipErrorNotFound);
  CHECK_THAT(lastMessage(), Contains("absent") && Contains("store_at"));
  REQUIRE(hipModuleGetFunction(&function, module, "reduce") == hipSuccess);
  int value = 0;
  REQUIRE(hipFuncGetAttribute(&value, 1, function) == hipSuccess); // shared
  CHECK(value == 4096);
  REQUIRE(hipFuncGetAttribute(&value, 0, function) == hipSuccess);
  CHECK(value == 1024);
  CHECK(hipFuncGetAttribute(&value, 99, function) == hipErrorInvalidValue);
  REQUIRE(hipModuleUnload(module) == hipSuccess);
  CHECK(hipModuleUnload(module) == hipErrorInvalidHandle);
  CHECK(hipModuleGetFunction(&function, module, "reduce") ==
        hipErrorInvalidHandle);
  CHECK(hipFuncGetAttribute(&value, 0, function) == hipErrorInvalidHandle);
}

TEST_CASE("Errors have names and are remembered once") {
  (void)hipGetLastError();
  CHECK(hipSetDevice(99) == hipErrorInvalidDevice);
  CHECK(hipPeekAtLastError() == hipErrorInvalidDevice);
  CHECK(hipGetLastError() == hipErrorInvalidDevice);
  CHECK(hipGetLastError() == hipSuccess);
  CHECK(std::string(hipGetErrorName(209)) == "hipErrorNoBinaryForGpu");
  CHECK(std::string(hipGetErrorName(0)) == "hipSuccess");
  CHECK(std::string(hipGetErrorString(2)) == "out of memory");
  CHECK(std::string(hipGetErrorString(54321)) != "");
}

TEST_CASE("Threads launch and allocate at the same time") {
  std::vector<std::thread> threads;
  std::vector<int> failures(4);
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t, &failures] {
      // No Catch2 in threads: it is not thread safe.
      if (hipSetDevice(t % 2) != hipSuccess)
        ++failures[t];
      hipModule_t module = nullptr;
      hipFunction_t function = nullptr;
      std::string path = kernelPath("Memory", arches()[t % 2]);
      if (hipModuleLoad(&module, path.c_str()) != hipSuccess ||
          hipModuleGetFunction(&function, module, "store_at") != hipSuccess) {
        ++failures[t];
        return;
      }
      for (uint32_t round = 0; round < 50; ++round) {
        Buffer<uint32_t> out(64);
        if (launch(function, 1, 64, out.data, 0l, round) != hipSuccess ||
            out[round] != round)
          ++failures[t];
      }
      if (hipModuleUnload(module) != hipSuccess)
        ++failures[t];
    });
  for (std::thread &thread : threads)
    thread.join();
  for (int count : failures)
    CHECK(count == 0);
}
