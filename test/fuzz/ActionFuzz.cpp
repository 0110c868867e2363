//===- ActionFuzz.cpp - Fuzzes the reader of action entries ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bytes as they are, as what stands before the digest, and as a change of
// that; with the right digest, else nothing would get past that check.
//
//===----------------------------------------------------------------------===//

#include "Fuzz.h"
#include "Spec/BundleManifest.h"
#include "src/ActionEntry.h"

using namespace hipdex;
using namespace hipdex::runtime;

static void parse(llvm::StringRef text) {
  llvm::Expected<ActionEntry> entry = ActionEntry::parse(text);
  if (!entry) {
    requireMessage(entry.takeError());
    return;
  }
  require(entry->str() == text, "there is one way to write an entry");
  require(entry->name().size() == 64, "its name is a digest");
  // The digest becomes the name of a file.
  llvm::StringRef digest = entry->contentDigest;
  require(digest.size() == 64 &&
              digest.find_first_not_of("0123456789abcdef") == digest.npos,
          "its content's name is a digest");
}

static std::string withDigest(const std::string &head) {
  return head + ",\"entry_sha256\":\"" + sha256Hex(head) + "\"}\n";
}

static std::string goodHead(llvm::StringRef compiler) {
  Action action = Action::of("some.key");
  action.compiler = compiler.str();
  action.sourceDigest = sha256Hex(compiler);
  CompiledKernel kernel;
  kernel.codeObject = llvm::MemoryBuffer::getMemBuffer("");
  kernel.metadata = "{\n}";
  std::string text = ActionEntry(action, kernel).str();
  return text.substr(0, text.rfind(",\"entry_sha256\""));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const std::string good[] = {goodHead(""), goodHead("hiprtc")};
  static const bool areGood = llvm::all_of(good, [](const std::string &head) {
    return bool(ActionEntry::parse(withDigest(head)));
  });
  require(areGood, "an action as it should be is accepted");
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  parse(bytes);
  parse(withDigest(bytes.str()));
  for (const std::string &head : good)
    parse(withDigest(spliced(head, bytes)));
  return 0;
}
