//===- OutputFile.h - Writes whole files or none ----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_OUTPUTFILE_H
#define HIPDEXC_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace hipdex {

/// Refuses what a rename would fail on (a directory) or, as root, destroy (a
/// device).
llvm::Error checkOutputFile(llvm::StringRef path);

/// Renames a complete file to \p path; "-" is the standard output.
llvm::Error writeOutputFile(llvm::StringRef path, llvm::StringRef content);

} // namespace hipdex

#endif // HIPDEXC_OUTPUTFILE_H
