//===- Gather.cpp - What k_gather must gather -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Gather.h"

#include "reference/Operands.h"
#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <limits>

using namespace hipdex;

GatherProblem GatherProblem::random(const KernelKey &key,
                                    const GatherOptions &options) {
  enum Stream : uint64_t { Length, Entry, Bytes };
  GatherProblem p;
  p.key = key;
  p.seed = options.seed;
  p.batch = options.batch;
  Random length(p.seed, Length, 0);
  int64_t longest = 0, blocks = 0;
  p.cuSeqLens.push_back(options.rowsBefore);
  for (int64_t b = 0; b < p.batch; ++b) {
    int64_t tokens = length.below(options.longest + 1);
    // Requests without tokens are common, and many in a row.
    if (length.below(4) == 0)
      tokens = 0;
    p.cuSeqLens.push_back(p.cuSeqLens.back() + tokens);
    longest = std::max(longest, tokens);
    blocks += llvm::divideCeil(tokens, key.kvBlockSize);
  }
  p.tokens = p.cuSeqLens.back() + options.rowsAfter;
  p.numPages =
      1 + llvm::divideCeil(std::max<int64_t>(blocks, 1) * key.kvBlockSize,
                           key.pageSize);
  p.pageStride = key.layout().pageBytes() + options.pagePadding;
  p.tableWidth =
      std::max<int64_t>(1, int64_t(llvm::divideCeil(longest, key.kvBlockSize)) -
                               options.missingColumns);
  p.tableStride = p.tableWidth + options.tablePadding;
  p.kStride = key.headDim + options.kPadding;
  p.scalesStride = 1 + options.scalesPadding;

  Random bytes(p.seed, Bytes, 0);
  p.cache.resize(p.numPages * p.pageStride);
  for (uint8_t &byte : p.cache)
    byte = bytes.bits();
  p.k.resize(p.tokens * p.kStride);
  for (uint8_t &byte : p.k)
    byte = bytes.bits();
  p.scales.resize(p.tokens * p.scalesStride);
  for (uint32_t &bits : p.scales)
    bits = bytes.bits();

  // Distinct blocks in random order, and numbers that mean nothing where no
  // token is.
  std::vector<int32_t> order(p.numEntries());
  for (auto [i, entry] : llvm::enumerate(order))
    entry = i;
  Random entry(p.seed, Entry, 0);
  for (size_t i = 1; i < order.size(); ++i)
    std::swap(order[i], order[entry.below(i + 1)]);
  const int32_t outOfRange[] = {-1, int32_t(p.numEntries()),
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max()};
  p.table.assign(p.batch * p.tableStride, std::numeric_limits<int32_t>::max());
  size_t next = 0;
  for (int64_t b = 0; b < p.batch; ++b) {
    int64_t tokens = p.cuSeqLens[b + 1] - p.cuSeqLens[b];
    for (int64_t c = 0; c * key.kvBlockSize < tokens && c < p.tableWidth; ++c)
      p.table[b * p.tableStride + c] =
          int64_t(entry.below(100)) < options.invalidEntries
              ? outOfRange[entry.below(4)]
              : order[next++];
  }
  return p;
}

int64_t GatherProblem::slot(int64_t request, int64_t t) const {
  int64_t column = t / key.kvBlockSize;
  if (column >= tableWidth)
    return -1;
  int64_t entry = table[request * tableStride + column];
  if (entry < 0 || entry >= numEntries())
    return -1;
  return entry * key.kvBlockSize + t % key.kvBlockSize;
}

void GatherProblem::expect(std::vector<uint8_t> &k,
                           std::vector<uint32_t> &scales) const {
  CacheLayout layout = key.layout();
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = cuSeqLens[b]; i < cuSeqLens[b + 1]; ++i) {
      int64_t s = slot(b, i - cuSeqLens[b]);
      for (int64_t d = 0; d < key.headDim; ++d)
        k[i * kStride + d] =
            s < 0 ? 0 : cache[layout.elementOffset(s, d, pageStride)];
      uint32_t bits = 0;
      if (s >= 0)
        std::memcpy(&bits, &cache[layout.scaleOffset(s, pageStride)],
                    sizeof(bits));
      scales[i * scalesStride] = bits;
    }
}

template <typename T>
static llvm::ArrayRef<uint8_t> bytesOf(const std::vector<T> &values) {
  return {reinterpret_cast<const uint8_t *>(values.data()),
          values.size() * sizeof(T)};
}

llvm::Error hipdex::launchGather(Device &device, const hipdex_kernel *kernel,
                                 GatherProblem &p) {
  CacheLayout layout = p.key.layout();
  std::vector<hipdex_emulator_range> places, rows, scales, entries;
  auto allowSlot = [&](int64_t slot) {
    for (int64_t d = 0; d < p.key.headDim; d += 16)
      places.push_back(
          {uint64_t(layout.elementOffset(slot, d, p.pageStride)), 16});
    places.push_back({uint64_t(layout.scaleOffset(slot, p.pageStride)), 4});
  };
  // Slot 0, and the first entry of a row, stand in for what there is not.
  allowSlot(0);
  for (int64_t b = 0; b < p.batch; ++b) {
    int64_t first = p.cuSeqLens[b], last = p.cuSeqLens[b + 1];
    int64_t columns = std::clamp<int64_t>(
        llvm::divideCeil(last - first, p.key.kvBlockSize), 1, p.tableWidth);
    entries.push_back({uint64_t(b * p.tableStride) * 4, uint64_t(columns) * 4});
    for (int64_t i = first; i < last; ++i) {
      rows.push_back({uint64_t(i * p.kStride), uint64_t(p.key.headDim)});
      scales.push_back({uint64_t(i * p.scalesStride) * 4, 4});
      if (int64_t slot = p.slot(b, i - first); slot >= 0)
        allowSlot(slot);
    }
  }

  Operands operands(device);
  hipdex_k_gather_args args = {};
  args.struct_size = sizeof(args);
  auto place = [&](auto *&pointer, const char *name,
                   llvm::ArrayRef<uint8_t> data,
                   llvm::ArrayRef<hipdex_emulator_range> ranges,
                   unsigned access) -> llvm::Error {
    auto memory = operands.place(name, data, ranges, access);
    if (!memory)
      return memory.takeError();
    pointer = static_cast<std::decay_t<decltype(pointer)>>(*memory);
    return llvm::Error::success();
  };
  if (llvm::Error error = place(args.cache.data, "cache", p.cache, places,
                                HIPDEX_EMULATOR_READ))
    return error;
  if (llvm::Error error =
          place(args.block_table, "block_table", bytesOf(p.table), entries,
                HIPDEX_EMULATOR_READ))
    return error;
  if (llvm::Error error =
          place(args.cu_seq_lens, "cu_seq_lens", bytesOf(p.cuSeqLens),
                {{0, p.cuSeqLens.size() * 4}}, HIPDEX_EMULATOR_READ))
    return error;
  if (llvm::Error error = place(args.k, "k", p.k, rows, HIPDEX_EMULATOR_WRITE))
    return error;
  if (llvm::Error error = place(args.scales, "scales", bytesOf(p.scales),
                                scales, HIPDEX_EMULATOR_WRITE))
    return error;
  args.cache.bytes = p.cache.size();
  args.cache.num_pages = p.numPages;
  args.cache.page_stride = p.pageStride;
  args.cache.layout_hash = layout.hash();
  args.batch = p.batch;
  args.table_width = p.tableWidth;
  args.table_stride = p.tableStride;
  args.tokens = p.tokens;
  args.k_stride = p.kStride;
  args.scales_stride = p.scalesStride;
  if (hipdex_launch_k_gather(kernel, &args, nullptr) != HIPDEX_SUCCESS)
    return device.launchError();
  if (llvm::Error error = device.synchronize())
    return error;
  if (llvm::Error error = device.download(p.k.data(), args.k, p.k.size()))
    return error;
  return device.download(p.scales.data(), args.scales, p.scales.size() * 4);
}

std::string hipdex::compare(const GatherProblem &p, const GatherProblem &got) {
  std::vector<uint8_t> k = p.k;
  std::vector<uint32_t> scales = p.scales;
  p.expect(k, scales);
  for (size_t i = 0; i < k.size(); ++i)
    if (k[i] != got.k[i])
      return llvm::formatv("k, row {0}, byte {1} is {2:x2}, must be {3:x2}",
                           i / p.kStride, i % p.kStride, got.k[i], k[i]);
  for (size_t i = 0; i < scales.size(); ++i)
    if (scales[i] != got.scales[i])
      return llvm::formatv("scale {0}, element {1} is {2:x8}, must be {3:x8}",
                           i / p.scalesStride, i % p.scalesStride,
                           got.scales[i], scales[i]);
  return "";
}
