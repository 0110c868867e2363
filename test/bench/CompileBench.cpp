//===- CompileBench.cpp - From a key to a kernel --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "API/hipdex-compiler.h"
#include "Spec/KernelKey.h"
#include "reference/Device.h"
#include <benchmark/benchmark.h>

using namespace hipdex;

static const char *decodeKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";

/// Key to code object in process, nothing cached: the whole compiler.
static void compile(benchmark::State &state, const std::string &key) {
  for (auto _ : state) {
    hipdex_compile_result *result = hipdex_compile(key.c_str(), nullptr);
    if (!result || hipdex_compile_result_error(result))
      state.SkipWithError(result ? hipdex_compile_result_error(result)
                                 : "out of memory");
    hipdex_compile_result_destroy(result);
  }
}

/// A kernel that is loaded already: what every launch of an engine pays.
static void memoryCacheHit(benchmark::State &state) {
  auto device = Device::find("emulator", "gfx950");
  if (!device) {
    state.SkipWithError(llvm::toString(device.takeError()).c_str());
    return;
  }
  const hipdex_kernel *kernel = nullptr;
  for (auto _ : state)
    if (hipdex_get_kernel((*device)->context(), decodeKey, &kernel) !=
        HIPDEX_SUCCESS)
      state.SkipWithError(hipdex_last_message());
}
BENCHMARK(memoryCacheHit);

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits)) {
    // The keys that engines use; the others cost the same.
    if (key.pageSize != 64 || !key.preshuffle)
      continue;
    std::string text = key.str();
    benchmark::RegisterBenchmark(
        ("compile/" + text).c_str(),
        [text](benchmark::State &state) { compile(state, text); })
        ->Unit(benchmark::kMillisecond)
        ->Iterations(1)
        ->Repetitions(9)
        ->ReportAggregatesOnly();
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
