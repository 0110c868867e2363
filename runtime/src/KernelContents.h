//===- KernelContents.h - The checks that every code object passes --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Whatever a kernel came from, its metadata and ELF are held against each other
// and against what this library packs, before HIP sees it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNELCONTENTS_H
#define HIPDEX_RUNTIME_KERNELCONTENTS_H

#include "Spec/KernelKey.h"
#include "Spec/KernelMetadata.h"
#include "src/CompiledKernel.h"
#include "llvm/Support/Error.h"

namespace hipdex {
namespace runtime {

struct KernelContents {
  KernelMetadata metadata;
  KernelKey key;
  uint64_t layoutHash = 0;
  uint64_t targetLayoutHash = 0; ///< Of the cache that is moved to.

  /// What \p compiled holds, for a device of architecture \p arch; empty for
  /// that of its key. Errors have HIPDEX_ERROR_CODE_OBJECT.
  static llvm::Expected<KernelContents> check(const CompiledKernel &compiled,
                                              llvm::StringRef arch = {});
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNELCONTENTS_H
