//===- Kernel.h - A kernel that is loaded on a device ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A code object that passed every check, and the module HIP made of it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNEL_H
#define HIPDEX_RUNTIME_KERNEL_H

#include "src/HipTypes.h"
#include "src/KernelContents.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace hipdex {
namespace runtime {

class Context;

class Kernel : public KernelContents {
public:
  /// Checks \p compiled against \p context's device and loads it. Errors of the
  /// contents have HIPDEX_ERROR_CODE_OBJECT.
  static llvm::Expected<std::unique_ptr<Kernel>> load(Context &context,
                                                      CompiledKernel compiled);
  ~Kernel();
  Kernel(const Kernel &) = delete;
  Kernel &operator=(const Kernel &) = delete;

  Context &context;
  /// As given. HIP may read the code object as long as the module lives.
  const CompiledKernel compiled;
  hip::hipFunction_t function = nullptr;

private:
  Kernel(Context &context, CompiledKernel compiled, KernelContents contents);
  llvm::Error loadModule();

  hip::hipModule_t module = nullptr;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNEL_H
