//===- Dump.h - A launch as files -------------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A problem, the kernel and what it wrote: raw little-endian files
// and a manifest, so that others can check a result with their own tools. The
// format is docs/dump-format.md.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_DUMP_H
#define HIPDEX_REFERENCE_DUMP_H

#include "Spec/KernelMetadata.h"
#include "reference/RowProblem.h"

namespace hipdex {

struct Dump {
  static constexpr int64_t formatVersion = 2;

  /// Of an op on K rows: before the launch and after it. Null for others.
  std::unique_ptr<RowProblem> rows, rowsAfter;
  /// Of paged_mqa_logits.
  Problem problem;
  std::vector<float> logits; ///< problem.logitsElements(), as launched.
  std::string codeObject;
  KernelMetadata metadata;
  PackedLaunch launch; ///< As passed; pointers are the device's.

  const KernelKey &key() const { return rows ? rows->key : problem.key; }

  /// Whether write() may replace what is at \p directory: nothing, an empty
  /// directory or another dump.
  static llvm::Error checkTarget(llvm::StringRef directory);
  /// Publishes by renaming a complete directory.
  llvm::Error write(llvm::StringRef directory);
  static llvm::Expected<Dump> load(llvm::StringRef directory);
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_DUMP_H
