//===- RunRows.h - hipdexc run of kernels on K rows -------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_RUNROWS_H
#define HIPDEXC_RUNROWS_H

#include "reference/Gather.h"
#include "reference/QuantStore.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {

/// Run a random problem of the key and check every byte.
llvm::Error runQuantStore(const KernelKey &key, QuantStoreOptions options,
                          const std::string &device, bool stats);
llvm::Error runGather(const KernelKey &key, GatherOptions options,
                      const std::string &device, bool stats);

} // namespace hipdex

#endif // HIPDEXC_RUNROWS_H
