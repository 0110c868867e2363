//===- Wave.h - The state of one wave ---------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Registers, program counter and memory view of a wave of 64 lanes, and of the
// workgroup that it belongs to.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_WAVE_H
#define HIPDEX_EMULATOR_WAVE_H

#include "emulator/CodeObject.h"
#include "emulator/Counters.h"
#include "emulator/DeviceMemory.h"
#include "emulator/Instruction.h"
#include "llvm/ADT/Twine.h"
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace hipdex::emulator {

constexpr unsigned waveSize = 64;
constexpr unsigned numVectorRegisters = 512; ///< 256 VGPRs, then 256 AGPRs.
constexpr uint64_t allLanes = ~uint64_t(0);

/// Encodings of scalar operands (MI300 ISA guide, 3.3 and 5.2), which are also
/// the indexes into Wave::s.
namespace sreg {
enum : unsigned {
  flatScratch = 102,
  vcc = 106,
  ttmp0 = 108,
  m0 = 124,
  exec = 126,
  sharedBase = 235,
  sharedLimit = 236,
  privateBase = 237,
  privateLimit = 238,
  vccz = 251,
  execz = 252,
  scc = 253,
};
} // namespace sreg

/// Where a flat address means LDS or scratch: above any host address. The
/// upper 32 bits are the aperture; the hardware's are set by the driver.
constexpr uint64_t sharedAperture = uint64_t(0x00010000) << 32;
constexpr uint64_t privateAperture = uint64_t(0x00020000) << 32;

/// MODE, as the kernel descriptor and s_setreg write it.
struct FloatMode {
  uint8_t denormals = 0xF; ///< Bits 0-1: f32, 2-3: f16 and f64; 3 keeps all.
  bool ieee = true;
  bool dx10Clamp = true;
  bool fp16Overflow = false;

  bool flushF32() const { return (denormals & 3) != 3; }
  bool flushF64() const { return (denormals >> 2 & 3) != 3; }
};

/// What all waves of a launch share.
struct LaunchContext {
  const CodeObject *object = nullptr;
  const Kernel *kernel = nullptr;
  const DeviceMemory *memory = nullptr;
  /// Memory that belongs to the launch: arguments and the dispatch packet.
  std::vector<DeviceMemory::Range> ownRanges;
  uint64_t watchBegin = 0, watchEnd = 0;
  uint32_t privateBytes = 0; ///< A lane's scratch.
};

struct Workgroup {
  uint32_t id[3];
  std::vector<uint8_t> lds;
};

struct alignas(64) Wave {
  enum class State : uint8_t { Ready, AtBarrier, Ended, Failed };

  alignas(64) uint32_t v[numVectorRegisters][waveSize];
  /// Scalar registers by encoding. VCC, M0, EXEC and SCC live here as well;
  /// what is not a register is never indexed.
  alignas(8) uint32_t s[256];

  const Instruction *code = nullptr; ///< One per dword from codeBegin on.
  uint64_t codeBegin = 0, codeEnd = 0;
  uint64_t pc = 0;     ///< Of the next instruction.
  uint64_t thisPc = 0; ///< Of the one that runs.

  State state = State::Ready;
  unsigned vgprs = 0, agprs = 0; ///< Allocated by the descriptor.
  FloatMode mode;
  /// s_set_gpr_idx_on: vector operands are relative to M0.
  bool indexing = false;
  bool ocpFp8 = false; ///< What fp8 means: gfx950's formats or gfx942's.
  const LaunchContext *launch = nullptr;
  Workgroup *group = nullptr;
  unsigned index = 0;           ///< In the workgroup.
  std::vector<uint8_t> scratch; ///< privateBytes for each lane.
  DeviceMemory::Range cached;   ///< Last allocation that was accessed.

  uint64_t counts[numInstClasses];
  uint64_t executed = 0;
  uint64_t bytesLoaded, bytesStored, scalarBytesLoaded;
  Segments segments, watchedSegments;
  uint64_t watchedBytes = 0, beforeWatched = 0;
  bool touchedWatched = false;

  std::string error;

  uint64_t read64(unsigned index) const {
    return s[index] | uint64_t(s[index + 1]) << 32;
  }
  void write64(unsigned index, uint64_t value) {
    s[index] = uint32_t(value);
    s[index + 1] = uint32_t(value >> 32);
  }
  uint64_t exec() const { return read64(sreg::exec); }
  bool scc() const { return s[sreg::scc]; }
  void setScc(bool value) { s[sreg::scc] = value; }

  /// Stops the wave; the launch fails with \p what after kernel, pc and
  /// disassembly.
  void fail(const llvm::Twine &what);

  /// The allocation that holds [address, address + bytes), into \p cached; or
  /// fails the wave, also where the allocation's guard does not allow
  /// \p access (of Guard). \p lane is negative for a scalar access.
  bool checkAccess(int lane, uint64_t address, uint64_t bytes, unsigned access,
                   const char *what) {
    if (!cached.contains(address, bytes) &&
        !findRange(lane, address, bytes, what))
      return false;
    if (!cached.guard ||
        cached.guard->allows(address - cached.begin, bytes, access))
      return true;
    failGuard(lane, address, bytes, access, what);
    return false;
  }

  /// Counts a load of \p bytes at \p address if it is in the watched range.
  void countWatched(uint64_t address, uint64_t bytes) {
    if (address >= launch->watchEnd || address + bytes <= launch->watchBegin)
      return;
    watchedBytes += bytes;
    if (touchedWatched)
      return;
    touchedWatched = true;
    beforeWatched = executed - 1; // The loading instruction is counted already.
  }

private:
  bool findRange(int lane, uint64_t address, uint64_t bytes, const char *what);
  void failGuard(int lane, uint64_t address, uint64_t bytes, unsigned access,
                 const char *what);
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_WAVE_H
