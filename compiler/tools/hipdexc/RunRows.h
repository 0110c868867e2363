//===- RunRows.h - hipdexc run of kernels on K rows -------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_RUNROWS_H
#define HIPDEXC_RUNROWS_H

#include "reference/Dump.h"

namespace hipdex {

/// Runs the rows of \p dump, with its kernel if it was loaded and has one, and
/// checks every byte. Writes a dump unless \p dumpDirectory is empty.
llvm::Error runRowProblem(Dump &dump, const std::string &device, bool stats,
                          const std::string &dumpDirectory);

} // namespace hipdex

#endif // HIPDEXC_RUNROWS_H
