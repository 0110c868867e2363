//===- Compiled.h - A result of the compiler as a value ---------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Through the C ABI only: what a process that opens the library sees.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_COMPILER_COMPILED_H
#define HIPDEX_TEST_COMPILER_COMPILED_H

#include "API/hipdex-compiler.h"
#include <string>

struct Compiled {
  std::string error, data, metadata;

  explicit Compiled(const char *key) { compile(key, nullptr); }

  Compiled(const char *key, const hipdex_compile_options &options) {
    compile(key, &options);
  }

  Compiled(const char *key, const char *emit, unsigned codeObjectVersion = 0)
      : Compiled(key, hipdex_compile_options{sizeof(hipdex_compile_options),
                                             emit, codeObjectVersion}) {}

private:
  void compile(const char *key, const hipdex_compile_options *options) {
    hipdex_compile_result *result = hipdex_compile(key, options);
    if (!result) {
      error = "no result";
      return;
    }
    if (const char *message = hipdex_compile_result_error(result))
      error = message;
    size_t size = 0;
    const void *bytes = hipdex_compile_result_data(result, &size);
    data.assign(static_cast<const char *>(bytes), size);
    metadata = hipdex_compile_result_metadata(result);
    hipdex_compile_result_destroy(result);
  }
};

constexpr const char *testKey =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";

#endif // HIPDEX_TEST_COMPILER_COMPILED_H
