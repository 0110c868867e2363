//===- DeviceMemory.cpp - The memory that a device can touch --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Allocations are mappings between inaccessible pages. The table of live
// ranges is immutable: a change publishes a new one, and the old one stays
// until nobody can be reading it.
//
//===----------------------------------------------------------------------===//

#include "emulator/DeviceMemory.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errno.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cerrno>
#include <sys/mman.h>
#include <unistd.h>

using namespace llvm;

namespace hipdex::emulator {

// A quarantined range costs address space only. 1024 ranges of the sizes that
// programs allocate stay far below the 47 bits there are.
static constexpr size_t maxQuarantined = 1024;
static constexpr uint64_t maxQuarantinedBytes = uint64_t(1) << 42;

static size_t pageSize() {
  static const size_t size = sysconf(_SC_PAGESIZE);
  return size;
}

/// Inaccessible addresses before and after every allocation, in whole pages: a
/// miss by less than this lands in no neighbour.
static size_t gapBytes() { return alignTo(size_t(1) << 20, pageSize()); }

static std::string rangeText(const DeviceMemory::Range &range) {
  return formatv(
             "the {0}-byte {1}{2} at {3:x}", range.size(),
             range.kind == DeviceMemory::Kind::Device ? "allocation"
             : range.kind == DeviceMemory::Kind::Host ? "host allocation"
                                                      : "registered host range",
             range.guard ? " \"" + range.guard->name + "\"" : "", range.begin)
      .str();
}

static bool beginsBefore(const DeviceMemory::Range &range, uint64_t address) {
  return range.begin < address;
}

DeviceMemory::DeviceMemory() { publish(std::make_unique<const Table>()); }

DeviceMemory::~DeviceMemory() {
  for (const Range &range : *owned)
    if (range.kind != Kind::Registered)
      munmap(reinterpret_cast<void *>(range.begin - gapBytes()),
             alignTo(range.size(), pageSize()) + 2 * gapBytes());
  for (const Freed &freed : quarantine)
    munmap(freed.mapping, freed.mappedBytes);
}

void DeviceMemory::publish(std::unique_ptr<const Table> table) {
  current.store(table.get(), std::memory_order_release);
  if (owned)
    retired.push_back(std::move(owned));
  owned = std::move(table);
  if (readers == 0) {
    retired.clear();
    retiredGuards.clear();
  }
}

DeviceMemory::ReaderScope::ReaderScope(DeviceMemory &memory) : memory(memory) {
  std::lock_guard<std::mutex> lock(memory.mutex);
  ++memory.readers;
}

DeviceMemory::ReaderScope::~ReaderScope() {
  std::lock_guard<std::mutex> lock(memory.mutex);
  if (--memory.readers == 0) {
    memory.retired.clear();
    memory.retiredGuards.clear();
    memory.noReaders.notify_all();
  }
}

Error DeviceMemory::insert(const Range &range) {
  std::lock_guard<std::mutex> lock(mutex);
  auto table = std::make_unique<Table>(*owned);
  auto next =
      std::lower_bound(table->begin(), table->end(), range.begin, beginsBefore);
  const Range *clash = nullptr;
  if (next != table->end() && next->begin < range.end)
    clash = &*next;
  else if (next != table->begin() && std::prev(next)->end > range.begin)
    clash = &*std::prev(next);
  if (clash)
    return createStringError(
        "the %llu bytes at 0x%llx overlap %s", (unsigned long long)range.size(),
        (unsigned long long)range.begin, rangeText(*clash).c_str());
  table->insert(next, range);
  publish(std::move(table));
  return Error::success();
}

Error DeviceMemory::remove(void *pointer, bool registered, Range &removed) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  std::unique_lock<std::mutex> lock(mutex);
  // HIP's free waits for the device; here that is what keeps a running kernel
  // from touching an unmapped page.
  noReaders.wait(lock, [&] { return readers == 0; });
  auto found =
      std::lower_bound(owned->begin(), owned->end(), address, beginsBefore);
  if (found == owned->end() || found->begin != address ||
      (found->kind == Kind::Registered) != registered) {
    lock.unlock();
    return createStringError("%p was not %s: it is %s", pointer,
                             registered ? "registered" : "allocated",
                             describe(address).c_str());
  }
  removed = *found;
  removed.guard = nullptr;
  guards.erase(address);
  auto table = std::make_unique<Table>(*owned);
  table->erase(table->begin() + (found - owned->begin()));
  publish(std::move(table));
  return Error::success();
}

Expected<void *> DeviceMemory::allocate(size_t bytes, Kind kind) {
  size_t gap = gapBytes();
  if (bytes == 0 || bytes > (uint64_t(1) << 46))
    return createStringError("cannot allocate %llu bytes",
                             (unsigned long long)bytes);
  size_t mapped = alignTo(bytes, pageSize()) + 2 * gap;
  void *mapping = mmap(nullptr, mapped, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapping == MAP_FAILED)
    return createStringError("mmap of %llu bytes failed: %s",
                             (unsigned long long)bytes,
                             sys::StrError(errno).c_str());
  char *data = static_cast<char *>(mapping) + gap;
  if (mprotect(data, mapped - 2 * gap, PROT_READ | PROT_WRITE) != 0) {
    Error error = createStringError("mprotect of %llu bytes failed: %s",
                                    (unsigned long long)bytes,
                                    sys::StrError(errno).c_str());
    munmap(mapping, mapped);
    return error;
  }
  uint64_t begin = reinterpret_cast<uint64_t>(data);
  if (Error error = insert({begin, begin + bytes, kind})) {
    munmap(mapping, mapped);
    return error;
  }
  if (kind == Kind::Device)
    inUse += bytes;
  return data;
}

Error DeviceMemory::free(void *pointer) {
  Range range;
  if (Error error = remove(pointer, /*registered=*/false, range))
    return error;
  if (range.kind == Kind::Device)
    inUse -= range.size();
  void *mapping = static_cast<char *>(pointer) - gapBytes();
  size_t mapped = alignTo(range.size(), pageSize()) + 2 * gapBytes();
  // Gives the pages back and keeps the addresses.
  if (mmap(mapping, mapped, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
           0) == MAP_FAILED) {
    munmap(mapping, mapped);
    return Error::success();
  }
  std::lock_guard<std::mutex> lock(mutex);
  quarantine.push_back({range, mapping, mapped});
  uint64_t bytes = 0;
  for (const Freed &freed : quarantine)
    bytes += freed.mappedBytes;
  while (quarantine.size() > maxQuarantined || bytes > maxQuarantinedBytes) {
    bytes -= quarantine.front().mappedBytes;
    munmap(quarantine.front().mapping, quarantine.front().mappedBytes);
    quarantine.pop_front();
  }
  return Error::success();
}

Error DeviceMemory::registerRange(void *pointer, size_t bytes) {
  uint64_t begin = reinterpret_cast<uint64_t>(pointer);
  if (!pointer || bytes == 0 || begin + bytes < begin)
    return createStringError("cannot register %llu bytes at %p",
                             (unsigned long long)bytes, pointer);
  return insert({begin, begin + bytes, Kind::Registered});
}

Error DeviceMemory::unregisterRange(void *pointer) {
  Range range;
  return remove(pointer, /*registered=*/true, range);
}

Error DeviceMemory::guard(const void *pointer, StringRef name) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  std::unique_lock<std::mutex> lock(mutex);
  Range range = find(address);
  if (!range) {
    lock.unlock();
    return createStringError("%p is not in an allocation: it is %s", pointer,
                             describe(address).c_str());
  }
  Expected<std::unique_ptr<Guard>> guard = Guard::create(range.size(), name);
  if (!guard)
    return guard.takeError();
  auto table = std::make_unique<Table>(*owned);
  auto entry =
      std::lower_bound(table->begin(), table->end(), range.begin, beginsBefore);
  entry->guard = guard->get();
  // Running launches still see the guard that this one replaces.
  std::swap(guards[range.begin], *guard);
  if (*guard)
    retiredGuards.push_back(std::move(*guard));
  publish(std::move(table));
  return Error::success();
}

Error DeviceMemory::allow(const void *pointer,
                          ArrayRef<hipdex_emulator_range> ranges,
                          unsigned access) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  std::unique_lock<std::mutex> lock(mutex);
  Range range = find(address);
  if (!range.guard) {
    lock.unlock();
    return createStringError("%p is not in a guarded allocation: it is %s",
                             pointer, describe(address).c_str());
  }
  Guard &guard = *guards[range.begin];
  uint64_t offset = address - range.begin, size = range.end - address;
  for (auto [begin, bytes] : ranges) {
    if (begin > size || bytes > size - begin)
      return createStringError(
          "%llu bytes from %llu on are not in the %llu "
          "bytes of \"%s\"",
          (unsigned long long)bytes, (unsigned long long)(offset + begin),
          (unsigned long long)range.size(), guard.name.c_str());
    guard.allow(offset + begin, bytes, access);
  }
  return Error::success();
}

std::string DeviceMemory::describe(uint64_t address) const {
  std::lock_guard<std::mutex> lock(mutex);
  if (Range range = find(address))
    return formatv("{0} bytes into {1}", address - range.begin,
                   rangeText(range));
  // The latest of several that were at the address is the one that matters.
  for (const Freed &freed : reverse(quarantine))
    if (address >= freed.range.begin && address < freed.range.end)
      return formatv("{0} bytes into {1}, which was freed",
                     address - freed.range.begin, rangeText(freed.range));
  auto next =
      std::lower_bound(owned->begin(), owned->end(), address, beginsBefore);
  const Range *before = next == owned->begin() ? nullptr : &*std::prev(next);
  const Range *after = next == owned->end() ? nullptr : &*next;
  uint64_t past = before ? address - before->end : UINT64_MAX;
  uint64_t ahead = after ? after->begin - address : UINT64_MAX;
  // Beyond this distance a neighbour says nothing about the mistake.
  constexpr uint64_t near = uint64_t(1) << 32;
  if (before && past <= ahead && past < near)
    return formatv("{0} bytes past the end of {1}", past, rangeText(*before));
  if (after && ahead < near)
    return formatv("{0} bytes before {1}", ahead, rangeText(*after));
  return address < 4096 ? "a null pointer" : "not in any allocation";
}

std::vector<DeviceMemory::Range> DeviceMemory::liveRanges() const {
  std::lock_guard<std::mutex> lock(mutex);
  return *owned;
}

} // namespace hipdex::emulator
