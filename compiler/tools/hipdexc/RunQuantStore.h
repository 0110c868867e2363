//===- RunQuantStore.h - hipdexc run of k_quant_store -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_RUNQUANTSTORE_H
#define HIPDEXC_RUNQUANTSTORE_H

#include "reference/QuantStore.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {

/// Runs a random problem of the key and checks every byte.
llvm::Error runQuantStore(const KernelKey &key, QuantStoreOptions options,
                          const std::string &device, bool stats);

} // namespace hipdex

#endif // HIPDEXC_RUNQUANTSTORE_H
