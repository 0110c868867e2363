//===- CodeObject.h - Checks of a code object before HIP sees it ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A bounded reader of the few ELF fields that decide whether a code object can
// be this kernel on this device. HIP's own answer to a wrong one is a number.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_CODEOBJECT_H
#define HIPDEX_RUNTIME_CODEOBJECT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace hipdex {
namespace runtime {

/// Success if \p elf is an AMDGPU code object for \p arch with a kernel
/// \p symbol and the given code object version.
llvm::Error checkCodeObject(llvm::StringRef elf, llvm::StringRef arch,
                            llvm::StringRef symbol, unsigned version);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_CODEOBJECT_H
