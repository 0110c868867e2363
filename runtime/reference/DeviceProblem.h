//===- DeviceProblem.h - A problem in a device's memory ---------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_DEVICEPROBLEM_H
#define HIPDEX_REFERENCE_DEVICEPROBLEM_H

#include "reference/Device.h"
#include "reference/Problem.h"
#include <optional>

namespace hipdex {

struct PackedLaunch {
  uint32_t workgroups = 0;
  uint32_t threads = 0; ///< Of a workgroup.
  std::vector<uint8_t> arguments;
};

/// Copies of a problem's operands. On the emulator a launch fails that touches
/// any byte of them which the problem does not need touched (docs/emulator.md).
class DeviceProblem {
public:
  static llvm::Expected<std::unique_ptr<DeviceProblem>>
  create(Device &device, const Problem &problem);
  ~DeviceProblem();
  DeviceProblem(const DeviceProblem &) = delete;
  DeviceProblem &operator=(const DeviceProblem &) = delete;

  /// Valid while this lives; the caller may change it to provoke errors. A
  /// launch of stream_pages takes what it has of it.
  hipdex_paged_mqa_logits_args args = {};

  /// Guards the operands, on the emulator. create() has done so; after a change
  /// of \p args they are guarded where they are now.
  llvm::Error guard();

  /// Fills the logits with the poison.
  llvm::Error poisonLogits();
  /// The grid and arguments of a launch. \p workgroups overrides how many the
  /// runtime would use: one gives the cost of the loop without that of grids.
  llvm::Expected<PackedLaunch>
  describe(const hipdex_kernel *kernel,
           std::optional<uint32_t> workgroups = std::nullopt) const;
  /// Launches on the default stream and waits.
  llvm::Error launch(const hipdex_kernel *kernel);
  /// Launches without the runtime, through HIP's module functions.
  llvm::Error launch(const hipdex_kernel *kernel, const PackedLaunch &packed);
  llvm::Expected<std::vector<float>> downloadLogits();

private:
  DeviceProblem(Device &device, const Problem &problem)
      : device(device), problem(problem) {}
  hipdex_stream_pages_args streamArgs() const;
  template <typename T>
  llvm::Error place(T *&pointer, const void *data, uint64_t bytes);

  Device &device;
  const Problem &problem;
  std::vector<void *> allocations;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_DEVICEPROBLEM_H
