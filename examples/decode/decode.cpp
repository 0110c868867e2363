//===- decode.cpp - DeepSeek-V3.2 decode, from key to logits --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a serving engine does in each layer of a decode step: 64 requests with
// contexts of 8k to 9k tokens, 64 heads of 128, fp8, a preshuffled cache with
// pages of 64. Get the kernel of a key, launch it with your pointers on your
// stream: first one that quantizes bf16 K rows into the cache, then the one
// that computes the logits. Then what no engine does: every byte of the cache
// is compared, and every cell of the logits with float64.
//
// The data comes from runtime/reference; everything else is hipdex.hpp.
//
//===----------------------------------------------------------------------===//

#include "ProgressBar.h"
#include "hipdex/hipdex-emulator.h"
#include "hipdex/hipdex.hpp"
#include "reference/QuantStore.h"
#include "reference/Random.h"
#include "reference/Reference.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

namespace cl = llvm::cl;
using hipdex::Context;
using hipdex::Problem;
using hipdex::QuantStoreProblem;

static cl::OptionCategory category("Options of this example");
static cl::opt<std::string>
    deviceOption("device", cl::cat(category), cl::init("auto"),
                 cl::value_desc("auto|emulator|hip"),
                 cl::desc("auto (default): a GPU if HIP finds one, else the "
                          "emulator"));
static cl::opt<std::string>
    archOption("arch", cl::cat(category), cl::value_desc("gfx942|gfx950"),
               cl::desc("Architecture of the emulated device (gfx950)"));
static cl::opt<unsigned>
    seedOption("seed", cl::cat(category), cl::value_desc("N"),
               cl::desc("Seed of the random data (a fresh one)"));

static int fail(const std::string &message) {
  llvm::errs() << "decode: error: " << message << "\n";
  return 1;
}

static double millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

/// The device and whether it is the emulator's.
static hipdex::Result<Context> openDevice(bool &isEmulator) {
  isEmulator = false;
  if (deviceOption != "emulator") {
    hipdex::ContextOptions options;
    options.provider = "hip";
    auto context = Context::open(options);
    bool usable =
        context && hipdex::lookupArch(context->deviceInfo().arch) != nullptr;
    if (usable || deviceOption == "hip")
      return context;
  }
  isEmulator = true;
  std::string arch = archOption.empty() ? "gfx950" : archOption.getValue();
  for (int number = 0;; ++number) {
    hipdex::ContextOptions options;
    options.provider = "emulator";
    options.device = number;
    auto context = Context::open(options);
    if (!context || arch == context->deviceInfo().arch)
      return context;
  }
}

/// The HIP calls of this program. An application that links HIP just calls
/// them; this one must also run where there is only the emulator.
struct Hip {
  int (*malloc)(void **, size_t);
  int (*free)(void *);
  int (*memcpy)(void *, const void *, size_t, int);
  int (*streamCreate)(void **);
  int (*streamSynchronize)(void *);
  int (*streamDestroy)(void *);

  explicit Hip(const Context &context)
      : malloc(context.hipFunction<int(void **, size_t)>("hipMalloc")),
        free(context.hipFunction<int(void *)>("hipFree")),
        memcpy(context.hipFunction<int(void *, const void *, size_t, int)>(
            "hipMemcpy")),
        streamCreate(context.hipFunction<int(void **)>("hipStreamCreate")),
        streamSynchronize(
            context.hipFunction<int(void *)>("hipStreamSynchronize")),
        streamDestroy(context.hipFunction<int(void *)>("hipStreamDestroy")) {}
  bool complete() const {
    return malloc && free && memcpy && streamCreate && streamSynchronize &&
           streamDestroy;
  }
};

/// Device memory with a copy of host memory.
class Buffer {
public:
  Buffer(const Hip &hip, const void *data, size_t bytes) : hip(hip) {
    constexpr int hostToDevice = 1;
    failed = hip.malloc(&pointer, bytes) != 0 ||
             hip.memcpy(pointer, data, bytes, hostToDevice) != 0;
  }
  ~Buffer() { hip.free(pointer); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  template <typename T> T *as() const { return static_cast<T *>(pointer); }
  bool failed;

private:
  const Hip &hip;
  void *pointer = nullptr;
};

/// A bf16 K row for each token of each request, to be stored where the
/// request's block table says. The cache is the problem's, with K that is not
/// there yet: NaNs.
static QuantStoreProblem drawRows(const Problem &problem) {
  QuantStoreProblem rows;
  rows.key = problem.key;
  rows.key.op = hipdex::Op::KQuantStore;
  for (int64_t b = 0; b < problem.batch; ++b)
    rows.tokens += problem.contextLen(b);
  rows.kStride = problem.key.headDim;
  rows.numPages = problem.numPages;
  rows.pageStride = problem.pageStride;
  rows.allocate();
  std::memset(rows.cache.data(), 0x7f, rows.cache.size());
  auto *k = reinterpret_cast<uint16_t *>(rows.k.data());
  auto *slots = reinterpret_cast<int64_t *>(rows.slots.data());
  int64_t row = 0;
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t p = 0; p < problem.contextLen(b); ++p, ++row) {
      slots[row] = problem.slot(b, p);
      hipdex::Random random(problem.seed, /*stream=*/1000, row);
      float magnitude = std::ldexp(1.0f, int(random.below(8)) - 4);
      for (int64_t d = 0; d < problem.key.headDim; ++d) {
        float value = random.normal() * magnitude;
        // The upper half of a float is a bf16.
        std::memcpy(&k[row * rows.kStride + d],
                    reinterpret_cast<const char *>(&value) + 2, 2);
      }
    }
  return rows;
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "K rows into the paged cache, and the logits of a DeepSeek-V3.2 decode "
      "step: batch 64, contexts of 8k to 9k tokens, 64 heads, head_dim 128, "
      "pages of 64, preshuffled\n");

  // 1. A device.
  bool isEmulator;
  auto opened = openDevice(isEmulator);
  if (!opened)
    return fail(opened.status().message());
  Context &context = *opened;
  hipdex_device_info info = context.deviceInfo();
  const hipdex::Arch *arch = hipdex::lookupArch(info.arch);
  if (!arch)
    return fail(std::string("no kernels for ") + info.arch);
  llvm::outs() << "device            " << info.name << ", " << info.arch << ", "
               << info.compute_units << " compute units, "
               << (isEmulator ? "by the emulator on this CPU"
                              : "by HIP from " + std::string(info.provider))
               << (isEmulator && deviceOption == "auto"
                       ? " (HIP finds no supported GPU here)\n"
                       : "\n");
  llvm::outs().flush();

  // 2. Data: queries, weights, block tables, and bf16 K rows of all tokens.
  ProgressBar progress(6);
  hipdex::KernelKey key;
  key.arch = arch;
  key.pageSize = key.kvBlockSize = 64;
  key.headDim = 128;
  key.heads = 64;
  key.nextN = 1;
  key.preshuffle = true;
  key.fp8 = arch->fp8;
  progress.stage("drawing K rows");
  hipdex::ProblemOptions options;
  options.batch = 64;
  options.contextLow = 8 << 10;
  options.contextHigh = 9 << 10;
  options.seed =
      seedOption.getNumOccurrences() ? seedOption : std::random_device{}();
  auto random = Problem::random(key, options);
  if (!random)
    return fail(llvm::toString(random.takeError()));
  const Problem &problem = *random;
  QuantStoreProblem rows = drawRows(problem);

  // 3. The kernels. The second lookup is what every later call costs.
  progress.stage("compiling");
  std::string keyText = key.str(), storeKeyText = rows.key.str();
  auto start = std::chrono::steady_clock::now();
  auto storeKernel = context.kernel(storeKeyText.c_str());
  if (!storeKernel)
    return fail(storeKernel.status().message());
  auto kernel = context.kernel(keyText.c_str());
  double compileMilliseconds = millisecondsSince(start);
  if (!kernel)
    return fail(kernel.status().message());
  start = std::chrono::steady_clock::now();
  auto again = context.kernel(keyText.c_str());
  double lookupMilliseconds = millisecondsSince(start);
  if (!again)
    return fail(again.status().message());

  // 4. Buffers and a stream: yours, in an application.
  Hip hip(context);
  if (!hip.complete())
    return fail(std::string(info.provider) + " is not HIP");
  std::vector<float> logits(problem.logitsElements());
  std::vector<uint32_t> poison(logits.size(), Problem::poison);
  Buffer q(hip, problem.q.data(), problem.q.size());
  Buffer k(hip, rows.k.data(), rows.k.size());
  Buffer slots(hip, rows.slots.data(), rows.slots.size());
  uint32_t problems = 0;
  Buffer error(hip, &problems, sizeof(problems));
  Buffer cache(hip, rows.cache.data(), rows.cache.size());
  Buffer weights(hip, problem.weights.data(),
                 problem.weights.size() * sizeof(float));
  Buffer contextLens(hip, problem.contextLens.data(),
                     problem.contextLens.size() * sizeof(int32_t));
  Buffer blockTable(hip, problem.blockTable.data(),
                    problem.blockTable.size() * sizeof(int32_t));
  Buffer out(hip, poison.data(), poison.size() * sizeof(uint32_t));
  void *stream = nullptr;
  if (q.failed || k.failed || slots.failed || error.failed || cache.failed ||
      weights.failed || contextLens.failed || blockTable.failed || out.failed ||
      hip.streamCreate(&stream) != 0)
    return fail("no device memory");

  // 5. The launches, one behind the other on the stream. Whoever made the cache
  // says what its layout is.
  auto layout = hipdex::layoutHash(key.layout().str().c_str());
  if (!layout)
    return fail(layout.status().message());
  hipdex_k_quant_store_args storeArgs = {};
  storeArgs.struct_size = sizeof(storeArgs);
  storeArgs.tokens = rows.tokens;
  storeArgs.k = k.as<void>();
  storeArgs.k_stride = rows.kStride;
  storeArgs.slots = slots.as<void>();
  storeArgs.cache = {cache.as<void>(), rows.cache.size(), rows.numPages,
                     rows.pageStride, *layout};
  storeArgs.error = error.as<uint32_t>();
  hipdex_paged_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.batch = problem.batch;
  args.q = q.as<void>();
  args.q_stride_request = problem.qStrideRequest;
  args.q_stride_token = problem.qStrideToken;
  args.q_stride_head = problem.qStrideHead;
  args.cache = storeArgs.cache;
  args.weights = weights.as<float>();
  args.weights_stride = problem.weightsStride;
  args.context_lens = contextLens.as<int32_t>();
  args.block_table = blockTable.as<int32_t>();
  args.table_width = problem.tableWidth;
  args.table_stride = problem.tableStride;
  args.logits = out.as<float>();
  args.width = problem.width;
  args.logits_stride = problem.logitsStride;
  progress.stage(isEmulator ? "emulating the store" : "storing");
  start = std::chrono::steady_clock::now();
  hipdex::Status stored = storeKernel->launch(storeArgs, stream);
  if (!stored)
    return fail(stored.message());
  // Only to tell the times apart.
  if (hip.streamSynchronize(stream) != 0)
    return fail("the kernel failed");
  double storeMilliseconds = millisecondsSince(start);
  auto *getCounters =
      context.hipFunction<decltype(hipdex_emulator_get_counters)>(
          "hipdex_emulator_get_counters");
  auto instructions = [&]() -> uint64_t {
    if (!getCounters)
      return 0;
    hipdex_emulator_counters counters = {};
    counters.struct_size = sizeof(counters);
    getCounters(&counters);
    return counters.instructions;
  };
  uint64_t storeInstructions = instructions();
  progress.stage(isEmulator ? "emulating the logits" : "launching");
  start = std::chrono::steady_clock::now();
  hipdex::Status launched = kernel->launch(args, stream);
  if (!launched)
    return fail(launched.message());
  if (hip.streamSynchronize(stream) != 0)
    return fail("the kernel failed");
  double launchMilliseconds = millisecondsSince(start);
  hip.streamDestroy(stream);

  // 6. The check: the cache to the byte, and the logits of what is in it.
  progress.stage("comparing");
  constexpr int deviceToHost = 2;
  std::vector<uint8_t> cacheAfter(rows.cache.size());
  if (hip.memcpy(logits.data(), out.as<void>(), logits.size() * sizeof(float),
                 deviceToHost) != 0 ||
      hip.memcpy(cacheAfter.data(), cache.as<void>(), cacheAfter.size(),
                 deviceToHost) != 0 ||
      hip.memcpy(&problems, error.as<void>(), sizeof(problems), deviceToHost) !=
          0)
    return fail("cannot read the results");
  rows.execute();
  if (problems != 0)
    return fail("the store flags " + std::to_string(problems));
  if (cacheAfter != rows.cache)
    return fail("the cache is not what the reference stores");
  std::memcpy(problem.kv.get(), rows.cache.data(), rows.cache.size());
  hipdex::Comparison result = hipdex::compare(
      problem, logits, [&](double share) { progress.done(share); });

  // 7. The table.
  progress.finish();
  // The disk cache is broken: kernels work, but are compiled each time. The
  // first one says so.
  if (!storeKernel.status().message().empty())
    llvm::errs() << "decode: warning: " << storeKernel.status().message()
                 << "\n";
  int64_t tokens = rows.tokens;
  llvm::raw_ostream &os = llvm::outs();
  os << "keys              " << storeKeyText << "\n";
  os << "                  " << keyText << "\n";
  os << "problem           " << problem.batch << " requests, " << tokens
     << " tokens, seed " << problem.seed << "\n";
  os << (context.counters().compiles ? "compile           "
                                     : "disk cache        ")
     << llvm::format("%.1f ms\n", compileMilliseconds);
  os << "second lookup     "
     << llvm::format("%.2f us\n", lookupMilliseconds * 1000);
  os << "store             " << llvm::format("%.1f ms", storeMilliseconds)
     << (isEmulator ? " (emulator time, says nothing of a GPU)\n" : "\n");
  os << "logits            " << llvm::format("%.1f ms", launchMilliseconds)
     << (isEmulator ? " (emulator time, says nothing of a GPU)\n" : "\n");
  os << "bytes checked     " << cacheAfter.size() << " of the cache\n";
  os << "cells checked     " << result.cells << " written, " << result.untouched
     << " untouched\n";
  os << "worst error       "
     << llvm::format("%.2e of the magnitude (allowed %.0e)\n", result.worst,
                     hipdex::Comparison::tolerance);
  if (getCounters)
    os << "wave instructions "
       << llvm::format("%.2f a token stored, %.2f a token scored\n",
                       double(storeInstructions) / tokens,
                       double(instructions() - storeInstructions) / tokens);
  if (!result.passed())
    return fail(std::to_string(result.wrong) +
                " cells are wrong; first: " + result.firstWrong);
  return 0;
}
