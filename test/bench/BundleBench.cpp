//===- BundleBench.cpp - Compiling ahead of time, and starting from it ----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How fast hipdexc compiles the key set of DeepSeek-V3.2 and how many bytes
// that gives; and how long a process takes from nothing to its first launch
// with a bundle of 500 kernels. That bundle is kept from run to run.
//
//===----------------------------------------------------------------------===//

#include "reference/Device.h"
#include "reference/DeviceProblem.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstdlib>

using namespace hipdex;

static constexpr size_t bundleSize = 500;

static int fail(llvm::StringRef message) {
  llvm::errs() << "bundle bench: " << message << "\n";
  return 1;
}

/// Compiles keys into a folder beside this program.
static std::string bundle(llvm::StringRef keySet, llvm::StringRef archs,
                          llvm::StringRef directory, bool resume) {
  std::vector<llvm::StringRef> arguments = {
      HIPDEXC, "bundle", "--keyset", keySet, "--arch", archs, "-o", directory};
  if (resume)
    arguments.push_back("--resume");
  std::string message;
  int status = llvm::sys::ExecuteAndWait(HIPDEXC, arguments, std::nullopt, {},
                                         0, 0, &message);
  return status == 0 ? "" : "hipdexc bundle failed " + message;
}

/// From no context to a launch that has run.
static void firstLaunch(benchmark::State &state, const std::string &directory,
                        const std::string &key,
                        const hipdex_paged_mqa_logits_args &args) {
  for (auto _ : state) {
    hipdex_context_options options = {};
    options.struct_size = sizeof(options);
    options.provider = "emulator";
    options.bundle_path = directory.c_str();
    options.cache_dir = "";
    options.flags = HIPDEX_CONTEXT_NO_JIT;
    hipdex_context *context = nullptr;
    const hipdex_kernel *kernel = nullptr;
    if (hipdex_context_create(&options, &context) != HIPDEX_SUCCESS ||
        hipdex_get_kernel(context, key.c_str(), &kernel) != HIPDEX_SUCCESS ||
        hipdex_launch_paged_mqa_logits(kernel, &args, nullptr) !=
            HIPDEX_SUCCESS)
      state.SkipWithError(hipdex_last_message());
    // Or the next one would share the manifest.
    hipdex_context_destroy(context);
  }
}

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  for (const char *name : {"HIPDEX_BUNDLE_PATH", "HIPDEX_JIT"})
    unsetenv(name);
  std::string folder = BENCH_FOLDER;
  if (std::string message = bundle("deepseek-v3.2", "gfx942,gfx950",
                                   folder + "/deepseek-v3.2", false);
      !message.empty())
    return fail(message);

  auto device = Device::open("emulator", 0, /*cacheDirectory=*/"");
  if (!device)
    return fail(llvm::toString(device.takeError()));
  llvm::StringRef arch = (*device)->info().arch;
  std::vector<KernelKey> keys;
  for (const KernelKey &key : KernelKey::all(Op::PagedMqaLogits))
    if (key.arch->name == arch)
      keys.push_back(key);
  // Spread over the fields.
  if (keys.size() < bundleSize)
    llvm::outs() << "only " << keys.size() << " keys for " << arch << "\n";
  size_t wanted = std::min(bundleSize, keys.size());
  std::string keySet = folder + "/" + std::to_string(bundleSize) + "-keys.txt";
  {
    std::error_code error;
    llvm::raw_fd_ostream file(keySet, error);
    if (error)
      return fail(keySet + ": " + error.message());
    for (size_t i = 0; i < wanted; ++i)
      file << keys[i * keys.size() / wanted].str() << "\n";
  }
  std::string directory = folder + "/" + std::to_string(bundleSize);
  if (std::string message = bundle(keySet, arch, directory, true);
      !message.empty())
    return fail(message);

  KernelKey key = keys[wanted / 2 * keys.size() / wanted];
  auto problem = Problem::random(key, {});
  if (!problem)
    return fail(llvm::toString(problem.takeError()));
  auto operands = DeviceProblem::create(**device, *problem);
  if (!operands)
    return fail(llvm::toString(operands.takeError()));
  std::string text = key.str();
  benchmark::RegisterBenchmark(
      ("first launch from " + std::to_string(wanted) + " kernels").c_str(),
      [&](benchmark::State &state) {
        firstLaunch(state, directory, text, (*operands)->args);
      })
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
