//===- KMoveLaunch.cpp - Arguments of k_move ------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/Context.h"
#include "src/Kernel.h"
#include "src/Launch.h"
#include "src/LaunchChecks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <tuple>

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
/// Without padding: equal launches must have equal bytes.
struct KMoveArguments {
  const void *source;
  int64_t sourcePageStride;
  int64_t sourceEntries;
  void *target;
  int64_t targetPageStride;
  int64_t targetEntries;
  const void *sourceSlots;
  const void *targetSlots;
  uint32_t *error;
  int32_t tokens;
  int32_t runShift;
};
} // namespace

#define PLACE(name, field) HIPDEX_ARGUMENT_PLACE(name, KMoveArguments, field)
static const ArgumentPlace places[] = {
    PLACE("source", source),
    PLACE("source_page_stride", sourcePageStride),
    PLACE("source_entries", sourceEntries),
    PLACE("target", target),
    PLACE("target_page_stride", targetPageStride),
    PLACE("target_entries", targetEntries),
    PLACE("source_slots", sourceSlots),
    PLACE("target_slots", targetSlots),
    PLACE("error", error),
    PLACE("tokens", tokens),
    PLACE("run_shift", runShift),
};
#undef PLACE

ArgumentList runtime::kMoveArguments() {
  return {places, sizeof(KMoveArguments)};
}

/// Whether a page of one buffer has a byte of a page of the other. The buffers
/// are valid. Two with different strides that interleave count as overlapping
/// even if no two pages happen to meet.
static bool overlap(const hipdex_cache_buffer &a, int64_t aPageBytes,
                    const hipdex_cache_buffer &b, int64_t bPageBytes) {
  auto aBegin = reinterpret_cast<uintptr_t>(a.data);
  auto bBegin = reinterpret_cast<uintptr_t>(b.data);
  if (bBegin < aBegin)
    return overlap(b, bPageBytes, a, aPageBytes);
  uint64_t distance = bBegin - aBegin;
  if (distance >= uint64_t(a.num_pages - 1) * a.page_stride + aPageBytes)
    return false;
  // Caches of several layers may share an allocation, page by page.
  if (a.page_stride != b.page_stride)
    return true;
  uint64_t inPage = distance % a.page_stride;
  return inPage < uint64_t(aPageBytes) ||
         a.page_stride - inPage < uint64_t(bPageBytes);
}

llvm::Expected<LaunchPlan> runtime::planKMove(const Kernel &kernel,
                                              const hipdex_k_move_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::KMove);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // Kernels divide by it with a shift.
  constexpr int64_t maxRun = INT64_C(1) << 30;
  if (args.run_tokens > maxRun || args.run_tokens < 1 ||
      !llvm::isPowerOf2_64(args.run_tokens))
    return checks.invalid("run_tokens is " + llvm::Twine(args.run_tokens) +
                          ", must be a power of two in 1.." +
                          llvm::Twine(maxRun));
  // The last workgroup counts past the last token, in 32 bits.
  int64_t maxEntries = (int32Max - 1023) / args.run_tokens;
  if (args.entries < 0 || args.entries > maxEntries)
    return checks.invalid("entries is " + llvm::Twine(args.entries) +
                          ", must be in 0.." + llvm::Twine(maxEntries) +
                          " with run_tokens " + llvm::Twine(args.run_tokens));
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.entries == 0)
    return plan;

  // Kernels count slots in 32 bits.
  CacheLayout layout = key.layout(), targetLayout = key.targetLayout();
  if (llvm::Error error = checks.cache("source", layout, kernel.layoutHash,
                                       args.source, int32Max / key.pageSize))
    return std::move(error);
  if (llvm::Error error =
          checks.cache("target", targetLayout, kernel.targetLayoutHash,
                       args.target, int32Max / key.targetPageSize))
    return std::move(error);
  bool isOne = args.source.data == args.target.data &&
               args.source.page_stride == args.target.page_stride &&
               layout == targetLayout;
  if (!isOne && overlap(args.source, layout.pageBytes(), args.target,
                        targetLayout.pageBytes())) {
    auto describe = [](const hipdex_cache_buffer &cache,
                       const CacheLayout &layout) {
      return "0x" +
             llvm::utohexstr(reinterpret_cast<uintptr_t>(cache.data), true) +
             " (" + llvm::Twine(cache.num_pages).str() +
             " pages with page_stride " + llvm::Twine(cache.page_stride).str() +
             ", " + layout.str() + ")";
    };
    return checks.invalid("source at " + describe(args.source, layout) +
                          " and target at " +
                          describe(args.target, targetLayout) +
                          " overlap, must be apart or the same in data, "
                          "page_stride and layout");
  }
  unsigned slotBytes = key.wideSlots ? 8 : 4;
  const std::tuple<const char *, const void *> lists[] = {
      {"source_slots", args.source_slots}, {"target_slots", args.target_slots}};
  for (auto [name, list] : lists)
    if (llvm::Error error = checks.pointer(name, list, slotBytes))
      return std::move(error);
  if (args.error)
    if (llvm::Error error = checks.pointer("error", args.error, 4))
      return std::move(error);

  int64_t tokens = args.entries * args.run_tokens;
  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  auto &packed = plan.packed<KMoveArguments>();
  packed.source = args.source.data;
  packed.sourcePageStride = args.source.page_stride;
  packed.sourceEntries = args.source.num_pages * key.pageSize / args.run_tokens;
  packed.target = args.target.data;
  packed.targetPageStride = args.target.page_stride;
  packed.targetEntries =
      args.target.num_pages * key.targetPageSize / args.run_tokens;
  packed.sourceSlots = args.source_slots;
  packed.targetSlots = args.target_slots;
  packed.error = args.error;
  packed.tokens = int32_t(tokens);
  packed.runShift = int32_t(llvm::Log2_64(args.run_tokens));
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups =
      llvm::divideCeil(tokens, wavesPerGroup * metadata.stepTokens);
  return plan;
}
