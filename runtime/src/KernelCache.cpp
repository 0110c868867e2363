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
#include "llvm/Support/xxhash.h"

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
  const Slots *slots = current.load(std::memory_order_acquire);
  if (!slots)
    return nullptr;
  uint64_t hash = llvm::xxh3_64bits(key);
  for (size_t i = hash;; ++i) {
    const Entry *entry =
        (*slots)[i & (slots->size() - 1)].load(std::memory_order_acquire);
    if (!entry)
      return nullptr;
    if (entry->hash == hash && entry->key == key)
      return entry->kernel.get();
  }
}

void KernelCache::insert(std::unique_ptr<Entry> entry) {
  auto place = [](Slots &slots, const Entry *entry) {
    size_t i = entry->hash;
    while (slots[i & (slots.size() - 1)].load(std::memory_order_relaxed))
      ++i;
    slots[i & (slots.size() - 1)].store(entry, std::memory_order_release);
  };
  std::lock_guard<std::mutex> lock(insertMutex);
  // At most half full.
  if (tables.empty() || 2 * (entries.size() + 1) > tables.back()->size()) {
    size_t size = tables.empty() ? 64 : 2 * tables.back()->size();
    auto grown = std::make_unique<Slots>(size);
    for (const std::unique_ptr<Entry> &old : entries)
      place(*grown, old.get());
    tables.push_back(std::move(grown));
  }
  entries.push_back(std::move(entry));
  place(*tables.back(), entries.back().get());
  current.store(tables.back().get(), std::memory_order_release);
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
    } catch (...) {
      std::tie(flight->status, flight->message) = takeException();
      throw;
    }
  }();
  if (!built) {
    std::tie(flight->status, flight->message) = takeStatus(built.takeError());
    return makeError(flight->status, flight->message);
  }
  const Kernel *kernel = built->get();
  insert(std::make_unique<Entry>(
      Entry{llvm::xxh3_64bits(key), key.str(), std::move(*built)}));
  flight->kernel = kernel;
  return kernel;
}
