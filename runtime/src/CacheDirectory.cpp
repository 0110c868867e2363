//===- CacheDirectory.cpp - A folder that only its owner can change -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See CacheDirectory.h.
//
//===----------------------------------------------------------------------===//

#include "src/CacheDirectory.h"
#include "src/Status.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <algorithm>
#include <atomic>
#include <dirent.h>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace hipdex;
using namespace hipdex::runtime;
using llvm::sys::RetryAfterSignal;

//===----------------------------------------------------------------------===//
// Descriptors
//===----------------------------------------------------------------------===//

FileDescriptor &FileDescriptor::operator=(FileDescriptor &&other) {
  std::swap(fd, other.fd);
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (fd >= 0)
    ::close(fd);
}

int FileDescriptor::release() {
  int result = fd;
  fd = -1;
  return result;
}

FileLock::FileLock(FileDescriptor opened, uint64_t offset, bool shared)
    : file(std::move(opened)), state(State::Unsupported), offset(offset) {
  if (!file)
    return;
  struct flock range = {};
  range.l_type = shared ? F_RDLCK : F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = off_t(offset);
  range.l_len = 1;
  // Of the open file, not of the process: threads exclude each other too.
  if (fcntl(file.get(), F_OFD_SETLK, &range) == 0)
    state = State::Held;
  else if (errno == EAGAIN || errno == EACCES)
    state = State::Busy;
}

// Unlocked by name: a child that was forked meanwhile still has the file open.
FileLock::~FileLock() {
  if (!isHeld() || !file)
    return;
  struct flock range = {};
  range.l_type = F_UNLCK;
  range.l_whence = SEEK_SET;
  range.l_start = off_t(offset);
  range.l_len = 1;
  (void)fcntl(file.get(), F_OFD_SETLK, &range);
}

//===----------------------------------------------------------------------===//
// Folders
//===----------------------------------------------------------------------===//

static std::string absolute(llvm::StringRef path) {
  llvm::SmallString<128> result(path);
  // Without a current folder, no relative path is any good.
  if (!path.empty() && llvm::sys::fs::make_absolute(result))
    result = path;
  // O_NOFOLLOW follows a link whose name a "/" or "/." comes after.
  llvm::StringRef name = result;
  while (name.size() > 1 && (name.ends_with("/") || name.ends_with("/.")))
    name = name.drop_back();
  return name.str();
}

CacheDirectory::CacheDirectory(llvm::StringRef root, Access access)
    : root(absolute(root)), access(access) {}

static llvm::Error unusable(const std::string &root, const llvm::Twine &why) {
  return makeError(HIPDEX_ERROR_CACHE, "kernel cache " + root + ": " + why);
}

static llvm::Error systemError(const std::string &root, const llvm::Twine &what,
                               int code) {
  return unusable(root, what + ": " + llvm::sys::StrError(code));
}

static constexpr int folderFlags =
    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// No descriptor and no error: there is no such folder.
llvm::Expected<FileDescriptor> CacheDirectory::openRoot(bool create) const {
  auto open = [&] {
    return RetryAfterSignal(-1, ::open, root.c_str(), folderFlags);
  };
  int fd = open();
  if (fd < 0 && errno == ENOENT && create) {
    // The user's own: what is in here runs on the user's GPU.
    if (std::error_code code = llvm::sys::fs::create_directories(
            root, /*IgnoreExisting=*/true, llvm::sys::fs::perms::owner_all))
      return unusable(root, "cannot make it: " + code.message());
    fd = open();
  }
  if (fd < 0) {
    if (errno == ENOENT && !create)
      return FileDescriptor();
    int code = errno;
    // Which of the two a link gives is the kernel's choice.
    if (code == ELOOP || code == ENOTDIR)
      return unusable(root, "is not a folder (links are not followed)");
    return systemError(root, "cannot open it", code);
  }
  FileDescriptor result(fd);
  struct stat status;
  if (fstat(fd, &status) != 0)
    return systemError(root, "cannot ask about it", errno);
  uid_t user = geteuid();
  bool isTrusted = status.st_uid == user ||
                   (access == Access::ReadOnly && status.st_uid == 0);
  if (!isTrusted)
    return unusable(root, "belongs to user " + llvm::Twine(status.st_uid) +
                              ", must belong to " + llvm::Twine(user) +
                              "; it is not used");
  if (status.st_mode & (S_IWGRP | S_IWOTH))
    return unusable(root, "others may write to it (chmod go-w " + root +
                              "); it is not used");
  return std::move(result);
}

/// As openRoot(), of a folder in it.
llvm::Expected<FileDescriptor>
CacheDirectory::openFolder(llvm::StringRef folder, bool create) const {
  llvm::Expected<FileDescriptor> rootFolder = openRoot(create);
  if (!rootFolder || !*rootFolder)
    return rootFolder;
  std::string name = folder.str();
  auto open = [&] {
    return RetryAfterSignal(-1, ::openat, rootFolder->get(), name.c_str(),
                            folderFlags);
  };
  int fd = open();
  if (fd < 0 && errno == ENOENT && create) {
    if (mkdirat(rootFolder->get(), name.c_str(), 0700) != 0 && errno != EEXIST)
      return systemError(root, "cannot make " + folder, errno);
    fd = open();
  }
  if (fd < 0) {
    if (errno == ENOENT && !create)
      return FileDescriptor();
    return systemError(root, "cannot open " + folder, errno);
  }
  return FileDescriptor(fd);
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

llvm::Expected<std::optional<std::unique_ptr<llvm::MemoryBuffer>>>
CacheDirectory::read(llvm::StringRef folder, llvm::StringRef name,
                     uint64_t limit, FileLock *use) const {
  llvm::Expected<FileDescriptor> directory = openFolder(folder, false);
  if (!directory)
    return directory.takeError();
  if (!*directory)
    return std::nullopt;
  auto bad = [&](const llvm::Twine &why) {
    return makeError(HIPDEX_ERROR_CODE_OBJECT, "cache entry " + root + "/" +
                                                   folder + "/" + name + ": " +
                                                   why);
  };
  // Not blocking: a pipe of that name would wait for its writer.
  int fd = RetryAfterSignal(-1, ::openat, directory->get(), name.str().c_str(),
                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT)
      return std::nullopt;
    return bad("cannot open it: " + llvm::sys::StrError(errno));
  }
  // From here on the file may be unlinked: it lives as long as it is open.
  FileDescriptor file(fd);
  if (use) {
    // Before anything is read: what a pruner sees locked, he leaves alone.
    *use = FileLock(std::move(file), 0, /*shared=*/true);
  }
  struct stat status;
  if (fstat(fd, &status) != 0)
    return bad("cannot ask about it: " + llvm::sys::StrError(errno));
  if (!S_ISREG(status.st_mode))
    return bad("is not a file");
  if (uint64_t(status.st_size) > limit)
    return bad("has " + llvm::Twine(status.st_size) + " bytes, at most " +
               llvm::Twine(limit) + " are read");
  // Read, not mapped: a mapped file that somebody truncates kills the process
  // with SIGBUS.
  auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      size_t(status.st_size), name);
  if (!buffer)
    return makeError(HIPDEX_ERROR_OUT_OF_MEMORY, "out of memory");
  for (size_t done = 0; done < buffer->getBufferSize();) {
    ssize_t got =
        RetryAfterSignal(-1, ::read, fd, buffer->getBufferStart() + done,
                         buffer->getBufferSize() - done);
    if (got < 0)
      return bad("cannot read it: " + llvm::sys::StrError(errno));
    if (got == 0)
      return bad("became shorter while it was read");
    done += size_t(got);
  }
  if (use && !isReadOnly()) {
    // Hourly is often enough for an order; and a time from before a jump of
    // the clock is put right, in either direction.
    if (std::abs(difftime(time(nullptr), status.st_mtime)) > 3600)
      (void)futimens(fd, nullptr);
  }
  return std::optional<std::unique_ptr<llvm::MemoryBuffer>>(std::move(buffer));
}

/// Not sys::fs::TempFile: it installs LLVM's signal handlers, which a library
/// must not do to its process.
static int createTemporary(int folder, std::string &name) {
  // Names need only differ among live processes; one that a process of this
  // number left behind is stepped over.
  static std::atomic<unsigned> count{0};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    name = std::to_string(getpid()) + "-" + std::to_string(count++);
    int fd = RetryAfterSignal(
        -1, ::openat, folder, name.c_str(),
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0 || errno != EEXIST)
      return fd;
  }
  return -1;
}

llvm::Error CacheDirectory::publish(llvm::StringRef folder,
                                    llvm::StringRef name,
                                    llvm::StringRef bytes) const {
  llvm::Expected<FileDescriptor> target = openFolder(folder, true);
  if (!target)
    return target.takeError();
  llvm::Expected<FileDescriptor> temporaries =
      openFolder(temporaryFolder, true);
  if (!temporaries)
    return temporaries.takeError();
  auto failure = [&](int code) {
    return systemError(root, "cannot write " + folder + "/" + name, code);
  };
  std::string temporary;
  FileDescriptor file(createTemporary(temporaries->get(), temporary));
  if (!file)
    return failure(errno);
  auto abandon = [&](int code) {
    (void)unlinkat(temporaries->get(), temporary.c_str(), 0);
    return failure(code);
  };
  for (llvm::StringRef rest = bytes; !rest.empty();) {
    ssize_t written =
        RetryAfterSignal(-1, ::write, file.get(), rest.data(), rest.size());
    if (written < 0)
      return abandon(errno);
    rest = rest.drop_front(size_t(written));
  }
  // Before the name: else a power cut leaves a name with nothing behind it.
  if (RetryAfterSignal(-1, ::fsync, file.get()) != 0)
    return abandon(errno);
  // A network file system may say only now that there was no room.
  if (::close(file.release()) != 0)
    return abandon(errno);
  if (renameat(temporaries->get(), temporary.c_str(), target->get(),
               name.str().c_str()) != 0)
    return abandon(errno);
  return llvm::Error::success();
}

llvm::Error CacheDirectory::forEachFile(
    llvm::StringRef folder,
    llvm::function_ref<void(llvm::StringRef, const struct stat &)> visit)
    const {
  llvm::Expected<FileDescriptor> directory = openFolder(folder, false);
  if (!directory)
    return directory.takeError();
  if (!*directory)
    return llvm::Error::success();
  int fd = directory->get();
  DIR *stream = fdopendir(fd);
  if (!stream)
    return systemError(root, "cannot list " + folder, errno);
  directory->release(); // the stream's
  errno = 0;
  while (const dirent *entry = readdir(stream)) {
    struct stat status;
    if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISDIR(status.st_mode))
      visit(entry->d_name, status);
    errno = 0;
  }
  int code = errno;
  closedir(stream);
  if (code)
    return systemError(root, "cannot list " + folder, code);
  return llvm::Error::success();
}

bool CacheDirectory::remove(llvm::StringRef folder,
                            llvm::StringRef name) const {
  llvm::Expected<FileDescriptor> directory = openFolder(folder, false);
  if (!directory) {
    llvm::consumeError(directory.takeError());
    return false;
  }
  return !*directory ||
         unlinkat(directory->get(), name.str().c_str(), 0) == 0 ||
         errno == ENOENT;
}

//===----------------------------------------------------------------------===//
// Locks
//===----------------------------------------------------------------------===//

// Not llvm::LockFileManager: it installs LLVM's signal handlers in the process
// that it is used in, and knows a dead owner only by host name and process
// number, which containers share. The kernel knows who is dead.
FileLock CacheDirectory::tryLock(uint64_t offset, bool shared) const {
  llvm::Expected<FileDescriptor> rootFolder =
      isReadOnly() ? FileDescriptor() : openRoot(true);
  if (!rootFolder) {
    // Whoever publishes gets the same error, and says so.
    llvm::consumeError(rootFolder.takeError());
    return FileLock(FileDescriptor(), offset, shared);
  }
  FileDescriptor file(
      rootFolder->get() < 0
          ? -1
          : RetryAfterSignal(-1, ::openat, rootFolder->get(), "lock",
                             O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  return FileLock(std::move(file), offset, shared);
}

FileLock CacheDirectory::tryLockFile(llvm::StringRef folder,
                                     llvm::StringRef name) const {
  llvm::Expected<FileDescriptor> directory = openFolder(folder, false);
  FileDescriptor file;
  if (!directory)
    llvm::consumeError(directory.takeError()); // as in tryLock()
  else if (*directory)
    // Not blocking: a pipe of that name would wait for its reader.
    file = FileDescriptor(
        RetryAfterSignal(-1, ::openat, directory->get(), name.str().c_str(),
                         O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return FileLock(std::move(file), 0, /*shared=*/false);
}

FileLock CacheDirectory::lock(uint64_t offset, bool shared,
                              std::chrono::milliseconds patience) const {
  using Clock = std::chrono::steady_clock;
  Clock::time_point end = Clock::now() + patience;
  std::chrono::milliseconds pause(1);
  for (;;) {
    FileLock lock = tryLock(offset, shared);
    if (lock || Clock::now() >= end)
      return lock;
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::milliseconds(20));
  }
}
