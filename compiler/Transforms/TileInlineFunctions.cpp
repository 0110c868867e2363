//===- TileInlineFunctions.cpp - Functions of the library into kernels ----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Passes.h"
#include "Specialize/TemplateLibrary.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"

namespace hipdex {
#define GEN_PASS_DEF_TILEINLINEFUNCTIONS
#include "Passes.h.inc"
} // namespace hipdex

using namespace mlir;
using namespace hipdex;

/// \p loc with the comments of \p outer around it.
static Location withComments(Location loc, Location outer) {
  for (StringAttr comment : llvm::reverse(commentsOf(outer)))
    loc = withComment(loc, comment);
  return loc;
}

namespace {

struct TileInlineFunctions
    : hipdex::impl::TileInlineFunctionsBase<TileInlineFunctions> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<func::CallOp> calls;
    // A call that is inlined may bring calls of its own; a function that calls
    // itself would bring them forever.
    constexpr unsigned limit = 1000;
    for (unsigned count = 0;; ++count) {
      calls.clear();
      module.walk([&](gpu::GPUFuncOp kernel) {
        kernel.walk([&](func::CallOp call) { calls.push_back(call); });
      });
      if (calls.empty())
        break;
      func::CallOp call = calls.front();
      auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
      if (!callee || callee.isExternal() || count == limit) {
        call.emitOpError() << "cannot be inlined: @" << call.getCallee()
                           << (count == limit ? " calls itself"
                                              : " has no definition");
        return signalPassFailure();
      }
      if (!callee.getBody().hasOneBlock() ||
          !isa<func::ReturnOp>(callee.getBody().front().getTerminator())) {
        call.emitOpError() << "cannot be inlined: @" << call.getCallee()
                           << " is not one block that returns";
        return signalPassFailure();
      }
      // Upstream's inliner asks the dialect of the caller's region whether it
      // may, and the GPU dialect has no answer for gpu.func. Locations stay
      // those of the function, for the names in them.
      IRMapping mapping;
      Block &body = callee.getBody().front();
      mapping.map(body.getArguments(), call.getOperands());
      OpBuilder builder(call);
      // What stands above the call and above the function is said where the
      // first of its code is that is left, so all of it has that.
      for (Operation &op : body.without_terminator()) {
        Operation *clone = builder.clone(op, mapping);
        clone->setLoc(withComments(
            withComments(clone->getLoc(), callee.getLoc()), call.getLoc()));
      }
      for (auto [result, value] :
           llvm::zip(call.getResults(), body.getTerminator()->getOperands()))
        result.replaceAllUsesWith(mapping.lookupOrDefault(value));
      call.erase();
    }
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      function.erase();
  }
};

} // namespace
