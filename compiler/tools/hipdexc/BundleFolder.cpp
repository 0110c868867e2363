//===- BundleFolder.cpp - A bundle on disk, made or read ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// See BundleFolder.h.
//
//===----------------------------------------------------------------------===//

#include "BundleFolder.h"

#include "HipBuildFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

using namespace hipdex;
namespace fs = llvm::sys::fs;

static constexpr llvm::StringLiteral journalName = "journal";
static constexpr llvm::StringLiteral journalMagic = "hipdex bundle journal 1 ";

static llvm::Error fail(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

static llvm::Error fail(const llvm::Twine &what, std::error_code error) {
  return fail(what + ": " + error.message());
}

static std::error_code lastError() {
  return std::error_code(errno, std::generic_category());
}

static std::string join(llvm::StringRef directory, llvm::StringRef file) {
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, file);
  return path.str().str();
}

/// Read, not mapped: a mapped file that shrinks kills the process.
static llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>>
readFile(const llvm::Twine &path) {
  return llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false,
                                     /*IsVolatile=*/true);
}

static llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (!error) {
    os << content;
    os.close();
    error = os.error();
    os.clear_error();
  }
  return error ? fail("cannot write " + path, error) : llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

llvm::Expected<BundleManifest> hipdex::readBundle(llvm::StringRef directory) {
  std::string path = join(directory, BundleManifest::fileName);
  auto file = readFile(path);
  if (!file)
    return fail("cannot read bundle " + path, file.getError());
  auto manifest = BundleManifest::fromJSON((*file)->getBuffer());
  if (!manifest)
    return fail("bundle " + path + ": " + llvm::toString(manifest.takeError()));
  return manifest;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
hipdex::readBundleFile(llvm::StringRef directory, const BundleEntry &entry) {
  std::string path = join(directory, entry.file());
  auto file = readFile(path);
  if (!file)
    return fail("cannot read " + path, file.getError());
  if (llvm::Error error = entry.check((*file)->getBuffer()))
    return fail(path + " " + llvm::toString(std::move(error)));
  return std::move(*file);
}

/// Of whatever version.
static bool isBundle(llvm::StringRef directory) {
  auto file = readFile(join(directory, BundleManifest::fileName));
  return file &&
         llvm::any_of(
             std::array{BundleContents::CodeObjects, BundleContents::HipSource},
             [&](BundleContents contents) {
               std::string start =
                   ("{\"format\":\"" + BundleManifest::formatName(contents) +
                    "\",")
                       .str();
               return (*file)->getBuffer().starts_with(start);
             });
}

static bool isEmptyDirectory(llvm::StringRef directory) {
  std::error_code error;
  return fs::is_directory(directory) &&
         fs::directory_iterator(directory, error) == fs::directory_iterator() &&
         !error;
}

//===----------------------------------------------------------------------===//
// Making
//===----------------------------------------------------------------------===//

llvm::Error BundleFolder::checkTarget(llvm::StringRef directory) {
  if (!fs::exists(directory) || isEmptyDirectory(directory) ||
      isBundle(directory))
    return llvm::Error::success();
  return fail("cannot write bundle " + directory +
              ": it exists and is neither a bundle nor an empty directory");
}

static llvm::StringRef withoutSlash(llvm::StringRef directory) {
  while (directory.size() > 1 && directory.ends_with("/"))
    directory = directory.drop_back();
  return directory;
}

BundleFolder::BundleFolder(llvm::StringRef directory, BundleContents contents,
                           llvm::StringRef buildId)
    : directory(withoutSlash(directory)), partial(this->directory + ".partial"),
      buildId(buildId), contents(contents) {}

BundleFolder::~BundleFolder() {
  if (journal >= 0)
    ::close(journal);
}

std::string BundleFolder::pathOf(llvm::StringRef file) const {
  return join(partial, file);
}

llvm::Expected<std::unique_ptr<BundleFolder>>
BundleFolder::create(llvm::StringRef directory, BundleContents contents,
                     llvm::StringRef buildId, bool resume) {
  std::unique_ptr<BundleFolder> folder(
      new BundleFolder(directory, contents, buildId));
  if (llvm::Error error = checkTarget(folder->directory))
    return std::move(error);
  if (llvm::Error error = folder->open(resume))
    return std::move(error);
  return folder;
}

llvm::Error BundleFolder::open(bool resume) {
  // Complete but for its name, if a build was stopped right there.
  bool isOurs = fs::exists(pathOf(journalName)) || isBundle(partial) ||
                isEmptyDirectory(partial);
  if (fs::exists(partial) && !isOurs)
    return fail("cannot write bundle: " + partial +
                " exists and is not of an unfinished build");
  if (std::error_code error = fs::create_directories(
          partial, /*IgnoreExisting=*/true, fs::perms::all_all))
    return fail("cannot make " + partial, error);
  std::string path = pathOf(journalName);
  if (std::error_code error = fs::openFileForReadWrite(
          path, journal, fs::CD_OpenAlways, fs::OF_Append))
    return fail("cannot open " + path, error);
  if (std::error_code error = fs::tryLockFile(journal)) {
    if (error == std::errc::no_lock_available)
      return fail("another process is building " + partial);
    return fail("cannot lock " + path, error);
  }

  if (resume) {
    // What is in DIR first: what is in DIR.partial needs no copy.
    for (const std::string &source : {directory, partial}) {
      if (!isBundle(source))
        continue;
      llvm::Expected<BundleManifest> manifest = readBundle(source);
      // Another version's or a damaged one is only not reused.
      if (!manifest) {
        llvm::consumeError(manifest.takeError());
        continue;
      }
      if (manifest->buildId == buildId && manifest->contents == contents)
        for (BundleEntry &entry : manifest->entries) {
          std::string key = entry.key;
          earlier[key] = {std::move(entry), source};
        }
    }
    if (llvm::Error error = readJournal())
      return error;
  } else {
    std::error_code error;
    for (fs::directory_iterator file(partial, error), end;
         file != end && !error; file.increment(error))
      if (llvm::sys::path::filename(file->path()) != journalName)
        fs::remove(file->path());
    if (error)
      return fail("cannot empty " + partial, error);
  }
  // Begun again with each kernel that is taken over.
  std::string header = (journalMagic + buildId + "\n").str();
  if (::ftruncate(journal, 0) != 0 ||
      ::write(journal, header.data(), header.size()) != ssize_t(header.size()))
    return fail("cannot write " + path, lastError());
  return llvm::Error::success();
}

llvm::Error BundleFolder::readJournal() {
  std::string path = pathOf(journalName);
  auto file = readFile(path);
  if (!file)
    return fail("cannot read " + path, file.getError());
  auto [header, rest] = (*file)->getBuffer().split('\n');
  if (header != (journalMagic + buildId).str())
    return llvm::Error::success();
  while (!rest.empty()) {
    llvm::StringRef line;
    std::tie(line, rest) = rest.split('\n');
    llvm::Expected<BundleEntry> entry = BundleEntry::fromJSON(line, contents);
    // The last line of a build that was killed may be cut off, and its kernels
    // may have been of the other contents.
    if (!entry) {
      llvm::consumeError(entry.takeError());
      break;
    }
    std::string key = entry->key;
    earlier[key] = {std::move(*entry), partial};
  }
  return llvm::Error::success();
}

llvm::Expected<bool> BundleFolder::reuse(llvm::StringRef key) {
  auto found = earlier.find(key);
  if (found == earlier.end())
    return false;
  const Earlier &source = found->second;
  auto file = readBundleFile(source.directory, source.entry);
  if (!file) {
    llvm::consumeError(file.takeError()); // Then it is compiled.
    return false;
  }
  if (llvm::Error error = add(source.entry, (*file)->getBuffer()))
    return std::move(error);
  return true;
}

llvm::Error BundleFolder::add(BundleEntry entry, llvm::StringRef content) {
  if (llvm::Error error = writeFile(pathOf(entry.file()), content))
    return error;
  std::string line = entry.toJSON() + "\n";
  std::lock_guard<std::mutex> lock(mutex);
  if (::write(journal, line.data(), line.size()) != ssize_t(line.size()))
    return fail("cannot write " + pathOf(journalName), lastError());
  entries.push_back(std::move(entry));
  return llvm::Error::success();
}

/// Puts \p from in the place of \p to, which is a bundle, an empty directory or
/// nothing.
static std::error_code replaceDirectory(const std::string &from,
                                        const std::string &to) {
  if (!isBundle(to))
    return fs::rename(from, to);
  // Readers see the old bundle or the new one. Not every file system can.
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(),
                  RENAME_EXCHANGE) == 0)
    return fs::remove_directories(from, /*IgnoreErrors=*/false);
  if (errno != EINVAL && errno != ENOSYS)
    return lastError();
  if (std::error_code error =
          fs::remove_directories(to, /*IgnoreErrors=*/false))
    return error;
  return fs::rename(from, to);
}

llvm::Expected<BundleFolder::Sizes>
BundleFolder::publish(std::optional<BundleShard> shard) {
  BundleManifest manifest;
  manifest.contents = contents;
  manifest.buildId = buildId;
  manifest.shard = std::move(shard);
  manifest.entries = std::move(entries);
  llvm::sort(manifest.entries, [](const BundleEntry &a, const BundleEntry &b) {
    return a.key < b.key;
  });
  std::string text = manifest.toJSON();
  Sizes sizes = {manifest.entries.size(), 0, text.size()};
  llvm::StringSet<> wanted;
  wanted.insert(BundleManifest::fileName);
  wanted.insert(journalName);
  for (const BundleEntry &entry : manifest.entries) {
    sizes.kernelBytes += entry.bytes;
    wanted.insert(entry.file());
  }
  sizes.allBytes += sizes.kernelBytes;
  if (contents == BundleContents::HipSource) {
    std::string build = hipBuildFile(manifest.entries);
    sizes.allBytes += build.size();
    wanted.insert(hipBuildFileName);
    if (llvm::Error failure = writeFile(pathOf(hipBuildFileName), build))
      return std::move(failure);
  }

  // What an earlier build of other keys has left.
  std::error_code error;
  for (fs::directory_iterator file(partial, error), end; file != end && !error;
       file.increment(error))
    if (!wanted.contains(llvm::sys::path::filename(file->path())))
      error = fs::remove(file->path());
  if (error)
    return fail("cannot clear " + partial, error);
  if (llvm::Error failure = writeFile(pathOf(BundleManifest::fileName), text))
    return std::move(failure);
  // One call for all files: the name must not be there before the contents.
  if (::syncfs(journal) != 0)
    return fail("cannot write " + partial, lastError());
  if (std::error_code removed = fs::remove(pathOf(journalName)))
    return fail("cannot remove " + pathOf(journalName), removed);
  if (std::error_code renamed = replaceDirectory(partial, directory))
    return fail("cannot rename " + partial + " to " + directory, renamed);
  return sizes;
}
