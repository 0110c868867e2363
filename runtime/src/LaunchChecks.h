//===- LaunchChecks.h - Checks of the arguments of a launch --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Kernels trust their arguments and check only what lives in device memory
// (context lengths, table entries, slots). So everything the host can know is
// checked before a launch, and nothing here allocates or waits on the way to
// one.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_LAUNCHCHECKS_H
#define HIPDEX_RUNTIME_LAUNCHCHECKS_H

#include "Spec/KernelKey.h"
#include "hipdex/hipdex.h"
#include "llvm/Support/Error.h"
#include <initializer_list>
#include <limits>
#include <utility>

namespace hipdex {
namespace runtime {

class Kernel;

constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();

/// Kernels count the bytes of a row of logits in 32 bits.
constexpr int64_t maxRowWidth = (INT64_C(1) << 29) - 1;

/// The checks of an op's arguments. Each error begins with the op's name.
class LaunchChecks {
public:
  explicit LaunchChecks(Op op) : op(op) {}

  llvm::Error invalid(const llvm::Twine &message) const;
  /// Whether the kernel is of the op, and the arguments of this library.
  template <typename Args>
  llvm::Error call(const Kernel &kernel, const Args &args) const {
    return call(kernel, args.struct_size, sizeof(args));
  }
  llvm::Error range(const llvm::Twine &name, int64_t value, int64_t least,
                    int64_t most) const;
  llvm::Error pointer(const llvm::Twine &name, const void *pointer,
                      uintptr_t alignment) const;
  llvm::Error stride(const llvm::Twine &name, int64_t stride, int64_t multiple,
                     int64_t least) const;
  /// Whether the byte behind the last element of a tensor has a 64-bit offset.
  /// Extents are at least 1 and strides at least 0 here.
  llvm::Error
  span(llvm::StringRef name,
       std::initializer_list<std::pair<int64_t, int64_t>> extentsAndStrides,
       int64_t elementBytes) const;
  /// A tensor of rows whose elements lie together, and whose rows do not
  /// overlap. There is at least one of each; elements are aligned.
  llvm::Error rows(llvm::StringRef name, const void *pointer, int64_t rows,
                   int64_t width, llvm::StringRef strideName, int64_t stride,
                   int64_t elementBytes) const;
  /// Of a block table, all but what its width must be.
  llvm::Error blockTable(const int32_t *table, int64_t batch, int64_t width,
                         int64_t stride) const {
    return rows("block_table", table, batch, width, "table_stride", stride, 4);
  }
  /// A cache buffer of at least one page and at most \p maxPages.
  llvm::Error cache(const Kernel &kernel, const hipdex_cache_buffer &cache,
                    int64_t maxPages) const;
  /// Likewise one of several, of a \p layout whose hash is known.
  llvm::Error cache(llvm::StringRef name, const CacheLayout &layout,
                    uint64_t layoutHash, const hipdex_cache_buffer &cache,
                    int64_t maxPages) const;

  /// A cache and a block table whose entries, for rows of \p width tokens,
  /// name its blocks.
  llvm::Error pagedCache(const Kernel &kernel, const hipdex_cache_buffer &cache,
                         const int32_t *blockTable, int64_t batch,
                         int64_t tableWidth, int64_t tableStride,
                         int64_t width) const;

private:
  llvm::Error call(const Kernel &kernel, size_t structSize,
                   size_t expected) const;

  const Op op;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_LAUNCHCHECKS_H
