//===- HipAbiDevice.cpp - HIP's device functions --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include <cstdio>
#include <cstring>

using namespace llvm;
using namespace hipdex;
using namespace hipdex::emulator;

// Facts that the arch table has no need of. A workgroup's limit and a grid's
// are those of every gfx9; the memory is an MI300X's.
static constexpr int maxThreadsPerBlock = 1024;
static constexpr int maxGrid = INT32_MAX;
static constexpr size_t totalMemory = size_t(192) << 30;
static constexpr int clockKHz = 2100000, wallClockKHz = 100000;
static constexpr int hipVersion = 60300000; // 6.3.0: what we resemble

static hipError_t findDevice(int ordinal, const Device **device) {
  if (hipError_t error = requireDevice())
    return error;
  HipRuntime &runtime = HipRuntime::get();
  if (ordinal < 0 || ordinal >= int(runtime.devices.size()))
    return fail(hipErrorInvalidDevice, "device " + Twine(ordinal) + " of " +
                                           Twine(runtime.devices.size()));
  *device = &runtime.devices[ordinal];
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipInit(unsigned flags) {
  if (flags)
    return fail(hipErrorInvalidValue,
                "hipInit: flags " + Twine(flags) + ", allowed is 0");
  return requireDevice();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGetDeviceCount(int *count) {
  if (!count)
    return fail(hipErrorInvalidValue, "hipGetDeviceCount: null pointer");
  *count = int(HipRuntime::get().devices.size());
  return requireDevice();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGetDevice(int *device) {
  if (!device)
    return fail(hipErrorInvalidValue, "hipGetDevice: null pointer");
  *device = currentDevice;
  return requireDevice();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipSetDevice(int ordinal) {
  const Device *device;
  if (hipError_t error = findDevice(ordinal, &device))
    return error;
  currentDevice = ordinal;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDeviceGet(int *device, int ordinal) {
  const Device *found;
  if (!device)
    return fail(hipErrorInvalidValue, "hipDeviceGet: null pointer");
  if (hipError_t error = findDevice(ordinal, &found))
    return error;
  *device = ordinal;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDeviceSynchronize() {
  if (hipError_t error = checkNoCapture("hipDeviceSynchronize"))
    return error;
  return requireDevice();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDriverGetVersion(int *version) {
  if (!version)
    return fail(hipErrorInvalidValue, "hipDriverGetVersion: null pointer");
  *version = hipVersion;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipRuntimeGetVersion(int *version) {
  return hipDriverGetVersion(version);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDeviceGetName(char *name, int length,
                                                   int ordinal) {
  const Device *device;
  if (!name || length <= 0)
    return fail(hipErrorInvalidValue, "hipDeviceGetName: no room for the name");
  if (hipError_t error = findDevice(ordinal, &device))
    return error;
  std::snprintf(name, length, "%s", device->name().c_str());
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDeviceTotalMem(size_t *bytes,
                                                    int ordinal) {
  const Device *device;
  if (!bytes)
    return fail(hipErrorInvalidValue, "hipDeviceTotalMem: null pointer");
  if (hipError_t error = findDevice(ordinal, &device))
    return error;
  *bytes = totalMemory;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemGetInfo(size_t *available,
                                                size_t *total) {
  if (hipError_t error = requireDevice())
    return error;
  if (!available || !total)
    return fail(hipErrorInvalidValue, "hipMemGetInfo: null pointer");
  uint64_t used = HipRuntime::get().memory.bytesInUse();
  *available = used < totalMemory ? totalMemory - used : 0;
  *total = totalMemory;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDeviceCanAccessPeer(int *can, int device,
                                                         int peer) {
  const Device *found;
  if (!can)
    return fail(hipErrorInvalidValue, "hipDeviceCanAccessPeer: null pointer");
  if (hipError_t error = findDevice(device, &found))
    return error;
  if (hipError_t error = findDevice(peer, &found))
    return error;
  *can = device != peer;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipDeviceGetAttribute(int *value, hipDeviceAttribute_t attribute, int ordinal) {
  const Device *device;
  if (!value)
    return fail(hipErrorInvalidValue, "hipDeviceGetAttribute: null pointer");
  if (hipError_t error = findDevice(ordinal, &device))
    return error;
  const Arch &arch = *device->arch;
  switch (attribute) {
  case hipDeviceAttributeMultiprocessorCount:
  case hipDeviceAttributePhysicalMultiProcessorCount:
    *value = int(device->part.computeUnits);
    break;
  case hipDeviceAttributeWarpSize:
    *value = int(arch.waveSize);
    break;
  case hipDeviceAttributeComputeCapabilityMajor:
    *value = 9;
    break;
  case hipDeviceAttributeComputeCapabilityMinor:
    // gfx942 is 9.4, gfx950 is 9.5.
    *value = arch.name[4] - '0';
    break;
  case hipDeviceAttributeMaxThreadsPerBlock:
  case hipDeviceAttributeMaxBlockDimX:
  case hipDeviceAttributeMaxBlockDimY:
  case hipDeviceAttributeMaxBlockDimZ:
    *value = maxThreadsPerBlock;
    break;
  case hipDeviceAttributeMaxGridDimX:
    *value = maxGrid;
    break;
  case hipDeviceAttributeMaxGridDimY:
  case hipDeviceAttributeMaxGridDimZ:
    *value = 65536;
    break;
  case hipDeviceAttributeMaxSharedMemoryPerBlock:
  case hipDeviceAttributeSharedMemPerBlockOptin:
  case hipDeviceAttributeSharedMemPerMultiprocessor:
  case hipDeviceAttributeMaxSharedMemoryPerMultiprocessor:
    *value = int(arch.ldsBytes);
    break;
  case hipDeviceAttributeMaxThreadsPerMultiProcessor:
    *value = int(arch.simdsPerCU * arch.maxWavesPerSimd * arch.waveSize);
    break;
  case hipDeviceAttributeMaxBlocksPerMultiProcessor:
    *value = int(arch.simdsPerCU * arch.maxWavesPerSimd);
    break;
  case hipDeviceAttributeMaxRegistersPerBlock:
  case hipDeviceAttributeMaxRegistersPerMultiprocessor:
    *value = int(arch.vgprsPerSimdLane * arch.simdsPerCU * arch.waveSize);
    break;
  case hipDeviceAttributeClockRate:
    *value = clockKHz;
    break;
  case hipDeviceAttributeClockInstructionRate:
  case hipDeviceAttributeWallClockRate:
    *value = wallClockKHz;
    break;
  case hipDeviceAttributeMaxPitch:
  case hipDeviceAttributeTotalConstantMemory:
    *value = INT32_MAX;
    break;
  case hipDeviceAttributeTotalGlobalMem:
    // The attribute is an int; HIP saturates it as well.
    *value = INT32_MAX;
    break;
  case hipDeviceAttributePciBusId:
    *value = ordinal;
    break;
  case hipDeviceAttributeCanMapHostMemory:
  case hipDeviceAttributeUnifiedAddressing:
  case hipDeviceAttributeHostRegisterSupported:
  case hipDeviceAttributeFineGrainSupport:
  case hipDeviceAttributeIsLargeBar:
  case hipDeviceAttributeConcurrentKernels:
    *value = 1;
    break;
  case hipDeviceAttributeEccEnabled:
  case hipDeviceAttributeAsyncEngineCount:
  case hipDeviceAttributeComputeMode:
  case hipDeviceAttributeCooperativeLaunch:
  case hipDeviceAttributeIntegrated:
  case hipDeviceAttributeIsMultiGpuBoard:
  case hipDeviceAttributeKernelExecTimeout:
  case hipDeviceAttributeL2CacheSize:
  case hipDeviceAttributeManagedMemory:
  case hipDeviceAttributeMemoryBusWidth:
  case hipDeviceAttributeMemoryClockRate:
  case hipDeviceAttributePageableMemoryAccess:
  case hipDeviceAttributePciDeviceId:
  case hipDeviceAttributePciDomainID:
  case hipDeviceAttributeStreamPrioritiesSupported:
  case hipDeviceAttributeMemoryPoolsSupported:
  case hipDeviceAttributeVirtualMemoryManagementSupported:
  case hipDeviceAttributeAsicRevision:
    *value = 0;
    break;
  default:
    return fail(hipErrorInvalidValue,
                "hipDeviceGetAttribute: attribute " + Twine(int(attribute)) +
                    " is not one that the emulator knows");
  }
  return hipSuccess;
}

// The fields that both generations of the struct have.
template <typename Properties>
static hipError_t fillProperties(Properties *properties, int ordinal) {
  const Device *device;
  if (!properties)
    return fail(hipErrorInvalidValue, "hipGetDeviceProperties: null pointer");
  if (hipError_t error = findDevice(ordinal, &device))
    return error;
  const Arch &arch = *device->arch;
  auto attribute = [&](hipDeviceAttribute_t which) {
    int value = 0;
    (void)hipDeviceGetAttribute(&value, which, ordinal);
    return value;
  };
  std::memset(properties, 0, sizeof(*properties));
  std::snprintf(properties->name, sizeof(properties->name), "%s",
                device->name().c_str());
  std::snprintf(properties->gcnArchName, sizeof(properties->gcnArchName), "%s",
                arch.name.str().c_str());
  properties->totalGlobalMem = totalMemory;
  properties->totalConstMem = INT32_MAX;
  properties->sharedMemPerBlock = arch.ldsBytes;
  properties->maxSharedMemoryPerMultiProcessor = arch.ldsBytes;
  properties->regsPerBlock = attribute(hipDeviceAttributeMaxRegistersPerBlock);
  properties->warpSize = int(arch.waveSize);
  properties->maxThreadsPerBlock = maxThreadsPerBlock;
  for (int axis = 0; axis < 3; ++axis) {
    properties->maxThreadsDim[axis] = maxThreadsPerBlock;
    properties->maxGridSize[axis] = axis == 0 ? maxGrid : 65536;
  }
  properties->clockRate = clockKHz;
  properties->clockInstructionRate = wallClockKHz;
  properties->major = attribute(hipDeviceAttributeComputeCapabilityMajor);
  properties->minor = attribute(hipDeviceAttributeComputeCapabilityMinor);
  properties->multiProcessorCount = int(device->part.computeUnits);
  properties->maxThreadsPerMultiProcessor =
      attribute(hipDeviceAttributeMaxThreadsPerMultiProcessor);
  properties->memPitch = INT32_MAX;
  properties->textureAlignment = 256;
  properties->texturePitchAlignment = 256;
  properties->concurrentKernels = 1;
  properties->canMapHostMemory = 1;
  properties->isLargeBar = 1;
  properties->pciBusID = ordinal;
  // Every bit but surface functions (14) and dynamic parallelism (18).
  properties->arch = 0x7ffff & ~(1u << 14) & ~(1u << 18);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipGetDevicePropertiesR0600(hipDeviceProp_tR0600 *properties, int ordinal) {
  if (hipError_t error = fillProperties(properties, ordinal))
    return error;
  properties->sharedMemPerMultiprocessor = properties->sharedMemPerBlock;
  properties->sharedMemPerBlockOptin = properties->sharedMemPerBlock;
  properties->regsPerMultiprocessor = properties->regsPerBlock;
  properties->unifiedAddressing = 1;
  properties->hostRegisterSupported = 1;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipGetDevicePropertiesR0000(hipDeviceProp_tR0000 *properties, int ordinal) {
  return fillProperties(properties, ordinal);
}

// The unversioned symbol has been the old struct's all along.
HIPDEX_EMULATOR_EXPORT hipError_t
hipGetDeviceProperties(hipDeviceProp_tR0000 *properties, int ordinal) {
  return fillProperties(properties, ordinal);
}
