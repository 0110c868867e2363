//===- HipTypes.h - The part of HIP's ABI that we use ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Our own declarations, because HIP's headers are not needed to build hipdex.
// Values from hip/hip_runtime_api.h of HIP 5.2.3 (Debian 12) and of ROCm 7.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_HIPTYPES_H
#define HIPDEX_RUNTIME_HIPTYPES_H

#include <cstddef>

namespace hipdex {
namespace hip {

using hipError_t = int;
using hipModule_t = struct ihipModule_t *;
using hipFunction_t = struct ihipModuleSymbol_t *;
using hipStream_t = struct ihipStream_t *;
using hipEvent_t = struct ihipEvent_t *;
using hipGraph_t = struct ihipGraph *;
using hipGraphExec_t = struct hipGraphExec *;

enum : hipError_t {
  hipSuccess = 0,
  hipErrorOutOfMemory = 2,
  hipErrorInsufficientDriver = 35,
  hipErrorNoDevice = 100,
  hipErrorInvalidDevice = 101,
  hipErrorStreamCaptureUnsupported = 900,
};

/// hipDeviceAttributeMultiprocessorCount; the same from HIP 5 to ROCm 7.
constexpr int attributeMultiprocessorCount = 63;

/// hipModuleLaunchKernel's keys in `extra`.
inline void *launchParamBufferPointer() { return reinterpret_cast<void *>(1); }
inline void *launchParamBufferSize() { return reinterpret_cast<void *>(2); }
inline void *launchParamEnd() { return reinterpret_cast<void *>(3); }

/// hipDeviceProp_t of two ABIs. ROCm 6 changed the struct and gave the function
/// that fills the new one a new name, hipGetDevicePropertiesR0600; the old name
/// still fills the old struct. All we need are two strings, so all we declare
/// are their places; the size is that of the struct and a reserve.
struct DevicePropertiesR0000 { // sizeof 792 in HIP 5.2.3
  char name[256];
  char between[396 - 256];
  char gcnArchName[256];
  char rest[4096 - 396 - 256];
};
struct DevicePropertiesR0600 { // sizeof 1472 in ROCm 6 and 7
  char name[256];
  char between[1160 - 256];
  char gcnArchName[256];
  char rest[4096 - 1160 - 256];
};
static_assert(offsetof(DevicePropertiesR0000, gcnArchName) == 396, "HIP's ABI");
static_assert(offsetof(DevicePropertiesR0600, gcnArchName) == 1160,
              "HIP's ABI");

} // namespace hip
} // namespace hipdex

#endif // HIPDEX_RUNTIME_HIPTYPES_H
