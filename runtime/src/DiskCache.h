//===- DiskCache.h - Compiled kernels in a folder -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One file an entry, written once, never changed:
//
//   name   := "llvmcache-" hex(SHA-256(identity))
//   entry  := "hipdex-kernel 1 " digest "\n" header "\n" metadata code
//   digest := hex(SHA-256(everything behind the first line))
//   header := one line of JSON, "identity" and the sizes of what follows:
//             {"key":K,"schema":S,"build_id":B,"code_object_version":V,
//              "metadata_bytes":M,"code_object_bytes":C}
//
// The identity is what was asked for and what built it. The prefix of the name
// is the one that llvm::pruneCache() takes files by. Format 1 is the first; a
// change of this grammar raises the number in the first line.
//
// An entry appears by rename: readers see all of it or nothing, and of two
// writers the last wins with the same contents. docs/cache-format.md is the
// version for people.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_DISKCACHE_H
#define HIPDEX_RUNTIME_DISKCACHE_H

#include "src/CompilerLibrary.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>

namespace hipdex {
namespace runtime {

class DiskCache {
public:
  explicit DiskCache(std::string directory) : directory(std::move(directory)) {}

  /// Nothing if there is no such entry; an error if there is one that fails a
  /// check, which the caller counts and rebuilds.
  llvm::Expected<std::optional<CompiledKernel>> load(llvm::StringRef key) const;

  /// Publishes an entry. After an error the cache is as before.
  llvm::Error store(llvm::StringRef key, const CompiledKernel &kernel) const;

  /// The file that holds the key's entry.
  std::string entryPath(llvm::StringRef key) const;

private:
  std::string directory;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_DISKCACHE_H
