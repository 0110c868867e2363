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
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace hipdex;

TargetLowering::~TargetLowering() = default;

const TargetLowering *TargetLowering::lookup(llvm::StringRef chip) {
  static const CDNA3Lowering cdna3;
  static const CDNA4Lowering cdna4;
  return llvm::StringSwitch<const TargetLowering *>(chip)
      .Case("gfx942", &cdna3)
      .Case("gfx950", &cdna4)
      .Default(nullptr);
}

Value hipdex::laneNumber(OpBuilder &builder, Location loc) {
  Value thread = arith::IndexCastOp::create(
      builder, loc, builder.getI32Type(),
      gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
  Value mask = arith::ConstantIntOp::create(builder, loc, 63, 32);
  return arith::AndIOp::create(builder, loc, thread, mask);
}
