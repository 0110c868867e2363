//===- Memory.h - Vector memory and LDS instructions ------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a memory instruction does with each lane's address: how many bytes, into
// which part of which registers.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_MEMORY_H
#define HIPDEX_EMULATOR_MEMORY_H

#include "emulator/Atomic.h"
#include "emulator/Wave.h"
#include "llvm/ADT/ArrayRef.h"

namespace hipdex::emulator {

struct MemoryOp {
  enum Kind : uint8_t {
    Load,
    LoadSigned,
    LoadLow,       ///< D16: the upper half stays.
    LoadLowSigned, ///< D16, a signed byte.
    LoadHigh,      ///< D16_HI: the lower half stays.
    LoadHighSigned,
    Store,
    StoreHigh, ///< From the upper half.
    Atomic,
  };
  const char *name; ///< Behind "global_", "flat_", "scratch_" or "buffer_".
  Kind kind;
  uint8_t bytes; ///< Of memory, for each lane.
  AtomicKind atomic = AtomicKind::None;

  bool isLoad() const { return kind <= LoadHighSigned; }
  unsigned words() const { return (bytes + 3) / 4; }
};

/// Flags of Instruction::memoryFlags for vector memory.
namespace memflag {
enum : uint8_t {
  returns = 1, ///< An atomic that gives the old value.
  useAddress = 2,
  useScalarBase = 4,
  offen = 8,
  idxen = 16,
  toLds = 32, ///< A load into LDS instead of registers.
};
} // namespace memflag

llvm::ArrayRef<MemoryOp> vectorMemoryOps();
void runGlobal(Wave &wave, const Instruction &instruction);
void runFlat(Wave &wave, const Instruction &instruction);
void runScratch(Wave &wave, const Instruction &instruction);
void runBuffer(Wave &wave, const Instruction &instruction);

/// LDS instructions are each a handler with its own shape.
struct LdsOp {
  const char *name;
  Handler run;
  MemoryOp op;
  bool returns;
  uint8_t stride; ///< read2, write2: bytes an offset counts.
};
llvm::ArrayRef<LdsOp> ldsOps();

/// Reads registers, memory and writes registers for the lanes of \p lanes,
/// whose bytes are at \p pointers, which have been checked. \p words limits
/// how many words of a lane exist (buffers); null: all.
void accessLanes(Wave &wave, const Instruction &instruction, const MemoryOp &op,
                 bool returns, uint64_t lanes, uint8_t *const *pointers,
                 const uint8_t *words);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_MEMORY_H
