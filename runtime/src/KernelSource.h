//===- KernelSource.h - Where compiled kernels come from ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One step of the resolution order (docs/runtime.md): kernels embedded in the
// program, a bundle, the disk cache, the HTTP tier. A context asks its sources
// in order and compiles when none has the kernel.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNELSOURCE_H
#define HIPDEX_RUNTIME_KERNELSOURCE_H

#include "src/Action.h"
#include "src/CompiledKernel.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace hipdex {
namespace runtime {

class KernelSource {
public:
  /// What the counters and the trace call it.
  enum class Kind { Embedded, Bundle, Disk, Http };

  virtual ~KernelSource() = default;

  virtual Kind kind() const = 0;
  /// For traces and messages: "bundle /opt/kernels".
  virtual std::string name() const = 0;

  /// The kernel of an action, whose key is canonical text, which names its
  /// arch. A bundle goes by the key alone: it is somebody's choice, whatever
  /// made it. Nothing if the source has none; an error if it has one that fails
  /// a check, which the caller counts, traces and passes over. Called from any
  /// thread.
  ///
  /// The code object may point into memory that lives as long as the process
  /// (embedded kernels), but not into a mapped file: one that somebody
  /// truncates kills the process.
  virtual llvm::Expected<std::optional<CompiledKernel>>
  find(const Action &action) = 0;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNELSOURCE_H
