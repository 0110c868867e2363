//===- ActionEntry.cpp - What the disk cache says of a key ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See ActionEntry.h.
//
//===----------------------------------------------------------------------===//

#include "src/ActionEntry.h"
#include "Spec/BoundedJson.h"
#include "Spec/BundleManifest.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace hipdex;
using namespace hipdex::runtime;
namespace json = llvm::json;

ActionEntry::ActionEntry(const Action &action, const CompiledKernel &kernel)
    : Action(action), contentDigest(sha256Hex(kernel.codeObject->getBuffer())),
      contentBytes(kernel.codeObject->getBufferSize()),
      metadata(kernel.metadata) {}

std::string ActionEntry::str() const {
  std::string head =
      jsonWithoutEnd() +
      llvm::formatv(
          ",\"content_sha256\":{0},\"content_bytes\":{1},\"metadata\":{2}",
          json::Value(contentDigest), contentBytes, json::Value(metadata))
          .str();
  return head + ",\"entry_sha256\":\"" + sha256Hex(head) + "\"}\n";
}

static llvm::Error bad(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, message);
}

llvm::Expected<ActionEntry> ActionEntry::parse(llvm::StringRef text) {
  constexpr llvm::StringLiteral label = ",\"entry_sha256\":\"";
  constexpr size_t digestDigits = 64;
  constexpr size_t tailBytes = label.size() + digestDigits + 3;
  llvm::StringRef head = text.drop_back(std::min(text.size(), tailBytes));
  llvm::StringRef tail = text.drop_front(head.size());
  if (!tail.consume_front(label) || !tail.ends_with("\"}\n"))
    return bad("does not end in its digest");
  if (tail.take_front(digestDigits) != sha256Hex(head))
    return bad("its digest is not that of its contents");
  // From here on the bytes are what a writer wrote, who may have been another
  // version of us, or nobody we know.
  llvm::Expected<json::Value> value = parseBoundedJson(text);
  if (!value)
    return bad(llvm::toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return bad("is not a JSON object");
  ActionEntry entry;
  std::string problem;
  auto readString = [&](llvm::StringRef name, std::string &field) {
    if (auto found = object->getString(name))
      field = found->str();
    else if (problem.empty())
      problem = ("has no " + name).str();
  };
  auto readNumber = [&](llvm::StringRef name, auto &field) {
    std::optional<int64_t> found = object->getInteger(name);
    if (found && *found >= 0)
      field = std::decay_t<decltype(field)>(*found);
    else if (problem.empty())
      problem = ("has no " + name).str();
  };
  unsigned format = 0;
  readNumber("format", format);
  if (problem.empty() && format != formatNumber)
    return bad("has format " + llvm::Twine(format) + ", must have " +
               llvm::Twine(formatNumber));
  readString("key", entry.key);
  readNumber("schema", entry.schema);
  readString("build_id", entry.buildId);
  readNumber("code_object_version", entry.codeObjectVersion);
  if (object->get("compiler")) {
    readString("compiler", entry.compiler);
    readString("source_sha256", entry.sourceDigest);
  }
  readString("content_sha256", entry.contentDigest);
  readNumber("content_bytes", entry.contentBytes);
  readString("metadata", entry.metadata);
  if (!problem.empty())
    return bad(problem);
  // The digest becomes a file name.
  if (entry.contentDigest.size() != digestDigits ||
      !llvm::all_of(entry.contentDigest, [](char c) {
        return llvm::isDigit(c) || (c >= 'a' && c <= 'f');
      }))
    return bad("content_sha256 is not 64 hexadecimal digits");
  if (entry.str() != text)
    return bad("is not written as entries are");
  return entry;
}
