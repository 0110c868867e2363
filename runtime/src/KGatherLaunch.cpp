//===- KGatherLaunch.cpp - Arguments of k_gather --------------------------===//
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
struct KGatherArguments {
  const void *cache;
  int64_t pageStride;
  int32_t numEntries;
  int32_t padding;
  const int32_t *blockTable;
  int64_t tableStride;
  int32_t tableWidth;
  int32_t padding2;
  const int32_t *cuSeqLens;
  int32_t batch;
  int32_t searchSteps;
  void *k;
  int64_t kStride;
  float *scales;
  int64_t scalesStride;
  int32_t tokens;
  int32_t tailPadding;
};
} // namespace

#define PLACE(name, field) HIPDEX_ARGUMENT_PLACE(name, KGatherArguments, field)
static const ArgumentPlace places[] = {
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_entries", numEntries),
    PLACE("block_table", blockTable),
    PLACE("table_stride", tableStride),
    PLACE("table_width", tableWidth),
    PLACE("cu_seq_lens", cuSeqLens),
    PLACE("batch", batch),
    PLACE("search_steps", searchSteps),
    PLACE("k", k),
    PLACE("k_stride", kStride),
    PLACE("scales", scales),
    PLACE("scales_stride", scalesStride),
    PLACE("tokens", tokens),
};
#undef PLACE

ArgumentList runtime::kGatherArguments() {
  return {places, sizeof(KGatherArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planKGather(const Kernel &kernel, const hipdex_k_gather_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::KGather);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // The last workgroup counts past the last token, and the search for a
  // request adds two requests, in 32 bits.
  constexpr int64_t maxTokens = int32Max - 1023, maxBatch = 1 << 30;
  if (llvm::Error error = checks.range("tokens", args.tokens, 0, maxTokens))
    return std::move(error);
  if (llvm::Error error = checks.range("batch", args.batch, 0, maxBatch))
    return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.tokens == 0 || args.batch == 0)
    return plan;

  // Kernels count slots in 32 bits.
  if (llvm::Error error =
          checks.cache(kernel, args.cache, int32Max / key.pageSize))
    return std::move(error);
  if (llvm::Error error =
          checks.range("table_width", args.table_width, 1, int32Max))
    return std::move(error);
  if (llvm::Error error = checks.blockTable(
          args.block_table, args.batch, args.table_width, args.table_stride))
    return std::move(error);
  if (llvm::Error error = checks.pointer("cu_seq_lens", args.cu_seq_lens, 4))
    return std::move(error);
  if (llvm::Error error = checks.rows("k", args.k, args.tokens, key.headDim,
                                      "k_stride", args.k_stride, 1))
    return std::move(error);
  if (llvm::Error error = checks.rows("scales", args.scales, args.tokens, 1,
                                      "scales_stride", args.scales_stride, 4))
    return std::move(error);

  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  auto &packed = plan.packed<KGatherArguments>();
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numEntries =
      int32_t(args.cache.num_pages * (key.pageSize / key.kvBlockSize));
  packed.blockTable = args.block_table;
  packed.tableStride = args.table_stride;
  packed.tableWidth = int32_t(args.table_width);
  packed.cuSeqLens = args.cu_seq_lens;
  packed.batch = args.batch;
  packed.searchSteps = int32_t(llvm::Log2_64_Ceil(args.batch));
  packed.k = args.k;
  packed.kStride = args.k_stride;
  packed.scales = args.scales;
  packed.scalesStride = args.scales_stride;
  packed.tokens = int32_t(args.tokens);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups =
      llvm::divideCeil(args.tokens, wavesPerGroup * metadata.stepTokens);
  return plan;
}
