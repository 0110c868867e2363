//===- Pipelines.h - From a key to LLVM's dialect, stage by stage *- C++
//-*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_PIPELINES_PIPELINES_H
#define HIPDEX_PIPELINES_PIPELINES_H

#include "Spec/KernelKey.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

namespace hipdex {

/// Every dialect and interface that a stage may hold.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Every pass of the compiler, and one pipeline for each of the stages below.
void registerAllPasses();

/// The module with the one operation of a key that is supported.
mlir::OwningOpRef<mlir::ModuleOp> buildIndexerModule(mlir::MLIRContext *context,
                                                     const KernelKey &key);

/// indexer -> tile: the kernel as its template says it.
void buildTilePipeline(mlir::OpPassManager &pm);
/// tile -> gpu: what one lane does, in upstream dialects.
void buildGPUPipeline(mlir::OpPassManager &pm);
/// gpu -> llvm: LLVM's dialect, ready to translate. \p chip is LLVM's name of
/// the target.
void buildLLVMPipeline(mlir::OpPassManager &pm, llvm::StringRef chip);

/// \p module as text, with the names that the template gave its values.
std::string printStage(mlir::ModuleOp module);

} // namespace hipdex

#endif // HIPDEX_PIPELINES_PIPELINES_H
