//===- ProcessState.h - Forked, or about to end ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// HIP's device state does not survive a fork, and HIP's own static destructors
// may run before a caller's: in both cases a call of HIP hangs or crashes.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_PROCESSSTATE_H
#define HIPDEX_RUNTIME_PROCESSSTATE_H

namespace hipdex {
namespace runtime {

class ProcessState {
public:
  /// Begins to watch. To be made after HIP was opened: what is registered to
  /// run at exit runs in reverse order.
  ProcessState();

  /// Whether this is a child of the process that made this object.
  bool isForked() const;
  /// Whether HIP may still be called on behalf of this object's owner.
  bool mayCallHip() const;

private:
  unsigned generation;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_PROCESSSTATE_H
