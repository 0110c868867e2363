//===- HipAbiError.cpp - HIP's error functions ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"

using namespace hipdex::emulator;

HIPDEX_EMULATOR_EXPORT hipError_t hipGetLastError() { return takeLastError(); }

HIPDEX_EMULATOR_EXPORT hipError_t hipExtGetLastError() {
  return takeLastError();
}

HIPDEX_EMULATOR_EXPORT hipError_t hipPeekAtLastError() {
  return peekLastError();
}

HIPDEX_EMULATOR_EXPORT const char *hipGetErrorName(hipError_t error) {
  switch (error) {
#define HIPDEX_HIP_ERROR_NAME(name, value, text)                               \
  case name:                                                                   \
    return #name;
    HIPDEX_FOREACH_HIP_ERROR(HIPDEX_HIP_ERROR_NAME)
#undef HIPDEX_HIP_ERROR_NAME
  }
  return "hipErrorUnknown";
}

HIPDEX_EMULATOR_EXPORT const char *hipGetErrorString(hipError_t error) {
  switch (error) {
#define HIPDEX_HIP_ERROR_TEXT(name, value, text)                               \
  case name:                                                                   \
    return text;
    HIPDEX_FOREACH_HIP_ERROR(HIPDEX_HIP_ERROR_TEXT)
#undef HIPDEX_HIP_ERROR_TEXT
  }
  return "unknown error";
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDrvGetErrorName(hipError_t error,
                                                     const char **text) {
  if (!text)
    return fail(hipErrorInvalidValue, "hipDrvGetErrorName: null pointer");
  *text = hipGetErrorName(error);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipDrvGetErrorString(hipError_t error,
                                                       const char **text) {
  if (!text)
    return fail(hipErrorInvalidValue, "hipDrvGetErrorString: null pointer");
  *text = hipGetErrorString(error);
  return hipSuccess;
}
