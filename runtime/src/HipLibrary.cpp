//===- HipLibrary.cpp - The one table of HIP functions --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See HipLibrary.h.
//
//===----------------------------------------------------------------------===//

#include "src/HipLibrary.h"
#include "src/Status.h"
#include <cstdlib>

using namespace hipdex;
using namespace hipdex::runtime;

// Newest first. The bare name is first where we look for a loaded copy:
// PyTorch's ROCm wheels carry their libamdhip64 under it.
static const std::string hipNames[] = {
    "libamdhip64.so",
    "libamdhip64.so.7",
    "libamdhip64.so.6",
    "libamdhip64.so.5",
    "/opt/rocm/lib/libamdhip64.so",
};

static llvm::Expected<SharedLibrary> openProvider(llvm::StringRef provider) {
  llvm::SmallVector<std::string> names;
  if (provider == "hip") {
    // Two copies of HIP in a process do not see each other's streams and
    // pointers.
    if (SharedLibrary loaded = SharedLibrary::findLoaded(hipNames))
      return loaded;
    names.append(std::begin(hipNames), std::end(hipNames));
  } else if (provider == "emulator") {
    names = besideThisLibrary("libhipdex-emulator.so",
                              std::getenv("HIPDEX_EMULATOR_LIBRARY"));
  } else {
    names.push_back(provider.str());
  }
  std::string failures;
  if (SharedLibrary library = SharedLibrary::openFirst(names, failures))
    return library;
  return makeError(HIPDEX_ERROR_NO_PROVIDER,
                   "no library for HIP provider \"" + provider +
                       "\" (hip, emulator or a path): tried " + failures);
}

llvm::Expected<HipLibrary> HipLibrary::open(llvm::StringRef provider) {
  llvm::Expected<SharedLibrary> library = openProvider(provider);
  if (!library)
    return library.takeError();
  HipLibrary hip;
  hip.library = *library;
  std::string missing;
#define HIP_OPTIONAL(name, parameters)                                         \
  hip.name = reinterpret_cast<decltype(hip.name)>(library->symbol(#name));
#define HIP_REQUIRED(name, parameters)                                         \
  HIP_OPTIONAL(name, parameters)                                               \
  if (!hip.name)                                                               \
    missing += " " #name;
#define HIP_STRING(name, parameters) HIP_REQUIRED(name, parameters)
#include "src/HipFunctions.def"
  if (!hip.hipGetDevicePropertiesR0600 && !hip.hipGetDeviceProperties)
    missing += " hipGetDeviceProperties";
  if (!missing.empty())
    return makeError(HIPDEX_ERROR_NO_PROVIDER,
                     "HIP library " + hip.name() + " lacks" + missing);
  return hip;
}

llvm::Error HipLibrary::check(hipError_t result, llvm::StringRef call) const {
  if (result == hipSuccess)
    return llvm::Error::success();
  const char *errorName = hipGetErrorName(result);
  const char *meaning = hipGetErrorString(result);
  hipGetLastError();
  return makeError(result == hipErrorOutOfMemory ? HIPDEX_ERROR_OUT_OF_MEMORY
                                                 : HIPDEX_ERROR_HIP,
                   call + " failed with " + (errorName ? errorName : "?") +
                       " (" + llvm::Twine(result) +
                       "): " + (meaning ? meaning : "no description"));
}

DeviceScope::DeviceScope(const HipLibrary &hip, int device) : hip(hip) {
  int current = -1;
  result = hip.hipGetDevice(&current);
  if (result != hipSuccess || current == device)
    return;
  call = "hipSetDevice";
  result = hip.hipSetDevice(device);
  if (result == hipSuccess)
    previous = current;
}

DeviceScope::~DeviceScope() {
  // It was current a moment ago, so this can only fail if the device was lost,
  // which the caller's next call will say.
  if (previous >= 0 && hip.hipSetDevice(previous) != hipSuccess)
    hip.hipGetLastError(); // not the next caller's
}

llvm::Error DeviceScope::takeError() { return hip.check(result, call); }
