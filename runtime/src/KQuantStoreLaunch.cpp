//===- KQuantStoreLaunch.cpp - Arguments of k_quant_store ----------------===//
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
#include "llvm/Support/MathExtras.h"

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
/// Padding is spelled out, because a copy need not keep what has no name, and
/// equal launches must have equal bytes.
struct KQuantStoreArguments {
  const void *k;
  int64_t kStride;
  const void *slots;
  void *cache;
  int64_t pageStride;
  int64_t numSlots;
  uint32_t *error;
  int32_t tokens;
  int32_t tailPadding;
};
} // namespace

#define PLACE(name, field)                                                     \
  HIPDEX_ARGUMENT_PLACE(name, KQuantStoreArguments, field)
static const ArgumentPlace places[] = {
    PLACE("k", k),
    PLACE("k_stride", kStride),
    PLACE("slots", slots),
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_slots", numSlots),
    PLACE("error", error),
    PLACE("tokens", tokens),
};
#undef PLACE

ArgumentList runtime::kQuantStoreArguments() {
  return {places, sizeof(KQuantStoreArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planKQuantStore(const Kernel &kernel,
                         const hipdex_k_quant_store_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::KQuantStore);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // The last workgroup counts past the last token, in 32 bits.
  constexpr int64_t maxTokens = int32Max - 1023;
  if (llvm::Error error = checks.range("tokens", args.tokens, 0, maxTokens))
    return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.tokens == 0)
    return plan;

  // Kernels count slots in 32 bits.
  if (llvm::Error error =
          checks.cache(kernel, args.cache, int32Max / key.pageSize))
    return std::move(error);
  unsigned elementBytes = key.source == SourceType::F32 ? 4 : 2;
  if (llvm::Error error = checks.pointer("k", args.k, elementBytes))
    return std::move(error);
  if (llvm::Error error =
          checks.pointer("slots", args.slots, key.wideSlots ? 8 : 4))
    return std::move(error);
  if (args.error)
    if (llvm::Error error = checks.pointer("error", args.error, 4))
      return std::move(error);
  if (llvm::Error error = checks.stride("k_stride", args.k_stride, 1, 0))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "k", {{args.tokens, args.k_stride}, {key.headDim, 1}}, elementBytes))
    return std::move(error);

  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  auto &packed = plan.packed<KQuantStoreArguments>();
  packed.k = args.k;
  packed.kStride = args.k_stride;
  packed.slots = args.slots;
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numSlots = args.cache.num_pages * key.pageSize;
  packed.error = args.error;
  packed.tokens = int32_t(args.tokens);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups =
      llvm::divideCeil(args.tokens, wavesPerGroup * metadata.stepTokens);
  return plan;
}
