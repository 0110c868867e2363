//===- Fuzz.h - hipdexc run --fuzz ------------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_FUZZ_H
#define HIPDEXC_FUZZ_H

#include "Spec/KernelKey.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace hipdex {

/// Draws \p count problems, each of one of \p keys, and checks them on all
/// cores. The first wrong one ends it.
llvm::Error runFuzz(uint64_t count, uint64_t seed, std::vector<KernelKey> keys,
                    const std::string &device);

} // namespace hipdex

#endif // HIPDEXC_FUZZ_H
