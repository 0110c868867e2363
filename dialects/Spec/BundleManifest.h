//===- BundleManifest.h - What a bundle of kernels holds --------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bundle is a folder (or the same files in a program's data): manifest.json
// and one code object a key. The manifest is JSON with a line an entry:
//
//   {"format":"hipdex bundle","version":1,"schema":S,"build_id":B,
//    "shard":{"index":I,"count":N,"keys":K,"keys_sha256":D},
//    "argument_lists":[
//   [{...},...]],
//    "entries":[
//   {"key":K,"file":F,"sha256":D,"bytes":N,"metadata":{...},"arguments":A},
//   ...]}
//
// A metadata's arguments are the A-th list: all kernels of an operation have
// the same, and reading them with each would be most of the time. S is
// KernelKey::schemaVersion; B says what compiled the kernels. Entries are
// sorted by key, one a key; a file is called after its key. "shard" is there
// only in a part of a bundle: K and D are of the keys of all N parts. Nothing
// depends on when, where or by how many threads a bundle was made.
//
// The format of a folder of kernels as HIP C++ is "hipdex HIP source". It is
// the same but for F, D and N, which are of the text, KEY.hip; what a compiler
// makes of the text changes these three and the format, and nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_BUNDLEMANIFEST_H
#define HIPDEX_SPEC_BUNDLEMANIFEST_H

#include "Spec/KernelMetadata.h"
#include <cstdint>
#include <optional>

namespace hipdex {

/// What the files of a bundle are.
enum class BundleContents { CodeObjects, HipSource };

struct BundleEntry {
  std::string key;
  BundleContents contents = BundleContents::CodeObjects;
  std::string sha256;      ///< Of the file, 64 lower-case digits.
  uint64_t bytes = 0;      ///< Size of the file.
  KernelMetadata metadata; ///< Of HIP source: of its code object by hipdex.

  /// The name of the file.
  std::string file() const {
    return key + (contents == BundleContents::HipSource ? ".hip" : ".hsaco");
  }
  /// Whether \p content is this entry's; the error says how it is not.
  llvm::Error check(llvm::StringRef content) const;

  /// One line of JSON, without a newline. Its "arguments" are a list.
  std::string toJSON() const;
  static llvm::Expected<BundleEntry> fromJSON(llvm::StringRef text,
                                              BundleContents contents);
};

struct BundleShard {
  unsigned index = 0, count = 1;
  uint64_t keys = 0;      ///< Of all shards together.
  std::string keysSha256; ///< keysDigest() of all shards' keys.
};

struct BundleManifest {
  static constexpr unsigned version = 1;
  static constexpr llvm::StringLiteral fileName = "manifest.json";

  /// The text of "format".
  static llvm::StringLiteral formatName(BundleContents contents);

  BundleContents contents = BundleContents::CodeObjects; ///< Of all entries.
  std::string buildId;
  std::optional<BundleShard> shard;
  std::vector<BundleEntry> entries; ///< Sorted by key, no key twice.

  /// The entry of a key, or null.
  const BundleEntry *find(llvm::StringRef key) const;

  std::string toJSON() const;
  /// Refuses what this version of hipdex does not write.
  static llvm::Expected<BundleManifest> fromJSON(llvm::StringRef text);
};

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256Hex(llvm::StringRef bytes);
/// The digest of sorted keys, a line each.
std::string keysDigest(llvm::ArrayRef<std::string> keys);

} // namespace hipdex

#endif // HIPDEX_SPEC_BUNDLEMANIFEST_H
