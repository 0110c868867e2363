//===- HeaderTest.c - hipdex.h is C99 -------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Compiled as strict C99, and called once, so that the names link as C.
//
//===----------------------------------------------------------------------===//

#include "hipdex/hipdex.h"

int hipdexHeaderTest(void);

/* The layout that programs were compiled with: fields are added behind these,
   and none is moved. */
#define PLACE(type, field, offset)                                             \
  typedef char                                                                 \
      type##_##field##_moved[offsetof(type, field) == (offset) ? 1 : -1]
PLACE(hipdex_context_options, struct_size, 0);
PLACE(hipdex_context_options, provider, 8);
PLACE(hipdex_context_options, device, 16);
PLACE(hipdex_context_options, cache_dir, 24);
PLACE(hipdex_context_options, flags, 32);
PLACE(hipdex_context_options, bundle_path, 40);
PLACE(hipdex_context_options, cache_lower_dir, 48);
PLACE(hipdex_context_options, cache_limit_bytes, 56);
PLACE(hipdex_context_options, http_cache, 64);
PLACE(hipdex_context_options, bundle_public_key, 72);
PLACE(hipdex_context_options, compiler, 80);
PLACE(hipdex_device_info, name, 8);
PLACE(hipdex_device_info, arch, 16);
PLACE(hipdex_device_info, provider, 24);
PLACE(hipdex_device_info, compute_units, 32);
PLACE(hipdex_counters, memory_hits, 8);
PLACE(hipdex_counters, disk_hits, 16);
PLACE(hipdex_counters, disk_rejects, 24);
PLACE(hipdex_counters, compiles, 32);
PLACE(hipdex_counters, embedded_hits, 40);
PLACE(hipdex_counters, bundle_hits, 48);
PLACE(hipdex_counters, bundle_rejects, 56);
PLACE(hipdex_counters, store_failures, 64);
PLACE(hipdex_counters, lock_waits, 72);
PLACE(hipdex_counters, http_hits, 80);
PLACE(hipdex_counters, http_rejects, 88);
PLACE(hipdex_counters, lock_timeouts, 96);
PLACE(hipdex_can_run_result, can_run, 8);
PLACE(hipdex_can_run_result, constraint, 16);
PLACE(hipdex_can_run_result, nearest, 24);
PLACE(hipdex_prepare_progress, done, 8);
PLACE(hipdex_prepare_progress, total, 16);
PLACE(hipdex_prepare_progress, key, 24);
PLACE(hipdex_prepare_progress, status, 32);
PLACE(hipdex_prepare_progress, message, 40);
PLACE(hipdex_prepare_progress, source, 48);
PLACE(hipdex_cache_entry, key, 8);
PLACE(hipdex_cache_entry, build_id, 16);
PLACE(hipdex_cache_entry, name, 24);
PLACE(hipdex_cache_entry, content_sha256, 32);
PLACE(hipdex_cache_entry, bytes, 40);
PLACE(hipdex_cache_entry, used_at, 48);
PLACE(hipdex_cache_entry, problem, 56);
PLACE(hipdex_cache_entry, compiler, 64);
PLACE(hipdex_cache_removed, entries, 8);
PLACE(hipdex_cache_removed, files, 16);
PLACE(hipdex_cache_removed, bytes, 24);
PLACE(hipdex_cache_removed, bytes_left, 32);
PLACE(hipdex_cache_buffer, data, 0);
PLACE(hipdex_cache_buffer, bytes, 8);
PLACE(hipdex_cache_buffer, num_pages, 16);
PLACE(hipdex_cache_buffer, page_stride, 24);
PLACE(hipdex_cache_buffer, layout_hash, 32);
typedef char
    hipdex_cache_buffer_grew[sizeof(hipdex_cache_buffer) == 40 ? 1 : -1];
PLACE(hipdex_paged_mqa_logits_args, batch, 8);
PLACE(hipdex_paged_mqa_logits_args, q, 16);
PLACE(hipdex_paged_mqa_logits_args, q_stride_request, 24);
PLACE(hipdex_paged_mqa_logits_args, q_stride_token, 32);
PLACE(hipdex_paged_mqa_logits_args, q_stride_head, 40);
PLACE(hipdex_paged_mqa_logits_args, cache, 48);
PLACE(hipdex_paged_mqa_logits_args, weights, 88);
PLACE(hipdex_paged_mqa_logits_args, weights_stride, 96);
PLACE(hipdex_paged_mqa_logits_args, context_lens, 104);
PLACE(hipdex_paged_mqa_logits_args, block_table, 112);
PLACE(hipdex_paged_mqa_logits_args, table_width, 120);
PLACE(hipdex_paged_mqa_logits_args, table_stride, 128);
PLACE(hipdex_paged_mqa_logits_args, logits, 136);
PLACE(hipdex_paged_mqa_logits_args, width, 144);
PLACE(hipdex_paged_mqa_logits_args, logits_stride, 152);

int hipdexHeaderTest(void) {
  hipdex_context_options options = {0};
  hipdex_context *context = 0;
  hipdex_status status;
  options.struct_size = sizeof(options);
  options.provider = "/nowhere/libhip.so";
  options.cache_dir = "";
  status = hipdex_context_create(&options, &context);
  hipdex_context_destroy(context);
  return status == HIPDEX_ERROR_NO_PROVIDER && hipdex_last_message()[0] != 0 &&
         hipdex_abi_version() >= HIPDEX_ABI_VERSION;
}
