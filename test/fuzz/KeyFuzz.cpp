//===- KeyFuzz.cpp - Fuzzes the parser of keys ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A key that parses prints as something that parses to the same key, and one
// that is not supported has a nearest one that is.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"
#include "Spec/KernelKey.h"

using namespace hipdex;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<KernelKey> key = KernelKey::parse(text);
  if (!key) {
    requireMessage(key.takeError());
    return 0;
  }
  llvm::Expected<KernelKey> again = KernelKey::parse(key->str());
  require(bool(again), "the canonical text parses");
  require(*again == *key, "to the same key");
  require(again->str() == key->str(), "and prints the same");
  if (llvm::Error error = key->validate()) {
    requireMessage(std::move(error));
    require(!key->nearestSupported().validate(), "the nearest is supported");
  }
  return 0;
}
