//===- PagedMqaPrefill.cpp - What paged_mqa_prefill must compute ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/PagedMqaPrefill.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <limits>

using namespace hipdex;

PagedMqaPrefillOptions PagedMqaPrefillOptions::random(const KernelKey &key,
                                                      uint64_t seed) {
  Random random(seed, 101, 0);
  PagedMqaPrefillOptions options;
  options.rows = MqaLogitsOptions::random(seed);
  options.rows.kPadding = 0;
  options.batch = random.below(6);
  options.pagePadding =
      random.below(2) ? key.layout().alignment() * random.below(9) : 0;
  options.tablePadding = random.below(4);
  options.invalidEntries = key.checkTable && random.below(2) ? 10 : 0;
  options.noRequest = random.below(2) ? 20 : 0;
  return options;
}

PagedMqaPrefillProblem
PagedMqaPrefillProblem::random(const KernelKey &key,
                               const PagedMqaPrefillOptions &options) {
  PagedMqaPrefillProblem p;
  p.batch = options.batch;
  int64_t width =
      options.rows.width < 0 ? options.rows.tokens : options.rows.width;
  p.tableWidth = llvm::divideCeil(width, key.kvBlockSize);
  p.tableStride = p.tableWidth + options.tablePadding;
  int64_t blocks = p.batch * p.tableWidth;
  p.numPages = 1 + llvm::divideCeil(blocks * key.kvBlockSize, key.pageSize);
  p.pageStride = key.layout().pageBytes() + options.pagePadding;
  p.drawRows(key, options.rows);

  // Rows of a request follow each other, mostly.
  Random request(p.seed, Request, 0);
  int32_t current = request.below(p.batch + 1);
  for (int32_t &r : p.requests) {
    if (request.below(3) == 0)
      current = request.below(p.batch + 1); // batch: of no request
    r = int64_t(request.below(100)) < options.noRequest ? -1 : current;
  }

  // Distinct blocks in random order. Entries behind the last window, which
  // nothing may read, mean nothing.
  std::vector<int32_t> order(p.numEntries());
  for (auto [i, entry] : llvm::enumerate(order))
    entry = i;
  Random entry(p.seed, Entry, 0);
  for (size_t i = 1; i < order.size(); ++i)
    std::swap(order[i], order[entry.below(i + 1)]);
  std::vector<int64_t> longest(p.batch);
  for (int64_t m = 0; m < p.rows; ++m)
    if (p.hasRequest(m)) {
      int64_t &length = longest[p.requests[m]];
      length = std::max(length, p.window(m).second);
    }
  const int32_t outOfRange[] = {-1, int32_t(p.numEntries()),
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max()};
  std::fill(p.table.begin(), p.table.end(),
            std::numeric_limits<int32_t>::max());
  size_t next = 0;
  for (int64_t b = 0; b < p.batch; ++b)
    for (int64_t c = 0; c * key.kvBlockSize < longest[b]; ++c)
      p.table[b * p.tableStride + c] =
          int64_t(entry.below(100)) < options.invalidEntries
              ? outOfRange[entry.below(4)]
              : order[next++];

  // Whatever no row sees would show: NaN codes and, as bytes of scales, NaN.
  std::fill(p.cache.begin(), p.cache.end(), 0xff);
  CacheLayout layout = key.layout();
  for (int64_t s = 0; s < p.numPages * key.pageSize; ++s)
    for (int64_t d = 0; d < key.headDim; ++d)
      p.cache[layout.elementOffset(s, d, p.pageStride)] = nanCode(key.fp8);
  for (int64_t m = 0; m < p.rows; ++m)
    for (auto [column, end] = p.window(m); column < end; ++column) {
      int64_t s = p.slot(p.requests[m], column);
      if (s < 0)
        continue;
      QuantizedRow stored = randomToken(key, Random(p.seed, Key, s));
      for (int64_t d = 0; d < key.headDim; ++d)
        p.cache[layout.elementOffset(s, d, p.pageStride)] = stored.codes[d];
      std::memcpy(&p.cache[layout.scaleOffset(s, p.pageStride)], &stored.scale,
                  sizeof(stored.scale));
    }
  return p;
}

int64_t PagedMqaPrefillProblem::slot(int64_t request, int64_t position) const {
  int64_t entry = table[request * tableStride + position / key.kvBlockSize];
  if (entry < 0 || entry >= numEntries())
    return -1;
  return entry * key.kvBlockSize + position % key.kvBlockSize;
}

std::pair<int64_t, int64_t> PagedMqaPrefillProblem::window(int64_t row) const {
  int64_t start = std::max<int64_t>(starts[row], 0),
          end = std::min<int64_t>(ends[row], width);
  return hasRequest(row) && start < end
             ? std::make_pair(start, end)
             : std::make_pair(int64_t(0), int64_t(0));
}

bool PagedMqaPrefillProblem::token(int64_t row, int64_t position,
                                   llvm::MutableArrayRef<uint8_t> codes,
                                   float &scale) const {
  int64_t s = slot(requests[row], position);
  if (s < 0)
    return false;
  CacheLayout layout = key.layout();
  for (auto [d, code] : llvm::enumerate(codes))
    code = cache[layout.elementOffset(s, d, pageStride)];
  std::memcpy(&scale, &cache[layout.scaleOffset(s, pageStride)], sizeof(scale));
  return true;
}

std::vector<RowSize> PagedMqaPrefillProblem::sizes() {
  return {{"rows", &rows},
          {"width", &width},
          {"batch", &batch},
          {"num_pages", &numPages, 1},
          {"page_stride", &pageStride, key.layout().pageBytes()},
          {"table_width", &tableWidth},
          {"table_stride", &tableStride},
          {"q_stride_row", &qStrideRow},
          {"q_stride_head", &qStrideHead, key.headDim},
          {"weights_stride", &weightsStride, key.heads},
          {"logits_stride", &logitsStride}};
}

std::vector<RowOperand> PagedMqaPrefillProblem::operands() {
  std::vector<RowOperand> operands = MqaLogitsProblem::operands();
  llvm::erase_if(operands, [](const RowOperand &operand) {
    llvm::StringRef name = operand.argument;
    return name == "k" || name == "k_scales";
  });
  operands.insert(operands.begin() + 1, {"cache",
                                         "uint8",
                                         1,
                                         {numPages, pageStride},
                                         {pageStride, 1},
                                         cache,
                                         HIPDEX_EMULATOR_READ});
  operands.insert(operands.begin() + 3, {"requests",
                                         "int32",
                                         4,
                                         {rows},
                                         {1},
                                         bytesOf(requests),
                                         HIPDEX_EMULATOR_READ,
                                         /*isTable=*/true});
  operands.insert(operands.begin() + 6, {"block_table",
                                         "int32",
                                         4,
                                         {batch, tableWidth},
                                         {tableStride, 1},
                                         bytesOf(table),
                                         HIPDEX_EMULATOR_READ,
                                         /*isTable=*/true});
  return operands;
}

void PagedMqaPrefillProblem::allocate() {
  MqaLogitsProblem::allocate();
  cache.resize(numPages * pageStride);
  requests.resize(rows);
  table.resize(batch * tableStride);
}

std::vector<std::vector<hipdex_emulator_range>>
PagedMqaPrefillProblem::touched() const {
  std::vector<hipdex_emulator_range> queries, places, gates, bounds, entries,
      cells;
  touchedRows(queries, gates, cells);
  // Entry 0 stands in for those out of range, and a step may begin before the
  // first column that is seen: any slot may be read, but no padding.
  for (int64_t s = 0; s < numPages * key.pageSize; ++s)
    addSlot(places, key.layout(), s, pageStride);
  if (rows)
    bounds.push_back({0, uint64_t(rows) * 4});
  std::vector<int64_t> longest(batch);
  for (int64_t m = 0; m < rows; ++m)
    if (hasRequest(m)) {
      int64_t &length = longest[requests[m]];
      length = std::max(length, window(m).second);
    }
  for (int64_t b = 0; b < batch; ++b)
    if (uint64_t columns = llvm::divideCeil(longest[b], key.kvBlockSize))
      entries.push_back({uint64_t(b * tableStride) * 4, columns * 4});
  return {queries, places, gates, bounds, bounds, bounds, entries, cells};
}

hipdex_paged_mqa_prefill_args
PagedMqaPrefillProblem::args(const Pointers &pointers) const {
  hipdex_paged_mqa_prefill_args args = {};
  auto ints = [&](const char *name) {
    return static_cast<int32_t *>(pointers.lookup(name));
  };
  args.struct_size = sizeof(args);
  args.rows = rows;
  args.width = width;
  args.q = pointers.lookup("q");
  args.q_stride_row = qStrideRow;
  args.q_stride_head = qStrideHead;
  args.cache =
      cacheBuffer(pointers.lookup("cache"), key.layout(), numPages, pageStride);
  args.weights = static_cast<float *>(pointers.lookup("weights"));
  args.weights_stride = weightsStride;
  args.requests = ints("requests");
  args.starts = ints("starts");
  args.ends = ints("ends");
  args.batch = int32_t(batch);
  args.block_table = ints("block_table");
  args.table_width = tableWidth;
  args.table_stride = tableStride;
  args.logits = static_cast<float *>(pointers.lookup("logits"));
  args.logits_stride = logitsStride;
  return args;
}
