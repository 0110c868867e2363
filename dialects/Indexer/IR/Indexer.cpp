//===- Indexer.cpp - The indexer dialect ------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Indexer/IR/Indexer.h"
#include "Spec/Arch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace hipdex;
using namespace hipdex::indexer;

#include "Indexer/IR/IndexerDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "Indexer/IR/IndexerAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "Indexer/IR/IndexerTypes.cpp.inc"

#define GET_OP_CLASSES
#include "Indexer/IR/IndexerOps.cpp.inc"

namespace {
/// Names for what would make lines unreadable.
struct IndexerAsmInterface : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;
  AliasResult getAlias(Attribute attribute, raw_ostream &os) const override {
    if (isa<CacheLayoutAttr>(attribute)) {
      os << "cache_layout";
      return AliasResult::FinalAlias;
    }
    return AliasResult::NoAlias;
  }
  AliasResult getAlias(Type type, raw_ostream &os) const override {
    if (isa<CacheType>(type)) {
      os << "cache";
      return AliasResult::FinalAlias;
    }
    return AliasResult::NoAlias;
  }
};
} // namespace

void IndexerDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Indexer/IR/IndexerAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "Indexer/IR/IndexerTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "Indexer/IR/IndexerOps.cpp.inc"
      >();
  addInterfaces<IndexerAsmInterface>();
}

//===----------------------------------------------------------------------===//
// Cache layout
//===----------------------------------------------------------------------===//

static std::optional<Fp8Format> fp8FormatOf(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return Fp8Format::E4M3FN;
  if (isa<Float8E4M3FNUZType>(type))
    return Fp8Format::E4M3FNUZ;
  return std::nullopt;
}

static Type fp8Type(MLIRContext *context, Fp8Format format) {
  if (format == Fp8Format::E4M3FN)
    return Float8E4M3FNType::get(context);
  return Float8E4M3FNUZType::get(context);
}

CacheLayout CacheLayoutAttr::getSpec() const {
  CacheLayout layout;
  layout.pageSize = getPageSize();
  layout.headDim = getHeadDim();
  layout.order = getOrder();
  layout.fp8 = *fp8FormatOf(getFp8());
  return layout;
}

CacheLayoutAttr CacheLayoutAttr::get(MLIRContext *context,
                                     const CacheLayout &layout) {
  return get(context, layout.pageSize, layout.headDim, layout.order,
             fp8Type(context, layout.fp8));
}

LogicalResult
CacheLayoutAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        int64_t pageSize, int64_t headDim, CacheOrder order,
                        Type fp8) {
  std::optional<Fp8Format> format = fp8FormatOf(fp8);
  if (!format)
    return emitError() << "fp8 of a cache layout is f8E4M3FN or f8E4M3FNUZ, "
                          "not "
                       << fp8;
  CacheLayout layout;
  layout.pageSize = pageSize;
  layout.headDim = headDim;
  layout.order = order;
  layout.fp8 = *format;
  if (llvm::Error error = layout.validate())
    return emitError() << llvm::toString(std::move(error));
  return success();
}

/// `page_size = N, head_dim = N, order = plain | preshuffle(16,16), fp8 = T`,
/// shared by the attribute and the type.
static CacheLayoutAttr parseLayoutFields(AsmParser &parser) {
  int64_t pageSize = 0, headDim = 0;
  StringRef order;
  Type fp8;
  auto field = [&](StringRef name) -> ParseResult {
    return failure(parser.parseKeyword(name) || parser.parseEqual());
  };
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || field("page_size") ||
      parser.parseInteger(pageSize) || parser.parseComma() ||
      field("head_dim") || parser.parseInteger(headDim) ||
      parser.parseComma() || field("order"))
    return {};
  SMLoc orderLoc = parser.getCurrentLocation();
  if (parser.parseKeyword(&order))
    return {};
  CacheOrder cacheOrder = CacheOrder::Plain;
  if (order == "preshuffle") {
    cacheOrder = CacheOrder::Preshuffle16x16;
    int64_t tokens = 0, bytes = 0;
    if (parser.parseLParen() || parser.parseInteger(tokens) ||
        parser.parseComma() || parser.parseInteger(bytes) ||
        parser.parseRParen())
      return {};
    if (tokens != 16 || bytes != 16) {
      parser.emitError(orderLoc, "preshuffle(")
          << tokens << "," << bytes
          << ") is not supported; the only tile is preshuffle(16,16)";
      return {};
    }
  } else if (order != "plain") {
    parser.emitError(orderLoc, "order of a cache layout is plain or "
                               "preshuffle(16,16), not ")
        << order;
    return {};
  }
  if (parser.parseComma() || field("fp8") || parser.parseType(fp8) ||
      parser.parseGreater())
    return {};
  return CacheLayoutAttr::getChecked([&]() { return parser.emitError(loc); },
                                     parser.getContext(), pageSize, headDim,
                                     cacheOrder, fp8);
}

static void printLayoutFields(AsmPrinter &printer, CacheLayoutAttr layout) {
  printer << "<page_size = " << layout.getPageSize()
          << ", head_dim = " << layout.getHeadDim() << ", order = "
          << (layout.getOrder() == CacheOrder::Plain ? "plain"
                                                     : "preshuffle(16,16)")
          << ", fp8 = " << layout.getFp8() << ">";
}

Attribute CacheLayoutAttr::parse(AsmParser &parser, Type) {
  return parseLayoutFields(parser);
}

void CacheLayoutAttr::print(AsmPrinter &printer) const {
  printLayoutFields(printer, *this);
}

Type CacheType::parse(AsmParser &parser) {
  CacheLayoutAttr layout = parseLayoutFields(parser);
  return layout ? CacheType::get(parser.getContext(), layout) : Type();
}

void CacheType::print(AsmPrinter &printer) const {
  printLayoutFields(printer, getLayout());
}

//===----------------------------------------------------------------------===//
// What operations share
//===----------------------------------------------------------------------===//

static LogicalResult verifyLayout(Operation *op, StringRef verb,
                                  CacheLayoutAttr layout,
                                  TypedValue<CacheType> cache) {
  CacheLayoutAttr cacheLayout = cache.getType().getLayout();
  if (layout == cacheLayout)
    return success();
  return op->emitOpError("(C1) ")
         << verb << " " << layout << " but the cache operand is "
         << cacheLayout;
}

/// The error word is one, and the results are what they replace.
template <typename OpTy>
static LogicalResult verifyErrorAndResults(OpTy op, StringRef constraint,
                                           Type cache) {
  auto error = cast<RankedTensorType>(op.getError().getType());
  if (error.getRank() != 0 || !error.getElementType().isSignlessInteger(32))
    return op.emitOpError(constraint)
           << " the error word must be tensor<i32>, but is " << error;
  if (op.getResult().getType() != cache ||
      op.getResultError().getType() != error)
    return op.emitOpError(constraint)
           << " the results are " << op.getResult().getType() << " and "
           << op.getResultError().getType() << " but replace " << cache
           << " and " << error;
  return success();
}

static bool isSlotList(RankedTensorType slots) {
  return slots.getRank() == 1 &&
         (slots.getElementType().isSignlessInteger(32) ||
          slots.getElementType().isSignlessInteger(64));
}

/// The architecture of an operation's target.
template <typename OpTy>
static FailureOr<const Arch *> verifyTarget(OpTy op, StringRef constraint) {
  if (const Arch *arch = lookupArch(op.getTarget()))
    return arch;
  InFlightDiagnostic diagnostic = op.emitOpError("(")
                                  << constraint << ") target \""
                                  << op.getTarget() << "\" is unknown; known:";
  for (const Arch &known : archTable())
    diagnostic << " " << known.name;
  return failure();
}

/// (C1) and (C2) of every operation on a cache.
template <typename OpTy>
static FailureOr<const Arch *> verifyLayoutAndTarget(OpTy op, StringRef verb) {
  if (failed(verifyLayout(op, verb, op.getLayout(), op.getCache())))
    return failure();
  return verifyTarget(op, "C2");
}

/// (C3) of operations that only move codes.
template <typename OpTy>
static LogicalResult verifyFp8(OpTy op, const Arch &arch) {
  Type fp8 = fp8Type(op.getContext(), arch.fp8);
  if (op.getLayout().getFp8() != fp8)
    return op.emitOpError("(C3) ")
           << arch.name << " has " << fp8 << ", but the cache is of "
           << op.getLayout().getFp8();
  return success();
}

template <typename OpTy>
static LogicalResult verifyKvBlockSize(OpTy op, StringRef constraint) {
  int64_t kvBlockSize = op.getKvBlockSize();
  int64_t pageSize = op.getLayout().getPageSize();
  if (kvBlockSize <= 0 || pageSize % kvBlockSize != 0)
    return op.emitOpError(constraint)
           << " kv_block_size " << kvBlockSize << " does not divide page_size "
           << pageSize;
  return success();
}

/// Of operations that write rows of logits.
template <typename OpTy>
static LogicalResult verifyLengthsTableAndInit(OpTy op, StringRef constraint) {
  auto hasRank = [](Value value, int64_t rank, Type element) {
    auto type = cast<RankedTensorType>(value.getType());
    return type.getRank() == rank && type.getElementType() == element;
  };
  Builder builder(op.getContext());
  if (!hasRank(op.getContextLens(), 1, builder.getI32Type()) ||
      !hasRank(op.getBlockTable(), 2, builder.getI32Type()) ||
      !hasRank(op.getInit(), 2, builder.getF32Type()))
    return op.emitOpError(constraint)
           << " context_lens must be i32 [batch], block_table i32 [batch, "
              "entries] and the result f32 [rows, width], but they are "
           << op.getContextLens().getType() << ", "
           << op.getBlockTable().getType() << " and " << op.getInit().getType();
  return success();
}

template <typename OpTy>
static LogicalResult verifyResult(OpTy op, StringRef constraint) {
  if (op.getInit().getType() != op.getResult().getType())
    return op.emitOpError(constraint)
           << " the result is " << op.getResult().getType() << " but init is "
           << op.getInit().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// PagedMqaLogitsOp
//===----------------------------------------------------------------------===//

LogicalResult PagedMqaLogitsOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "reads");
  if (failed(known))
    return failure();
  const Arch *arch = *known;
  CacheLayoutAttr layout = getLayout();

  auto queries = cast<RankedTensorType>(getQ().getType());
  Type archFp8 = fp8Type(getContext(), arch->fp8);
  if (queries.getElementType() != archFp8 || layout.getFp8() != archFp8)
    return emitOpError("(C3) ") << arch->name << " computes in " << archFp8
                                << ", but q is of " << queries.getElementType()
                                << " and the cache of " << layout.getFp8();

  if (queries.getRank() != 4 || queries.isDynamicDim(1) ||
      queries.isDynamicDim(2) || queries.getDimSize(3) != layout.getHeadDim())
    return emitOpError("(C4) q must be [batch, next_n, heads, ")
           << layout.getHeadDim() << "] with static next_n and heads, but is "
           << queries;

  auto weights = cast<RankedTensorType>(getWeights().getType());
  if (weights.getRank() != 2 ||
      weights.getDimSize(1) != queries.getDimSize(2) ||
      !weights.getElementType().isF32())
    return emitOpError("(C5) weights must be f32 [rows, ")
           << queries.getDimSize(2) << "], but is " << weights;

  if (failed(verifyKvBlockSize(*this, "(C6)")) ||
      failed(verifyLengthsTableAndInit(*this, "(C7)")))
    return failure();
  return verifyResult(*this, "(C7)");
}

//===----------------------------------------------------------------------===//
// StreamPagesOp
//===----------------------------------------------------------------------===//

LogicalResult StreamPagesOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "reads");
  if (failed(known) || failed(verifyFp8(*this, **known)))
    return failure();
  if (int64_t(getNextN()) < 1)
    return emitOpError("(C4) next_n is ")
           << int64_t(getNextN()) << ", must be at least 1";
  if (failed(verifyKvBlockSize(*this, "(C5)")) ||
      failed(verifyLengthsTableAndInit(*this, "(C6)")))
    return failure();
  return verifyResult(*this, "(C7)");
}

//===----------------------------------------------------------------------===//
// KQuantStoreOp
//===----------------------------------------------------------------------===//

LogicalResult KQuantStoreOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "writes");
  if (failed(known))
    return failure();
  const Arch *arch = *known;
  CacheLayoutAttr layout = getLayout();
  Type archFp8 = fp8Type(getContext(), arch->fp8);
  if (layout.getFp8() != archFp8)
    return emitOpError("(C3) ") << arch->name << " converts to " << archFp8
                                << ", but the cache is of " << layout.getFp8();

  auto k = cast<RankedTensorType>(getK().getType());
  Type element = k.getElementType();
  if (k.getRank() != 2 || k.getDimSize(1) != layout.getHeadDim() ||
      !(element.isBF16() || element.isF16() || element.isF32()))
    return emitOpError("(C4) k must be bf16, f16 or f32 [tokens, ")
           << layout.getHeadDim() << "], but is " << k;

  auto slots = cast<RankedTensorType>(getSlots().getType());
  if (!isSlotList(slots) || slots.getDimSize(0) != k.getDimSize(0))
    return emitOpError("(C5) slots must be i32 or i64, one for each row of ")
           << k << ", but is " << slots;

  llvm::ArrayRef<int64_t> largest = fp8Maxima(arch->fp8);
  if (!llvm::is_contained(largest, getFp8Max())) {
    InFlightDiagnostic diagnostic = emitOpError("(C6) fp8_max is ")
                                    << getFp8Max() << ", for " << archFp8
                                    << " it can be ";
    llvm::interleave(
        largest, [&](int64_t value) { diagnostic << value; },
        [&] { diagnostic << " or "; });
    return diagnostic;
  }

  return verifyErrorAndResults(*this, "(C7)", getCache().getType());
}

//===----------------------------------------------------------------------===//
// KGatherOp
//===----------------------------------------------------------------------===//

LogicalResult KGatherOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "reads");
  if (failed(known))
    return failure();
  if (failed(verifyFp8(*this, **known)))
    return failure();
  CacheLayoutAttr layout = getLayout();

  auto k = cast<RankedTensorType>(getK().getType());
  auto scales = cast<RankedTensorType>(getScales().getType());
  if (k.getRank() != 2 || k.getDimSize(1) != layout.getHeadDim() ||
      k.getElementType() != layout.getFp8() || scales.getRank() != 1 ||
      scales.getDimSize(0) != k.getDimSize(0) ||
      !scales.getElementType().isF32())
    return emitOpError("(C4) k must be ")
           << layout.getFp8() << " [tokens, " << layout.getHeadDim()
           << "] and scales f32 [tokens], but they are " << k << " and "
           << scales;

  if (failed(verifyKvBlockSize(*this, "(C5)")))
    return failure();

  auto table = cast<RankedTensorType>(getBlockTable().getType());
  auto lengths = cast<RankedTensorType>(getCuSeqLens().getType());
  if (table.getRank() != 2 || !table.getElementType().isSignlessInteger(32) ||
      lengths.getRank() != 1 || !lengths.getElementType().isSignlessInteger(32))
    return emitOpError("(C6) block_table must be i32 [batch, entries] and "
                       "cu_seq_lens i32 [batch + 1], but they are ")
           << table << " and " << lengths;
  if (getResultK().getType() != k || getResultScales().getType() != scales)
    return emitOpError("(C7) the results are ")
           << getResultK().getType() << " and " << getResultScales().getType()
           << " but replace " << k << " and " << scales;
  return success();
}

//===----------------------------------------------------------------------===//
// KMoveOp
//===----------------------------------------------------------------------===//

LogicalResult KMoveOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "reads");
  CacheLayoutAttr layout = getLayout(), targetLayout = getTargetLayout();
  if (failed(known) ||
      failed(verifyLayout(*this, "writes", targetLayout, getTargetCache())))
    return failure();
  Type archFp8 = fp8Type(getContext(), (*known)->fp8);
  if (layout.getFp8() != archFp8 || targetLayout.getFp8() != archFp8)
    return emitOpError("(C3) ")
           << (*known)->name << " has " << archFp8 << ", but the caches are of "
           << layout.getFp8() << " and " << targetLayout.getFp8();
  if (layout.getHeadDim() != targetLayout.getHeadDim())
    return emitOpError("(C4) head_dim of the source cache is ")
           << layout.getHeadDim() << " but that of the target cache "
           << targetLayout.getHeadDim();

  auto sources = cast<RankedTensorType>(getSourceSlots().getType());
  if (!isSlotList(sources) || getTargetSlots().getType() != sources)
    return emitOpError("(C5) the lists must be i32 or i64 [entries], and of "
                       "one type, but they are ")
           << sources << " and " << getTargetSlots().getType();
  return verifyErrorAndResults(*this, "(C6)", getTargetCache().getType());
}

//===----------------------------------------------------------------------===//
// MqaLogitsOp
//===----------------------------------------------------------------------===//

LogicalResult MqaLogitsOp::verify() {
  FailureOr<const Arch *> known = verifyTarget(*this, "C1");
  if (failed(known))
    return failure();
  auto q = cast<RankedTensorType>(getQ().getType());
  auto k = cast<RankedTensorType>(getK().getType());
  Type archFp8 = fp8Type(getContext(), (*known)->fp8);
  if (q.getElementType() != archFp8 || k.getElementType() != archFp8)
    return emitOpError("(C2) ")
           << (*known)->name << " computes in " << archFp8 << ", but q is of "
           << q.getElementType() << " and k of " << k.getElementType();

  auto scales = cast<RankedTensorType>(getKScales().getType());
  if (q.getRank() != 3 || q.isDynamicDim(1) || q.isDynamicDim(2) ||
      k.getRank() != 2 || k.getDimSize(1) != q.getDimSize(2) ||
      scales.getRank() != 1 || !scales.getElementType().isF32())
    return emitOpError("(C3) q must be [rows, heads, head_dim] with static "
                       "heads and head_dim, k [tokens, head_dim] and k_scales "
                       "f32 [tokens], but they are ")
           << q << ", " << k << " and " << scales;

  auto weights = cast<RankedTensorType>(getWeights().getType());
  if (weights.getRank() != 2 || weights.getDimSize(1) != q.getDimSize(1) ||
      !weights.getElementType().isF32())
    return emitOpError("(C4) weights must be f32 [rows, ")
           << q.getDimSize(1) << "], but is " << weights;

  auto starts = cast<RankedTensorType>(getStarts().getType());
  auto ends = cast<RankedTensorType>(getEnds().getType());
  auto init = cast<RankedTensorType>(getInit().getType());
  if (starts.getRank() != 1 || !starts.getElementType().isSignlessInteger(32) ||
      ends != starts || init.getRank() != 2 || !init.getElementType().isF32() ||
      getResult().getType() != init)
    return emitOpError("(C5) starts and ends must be i32 [rows] and init and "
                       "the result f32 [rows, width], but they are ")
           << starts << ", " << ends << ", " << init << " and "
           << getResult().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// PagedMqaPrefillOp
//===----------------------------------------------------------------------===//

LogicalResult PagedMqaPrefillOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "reads");
  if (failed(known))
    return failure();
  CacheLayoutAttr layout = getLayout();
  auto q = cast<RankedTensorType>(getQ().getType());
  Type archFp8 = fp8Type(getContext(), (*known)->fp8);
  if (q.getElementType() != archFp8 || layout.getFp8() != archFp8)
    return emitOpError("(C3) ")
           << (*known)->name << " computes in " << archFp8 << ", but q is of "
           << q.getElementType() << " and the cache of " << layout.getFp8();
  if (q.getRank() != 3 || q.isDynamicDim(1) ||
      q.getDimSize(2) != layout.getHeadDim())
    return emitOpError("(C4) q must be [rows, heads, ")
           << layout.getHeadDim() << "] with static heads, but is " << q;

  auto weights = cast<RankedTensorType>(getWeights().getType());
  if (weights.getRank() != 2 || weights.getDimSize(1) != q.getDimSize(1) ||
      !weights.getElementType().isF32())
    return emitOpError("(C5) weights must be f32 [rows, ")
           << q.getDimSize(1) << "], but is " << weights;

  int64_t kvBlockSize = getKvBlockSize();
  if (kvBlockSize <= 0 || layout.getPageSize() % kvBlockSize != 0)
    return emitOpError("(C6) kv_block_size ")
           << kvBlockSize << " does not divide page_size "
           << layout.getPageSize();

  auto isOf = [](Value value, int64_t rank, Type element) {
    auto type = cast<RankedTensorType>(value.getType());
    return type.getRank() == rank && type.getElementType() == element;
  };
  Builder builder(getContext());
  Type i32 = builder.getI32Type();
  if (!isOf(getRequests(), 1, i32) || !isOf(getStarts(), 1, i32) ||
      !isOf(getEnds(), 1, i32) || !isOf(getBlockTable(), 2, i32) ||
      !isOf(getInit(), 2, builder.getF32Type()) ||
      getResult().getType() != getInit().getType())
    return emitOpError("(C7) requests, starts and ends must be i32 [rows], "
                       "block_table i32 [batch, entries] and init and the "
                       "result f32 [rows, width], but they are ")
           << getRequests().getType() << ", " << getStarts().getType() << ", "
           << getEnds().getType() << ", " << getBlockTable().getType() << ", "
           << getInit().getType() << " and " << getResult().getType();
  return success();
}

//===----------------------------------------------------------------------===//
// TopKOp
//===----------------------------------------------------------------------===//

LogicalResult TopKOp::verify() {
  if (failed(verifyTarget(*this, "C1")))
    return failure();
  Builder builder(getContext());
  Type i32 = builder.getI32Type();
  auto isOf = [](Value value, int64_t rank, Type element) {
    auto type =
        dyn_cast_or_null<RankedTensorType>(value ? value.getType() : Type());
    return type && type.getRank() == rank && type.getElementType() == element;
  };
  if (!isOf(getLogits(), 2, builder.getF32Type()) || !isOf(getInit(), 2, i32) ||
      getResult().getType() != getInit().getType())
    return emitOpError("(C2) logits must be f32 [rows, width] and init and the "
                       "result i32 [rows, k], but they are ")
           << getLogits().getType() << ", " << getInit().getType() << " and "
           << getResult().getType();
  bool hasWindows = bool(getStarts());
  if (bool(getContextLens()) == hasWindows ||
      (hasWindows ? !isOf(getStarts(), 1, i32) || !isOf(getEnds(), 1, i32)
                  : !isOf(getContextLens(), 1, i32)))
    return emitOpError("(C3) takes either lengths, i32 [batch], or windows, "
                       "two i32 [rows]");
  bool hasTable = bool(getBlockTable());
  if (hasTable != getKvBlockSize().has_value() ||
      (hasTable && (!isOf(getBlockTable(), 2, i32) || *getKvBlockSize() < 1)))
    return emitOpError("(C4) takes a table, i32 [batch, entries], and a "
                       "kv_block_size of at least 1, or neither");
  if (bool(getRequests()) != (hasWindows && hasTable) ||
      (getRequests() && !isOf(getRequests(), 1, i32)))
    return emitOpError("(C5) takes requests, i32 [rows], if it has windows and "
                       "a table, and only then");
  return success();
}

//===----------------------------------------------------------------------===//
// QkPrepOp
//===----------------------------------------------------------------------===//

LogicalResult QkPrepOp::verify() {
  FailureOr<const Arch *> known = verifyLayoutAndTarget(*this, "writes");
  if (failed(known) || failed(verifyFp8(*this, **known)))
    return failure();
  CacheLayoutAttr layout = getLayout();
  auto typeOf = [](Value value) {
    return cast<RankedTensorType>(value.getType());
  };
  auto is = [&](Value value, ArrayRef<int64_t> shape, Type element) {
    return typeOf(value).getShape() == shape &&
           typeOf(value).getElementType() == element;
  };

  RankedTensorType q = typeOf(getQ());
  Type source = q.getElementType();
  bool isHalf = source.isBF16() || source.isF16();
  int64_t columns = layout.getHeadDim(), positions = ShapedType::kDynamic;
  if (typeOf(getCos()).getRank() == 2)
    positions = typeOf(getCos()).getDimSize(0);
  if (q.getRank() != 3 || q.isDynamicDim(1) || q.getDimSize(2) != 128 ||
      columns != 128 || !isHalf ||
      !is(getK(), {q.getDimSize(0), columns}, source) ||
      !is(getWeights(), {q.getDimSize(0), q.getDimSize(1)}, source) ||
      !is(getCos(), {positions, columns / 4}, source) ||
      !is(getSin(), {positions, columns / 4}, source))
    return emitOpError("(C4) q must be [tokens, heads, 128] with static heads, "
                       "k [tokens, 128], weights [tokens, heads], cos and sin "
                       "[positions, 32], all of bf16 or f16, and head_dim of "
                       "the cache 128, but they are ")
           << q << ", " << getK().getType() << ", " << getWeights().getType()
           << ", " << getCos().getType() << ", " << getSin().getType()
           << " and " << columns;

  RankedTensorType slots = typeOf(getSlots());
  if (!isSlotList(slots) || slots.getDimSize(0) != q.getDimSize(0) ||
      typeOf(getPositions()) != slots)
    return emitOpError("(C5) positions and slots must be i32 or i64, of one "
                       "type and one for each token of ")
           << q << ", but are " << getPositions().getType() << " and " << slots;

  Type f32 = Float32Type::get(getContext());
  if (!is(getNormWeight(), columns, f32) || !is(getNormBias(), columns, f32))
    return emitOpError("(C6) norm_weight and norm_bias must be f32 [128], but "
                       "are ")
           << getNormWeight().getType() << " and " << getNormBias().getType();

  if (!is(getNewQ(), q.getShape(), layout.getFp8()) ||
      !is(getNewWeights(), typeOf(getWeights()).getShape(), f32))
    return emitOpError("(C7) the new q must be ")
           << layout.getFp8() << " in the shape of " << q
           << " and the new weights f32 in that of " << getWeights().getType()
           << ", but are " << getNewQ().getType() << " and "
           << getNewWeights().getType();

  if (getResultQ().getType() != getNewQ().getType() ||
      getResultWeights().getType() != getNewWeights().getType())
    return emitOpError("(C8) the results are ")
           << getResultQ().getType() << " and " << getResultWeights().getType()
           << " but replace " << getNewQ().getType() << " and "
           << getNewWeights().getType();
  return verifyErrorAndResults(*this, "(C8)", getCache().getType());
}
