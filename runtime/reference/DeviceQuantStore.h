//===- DeviceQuantStore.h - k_quant_store on a device -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_DEVICEQUANTSTORE_H
#define HIPDEX_REFERENCE_DEVICEQUANTSTORE_H

#include "reference/Device.h"
#include "reference/LaunchCounters.h"
#include "reference/QuantStore.h"
#include <string>

namespace hipdex {

/// What a launch left.
struct StoredCache {
  /// What is in the error word before a launch, and must stay.
  static constexpr uint32_t oldError = 0x80;

  std::vector<uint8_t> cache;
  uint32_t error = oldError;
};

/// Launches the problem, on the emulator with all operands guarded. Without
/// \p hasError there is no error word.
llvm::Expected<StoredCache>
launchQuantStore(Device &device, const hipdex_kernel *kernel,
                 const QuantStoreProblem &problem, bool hasError = true,
                 LaunchCounters *counters = nullptr);

/// What is wrong with it; empty if nothing is.
std::string compare(const QuantStoreProblem &problem, const StoredCache &stored,
                    bool hasError = true);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_DEVICEQUANTSTORE_H
