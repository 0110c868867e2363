//===- Gather.cpp - What k_gather must gather -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Gather.h"

#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cstring>
#include <limits>

using namespace hipdex;

GatherOptions GatherOptions::random(const KernelKey &key, uint64_t seed) {
  Random random(seed, 100, 0);
  GatherOptions options;
  options.seed = seed;
  // Many short requests, or a few of any length.
  bool many = random.below(4) == 0;
  options.batch = random.below(many ? 70 : 9);
  options.longest = many ? random.below(9) : randomTokens(random);
  options.kPadding = random.below(2) ? random.below(40) : 0;
  options.scalesPadding = random.below(2) ? random.below(3) : 0;
  options.tablePadding = random.below(4);
  options.pagePadding =
      random.below(2) ? key.layout().alignment() * random.below(9) : 0;
  options.rowsBefore = random.below(2) ? random.below(20) : 0;
  options.rowsAfter = random.below(2) ? random.below(80) : 0;
  options.invalidEntries = random.below(2) ? 20 : 0;
  options.missingColumns = random.below(4) == 0;
  return options;
}

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
  p.allocate();
  for (uint8_t &byte : p.cache)
    byte = bytes.bits();
  for (uint8_t &byte : p.k)
    byte = bytes.bits();
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
  std::fill(p.table.begin(), p.table.end(),
            std::numeric_limits<int32_t>::max());
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

std::vector<RowSize> GatherProblem::sizes() {
  return {{"batch", &batch},
          {"tokens", &tokens},
          {"num_pages", &numPages, 1},
          {"page_stride", &pageStride, key.layout().pageBytes()},
          {"table_width", &tableWidth, 1},
          {"table_stride", &tableStride},
          {"k_stride", &kStride},
          {"scales_stride", &scalesStride, 1}};
}

std::vector<RowOperand> GatherProblem::operands() {
  return {{"cache",
           "uint8",
           1,
           {numPages, pageStride},
           {pageStride, 1},
           cache,
           HIPDEX_EMULATOR_READ},
          {"block_table",
           "int32",
           4,
           {batch, tableWidth},
           {tableStride, 1},
           bytesOf(table),
           HIPDEX_EMULATOR_READ,
           /*isTable=*/true},
          {"cu_seq_lens",
           "int32",
           4,
           {batch + 1},
           {1},
           bytesOf(cuSeqLens),
           HIPDEX_EMULATOR_READ,
           /*isTable=*/true},
          {"k",
           fp8Name(key.fp8).str(),
           1,
           {tokens, key.headDim},
           {kStride, 1},
           k,
           HIPDEX_EMULATOR_WRITE},
          {"scales",
           "float32",
           4,
           {tokens},
           {scalesStride},
           bytesOf(scales),
           HIPDEX_EMULATOR_WRITE}};
}

void GatherProblem::allocate() {
  cache.resize(numPages * pageStride);
  table.resize(batch * tableStride);
  cuSeqLens.resize(batch + 1);
  k.resize(tokens * kStride);
  scales.resize(tokens * scalesStride);
}

RowFault GatherProblem::check() const {
  int64_t before = 0;
  for (auto [b, start] : llvm::enumerate(cuSeqLens)) {
    if (start < before || start > tokens)
      return {"cu_seq_lens", ("[" + llvm::Twine(b) + "] is " +
                              llvm::Twine(start) + ", must be in " +
                              llvm::Twine(before) + ".." + llvm::Twine(tokens))
                                 .str()};
    before = start;
  }
  return {};
}

std::vector<std::vector<hipdex_emulator_range>> GatherProblem::touched() const {
  std::vector<hipdex_emulator_range> places, rows, oneScale, entries;
  // Slot 0, and the first entry of a row, stand in for what there is not.
  addSlot(places, key.layout(), 0, pageStride);
  for (int64_t b = 0; b < batch; ++b) {
    int64_t first = cuSeqLens[b], last = cuSeqLens[b + 1];
    int64_t columns = std::clamp<int64_t>(
        llvm::divideCeil(last - first, key.kvBlockSize), 1, tableWidth);
    entries.push_back({uint64_t(b * tableStride) * 4, uint64_t(columns) * 4});
    for (int64_t i = first; i < last; ++i) {
      rows.push_back({uint64_t(i * kStride), uint64_t(key.headDim)});
      oneScale.push_back({uint64_t(i * scalesStride) * 4, 4});
      if (int64_t s = slot(b, i - first); s >= 0)
        addSlot(places, key.layout(), s, pageStride);
    }
  }
  return {places, entries, {{0, cuSeqLens.size() * 4}}, rows, oneScale};
}

void GatherProblem::execute() {
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

hipdex_k_gather_args GatherProblem::args(const Pointers &pointers) const {
  hipdex_k_gather_args args = {};
  args.struct_size = sizeof(args);
  args.cache =
      cacheBuffer(pointers.lookup("cache"), key.layout(), numPages, pageStride);
  args.batch = int32_t(batch);
  args.block_table = static_cast<int32_t *>(pointers.lookup("block_table"));
  args.table_width = tableWidth;
  args.table_stride = tableStride;
  args.cu_seq_lens = static_cast<int32_t *>(pointers.lookup("cu_seq_lens"));
  args.tokens = tokens;
  args.k = pointers.lookup("k");
  args.k_stride = kStride;
  args.scales = static_cast<float *>(pointers.lookup("scales"));
  args.scales_stride = scalesStride;
  return args;
}
