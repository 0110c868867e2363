//===- CDNA3Lowering.cpp - Instructions of gfx942 -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/TileToGPU/CDNA3/CDNA3Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace hipdex;

static Value constantI32(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIntOp::create(builder, loc, value, 32);
}

/// V_MFMA_F32_32X32X16_FP8_FP8 and V_MFMA_F32_16X16X32_FP8_FP8 take 8 bytes of
/// each operand from a lane, so a 16-byte chunk is two of them. Which bytes of
/// the depth they are does not matter, as long as both operands agree
/// ("AMD Instinct MI300" ISA, 7.1.4.2 Dense matrix layout).
Value CDNA3Lowering::mma(OpBuilder &builder, Location loc, unsigned size,
                         ArrayRef<Value> a, ArrayRef<Value> b) const {
  if (size != 32 && size != 16)
    return {};
  auto type = VectorType::get(size * size / 64, builder.getF32Type());
  Type i64 = builder.getI64Type();
  Value zero = constantI32(builder, loc, 0);
  Value sum =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  auto half = [&](Value chunk, int64_t which) -> Value {
    Value words = vector::ExtractStridedSliceOp::create(
        builder, loc, chunk, ArrayRef<int64_t>{2 * which}, ArrayRef<int64_t>{2},
        ArrayRef<int64_t>{1});
    return LLVM::BitcastOp::create(builder, loc, i64, words);
  };
  // From the last chunk to the first: loads return in order, so waiting for the
  // last one is the only wait.
  for (size_t i = a.size(); i-- > 0;)
    for (int64_t which : {0, 1}) {
      SmallVector<Value> operands = {
          half(a[i], which), half(b[i], which), sum, zero, zero, zero};
      if (size == 32)
        sum = ROCDL::mfma_f32_32x32x16_fp8_fp8::create(builder, loc, type,
                                                       operands);
      else
        sum = ROCDL::mfma_f32_16x16x32_fp8_fp8::create(builder, loc, type,
                                                       operands);
    }
  return sum;
}

/// One DS_BPERMUTE_B32 for the two: each lane sends the sum that it does not
/// keep. DPP cannot cross rows of 16 in the way needed here.
Value CDNA3Lowering::exchangeAdd(OpBuilder &builder, Location loc, Value low,
                                 Value high, unsigned distance) const {
  Type i32 = builder.getI32Type();
  Value lane = laneNumber(builder, loc);
  Value bit = arith::AndIOp::create(builder, loc, lane,
                                    constantI32(builder, loc, distance));
  Value isLow = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                      bit, constantI32(builder, loc, 0));
  Value kept = arith::SelectOp::create(builder, loc, isLow, low, high);
  Value sent = arith::SelectOp::create(builder, loc, isLow, high, low);
  // DS_BPERMUTE_B32 takes a byte address: four times the lane.
  Value partner = arith::XOrIOp::create(builder, loc, lane,
                                        constantI32(builder, loc, distance));
  Value address = arith::ShLIOp::create(builder, loc, partner,
                                        constantI32(builder, loc, 2));
  Value bits = arith::BitcastOp::create(builder, loc, i32, sent);
  Value received = arith::BitcastOp::create(
      builder, loc, sent.getType(),
      ROCDL::DsBpermuteOp::create(builder, loc, i32, address, bits));
  return addNumbers(builder, loc, kept, received);
}

static Value dpp(OpBuilder &builder, Location loc, Value value,
                 uint32_t control) {
  return ROCDL::DPPUpdateOp::create(builder, loc, builder.getI32Type(), value,
                                    value, control, /*rowMask=*/0xf,
                                    /*bankMask=*/0xf, /*boundCtrl=*/true);
}

/// DPP_QUAD_PERM [1,0,3,2] and [2,3,0,1] of the ISA's table of DPP controls.
Value CDNA3Lowering::exchange(OpBuilder &builder, Location loc, Value value,
                              unsigned distance) const {
  if (distance > 2)
    return {};
  return dpp(builder, loc, value, distance == 1 ? 0xb1 : 0x4e);
}

/// DPP within rows of 16: two quad permutations, then mirrors of half rows and
/// of rows (DPP_ROW_HALF_MIRROR and DPP_ROW_MIRROR), which reach a lane of the
/// other half that has the same value as the one asked for.
Value CDNA3Lowering::exchangeEqual(OpBuilder &builder, Location loc,
                                   Value value, unsigned distance) const {
  if (distance == 4)
    return dpp(builder, loc, value, 0x141);
  if (distance == 8)
    return dpp(builder, loc, value, 0x140);
  return exchange(builder, loc, value, distance);
}

Value CDNA3Lowering::packFp8(OpBuilder &builder, Location loc,
                             ArrayRef<Value> values) {
  Type i32 = builder.getI32Type();
  Value none = LLVM::PoisonOp::create(builder, loc, i32);
  Value low = ROCDL::CvtPkFp8F32Op::create(builder, loc, i32, values[0],
                                           values[1], none, /*wordSel=*/false);
  return ROCDL::CvtPkFp8F32Op::create(builder, loc, i32, values[2], values[3],
                                      low, /*wordSel=*/true);
}

Value CDNA3Lowering::toFp8(OpBuilder &builder, Location loc, Type type,
                           ArrayRef<Value> values) const {
  return isa<Float8E4M3FNUZType>(type) ? packFp8(builder, loc, values)
                                       : Value();
}

/// The scan of "AMD GCN Assembly: Cross-Lane Operations" (GPUOpen): within rows
/// of 16 by DPP row shifts, then row 0 into 1 and 2 into 3, then the lower half
/// into the upper.
Value CDNA3Lowering::scanAdd(OpBuilder &builder, Location loc,
                             Value value) const {
  // DPP_ROW_SR, DPP_ROW_BCAST15 and DPP_ROW_BCAST31 of the ISA's table of DPP
  // controls.
  struct Step {
    uint32_t control, rowMask;
  };
  constexpr Step steps[] = {{0x111, 0xf}, {0x112, 0xf}, {0x114, 0xf},
                            {0x118, 0xf}, {0x142, 0xa}, {0x143, 0xc}};
  Type i32 = builder.getI32Type();
  Value zero = constantI32(builder, loc, 0);
  for (auto [control, rowMask] : steps) {
    // Lanes without a source, or in a row that is masked off, get the zero.
    Value shifted = ROCDL::DPPUpdateOp::create(
        builder, loc, i32, zero, value, control, rowMask, /*bankMask=*/0xf,
        /*boundCtrl=*/false);
    value = arith::AddIOp::create(builder, loc, value, shifted);
  }
  return value;
}
