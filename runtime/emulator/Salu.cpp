//===- Salu.cpp - Scalar arithmetic and program control -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Semantics: AMD Instinct MI300 ISA reference guide, chapter 12 (SOP2, SOPK,
// SOP1, SOPC, SOPP).
//
//===----------------------------------------------------------------------===//

#include "emulator/Salu.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/bit.h"
#include <algorithm>

using namespace hipdex;
using namespace hipdex::emulator;

using u32 = uint32_t;
using u64 = uint64_t;
using i32 = int32_t;
using i64 = int64_t;

static u64 readSource(const Wave &wave, const Operand &operand,
                      unsigned words) {
  if (operand.kind == Operand::Constant)
    return words == 1 ? u32(operand.value) : operand.value;
  return words == 1 ? wave.s[operand.index] : wave.read64(operand.index);
}

void emulator::runScalar(Wave &wave, const Instruction &in) {
  const ScalarOp &op = *in.scalar;
  u64 a = 0, b = 0;
  if (op.sourceWords[0])
    a = readSource(wave, in.source[0], op.sourceWords[0]);
  if (op.sourceWords[1])
    b = readSource(wave, in.source[1], op.sourceWords[1]);
  u64 result = op.apply(wave, in, a, b);
  if (op.resultWords == 1)
    wave.s[in.destination] = u32(result);
  else if (op.resultWords == 2)
    wave.write64(in.destination, result);
}

/// Result of a logical operation: SCC tells whether it is not zero.
static u64 logical(Wave &wave, u64 value) {
  wave.setScc(value != 0);
  return value;
}

static u32 addCarry(Wave &wave, u32 a, u32 b, bool carry) {
  u64 sum = u64(a) + b + carry;
  wave.setScc(sum >> 32);
  return u32(sum);
}
static u32 subtractBorrow(Wave &wave, u32 a, u32 b, bool borrow) {
  wave.setScc(u64(b) + borrow > a);
  return a - b - borrow;
}
static u32 addSigned(Wave &wave, u32 a, u32 b) {
  u32 sum = a + b;
  wave.setScc(i32((sum ^ a) & (sum ^ b)) < 0);
  return sum;
}
static u32 subtractSigned(Wave &wave, u32 a, u32 b) {
  u32 difference = a - b;
  wave.setScc(i32((a ^ b) & (a ^ difference)) < 0);
  return difference;
}
static u32 shiftAdd(Wave &wave, u32 a, u32 b, unsigned shift) {
  u64 sum = (u64(a) << shift) + b;
  wave.setScc(sum >> 32);
  return u32(sum);
}

static u32 extract32(Wave &wave, u32 value, u32 field, bool isSigned) {
  unsigned offset = field & 31, width = field >> 16 & 127;
  u64 result = 0;
  if (width) {
    width = std::min(width, 32 - offset);
    result = u32(value << (32 - width - offset));
    result = isSigned ? u32(i32(u32(result)) >> (32 - width))
                      : u32(result) >> (32 - width);
  }
  return u32(logical(wave, u32(result)));
}
static u64 extract64(Wave &wave, u64 value, u32 field, bool isSigned) {
  unsigned offset = field & 63, width = field >> 16 & 127;
  u64 result = 0;
  if (width) {
    width = std::min(width, 64 - offset);
    result = value << (64 - width - offset);
    result =
        isSigned ? u64(i64(result) >> (64 - width)) : result >> (64 - width);
  }
  return logical(wave, result);
}

/// dst = EXEC, EXEC = value.
static u64 saveExec(Wave &wave, u64 value) {
  u64 old = wave.exec();
  wave.write64(sreg::exec, value);
  wave.setScc(value != 0);
  return old;
}
static u64 writeExec(Wave &wave, u64 value) {
  wave.write64(sreg::exec, value);
  wave.setScc(value != 0);
  return value;
}

static u64 quadMask(u64 value) {
  u64 result = 0;
  for (unsigned i = 0; i < 16; ++i)
    if (value >> (4 * i) & 15)
      result |= u64(1) << i;
  return result;
}
static u64 wholeQuads(u64 value) {
  u64 result = 0;
  for (unsigned i = 0; i < 64; i += 4)
    if (value >> i & 15)
      result |= u64(15) << i;
  return result;
}
static u64 reverse64(u64 value) {
  u64 result = 0;
  for (unsigned i = 0; i < 64; ++i)
    result |= (value >> i & 1) << (63 - i);
  return result;
}
static u64 replicateBits(u32 value) {
  u64 result = 0;
  for (unsigned i = 0; i < 32; ++i)
    result |= u64(value >> i & 1) * 3 << (2 * i);
  return result;
}
static u32 clz32(u32 value) { return value ? __builtin_clz(value) : ~0u; }
static u32 clz64(u64 value) { return value ? __builtin_clzll(value) : ~0u; }

//===----------------------------------------------------------------------===//
// Hardware registers
//===----------------------------------------------------------------------===//

/// Numbers of s_getreg and s_setreg (MI300 ISA guide, 3.14).
enum : unsigned { hwMode = 1, hwHwId = 4, hwShMemBases = 15, hwXccId = 20 };

static u32 modeBits(const FloatMode &mode) {
  return u32(mode.denormals) << 4 | u32(mode.dx10Clamp) << 8 |
         u32(mode.ieee) << 9 | u32(mode.fp16Overflow) << 23;
}

static void setMode(Wave &wave, u32 bits) {
  if (bits & 0xF) {
    wave.fail("rounding mode " + llvm::Twine(bits & 0xF) +
              " in MODE: only round to nearest even (0) is implemented");
    return;
  }
  if (bits >> 23 & 1) {
    wave.fail("MODE.FP16_OVFL is not implemented");
    return;
  }
  wave.mode.denormals = bits >> 4 & 0xF;
  wave.mode.dx10Clamp = bits >> 8 & 1;
  wave.mode.ieee = bits >> 9 & 1;
}

static bool readHardware(Wave &wave, unsigned id, u32 &value) {
  switch (id) {
  case hwMode:
    value = modeBits(wave.mode);
    return true;
  case hwHwId:
  case hwXccId: // One device of one die: which place runs it is not modelled.
    value = 0;
    return true;
  case hwShMemBases:
    value = u32(privateAperture >> 48) | u32(sharedAperture >> 48 << 16);
    return true;
  default:
    wave.fail("hardware register " + llvm::Twine(id) + " is not implemented");
    return false;
  }
}

static u64 getRegister(Wave &wave, const Instruction &in, u64, u64) {
  unsigned field = unsigned(in.offset) & 0xFFFF;
  unsigned id = field & 63, offset = field >> 6 & 31, size = (field >> 11) + 1;
  u32 value = 0;
  if (!readHardware(wave, id, value))
    return 0;
  return u64(value) >> offset & ((u64(1) << size) - 1);
}

static void setRegister(Wave &wave, const Instruction &in, u32 value) {
  unsigned field = unsigned(in.offset) & 0xFFFF;
  unsigned id = field & 63, offset = field >> 6 & 31, size = (field >> 11) + 1;
  if (id != hwMode) {
    wave.fail("writing hardware register " + llvm::Twine(id) +
              " is not implemented");
    return;
  }
  u32 mask = u32(((u64(1) << size) - 1) << offset);
  setMode(wave, (modeBits(wave.mode) & ~mask) | (value << offset & mask));
}

//===----------------------------------------------------------------------===//
// Register indexing
//===----------------------------------------------------------------------===//

/// General scalar registers, VCC included.
static bool relativeIndex(Wave &wave, unsigned number, unsigned words,
                          unsigned &index) {
  index = number + wave.s[sreg::m0];
  if (index + words <= sreg::ttmp0)
    return true;
  wave.fail("scalar register " + llvm::Twine(number) + " indexed by " +
            llvm::Twine(wave.s[sreg::m0]) + " is none");
  return false;
}
static u64 relative(Wave &wave, unsigned number, unsigned words) {
  unsigned index;
  if (!relativeIndex(wave, number, words, index))
    return 0;
  return words == 1 ? wave.s[index] : wave.read64(index);
}
static void setRelative(Wave &wave, const Instruction &in, u64 value,
                        unsigned words) {
  unsigned index;
  if (!relativeIndex(wave, in.destination, words, index))
    return;
  if (words == 1)
    wave.s[index] = u32(value);
  else
    wave.write64(index, value);
}

static void setIndexMode(Wave &wave, u32 mode) {
  wave.s[sreg::m0] = (wave.s[sreg::m0] & ~0xF000u) | (mode & 15) << 12;
}
/// The second source's field is the mode itself.
static void indexOn(Wave &wave, const Instruction &in, u64 index) {
  wave.indexing = true;
  wave.s[sreg::m0] = (wave.s[sreg::m0] & ~0xFFu) | (index & 0xFF);
  setIndexMode(wave, in.extra);
}

//===----------------------------------------------------------------------===//
// The tables
//===----------------------------------------------------------------------===//

#define OP(NAME, RESULT, A, B, EXPR)                                           \
  ScalarOp {                                                                   \
    NAME, RESULT, {A, B},                                                      \
        [](Wave &wave, const Instruction &in, u64 a, u64 b) -> u64 {           \
          (void)wave;                                                          \
          (void)in;                                                            \
          (void)a;                                                             \
          (void)b;                                                             \
          return EXPR;                                                         \
        }                                                                      \
  }
#define COMPARE(NAME, EXPR) OP(NAME, 0, 1, 1, (wave.setScc(EXPR), 0))
#define COMPARES(PREFIX)                                                       \
  COMPARE(PREFIX "_eq_i32", u32(a) == u32(b)),                                 \
      COMPARE(PREFIX "_lg_i32", u32(a) != u32(b)),                             \
      COMPARE(PREFIX "_gt_i32", i32(a) > i32(b)),                              \
      COMPARE(PREFIX "_ge_i32", i32(a) >= i32(b)),                             \
      COMPARE(PREFIX "_lt_i32", i32(a) < i32(b)),                              \
      COMPARE(PREFIX "_le_i32", i32(a) <= i32(b)),                             \
      COMPARE(PREFIX "_eq_u32", u32(a) == u32(b)),                             \
      COMPARE(PREFIX "_lg_u32", u32(a) != u32(b)),                             \
      COMPARE(PREFIX "_gt_u32", u32(a) > u32(b)),                              \
      COMPARE(PREFIX "_ge_u32", u32(a) >= u32(b)),                             \
      COMPARE(PREFIX "_lt_u32", u32(a) < u32(b)),                              \
      COMPARE(PREFIX "_le_u32", u32(a) <= u32(b))

llvm::ArrayRef<ScalarOp> emulator::scalarOps() {
  static const ScalarOp table[] = {
      OP("s_add_u32", 1, 1, 1, addCarry(wave, a, b, false)),
      OP("s_sub_u32", 1, 1, 1, subtractBorrow(wave, a, b, false)),
      OP("s_addc_u32", 1, 1, 1, addCarry(wave, a, b, wave.scc())),
      OP("s_subb_u32", 1, 1, 1, subtractBorrow(wave, a, b, wave.scc())),
      OP("s_add_i32", 1, 1, 1, addSigned(wave, a, b)),
      OP("s_sub_i32", 1, 1, 1, subtractSigned(wave, a, b)),
      OP("s_addk_i32", 1, 1, 1, addSigned(wave, a, b)),
      OP("s_mul_i32", 1, 1, 1, u32(a) * u32(b)),
      OP("s_mulk_i32", 1, 1, 1, u32(a) * u32(b)),
      OP("s_mul_hi_u32", 1, 1, 1, a * b >> 32),
      OP("s_mul_hi_i32", 1, 1, 1, u64(i64(i32(a)) * i32(b) >> 32)),
      OP("s_min_i32", 1, 1, 1,
         (wave.setScc(i32(a) < i32(b)), i32(a) < i32(b) ? a : b)),
      OP("s_max_i32", 1, 1, 1,
         (wave.setScc(i32(a) > i32(b)), i32(a) > i32(b) ? a : b)),
      OP("s_min_u32", 1, 1, 1, (wave.setScc(a < b), a < b ? a : b)),
      OP("s_max_u32", 1, 1, 1, (wave.setScc(a > b), a > b ? a : b)),
      OP("s_absdiff_i32", 1, 1, 1,
         logical(wave, i32(a) > i32(b) ? u32(a) - u32(b) : u32(b) - u32(a))),
      OP("s_abs_i32", 1, 1, 0,
         logical(wave, i32(a) < 0 ? 0u - u32(a) : u32(a))),
      OP("s_lshl1_add_u32", 1, 1, 1, shiftAdd(wave, a, b, 1)),
      OP("s_lshl2_add_u32", 1, 1, 1, shiftAdd(wave, a, b, 2)),
      OP("s_lshl3_add_u32", 1, 1, 1, shiftAdd(wave, a, b, 3)),
      OP("s_lshl4_add_u32", 1, 1, 1, shiftAdd(wave, a, b, 4)),

      OP("s_mov_b32", 1, 1, 0, a),
      OP("s_mov_b64", 2, 2, 0, a),
      OP("s_movk_i32", 1, 1, 1, b),
      OP("s_cmov_b32", 1, 1, 0, wave.scc() ? a : wave.s[in.destination]),
      OP("s_cmov_b64", 2, 2, 0, wave.scc() ? a : wave.read64(in.destination)),
      OP("s_cmovk_i32", 1, 1, 1, wave.scc() ? b : a),
      OP("s_cselect_b32", 1, 1, 1, wave.scc() ? a : b),
      OP("s_cselect_b64", 2, 2, 2, wave.scc() ? a : b),

      OP("s_and_b32", 1, 1, 1, logical(wave, a & b)),
      OP("s_and_b64", 2, 2, 2, logical(wave, a & b)),
      OP("s_or_b32", 1, 1, 1, logical(wave, a | b)),
      OP("s_or_b64", 2, 2, 2, logical(wave, a | b)),
      OP("s_xor_b32", 1, 1, 1, logical(wave, a ^ b)),
      OP("s_xor_b64", 2, 2, 2, logical(wave, a ^ b)),
      OP("s_andn2_b32", 1, 1, 1, logical(wave, a & ~b)),
      OP("s_andn2_b64", 2, 2, 2, logical(wave, a & ~b)),
      OP("s_orn2_b32", 1, 1, 1, logical(wave, u32(a | ~b))),
      OP("s_orn2_b64", 2, 2, 2, logical(wave, a | ~b)),
      OP("s_nand_b32", 1, 1, 1, logical(wave, u32(~(a & b)))),
      OP("s_nand_b64", 2, 2, 2, logical(wave, ~(a & b))),
      OP("s_nor_b32", 1, 1, 1, logical(wave, u32(~(a | b)))),
      OP("s_nor_b64", 2, 2, 2, logical(wave, ~(a | b))),
      OP("s_xnor_b32", 1, 1, 1, logical(wave, u32(~(a ^ b)))),
      OP("s_xnor_b64", 2, 2, 2, logical(wave, ~(a ^ b))),
      OP("s_not_b32", 1, 1, 0, logical(wave, u32(~a))),
      OP("s_not_b64", 2, 2, 0, logical(wave, ~a)),
      OP("s_lshl_b32", 1, 1, 1, logical(wave, u32(a) << (b & 31))),
      OP("s_lshl_b64", 2, 2, 1, logical(wave, a << (b & 63))),
      OP("s_lshr_b32", 1, 1, 1, logical(wave, u32(a) >> (b & 31))),
      OP("s_lshr_b64", 2, 2, 1, logical(wave, a >> (b & 63))),
      OP("s_ashr_i32", 1, 1, 1, logical(wave, u32(i32(a) >> (b & 31)))),
      OP("s_ashr_i64", 2, 2, 1, logical(wave, u64(i64(a) >> (b & 63)))),
      OP("s_bfm_b32", 1, 1, 1, ((1u << (a & 31)) - 1) << (b & 31)),
      OP("s_bfm_b64", 2, 1, 1, ((u64(1) << (a & 63)) - 1) << (b & 63)),
      OP("s_bfe_u32", 1, 1, 1, extract32(wave, a, b, false)),
      OP("s_bfe_i32", 1, 1, 1, extract32(wave, a, b, true)),
      OP("s_bfe_u64", 2, 2, 1, extract64(wave, a, b, false)),
      OP("s_bfe_i64", 2, 2, 1, extract64(wave, a, b, true)),
      OP("s_brev_b32", 1, 1, 0, reverse64(a) >> 32),
      OP("s_brev_b64", 2, 2, 0, reverse64(a)),
      OP("s_bcnt0_i32_b32", 1, 1, 0,
         logical(wave, 32 - __builtin_popcountll(a))),
      OP("s_bcnt0_i32_b64", 1, 2, 0,
         logical(wave, 64 - __builtin_popcountll(a))),
      OP("s_bcnt1_i32_b32", 1, 1, 0, logical(wave, __builtin_popcountll(a))),
      OP("s_bcnt1_i32_b64", 1, 2, 0, logical(wave, __builtin_popcountll(a))),
      OP("s_ff0_i32_b32", 1, 1, 0, u32(~a) ? __builtin_ctz(u32(~a)) : ~0u),
      OP("s_ff0_i32_b64", 1, 2, 0, ~a ? __builtin_ctzll(~a) : ~0u),
      OP("s_ff1_i32_b32", 1, 1, 0, a ? __builtin_ctzll(a) : ~0u),
      OP("s_ff1_i32_b64", 1, 2, 0, a ? __builtin_ctzll(a) : ~0u),
      OP("s_flbit_i32_b32", 1, 1, 0, clz32(a)),
      OP("s_flbit_i32_b64", 1, 2, 0, clz64(a)),
      OP("s_flbit_i32", 1, 1, 0, clz32(i32(a) < 0 ? ~u32(a) : u32(a))),
      OP("s_flbit_i32_i64", 1, 2, 0, clz64(i64(a) < 0 ? ~a : a)),
      OP("s_sext_i32_i8", 1, 1, 0, u32(i32(int8_t(a)))),
      OP("s_sext_i32_i16", 1, 1, 0, u32(i32(int16_t(a)))),
      OP("s_bitset0_b32", 1, 1, 0, wave.s[in.destination] & ~(1u << (a & 31))),
      OP("s_bitset0_b64", 2, 1, 0,
         wave.read64(in.destination) & ~(u64(1) << (a & 63))),
      OP("s_bitset1_b32", 1, 1, 0, wave.s[in.destination] | 1u << (a & 31)),
      OP("s_bitset1_b64", 2, 1, 0,
         wave.read64(in.destination) | u64(1) << (a & 63)),
      OP("s_bitreplicate_b64_b32", 2, 1, 0, replicateBits(a)),
      OP("s_pack_ll_b32_b16", 1, 1, 1, (a & 0xFFFF) | (b & 0xFFFF) << 16),
      OP("s_pack_lh_b32_b16", 1, 1, 1, (a & 0xFFFF) | (b & 0xFFFF0000)),
      OP("s_pack_hh_b32_b16", 1, 1, 1, a >> 16 | (b & 0xFFFF0000)),
      OP("s_quadmask_b32", 1, 1, 0, logical(wave, quadMask(a))),
      OP("s_quadmask_b64", 2, 2, 0, logical(wave, quadMask(a))),
      OP("s_wqm_b32", 1, 1, 0, logical(wave, wholeQuads(a))),
      OP("s_wqm_b64", 2, 2, 0, logical(wave, wholeQuads(a))),

      OP("s_and_saveexec_b64", 2, 2, 0, saveExec(wave, a & wave.exec())),
      OP("s_or_saveexec_b64", 2, 2, 0, saveExec(wave, a | wave.exec())),
      OP("s_xor_saveexec_b64", 2, 2, 0, saveExec(wave, a ^ wave.exec())),
      OP("s_andn2_saveexec_b64", 2, 2, 0, saveExec(wave, a & ~wave.exec())),
      OP("s_orn2_saveexec_b64", 2, 2, 0, saveExec(wave, a | ~wave.exec())),
      OP("s_nand_saveexec_b64", 2, 2, 0, saveExec(wave, ~(a & wave.exec()))),
      OP("s_nor_saveexec_b64", 2, 2, 0, saveExec(wave, ~(a | wave.exec()))),
      OP("s_xnor_saveexec_b64", 2, 2, 0, saveExec(wave, ~(a ^ wave.exec()))),
      OP("s_andn1_saveexec_b64", 2, 2, 0, saveExec(wave, ~a & wave.exec())),
      OP("s_orn1_saveexec_b64", 2, 2, 0, saveExec(wave, ~a | wave.exec())),
      OP("s_andn1_wrexec_b64", 2, 2, 0, writeExec(wave, ~a & wave.exec())),
      OP("s_andn2_wrexec_b64", 2, 2, 0, writeExec(wave, a & ~wave.exec())),

      COMPARES("s_cmp"),
      COMPARES("s_cmpk"),
      OP("s_cmp_eq_u64", 0, 2, 2, (wave.setScc(a == b), 0)),
      OP("s_cmp_lg_u64", 0, 2, 2, (wave.setScc(a != b), 0)),
      OP("s_bitcmp0_b32", 0, 1, 1, (wave.setScc(!(a >> (b & 31) & 1)), 0)),
      OP("s_bitcmp1_b32", 0, 1, 1, (wave.setScc(a >> (b & 31) & 1), 0)),
      OP("s_bitcmp0_b64", 0, 2, 1, (wave.setScc(!(a >> (b & 63) & 1)), 0)),
      OP("s_bitcmp1_b64", 0, 2, 1, (wave.setScc(a >> (b & 63) & 1), 0)),

      // Registers relative to M0.
      OP("s_movrels_b32", 1, 1, 0, relative(wave, in.source[0].index, 1)),
      OP("s_movrels_b64", 2, 2, 0, relative(wave, in.source[0].index, 2)),
      OP("s_movreld_b32", 0, 1, 0, (setRelative(wave, in, a, 1), 0)),
      OP("s_movreld_b64", 0, 2, 0, (setRelative(wave, in, a, 2), 0)),
      OP("s_set_gpr_idx_on", 0, 1, 0, (indexOn(wave, in, a), 0)),
      OP("s_set_gpr_idx_idx", 0, 1, 0,
         (wave.s[sreg::m0] = (wave.s[sreg::m0] & ~0xFFu) | (a & 0xFF), 0)),

      ScalarOp{"s_getreg_b32", 1, {0, 0}, getRegister},
      // The value is the register that the destination field names.
      OP("s_setreg_b32", 0, 1, 0, (setRegister(wave, in, u32(a)), 0)),
      OP("s_setreg_imm32_b32", 0, 1, 0, (setRegister(wave, in, u32(a)), 0)),

      OP("s_getpc_b64", 2, 0, 0, wave.pc),
      OP("s_setpc_b64", 0, 2, 0, (wave.pc = a, 0)),
      OP("s_swappc_b64", 2, 2, 0, std::exchange(wave.pc, a)),
      OP("s_call_b64", 2, 0, 0,
         std::exchange(wave.pc, wave.pc + i64(in.offset) * 4)),
  };
  return table;
}

static void jump(Wave &wave, const Instruction &in, bool taken) {
  if (taken)
    wave.pc += i64(in.offset) * 4;
}
static void nothing(Wave &, const Instruction &) {}

llvm::ArrayRef<ControlOp> emulator::controlOps() {
#define BRANCH(NAME, EXPR)                                                     \
  ControlOp {                                                                  \
    NAME, InstClass::Branch,                                                   \
        [](Wave &wave, const Instruction &in) { jump(wave, in, EXPR); }        \
  }
#define HINT(NAME)                                                             \
  ControlOp { NAME, InstClass::Nop, nothing }
  static const ControlOp table[] = {
      BRANCH("s_branch", true),
      BRANCH("s_cbranch_scc0", !wave.scc()),
      BRANCH("s_cbranch_scc1", wave.scc()),
      BRANCH("s_cbranch_vccz", wave.read64(sreg::vcc) == 0),
      BRANCH("s_cbranch_vccnz", wave.read64(sreg::vcc) != 0),
      BRANCH("s_cbranch_execz", wave.exec() == 0),
      BRANCH("s_cbranch_execnz", wave.exec() != 0),
      {"s_endpgm", InstClass::Branch,
       [](Wave &wave, const Instruction &) {
         wave.state = Wave::State::Ended;
       }},
      {"s_barrier", InstClass::Wait,
       [](Wave &wave, const Instruction &) {
         wave.state = Wave::State::AtBarrier;
       }},
      {"s_waitcnt", InstClass::Wait, nothing},
      {"s_trap", InstClass::Other,
       [](Wave &wave, const Instruction &in) {
         wave.fail("the kernel trapped (s_trap " + llvm::Twine(in.offset) +
                   ")");
       }},
      {"s_set_gpr_idx_off", InstClass::Salu,
       [](Wave &wave, const Instruction &) { wave.indexing = false; }},
      {"s_set_gpr_idx_mode", InstClass::Salu,
       [](Wave &wave, const Instruction &in) {
         setIndexMode(wave, u32(in.offset));
       }},
      {"s_sethalt", InstClass::Other,
       [](Wave &wave, const Instruction &) {
         wave.fail("the kernel halted its wave (s_sethalt)");
       }},
      HINT("s_nop"),
      HINT("s_sleep"),
      HINT("s_setprio"),
      HINT("s_wakeup"),
      HINT("s_icache_inv"),
      HINT("s_incperflevel"),
      HINT("s_decperflevel"),
      HINT("s_ttracedata"),
  };
  return table;
}

//===----------------------------------------------------------------------===//
// Scalar memory
//===----------------------------------------------------------------------===//

static int64_t scalarOffsetOf(const Wave &wave, const Instruction &in) {
  int64_t offset = in.offset;
  if (in.scalarOffset.kind == Operand::Scalar)
    offset += wave.s[in.scalarOffset.index];
  return offset;
}

static void loadWords(Wave &wave, const Instruction &in, u64 address,
                      unsigned words) {
  unsigned bytes = 4 * words;
  if (!wave.checkAccess(-1, address, bytes, Guard::Read, "scalar load"))
    return;
  wave.scalarBytesLoaded += bytes;
  wave.countWatched(address, bytes);
  std::memcpy(&wave.s[in.destination], reinterpret_cast<const void *>(address),
              bytes);
}

static void load(Wave &wave, const Instruction &in) {
  // The two low bits of the address are ignored.
  u64 address = (wave.read64(in.scalarBase) + scalarOffsetOf(wave, in)) & ~3ull;
  loadWords(wave, in, address, in.memoryFlags);
}

static void bufferLoad(Wave &wave, const Instruction &in) {
  const u32 *resource = &wave.s[in.scalarBase];
  u64 base = (resource[0] | u64(resource[1]) << 32) & 0xFFFFFFFFFFFF;
  unsigned stride = resource[1] >> 16 & 0x3FFF;
  u64 limit = u64(resource[2]) * (stride ? stride : 1);
  u64 offset = u64(scalarOffsetOf(wave, in)) & ~3ull;
  // Words past the end read as 0.
  unsigned words = in.memoryFlags, inside = 0;
  if (offset < limit)
    inside = unsigned(std::min<u64>(words, (limit - offset) / 4));
  if (inside)
    loadWords(wave, in, base + offset, inside);
  for (unsigned i = inside; i < words; ++i)
    wave.s[in.destination + i] = 0;
}

/// A clock that is the same in every run: instructions of this wave.
static void clock(Wave &wave, const Instruction &in) {
  wave.write64(in.destination, wave.executed);
}

llvm::ArrayRef<ScalarMemoryOp> emulator::scalarMemoryOps() {
  static const ScalarMemoryOp table[] = {
      {"s_load_dword", 1, load},
      {"s_load_dwordx2", 2, load},
      {"s_load_dwordx4", 4, load},
      {"s_load_dwordx8", 8, load},
      {"s_load_dwordx16", 16, load},
      {"s_buffer_load_dword", 1, bufferLoad},
      {"s_buffer_load_dwordx2", 2, bufferLoad},
      {"s_buffer_load_dwordx4", 4, bufferLoad},
      {"s_buffer_load_dwordx8", 8, bufferLoad},
      {"s_buffer_load_dwordx16", 16, bufferLoad},
      {"s_memtime", 0, clock},
      {"s_memrealtime", 0, clock},
      {"s_dcache_inv", 0, nothing},
      {"s_dcache_wb", 0, nothing},
      {"s_dcache_inv_vol", 0, nothing},
      {"s_dcache_wb_vol", 0, nothing},
  };
  return table;
}
