//===- KernelCache.h - Kernels in memory, by key --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A hit takes a shared lock and one hash of the key's text: no parsing, no
// allocation. Concurrent misses of one key run the builder once; everyone who
// waited gets its result, and a failure is forgotten, so that the next call
// tries again.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_KERNELCACHE_H
#define HIPDEX_RUNTIME_KERNELCACHE_H

#include "src/Kernel.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

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

  mutable std::shared_mutex readyMutex;
  llvm::StringMap<std::unique_ptr<Kernel>> ready;

  std::mutex flightMutex;
  std::condition_variable landed;
  llvm::StringMap<std::shared_ptr<Flight>> flights;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_KERNELCACHE_H
