//===- Instruction.h - A decoded instruction --------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the decoder makes of an instruction word and the interpreter runs: a
// handler, operands that need no further look at the encoding, and the
// modifiers of its format.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_INSTRUCTION_H
#define HIPDEX_EMULATOR_INSTRUCTION_H

#include "emulator/Counters.h"
#include <cstdint>

namespace hipdex::emulator {

struct Wave;
struct Instruction;
struct MfmaOp;
struct VectorOp;
struct ScalarOp;
struct MemoryOp;
struct LdsOp;

using Handler = void (*)(Wave &wave, const Instruction &instruction);

/// A source: a register or a constant, resolved for the width and type that
/// the instruction reads.
struct Operand {
  enum Kind : uint8_t { None, Vector, Scalar, Constant };
  Kind kind = None;
  uint16_t index = 0; ///< Register; AGPR n is vector register 256 + n.
  uint64_t value = 0; ///< Of a constant.
};

/// How a vector source is selected and changed before the operation sees it.
struct SourceModifiers {
  bool negate = false;
  bool absolute = false;
  bool signExtend = false; ///< SDWA.
  uint8_t select = 6;      ///< SDWA: BYTE_0..3, WORD_0..1, DWORD (6).

  bool any() const { return negate || absolute || signExtend || select != 6; }
};

struct Instruction {
  Handler run = nullptr;
  /// What the handler of the format needs of this opcode.
  union {
    const VectorOp *vector = nullptr;
    const ScalarOp *scalar;
    const MfmaOp *mfma;
    const MemoryOp *memory;
    const LdsOp *lds;
  };
  Operand source[3];
  SourceModifiers modifiers[3];
  uint16_t destination = 0;       ///< Vector or scalar register by format.
  uint16_t maskDestination = 106; ///< Scalar pair: VOPC and carry out.
  uint16_t maskSource = 106;      ///< Scalar pair: carry in, cndmask.
  uint8_t dwords = 1;
  /// How many VGPRs and AGPRs a wave must have for the registers named here.
  uint16_t vgprs = 0, agprs = 0;
  InstClass kind = InstClass::Other;
  bool modified = false; ///< Some source modifier or DPP is in use.
  bool clamp = false;
  uint8_t outputModifier = 0; ///< 0, *2, *4, /2.
  uint8_t opSel = 0;          ///< VOP3 and VOP3P: one bit a source, 8: dest.
  uint8_t opSelHi = 7;
  uint8_t negateHi = 0; ///< VOP3P.
  uint8_t format = 0;   ///< MFMA: cbsz. See MatrixOps.cpp.
  uint8_t extra = 0;    ///< bitop3 table, MFMA abid and the like.
  uint8_t extra2 = 0;

  // DPP.
  bool dpp = false;
  bool boundControl = false;
  uint8_t rowMask = 15, bankMask = 15;
  uint16_t dppControl = 0;

  // SDWA destination.
  bool sdwa = false;
  uint8_t destinationSelect = 6;
  uint8_t destinationUnused = 0;

  // Memory.
  uint8_t memoryFlags = 0;      ///< Bits of the handler's own file.
  int32_t offset = 0;           ///< Byte offset; SOPP/SOPK: the signed 16 bits.
  uint16_t address = 0;         ///< Vector register of the address.
  uint16_t data = 0, data2 = 0; ///< Vector registers of what is stored.
  uint16_t scalarBase = 0;      ///< Scalar register(s), see the handler.
  Operand scalarOffset;         ///< Buffer and scalar loads.

  // v_mfma_scale.
  bool scaled = false;
  Operand scale[2];
};

/// Executes a place that holds no instruction: fails the launch.
void runInvalid(Wave &wave, const Instruction &instruction);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_INSTRUCTION_H
