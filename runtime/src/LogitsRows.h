//===- LogitsRows.h - Launches that write rows of logits -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What ops have in common that take steps of the tokens of a paged cache and
// write a logits row for each query token.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_LOGITSROWS_H
#define HIPDEX_RUNTIME_LOGITSROWS_H

#include "src/Launch.h"
#include "src/LaunchChecks.h"

namespace hipdex {
namespace runtime {

/// These arguments of an op, whose struct has them by the same names.
class LogitsRows {
public:
  template <typename Args>
  LogitsRows(const LaunchChecks &checks, const Kernel &kernel, const Args &args)
      : checks(checks), kernel(kernel), cache(args.cache), batch(args.batch),
        contextLens(args.context_lens), blockTable(args.block_table),
        tableWidth(args.table_width), tableStride(args.table_stride),
        logits(args.logits), width(args.width),
        logitsStride(args.logits_stride) {}

  /// Whether batch and width are in range. Where one of them is zero nothing
  /// else is looked at: empty tensors have no addresses.
  llvm::Error checkExtents() const;
  bool isEmpty() const { return batch == 0 || width == 0; }
  llvm::Error check() const;

  /// 31 bits times a small number.
  int64_t rows() const;
  /// Sets the grid of docs/kernel-abi.md, of what check() has passed. The
  /// number of its waves, which kernels take as an argument.
  int32_t setGrid(LaunchPlan &plan) const;

private:
  int64_t steps() const;

  const LaunchChecks &checks;
  const Kernel &kernel;
  const hipdex_cache_buffer &cache;
  const int64_t batch;
  const void *contextLens;
  const int32_t *blockTable;
  const int64_t tableWidth, tableStride;
  const void *logits;
  const int64_t width, logitsStride;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_LOGITSROWS_H
