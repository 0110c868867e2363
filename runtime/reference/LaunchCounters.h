//===- LaunchCounters.h - What the emulator counted of a launch -*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_LAUNCHCOUNTERS_H
#define HIPDEX_REFERENCE_LAUNCHCOUNTERS_H

#include "hipdex/hipdex-emulator.h"
#include "reference/Device.h"
#include "reference/Problem.h"

namespace hipdex {

/// Counts of the launches between start() and finish(), loads from the cache
/// apart. Of the whole process: nobody else may launch meanwhile.
class LaunchCounters {
public:
  llvm::Error start(Device &device, const hipdex_cache_buffer &cache);
  llvm::Error finish(Device &device);

  hipdex_emulator_counters counts = {};

  /// One "name: value" line each: what any launch has, and what is told of the
  /// K that a problem needs.
  void print(llvm::raw_ostream &os, int64_t tokens) const;
  void printKeys(llvm::raw_ostream &os, const Problem &problem) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_LAUNCHCOUNTERS_H
