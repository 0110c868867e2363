//===- VectorMemory.cpp - Global, flat, scratch and buffer accesses -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device address is a host address, so an access is a check against the live
// allocations and a copy.
//
//===----------------------------------------------------------------------===//

#include "emulator/Memory.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

using namespace hipdex;
using namespace hipdex::emulator;

using WaveRow = uint32_t[waveSize];

template <typename Body> static void forLanes(uint64_t lanes, Body body) {
  if (lanes == allLanes) {
    for (unsigned lane = 0; lane < waveSize; ++lane)
      body(lane);
    return;
  }
  for (; lanes; lanes &= lanes - 1)
    body(unsigned(__builtin_ctzll(lanes)));
}

template <unsigned words>
static void loadWords(WaveRow *to, uint64_t lanes, uint8_t *const *pointers) {
  forLanes(lanes, [&](unsigned lane) {
    uint32_t value[words];
    std::memcpy(value, pointers[lane], sizeof(value));
    for (unsigned i = 0; i < words; ++i)
      to[i][lane] = value[i];
  });
}
template <unsigned words>
static void storeWords(const WaveRow *from, uint64_t lanes,
                       uint8_t *const *pointers) {
  forLanes(lanes, [&](unsigned lane) {
    uint32_t value[words];
    for (unsigned i = 0; i < words; ++i)
      value[i] = from[i][lane];
    std::memcpy(pointers[lane], value, sizeof(value));
  });
}

static void loadNarrow(const MemoryOp &op, uint32_t *to, uint64_t lanes,
                       uint8_t *const *pointers) {
  forLanes(lanes, [&](unsigned lane) {
    uint32_t value = 0;
    std::memcpy(&value, pointers[lane], op.bytes);
    bool isSigned = op.kind == MemoryOp::LoadSigned ||
                    op.kind == MemoryOp::LoadLowSigned ||
                    op.kind == MemoryOp::LoadHighSigned;
    if (isSigned) {
      unsigned shift = 32 - 8 * op.bytes;
      value = uint32_t(int32_t(value << shift) >> shift);
    }
    switch (op.kind) {
    case MemoryOp::LoadLow:
    case MemoryOp::LoadLowSigned:
      value = (to[lane] & 0xFFFF0000) | (value & 0xFFFF);
      break;
    case MemoryOp::LoadHigh:
    case MemoryOp::LoadHighSigned:
      value = (to[lane] & 0xFFFF) | value << 16;
      break;
    default:
      break;
    }
    to[lane] = value;
  });
}

static void runAtomic(Wave &wave, const Instruction &in, const MemoryOp &op,
                      bool returns, uint64_t lanes, uint8_t *const *pointers) {
  WaveRow *data = &wave.v[in.data];
  bool compares = op.atomic == AtomicKind::CompareSwap;
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    if (reinterpret_cast<uintptr_t>(pointers[lane]) % op.bytes) {
      wave.fail("lane " + llvm::Twine(lane) + ": atomic on " +
                llvm::Twine(unsigned(op.bytes)) +
                " bytes at misaligned address 0x" +
                llvm::utohexstr(reinterpret_cast<uintptr_t>(pointers[lane]),
                                /*LowerCase=*/true));
      return;
    }
    uint64_t value = data[0][lane], compare = 0;
    if (op.bytes == 8)
      value |= uint64_t(data[1][lane]) << 32;
    // The new value comes first, what it is compared with second.
    if (compares)
      compare = op.bytes == 8 ? data[2][lane] | uint64_t(data[3][lane]) << 32
                              : data[1][lane];
    uint64_t old =
        atomicUpdate(op.atomic, op.bytes, pointers[lane], value, compare);
    if (!returns)
      continue;
    wave.v[in.destination][lane] = uint32_t(old);
    if (op.bytes == 8)
      wave.v[in.destination + 1][lane] = uint32_t(old >> 32);
  }
}

static void loadLanes(WaveRow *to, const MemoryOp &op, uint64_t lanes,
                      uint8_t *const *pointers, const uint8_t *words) {
  if (words) {
    // Some words do not exist: they load as 0.
    forLanes(lanes, [&](unsigned lane) {
      for (unsigned i = 0; i < op.words(); ++i) {
        to[i][lane] = 0;
        if (i < words[lane])
          std::memcpy(&to[i][lane], pointers[lane] + 4 * i, 4);
      }
    });
    return;
  }
  switch (op.bytes) {
  case 4:
    return loadWords<1>(to, lanes, pointers);
  case 8:
    return loadWords<2>(to, lanes, pointers);
  case 12:
    return loadWords<3>(to, lanes, pointers);
  case 16:
    return loadWords<4>(to, lanes, pointers);
  default:
    return loadNarrow(op, *to, lanes, pointers);
  }
}

void emulator::accessLanes(Wave &wave, const Instruction &in,
                           const MemoryOp &op, bool returns, uint64_t lanes,
                           uint8_t *const *pointers, const uint8_t *words) {
  if (op.kind == MemoryOp::Atomic)
    return runAtomic(wave, in, op, returns, lanes, pointers);
  if (op.isLoad())
    return loadLanes(&wave.v[in.destination], op, lanes, pointers, words);
  WaveRow *from = &wave.v[in.data];
  if (words) {
    // Words that do not exist are not stored.
    forLanes(lanes, [&](unsigned lane) {
      for (unsigned i = 0; i < words[lane]; ++i)
        std::memcpy(pointers[lane] + 4 * i, &from[i][lane], 4);
    });
    return;
  }
  switch (op.bytes) {
  case 4:
    return storeWords<1>(from, lanes, pointers);
  case 8:
    return storeWords<2>(from, lanes, pointers);
  case 12:
    return storeWords<3>(from, lanes, pointers);
  case 16:
    return storeWords<4>(from, lanes, pointers);
  default:
    forLanes(lanes, [&](unsigned lane) {
      uint32_t value = (*from)[lane];
      if (op.kind == MemoryOp::StoreHigh)
        value >>= 16;
      std::memcpy(pointers[lane], &value, op.bytes);
    });
  }
}

static const char *verb(const MemoryOp &op) {
  return op.isLoad()                   ? "load"
         : op.kind == MemoryOp::Atomic ? "atomic"
                                       : "store";
}

static void count(Wave &wave, const MemoryOp &op, uint64_t lanes) {
  uint64_t bytes = uint64_t(__builtin_popcountll(lanes)) * op.bytes;
  if (op.kind != MemoryOp::Store && op.kind != MemoryOp::StoreHigh)
    wave.bytesLoaded += bytes;
  if (!op.isLoad())
    wave.bytesStored += bytes;
}

/// How many segments the lanes touch; \p words, if not null, limits how many
/// words of a lane exist. Addresses are between \p low and \p high.
static uint64_t countSegments(const MemoryOp &op, uint64_t lanes,
                              const uint64_t *addresses, const uint8_t *words,
                              uint64_t low, uint64_t high) {
  constexpr uint64_t bytes = Segments::bytes, mapWords = 16;
  auto lastByte = [&](unsigned lane) {
    return addresses[lane] +
           (words ? std::min<uint64_t>(op.bytes, 4 * words[lane]) : op.bytes) -
           1;
  };
  uint64_t first = low / bytes;
  if ((high + op.bytes) / bytes - first < 64 * mapWords) {
    // Lanes are seldom far apart: one bit a segment.
    uint64_t map[mapWords] = {}, count = 0;
    forLanes(lanes, [&](unsigned lane) {
      uint64_t begin = addresses[lane] / bytes - first,
               end = lastByte(lane) / bytes - first;
      map[begin / 64] |= uint64_t(1) << begin % 64;
      map[end / 64] |= uint64_t(1) << end % 64;
    });
    for (uint64_t i = 0; i <= (high + op.bytes) / bytes - first; i += 64)
      count += __builtin_popcountll(map[i / 64]);
    return count;
  }
  uint64_t touched[2 * waveSize];
  unsigned count = 0;
  forLanes(lanes, [&](unsigned lane) {
    touched[count++] = addresses[lane] / bytes;
    touched[count++] = lastByte(lane) / bytes;
  });
  std::sort(touched, touched + count);
  return std::unique(touched, touched + count) - touched;
}

static void addSegments(Segments &segments, const MemoryOp &op,
                        uint64_t count) {
  if (op.kind != MemoryOp::Store && op.kind != MemoryOp::StoreHigh)
    segments.loaded += count;
  if (!op.isLoad())
    segments.stored += count;
}

/// Counts the segments of one instruction, once they are known to be of live
/// memory.
static void countSegments(Wave &wave, const MemoryOp &op, uint64_t lanes,
                          const uint64_t *addresses,
                          const uint8_t *words = nullptr) {
  if (!lanes)
    return;
  uint64_t low = ~uint64_t(0), high = 0, watched = 0;
  uint64_t begin = wave.launch->watchBegin, end = wave.launch->watchEnd;
  forLanes(lanes, [&](unsigned lane) {
    low = std::min(low, addresses[lane]);
    high = std::max(high, addresses[lane]);
    watched |=
        uint64_t(addresses[lane] < end && addresses[lane] + op.bytes > begin)
        << lane;
  });
  uint64_t count = countSegments(op, lanes, addresses, words, low, high);
  addSegments(wave.segments, op, count);
  if (watched && watched != lanes)
    count = countSegments(op, watched, addresses, words, low, high);
  if (watched)
    addSegments(wave.watchedSegments, op, count);
}

/// What a guard must allow.
static unsigned accessOf(const MemoryOp &op) {
  return op.isLoad()                   ? Guard::Read
         : op.kind == MemoryOp::Atomic ? Guard::Read | Guard::Write
                                       : Guard::Write;
}

/// Checks the global addresses of \p lanes; false when the wave failed.
static bool checkGlobal(Wave &wave, const MemoryOp &op, uint64_t lanes,
                        const uint64_t *addresses) {
  uint64_t low = ~uint64_t(0), high = 0;
  forLanes(lanes, [&](unsigned lane) {
    low = std::min(low, addresses[lane]);
    high = std::max(high, addresses[lane]);
  });
  if (!lanes)
    return true;
  // One allocation usually holds them all, and its guard has no objection.
  bool together =
      wave.cached.contains(low, 1) && wave.cached.contains(high, op.bytes);
  if (together && wave.cached.guard)
    forLanes(lanes, [&](unsigned lane) {
      together &= wave.cached.guard->allows(addresses[lane] - wave.cached.begin,
                                            op.bytes, accessOf(op));
    });
  if (!together)
    for (uint64_t rest = lanes; rest; rest &= rest - 1) {
      unsigned lane = unsigned(__builtin_ctzll(rest));
      if (!wave.checkAccess(int(lane), addresses[lane], op.bytes, accessOf(op),
                            verb(op)))
        return false;
    }
  if (op.isLoad() && low < wave.launch->watchEnd &&
      high + op.bytes > wave.launch->watchBegin)
    forLanes(lanes, [&](unsigned lane) {
      wave.countWatched(addresses[lane], op.bytes);
    });
  return true;
}

static bool failOutside(Wave &wave, const MemoryOp &op, unsigned lane,
                        const char *space, uint64_t offset, uint64_t size) {
  wave.fail("lane " + llvm::Twine(lane) + ": " + verb(op) + " of " +
            llvm::Twine(unsigned(op.bytes)) + " bytes at " + space +
            " offset 0x" + llvm::utohexstr(offset, /*LowerCase=*/true) +
            ", outside the " + llvm::Twine(size) + " bytes of " + space);
  return false;
}

static uint8_t *scratchPointer(Wave &wave, const MemoryOp &op, unsigned lane,
                               uint32_t offset) {
  uint32_t size = wave.launch->privateBytes;
  if (offset > size || op.bytes > size - offset) {
    failOutside(wave, op, lane, "scratch", offset, size);
    return nullptr;
  }
  return wave.scratch.data() + size_t(lane) * size + offset;
}

/// A load whose data goes to LDS (MI300 ISA guide 9.1.9): from M0 plus the
/// instruction's offset on, a place for each lane of the wave, of a word for
/// what is narrower. Lanes of \p lanes that are not in \p inside load 0.
static void loadToLds(Wave &wave, const Instruction &in, const MemoryOp &op,
                      uint64_t lanes, uint64_t inside, uint8_t *const *pointers,
                      const uint8_t *words) {
  alignas(64) WaveRow loaded[4] = {};
  loadLanes(loaded, op, inside, pointers, words);
  std::vector<uint8_t> &lds = wave.group->lds;
  uint64_t base = uint64_t(wave.s[sreg::m0]) + uint64_t(int64_t(in.offset));
  if (base % 4) {
    wave.fail("load to misaligned LDS address 0x" +
              llvm::utohexstr(base, /*LowerCase=*/true) +
              ", which must be a multiple of 4");
    return;
  }
  unsigned step = 4 * op.words();
  for (; lanes; lanes &= lanes - 1) {
    unsigned lane = unsigned(__builtin_ctzll(lanes));
    uint64_t at = base + lane * step;
    if (at > lds.size() || step > lds.size() - at) {
      failOutside(wave, op, lane, "LDS", at, lds.size());
      return;
    }
    for (unsigned i = 0; i < op.words(); ++i)
      std::memcpy(lds.data() + at + 4 * i, &loaded[i][lane], 4);
  }
}

void emulator::runGlobal(Wave &wave, const Instruction &in) {
  const MemoryOp &op = *in.memory;
  uint64_t lanes = wave.exec();
  alignas(64) uint64_t addresses[waveSize];
  const uint32_t *low = wave.v[in.address];
  if (in.memoryFlags & memflag::useScalarBase) {
    // A 64-bit scalar base and an unsigned 32-bit lane offset.
    uint64_t base = wave.read64(in.scalarBase) + uint64_t(int64_t(in.offset));
    for (unsigned lane = 0; lane < waveSize; ++lane)
      addresses[lane] = base + low[lane];
  } else {
    const uint32_t *high = wave.v[in.address + 1];
    uint64_t offset = uint64_t(int64_t(in.offset));
    for (unsigned lane = 0; lane < waveSize; ++lane)
      addresses[lane] = (low[lane] | uint64_t(high[lane]) << 32) + offset;
  }
  if (!checkGlobal(wave, op, lanes, addresses))
    return;
  count(wave, op, lanes);
  countSegments(wave, op, lanes, addresses);
  uint8_t *pointers[waveSize];
  for (unsigned lane = 0; lane < waveSize; ++lane)
    pointers[lane] = reinterpret_cast<uint8_t *>(addresses[lane]);
  if (in.memoryFlags & memflag::toLds)
    return loadToLds(wave, in, op, lanes, lanes, pointers, nullptr);
  accessLanes(wave, in, op, in.memoryFlags & memflag::returns, lanes, pointers,
              nullptr);
}

void emulator::runFlat(Wave &wave, const Instruction &in) {
  const MemoryOp &op = *in.memory;
  uint64_t lanes = wave.exec(), global = 0;
  alignas(64) uint64_t addresses[waveSize];
  uint8_t *pointers[waveSize];
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    uint64_t base =
        wave.v[in.address][lane] | uint64_t(wave.v[in.address + 1][lane]) << 32;
    uint64_t address = base + uint64_t(int64_t(in.offset));
    // The aperture is decided by the whole address.
    uint64_t aperture = address >> 32 << 32;
    if (aperture == sharedAperture) {
      uint32_t offset = uint32_t(address);
      size_t size = wave.group->lds.size();
      if (offset > size || op.bytes > size - offset) {
        failOutside(wave, op, lane, "LDS", offset, size);
        return;
      }
      pointers[lane] = wave.group->lds.data() + offset;
    } else if (aperture == privateAperture) {
      pointers[lane] = scratchPointer(wave, op, lane, uint32_t(address));
      if (!pointers[lane])
        return;
    } else {
      addresses[lane] = address;
      global |= uint64_t(1) << lane;
      pointers[lane] = reinterpret_cast<uint8_t *>(address);
    }
  }
  if (!checkGlobal(wave, op, global, addresses))
    return;
  count(wave, op, lanes);
  countSegments(wave, op, global, addresses);
  accessLanes(wave, in, op, in.memoryFlags & memflag::returns, lanes, pointers,
              nullptr);
}

void emulator::runScratch(Wave &wave, const Instruction &in) {
  const MemoryOp &op = *in.memory;
  uint64_t lanes = wave.exec();
  uint32_t base = uint32_t(in.offset);
  if (in.memoryFlags & memflag::useScalarBase)
    base += wave.s[in.scalarBase];
  uint8_t *pointers[waveSize];
  for (uint64_t rest = lanes; rest; rest &= rest - 1) {
    unsigned lane = unsigned(__builtin_ctzll(rest));
    uint32_t offset = base;
    if (in.memoryFlags & memflag::useAddress)
      offset += wave.v[in.address][lane];
    pointers[lane] = scratchPointer(wave, op, lane, offset);
    if (!pointers[lane])
      return;
  }
  count(wave, op, lanes);
  accessLanes(wave, in, op, in.memoryFlags & memflag::returns, lanes, pointers,
              nullptr);
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

/// MI300 ISA guide 9.1.5. Without stride ("raw"), bytes are checked, word by
/// word; with one, records.
void emulator::runBuffer(Wave &wave, const Instruction &in) {
  const MemoryOp &op = *in.memory;
  const uint32_t *resource = &wave.s[in.scalarBase];
  uint64_t base = (resource[0] | uint64_t(resource[1]) << 32) & 0xFFFFFFFFFFFF;
  uint64_t stride = resource[1] >> 16 & 0x3FFF;
  bool swizzled = resource[1] >> 31;
  bool addThread = resource[3] >> 23 & 1;
  uint64_t records = resource[2];
  if (swizzled || addThread) {
    wave.fail("buffer resource with swizzle or lane ids (words 0x" +
              llvm::utohexstr(resource[1], /*LowerCase=*/true) + ", 0x" +
              llvm::utohexstr(resource[3], /*LowerCase=*/true) +
              ") is not implemented");
    return;
  }
  uint64_t scalarOffset = in.scalarOffset.kind == Operand::Constant
                              ? uint32_t(in.scalarOffset.value)
                              : wave.s[in.scalarOffset.index];
  bool offen = in.memoryFlags & memflag::offen;
  bool idxen = in.memoryFlags & memflag::idxen;
  uint64_t lanes = wave.exec(), inside = 0;
  alignas(64) uint64_t addresses[waveSize];
  uint8_t words[waveSize];
  bool partial = false;
  const uint32_t *indexes = wave.v[in.address];
  const uint32_t *offsets = wave.v[in.address + (idxen ? 1 : 0)];
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    if (!(lanes >> lane & 1))
      continue;
    uint64_t index = idxen ? indexes[lane] : 0;
    // The sum of the offsets wraps at 32 bits.
    uint32_t offset = uint32_t(in.offset) + (offen ? offsets[lane] : 0);
    addresses[lane] = base + scalarOffset + index * stride + offset;
    unsigned exist = op.words();
    if (stride && idxen) {
      if (index >= records)
        exist = 0;
    } else {
      // Narrow accesses and atomics exist whole or not at all.
      uint64_t first = offset + scalarOffset;
      unsigned step = op.bytes < 4                  ? op.bytes
                      : op.kind == MemoryOp::Atomic ? op.bytes
                                                    : 4;
      exist = 0;
      while (exist < op.words() && first + exist * 4 + step <= records)
        ++exist;
    }
    words[lane] = uint8_t(exist);
    if (exist)
      inside |= uint64_t(1) << lane;
    partial |= exist != op.words();
  }
  // Only what exists is accessed.
  if (!partial) {
    if (!checkGlobal(wave, op, lanes, addresses))
      return;
    count(wave, op, lanes);
  } else {
    for (uint64_t rest = inside; rest; rest &= rest - 1) {
      unsigned lane = unsigned(__builtin_ctzll(rest));
      MemoryOp part = op;
      part.bytes = uint8_t(std::min<unsigned>(op.bytes, 4 * words[lane]));
      uint64_t one = uint64_t(1) << lane;
      if (!checkGlobal(wave, part, one, addresses))
        return;
      count(wave, part, one);
    }
  }
  countSegments(wave, op, inside, addresses, words);
  uint8_t *pointers[waveSize];
  for (unsigned lane = 0; lane < waveSize; ++lane)
    pointers[lane] = reinterpret_cast<uint8_t *>(addresses[lane]);
  bool returns = in.memoryFlags & memflag::returns;
  bool whole = !partial || op.bytes < 4 || op.kind == MemoryOp::Atomic;
  if (in.memoryFlags & memflag::toLds)
    return loadToLds(wave, in, op, lanes, inside, pointers,
                     whole ? nullptr : words);
  if (!whole)
    return accessLanes(wave, in, op, returns, lanes, pointers, words);
  accessLanes(wave, in, op, returns, partial ? inside : lanes, pointers,
              nullptr);
  if (!partial || !(op.isLoad() || returns))
    return;
  uint64_t outside = lanes & ~inside;
  forLanes(outside, [&](unsigned lane) {
    uint32_t *to = wave.v[in.destination];
    bool low =
        op.kind == MemoryOp::LoadLow || op.kind == MemoryOp::LoadLowSigned;
    bool high =
        op.kind == MemoryOp::LoadHigh || op.kind == MemoryOp::LoadHighSigned;
    to[lane] = low ? to[lane] & 0xFFFF0000 : high ? to[lane] & 0xFFFF : 0;
    if (op.bytes == 8)
      wave.v[in.destination + 1][lane] = 0;
  });
}

llvm::ArrayRef<MemoryOp> emulator::vectorMemoryOps() {
  using K = AtomicKind;
#define ATOMIC(NAME, KIND)                                                     \
  {"atomic_" NAME, MemoryOp::Atomic, 4, KIND}, {                               \
    "atomic_" NAME "_x2", MemoryOp::Atomic, 8, KIND                            \
  }
  static const MemoryOp table[] = {
      {"load_ubyte", MemoryOp::Load, 1},
      {"load_sbyte", MemoryOp::LoadSigned, 1},
      {"load_ushort", MemoryOp::Load, 2},
      {"load_sshort", MemoryOp::LoadSigned, 2},
      {"load_dword", MemoryOp::Load, 4},
      {"load_dwordx2", MemoryOp::Load, 8},
      {"load_dwordx3", MemoryOp::Load, 12},
      {"load_dwordx4", MemoryOp::Load, 16},
      {"load_ubyte_d16", MemoryOp::LoadLow, 1},
      {"load_ubyte_d16_hi", MemoryOp::LoadHigh, 1},
      {"load_sbyte_d16", MemoryOp::LoadLowSigned, 1},
      {"load_sbyte_d16_hi", MemoryOp::LoadHighSigned, 1},
      {"load_short_d16", MemoryOp::LoadLow, 2},
      {"load_short_d16_hi", MemoryOp::LoadHigh, 2},
      {"store_byte", MemoryOp::Store, 1},
      {"store_byte_d16_hi", MemoryOp::StoreHigh, 1},
      {"store_short", MemoryOp::Store, 2},
      {"store_short_d16_hi", MemoryOp::StoreHigh, 2},
      {"store_dword", MemoryOp::Store, 4},
      {"store_dwordx2", MemoryOp::Store, 8},
      {"store_dwordx3", MemoryOp::Store, 12},
      {"store_dwordx4", MemoryOp::Store, 16},
      ATOMIC("swap", K::Swap),
      ATOMIC("cmpswap", K::CompareSwap),
      ATOMIC("add", K::Add),
      ATOMIC("sub", K::Sub),
      ATOMIC("smin", K::SignedMin),
      ATOMIC("umin", K::UnsignedMin),
      ATOMIC("smax", K::SignedMax),
      ATOMIC("umax", K::UnsignedMax),
      ATOMIC("and", K::And),
      ATOMIC("or", K::Or),
      ATOMIC("xor", K::Xor),
      ATOMIC("inc", K::Inc),
      ATOMIC("dec", K::Dec),
      {"atomic_add_f32", MemoryOp::Atomic, 4, K::AddFloat},
      {"atomic_add_f64", MemoryOp::Atomic, 8, K::AddFloat},
      {"atomic_min_f64", MemoryOp::Atomic, 8, K::MinFloat},
      {"atomic_max_f64", MemoryOp::Atomic, 8, K::MaxFloat},
      {"atomic_pk_add_f16", MemoryOp::Atomic, 4, K::PackedAddHalf},
      {"atomic_pk_add_bf16", MemoryOp::Atomic, 4, K::PackedAddBfloat},
  };
  return table;
}
