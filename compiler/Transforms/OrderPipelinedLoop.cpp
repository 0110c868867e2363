//===- OrderPipelinedLoop.cpp - Few live registers in a pipelined loop ----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowering works tile by tile through one operation after the other, so all
// products of a step stand before all ReLUs, and all accumulators would be
// alive at once. Here each result is computed depth first instead. LLVM's
// scheduler starts from this order and moves little across it.
//
//===----------------------------------------------------------------------===//

#include "Conversion/TileToGPU/TargetLowering.h"
#include "Passes.h"
#include "Specialize/TemplateLibrary.h"
#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace hipdex {
#define GEN_PASS_DEF_ORDERPIPELINEDLOOP
#include "Passes.h.inc"
} // namespace hipdex

using namespace mlir;
using namespace hipdex;

namespace {

bool isInvariantLoad(Operation *op) {
  auto load = dyn_cast<LLVM::LoadOp>(op);
  return (load && load.getInvariant()) || op->hasAttr("hipdex.invariant");
}

/// Whether only its operands bind an operation to its place.
bool isMovable(Operation *op) {
  if (op->getNumRegions() != 0)
    return false;
  if (isMemoryEffectFree(op) || isInvariantLoad(op))
    return true;
  // ROCDL says nothing about the effects of matrix and lane intrinsics, which
  // have none; those that touch memory declare it.
  return isa<ROCDL::ROCDLDialect>(op->getDialect()) &&
         !isa<MemoryEffectOpInterface>(op) && op->getNumResults() > 0;
}

/// Reorders the operations [begin, end) of a block.
class BlockOrder {
public:
  BlockOrder(Block::iterator begin, Block::iterator end) {
    for (auto it = begin; it != end; ++it) {
      original.push_back(&*it);
      pending.insert(&*it);
      int64_t below = 0;
      for (Value operand : it->getOperands())
        if (Operation *def = operand.getDefiningOp())
          below = std::max(below, height.lookup(def));
      height[&*it] = below + 1;
      place[&*it] = original.size();
    }
  }

  /// Puts \p op, after all that it needs, at the end of the new order.
  void emit(Operation *op) {
    if (!pending.contains(op))
      return;
    pending.erase(op);
    // The longest chain first: it began with the earliest tile, and a short
    // one computed before it would only wait in a register.
    SmallVector<Operation *> operands;
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp())
        operands.push_back(def);
    llvm::sort(operands, [&](Operation *a, Operation *b) {
      int64_t heightA = height.lookup(a), heightB = height.lookup(b);
      return heightA != heightB ? heightA > heightB : place[a] < place[b];
    });
    for (Operation *operand : operands)
      emit(operand);
    ordered.push_back(op);
    if (onEmit)
      onEmit(op);
  }

  ArrayRef<Operation *> getOriginal() const { return original; }

  /// Called after each operation that is emitted.
  std::function<void(Operation *)> onEmit;

  /// Emits what is left in its old order and moves everything into place.
  void finish() {
    for (Operation *op : original)
      emit(op);
    for (auto [previous, op] : llvm::zip(ordered, llvm::drop_begin(ordered)))
      op->moveAfter(previous);
  }

private:
  SmallVector<Operation *> original, ordered;
  llvm::DenseSet<Operation *> pending;
  llvm::DenseMap<Operation *, int64_t> height, place;
};

/// All operations but the last ones that write can be moved.
bool canReorder(ArrayRef<Operation *> ops) {
  return llvm::all_of(ops, [](Operation *op) {
    return isMovable(op) || isa<ROCDL::RawPtrBufferStoreOp>(op);
  });
}

/// What may move past a scheduling barrier: the bits of
/// llvm.amdgcn.sched.barrier.
enum MayPass : uint32_t {
  Nothing = 0x0,
  AllArithmetic = 0x1, // scalar, vector and matrix
  VectorArithmetic = 0x2,
  ScalarArithmetic = 0x4
};

struct OrderPipelinedLoop
    : hipdex::impl::OrderPipelinedLoopBase<OrderPipelinedLoop> {
  void runOnOperation() override {
    getOperation()->walk([&](scf::ForOp loop) {
      if (!loop->hasAttr("hipdex.pipelined"))
        return;
      orderFirstLoads(loop);
      orderLoop(loop);
      orderLastStep(loop);
      if (!isSum(loop) && !isCrowded(loop))
        reverseVariables(loop);
    });
  }

  /// The operations that read the registers of \p value: its users, but for
  /// those that only give the same registers another type, join or part them.
  static llvm::SetVector<Operation *> readersOf(Value value) {
    llvm::SetVector<Operation *> readers;
    for (Operation *user : value.getUsers()) {
      if (isa<vector::ShuffleOp, vector::ExtractStridedSliceOp,
              vector::ExtractOp, arith::BitcastOp, LLVM::BitcastOp>(user))
        readers.insert_range(readersOf(user->getResult(0)));
      else
        readers.insert(user);
    }
    return readers;
  }

  /// The last of a chain of matrix products that starts with \p op: registers
  /// that one chain reads are filled together.
  static Operation *endOfChain(Operation *op) {
    while (op->getNumResults() == 1 && op->hasOneUse()) {
      Operation *user = *op->user_begin();
      if (user->getName() != op->getName() ||
          !isa<ROCDL::ROCDLDialect>(op->getDialect()))
        break;
      op = user;
    }
    return op;
  }

  /// Whether there are query rows whose scalars nearly fill their registers.
  /// With seven, LLVM 22 spilled two or three of them on gfx942, to fill rows
  /// with -inf besides: 8 heads and plain pages of 128 tokens or more, when
  /// nothing might pass the scale; 32 heads and head_dim 64, when the variables
  /// were reversed.
  static bool isCrowded(scf::ForOp loop) {
    return llvm::range_size(
               loop.getBody()->getOps<ROCDL::RawPtrBufferStoreOp>()) > 6;
  }

  /// Whether words of K are only added up.
  static bool isSum(scf::ForOp loop) {
    return llvm::any_of(loop.getRegionIterArgs(), [](Value argument) {
      return llvm::any_of(argument.getUsers(),
                          llvm::IsaPred<vector::ExtractOp>);
    });
  }

  /// Makes the last of the loop's variables the first. A matrix operand of
  /// gfx950 is two loads next to each other. With their variables the other way
  /// round LLVM 22 moves words of K there in each step of 64 and 128 heads,
  /// which is more instructions (4 for 16 tokens and 64 heads) and registers
  /// (148 instead of 126). LLVM adds up integers in the order of the variables,
  /// so that of sums stays (docs/hip-source.md).
  static void reverseVariables(scf::ForOp loop) {
    OpBuilder builder(loop);
    auto reversed = scf::ForOp::create(
        builder, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(),
        loop.getStep(), llvm::to_vector(llvm::reverse(loop.getInitArgs())));
    reversed->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    Block &from = *loop.getBody(), &to = *reversed.getBody();
    SmallVector<Value> arguments = {reversed.getInductionVar()};
    llvm::append_range(arguments, llvm::reverse(reversed.getRegionIterArgs()));
    for (auto [before, after] : llvm::zip(from.getArguments(), arguments)) {
      after.setLoc(before.getLoc());
      before.replaceAllUsesWith(after);
    }
    to.getOperations().splice(to.end(), from.getOperations());
    Operation *yield = to.getTerminator();
    yield->setOperands(llvm::to_vector(llvm::reverse(yield->getOperands())));
    for (auto [before, after] :
         llvm::zip(loop.getResults(), llvm::reverse(reversed.getResults())))
      before.replaceAllUsesWith(after);
    loop.erase();
  }

  /// The first step's loads are issued before what else the steps need, and
  /// all of it has arrived when the loop begins. (Waits are counts, fixed when
  /// the kernel is compiled. If something that the steps only read were still
  /// on its way, every step would wait for it, and so for its own loads.)
  static void orderFirstLoads(scf::ForOp loop) {
    Operation *last = nullptr;
    for (Value value : loop.getInitArgs()) {
      Operation *load = value.getDefiningOp();
      if (load && isInvariantLoad(load) &&
          load->getBlock() == loop->getBlock() &&
          (!last || last->isBeforeInBlock(load)))
        last = load;
    }
    if (!last)
      return;
    OpBuilder builder(loop);
    keepLoadsBefore(builder, loop.getLoc());
    amdgpu::MemoryCounterWaitOp::create(builder, loop.getLoc(),
                                        /*load=*/builder.getI32IntegerAttr(0),
                                        /*store=*/IntegerAttr(),
                                        /*ds=*/IntegerAttr(),
                                        /*exp=*/IntegerAttr(),
                                        /*tensor=*/IntegerAttr());
    builder.setInsertionPointAfter(last);
    Location asked = withComment(
        loop.getLoc(), "The first step's loads are asked for before all else "
                       "that the steps need.");
    ROCDL::SchedBarrier::create(builder, asked, Nothing);
  }

  static void orderLoop(scf::ForOp loop) {
    Block &body = *loop.getBody();
    Operation *yield = body.getTerminator();
    BlockOrder order(body.begin(), yield->getIterator());
    if (!canReorder(order.getOriginal()))
      return;

    // Who still has to read a register's present value; when nobody has, it
    // may be filled for the next step.
    llvm::DenseMap<Operation *, llvm::SetVector<Operation *>> refillsAfter;
    llvm::DenseMap<Operation *, int64_t> readersLeft;
    for (auto [argument, next] :
         llvm::zip(loop.getRegionIterArgs(), yield->getOperands())) {
      Operation *load = next.getDefiningOp();
      if (!load || !isInvariantLoad(load))
        continue;
      llvm::SetVector<Operation *> lastReaders;
      for (Operation *reader : readersOf(argument))
        lastReaders.insert(endOfChain(reader));
      readersLeft[load] = lastReaders.size();
      for (Operation *reader : lastReaders)
        refillsAfter[reader].insert(load);
    }

    // Table lookups for the next step come first: what depends on them is
    // needed in the middle of this one.
    for (Operation *op : order.getOriginal())
      if (isInvariantLoad(op) && !readersLeft.contains(op))
        order.emit(op);

    struct Group {
      Operation *lastReader, *lastLoad;
    };
    SmallVector<Group> groups;
    order.onEmit = [&](Operation *op) {
      auto it = refillsAfter.find(op);
      if (it == refillsAfter.end())
        return;
      SmallVector<Operation *> ready;
      for (Operation *load : it->second)
        if (--readersLeft[load] == 0)
          ready.push_back(load);
      if (ready.empty())
        return;
      for (Operation *load : ready)
        order.emit(load);
      groups.push_back({op, ready.back()});
    };
    for (Operation *op : order.getOriginal())
      if (!isMovable(op))
        order.emit(op);
    order.finish();

    // LLVM's scheduler would sink the loads to the end of the step, where
    // nothing is left to hide their latency, and take the scalar arithmetic on
    // the table's entry to its beginning, where the entry is still on its way.
    // Both stay between the products that read the registers before and other
    // memory; of the masks that do this, these gave no spills on any key and
    // the fewest instructions.
    OpBuilder builder(loop.getContext());
    for (const Group &group : groups) {
      builder.setInsertionPointAfter(group.lastReader);
      // Nothing passes what is no product: a sum of K, taken before the loads
      // of registers that are read earlier, would wait for later ones; and past
      // the multiplication by the scale, LLVM, to which products are vector
      // arithmetic, took all products of a step before all of its loads.
      bool isProduct = isa<ROCDL::ROCDLDialect>(group.lastReader->getDialect());
      bool isScale = !isProduct &&
                     !isa<VectorType>(group.lastLoad->getResult(0).getType());
      bool mayPass = isProduct || (isScale && isCrowded(loop));
      Location filled = withComment(
          loop.getLoc(), "Registers are filled for the next step right after "
                         "their last use in this one.");
      ROCDL::SchedBarrier::create(builder, filled,
                                  mayPass ? VectorArithmetic : Nothing);
      builder.setInsertionPointAfter(group.lastLoad);
      ROCDL::SchedBarrier::create(builder, loop.getLoc(),
                                  AllArithmetic | ScalarArithmetic);
    }
  }

  static void orderLastStep(scf::ForOp loop) {
    Block &block = *loop->getBlock();
    BlockOrder order(std::next(loop->getIterator()),
                     block.getTerminator()->getIterator());
    if (!canReorder(order.getOriginal()) || order.getOriginal().empty())
      return;
    for (Operation *op : order.getOriginal())
      if (!isMovable(op))
        order.emit(op);
    order.finish();
  }
};

} // namespace
