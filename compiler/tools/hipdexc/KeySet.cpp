//===- KeySet.cpp - Expanding patterns of keys ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See KeySet.h for the grammar.
//
//===----------------------------------------------------------------------===//

#include "KeySet.h"
#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

#include "KeySets.inc"

/// A line that gives more than this is a slip of the pen.
static constexpr size_t mostKeysOfLine = 100000;

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

/// The values of a comma's side in braces: "7", "pre", "" or "1..4".
static llvm::Error expandValues(llvm::StringRef item,
                                std::vector<std::string> &values) {
  if (!item.contains("..")) {
    values.push_back(item.str());
    return llvm::Error::success();
  }
  auto [firstText, lastText] = item.split("..");
  unsigned first, last;
  if (firstText.getAsInteger(10, first) || lastText.getAsInteger(10, last) ||
      first > last)
    return fail("\"" + item + "\" is not a range, as in {1..4}");
  if (last - first >= mostKeysOfLine)
    return fail("range \"" + item + "\" is of more than " +
                llvm::Twine(mostKeysOfLine) + " values");
  for (unsigned value = first; value <= last; ++value)
    values.push_back(std::to_string(value));
  return llvm::Error::success();
}

/// Expands all braces of a pattern but {arch} and {fp8}.
static llvm::Expected<std::vector<std::string>>
expandBraces(llvm::StringRef pattern) {
  std::vector<std::string> results = {""};
  while (!pattern.empty()) {
    size_t brace = pattern.find_first_of("{}");
    llvm::StringRef literal = pattern.take_front(brace);
    pattern = pattern.drop_front(literal.size());
    std::vector<std::string> values;
    if (!literal.empty()) {
      values.push_back(literal.str());
    } else {
      size_t end = pattern.find_first_of("{}", 1);
      if (pattern[0] == '}' || end == pattern.npos || pattern[end] == '{')
        return fail("unmatched \"" + pattern.take_front() + "\"");
      llvm::StringRef inside = pattern.slice(1, end);
      if (inside == "arch" || inside == "fp8") {
        values.push_back(("{" + inside + "}").str());
      } else {
        llvm::SmallVector<llvm::StringRef> items;
        inside.split(items, ',');
        for (llvm::StringRef item : items)
          if (llvm::Error error = expandValues(item, values))
            return std::move(error);
      }
      pattern = pattern.drop_front(end + 1);
    }
    if (results.size() * values.size() > mostKeysOfLine)
      return fail("gives more than " + llvm::Twine(mostKeysOfLine) + " keys");
    std::vector<std::string> longer;
    for (const std::string &result : results)
      for (const std::string &value : values)
        longer.push_back(result + value);
    results = std::move(longer);
  }
  return results;
}

static std::string replaced(llvm::StringRef text, llvm::StringRef from,
                            llvm::StringRef to) {
  std::string result;
  for (size_t at; (at = text.find(from)) != text.npos;
       text = text.drop_front(at + from.size()))
    result += (text.take_front(at) + to).str();
  return result + text.str();
}

/// The supported keys of a pattern, whatever their architecture.
static llvm::Expected<std::vector<KernelKey>>
expandPattern(llvm::StringRef pattern, llvm::ArrayRef<const Arch *> archs) {
  auto texts = expandBraces(pattern);
  if (!texts)
    return texts.takeError();
  std::vector<KernelKey> keys;
  for (const std::string &text : *texts) {
    std::vector<std::string> withArch;
    if (llvm::StringRef(text).contains("{arch}"))
      for (const Arch *arch : archs)
        withArch.push_back(replaced(text, "{arch}", arch->name));
    else
      withArch.push_back(text);
    for (std::string &full : withArch) {
      // An unknown one is the key parser's to report.
      if (const Arch *arch = lookupArch(
              llvm::StringRef(full).split('.').second.split('.').first))
        full = replaced(full, "{fp8}", fp8KeyName(arch->fp8));
      llvm::Expected<KernelKey> key = KernelKey::parse(full);
      if (!key)
        return key.takeError();
      if (llvm::Error error = key->validate())
        return fail("key \"" + full +
                    "\": " + llvm::toString(std::move(error)));
      keys.push_back(*key);
    }
  }
  return keys;
}

llvm::Expected<std::vector<std::string>>
hipdex::expandKeySet(llvm::StringRef name, llvm::StringRef text,
                     llvm::ArrayRef<const Arch *> archs) {
  std::vector<std::string> keys;
  llvm::SmallVector<llvm::StringRef> lines;
  text.split(lines, '\n');
  for (auto [index, line] : llvm::enumerate(lines)) {
    llvm::StringRef pattern = line.split('#').first.trim();
    if (pattern.empty())
      continue;
    auto found = expandPattern(pattern, archs);
    if (!found)
      return fail(name + ":" + llvm::Twine(index + 1) + ": " +
                  llvm::toString(found.takeError()));
    for (const KernelKey &key : *found)
      if (llvm::is_contained(archs, key.arch))
        keys.push_back(key.str());
  }
  llvm::sort(keys);
  keys.erase(llvm::unique(keys), keys.end());
  for (const Arch *arch : archs) {
    std::string field = ("." + arch->name + ".").str();
    if (llvm::none_of(keys, [&](const std::string &key) {
          return llvm::StringRef(key).contains(field);
        }))
      return fail("key set " + name + " has no key for " + arch->name);
  }
  return keys;
}

llvm::Expected<std::vector<std::string>>
hipdex::loadKeySet(llvm::StringRef nameOrPath,
                   llvm::ArrayRef<const Arch *> archs) {
  for (const auto &set : namedSets)
    if (set.name == nameOrPath)
      return expandKeySet(nameOrPath, set.text, archs);
  auto file = llvm::MemoryBuffer::getFile(nameOrPath, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  if (file)
    return expandKeySet(nameOrPath, (*file)->getBuffer(), archs);
  std::string names;
  for (const auto &set : namedSets)
    names += (names.empty() ? "" : ", ") + set.name.str();
  return fail("key set \"" + nameOrPath + "\" is none of " + names +
              ", and no file: " + file.getError().message());
}

llvm::Expected<std::vector<const Arch *>>
hipdex::parseArchs(llvm::StringRef list) {
  std::vector<const Arch *> archs;
  llvm::SmallVector<llvm::StringRef> names;
  list.split(names, ',');
  for (llvm::StringRef name : names) {
    const Arch *arch = name.contains(':') ? nullptr : lookupArch(name);
    if (!arch)
      return fail(
          "unknown arch \"" + name + "\", supported: " +
          llvm::join(llvm::map_range(archTable(),
                                     [](const Arch &a) { return a.name; }),
                     ", "));
    if (!llvm::is_contained(archs, arch))
      archs.push_back(arch);
  }
  return archs;
}
