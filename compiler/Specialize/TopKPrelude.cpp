//===- TopKPrelude.cpp - What a key makes of the selection ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialize/Prelude.h"
#include "llvm/Support/FormatVariadic.h"

using namespace hipdex;

/// Numbers that a lane reads in a step: all in flight at once, they are 16 KiB
/// a workgroup, which Little's law wants of a compute unit when all of them
/// read (some 10 bytes a cycle against 1500 cycles of latency).
static constexpr unsigned laneNumbers = 4;

Schedule hipdex::topKSchedule(const KernelKey &key) {
  Schedule schedule = {};
  // One workgroup goes over a row alone, and its LDS leaves no room for a
  // second one on every part: as many waves as a workgroup may have.
  schedule.threads = 1024;
  schedule.wavesPerSimd =
      schedule.threads / key.arch->waveSize / key.arch->simdsPerCU;
  schedule.stepTokens = laneNumbers * key.arch->waveSize;
  schedule.teamWaves = 1;
  return schedule;
}

std::string hipdex::topKPrelude(const KernelKey &key) {
  Schedule schedule = topKSchedule(key);
  return llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#is_decode      = {3}
#gives_slots    = {4}
#kv_block_size  = {5} : i32
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd, !key.windows,
      key.outputSlots, key.kvBlockSize);
}
