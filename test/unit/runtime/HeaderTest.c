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

int hipdexHeaderTest(void) {
  hipdex_context_options options = {sizeof(options), "/nowhere/libhip.so", 0,
                                    ""};
  hipdex_context *context = 0;
  hipdex_status status = hipdex_context_create(&options, &context);
  hipdex_context_destroy(context);
  return status == HIPDEX_ERROR_NO_PROVIDER && hipdex_last_message()[0] != 0;
}
