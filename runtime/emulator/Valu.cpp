//===- Valu.cpp - Vector arithmetic: what all formats share ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Fetches sources as rows, applies DPP, SDWA and source modifiers, calls the
// operation, applies output modifiers and writes under EXEC.
//
//===----------------------------------------------------------------------===//

#include "emulator/Valu.h"
#include "emulator/Mfma.h"
#include "emulator/VectorOp.h"

using namespace hipdex;
using namespace hipdex::emulator;

namespace {

/// Room for the widest source or result of a row operation.
using RowBuffer = uint32_t[2 * waveSize];

void fill(uint32_t *row, uint32_t value) {
  for (unsigned lane = 0; lane < waveSize; ++lane)
    row[lane] = value;
}

/// The rows of an operand: in place for vector registers, else \p buffer.
const uint32_t *fetch(Wave &wave, const Operand &operand, unsigned words,
                      uint32_t *buffer) {
  switch (operand.kind) {
  case Operand::Vector:
    return wave.v[operand.index];
  case Operand::Scalar:
    fill(buffer, wave.s[operand.index]);
    if (words == 2)
      fill(buffer + waveSize, wave.s[operand.index + 1]);
    return buffer;
  case Operand::Constant:
    fill(buffer, uint32_t(operand.value));
    if (words == 2)
      fill(buffer + waveSize, uint32_t(operand.value >> 32));
    return buffer;
  case Operand::None:
    break;
  }
  return nullptr;
}

/// The lane that \p lane reads under a DPP control, or -1 where there is none.
int dppSource(unsigned control, unsigned lane) {
  unsigned row = lane & ~15u, inRow = lane & 15;
  if (control <= 0xFF) // quad_perm
    return int((lane & ~3u) | (control >> (2 * (lane & 3)) & 3));
  unsigned count = control & 15;
  switch (control & ~15u) {
  case 0x100: // row_shl
    return inRow + count < 16 ? int(lane + count) : -1;
  case 0x110: // row_shr
    return inRow >= count ? int(lane - count) : -1;
  case 0x120: // row_ror
    return int(row | ((inRow - count) & 15));
  case 0x150: // row_newbcast
    return int(row | count);
  default:
    break;
  }
  switch (control) {
  case 0x130: // wave_shl:1
    return lane < 63 ? int(lane + 1) : -1;
  case 0x134: // wave_rol:1
    return int((lane + 1) & 63);
  case 0x138: // wave_shr:1
    return lane > 0 ? int(lane - 1) : -1;
  case 0x13C: // wave_ror:1
    return int((lane - 1) & 63);
  case 0x140: // row_mirror
    return int(row | (15 - inRow));
  case 0x141: // row_half_mirror
    return int((lane & ~7u) | (7 - (lane & 7)));
  case 0x142: // row_bcast:15
    return lane >= 16 ? int(row - 1) : -1;
  case 0x143: // row_bcast:31
    return lane >= 32 ? 31 : -1;
  default:
    return -1;
  }
}

/// Permutes source 0 and returns the lanes that may be written.
uint64_t applyDpp(Wave &wave, const Instruction &in, const uint32_t *from,
                  uint32_t *to, unsigned words) {
  uint64_t exec = wave.exec(), enabled = 0;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    if (!(in.rowMask >> (lane / 16) & 1) ||
        !(in.bankMask >> (lane / 4 & 3) & 1))
      continue;
    int source = dppSource(in.dppControl, lane);
    // A lane that EXEC disables is as good as none (no FI on GFX9).
    bool valid = source >= 0 && (exec >> source & 1);
    if (!valid && !in.boundControl)
      continue;
    enabled |= uint64_t(1) << lane;
    for (unsigned word = 0; word < words; ++word)
      to[word * waveSize + lane] = valid ? from[word * waveSize + source] : 0;
  }
  // What is not written must still be a number for the operation.
  for (unsigned lane = 0; lane < waveSize; ++lane)
    if (!(enabled >> lane & 1))
      for (unsigned word = 0; word < words; ++word)
        to[word * waveSize + lane] = 0;
  return enabled;
}

unsigned bitsOfType(ValueType type) {
  switch (type) {
  case ValueType::B16:
  case ValueType::F16:
    return 16;
  case ValueType::B64:
  case ValueType::F64:
    return 64;
  default:
    return 32;
  }
}

/// SDWA selection, VOP3 op_sel, then absolute value and negation, in place.
void applyModifiers(const SourceModifiers &modifiers, bool upperHalf,
                    ValueType type, uint32_t *row) {
  if (modifiers.select != 6) {
    unsigned shift = modifiers.select < 4 ? 8 * modifiers.select
                                          : 16 * (modifiers.select - 4);
    unsigned width = modifiers.select < 4 ? 8 : 16;
    for (unsigned lane = 0; lane < waveSize; ++lane) {
      uint32_t value = row[lane] >> shift << (32 - width);
      row[lane] = modifiers.signExtend
                      ? uint32_t(int32_t(value) >> (32 - width))
                      : value >> (32 - width);
    }
  } else if (upperHalf) {
    for (unsigned lane = 0; lane < waveSize; ++lane)
      row[lane] >>= 16;
  }
  if (!modifiers.absolute && !modifiers.negate)
    return;
  unsigned bits = bitsOfType(type);
  uint32_t sign = bits == 16 ? 0x8000u : 0x80000000u;
  uint32_t *word = bits == 64 ? row + waveSize : row;
  if (modifiers.absolute)
    for (unsigned lane = 0; lane < waveSize; ++lane)
      word[lane] &= ~sign;
  if (modifiers.negate)
    for (unsigned lane = 0; lane < waveSize; ++lane)
      word[lane] ^= sign;
}

uint32_t flushed32(uint32_t bits) {
  return bits & 0x7F800000 ? bits : bits & 0x80000000;
}
uint32_t flushed16(uint32_t bits) {
  return bits & 0x7C00 ? bits : bits & 0x8000;
}

/// Denormals to zero, where MODE says so.
void flushDenormals(const FloatMode &mode, ValueType type, uint32_t *row) {
  switch (type) {
  case ValueType::F32:
  case ValueType::PackedF32: {
    if (!mode.flushF32())
      return;
    unsigned count = waveSize * wordsOf(type);
    for (unsigned i = 0; i < count; ++i)
      row[i] = flushed32(row[i]);
    return;
  }
  case ValueType::F16:
    if (mode.flushF64())
      for (unsigned i = 0; i < waveSize; ++i)
        row[i] = flushed16(row[i]);
    return;
  case ValueType::PackedF16:
    if (mode.flushF64())
      for (unsigned i = 0; i < waveSize; ++i)
        row[i] = flushed16(row[i] & 0xFFFF) | flushed16(row[i] >> 16) << 16;
    return;
  case ValueType::F64:
    if (mode.flushF64())
      for (unsigned i = 0; i < waveSize; ++i)
        if (!(row[waveSize + i] & 0x7FF00000)) {
          row[waveSize + i] &= 0x80000000;
          row[i] = 0;
        }
    return;
  default:
    return;
  }
}

bool mayFlush(const FloatMode &mode) { return mode.denormals != 0xF; }

template <typename T>
T modifyResult(T value, unsigned omod, bool clamp, bool dx10) {
  if (omod == 1)
    value *= T(2);
  else if (omod == 2)
    value *= T(4);
  else if (omod == 3)
    value *= T(0.5);
  if (clamp) {
    if (value != value)
      return dx10 ? T(0) : value;
    value = value > T(0) ? (value < T(1) ? value : T(1)) : T(0);
  }
  return value;
}

/// omod and clamp.
void applyOutput(const Instruction &in, ValueType type, bool dx10,
                 uint32_t *row) {
  unsigned omod = in.outputModifier;
  bool clamp = in.clamp;
  switch (type) {
  case ValueType::F32:
  case ValueType::PackedF32: {
    unsigned count = waveSize * wordsOf(type);
    for (unsigned i = 0; i < count; ++i)
      row[i] = bitsOf(modifyResult(floatOf(row[i]), omod, clamp, dx10));
    return;
  }
  case ValueType::F64:
    for (unsigned lane = 0; lane < waveSize; ++lane)
      storeLane<double>(
          row, lane,
          modifyResult(loadLane<double>(row, lane), omod, clamp, dx10));
    return;
  case ValueType::F16:
  case ValueType::PackedF16:
    for (unsigned lane = 0; lane < waveSize; ++lane) {
      uint32_t result = 0;
      for (unsigned shift = 0; shift < (type == ValueType::F16 ? 16 : 32);
           shift += 16) {
        float value = halfToFloat({uint16_t(row[lane] >> shift)});
        result |=
            uint32_t(floatToHalf(modifyResult(value, omod, clamp, dx10)).bits)
            << shift;
      }
      row[lane] = result;
    }
    return;
  default:
    return;
  }
}

/// Where in the old word a narrow result goes: SDWA's selector, or a half.
void placeNarrow(const Instruction &in, const VectorOp &op, const uint32_t *old,
                 uint32_t *row) {
  if (in.sdwa && in.destinationSelect != 6) {
    unsigned select = in.destinationSelect;
    unsigned width = select < 4 ? 8 : 16;
    unsigned shift = select < 4 ? 8 * select : 16 * (select - 4);
    uint32_t mask = (width == 8 ? 0xFFu : 0xFFFFu) << shift;
    for (unsigned lane = 0; lane < waveSize; ++lane) {
      uint32_t value = row[lane] << shift & mask;
      if (in.destinationUnused == 2) { // UNUSED_PRESERVE
        value |= old[lane] & ~mask;
      } else if (in.destinationUnused == 1) { // UNUSED_SEXT
        uint32_t top = value << (32 - width - shift);
        value = uint32_t(int32_t(top) >> (32 - width)) << shift;
      }
      row[lane] = value;
    }
    return;
  }
  bool high = (op.flags & opflag::writesHigh) ||
              ((op.flags & opflag::selectsHalf) && (in.opSel & 8));
  if (high)
    for (unsigned lane = 0; lane < waveSize; ++lane)
      row[lane] = (old[lane] & 0xFFFF) | row[lane] << 16;
  else
    for (unsigned lane = 0; lane < waveSize; ++lane)
      row[lane] = (old[lane] & 0xFFFF0000) | (row[lane] & 0xFFFF);
}

void writeRows(Wave &wave, unsigned destination, unsigned words,
               const uint32_t *row, uint64_t mask) {
  if (mask == allLanes) {
    std::memcpy(wave.v[destination], row, words * sizeof(WaveRegister));
    return;
  }
  alignas(64) uint32_t select[waveSize];
  expandMask(mask, select);
  for (unsigned word = 0; word < words; ++word) {
    uint32_t *__restrict to = wave.v[destination + word];
    const uint32_t *__restrict from = row + word * waveSize;
    for (unsigned lane = 0; lane < waveSize; ++lane)
      to[lane] = (from[lane] & select[lane]) | (to[lane] & ~select[lane]);
  }
}

void finish(Wave &wave, const Instruction &in, const VectorOp &op,
            RowArgs &args, uint64_t lanes) {
  if (op.flags & opflag::writesMask) {
    uint64_t mask = args.maskOut & lanes;
    wave.write64(in.maskDestination, mask);
    if (op.flags & opflag::writesExec)
      wave.write64(sreg::exec, mask);
    return;
  }
  if ((in.clamp && !(op.flags & opflag::integerClamp)) || in.outputModifier)
    applyOutput(in, op.result, args.dx10Clamp, args.result);
  if (mayFlush(wave.mode))
    flushDenormals(wave.mode, op.result, args.result);
  bool narrow = (in.sdwa && in.destinationSelect != 6) ||
                (op.flags & (opflag::keepsHigh | opflag::writesHigh)) ||
                ((op.flags & opflag::selectsHalf) && (in.opSel & 8));
  if (narrow)
    placeNarrow(in, op, wave.v[in.destination], args.result);
  if (op.flags & opflag::carryOut) {
    // Bits of lanes that do not execute are written as 0.
    wave.write64(in.maskDestination, args.maskOut & lanes);
  }
  writeRows(wave, in.destination, wordsOf(op.result), args.result, lanes);
}

void prepare(Wave &wave, const Instruction &in, const VectorOp &op,
             RowArgs &args) {
  args.instruction = &in;
  args.ieee = wave.mode.ieee;
  args.dx10Clamp = wave.mode.dx10Clamp;
  args.clamp = in.clamp;
  args.ocpFp8 = wave.ocpFp8;
  args.maskOut = 0;
  args.maskIn = op.flags & opflag::carryIn ? wave.read64(in.maskSource) : 0;
}

} // namespace

/// Under s_set_gpr_idx_on, M0 holds an index to add to the numbers of those
/// vector registers that its bits 12 to 15 name: sources 0 to 2, destination.
static void runIndexed(Wave &wave, const Instruction &in) {
  uint32_t m0 = wave.s[sreg::m0];
  unsigned index = m0 & 0xFF;
  Instruction relative = in;
  auto move = [&](uint16_t &number) {
    unsigned moved = number + index;
    if (moved >= numVectorRegisters || (moved >= numVectorRegisters / 2) !=
                                           (number >= numVectorRegisters / 2)) {
      wave.fail("vector register " + llvm::Twine(number) + " indexed by " +
                llvm::Twine(index) + " is none");
      return;
    }
    number = uint16_t(moved);
  };
  for (unsigned i = 0; i < 3; ++i)
    if ((m0 >> (12 + i) & 1) && relative.source[i].kind == Operand::Vector)
      move(relative.source[i].index);
  if (m0 >> 15 & 1)
    move(relative.destination);
  if (wave.state == Wave::State::Failed)
    return;
  wave.indexing = false;
  runVector(wave, relative);
  wave.indexing = true;
}

void emulator::runVector(Wave &wave, const Instruction &in) {
  if (wave.indexing)
    return runIndexed(wave, in);
  const VectorOp &op = *in.vector;
  alignas(64) RowBuffer buffers[3];
  alignas(64) RowBuffer result;
  RowArgs args;
  prepare(wave, in, op, args);
  args.result = result;
  uint64_t lanes = wave.exec();
  bool flush = mayFlush(wave.mode);
  for (unsigned i = 0; i < 3; ++i) {
    args.source[i] = nullptr;
    if (op.source[i] == ValueType::None)
      continue;
    unsigned words = wordsOf(op.source[i]);
    const uint32_t *row = fetch(wave, in.source[i], words, buffers[i]);
    if (in.modified || flush) {
      if (in.dpp && i == 0) {
        alignas(64) RowBuffer permuted;
        lanes &= applyDpp(wave, in, row, permuted, words);
        std::memcpy(buffers[0], permuted, words * sizeof(WaveRegister));
      } else if (row != buffers[i]) {
        std::memcpy(buffers[i], row, words * sizeof(WaveRegister));
      }
      bool upperHalf = (in.opSel >> i & 1) && !(op.flags & opflag::ownOpSel);
      applyModifiers(in.modifiers[i], upperHalf, op.source[i], buffers[i]);
      if (flush)
        flushDenormals(wave.mode, op.source[i], buffers[i]);
      row = buffers[i];
    }
    args.source[i] = row;
  }
  op.row(args);
  finish(wave, in, op, args, lanes);
}

void emulator::runPacked(Wave &wave, const Instruction &in) {
  const VectorOp &op = *in.vector;
  alignas(64) RowBuffer buffers[3];
  alignas(64) RowBuffer result;
  RowArgs args;
  prepare(wave, in, op, args);
  args.result = result;
  bool flush = mayFlush(wave.mode);
  bool mix = op.flags & opflag::ownOpSel;
  for (unsigned i = 0; i < 3; ++i) {
    args.source[i] = nullptr;
    ValueType type = op.source[i];
    if (type == ValueType::None)
      continue;
    unsigned words = wordsOf(type);
    const uint32_t *row = fetch(wave, in.source[i], words, buffers[i]);
    args.source[i] = row;
    bool low = in.opSel >> i & 1, high = in.opSelHi >> i & 1;
    bool negateLow = in.extra >> i & 1, negateHigh = in.negateHi >> i & 1;
    bool pairs = type == ValueType::PackedF16 || type == ValueType::PackedB16 ||
                 type == ValueType::PackedF32;
    // The sources of dot products are words; op_sel does not apply to them
    // beyond its default, which the decoder checks.
    if (mix || (!pairs && !flush) ||
        (!low && high && !negateLow && !negateHigh && !flush))
      continue;
    alignas(64) RowBuffer changed;
    if (type == ValueType::PackedF32) {
      std::memcpy(changed, row + (low ? waveSize : 0), sizeof(WaveRegister));
      std::memcpy(changed + waveSize, row + (high ? waveSize : 0),
                  sizeof(WaveRegister));
      if (negateLow)
        for (unsigned lane = 0; lane < waveSize; ++lane)
          changed[lane] ^= 0x80000000;
      if (negateHigh)
        for (unsigned lane = 0; lane < waveSize; ++lane)
          changed[waveSize + lane] ^= 0x80000000;
    } else if (pairs) {
      uint32_t sign =
          (negateLow ? 0x8000u : 0) | (negateHigh ? 0x80000000u : 0);
      for (unsigned lane = 0; lane < waveSize; ++lane) {
        uint32_t lowHalf = low ? row[lane] >> 16 : row[lane] & 0xFFFF;
        uint32_t highHalf = high ? row[lane] >> 16 : row[lane] & 0xFFFF;
        changed[lane] = (lowHalf | highHalf << 16) ^ sign;
      }
    } else {
      std::memcpy(changed, row, words * sizeof(WaveRegister));
    }
    if (flush)
      flushDenormals(wave.mode, type, changed);
    std::memcpy(buffers[i], changed, words * sizeof(WaveRegister));
    args.source[i] = buffers[i];
  }
  op.row(args);
  finish(wave, in, op, args, wave.exec());
}

void emulator::runMfma(Wave &wave, const Instruction &in) {
  const MfmaOp &op = *in.mfma;
  // EXEC is ignored: "MFMA instructions execute as if all lanes were on".
  alignas(64) WaveRegister constant[32];
  auto rows = [&](const Operand &operand,
                  unsigned count) -> const WaveRegister * {
    if (operand.kind == Operand::Vector)
      return &wave.v[operand.index];
    for (unsigned i = 0; i < count; ++i)
      fill(constant[i], uint32_t(operand.value));
    // f64 constants are pairs.
    if (operand.value >> 32)
      for (unsigned i = 1; i < count; i += 2)
        fill(constant[i], uint32_t(operand.value >> 32));
    return constant;
  };
  alignas(64) WaveRegister scales[2];
  MfmaModifiers modifiers;
  modifiers.cbsz = in.format;
  modifiers.abid = in.extra;
  modifiers.blgp = in.extra2;
  if (in.scaled) {
    modifiers.scaleA = fetch(wave, in.scale[0], 1, scales[0]);
    modifiers.scaleB = fetch(wave, in.scale[1], 1, scales[1]);
    modifiers.scaleByteA = (in.opSel & 1) | (in.opSelHi & 1) << 1;
    modifiers.scaleByteB = (in.opSel >> 1 & 1) | (in.opSelHi >> 1 & 1) << 1;
  }
  op.run(&wave.v[in.destination], rows(in.source[0], op.aRegs),
         rows(in.source[1], op.bRegs), rows(in.source[2], op.cRegs), modifiers);
}

//===----------------------------------------------------------------------===//
// Lanes and scalars
//===----------------------------------------------------------------------===//

static uint32_t scalarValue(const Wave &wave, const Operand &operand) {
  return operand.kind == Operand::Constant ? uint32_t(operand.value)
                                           : wave.s[operand.index];
}

static void readFirstLane(Wave &wave, const Instruction &in) {
  uint64_t exec = wave.exec();
  unsigned lane = exec ? unsigned(__builtin_ctzll(exec)) : 0;
  const Operand &from = in.source[0];
  wave.s[in.destination] = from.kind == Operand::Vector
                               ? wave.v[from.index][lane]
                               : scalarValue(wave, from);
}
static void readLane(Wave &wave, const Instruction &in) {
  unsigned lane = scalarValue(wave, in.source[1]) & 63;
  wave.s[in.destination] = wave.v[in.source[0].index][lane];
}
static void writeLane(Wave &wave, const Instruction &in) {
  unsigned lane = scalarValue(wave, in.source[1]) & 63;
  wave.v[in.destination][lane] = scalarValue(wave, in.source[0]);
}

/// v_swap_b32.
static void swapRegisters(Wave &wave, const Instruction &in) {
  uint64_t exec = wave.exec();
  uint32_t *a = wave.v[in.destination], *b = wave.v[in.source[0].index];
  for (unsigned lane = 0; lane < waveSize; ++lane)
    if (exec >> lane & 1)
      std::swap(a[lane], b[lane]);
}

/// Swaps odd rows of the first operand with even rows of the second (CDNA4 ISA
/// guide, V_PERMLANE16_SWAP_B32 and V_PERMLANE32_SWAP_B32). A pair moves where
/// both of its lanes execute, and a lane is written where it executes.
template <unsigned rowSize>
static void permlaneSwap(Wave &wave, const Instruction &in) {
  uint64_t exec = wave.exec();
  uint32_t *a = wave.v[in.destination], *b = wave.v[in.source[0].index];
  for (unsigned base = 0; base < waveSize; base += 2 * rowSize)
    for (unsigned i = 0; i < rowSize; ++i) {
      unsigned odd = base + rowSize + i, even = base + i;
      uint32_t fromA = a[odd], fromB = b[even];
      if (exec >> odd & 1)
        a[odd] = fromB;
      if (exec >> even & 1)
        b[even] = fromA;
    }
}

static void nothing(Wave &, const Instruction &) {}

llvm::ArrayRef<LaneOp> emulator::laneOps() {
  static const LaneOp table[] = {
      {"v_readfirstlane_b32", readFirstLane, true},
      {"v_readlane_b32", readLane, true},
      {"v_writelane_b32", writeLane, false},
      {"v_swap_b32", swapRegisters, false},
      {"v_permlane16_swap_b32", permlaneSwap<16>, false},
      {"v_permlane32_swap_b32", permlaneSwap<32>, false},
      {"v_nop", nothing, false},
  };
  return table;
}
