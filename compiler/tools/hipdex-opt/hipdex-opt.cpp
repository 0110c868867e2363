//===- hipdex-opt.cpp - Runs passes on text -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipelines/Pipelines.h"
#include "Target/HipSource/HipSource.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

using namespace mlir;

namespace {
/// For tests of the text of single operations.
struct PrintHipSource
    : PassWrapper<PrintHipSource, OperationPass<gpu::GPUFuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintHipSource)
  StringRef getArgument() const override { return "print-hip-source"; }
  StringRef getDescription() const override {
    return "Print a kernel as HIP C++ for one wave of a SIMD";
  }
  void runOnOperation() override {
    auto text = hipdex::printHipKernel(getOperation(), /*wavesPerSimd=*/1);
    if (failed(text))
      return signalPassFailure();
    llvm::outs() << *text;
  }
};
} // namespace

int main(int argc, char **argv) {
  hipdex::registerAllPasses();
  PassRegistration<PrintHipSource>();
  mlir::DialectRegistry registry;
  hipdex::registerAllDialects(registry);
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "hipdex's modular optimizer driver\n", registry));
}
