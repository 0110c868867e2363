//===- ActionEntry.h - What the disk cache says of a key ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The disk cache's grammar. A root folder holds
//
//   ac/NAME      action entries: what a key became
//   cas/DIGEST   contents: code objects, nothing but the ELF
//   tmp/*        files that are being written
//   lock         an empty file whose bytes are locked: byte 0 shared by those
//                who write and alone by who prunes, byte 1 + (first 62 bits of
//                NAME) by who compiles that key
//
//   NAME      := hex(SHA-256(identity))
//   DIGEST    := hex(SHA-256(code object))
//   action    := head tail
//   head      := identity without its "}"
//                ,"content_sha256":"DIGEST","content_bytes":N,"metadata":TEXT
//   tail      := ,"entry_sha256":"hex(SHA-256(head))"} newline
//   identity  := {"format":2,"key":KEY,"schema":S,"build_id":B,
//                "code_object_version":V source}
//   source    := nothing, or ,"compiler":C,"source_sha256":"DIGEST of the
//   text's
//                entry in its bundle, BundleEntry::toJSON()"
//
// on one line, without spaces; TEXT is the kernel's metadata (JSON) as a JSON
// string. There is one way to write an entry, and only that is read.
//
// The identity is what was asked for and what built it (Action.h). Files appear
// by rename, complete, the content before its action, and never change. A
// content that is gone although its action is there is a miss. Format 1 (until
// 0.1.0) was one file an entry; a change of this grammar raises the number.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_ACTIONENTRY_H
#define HIPDEX_RUNTIME_ACTIONENTRY_H

#include "src/Action.h"
#include "src/CompiledKernel.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {
namespace runtime {

struct ActionEntry : Action {
  static constexpr llvm::StringLiteral folder = "ac";
  static constexpr llvm::StringLiteral contentFolder = "cas";
  static constexpr unsigned formatNumber = 2;
  static constexpr uint64_t maxBytes = 1 << 20; ///< Of an action.
  static constexpr uint64_t maxContentBytes = 64 << 20;

  std::string contentDigest;
  uint64_t contentBytes = 0;
  std::string metadata;

  ActionEntry() = default;
  ActionEntry(const Action &action, const CompiledKernel &kernel);
  /// Reads an entry of any key and BuildId. An error has no path in it.
  static llvm::Expected<ActionEntry> parse(llvm::StringRef text);

  std::string str() const;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_ACTIONENTRY_H
