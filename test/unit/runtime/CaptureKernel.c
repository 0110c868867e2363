/*===- CaptureKernel.c - A kernel with paged_mqa_logits's arguments -------===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Adds one to the first logit, so that a test sees how often it ran. */

#define GLOBAL __attribute__((address_space(1)))

__attribute__((amdgpu_kernel)) void
fake_kernel(GLOBAL void *q, long q_stride_request, long q_stride_token,
            long q_stride_head, GLOBAL void *cache, long page_stride,
            int num_pages, GLOBAL void *weights, long weights_stride,
            GLOBAL void *context_lens, GLOBAL void *block_table,
            long table_stride, GLOBAL float *logits, long logits_stride,
            int width, int batch, int waves) {
  if (__builtin_amdgcn_workitem_id_x() == 0 &&
      __builtin_amdgcn_workgroup_id_x() == 0)
    logits[0] += 1;
}
