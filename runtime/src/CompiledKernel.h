//===- CompiledKernel.h - A code object and its metadata ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What the compiler makes, the caches and bundles keep, and HIP loads.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_COMPILEDKERNEL_H
#define HIPDEX_RUNTIME_COMPILEDKERNEL_H

#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>

namespace hipdex {
namespace runtime {

struct CompiledKernel {
  std::string metadata; ///< KernelMetadata as JSON.
  std::unique_ptr<llvm::MemoryBuffer> codeObject;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_COMPILEDKERNEL_H
