//===- IndexerSpecialize.cpp - Indexer operations to kernels --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Indexer/IR/Indexer.h"
#include "Passes.h"
#include "Specialize/Prelude.h"
#include "Specialize/TemplateLibrary.h"
#include "Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"

namespace hipdex {
#define GEN_PASS_DEF_INDEXERSPECIALIZE
#include "Passes.h.inc"
} // namespace hipdex

using namespace mlir;
using namespace hipdex;

namespace {

/// The key that an operation, which verified, stands for.
template <typename OpTy> KernelKey keyOf(OpTy op, hipdex::Op which) {
  CacheLayout layout = op.getLayout().getSpec();
  KernelKey key;
  key.op = which;
  key.arch = lookupArch(op.getTarget());
  key.pageSize = layout.pageSize;
  key.headDim = layout.headDim;
  key.preshuffle = layout.order == CacheOrder::Preshuffle16x16;
  key.fp8 = layout.fp8;
  return key;
}

KernelKey keyOf(indexer::PagedMqaLogitsOp op) {
  auto queries = cast<RankedTensorType>(op.getQ().getType());
  KernelKey key = keyOf(op, hipdex::Op::PagedMqaLogits);
  key.kvBlockSize = op.getKvBlockSize();
  key.heads = queries.getDimSize(2);
  key.nextN = queries.getDimSize(1);
  key.tail = op.getNegInfTail() ? Tail::NegInf : Tail::Untouched;
  key.checkTable = !op.getUnchecked();
  return key;
}

bool hasWideSlots(Value slots) {
  return cast<RankedTensorType>(slots.getType()).getElementType().isInteger(64);
}

SourceType sourceOf(Value rows) {
  Type source = cast<RankedTensorType>(rows.getType()).getElementType();
  return source.isBF16()  ? SourceType::BF16
         : source.isF16() ? SourceType::F16
                          : SourceType::F32;
}

KernelKey keyOf(indexer::KQuantStoreOp op) {
  KernelKey key = keyOf(op, hipdex::Op::KQuantStore);
  key.source = sourceOf(op.getK());
  key.wideSlots = hasWideSlots(op.getSlots());
  key.powerOfTwo = op.getPowerOfTwo();
  key.lowerFp8Max = int64_t(op.getFp8Max()) != fp8Maxima(key.fp8)[0];
  return key;
}

KernelKey keyOf(indexer::KGatherOp op) {
  KernelKey key = keyOf(op, hipdex::Op::KGather);
  key.kvBlockSize = op.getKvBlockSize();
  return key;
}

KernelKey keyOf(indexer::KMoveOp op) {
  KernelKey key = keyOf(op, hipdex::Op::KMove);
  CacheLayout target = op.getTargetLayout().getSpec();
  key.targetPageSize = target.pageSize;
  key.targetPreshuffle = target.order == CacheOrder::Preshuffle16x16;
  key.wideSlots = hasWideSlots(op.getSourceSlots());
  return key;
}

KernelKey keyOf(indexer::StreamPagesOp op) {
  KernelKey key = keyOf(op, hipdex::Op::StreamPages);
  key.kvBlockSize = op.getKvBlockSize();
  key.nextN = op.getNextN();
  key.tail = op.getNegInfTail() ? Tail::NegInf : Tail::Untouched;
  key.checkTable = !op.getUnchecked();
  return key;
}

KernelKey keyOf(indexer::MqaLogitsOp op) {
  auto queries = cast<RankedTensorType>(op.getQ().getType());
  KernelKey key;
  key.op = hipdex::Op::MqaLogits;
  key.arch = lookupArch(op.getTarget());
  key.fp8 = key.arch->fp8; // (C2)
  key.heads = queries.getDimSize(1);
  key.headDim = queries.getDimSize(2);
  key.tail = op.getNegInfTail() ? Tail::NegInf : Tail::Untouched;
  return key;
}

KernelKey keyOf(indexer::PagedMqaPrefillOp op) {
  auto queries = cast<RankedTensorType>(op.getQ().getType());
  KernelKey key = keyOf(op, hipdex::Op::PagedMqaPrefill);
  key.kvBlockSize = op.getKvBlockSize();
  key.heads = queries.getDimSize(1);
  key.tail = op.getNegInfTail() ? Tail::NegInf : Tail::Untouched;
  key.checkTable = !op.getUnchecked();
  return key;
}

KernelKey keyOf(indexer::TopKOp op) {
  KernelKey key;
  key.op = hipdex::Op::TopK;
  key.arch = lookupArch(op.getTarget());
  key.windows = bool(op.getStarts());
  key.outputSlots = bool(op.getBlockTable());
  key.kvBlockSize = op.getKvBlockSize().value_or(1);
  return key;
}

KernelKey keyOf(indexer::QkPrepOp op) {
  KernelKey key = keyOf(op, hipdex::Op::QkPrep);
  key.heads = cast<RankedTensorType>(op.getQ().getType()).getDimSize(1);
  key.source = sourceOf(op.getQ());
  key.wideSlots = hasWideSlots(op.getSlots());
  key.powerOfTwo = op.getPowerOfTwo();
  key.rope = op.getInterleaved() ? Rope::Interleaved : Rope::Neox;
  key.rotaryLast = op.getRotaryLast();
  key.hadamard = op.getHadamard();
  key.prepsSkipped = op.getPrepsSkipped();
  return key;
}

KernelKey keyOf(Operation *op) {
  if (auto logits = dyn_cast<indexer::PagedMqaLogitsOp>(op))
    return keyOf(logits);
  if (auto store = dyn_cast<indexer::KQuantStoreOp>(op))
    return keyOf(store);
  if (auto logits = dyn_cast<indexer::MqaLogitsOp>(op))
    return keyOf(logits);
  if (auto logits = dyn_cast<indexer::PagedMqaPrefillOp>(op))
    return keyOf(logits);
  if (auto topk = dyn_cast<indexer::TopKOp>(op))
    return keyOf(topk);
  if (auto gather = dyn_cast<indexer::KGatherOp>(op))
    return keyOf(gather);
  if (auto move = dyn_cast<indexer::KMoveOp>(op))
    return keyOf(move);
  if (auto prep = dyn_cast<indexer::QkPrepOp>(op))
    return keyOf(prep);
  return keyOf(cast<indexer::StreamPagesOp>(op));
}

bool isIndexerOp(Operation *op) {
  return isa<indexer::IndexerDialect>(op->getDialect());
}

/// The functions of the template library, as a key's kernel needs them.
class Library {
public:
  Library(MLIRContext *context, StringRef prelude)
      : context(context), prelude(prelude) {}

  /// The definition of a function, or null.
  func::FuncOp find(StringRef name) {
    for (const TemplateFile &file : templateFiles()) {
      if (!defines(file.text, name))
        continue;
      OwningOpRef<ModuleOp> &module = modules[file.name];
      if (!module) {
        std::optional<StringRef> body = templateBody(file.text);
        module = parseTemplate(context, (file.name + ".mlir").str(),
                               body ? (prelude + "\n" + *body).str()
                                    : file.text.str());
      }
      if (module)
        if (auto function = module->lookupSymbol<func::FuncOp>(name))
          return function;
    }
    return {};
  }

private:
  /// Only files that define what is asked for are parsed: where one has a line
  /// of equals signs, another kernel's prelude may not have its aliases. A
  /// declaration has types where a definition has arguments.
  static bool defines(StringRef text, StringRef name) {
    StringRef arguments =
        text.split(("func.func private @" + name + "(").str()).second;
    return arguments.ltrim().starts_with("%");
  }

  MLIRContext *context;
  StringRef prelude;
  llvm::StringMap<OwningOpRef<ModuleOp>> modules;
};

struct IndexerSpecialize
    : hipdex::impl::IndexerSpecializeBase<IndexerSpecialize> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Operation *> ops;
    module.walk([&](Operation *op) {
      if (isIndexerOp(op))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (failed(replace(op)))
        return signalPassFailure();
  }

  LogicalResult replace(Operation *op) {
    auto function = op->getParentOfType<func::FuncOp>();
    if (!function)
      return op->emitOpError("is not in a func.func");
    // The kernel replaces the whole function.
    bool isAlone = true;
    function.walk([&](Operation *other) {
      isAlone &= other == op || !isIndexerOp(other);
    });
    if (!isAlone)
      return op->emitOpError("is not the only indexer operation of @")
             << function.getName();
    KernelKey key = keyOf(op);
    if (llvm::Error error = key.validate())
      return op->emitOpError() << llvm::toString(std::move(error));
    OwningOpRef<ModuleOp> kernels = specialize(op, key);
    if (!kernels)
      return failure();
    for (Operation &kernel :
         llvm::make_early_inc_range(kernels->getBody()->getOperations()))
      kernel.moveBefore(function);
    function.erase();
    return success();
  }

  OwningOpRef<ModuleOp> specialize(Operation *op, const KernelKey &key) {
    StringRef name = hipdex::opName(key.op);
    const TemplateFile *file = lookupTemplate(name);
    std::optional<StringRef> body;
    if (file)
      body = templateBody(file->text);
    if (!body) {
      op->emitOpError() << "has no template " << name
                        << ".mlir with a line of equals signs";
      return {};
    }
    std::string prelude = preludeFor(key);
    OwningOpRef<ModuleOp> kernels = parseTemplate(
        &getContext(), (name + ".mlir").str(), prelude + "\n" + body->str());
    if (!kernels)
      return {};
    Library library(&getContext(), prelude);
    auto walked = kernels->walk([&](gpu::GPUModuleOp module) {
      return failed(define(module, library)) ? WalkResult::interrupt()
                                             : WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return {};
    return kernels;
  }

  /// Gives every function that is called in \p module its definition from the
  /// template library.
  static LogicalResult define(gpu::GPUModuleOp module, Library &library) {
    SymbolTable symbols(module);
    SmallVector<func::CallOp> calls;
    module.walk([&](func::CallOp call) { calls.push_back(call); });
    while (!calls.empty()) {
      func::CallOp call = calls.pop_back_val();
      StringRef callee = call.getCallee();
      auto known = symbols.lookup<func::FuncOp>(callee);
      if (known && !known.isExternal())
        continue;
      func::FuncOp definition = library.find(callee);
      if (!definition)
        return call.emitOpError()
               << "calls @" << callee << ", which no template defines";
      if (known && known.getFunctionType() != definition.getFunctionType())
        return known.emitOpError()
               << "is declared as " << known.getFunctionType()
               << " but defined as " << definition.getFunctionType();
      if (known)
        symbols.erase(known);
      auto copy = cast<func::FuncOp>(definition->clone());
      symbols.insert(copy, module.getBody()->begin());
      copy.walk([&](func::CallOp inner) { calls.push_back(inner); });
    }
    return success();
  }
};

} // namespace
