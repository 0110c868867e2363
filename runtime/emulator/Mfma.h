//===- Mfma.h - Matrix instructions -----------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// D = A * B + C over the registers of a wave of 64 lanes. Every matrix
// instruction is one row of a table: element types, M, N, K and blocks; the
// lane maps follow from these (Mfma.cpp cites where they are written down).
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_MFMA_H
#define HIPDEX_EMULATOR_MFMA_H

#include "Spec/Arch.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace hipdex::emulator {

/// One register of a wave: a 32-bit word a lane.
using WaveRegister = uint32_t[64];

/// The instruction word's modifiers. For the f8f6f4 instructions cbsz and
/// blgp are the formats of A and B (0 fp8, 1 bf8, 2 fp6, 3 bf6, 4 fp4); for
/// f64 blgp negates A (1), B (2), C (4).
struct MfmaModifiers {
  unsigned cbsz = 0;
  unsigned abid = 0;
  unsigned blgp = 0;
  /// v_mfma_scale_* only: the registers that hold a lane's E8M0 scales, and
  /// which byte of them is used (op_sel bit + 2 * op_sel_hi bit, 0 to 3).
  const uint32_t *scaleA = nullptr;
  const uint32_t *scaleB = nullptr;
  unsigned scaleByteA = 0;
  unsigned scaleByteB = 0;
};

struct MfmaInfo;

struct MfmaOp {
  /// Registers a lane. For f8f6f4 those of the widest format (fp8); narrower
  /// formats read their first registers only (fp6 6, fp4 4).
  unsigned aRegs, bRegs, cRegs;
  /// \p d may be \p c, or overlap any operand: all are read first.
  void (*function)(const MfmaInfo &info, WaveRegister *d, const WaveRegister *a,
                   const WaveRegister *b, const WaveRegister *c,
                   const MfmaModifiers &modifiers);
  const MfmaInfo *info;

  void run(WaveRegister *d, const WaveRegister *a, const WaveRegister *b,
           const WaveRegister *c, const MfmaModifiers &modifiers) const {
    function(*info, d, a, b, c, modifiers);
  }
};

/// The matrix instruction that LLVM prints as \p mnemonic for \p arch, e.g.
/// "v_mfma_f32_32x32x16_fp8_fp8" or "v_mfma_scale_f32_16x16x128_f8f6f4"; null
/// if \p arch has none of that name or it is not implemented. Call it when
/// decoding, not when executing.
const MfmaOp *lookupMfma(llvm::StringRef mnemonic, const Arch &arch);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_MFMA_H
