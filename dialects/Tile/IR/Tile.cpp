//===- Tile.cpp - The tile dialect ------------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tile/IR/Tile.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hipdex;
using namespace hipdex::tile;

#include "Tile/IR/TileDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "Tile/IR/TileAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "Tile/IR/TileTypes.cpp.inc"

#define GET_OP_CLASSES
#include "Tile/IR/TileOps.cpp.inc"

namespace {
/// Names for what would make lines unreadable.
struct TileAsmInterface : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;
  AliasResult getAlias(Attribute attribute, raw_ostream &os) const override {
    if (isa<DistributionAttr>(attribute)) {
      os << "distribution";
      return AliasResult::FinalAlias;
    }
    return AliasResult::NoAlias;
  }
};
} // namespace

void TileDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Tile/IR/TileAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "Tile/IR/TileTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "Tile/IR/TileOps.cpp.inc"
      >();
  addInterfaces<TileAsmInterface>();
}

//===----------------------------------------------------------------------===//
// DistributionAttr
//===----------------------------------------------------------------------===//

using Axis = DistributionAttr::Axis;

static SmallVector<Axis> unflatten(ArrayRef<int64_t> flat) {
  SmallVector<Axis> axes;
  for (size_t i = 0; i + 2 < flat.size(); i += 3)
    axes.push_back({flat[i], flat[i + 1], flat[i + 2]});
  return axes;
}

static int64_t product(ArrayRef<Axis> axes) {
  int64_t count = 1;
  for (const Axis &axis : axes)
    count *= axis.count;
  return count;
}

SmallVector<Axis> DistributionAttr::getLanes() const {
  return unflatten(getLaneAxes());
}
SmallVector<Axis> DistributionAttr::getFragments() const {
  return unflatten(getFragmentAxes());
}
SmallVector<Axis> DistributionAttr::getElements() const {
  return unflatten(getElementAxes());
}
int64_t DistributionAttr::getNumLanes() const { return product(getLanes()); }
int64_t DistributionAttr::getNumFragments() const {
  return product(getFragments());
}
int64_t DistributionAttr::getNumElements() const {
  return product(getElements());
}

int64_t DistributionAttr::offset(ArrayRef<Axis> axes, int64_t index,
                                 int64_t dim) {
  int64_t offset = 0;
  for (const Axis &axis : axes) {
    if (axis.dim == dim)
      offset += index % axis.count * axis.step;
    index /= axis.count;
  }
  return offset;
}

/// `[COUNT x dDIM by STEP, ...]`
static ParseResult parseAxes(AsmParser &parser, StringRef name,
                             SmallVectorImpl<int64_t> &flat) {
  if (parser.parseKeyword(name) || parser.parseEqual())
    return failure();
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Square, [&]() -> ParseResult {
        int64_t count = 0, dim = 0, step = 0;
        StringRef dimension;
        if (parser.parseInteger(count) || parser.parseKeyword("x"))
          return failure();
        SMLoc dimLoc = parser.getCurrentLocation();
        if (parser.parseKeyword(&dimension))
          return failure();
        if (!dimension.consume_front("d") || dimension.getAsInteger(10, dim))
          return parser.emitError(dimLoc,
                                  "expected a dimension such as d0 or d1");
        if (parser.parseKeyword("by") || parser.parseInteger(step))
          return failure();
        flat.append({count, dim, step});
        return success();
      });
}

Attribute DistributionAttr::parse(AsmParser &parser, Type) {
  SmallVector<int64_t> lanes, fragments, elements;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseLess() || parseAxes(parser, "lane", lanes) ||
      parser.parseComma() || parseAxes(parser, "fragment", fragments) ||
      parser.parseComma() || parseAxes(parser, "element", elements) ||
      parser.parseGreater())
    return {};
  return getChecked([&]() { return parser.emitError(loc); },
                    parser.getContext(), lanes, fragments, elements);
}

void DistributionAttr::print(AsmPrinter &printer) const {
  auto printAxes = [&](StringRef name, ArrayRef<Axis> axes) {
    printer << name << " = [";
    llvm::interleaveComma(axes, printer.getStream(), [&](const Axis &axis) {
      printer << axis.count << " x d" << axis.dim << " by " << axis.step;
    });
    printer << "]";
  };
  printer << "<";
  printAxes("lane", getLanes());
  printer << ", ";
  printAxes("fragment", getFragments());
  printer << ", ";
  printAxes("element", getElements());
  printer << ">";
}

LogicalResult DistributionAttr::verify(
    function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> laneAxes,
    ArrayRef<int64_t> fragmentAxes, ArrayRef<int64_t> elementAxes) {
  // Far above any register file, and small enough that nothing overflows.
  constexpr int64_t limit = 1 << 20;
  for (ArrayRef<int64_t> flat : {laneAxes, fragmentAxes, elementAxes}) {
    int64_t places = 1;
    for (const Axis &axis : unflatten(flat)) {
      if (axis.count < 1 || axis.count >= limit || axis.step < 0 ||
          axis.step >= limit)
        return emitError() << "(C1) axis " << axis.count << " x d" << axis.dim
                           << " by " << axis.step
                           << " needs a count from 1 and a step from 0, both "
                              "below "
                           << limit;
      places *= axis.count;
      if (places >= limit)
        return emitError() << "(C1) a list of axes has " << places
                           << " places or more, must have less than " << limit;
    }
  }
  return success();
}

LogicalResult DistributionAttr::verifyEncoding(
    ArrayRef<int64_t> shape, Type elementType,
    function_ref<InFlightDiagnostic()> emitError) const {
  if (llvm::any_of(shape, ShapedType::isDynamic))
    return emitError() << "(C2) a distributed tensor has a static shape";
  // MLIR's parser has said so, and goes on.
  if (!elementType)
    return failure();
  if (!elementType.isIntOrFloat())
    return emitError() << "(C2) a distributed tensor is of integers or "
                          "floats, not "
                       << elementType;
  SmallVector<Axis> lanes = getLanes(), fragments = getFragments(),
                    elements = getElements();
  const ArrayRef<Axis> lists[] = {lanes, fragments, elements};
  int64_t rank = shape.size();
  for (ArrayRef<Axis> axes : lists)
    for (const Axis &axis : axes)
      if (axis.dim >= rank)
        return emitError() << "(C2) distribution names dimension d" << axis.dim
                           << " of a tensor with " << rank << " dimensions";
  if (getNumLanes() != 64)
    return emitError() << "(C3) distribution has " << getNumLanes()
                       << " lanes, but a wave has 64";

  // Fragments are registers: bytes have to fill them. An fp8 number is only
  // ever part of a word.
  int64_t bits = elementType.getIntOrFloatBitWidth();
  int64_t fragmentBits = getNumElements() * bits;
  bool isSingle =
      getNumElements() == 1 && !(isa<FloatType>(elementType) && bits == 8);
  if (!isSingle && bits > 1 && fragmentBits % 32 != 0)
    return emitError() << "(C4) a fragment of " << getNumElements() << " x "
                       << elementType << " does not fill 32-bit registers";
  constexpr int64_t registerLimit = 512;
  int64_t registers = getNumFragments() * ((fragmentBits + 31) / 32);
  if (registers > registerLimit)
    return emitError() << "(C4) a lane holds " << registers
                       << " registers of the tensor, but has " << registerLimit;

  // Each dimension is reached on its own: axes move in one dimension only.
  for (int64_t dim = 0; dim < rank; ++dim) {
    int64_t reach = 0, places = 1;
    for (ArrayRef<Axis> axes : lists)
      for (const Axis &axis : axes)
        if (axis.dim == dim) {
          reach += (axis.count - 1) * axis.step;
          places *= axis.count;
        }
    if (reach >= shape[dim])
      return emitError() << "(C5) distribution reaches index " << reach
                         << " of dimension d" << dim << ", which has "
                         << shape[dim];
    bool reachesAll = reach == shape[dim] - 1 && places >= shape[dim];
    if (reachesAll) {
      llvm::BitVector seen(shape[dim]);
      seen.set(0);
      for (ArrayRef<Axis> axes : lists)
        for (const Axis &axis : axes) {
          if (axis.dim != dim || axis.step == 0)
            continue;
          llvm::BitVector next(shape[dim]);
          for (int64_t i = 0; i < axis.count; ++i)
            for (unsigned place : seen.set_bits())
              next.set(place + i * axis.step);
          seen = next;
        }
      reachesAll = seen.all();
    }
    if (!reachesAll)
      return emitError() << "(C5) distribution does not reach every index of "
                            "dimension d"
                         << dim << ", which has " << shape[dim];
  }
  return success();
}

LogicalResult GlobalType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 Type elementType) {
  bool isNumber =
      elementType.isSignlessInteger() || isa<FloatType>(elementType);
  unsigned bits = isNumber ? elementType.getIntOrFloatBitWidth() : 0;
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
    return emitError() << "(C1) points to signless integers or floats of 8, "
                          "16, 32 or 64 bits, not "
                       << elementType;
  return success();
}

LogicalResult SharedType::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t size, Type elementType) {
  // More than a workgroup can have.
  constexpr int64_t limit = 1 << 20;
  if (size < 1 || size >= limit)
    return emitError() << "(C1) has " << size << " numbers, must have 1 to "
                       << limit - 1;
  bool isNumber =
      elementType.isSignlessInteger() || isa<FloatType>(elementType);
  if (!isNumber || elementType.getIntOrFloatBitWidth() != 32)
    return emitError() << "(C2) is of signless integers or floats of 32 bits, "
                          "not of "
                       << elementType;
  return success();
}

DistributionAttr hipdex::tile::getDistribution(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast_or_null<DistributionAttr>(tensor.getEncoding())
                : DistributionAttr();
}

//===----------------------------------------------------------------------===//
// What verifiers share
//===----------------------------------------------------------------------===//

static LogicalResult verifyDistributed(Operation *op, StringRef what,
                                       Type type) {
  if (getDistribution(type))
    return success();
  return op->emitOpError() << what << " is " << type
                           << ", which has no #tile.distribution";
}

/// One element a lane, in order.
static LogicalResult verifyLaneTensor(Operation *op, Type type,
                                      unsigned width) {
  auto tensor = cast<RankedTensorType>(type);
  DistributionAttr distribution = getDistribution(type);
  bool matches = distribution && tensor.getRank() == 1 &&
                 tensor.getDimSize(0) == 64 &&
                 distribution.getNumFragments() == 1 &&
                 distribution.getNumElements() == 1 &&
                 tensor.getElementType().isInteger(width);
  if (matches) {
    SmallVector<Axis> lanes = distribution.getLanes();
    for (int64_t lane = 0; lane < 64; ++lane)
      matches &= DistributionAttr::offset(lanes, lane, 0) == lane;
  }
  if (!matches)
    return op->emitOpError("(C1) takes a tensor<64xi")
           << width << "> with one element a lane, in order, not " << type;
  return success();
}

/// One dimension, one element a fragment, 64 consecutive ones in the lanes.
static LogicalResult verifyInOrder(Operation *op, StringRef what, Type type,
                                   unsigned width) {
  auto tensor = cast<RankedTensorType>(type);
  DistributionAttr distribution = getDistribution(type);
  bool matches = distribution && tensor.getRank() == 1 &&
                 distribution.getNumElements() == 1 &&
                 tensor.getElementType().isInteger(width);
  if (matches) {
    SmallVector<Axis> lanes = distribution.getLanes(),
                      fragments = distribution.getFragments();
    for (int64_t f = 0; f < distribution.getNumFragments(); ++f)
      for (int64_t lane = 0; lane < 64; ++lane)
        matches &= DistributionAttr::offset(fragments, f, 0) +
                       DistributionAttr::offset(lanes, lane, 0) ==
                   64 * f + lane;
  }
  if (!matches)
    return op->emitOpError("(C1) ")
           << what << " must be of i" << width
           << ", of one dimension, with element 64*f + l in fragment f of lane "
              "l, but is "
           << type;
  return success();
}

/// \p type with elements of another type.
static Type withElement(Type type, Type element) {
  auto tensor = cast<RankedTensorType>(type);
  return RankedTensorType::get(tensor.getShape(), element,
                               tensor.getEncoding());
}

/// Whether \p rows, of one element a fragment, holds in every lane the rows of
/// the lane's fragments of \p tensor, which has rows in dimension 0. Of \p
/// rows it is dimension \p rowDim.
static LogicalResult verifyRowsOfLanes(Operation *op, StringRef constraint,
                                       StringRef what, RankedTensorType rows,
                                       int64_t rowDim,
                                       RankedTensorType tensor) {
  DistributionAttr rowDistribution = getDistribution(rows);
  DistributionAttr distribution = getDistribution(tensor);
  SmallVector<Axis> lanes = distribution.getLanes(),
                    fragments = distribution.getFragments(),
                    elements = distribution.getElements(),
                    rowLanes = rowDistribution.getLanes(),
                    rowFragments = rowDistribution.getFragments();
  auto offset = DistributionAttr::offset;
  if (rowDistribution.getNumElements() != 1)
    return op->emitOpError()
           << constraint << " " << what
           << " must have one element a fragment, but is " << rows;
  for (int64_t i = 0, e = distribution.getNumElements(); i < e; ++i)
    if (offset(elements, i, 0) != 0)
      return op->emitOpError()
             << constraint << " a fragment is of several rows";
  for (int64_t lane = 0; lane < 64; ++lane)
    if (offset(lanes, lane, 0) != offset(rowLanes, lane, rowDim))
      return op->emitOpError() << constraint << " lane " << lane << " has row "
                               << offset(lanes, lane, 0) << " but " << what
                               << " of row " << offset(rowLanes, lane, rowDim);
  for (int64_t i = 0, e = distribution.getNumFragments(); i < e; ++i) {
    int64_t row = offset(fragments, i, 0);
    bool found = false;
    for (int64_t j = 0; j < rowDistribution.getNumFragments(); ++j)
      found |= offset(rowFragments, j, rowDim) == row;
    if (!found)
      return op->emitOpError()
             << constraint << " fragment " << i << " starts at row " << row
             << ", of which " << what << " has no fragment";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// LoadOp
//===----------------------------------------------------------------------===//

LogicalResult LoadOp::verify() {
  size_t numIndices = getStaticIndices().size();
  auto tensor = dyn_cast<RankedTensorType>(getResult().getType());
  size_t rank = tensor ? tensor.getRank() : 0;
  if (getStaticStrides().size() != numIndices || numIndices < rank)
    return emitOpError("(C1) has ")
           << numIndices << " indices and " << getStaticStrides().size()
           << " strides for a result of " << rank << " dimensions";
  // The generic form can say anything.
  auto numDynamic = [](ArrayRef<int64_t> values) {
    return static_cast<size_t>(llvm::count(values, ShapedType::kDynamic));
  };
  if (numDynamic(getStaticIndices()) != getIndices().size() ||
      numDynamic(getStaticStrides()) != getStrides().size())
    return emitOpError("(C1) needs ")
           << numDynamic(getStaticIndices()) << " index and "
           << numDynamic(getStaticStrides()) << " stride operands, has "
           << getIndices().size() << " and " << getStrides().size();
  Type element = getElementTypeOrSelf(getResult().getType());
  if (element != getBase().getType().getElementType())
    return emitOpError("(C2) gives ")
           << element << " from " << getBase().getType();
  if (!tensor) {
    if (getLastRow())
      return emitOpError("(C5) takes no last row for one element");
    return success();
  }
  if (failed(verifyDistributed(*this, "the result", tensor)))
    return failure();
  int64_t last = rank - 1;
  DistributionAttr distribution = getDistribution(tensor);
  SmallVector<Axis> elements = distribution.getElements();
  // Runs of consecutive elements may follow each other at a distance, as in an
  // accumulator; each run is loaded on its own.
  int64_t run = elements.empty() ? 1 : elements[0].count;
  if (run > 1 && (elements[0].dim != last || elements[0].step != 1 ||
                  getStaticStrides().back() != 1))
    return emitOpError("(C3) a fragment's elements are not consecutive along "
                       "the last dimension, with stride 1");
  SmallVector<Axis> axes = distribution.getLanes();
  llvm::append_range(axes, distribution.getFragments());
  llvm::append_range(axes, llvm::drop_begin(elements, !elements.empty()));
  int64_t lastIndex = getStaticIndices().back();
  bool isAligned = ShapedType::isDynamic(lastIndex) || lastIndex % run == 0;
  for (const Axis &axis : axes)
    isAligned &= axis.dim != last || axis.step % run == 0;
  for (int64_t stride : getStaticStrides().drop_back())
    isAligned &= ShapedType::isDynamic(stride) || stride % run == 0;
  if (!isAligned)
    return emitOpError("(C3) runs of ")
           << run << " elements do not all start at a multiple of " << run;
  if (getLastRow() && numIndices == rank) {
    SmallVector<Axis> within = distribution.getLanes();
    llvm::append_range(within, elements);
    if (llvm::any_of(within, [](const Axis &axis) {
          return axis.dim == 0 && axis.step != 0;
        }))
      return emitOpError("(C5) has a last row, but lanes or elements of a "
                         "fragment have different ones");
  }

  // Offsets inside a tile are 32-bit where strides are static.
  int64_t span = element.getIntOrFloatBitWidth() / 8;
  bool fits = true;
  for (int64_t dim = 0; dim <= last; ++dim) {
    int64_t stride = getStaticStrides()[numIndices - rank + dim], bytes;
    if (ShapedType::isDynamic(stride))
      continue;
    fits &= stride >= 0 &&
            !llvm::MulOverflow(stride,
                               (tensor.getDimSize(dim) - 1) *
                                   (element.getIntOrFloatBitWidth() / 8),
                               bytes) &&
            !llvm::AddOverflow(span, bytes, span);
  }
  if (!fits || span > std::numeric_limits<int32_t>::max())
    return emitOpError("(C4) static strides are negative or span 2^31 bytes "
                       "or more");
  return success();
}

//===----------------------------------------------------------------------===//
// LookupOp and loads from the cache
//===----------------------------------------------------------------------===//

LogicalResult LookupOp::verify() {
  auto tensor = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyDistributed(*this, "the result", tensor)))
    return failure();
  int64_t kvBlockSize = getKvBlockSize();
  if (kvBlockSize <= 0 || kvBlockSize > 1 << 30 ||
      !llvm::isPowerOf2_64(kvBlockSize) ||
      !llvm::isPowerOf2_64(tensor.getShape().back()))
    return emitOpError("(C1) kv_block_size ")
           << kvBlockSize << " and the " << tensor.getShape().back()
           << " tokens of a step must be powers of two, kv_block_size at most "
              "2^30";
  Type element = getTable().getType().getElementType();
  if (!tensor.getElementType().isSignlessInteger(32) ||
      element != tensor.getElementType())
    return emitOpError("(C2) gives i32 from a table of i32, not ")
           << tensor.getElementType() << " from one of " << element;
  return success();
}

template <typename OpTy> static LogicalResult verifyCacheLoad(OpTy op) {
  if (failed(verifyDistributed(op, "the result", op.getResult().getType())) ||
      failed(verifyDistributed(op, "entries", op.getEntries().getType())))
    return failure();
  indexer::CacheLayoutAttr layout = op.getCache().getType().getLayout();
  int64_t kvBlockSize = op.getKvBlockSize();
  if (kvBlockSize <= 0 || layout.getPageSize() % kvBlockSize != 0)
    return op.emitOpError("(C4) kv_block_size ")
           << kvBlockSize << " does not divide page_size "
           << layout.getPageSize();
  if (!llvm::isPowerOf2_64(kvBlockSize) ||
      !llvm::isPowerOf2_64(layout.getPageSize()))
    return op.emitOpError("(C4) page_size ")
           << layout.getPageSize() << " and kv_block_size " << kvBlockSize
           << " must be powers of two";
  // Offsets in a page are 32-bit.
  if (layout.getSpec().pageBytes() > std::numeric_limits<int32_t>::max())
    return op.emitOpError("(C4) a page has ")
           << layout.getSpec().pageBytes()
           << " bytes, must have less than 2^31";
  auto entries = cast<RankedTensorType>(op.getEntries().getType());
  if (!entries.getElementType().isSignlessInteger(32) ||
      getDistribution(entries).getNumElements() != 1)
    return op.emitOpError("(C5) takes i32 entries, one a fragment, not ")
           << entries;
  return success();
}

/// (C2) of the operations on K rows of a cache.
static LogicalResult verifyConsecutiveInCache(Operation *op,
                                              RankedTensorType keys,
                                              indexer::CacheLayoutAttr layout) {
  DistributionAttr distribution = getDistribution(keys);
  SmallVector<Axis> elements = distribution.getElements();
  CacheLayout spec = layout.getSpec();
  auto offset = DistributionAttr::offset;
  for (int64_t i = 0, e = distribution.getNumElements(); i < e; ++i)
    if (offset(elements, i, 0) != 0 ||
        spec.elementOffset(0, offset(elements, i, 1), spec.pageBytes()) != i)
      return op->emitOpError("(C2) byte ")
             << i << " of a fragment is not at byte " << i << " of " << layout;
  return success();
}

LogicalResult LoadKeysOp::verify() {
  if (failed(verifyCacheLoad(*this)))
    return failure();
  indexer::CacheLayoutAttr layout = getCache().getType().getLayout();
  auto keys = cast<RankedTensorType>(getResult().getType());
  auto entries = cast<RankedTensorType>(getEntries().getType());
  if (keys.getRank() != 2 || keys.getDimSize(1) != layout.getHeadDim() ||
      keys.getElementType() != layout.getFp8() ||
      entries.getShape().back() != keys.getDimSize(0))
    return emitOpError("(C1) gives [")
           << entries.getShape().back() << ", " << layout.getHeadDim()
           << "] of " << layout.getFp8() << ", not " << keys;

  DistributionAttr keyDistribution = getDistribution(keys);
  DistributionAttr entryDistribution = getDistribution(entries);
  SmallVector<Axis> fragments = keyDistribution.getFragments();
  SmallVector<Axis> lanes = keyDistribution.getLanes();
  SmallVector<Axis> entryLanes = entryDistribution.getLanes();
  int64_t tokenDim = entries.getRank() - 1;
  auto offset = DistributionAttr::offset;
  if (failed(verifyConsecutiveInCache(*this, keys, layout)))
    return failure();
  for (int64_t lane = 0; lane < 64; ++lane)
    if (offset(lanes, lane, 0) != offset(entryLanes, lane, tokenDim))
      return emitOpError("(C3) lane ")
             << lane << " loads token " << offset(lanes, lane, 0)
             << " but holds the entry of token "
             << offset(entryLanes, lane, tokenDim);
  SmallVector<Axis> entryFragments = entryDistribution.getFragments();
  for (int64_t i = 0, e = keyDistribution.getNumFragments(); i < e; ++i) {
    int64_t token = offset(fragments, i, 0);
    bool found = false;
    for (int64_t j = 0; j < entryDistribution.getNumFragments(); ++j)
      found |= offset(entryFragments, j, tokenDim) == token;
    if (!found)
      return emitOpError("(C3) fragment ")
             << i << " starts at token " << token
             << ", whose entry no fragment of the entries starts at";
  }
  return success();
}

LogicalResult LoadScalesOp::verify() {
  if (failed(verifyCacheLoad(*this)))
    return failure();
  auto scales = cast<RankedTensorType>(getResult().getType());
  auto entries = cast<RankedTensorType>(getEntries().getType());
  if (!scales.getElementType().isF32() ||
      scales.getShape() != entries.getShape() ||
      scales.getEncoding() != entries.getEncoding())
    return emitOpError("(C1) gives f32 in the shape and distribution of the "
                       "entries, not ")
           << scales;
  return success();
}

//===----------------------------------------------------------------------===//
// Rows by number, and stores to the cache
//===----------------------------------------------------------------------===//

/// \p tensor is read from or written to the rows of an array.
template <typename OpTy>
static LogicalResult verifyRowAccess(OpTy op, StringRef verb,
                                     RankedTensorType tensor) {
  auto rows = cast<RankedTensorType>(op.getRows().getType());
  if (failed(verifyDistributed(op, "the tensor", tensor)) ||
      failed(verifyDistributed(op, "rows", rows)))
    return failure();
  Type element = op.getBase().getType().getElementType();
  if (tensor.getRank() < 1 || tensor.getRank() > 2 || rows.getRank() != 1 ||
      rows.getDimSize(0) != tensor.getDimSize(0) ||
      tensor.getElementType() != element ||
      !(rows.getElementType().isSignlessInteger(32) ||
        rows.getElementType().isSignlessInteger(64)))
    return op.emitOpError("(C1) ")
           << verb << " [rows, columns] or [rows] of " << element
           << " for rows of i32 or i64, not " << tensor << " for " << rows;
  SmallVector<Axis> elements = getDistribution(tensor).getElements();
  for (int64_t i = 0; i < getDistribution(tensor).getNumElements(); ++i)
    if (DistributionAttr::offset(elements, i, 0) != 0 ||
        DistributionAttr::offset(elements, i, 1) != i)
      return op.emitOpError("(C2) element ")
             << i << " of a fragment is not " << i << " elements into its row";
  return verifyRowsOfLanes(op, "(C3)", "rows", rows, 0, tensor);
}

LogicalResult LoadRowsOp::verify() {
  return verifyRowAccess(*this, "gives",
                         cast<RankedTensorType>(getResult().getType()));
}

LogicalResult ScatterRowsOp::verify() {
  if (failed(verifyRowAccess(*this, "takes",
                             cast<RankedTensorType>(getValue().getType()))))
    return failure();
  auto rows = cast<RankedTensorType>(getRows().getType());
  auto mask = cast<RankedTensorType>(getMask().getType());
  if (!mask.getElementType().isInteger(1) ||
      mask.getShape() != rows.getShape() ||
      mask.getEncoding() != rows.getEncoding())
    return emitOpError("(C4) takes a mask of i1 in the shape and distribution "
                       "of the rows, not ")
           << mask;
  return success();
}

template <typename OpTy> static LogicalResult verifyCacheStore(OpTy op) {
  auto slots = cast<RankedTensorType>(op.getSlots().getType());
  auto mask = cast<RankedTensorType>(op.getMask().getType());
  if (failed(verifyDistributed(op, "the value", op.getValue().getType())) ||
      failed(verifyDistributed(op, "slots", slots)))
    return failure();
  indexer::CacheLayoutAttr layout = op.getCache().getType().getLayout();
  if (!llvm::isPowerOf2_64(layout.getPageSize()))
    return op.emitOpError("(C4) page_size ")
           << layout.getPageSize() << " must be a power of two";
  if (layout.getSpec().pageBytes() > std::numeric_limits<int32_t>::max())
    return op.emitOpError("(C4) a page has ")
           << layout.getSpec().pageBytes()
           << " bytes, must have less than 2^31";
  if (!slots.getElementType().isSignlessInteger(32) || slots.getRank() != 1 ||
      getDistribution(slots).getNumElements() != 1)
    return op.emitOpError("(C5) takes i32 slots, one a fragment, not ")
           << slots;
  if (!mask.getElementType().isInteger(1) ||
      mask.getShape() != slots.getShape() ||
      mask.getEncoding() != slots.getEncoding())
    return op.emitOpError("(C5) takes a mask of i1 in the shape and "
                          "distribution of the slots, not ")
           << mask;
  return success();
}

LogicalResult StoreKeysOp::verify() {
  if (failed(verifyCacheStore(*this)))
    return failure();
  indexer::CacheLayoutAttr layout = getCache().getType().getLayout();
  auto keys = cast<RankedTensorType>(getValue().getType());
  auto slots = cast<RankedTensorType>(getSlots().getType());
  if (keys.getRank() != 2 || keys.getDimSize(1) != layout.getHeadDim() ||
      keys.getElementType() != layout.getFp8() ||
      keys.getDimSize(0) != slots.getDimSize(0))
    return emitOpError("(C1) stores [")
           << slots.getDimSize(0) << ", " << layout.getHeadDim() << "] of "
           << layout.getFp8() << ", not " << keys;
  if (failed(verifyConsecutiveInCache(*this, keys, layout)))
    return failure();
  return verifyRowsOfLanes(*this, "(C3)", "slots", slots, 0, keys);
}

LogicalResult StoreScalesOp::verify() {
  if (failed(verifyCacheStore(*this)))
    return failure();
  auto scales = cast<RankedTensorType>(getValue().getType());
  auto slots = cast<RankedTensorType>(getSlots().getType());
  if (!scales.getElementType().isF32() ||
      scales.getShape() != slots.getShape() ||
      scales.getEncoding() != slots.getEncoding())
    return emitOpError("(C1) stores f32 in the shape and distribution of the "
                       "slots, not ")
           << scales;
  return success();
}

//===----------------------------------------------------------------------===//
// Conversions and rows
//===----------------------------------------------------------------------===//

LogicalResult ExtendOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyDistributed(*this, "the operand", input)))
    return failure();
  Type from = input.getElementType(), to = result.getElementType();
  unsigned fromBits = from.getIntOrFloatBitWidth(),
           toBits = to.getIntOrFloatBitWidth();
  bool isWider =
      toBits > fromBits && ((isa<IntegerType>(from) && isa<IntegerType>(to)) ||
                            (isa<FloatType>(from) && isa<FloatType>(to)));
  bool isNarrow = isa<FloatType>(from) && fromBits < 16;
  if (input.getShape() != result.getShape() ||
      input.getEncoding() != result.getEncoding() || isNarrow ||
      !(from == to || isWider))
    return emitOpError("(C1) does not extend ") << input << " to " << result;
  return success();
}

/// \p wide is [rows, columns], \p narrow [rows].
static LogicalResult verifyRowOp(Operation *op, StringRef what,
                                 RankedTensorType wide,
                                 RankedTensorType narrow) {
  if (failed(verifyDistributed(op, "an operand or the result", wide)) ||
      failed(verifyDistributed(op, "an operand or the result", narrow)))
    return failure();
  if (wide.getRank() != 2 || narrow.getRank() != 1 ||
      wide.getDimSize(0) != narrow.getDimSize(0) ||
      wide.getElementType() != narrow.getElementType())
    return op->emitOpError("(C1) goes between [rows, columns] and [rows] of "
                           "one type, not between ")
           << wide << " and " << narrow;
  return verifyRowsOfLanes(op, "(C2)", what, narrow, 0, wide);
}

LogicalResult RowMaxOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyRowOp(*this, "the result", input, result)))
    return failure();
  if (!result.getElementType().isSignlessInteger(32))
    return emitOpError("(C1) is of i32, not ") << result.getElementType();
  return success();
}

LogicalResult RowSumOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyRowOp(*this, "the result", input, result)))
    return failure();
  if (!result.getElementType().isF32())
    return emitOpError("(C1) is of f32, not ") << result.getElementType();
  int64_t elements = getDistribution(input).getNumElements();
  if (!llvm::isPowerOf2_64(elements))
    return emitOpError("(C3) takes a power of two of elements a fragment, not ")
           << elements;
  return success();
}

namespace {
/// The places of a lane, fragment by fragment, and what is in them.
class Places {
public:
  explicit Places(RankedTensorType tensor)
      : distribution(getDistribution(tensor)), lanes(distribution.getLanes()),
        fragments(distribution.getFragments()),
        elements(distribution.getElements()),
        ofFragment(distribution.getNumElements()) {}

  int64_t size() const { return distribution.getNumFragments() * ofFragment; }
  /// What a place adds to a coordinate.
  int64_t ofPlace(int64_t place, int64_t dim) const {
    return DistributionAttr::offset(fragments, place / ofFragment, dim) +
           DistributionAttr::offset(elements, place % ofFragment, dim);
  }
  int64_t ofLane(int64_t lane, int64_t dim) const {
    return DistributionAttr::offset(lanes, lane, dim);
  }

private:
  DistributionAttr distribution;
  SmallVector<Axis> lanes, fragments, elements;
  int64_t ofFragment;
};
} // namespace

std::optional<ColumnPairs>
hipdex::tile::findColumnPairs(RankedTensorType tensor, int64_t distance) {
  Places places(tensor);
  // Bits of a column must come from one axis each, so that the pair of one lane
  // is that of all.
  for (int64_t lane = 0; lane < 64; ++lane)
    for (int64_t place = 0; place < places.size(); ++place)
      if (places.ofLane(lane, 1) & places.ofPlace(place, 1))
        return std::nullopt;
  ColumnPairs pairs;
  for (unsigned bit = 1; bit < 64; bit *= 2)
    if (places.ofLane(bit, 1) == distance && places.ofLane(bit, 0) == 0)
      pairs.laneBit = bit;
  if (pairs.laneBit) {
    for (int64_t lane = 0; lane < 64; ++lane)
      if (places.ofLane(lane ^ pairs.laneBit, 1) !=
              (places.ofLane(lane, 1) ^ distance) ||
          bool(lane & pairs.laneBit) != bool(places.ofLane(lane, 1) & distance))
        return std::nullopt;
    return pairs;
  }
  for (int64_t place = 0; place < places.size(); ++place) {
    int64_t column = places.ofPlace(place, 1), partner = 0;
    while (partner < places.size() &&
           (places.ofPlace(partner, 1) != (column ^ distance) ||
            places.ofPlace(partner, 0) != places.ofPlace(place, 0)))
      ++partner;
    if (partner == places.size())
      return std::nullopt;
    pairs.partners.push_back(partner);
    pairs.isSecond.push_back(column & distance);
  }
  return pairs;
}

std::optional<SmallVector<int64_t>>
hipdex::tile::findSpreadPlaces(RankedTensorType input, RankedTensorType result,
                               int64_t times) {
  Places from(input), to(result);
  int64_t columns = input.getDimSize(1);
  auto holds = [&](int64_t source, int64_t place) {
    for (int64_t lane = 0; lane < 64; ++lane) {
      int64_t column = to.ofLane(lane, 1) + to.ofPlace(place, 1);
      if (from.ofLane(lane, 0) + from.ofPlace(source, 0) !=
              to.ofLane(lane, 0) + to.ofPlace(place, 0) ||
          from.ofLane(lane, 1) + from.ofPlace(source, 1) !=
              column / times % columns)
        return false;
    }
    return true;
  };
  SmallVector<int64_t> sources;
  for (int64_t place = 0; place < to.size(); ++place) {
    int64_t source = 0;
    while (source < from.size() && !holds(source, place))
      ++source;
    if (source == from.size())
      return std::nullopt;
    sources.push_back(source);
  }
  return sources;
}

static LogicalResult verifyColumnPairs(Operation *op, Type type,
                                       int64_t distance) {
  auto tensor = cast<RankedTensorType>(type);
  if (failed(verifyDistributed(op, "the operand", tensor)))
    return failure();
  if (tensor.getRank() != 2 || !tensor.getElementType().isF32())
    return op->emitOpError("(C1) takes f32 [rows, columns], not ") << tensor;
  if (distance < 1 || distance >= tensor.getDimSize(1) ||
      !llvm::isPowerOf2_64(distance))
    return op->emitOpError("(C1) distance ")
           << distance << " must be a power of two below the "
           << tensor.getDimSize(1) << " columns";
  if (!findColumnPairs(tensor, distance))
    return op->emitOpError("(C2) columns ")
           << distance << " apart in " << tensor
           << " are neither in one lane nor at one place of lanes whose "
              "numbers differ in one bit";
  return success();
}

LogicalResult ButterflyOp::verify() {
  return verifyColumnPairs(*this, getInput().getType(), getDistance());
}

LogicalResult QuarterTurnOp::verify() {
  return verifyColumnPairs(*this, getInput().getType(), getDistance());
}

LogicalResult SpreadColumnsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyDistributed(*this, "the operand", input)) ||
      failed(verifyDistributed(*this, "the result", result)))
    return failure();
  int64_t times = getTimes();
  if (input.getRank() != 2 || result.getRank() != 2 ||
      input.getDimSize(0) != result.getDimSize(0) ||
      input.getElementType() != result.getElementType() ||
      input.getElementTypeBitWidth() == 8 || times < 1)
    return emitOpError("(C1) goes from [rows, columns] to [rows, columns] of "
                       "one type, a positive number of times, not from ")
           << input << " to " << result << ", " << times << " times";
  if (!findSpreadPlaces(input, result, times))
    return emitOpError("(C2) a lane does not hold in ")
           << input << " what it holds in " << result;
  return success();
}

LogicalResult SumWordsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyDistributed(*this, "the operand", input)) ||
      failed(verifyDistributed(*this, "the result", result)))
    return failure();
  if (input.getRank() != 2 || !isa<FloatType>(input.getElementType()) ||
      input.getElementTypeBitWidth() != 8 || result.getRank() < 1 ||
      result.getShape().back() != input.getDimSize(0) ||
      !result.getElementType().isSignlessInteger(32))
    return emitOpError("(C1) goes from fp8 [tokens, bytes] to i32 [..., "
                       "tokens], not from ")
           << input << " to " << result;
  DistributionAttr distribution = getDistribution(input);
  auto offset = DistributionAttr::offset;
  SmallVector<Axis> lanes = distribution.getLanes(),
                    fragments = distribution.getFragments(),
                    elements = distribution.getElements();
  for (int64_t i = 0, e = distribution.getNumElements(); i < e; ++i)
    if (offset(elements, i, 0) != 0 || offset(elements, i, 1) != i)
      return emitOpError("(C2) element ")
             << i << " of a fragment is not " << i << " bytes into its row";
  for (int64_t lane = 0; lane < 64; ++lane)
    for (int64_t f = 0, e = distribution.getNumFragments(); f < e; ++f)
      if (int64_t byte = offset(lanes, lane, 1) + offset(fragments, f, 1);
          byte % 4 != 0)
        return emitOpError("(C2) fragment ")
               << f << " of lane " << lane << " starts at byte " << byte
               << " of a row, which is not a multiple of 4";
  return success();
}

LogicalResult BroadcastOp::verify() {
  return verifyRowOp(*this, "the operand",
                     cast<RankedTensorType>(getResult().getType()),
                     cast<RankedTensorType>(getInput().getType()));
}

LogicalResult KeepRowsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto mask = cast<RankedTensorType>(getMask().getType());
  if (failed(verifyDistributed(*this, "the operand", input)) ||
      failed(verifyDistributed(*this, "the mask", mask)))
    return failure();
  if (input.getRank() != 2 || mask.getRank() != 1 ||
      mask.getDimSize(0) != input.getDimSize(0) ||
      !mask.getElementType().isInteger(1))
    return emitOpError(
               "(C1) takes [rows, columns] and a mask [rows] of i1, not ")
           << input << " and " << mask;
  return verifyRowsOfLanes(*this, "(C2)", "the mask", mask, 0, input);
}

LogicalResult AnyOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifyDistributed(*this, "the operand", input)))
    return failure();
  if (!input.getElementType().isInteger(1) ||
      getDistribution(input).getNumElements() != 1)
    return emitOpError("(C1) takes i1, one element a fragment, not ") << input;
  return success();
}

LogicalResult AtomicOrOp::verify() {
  Type element = getBase().getType().getElementType();
  if (!element.isSignlessInteger(32))
    return emitOpError("(C1) sets bits of an i32, not of ") << element;
  return success();
}

//===----------------------------------------------------------------------===//
// MmaOp and WeightedSumOp
//===----------------------------------------------------------------------===//

LogicalResult MmaOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType());
  auto b = cast<RankedTensorType>(getB().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  for (RankedTensorType type : {a, b, result})
    if (failed(verifyDistributed(*this, "an operand or the result", type)))
      return failure();
  SmallVector<int64_t> expected(a.getShape().drop_back());
  if (b.getRank() == 2)
    expected.push_back(b.getDimSize(0));
  if (b.getRank() != 2 || b.getDimSize(1) != a.getShape().back() ||
      result.getShape() != ArrayRef(expected) ||
      !result.getElementType().isF32())
    return emitOpError("(C1) the product of ")
           << a << " and " << b << " is not " << result;
  if (a.getElementType() != b.getElementType() ||
      !isa<Float8E4M3FNType, Float8E4M3FNUZType>(a.getElementType()))
    return emitOpError("(C2) multiplies two tiles of one fp8 type, not ")
           << a.getElementType() << " and " << b.getElementType();
  return success();
}

LogicalResult WeightedSumOp::verify() {
  auto scores = cast<RankedTensorType>(getScores().getType());
  auto weights = cast<RankedTensorType>(getWeights().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  for (RankedTensorType type : {scores, weights, result})
    if (failed(verifyDistributed(*this, "an operand or the result", type)))
      return failure();
  bool isF32 = scores.getElementType().isF32() &&
               weights.getElementType().isF32() &&
               result.getElementType().isF32();
  if (!isF32 || scores.getRank() != 3 ||
      weights.getShape() != scores.getShape().drop_back() ||
      result.getRank() != 2 || result.getDimSize(0) != scores.getDimSize(0) ||
      result.getDimSize(1) != scores.getDimSize(2))
    return emitOpError("(C1) the sum over the rows of ")
           << scores << " weighted by " << weights << " is not " << result;
  DistributionAttr scoreDistribution = getDistribution(scores);
  DistributionAttr weightDistribution = getDistribution(weights);
  SmallVector<Axis> scoreLanes = scoreDistribution.getLanes();
  SmallVector<Axis> weightLanes = weightDistribution.getLanes();
  SmallVector<Axis> scoreElements = scoreDistribution.getElements();
  SmallVector<Axis> weightElements = weightDistribution.getElements();
  auto offset = DistributionAttr::offset;
  bool matches =
      scoreDistribution.getNumElements() == weightDistribution.getNumElements();
  for (int64_t dim = 0; dim < 2 && matches; ++dim) {
    for (int64_t lane = 0; lane < 64; ++lane)
      matches &=
          offset(scoreLanes, lane, dim) == offset(weightLanes, lane, dim);
    for (int64_t i = 0, e = scoreDistribution.getNumElements(); i < e; ++i)
      matches &=
          offset(scoreElements, i, dim) == offset(weightElements, i, dim);
  }
  SmallVector<Axis> scoreFragments = scoreDistribution.getFragments();
  SmallVector<Axis> weightFragments = weightDistribution.getFragments();
  for (int64_t s = 0; s < scoreDistribution.getNumFragments() && matches; ++s) {
    bool found = false;
    for (int64_t w = 0; w < weightDistribution.getNumFragments(); ++w)
      found |= offset(scoreFragments, s, 0) == offset(weightFragments, w, 0) &&
               offset(scoreFragments, s, 1) == offset(weightFragments, w, 1);
    matches = found;
  }
  if (!matches)
    return emitOpError("(C2) weights are distributed as ")
           << weightDistribution << ", which is not that of the scores, "
           << scoreDistribution << ", without the last dimension";
  return success();
}

//===----------------------------------------------------------------------===//
// CoordinatesOp, stores of rows, and operations across lanes
//===----------------------------------------------------------------------===//

LogicalResult CoordinatesOp::verify() {
  auto result = cast<RankedTensorType>(getResult().getType());
  if (failed(verifyDistributed(*this, "the result", result)))
    return failure();
  int64_t dimension = getDimension();
  if (dimension < 0 || dimension >= result.getRank() ||
      !result.getElementType().isInteger(32))
    return emitOpError("(C1) gives i32 coordinates in a dimension of the "
                       "result, not in dimension ")
           << dimension << " of " << result;
  return success();
}

template <typename RowStoreOp>
static LogicalResult verifyRowStore(RowStoreOp op) {
  auto value = cast<RankedTensorType>(op.getValue().getType());
  if (failed(verifyDistributed(op, "the value", value)))
    return failure();
  Type element = op.getBase().getType().getElementType();
  if (value.getRank() != 2 || value.getElementType() != element ||
      element.getIntOrFloatBitWidth() != 32)
    return op.emitOpError("(C1) stores [rows, columns] of 32-bit numbers of "
                          "the array, which is of ")
           << element << ", not " << value;
  return success();
}

LogicalResult StoreRowsOp::verify() {
  if (failed(verifyRowStore(*this)))
    return failure();
  auto value = cast<RankedTensorType>(getValue().getType());
  Type flags = RankedTensorType::get(
      value.getShape(), IntegerType::get(getContext(), 1), value.getEncoding());
  if (getMask() && getMask().getType() != flags)
    return emitOpError("(C2) has a mask of ")
           << getMask().getType() << ", must be " << flags;
  return success();
}
LogicalResult StoreVisibleOp::verify() { return verifyRowStore(*this); }

LogicalResult ScanAddOp::verify() {
  return verifyLaneTensor(*this, getInput().getType(), 32);
}
LogicalResult CountOp::verify() {
  return verifyInOrder(*this, "the operand", getInput().getType(), 1);
}
LogicalResult RankOp::verify() {
  if (failed(verifyInOrder(*this, "the operand", getInput().getType(), 1)))
    return failure();
  Type expected =
      withElement(getInput().getType(), IntegerType::get(getContext(), 32));
  if (getResult().getType() != expected)
    return emitOpError("(C2) the result is ")
           << getResult().getType() << ", must be " << expected;
  return success();
}
LogicalResult ExtractOp::verify() {
  return verifyLaneTensor(*this, getInput().getType(), 32);
}

//===----------------------------------------------------------------------===//
// What waves share
//===----------------------------------------------------------------------===//

/// Values that go with \p indices into memory: each of its element type.
static LogicalResult
verifyAccess(Operation *op, Value indices,
             ArrayRef<std::tuple<StringRef, Type, Type>> values) {
  if (failed(verifyInOrder(op, "indices", indices.getType(), 32)))
    return failure();
  for (auto [name, type, element] : values)
    if (Type expected = withElement(indices.getType(), element);
        type != expected)
      return op->emitOpError("(C2) ")
             << name << " is " << type << ", must be " << expected;
  return success();
}

LogicalResult LoadSharedOp::verify() {
  return verifyAccess(*this, getIndices(),
                      {{"the result", getResult().getType(),
                        getMemory().getType().getElementType()}});
}

LogicalResult StoreSharedOp::verify() {
  return verifyAccess(
      *this, getIndices(),
      {{"value", getValue().getType(), getMemory().getType().getElementType()},
       {"mask", getMask().getType(), IntegerType::get(getContext(), 1)}});
}

template <typename AtomicOp> static LogicalResult verifyAtomic(AtomicOp op) {
  Type memory = op.getMemory().getType();
  Type element = isa<GlobalType>(memory)
                     ? cast<GlobalType>(memory).getElementType()
                     : cast<SharedType>(memory).getElementType();
  if (!element.isSignlessInteger(32))
    return op.emitOpError("(C2) is on i32, not on ") << element;
  return verifyAccess(
      op, op.getIndices(),
      {{"value", op.getValue().getType(), element},
       {"mask", op.getMask().getType(), IntegerType::get(op.getContext(), 1)},
       {"the result", op.getResult().getType(), element}});
}

LogicalResult AtomicAddOp::verify() { return verifyAtomic(*this); }
LogicalResult AtomicExchangeOp::verify() { return verifyAtomic(*this); }

//===----------------------------------------------------------------------===//
// PipelinedForOp
//===----------------------------------------------------------------------===//

ParseResult PipelinedForOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder builder(parser.getContext());
  Type i32 = builder.getI32Type();
  OpAsmParser::Argument step;
  step.type = i32;
  OpAsmParser::UnresolvedOperand lower, upper;
  if (parser.parseArgument(step) || parser.parseEqual() ||
      parser.parseOperand(lower) || parser.parseKeyword("to") ||
      parser.parseOperand(upper) ||
      parser.resolveOperand(lower, i32, result.operands) ||
      parser.resolveOperand(upper, i32, result.operands))
    return failure();
  Region *load = result.addRegion();
  if (parser.parseKeyword("load") || parser.parseRegion(*load, {step}) ||
      parser.parseKeyword("compute"))
    return failure();
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseArgumentList(arguments, AsmParser::Delimiter::Paren,
                               /*allowType=*/true))
    return failure();
  // The step is visible in both regions, under one name.
  arguments.insert(arguments.begin(), step);
  Region *compute = result.addRegion();
  if (parser.parseRegion(*compute, arguments) ||
      parser.parseOptionalAttrDict(result.attributes))
    return failure();
  if (compute->empty())
    return parser.emitError(parser.getCurrentLocation(),
                            "expects a compute region that is not empty");
  Block &body = compute->back();
  if (body.empty() || !body.back().hasTrait<OpTrait::IsTerminator>()) {
    OpBuilder atEnd(parser.getContext());
    atEnd.setInsertionPointToEnd(&body);
    YieldOp::create(atEnd, result.location);
  }
  return success();
}

void PipelinedForOp::print(OpAsmPrinter &printer) {
  Block &load = getLoad().front();
  Block &compute = getCompute().front();
  printer << " " << load.getArgument(0) << " = " << getLower() << " to "
          << getUpper() << " load ";
  printer.printRegion(getLoad(), /*printEntryBlockArgs=*/false);
  printer << " compute (";
  llvm::interleaveComma(
      compute.getArguments().drop_front(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ") ";
  // One name for the step in both regions; the others keep theirs.
  SmallVector<Value> names(compute.getNumArguments());
  names[0] = load.getArgument(0);
  printer.shadowRegionArgs(getCompute(), names);
  printer.printRegion(getCompute(), /*printEntryBlockArgs=*/false,
                      /*printBlockTerminators=*/false);
  printer.printOptionalAttrDict((*this)->getAttrs());
}

LogicalResult PipelinedForOp::verify() {
  auto isStep = [](Block &block) {
    return block.getNumArguments() > 0 &&
           block.getArgument(0).getType().isInteger(32);
  };
  Block &load = getLoad().front();
  Block &compute = getCompute().front();
  if (!isStep(load) || !isStep(compute) || load.getNumArguments() != 1)
    return emitOpError("regions start with the step, an i32");
  auto yield = dyn_cast<YieldOp>(load.back());
  if (!yield || !llvm::equal(yield.getOperandTypes(),
                             llvm::drop_begin(compute.getArgumentTypes())))
    return emitOpError("(C1) load yields ")
           << (yield ? TypeRange(yield.getOperandTypes()) : TypeRange())
           << " but compute takes "
           << TypeRange(compute.getArgumentTypes()).drop_front();
  WalkResult walked = getLoad().walk([&](MemoryEffectOpInterface op) {
    if (!op.hasEffect<MemoryEffects::Write>())
      return WalkResult::advance();
    op->emitOpError("(C2) writes in the load region of ") << getOperationName();
    return WalkResult::interrupt();
  });
  if (walked.wasInterrupted())
    return failure();
  auto end = dyn_cast<YieldOp>(compute.back());
  if (!end || end.getNumOperands() != 0)
    return emitOpError("(C3) compute ends with a tile.yield of nothing");
  return success();
}
