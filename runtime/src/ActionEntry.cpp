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
#include "Spec/KernelKey.h"
#include "src/BuildId.h"
#include "src/CompilerLibrary.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
using namespace hipdex::runtime;
namespace json = llvm::json;

ActionEntry ActionEntry::of(llvm::StringRef key) {
  ActionEntry entry;
  entry.key = key.str();
  entry.schema = KernelKey::schemaVersion;
  entry.buildId = runtime::buildId();
  entry.codeObjectVersion = CompilerLibrary::codeObjectVersion;
  return entry;
}

static std::string quote(llvm::StringRef text) {
  std::string result;
  llvm::raw_string_ostream os(result);
  os << json::Value(text);
  return result;
}

static std::string identityWithoutEnd(const ActionEntry &entry) {
  return "{\"format\":" + std::to_string(ActionEntry::formatNumber) +
         ",\"key\":" + quote(entry.key) +
         ",\"schema\":" + std::to_string(entry.schema) +
         ",\"build_id\":" + quote(entry.buildId) +
         ",\"code_object_version\":" + std::to_string(entry.codeObjectVersion);
}

std::string ActionEntry::name() const {
  return sha256Hex(identityWithoutEnd(*this) + "}");
}

uint64_t ActionEntry::lockOffset() const {
  uint64_t bits = 0;
  // 16 digits; a file's bytes are counted in 63 bits.
  (void)llvm::StringRef(name()).take_front(16).getAsInteger(16, bits);
  return 1 + (bits >> 2);
}

std::string ActionEntry::str() const {
  std::string head = identityWithoutEnd(*this) +
                     ",\"content_sha256\":" + quote(contentDigest) +
                     ",\"content_bytes\":" + std::to_string(contentBytes) +
                     ",\"metadata\":" + quote(metadata);
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
