//===- DiskCache.cpp - Compiled kernels on disk ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See DiskCache.h.
//
//===----------------------------------------------------------------------===//

#include "src/DiskCache.h"
#include "Spec/BundleManifest.h"
#include "src/KernelContents.h"
#include "src/Status.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <cstdlib>

using namespace hipdex;
using namespace hipdex::runtime;
using std::chrono::milliseconds;

/// Byte 0 of the lock file.
static constexpr uint64_t pruningLock = 0;

std::string runtime::cacheDirectoryOr(const char *given) {
  if (given)
    return given;
  if (const char *folder = std::getenv("HIPDEX_CACHE_DIR"))
    return folder;
  llvm::SmallString<128> path;
  // A relative $XDG_CACHE_HOME is to be ignored: XDG Base Directory
  // Specification.
  const char *base = std::getenv("XDG_CACHE_HOME");
  if (base && llvm::sys::path::is_absolute(base)) {
    path = base;
  } else {
    const char *home = std::getenv("HOME");
    if (!home || !*home)
      return "";
    path = home;
    llvm::sys::path::append(path, ".cache");
  }
  llvm::sys::path::append(path, "hipdex");
  return path.str().str();
}

std::string DiskCache::name() const {
  return (directory.isReadOnly() ? "read-only cache " : "cache ") +
         directory.path();
}

/// An error about an entry, with its path in front.
static llvm::Error badEntry(const CacheDirectory &directory,
                            llvm::StringRef name, const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, "cache entry " + directory.path() +
                                                 "/" + ActionEntry::folder +
                                                 "/" + name + ": " + message);
}

/// The content of an action; nothing if it is gone.
static llvm::Expected<std::optional<CompiledKernel>>
readContent(const CacheDirectory &directory, ActionEntry action) {
  auto content =
      directory.read(ActionEntry::contentFolder, action.contentDigest,
                     ActionEntry::maxContentBytes);
  if (!content)
    return content.takeError();
  if (!*content)
    return std::nullopt;
  llvm::StringRef bytes = (**content)->getBuffer();
  auto bad = [&](const llvm::Twine &message) {
    return makeError(HIPDEX_ERROR_CODE_OBJECT,
                     "cache entry " + directory.path() + "/" +
                         ActionEntry::contentFolder + "/" +
                         action.contentDigest + ": " + message);
  };
  if (bytes.size() != action.contentBytes)
    return bad("has " + llvm::Twine(bytes.size()) + " bytes, must have " +
               llvm::Twine(action.contentBytes));
  if (sha256Hex(bytes) != action.contentDigest)
    return bad("its contents do not have the SHA-256 that its name says");
  CompiledKernel kernel;
  kernel.metadata = std::move(action.metadata);
  kernel.codeObject = std::move(**content);
  return std::optional<CompiledKernel>(std::move(kernel));
}

llvm::Expected<std::optional<CompiledKernel>>
DiskCache::find(const Action &wanted) {
  const std::string name = wanted.name();
  // An action that is in its folder and in use keeps its content: sweep() sees
  // to it. So a content that is gone means that the action was removed, or
  // replaced, between its opening and its lock; then what is there now counts.
  // A content that somebody else removed stays gone.
  constexpr int attempts = 10;
  for (int attempt = 1;; ++attempt) {
    FileLock use;
    auto text =
        directory.read(ActionEntry::folder, name, ActionEntry::maxBytes, &use);
    if (!text)
      return text.takeError();
    if (!*text)
      return std::nullopt;
    llvm::Expected<ActionEntry> action =
        ActionEntry::parse((**text)->getBuffer());
    if (!action)
      return badEntry(directory, name, llvm::toString(action.takeError()));
    // The name is the digest of the identity.
    if (action->name() != name)
      return badEntry(directory, name, "is of " + action->description());
    auto kernel = readContent(directory, std::move(*action));
    if (!kernel || *kernel || attempt == attempts)
      return kernel;
  }
}

FileLock DiskCache::lock(const Action &action, milliseconds patience) const {
  return directory.lock(action.lockOffset(), /*shared=*/false, patience);
}

llvm::Error DiskCache::store(const Action &action,
                             const CompiledKernel &kernel) {
  const ActionEntry entry(action, kernel);
  llvm::StringRef code = kernel.codeObject->getBuffer();
  std::string text = entry.str();
  if (text.size() > ActionEntry::maxBytes ||
      code.size() > ActionEntry::maxContentBytes)
    return makeError(HIPDEX_ERROR_CACHE, "kernel cache " + directory.path() +
                                             ": " + action.key +
                                             " is too big for it");
  {
    // Pruning takes milliseconds; who takes seconds is stopped or far away, and
    // is waited for once.
    FileLock lock =
        directory.lock(pruningLock, /*shared=*/true,
                       isPrunerSlow ? milliseconds(0) : milliseconds(2000));
    isPrunerSlow = !lock;
    if (!lock)
      return makeError(HIPDEX_ERROR_CACHE,
                       "kernel cache " + directory.path() +
                           ": another process has been pruning it for 2 s");
    // Even if the content is there: it may be there and broken.
    if (llvm::Error error = directory.publish(ActionEntry::contentFolder,
                                              entry.contentDigest, code))
      return error;
    if (llvm::Error error =
            directory.publish(ActionEntry::folder, action.name(), text))
      return error;
  }
  pruneNowAndThen(text.size() + code.size());
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Pruning
//===----------------------------------------------------------------------===//

/// The names and sizes of all files.
struct DiskCache::Survey {
  struct File {
    uint64_t bytes;
    int64_t usedAt;
  };
  llvm::StringMap<File> actions, contents, temporaries;
  uint64_t bytes = 0;
};

llvm::Expected<DiskCache::Survey> DiskCache::survey() const {
  Survey result;
  const std::pair<llvm::StringRef, llvm::StringMap<Survey::File> &> folders[] =
      {{ActionEntry::folder, result.actions},
       {ActionEntry::contentFolder, result.contents},
       {CacheDirectory::temporaryFolder, result.temporaries}};
  for (auto &[folder, files] : folders)
    if (llvm::Error error = directory.forEachFile(
            folder, [&, &files = files](llvm::StringRef name,
                                        const struct stat &status) {
              files[name] = {uint64_t(status.st_size), status.st_mtime};
              result.bytes += uint64_t(status.st_size);
            }))
      return std::move(error);
  return result;
}

/// What is wrong with the content of \p entry; empty if nothing.
static std::string verifyContent(const CacheDirectory &directory,
                                 const ActionEntry &action) {
  llvm::Expected<std::optional<CompiledKernel>> kernel =
      readContent(directory, action);
  if (!kernel)
    return llvm::toString(kernel.takeError());
  if (!*kernel)
    return "its content is gone";
  // What another hipdex calls a key and passes to its kernels, we do not know.
  if (!action.isOfThisLibrary())
    return "";
  llvm::Expected<KernelContents> contents = KernelContents::check(**kernel);
  if (!contents)
    return llvm::toString(contents.takeError());
  if (contents->metadata.key != action.key)
    return "its metadata is of " + contents->metadata.key;
  return "";
}

llvm::Expected<std::vector<DiskCache::Entry>>
DiskCache::list(bool verify) const {
  llvm::Expected<Survey> files = survey();
  if (!files)
    return files.takeError();
  std::vector<Entry> entries;
  for (const auto &file : files->actions) {
    Entry entry;
    entry.name = file.first().str();
    entry.bytes = file.second.bytes;
    entry.usedAt = file.second.usedAt;
    auto text =
        directory.read(ActionEntry::folder, entry.name, ActionEntry::maxBytes);
    if (text && !*text)
      continue; // somebody else removed it
    llvm::Expected<ActionEntry> action =
        text ? ActionEntry::parse((**text)->getBuffer())
             : llvm::Expected<ActionEntry>(text.takeError());
    if (!action) {
      entry.problem = llvm::toString(action.takeError());
    } else {
      entry.action = std::move(*action);
      entry.bytes += entry.action.contentBytes;
      if (entry.action.name() != entry.name)
        entry.problem = "its name is not that of its identity";
      else if (verify)
        entry.problem = verifyContent(directory, entry.action);
    }
    entries.push_back(std::move(entry));
  }
  llvm::sort(entries, [](const Entry &a, const Entry &b) {
    return std::tie(a.usedAt, a.action.key, a.name) <
           std::tie(b.usedAt, b.action.key, b.name);
  });
  return entries;
}

llvm::Expected<DiskCache::Removed>
DiskCache::sweep(InUse inUse,
                 llvm::function_ref<bool(const Entry &, uint64_t bytesLeft)>
                     condition) const {
  // Alone: then no temporary file has a writer, and no content is about to get
  // its action.
  FileLock lock =
      directory.lock(pruningLock, /*shared=*/false, std::chrono::seconds(2));
  if (!lock)
    return makeError(HIPDEX_ERROR_CACHE,
                     "kernel cache " + directory.path() +
                         ": other processes have been writing to it for 2 s");
  llvm::Expected<Survey> files = survey();
  if (!files)
    return files.takeError();
  llvm::Expected<std::vector<Entry>> entries = list(/*verify=*/false);
  if (!entries)
    return entries.takeError();

  Removed result;
  result.bytesLeft = files->bytes;
  auto remove = [&](llvm::StringRef folder, llvm::StringRef name,
                    uint64_t bytes) {
    if (!directory.remove(folder, name))
      return false;
    ++result.files;
    result.bytes += bytes;
    result.bytesLeft -= bytes;
    return true;
  };
  llvm::StringMap<unsigned> uses;
  for (const Entry &entry : *entries)
    ++uses[entry.action.contentDigest];
  // Without a lock, they may be somebody's.
  if (lock.isHeld()) {
    for (const auto &file : files->temporaries)
      remove(CacheDirectory::temporaryFolder, file.first(), file.second.bytes);
    for (const auto &file : files->contents)
      if (!uses.contains(file.first()))
        remove(ActionEntry::contentFolder, file.first(), file.second.bytes);
  }
  for (const Entry &entry : *entries) {
    if (!condition(entry, result.bytesLeft))
      continue;
    // Held until the name is gone: who opens the action later finds nothing,
    // and who has it open already is seen here.
    FileLock alone = directory.tryLockFile(ActionEntry::folder, entry.name);
    if (!alone && inUse == InUse::Keep)
      continue;
    if (!remove(ActionEntry::folder, entry.name,
                files->actions.lookup(entry.name).bytes))
      continue;
    ++result.entries;
    const std::string &digest = entry.action.contentDigest;
    auto content = files->contents.find(digest);
    if (--uses[digest] == 0 && content != files->contents.end())
      remove(ActionEntry::contentFolder, digest, content->second.bytes);
  }
  return result;
}

llvm::Expected<DiskCache::Removed> DiskCache::prune(uint64_t most) const {
  return sweep(InUse::Keep, [&](const Entry &entry, uint64_t bytesLeft) {
    return !entry.problem.empty() || bytesLeft > most;
  });
}

llvm::Expected<DiskCache::Removed>
DiskCache::removeIf(llvm::function_ref<bool(const Entry &)> condition) const {
  return sweep(InUse::Remove,
               [&](const Entry &entry, uint64_t) { return condition(entry); });
}

// Sizes are added up when a process stores its first kernel, and again when it
// has stored a sixteenth of the limit.
void DiskCache::pruneNowAndThen(uint64_t written) {
  if (untilSurvey.fetch_sub(int64_t(written)) > int64_t(written))
    return;
  untilSurvey = int64_t(std::min(limit / 16, defaultLimit));
  llvm::Expected<Survey> files = survey();
  // Below the limit by as much, so that the next kernel does not prune again.
  if (files && (files->bytes > limit || !files->temporaries.empty())) {
    llvm::Expected<Removed> removed = prune(limit - limit / 16);
    // Whoever else is at it will do; what cannot be removed, the next prune
    // tries again. The kernel itself is stored.
    if (!removed)
      llvm::consumeError(removed.takeError());
  } else if (!files) {
    llvm::consumeError(files.takeError());
  }
}
