//===- CompilerLibrary.h - The compiler, opened on a cache miss -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// libhipdex-compiler.so holds MLIR, LLVM and lld: most processes never need it,
// and an ahead-of-time deployment does not have it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_COMPILERLIBRARY_H
#define HIPDEX_RUNTIME_COMPILERLIBRARY_H

#include "API/hipdex-compiler.h"
#include "src/KernelCompiler.h"
#include <mutex>

namespace hipdex {
namespace runtime {

class CompilerLibrary final : public KernelCompiler {
public:
  llvm::StringRef name() const override { return "compiler"; }
  llvm::Expected<Action> action(llvm::StringRef key) const override {
    return Action::of(key);
  }
  /// Opens the library if it is not open. It must be of our BuildId.
  llvm::Error open() override;
  llvm::Expected<CompiledKernel> compile(llvm::StringRef key) override;

private:
  std::mutex mutex; ///< Guards opening.
  bool isOpen = false;
  decltype(&hipdex_compile) compileKey = nullptr;
  decltype(&hipdex_compile_result_error) resultError = nullptr;
  decltype(&hipdex_compile_result_data) resultData = nullptr;
  decltype(&hipdex_compile_result_metadata) resultMetadata = nullptr;
  decltype(&hipdex_compile_result_destroy) resultDestroy = nullptr;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_COMPILERLIBRARY_H
