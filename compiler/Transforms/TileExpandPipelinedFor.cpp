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
#include "llvm/ADT/SetVector.h"

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
    llvm::SetVector<Operation *> needed = neededByCompute(op);
    for (Operation *moved : llvm::reverse(needed))
      rewriter.moveOpBefore(moved, ifOp.thenBlock(),
                            rewriter.getInsertionPoint());
    auto loop = scf::ForOp::create(
        rewriter, loc, lower, last, one, first,
        [&](OpBuilder &builder, Location, Value step, ValueRange current) {
          clone(builder, op.getCompute(), step, current);
          Value next = arith::AddIOp::create(builder, loc, step, one);
          SmallVector<Value> loaded = clone(builder, op.getLoad(), next, {});
          scf::YieldOp::create(builder, loc, loaded);
        });
    loop->setAttr("hipdex.pipelined", rewriter.getUnitAttr());
    // The names of a template are in its locations.
    loop.getInductionVar().setLoc(op.getLoad().getArgument(0).getLoc());
    for (auto [argument, original] :
         llvm::zip(loop.getRegionIterArgs(),
                   op.getCompute().getArguments().drop_front()))
      argument.setLoc(original.getLoc());
    rewriter.setInsertionPointAfter(loop);
    clone(rewriter, op.getCompute(), last, loop.getResults());
    rewriter.eraseOp(op);
    return success();
  }

  /// What only the arithmetic needs, the query rows for one. It goes behind the
  /// first loads: an empty range does not compute it, and K does not wait for
  /// it.
  static llvm::SetVector<Operation *> neededByCompute(PipelinedForOp op) {
    llvm::SetVector<Operation *> needed;
    // Backwards, so that the users come before what they use.
    for (Operation *candidate = op->getPrevNode(); candidate;
         candidate = candidate->getPrevNode())
      if (isPure(candidate) && !candidate->use_empty() &&
          llvm::all_of(candidate->getUsers(), [&](Operation *user) {
            return op.getCompute().isAncestor(user->getParentRegion()) ||
                   needed.contains(user);
          }))
        needed.insert(candidate);
    return needed;
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
