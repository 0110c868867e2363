//===- KernelCompiler.h - Who makes what no source has --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The last step of the resolution order (docs/runtime.md), and what the caches
// call its kernels.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNELCOMPILER_H
#define HIPDEX_RUNTIME_KERNELCOMPILER_H

#include "src/Action.h"
#include "src/CompiledKernel.h"
#include "llvm/Support/Error.h"
#include <mutex>

namespace hipdex {
namespace runtime {

/// All functions may be called from any thread.
class KernelCompiler {
public:
  /// The version that is asked for; older ROCm cannot load 6.
  static constexpr unsigned codeObjectVersion = 5;

  virtual ~KernelCompiler() = default;

  /// For traces: "compiler".
  virtual llvm::StringRef name() const = 0;
  /// What the caches know its kernel of \p key by, if it can make one.
  virtual llvm::Expected<Action> action(llvm::StringRef key) const = 0;
  /// Opens what compile() needs.
  virtual llvm::Error open() = 0;
  virtual llvm::Expected<CompiledKernel> compile(llvm::StringRef key) = 0;
  /// The right to call compile(), which a compiler that makes one kernel at a
  /// time waits for: before others wait for the kernel.
  virtual std::unique_lock<std::mutex> turn() { return {}; }
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNELCOMPILER_H
