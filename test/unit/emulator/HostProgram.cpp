//===- HostProgram.cpp - A HIP program, kernels and host in one file ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled by `clang -x hip` and linked with libhipdex-emulator.so, as a HIP
// program is with AMD's runtime. No HIP headers: the few declarations that the
// <<<>>> syntax needs stand here.
//
//===----------------------------------------------------------------------===//

#include <cstdio>
#include <cstdlib>

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __constant__ __attribute__((constant))
#define __shared__ __attribute__((shared))

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};
typedef int hipError_t;
typedef void *hipStream_t;
extern "C" {
hipError_t __hipPushCallConfiguration(dim3, dim3, size_t = 0, hipStream_t = 0);
hipError_t hipLaunchKernel(const void *, dim3, dim3, void **, size_t,
                           hipStream_t);
hipError_t hipGetDeviceCount(int *);
hipError_t hipSetDevice(int);
hipError_t hipMalloc(void **, size_t);
hipError_t hipFree(void *);
hipError_t hipMemcpy(void *, const void *, size_t, int);
hipError_t hipDeviceSynchronize();
hipError_t hipGetLastError();
hipError_t hipMemcpyToSymbol(const void *, const void *, size_t, size_t, int);
hipError_t hipMemcpyFromSymbol(void *, const void *, size_t, size_t, int);
hipError_t hipGetSymbolSize(size_t *, const void *);
hipError_t hipFuncGetAttributes(void *, const void *);
const char *hipdex_emulator_last_error();
}

__constant__ int factors[4];
__device__ int launches;
static __shared__ int shared[256];

__global__ void scale(const int *in, int *out, int count) {
  int i =
      __builtin_amdgcn_workgroup_id_x() * __builtin_amdgcn_workgroup_size_x() +
      __builtin_amdgcn_workitem_id_x();
  shared[__builtin_amdgcn_workitem_id_x()] = i < count ? in[i] : 0;
  __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
  __builtin_amdgcn_s_barrier();
  if (i < count)
    out[i] = shared[__builtin_amdgcn_workitem_id_x()] * factors[i & 3];
  if (i == 0)
    ++launches;
}

template <typename T> __global__ void fillWith(T *out, T value) {
  out[__builtin_amdgcn_workitem_id_x()] = value;
}

__global__ void needsLds(int *out) {
  extern __shared__ int dynamic[];
  dynamic[__builtin_amdgcn_workitem_id_x()] =
      __builtin_amdgcn_workitem_id_x() * 3;
  out[__builtin_amdgcn_workitem_id_x()] =
      dynamic[__builtin_amdgcn_workitem_id_x()];
}

#define REQUIRE(condition)                                                     \
  do {                                                                         \
    if (!(condition)) {                                                        \
      std::printf("%s:%d: %s is false; last error: %s\n", __FILE__, __LINE__,  \
                  #condition, hipdex_emulator_last_error());                   \
      return 1;                                                                \
    }                                                                          \
  } while (false)

static int runOn(int device) {
  constexpr int count = 1000;
  REQUIRE(hipSetDevice(device) == 0);
  const int hostFactors[4] = {1, 10, 100, -1};
  REQUIRE(hipMemcpyToSymbol(&factors, hostFactors, sizeof(hostFactors), 0, 1) ==
          0);
  size_t bytes = 0;
  REQUIRE(hipGetSymbolSize(&bytes, &factors) == 0 && bytes == 16);
  REQUIRE(hipMemcpyToSymbol(&factors, hostFactors, 16, 1, 1) == 1);
  REQUIRE(hipGetLastError() == 1);
  void *in = nullptr, *out = nullptr;
  REQUIRE(hipMalloc(&in, count * sizeof(int)) == 0);
  REQUIRE(hipMalloc(&out, count * sizeof(int)) == 0);
  int host[count];
  for (int i = 0; i < count; ++i)
    host[i] = 7 * i - 100;
  REQUIRE(hipMemcpy(in, host, sizeof(host), 1) == 0);
  for (int round = 0; round < 3; ++round)
    scale<<<(count + 255) / 256, 256>>>(static_cast<int *>(in),
                                        static_cast<int *>(out), count);
  REQUIRE(hipGetLastError() == 0);
  REQUIRE(hipDeviceSynchronize() == 0);
  REQUIRE(hipMemcpy(host, out, sizeof(host), 2) == 0);
  for (int i = 0; i < count; ++i)
    REQUIRE(host[i] == (7 * i - 100) * hostFactors[i & 3]);
  int seen = 0;
  REQUIRE(hipMemcpyFromSymbol(&seen, &launches, sizeof(seen), 0, 2) == 0);
  REQUIRE(seen == 3);

  fillWith<double><<<1, 64>>>(static_cast<double *>(in), 2.5);
  double values[64];
  REQUIRE(hipMemcpy(values, in, sizeof(values), 2) == 0);
  REQUIRE(values[0] == 2.5 && values[63] == 2.5);

  needsLds<<<1, 64, 64 * sizeof(int)>>>(static_cast<int *>(out));
  REQUIRE(hipGetLastError() == 0);
  REQUIRE(hipMemcpy(host, out, 64 * sizeof(int), 2) == 0);
  REQUIRE(host[63] == 189);

  // Errors come back through hipGetLastError(): <<<>>> returns nothing.
  needsLds<<<1, 64, 1 << 20>>>(static_cast<int *>(out));
  REQUIRE(hipGetLastError() == 9);
  scale<<<1, 64>>>(nullptr, static_cast<int *>(out), count);
  REQUIRE(hipGetLastError() == 719);
  char attributes[128];
  REQUIRE(hipFuncGetAttributes(attributes, (const void *)scale) == 0);
  REQUIRE(hipFuncGetAttributes(attributes, host) == 98);
  REQUIRE(hipFree(in) == 0);
  REQUIRE(hipFree(out) == 0);
  return 0;
}

int main() {
  int count = 0;
  REQUIRE(hipGetDeviceCount(&count) == 0);
  for (int device = 0; device < count; ++device)
    if (int failed = runOn(device))
      return failed;
  std::printf("ran on %d devices\n", count);
  return count == (std::getenv("HIPDEX_EMULATOR_ARCH") ? 1 : 2) ? 0 : 1;
}
