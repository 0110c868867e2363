//===- TargetLowering.h - What differs between targets ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `tile-to-gpu` asks a target for the few operations that need an instruction
// of its own. Everything else is lowered in one way.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_CONVERSION_TILETOGPU_TARGETLOWERING_H
#define HIPDEX_CONVERSION_TILETOGPU_TARGETLOWERING_H

#include "mlir/IR/Builders.h"

namespace hipdex {

class TargetLowering {
public:
  virtual ~TargetLowering();

  /// The lowering of LLVM's target \p chip, or null if there is none.
  static const TargetLowering *lookup(llvm::StringRef chip);

  /// The product of `size` rows and `size` columns of fp8, as one lane's part
  /// of the accumulator: vector<size*size/64 x f32>. Lane l has, of row and of
  /// column l % size, 16-byte chunks (vector<4xi32>) at l / size; chunk i of
  /// \p a meets chunk i of \p b. Null if there is no such instruction.
  virtual mlir::Value mma(mlir::OpBuilder &builder, mlir::Location loc,
                          unsigned size, llvm::ArrayRef<mlir::Value> a,
                          llvm::ArrayRef<mlir::Value> b) const = 0;

  /// Of two sums, f32 or i32, that are spread over the lanes l and
  /// l ^ distance: the whole of \p low in the lanes whose bit \p distance is
  /// clear, and the whole of \p high in the others. \p distance is 16 or 32.
  virtual mlir::Value exchangeAdd(mlir::OpBuilder &builder, mlir::Location loc,
                                  mlir::Value low, mlir::Value high,
                                  unsigned distance) const = 0;

  /// \p value, an i32, of the lane whose number differs in bit \p distance.
  /// Null if the target has no instruction for it.
  virtual mlir::Value exchange(mlir::OpBuilder &builder, mlir::Location loc,
                               mlir::Value value, unsigned distance) const = 0;

  /// Likewise if lanes that differ in lower bits only have equal values. Null
  /// if the target has no instruction for it.
  virtual mlir::Value exchangeEqual(mlir::OpBuilder &builder,
                                    mlir::Location loc, mlir::Value value,
                                    unsigned distance) const = 0;

  /// Four f32, rounded to nearest even and in the range of \p type, as fp8 in
  /// an i32. Null if \p type is not the fp8 format of the target.
  virtual mlir::Value toFp8(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Type type,
                            llvm::ArrayRef<mlir::Value> values) const = 0;

  /// The inclusive prefix sum over the lanes of a wave.
  virtual mlir::Value scanAdd(mlir::OpBuilder &builder, mlir::Location loc,
                              mlir::Value value) const = 0;
};

/// \p a + \p b, of one type.
mlir::Value addNumbers(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Value a, mlir::Value b);

/// LLVM's machine code sinking moves loads into the blocks that use them, past
/// waits, unless something in between may write memory. This says that it does,
/// and is no instruction.
void keepLoadsBefore(mlir::OpBuilder &builder, mlir::Location loc);

/// The number of this lane in its wave of 64, as i32. Workgroups have one
/// dimension. (gpu.lane_id would do, but MLIR 22 gives the intermediate
/// V_MBCNT_LO a range that leaves out the 32 it has in the upper lanes.)
mlir::Value laneNumber(mlir::OpBuilder &builder, mlir::Location loc);

} // namespace hipdex

#endif // HIPDEX_CONVERSION_TILETOGPU_TARGETLOWERING_H
