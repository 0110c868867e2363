//===- Action.h - What the caches know a kernel by ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What was asked for, and all that the code object follows from. The name of an
// entry (ActionEntry.h) is its digest.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_ACTION_H
#define HIPDEX_RUNTIME_ACTION_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace hipdex {
namespace runtime {

struct Action {
  std::string key;
  unsigned schema = 0;
  std::string buildId;
  unsigned codeObjectVersion = 0;
  /// Of a kernel that another compiler makes of HIP C++ text: which, and the
  /// SHA-256 of the text's entry in its bundle, which has the digest of the
  /// text and how it is launched. Empty for what libhipdex-compiler.so makes.
  std::string compiler, sourceDigest;

  /// The kernel of \p key that libhipdex-compiler.so makes.
  static Action of(llvm::StringRef key);
  /// Whether we know what its key means and its kernel's arguments.
  bool isOfThisLibrary() const;

  /// For messages.
  std::string description() const;
  /// As JSON, without the closing brace.
  std::string jsonWithoutEnd() const;
  /// The digest that an entry's file is called by.
  std::string name() const;
  /// The byte of the lock file that stands for it.
  uint64_t lockOffset() const;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_ACTION_H
