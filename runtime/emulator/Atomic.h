//===- Atomic.h - Read-modify-write operations ------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operations of global and LDS atomics on words of 32 and 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_ATOMIC_H
#define HIPDEX_EMULATOR_ATOMIC_H

#include <cstdint>

namespace hipdex::emulator {

enum class AtomicKind : uint8_t {
  None,
  Swap,
  CompareSwap,
  Add,
  Sub,
  ReverseSub,
  SignedMin,
  UnsignedMin,
  SignedMax,
  UnsignedMax,
  And,
  Or,
  Xor,
  Inc,
  Dec,
  MaskOr,
  AddFloat,
  MinFloat,
  MaxFloat,
  CompareSwapFloat,
  PackedAddHalf,
  PackedAddBfloat,
};

/// Changes the word of \p bytes (4 or 8, aligned) at \p pointer atomically with
/// respect to other host threads and returns what it held.
uint64_t atomicUpdate(AtomicKind kind, unsigned bytes, void *pointer,
                      uint64_t data, uint64_t compare);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_ATOMIC_H
