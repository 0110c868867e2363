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
|* This interface only ever grows. A struct begins with its size, which the   *|
|* caller sets: a library that knows more fields takes those that he does not *|
|* have as 0, and does not write them. A context is of no use in a process    *|
|* that was forked from the one that made it; there, make another.            *|
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
  HIPDEX_ERROR_INTERNAL = 10,  /* an exception nobody foresaw: its message */
  HIPDEX_ERROR_NOT_FOUND = 11, /* nobody has the kernel, and it may not be
                                  compiled, or not now */
  HIPDEX_ERROR_CACHE = 12      /* a cache folder cannot be used */
} hipdex_status;

/* Raised when something is added. */
#define HIPDEX_ABI_VERSION 2

/* What went wrong in the calling thread's last call; empty if nothing did.
   After a success it may hold a warning (a disk cache that cannot be written).
   Valid until the thread's next call. */
HIPDEX_API const char *hipdex_last_message(void);

/* "0.1.0", and the digest of what generates the kernels. */
HIPDEX_API const char *hipdex_version(void);
HIPDEX_API const char *hipdex_build_id(void);
/* HIPDEX_ABI_VERSION of the library. */
HIPDEX_API int hipdex_abi_version(void);

/*===- Context ------------------------------------------------------------===*/

typedef struct hipdex_context hipdex_context;

/* hipdex_get_kernel() does not compile: a miss is HIPDEX_ERROR_NOT_FOUND, and
   the message has the command that makes the kernel. hipdex_prepare() does. */
#define HIPDEX_CONTEXT_STRICT UINT64_C(1)
/* Nor does hipdex_prepare(). HIPDEX_JIT=off sets it, HIPDEX_JIT=prepare sets
   the above, for every context of the process. */
#define HIPDEX_CONTEXT_NO_JIT UINT64_C(2)
/* Nothing is put into the HTTP tier. HIPDEX_HTTP_CACHE_MODE=read sets it. */
#define HIPDEX_CONTEXT_HTTP_READ_ONLY UINT64_C(4)

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
  uint64_t flags; /* HIPDEX_CONTEXT_... */
  /* Bundles that are asked before anything else: folders, with ":" between
     them. Null or "": none. */
  const char *bundle_path;
  /* A cache below cache_dir that is only read, the user's or root's. Null:
     HIPDEX_CACHE_LOWER_DIR. "" for none. */
  const char *cache_lower_dir;
  /* What cache_dir may hold. 0: HIPDEX_CACHE_LIMIT, else 1 GiB. */
  uint64_t cache_limit_bytes;
  /* URL of a fleet's shared cache (docs/cache-format.md). Null:
     HIPDEX_HTTP_CACHE. "" for none. */
  const char *http_cache;
  /* PEM file of Ed25519 public keys: a bundle in a folder must be signed by one
     of them (hipdexc sign). Null or "": HIPDEX_BUNDLE_PUBLIC_KEY; if that is
     not set either, none need be signed. */
  const char *bundle_public_key;
  /* Who compiles. Null or "": HIPDEX_COMPILER if set, else "hipdex". "hipdex":
     libhipdex-compiler.so. "hiprtc": ROCm's libhiprtc, from HIP C++ that
     `hipdexc bundle --format=hip` wrote; at least one of the bundles in folders
     must be such text, and only its keys can be compiled. A hiprtc that is too
     old for the device or the text is HIPDEX_ERROR_COMPILER. */
  const char *compiler;
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
  uint64_t embedded_hits; /* from kernels in the program */
  uint64_t bundle_hits;
  uint64_t bundle_rejects; /* kernels of either that failed a check */
  uint64_t store_failures; /* kernels that a cache could not take */
  uint64_t lock_waits;     /* compiles that waited for another process's */
  uint64_t http_hits;      /* from the HTTP tier */
  uint64_t http_rejects;   /* kernels there that failed a check */
  uint64_t lock_timeouts;  /* lock_waits that were given up after 10 s */
} hipdex_counters;

HIPDEX_API hipdex_status hipdex_get_counters(const hipdex_context *context,
                                             hipdex_counters *counters);

/*===- Kernels ------------------------------------------------------------===*/

typedef struct hipdex_kernel hipdex_kernel;

/* The kernel of a key's canonical text, e.g.
   "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn", from the first of: the
   context's loaded kernels, options.bundle_path, kernels in the program,
   HIPDEX_BUNDLE_PATH, the disk cache, its lower layer, the HTTP tier, the
   compiler. Concurrent calls for one key compile once. The first call loads a
   module, which HIP does not allow while a stream is being captured: get
   kernels before a capture. Launches may be captured. */
HIPDEX_API hipdex_status hipdex_get_kernel(hipdex_context *context,
                                           const char *key,
                                           const hipdex_kernel **kernel);

/* The same of a kernel that is loaded: never compiles, loads, waits or calls
   HIP, so it may be used during a capture. HIPDEX_ERROR_NOT_FOUND otherwise. */
HIPDEX_API hipdex_status hipdex_find_kernel(hipdex_context *context,
                                            const char *key,
                                            const hipdex_kernel **kernel);

typedef struct hipdex_can_run_result {
  size_t struct_size; /* sizeof(hipdex_can_run_result), set by the caller */
  int can_run;        /* whether hipdex_get_kernel() would have a kernel */
  /* If not: the first thing that is in the way, and the nearest key of which
     that is not so (the key itself if only its kernel is missing). Else "".
     Valid until the thread's next call. */
  const char *constraint;
  const char *nearest;
} hipdex_can_run_result;

/* Answers without compiling, or loading a kernel: if no cache but the HTTP tier
   has it, opens the compiler. With a null context: for any device, and assuming
   a compiler. */
HIPDEX_API hipdex_status hipdex_can_run(hipdex_context *context,
                                        const char *key,
                                        hipdex_can_run_result *result);

typedef struct hipdex_prepare_progress {
  size_t struct_size; /* set by the library */
  size_t done, total; /* keys; this one is among the done */
  const char *key;
  hipdex_status status; /* of this key, with its message or warning */
  const char *message;
  /* "memory", "embedded", "bundle", "disk", "http", "compiler", or "" on
   * failure. */
  const char *source;
} hipdex_prepare_progress;

typedef void (*hipdex_prepare_callback)(const hipdex_prepare_progress *progress,
                                        void *user);

/* Gets the kernels of n keys ahead of time, on as many threads as there are
   processors. Calls progress (if not null) for each key, from the calling
   thread. Goes on after a failure and gives the first one, in order of keys. */
HIPDEX_API hipdex_status hipdex_prepare(hipdex_context *context,
                                        const char *const *keys, size_t n,
                                        hipdex_prepare_callback progress,
                                        void *user);

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

/*===- Kernels in the program ---------------------------------------------===*/

/* What `hipdexc bundle embed` writes. */
typedef struct hipdex_embedded_code {
  const void *data;
  size_t bytes;
} hipdex_embedded_code;

typedef struct hipdex_embedded_bundle {
  size_t struct_size; /* sizeof(hipdex_embedded_bundle) */
  const char *name;   /* for messages */
  const void *manifest;
  size_t manifest_bytes;
  const hipdex_embedded_code *code; /* in the manifest's order */
  size_t code_count;
} hipdex_embedded_bundle;

/* Contexts that are made from now on find the bundle's kernels, and are not
   made if the bundle is damaged or of another BuildId. Only remembers the
   pointer: static constructors may call it, and what it points to must live as
   long as the process. */
HIPDEX_API hipdex_status
hipdex_register_embedded_bundle(const hipdex_embedded_bundle *bundle);

/*===- The disk cache -----------------------------------------------------===*/

/* These need no context and no device. `directory` is as in
   hipdex_context_options. HIPDEX_ERROR_CACHE: it cannot be used. */

typedef struct hipdex_cache_entry {
  size_t struct_size; /* set by the library */
  const char *key;    /* "" if the entry cannot be read */
  const char *build_id;
  const char *name; /* of its file in ac/ */
  const char *content_sha256;
  uint64_t bytes;      /* of both files */
  int64_t used_at;     /* seconds since 1970, to the hour */
  const char *problem; /* what is wrong with it, or "" */
  /* Which hiprtc made it of HIP C++ text; "" for hipdex's own kernels. */
  const char *compiler;
} hipdex_cache_entry;

typedef void (*hipdex_cache_callback)(const hipdex_cache_entry *entry,
                                      void *user);

/* Calls visit for each entry, the one that was used longest ago first. With
   verify not 0 every content is read and has to pass every check of a load;
   one that another BuildId made, those of size and SHA-256. */
HIPDEX_API hipdex_status hipdex_cache_list(const char *directory, int verify,
                                           hipdex_cache_callback visit,
                                           void *user);

typedef struct hipdex_cache_removed {
  size_t struct_size; /* sizeof(hipdex_cache_removed), set by the caller */
  uint64_t entries;
  uint64_t files;
  uint64_t bytes;
  uint64_t bytes_left;
} hipdex_cache_removed;

/* Removes what nobody can use, and then what was used longest ago until at most
   limit_bytes are left. What a process is loading at this moment is passed
   over. `removed` may be null. */
HIPDEX_API hipdex_status hipdex_cache_prune(const char *directory,
                                            uint64_t limit_bytes,
                                            hipdex_cache_removed *removed);

/* Removes the entries of a key, of every BuildId, in use or not; with a null
   key, all. */
HIPDEX_API hipdex_status hipdex_cache_remove(const char *directory,
                                             const char *key,
                                             hipdex_cache_removed *removed);

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
   for 0 <= p <= context_lens[b] - next_n + j. No other cell is written; with
   ".neginf" in the key, the rest of each row up to width is -inf.
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

/*===- k_quant_store ------------------------------------------------------===*/

/* Bits of the error word. */
enum {
  HIPDEX_STORE_SLOT_OUT_OF_RANGE = 1, /* a slot at or past the cache's end */
  HIPDEX_STORE_ELEMENT_NOT_FINITE = 2 /* a NaN or an infinity in a stored row */
};

/* For each token t whose slot is in the cache, in float32:
     scale = max(max over d of |k[t, d]|, 1e-4) / fp8_max
             (the key's ue8m0: the next power of two)
     cache K of slots[t] = fp8(clamp(k[t, d] * (1 / scale))), and scale there
   A negative slot is skipped; one at or past num_pages * page_size is skipped
   and flagged. Elements that are not finite do not count in scale, are stored
   as the largest code of their sign, and are flagged. Of several tokens with
   one slot any may be stored, even K of one with the scale of another. Strides
   are in elements. Pointers are device pointers. */
typedef struct hipdex_k_quant_store_args {
  size_t struct_size; /* sizeof(hipdex_k_quant_store_args) */
  int64_t tokens;     /* up to 2^31 - 1024; 0 is a launch of nothing */
  const void *k;      /* [tokens, head_dim] of the key's type, aligned to it */
  int64_t k_stride;   /* >= 0 */
  const void *slots;  /* [tokens], int64 or int32 by the key, aligned to it */
  hipdex_cache_buffer cache; /* of fewer than 2^31 slots */
  uint32_t *error; /* null, or a word whose bits are set: they are never cleared
                      by a launch */
} hipdex_k_quant_store_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status hipdex_launch_k_quant_store(
    const hipdex_kernel *kernel, const hipdex_k_quant_store_args *args,
    void *stream);
HIPDEX_API hipdex_status hipdex_describe_k_quant_store(
    const hipdex_kernel *kernel, const hipdex_k_quant_store_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

/*===- k_gather -----------------------------------------------------------===*/

/* For each request b and cu_seq_lens[b] <= i < cu_seq_lens[b+1], bit for bit:
     k[i, :]   = K of token i - cu_seq_lens[b] of the request, in order
     scales[i] = its scale
   Rows of no request are not written. A token whose table entry is outside the
   cache, or beyond table_width, gives zeros. cu_seq_lens does not decrease;
   where it does, which rows are written is unspecified, but nothing outside the
   operands is touched. Strides are in elements. Pointers are device pointers.
 */
typedef struct hipdex_k_gather_args {
  size_t struct_size;        /* sizeof(hipdex_k_gather_args) */
  hipdex_cache_buffer cache; /* of fewer than 2^31 slots */
  int32_t batch; /* requests, up to 2^30; 0 is a launch of nothing */
  const int32_t *block_table; /* [batch, table_width] */
  int64_t table_width;        /* at least 1, below 2^31 */
  int64_t table_stride;       /* >= table_width */
  const int32_t *cu_seq_lens; /* [batch + 1] */
  int64_t tokens;        /* rows of k, up to 2^31 - 1024; 0: nothing to do */
  void *k;               /* fp8 [tokens, head_dim] */
  int64_t k_stride;      /* >= head_dim */
  float *scales;         /* [tokens] */
  int64_t scales_stride; /* >= 1 */
} hipdex_k_gather_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status
hipdex_launch_k_gather(const hipdex_kernel *kernel,
                       const hipdex_k_gather_args *args, void *stream);
HIPDEX_API hipdex_status hipdex_describe_k_gather(
    const hipdex_kernel *kernel, const hipdex_k_gather_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

/*===- k_move -------------------------------------------------------------===*/

/* Bits of the error word. */
enum {
  HIPDEX_MOVE_SOURCE_OUT_OF_RANGE = 1, /* an entry past the source cache */
  HIPDEX_MOVE_TARGET_OUT_OF_RANGE = 2  /* an entry past the target cache */
};

/* For each entry i and 0 <= t < run_tokens, bit for bit:
     K and scale of slot target_slots[i] * run_tokens + t of the target cache
       = those of slot source_slots[i] * run_tokens + t of the source cache
   With run_tokens = 1 the lists name slots; with a page's tokens, pages.
   An entry that is negative in either list is skipped; else one at or past
   num_pages * page_size / run_tokens of its cache is skipped and flagged.
   Source and target are apart, or they are one buffer: the same in data,
   page_stride and layout. Slots that are a target of two entries, or a target
   of one and, in one buffer, a source of another, hold anything afterwards,
   even K of one with the scale of another; so that slots which are moved round
   in a circle need two launches. Pointers are device pointers. */
typedef struct hipdex_k_move_args {
  size_t struct_size;         /* sizeof(hipdex_k_move_args) */
  int64_t entries;            /* of both lists; 0 is a launch of nothing, and
                                 entries * run_tokens goes up to 2^31 - 1024 */
  int64_t run_tokens;         /* slots that an entry names: a power of two */
  hipdex_cache_buffer source; /* both of fewer than 2^31 slots */
  hipdex_cache_buffer target;
  const void *source_slots; /* [entries], int64 or int32 by the key, */
  const void *target_slots; /* aligned to it */
  uint32_t *error; /* null, or a word whose bits are set: they are never cleared
                      by a launch */
} hipdex_k_move_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status hipdex_launch_k_move(const hipdex_kernel *kernel,
                                              const hipdex_k_move_args *args,
                                              void *stream);
HIPDEX_API hipdex_status hipdex_describe_k_move(const hipdex_kernel *kernel,
                                                const hipdex_k_move_args *args,
                                                uint32_t *workgroups,
                                                uint32_t *threads,
                                                void *arguments, size_t *size);

/*===- stream_pages -------------------------------------------------------===*/

/* Reads of the cache what paged_mqa_logits reads, in the same way, and writes
   as much: the time of a launch is what memory takes of the other's. For
   0 <= p <= context_lens[b] - next_n + j, in the bits of a float32,
     logits[b*next_n + j, p] = bits of k_scale[p]
         + sum of the head_dim / 4 little-endian words of k[p, :], mod 2^32
   No other cell is written; with ".neginf" in the key, the rest of each row up
   to width is -inf. Fields are those of hipdex_paged_mqa_logits_args. */
typedef struct hipdex_stream_pages_args {
  size_t struct_size; /* sizeof(hipdex_stream_pages_args) */
  int32_t batch;      /* requests, up to 2^31 - 64; 0 is a launch of nothing */
  hipdex_cache_buffer cache;
  const int32_t *context_lens; /* [batch]; clamped to [0, width] */
  const int32_t *block_table;  /* [batch, table_width] */
  int64_t table_width;   /* kv_block_size * table_width must reach width */
  int64_t table_stride;  /* >= table_width */
  float *logits;         /* [batch * next_n, width] */
  int64_t width;         /* columns of a logits row; below 2^29 */
  int64_t logits_stride; /* >= width */
} hipdex_stream_pages_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status
hipdex_launch_stream_pages(const hipdex_kernel *kernel,
                           const hipdex_stream_pages_args *args, void *stream);
HIPDEX_API hipdex_status hipdex_describe_stream_pages(
    const hipdex_kernel *kernel, const hipdex_stream_pages_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

/*===- mqa_logits ---------------------------------------------------------===*/

/* For each row m and column p, max(starts[m], 0) <= p < min(ends[m], tokens,
   width):
     logits[m, p] = k_scales[p] * sum over h of
         weights[m, h] * max(0, q[m, h, :] . k[p, :])
   Other columns below width are not written, or are -inf with a neginf key.
   Strides are in elements. Pointers are device pointers. With tokens 0, k and
   k_scales may be null.
 */
typedef struct hipdex_mqa_logits_args {
  size_t struct_size;     /* sizeof(hipdex_mqa_logits_args) */
  int64_t rows;           /* up to 2^31 - 1024; 0 is a launch of nothing */
  int64_t tokens;         /* rows of k, up to 2^31 - 1024 */
  int64_t width;          /* columns of logits, below 2^29; 0: nothing to do */
  const void *q;          /* fp8 [rows, heads, head_dim], 16-byte aligned */
  int64_t q_stride_row;   /* a multiple of 16 */
  int64_t q_stride_head;  /* a multiple of 16 */
  const void *k;          /* fp8 [tokens, head_dim] */
  int64_t k_stride;       /* >= head_dim */
  const float *k_scales;  /* [tokens] */
  const float *weights;   /* [rows, heads], 16-byte aligned */
  int64_t weights_stride; /* a multiple of 4 */
  const int32_t *starts;  /* [rows] */
  const int32_t *ends;    /* [rows] */
  float *logits;          /* [rows, width] */
  int64_t logits_stride;  /* >= width */
} hipdex_mqa_logits_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status
hipdex_launch_mqa_logits(const hipdex_kernel *kernel,
                         const hipdex_mqa_logits_args *args, void *stream);
HIPDEX_API hipdex_status hipdex_describe_mqa_logits(
    const hipdex_kernel *kernel, const hipdex_mqa_logits_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

/*===- paged_mqa_prefill --------------------------------------------------===*/

/* mqa_logits on the cache itself: for each row m whose request b = requests[m]
   is in [0, batch), and column p, max(starts[m], 0) <= p < min(ends[m], width):
     logits[m, p] = k_scale[p] * sum over h of
         weights[m, h] * max(0, q[m, h, :] . k[p, :])
   with K of position p of the request. Other columns below width are not
   written, or are -inf with a neginf key; a column whose entry is outside the
   cache is -inf. It is fastest where the rows of a request follow each other.
   Strides are in elements. Pointers are device pointers.
 */
typedef struct hipdex_paged_mqa_prefill_args {
  size_t struct_size;    /* sizeof(hipdex_paged_mqa_prefill_args) */
  int64_t rows;          /* up to 2^31 - 1024; 0 is a launch of nothing */
  int64_t width;         /* columns of logits, below 2^29; 0: likewise */
  const void *q;         /* fp8 [rows, heads, head_dim], 16-byte aligned */
  int64_t q_stride_row;  /* a multiple of 16 */
  int64_t q_stride_head; /* a multiple of 16 */
  hipdex_cache_buffer cache;
  const float *weights;       /* [rows, heads], 16-byte aligned */
  int64_t weights_stride;     /* a multiple of 4 */
  const int32_t *requests;    /* [rows] */
  const int32_t *starts;      /* [rows] */
  const int32_t *ends;        /* [rows] */
  int32_t batch;              /* rows of block_table */
  const int32_t *block_table; /* [batch, table_width] */
  int64_t table_width;        /* >= ceil(width / kv_block_size) */
  int64_t table_stride;       /* >= table_width */
  float *logits;              /* [rows, width] */
  int64_t logits_stride;      /* >= width */
} hipdex_paged_mqa_prefill_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status hipdex_launch_paged_mqa_prefill(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_prefill_args *args,
    void *stream);
HIPDEX_API hipdex_status hipdex_describe_paged_mqa_prefill(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_prefill_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

/*===- topk ---------------------------------------------------------------===*/

/* Of each row r of logits, the columns [first, end), which are
     decode key:  [0, L - next_n + j + 1) for r = b * next_n + j and
                  L = context_lens[b]
     prefill key: [starts[r], ends[r])
   cut to [0, width): the min(k, end - first) columns of the greatest logits,
   ascending, and then -1 up to k. Of equal logits those of the least columns
   are taken; -0 equals +0, and NaN is less than -inf. What is outside the
   columns is not read.
   With a slot key, instead of a column p what it names in the block table: of
   entry e = block_table[b, p / kv_block_size], the slot
   e * kv_block_size + p % kv_block_size, or -1 where e is outside
   [0, num_blocks), p / kv_block_size is not below table_width, or b is outside
   [0, batch). In a prefill key, b = requests[r].
   Strides are in elements. Pointers are device pointers; fields that the key
   has no use for are not looked at.
 */
typedef struct hipdex_topk_args {
  size_t struct_size;          /* sizeof(hipdex_topk_args) */
  int64_t rows;                /* below 2^22; 0 is a launch of nothing */
  int64_t width;               /* columns of logits, up to 2^20 */
  int64_t k;                   /* 1 to 4096 */
  const float *logits;         /* [rows, width]; null if width is 0 */
  int64_t logits_stride;       /* >= width */
  int32_t batch;               /* of block_table; decode: rows / next_n */
  int32_t next_n;              /* decode: at least 1 */
  const int32_t *context_lens; /* decode: [batch] */
  const int32_t *starts;       /* prefill: [rows] */
  const int32_t *ends;         /* prefill: [rows] */
  const int32_t *requests;     /* prefill with slots: [rows] */
  const int32_t *block_table;  /* slots: [batch, table_width] */
  int64_t table_width;         /* at least 1 */
  int64_t table_stride;        /* >= table_width */
  int64_t num_blocks;          /* num_blocks * kv_block_size is below 2^31 */
  int32_t *indices;            /* [rows, k] */
  int64_t indices_stride;      /* >= k */
  void *workspace;             /* 4-byte aligned; null if none is needed */
  size_t workspace_bytes;      /* at least hipdex_topk_workspace_bytes() */
} hipdex_topk_args;

/* The workspace that a launch needs: 0 for more rows than share workgroups, or
   short ones. The caller sets it to zero once; each launch leaves it zero, so
   that it serves all launches of one stream, of any shape that needs no more.
   Launches that may run at the same time need one each. */
HIPDEX_API size_t hipdex_topk_workspace_bytes(int64_t rows, int64_t width);

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status hipdex_launch_topk(const hipdex_kernel *kernel,
                                            const hipdex_topk_args *args,
                                            void *stream);
HIPDEX_API hipdex_status hipdex_describe_topk(const hipdex_kernel *kernel,
                                              const hipdex_topk_args *args,
                                              uint32_t *workgroups,
                                              uint32_t *threads,
                                              void *arguments, size_t *size);

/*===- qk_prep ------------------------------------------------------------===*/

/* Bits of the error word, beside those of k_quant_store. */
enum {
  HIPDEX_PREP_POSITION_OUT_OF_RANGE = 4 /* a position that the tables lack */
};

/* For each token t with c = cos[positions[t], :], s = sin[positions[t], :]:
     q of each head:   rope, Hadamard transform if the key says so, and
       scale = max(amax, 1e-10) * (1 / fp8_max)   (ue8m0: next power of two)
       q_out[t, h, :]    = fp8(clamp(q * (1 / scale)))
       weights_out[t, h] = weights[t, h] * scale * weights_scale
     k: LayerNorm, rope, Hadamard transform, and what k_quant_store does with it
   Each step is rounded to the key's bf16 or f16 (docs/ops.md has the order of
   every sum). A negative slot: nothing is written for the token, or with
   prep_q in the key all but K. A slot past the cache: all but K is written, and
   flagged. A position outside [0, max_positions): nothing is written for the
   token, and flagged. NaNs of q are stored as the largest code, and do not
   count in amax, nor do infinities. Strides are in elements. Pointers are
   device pointers. What is written overlaps nothing else. */
typedef struct hipdex_qk_prep_args {
  size_t struct_size; /* sizeof(hipdex_qk_prep_args) */
  int64_t tokens;     /* tokens * heads up to 2^31 - 2048; 0: nothing to do */
  const void *q;      /* [tokens, heads, head_dim] of the key's type, and so */
  int64_t q_stride_token;    /* >= 0 */
  int64_t q_stride_head;     /* >= 0 */
  const void *k;             /* [tokens, head_dim] */
  int64_t k_stride;          /* >= 0 */
  const void *weights;       /* [tokens, heads] */
  int64_t weights_stride;    /* >= 0 */
  const void *positions;     /* [tokens], int64 or int32 by the key, as slots */
  const void *cos;           /* [max_positions, 32] of the key's type */
  int64_t cos_stride;        /* >= 0 */
  const void *sin;           /* [max_positions, 32] of the key's type */
  int64_t sin_stride;        /* >= 0 */
  int64_t max_positions;     /* 1 to 2^31 - 1 */
  const float *norm_weight;  /* [head_dim], 16-byte aligned */
  const float *norm_bias;    /* [head_dim], 16-byte aligned */
  float norm_eps;            /* > 0, finite */
  float weights_scale;       /* finite; heads^-0.5 * head_dim^-0.5 */
  const void *slots;         /* [tokens], int64 or int32 by the key */
  hipdex_cache_buffer cache; /* of fewer than 2^31 slots */
  void *q_out;               /* fp8 [tokens, heads, head_dim] */
  int64_t q_out_stride_token; /* >= heads * q_out_stride_head */
  int64_t q_out_stride_head;  /* >= head_dim */
  float *weights_out;         /* [tokens, heads] */
  int64_t weights_out_stride; /* >= heads */
  uint32_t *error; /* null, or a word whose bits are set: they are never cleared
                      by a launch */
} hipdex_qk_prep_args;

/* As hipdex_launch_paged_mqa_logits and hipdex_describe_paged_mqa_logits. */
HIPDEX_API hipdex_status hipdex_launch_qk_prep(const hipdex_kernel *kernel,
                                               const hipdex_qk_prep_args *args,
                                               void *stream);
HIPDEX_API hipdex_status hipdex_describe_qk_prep(
    const hipdex_kernel *kernel, const hipdex_qk_prep_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size);

#ifdef __cplusplus
}
#endif

#endif /* HIPDEX_H */
