//===- KernelCache.cpp - Kernels in memory, by key ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See KernelCache.h.
//
//===----------------------------------------------------------------------===//

#include "src/KernelCache.h"
#include "src/Status.h"
#include "llvm/ADT/ScopeExit.h"

using namespace hipdex;
using namespace hipdex::runtime;

/// A build that is under way. What a waiter sees if there is no memory for a
/// message is what it starts with.
struct KernelCache::Flight {
  bool done = false;
  const Kernel *kernel = nullptr;
  hipdex_status status = HIPDEX_ERROR_OUT_OF_MEMORY;
  std::string message = "out of memory";
};

const Kernel *KernelCache::find(llvm::StringRef key) const {
  std::shared_lock<std::shared_mutex> lock(readyMutex);
  auto it = ready.find(key);
  return it == ready.end() ? nullptr : it->second.get();
}

llvm::Expected<const Kernel *> KernelCache::findOrBuild(llvm::StringRef key,
                                                        Builder build) {
  std::shared_ptr<Flight> flight;
  {
    std::unique_lock<std::mutex> lock(flightMutex);
    // Again, because a flight may have landed since the caller looked.
    if (const Kernel *kernel = find(key))
      return kernel;
    std::shared_ptr<Flight> &slot = flights[key];
    if (slot) {
      flight = slot;
      landed.wait(lock, [&] { return flight->done; });
      if (!flight->kernel)
        return makeError(flight->status, flight->message);
      return flight->kernel;
    }
    slot = flight = std::make_shared<Flight>();
  }

  // Waiters are woken however this ends.
  llvm::scope_exit land([&] {
    std::lock_guard<std::mutex> lock(flightMutex);
    flight->done = true;
    flights.erase(key);
    landed.notify_all();
  });
  llvm::Expected<std::unique_ptr<Kernel>> built = [&] {
    try {
      return build();
    } catch (const std::exception &) {
      std::tie(flight->status, flight->message) = takeException();
      throw;
    }
  }();
  if (!built) {
    std::tie(flight->status, flight->message) = takeStatus(built.takeError());
    return makeError(flight->status, flight->message);
  }
  const Kernel *kernel = built->get();
  {
    std::unique_lock<std::shared_mutex> lock(readyMutex);
    ready[key] = std::move(*built);
  }
  flight->kernel = kernel;
  return kernel;
}
