//===- Counters.h - What a launch executed ----------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts of wave instructions by class. Every field is a sum, a minimum or a
// maximum over waves, so that the result depends neither on the number of host
// threads nor on the order of workgroups.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_COUNTERS_H
#define HIPDEX_EMULATOR_COUNTERS_H

#include <algorithm>
#include <array>
#include <cstdint>

namespace hipdex::emulator {

/// What kind of unit executes an instruction.
enum class InstClass : uint8_t {
  Valu,
  Mfma,
  Salu,
  Smem,
  VmemLoad,
  VmemStore, ///< Stores, and atomics that return nothing.
  Lds,
  Wait,   ///< s_waitcnt and s_barrier.
  Nop,    ///< s_nop, s_sleep, s_setprio, s_sethalt and other hints.
  Branch, ///< Branches, calls, s_endpgm.
  Other,
};
constexpr unsigned numInstClasses = unsigned(InstClass::Other) + 1;

/// Aligned pieces of memory, distinct in one instruction and added up over
/// instructions: what the instructions ask of the cache.
struct Segments {
  static constexpr uint64_t bytes = 64;

  uint64_t loaded = 0, stored = 0;

  Segments &operator+=(const Segments &other) {
    loaded += other.loaded;
    stored += other.stored;
    return *this;
  }
};

struct Counters {
  /// A range of addresses [watchBegin, watchEnd) whose accesses are counted
  /// apart: set by the caller before the launch.
  uint64_t watchBegin = 0, watchEnd = 0;

  uint64_t workgroups = 0;
  uint64_t waves = 0;
  std::array<uint64_t, numInstClasses> instructions = {};
  uint64_t minPerWave = UINT64_MAX, maxPerWave = 0;

  /// Bytes that active lanes asked of vector memory instructions (global, flat,
  /// scratch and buffer; not LDS, not scalar loads).
  uint64_t bytesLoaded = 0, bytesStored = 0;
  /// Bytes that scalar loads asked for.
  uint64_t scalarBytesLoaded = 0;
  /// Segments that vector memory instructions touched in global memory.
  Segments segments, watchedSegments;

  /// Loads (vector or scalar) from the watched range.
  uint64_t watchedBytes = 0;
  uint64_t watchedWaves = 0; ///< Waves that loaded from it.
  /// Over those waves: instructions executed before the first such load.
  uint64_t minBeforeWatched = UINT64_MAX, maxBeforeWatched = 0;

  uint64_t total() const {
    uint64_t sum = 0;
    for (uint64_t count : instructions)
      sum += count;
    return sum;
  }
  uint64_t operator[](InstClass kind) const {
    return instructions[unsigned(kind)];
  }

  /// Adds another's counts; the watched range stays.
  void merge(const Counters &other) {
    workgroups += other.workgroups;
    waves += other.waves;
    for (unsigned i = 0; i < numInstClasses; ++i)
      instructions[i] += other.instructions[i];
    minPerWave = std::min(minPerWave, other.minPerWave);
    maxPerWave = std::max(maxPerWave, other.maxPerWave);
    bytesLoaded += other.bytesLoaded;
    bytesStored += other.bytesStored;
    scalarBytesLoaded += other.scalarBytesLoaded;
    segments += other.segments;
    watchedSegments += other.watchedSegments;
    watchedBytes += other.watchedBytes;
    watchedWaves += other.watchedWaves;
    minBeforeWatched = std::min(minBeforeWatched, other.minBeforeWatched);
    maxBeforeWatched = std::max(maxBeforeWatched, other.maxBeforeWatched);
  }
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_COUNTERS_H
