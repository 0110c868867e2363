//===- LogitsRows.cpp - Launches that write rows of logits ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/LogitsRows.h"
#include "src/Context.h"
#include "src/Kernel.h"
#include "llvm/Support/MathExtras.h"

using namespace hipdex;
using namespace hipdex::runtime;

llvm::Error LogitsRows::checkExtents() const {
  // Kernels go through the requests in 64s, in 32 bits, and so up to 63 past
  // the last one.
  constexpr int64_t maxBatch = int32Max - 63;
  if (llvm::Error error = checks.range("batch", batch, 0, maxBatch))
    return error;
  return checks.range("width", width, 0, maxRowWidth);
}

int64_t LogitsRows::rows() const { return batch * kernel.key.nextN; }

int64_t LogitsRows::steps() const {
  return batch * int64_t(llvm::divideCeil(width, kernel.metadata.stepTokens));
}

llvm::Error LogitsRows::check() const {
  const KernelKey &key = kernel.key;
  if (llvm::Error error = checks.pagedCache(kernel, cache, blockTable, batch,
                                            tableWidth, tableStride, width))
    return error;
  if (llvm::Error error = checks.pointer("context_lens", contextLens, 4))
    return error;
  if (llvm::Error error = checks.rows("logits", logits, rows(), width,
                                      "logits_stride", logitsStride, 4))
    return error;

  // The kernel counts rows, and the steps of the whole batch, in 32 bits.
  if (rows() > int32Max)
    return checks.invalid("batch " + llvm::Twine(batch) + " times next_n " +
                          llvm::Twine(key.nextN) + " is " +
                          llvm::Twine(rows()) + " rows, must be at most " +
                          llvm::Twine(int32Max));
  if (steps() > int32Max)
    return checks.invalid("batch " + llvm::Twine(batch) + " times width " +
                          llvm::Twine(width) + " is " + llvm::Twine(steps()) +
                          " steps of " +
                          llvm::Twine(kernel.metadata.stepTokens) +
                          " tokens, must be at most " + llvm::Twine(int32Max));
  return llvm::Error::success();
}

int32_t LogitsRows::setGrid(LaunchPlan &plan) const {
  const KernelMetadata &metadata = kernel.metadata;
  // As many workgroups as the device holds at once, unless there is less to do.
  int64_t wavesPerGroup = metadata.blockSize / kernel.key.arch->waveSize;
  int64_t resident =
      int64_t(kernel.context.computeUnits()) * metadata.wavesPerSimd;
  int64_t workgroups = std::max<int64_t>(
      1,
      std::min<int64_t>(resident, llvm::divideCeil(steps() * metadata.teamWaves,
                                                   wavesPerGroup)));
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = workgroups;
  return int32_t(workgroups * wavesPerGroup);
}
