//===- Salu.h - Scalar instructions -----------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The handlers of scalar arithmetic, program control and scalar loads.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_SALU_H
#define HIPDEX_EMULATOR_SALU_H

#include "emulator/Wave.h"
#include "llvm/ADT/ArrayRef.h"

namespace hipdex::emulator {

/// A scalar operation on one or two sources. A result of 0 words is none.
struct ScalarOp {
  const char *name;
  uint8_t resultWords;
  uint8_t sourceWords[2];
  uint64_t (*apply)(Wave &wave, const Instruction &instruction, uint64_t a,
                    uint64_t b);
};
llvm::ArrayRef<ScalarOp> scalarOps();
/// SOP1, SOP2, SOPC and SOPK.
void runScalar(Wave &wave, const Instruction &instruction);

/// SOPP: program control and hints.
struct ControlOp {
  const char *name;
  InstClass kind;
  Handler run;
};
llvm::ArrayRef<ControlOp> controlOps();

/// Scalar loads and cache control: memoryFlags holds the words loaded.
struct ScalarMemoryOp {
  const char *name;
  uint8_t words;
  Handler run;
};
llvm::ArrayRef<ScalarMemoryOp> scalarMemoryOps();

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_SALU_H
