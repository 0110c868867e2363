//===- LaunchCounters.cpp - What the emulator counted of a launch ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/LaunchCounters.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

static llvm::Error notTheEmulator(const Device &device) {
  return llvm::createStringError(
      llvm::Twine("counts come from the emulator, the device is ") +
      device.info().name);
}

llvm::Error LaunchCounters::start(Device &device,
                                  const hipdex_cache_buffer &cache) {
  auto *reset = device.function<decltype(hipdex_emulator_reset_counters)>(
      "hipdex_emulator_reset_counters");
  auto *watch =
      device.function<decltype(hipdex_emulator_watch)>("hipdex_emulator_watch");
  if (!reset || !watch)
    return notTheEmulator(device);
  reset();
  watch(cache.data, cache.bytes);
  return llvm::Error::success();
}

llvm::Error LaunchCounters::finish(Device &device) {
  auto *get = device.function<decltype(hipdex_emulator_get_counters)>(
      "hipdex_emulator_get_counters");
  if (!get)
    return notTheEmulator(device);
  counts = {};
  counts.struct_size = sizeof(counts);
  get(&counts);
  return llvm::Error::success();
}

void LaunchCounters::print(llvm::raw_ostream &os, int64_t tokens) const {
  os << "waves: " << counts.waves << "\n";
  os << "wave instructions: " << counts.instructions << "\n";
  os << "  per token: "
     << llvm::format("%.3f\n", double(counts.instructions) /
                                   std::max<int64_t>(tokens, 1));
  os << "  per wave: " << counts.min_per_wave << ".." << counts.max_per_wave
     << "\n";
  const std::pair<const char *, uint64_t> classes[] = {
      {"valu", counts.valu},
      {"mfma", counts.mfma},
      {"salu", counts.salu},
      {"smem", counts.smem},
      {"vmem load", counts.vmem_load},
      {"vmem store", counts.vmem_store},
      {"lds", counts.lds},
      {"wait", counts.wait},
      {"nop", counts.nop},
      {"branch", counts.branch},
      {"other", counts.other}};
  for (auto [name, count] : classes)
    os << "  " << name << ": " << count << "\n";
  os << "bytes loaded: " << counts.bytes_loaded << " vector, "
     << counts.scalar_bytes_loaded << " scalar\n";
  os << "bytes stored: " << counts.bytes_stored << "\n";
  os << "64-byte segments loaded: " << counts.segments_loaded << "\n";
  os << "64-byte segments stored: " << counts.segments_stored << "\n";
}

void LaunchCounters::printKeys(llvm::raw_ostream &os,
                               const Problem &problem) const {
  uint64_t needed = problem.liveCacheBytes();
  os << "K bytes read: " << counts.watched_bytes << "\n";
  os << "K bytes needed: " << needed << "\n";
  os << "K bytes read / needed: "
     << llvm::format("%.4f\n", double(counts.watched_bytes) /
                                   std::max<uint64_t>(needed, 1));
  os << "waves that read K: " << counts.watched_waves << "\n";
  os << "instructions before the first K load: " << counts.min_before_watched
     << ".." << counts.max_before_watched << "\n";
}
