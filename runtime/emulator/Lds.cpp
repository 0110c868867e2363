//===- Lds.cpp - LDS and cross-lane data share instructions ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A misaligned access is an error here although a driver may allow it: it is
// slow at best, and no kernel of ours means it.
//
//===----------------------------------------------------------------------===//

#include "emulator/Memory.h"
#include "llvm/ADT/StringExtras.h"

using namespace hipdex;
using namespace hipdex::emulator;

/// The bytes of a lane, or null after failing the wave. An offset is a sum that
/// wraps at 32 bits: compilers add to negative bases.
static uint8_t *ldsPointer(Wave &wave, unsigned lane, uint32_t offset,
                           unsigned bytes, unsigned alignment,
                           const char *verb) {
  std::vector<uint8_t> &lds = wave.group->lds;
  if (offset > lds.size() || bytes > lds.size() - offset) {
    wave.fail("lane " + llvm::Twine(lane) + ": LDS " + verb + " of " +
              llvm::Twine(bytes) + " bytes at address 0x" +
              llvm::utohexstr(offset, /*LowerCase=*/true) +
              ", outside the workgroup's " + llvm::Twine(lds.size()) +
              " bytes");
    return nullptr;
  }
  if (offset % alignment) {
    wave.fail("lane " + llvm::Twine(lane) + ": misaligned LDS " + verb +
              " of " + llvm::Twine(bytes) + " bytes at address 0x" +
              llvm::utohexstr(offset, /*LowerCase=*/true) +
              ", which must be a multiple of " + llvm::Twine(alignment));
    return nullptr;
  }
  return lds.data() + offset;
}

static unsigned alignmentOf(unsigned bytes) { return bytes == 12 ? 4 : bytes; }

static void access(Wave &wave, const Instruction &in) {
  const LdsOp &lds = *in.lds;
  const MemoryOp &op = lds.op;
  uint64_t lanes = wave.exec();
  uint8_t *pointers[waveSize];
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    pointers[lane] = ldsPointer(
        wave, lane, wave.v[in.address][lane] + uint32_t(in.offset), op.bytes,
        alignmentOf(op.bytes), op.isLoad() ? "load" : "store");
    if (!pointers[lane])
      return;
  }
  accessLanes(wave, in, op, lds.returns, lanes, pointers, nullptr);
}

/// LDS compare-and-swap names what is compared first, the new value second;
/// ds_mskor the mask first, the bits second.
static void accessTwoOperands(Wave &wave, const Instruction &in) {
  const LdsOp &lds = *in.lds;
  const MemoryOp &op = lds.op;
  for (uint64_t rest = wave.exec(); rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    uint8_t *pointer =
        ldsPointer(wave, lane, wave.v[in.address][lane] + uint32_t(in.offset),
                   op.bytes, op.bytes, "atomic");
    if (!pointer)
      return;
    auto word = [&](unsigned reg) {
      uint64_t value = wave.v[reg][lane];
      if (op.bytes == 8)
        value |= uint64_t(wave.v[reg + 1][lane]) << 32;
      return value;
    };
    uint64_t old = atomicUpdate(op.atomic, op.bytes, pointer, word(in.data2),
                                word(in.data));
    if (!lds.returns)
      continue;
    wave.v[in.destination][lane] = uint32_t(old);
    if (op.bytes == 8)
      wave.v[in.destination + 1][lane] = uint32_t(old >> 32);
  }
}

/// read2, write2: two elements whose offsets count elements, or 64 of them.
static void accessPair(Wave &wave, const Instruction &in) {
  const LdsOp &lds = *in.lds;
  unsigned bytes = lds.op.bytes, words = bytes / 4;
  bool isLoad = lds.op.isLoad();
  unsigned offsets[2] = {(unsigned(in.offset) & 0xFF) * lds.stride * bytes,
                         (unsigned(in.offset) >> 8 & 0xFF) * lds.stride *
                             bytes};
  uint64_t lanes = wave.exec();
  uint8_t *pointers[2][waveSize];
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    for (unsigned i = 0; i < 2; ++i) {
      pointers[i][lane] =
          ldsPointer(wave, lane, wave.v[in.address][lane] + offsets[i], bytes,
                     bytes, isLoad ? "load" : "store");
      if (!pointers[i][lane])
        return;
    }
  }
  // The address register may be among those loaded: it has been read.
  for (unsigned i = 0; i < 2; ++i)
    for (uint64_t rest = lanes; rest; rest &= rest - 1) {
      unsigned lane = unsigned(__builtin_ctzll(rest));
      for (unsigned word = 0; word < words; ++word) {
        uint8_t *at = pointers[i][lane] + 4 * word;
        if (isLoad)
          std::memcpy(&wave.v[in.destination + i * words + word][lane], at, 4);
        else
          std::memcpy(at, &wave.v[(i ? in.data2 : in.data) + word][lane], 4);
      }
    }
}

/// Every lane reads the data of the lane that its address names; data of lanes
/// that do not execute reads as 0.
static void backwardPermute(Wave &wave, const Instruction &in) {
  uint64_t lanes = wave.exec();
  uint32_t result[waveSize] = {};
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    unsigned from =
        (wave.v[in.address][lane] + uint32_t(in.offset)) / 4 % waveSize;
    result[lane] = lanes >> from & 1 ? wave.v[in.data][from] : 0;
  }
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    wave.v[in.destination][lane] = result[lane];
  }
}

/// Every lane sends its data to the lane that its address names; of several,
/// the highest lane wins; who gets none gets 0.
static void forwardPermute(Wave &wave, const Instruction &in) {
  uint64_t lanes = wave.exec();
  uint32_t result[waveSize] = {};
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    unsigned to =
        (wave.v[in.address][lane] + uint32_t(in.offset)) / 4 % waveSize;
    result[to] = wave.v[in.data][lane];
  }
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    wave.v[in.destination][lane] = result[lane];
  }
}

/// MI300 ISA guide, DS_SWIZZLE_B32.
static void swizzle(Wave &wave, const Instruction &in) {
  unsigned pattern = unsigned(in.offset) & 0xFFFF;
  if (pattern >= 0xE000) {
    wave.fail("ds_swizzle_b32 in FFT mode (offset 0x" +
              llvm::utohexstr(pattern, /*LowerCase=*/true) +
              ") is not implemented");
    return;
  }
  uint64_t lanes = wave.exec();
  uint32_t result[waveSize];
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    unsigned group = lane & ~31u, inGroup = lane & 31, from;
    if (pattern >= 0xC000) { // Rotate under a mask.
      unsigned mask = pattern & 31, count = pattern >> 5 & 31;
      bool right = pattern >> 10 & 1;
      unsigned moved = (right ? inGroup - count : inGroup + count) & 31;
      from = group | (inGroup & mask) | (moved & ~mask & 31);
    } else if (pattern & 0x8000) { // Within quads.
      from = (lane & ~3u) | (pattern >> (2 * (lane & 3)) & 3);
    } else {
      unsigned andMask = pattern & 31, orMask = pattern >> 5 & 31,
               xorMask = pattern >> 10 & 31;
      from = group | (((inGroup & andMask) | orMask) ^ xorMask);
    }
    result[lane] = lanes >> from & 1 ? wave.v[in.address][from] : 0;
  }
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    wave.v[in.destination][lane] = result[lane];
  }
}

static void nothing(Wave &, const Instruction &) {}

llvm::ArrayRef<LdsOp> emulator::ldsOps() {
  using M = MemoryOp;
  using K = AtomicKind;
#define LDS(NAME, KIND, BYTES)                                                 \
  LdsOp{NAME, access, {NAME, KIND, BYTES}, false, 0}
#define PAIR(NAME, KIND, BYTES, STRIDE)                                        \
  LdsOp{NAME, accessPair, {NAME, KIND, BYTES}, false, STRIDE}
#define ATOMIC(NAME, RTN, BYTES, KIND)                                         \
  LdsOp{NAME, access, {NAME, M::Atomic, BYTES, KIND}, false, 0},               \
      LdsOp{RTN, access, {RTN, M::Atomic, BYTES, KIND}, true, 0}
#define ATOMIC2(NAME, RTN, BYTES, KIND)                                        \
  LdsOp{NAME, accessTwoOperands, {NAME, M::Atomic, BYTES, KIND}, false, 0},    \
      LdsOp{RTN, accessTwoOperands, {RTN, M::Atomic, BYTES, KIND}, true, 0}
#define ATOMICS(NAME, TYPE, BYTES, KIND)                                       \
  ATOMIC("ds_" NAME "_" TYPE, "ds_" NAME "_rtn_" TYPE, BYTES, KIND)
  static const LdsOp table[] = {
      LDS("ds_read_u8", M::Load, 1),
      LDS("ds_read_i8", M::LoadSigned, 1),
      LDS("ds_read_u16", M::Load, 2),
      LDS("ds_read_i16", M::LoadSigned, 2),
      LDS("ds_read_b32", M::Load, 4),
      LDS("ds_read_b64", M::Load, 8),
      LDS("ds_read_b96", M::Load, 12),
      LDS("ds_read_b128", M::Load, 16),
      LDS("ds_read_u8_d16", M::LoadLow, 1),
      LDS("ds_read_u8_d16_hi", M::LoadHigh, 1),
      LDS("ds_read_i8_d16", M::LoadLowSigned, 1),
      LDS("ds_read_i8_d16_hi", M::LoadHighSigned, 1),
      LDS("ds_read_u16_d16", M::LoadLow, 2),
      LDS("ds_read_u16_d16_hi", M::LoadHigh, 2),
      LDS("ds_write_b8", M::Store, 1),
      LDS("ds_write_b8_d16_hi", M::StoreHigh, 1),
      LDS("ds_write_b16", M::Store, 2),
      LDS("ds_write_b16_d16_hi", M::StoreHigh, 2),
      LDS("ds_write_b32", M::Store, 4),
      LDS("ds_write_b64", M::Store, 8),
      LDS("ds_write_b96", M::Store, 12),
      LDS("ds_write_b128", M::Store, 16),
      PAIR("ds_read2_b32", M::Load, 4, 1),
      PAIR("ds_read2_b64", M::Load, 8, 1),
      PAIR("ds_read2st64_b32", M::Load, 4, 64),
      PAIR("ds_read2st64_b64", M::Load, 8, 64),
      PAIR("ds_write2_b32", M::Store, 4, 1),
      PAIR("ds_write2_b64", M::Store, 8, 1),
      PAIR("ds_write2st64_b32", M::Store, 4, 64),
      PAIR("ds_write2st64_b64", M::Store, 8, 64),
      ATOMICS("add", "u32", 4, K::Add),
      ATOMICS("sub", "u32", 4, K::Sub),
      ATOMICS("rsub", "u32", 4, K::ReverseSub),
      ATOMICS("inc", "u32", 4, K::Inc),
      ATOMICS("dec", "u32", 4, K::Dec),
      ATOMICS("min", "i32", 4, K::SignedMin),
      ATOMICS("max", "i32", 4, K::SignedMax),
      ATOMICS("min", "u32", 4, K::UnsignedMin),
      ATOMICS("max", "u32", 4, K::UnsignedMax),
      ATOMICS("and", "b32", 4, K::And),
      ATOMICS("or", "b32", 4, K::Or),
      ATOMICS("xor", "b32", 4, K::Xor),
      ATOMICS("add", "f32", 4, K::AddFloat),
      ATOMICS("min", "f32", 4, K::MinFloat),
      ATOMICS("max", "f32", 4, K::MaxFloat),
      ATOMICS("pk_add", "f16", 4, K::PackedAddHalf),
      ATOMICS("pk_add", "bf16", 4, K::PackedAddBfloat),
      ATOMICS("add", "u64", 8, K::Add),
      ATOMICS("sub", "u64", 8, K::Sub),
      ATOMICS("rsub", "u64", 8, K::ReverseSub),
      ATOMICS("inc", "u64", 8, K::Inc),
      ATOMICS("dec", "u64", 8, K::Dec),
      ATOMICS("min", "i64", 8, K::SignedMin),
      ATOMICS("max", "i64", 8, K::SignedMax),
      ATOMICS("min", "u64", 8, K::UnsignedMin),
      ATOMICS("max", "u64", 8, K::UnsignedMax),
      ATOMICS("and", "b64", 8, K::And),
      ATOMICS("or", "b64", 8, K::Or),
      ATOMICS("xor", "b64", 8, K::Xor),
      ATOMICS("add", "f64", 8, K::AddFloat),
      ATOMICS("min", "f64", 8, K::MinFloat),
      ATOMICS("max", "f64", 8, K::MaxFloat),
      LdsOp{"ds_wrxchg_rtn_b32", access, {"", M::Atomic, 4, K::Swap}, true, 0},
      LdsOp{"ds_wrxchg_rtn_b64", access, {"", M::Atomic, 8, K::Swap}, true, 0},
      ATOMIC2("ds_cmpst_b32", "ds_cmpst_rtn_b32", 4, K::CompareSwap),
      ATOMIC2("ds_cmpst_b64", "ds_cmpst_rtn_b64", 8, K::CompareSwap),
      ATOMIC2("ds_cmpst_f32", "ds_cmpst_rtn_f32", 4, K::CompareSwapFloat),
      ATOMIC2("ds_cmpst_f64", "ds_cmpst_rtn_f64", 8, K::CompareSwapFloat),
      ATOMIC2("ds_mskor_b32", "ds_mskor_rtn_b32", 4, K::MaskOr),
      ATOMIC2("ds_mskor_b64", "ds_mskor_rtn_b64", 8, K::MaskOr),
      LdsOp{"ds_bpermute_b32", backwardPermute, {"", M::Load, 4}, true, 0},
      LdsOp{"ds_permute_b32", forwardPermute, {"", M::Load, 4}, true, 0},
      LdsOp{"ds_swizzle_b32", swizzle, {"", M::Load, 4}, true, 0},
      LdsOp{"ds_nop", nothing, {"", M::Load, 4}, false, 0},
  };
  return table;
}
