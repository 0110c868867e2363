//===- RuntimeBench.cpp - What the runtime costs a caller -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Against a HIP that does nothing: a hit in the memory cache, by one thread and
// by two at once, and a launch beside the raw call with the same arguments.
// The goals: at most 150 ns a hit, no loss with two threads, at most 300 ns
// above the raw call.
//
//===----------------------------------------------------------------------===//

#include "Spec/CacheLayout.h"
#include "Spec/KernelKey.h"
#include "hipdex/hipdex.hpp"
#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>

using namespace hipdex;

static const char *const keyText =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";

/// Opened once, with the kernel and some others loaded.
static Context &context() {
  static Context *opened = [] {
    setenv("HIPDEX_COMPILER_LIBRARY", FAKE_COMPILER, 1);
    ContextOptions options;
    options.provider = FAKE_HIP;
    options.cacheDirectory = "";
    Result<Context> context = Context::open(options);
    auto fail = [](const Status &status) {
      std::fprintf(stderr, "%s\n", status.message().c_str());
      std::exit(1);
    };
    if (!context)
      fail(context.status());
    unsigned count = 0;
    for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits))
      if (key.arch->name == "gfx950" && ++count <= 200)
        if (Result<Kernel> kernel = context->kernel(key.str().c_str()); !kernel)
          fail(kernel.status());
    return new Context(std::move(*context));
  }();
  return *opened;
}

static void memoryHit(benchmark::State &state) {
  hipdex_context *raw = context().get();
  const hipdex_kernel *kernel = nullptr;
  for (auto _ : state) {
    hipdex_get_kernel(raw, keyText, &kernel);
    benchmark::DoNotOptimize(kernel);
  }
}
// The time of an iteration is that of each thread.
BENCHMARK(memoryHit)->Threads(1)->Threads(2)->UseRealTime();

static hipdex_paged_mqa_logits_args arguments() {
  static char memory[1 << 16] __attribute__((aligned(64)));
  hipdex_paged_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.batch = 4;
  args.q = memory;
  args.q_stride_request = args.q_stride_token = 64 * 128;
  args.q_stride_head = 128;
  args.cache.data = memory;
  args.cache.bytes = sizeof(memory);
  args.cache.num_pages = 7;
  args.cache.page_stride = 64 * 132;
  args.cache.layout_hash = KernelKey::parse(keyText)->layout().hash();
  args.weights = reinterpret_cast<float *>(memory);
  args.weights_stride = 64;
  args.context_lens = reinterpret_cast<int32_t *>(memory);
  args.block_table = reinterpret_cast<int32_t *>(memory);
  args.table_width = args.table_stride = 7;
  args.logits = reinterpret_cast<float *>(memory);
  args.width = args.logits_stride = 400;
  return args;
}

static void launch(benchmark::State &state) {
  Result<Kernel> kernel = context().kernel(keyText);
  hipdex_paged_mqa_logits_args args = arguments();
  for (auto _ : state)
    if (hipdex_launch_paged_mqa_logits(kernel->get(), &args, nullptr))
      return state.SkipWithError(hipdex_last_message());
}
BENCHMARK(launch);

static void rawLaunch(benchmark::State &state) {
  auto *hipModuleLaunchKernel =
      context()
          .hipFunction<int(void *, unsigned, unsigned, unsigned, unsigned,
                           unsigned, unsigned, unsigned, void *, void **,
                           void **)>("hipModuleLaunchKernel");
  Result<Kernel> kernel = context().kernel(keyText);
  hipdex_paged_mqa_logits_args args = arguments();
  uint32_t workgroups = 0, threads = 0;
  char bytes[256];
  size_t size = sizeof(bytes);
  if (hipdex_describe_paged_mqa_logits(kernel->get(), &args, &workgroups,
                                       &threads, bytes, &size))
    return state.SkipWithError(hipdex_last_message());
  void *extra[] = {reinterpret_cast<void *>(1), bytes,
                   reinterpret_cast<void *>(2), &size,
                   reinterpret_cast<void *>(3)};
  for (auto _ : state)
    hipModuleLaunchKernel(nullptr, workgroups, 1, 1, threads, 1, 1, 0, nullptr,
                          nullptr, extra);
}
BENCHMARK(rawLaunch);

BENCHMARK_MAIN();
