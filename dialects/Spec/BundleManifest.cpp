//===- BundleManifest.cpp - Reading and writing a bundle's manifest -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A manifest decides which code runs on a GPU, so reading one is strict: a
// field that is missing, of the wrong type or out of range is an error, and so
// are entries that are out of order.
//
//===----------------------------------------------------------------------===//

#include "Spec/BundleManifest.h"
#include "Spec/BoundedJson.h"
#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace json = llvm::json;

std::string hipdex::sha256Hex(llvm::StringRef bytes) {
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)),
                     /*LowerCase=*/true);
}

std::string hipdex::keysDigest(llvm::ArrayRef<std::string> keys) {
  std::string text;
  for (const std::string &key : keys)
    text += key + "\n";
  return sha256Hex(text);
}

static llvm::Error invalid(const llvm::Twine &message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument), message);
}

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

namespace {
/// Reads typed fields of an object; the first problem stays.
class Fields {
public:
  explicit Fields(const json::Object &object) : object(object) {}

  std::string text(llvm::StringRef name) {
    if (std::optional<llvm::StringRef> value = object.getString(name))
      return value->str();
    fail("\"" + name + "\" is not a string");
    return "";
  }
  uint64_t number(llvm::StringRef name, uint64_t least, uint64_t most) {
    std::optional<int64_t> value = object.getInteger(name);
    if (value && *value >= 0 && uint64_t(*value) >= least &&
        uint64_t(*value) <= most)
      return *value;
    fail("\"" + name + "\" is not an integer in " + llvm::Twine(least) + ".." +
         llvm::Twine(most));
    return least;
  }
  std::string digest(llvm::StringRef name) {
    std::string value = text(name);
    if (value.size() != 64 || !llvm::all_of(value, [](char c) {
          return llvm::isDigit(c) || (c >= 'a' && c <= 'f');
        }))
      fail("\"" + name + "\" is not 64 lower-case hexadecimal digits");
    return value;
  }
  void fail(const llvm::Twine &message) {
    if (problem.empty())
      problem = message.str();
  }
  llvm::Error takeError(const llvm::Twine &where) {
    return problem.empty() ? llvm::Error::success() : invalid(where + problem);
  }

private:
  const json::Object &object;
  std::string problem;
};
} // namespace

// Sizes and counts that no honest bundle reaches.
static constexpr uint64_t mostBytes = uint64_t(1) << 31;
static constexpr uint64_t mostKeys = uint64_t(1) << 24;

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

llvm::Error BundleEntry::check(llvm::StringRef content) const {
  if (content.size() != bytes)
    return invalid("has " + llvm::Twine(content.size()) +
                   " bytes, the manifest says " + llvm::Twine(bytes));
  std::string digest = sha256Hex(content);
  if (digest != sha256)
    return invalid("has SHA-256 " + digest + ", the manifest says " + sha256);
  return llvm::Error::success();
}

static void write(json::OStream &out, const BundleEntry &entry,
                  llvm::function_ref<void()> writeArguments) {
  out.object([&] {
    out.attribute("key", entry.key);
    out.attribute("file", entry.file());
    out.attribute("sha256", entry.sha256);
    out.attribute("bytes", int64_t(entry.bytes));
    out.attributeObject("metadata", [&] { entry.metadata.writeFields(out); });
    out.attributeBegin("arguments");
    writeArguments();
    out.attributeEnd();
  });
}

std::string BundleEntry::toJSON() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  json::OStream out(os);
  write(out, *this, [&] { metadata.writeArguments(out); });
  return text;
}

using ArgumentLists = std::vector<std::vector<KernelArgument>>;

/// \p lists is null where an entry has its arguments itself.
static llvm::Expected<BundleEntry> readEntry(const json::Value &value,
                                             BundleContents contents,
                                             const ArgumentLists *lists) {
  const json::Object *object = value.getAsObject();
  if (!object)
    return invalid("not a JSON object");
  Fields fields(*object);
  BundleEntry entry;
  entry.contents = contents;
  entry.key = fields.text("key");
  if (llvm::Error error = fields.takeError(""))
    return std::move(error);
  std::string where = "key \"" + entry.key + "\": ";
  // The key becomes a file's name: only what a key is made of.
  if (entry.key.empty() || !llvm::all_of(entry.key, [](char c) {
        return llvm::isAlnum(c) || c == '.' || c == '_';
      }))
    return invalid(where + "is not a key's text");
  if (std::string file = fields.text("file"); file != entry.file())
    fields.fail("\"file\" is \"" + file + "\", must be \"" + entry.file() +
                "\"");
  entry.sha256 = fields.digest("sha256");
  entry.bytes = fields.number("bytes", 1, mostBytes);
  if (llvm::Error error = fields.takeError(where))
    return std::move(error);
  const json::Object *metadata = object->getObject("metadata");
  if (!metadata)
    return invalid(where + "\"metadata\" is not a JSON object");
  llvm::Expected<KernelMetadata> read = KernelMetadata::readFields(*metadata);
  if (!read)
    return invalid(where + llvm::toString(read.takeError()));
  if (read->key != entry.key)
    return invalid(where + "its metadata is of \"" + read->key + "\"");
  entry.metadata = std::move(*read);
  if (lists) {
    std::optional<int64_t> list = object->getInteger("arguments");
    if (!list || *list < 0 || uint64_t(*list) >= lists->size())
      return invalid(where + "\"arguments\" is not one of the " +
                     llvm::Twine(lists->size()) + " argument_lists");
    entry.metadata.arguments = (*lists)[*list];
    return entry;
  }
  const json::Array *array = object->getArray("arguments");
  if (!array)
    return invalid(where + "\"arguments\" is not an array");
  auto arguments = KernelMetadata::readArguments(*array);
  if (!arguments)
    return invalid(where + llvm::toString(arguments.takeError()));
  entry.metadata.arguments = std::move(*arguments);
  return entry;
}

llvm::Expected<BundleEntry> BundleEntry::fromJSON(llvm::StringRef text,
                                                  BundleContents contents) {
  llvm::Expected<json::Value> value = parseBoundedJson(text);
  if (!value)
    return value.takeError();
  return readEntry(*value, contents, /*lists=*/nullptr);
}

//===----------------------------------------------------------------------===//
// Manifests
//===----------------------------------------------------------------------===//

llvm::StringLiteral BundleManifest::formatName(BundleContents contents) {
  if (contents == BundleContents::HipSource)
    return "hipdex HIP source";
  return "hipdex bundle";
}

const BundleEntry *BundleManifest::find(llvm::StringRef key) const {
  auto it = llvm::lower_bound(
      entries, key, [](const BundleEntry &entry, llvm::StringRef key) {
        return llvm::StringRef(entry.key) < key;
      });
  return it != entries.end() && it->key == key ? &*it : nullptr;
}

std::string BundleManifest::toJSON() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  auto line = [&](llvm::function_ref<void(json::OStream &)> body) {
    json::OStream out(os);
    body(out);
  };
  os << "{\"format\":\"" << formatName(contents) << "\",\"version\":" << version
     << ",\"schema\":" << KernelKey::schemaVersion << ",\"build_id\":";
  line([&](json::OStream &out) { out.value(buildId); });
  os << ",\n";
  if (shard) {
    os << "\"shard\":";
    line([&](json::OStream &out) {
      out.object([&] {
        out.attribute("index", int64_t(shard->index));
        out.attribute("count", int64_t(shard->count));
        out.attribute("keys", int64_t(shard->keys));
        out.attribute("keys_sha256", shard->keysSha256);
      });
    });
    os << ",\n";
  }
  // In the order of their first use.
  std::vector<std::string> lists;
  std::vector<size_t> listOf;
  for (const BundleEntry &entry : entries) {
    std::string list;
    llvm::raw_string_ostream listStream(list);
    json::OStream out(listStream);
    entry.metadata.writeArguments(out);
    auto found = llvm::find(lists, list);
    listOf.push_back(found - lists.begin());
    if (found == lists.end())
      lists.push_back(std::move(list));
  }
  os << "\"argument_lists\":[";
  for (auto [index, list] : llvm::enumerate(lists))
    os << (index ? ",\n" : "\n") << list;
  os << "],\n\"entries\":[";
  for (auto [index, entry] : llvm::enumerate(entries)) {
    os << (index ? ",\n" : "\n");
    line([&, &entry = entry, list = listOf[index]](json::OStream &out) {
      write(out, entry, [&] { out.value(int64_t(list)); });
    });
  }
  os << "]}\n";
  return text;
}

llvm::Expected<BundleManifest> BundleManifest::fromJSON(llvm::StringRef text) {
  llvm::Expected<json::Value> value = parseBoundedJson(text);
  if (!value)
    return invalid("not JSON: " + llvm::toString(value.takeError()));
  const json::Object *object = value->getAsObject();
  if (!object)
    return invalid("not a JSON object");
  BundleManifest manifest;
  std::optional<llvm::StringRef> format = object->getString("format");
  if (format == formatName(BundleContents::HipSource))
    manifest.contents = BundleContents::HipSource;
  else if (format != formatName(BundleContents::CodeObjects))
    return invalid("\"format\" is not \"" +
                   formatName(BundleContents::CodeObjects) + "\" or \"" +
                   formatName(BundleContents::HipSource) + "\"");
  auto expect = [&](llvm::StringRef name, int64_t wanted) -> llvm::Error {
    std::optional<int64_t> found = object->getInteger(name);
    if (found == wanted)
      return llvm::Error::success();
    return invalid("\"" + name + "\" is " +
                   (found ? std::to_string(*found) : "not an integer") +
                   ", this hipdex reads " + llvm::Twine(wanted));
  };
  if (llvm::Error error = expect("version", version))
    return std::move(error);
  if (llvm::Error error = expect("schema", KernelKey::schemaVersion))
    return std::move(error);

  Fields fields(*object);
  manifest.buildId = fields.digest("build_id");
  if (llvm::Error error = fields.takeError(""))
    return std::move(error);
  if (const json::Value *shardValue = object->get("shard")) {
    const json::Object *shardObject = shardValue->getAsObject();
    if (!shardObject)
      return invalid("\"shard\" is not a JSON object");
    Fields shardFields(*shardObject);
    BundleShard &shard = manifest.shard.emplace();
    shard.count = shardFields.number("count", 1, mostKeys);
    shard.index = shardFields.number("index", 0, shard.count - 1);
    shard.keys = shardFields.number("keys", 1, mostKeys);
    shard.keysSha256 = shardFields.digest("keys_sha256");
    if (llvm::Error error = shardFields.takeError("shard: "))
      return std::move(error);
  }
  const json::Array *listsArray = object->getArray("argument_lists");
  if (!listsArray)
    return invalid("\"argument_lists\" is not an array");
  ArgumentLists lists;
  for (auto [index, value] : llvm::enumerate(*listsArray)) {
    std::string where = "argument_lists " + std::to_string(index) + ": ";
    const json::Array *array = value.getAsArray();
    if (!array)
      return invalid(where + "not an array");
    auto arguments = KernelMetadata::readArguments(*array);
    if (!arguments)
      return invalid(where + llvm::toString(arguments.takeError()));
    lists.push_back(std::move(*arguments));
  }
  const json::Array *entries = object->getArray("entries");
  if (!entries)
    return invalid("\"entries\" is not an array");
  manifest.entries.reserve(entries->size());
  for (auto [index, element] : llvm::enumerate(*entries)) {
    llvm::Expected<BundleEntry> entry =
        readEntry(element, manifest.contents, &lists);
    if (!entry)
      return invalid("entry " + llvm::Twine(index) + ": " +
                     llvm::toString(entry.takeError()));
    if (!manifest.entries.empty() &&
        !(manifest.entries.back().key < entry->key))
      return invalid("entry " + llvm::Twine(index) + ": key \"" + entry->key +
                     "\" must come after \"" + manifest.entries.back().key +
                     "\"");
    manifest.entries.push_back(std::move(*entry));
  }
  return manifest;
}
