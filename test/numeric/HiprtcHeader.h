//===- HiprtcHeader.h - What hiprtc puts before a text ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stand-in's hiprtc_runtime.h: of the names that the real one (HIP's
// headers, preprocessed, ROCm 5.2 to 7) has, those that a kernel's text is apt
// to use or define as well. A text that clashes with them fails here as there.
//
//===----------------------------------------------------------------------===//

// The real one is not held to the caller's warnings, either.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Weverything"

#define __host__ __attribute__((host))
#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __constant__ __attribute__((constant))
#define __shared__ __attribute__((shared))
#define __align__(x) __attribute__((aligned(x)))
#define __noinline__ __attribute__((noinline))
#define __forceinline__ inline __attribute__((always_inline))
// Not the attribute launch_bounds, which clang has as well.
#define launch_bounds_impl0(threads)                                           \
  __attribute__((amdgpu_flat_work_group_size(1, threads)))
#define launch_bounds_impl1(threads, waves)                                    \
  __attribute__((amdgpu_flat_work_group_size(1, threads),                      \
                 amdgpu_waves_per_eu(waves)))
#define select_impl_(_1, _2, impl_, ...) impl_
#define __launch_bounds__(...)                                                 \
  select_impl_(__VA_ARGS__, launch_bounds_impl1,                               \
               launch_bounds_impl0)(__VA_ARGS__)
#define HIP_INCLUDE_HIP_HIP_RUNTIME_H
#define HIP_INCLUDE_HIP_HIP_VECTOR_TYPES_H
#define hipThreadIdx_x threadIdx.x
#define hipBlockIdx_x blockIdx.x

namespace __hip_internal {
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed char int8_t;
typedef signed short int16_t;
typedef signed int int32_t;
typedef signed long long int64_t;
template <bool B, class T = void> struct enable_if {};
template <class T> struct enable_if<true, T> {
  typedef T type;
};
} // namespace __hip_internal

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef long clock_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef signed int int32_t;
typedef signed long long int64_t;
typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned long long ullong;
namespace std {
using ::int32_t;
using ::int64_t;
using ::ptrdiff_t;
using ::size_t;
using ::uint32_t;
using ::uint64_t;
} // namespace std

struct dim3 {
  uint32_t x, y, z;
};
struct __hip_builtin_index_t {
  __declspec(property(get = get_x)) unsigned x;
  __device__ __forceinline__ unsigned get_x() const {
    return __builtin_amdgcn_workitem_id_x();
  }
};
extern const __device__ __attribute__((weak)) __hip_builtin_index_t threadIdx,
    blockIdx, blockDim, gridDim;
static constexpr int warpSize = 64;

#define HIP_VECTOR(name, type)                                                 \
  struct name##2 { type x, y; };                                               \
  struct name##4 { type x, y, z, w; };
HIP_VECTOR(char, char)
HIP_VECTOR(uchar, unsigned char)
HIP_VECTOR(short, short)
HIP_VECTOR(ushort, unsigned short)
HIP_VECTOR(int, int)
HIP_VECTOR(uint, unsigned)
HIP_VECTOR(longlong, long long)
HIP_VECTOR(ulonglong, unsigned long long)
HIP_VECTOR(float, float)
HIP_VECTOR(double, double)
#undef HIP_VECTOR

struct __half {
  _Float16 data;
};
typedef __half half;
struct hip_bfloat16 {
  unsigned short data;
};

#define HIP_DEVICE static inline __device__
HIP_DEVICE void __syncthreads() { __builtin_amdgcn_s_barrier(); }
HIP_DEVICE void __threadfence() {
  __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "agent");
}
HIP_DEVICE unsigned __lane_id() {
  return __builtin_amdgcn_mbcnt_hi(-1, __builtin_amdgcn_mbcnt_lo(-1, 0));
}
HIP_DEVICE unsigned __popc(unsigned x) { return __builtin_popcount(x); }
HIP_DEVICE int __float_as_int(float x) { return __builtin_bit_cast(int, x); }
HIP_DEVICE float __int_as_float(int x) { return __builtin_bit_cast(float, x); }
HIP_DEVICE int atomicAdd(int *address, int value) {
  return __hip_atomic_fetch_add(address, value, __ATOMIC_RELAXED,
                                __HIP_MEMORY_SCOPE_AGENT);
}
HIP_DEVICE int min(int x, int y) { return x < y ? x : y; }
HIP_DEVICE int max(int x, int y) { return x > y ? x : y; }
HIP_DEVICE int abs(int x) { return __builtin_abs(x); }
HIP_DEVICE float fmaf(float x, float y, float z) {
  return __builtin_fmaf(x, y, z);
}
HIP_DEVICE float fmaxf(float x, float y) { return __builtin_fmaxf(x, y); }
HIP_DEVICE float rintf(float x) { return __builtin_rintf(x); }
HIP_DEVICE float exp2f(float x) { return __builtin_exp2f(x); }
HIP_DEVICE float sqrtf(float x) { return __builtin_sqrtf(x); }
#undef HIP_DEVICE

#pragma clang diagnostic pop
