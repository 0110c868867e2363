//===- Tile.h - The tile dialect --------------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TILE_IR_TILE_H
#define HIPDEX_TILE_IR_TILE_H

#include "Indexer/IR/Indexer.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "Tile/IR/TileDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Tile/IR/TileAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "Tile/IR/TileTypes.h.inc"

#define GET_OP_CLASSES
#include "Tile/IR/TileOps.h.inc"

namespace hipdex::tile {

/// The distribution of a tensor's elements over lanes, or null if the type is
/// not a distributed tensor.
DistributionAttr getDistribution(mlir::Type type);

/// Where in a lane's part of a tensor, counted through its fragments, the
/// column `distance` away from each place is.
struct ColumnPairs {
  /// The bit in which the numbers of their lanes differ, and which is set for
  /// the second of a pair; 0: they are in one lane.
  unsigned laneBit = 0;
  llvm::SmallVector<int64_t> partners; ///< If they are: places.
  llvm::SmallVector<bool> isSecond;    ///< Likewise.
};
/// Nothing if lanes or places do not go together.
std::optional<ColumnPairs> findColumnPairs(mlir::RankedTensorType tensor,
                                           int64_t distance);

/// For each place of \p result, the place of \p input with what
/// tile.spread_columns wants there. Nothing if another lane has it.
std::optional<llvm::SmallVector<int64_t>>
findSpreadPlaces(mlir::RankedTensorType input, mlir::RankedTensorType result,
                 int64_t times);

} // namespace hipdex::tile

#endif // HIPDEX_TILE_IR_TILE_H
