//===- PagedMqaPrefillLaunch.cpp - Arguments of paged_mqa_prefill ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/Launch.h"
#include "src/PrefillLaunch.h"

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
/// Padding is spelled out, because a copy need not keep what has no name, and
/// equal launches must have equal bytes.
struct PagedMqaPrefillArguments {
  const void *q;
  int64_t qStrideRow;
  int64_t qStrideHead;
  const void *cache;
  int64_t pageStride;
  int32_t numPages;
  int32_t batch;
  const float *weights;
  int64_t weightsStride;
  const int32_t *requests;
  const int32_t *starts;
  const int32_t *ends;
  const int32_t *blockTable;
  int64_t tableStride;
  float *logits;
  int64_t logitsStride;
  int32_t width;
  int32_t rows;
  int32_t groups;
  int32_t splits;
};
} // namespace

#define PLACE(name, field)                                                     \
  HIPDEX_ARGUMENT_PLACE(name, PagedMqaPrefillArguments, field)
static const ArgumentPlace places[] = {
    PLACE("q", q),
    PLACE("q_stride_row", qStrideRow),
    PLACE("q_stride_head", qStrideHead),
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_pages", numPages),
    PLACE("batch", batch),
    PLACE("weights", weights),
    PLACE("weights_stride", weightsStride),
    PLACE("requests", requests),
    PLACE("starts", starts),
    PLACE("ends", ends),
    PLACE("block_table", blockTable),
    PLACE("table_stride", tableStride),
    PLACE("logits", logits),
    PLACE("logits_stride", logitsStride),
    PLACE("width", width),
    PLACE("rows", rows),
    PLACE("groups", groups),
    PLACE("splits", splits),
};
#undef PLACE

ArgumentList runtime::pagedMqaPrefillArguments() {
  return {places, sizeof(PagedMqaPrefillArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planPagedMqaPrefill(const Kernel &kernel,
                             const hipdex_paged_mqa_prefill_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::PagedMqaPrefill);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // A group goes past the last row, and kernels count the bytes of a row, all
  // in 32 bits.
  constexpr int64_t maxRows = int32Max - 1023;
  const std::tuple<const char *, int64_t, int64_t> sizes[] = {
      {"rows", args.rows, maxRows},
      {"width", args.width, maxRowWidth},
      {"batch", args.batch, int32Max}};
  for (auto [name, size, most] : sizes)
    if (llvm::Error error = checks.range(name, size, 0, most))
      return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.rows == 0 || args.width == 0)
    return plan;
  // Rows of no request have a tail at most.
  if (args.batch == 0 && key.tail == Tail::Untouched)
    return plan;

  if (llvm::Error error = checkQueryRows(checks, key, args))
    return std::move(error);
  if (llvm::Error error = checks.pointer("requests", args.requests, 4))
    return std::move(error);
  if (args.batch > 0)
    if (llvm::Error error =
            checks.pagedCache(kernel, args.cache, args.block_table, args.batch,
                              args.table_width, args.table_stride, args.width))
      return std::move(error);
  PrefillGrid grid = PrefillGrid::make(kernel, args.rows, args.width);

  auto &packed = plan.packed<PagedMqaPrefillArguments>();
  packed.q = args.q;
  packed.qStrideRow = args.q_stride_row;
  packed.qStrideHead = args.q_stride_head;
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numPages = int32_t(args.cache.num_pages);
  packed.batch = args.batch;
  packed.weights = args.weights;
  packed.weightsStride = args.weights_stride;
  packed.requests = args.requests;
  packed.starts = args.starts;
  packed.ends = args.ends;
  packed.blockTable = args.block_table;
  packed.tableStride = args.table_stride;
  packed.logits = args.logits;
  packed.logitsStride = args.logits_stride;
  packed.width = int32_t(args.width);
  packed.rows = int32_t(args.rows);
  packed.groups = int32_t(grid.groups);
  packed.splits = int32_t(grid.splits);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = grid.workgroups;
  return plan;
}
