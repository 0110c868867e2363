//===- LaunchChecks.cpp - Checks of the arguments of a launch ------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/LaunchChecks.h"
#include "src/Kernel.h"
#include "src/Status.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace hipdex;
using namespace hipdex::runtime;

llvm::Error LaunchChecks::invalid(const llvm::Twine &message) const {
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT, opName(op) + ": " + message);
}

llvm::Error LaunchChecks::call(const Kernel &kernel, size_t structSize,
                               size_t expected) const {
  if (kernel.key.op != op)
    return invalid("the kernel is one of " + opName(kernel.key.op));
  if (structSize < expected)
    return invalid("struct_size is " + llvm::Twine(structSize) +
                   ", must be at least " + llvm::Twine(expected));
  return llvm::Error::success();
}

llvm::Error LaunchChecks::range(const llvm::Twine &name, int64_t value,
                                int64_t least, int64_t most) const {
  if (value < least || value > most)
    return invalid(name + " is " + llvm::Twine(value) + ", must be in " +
                   llvm::Twine(least) + ".." + llvm::Twine(most));
  return llvm::Error::success();
}

static bool isAligned(const void *pointer, uintptr_t alignment) {
  return reinterpret_cast<uintptr_t>(pointer) % alignment == 0;
}

llvm::Error LaunchChecks::pointer(const llvm::Twine &name, const void *pointer,
                                  uintptr_t alignment) const {
  if (!pointer)
    return invalid(name + " is null");
  if (!isAligned(pointer, alignment))
    return invalid(name + " is 0x" +
                   llvm::utohexstr(reinterpret_cast<uintptr_t>(pointer), true) +
                   ", must be " + llvm::Twine(alignment) + "-byte aligned");
  return llvm::Error::success();
}

llvm::Error LaunchChecks::stride(const llvm::Twine &name, int64_t stride,
                                 int64_t multiple, int64_t least) const {
  if (stride < least)
    return invalid(name + " is " + llvm::Twine(stride) + ", must be at least " +
                   llvm::Twine(least));
  if (stride % multiple != 0)
    return invalid(name + " is " + llvm::Twine(stride) +
                   ", must be a multiple of " + llvm::Twine(multiple));
  return llvm::Error::success();
}

llvm::Error LaunchChecks::span(
    llvm::StringRef name,
    std::initializer_list<std::pair<int64_t, int64_t>> extentsAndStrides,
    int64_t elementBytes) const {
  // Not llvm/Support/CheckedArithmetic.h: it goes through APInt, which was two
  // thirds of a launch's time.
  int64_t last = 1;
  bool overflows = false;
  for (auto [extent, stride] : extentsAndStrides) {
    int64_t product;
    overflows |= llvm::MulOverflow(extent - 1, stride, product) != 0;
    overflows |= llvm::AddOverflow(product, last, last) != 0;
  }
  overflows |= llvm::MulOverflow(last, elementBytes, last) != 0;
  if (overflows)
    return invalid("strides of " + name + " take it past 64-bit offsets");
  return llvm::Error::success();
}

llvm::Error LaunchChecks::rows(llvm::StringRef name, const void *pointer,
                               int64_t rows, int64_t width,
                               llvm::StringRef strideName, int64_t stride,
                               int64_t elementBytes) const {
  if (llvm::Error error = this->pointer(name, pointer, elementBytes))
    return error;
  if (llvm::Error error = this->stride(strideName, stride, 1, width))
    return error;
  return span(name, {{rows, stride}, {width, 1}}, elementBytes);
}

/// The text of a layout hash, found by trying every layout that is in use
/// anywhere: a hash has no inverse, and this is the way to an error message.
static std::string describeLayout(uint64_t hash) {
  if (hash == 0)
    return "no layout (hash 0)";
  for (Fp8Format fp8 : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
    for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
      for (int64_t headDim : {64, 96, 128, 192, 256, 512})
        for (int64_t pageSize = 1; pageSize <= 1024; ++pageSize) {
          CacheLayout layout;
          layout.pageSize = pageSize;
          layout.headDim = headDim;
          layout.order = order;
          layout.fp8 = fp8;
          if (llvm::Error error = layout.validate()) {
            llvm::consumeError(std::move(error));
            continue;
          }
          if (layout.hash() == hash)
            return layout.str();
        }
  return "an unknown layout (hash 0x" + llvm::utohexstr(hash, true) + ")";
}

llvm::Error LaunchChecks::cache(const Kernel &kernel,
                                const hipdex_cache_buffer &buffer,
                                int64_t maxPages) const {
  return cache("cache", kernel.key.layout(), kernel.layoutHash, buffer,
               maxPages);
}

llvm::Error LaunchChecks::cache(llvm::StringRef name, const CacheLayout &layout,
                                uint64_t layoutHash,
                                const hipdex_cache_buffer &cache,
                                int64_t maxPages) const {
  if (cache.layout_hash != layoutHash)
    return makeError(HIPDEX_ERROR_LAYOUT_MISMATCH,
                     opName(op) + ": the " + name + " buffer has " +
                         describeLayout(cache.layout_hash) +
                         ", the kernel's is " + layout.str());
  if (cache.num_pages < 1 || cache.num_pages > maxPages)
    return invalid(name + ".num_pages is " + llvm::Twine(cache.num_pages) +
                   ", must be in 1.." + llvm::Twine(maxPages));
  int64_t alignment = layout.alignment();
  if (llvm::Error error = stride(name + ".page_stride", cache.page_stride,
                                 alignment, layout.pageBytes()))
    return error;
  // Kernels multiply a page by the stride in one 32 by 32 bit product.
  if (cache.page_stride > int64_t(UINT32_MAX))
    return invalid(name + ".page_stride is " + llvm::Twine(cache.page_stride) +
                   ", must be below 2^32");
  if (llvm::Error error = pointer(name + ".data", cache.data, alignment))
    return error;
  // The last page need not have its padding. Neither factor reaches 2^32.
  uint64_t needed =
      uint64_t(cache.num_pages - 1) * cache.page_stride + layout.pageBytes();
  if (needed > cache.bytes)
    return invalid(name + ".bytes is " + llvm::Twine(cache.bytes) + ", " +
                   llvm::Twine(cache.num_pages) + " pages with page_stride " +
                   llvm::Twine(cache.page_stride) + " need " +
                   llvm::Twine(needed));
  return llvm::Error::success();
}

llvm::Error LaunchChecks::pagedCache(const Kernel &kernel,
                                     const hipdex_cache_buffer &buffer,
                                     const int32_t *blockTable, int64_t batch,
                                     int64_t tableWidth, int64_t tableStride,
                                     int64_t width) const {
  const KernelKey &key = kernel.key;
  // Block 0 stands in for table entries that are out of range, so there must be
  // a page. Entries are int32 and count blocks, of which a page may have
  // several.
  int64_t maxPages = int32Max / (key.pageSize / key.kvBlockSize);
  if (llvm::Error error = cache(kernel, buffer, maxPages))
    return error;
  int64_t needed = llvm::divideCeil(width, key.kvBlockSize);
  if (tableWidth < needed)
    return invalid("table_width is " + llvm::Twine(tableWidth) +
                   ", must be at least " + llvm::Twine(needed) + " for width " +
                   llvm::Twine(width) + " and kv_block_size " +
                   llvm::Twine(key.kvBlockSize));
  return this->blockTable(blockTable, batch, tableWidth, tableStride);
}
