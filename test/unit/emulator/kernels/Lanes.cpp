//===- Lanes.cpp - Instructions that cross or convert lanes ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../DppCases.h"

typedef unsigned u32;
typedef unsigned long u64;
typedef __attribute__((ext_vector_type(2))) float float2;
typedef __attribute__((ext_vector_type(2))) u32 u32x2;

#define KERNEL extern "C" __attribute__((amdgpu_kernel)) void
#define LANE __builtin_amdgcn_workitem_id_x()

//===----------------------------------------------------------------------===//
// DPP: out[lane] = in[source lane], or old[lane] where nothing is written
//===----------------------------------------------------------------------===//

#define HIPDEX_DPP(name, control, rows, banks, bound)                          \
  KERNEL dpp_##name(const u32 *in, const u32 *old, u32 *out) {                 \
    out[LANE] = __builtin_amdgcn_update_dpp(old[LANE], in[LANE], control,      \
                                            rows, banks, bound);               \
  }
HIPDEX_FOREACH_DPP(HIPDEX_DPP)

// With some lanes off: they give nothing (bound_ctrl off) and take nothing.
KERNEL dpp_inactive(const u32 *in, const u32 *old, u32 *out) {
  u32 value = in[LANE];
  if (LANE % 3 != 0)
    out[LANE] = __builtin_amdgcn_update_dpp(old[LANE], value, 0x111, 15, 15, 0);
}

//===----------------------------------------------------------------------===//
// Whole lanes
//===----------------------------------------------------------------------===//

KERNEL bpermute(const u32 *in, const u32 *index, u32 *out) {
  out[LANE] = __builtin_amdgcn_ds_bpermute(index[LANE], in[LANE]);
}
KERNEL permute(const u32 *in, const u32 *index, u32 *out) {
  out[LANE] = __builtin_amdgcn_ds_permute(index[LANE], in[LANE]);
}
KERNEL swizzle_and_xor(const u32 *in, const u32 *, u32 *out) {
  // and 0x1d, or 0x02, xor 0x11
  out[LANE] = __builtin_amdgcn_ds_swizzle(in[LANE], 0x1d | 2 << 5 | 0x11 << 10);
}
KERNEL swizzle_quad(const u32 *in, const u32 *, u32 *out) {
  out[LANE] = __builtin_amdgcn_ds_swizzle(in[LANE], 0x8000 | 0x4e);
}
KERNEL readlane(const u32 *in, const u32 *index, u32 *out) {
  out[LANE] = __builtin_amdgcn_readlane(in[LANE], index[0] & 63) +
              __builtin_amdgcn_readfirstlane(in[LANE]);
}
KERNEL readfirst_active(const u32 *in, const u32 *, u32 *out) {
  if (LANE >= 5)
    out[LANE] = __builtin_amdgcn_readfirstlane(in[LANE]);
}
KERNEL ballot(const u32 *in, const u32 *, u32 *out) {
  u64 mask = __builtin_amdgcn_ballot_w64(in[LANE] & 1);
  out[LANE] = __builtin_amdgcn_mbcnt_hi(
      (u32)(mask >> 32), __builtin_amdgcn_mbcnt_lo((u32)mask, 0));
}

#ifdef __gfx950__
KERNEL permlane32_swap(const u32 *in, const u32 *old, u32 *out) {
  u32x2 both = __builtin_amdgcn_permlane32_swap(old[LANE], in[LANE], 0, 0);
  out[LANE] = both.x;
  out[64 + LANE] = both.y;
}
KERNEL permlane16_swap(const u32 *in, const u32 *old, u32 *out) {
  u32x2 both = __builtin_amdgcn_permlane16_swap(old[LANE], in[LANE], 0, 0);
  out[LANE] = both.x;
  out[64 + LANE] = both.y;
}
#endif

//===----------------------------------------------------------------------===//
// fp8 conversions
//===----------------------------------------------------------------------===//

KERNEL from_fp8(const u32 *in, const u32 *, float *out) {
  u32 i = LANE + 64 * __builtin_amdgcn_workgroup_id_x();
  float2 low = __builtin_amdgcn_cvt_pk_f32_fp8(in[i], 0);
  float2 high = __builtin_amdgcn_cvt_pk_f32_fp8(in[i], 1);
  out[8 * i] = __builtin_amdgcn_cvt_f32_fp8(in[i], 0);
  out[8 * i + 1] = __builtin_amdgcn_cvt_f32_fp8(in[i], 1);
  out[8 * i + 2] = __builtin_amdgcn_cvt_f32_fp8(in[i], 2);
  out[8 * i + 3] = __builtin_amdgcn_cvt_f32_fp8(in[i], 3);
  out[8 * i + 4] = low.x;
  out[8 * i + 5] = low.y;
  out[8 * i + 6] = high.x;
  out[8 * i + 7] = high.y;
}
KERNEL from_bf8(const u32 *in, const u32 *, float *out) {
  u32 i = LANE + 64 * __builtin_amdgcn_workgroup_id_x();
  float2 low = __builtin_amdgcn_cvt_pk_f32_bf8(in[i], 0);
  float2 high = __builtin_amdgcn_cvt_pk_f32_bf8(in[i], 1);
  out[8 * i] = __builtin_amdgcn_cvt_f32_bf8(in[i], 0);
  out[8 * i + 1] = __builtin_amdgcn_cvt_f32_bf8(in[i], 1);
  out[8 * i + 2] = __builtin_amdgcn_cvt_f32_bf8(in[i], 2);
  out[8 * i + 3] = __builtin_amdgcn_cvt_f32_bf8(in[i], 3);
  out[8 * i + 4] = low.x;
  out[8 * i + 5] = low.y;
  out[8 * i + 6] = high.x;
  out[8 * i + 7] = high.y;
}
// out[2i] has the pair in its low half, out[2i + 1] in its high half.
KERNEL to_fp8(const float *in, const u32 *old, u32 *out) {
  u32 i = LANE + 64 * __builtin_amdgcn_workgroup_id_x();
  out[2 * i] =
      __builtin_amdgcn_cvt_pk_fp8_f32(in[2 * i], in[2 * i + 1], old[i], 0);
  out[2 * i + 1] =
      __builtin_amdgcn_cvt_pk_fp8_f32(in[2 * i], in[2 * i + 1], old[i], 1);
}
KERNEL to_bf8(const float *in, const u32 *old, u32 *out) {
  u32 i = LANE + 64 * __builtin_amdgcn_workgroup_id_x();
  out[2 * i] =
      __builtin_amdgcn_cvt_pk_bf8_f32(in[2 * i], in[2 * i + 1], old[i], 0);
  out[2 * i + 1] =
      __builtin_amdgcn_cvt_pk_bf8_f32(in[2 * i], in[2 * i + 1], old[i], 1);
}
