//===- QkPrepLaunch.cpp - Arguments of qk_prep ----------------------------===//
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
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
struct QkPrepArguments {
  const void *q;
  int64_t qStrideToken;
  int64_t qStrideHead;
  const void *k;
  int64_t kStride;
  const void *weights;
  int64_t weightsStride;
  const void *positions;
  const void *cos;
  int64_t cosStride;
  const void *sin;
  int64_t sinStride;
  int64_t maxPositions;
  const float *normWeight;
  const float *normBias;
  float normEps;
  float weightsScale;
  const void *slots;
  void *cache;
  int64_t pageStride;
  int64_t numSlots;
  void *qOut;
  int64_t qOutStrideToken;
  int64_t qOutStrideHead;
  float *weightsOut;
  int64_t weightsOutStride;
  uint32_t *error;
  int32_t tokens;
  int32_t kWaves;
};
} // namespace

#define PLACE(name, field) HIPDEX_ARGUMENT_PLACE(name, QkPrepArguments, field)
static const ArgumentPlace places[] = {
    PLACE("q", q),
    PLACE("q_stride_token", qStrideToken),
    PLACE("q_stride_head", qStrideHead),
    PLACE("k", k),
    PLACE("k_stride", kStride),
    PLACE("weights", weights),
    PLACE("weights_stride", weightsStride),
    PLACE("positions", positions),
    PLACE("cos", cos),
    PLACE("cos_stride", cosStride),
    PLACE("sin", sin),
    PLACE("sin_stride", sinStride),
    PLACE("max_positions", maxPositions),
    PLACE("norm_weight", normWeight),
    PLACE("norm_bias", normBias),
    PLACE("norm_eps", normEps),
    PLACE("weights_scale", weightsScale),
    PLACE("slots", slots),
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_slots", numSlots),
    PLACE("q_out", qOut),
    PLACE("q_out_stride_token", qOutStrideToken),
    PLACE("q_out_stride_head", qOutStrideHead),
    PLACE("weights_out", weightsOut),
    PLACE("weights_out_stride", weightsOutStride),
    PLACE("error", error),
    PLACE("tokens", tokens),
    PLACE("k_waves", kWaves),
};
#undef PLACE

ArgumentList runtime::qkPrepArguments() {
  return {places, sizeof(QkPrepArguments)};
}

llvm::Expected<LaunchPlan>
runtime::planQkPrep(const Kernel &kernel, const hipdex_qk_prep_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  LaunchChecks checks(Op::QkPrep);
  if (llvm::Error error = checks.call(kernel, args))
    return std::move(error);
  // The last workgroup counts past the last row, in 32 bits.
  int64_t maxTokens = (int32Max - 2047) / key.heads;
  if (llvm::Error error = checks.range("tokens", args.tokens, 0, maxTokens))
    return std::move(error);
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.tokens == 0)
    return plan;

  if (llvm::Error error =
          checks.range("max_positions", args.max_positions, 1, int32Max))
    return std::move(error);
  if (!(args.norm_eps > 0) || !std::isfinite(args.norm_eps))
    return checks.invalid(llvm::formatv(
        "norm_eps is {0}, must be positive and finite", args.norm_eps));
  if (!std::isfinite(args.weights_scale))
    return checks.invalid(llvm::formatv("weights_scale is {0}, must be finite",
                                        args.weights_scale));
  // Kernels count slots in 32 bits.
  if (llvm::Error error =
          checks.cache(kernel, args.cache, int32Max / key.pageSize))
    return std::move(error);
  constexpr unsigned elementBytes = 2;
  unsigned indexBytes = key.wideSlots ? 8 : 4;
  struct {
    const char *name;
    const void *pointer;
    unsigned alignment;
  } const pointers[] = {{"q", args.q, elementBytes},
                        {"k", args.k, elementBytes},
                        {"weights", args.weights, elementBytes},
                        {"positions", args.positions, indexBytes},
                        {"cos", args.cos, elementBytes},
                        {"sin", args.sin, elementBytes},
                        {"norm_weight", args.norm_weight, 16},
                        {"norm_bias", args.norm_bias, 16},
                        {"slots", args.slots, indexBytes},
                        {"q_out", args.q_out, 1}};
  for (const auto &each : pointers)
    if (llvm::Error error =
            checks.pointer(each.name, each.pointer, each.alignment))
      return std::move(error);
  if (args.error)
    if (llvm::Error error = checks.pointer("error", args.error, 4))
      return std::move(error);

  // What is written must not be written twice.
  struct {
    const char *name;
    int64_t stride, least;
  } const strides[] = {
      {"q_stride_token", args.q_stride_token, 0},
      {"q_stride_head", args.q_stride_head, 0},
      {"k_stride", args.k_stride, 0},
      {"weights_stride", args.weights_stride, 0},
      {"cos_stride", args.cos_stride, 0},
      {"sin_stride", args.sin_stride, 0},
      {"q_out_stride_head", args.q_out_stride_head, key.headDim}};
  for (const auto &each : strides)
    if (llvm::Error error =
            checks.stride(each.name, each.stride, 1, each.least))
      return std::move(error);
  int64_t headsOfQ;
  if (llvm::MulOverflow(args.q_out_stride_head, key.heads, headsOfQ))
    return checks.invalid("strides of q_out take it past 64-bit offsets");
  if (llvm::Error error = checks.stride("q_out_stride_token",
                                        args.q_out_stride_token, 1, headsOfQ))
    return std::move(error);
  int64_t n = args.tokens, angles = key.headDim / 4;
  if (llvm::Error error = checks.span("q",
                                      {{n, args.q_stride_token},
                                       {key.heads, args.q_stride_head},
                                       {key.headDim, 1}},
                                      elementBytes))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "k", {{n, args.k_stride}, {key.headDim, 1}}, elementBytes))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "weights", {{n, args.weights_stride}, {key.heads, 1}}, elementBytes))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "cos", {{args.max_positions, args.cos_stride}, {angles, 1}},
          elementBytes))
    return std::move(error);
  if (llvm::Error error = checks.span(
          "sin", {{args.max_positions, args.sin_stride}, {angles, 1}},
          elementBytes))
    return std::move(error);
  if (llvm::Error error = checks.span("q_out",
                                      {{n, args.q_out_stride_token},
                                       {key.heads, args.q_out_stride_head},
                                       {key.headDim, 1}},
                                      1))
    return std::move(error);
  if (llvm::Error error =
          checks.rows("weights_out", args.weights_out, n, key.heads,
                      "weights_out_stride", args.weights_out_stride, 4))
    return std::move(error);

  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  int64_t kWaves = llvm::divideCeil(n, metadata.stepTokens);
  int64_t qWaves = llvm::divideCeil(n * key.heads, metadata.stepTokens);
  auto &packed = plan.packed<QkPrepArguments>();
  packed.q = args.q;
  packed.qStrideToken = args.q_stride_token;
  packed.qStrideHead = args.q_stride_head;
  packed.k = args.k;
  packed.kStride = args.k_stride;
  packed.weights = args.weights;
  packed.weightsStride = args.weights_stride;
  packed.positions = args.positions;
  packed.cos = args.cos;
  packed.cosStride = args.cos_stride;
  packed.sin = args.sin;
  packed.sinStride = args.sin_stride;
  packed.maxPositions = args.max_positions;
  packed.normWeight = args.norm_weight;
  packed.normBias = args.norm_bias;
  packed.normEps = args.norm_eps;
  packed.weightsScale = args.weights_scale;
  packed.slots = args.slots;
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numSlots = args.cache.num_pages * key.pageSize;
  packed.qOut = args.q_out;
  packed.qOutStrideToken = args.q_out_stride_token;
  packed.qOutStrideHead = args.q_out_stride_head;
  packed.weightsOut = args.weights_out;
  packed.weightsOutStride = args.weights_out_stride;
  packed.error = args.error;
  packed.tokens = int32_t(n);
  packed.kWaves = int32_t(kWaves);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = llvm::divideCeil(kWaves + qWaves, wavesPerGroup);
  return plan;
}
