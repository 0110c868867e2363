//===- Atomic.cpp - Read-modify-write operations --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/Atomic.h"
#include "emulator/VectorOp.h"

using namespace hipdex::emulator;

template <typename T> static T combineFloat(AtomicKind kind, T old, T data) {
  switch (kind) {
  case AtomicKind::AddFloat:
    return old + data;
  case AtomicKind::MinFloat:
    return std::fmin(old, data);
  default:
    return std::fmax(old, data);
  }
}

static uint32_t addHalves(uint32_t a, uint32_t b) {
  uint32_t result = 0;
  for (unsigned shift : {0, 16})
    result |= uint32_t(floatToHalf(halfToFloat({uint16_t(a >> shift)}) +
                                   halfToFloat({uint16_t(b >> shift)}))
                           .bits)
              << shift;
  return result;
}
static uint32_t addBfloats(uint32_t a, uint32_t b) {
  uint32_t result = 0;
  for (unsigned shift : {0, 16}) {
    uint32_t sum =
        bitsOf(floatOf(a >> shift << 16) + floatOf(b >> shift << 16));
    bool nan = (sum & 0x7FFFFFFF) > 0x7F800000;
    sum = nan ? sum | 0x00400000 : sum + 0x7FFF + (sum >> 16 & 1);
    result |= sum >> 16 << shift;
  }
  return result;
}

template <typename Unsigned, typename Signed, typename Float>
static Unsigned combine(AtomicKind kind, Unsigned old, Unsigned data,
                        Unsigned compare) {
  switch (kind) {
  case AtomicKind::None:
    return old;
  case AtomicKind::Swap:
    return data;
  case AtomicKind::CompareSwap:
    return old == compare ? data : old;
  case AtomicKind::CompareSwapFloat:
    return llvm::bit_cast<Float>(old) == llvm::bit_cast<Float>(compare) ? data
                                                                        : old;
  case AtomicKind::Add:
    return old + data;
  case AtomicKind::Sub:
    return old - data;
  case AtomicKind::ReverseSub:
    return data - old;
  case AtomicKind::SignedMin:
    return Signed(old) < Signed(data) ? old : data;
  case AtomicKind::SignedMax:
    return Signed(old) > Signed(data) ? old : data;
  case AtomicKind::UnsignedMin:
    return old < data ? old : data;
  case AtomicKind::UnsignedMax:
    return old > data ? old : data;
  case AtomicKind::And:
    return old & data;
  case AtomicKind::Or:
    return old | data;
  case AtomicKind::Xor:
    return old ^ data;
  case AtomicKind::Inc:
    return old >= data ? 0 : old + 1;
  case AtomicKind::Dec:
    return old == 0 || old > data ? data : old - 1;
  case AtomicKind::MaskOr: // The mask is the first data word.
    return (old & ~compare) | data;
  case AtomicKind::AddFloat:
  case AtomicKind::MinFloat:
  case AtomicKind::MaxFloat:
    return llvm::bit_cast<Unsigned>(combineFloat(
        kind, llvm::bit_cast<Float>(old), llvm::bit_cast<Float>(data)));
  case AtomicKind::PackedAddHalf:
    return addHalves(uint32_t(old), uint32_t(data));
  case AtomicKind::PackedAddBfloat:
    return addBfloats(uint32_t(old), uint32_t(data));
  }
  return old;
}

template <typename Unsigned, typename Signed, typename Float>
static Unsigned update(AtomicKind kind, void *pointer, Unsigned data,
                       Unsigned compare) {
  auto *word = static_cast<Unsigned *>(pointer);
  Unsigned old = __atomic_load_n(word, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(
      word, &old, combine<Unsigned, Signed, Float>(kind, old, data, compare),
      /*weak=*/true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
  }
  return old;
}

uint64_t hipdex::emulator::atomicUpdate(AtomicKind kind, unsigned bytes,
                                        void *pointer, uint64_t data,
                                        uint64_t compare) {
  if (bytes == 8)
    return update<uint64_t, int64_t, double>(kind, pointer, data, compare);
  return update<uint32_t, int32_t, float>(kind, pointer, uint32_t(data),
                                          uint32_t(compare));
}
