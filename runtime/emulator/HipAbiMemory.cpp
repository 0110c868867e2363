//===- HipAbiMemory.cpp - HIP's memory functions --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace llvm;
using namespace hipdex::emulator;

using Kind = DeviceMemory::Kind;

static uint64_t addressOf(const void *pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

/// Success if the device may touch all of [pointer, pointer + bytes).
static hipError_t checkDeviceRange(const char *function, const char *role,
                                   const void *pointer, size_t bytes) {
  HipRuntime &runtime = HipRuntime::get();
  DeviceMemory::ReaderScope scope(runtime.memory);
  if (runtime.memory.find(addressOf(pointer))
          .contains(addressOf(pointer), bytes))
    return hipSuccess;
  return fail(hipErrorInvalidValue,
              formatv("{0}: {1} bytes at the {2} {3} leave its allocation: "
                      "it is {4}",
                      function, bytes, role, pointer,
                      runtime.memory.describe(addressOf(pointer)))
                  .str());
}

static hipError_t allocate(const char *function, void **pointer, size_t bytes,
                           Kind kind) {
  if (hipError_t error = requireDevice())
    return error;
  if (!pointer)
    return fail(hipErrorInvalidValue, Twine(function) + ": null pointer");
  *pointer = nullptr;
  if (hipError_t error = checkNoCapture(function))
    return error;
  if (bytes == 0)
    return hipSuccess;
  size_t available, total;
  if (hipError_t error = hipMemGetInfo(&available, &total))
    return error;
  if (kind == Kind::Device && bytes > available)
    return fail(hipErrorOutOfMemory,
                Twine(function) + ": " + Twine(bytes) + " bytes asked for, " +
                    Twine(available) + " of " + Twine(total) + " available");
  Expected<void *> memory = HipRuntime::get().memory.allocate(bytes, kind);
  if (!memory)
    return fail(hipErrorOutOfMemory,
                Twine(function) + ": " + toString(memory.takeError()));
  *pointer = *memory;
  return hipSuccess;
}

static hipError_t release(const char *function, void *pointer) {
  if (hipError_t error = requireDevice())
    return error;
  if (!pointer)
    return hipSuccess;
  if (hipError_t error = checkNoCapture(function))
    return error;
  if (Error error = HipRuntime::get().memory.free(pointer))
    return fail(hipErrorInvalidValue,
                Twine(function) + ": " + toString(std::move(error)));
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMalloc(void **pointer, size_t bytes) {
  return allocate("hipMalloc", pointer, bytes, Kind::Device);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipFree(void *pointer) {
  return release("hipFree", pointer);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMallocAsync(void **pointer, size_t bytes,
                                                 void *stream) {
  if (hipError_t error = checkStream(stream))
    return error;
  return allocate("hipMallocAsync", pointer, bytes, Kind::Device);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipFreeAsync(void *pointer, void *stream) {
  if (hipError_t error = checkStream(stream))
    return error;
  return release("hipFreeAsync", pointer);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMallocManaged(void **pointer, size_t bytes,
                                                   unsigned) {
  return allocate("hipMallocManaged", pointer, bytes, Kind::Device);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostMalloc(void **pointer, size_t bytes,
                                                unsigned) {
  return allocate("hipHostMalloc", pointer, bytes, Kind::Host);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostAlloc(void **pointer, size_t bytes,
                                               unsigned) {
  return allocate("hipHostAlloc", pointer, bytes, Kind::Host);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostFree(void *pointer) {
  return release("hipHostFree", pointer);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostRegister(void *pointer, size_t bytes,
                                                  unsigned) {
  if (hipError_t error = requireDevice())
    return error;
  if (!pointer || bytes == 0)
    return fail(hipErrorInvalidValue, "hipHostRegister: nothing to register");
  if (Error error = HipRuntime::get().memory.registerRange(pointer, bytes))
    return fail(hipErrorHostMemoryAlreadyRegistered,
                "hipHostRegister: " + toString(std::move(error)));
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostUnregister(void *pointer) {
  if (hipError_t error = requireDevice())
    return error;
  if (Error error = HipRuntime::get().memory.unregisterRange(pointer))
    return fail(hipErrorHostMemoryNotRegistered,
                "hipHostUnregister: " + toString(std::move(error)));
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipHostGetDevicePointer(void **device,
                                                          void *host,
                                                          unsigned) {
  if (!device)
    return fail(hipErrorInvalidValue, "hipHostGetDevicePointer: null pointer");
  if (hipError_t error =
          checkDeviceRange("hipHostGetDevicePointer", "pointer", host, 1))
    return error;
  *device = host;
  return hipSuccess;
}

static hipError_t copy(const char *function, void *destination,
                       const void *source, size_t bytes, hipMemcpyKind kind) {
  if (hipError_t error = requireDevice())
    return error;
  if (bytes == 0)
    return hipSuccess;
  if (!destination || !source)
    return fail(hipErrorInvalidValue, Twine(function) + ": null pointer");
  // Another thread's free waits until the bytes are copied.
  DeviceMemory &memory = HipRuntime::get().memory;
  DeviceMemory::ReaderScope scope(memory);
  bool toDevice =
      kind == hipMemcpyHostToDevice || kind == hipMemcpyDeviceToDevice;
  bool fromDevice =
      kind == hipMemcpyDeviceToHost || kind == hipMemcpyDeviceToDevice;
  if (kind == hipMemcpyDefault) {
    toDevice = bool(memory.find(addressOf(destination)));
    fromDevice = bool(memory.find(addressOf(source)));
  } else if (kind < hipMemcpyHostToHost || kind > hipMemcpyDefault) {
    return fail(hipErrorInvalidMemcpyDirection, Twine(function) + ": kind " +
                                                    Twine(int(kind)) +
                                                    ", allowed are 0 to 4");
  }
  if (toDevice)
    if (hipError_t error =
            checkDeviceRange(function, "destination", destination, bytes))
      return error;
  if (fromDevice)
    if (hipError_t error = checkDeviceRange(function, "source", source, bytes))
      return error;
  std::memmove(destination, source, bytes);
  return hipSuccess;
}

/// A copy that returns when it is done, on the null stream.
static hipError_t copyNow(const char *function, void *destination,
                          const void *source, size_t bytes,
                          hipMemcpyKind kind) {
  if (hipError_t error = checkNotCaptured(function, nullptr))
    return error;
  return copy(function, destination, source, bytes, kind);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpy(void *destination,
                                            const void *source, size_t bytes,
                                            hipMemcpyKind kind) {
  return copyNow("hipMemcpy", destination, source, bytes, kind);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyAsync(void *destination,
                                                 const void *source,
                                                 size_t bytes,
                                                 hipMemcpyKind kind,
                                                 void *stream) {
  return submit(stream, [=] {
    return copy("hipMemcpyAsync", destination, source, bytes, kind);
  });
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyWithStream(void *destination,
                                                      const void *source,
                                                      size_t bytes,
                                                      hipMemcpyKind kind,
                                                      void *stream) {
  return hipMemcpyAsync(destination, source, bytes, kind, stream);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyHtoD(void *destination, void *source,
                                                size_t bytes) {
  return copyNow("hipMemcpyHtoD", destination, source, bytes,
                 hipMemcpyHostToDevice);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyDtoH(void *destination, void *source,
                                                size_t bytes) {
  return copyNow("hipMemcpyDtoH", destination, source, bytes,
                 hipMemcpyDeviceToHost);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyDtoD(void *destination, void *source,
                                                size_t bytes) {
  return copyNow("hipMemcpyDtoD", destination, source, bytes,
                 hipMemcpyDeviceToDevice);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyHtoDAsync(void *destination,
                                                     void *source, size_t bytes,
                                                     void *stream) {
  return hipMemcpyAsync(destination, source, bytes, hipMemcpyHostToDevice,
                        stream);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyDtoHAsync(void *destination,
                                                     void *source, size_t bytes,
                                                     void *stream) {
  return hipMemcpyAsync(destination, source, bytes, hipMemcpyDeviceToHost,
                        stream);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyDtoDAsync(void *destination,
                                                     void *source, size_t bytes,
                                                     void *stream) {
  return hipMemcpyAsync(destination, source, bytes, hipMemcpyDeviceToDevice,
                        stream);
}

/// Sets \p count elements to the low bytes of \p value.
template <typename Element>
static hipError_t fill(const char *function, void *destination, unsigned value,
                       size_t count) {
  if (hipError_t error = requireDevice())
    return error;
  if (count == 0)
    return hipSuccess;
  if (count > SIZE_MAX / sizeof(Element))
    return fail(hipErrorInvalidValue,
                Twine(function) + ": " + Twine(count) + " elements overflow");
  DeviceMemory::ReaderScope scope(HipRuntime::get().memory);
  if (hipError_t error = checkDeviceRange(function, "destination", destination,
                                          count * sizeof(Element)))
    return error;
  std::fill_n(static_cast<Element *>(destination), count, Element(value));
  return hipSuccess;
}

/// The same, done when it returns, on the null stream.
template <typename Element>
static hipError_t fillNow(const char *function, void *destination,
                          unsigned value, size_t count) {
  if (hipError_t error = checkNotCaptured(function, nullptr))
    return error;
  return fill<Element>(function, destination, value, count);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemset(void *destination, int value,
                                            size_t bytes) {
  return fillNow<uint8_t>("hipMemset", destination, value, bytes);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemsetAsync(void *destination, int value,
                                                 size_t bytes, void *stream) {
  return submit(stream, [=] {
    return fill<uint8_t>("hipMemsetAsync", destination, unsigned(value), bytes);
  });
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemsetD8(void *destination,
                                              unsigned char value,
                                              size_t count) {
  return fillNow<uint8_t>("hipMemsetD8", destination, value, count);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemsetD32(void *destination, int value,
                                               size_t count) {
  return fillNow<uint32_t>("hipMemsetD32", destination, value, count);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemsetD32Async(void *destination,
                                                    int value, size_t count,
                                                    void *stream) {
  return submit(stream, [=] {
    return fill<uint32_t>("hipMemsetD32Async", destination, unsigned(value),
                          count);
  });
}

HIPDEX_EMULATOR_EXPORT hipError_t hipPointerGetAttributes(
    hipPointerAttribute_t *attributes, const void *pointer) {
  if (hipError_t error = requireDevice())
    return error;
  if (!attributes)
    return fail(hipErrorInvalidValue, "hipPointerGetAttributes: null pointer");
  DeviceMemory &memory = HipRuntime::get().memory;
  DeviceMemory::ReaderScope scope(memory);
  DeviceMemory::Range range = memory.find(addressOf(pointer));
  *attributes = {};
  // HIP 6 on: memory that HIP does not know is no error.
  if (!range) {
    attributes->type = hipMemoryTypeUnregistered;
    attributes->device = -2; // hipInvalidDeviceId
    return hipSuccess;
  }
  void *address = const_cast<void *>(pointer);
  attributes->type =
      range.kind == Kind::Device ? hipMemoryTypeDevice : hipMemoryTypeHost;
  attributes->device = currentDevice;
  attributes->devicePointer = address;
  attributes->hostPointer = range.kind == Kind::Device ? nullptr : address;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemGetAddressRange(void **base,
                                                        size_t *bytes,
                                                        void *pointer) {
  if (hipError_t error = requireDevice())
    return error;
  DeviceMemory &memory = HipRuntime::get().memory;
  DeviceMemory::ReaderScope scope(memory);
  DeviceMemory::Range range = memory.find(addressOf(pointer));
  if (!range)
    return fail(hipErrorNotFound,
                formatv("hipMemGetAddressRange: {0} is {1}", pointer,
                        memory.describe(addressOf(pointer)))
                    .str());
  if (base)
    *base = reinterpret_cast<void *>(range.begin);
  if (bytes)
    *bytes = range.size();
  return hipSuccess;
}
