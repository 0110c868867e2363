//===- Launch.h - Checks, packs and launches a kernel's arguments ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The argument list of docs/kernel-abi.md stands here once: the struct is the
// kernel argument segment.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_LAUNCH_H
#define HIPDEX_RUNTIME_LAUNCH_H

#include "hipdex/hipdex.h"
#include "llvm/Support/Error.h"

namespace hipdex {

struct KernelMetadata;

namespace runtime {

class Kernel;

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

/// Everything hipModuleLaunchKernel will be told.
struct LaunchPlan {
  uint32_t workgroups = 0; ///< 0: there is nothing to do.
  uint32_t threads = 0;    ///< Of a workgroup.
  size_t bytes = 0;        ///< Of the arguments, as the kernel counts them.
  PagedMqaLogitsArguments arguments = {};
};

/// Whether the kernel takes the arguments that this library packs.
llvm::Error checkArguments(const KernelMetadata &metadata);

llvm::Expected<LaunchPlan>
planPagedMqaLogits(const Kernel &kernel,
                   const hipdex_paged_mqa_logits_args &args);

llvm::Error launch(const Kernel &kernel, LaunchPlan &plan, void *stream);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_LAUNCH_H
