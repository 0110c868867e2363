/*===- hipdex.h - C ABI of libhipdex.so ---------------------------*- C -*-===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Open a device, get a kernel by key, launch it on your stream with your     *|
|* pointers. Every function but the destructors returns a status; on failure  *|
|* hipdex_last_message() says, in one line, what is wrong, which value it is  *|
|* and what is allowed. Nothing is thrown across this interface, and no       *|
|* function exits or prints.                                                  *|
|*                                                                            *|
|* All functions are thread safe. A context is one device. Kernels belong to  *|
|* their context and live as long as it does.                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef HIPDEX_H
#define HIPDEX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(HIPDEX_BUILDING_RUNTIME)
#define HIPDEX_API __attribute__((visibility("default")))
#else
#define HIPDEX_API
#endif

typedef enum hipdex_status {
  HIPDEX_SUCCESS = 0,
  HIPDEX_ERROR_INVALID_ARGUMENT = 1, /* null pointer, negative extent, ... */
  HIPDEX_ERROR_UNSUPPORTED_KEY = 2,  /* message names the nearest key */
  HIPDEX_ERROR_LAYOUT_MISMATCH = 3,  /* message names both layouts */
  HIPDEX_ERROR_NO_PROVIDER = 4,      /* no HIP library could be opened */
  HIPDEX_ERROR_NO_DEVICE = 5,        /* HIP is there, the device is not */
  HIPDEX_ERROR_HIP = 6,              /* a HIP call failed: call and code */
  HIPDEX_ERROR_COMPILER = 7,         /* compiler missing or it failed */
  HIPDEX_ERROR_CODE_OBJECT = 8,      /* corrupt, or for another arch */
  HIPDEX_ERROR_OUT_OF_MEMORY = 9,
  HIPDEX_ERROR_INTERNAL = 10 /* an exception nobody foresaw: its message */
} hipdex_status;

/* What went wrong in the calling thread's last call; empty if nothing did.
   After a success it may hold a warning (a disk cache that cannot be written).
   Valid until the thread's next call. */
HIPDEX_API const char *hipdex_last_message(void);

/* "0.1.0", and the digest of what generates the kernels. */
HIPDEX_API const char *hipdex_version(void);
HIPDEX_API const char *hipdex_build_id(void);

/*===- Context ------------------------------------------------------------===*/

typedef struct hipdex_context hipdex_context;

typedef struct hipdex_context_options {
  size_t struct_size; /* sizeof(hipdex_context_options) */
  /* Who provides HIP. Null: HIPDEX_DEVICE if set, else "hip". "hip": AMD's
     libamdhip64, the copy that the process already holds if there is one.
     "emulator": libhipdex-emulator.so, never chosen unless asked for. Else a
     path of a library with HIP's C ABI. */
  const char *provider;
  int device; /* HIP's device number */
  /* Folder of compiled kernels. Null: HIPDEX_CACHE_DIR if set, else
     $XDG_CACHE_HOME/hipdex, else ~/.cache/hipdex. "" turns it off. */
  const char *cache_dir;
} hipdex_context_options;

HIPDEX_API hipdex_status hipdex_context_create(
    const hipdex_context_options *options, hipdex_context **context);
/* Unloads the context's kernels: launches of them must have finished, and no
   graph that holds one may run again. */
HIPDEX_API void hipdex_context_destroy(hipdex_context *context);

typedef struct hipdex_device_info {
  size_t struct_size;   /* sizeof(hipdex_device_info), set by the caller */
  const char *name;     /* as HIP reports it */
  const char *arch;     /* "gfx942", without feature suffixes */
  const char *provider; /* path or soname of the HIP library in use */
  int compute_units;
} hipdex_device_info;

/* Strings are owned by the context. */
HIPDEX_API hipdex_status hipdex_get_device_info(const hipdex_context *context,
                                                hipdex_device_info *info);

/* The provider's own function of that name (hipMalloc, ...), so that a caller
   without HIP of its own can make buffers and streams. Null if it has none. */
HIPDEX_API void *hipdex_get_hip_function(const hipdex_context *context,
                                         const char *name);

typedef struct hipdex_counters {
  size_t struct_size;
  uint64_t memory_hits; /* found loaded */
  uint64_t disk_hits;   /* loaded from the disk cache */
  uint64_t
      disk_rejects; /* disk entries that failed a check, and were rebuilt */
  uint64_t compiles;
} hipdex_counters;

HIPDEX_API hipdex_status hipdex_get_counters(const hipdex_context *context,
                                             hipdex_counters *counters);

/*===- Kernels ------------------------------------------------------------===*/

typedef struct hipdex_kernel hipdex_kernel;

/* The kernel of a key's canonical text, e.g.
   "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn". Compiled if no cache
   has it; concurrent calls for one key compile once. The first call loads
   a module, which HIP does not allow while a stream is being captured: get
   kernels before a capture. Launches may be captured. */
HIPDEX_API hipdex_status hipdex_get_kernel(hipdex_context *context,
                                           const char *key,
                                           const hipdex_kernel **kernel);

/* A kernel from a code object in memory and its metadata (JSON), as
   `hipdexc compile` and dumps hold them. Checked like a cache entry. Loads a
   module: not during a stream capture. */
HIPDEX_API hipdex_status hipdex_load_kernel(hipdex_context *context,
                                            const void *code_object,
                                            size_t size, const char *metadata,
                                            const hipdex_kernel **kernel);

/* The kernel's metadata as JSON (docs/dump-format.md). Owned by the kernel. */
HIPDEX_API const char *hipdex_kernel_metadata(const hipdex_kernel *kernel);
/* The code object's bytes. Owned by the kernel. */
HIPDEX_API const void *hipdex_kernel_code_object(const hipdex_kernel *kernel,
                                                 size_t *size);

/*===- Cache buffers ------------------------------------------------------===*/

/* The hash of a layout's canonical text, e.g.
   "cache<page_size=64,head_dim=128,order=preshuffle(16,16),fp8=e4m3fn>". */
HIPDEX_API hipdex_status hipdex_layout_hash(const char *layout, uint64_t *hash);

/* A paged K cache. Whoever made the buffer knows its layout and says so here;
   a launch refuses one that its kernel does not read. */
typedef struct hipdex_cache_buffer {
  void *data;           /* aligned to 16 bytes when page_size * (head_dim + 4),
                           the bytes of a page, is a multiple of 16, else 4 */
  uint64_t bytes;       /* size of the allocation from data on */
  int64_t num_pages;    /* at least 1; pages fit in bytes, and their blocks of
                           kv_block_size tokens are counted in int32 */
  int64_t page_stride;  /* bytes; >= page_size * (head_dim + 4), below 2^32, and
                           a multiple of the alignment of data */
  uint64_t layout_hash; /* hipdex_layout_hash() of its layout */
} hipdex_cache_buffer;

/*===- paged_mqa_logits ---------------------------------------------------===*/

/* logits[b*next_n + j, p] = k_scale[p] * sum over h of
     weights[b*next_n + j, h] * max(0, q[b, j, h, :] . k[p, :])
   for 0 <= p <= context_lens[b] - next_n + j. No other cell is written.
   Strides are in elements. Pointers are device pointers. */
typedef struct hipdex_paged_mqa_logits_args {
  size_t struct_size; /* sizeof(hipdex_paged_mqa_logits_args) */
  int32_t batch;      /* requests, up to 2^31 - 64; 0 is a launch of nothing */
  const void *q; /* fp8 [batch, next_n, heads, head_dim], 16-byte aligned */
  int64_t q_stride_request; /* multiples of 16 */
  int64_t q_stride_token;
  int64_t q_stride_head;
  hipdex_cache_buffer cache;
  const float *weights; /* [batch * next_n, heads], rows 16-byte aligned */
  int64_t weights_stride;
  const int32_t *context_lens; /* [batch]; clamped to [0, width] */
  const int32_t *block_table;  /* [batch, table_width] */
  int64_t table_width;   /* kv_block_size * table_width must reach width */
  int64_t table_stride;  /* >= table_width */
  float *logits;         /* [batch * next_n, width] */
  int64_t width;         /* columns of a logits row; below 2^29 */
  int64_t logits_stride; /* >= width */
} hipdex_paged_mqa_logits_args;

/* Asynchronous on `stream` (a hipStream_t; null is the default stream). The
   grid follows from shapes alone, so the call can be captured in a graph. */
HIPDEX_API hipdex_status hipdex_launch_paged_mqa_logits(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_logits_args *args,
    void *stream);

/* The grid and the kernel argument bytes that the launch above would use, for
   reproducers. `arguments` may be null; `*size` is its capacity and becomes
   the size needed. */
HIPDEX_API hipdex_status hipdex_describe_paged_mqa_logits(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_logits_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

#ifdef __cplusplus
}
#endif

#endif /* HIPDEX_H */
