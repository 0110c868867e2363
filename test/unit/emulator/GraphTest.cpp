//===- GraphTest.cpp - Tests of stream capture and graphs -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What is recorded and what is done, and what a capture forbids.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <thread>

using namespace hipdex::test;
using Catch::Contains;

enum : int { modeGlobal = 0, modeThreadLocal = 1, modeRelaxed = 2 };

namespace {
/// A stream, and what was captured on it.
struct CapturedStream {
  explicit CapturedStream(unsigned flags = 0) {
    REQUIRE(hipStreamCreateWithFlags(&stream, flags) == hipSuccess);
  }
  ~CapturedStream() {
    if (exec)
      hipGraphExecDestroy(exec);
    if (graph)
      hipGraphDestroy(graph);
    hipStreamDestroy(stream);
  }
  void begin(int mode = modeGlobal) {
    REQUIRE(hipStreamBeginCapture(stream, mode) == hipSuccess);
  }
  int status() {
    int result = -1;
    CHECK(hipStreamIsCapturing(stream, &result) == hipSuccess);
    return result;
  }
  /// The number of nodes.
  size_t end() {
    REQUIRE(hipStreamEndCapture(stream, &graph) == hipSuccess);
    size_t count = 0;
    REQUIRE(hipGraphGetNodes(graph, nullptr, &count) == hipSuccess);
    REQUIRE(hipGraphInstantiate(&exec, graph, nullptr, nullptr, 0) ==
            hipSuccess);
    return count;
  }

  hipStream_t stream = nullptr;
  hipGraph_t graph = nullptr;
  hipGraphExec_t exec = nullptr;
};
} // namespace

TEST_CASE("What is captured is done when the graph is launched, each time") {
  LoadedModule module("Memory", "gfx950");
  Buffer<uint32_t> out(64), copied(64);
  CapturedStream captured;
  CHECK(captured.status() == 0);
  captured.begin();
  CHECK(captured.status() == 1);
  std::memset(out.data, 0, 256);
  std::memset(copied.data, 0, 256);
  uint32_t *data = out.data;
  long index = 0;
  uint32_t value = 77;
  void *arguments[] = {&data, &index, &value};
  REQUIRE(hipModuleLaunchKernel(module.function("store_at"), 1, 1, 1, 64, 1, 1,
                                0, captured.stream, arguments,
                                nullptr) == hipSuccess);
  REQUIRE(hipMemcpyAsync(copied.data, out.data, 256, hipMemcpyDefault,
                         captured.stream) == hipSuccess);
  REQUIRE(hipMemsetAsync(out.data, 0x11, 4, captured.stream) == hipSuccess);
  // Nothing happened, and arguments were copied.
  CHECK(out[5] == 0);
  value = 0;
  index = 1000000;
  CHECK(captured.end() == 3);
  CHECK(captured.status() == 0);
  CHECK(out[5] == 0);
  for (int i = 0; i < 2; ++i) {
    std::memset(out.data, 0, 256);
    std::memset(copied.data, 0, 256);
    REQUIRE(hipGraphLaunch(captured.exec, captured.stream) == hipSuccess);
    CHECK(out[5] == 77);
    CHECK(out[0] == 0x11111111);
    CHECK(copied[5] == 77);
    CHECK(copied[0] == 77);
  }
  // The graph is no longer needed, and a launch can be captured itself.
  REQUIRE(hipGraphDestroy(captured.graph) == hipSuccess);
  captured.graph = nullptr;
  CapturedStream outer;
  outer.begin();
  std::memset(out.data, 0, 256);
  REQUIRE(hipGraphLaunch(captured.exec, outer.stream) == hipSuccess);
  CHECK(out[5] == 0);
  CHECK(outer.end() == 3);
  REQUIRE(hipGraphLaunch(outer.exec, nullptr) == hipSuccess);
  CHECK(out[5] == 77);
}

TEST_CASE(
    "A capture forbids what could not be replayed, and is spoiled by it") {
  useArch("gfx950");
  void *memory = nullptr;
  REQUIRE(hipMalloc(&memory, 256) == hipSuccess);
  hipModule_t module = nullptr;
  std::string path = kernelPath("Memory", "gfx950");
  CapturedStream captured;
  const std::pair<const char *, std::function<int()>> calls[] = {
      {"hipMalloc",
       [] {
         void *other;
         return hipMalloc(&other, 16);
       }},
      {"hipFree", [&] { return hipFree(memory); }},
      {"hipModuleLoad", [&] { return hipModuleLoad(&module, path.c_str()); }},
      {"hipDeviceSynchronize", [] { return hipDeviceSynchronize(); }},
      {"hipStreamSynchronize",
       [&] { return hipStreamSynchronize(captured.stream); }},
      {"hipMemcpy",
       [&] {
         int host;
         return hipMemcpy(&host, memory, 4, hipMemcpyDeviceToHost);
       }},
      {"hipMemset", [&] { return hipMemset(memory, 0, 4); }}};
  for (auto &[name, call] : calls) {
    INFO(name);
    captured.begin();
    CHECK(call() == hipErrorStreamCaptureUnsupported);
    CHECK_THAT(lastMessage(), Contains(name) && Contains("captured"));
    CHECK(captured.status() == 2);
    CHECK(hipMemsetAsync(memory, 0, 4, captured.stream) ==
          hipErrorStreamCaptureInvalidated);
    hipGraph_t graph = memory;
    CHECK(hipStreamEndCapture(captured.stream, &graph) ==
          hipErrorStreamCaptureInvalidated);
    CHECK(graph == nullptr);
    CHECK(captured.status() == 0);
    CHECK(hipMemsetAsync(memory, 0, 4, captured.stream) == hipSuccess);
  }
  CHECK(module == nullptr);

  captured.begin();
  CHECK(hipMemsetAsync(memory, 0, 4, nullptr) == hipErrorStreamCaptureImplicit);
  CHECK(captured.status() == 2);
  hipGraph_t graph;
  hipStreamEndCapture(captured.stream, &graph);
  // A stream that does not wait for the null stream leaves it alone.
  CapturedStream unblocked(1);
  unblocked.begin();
  CHECK(hipMemsetAsync(memory, 0, 4, nullptr) == hipSuccess);
  CHECK(unblocked.status() == 1);
  unblocked.end();
  REQUIRE(hipFree(memory) == hipSuccess);
}

TEST_CASE("The capture's mode says whom it binds") {
  useArch("gfx950");
  auto allocate = [] {
    void *memory = nullptr;
    int error = hipMalloc(&memory, 16);
    if (memory)
      hipFree(memory);
    return error;
  };
  auto allocateElsewhere = [&] {
    int error;
    std::thread([&] { error = allocate(); }).join();
    return error;
  };
  CapturedStream captured;
  hipGraph_t graph = nullptr;
  captured.begin(modeThreadLocal);
  CHECK(allocateElsewhere() == hipSuccess);
  CHECK(captured.status() == 1);
  CHECK(allocate() == hipErrorStreamCaptureUnsupported);
  hipStreamEndCapture(captured.stream, &graph);
  captured.begin(modeGlobal);
  CHECK(allocateElsewhere() == hipErrorStreamCaptureUnsupported);
  hipStreamEndCapture(captured.stream, &graph);
  captured.begin(modeRelaxed);
  CHECK(allocate() == hipSuccess);
  // And any thread may end it.
  std::thread([&] {
    CHECK(hipStreamEndCapture(captured.stream, &graph) == hipSuccess);
  }).join();
  CHECK(hipGraphDestroy(graph) == hipSuccess);
  // What PyTorch's allocator does around its hipMalloc.
  captured.begin(modeGlobal);
  int mode = modeRelaxed;
  REQUIRE(hipThreadExchangeStreamCaptureMode(&mode) == hipSuccess);
  CHECK(mode == modeGlobal);
  CHECK(allocate() == hipSuccess);
  REQUIRE(hipThreadExchangeStreamCaptureMode(&mode) == hipSuccess);
  CHECK(mode == modeRelaxed);
  std::thread([&] {
    CHECK(hipStreamEndCapture(captured.stream, &graph) ==
          hipErrorStreamCaptureWrongThread);
  }).join();
  CHECK(captured.end() == 0);
}

TEST_CASE("Captures and graphs with bad arguments are refused") {
  useArch("gfx950");
  CapturedStream captured;
  hipGraph_t graph = nullptr;
  hipGraphExec_t exec = nullptr;
  CHECK(hipStreamBeginCapture(nullptr, 0) == hipErrorStreamCaptureUnsupported);
  CHECK(hipStreamBeginCapture(captured.stream, 3) == hipErrorInvalidValue);
  CHECK(hipStreamEndCapture(captured.stream, &graph) == hipErrorIllegalState);
  CHECK(hipStreamEndCapture(captured.stream, nullptr) == hipErrorInvalidValue);
  captured.begin();
  CHECK(hipStreamBeginCapture(captured.stream, 0) == hipErrorIllegalState);
  captured.end();
  CHECK(hipGraphInstantiate(&exec, &captured, nullptr, nullptr, 0) ==
        hipErrorInvalidHandle);
  CHECK(hipGraphInstantiate(nullptr, captured.graph, nullptr, nullptr, 0) ==
        hipErrorInvalidValue);
  CHECK(hipGraphLaunch(nullptr, nullptr) == hipErrorInvalidHandle);
  CHECK(hipGraphDestroy(captured.exec) == hipErrorInvalidHandle);
  CHECK(hipGraphExecDestroy(captured.graph) == hipErrorInvalidHandle);

  // A kernel whose module is gone by the time of the launch.
  CapturedStream late;
  Buffer<uint32_t> out(64);
  {
    LoadedModule module("Memory", "gfx950");
    hipFunction_t function = module.function("store_at");
    uint32_t *data = out.data;
    long index = 0;
    uint32_t value = 1;
    void *arguments[] = {&data, &index, &value};
    late.begin();
    REQUIRE(hipModuleLaunchKernel(function, 1, 1, 1, 64, 1, 1, 0, late.stream,
                                  arguments, nullptr) == hipSuccess);
    // A launch that could not be is refused at once.
    CHECK(hipModuleLaunchKernel(function, 0, 1, 1, 64, 1, 1, 0, late.stream,
                                arguments,
                                nullptr) == hipErrorInvalidConfiguration);
    CHECK(late.end() == 1);
  }
  CHECK(hipGraphLaunch(late.exec, nullptr) == hipErrorInvalidHandle);
}
