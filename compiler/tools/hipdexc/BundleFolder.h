//===- BundleFolder.h - A bundle on disk, made or read ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bundle DIR is made in DIR.partial, which takes its name when it is
// complete. Until then DIR.partial holds a journal, a line of JSON for each
// kernel that is there, so that an interrupted build can go on. The journal is
// locked by who builds; the lock ends with its process.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_BUNDLEFOLDER_H
#define HIPDEXC_BUNDLEFOLDER_H

#include "Spec/BundleManifest.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <mutex>

namespace hipdex {

/// Reads DIR/manifest.json.
llvm::Expected<BundleManifest> readBundle(llvm::StringRef directory);
/// Reads an entry's file and checks its size and digest.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readBundleFile(llvm::StringRef directory, const BundleEntry &entry);

class BundleFolder {
public:
  /// Nothing that would be lost may be in the way: \p directory must not exist
  /// or be empty or a bundle, which gets replaced.
  static llvm::Error checkTarget(llvm::StringRef directory);

  /// Opens DIR.partial. With \p resume kernels of this BuildId that are in it
  /// or in DIR can be taken over, else it is emptied.
  static llvm::Expected<std::unique_ptr<BundleFolder>>
  create(llvm::StringRef directory, BundleContents contents,
         llvm::StringRef buildId, bool resume);
  ~BundleFolder();

  /// Takes a kernel of an earlier build, if there is one and it is whole.
  llvm::Expected<bool> reuse(llvm::StringRef key);
  /// Adds a kernel. Thread safe.
  llvm::Error add(BundleEntry entry, llvm::StringRef content);

  /// Writes the manifest of all kernels that were taken or added, and the build
  /// file of HIP source, and renames.
  struct Sizes {
    uint64_t kernels, kernelBytes, allBytes;
  };
  llvm::Expected<Sizes> publish(std::optional<BundleShard> shard);

  const std::string &partialPath() const { return partial; }

private:
  BundleFolder(llvm::StringRef directory, BundleContents contents,
               llvm::StringRef buildId);
  llvm::Error open(bool resume);
  llvm::Error readJournal();
  std::string pathOf(llvm::StringRef file) const;

  struct Earlier {
    BundleEntry entry;
    std::string directory;
  };

  const std::string directory, partial, buildId;
  const BundleContents contents;
  int journal = -1;
  llvm::StringMap<Earlier> earlier;
  std::mutex mutex; ///< Guards the journal and entries.
  std::vector<BundleEntry> entries;
};

} // namespace hipdex

#endif // HIPDEXC_BUNDLEFOLDER_H
