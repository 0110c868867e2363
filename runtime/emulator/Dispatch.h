//===- Dispatch.h - Runs a grid of workgroups -------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sets up the registers of each wave from the kernel descriptor and runs the
// workgroups of a launch on host threads.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_DISPATCH_H
#define HIPDEX_EMULATOR_DISPATCH_H

#include "emulator/CodeObject.h"
#include "emulator/Counters.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>

namespace hipdex::emulator {

struct LaunchConfig {
  uint32_t grid[3] = {1, 1, 1};  ///< In workgroups.
  uint32_t block[3] = {1, 1, 1}; ///< In work-items.
  uint32_t dynamicLds = 0;       ///< Bytes behind the kernel's own.
  /// The kernel's arguments, hidden ones included, laid out by its metadata. At
  /// least the descriptor's kernarg size.
  llvm::ArrayRef<uint8_t> kernarg;
};

/// Which workgroup is taken when.
struct Schedule {
  unsigned threads = 0; ///< Host threads; 0 is one a hardware thread.
  /// 0: by number; else a random order that follows from it and the grid.
  uint64_t order = 0;
};

/// Runs \p kernel to its end. Fails, naming kernel, pc, instruction, lane and
/// address, where the hardware would have faulted or the emulator does not
/// know; \p counters then hold nothing of this launch.
llvm::Error dispatch(const CodeObject &object, const Kernel &kernel,
                     const LaunchConfig &config, const DeviceMemory &memory,
                     const Schedule &schedule, Counters &counters);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_DISPATCH_H
