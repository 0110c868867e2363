//===- HipSource.h - A kernel as HIP C++ ------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TARGET_HIPSOURCE_HIPSOURCE_H
#define HIPDEX_TARGET_HIPSOURCE_HIPSOURCE_H

#include "Spec/KernelKey.h"
#include "Spec/KernelMetadata.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {

/// One self-contained .hip file: the kernel of a module at the gpu stage, for
/// people to read, review and build. \p metadata is that of the key's code
/// object. What has no text is a diagnostic that names it.
llvm::Expected<std::string> emitHipSource(mlir::gpu::GPUModuleOp kernels,
                                          const KernelKey &key,
                                          const KernelMetadata &metadata);

/// The same without a key: no comment that says what the kernel is, and as
/// many waves as the kernel asks for. For tests of single operations.
mlir::FailureOr<std::string> printHipKernel(mlir::gpu::GPUFuncOp kernel,
                                            unsigned wavesPerSimd);

} // namespace hipdex

#endif // HIPDEX_TARGET_HIPSOURCE_HIPSOURCE_H
