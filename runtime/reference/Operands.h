//===- Operands.h - Device memory of one launch -----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_OPERANDS_H
#define HIPDEX_REFERENCE_OPERANDS_H

#include "hipdex/hipdex-emulator.h"
#include "reference/Device.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace hipdex {

/// Device memory of one launch, guarded on the emulator.
class Operands {
public:
  explicit Operands(Device &device)
      : device(device), guard(device.function<decltype(hipdex_emulator_guard)>(
                            "hipdex_emulator_guard")),
        allow(device.function<decltype(hipdex_emulator_allow)>(
            "hipdex_emulator_allow")) {}
  ~Operands() {
    for (void *memory : allocations)
      device.release(memory);
  }

  /// A copy of \p data, of which a kernel may touch the ranges.
  llvm::Expected<void *> place(const char *name, llvm::ArrayRef<uint8_t> data,
                               llvm::ArrayRef<hipdex_emulator_range> ranges,
                               unsigned access) {
    auto memory = device.allocate(data.size());
    if (!memory)
      return memory.takeError();
    allocations.push_back(*memory);
    if (llvm::Error error = device.upload(*memory, data.data(), data.size()))
      return std::move(error);
    if (!guard || !allow)
      return *memory;
    int status = guard(*memory, name);
    if (!status && !ranges.empty())
      status = allow(*memory, ranges.data(), ranges.size(), access);
    if (llvm::Error error = device.hipError("hipdex_emulator_guard", status))
      return std::move(error);
    return *memory;
  }

private:
  Device &device;
  decltype(hipdex_emulator_guard) *guard;
  decltype(hipdex_emulator_allow) *allow;
  std::vector<void *> allocations;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_OPERANDS_H
