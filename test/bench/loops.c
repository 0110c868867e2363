/*===- loops.c - What the emulator is timed on --------------------*- C -*-===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

typedef float v4f __attribute__((ext_vector_type(4)));
typedef float v16f __attribute__((ext_vector_type(16)));

#define KERNEL                                                                 \
  __attribute__((amdgpu_kernel, amdgpu_flat_work_group_size(64, 64)))

static int lane(void) { return __builtin_amdgcn_workitem_id_x(); }

/* Eight fmas, integer ops and a loop's scalar overhead. */
KERNEL void valu(__attribute__((address_space(1))) float *out, int count) {
  float a[8];
  unsigned bits = lane();
  for (int i = 0; i < 8; ++i)
    a[i] = lane() + i;
  for (int n = 0; n < count; ++n) {
    for (int i = 0; i < 8; ++i)
      a[i] = __builtin_fmaf(a[i], 0.999f, 0.5f);
    bits = (bits << 3) ^ bits;
    bits += 12345;
  }
  float sum = bits;
  for (int i = 0; i < 8; ++i)
    sum += a[i];
  out[lane()] = sum;
}

KERNEL void mfma16(__attribute__((address_space(1))) float *out, int count) {
  v4f a = {0}, b = {0};
  long x = lane() * 0x0123456789abcdefL & 0x7777777777777777L;
  for (int n = 0; n < count; ++n) {
    a = __builtin_amdgcn_mfma_f32_16x16x32_fp8_fp8(x, x, a, 0, 0, 0);
    b = __builtin_amdgcn_mfma_f32_16x16x32_fp8_fp8(x, x, b, 0, 0, 0);
  }
  out[lane()] = a[0] + b[1];
}

KERNEL void mfma32(__attribute__((address_space(1))) float *out, int count) {
  v16f a = {0}, b = {0};
  long x = lane() * 0x0123456789abcdefL & 0x7777777777777777L;
  for (int n = 0; n < count; ++n) {
    a = __builtin_amdgcn_mfma_f32_32x32x16_fp8_fp8(x, x, a, 0, 0, 0);
    b = __builtin_amdgcn_mfma_f32_32x32x16_fp8_fp8(x, x, b, 0, 0, 0);
  }
  out[lane()] = a[0] + b[1];
}
