//===- PagedMqaLogitsLaunch.cpp - Arguments of paged_mqa_logits ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/Kernel.h"
#include "src/LogitsRows.h"
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
  LaunchChecks checks(Op::PagedMqaLogits);
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

  const std::pair<const char *, const void *> pointers[] = {
      {"q", args.q}, {"weights", args.weights}};
  for (auto [name, pointer] : pointers)
    if (llvm::Error error = checks.pointer(name, pointer, 16))
      return std::move(error);
  const std::tuple<const char *, int64_t, int64_t> strides[] = {
      {"q_stride_request", args.q_stride_request, 16},
      {"q_stride_token", args.q_stride_token, 16},
      {"q_stride_head", args.q_stride_head, 16},
      {"weights_stride", args.weights_stride, 4}};
  for (auto [name, stride, multiple] : strides)
    if (llvm::Error error = checks.stride(name, stride, multiple, 0))
      return std::move(error);
  if (llvm::Error error = checks.span("q",
                                      {{args.batch, args.q_stride_request},
                                       {key.nextN, args.q_stride_token},
                                       {key.heads, args.q_stride_head},
                                       {key.headDim, 1}},
                                      1))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "weights", {{rows.rows(), args.weights_stride}, {key.heads, 1}}, 4))
    return std::move(error);

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
  packed.waves = rows.setGrid(plan);
  return plan;
}
