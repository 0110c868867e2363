//===- EmulatorBench.cpp - Instructions a second on one thread ------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "hipdex/hipdex-emulator.h"
#include "reference/Device.h"
#include "llvm/Support/MemoryBuffer.h"
#include <benchmark/benchmark.h>
#include <cstdlib>

using namespace hipdex;

/// Runs a kernel of loops.c in one wave; \p counted picks what is counted.
static void runLoop(benchmark::State &state, const char *kernel,
                    uint64_t (*counted)(const hipdex_emulator_counters &)) {
  auto fail = [&](llvm::Error error) {
    state.SkipWithError(llvm::toString(std::move(error)).c_str());
  };
  auto device = Device::find("emulator", "gfx942");
  if (!device)
    return fail(device.takeError());
  auto code = llvm::MemoryBuffer::getFile(HIPDEX_BENCH_LOOPS);
  if (!code)
    return fail(llvm::errorCodeToError(code.getError()));
  auto get = [&](auto &function, const char *name) {
    function = (*device)
                   ->function<std::remove_pointer_t<
                       std::remove_reference_t<decltype(function)>>>(name);
  };
  int (*load)(void **, const void *), (*unload)(void *);
  int (*getFunction)(void **, void *, const char *);
  int (*launch)(void *, unsigned, unsigned, unsigned, unsigned, unsigned,
                unsigned, unsigned, void *, void **, void **);
  decltype(&hipdex_emulator_get_counters) getCounters;
  decltype(&hipdex_emulator_reset_counters) resetCounters;
  get(load, "hipModuleLoadData");
  get(unload, "hipModuleUnload");
  get(getFunction, "hipModuleGetFunction");
  get(launch, "hipModuleLaunchKernel");
  get(getCounters, "hipdex_emulator_get_counters");
  get(resetCounters, "hipdex_emulator_reset_counters");
  void *module = nullptr, *function = nullptr;
  if (llvm::Error error = (*device)->hipError(
          "hipModuleLoadData", load(&module, (*code)->getBufferStart())))
    return fail(std::move(error));
  if (llvm::Error error = (*device)->hipError(
          "hipModuleGetFunction", getFunction(&function, module, kernel)))
    return fail(std::move(error));
  auto out = (*device)->allocate(64 * sizeof(float));
  if (!out)
    return fail(out.takeError());

  int count = 20000;
  void *arguments[] = {&*out, &count};
  resetCounters();
  for (auto _ : state)
    if (llvm::Error error = (*device)->hipError(
            "hipModuleLaunchKernel", launch(function, 1, 1, 1, 64, 1, 1, 0,
                                            nullptr, arguments, nullptr)))
      return fail(std::move(error));
  hipdex_emulator_counters counters = {};
  counters.struct_size = sizeof(counters);
  getCounters(&counters);
  state.SetItemsProcessed(counted(counters));
  (*device)->release(*out);
  unload(module);
}

// items_per_second is instructions a second.
static void valuLoop(benchmark::State &state) {
  runLoop(state, "valu",
          [](const hipdex_emulator_counters &c) { return c.instructions; });
}
static void mfma16x16x32(benchmark::State &state) {
  runLoop(state, "mfma16",
          [](const hipdex_emulator_counters &c) { return c.mfma; });
}
static void mfma32x32x16(benchmark::State &state) {
  runLoop(state, "mfma32",
          [](const hipdex_emulator_counters &c) { return c.mfma; });
}
BENCHMARK(valuLoop)->Unit(benchmark::kMillisecond);
BENCHMARK(mfma16x16x32)->Unit(benchmark::kMillisecond);
BENCHMARK(mfma32x32x16)->Unit(benchmark::kMillisecond);

int main(int argc, char **argv) {
  // Before the emulator is opened, which reads it once.
  ::setenv("HIPDEX_EMULATOR_THREADS", "1", 1);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
