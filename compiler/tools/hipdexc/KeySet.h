//===- KeySet.h - A text that names many keys -------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pattern a line; '#' begins a comment, empty lines are nothing. A pattern
// is a key's text in which braces stand for each of what is in them:
//
//   p{1,64}   p1 and p64         n{1..4}   n1, n2, n3 and n4
//   {arch}    each architecture that is asked for
//   {fp8}     the fp8 format of the pattern's architecture
//
// Keys of architectures that are not asked for are left out; every other key
// must be supported. A key that two patterns give counts once.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_KEYSET_H
#define HIPDEXC_KEYSET_H

#include "Spec/Arch.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace hipdex {

/// Sorted keys, each once. Every error begins with \p name and a line number.
llvm::Expected<std::vector<std::string>>
expandKeySet(llvm::StringRef name, llvm::StringRef text,
             llvm::ArrayRef<const Arch *> archs);

/// The key set that hipdexc holds by that name, else the file of that path.
llvm::Expected<std::vector<std::string>>
loadKeySet(llvm::StringRef nameOrPath, llvm::ArrayRef<const Arch *> archs);

/// Reads "gfx942,gfx950".
llvm::Expected<std::vector<const Arch *>> parseArchs(llvm::StringRef list);

} // namespace hipdex

#endif // HIPDEXC_KEYSET_H
