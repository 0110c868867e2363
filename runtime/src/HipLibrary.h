//===- HipLibrary.h - The one table of HIP functions ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// HIP's C functions from whichever library provides them. Nothing else in
// hipdex calls HIP.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_HIPLIBRARY_H
#define HIPDEX_RUNTIME_HIPLIBRARY_H

#include "src/HipTypes.h"
#include "src/SharedLibrary.h"
#include "llvm/Support/Error.h"

namespace hipdex {
namespace runtime {

// The parameter lists of HipFunctions.def use HIP's own type names.
using namespace hip;

class HipLibrary {
public:
  /// \p provider is "hip", "emulator" or a path.
  static llvm::Expected<HipLibrary> open(llvm::StringRef provider);

#define HIP_REQUIRED(name, parameters) hipError_t(*name) parameters = nullptr;
#define HIP_OPTIONAL(name, parameters) hipError_t(*name) parameters = nullptr;
#define HIP_STRING(name, parameters) const char *(*name)parameters = nullptr;
#include "src/HipFunctions.def"

  /// The library's own function of that name, or null.
  void *symbol(const char *name) const { return library.symbol(name); }
  /// What it was opened by.
  llvm::StringRef name() const { return library.name(); }

  /// Success, or an error that names the call, the code and its meaning, after
  /// clearing HIP's sticky error so that the caller's next check is its own.
  llvm::Error check(hipError_t result, llvm::StringRef call) const;

private:
  SharedLibrary library;
};

/// Makes a device current in this thread for a scope: HIP loads modules on and
/// launches on the null stream of the current device, and a library must leave
/// its caller's choice as it was.
class DeviceScope {
public:
  DeviceScope(const HipLibrary &hip, int device);
  ~DeviceScope();
  DeviceScope(const DeviceScope &) = delete;
  DeviceScope &operator=(const DeviceScope &) = delete;

  /// Whether the device could be made current. Must be asked once.
  llvm::Error takeError();

private:
  const HipLibrary &hip;
  int previous = -1;                 ///< -1: nothing to restore.
  const char *call = "hipGetDevice"; ///< The last, whose result this is:
  hipError_t result;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_HIPLIBRARY_H
