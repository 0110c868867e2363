//===- ExitProgram.cpp - A context that is closed too late ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The context is closed by the static destructor that runs last of all, when
// the HIP library's own have run: the fake ends the process if it is called
// then.
//
//===----------------------------------------------------------------------===//

#include "hipdex/hipdex.h"
#include <cstdio>
#include <cstdlib>

namespace {
struct Late {
  hipdex_context *context = nullptr;
  ~Late() { hipdex_context_destroy(context); }
};
} // namespace

static Late late;

int main(int argc, char **argv) {
  if (argc != 3)
    return 2;
  setenv("HIPDEX_COMPILER_LIBRARY", argv[2], 1);
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.provider = argv[1];
  options.cache_dir = "";
  const hipdex_kernel *kernel;
  if (hipdex_context_create(&options, &late.context) != HIPDEX_SUCCESS ||
      hipdex_get_kernel(late.context,
                        "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn",
                        &kernel) != HIPDEX_SUCCESS) {
    std::puts(hipdex_last_message());
    return 1;
  }
  return 0;
}
