//===- Valu.h - Vector arithmetic -------------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The handlers of vector arithmetic instructions.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_VALU_H
#define HIPDEX_EMULATOR_VALU_H

#include "emulator/Wave.h"
#include "llvm/ADT/ArrayRef.h"

namespace hipdex::emulator {

/// VOP1, VOP2, VOPC, VOP3, SDWA and DPP.
void runVector(Wave &wave, const Instruction &instruction);
/// VOP3P.
void runPacked(Wave &wave, const Instruction &instruction);
void runMfma(Wave &wave, const Instruction &instruction);

/// Instructions that move values between lanes or to scalars: not row
/// operations.
struct LaneOp {
  const char *name;
  Handler run;
  bool scalarResult;
};
llvm::ArrayRef<LaneOp> laneOps();

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_VALU_H
