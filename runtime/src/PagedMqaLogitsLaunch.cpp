//===- PagedMqaLogitsLaunch.cpp - Arguments of paged_mqa_logits ----------===//
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
#include <tuple>

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
/// Padding is spelled out, because a copy need not keep what has no name, and
/// equal launches must have equal bytes.
struct PagedMqaLogitsArguments {
  const void *q;
  int64_t qStrideRequest;
  int64_t qStrideToken;
  int64_t qStrideHead;
  const void *cache;
  int64_t pageStride;
  int32_t numPages;
  int32_t padding;
  const float *weights;
  int64_t weightsStride;
  const int32_t *contextLens;
  const int32_t *blockTable;
  int64_t tableStride;
  float *logits;
  int64_t logitsStride;
  int32_t width;
  int32_t batch;
  int32_t waves;
  int32_t tailPadding;
};
} // namespace

#define PLACE(name, field)                                                     \
  HIPDEX_ARGUMENT_PLACE(name, PagedMqaLogitsArguments, field)
static const ArgumentPlace places[] = {
    PLACE("q", q),
    PLACE("q_stride_request", qStrideRequest),
    PLACE("q_stride_token", qStrideToken),
    PLACE("q_stride_head", qStrideHead),
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_pages", numPages),
    PLACE("weights", weights),
    PLACE("weights_stride", weightsStride),
    PLACE("context_lens", contextLens),
    PLACE("block_table", blockTable),
    PLACE("table_stride", tableStride),
    PLACE("logits", logits),
    PLACE("logits_stride", logitsStride),
    PLACE("width", width),
    PLACE("batch", batch),
    PLACE("waves", waves),
};
#undef PLACE

ArgumentList runtime::pagedMqaLogitsArguments() {
  return {places, sizeof(PagedMqaLogitsArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planPagedMqaLogits(const Kernel &kernel,
                            const hipdex_paged_mqa_logits_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::PagedMqaLogits);
  if (llvm::Error error = checks.kernel(kernel))
    return std::move(error);
  if (args.struct_size < sizeof(args))
    return checks.invalid("struct_size is " + llvm::Twine(args.struct_size) +
                          ", must be " + llvm::Twine(sizeof(args)));
  // Kernels go through the requests in 64s, in 32 bits, and so up to 63 past
  // the last one.
  constexpr int64_t maxBatch = int32Max - 63;
  if (args.batch < 0 || args.batch > maxBatch)
    return checks.invalid("batch is " + llvm::Twine(args.batch) +
                          ", must be in 0.." + llvm::Twine(maxBatch));
  // Kernels count the bytes of a row in 32 bits.
  constexpr int64_t maxWidth = (INT64_C(1) << 29) - 1;
  if (args.width < 0 || args.width > maxWidth)
    return checks.invalid("width is " + llvm::Twine(args.width) +
                          ", must be in 0.." + llvm::Twine(maxWidth));
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.batch == 0 || args.width == 0)
    return plan;

  // Block 0 stands in for table entries that are out of range, so there must be
  // a page. Entries are int32 and count blocks, of which a page may have
  // several.
  int64_t maxPages = int32Max / (key.pageSize / key.kvBlockSize);
  if (llvm::Error error = checks.cache(kernel, args.cache, maxPages))
    return std::move(error);

  const std::tuple<const char *, const void *, uintptr_t> pointers[] = {
      {"q", args.q, 16},
      {"weights", args.weights, 16},
      {"context_lens", args.context_lens, 4},
      {"block_table", args.block_table, 4},
      {"logits", args.logits, 4}};
  for (auto [name, pointer, alignment] : pointers)
    if (llvm::Error error = checks.pointer(name, pointer, alignment))
      return std::move(error);

  const std::tuple<const char *, int64_t, int64_t, int64_t> strides[] = {
      {"q_stride_request", args.q_stride_request, 16, 0},
      {"q_stride_token", args.q_stride_token, 16, 0},
      {"q_stride_head", args.q_stride_head, 16, 0},
      {"weights_stride", args.weights_stride, 4, 0},
      {"table_stride", args.table_stride, 1, args.table_width},
      {"logits_stride", args.logits_stride, 1, args.width}};
  int64_t tableNeeded = llvm::divideCeil(args.width, key.kvBlockSize);
  if (args.table_width < tableNeeded)
    return checks.invalid("table_width is " + llvm::Twine(args.table_width) +
                          ", must be at least " + llvm::Twine(tableNeeded) +
                          " for width " + llvm::Twine(args.width) +
                          " and kv_block_size " + llvm::Twine(key.kvBlockSize));
  for (auto [name, stride, multiple, least] : strides)
    if (llvm::Error error = checks.stride(name, stride, multiple, least))
      return std::move(error);

  int64_t rows = args.batch * key.nextN; // 31 bits times a small number
  if (llvm::Error error = checks.span("q",
                                      {{args.batch, args.q_stride_request},
                                       {key.nextN, args.q_stride_token},
                                       {key.heads, args.q_stride_head},
                                       {key.headDim, 1}},
                                      1))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "weights", {{rows, args.weights_stride}, {key.heads, 1}}, 4))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "block_table",
          {{args.batch, args.table_stride}, {args.table_width, 1}}, 4))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "logits", {{rows, args.logits_stride}, {args.width, 1}}, 4))
    return std::move(error);

  // The kernel counts rows, and the steps of the whole batch, in 32 bits.
  int64_t steps =
      args.batch * int64_t(llvm::divideCeil(args.width, metadata.stepTokens));
  if (rows > int32Max)
    return checks.invalid("batch " + llvm::Twine(args.batch) +
                          " times next_n " + llvm::Twine(key.nextN) + " is " +
                          llvm::Twine(rows) + " rows, must be at most " +
                          llvm::Twine(int32Max));
  if (steps > int32Max)
    return checks.invalid("batch " + llvm::Twine(args.batch) + " times width " +
                          llvm::Twine(args.width) + " is " +
                          llvm::Twine(steps) + " steps of " +
                          llvm::Twine(metadata.stepTokens) +
                          " tokens, must be at most " + llvm::Twine(int32Max));

  // docs/kernel-abi.md: as many workgroups as the device holds at once, unless
  // there is less to do.
  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  int64_t resident =
      int64_t(kernel.context.computeUnits()) * metadata.wavesPerSimd;
  int64_t workgroups = std::max<int64_t>(
      1,
      std::min<int64_t>(resident, llvm::divideCeil(steps * metadata.teamWaves,
                                                   wavesPerGroup)));
  int64_t waves = workgroups * wavesPerGroup;
  // A product of what HIP says and the metadata, not of anything checked.
  if (waves > int32Max)
    return checks.invalid("the grid would have " + llvm::Twine(waves) +
                          " waves");

  auto &packed = plan.packed<PagedMqaLogitsArguments>();
  packed.q = args.q;
  packed.qStrideRequest = args.q_stride_request;
  packed.qStrideToken = args.q_stride_token;
  packed.qStrideHead = args.q_stride_head;
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numPages = int32_t(args.cache.num_pages);
  packed.weights = args.weights;
  packed.weightsStride = args.weights_stride;
  packed.contextLens = args.context_lens;
  packed.blockTable = args.block_table;
  packed.tableStride = args.table_stride;
  packed.logits = args.logits;
  packed.logitsStride = args.logits_stride;
  packed.width = int32_t(args.width);
  packed.batch = args.batch;
  packed.waves = int32_t(waves);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = uint32_t(workgroups);
  return plan;
}
