//===- CodeObject.h - LLVM's dialect to assembly or a code object *- C++
//-*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TARGET_CODEOBJECT_CODEOBJECT_H
#define HIPDEX_TARGET_CODEOBJECT_CODEOBJECT_H

#include "Spec/KernelMetadata.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace hipdex {

/// LLVM IR of a module of kernels in LLVM's dialect, before optimization.
/// Arguments have the names that the template gave them.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateToLLVMIR(mlir::gpu::GPUModuleOp kernels, llvm::LLVMContext &context,
                  llvm::StringRef chip, unsigned codeObjectVersion);

/// Bounds registers for exactly \p waves waves of a SIMD: with the upper bound
/// as well, LLVM neither spills for more waves nor spreads out over registers
/// that would allow fewer.
void setWavesPerSimd(llvm::Module &module, unsigned waves);

/// Runs LLVM's optimizer.
llvm::Error optimize(llvm::Module &module, llvm::StringRef chip);

/// Assembly text or a relocatable object.
enum class CodeGenFile { Assembly, Object };
llvm::Expected<llvm::SmallVector<char, 0>>
generateCode(llvm::Module &module, llvm::StringRef chip, CodeGenFile kind);

/// Links an object to a code object that hipModuleLoadData takes. One link at
/// a time in a process: lld is not thread safe.
llvm::Expected<llvm::SmallVector<char, 0>>
linkCodeObject(llvm::ArrayRef<char> object);

/// What the compiler wrote into the code object's own metadata: arguments,
/// registers, spills, sizes. Fills the fields of \p metadata that it knows.
llvm::Error readCodeObjectMetadata(llvm::ArrayRef<char> codeObject,
                                   KernelMetadata &metadata);

} // namespace hipdex

#endif // HIPDEX_TARGET_CODEOBJECT_CODEOBJECT_H
