//===- DeviceMemory.h - The memory that a device can touch ------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A device address is the host address of the same byte. What a kernel may
// touch is the set of live allocations, known to the byte: every access is
// looked up here. Freed address ranges are not handed out again for a while,
// so that a use after free is an error and not somebody else's data. A caller
// may guard an allocation and say of each byte what kernels may do to it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_DEVICEMEMORY_H
#define HIPDEX_EMULATOR_DEVICEMEMORY_H

#include "emulator/Guard.h"
#include "hipdex/hipdex-emulator.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hipdex::emulator {

class DeviceMemory {
public:
  /// What an allocation is, for pointer queries and messages.
  enum class Kind : uint8_t { Device, Host, Registered };

  /// The bytes [begin, end) of one live allocation; empty if there is none.
  struct Range {
    uint64_t begin = 0;
    uint64_t end = 0;
    Kind kind = Kind::Device;
    const Guard *guard = nullptr; ///< What kernels may do; null: everything.

    explicit operator bool() const { return begin != end; }
    uint64_t size() const { return end - begin; }
    bool contains(uint64_t address, uint64_t bytes) const {
      return address >= begin && address < end && bytes <= end - address;
    }
  };

  DeviceMemory();
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory &) = delete;
  DeviceMemory &operator=(const DeviceMemory &) = delete;

  /// Holds allocations in place: while one exists, free() waits and what
  /// find() read stays readable. A launch holds one from its first
  /// instruction to its last.
  class ReaderScope {
  public:
    explicit ReaderScope(DeviceMemory &memory);
    ~ReaderScope();
    ReaderScope(const ReaderScope &) = delete;
    ReaderScope &operator=(const ReaderScope &) = delete;

  private:
    DeviceMemory &memory;
  };

  /// \p bytes of zeros, page aligned. Pages exist once they are touched, so
  /// that a sparse range of many GiB costs nothing.
  llvm::Expected<void *> allocate(size_t bytes, Kind kind = Kind::Device);

  /// Frees what allocate() gave; an error that says what \p pointer is
  /// instead if that is not what it is.
  llvm::Error free(void *pointer);

  /// Makes memory of the caller visible to kernels, and hides it again.
  llvm::Error registerRange(void *pointer, size_t bytes);
  llvm::Error unregisterRange(void *pointer);

  /// Guards the allocation that holds \p pointer until it is freed: kernels may
  /// touch nothing of it but what allow() allows from now on. \p name is what
  /// messages call it. A launch that runs meanwhile may not notice.
  llvm::Error guard(const void *pointer, llvm::StringRef name);

  /// Allows kernels \p access (of Guard) to ranges of the guarded allocation
  /// that holds \p pointer, from which they count.
  llvm::Error allow(const void *pointer,
                    llvm::ArrayRef<hipdex_emulator_range> ranges,
                    unsigned access);

  /// The live allocation that holds the byte at \p address. Thread safe and
  /// without a lock; needs a ReaderScope where another thread may free.
  Range find(uint64_t address) const {
    const Table *table = current.load(std::memory_order_acquire);
    // The last range that begins at or before the address.
    size_t low = 0, high = table->size();
    while (low < high) {
      size_t middle = (low + high) / 2;
      if ((*table)[middle].begin <= address)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == 0 || address >= (*table)[low - 1].end)
      return Range();
    return (*table)[low - 1];
  }

  /// What lies at \p address, for messages: "16 bytes past the end of the
  /// 4096-byte allocation at 0x7f..", "inside a freed allocation ..", ...
  std::string describe(uint64_t address) const;

  /// Every live allocation, by address: what a caller forgot to free.
  std::vector<Range> liveRanges() const;

  /// Bytes of live device allocations.
  uint64_t bytesInUse() const { return inUse.load(); }

private:
  using Table = std::vector<Range>;
  struct Freed {
    Range range;
    void *mapping;
    size_t mappedBytes;
  };

  void publish(std::unique_ptr<const Table> table);
  llvm::Error insert(const Range &range);
  llvm::Error remove(void *pointer, bool registered, Range &removed);

  mutable std::mutex mutex;
  std::condition_variable noReaders;
  unsigned readers = 0;
  std::atomic<const Table *> current;
  std::unique_ptr<const Table> owned;
  std::vector<std::unique_ptr<const Table>> retired;
  std::deque<Freed> quarantine;
  std::map<uint64_t, std::unique_ptr<Guard>> guards; ///< By begin of a range.
  std::vector<std::unique_ptr<Guard>> retiredGuards;
  std::atomic<uint64_t> inUse{0};
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_DEVICEMEMORY_H
