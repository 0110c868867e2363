//===- MqaLogitsLaunch.cpp - Arguments of mqa_logits ----------------------===//
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
struct MqaLogitsArguments {
  const void *q;
  int64_t qStrideRow;
  int64_t qStrideHead;
  const void *k;
  int64_t kStride;
  const float *kScales;
  const float *weights;
  int64_t weightsStride;
  const int32_t *starts;
  const int32_t *ends;
  float *logits;
  int64_t logitsStride;
  int32_t width;
  int32_t rows;
  int32_t tokens;
  int32_t groups;
  int32_t splits;
  int32_t tailPadding;
};
} // namespace

#define PLACE(name, field)                                                     \
  HIPDEX_ARGUMENT_PLACE(name, MqaLogitsArguments, field)
static const ArgumentPlace places[] = {
    PLACE("q", q),
    PLACE("q_stride_row", qStrideRow),
    PLACE("q_stride_head", qStrideHead),
    PLACE("k", k),
    PLACE("k_stride", kStride),
    PLACE("k_scales", kScales),
    PLACE("weights", weights),
    PLACE("weights_stride", weightsStride),
    PLACE("starts", starts),
    PLACE("ends", ends),
    PLACE("logits", logits),
    PLACE("logits_stride", logitsStride),
    PLACE("width", width),
    PLACE("rows", rows),
    PLACE("tokens", tokens),
    PLACE("groups", groups),
    PLACE("splits", splits),
};
#undef PLACE

ArgumentList runtime::mqaLogitsArguments() {
  return {places, sizeof(MqaLogitsArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planMqaLogits(const Kernel &kernel,
                       const hipdex_mqa_logits_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::MqaLogits);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // A group goes past the last row and a step past the last token, and kernels
  // count the bytes of a row, all in 32 bits.
  constexpr int64_t maxCount = int32Max - 1023;
  const std::tuple<const char *, int64_t, int64_t> sizes[] = {
      {"rows", args.rows, maxCount},
      {"tokens", args.tokens, maxCount},
      {"width", args.width, maxRowWidth}};
  for (auto [name, size, most] : sizes)
    if (llvm::Error error = checks.range(name, size, 0, most))
      return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at. Without
  // tokens there still is a tail to fill.
  bool hasTokens = args.tokens > 0;
  if (args.rows == 0 || args.width == 0 ||
      (!hasTokens && key.tail == Tail::Untouched))
    return plan;

  if (llvm::Error error = checkQueryRows(checks, key, args))
    return std::move(error);
  if (hasTokens) {
    if (llvm::Error error = checks.rows("k", args.k, args.tokens, key.headDim,
                                        "k_stride", args.k_stride, 1))
      return std::move(error);
    if (llvm::Error error = checks.pointer("k_scales", args.k_scales, 4))
      return std::move(error);
  }
  PrefillGrid grid = PrefillGrid::make(kernel, args.rows, args.width);

  auto &packed = plan.packed<MqaLogitsArguments>();
  packed.q = args.q;
  packed.qStrideRow = args.q_stride_row;
  packed.qStrideHead = args.q_stride_head;
  packed.k = args.k;
  packed.kStride = args.k_stride;
  packed.kScales = args.k_scales;
  packed.weights = args.weights;
  packed.weightsStride = args.weights_stride;
  packed.starts = args.starts;
  packed.ends = args.ends;
  packed.logits = args.logits;
  packed.logitsStride = args.logits_stride;
  packed.width = int32_t(args.width);
  packed.rows = int32_t(args.rows);
  packed.tokens = int32_t(args.tokens);
  packed.groups = int32_t(grid.groups);
  packed.splits = int32_t(grid.splits);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = grid.workgroups;
  return plan;
}
