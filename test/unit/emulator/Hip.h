//===- Hip.h - HIP as its users declare it ----------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C ABI under test, declared again: a test that took the emulator's own
// header would agree with any mistake in it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_HIP_H
#define HIPDEX_TEST_HIP_H

#include <cstddef>
#include <cstdint>

using hipStream_t = void *;
using hipEvent_t = void *;
using hipModule_t = void *;
using hipFunction_t = void *;
using hipGraph_t = void *;
using hipGraphExec_t = void *;

enum : int {
  hipSuccess = 0,
  hipErrorInvalidValue = 1,
  hipErrorOutOfMemory = 2,
  hipErrorInvalidConfiguration = 9,
  hipErrorInvalidSymbol = 13,
  hipErrorInvalidMemcpyDirection = 21,
  hipErrorInvalidDeviceFunction = 98,
  hipErrorNoDevice = 100,
  hipErrorInvalidDevice = 101,
  hipErrorInvalidImage = 200,
  hipErrorNoBinaryForGpu = 209,
  hipErrorFileNotFound = 301,
  hipErrorInvalidHandle = 400,
  hipErrorIllegalState = 401,
  hipErrorNotFound = 500,
  hipErrorHostMemoryAlreadyRegistered = 712,
  hipErrorHostMemoryNotRegistered = 713,
  hipErrorLaunchFailure = 719,
  hipErrorNotSupported = 801,
  hipErrorStreamCaptureUnsupported = 900,
  hipErrorStreamCaptureInvalidated = 901,
  hipErrorStreamCaptureImplicit = 906,
  hipErrorStreamCaptureWrongThread = 908,
};
enum : int {
  hipMemcpyHostToDevice = 1,
  hipMemcpyDeviceToHost = 2,
  hipMemcpyDefault = 4
};

extern "C" {
int hipInit(unsigned);
int hipGetDeviceCount(int *);
int hipGetDevice(int *);
int hipSetDevice(int);
int hipDeviceGetName(char *, int, int);
int hipDeviceGetAttribute(int *, int, int);
int hipGetDevicePropertiesR0600(void *, int);
int hipGetDeviceProperties(void *, int);
int hipDriverGetVersion(int *);
int hipRuntimeGetVersion(int *);
int hipDeviceSynchronize();
int hipMemGetInfo(size_t *, size_t *);
int hipMalloc(void **, size_t);
int hipFree(void *);
int hipHostMalloc(void **, size_t, unsigned);
int hipHostFree(void *);
int hipHostRegister(void *, size_t, unsigned);
int hipHostUnregister(void *);
int hipMemcpy(void *, const void *, size_t, int);
int hipMemcpyAsync(void *, const void *, size_t, int, hipStream_t);
int hipMemcpyHtoD(void *, void *, size_t);
int hipMemcpyDtoH(void *, void *, size_t);
int hipMemset(void *, int, size_t);
int hipMemsetAsync(void *, int, size_t, hipStream_t);
int hipMemsetD32(void *, int, size_t);
int hipStreamCreate(hipStream_t *);
int hipStreamCreateWithFlags(hipStream_t *, unsigned);
int hipStreamDestroy(hipStream_t);
int hipStreamSynchronize(hipStream_t);
int hipStreamQuery(hipStream_t);
int hipStreamIsCapturing(hipStream_t, int *);
int hipStreamBeginCapture(hipStream_t, int);
int hipStreamEndCapture(hipStream_t, hipGraph_t *);
int hipThreadExchangeStreamCaptureMode(int *);
int hipGraphGetNodes(hipGraph_t, void **, size_t *);
int hipGraphInstantiate(hipGraphExec_t *, hipGraph_t, void **, char *, size_t);
int hipGraphInstantiateWithFlags(hipGraphExec_t *, hipGraph_t,
                                 unsigned long long);
int hipGraphLaunch(hipGraphExec_t, hipStream_t);
int hipGraphExecDestroy(hipGraphExec_t);
int hipGraphDestroy(hipGraph_t);
int hipEventCreate(hipEvent_t *);
int hipEventRecord(hipEvent_t, hipStream_t);
int hipEventSynchronize(hipEvent_t);
int hipEventElapsedTime(float *, hipEvent_t, hipEvent_t);
int hipEventDestroy(hipEvent_t);
int hipModuleLoad(hipModule_t *, const char *);
int hipModuleLoadData(hipModule_t *, const void *);
int hipModuleUnload(hipModule_t);
int hipModuleGetFunction(hipFunction_t *, hipModule_t, const char *);
int hipModuleGetGlobal(void **, size_t *, hipModule_t, const char *);
int hipFuncGetAttribute(int *, int, hipFunction_t);
int hipModuleLaunchKernel(hipFunction_t, unsigned, unsigned, unsigned, unsigned,
                          unsigned, unsigned, unsigned, hipStream_t, void **,
                          void **);
const char *hipGetErrorName(int);
const char *hipGetErrorString(int);
int hipGetLastError();
int hipPeekAtLastError();
}

#endif // HIPDEX_TEST_HIP_H
