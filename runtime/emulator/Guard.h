//===- Guard.h - What kernels may do to an allocation -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two bits for every byte of an allocation: kernels may read it, kernels may
// write it. The bits are mapped and start as zeros, so that those of a sparse
// allocation of many GiB take the memory of what was allowed in it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_GUARD_H
#define HIPDEX_EMULATOR_GUARD_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace hipdex::emulator {

class Guard {
public:
  enum Access : uint8_t { Read = 1, Write = 2 };

  /// Of an allocation of \p bytes bytes, of which none may be touched.
  static llvm::Expected<std::unique_ptr<Guard>> create(uint64_t bytes,
                                                       llvm::StringRef name);
  ~Guard();
  Guard(const Guard &) = delete;
  Guard &operator=(const Guard &) = delete;

  /// What the caller calls the allocation.
  const std::string name;

  /// Allows \p access (one or both) to [offset, offset + bytes), which is in
  /// the allocation.
  void allow(uint64_t offset, uint64_t bytes, unsigned access);

  /// Whether all of \p access is allowed to all of [offset, offset + bytes),
  /// which is in the allocation.
  bool allows(uint64_t offset, uint64_t bytes, unsigned access) const {
    for (; bytes > chunk; offset += chunk, bytes -= chunk)
      if (!allowsChunk(offset, chunk, access))
        return false;
    return allowsChunk(offset, bytes, access);
  }

private:
  /// Bytes whose bits are in 64 bits from any byte boundary on.
  static constexpr uint64_t chunk = 32;

  Guard(uint64_t bytes, llvm::StringRef name)
      : name(name.str()), mapBytes(bytes / 8 + 8) {}

  bool allowsChunk(uint64_t offset, uint64_t bytes, unsigned access) const {
    const uint8_t *map = access & Read ? readable : writable;
    uint64_t wanted = (uint64_t(1) << bytes) - 1, bits;
    std::memcpy(&bits, map + offset / 8, sizeof(bits));
    bits >>= offset % 8;
    if (access == (Read | Write)) {
      uint64_t more;
      std::memcpy(&more, writable + offset / 8, sizeof(more));
      bits &= more >> offset % 8;
    }
    return (bits & wanted) == wanted;
  }

  const uint64_t mapBytes; ///< With what a chunk reads behind the last byte.
  uint8_t *readable = nullptr, *writable = nullptr;
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_GUARD_H
