//===- HipAbiStream.cpp - HIP's streams and events ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Work is done when the call that asked for it returns, so there is never
// anything to wait for; handles are checked all the same.
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"

using namespace llvm;
using namespace hipdex::emulator;

// hipStreamLegacy and hipStreamPerThread are handles by value.
static bool isDefaultStream(const void *stream) {
  return reinterpret_cast<uintptr_t>(stream) <= 2;
}

hipError_t hipdex::emulator::checkStream(const void *stream) {
  if (isDefaultStream(stream))
    return hipSuccess;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!runtime.streams.contains(
          static_cast<Stream *>(const_cast<void *>(stream))))
    return fail(hipErrorInvalidHandle,
                "not a stream, or one that was destroyed");
  return hipSuccess;
}

static hipError_t checkEvent(Event *event) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!event || !runtime.events.contains(event))
    return fail(hipErrorInvalidHandle,
                "not an event, or one that was destroyed");
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamCreateWithPriority(Stream **stream,
                                                              unsigned flags,
                                                              int priority) {
  if (hipError_t error = requireDevice())
    return error;
  if (!stream)
    return fail(hipErrorInvalidValue, "hipStreamCreate: null pointer");
  if (flags > 1)
    return fail(hipErrorInvalidValue,
                "hipStreamCreate: flags " + Twine(flags) +
                    ", allowed are 0 and 1 (non-blocking)");
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  *stream = new Stream{flags, currentDevice, priority, nullptr};
  runtime.streams.insert(*stream);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamCreateWithFlags(Stream **stream,
                                                           unsigned flags) {
  return hipStreamCreateWithPriority(stream, flags, 0);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamCreate(Stream **stream) {
  return hipStreamCreateWithPriority(stream, 0, 0);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamDestroy(Stream *stream) {
  if (isDefaultStream(stream))
    return fail(hipErrorInvalidHandle,
                "hipStreamDestroy: the default stream cannot be destroyed");
  if (hipError_t error = checkStream(stream))
    return error;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.streams.erase(stream);
  delete stream;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamSynchronize(Stream *stream) {
  return checkNotCaptured("hipStreamSynchronize", stream);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamQuery(Stream *stream) {
  return checkNotCaptured("hipStreamQuery", stream);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamGetFlags(Stream *stream,
                                                    unsigned *flags) {
  if (!flags)
    return fail(hipErrorInvalidValue, "hipStreamGetFlags: null pointer");
  if (hipError_t error = checkStream(stream))
    return error;
  *flags = isDefaultStream(stream) ? 0 : stream->flags;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamGetDevice(Stream *stream,
                                                     int *device) {
  if (!device)
    return fail(hipErrorInvalidValue, "hipStreamGetDevice: null pointer");
  if (hipError_t error = checkStream(stream))
    return error;
  *device = isDefaultStream(stream) ? currentDevice : stream->device;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamWaitEvent(Stream *stream,
                                                     Event *event, unsigned) {
  if (hipError_t error = checkStream(stream))
    return error;
  return checkEvent(event);
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipDeviceGetStreamPriorityRange(int *least, int *greatest) {
  if (least)
    *least = 0;
  if (greatest)
    *greatest = 0;
  return requireDevice();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipLaunchHostFunc(Stream *stream,
                                                    void (*function)(void *),
                                                    void *data) {
  if (hipError_t error = checkStream(stream))
    return error;
  if (!function)
    return fail(hipErrorInvalidValue, "hipLaunchHostFunc: null function");
  return submit(stream, [=] {
    function(data);
    return hipSuccess;
  });
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventCreateWithFlags(Event **event,
                                                          unsigned flags) {
  if (hipError_t error = requireDevice())
    return error;
  if (!event)
    return fail(hipErrorInvalidValue, "hipEventCreate: null pointer");
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  *event = new Event{flags, false, {}};
  runtime.events.insert(*event);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventCreate(Event **event) {
  return hipEventCreateWithFlags(event, 0);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventDestroy(Event *event) {
  if (hipError_t error = checkEvent(event))
    return error;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.events.erase(event);
  delete event;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventRecord(Event *event, Stream *stream) {
  if (hipError_t error = checkEvent(event))
    return error;
  if (hipError_t error = checkStream(stream))
    return error;
  return submit(stream, [=] {
    if (hipError_t error = checkEvent(event))
      return error;
    event->time = std::chrono::steady_clock::now();
    event->recorded = true;
    return hipSuccess;
  });
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventSynchronize(Event *event) {
  if (hipError_t error = checkNoCapture("hipEventSynchronize"))
    return error;
  return checkEvent(event);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventQuery(Event *event) {
  return checkEvent(event);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipEventElapsedTime(float *milliseconds,
                                                      Event *start,
                                                      Event *stop) {
  if (!milliseconds)
    return fail(hipErrorInvalidValue, "hipEventElapsedTime: null pointer");
  if (hipError_t error = checkEvent(start))
    return error;
  if (hipError_t error = checkEvent(stop))
    return error;
  if (!start->recorded || !stop->recorded)
    return fail(hipErrorInvalidHandle,
                "hipEventElapsedTime: an event was not recorded");
  if ((start->flags | stop->flags) & hipEventDisableTiming)
    return fail(hipErrorInvalidHandle,
                "hipEventElapsedTime: an event was made without timing");
  *milliseconds =
      std::chrono::duration<float, std::milli>(stop->time - start->time)
          .count();
  return hipSuccess;
}
