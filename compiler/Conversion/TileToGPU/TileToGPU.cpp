//===- TileToGPU.cpp - Distributed tensors to what one lane holds ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tensor becomes one value for each of its fragments, in the order of its
// distribution. Three kinds of offset are kept apart in every address, because
// they end up in different places of an instruction: what all lanes agree on
// (scalar registers), what a lane adds (a vector register, the same for the
// whole kernel), and what a fragment adds (the immediate offset).
//
//===----------------------------------------------------------------------===//

#include "Conversion/TileToGPU/TargetLowering.h"
#include "Passes.h"
#include "Tile/IR/Tile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"
#include "llvm/Support/MathExtras.h"

namespace hipdex {
#define GEN_PASS_DEF_TILETOGPU
#include "Passes.h.inc"
} // namespace hipdex

using namespace mlir;
using namespace hipdex;
using namespace hipdex::tile;

using Axis = DistributionAttr::Axis;

namespace {

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

bool isFp8(Type element) {
  return isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 8;
}

/// What one fragment of a distributed tensor is in a lane.
Type fragmentType(RankedTensorType tensor) {
  int64_t count = getDistribution(tensor).getNumElements();
  Type element = tensor.getElementType();
  // fp8 is only moved and multiplied: 32-bit words are what both take.
  if (isFp8(element)) {
    element = IntegerType::get(tensor.getContext(), 32);
    count /= 4;
  }
  return count == 1 ? element : VectorType::get(count, element);
}

struct LaneTypeConverter : TypeConverter {
  LaneTypeConverter() {
    addConversion([](Type type) { return type; });
    addConversion([](GlobalType type) -> Type {
      return LLVM::LLVMPointerType::get(type.getContext(), /*global=*/1);
    });
    addConversion([](SharedType type) -> Type {
      return LLVM::LLVMPointerType::get(type.getContext(), /*shared=*/3);
    });
    addConversion([](indexer::CacheType type) -> Type {
      return LLVM::LLVMPointerType::get(type.getContext(), /*global=*/1);
    });
    addConversion(
        [](RankedTensorType type,
           SmallVectorImpl<Type> &types) -> std::optional<LogicalResult> {
          DistributionAttr distribution = getDistribution(type);
          if (!distribution)
            return failure();
          types.append(distribution.getNumFragments(), fragmentType(type));
          return success();
        });
  }
};

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Builds scalar code at one place.
class Scalars {
public:
  Scalars(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 32);
  }
  Value i64(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 64);
  }
  Value add(Value a, Value b) {
    return arith::AddIOp::create(builder, loc, a, b);
  }
  Value multiply(Value a, int64_t b) {
    if (b == 1)
      return a;
    return arith::MulIOp::create(
        builder, loc, a,
        arith::ConstantIntOp::create(builder, loc, a.getType(), b));
  }
  /// \p a / \p b and \p a % \p b for an unsigned \p a and a power of two.
  Value divide(Value a, int64_t b) {
    return b == 1
               ? a
               : arith::ShRUIOp::create(builder, loc, a, i32(llvm::Log2_64(b)))
                     .getResult();
  }
  Value modulo(Value a, int64_t b) {
    return arith::AndIOp::create(builder, loc, a, i32(b - 1));
  }
  Value extend(Value a) {
    return arith::ExtUIOp::create(builder, loc, builder.getI64Type(), a);
  }

  /// The number of this lane in its wave.
  Value lane() { return laneNumber(builder, loc); }

  /// f(lane), for an f that is the sum of f(bit) over the bits of the lane.
  /// Null if f is zero. Fails if f is not such a sum.
  FailureOr<Value> ofLane(llvm::function_ref<int64_t(int64_t)> f) {
    for (int64_t l = 0; l < 64; ++l) {
      int64_t sum = 0;
      for (int64_t bit = 1; bit < 64; bit *= 2)
        sum += l & bit ? f(bit) : 0;
      if (sum != f(l))
        return failure();
    }
    // Bits whose weights double are one field: one shift, one mask, one scale.
    Value result;
    for (int64_t first = 0; first < 6;) {
      int64_t weight = f(1 << first), end = first + 1;
      while (end < 6 && f(1 << end) == weight << (end - first))
        ++end;
      if (weight != 0) {
        Value field = lane();
        if (first > 0)
          field = divide(field, 1 << first);
        if (end < 6)
          field = modulo(field, 1 << (end - first));
        field = multiply(field, weight);
        result = result ? add(result, field) : field;
      }
      first = end;
    }
    return result ? result : Value();
  }

  /// \p base plus an offset in elements of \p element. A null offset is none.
  Value advance(Value base, Type element, Value offset) {
    if (!offset)
      return base;
    if (offset.getType().isInteger(32))
      offset = extend(offset);
    return LLVM::GEPOp::create(builder, loc, base.getType(), element, base,
                               ArrayRef<LLVM::GEPArg>{offset});
  }
  Value advance(Value base, Type element, int64_t offset) {
    if (offset == 0)
      return base;
    return LLVM::GEPOp::create(
        builder, loc, base.getType(), element, base,
        ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(offset)});
  }

  /// A load of memory that the kernel does not write. Saying so lets LLVM load
  /// what all lanes agree on into scalar registers.
  Value load(Type type, Value pointer, unsigned alignment) {
    return LLVM::LoadOp::create(builder, loc, type, pointer, alignment,
                                /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/true);
  }

  /// A raw buffer of \p bytes from \p base on, which all lanes agree on. What
  /// is past its end reads as zero and is not written.
  Value buffer(Value base, Value bytes) {
    auto type = LLVM::LLVMPointerType::get(builder.getContext(), /*buffer=*/8);
    Value noStride = arith::ConstantIntOp::create(builder, loc, 0, 16);
    // DATA_FORMAT = 32 in the fourth word, as for every raw buffer on GFX9
    // ("AMD Instinct MI300" ISA, 9.1.8 Buffer resource descriptor).
    Value flags = i32((7 << 12) | (4 << 15));
    return ROCDL::MakeBufferRsrcOp::create(builder, loc, type, base, noStride,
                                           bytes, flags);
  }

  /// A load through a buffer at what a lane adds (null for nothing) and a
  /// constant, in bytes. The constant is the scalar offset: added to the
  /// lane's, it would be a vector register each once it is out of the loop.
  Value loadBuffer(Type type, Value buffer, Value lane, int64_t constant) {
    auto load = ROCDL::RawPtrBufferLoadOp::create(
        builder, loc, type, buffer, lane ? lane : i32(0), i32(constant), i32(0),
        /*alias_scopes=*/ArrayAttr(), /*noalias_scopes=*/ArrayAttr(),
        /*tbaa=*/ArrayAttr());
    load->setDiscardableAttr("hipdex.invariant", builder.getUnitAttr());
    return load;
  }

  OpBuilder &builder;
  Location loc;
};

/// What stands in memory for an element: fp8 is bytes.
Type memoryType(Type element) {
  if (isFp8(element))
    return IntegerType::get(element.getContext(), 8);
  return element;
}

//===----------------------------------------------------------------------===//
// Operations on every element
//===----------------------------------------------------------------------===//

/// arith and math operations: the same, fragment by fragment.
struct ElementwisePattern : ConversionPattern {
  ElementwisePattern(const TypeConverter &converter, MLIRContext *context)
      : ConversionPattern(converter, MatchAnyOpTypeTag(), 1, context) {}

  LogicalResult
  matchAndRewrite(Operation *op, ArrayRef<ValueRange> operands,
                  ConversionPatternRewriter &rewriter) const override {
    if (!isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) ||
        !OpTrait::hasElementwiseMappableTraits(op) || op->getNumResults() != 1)
      return failure();
    auto tensor = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (!tensor || !getDistribution(tensor))
      return failure();
    if (isa<arith::TruncFOp>(op) && isFp8(tensor.getElementType()))
      return failure(); // TruncateToFp8Pattern
    for (Value value :
         llvm::concat<Value>(op->getOperands(), op->getResults())) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (type && isFp8(type.getElementType()))
        return op->emitOpError("is arithmetic on fp8, which is only moved and "
                               "multiplied");
    }
    int64_t numFragments = getDistribution(tensor).getNumFragments();
    SmallVector<Value> fragments;
    for (int64_t i = 0; i < numFragments; ++i) {
      OperationState state(op->getLoc(), op->getName());
      for (ValueRange operand : operands)
        state.operands.push_back(operand.size() == 1 ? operand[0] : operand[i]);
      state.addTypes(fragmentType(tensor));
      state.propertiesAttr = op->getPropertiesAsAttribute();
      state.addAttributes(op->getDiscardableAttrDictionary().getValue());
      fragments.push_back(rewriter.create(state)->getResult(0));
    }
    rewriter.replaceOpWithMultiple(op, {fragments});
    return success();
  }
};

/// To fp8, for which there are instructions of the target.
struct TruncateToFp8Pattern : OpConversionPattern<arith::TruncFOp> {
  TruncateToFp8Pattern(const TypeConverter &converter, MLIRContext *context,
                       const TargetLowering &target)
      : OpConversionPattern(converter, context, /*benefit=*/2), target(target) {
  }

  LogicalResult
  matchAndRewrite(arith::TruncFOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto tensor = dyn_cast<RankedTensorType>(op.getType());
    auto input = dyn_cast<RankedTensorType>(op.getIn().getType());
    if (!tensor || !getDistribution(tensor) || !isFp8(tensor.getElementType()))
      return failure();
    if (!input.getElementType().isF32())
      return op.emitOpError("to fp8 is of f32, not of ")
             << input.getElementType();
    Location loc = op.getLoc();
    SmallVector<Value> results;
    for (Value fragment : adaptor.getIn()) {
      SmallVector<Value> words;
      int64_t count = getDistribution(tensor).getNumElements();
      for (int64_t e = 0; e < count; e += 4) {
        SmallVector<Value> four;
        for (int64_t i = e; i < e + 4; ++i)
          four.push_back(vector::ExtractOp::create(rewriter, loc, fragment, i));
        words.push_back(
            target.toFp8(rewriter, loc, tensor.getElementType(), four));
        if (!words.back())
          return op.emitOpError("gives ")
                 << tensor.getElementType()
                 << ", which is not the fp8 format of this target";
      }
      results.push_back(words.size() == 1
                            ? words.front()
                            : vector::FromElementsOp::create(
                                  rewriter, loc,
                                  cast<VectorType>(fragmentType(tensor)), words)
                                  .getResult());
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  const TargetLowering &target;
};

struct ExtendPattern : OpConversionPattern<ExtendOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ExtendOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto tensor = cast<RankedTensorType>(op.getType());
    Type type = fragmentType(tensor);
    SmallVector<Value> results;
    for (Value fragment : adaptor.getInput())
      if (fragment.getType() == type)
        results.push_back(fragment);
      else if (isa<FloatType>(tensor.getElementType()))
        results.push_back(
            arith::ExtFOp::create(rewriter, op.getLoc(), type, fragment));
      else
        results.push_back(
            arith::ExtSIOp::create(rewriter, op.getLoc(), type, fragment));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// Whether a fragment is made of elements as they are.
bool isPlain(RankedTensorType tensor) {
  return getDistribution(tensor) && !isFp8(tensor.getElementType());
}

struct ConstantPattern : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(arith::ConstantOp op, OneToNOpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto tensor = dyn_cast<RankedTensorType>(op.getType());
    auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
    if (!tensor || !splat || !isPlain(tensor))
      return op.emitOpError("is not one number in a distributed tensor (of "
                            "anything but fp8)");
    TypedAttr value = splat.getSplatValue<TypedAttr>();
    if (auto vector = dyn_cast<VectorType>(fragmentType(tensor)))
      value = DenseElementsAttr::get(vector, Attribute(value));
    Value constant = arith::ConstantOp::create(rewriter, op.getLoc(), value);
    rewriter.replaceOpWithMultiple(
        op, {SmallVector<Value>(getDistribution(tensor).getNumFragments(),
                                constant)});
    return success();
  }
};

struct SplatPattern : OpConversionPattern<tensor::SplatOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(tensor::SplatOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto tensor = cast<RankedTensorType>(op.getType());
    if (!isPlain(tensor))
      return op.emitOpError(
          "is not a distributed tensor (of anything but fp8)");
    Value value = adaptor.getInput();
    if (auto vector = dyn_cast<VectorType>(fragmentType(tensor)))
      value = vector::BroadcastOp::create(rewriter, op.getLoc(), vector, value);
    rewriter.replaceOpWithMultiple(
        op,
        {SmallVector<Value>(getDistribution(tensor).getNumFragments(), value)});
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

struct LoadPattern : OpConversionPattern<LoadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    Type element = memoryType(op.getBase().getType().getElementType());
    Value base = adaptor.getBase().front();

    SmallVector<Value> strides, indices;
    size_t nextStride = 0, nextIndex = 0;
    for (int64_t stride : op.getStaticStrides())
      strides.push_back(ShapedType::isDynamic(stride)
                            ? adaptor.getStrides()[nextStride++].front()
                            : Value());
    for (int64_t index : op.getStaticIndices())
      indices.push_back(ShapedType::isDynamic(index)
                            ? adaptor.getIndices()[nextIndex++].front()
                            : Value());
    auto times = [&](Value index64, size_t dim) -> Value {
      if (!strides[dim])
        return scalars.multiply(index64, op.getStaticStrides()[dim]);
      return arith::MulIOp::create(rewriter, loc, index64, strides[dim]);
    };
    auto plus = [&](Value a, Value b) { return a ? scalars.add(a, b) : b; };

    auto tensor = dyn_cast<RankedTensorType>(op.getResult().getType());
    Value bound =
        adaptor.getBound().empty() ? Value() : adaptor.getBound().front();
    size_t numDims = strides.size(), rank = tensor ? tensor.getRank() : 0;
    size_t last = numDims - 1;

    // What all lanes and fragments agree on. A bounded coordinate is not among
    // it: the bound is on the whole of it.
    Value uniform;
    Value lastRow =
        adaptor.getLastRow().empty() ? Value() : adaptor.getLastRow().front();
    for (size_t dim = 0; dim < numDims; ++dim) {
      if ((bound && dim == last) || (lastRow && dim == 0))
        continue;
      if (indices[dim])
        uniform =
            plus(uniform,
                 times(arith::ExtSIOp::create(
                           rewriter, loc, rewriter.getI64Type(), indices[dim]),
                       dim));
      else if (op.getStaticIndices()[dim] != 0)
        uniform =
            plus(uniform, times(scalars.i64(op.getStaticIndices()[dim]), dim));
    }
    base = scalars.advance(base, element, uniform);
    if (!tensor) {
      if (bound)
        return op.emitOpError("of a scalar takes no bound");
      if (isFp8(op.getType()))
        return op.emitOpError("of a scalar gives no fp8");
      rewriter.replaceOp(op, scalars.load(element, base, byteSize(element)));
      return success();
    }

    DistributionAttr distribution = getDistribution(tensor);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments(),
                      elements = distribution.getElements();
    auto offset = DistributionAttr::offset;

    // What a lane adds: with static strides in 32 bits, else in 64.
    Value laneStatic, laneDynamic;
    auto staticOffset = [&](ArrayRef<Axis> axes, int64_t place) {
      int64_t sum = 0;
      for (size_t dim = 0; dim < rank; ++dim) {
        size_t memoryDim = numDims - rank + dim;
        if (!strides[memoryDim] && !(bound && memoryDim == last) &&
            !(lastRow && memoryDim == 0))
          sum += offset(axes, place, dim) * op.getStaticStrides()[memoryDim];
      }
      return sum;
    };
    FailureOr<Value> ofLane =
        scalars.ofLane([&](int64_t l) { return staticOffset(lanes, l); });
    if (failed(ofLane))
      return op.emitOpError("lanes do not add up by bits");
    laneStatic = *ofLane;
    for (size_t dim = 0; dim < rank; ++dim) {
      size_t memoryDim = numDims - rank + dim;
      if (!strides[memoryDim])
        continue;
      ofLane = scalars.ofLane([&](int64_t l) { return offset(lanes, l, dim); });
      if (failed(ofLane))
        return op.emitOpError("lanes do not add up by bits");
      if (*ofLane)
        laneDynamic =
            plus(laneDynamic, times(scalars.extend(*ofLane), memoryDim));
    }

    // Runs of consecutive elements: as long as the first axis of a fragment.
    int64_t numElements = distribution.getNumElements();
    int64_t runLength = elements.empty() ? 1 : elements[0].count;
    int64_t runBytes = runLength * byteSize(element);
    Type fragment = fragmentType(tensor);
    if (isFp8(tensor.getElementType()) && runLength != numElements)
      return op.emitOpError("of fp8 takes fragments of consecutive elements");
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      Value pointer = base;
      if (lastRow) {
        Value row = indices[0] ? indices[0]
                               : scalars.i32(op.getStaticIndices().front());
        if (numDims == rank)
          row = scalars.add(row, scalars.i32(offset(fragments, f, 0)));
        row = arith::MinSIOp::create(rewriter, loc, row, lastRow);
        Value wide =
            arith::ExtSIOp::create(rewriter, loc, rewriter.getI64Type(), row);
        pointer = scalars.advance(pointer, element, times(wide, 0));
      }
      for (size_t dim = 0; dim < rank; ++dim) {
        size_t memoryDim = numDims - rank + dim;
        int64_t place = offset(fragments, f, dim);
        if (lastRow && memoryDim == 0)
          continue;
        if (strides[memoryDim] && place != 0)
          pointer = scalars.advance(pointer, element,
                                    times(scalars.i64(place), memoryDim));
      }
      pointer = scalars.advance(pointer, element, laneDynamic);
      pointer = scalars.advance(pointer, element, laneStatic);

      if (bound) {
        if (numElements != 1 || strides[last])
          return op.emitOpError("with a bound has one element a fragment and a "
                                "static last stride");
        results.push_back(boundedLoad(op, scalars, pointer, element, indices,
                                      bound, lanes,
                                      offset(fragments, f, rank - 1)));
        continue;
      }

      Value value;
      for (int64_t e = 0; e < numElements; e += runLength) {
        int64_t place = staticOffset(fragments, f) + staticOffset(elements, e);
        Type runType = runLength == numElements
                           ? fragment
                           : VectorType::get(runLength, element);
        Value run =
            scalars.load(runType, scalars.advance(pointer, element, place),
                         std::gcd<int64_t>(runBytes, 16));
        if (runLength == numElements) {
          value = run;
          break;
        }
        if (!value)
          value = LLVM::PoisonOp::create(rewriter, loc, fragment);
        value = vector::InsertStridedSliceOp::create(rewriter, loc, run, value,
                                                     ArrayRef<int64_t>{e},
                                                     ArrayRef<int64_t>{1});
      }
      results.push_back(value);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  static int64_t byteSize(Type type) {
    return type.getIntOrFloatBitWidth() / 8;
  }

  /// One element of a row that ends at the bound: what is past it reads the
  /// last element instead, and is then replaced by zero.
  static Value boundedLoad(LoadOp op, Scalars &scalars, Value pointer,
                           Type element, ArrayRef<Value> indices, Value bound,
                           ArrayRef<Axis> lanes, int64_t fragmentPlace) {
    OpBuilder &builder = scalars.builder;
    Location loc = scalars.loc;
    int64_t dim = cast<RankedTensorType>(op.getType()).getRank() - 1;
    Value place = *scalars.ofLane(
        [&](int64_t l) { return DistributionAttr::offset(lanes, l, dim); });
    Value start = indices.back() ? indices.back()
                                 : scalars.i32(op.getStaticIndices().back());
    place = place ? scalars.add(start, place) : start;
    if (fragmentPlace != 0)
      place = scalars.add(place, scalars.i32(fragmentPlace));
    Value inside = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::slt, place, bound);
    Value lastPlace = scalars.add(bound, scalars.i32(-1));
    Value safe = arith::MinSIOp::create(builder, loc, place, lastPlace);
    int64_t stride = op.getStaticStrides().back();
    pointer = scalars.advance(pointer, element, scalars.multiply(safe, stride));
    Value value = scalars.load(element, pointer, byteSize(element));
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
    return arith::SelectOp::create(builder, loc, inside, value, zero);
  }
};

struct LoadsFirstPattern : OpConversionPattern<LoadsFirstOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadsFirstOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    keepLoadsBefore(rewriter, op.getLoc());
    // Nor does LLVM's scheduler bring forward what waits for the first of them.
    rewriter.replaceOpWithNewOp<ROCDL::SchedBarrier>(op, /*mask=*/0);
    return success();
  }
};

struct LookupPattern : OpConversionPattern<LookupOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LookupOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto tensor = cast<RankedTensorType>(op.getType());
    DistributionAttr distribution = getDistribution(tensor);
    int64_t dim = tensor.getRank() - 1, stepTokens = tensor.getShape().back();
    int64_t kvBlockSize = op.getKvBlockSize();
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments(),
                      elements = distribution.getElements();
    auto offset = DistributionAttr::offset;
    if (distribution.getNumElements() != 1)
      return op.emitOpError("gives one entry a fragment");

    Type i32 = rewriter.getI32Type();
    Value rowOffset = arith::MulIOp::create(
        rewriter, loc,
        arith::ExtSIOp::create(rewriter, loc, rewriter.getI64Type(),
                               adaptor.getRow()),
        adaptor.getRowStride());
    Value row = scalars.advance(adaptor.getTable(), i32, rowOffset);

    int64_t lanesSpan = 0;
    for (int64_t l = 0; l < 64; ++l)
      lanesSpan = std::max(lanesSpan, offset(lanes, l, dim));
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      int64_t place = offset(fragments, f, dim);
      Value token = adaptor.getFirst();
      if (kvBlockSize < stepTokens) {
        if (place != 0)
          token = scalars.add(token, scalars.i32(place));
        // Lanes within one block agree on its entry.
        if (place % kvBlockSize + lanesSpan >= kvBlockSize) {
          FailureOr<Value> ofLane =
              scalars.ofLane([&](int64_t l) { return offset(lanes, l, dim); });
          if (failed(ofLane))
            return op.emitOpError("lanes do not add up by bits");
          if (*ofLane)
            token = scalars.add(token, *ofLane);
        }
        token = arith::MinSIOp::create(rewriter, loc, token, adaptor.getLast());
      }
      Value index = scalars.divide(token, kvBlockSize);
      results.push_back(scalars.load(i32, scalars.advance(row, i32, index), 4));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// Where the token of one place of a step is in the cache: a page, and a place
/// in it that is a multiple of `granule` plus a static place below it.
struct CachePlace {
  Value page, place;

  /// The byte of (place, element 0) of \p layout in its page, or null for 0.
  Value byteInPage(Scalars &scalars, const CacheLayout &layout) const {
    if (!place)
      return {};
    Value sum;
    for (const AddressTerm &term : layout.elementTerms()) {
      if (term.index != AddressTerm::Token)
        continue;
      Value digit = scalars.divide(place, term.divisor);
      if (term.modulus != 0)
        digit = scalars.modulo(digit, term.modulus);
      digit = scalars.multiply(digit, term.stride);
      sum = sum ? scalars.add(sum, digit) : digit;
    }
    return sum;
  }
};

/// The first byte of a page.
Value pagePointer(Scalars &scalars, Value cache, Value page, Value pageStride) {
  // Both factors are below 2^32: one wide multiplication.
  Value stride = arith::TruncIOp::create(
      scalars.builder, scalars.loc, scalars.builder.getI32Type(), pageStride);
  Value offset =
      arith::MulIOp::create(scalars.builder, scalars.loc, scalars.extend(page),
                            scalars.extend(stride));
  return scalars.advance(cache, scalars.builder.getI8Type(), offset);
}

/// Shared by the loads of K and of scales.
template <typename OpTy> struct CacheLoadPattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;
  using OneToNOpAdaptor = typename OpConversionPattern<OpTy>::OneToNOpAdaptor;

  /// Tokens of a step that are neighbours in the cache.
  static int64_t granule(OpTy op) {
    return std::min<int64_t>(
        op.getKvBlockSize(),
        cast<RankedTensorType>(op.getEntries().getType()).getShape().back());
  }

  static CachePlace locate(OpTy op, Scalars &scalars, Value entry,
                           Value first) {
    int64_t pageSize = op.getCache().getType().getLayout().getPageSize();
    int64_t kvBlockSize = op.getKvBlockSize();
    int64_t blocks = pageSize / kvBlockSize;
    CachePlace result;
    result.page = scalars.divide(entry, blocks);
    if (blocks > 1)
      result.place =
          scalars.multiply(scalars.modulo(entry, blocks), kvBlockSize);
    if (kvBlockSize > granule(op)) {
      Value inBlock = scalars.modulo(first, kvBlockSize);
      result.place =
          result.place ? scalars.add(result.place, inBlock) : inBlock;
    }
    return result;
  }

  /// Loads from one page: what the entry and the step give, what a lane adds,
  /// and a constant of each fragment. Where all lanes agree on the page, its
  /// address is the base of a buffer, so that no lane computes 64-bit
  /// addresses; else every lane has an address of its own.
  class PageLoads {
  public:
    PageLoads(OpTy op, OneToNOpAdaptor adaptor, Scalars &scalars,
              const CacheLayout &layout)
        : op(op), adaptor(adaptor), scalars(scalars), layout(layout),
          isUniform(granule(op) ==
                    cast<RankedTensorType>(op.getEntries().getType())
                        .getShape()
                        .back()) {}

    /// \p byteInPage gives what the place in the page adds, or null.
    Value load(Type type, Value entry,
               llvm::function_ref<Value(CachePlace)> byteInPage, Value lane,
               int64_t constant) {
      CachePlace place = locate(op, scalars, entry, adaptor.getFirst().front());
      Type byte = scalars.builder.getI8Type();
      Value pointer = scalars.advance(
          pagePointer(scalars, adaptor.getCache().front(), place.page,
                      adaptor.getPageStride().front()),
          byte, byteInPage(place));
      if (isUniform)
        return scalars.loadBuffer(
            type, scalars.buffer(pointer, scalars.i64(layout.pageBytes())),
            lane, constant);
      pointer = scalars.advance(pointer, byte, lane);
      return scalars.load(type, scalars.advance(pointer, byte, constant),
                          alignment(type));
    }

  private:
    /// What divides every address of a fragment, up to 16.
    unsigned alignment(Type type) const {
      auto vector = dyn_cast<VectorType>(type);
      int64_t bytes = (vector ? vector.getNumElements() : 1) * sizeof(int32_t);
      return std::gcd(layout.alignment(), bytes);
    }

    OpTy op;
    OneToNOpAdaptor adaptor;
    Scalars &scalars;
    const CacheLayout &layout;
    bool isUniform;
  };
};

struct LoadKeysPattern : CacheLoadPattern<LoadKeysOp> {
  using CacheLoadPattern::CacheLoadPattern;

  LogicalResult
  matchAndRewrite(LoadKeysOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    auto keys = cast<RankedTensorType>(op.getType());
    auto entries = cast<RankedTensorType>(op.getEntries().getType());
    CacheLayout layout = op.getCache().getType().getLayout().getSpec();
    DistributionAttr distribution = getDistribution(keys);
    DistributionAttr entryDistribution = getDistribution(entries);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments(),
                      entryFragments = entryDistribution.getFragments();
    auto offset = DistributionAttr::offset;
    int64_t entryDim = entries.getRank() - 1;
    int64_t granule = CacheLoadPattern::granule(op);

    FailureOr<Value> ofLane = scalars.ofLane([&](int64_t l) {
      return layout.elementOffset(offset(lanes, l, 0) % granule,
                                  offset(lanes, l, 1), layout.pageBytes());
    });
    if (failed(ofLane))
      return op.emitOpError("lanes do not add up by bits");

    PageLoads loads(op, adaptor, scalars, layout);
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      int64_t token = offset(fragments, f, 0);
      int64_t entry = 0;
      while (offset(entryFragments, entry, entryDim) != token)
        ++entry;
      results.push_back(loads.load(
          fragmentType(keys), adaptor.getEntries()[entry],
          [&](CachePlace place) { return place.byteInPage(scalars, layout); },
          *ofLane,
          layout.elementOffset(token % granule, offset(fragments, f, 1),
                               layout.pageBytes())));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct LoadScalesPattern : CacheLoadPattern<LoadScalesOp> {
  using CacheLoadPattern::CacheLoadPattern;

  LogicalResult
  matchAndRewrite(LoadScalesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    auto scales = cast<RankedTensorType>(op.getType());
    CacheLayout layout = op.getCache().getType().getLayout().getSpec();
    DistributionAttr distribution = getDistribution(scales);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments();
    auto offset = DistributionAttr::offset;
    int64_t dim = scales.getRank() - 1;
    int64_t granule = CacheLoadPattern::granule(op);
    auto scaleInPage = [&](int64_t token) {
      return layout.scaleOffset(token % granule, layout.pageBytes());
    };
    int64_t base = scaleInPage(0), stride = CacheLayout::scaleStride;

    FailureOr<Value> ofLane = scalars.ofLane(
        [&](int64_t l) { return scaleInPage(offset(lanes, l, dim)) - base; });
    if (failed(ofLane) || distribution.getNumElements() != 1)
      return op.emitOpError("lanes do not add up by bits");

    PageLoads loads(op, adaptor, scalars, layout);
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f)
      results.push_back(loads.load(
          rewriter.getF32Type(), adaptor.getEntries()[f],
          [&](CachePlace place) {
            return place.place ? scalars.multiply(place.place, stride)
                               : Value();
          },
          *ofLane, scaleInPage(offset(fragments, f, dim))));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// The fragment of \p rows (one element each) that holds \p row.
size_t fragmentOfRow(RankedTensorType rows, int64_t row) {
  SmallVector<Axis> fragments = getDistribution(rows).getFragments();
  size_t f = 0;
  while (DistributionAttr::offset(fragments, f, 0) != row)
    ++f;
  return f;
}

/// Where the fragments of \p tensor are in the rows of an array. Fails with a
/// message.
template <typename OpTy, typename Adaptor>
FailureOr<SmallVector<Value>> rowPointers(OpTy op, Adaptor adaptor,
                                          RankedTensorType tensor,
                                          Scalars &scalars) {
  auto rows = cast<RankedTensorType>(op.getRows().getType());
  DistributionAttr distribution = getDistribution(tensor);
  SmallVector<Axis> lanes = distribution.getLanes(),
                    fragments = distribution.getFragments();
  auto offset = DistributionAttr::offset;
  Type element = memoryType(op.getBase().getType().getElementType());
  FailureOr<Value> ofLane =
      scalars.ofLane([&](int64_t l) { return offset(lanes, l, 1); });
  if (failed(ofLane))
    return op.emitOpError("lanes do not add up by bits");
  SmallVector<Value> pointers;
  for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
    Value row = adaptor.getRows()[fragmentOfRow(rows, offset(fragments, f, 0))];
    if (row.getType().isInteger(32))
      row = scalars.extend(row);
    Value pointer =
        scalars.advance(adaptor.getBase().front(), element,
                        arith::MulIOp::create(scalars.builder, scalars.loc, row,
                                              adaptor.getRowStride().front()));
    pointer = scalars.advance(pointer, element, *ofLane);
    pointers.push_back(
        scalars.advance(pointer, element, offset(fragments, f, 1)));
  }
  return pointers;
}

/// Of an element: memory takes any such address, at full width.
int64_t rowAlignment(GlobalType base) {
  return base.getElementType().getIntOrFloatBitWidth() / 8;
}

/// True in the first of the lanes that hold the same elements of \p tensor,
/// which has one dimension; null if no two do.
Value isFirstCopy(RankedTensorType tensor, Scalars &scalars) {
  SmallVector<Axis> lanes = getDistribution(tensor).getLanes();
  int64_t repeats = 0;
  for (int64_t bit = 1; bit < 64; bit *= 2)
    if (DistributionAttr::offset(lanes, bit, 0) == 0)
      repeats |= bit;
  if (!repeats)
    return {};
  Value copy = arith::AndIOp::create(scalars.builder, scalars.loc,
                                     scalars.lane(), scalars.i32(repeats));
  return arith::CmpIOp::create(scalars.builder, scalars.loc,
                               arith::CmpIPredicate::eq, copy, scalars.i32(0));
}

struct LoadRowsPattern : OpConversionPattern<LoadRowsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadRowsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    auto tensor = cast<RankedTensorType>(op.getType());
    auto pointers = rowPointers(op, adaptor, tensor, scalars);
    if (failed(pointers))
      return failure();
    SmallVector<Value> results;
    for (Value pointer : *pointers)
      results.push_back(scalars.load(fragmentType(tensor), pointer,
                                     rowAlignment(op.getBase().getType())));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct ScatterRowsPattern : OpConversionPattern<ScatterRowsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ScatterRowsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto tensor = cast<RankedTensorType>(op.getValue().getType());
    auto rows = cast<RankedTensorType>(op.getRows().getType());
    SmallVector<Axis> fragments = getDistribution(tensor).getFragments();
    auto pointers = rowPointers(op, adaptor, tensor, scalars);
    if (failed(pointers))
      return failure();
    Value isFirst =
        tensor.getRank() == 1 ? isFirstCopy(rows, scalars) : Value();
    for (auto [f, pointer] : llvm::enumerate(*pointers)) {
      Value mask = adaptor.getMask()[fragmentOfRow(
          rows, DistributionAttr::offset(fragments, f, 0))];
      if (isFirst)
        mask = arith::AndIOp::create(rewriter, loc, mask, isFirst);
      auto branch =
          scf::IfOp::create(rewriter, loc, mask, /*withElseRegion=*/false);
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(branch.thenBlock());
      LLVM::StoreOp::create(rewriter, loc, adaptor.getValue()[f], pointer,
                            rowAlignment(op.getBase().getType()));
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct KeepRowsPattern : OpConversionPattern<KeepRowsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(KeepRowsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto tensor = cast<RankedTensorType>(op.getType());
    auto mask = cast<RankedTensorType>(op.getMask().getType());
    SmallVector<Axis> fragments = getDistribution(tensor).getFragments();
    Value zero = arith::ConstantOp::create(
        rewriter, loc, rewriter.getZeroAttr(fragmentType(tensor)));
    SmallVector<Value> results;
    for (auto [f, fragment] : llvm::enumerate(adaptor.getInput()))
      results.push_back(arith::SelectOp::create(
          rewriter, loc,
          adaptor.getMask()[fragmentOfRow(
              mask, DistributionAttr::offset(fragments, f, 0))],
          fragment, zero));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// Stores to the slots of a cache: each lane at an address of its own, if its
/// mask says so.
template <typename OpTy> struct CacheStorePattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;
  using OneToNOpAdaptor = typename OpConversionPattern<OpTy>::OneToNOpAdaptor;

  /// \p byteInPage gives the byte of the place in the page, or null for 0.
  static void store(OneToNOpAdaptor adaptor, Scalars &scalars,
                    const CacheLayout &layout, Value value, Value slot,
                    Value mask,
                    llvm::function_ref<Value(CachePlace)> byteInPage,
                    Value lane, int64_t constant) {
    OpBuilder &builder = scalars.builder;
    OpBuilder::InsertionGuard guard(builder);
    auto branch = scf::IfOp::create(builder, scalars.loc, mask,
                                    /*withElseRegion=*/false);
    builder.setInsertionPointToStart(branch.thenBlock());
    CachePlace place;
    place.page = scalars.divide(slot, layout.pageSize);
    if (layout.pageSize > 1)
      place.place = scalars.modulo(slot, layout.pageSize);
    Type byte = builder.getI8Type();
    Value pointer = pagePointer(scalars, adaptor.getCache().front(), place.page,
                                adaptor.getPageStride().front());
    pointer = scalars.advance(pointer, byte, byteInPage(place));
    pointer = scalars.advance(pointer, byte, lane);
    pointer = scalars.advance(pointer, byte, constant);
    auto vector = dyn_cast<VectorType>(value.getType());
    int64_t bytes = (vector ? vector.getNumElements() : 1) * sizeof(int32_t);
    LLVM::StoreOp::create(builder, scalars.loc, value, pointer,
                          std::gcd(layout.alignment(), bytes));
  }
};

struct StoreKeysPattern : CacheStorePattern<StoreKeysOp> {
  using CacheStorePattern::CacheStorePattern;

  LogicalResult
  matchAndRewrite(StoreKeysOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    auto keys = cast<RankedTensorType>(op.getValue().getType());
    auto slots = cast<RankedTensorType>(op.getSlots().getType());
    CacheLayout layout = op.getCache().getType().getLayout().getSpec();
    DistributionAttr distribution = getDistribution(keys);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments();
    auto offset = DistributionAttr::offset;
    // The token is in the slot; its digits and the element's add up.
    auto ofElement = [&](int64_t d) {
      return layout.elementOffset(0, d, layout.pageBytes());
    };
    FailureOr<Value> ofLane = scalars.ofLane(
        [&](int64_t l) { return ofElement(offset(lanes, l, 1)); });
    if (failed(ofLane))
      return op.emitOpError("lanes do not add up by bits");
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      size_t row = fragmentOfRow(slots, offset(fragments, f, 0));
      store(
          adaptor, scalars, layout, adaptor.getValue()[f],
          adaptor.getSlots()[row], adaptor.getMask()[row],
          [&](CachePlace place) { return place.byteInPage(scalars, layout); },
          *ofLane, ofElement(offset(fragments, f, 1)));
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct StoreScalesPattern : CacheStorePattern<StoreScalesOp> {
  using CacheStorePattern::CacheStorePattern;

  LogicalResult
  matchAndRewrite(StoreScalesOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto slots = cast<RankedTensorType>(op.getSlots().getType());
    CacheLayout layout = op.getCache().getType().getLayout().getSpec();
    auto scaleInPage = [&](int64_t token) {
      return layout.scaleOffset(token, layout.pageBytes());
    };
    int64_t base = scaleInPage(0);
    int64_t stride = layout.pageSize > 1 ? scaleInPage(1) - base : 0;

    Value isFirst = isFirstCopy(slots, scalars);
    for (int64_t f = 0, e = adaptor.getValue().size(); f < e; ++f) {
      Value mask = adaptor.getMask()[f];
      if (isFirst)
        mask = arith::AndIOp::create(rewriter, loc, mask, isFirst);
      store(
          adaptor, scalars, layout, adaptor.getValue()[f],
          adaptor.getSlots()[f], mask,
          [&](CachePlace place) {
            return place.place ? scalars.multiply(place.place, stride)
                               : Value();
          },
          /*lane=*/Value(), base);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

struct AtomicOrPattern : OpConversionPattern<AtomicOrOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AtomicOrOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto isNot = [&](Value a, Value zero) -> Value {
      return arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::ne, a,
                                   zero);
    };
    Value address = LLVM::PtrToIntOp::create(
        rewriter, loc, rewriter.getI64Type(), adaptor.getBase());
    Value wanted = arith::AndIOp::create(
        rewriter, loc, isNot(adaptor.getBits(), scalars.i32(0)),
        isNot(address, scalars.i64(0)));
    auto branch =
        scf::IfOp::create(rewriter, loc, wanted, /*withElseRegion=*/false);
    rewriter.setInsertionPointToStart(branch.thenBlock());
    // All lanes agree on it: LLVM lets one of them do it.
    LLVM::AtomicRMWOp::create(rewriter, loc, LLVM::AtomicBinOp::_or,
                              adaptor.getBase(), adaptor.getBits(),
                              LLVM::AtomicOrdering::monotonic, "agent");
    rewriter.eraseOp(op);
    return success();
  }
};

struct CoordinatesPattern : OpConversionPattern<CoordinatesOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(CoordinatesOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    auto tensor = cast<RankedTensorType>(op.getType());
    DistributionAttr distribution = getDistribution(tensor);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments(),
                      elements = distribution.getElements();
    auto offset = DistributionAttr::offset;
    int64_t dim = op.getDimension();
    FailureOr<Value> ofLane =
        scalars.ofLane([&](int64_t l) { return offset(lanes, l, dim); });
    if (failed(ofLane))
      return op.emitOpError("lanes do not add up by bits");
    Value base = adaptor.getFirst();
    if (*ofLane)
      base = scalars.add(base, *ofLane);
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      int64_t place = offset(fragments, f, dim);
      Value first = place == 0 ? base : scalars.add(base, scalars.i32(place));
      if (auto vector = dyn_cast<VectorType>(fragmentType(tensor))) {
        SmallVector<int32_t> steps;
        for (int64_t e = 0; e < vector.getNumElements(); ++e)
          steps.push_back(offset(elements, e, dim));
        first = scalars.add(
            vector::BroadcastOp::create(rewriter, op.getLoc(), vector, first),
            arith::ConstantOp::create(rewriter, op.getLoc(),
                                      rewriter.getI32VectorAttr(steps)));
      }
      results.push_back(first);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

/// Each row is a buffer that ends where the stores end: the hardware drops the
/// rest, so that no lane is masked and no step is special. The whole offset is
/// a vector offset, which is what the range check is about. \p isTriangular:
/// row j ends j columns later than row 0.
template <typename RowStoreOp, bool isTriangular>
struct RowStorePattern : OpConversionPattern<RowStoreOp> {
  using OpConversionPattern<RowStoreOp>::OpConversionPattern;
  using typename OpConversionPattern<RowStoreOp>::OneToNOpAdaptor;

  LogicalResult
  matchAndRewrite(RowStoreOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto tensor = cast<RankedTensorType>(op.getValue().getType());
    DistributionAttr distribution = getDistribution(tensor);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments();
    auto offset = DistributionAttr::offset;
    Type element = tensor.getElementType();
    int64_t bytes = element.getIntOrFloatBitWidth() / 8;
    for (int64_t l = 0; l < 64; ++l)
      if (offset(lanes, l, 0) != 0 || distribution.getNumElements() != 1)
        return op.emitOpError("stores one row and one column a fragment");
    FailureOr<Value> ofLane =
        scalars.ofLane([&](int64_t l) { return offset(lanes, l, 1) * bytes; });
    if (failed(ofLane))
      return op.emitOpError("lanes do not add up by bits");

    Type i64 = rewriter.getI64Type();
    Value zero = scalars.i32(0);
    Value firstByte = scalars.multiply(adaptor.getFirst().front(), bytes);
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      int64_t j = offset(fragments, f, 0);
      auto at = [&](Value value) {
        return j == 0 ? value : scalars.add(value, scalars.i32(j));
      };
      Value row = at(adaptor.getRow().front());
      Value end = adaptor.getEnd().front();
      if constexpr (isTriangular)
        end = at(end);
      else if (!adaptor.getLastRow().empty())
        row = arith::MinSIOp::create(rewriter, loc, row,
                                     adaptor.getLastRow().front());
      Value visible = arith::MaxSIOp::create(rewriter, loc, end, zero);
      Value rowOffset = arith::MulIOp::create(
          rewriter, loc, arith::ExtSIOp::create(rewriter, loc, i64, row),
          adaptor.getRowStride().front());
      Value rowPointer =
          scalars.advance(adaptor.getBase().front(), element, rowOffset);
      Value resource = scalars.buffer(
          rowPointer, scalars.extend(scalars.multiply(visible, bytes)));
      Value column = *ofLane ? scalars.add(firstByte, *ofLane) : firstByte;
      if (int64_t place = offset(fragments, f, 1))
        column = scalars.add(column, scalars.i32(place * bytes));
      // Past the end of every row: rows are shorter than 2^31 bytes.
      if constexpr (!isTriangular)
        if (!adaptor.getMask().empty())
          column = arith::SelectOp::create(rewriter, loc, adaptor.getMask()[f],
                                           column, scalars.i32(INT32_MIN));
      ROCDL::RawPtrBufferStoreOp::create(
          rewriter, loc, adaptor.getValue()[f], resource, column, zero, zero,
          /*alias_scopes=*/ArrayAttr(), /*noalias_scopes=*/ArrayAttr(),
          /*tbaa=*/ArrayAttr());
    }
    rewriter.eraseOp(op);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Matrix products and sums
//===----------------------------------------------------------------------===//

/// The linear index of a place in all dimensions of \p shape but the last.
int64_t rowOf(ArrayRef<Axis> axes, int64_t place, ArrayRef<int64_t> shape) {
  int64_t row = 0;
  for (size_t dim = 0; dim + 1 < shape.size(); ++dim)
    row = row * shape[dim] + DistributionAttr::offset(axes, place, dim);
  return row;
}

struct MmaPattern : OpConversionPattern<MmaOp> {
  MmaPattern(const TypeConverter &converter, MLIRContext *context,
             const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(MmaOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto aType = cast<RankedTensorType>(op.getA().getType());
    auto bType = cast<RankedTensorType>(op.getB().getType());
    auto type = cast<RankedTensorType>(op.getType());
    DistributionAttr distribution = getDistribution(type);
    auto offset = DistributionAttr::offset;
    int64_t tokenDim = type.getRank() - 1;

    // The square tile whose accumulator a fragment is: 16 or 32 on a side.
    int64_t numPlaces = distribution.getNumElements() * 64;
    int64_t size = 1 << llvm::Log2_64(numPlaces) / 2;
    if (size * size != numPlaces)
      size = 0;
    if (!isOperand(aType, size) || !isOperand(bType, size) ||
        !isAccumulator(type, aType, bType, size))
      return op.emitOpError("has no ")
             << size << "x" << size
             << " product of operands in these distributions";

    SmallVector<Axis> fragments = distribution.getFragments();
    SmallVector<Value> results;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f) {
      SmallVector<Value> a =
          chunks(aType, adaptor.getA(), rowOf(fragments, f, type.getShape()));
      SmallVector<Value> b =
          chunks(bType, adaptor.getB(), offset(fragments, f, tokenDim));
      Value result;
      // All of the depth, and none of it twice.
      if (a.size() == b.size() &&
          static_cast<int64_t>(a.size()) * 16 * (64 / size) ==
              bType.getDimSize(1))
        result = target.mma(rewriter, op.getLoc(), size, a, b);
      if (!result)
        return op.emitOpError("has no ")
               << size << "x" << size << " product of " << a.size() << " by "
               << b.size() << " chunks on this target";
      results.push_back(result);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  /// Lane l has 16 consecutive bytes, at l/size, of row l%size of the product.
  /// A row of the tensor may stand in several rows of the product.
  static bool isOperand(RankedTensorType type, int64_t size) {
    DistributionAttr distribution = getDistribution(type);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      elements = distribution.getElements();
    auto offset = DistributionAttr::offset;
    int64_t depthDim = type.getRank() - 1;
    bool matches = distribution.getNumElements() == 16 && size != 0;
    for (int64_t e = 0; e < 16 && matches; ++e)
      matches &= rowOf(elements, e, type.getShape()) == 0 &&
                 offset(elements, e, depthDim) == e;
    for (int64_t l = 0; l < 64 && matches; ++l)
      matches &= rowOf(lanes, l, type.getShape()) ==
                     rowOf(lanes, l % size, type.getShape()) &&
                 offset(lanes, l, depthDim) == l / size * 16;
    return matches;
  }

  /// Lane l has, of the product's column l%size, the rows 4*(l/size) + e%4 +
  /// 8*(e/4) (32x32) or 4*(l/size) + e (16x16).
  static bool isAccumulator(RankedTensorType type, RankedTensorType aType,
                            RankedTensorType bType, int64_t size) {
    DistributionAttr distribution = getDistribution(type);
    SmallVector<Axis> lanes = distribution.getLanes(),
                      elements = distribution.getElements(),
                      aLanes = getDistribution(aType).getLanes(),
                      bLanes = getDistribution(bType).getLanes();
    auto offset = DistributionAttr::offset;
    int64_t tokenDim = type.getRank() - 1;
    int64_t groups = 64 / size;
    bool matches = true;
    for (int64_t l = 0; l < 64; ++l)
      for (int64_t e = 0; e < distribution.getNumElements(); ++e) {
        int64_t productRow = l / size * 4 + e % 4 + e / 4 * 4 * groups;
        matches &= rowOf(lanes, l, type.getShape()) +
                           rowOf(elements, e, type.getShape()) ==
                       rowOf(aLanes, productRow, aType.getShape()) &&
                   offset(lanes, l, tokenDim) + offset(elements, e, tokenDim) ==
                       offset(bLanes, l % size, 0);
      }
    return matches;
  }

  /// The fragments that start at \p row, in order of depth.
  static SmallVector<Value> chunks(RankedTensorType type, ValueRange values,
                                   int64_t row) {
    DistributionAttr distribution = getDistribution(type);
    SmallVector<Axis> fragments = distribution.getFragments();
    SmallVector<std::pair<int64_t, Value>> found;
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f)
      if (rowOf(fragments, f, type.getShape()) == row)
        found.emplace_back(
            DistributionAttr::offset(fragments, f, type.getRank() - 1),
            values[f]);
    llvm::sort(found, llvm::less_first());
    return llvm::to_vector(llvm::make_second_range(found));
  }

  const TargetLowering &target;
};

/// \p low in the lanes whose bit \p distance is clear, else \p high.
Value selectByLane(OpBuilder &builder, Location loc, Value low, Value high,
                   int64_t distance) {
  Scalars scalars(builder, loc);
  Value bit = arith::AndIOp::create(builder, loc, scalars.lane(),
                                    scalars.i32(distance));
  Value isLow = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                      bit, scalars.i32(0));
  return arith::SelectOp::create(builder, loc, isLow, low, high);
}

/// Of sums for 64 columns, of which lane l has those of the columns l % columns
/// (of what it holds), one for each group of columns: the whole sum of column
/// l. Pairs of groups are joined, the ones furthest apart first. Lanes that
/// differ in a \p distance for which \p isRepeated hold the same sums.
Value sumOfLanes(OpBuilder &builder, Location loc, const TargetLowering &target,
                 SmallVector<Value> partial, int64_t columns,
                 llvm::function_ref<bool(int64_t distance)> isRepeated) {
  for (int64_t distance = 32; distance >= columns; distance /= 2) {
    int64_t half = partial.size() / 2;
    for (int64_t i = 0; i < half; ++i)
      partial[i] = isRepeated(distance)
                       ? selectByLane(builder, loc, partial[i],
                                      partial[i + half], distance)
                       : target.exchangeAdd(builder, loc, partial[i],
                                            partial[i + half], distance);
    partial.resize(half);
  }
  return partial.front();
}

struct WeightedSumPattern : OpConversionPattern<WeightedSumOp> {
  WeightedSumPattern(const TypeConverter &converter, MLIRContext *context,
                     const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(WeightedSumOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto scoreType = cast<RankedTensorType>(op.getScores().getType());
    auto weightType = cast<RankedTensorType>(op.getWeights().getType());
    auto type = cast<RankedTensorType>(op.getType());
    DistributionAttr scoreDistribution = getDistribution(scoreType);
    SmallVector<Axis> scoreFragments = scoreDistribution.getFragments(),
                      weightFragments =
                          getDistribution(weightType).getFragments(),
                      scoreLanes = scoreDistribution.getLanes(),
                      scoreElements = scoreDistribution.getElements(),
                      lanes = getDistribution(type).getLanes(),
                      fragments = getDistribution(type).getFragments();
    auto offset = DistributionAttr::offset;
    int64_t numElements = scoreDistribution.getNumElements();
    int64_t numLanes = 64, tokens = type.getDimSize(1);

    // Lanes of one column are `columns` apart; result lane t has column t.
    int64_t columns = scoreLanes.empty() ? 0 : scoreLanes[0].count;
    bool matches = tokens == numLanes && numElements % 2 == 0 &&
                   (columns == 16 || columns == 32);
    for (int64_t l = 0; l < numLanes && matches; ++l)
      matches &= offset(scoreLanes, l, 2) == l % columns &&
                 offset(scoreLanes, l, 0) == 0 && offset(lanes, l, 1) == l &&
                 offset(lanes, l, 0) == 0;
    for (int64_t e = 0; e < numElements && matches; ++e)
      matches &= offset(scoreElements, e, 0) == 0;
    // Other lanes of a column have other rows, or the same ones once more: no
    // score is held twice for any other reason. A lane ends up with one number
    // of a row.
    auto repeatsRows = [&](int64_t distance) {
      return offset(scoreLanes, distance, 1) == 0;
    };
    int64_t copies = 1;
    for (int64_t distance = columns; distance && distance < numLanes;
         distance *= 2)
      copies *= repeatsRows(distance) ? 2 : 1;
    matches &= scoreDistribution.getNumFragments() * numElements * numLanes ==
                   scoreType.getNumElements() * copies &&
               getDistribution(type).getNumElements() == 1;
    if (!matches)
      return op.emitOpError("cannot sum ")
             << scoreType << " into " << type << " on this target";

    SmallVector<Value> results;
    for (int64_t f = 0; f < getDistribution(type).getNumFragments(); ++f) {
      int64_t j = offset(fragments, f, 0);
      // One partial sum for each group of columns that a fragment covers.
      SmallVector<Value> partial;
      for (int64_t token = 0; token < tokens; token += columns) {
        Value sum;
        for (int64_t s = 0; s < scoreDistribution.getNumFragments(); ++s) {
          if (offset(scoreFragments, s, 0) != j ||
              offset(scoreFragments, s, 2) != token)
            continue;
          int64_t w = 0;
          while (offset(weightFragments, w, 0) != j ||
                 offset(weightFragments, w, 1) != offset(scoreFragments, s, 1))
            ++w;
          sum = accumulate(rewriter, loc, sum, adaptor.getScores()[s],
                           adaptor.getWeights()[w], numElements);
        }
        partial.push_back(arith::AddFOp::create(
            rewriter, loc, vector::ExtractOp::create(rewriter, loc, sum, 0),
            vector::ExtractOp::create(rewriter, loc, sum, 1)));
      }
      results.push_back(sumOfLanes(rewriter, loc, target, std::move(partial),
                                   columns, repeatsRows));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  /// Two elements at a time, for packed multiply-add.
  static Value accumulate(OpBuilder &builder, Location loc, Value sum,
                          Value scores, Value weights, int64_t numElements) {
    auto pair = [&](Value value, int64_t e) -> Value {
      return vector::ExtractStridedSliceOp::create(
          builder, loc, value, ArrayRef<int64_t>{e}, ArrayRef<int64_t>{2},
          ArrayRef<int64_t>{1});
    };
    for (int64_t e = 0; e < numElements; e += 2) {
      Value score = pair(scores, e), weight = pair(weights, e);
      sum =
          sum ? math::FmaOp::create(builder, loc, score, weight, sum)
                    .getResult()
              : arith::MulFOp::create(builder, loc, score, weight).getResult();
    }
    return sum;
  }

  const TargetLowering &target;
};

struct SumWordsPattern : OpConversionPattern<SumWordsOp> {
  SumWordsPattern(const TypeConverter &converter, MLIRContext *context,
                  const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(SumWordsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto input = cast<RankedTensorType>(op.getInput().getType());
    auto type = cast<RankedTensorType>(op.getType());
    DistributionAttr distribution = getDistribution(input);
    SmallVector<Axis> inputLanes = distribution.getLanes(),
                      inputFragments = distribution.getFragments(),
                      lanes = getDistribution(type).getLanes();
    auto offset = DistributionAttr::offset;
    int64_t numLanes = 64, tokens = input.getDimSize(0),
            tokenDim = type.getRank() - 1;

    // Lanes of one row are `columns` apart; result lane t has token t. No byte
    // is held twice.
    int64_t columns = inputLanes.empty() ? 0 : inputLanes[0].count;
    bool matches = tokens == numLanes && (columns == 16 || columns == 32) &&
                   distribution.getNumFragments() *
                           distribution.getNumElements() * numLanes ==
                       input.getNumElements() &&
                   getDistribution(type).getNumElements() == 1;
    for (int64_t l = 0; l < numLanes && matches; ++l)
      matches &= offset(inputLanes, l, 0) == l % columns &&
                 offset(lanes, l, tokenDim) == l;
    if (!matches)
      return op.emitOpError("cannot sum ")
             << input << " into " << type << " on this target";

    // One partial sum for each group of rows that a fragment covers.
    SmallVector<Value> partial;
    for (int64_t token = 0; token < tokens; token += columns) {
      Value sum;
      for (auto [f, fragment] : llvm::enumerate(adaptor.getInput())) {
        if (offset(inputFragments, f, 0) != token)
          continue;
        auto vector = dyn_cast<VectorType>(fragment.getType());
        for (int64_t i = 0, e = vector ? vector.getNumElements() : 1; i < e;
             ++i) {
          Value word =
              vector ? vector::ExtractOp::create(rewriter, loc, fragment, i)
                           .getResult()
                     : fragment;
          sum =
              sum ? arith::AddIOp::create(rewriter, loc, sum, word).getResult()
                  : word;
        }
      }
      partial.push_back(sum);
    }
    Value sum = sumOfLanes(rewriter, loc, target, std::move(partial), columns,
                           [](int64_t) { return false; });
    rewriter.replaceOpWithMultiple(
        op, {SmallVector<Value>(getDistribution(type).getNumFragments(), sum)});
    return success();
  }

  const TargetLowering &target;
};

//===----------------------------------------------------------------------===//
// Lanes and waves
//===----------------------------------------------------------------------===//

struct WaveIdPattern : OpConversionPattern<WaveIdOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(WaveIdOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    auto function = op->getParentOfType<gpu::GPUFuncOp>();
    std::optional<ArrayRef<int32_t>> threads =
        function ? function.getKnownBlockSize() : std::nullopt;
    if (!threads || (*threads)[0] <= 0 || (*threads)[0] % 64 != 0 ||
        (*threads)[1] != 1 || (*threads)[2] != 1)
      return op.emitOpError("needs a gpu.func whose known_block_size is waves "
                            "of 64 in x");
    Type i32 = rewriter.getI32Type();
    Value block = arith::IndexCastOp::create(
        rewriter, loc, i32,
        gpu::BlockIdOp::create(rewriter, loc, gpu::Dimension::x));
    Value thread = arith::IndexCastOp::create(
        rewriter, loc, i32,
        gpu::ThreadIdOp::create(rewriter, loc, gpu::Dimension::x));
    // All lanes agree, but only this tells LLVM so.
    Value inBlock = ROCDL::ReadfirstlaneOp::create(rewriter, loc, i32,
                                                   scalars.divide(thread, 64));
    rewriter.replaceOp(
        op, scalars.add(scalars.multiply(block, (*threads)[0] / 64), inBlock));
    return success();
  }
};

struct ScanAddPattern : OpConversionPattern<ScanAddOp> {
  ScanAddPattern(const TypeConverter &converter, MLIRContext *context,
                 const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(ScanAddOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(
        op, target.scanAdd(rewriter, op.getLoc(), adaptor.getInput()));
    return success();
  }

  const TargetLowering &target;
};

struct CountPattern : OpConversionPattern<CountOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(CountOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Value count;
    for (Value flag : adaptor.getInput()) {
      Value ofFragment = countTrue(rewriter, op.getLoc(),
                                   ballotOf(rewriter, op.getLoc(), flag));
      count = count ? addNumbers(rewriter, op.getLoc(), count, ofFragment)
                    : ofFragment;
    }
    rewriter.replaceOp(op, count);
    return success();
  }

  /// A bit for each lane.
  static Value ballotOf(OpBuilder &builder, Location loc, Value flag) {
    return ROCDL::BallotOp::create(builder, loc, builder.getI64Type(), flag);
  }
  static Value countTrue(OpBuilder &builder, Location loc, Value ballot) {
    return arith::TruncIOp::create(builder, loc, builder.getI32Type(),
                                   math::CtPopOp::create(builder, loc, ballot));
  }
};

/// V_MBCNT counts the bits of the lanes before, and adds what it is given: what
/// the fragments before have.
struct RankPattern : OpConversionPattern<RankOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(RankOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    Type i32 = rewriter.getI32Type();
    Value before = scalars.i32(0);
    SmallVector<Value> results;
    for (Value flag : adaptor.getInput()) {
      Value ballot = CountPattern::ballotOf(rewriter, loc, flag);
      Value low = arith::TruncIOp::create(rewriter, loc, i32, ballot);
      Value high = arith::TruncIOp::create(
          rewriter, loc, i32,
          arith::ShRUIOp::create(rewriter, loc, ballot, scalars.i64(32)));
      Value sum = ROCDL::MbcntLoOp::create(rewriter, loc, i32, low, before,
                                           /*arg_attrs=*/{}, /*res_attrs=*/{});
      results.push_back(ROCDL::MbcntHiOp::create(rewriter, loc, i32, high, sum,
                                                 /*arg_attrs=*/{},
                                                 /*res_attrs=*/{}));
      before =
          scalars.add(before, CountPattern::countTrue(rewriter, loc, ballot));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct AnyPattern : OpConversionPattern<AnyOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AnyOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value any;
    for (Value fragment : adaptor.getInput())
      any = any ? arith::OrIOp::create(rewriter, loc, any, fragment).getResult()
                : fragment;
    Value ballot =
        ROCDL::BallotOp::create(rewriter, loc, rewriter.getI64Type(), any);
    rewriter.replaceOpWithNewOp<arith::CmpIOp>(
        op, arith::CmpIPredicate::ne, ballot,
        arith::ConstantIntOp::create(rewriter, loc, 0, 64));
    return success();
  }
};

/// A number of 32 bits as another type of them.
Value castBits(OpBuilder &builder, Location loc, Type type, Value value) {
  if (value.getType() == type)
    return value;
  return arith::BitcastOp::create(builder, loc, type, value);
}

/// \p value, of lanes that hold columns of one row, combined over all of them
/// from the nearest on. Null, with a message, if the target cannot.
template <typename OpTy>
Value overLanesOfRow(OpTy op, RankedTensorType tensor, Value value,
                     const TargetLowering &target, OpBuilder &builder,
                     llvm::function_ref<Value(Value, Value)> combine) {
  Location loc = op.getLoc();
  SmallVector<Axis> lanes = getDistribution(tensor).getLanes();
  auto offset = DistributionAttr::offset;
  unsigned exchanged = 0;
  for (unsigned bit = 1; bit < 64; bit *= 2) {
    // Lanes that differ in this bit hold other columns of a row.
    if (offset(lanes, bit, 0) != 0 || offset(lanes, bit, 1) == 0)
      continue;
    // The exchange wants lanes that differ in lower bits to be equal.
    Value other;
    if (exchanged == bit - 1)
      other = target.exchangeEqual(
          builder, loc, castBits(builder, loc, builder.getI32Type(), value),
          bit);
    if (!other) {
      op.emitOpError("has no exchange between lanes ")
          << bit << " apart on this target";
      return {};
    }
    exchanged |= bit;
    value = combine(value, castBits(builder, loc, value.getType(), other));
  }
  return value;
}

/// Replaces \p op, whose result is a number of each row of \p input: \p ofLane
/// is that of a lane's fragments of a row, \p combine that of two lanes.
template <typename OpTy>
LogicalResult reduceRows(OpTy op, ValueRange input,
                         const TargetLowering &target,
                         ConversionPatternRewriter &rewriter,
                         llvm::function_ref<Value(ArrayRef<Value>)> ofLane,
                         llvm::function_ref<Value(Value, Value)> combine) {
  auto inputType = cast<RankedTensorType>(op.getInput().getType());
  DistributionAttr result =
      getDistribution(cast<RankedTensorType>(op.getType()));
  SmallVector<Axis> fragments = getDistribution(inputType).getFragments(),
                    rows = result.getFragments();
  auto offset = DistributionAttr::offset;
  SmallVector<Value> results;
  for (int64_t r = 0; r < result.getNumFragments(); ++r) {
    SmallVector<Value> ofRow;
    for (auto [f, fragment] : llvm::enumerate(input))
      if (offset(fragments, f, 0) == offset(rows, r, 0))
        ofRow.push_back(fragment);
    results.push_back(overLanesOfRow(op, inputType, ofLane(ofRow), target,
                                     rewriter, combine));
    if (!results.back())
      return failure();
  }
  rewriter.replaceOpWithMultiple(op, {results});
  return success();
}

struct RowMaxPattern : OpConversionPattern<RowMaxOp> {
  RowMaxPattern(const TypeConverter &converter, MLIRContext *context,
                const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(RowMaxOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto larger = [&](Value a, Value b) -> Value {
      return a ? arith::MaxSIOp::create(rewriter, loc, a, b).getResult() : b;
    };
    auto ofLane = [&](ArrayRef<Value> fragments) {
      Value largest;
      for (Value fragment : fragments) {
        if (isa<VectorType>(fragment.getType()))
          fragment = vector::ReductionOp::create(
              rewriter, loc, vector::CombiningKind::MAXSI, fragment);
        largest = larger(largest, fragment);
      }
      return largest;
    };
    return reduceRows(op, adaptor.getInput(), target, rewriter, ofLane, larger);
  }

  const TargetLowering &target;
};

struct RowSumPattern : OpConversionPattern<RowSumOp> {
  RowSumPattern(const TypeConverter &converter, MLIRContext *context,
                const TargetLowering &target)
      : OpConversionPattern(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(RowSumOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto add = [&](Value a, Value b) -> Value {
      return a ? arith::AddFOp::create(rewriter, loc, a, b).getResult() : b;
    };
    auto ofLane = [&](ArrayRef<Value> fragments) {
      Value sum;
      for (Value fragment : fragments)
        sum = add(sum, fragment);
      if (auto vector = dyn_cast<VectorType>(sum.getType())) {
        for (int64_t half = vector.getNumElements() / 2; half > 1; half /= 2)
          sum = add(elements(rewriter, loc, sum, 0, half),
                    elements(rewriter, loc, sum, half, half));
        sum = add(vector::ExtractOp::create(rewriter, loc, sum, 0),
                  vector::ExtractOp::create(rewriter, loc, sum, 1));
      }
      return sum;
    };
    return reduceRows(op, adaptor.getInput(), target, rewriter, ofLane, add);
  }

  static Value elements(OpBuilder &builder, Location loc, Value vector,
                        int64_t first, int64_t count) {
    return vector::ExtractStridedSliceOp::create(
        builder, loc, vector, ArrayRef<int64_t>{first},
        ArrayRef<int64_t>{count}, ArrayRef<int64_t>{1});
  }

  const TargetLowering &target;
};

/// A lane's part of a tensor of f32, whose fragments are vectors or numbers.
class LanePart {
public:
  LanePart(OpBuilder &builder, Location loc, ValueRange fragments)
      : builder(builder), loc(loc), fragments(fragments),
        vector(dyn_cast<VectorType>(fragments.front().getType())) {}

  /// The numbers at \p places as fragments. Those whose place is in \p negated
  /// have the other sign.
  SmallVector<Value> pick(ArrayRef<int64_t> places,
                          ArrayRef<bool> negated = {}) {
    int64_t count = vector ? vector.getNumElements() : 1;
    SmallVector<Value> results;
    for (size_t i = 0; i < places.size(); i += count) {
      ArrayRef<int64_t> wanted = places.slice(i, count);
      Value source = fragments[wanted.front() / count];
      Value other = source;
      bool isAnyNegated =
          !negated.empty() && llvm::is_contained(negated.slice(i, count), true);
      if (isAnyNegated)
        other = arith::NegFOp::create(builder, loc, source);
      if (!vector) {
        results.push_back(other);
        continue;
      }
      // One fragment has them all: its places and, behind them, those of the
      // negated one.
      SmallVector<int64_t> from;
      bool isWhole = true;
      for (int64_t e = 0; e < count; ++e) {
        bool isNegated = isAnyNegated && negated[i + e];
        from.push_back(wanted[e] % count + (isNegated ? count : 0));
        isWhole &= from[e] == e + (isAnyNegated ? count : 0);
      }
      results.push_back(
          isWhole ? other
                  : vector::ShuffleOp::create(builder, loc, source, other, from)
                        .getResult());
    }
    return results;
  }

  /// Whether each fragment of places is in one fragment of these.
  bool canPick(ArrayRef<int64_t> places) const {
    int64_t count = vector ? vector.getNumElements() : 1;
    for (size_t i = 0; i < places.size(); ++i)
      if (places[i] / count != places[i - i % count] / count)
        return false;
    return true;
  }

private:
  OpBuilder &builder;
  Location loc;
  ValueRange fragments;
  VectorType vector;
};

/// tile.butterfly and tile.quarter_turn.
template <typename OpTy> struct ColumnPairPattern : OpConversionPattern<OpTy> {
  using OneToNOpAdaptor = typename OpConversionPattern<OpTy>::OneToNOpAdaptor;
  static constexpr bool isButterfly = std::is_same_v<OpTy, ButterflyOp>;

  ColumnPairPattern(const TypeConverter &converter, MLIRContext *context,
                    const TargetLowering &target)
      : OpConversionPattern<OpTy>(converter, context), target(target) {}

  LogicalResult
  matchAndRewrite(OpTy op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto tensor = cast<RankedTensorType>(op.getType());
    ColumnPairs pairs = *findColumnPairs(tensor, op.getDistance());
    SmallVector<Value> input(adaptor.getInput());
    SmallVector<Value> results =
        pairs.laneBit ? acrossLanes(op, input, pairs.laneBit, rewriter)
                      : withinLanes(op, input, pairs, rewriter);
    if (results.empty())
      return failure();
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }

  SmallVector<Value> withinLanes(OpTy op, ArrayRef<Value> input,
                                 const ColumnPairs &pairs,
                                 OpBuilder &builder) const {
    Location loc = op.getLoc();
    LanePart part(builder, loc, input);
    if (!part.canPick(pairs.partners)) {
      op.emitOpError("has fragments whose columns meet those of several");
      return {};
    }
    SmallVector<bool> isFirst;
    for (bool isSecond : pairs.isSecond)
      isFirst.push_back(!isSecond);
    if (!isButterfly)
      return part.pick(pairs.partners, isFirst);
    // a + b and a + (-b): a of the pair, and b or -b.
    SmallVector<int64_t> firsts, seconds;
    for (auto [place, partner] : llvm::enumerate(pairs.partners)) {
      bool isSecond = pairs.isSecond[place];
      firsts.push_back(isSecond ? partner : int64_t(place));
      seconds.push_back(isSecond ? int64_t(place) : partner);
    }
    SmallVector<Value> results;
    for (auto [a, b] :
         llvm::zip_equal(part.pick(firsts), part.pick(seconds, pairs.isSecond)))
      results.push_back(arith::AddFOp::create(builder, loc, a, b));
    return results;
  }

  SmallVector<Value> acrossLanes(OpTy op, ArrayRef<Value> input,
                                 unsigned laneBit, OpBuilder &builder) const {
    Location loc = op.getLoc();
    Scalars scalars(builder, loc);
    Value bit = arith::AndIOp::create(builder, loc, scalars.lane(),
                                      scalars.i32(laneBit));
    Value isSecond = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ne, bit, scalars.i32(0));
    // a + b or b' + (-a'), of which the other lane has a' as its b.
    auto combine = [&](Value mine) -> Value {
      Value received = target.exchange(
          builder, loc, castBits(builder, loc, builder.getI32Type(), mine),
          laneBit);
      if (!received)
        return {};
      Value other = castBits(builder, loc, mine.getType(), received);
      Value turned = isButterfly ? mine : other;
      Value negated = arith::NegFOp::create(builder, loc, turned);
      if (!isButterfly)
        return arith::SelectOp::create(builder, loc, isSecond, turned, negated);
      Value own =
          arith::SelectOp::create(builder, loc, isSecond, negated, turned);
      return arith::AddFOp::create(builder, loc, other, own);
    };
    SmallVector<Value> results;
    for (Value fragment : input) {
      auto vector = dyn_cast<VectorType>(fragment.getType());
      SmallVector<Value> numbers;
      for (int64_t e = 0, n = vector ? vector.getNumElements() : 1; e < n; ++e)
        numbers.push_back(combine(
            vector ? vector::ExtractOp::create(builder, loc, fragment, e)
                         .getResult()
                   : fragment));
      if (!numbers.front()) {
        op.emitOpError("has no exchange between lanes ")
            << laneBit << " apart on this target";
        return {};
      }
      results.push_back(
          vector ? vector::FromElementsOp::create(builder, loc, vector, numbers)
                       .getResult()
                 : numbers.front());
    }
    return results;
  }

  const TargetLowering &target;
};

struct SpreadColumnsPattern : OpConversionPattern<SpreadColumnsOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(SpreadColumnsOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto input = cast<RankedTensorType>(op.getInput().getType());
    auto tensor = cast<RankedTensorType>(op.getType());
    int64_t ofInput = getDistribution(input).getNumElements(),
            ofResult = getDistribution(tensor).getNumElements();
    auto number = [&](int64_t place) -> Value {
      Value fragment = adaptor.getInput()[place / ofInput];
      if (ofInput == 1)
        return fragment;
      return vector::ExtractOp::create(rewriter, loc, fragment,
                                       place % ofInput);
    };
    SmallVector<int64_t> places =
        *findSpreadPlaces(input, tensor, op.getTimes());
    SmallVector<Value> results;
    for (size_t i = 0; i < places.size(); i += ofResult) {
      if (ofResult == 1) {
        results.push_back(number(places[i]));
        continue;
      }
      SmallVector<Value> numbers;
      for (int64_t place : ArrayRef(places).slice(i, ofResult))
        numbers.push_back(number(place));
      results.push_back(vector::FromElementsOp::create(
          rewriter, loc, cast<VectorType>(fragmentType(tensor)), numbers));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct BroadcastPattern : OpConversionPattern<tile::BroadcastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(tile::BroadcastOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto tensor = cast<RankedTensorType>(op.getType());
    auto input = cast<RankedTensorType>(op.getInput().getType());
    if (!isPlain(tensor))
      return op.emitOpError("is of fp8, which is only moved and multiplied");
    SmallVector<Axis> fragments = getDistribution(tensor).getFragments();
    SmallVector<Value> results;
    for (int64_t f = 0; f < getDistribution(tensor).getNumFragments(); ++f) {
      Value value = adaptor.getInput()[fragmentOfRow(
          input, DistributionAttr::offset(fragments, f, 0))];
      if (auto vector = dyn_cast<VectorType>(fragmentType(tensor)))
        value =
            vector::BroadcastOp::create(rewriter, op.getLoc(), vector, value);
      results.push_back(value);
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct ExtractPattern : OpConversionPattern<ExtractOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(ExtractOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<ROCDL::ReadlaneOp>(
        op, rewriter.getI32Type(), adaptor.getInput(), adaptor.getLane());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// What waves share
//===----------------------------------------------------------------------===//

struct AllocSharedPattern : OpConversionPattern<AllocSharedOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AllocSharedOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    auto module = op->getParentOfType<gpu::GPUModuleOp>();
    SharedType shared = op.getType();
    auto type =
        LLVM::LLVMArrayType::get(shared.getElementType(), shared.getSize());
    // The names of those before it: as many as there are.
    std::string name =
        ("shared_" +
         llvm::Twine(llvm::range_size(module.getOps<LLVM::GlobalOp>())))
            .str();
    LLVM::GlobalOp global;
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(op->getParentOfType<gpu::GPUFuncOp>());
      global = LLVM::GlobalOp::create(
          rewriter, op.getLoc(), type, /*isConstant=*/false,
          LLVM::Linkage::Internal, name, /*value=*/Attribute(),
          /*alignment=*/16, /*addrSpace=*/3);
    }
    rewriter.replaceOpWithNewOp<LLVM::AddressOfOp>(op, global);
    return success();
  }
};

/// Number \p index of memory of 32-bit numbers. Shared memory has 32-bit
/// addresses.
Value numberPointer(Scalars &scalars, Value memory, Type element, Value index) {
  auto type = cast<LLVM::LLVMPointerType>(memory.getType());
  if (type.getAddressSpace() != 3)
    return scalars.advance(memory, element, index);
  return LLVM::GEPOp::create(scalars.builder, scalars.loc, type, element,
                             memory, ArrayRef<LLVM::GEPArg>{index});
}

struct LoadSharedPattern : OpConversionPattern<LoadSharedOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(LoadSharedOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Scalars scalars(rewriter, op.getLoc());
    Type element = op.getMemory().getType().getElementType();
    SmallVector<Value> results;
    for (Value index : adaptor.getIndices())
      results.push_back(LLVM::LoadOp::create(
          rewriter, op.getLoc(), element,
          numberPointer(scalars, adaptor.getMemory().front(), element, index),
          /*alignment=*/4));
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct StoreSharedPattern : OpConversionPattern<StoreSharedOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(StoreSharedOp op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    Type element = op.getMemory().getType().getElementType();
    for (auto [value, index, mask] : llvm::zip_equal(
             adaptor.getValue(), adaptor.getIndices(), adaptor.getMask())) {
      OpBuilder::InsertionGuard guard(rewriter);
      auto branch =
          scf::IfOp::create(rewriter, loc, mask, /*withElseRegion=*/false);
      rewriter.setInsertionPointToStart(branch.thenBlock());
      LLVM::StoreOp::create(
          rewriter, loc, value,
          numberPointer(scalars, adaptor.getMemory().front(), element, index),
          /*alignment=*/4);
    }
    rewriter.eraseOp(op);
    return success();
  }
};

/// Atomic operations that only promise that nothing is lost: release and
/// acquire are operations of their own.
template <typename OpTy, LLVM::AtomicBinOp kind>
struct AtomicPattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;
  using typename OpConversionPattern<OpTy>::OneToNOpAdaptor;

  LogicalResult
  matchAndRewrite(OpTy op, OneToNOpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Scalars scalars(rewriter, loc);
    Type i32 = rewriter.getI32Type();
    bool isShared = isa<SharedType>(op.getMemory().getType());
    Value none = scalars.i32(0);
    SmallVector<Value> results;
    for (auto [value, index, mask] : llvm::zip_equal(
             adaptor.getValue(), adaptor.getIndices(), adaptor.getMask())) {
      OpBuilder::InsertionGuard guard(rewriter);
      auto branch = scf::IfOp::create(rewriter, loc, i32, mask,
                                      /*withElseRegion=*/true);
      rewriter.setInsertionPointToStart(branch.thenBlock());
      Value old = LLVM::AtomicRMWOp::create(
          rewriter, loc, kind,
          numberPointer(scalars, adaptor.getMemory().front(), i32, index),
          value, LLVM::AtomicOrdering::monotonic,
          isShared ? "workgroup" : "agent");
      scf::YieldOp::create(rewriter, loc, old);
      rewriter.setInsertionPointToStart(branch.elseBlock());
      scf::YieldOp::create(rewriter, loc, none);
      results.push_back(branch.getResult(0));
    }
    rewriter.replaceOpWithMultiple(op, {results});
    return success();
  }
};

struct BarrierPattern : OpConversionPattern<BarrierOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(BarrierOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<gpu::BarrierOp>(op);
    return success();
  }
};

template <typename OpTy, LLVM::AtomicOrdering ordering>
struct FencePattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;

  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<LLVM::FenceOp>(op, ordering, "agent");
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

struct TileToGPU : hipdex::impl::TileToGPUBase<TileToGPU> {
  void runOnOperation() override {
    gpu::GPUModuleOp module = getOperation();
    const TargetLowering *target = nullptr;
    ArrayAttr targets = module.getTargetsAttr();
    if (targets && targets.size() == 1)
      if (auto rocdl = dyn_cast<ROCDL::ROCDLTargetAttr>(targets[0]))
        target = TargetLowering::lookup(rocdl.getChip());
    if (!target) {
      module.emitError("needs one #rocdl.target of a supported chip");
      return signalPassFailure();
    }

    MLIRContext *context = &getContext();
    LaneTypeConverter converter;
    RewritePatternSet patterns(context);
    patterns.add<
        ElementwisePattern, ConstantPattern, SplatPattern, LoadPattern,
        LookupPattern, LoadKeysPattern, LoadScalesPattern, CoordinatesPattern,
        RowStorePattern<StoreRowsOp, false>,
        RowStorePattern<StoreVisibleOp, true>, WaveIdPattern, CountPattern,
        ExtractPattern, ExtendPattern, LoadRowsPattern, StoreKeysPattern,
        StoreScalesPattern, AnyPattern, BroadcastPattern, AtomicOrPattern,
        ScatterRowsPattern, KeepRowsPattern, SpreadColumnsPattern, RankPattern,
        LoadsFirstPattern, AllocSharedPattern, LoadSharedPattern,
        StoreSharedPattern, AtomicPattern<AtomicAddOp, LLVM::AtomicBinOp::add>,
        AtomicPattern<AtomicExchangeOp, LLVM::AtomicBinOp::xchg>,
        BarrierPattern, FencePattern<ReleaseOp, LLVM::AtomicOrdering::release>,
        FencePattern<AcquireOp, LLVM::AtomicOrdering::acquire>>(converter,
                                                                context);
    patterns
        .add<MmaPattern, WeightedSumPattern, SumWordsPattern, ScanAddPattern,
             RowMaxPattern, RowSumPattern, ColumnPairPattern<ButterflyOp>,
             ColumnPairPattern<QuarterTurnOp>, TruncateToFp8Pattern>(
            converter, context, *target);
    populateFunctionOpInterfaceTypeConversionPattern<gpu::GPUFuncOp>(patterns,
                                                                     converter);
    ConversionTarget legal(*context);
    legal.addIllegalDialect<TileDialect, tensor::TensorDialect>();
    legal.addDynamicallyLegalOp<gpu::GPUFuncOp>([&](gpu::GPUFuncOp op) {
      return converter.isSignatureLegal(op.getFunctionType()) &&
             converter.isLegal(&op.getBody());
    });
    legal.markUnknownOpDynamicallyLegal(
        [&](Operation *op) { return converter.isLegal(op); });
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         legal);
    if (failed(applyPartialConversion(module, legal, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
