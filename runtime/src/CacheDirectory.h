//===- CacheDirectory.h - A folder that only its owner can change ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The file system below the disk cache: opening without following links,
// reading, publishing by rename, locks that die with their process. Knows
// nothing of kernels.
//
// The root is opened anew by each operation: no descriptor is held that a fork
// would share or that would keep a deleted folder alive, and a folder that was
// deleted under a running process is made again.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_CACHEDIRECTORY_H
#define HIPDEX_RUNTIME_CACHEDIRECTORY_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace hipdex {
namespace runtime {

/// Owns a file descriptor.
class FileDescriptor {
public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd(fd) {}
  FileDescriptor(FileDescriptor &&other) : fd(other.release()) {}
  FileDescriptor &operator=(FileDescriptor &&other);
  ~FileDescriptor();
  explicit operator bool() const { return fd >= 0; }
  int get() const { return fd; }
  int release();

private:
  int fd = -1;
};

/// A lock of some bytes of a file. The kernel gives it up when the process
/// ends, however it ends.
class FileLock {
public:
  FileLock() = default;
  FileLock(FileLock &&) = default;
  FileLock &operator=(FileLock &&) = default;
  ~FileLock();
  /// Whether it is held, or cannot be had on this file system at all.
  explicit operator bool() const { return state != State::Busy; }
  bool isHeld() const { return state == State::Held; }

private:
  friend class CacheDirectory;
  enum class State { Busy, Held, Unsupported };
  /// Tries to lock byte \p offset of \p file, which may be none.
  FileLock(FileDescriptor file, uint64_t offset, bool shared);
  FileDescriptor file;
  State state = State::Busy;
  uint64_t offset = 0;
};

class CacheDirectory {
public:
  enum class Access {
    Private, ///< Ours alone: made if it is not there, owned by the user.
    ReadOnly ///< The user's or root's; never written.
  };
  /// A relative \p root is taken from the current folder, and stays where it is
  /// if the process changes that.
  CacheDirectory(llvm::StringRef root, Access access);

  const std::string &path() const { return root; }
  bool isReadOnly() const { return access == Access::ReadOnly; }

  /// The file folder/name, of at most \p limit bytes. Nothing if there is none;
  /// an error with HIPDEX_ERROR_CODE_OBJECT if there is something else there,
  /// with HIPDEX_ERROR_CACHE if the root cannot be used. With \p use, marks the
  /// file as used for remove-the-oldest-first, and shares its lock with other
  /// readers for as long as \p use lives, if nobody is removing it.
  llvm::Expected<std::optional<std::unique_ptr<llvm::MemoryBuffer>>>
  read(llvm::StringRef folder, llvm::StringRef name, uint64_t limit,
       FileLock *use = nullptr) const;

  /// Makes folder/name have \p bytes: all of them or, after an error, as
  /// before. On disk when this returns.
  llvm::Error publish(llvm::StringRef folder, llvm::StringRef name,
                      llvm::StringRef bytes) const;

  /// Calls \p visit for each file of a folder, in no order.
  llvm::Error forEachFile(
      llvm::StringRef folder,
      llvm::function_ref<void(llvm::StringRef name, const struct stat &status)>
          visit) const;
  /// Whether there is no such file any more.
  bool remove(llvm::StringRef folder, llvm::StringRef name) const;

  /// The lock of a file, alone: Busy if somebody has it in use.
  FileLock tryLockFile(llvm::StringRef folder, llvm::StringRef name) const;

  /// Byte \p offset of the root's lock file. Held by nobody who waits: Busy if
  /// another has it.
  FileLock tryLock(uint64_t offset, bool shared = false) const;
  /// Tries until \p patience is over.
  FileLock lock(uint64_t offset, bool shared,
                std::chrono::milliseconds patience) const;

  static constexpr llvm::StringLiteral temporaryFolder = "tmp";

private:
  llvm::Expected<FileDescriptor> openRoot(bool create) const;
  llvm::Expected<FileDescriptor> openFolder(llvm::StringRef folder,
                                            bool create) const;

  const std::string root;
  const Access access;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_CACHEDIRECTORY_H
