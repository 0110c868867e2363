//===- CDNA3Lowering.h - Instructions of gfx942 -----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_CONVERSION_TILETOGPU_CDNA3_CDNA3LOWERING_H
#define HIPDEX_CONVERSION_TILETOGPU_CDNA3_CDNA3LOWERING_H

#include "Conversion/TileToGPU/TargetLowering.h"

namespace hipdex {

class CDNA3Lowering : public TargetLowering {
public:
  mlir::Value mma(mlir::OpBuilder &builder, mlir::Location loc, unsigned size,
                  llvm::ArrayRef<mlir::Value> a,
                  llvm::ArrayRef<mlir::Value> b) const override;
  mlir::Value exchangeAdd(mlir::OpBuilder &builder, mlir::Location loc,
                          mlir::Value low, mlir::Value high,
                          unsigned distance) const override;
  mlir::Value exchange(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value value, unsigned distance) const override;
  mlir::Value exchangeEqual(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Value value,
                            unsigned distance) const override;
  mlir::Value toFp8(mlir::OpBuilder &builder, mlir::Location loc,
                    mlir::Type type,
                    llvm::ArrayRef<mlir::Value> values) const override;
  mlir::Value scanAdd(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Value value) const override;

protected:
  /// V_CVT_PK_FP8_F32, whose format is the target's.
  static mlir::Value packFp8(mlir::OpBuilder &builder, mlir::Location loc,
                             llvm::ArrayRef<mlir::Value> values);
};

} // namespace hipdex

#endif // HIPDEX_CONVERSION_TILETOGPU_CDNA3_CDNA3LOWERING_H
