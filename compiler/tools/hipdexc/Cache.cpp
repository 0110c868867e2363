//===- Cache.cpp - hipdexc cache ------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Looks after the disk cache (docs/cache-format.md) through the C ABI, as any
// embedder can.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "hipdex/hipdex.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include <ctime>

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::cacheCommand("cache", "Look after the disk cache: ls, "
                                             "verify, prune or rm KEY...");

static cl::list<std::string> words(cl::Positional, cl::sub(cacheCommand),
                                   cl::desc("ls|verify|prune|rm [KEY...]"));
static cl::opt<std::string>
    directory("dir", cl::sub(cacheCommand), cl::value_desc("DIR"),
              cl::desc("The cache (default: HIPDEX_CACHE_DIR, else "
                       "$XDG_CACHE_HOME/hipdex, else ~/.cache/hipdex)"));
static cl::opt<std::string>
    limit("limit", cl::sub(cacheCommand), cl::value_desc("BYTES"),
          cl::desc("prune: what may stay, e.g. 100M (default 1G)"));
static cl::opt<bool> all("all", cl::sub(cacheCommand),
                         cl::desc("rm: every entry"));

static const char *directoryOrNull() {
  return directory.getNumOccurrences() ? directory.c_str() : nullptr;
}

static llvm::Error check(hipdex_status status) {
  if (status == HIPDEX_SUCCESS)
    return llvm::Error::success();
  return llvm::createStringError(hipdex_last_message());
}

/// "3 minutes ago"; clocks jump, so also "in 2 days".
static std::string age(int64_t usedAt) {
  int64_t seconds = int64_t(std::time(nullptr)) - usedAt;
  int64_t distance = std::abs(seconds);
  const std::pair<int64_t, const char *> units[] = {
      {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  for (auto [unit, name] : units)
    if (distance >= unit || unit == 1)
      return llvm::formatv(seconds < 0 ? "in {0} {1}" : "{0} {1} ago",
                           distance / unit, name)
          .str();
  return "";
}

namespace {
struct Totals {
  uint64_t entries = 0, bytes = 0, bad = 0;
};
} // namespace

static void print(const hipdex_cache_entry *entry, void *user) {
  auto &totals = *static_cast<Totals *>(user);
  ++totals.entries;
  totals.bytes += entry->bytes;
  llvm::StringRef key = entry->key, buildId = entry->build_id;
  llvm::outs() << llvm::formatv(
      "{0,-60} {1,8} {2,10}  {3}\n", key.empty() ? entry->name : entry->key,
      entry->bytes, age(entry->used_at), buildId.take_front(12));
  if (*entry->compiler) {
    llvm::outs() << "  by ";
    llvm::printEscapedString(entry->compiler, llvm::outs());
    llvm::outs() << "\n";
  }
  if (!*entry->problem)
    return;
  ++totals.bad;
  llvm::outs() << "  BAD: " << entry->problem << "\n";
}

static llvm::Error list(bool verify) {
  Totals totals;
  if (llvm::Error error =
          check(hipdex_cache_list(directoryOrNull(), verify, print, &totals)))
    return error;
  llvm::outs() << totals.entries << " entries, " << totals.bytes << " bytes";
  if (verify)
    llvm::outs() << ", " << totals.bad << " bad";
  llvm::outs() << "\n";
  if (totals.bad)
    return llvm::createStringError(
        llvm::Twine(totals.bad) + " of " + llvm::Twine(totals.entries) +
        " entries are bad; each is built again when it is asked for");
  return llvm::Error::success();
}

static hipdex_cache_removed noneRemoved() {
  hipdex_cache_removed removed = {};
  removed.struct_size = sizeof(removed);
  return removed;
}

static void report(const hipdex_cache_removed &removed) {
  llvm::outs() << "removed " << removed.entries << " entries, " << removed.files
               << " files, " << removed.bytes << " bytes; "
               << removed.bytes_left << " bytes left\n";
}

static llvm::Error prune() {
  uint64_t bytes = UINT64_C(1) << 30;
  if (limit.getNumOccurrences()) {
    llvm::StringRef digits = limit;
    unsigned shift = digits.consume_back("K")   ? 10
                     : digits.consume_back("M") ? 20
                     : digits.consume_back("G") ? 30
                                                : 0;
    if (digits.getAsInteger(10, bytes) || bytes > (UINT64_MAX >> shift))
      return llvm::createStringError(
          "limit is \"" + limit +
          "\", must be a number of bytes, or one with K, M or G");
    bytes <<= shift;
  }
  hipdex_cache_removed removed = noneRemoved();
  if (llvm::Error error =
          check(hipdex_cache_prune(directoryOrNull(), bytes, &removed)))
    return error;
  report(removed);
  return llvm::Error::success();
}

static llvm::Error remove(llvm::ArrayRef<std::string> keys) {
  if (keys.empty() == !all)
    return llvm::createStringError("cache rm takes keys, or --all");
  hipdex_cache_removed total = noneRemoved(), removed = noneRemoved();
  auto removeOne = [&](const char *key) {
    llvm::Error error =
        check(hipdex_cache_remove(directoryOrNull(), key, &removed));
    total.entries += removed.entries;
    total.files += removed.files;
    total.bytes += removed.bytes;
    total.bytes_left = removed.bytes_left;
    return error;
  };
  if (all)
    if (llvm::Error error = removeOne(nullptr))
      return error;
  for (const std::string &key : keys) {
    if (llvm::Error error = removeOne(key.c_str()))
      return error;
    if (removed.entries == 0)
      return llvm::createStringError("the cache has no entry of " + key);
  }
  report(total);
  return llvm::Error::success();
}

llvm::Error hipdex::runCache() {
  llvm::ArrayRef<std::string> rest = words;
  std::string action = rest.empty() ? "" : rest.front();
  if (!rest.empty())
    rest = rest.drop_front();
  if (action == "rm")
    return remove(rest);
  if (!rest.empty())
    return llvm::createStringError("cache " + action + " takes no \"" +
                                   rest.front() + "\"");
  if (action == "ls" || action == "verify")
    return list(action == "verify");
  if (action == "prune")
    return prune();
  return llvm::createStringError("cache is asked to \"" + action +
                                 "\", must be ls, verify, prune or rm");
}
