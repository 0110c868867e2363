//===- Prepare.h - Kernels ahead of time
//----------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// hipdex_prepare(): many keys, many threads, one report.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_PREPARE_H
#define HIPDEX_RUNTIME_PREPARE_H

#include "hipdex/hipdex.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace hipdex {
namespace runtime {

class Context;

/// The first failure in order of \p keys, after all were tried; \p warnings
/// gets those of the others.
llvm::Error prepare(Context &context, llvm::ArrayRef<const char *> keys,
                    hipdex_prepare_callback progress, void *user,
                    std::string &warnings);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_PREPARE_H
