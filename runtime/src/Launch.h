//===- Launch.h - What a kernel is launched with -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each op has a file that holds its argument list (docs/kernel-abi.md) as a
// struct, which is the kernel argument segment, and that checks and packs the
// caller's arguments.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_LAUNCH_H
#define HIPDEX_RUNTIME_LAUNCH_H

#include "Spec/KernelKey.h"
#include "hipdex/hipdex.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstddef>
#include <new>
#include <type_traits>

namespace hipdex {

struct KernelMetadata;

namespace runtime {

class Kernel;

/// Where an argument is in the kernel argument segment.
struct ArgumentPlace {
  const char *name;
  unsigned offset;
  unsigned size;
  bool isPointer;
};

#define HIPDEX_ARGUMENT_PLACE(name, type, field)                               \
  {name, offsetof(type, field), sizeof(type::field),                           \
   std::is_pointer_v<decltype(type::field)>}

/// The argument list of an op: its places, and the bytes of the struct that
/// they are places of.
struct ArgumentList {
  llvm::ArrayRef<ArgumentPlace> places;
  size_t bytes;
};
ArgumentList pagedMqaLogitsArguments();
ArgumentList kQuantStoreArguments();
ArgumentList kGatherArguments();
ArgumentList kMoveArguments();
ArgumentList streamPagesArguments();
ArgumentList mqaLogitsArguments();
ArgumentList pagedMqaPrefillArguments();
ArgumentList topKArguments();
ArgumentList qkPrepArguments();

/// Whether the kernel takes the arguments that this library packs for \p op.
llvm::Error checkArguments(Op op, const KernelMetadata &metadata);

/// Everything hipModuleLaunchKernel will be told.
struct LaunchPlan {
  int64_t workgroups = 0; ///< 0: there is nothing to do.
  uint32_t threads = 0;   ///< Of a workgroup.
  size_t bytes = 0;       ///< Of the arguments, as the kernel counts them.
  alignas(8) unsigned char arguments[256] = {};

  /// The arguments as an op's struct, zero at first.
  template <typename T> T &packed() {
    static_assert(sizeof(T) <= sizeof(arguments) &&
                  std::is_trivially_destructible_v<T>);
    return *new (arguments) T();
  }

  /// Whether HIP takes the grid of a launch of \p op. Its workgroups and waves
  /// then have 32 bits, in which kernels count them.
  llvm::Error check(Op op) const;
};

llvm::Expected<LaunchPlan>
planPagedMqaLogits(const Kernel &kernel,
                   const hipdex_paged_mqa_logits_args &args);
llvm::Expected<LaunchPlan>
planKQuantStore(const Kernel &kernel, const hipdex_k_quant_store_args &args);
llvm::Expected<LaunchPlan> planKGather(const Kernel &kernel,
                                       const hipdex_k_gather_args &args);
llvm::Expected<LaunchPlan> planKMove(const Kernel &kernel,
                                     const hipdex_k_move_args &args);
llvm::Expected<LaunchPlan>
planStreamPages(const Kernel &kernel, const hipdex_stream_pages_args &args);
llvm::Expected<LaunchPlan> planMqaLogits(const Kernel &kernel,
                                         const hipdex_mqa_logits_args &args);
llvm::Expected<LaunchPlan>
planPagedMqaPrefill(const Kernel &kernel,
                    const hipdex_paged_mqa_prefill_args &args);
llvm::Expected<LaunchPlan> planTopK(const Kernel &kernel,
                                    const hipdex_topk_args &args);
llvm::Expected<LaunchPlan> planQkPrep(const Kernel &kernel,
                                      const hipdex_qk_prep_args &args);

llvm::Error launch(const Kernel &kernel, LaunchPlan &plan, void *stream);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_LAUNCH_H
