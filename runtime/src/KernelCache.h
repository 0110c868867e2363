//===- KernelCache.h - Kernels that are loaded ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A hit is one hash of the key's text and one probe of a table that is only
// ever added to: no lock, no parsing, no allocation, and no write that another
// thread would have to wait for. Concurrent misses of one key run the builder
// once; everyone who waited gets its result, and a failure is forgotten, so
// that the next call tries again.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNELCACHE_H
#define HIPDEX_RUNTIME_KERNELCACHE_H

#include "src/Kernel.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace hipdex {
namespace runtime {

class KernelCache {
public:
  using Builder = llvm::function_ref<llvm::Expected<std::unique_ptr<Kernel>>()>;

  /// The kernel, or null.
  const Kernel *find(llvm::StringRef key) const;

  /// The kernel, built by \p build if nobody else is building it.
  llvm::Expected<const Kernel *> findOrBuild(llvm::StringRef key,
                                             Builder build);

private:
  struct Flight;
  struct Entry {
    uint64_t hash;
    std::string key;
    std::unique_ptr<Kernel> kernel;
  };
  /// Open addressing; the number of slots is a power of two, and at least one
  /// is empty.
  using Slots = std::vector<std::atomic<const Entry *>>;

  void insert(std::unique_ptr<Entry> entry);

  std::atomic<const Slots *> current{nullptr};

  std::mutex insertMutex; ///< Guards what follows.
  /// Readers may be in any of them, so all stay: together they are at most
  /// twice the last.
  std::vector<std::unique_ptr<Slots>> tables;
  std::vector<std::unique_ptr<Entry>> entries;

  std::mutex flightMutex;
  std::condition_variable landed;
  llvm::StringMap<std::shared_ptr<Flight>> flights;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNELCACHE_H
