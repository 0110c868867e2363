//===- Guard.cpp - What kernels may do to an allocation -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/Guard.h"
#include "llvm/Support/Errno.h"
#include <cerrno>
#include <sys/mman.h>

using namespace hipdex::emulator;

llvm::Expected<std::unique_ptr<Guard>> Guard::create(uint64_t bytes,
                                                     llvm::StringRef name) {
  std::unique_ptr<Guard> guard(new Guard(bytes, name));
  for (uint8_t **map : {&guard->readable, &guard->writable}) {
    void *mapping = mmap(nullptr, guard->mapBytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
      return llvm::createStringError("mmap of %llu bytes for a guard failed: "
                                     "%s",
                                     (unsigned long long)guard->mapBytes,
                                     llvm::sys::StrError(errno).c_str());
    *map = static_cast<uint8_t *>(mapping);
  }
  return guard;
}

Guard::~Guard() {
  for (uint8_t *map : {readable, writable})
    if (map)
      munmap(map, mapBytes);
}

/// Sets bits [begin, end).
static void setBits(uint8_t *map, uint64_t begin, uint64_t end) {
  uint64_t first = begin / 8, last = end / 8;
  uint8_t from = uint8_t(0xff << begin % 8), to = uint8_t((1 << end % 8) - 1);
  if (first == last) {
    map[first] |= from & to;
    return;
  }
  map[first] |= from;
  std::memset(map + first + 1, 0xff, last - first - 1);
  map[last] |= to;
}

void Guard::allow(uint64_t offset, uint64_t bytes, unsigned access) {
  if (access & Read)
    setBits(readable, offset, offset + bytes);
  if (access & Write)
    setBits(writable, offset, offset + bytes);
}
