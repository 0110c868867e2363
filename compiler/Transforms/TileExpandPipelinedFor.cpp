//===- TileExpandPipelinedFor.cpp - Loads one step ahead -===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Passes.h"
#include "Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace hipdex {
#define GEN_PASS_DEF_TILEEXPANDPIPELINEDFOR
#include "Passes.h.inc"
} // namespace hipdex

using namespace mlir;
using namespace hipdex;
using namespace hipdex::tile;

namespace {

struct ExpandPipelinedForPattern : OpRewritePattern<PipelinedForOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PipelinedForOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value lower = op.getLower(), upper = op.getUpper();
    Value isNotEmpty = arith::CmpIOp::create(
        rewriter, loc, arith::CmpIPredicate::slt, lower, upper);
    auto ifOp = scf::IfOp::create(rewriter, loc, isNotEmpty);
    rewriter.setInsertionPointToStart(ifOp.thenBlock());

    Value one = arith::ConstantIntOp::create(rewriter, loc, 1, 32);
    Value last = arith::SubIOp::create(rewriter, loc, upper, one);
    SmallVector<Value> first = clone(rewriter, op.getLoad(), lower, {});
    auto loop = scf::ForOp::create(
        rewriter, loc, lower, last, one, first,
        [&](OpBuilder &builder, Location, Value step, ValueRange current) {
          clone(builder, op.getCompute(), step, current);
          Value next = arith::AddIOp::create(builder, loc, step, one);
          SmallVector<Value> loaded = clone(builder, op.getLoad(), next, {});
          scf::YieldOp::create(builder, loc, loaded);
        });
    loop->setAttr("hipdex.pipelined", rewriter.getUnitAttr());
    for (auto [argument, original] :
         llvm::zip(loop.getRegionIterArgs(),
                   op.getCompute().getArguments().drop_front()))
      argument.setLoc(original.getLoc());
    rewriter.setInsertionPointAfter(loop);
    clone(rewriter, op.getCompute(), last, loop.getResults());
    rewriter.eraseOp(op);
    return success();
  }

  /// A copy of the region's operations for one step; gives what it yields.
  static SmallVector<Value> clone(OpBuilder &builder, Region &region,
                                  Value step, ValueRange loaded) {
    IRMapping mapping;
    Block &block = region.front();
    mapping.map(block.getArgument(0), step);
    mapping.map(block.getArguments().drop_front(), loaded);
    for (Operation &op : block.without_terminator())
      builder.clone(op, mapping);
    SmallVector<Value> yielded;
    for (Value value : block.getTerminator()->getOperands())
      yielded.push_back(mapping.lookupOrDefault(value));
    return yielded;
  }
};

struct TileExpandPipelinedFor
    : hipdex::impl::TileExpandPipelinedForBase<TileExpandPipelinedFor> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandPipelinedForPattern>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
