//===- StreamPagesLaunch.cpp - Arguments of stream_pages -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/Kernel.h"
#include "src/LogitsRows.h"

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
/// Padding is spelled out, because a copy need not keep what has no name, and
/// equal launches must have equal bytes.
struct StreamPagesArguments {
  const void *cache;
  int64_t pageStride;
  int32_t numPages;
  int32_t padding;
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
  HIPDEX_ARGUMENT_PLACE(name, StreamPagesArguments, field)
static const ArgumentPlace places[] = {
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_pages", numPages),
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

ArgumentList runtime::streamPagesArguments() {
  return {places, sizeof(StreamPagesArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planStreamPages(const Kernel &kernel,
                         const hipdex_stream_pages_args &args) {
  LaunchChecks checks(Op::StreamPages);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  LaunchPlan plan;
  LogitsRows rows(checks, kernel, args);
  if (llvm::Error error = rows.checkExtents())
    return std::move(error);
  if (rows.isEmpty())
    return plan;
  if (llvm::Error error = rows.check())
    return std::move(error);

  auto &packed = plan.packed<StreamPagesArguments>();
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numPages = int32_t(args.cache.num_pages);
  packed.contextLens = args.context_lens;
  packed.blockTable = args.block_table;
  packed.tableStride = args.table_stride;
  packed.logits = args.logits;
  packed.logitsStride = args.logits_stride;
  packed.width = int32_t(args.width);
  packed.batch = args.batch;
  packed.waves = rows.setGrid(plan);
  return plan;
}
