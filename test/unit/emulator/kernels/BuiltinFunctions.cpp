//===- BuiltinFunctions.cpp - BuiltinFunctions.h as kernels ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BuiltinFunctions.h"

#define HIPDEX_KERNEL(name)                                                    \
  extern "C" __attribute__((amdgpu_kernel)) void kernel_##name(                \
      const u64 *in, u64 *out, u32 count) {                                    \
    u32 i = __builtin_amdgcn_workgroup_id_x() * 64 +                           \
            __builtin_amdgcn_workitem_id_x();                                  \
    if (i < count)                                                             \
      out[i] = name(in[4 * i], in[4 * i + 1], in[4 * i + 2], in[4 * i + 3]);   \
  }
HIPDEX_FOREACH_BUILTIN(HIPDEX_KERNEL)

// The approximations: out[8 * i + 0..7].
extern "C" __attribute__((amdgpu_kernel)) void approximations(const float *in,
                                                              float *out) {
  u32 i =
      __builtin_amdgcn_workgroup_id_x() * 64 + __builtin_amdgcn_workitem_id_x();
  float x = in[i];
  out[8 * i] = __builtin_amdgcn_rcpf(x);
  out[8 * i + 1] = __builtin_amdgcn_rsqf(x);
  out[8 * i + 2] = __builtin_amdgcn_sqrtf(x);
  out[8 * i + 3] = __builtin_amdgcn_exp2f(x);
  out[8 * i + 4] = __builtin_amdgcn_logf(x);
  out[8 * i + 5] = __builtin_amdgcn_sinf(x);
  out[8 * i + 6] = __builtin_amdgcn_cosf(x);
  out[8 * i + 7] = (float)__builtin_amdgcn_rcp((double)x);
}
