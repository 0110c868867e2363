//===- PrefillLaunch.h - What launches of query rows share ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_PREFILLLAUNCH_H
#define HIPDEX_RUNTIME_PREFILLLAUNCH_H

#include "src/Context.h"
#include "src/Kernel.h"
#include "src/LaunchChecks.h"
#include "llvm/Support/MathExtras.h"
#include <tuple>

namespace hipdex::runtime {

/// Checks queries, weights and logits, which all ops on query rows have.
template <typename Args>
llvm::Error checkQueryRows(const LaunchChecks &checks, const KernelKey &key,
                           const Args &args) {
  const std::tuple<const char *, const void *, uintptr_t> pointers[] = {
      {"q", args.q, 16},
      {"weights", args.weights, 16},
      {"starts", args.starts, 4},
      {"ends", args.ends, 4}};
  for (auto [name, pointer, alignment] : pointers)
    if (llvm::Error error = checks.pointer(name, pointer, alignment))
      return error;
  const std::tuple<const char *, int64_t, int64_t> strides[] = {
      {"q_stride_row", args.q_stride_row, 16},
      {"q_stride_head", args.q_stride_head, 16},
      {"weights_stride", args.weights_stride, 4}};
  for (auto [name, stride, multiple] : strides)
    if (llvm::Error error = checks.stride(name, stride, multiple, 0))
      return error;
  if (llvm::Error error = checks.span("q",
                                      {{args.rows, args.q_stride_row},
                                       {key.heads, args.q_stride_head},
                                       {key.headDim, 1}},
                                      1))
    return error;
  if (llvm::Error error = checks.span(
          "weights", {{args.rows, args.weights_stride}, {key.heads, 1}}, 4))
    return error;
  return checks.rows("logits", args.logits, args.rows, args.width,
                     "logits_stride", args.logits_stride, 4);
}

/// How rows and their steps are dealt to waves: docs/kernel-abi.md, mqa_logits.
struct PrefillGrid {
  int64_t groups; ///< Of rows; a wave takes one.
  int64_t splits; ///< Waves that share the steps of a group.
  int64_t workgroups;

  static PrefillGrid make(const Kernel &kernel, int64_t rows, int64_t width) {
    // Shares of fewer steps would wait more for their queries than for K.
    constexpr int64_t leastSteps = 4;
    const KernelMetadata &metadata = kernel.metadata;
    const Arch &arch = *kernel.key.arch;
    int64_t wavesPerGroup = metadata.blockSize / arch.waveSize;
    int64_t resident = int64_t(kernel.context.computeUnits()) *
                       arch.simdsPerCU * metadata.wavesPerSimd;
    PrefillGrid grid;
    grid.groups = llvm::divideCeil(rows, metadata.waveQueries);
    int64_t steps = llvm::divideCeil(width, metadata.stepTokens);
    grid.splits = std::max<int64_t>(
        1, std::min<int64_t>(llvm::divideCeil(resident, grid.groups),
                             steps / leastSteps));
    grid.workgroups =
        llvm::divideCeil(grid.groups * grid.splits, wavesPerGroup);
    return grid;
  }
};

} // namespace hipdex::runtime

#endif // HIPDEX_RUNTIME_PREFILLLAUNCH_H
