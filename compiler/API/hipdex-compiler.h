/*===- hipdex-compiler.h - C ABI of libhipdex-compiler.so ---------*- C -*-===*\
|*                                                                            *|
|* Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.        *|
|* See LICENSE for license information.                                       *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* From a key's text to a code object, or to any stage on the way. Thread     *|
|* safe. libhipdex.so opens this library at run time on a cache miss; an      *|
|* ahead-of-time deployment does not ship it.                                 *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef HIPDEX_COMPILER_H
#define HIPDEX_COMPILER_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(HIPDEX_BUILDING_COMPILER)
#define HIPDEX_COMPILER_API __attribute__((visibility("default")))
#else
#define HIPDEX_COMPILER_API
#endif

typedef struct hipdex_compile_options {
  size_t struct_size; /* sizeof(hipdex_compile_options) */
  /* The stage wanted: "indexer", "tile", "gpu", "hip", "llvm", "asm" or "obj".
     Null means "obj". */
  const char *emit;
  /* 5 or 6; 0 means the default, 5. */
  unsigned code_object_version;
} hipdex_compile_options;

typedef struct hipdex_compile_result hipdex_compile_result;

/* Compiles the key. Always gives a result, which the caller destroys, except
   when memory is exhausted (null). `options` may be null. Writes numbered
   stages under HIPDEX_DUMP_DIR if that is set. */
HIPDEX_COMPILER_API hipdex_compile_result *
hipdex_compile(const char *key, const hipdex_compile_options *options);

/* Null on success, else one line that says what is wrong. Owned by result. */
HIPDEX_COMPILER_API const char *
hipdex_compile_result_error(const hipdex_compile_result *result);
/* The stage's text or the code object. Owned by result. */
HIPDEX_COMPILER_API const void *
hipdex_compile_result_data(const hipdex_compile_result *result, size_t *size);
/* KernelMetadata as JSON; empty unless the stage is "obj" or "hip", whose
   registers, spills and LDS are those of the code object of the same key. Owned
   by result. */
HIPDEX_COMPILER_API const char *
hipdex_compile_result_metadata(const hipdex_compile_result *result);
HIPDEX_COMPILER_API void
hipdex_compile_result_destroy(hipdex_compile_result *result);

/* What built the kernels: a digest of the sources under dialects/, compiler/
   (without its tools) and templates/, and of LLVM's version; not of how they
   were compiled. libhipdex.so refuses a compiler whose BuildId is not its
   own. */
HIPDEX_COMPILER_API const char *hipdex_compiler_build_id(void);

#ifdef __cplusplus
}
#endif

#endif /* HIPDEX_COMPILER_H */
