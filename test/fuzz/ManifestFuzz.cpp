//===- ManifestFuzz.cpp - Fuzzes the reader of manifests ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A manifest that is accepted can be written, and that is accepted too.
//
//===----------------------------------------------------------------------===//

#include "FakeKernel.h"
#include "Fuzz.h"
#include "Spec/BundleManifest.h"

using namespace hipdex;

static void read(llvm::StringRef text) {
  llvm::Expected<BundleManifest> manifest = BundleManifest::fromJSON(text);
  if (!manifest) {
    requireMessage(manifest.takeError());
    return;
  }
  std::string written = manifest->toJSON();
  llvm::Expected<BundleManifest> again = BundleManifest::fromJSON(written);
  require(bool(again), "what is written is accepted");
  require(again->toJSON() == written, "and written the same");
  for (const BundleEntry &entry : manifest->entries)
    require(manifest->find(entry.key) == &entry, "every entry is found");
}

static std::string goodManifest() {
  BundleManifest manifest;
  manifest.buildId = sha256Hex("");
  manifest.shard = BundleShard{1, 4, 10, sha256Hex("keys")};
  for (const char *text :
       {"paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz",
        "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn"}) {
    KernelKey key = llvm::cantFail(KernelKey::parse(text));
    BundleEntry entry;
    entry.key = text;
    entry.sha256 = sha256Hex(text);
    entry.bytes = 100;
    entry.metadata = fakeMetadata(key);
    manifest.entries.push_back(std::move(entry));
  }
  return manifest.toJSON();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::string good = goodManifest();
  static const bool isGood = bool(BundleManifest::fromJSON(good));
  require(isGood, "a manifest as it should be is accepted");
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  read(bytes);
  read(spliced(good, bytes));
  return 0;
}
