//===- CodeObjectFuzz.cpp - Fuzzes the reader of code objects -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bytes as an ELF beside good metadata, as metadata beside a good ELF, and
// as a change of either.
//
//===----------------------------------------------------------------------===//

#include "FakeKernel.h"
#include "Fuzz.h"
#include "src/KernelContents.h"

using namespace hipdex;
using namespace hipdex::runtime;

static void check(std::string metadata, llvm::StringRef codeObject) {
  CompiledKernel kernel;
  kernel.metadata = std::move(metadata);
  // A copy, so that the first byte too many is not ours.
  kernel.codeObject = llvm::MemoryBuffer::getMemBufferCopy(codeObject);
  llvm::Expected<KernelContents> contents = KernelContents::check(kernel);
  if (!contents) {
    requireMessage(contents.takeError());
    return;
  }
  require(!contents->key.validate(), "the key is supported");
  require(contents->metadata.arch == contents->key.arch->name, "its arch");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const KernelKey key = llvm::cantFail(
      KernelKey::parse("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn"));
  static const std::string metadata = fakeMetadata(key).toJSON();
  static const std::string elf = fakeElf(key);
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  check(metadata, bytes);
  check(bytes.str(), elf);
  check(metadata, spliced(elf, bytes));
  check(spliced(metadata, bytes), elf);
  return 0;
}
