/*===- main.c - A C program that carries its kernels --------------*- C -*-===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Scores 100 tokens of ones with 64 heads of ones: each logit is 64 * 128.   *|
|* HIPDEX_DEVICE=emulator runs it without a GPU.                              *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include <hipdex/hipdex.h>
#include <stdio.h>
#include <string.h>

enum { heads = 64, headDim = 128, pageTokens = 64, pages = 2, tokens = 100 };
enum { pageBytes = pageTokens * (headDim + 4), width = pages * pageTokens };

typedef int (*malloc_fn)(void **, size_t);
typedef int (*memcpy_fn)(void *, const void *, size_t, int);
enum { hostToDevice = 1, deviceToHost = 2 };

static malloc_fn hipMalloc;
static memcpy_fn hipMemcpy;

static void *toDevice(const void *bytes, size_t size) {
  void *pointer = NULL;
  if (hipMalloc(&pointer, size) != 0 ||
      hipMemcpy(pointer, bytes, size, hostToDevice) != 0)
    return NULL;
  return pointer;
}

static int fail(const char *what) {
  fprintf(stderr, "embed_c: %s: %s\n", what, hipdex_last_message());
  return 1;
}

int main(void) {
  static unsigned char q[heads * headDim], cache[pages * pageBytes];
  static float weights[heads], logits[width];
  const int32_t length = tokens, table[pages] = {0, 1};
  const float one = 1.0f;
  hipdex_context_options options = {0};
  hipdex_context *context;
  hipdex_device_info info = {0};
  hipdex_counters counters = {0};
  hipdex_paged_mqa_logits_args args = {0};
  const hipdex_kernel *kernel;
  const char *key, *layout;
  int page, token, i, wrong = 0;
  unsigned char fp8One;

  /* Nothing is compiled, whatever is missing. */
  options.struct_size = sizeof(options);
  options.flags = HIPDEX_CONTEXT_NO_JIT;
  options.cache_dir = "";
  if (hipdex_context_create(&options, &context) != HIPDEX_SUCCESS)
    return fail("no context");
  info.struct_size = sizeof(info);
  if (hipdex_get_device_info(context, &info) != HIPDEX_SUCCESS)
    return fail("no device");
  if (strcmp(info.arch, "gfx942") == 0) {
    key = "paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz";
    layout = "cache<page_size=64,head_dim=128,order=preshuffle(16,16),"
             "fp8=e4m3fnuz>";
    fp8One = 0x40;
  } else {
    key = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";
    layout = "cache<page_size=64,head_dim=128,order=preshuffle(16,16),"
             "fp8=e4m3fn>";
    fp8One = 0x38;
  }
  if (hipdex_get_kernel(context, key, &kernel) != HIPDEX_SUCCESS)
    return fail("no kernel");

  memset(q, fp8One, sizeof(q));
  memset(cache, fp8One, sizeof(cache));
  for (page = 0; page < pages; ++page)
    for (token = 0; token < pageTokens; ++token)
      memcpy(cache + page * pageBytes + pageTokens * headDim + token * 4, &one,
             sizeof(one));
  for (i = 0; i < heads; ++i)
    weights[i] = 1.0f;

  hipMalloc = (malloc_fn)hipdex_get_hip_function(context, "hipMalloc");
  hipMemcpy = (memcpy_fn)hipdex_get_hip_function(context, "hipMemcpy");
  args.struct_size = sizeof(args);
  args.batch = 1;
  args.q = toDevice(q, sizeof(q));
  args.q_stride_request = args.q_stride_token = heads * headDim;
  args.q_stride_head = headDim;
  args.cache.data = toDevice(cache, sizeof(cache));
  args.cache.bytes = sizeof(cache);
  args.cache.num_pages = pages;
  args.cache.page_stride = pageBytes;
  if (hipdex_layout_hash(layout, &args.cache.layout_hash) != HIPDEX_SUCCESS)
    return fail("no layout");
  args.weights = (const float *)toDevice(weights, sizeof(weights));
  args.weights_stride = heads;
  args.context_lens = (const int32_t *)toDevice(&length, sizeof(length));
  args.block_table = (const int32_t *)toDevice(table, sizeof(table));
  args.table_width = args.table_stride = pages;
  args.logits = (float *)toDevice(logits, sizeof(logits));
  args.width = args.logits_stride = width;
  if (hipdex_launch_paged_mqa_logits(kernel, &args, NULL) != HIPDEX_SUCCESS)
    return fail("no launch");
  if (hipMemcpy(logits, args.logits, sizeof(logits), deviceToHost) != 0)
    return fail("no result");

  for (i = 0; i < width; ++i)
    wrong += logits[i] != (i < tokens ? (float)(heads * headDim) : 0.0f);
  counters.struct_size = sizeof(counters);
  if (hipdex_get_counters(context, &counters) != HIPDEX_SUCCESS)
    return fail("no counters");
  printf("%s on %s: logit %g, %d of %d wrong, %d kernels embedded, %d "
         "compiled\n",
         key, info.name, logits[tokens - 1], wrong, (int)width,
         (int)counters.embedded_hits, (int)counters.compiles);
  hipdex_context_destroy(context);
  return wrong != 0;
}
