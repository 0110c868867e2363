//===- TargetLowering.cpp - What differs between targets ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Conversion/TileToGPU/TargetLowering.h"
#include "Conversion/TileToGPU/CDNA3/CDNA3Lowering.h"
#include "Conversion/TileToGPU/CDNA4/CDNA4Lowering.h"
#include "Spec/Arch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace hipdex;

TargetLowering::~TargetLowering() = default;

const TargetLowering *TargetLowering::lookup(StringRef chip) {
  static const CDNA3Lowering cdna3;
  static const CDNA4Lowering cdna4;
  const Arch *arch = lookupArch(chip);
  if (!arch)
    return nullptr;
  switch (arch->generation) {
  case Generation::CDNA3:
    return &cdna3;
  case Generation::CDNA4:
    return &cdna4;
  }
  return nullptr;
}

Value hipdex::addNumbers(OpBuilder &builder, Location loc, Value a, Value b) {
  return isa<FloatType>(a.getType())
             ? arith::AddFOp::create(builder, loc, a, b).getResult()
             : arith::AddIOp::create(builder, loc, a, b).getResult();
}

void hipdex::keepLoadsBefore(OpBuilder &builder, Location loc) {
  LLVM::InlineAsmOp::create(
      builder, loc, /*res=*/TypeRange(), /*operands=*/ValueRange(),
      /*asm_string=*/"", /*constraints=*/"~{memory}",
      /*has_side_effects=*/true, /*is_align_stack=*/false,
      LLVM::TailCallKind::None, /*asm_dialect=*/LLVM::AsmDialectAttr(),
      /*operand_attrs=*/ArrayAttr());
}

Value hipdex::laneNumber(OpBuilder &builder, Location loc) {
  Value thread = arith::IndexCastOp::create(
      builder, loc, builder.getI32Type(),
      gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
  Value mask = arith::ConstantIntOp::create(builder, loc, 63, 32);
  return arith::AndIOp::create(builder, loc, thread, mask);
}
