//===- EmulatorAbi.cpp - The functions of hipdex-emulator.h ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "hipdex/hipdex-emulator.h"
#include <cstring>

using namespace hipdex::emulator;

HIPDEX_EMULATOR_EXPORT const char *hipdex_emulator_last_error(void) {
  return lastMessage().c_str();
}

HIPDEX_EMULATOR_EXPORT int
hipdex_emulator_get_counters(hipdex_emulator_counters *out) {
  if (!out || out->struct_size < sizeof(out->struct_size))
    return 1;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  const Counters &counters = runtime.counters;
  hipdex_emulator_counters filled = {};
  filled.struct_size = out->struct_size;
  filled.launches = runtime.launches;
  filled.workgroups = counters.workgroups;
  filled.waves = counters.waves;
  filled.instructions = counters.total();
  filled.valu = counters[InstClass::Valu];
  filled.mfma = counters[InstClass::Mfma];
  filled.salu = counters[InstClass::Salu];
  filled.smem = counters[InstClass::Smem];
  filled.vmem_load = counters[InstClass::VmemLoad];
  filled.vmem_store = counters[InstClass::VmemStore];
  filled.lds = counters[InstClass::Lds];
  filled.wait = counters[InstClass::Wait];
  filled.nop = counters[InstClass::Nop];
  filled.branch = counters[InstClass::Branch];
  filled.other = counters[InstClass::Other];
  filled.min_per_wave = counters.waves ? counters.minPerWave : 0;
  filled.max_per_wave = counters.maxPerWave;
  filled.bytes_loaded = counters.bytesLoaded;
  filled.bytes_stored = counters.bytesStored;
  filled.scalar_bytes_loaded = counters.scalarBytesLoaded;
  filled.watched_bytes = counters.watchedBytes;
  filled.watched_waves = counters.watchedWaves;
  filled.min_before_watched =
      counters.watchedWaves ? counters.minBeforeWatched : 0;
  filled.max_before_watched = counters.maxBeforeWatched;
  filled.segments_loaded = counters.segments.loaded;
  filled.segments_stored = counters.segments.stored;
  filled.watched_segments_loaded = counters.watchedSegments.loaded;
  filled.watched_segments_stored = counters.watchedSegments.stored;
  // A caller built against an older header has a shorter struct.
  std::memcpy(out, &filled, std::min(out->struct_size, sizeof(filled)));
  return 0;
}

HIPDEX_EMULATOR_EXPORT void hipdex_emulator_reset_counters(void) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  Counters fresh;
  fresh.watchBegin = runtime.counters.watchBegin;
  fresh.watchEnd = runtime.counters.watchEnd;
  runtime.counters = fresh;
  runtime.launches = 0;
}

HIPDEX_EMULATOR_EXPORT void hipdex_emulator_watch(const void *begin,
                                                  uint64_t bytes) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.counters.watchBegin = reinterpret_cast<uint64_t>(begin);
  runtime.counters.watchEnd = runtime.counters.watchBegin + bytes;
}

HIPDEX_EMULATOR_EXPORT void hipdex_emulator_schedule(unsigned threads,
                                                     uint64_t order) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.schedule.threads = std::min(threads, HipRuntime::maxThreads);
  runtime.schedule.order = order;
}

/// 0, or 1 with the reason in hipdex_emulator_last_error().
static int status(const char *function, llvm::Error error) {
  if (!error)
    return 0;
  fail(hipErrorInvalidValue,
       llvm::Twine(function) + ": " + llvm::toString(std::move(error)));
  return 1;
}

HIPDEX_EMULATOR_EXPORT int hipdex_emulator_guard(const void *pointer,
                                                 const char *name) {
  return status("hipdex_emulator_guard", HipRuntime::get().memory.guard(
                                             pointer, name ? name : "guarded"));
}

static_assert(HIPDEX_EMULATOR_READ == unsigned(Guard::Read) &&
              HIPDEX_EMULATOR_WRITE == unsigned(Guard::Write));

HIPDEX_EMULATOR_EXPORT int
hipdex_emulator_allow(const void *pointer, const hipdex_emulator_range *ranges,
                      size_t count, unsigned access) {
  const char *function = "hipdex_emulator_allow";
  if (access == 0 || access > (HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE))
    return status(function,
                  llvm::createStringError("access is %u, must be 1 (read), 2 "
                                          "(write) or 3 (both)",
                                          access));
  if (count && !ranges)
    return status(function, llvm::createStringError("ranges is null"));
  return status(function, HipRuntime::get().memory.allow(
                              pointer, llvm::ArrayRef(ranges, count), access));
}

HIPDEX_EMULATOR_EXPORT uint64_t
hipdex_emulator_live_allocations(uint64_t *bytes) {
  std::vector<DeviceMemory::Range> ranges =
      HipRuntime::get().memory.liveRanges();
  if (bytes) {
    *bytes = 0;
    for (const DeviceMemory::Range &range : ranges)
      *bytes += range.size();
  }
  return ranges.size();
}
