//===- CompilerLibrary.h - libhipdex-compiler.so, opened --------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_COMPILERLIBRARY_H
#define HIPDEXC_COMPILERLIBRARY_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {

struct CompiledStage {
  std::string data;     ///< The stage's text, or a code object.
  std::string metadata; ///< Of a code object: KernelMetadata as JSON.
};

/// Compiles a key to a stage ("obj" is the last one). Opens the library that
/// HIPDEX_COMPILER_LIBRARY names, else the one beside this program's.
llvm::Expected<CompiledStage> compileStage(llvm::StringRef key,
                                           llvm::StringRef stage,
                                           unsigned codeObjectVersion = 0);

} // namespace hipdex

#endif // HIPDEXC_COMPILERLIBRARY_H
