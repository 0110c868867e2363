//===- Passes.td - Every pass of the compiler --------------*- tablegen -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_PASSES_TD
#define HIPDEX_PASSES_TD

include "mlir/Pass/PassBase.td"

def IndexerSpecialize : Pass<"indexer-specialize", "::mlir::ModuleOp"> {
  let summary = "Replace indexer operations with the kernels of their templates";
  let description = [{
    Takes each function that holds one `indexer` operation, generates the
    prelude of type and attribute aliases of its key, parses the operation's
    template below it, and puts the template's module of kernels in the place of
    the function. Declarations in a template that a file of the template library
    defines get that definition.

    SSA names and the comments above an operation become its location: a
    `NameLoc` around the place in the template.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::ROCDL::ROCDLDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect",
    "::hipdex::tile::TileDialect"
  ];
}

def TileInlineFunctions : Pass<"tile-inline-functions",
                               "::mlir::gpu::GPUModuleOp"> {
  let summary = "Inline the functions of the template library into the kernels";
  let description = [{
    Afterwards the module holds kernels only. A call of a function without a
    definition, or of one that calls itself, is an error. What comes of a call
    has the comments above it and above the function in its locations, for
    HIP C++ text to print once.
  }];
}

def TileExpandPipelinedFor : Pass<"tile-expand-pipelined-for"> {
  let summary = "Turn tile.pipelined_for into a loop that loads one step ahead";
  let description = [{
    The loads of the first step stand before the loop; step `i` of the loop
    computes on what it was given and loads for step `i + 1`; the last step
    stands after the loop and loads nothing, so that nothing is read twice or
    past the end. The loop carries the attribute `hipdex.pipelined`, by which
    `order-pipelined-loop` knows it.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::scf::SCFDialect"];
}

def TileToGPU : Pass<"tile-to-gpu", "::mlir::gpu::GPUModuleOp"> {
  let summary = "Lower distributed tensors to what one lane holds";
  let description = [{
    Each tensor becomes one value for each of its fragments: a vector, a number,
    or, for fp8, 32-bit words. Addresses are 64-bit; what all lanes agree on is
    kept apart from what a lane adds, so that the first stays in scalar
    registers. The target of the module (`#rocdl.target`) picks the matrix and
    cross-lane instructions.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect",
    "::mlir::ROCDL::ROCDLDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def OrderPipelinedLoop : Pass<"order-pipelined-loop"> {
  let summary = "Order the body of a pipelined loop for few live registers";
  let description = [{
    In a loop that `tile-expand-pipelined-for` made, and in the step after it:
    each result is computed with everything it needs before the next one is
    begun, so that few accumulators are alive at a time; what addresses need
    comes first; and the load that fills a register for the next step follows
    the last use of its present value. What the first step loads is issued
    before the rest of what the loop needs, and all of it has arrived when the
    loop begins. The loop's last variable becomes its first one, unless words of
    K are only added up or there are more than six query rows.
  }];
  let dependentDialects = ["::mlir::amdgpu::AMDGPUDialect",
                           "::mlir::ROCDL::ROCDLDialect",
                           "::mlir::scf::SCFDialect"];
}

#endif // HIPDEX_PASSES_TD
