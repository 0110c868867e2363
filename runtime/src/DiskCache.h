//===- DiskCache.h - Compiled kernels on disk -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Which files there are, and what is in them: ActionEntry.h. For people:
// docs/cache-format.md.
//
// Nobody waits for a lock to read. A reader marks the action that it has open
// with a shared one, and pruning passes over what is marked; writing takes one
// so that pruning does not take a writer's temporary file; compiling, so that
// two processes do not make the same kernel. Without any lock, the worst is a
// miss or work done twice.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_DISKCACHE_H
#define HIPDEX_RUNTIME_DISKCACHE_H

#include "src/ActionEntry.h"
#include "src/CacheDirectory.h"
#include "src/KernelSource.h"
#include <atomic>
#include <vector>

namespace hipdex {
namespace runtime {

/// The folder of compiled kernels: \p given, else the environment's; empty for
/// none.
std::string cacheDirectoryOr(const char *given);

class DiskCache : public KernelSource {
public:
  static constexpr uint64_t defaultLimit = UINT64_C(1) << 30;

  DiskCache(llvm::StringRef directory, CacheDirectory::Access access,
            uint64_t limit = defaultLimit)
      : directory(directory, access), limit(limit) {}

  Kind kind() const override { return Kind::Disk; }
  std::string name() const override;
  llvm::Expected<std::optional<CompiledKernel>>
  find(const Action &action) override;

  /// Publishes an entry, and prunes now and then. After an error the cache is
  /// as before.
  llvm::Error store(const Action &action, const CompiledKernel &kernel);

  /// The right to compile a kernel, if it can be had within \p patience. A dead
  /// owner has none.
  FileLock lock(const Action &action, std::chrono::milliseconds patience) const;

  /// What is there. \p problem says what is wrong with it, or is empty.
  struct Entry {
    std::string name; ///< Of the action's file.
    ActionEntry action;
    uint64_t bytes = 0; ///< Of action and content.
    int64_t usedAt = 0; ///< Seconds since 1970.
    std::string problem;
  };
  /// Every entry, the one that was used longest ago first. With \p verify every
  /// content is read and checked, else only the actions.
  llvm::Expected<std::vector<Entry>> list(bool verify) const;

  struct Removed {
    uint64_t entries = 0, files = 0, bytes = 0;
    uint64_t bytesLeft = 0;
  };
  /// Removes what nobody can use (what dead writers left, broken actions), and
  /// the entries that were used longest ago until at most \p most bytes are
  /// left; but none that somebody is loading.
  llvm::Expected<Removed> prune(uint64_t most) const;
  /// Removes the entries of which \p condition is true, whoever uses them.
  llvm::Expected<Removed>
  removeIf(llvm::function_ref<bool(const Entry &)> condition) const;

private:
  struct Survey;
  llvm::Expected<Survey> survey() const;
  enum class InUse { Keep, Remove };
  llvm::Expected<Removed>
  sweep(InUse inUse,
        llvm::function_ref<bool(const Entry &, uint64_t bytesLeft)> condition)
      const;
  void pruneNowAndThen(uint64_t written);

  const CacheDirectory directory;
  const uint64_t limit;
  /// Bytes that may be stored before the sizes are added up again.
  std::atomic<int64_t> untilSurvey{0};
  std::atomic<bool> isPrunerSlow{false};
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_DISKCACHE_H
