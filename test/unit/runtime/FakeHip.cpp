//===- FakeHip.cpp - A HIP library that records calls ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// HIP's C ABI with nothing behind it. The property structs are written out
// here, from HIP's headers, independently of the runtime's offsets.
//
//===----------------------------------------------------------------------===//

#include "FakeHip.h"
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>

#define EXPORT extern "C" __attribute__((visibility("default")))

static FakeHipState state;
static std::mutex recording; ///< Of what several threads do at once: loads.

EXPORT FakeHipState *fakeHipState() { return &state; }

static int failWith(int error) {
  if (error)
    state.lastError = error;
  return error;
}

/// HIP is no more once its static destructors have run.
static bool isGone = false;
namespace {
struct Last {
  ~Last() { isGone = true; }
};
} // namespace
static Last last;

/// An error to return at once, or 0.
static int injected(const char *function) {
  if (isGone)
    std::abort();
  return failWith(state.onCall ? state.onCall(function) : 0);
}
#define CALLED                                                                 \
  if (int error = injected(__func__))                                          \
  return error

EXPORT const char *hipGetErrorName(int error) {
  return error == 719 ? "hipErrorLaunchFailure" : "hipErrorOther";
}
EXPORT const char *hipGetErrorString(int error) {
  return error == 719 ? "unspecified launch failure" : "other";
}
EXPORT int hipGetLastError() {
  int error = state.lastError;
  state.lastError = 0;
  return error;
}

EXPORT int hipGetDeviceCount(int *count) {
  CALLED;
  *count = state.deviceCountError ? 0 : state.deviceCount;
  return failWith(state.deviceCountError);
}
EXPORT int hipGetDevice(int *device) {
  CALLED;
  *device = state.currentDevice;
  return 0;
}
EXPORT int hipSetDevice(int device) {
  CALLED;
  state.currentDevice = device;
  return 0;
}
EXPORT int hipDeviceGetAttribute(int *value, int attribute, int) {
  CALLED;
  if (attribute != 63) // hipDeviceAttributeMultiprocessorCount
    return failWith(1);
  *value = state.computeUnits;
  return 0;
}

namespace {
/// hipDeviceProp_t of HIP 5, up to the field that is asked for.
struct OldProperties {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlock;
  int regsPerBlock, warpSize, maxThreadsPerBlock;
  int maxThreadsDim[3], maxGridSize[3];
  int clockRate, memoryClockRate, memoryBusWidth;
  size_t totalConstMem;
  int major, minor, multiProcessorCount, l2CacheSize;
  int maxThreadsPerMultiProcessor, computeMode, clockInstructionRate;
  unsigned arch;
  int concurrentKernels, pciDomainID, pciBusID, pciDeviceID;
  size_t maxSharedMemoryPerMultiProcessor;
  int isMultiGpuBoard, canMapHostMemory, gcnArch;
  char gcnArchName[256];
};
/// hipDeviceProp_tR0600 likewise.
struct NewProperties {
  char name[256];
  char uuid[16], luid[8];
  unsigned luidDeviceNodeMask;
  size_t totalGlobalMem, sharedMemPerBlock;
  int regsPerBlock, warpSize;
  size_t memPitch;
  int maxThreadsPerBlock, maxThreadsDim[3], maxGridSize[3], clockRate;
  size_t totalConstMem;
  int major, minor;
  size_t textureAlignment, texturePitchAlignment;
  int deviceOverlap, multiProcessorCount, kernelExecTimeoutEnabled;
  int integrated, canMapHostMemory, computeMode;
  int maxTexture1D, maxTexture1DMipmap, maxTexture1DLinear;
  int maxTexture2D[2], maxTexture2DMipmap[2], maxTexture2DLinear[3];
  int maxTexture2DGather[2], maxTexture3D[3], maxTexture3DAlt[3];
  int maxTextureCubemap, maxTexture1DLayered[2], maxTexture2DLayered[3];
  int maxTextureCubemapLayered[2], maxSurface1D, maxSurface2D[2];
  int maxSurface3D[3], maxSurface1DLayered[2], maxSurface2DLayered[3];
  int maxSurfaceCubemap, maxSurfaceCubemapLayered[2];
  size_t surfaceAlignment;
  int concurrentKernels, ECCEnabled, pciBusID, pciDeviceID, pciDomainID;
  int tccDriver, asyncEngineCount, unifiedAddressing, memoryClockRate;
  int memoryBusWidth, l2CacheSize, persistingL2CacheMaxSize;
  int maxThreadsPerMultiProcessor, streamPrioritiesSupported;
  int globalL1CacheSupported, localL1CacheSupported;
  size_t sharedMemPerMultiprocessor;
  int regsPerMultiprocessor, managedMemory, isMultiGpuBoard;
  int multiGpuBoardGroupID, hostNativeAtomicSupported;
  int singleToDoublePrecisionPerfRatio, pageableMemoryAccess;
  int concurrentManagedAccess, computePreemptionSupported;
  int canUseHostPointerForRegisteredMem, cooperativeLaunch;
  int cooperativeMultiDeviceLaunch;
  size_t sharedMemPerBlockOptin;
  int pageableMemoryAccessUsesHostPageTables;
  int directManagedMemAccessFromHost, maxBlocksPerMultiProcessor;
  int accessPolicyMaxWindowSize;
  size_t reservedSharedMemPerBlock;
  int hostRegisterSupported, sparseHipArraySupported;
  int hostRegisterReadOnlySupported, timelineSemaphoreInteropSupported;
  int memoryPoolsSupported, gpuDirectRDMASupported;
  unsigned gpuDirectRDMAFlushWritesOptions;
  int gpuDirectRDMAWritesOrdering;
  unsigned memoryPoolSupportedHandleTypes;
  int deferredMappingHipArraySupported, ipcEventSupported, clusterLaunch;
  int unifiedFunctionPointers, reserved[63], hipReserved[32];
  char gcnArchName[256];
};
} // namespace

template <typename Properties> static int fillProperties(void *destination) {
  auto *properties = static_cast<Properties *>(destination);
  std::strcpy(properties->name, "Fake GPU");
  std::strcpy(properties->gcnArchName, state.arch.c_str());
  return 0;
}

EXPORT int hipGetDeviceProperties(void *properties, int) {
  CALLED;
  return fillProperties<OldProperties>(properties);
}
#ifndef FAKE_HIP5
EXPORT int hipGetDevicePropertiesR0600(void *properties, int) {
  CALLED;
  return fillProperties<NewProperties>(properties);
}
#endif

EXPORT int hipModuleLoadData(void **module, const void *image) {
  CALLED;
  if (state.whileLoading)
    state.whileLoading();
  if (state.loadError)
    return failWith(state.loadError);
  std::lock_guard<std::mutex> lock(recording);
  state.loadDevices.push_back(state.currentDevice);
  // A handle, not memory: where HIP must not be called any more, modules stay.
  *module = reinterpret_cast<void *>(uintptr_t(16) * ++state.modulesLoaded);
  state.image = image;
  return 0;
}
EXPORT int hipModuleUnload(void *) {
  CALLED;
  ++state.modulesUnloaded;
  return 0;
}
EXPORT int hipModuleGetFunction(void **function, void *module,
                                const char *name) {
  CALLED;
  std::lock_guard<std::mutex> lock(recording);
  state.function = name;
  *function = module;
  return 0;
}

#ifndef FAKE_HIP_BROKEN
EXPORT int hipModuleLaunchKernel(void *, unsigned gridX, unsigned gridY,
                                 unsigned gridZ, unsigned blockX,
                                 unsigned blockY, unsigned blockZ,
                                 unsigned sharedBytes, void *stream,
                                 void **arguments, void **extra) {
  CALLED;
  if (state.launchError)
    return failWith(state.launchError);
  if (arguments || !extra || extra[0] != reinterpret_cast<void *>(1) ||
      extra[2] != reinterpret_cast<void *>(2) ||
      extra[4] != reinterpret_cast<void *>(3))
    return failWith(1);
  ++state.launches;
  state.launchDevice = state.currentDevice;
  state.grid[0] = gridX;
  state.grid[1] = gridY;
  state.grid[2] = gridZ;
  state.block[0] = blockX;
  state.block[1] = blockY;
  state.block[2] = blockZ;
  state.sharedBytes = sharedBytes;
  state.stream = stream;
  const char *bytes = static_cast<const char *>(extra[1]);
  state.arguments.assign(bytes, bytes + *static_cast<size_t *>(extra[3]));
  return 0;
}
#endif
