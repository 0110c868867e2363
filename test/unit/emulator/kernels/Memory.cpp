//===- Memory.cpp - Loads, stores, atomics, LDS, barriers -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

typedef unsigned u32;
typedef unsigned long u64;
typedef __attribute__((ext_vector_type(4))) u32 u32x4;

#define KERNEL extern "C" __attribute__((amdgpu_kernel)) void
#define LANE __builtin_amdgcn_workitem_id_x()
#define GROUP __builtin_amdgcn_workgroup_id_x()
#define LDS __attribute__((address_space(3)))

//===----------------------------------------------------------------------===//
// Accesses that may be wrong
//===----------------------------------------------------------------------===//

KERNEL load_at(const u32 *in, long index, u32 *out) {
  out[LANE] = in[index + LANE];
}
KERNEL store_at(u32 *out, long index, u32 value) { out[index + LANE] = value; }
// Only one lane goes wrong.
KERNEL store_one(u32 *out, u32 lane, u32 *bad) {
  *(LANE == lane ? bad : out + LANE) = LANE;
}
// Loads from constant memory are scalar where the address is uniform.
KERNEL scalar_load_at(const __attribute__((address_space(4))) u32 *in,
                      long index, u32 *out) {
  out[LANE] = in[index];
}
[[clang::loader_uninitialized]] static LDS u32 shared[256];
KERNEL lds_at(u32 byteOffset, u32 *out) {
  shared[LANE] = LANE;
  out[LANE] =
      *(volatile LDS u32 *)((u32)(LDS char *)shared + byteOffset + 4 * LANE);
}
KERNEL null_store(u32 *out) {
  if (LANE == 63)
    *(volatile u32 *)(u64)(out[0] * 0) = 1;
}

//===----------------------------------------------------------------------===//
// Atomics
//===----------------------------------------------------------------------===//

// words: 0 sum, 1 min, 2 max, 3 and, 4 or, 5 xor, 6 count by compare-and-swap
KERNEL atomics32(u32 *words, const u32 *in, u32 *old) {
  u32 i = 64 * GROUP + LANE, value = in[i];
  old[i] = __scoped_atomic_fetch_add(words, 1u, __ATOMIC_RELAXED,
                                     __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_min(words + 1, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_max(words + 2, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_and(words + 3, value | 0xff, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_or(words + 4, value & 0xff, __ATOMIC_RELAXED,
                           __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_xor(words + 5, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
  u32 seen = words[6];
  while (!__scoped_atomic_compare_exchange_n(
      words + 6, &seen, seen + (value & 3), false, __ATOMIC_SEQ_CST,
      __ATOMIC_RELAXED, __MEMORY_SCOPE_DEVICE))
    ;
}
KERNEL atomics64(u64 *words, const u64 *in, u64 *old) {
  u32 i = 64 * GROUP + LANE;
  u64 value = in[i];
  old[i] = __scoped_atomic_fetch_add(words, value, __ATOMIC_RELAXED,
                                     __MEMORY_SCOPE_SYSTEM);
  __scoped_atomic_fetch_min(words + 1, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_SYSTEM);
  __scoped_atomic_fetch_max(words + 2, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_SYSTEM);
  __scoped_atomic_fetch_xor(words + 3, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_SYSTEM);
}
// Sums of small integers: exact in any order.
KERNEL atomics_float(float *sum, double *wide, const u32 *in) {
  float value = (float)(in[64 * GROUP + LANE] & 15);
  __scoped_atomic_fetch_add(sum, value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
  __scoped_atomic_fetch_add(wide, (double)value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_DEVICE);
}
[[clang::loader_uninitialized]] static LDS u32 counters[64];
KERNEL atomics_lds(const u32 *in, u32 *out) {
  // 256 threads. A histogram, and the sum of all.
  if (LANE < 64)
    counters[LANE] = 0;
  __builtin_amdgcn_s_barrier();
  u32 value = in[256 * GROUP + LANE];
  __scoped_atomic_fetch_add(&counters[value & 31], 1u, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_WRKGRP);
  __scoped_atomic_fetch_add(&counters[32], value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_WRKGRP);
  __scoped_atomic_fetch_max(&counters[33], value, __ATOMIC_RELAXED,
                            __MEMORY_SCOPE_WRKGRP);
  __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
  __builtin_amdgcn_s_barrier();
  if (LANE < 64)
    out[64 * GROUP + LANE] = counters[LANE];
}

// 256 threads. All workgroups count into `bins`; the last to arrive takes the
// counts and leaves zeros, in `arrived` too.
[[clang::loader_uninitialized]] static LDS u32 before;
KERNEL last_arriver(u32 *bins, u32 *arrived, u32 groups, const u32 *in,
                    u32 *out) {
  __scoped_atomic_fetch_add(bins + in[256 * GROUP + LANE] % 64, 1u,
                            __ATOMIC_RELAXED, __MEMORY_SCOPE_DEVICE);
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "agent");
  __builtin_amdgcn_s_barrier();
  if (LANE == 0)
    before = __scoped_atomic_fetch_add(arrived, 1u, __ATOMIC_RELAXED,
                                       __MEMORY_SCOPE_DEVICE);
  __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
  __builtin_amdgcn_s_barrier();
  if (before + 1 != groups)
    return;
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "agent");
  if (LANE < 64)
    out[LANE] += __scoped_atomic_exchange_n(bins + LANE, 0u, __ATOMIC_RELAXED,
                                            __MEMORY_SCOPE_DEVICE);
  if (LANE == 0)
    __scoped_atomic_exchange_n(arrived, 0u, __ATOMIC_RELAXED,
                               __MEMORY_SCOPE_DEVICE);
}

//===----------------------------------------------------------------------===//
// Barriers
//===----------------------------------------------------------------------===//

[[clang::loader_uninitialized]] static LDS u32 partial[1024];
// A block of any whole number of waves sums its inputs by halving.
KERNEL reduce(const u32 *in, u32 *out, u32 threads) {
  partial[LANE] = in[threads * GROUP + LANE];
  __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
  __builtin_amdgcn_s_barrier();
  for (u32 step = threads / 2; step; step /= 2) {
    if (LANE < step)
      partial[LANE] += partial[LANE + step];
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
    __builtin_amdgcn_s_barrier();
  }
  if (LANE == 0)
    out[GROUP] = partial[0];
}
// Every wave passes its word to the next one, many times over.
KERNEL relay(u32 *out, u32 waves, u32 rounds) {
  u32 wave = LANE / 64;
  u32 value = wave;
  for (u32 round = 0; round < rounds; ++round) {
    partial[LANE] = value;
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
    __builtin_amdgcn_s_barrier();
    value = partial[(LANE + 64) % (64 * waves)];
    __builtin_amdgcn_fence(__ATOMIC_SEQ_CST, "workgroup");
    __builtin_amdgcn_s_barrier();
  }
  out[LANE] = value;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

// Reads and writes words at offset 4 * (LANE + first) of a buffer of `bytes`.
KERNEL buffer_load(u32 *base, u32 bytes, u32 first, u32 *out) {
  __amdgpu_buffer_rsrc_t resource =
      __builtin_amdgcn_make_buffer_rsrc(base, 0, bytes, 0x00027000);
  out[LANE] =
      __builtin_amdgcn_raw_buffer_load_b32(resource, 4 * (first + LANE), 0, 0);
}
KERNEL buffer_load4(u32 *base, u32 bytes, u32 scalarOffset, u32x4 *out) {
  __amdgpu_buffer_rsrc_t resource =
      __builtin_amdgcn_make_buffer_rsrc(base, 0, bytes, 0x00027000);
  out[LANE] = __builtin_amdgcn_raw_buffer_load_b128(resource, 16 * LANE,
                                                    scalarOffset, 0);
}
KERNEL buffer_load_byte(u32 *base, u32 bytes, u32 first, u32 *out) {
  __amdgpu_buffer_rsrc_t resource =
      __builtin_amdgcn_make_buffer_rsrc(base, 0, bytes, 0x00027000);
  out[LANE] = __builtin_amdgcn_raw_buffer_load_b8(resource, first + LANE, 0, 0);
}
KERNEL buffer_store(u32 *base, u32 bytes, u32 first, const u32 *in) {
  __amdgpu_buffer_rsrc_t resource =
      __builtin_amdgcn_make_buffer_rsrc(base, 0, bytes, 0x00027000);
  __builtin_amdgcn_raw_buffer_store_b32(in[LANE], resource, 4 * (first + LANE),
                                        0, 0);
}

//===----------------------------------------------------------------------===//
// Loads into LDS
//===----------------------------------------------------------------------===//

// What 256 words of LDS hold, all 5 before, after one load by the lanes of
// `mask`: from lane l's place at `address`, in the order that `index` says, to
// word `first` on.
#define GLOBAL_TO_LDS(NAME, BYTES, OFFSET)                                     \
  KERNEL global_to_lds_##NAME(u32 *in, const u32 *index, u64 mask, u32 first,  \
                              u32 *out) {                                      \
    for (u32 i = LANE; i < 256; i += 64)                                       \
      shared[i] = 5;                                                           \
    __builtin_amdgcn_s_barrier();                                              \
    if (mask >> LANE & 1)                                                      \
      __builtin_amdgcn_global_load_lds(                                        \
          (__attribute__((address_space(1))) char *)in + BYTES * index[LANE],  \
          shared + first, BYTES, OFFSET, 0);                                   \
    __builtin_amdgcn_s_waitcnt(0);                                             \
    __builtin_amdgcn_s_barrier();                                              \
    for (u32 i = LANE; i < 256; i += 64)                                       \
      out[i] = *(volatile LDS u32 *)(shared + i);                              \
  }
// Likewise from a buffer of `size` bytes.
#define BUFFER_TO_LDS(NAME, BYTES)                                             \
  KERNEL buffer_to_lds_##NAME(u32 *in, const u32 *index, u64 mask, u32 first,  \
                              u32 *out, u32 size) {                            \
    __amdgpu_buffer_rsrc_t resource =                                          \
        __builtin_amdgcn_make_buffer_rsrc(in, 0, size, 0x00027000);            \
    for (u32 i = LANE; i < 256; i += 64)                                       \
      shared[i] = 5;                                                           \
    __builtin_amdgcn_s_barrier();                                              \
    if (mask >> LANE & 1)                                                      \
      __builtin_amdgcn_raw_ptr_buffer_load_lds(                                \
          resource, shared + first, BYTES, BYTES * index[LANE], 0, 0, 0);      \
    __builtin_amdgcn_s_waitcnt(0);                                             \
    __builtin_amdgcn_s_barrier();                                              \
    for (u32 i = LANE; i < 256; i += 64)                                       \
      out[i] = *(volatile LDS u32 *)(shared + i);                              \
  }
GLOBAL_TO_LDS(1, 1, 0)
GLOBAL_TO_LDS(2, 2, 0)
GLOBAL_TO_LDS(4, 4, 0)
// The offset is one of both addresses.
GLOBAL_TO_LDS(4_offset, 4, 16)
BUFFER_TO_LDS(1, 1)
BUFFER_TO_LDS(2, 2)
BUFFER_TO_LDS(4, 4)
#ifdef __gfx950__
GLOBAL_TO_LDS(12, 12, 0)
GLOBAL_TO_LDS(16, 16, 0)
BUFFER_TO_LDS(12, 12)
BUFFER_TO_LDS(16, 16)
#endif

//===----------------------------------------------------------------------===//
// What a kernel is told about its launch
//===----------------------------------------------------------------------===//

typedef const __attribute__((address_space(4))) void *ConstantPointer;
// out: 16 words a work-item.
KERNEL ids(u32 *out) {
  const __attribute__((address_space(4))) u32 *counts =
      (const __attribute__((address_space(4)))
       u32 *)__builtin_amdgcn_implicitarg_ptr();
  const __attribute__((address_space(4))) unsigned short *sizes =
      (const __attribute__((address_space(4))) unsigned short *)(counts + 3);
  u32 x = __builtin_amdgcn_workitem_id_x(),
      y = __builtin_amdgcn_workitem_id_y(),
      z = __builtin_amdgcn_workitem_id_z();
  u32 gx = __builtin_amdgcn_workgroup_id_x(),
      gy = __builtin_amdgcn_workgroup_id_y(),
      gz = __builtin_amdgcn_workgroup_id_z();
  u32 flat = ((gz * counts[1] + gy) * counts[0] + gx) * sizes[0] * sizes[1] *
                 sizes[2] +
             (z * sizes[1] + y) * sizes[0] + x;
  u32 *record = out + 16 * flat;
  record[0] = x;
  record[1] = y;
  record[2] = z;
  record[3] = gx;
  record[4] = gy;
  record[5] = gz;
  record[6] = counts[0];
  record[7] = counts[1];
  record[8] = counts[2];
  record[9] = sizes[0];
  record[10] = sizes[1];
  record[11] = sizes[2];
  record[12] = sizes[3] | sizes[4] << 8 | sizes[5] << 16; // remainders
  record[13] = __builtin_amdgcn_workgroup_size_x();
  record[14] = __builtin_amdgcn_grid_size_x();
}

// Variables that the host can find.
__attribute__((visibility("protected"))) u32 counterVariable = 41;
extern const u32 tableVariable[4];
__attribute__((visibility("protected"))) extern const u32 tableVariable[4] = {
    10, 20, 30, 40};
KERNEL use_variables(u32 *out) {
  out[LANE] = counterVariable + tableVariable[LANE & 3];
}
// Arguments of all sizes.
struct Triple {
  u32 x;
  u64 y;
  unsigned char z;
};
KERNEL arguments(unsigned char a, unsigned short b, u32 c, u64 d, float e,
                 double f, Triple g, u64 *out) {
  u64 words[10] = {a, b, c, d, 0, 0, g.x, g.y, g.z, 0x77};
  __builtin_memcpy(&words[4], &e, 4);
  __builtin_memcpy(&words[5], &f, 8);
  if (LANE < 10)
    out[LANE] = words[LANE];
}
