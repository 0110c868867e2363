//===- CFunctions.cpp - CFunctions.h as kernels ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../CFunctions.h"

#define HIPDEX_KERNEL(name)                                                    \
  extern "C" __attribute__((amdgpu_kernel)) void kernel_##name(                \
      const u64 *in, u64 *out, u32 count) {                                    \
    u32 i = __builtin_amdgcn_workgroup_id_x() * 64 +                           \
            __builtin_amdgcn_workitem_id_x();                                  \
    if (i < count)                                                             \
      out[i] = name(in[4 * i], in[4 * i + 1], in[4 * i + 2], in[4 * i + 3]);   \
  }
HIPDEX_FOREACH_CASE(HIPDEX_KERNEL)
