//===- TopKLaunch.cpp - Arguments of topk ---------------------------------===//
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
/// Without padding: equal launches have equal bytes.
struct TopKArguments {
  const float *logits;
  int64_t logitsStride;
  int32_t width;
  int32_t k;
  const int32_t *contextLens;
  const int32_t *starts;
  const int32_t *ends;
  const int32_t *requests;
  const int32_t *blockTable;
  int64_t tableStride;
  int32_t tableWidth;
  int32_t numBlocks;
  int32_t batch;
  int32_t nextN;
  int32_t *indices;
  int64_t indicesStride;
  void *workspace;
  int32_t rows;
  int32_t splits;
};
} // namespace

#define PLACE(name, field) HIPDEX_ARGUMENT_PLACE(name, TopKArguments, field)
static const ArgumentPlace places[] = {
    PLACE("logits", logits),
    PLACE("logits_stride", logitsStride),
    PLACE("width", width),
    PLACE("k", k),
    PLACE("context_lens", contextLens),
    PLACE("starts", starts),
    PLACE("ends", ends),
    PLACE("requests", requests),
    PLACE("block_table", blockTable),
    PLACE("table_stride", tableStride),
    PLACE("table_width", tableWidth),
    PLACE("num_blocks", numBlocks),
    PLACE("batch", batch),
    PLACE("next_n", nextN),
    PLACE("indices", indices),
    PLACE("indices_stride", indicesStride),
    PLACE("workspace", workspace),
    PLACE("rows", rows),
    PLACE("splits", splits),
};
#undef PLACE

ArgumentList runtime::topKArguments() {
  return {places, sizeof(TopKArguments)};
}

/// Workgroups of a row. What a row costs does not depend on the device, so that
/// the workspace does not either: the workgroups of all rows are more than the
/// compute units of any part, as long as each has enough columns to be worth
/// its 2048 counts.
static int64_t splitsFor(int64_t rows, int64_t width) {
  constexpr int64_t wantedGroups = 512, leastColumns = 4096;
  if (rows < 1 || width < 1)
    return 1;
  return std::clamp<int64_t>(wantedGroups / rows, 1,
                             llvm::divideCeil(width, leastColumns));
}

size_t hipdex_topk_workspace_bytes(int64_t rows, int64_t width) {
  // The counts of the first 11 bits of a row's keys, and its arrivals.
  constexpr int64_t numbers = (1 << 11) + 1;
  return splitsFor(rows, width) > 1 ? size_t(rows * numbers * 4) : 0;
}

llvm::Expected<LaunchPlan> runtime::planTopK(const Kernel &kernel,
                                             const hipdex_topk_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::TopK);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // HIP counts the threads of a grid in 32 bits, and a workgroup has 1024.
  constexpr int64_t maxRows = (1 << 22) - 1, maxWidth = 1 << 20, maxK = 4096;
  const std::tuple<const char *, int64_t, int64_t, int64_t> sizes[] = {
      {"rows", args.rows, 0, maxRows},
      {"width", args.width, 0, maxWidth},
      {"k", args.k, 1, maxK}};
  for (auto [name, size, least, most] : sizes)
    if (llvm::Error error = checks.range(name, size, least, most))
      return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.rows == 0)
    return plan;

  auto &packed = plan.packed<TopKArguments>();
  if (key.windows) {
    if (llvm::Error error = checks.pointer("starts", args.starts, 4))
      return std::move(error);
    if (llvm::Error error = checks.pointer("ends", args.ends, 4))
      return std::move(error);
    packed.starts = args.starts;
    packed.ends = args.ends;
    packed.nextN = 1;
  } else {
    if (llvm::Error error = checks.range("next_n", args.next_n, 1, args.rows))
      return std::move(error);
    if (int64_t(args.batch) * args.next_n != args.rows)
      return checks.invalid(
          "rows is " + llvm::Twine(args.rows) + ", must be batch * next_n, " +
          llvm::Twine(args.batch) + " * " + llvm::Twine(args.next_n));
    if (llvm::Error error =
            checks.pointer("context_lens", args.context_lens, 4))
      return std::move(error);
    packed.contextLens = args.context_lens;
    packed.nextN = args.next_n;
  }
  if (key.outputSlots) {
    if (llvm::Error error = checks.range("batch", args.batch, 1, int32Max))
      return std::move(error);
    if (key.windows) {
      if (llvm::Error error = checks.pointer("requests", args.requests, 4))
        return std::move(error);
      packed.requests = args.requests;
    }
    if (llvm::Error error =
            checks.range("table_width", args.table_width, 1, int32Max))
      return std::move(error);
    if (llvm::Error error = checks.blockTable(
            args.block_table, args.batch, args.table_width, args.table_stride))
      return std::move(error);
    // Slots are int32.
    if (llvm::Error error = checks.range("num_blocks", args.num_blocks, 0,
                                         int32Max / key.kvBlockSize))
      return std::move(error);
    packed.blockTable = args.block_table;
    packed.tableStride = args.table_stride;
    packed.tableWidth = int32_t(args.table_width);
    packed.numBlocks = int32_t(args.num_blocks);
    packed.batch = args.batch;
  }
  if (args.width > 0) {
    if (llvm::Error error =
            checks.rows("logits", args.logits, args.rows, args.width,
                        "logits_stride", args.logits_stride, 4))
      return std::move(error);
    packed.logits = args.logits;
    packed.logitsStride = args.logits_stride;
  }
  if (llvm::Error error =
          checks.rows("indices", args.indices, args.rows, args.k,
                      "indices_stride", args.indices_stride, 4))
    return std::move(error);
  if (size_t needed = hipdex_topk_workspace_bytes(args.rows, args.width)) {
    if (args.workspace_bytes < needed)
      return checks.invalid(
          "workspace_bytes is " + llvm::Twine(args.workspace_bytes) +
          ", must be at least " + llvm::Twine(needed) + " for rows " +
          llvm::Twine(args.rows) + " and width " + llvm::Twine(args.width));
    if (llvm::Error error = checks.pointer("workspace", args.workspace, 4))
      return std::move(error);
    packed.workspace = args.workspace;
  }

  int64_t splits = splitsFor(args.rows, args.width);
  packed.width = int32_t(args.width);
  packed.k = int32_t(args.k);
  packed.indices = args.indices;
  packed.indicesStride = args.indices_stride;
  packed.rows = int32_t(args.rows);
  packed.splits = int32_t(splits);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = args.rows * splits;
  return plan;
}
