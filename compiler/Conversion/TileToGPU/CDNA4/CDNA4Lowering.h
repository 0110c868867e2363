//===- CDNA4Lowering.h - Instructions of gfx950 -----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_CONVERSION_TILETOGPU_CDNA4_CDNA4LOWERING_H
#define HIPDEX_CONVERSION_TILETOGPU_CDNA4_CDNA4LOWERING_H

#include "Conversion/TileToGPU/CDNA3/CDNA3Lowering.h"

namespace hipdex {

/// gfx950 has everything of gfx942, wider matrix instructions, and lane swaps.
class CDNA4Lowering : public CDNA3Lowering {
public:
  mlir::Value mma(mlir::OpBuilder &builder, mlir::Location loc, unsigned size,
                  llvm::ArrayRef<mlir::Value> a,
                  llvm::ArrayRef<mlir::Value> b) const override;
  mlir::Value exchangeAdd(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value low, mlir::Value high,
                          unsigned distance) const override;
  mlir::Value toFp8(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Type type,
                    llvm::ArrayRef<mlir::Value> values) const override;
};

} // namespace hipdex

#endif // HIPDEX_CONVERSION_TILETOGPU_CDNA4_CDNA4LOWERING_H
