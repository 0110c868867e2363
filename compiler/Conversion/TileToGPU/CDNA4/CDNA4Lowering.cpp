//===- CDNA4Lowering.cpp - Instructions of gfx950 -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/TileToGPU/CDNA4/CDNA4Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace hipdex;

/// V_MFMA_F32_32X32X64_F8F6F4 and V_MFMA_F32_16X16X128_F8F6F4 take 32 bytes of
/// each operand from a lane: two chunks. Without scales ("AMD Instinct CDNA4"
/// ISA, 7.1.5: the unscaled form multiplies as if all scales were one).
Value CDNA4Lowering::mma(OpBuilder &builder, Location loc, unsigned size,
                         ArrayRef<Value> a, ArrayRef<Value> b) const {
  if ((size != 32 && size != 16) || a.size() % 2 != 0)
    return CDNA3Lowering::mma(builder, loc, size, a, b);
  auto type = VectorType::get(size * size / 64, builder.getF32Type());
  // cbsz, blgp (0 is fp8), and for both operands the scale's byte and the
  // scale; LLVM takes scales of zero as the unscaled instruction.
  Value zero = arith::ConstantIntOp::create(builder, loc, 0, 32);
  Value sum =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  auto join = [&](Value first, Value second) -> Value {
    return vector::ShuffleOp::create(builder, loc, first, second,
                                     ArrayRef<int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
  };
  // From the last chunks to the first, as for CDNA3.
  for (size_t i = a.size(); i > 0;) {
    i -= 2;
    SmallVector<Value> operands = {join(a[i], a[i + 1]),
                                   join(b[i], b[i + 1]),
                                   sum,
                                   zero,
                                   zero,
                                   zero,
                                   zero,
                                   zero,
                                   zero};
    if (size == 32)
      sum = ROCDL::mfma_scale_f32_32x32x64_f8f6f4::create(builder, loc, type,
                                                          operands);
    else
      sum = ROCDL::mfma_scale_f32_16x16x128_f8f6f4::create(builder, loc, type,
                                                           operands);
  }
  return sum;
}

/// V_PERMLANE32_SWAP_B32 (V_PERMLANE16_SWAP_B32) trades the upper lanes of its
/// first register for the lower lanes of its second, so that afterwards both
/// parts of a sum stand in the same lane.
Value CDNA4Lowering::exchangeAdd(OpBuilder &builder, Location loc, Value low,
                                 Value high, unsigned distance) const {
  Type i32 = builder.getI32Type();
  auto pair =
      LLVM::LLVMStructType::getLiteral(builder.getContext(), {i32, i32});
  Value lowBits = arith::BitcastOp::create(builder, loc, i32, low);
  Value highBits = arith::BitcastOp::create(builder, loc, i32, high);
  Value swapped;
  if (distance == 32)
    swapped = ROCDL::Permlane32SwapOp::create(builder, loc, pair, lowBits,
                                              highBits, false, false);
  else
    swapped = ROCDL::Permlane16SwapOp::create(builder, loc, pair, lowBits,
                                              highBits, false, false);
  auto part = [&](int64_t which) -> Value {
    Value bits = LLVM::ExtractValueOp::create(builder, loc, swapped, which);
    return arith::BitcastOp::create(builder, loc, low.getType(), bits);
  };
  return addNumbers(builder, loc, part(0), part(1));
}

Value CDNA4Lowering::toFp8(OpBuilder &builder, Location loc, Type type,
                           ArrayRef<Value> values) const {
  return isa<Float8E4M3FNType>(type) ? packFp8(builder, loc, values) : Value();
}
