//===- Device.h - A device as tools and tests drive it ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A hipdex context, and the few functions of its HIP library that make
// buffers. An application has HIP of its own; a tool that must run without one
// asks the context.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_DEVICE_H
#define HIPDEX_REFERENCE_DEVICE_H

#include "hipdex/hipdex.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace hipdex {

class Device {
public:
  /// Opens device \p number of a provider (hipdex.h: "hip", "emulator" or a
  /// path). \p cacheDirectory as in hipdex.h: null for the user's, "" for none.
  static llvm::Expected<std::unique_ptr<Device>>
  open(llvm::StringRef provider, int number,
       const char *cacheDirectory = nullptr);
  /// The error of open(), unless it is that there is no such number.
  static llvm::Error unlessNoDevice(llvm::Error error);
  /// Opens the first device of architecture \p arch (any, if empty).
  static llvm::Expected<std::unique_ptr<Device>>
  find(llvm::StringRef provider, llvm::StringRef arch,
       const char *cacheDirectory = nullptr);
  /// What a tool's --device names: "hip", "emulator", or "auto", which is HIP
  /// if it has such a device, else the emulator.
  static llvm::Expected<std::unique_ptr<Device>>
  choose(llvm::StringRef choice, llvm::StringRef arch,
         const char *cacheDirectory = nullptr);
  ~Device();
  Device(const Device &) = delete;
  Device &operator=(const Device &) = delete;

  hipdex_context *context() const { return handle; }
  const hipdex_device_info &info() const { return deviceInfo; }
  bool isEmulator() const { return emulated; }
  /// One line for people: who provides it, name, arch, compute units.
  std::string describe() const;

  /// Makes this the thread's current device, which the provider's own
  /// functions act on. Those below do it themselves.
  llvm::Error makeCurrent() const;
  /// Never null, 256-byte aligned by HIP.
  llvm::Expected<void *> allocate(uint64_t bytes);
  void release(void *memory);
  llvm::Error upload(void *to, const void *from, uint64_t bytes);
  llvm::Error download(void *to, const void *from, uint64_t bytes);
  llvm::Error synchronize();

  /// A function of the HIP library, of the type that the caller knows.
  template <typename Function> Function *function(const char *name) const {
    return reinterpret_cast<Function *>(hipdex_get_hip_function(handle, name));
  }

  /// The error that a hipdex_* function of this thread just reported.
  static llvm::Error lastError();
  /// Likewise of a launch; the emulator says more about it than HIP can.
  llvm::Error launchError() const;
  /// Success if \p code is hipSuccess.
  llvm::Error hipError(const char *call, int code) const;

private:
  Device() = default;
  /// Why the emulator's last call failed; empty on other devices.
  std::string emulatorDetail() const;

  hipdex_context *handle = nullptr;
  hipdex_device_info deviceInfo = {};
  int number = 0;
  bool emulated = false;
  int (*hipMalloc)(void **, size_t) = nullptr;
  int (*hipFree)(void *) = nullptr;
  int (*hipMemcpy)(void *, const void *, size_t, int) = nullptr;
  int (*hipDeviceSynchronize)() = nullptr;
  int (*hipSetDevice)(int) = nullptr;
  const char *(*hipGetErrorString)(int) = nullptr;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_DEVICE_H
