//===- TopK.cpp - What topk must select -----------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/TopK.h"

#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace hipdex;

TopKOptions TopKOptions::random(const KernelKey &key, uint64_t seed) {
  Random random(seed, 100, 0);
  TopKOptions options;
  options.seed = seed;
  // Around a wave and a workgroup; more than the list has room for, which
  // several workgroups share; and any.
  switch (random.below(4)) {
  case 0:
    options.width = randomTokens(random);
    break;
  case 1:
    options.width = 4096 + int64_t(random.below(5)) - 2;
    break;
  case 2:
    options.width = 6144 + random.below(16000);
    break;
  default:
    options.width = random.below(9000);
  }
  options.nextN = key.windows ? 1 : 1 + random.below(4);
  options.batch = 1 + random.below(4);
  options.rows =
      options.nextN * (key.windows ? random.below(9) : options.batch);
  const int64_t counts[] = {1,
                            2,
                            512,
                            2048,
                            4096,
                            options.width - 1,
                            options.width,
                            options.width + 1,
                            1 + int64_t(random.below(4096))};
  options.k =
      std::clamp<int64_t>(counts[random.below(std::size(counts))], 1, 4096);
  options.values = TopKValues(random.below(numTopKValues));
  options.isFull = random.below(3) == 0;
  options.logitsPadding = random.below(2) ? random.below(40) : 0;
  options.indicesPadding = random.below(2) ? random.below(40) : 0;
  options.tablePadding = random.below(4);
  options.invalidEntries = random.below(2) ? 20 : 0;
  options.noRequest = random.below(2) ? 20 : 0;
  options.missingColumns = random.below(4) == 0;
  return options;
}

namespace {
/// The logits of a row, in the order of columns.
class Values {
public:
  Values(TopKValues kind, uint64_t seed, uint64_t stream, int64_t row)
      : kind(kind), random(seed, stream, row) {
    for (float &value : few)
      value = random.normal();
    float infinity = std::numeric_limits<float>::infinity();
    const float specials[] = {infinity, -infinity, NAN, -NAN};
    if (kind == TopKValues::NotFinite)
      std::copy(std::begin(specials), std::end(specials), few);
    if (kind == TopKValues::AllMinusInfinity)
      few[0] = -infinity;
    if (kind == TopKValues::Descending)
      last = 1e6f;
  }

  float next() {
    switch (kind) {
    case TopKValues::Normal:
      return random.normal();
    case TopKValues::Uniform:
      return float(random.below(1 << 24)) * 0x1p-24f;
    case TopKValues::Bits:
      return llvm::bit_cast<float>(uint32_t(random.bits()));
    case TopKValues::Few:
    case TopKValues::NotFinite:
      return few[random.below(std::size(few))];
    case TopKValues::Equal:
    case TopKValues::AllMinusInfinity:
      return few[0];
    case TopKValues::AllNaN:
      // Of both signs, quiet and signalling.
      return llvm::bit_cast<float>(uint32_t(random.below(2) << 31 | 0x7f800000 |
                                            (1 + random.below(0x7fffff))));
    case TopKValues::Zeros:
      return llvm::bit_cast<float>(uint32_t(
          random.below(2) << 31 | (random.below(2) ? random.below(4) : 0)));
    case TopKValues::Ascending:
      return last += float(random.below(3));
    case TopKValues::Descending:
      return last -= float(random.below(3));
    }
    return 0;
  }

private:
  TopKValues kind;
  Random random;
  float few[7];
  float last = 0;
};
} // namespace

TopKProblem TopKProblem::random(const KernelKey &key,
                                const TopKOptions &options) {
  enum Stream : uint64_t { Window, Entry, Poison, Logit };
  TopKProblem p;
  p.key = key;
  p.seed = options.seed;
  p.rows = options.rows;
  p.width = options.width;
  p.k = options.k;
  p.nextN = options.nextN;
  p.batch = key.windows ? options.batch : options.rows / options.nextN;
  p.logitsStride = p.width + options.logitsPadding;
  p.indicesStride = p.k + options.indicesPadding;
  int64_t blocks =
      std::max<int64_t>(llvm::divideCeil(p.width, key.kvBlockSize), 1);
  p.tableWidth = std::max<int64_t>(blocks - options.missingColumns, 1);
  p.tableStride = p.tableWidth + options.tablePadding;
  p.numBlocks = p.batch * p.tableWidth + 1;
  p.allocate();

  // Rows of all columns, of none, of k and one more or less, and of any; and
  // what the device has to cut.
  constexpr int32_t least = std::numeric_limits<int32_t>::min(),
                    most = std::numeric_limits<int32_t>::max();
  Random window(p.seed, Window, 0);
  auto length = [&]() -> int64_t {
    if (options.isFull)
      return p.width;
    switch (window.below(6)) {
    case 0:
      return p.k + int64_t(window.below(3)) - 1;
    case 1:
      return window.below(3);
    case 2:
      return p.width - int64_t(window.below(3));
    default:
      return window.below(p.width + 1);
    }
  };
  const int32_t wild[] = {least, most, -1, int32_t(p.width + 7)};
  bool hasWild = !options.isFull;
  auto isWild = [&] { return hasWild && window.below(20) == 0; };
  for (int32_t &context : p.contextLens)
    context = isWild() ? wild[window.below(4)] : length();
  for (int64_t r = 0; r < p.rows && key.windows; ++r) {
    int64_t columns = std::clamp<int64_t>(length(), 0, p.width);
    int64_t start = options.isFull ? 0 : window.below(p.width - columns + 1);
    p.starts[r] = isWild() ? wild[window.below(4)] : start;
    p.ends[r] = isWild() ? wild[window.below(4)] : start + columns;
  }
  for (int32_t &request : p.requests)
    request = int64_t(window.below(100)) < options.noRequest
                  ? (window.below(2) ? -1 : int32_t(p.batch))
                  : int32_t(window.below(p.batch));

  // Distinct blocks in random order, as a table of requests that share nothing.
  std::vector<int32_t> order(p.numBlocks);
  std::iota(order.begin(), order.end(), 0);
  Random entry(p.seed, Entry, 0);
  for (size_t i = 1; i < order.size(); ++i)
    std::swap(order[i], order[entry.below(i + 1)]);
  const int32_t outOfRange[] = {-1, int32_t(p.numBlocks), least, most};
  std::fill(p.table.begin(), p.table.end(), most);
  size_t next = 0;
  for (int64_t b = 0; b < p.batch && key.outputSlots; ++b)
    for (int64_t c = 0; c < p.tableWidth; ++c)
      p.table[b * p.tableStride + c] =
          int64_t(entry.below(100)) < options.invalidEntries
              ? outOfRange[entry.below(4)]
              : order[next++];

  // What a row does not see is above all that it sees.
  std::fill(p.logits.begin(), p.logits.end(),
            std::numeric_limits<float>::infinity());
  for (int64_t r = 0; r < p.rows; ++r) {
    Values values(options.values, p.seed, Logit, r);
    for (auto [column, end] = p.window(r); column < end; ++column)
      p.logits[r * p.logitsStride + column] = values.next();
  }
  Random poison(p.seed, Poison, 0);
  for (int32_t &index : p.indices)
    index = int32_t(poison.bits());
  return p;
}

std::pair<int64_t, int64_t> TopKProblem::window(int64_t row) const {
  int64_t start = 0, end = 0;
  if (key.windows) {
    start = std::max<int64_t>(starts[row], 0);
    end = ends[row];
  } else {
    int64_t tokens = std::max<int64_t>(contextLens[row / nextN], 0);
    end = tokens - nextN + row % nextN + 1;
  }
  end = std::min(end, width);
  return {start, std::max(start, end)};
}

int64_t TopKProblem::request(int64_t row) const {
  int64_t request = key.windows ? requests[row] : row / nextN;
  return request >= 0 && request < batch ? request : -1;
}

std::vector<RowSize> TopKProblem::sizes() {
  return {{"rows", &rows},
          {"width", &width},
          {"k", &k, 1},
          {"batch", &batch},
          {"next_n", &nextN, 1},
          {"num_blocks", &numBlocks},
          {"table_width", &tableWidth, 1},
          {"table_stride", &tableStride},
          {"logits_stride", &logitsStride},
          {"indices_stride", &indicesStride}};
}

std::vector<RowOperand> TopKProblem::operands() {
  std::vector<RowOperand> operands;
  operands.push_back({"logits",
                      "float32",
                      4,
                      {rows, width},
                      {logitsStride, 1},
                      bytesOf(logits),
                      HIPDEX_EMULATOR_READ});
  auto addList = [&](const char *name, std::vector<int32_t> &list, int64_t size,
                     unsigned access = HIPDEX_EMULATOR_READ) {
    operands.push_back({name,
                        "int32",
                        4,
                        {size},
                        {1},
                        bytesOf(list),
                        access,
                        /*isTable=*/true});
  };
  if (key.windows) {
    addList("starts", starts, rows);
    addList("ends", ends, rows);
  } else {
    addList("context_lens", contextLens, batch);
  }
  if (key.windows && key.outputSlots)
    addList("requests", requests, rows);
  if (key.outputSlots)
    operands.push_back({"block_table",
                        "int32",
                        4,
                        {batch, tableWidth},
                        {tableStride, 1},
                        bytesOf(table),
                        HIPDEX_EMULATOR_READ,
                        /*isTable=*/true});
  operands.push_back({"indices",
                      "int32",
                      4,
                      {rows, k},
                      {indicesStride, 1},
                      bytesOf(indices),
                      HIPDEX_EMULATOR_WRITE});
  addList("workspace", workspace, hipdex_topk_workspace_bytes(rows, width) / 4,
          HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE);
  return operands;
}

void TopKProblem::allocate() {
  logits.resize(rows * logitsStride);
  contextLens.resize(key.windows ? 0 : batch);
  starts.resize(key.windows ? rows : 0);
  ends.resize(starts.size());
  requests.resize(key.outputSlots ? starts.size() : 0);
  table.resize(key.outputSlots ? batch * tableStride : 0);
  indices.resize(rows * indicesStride);
  workspace.resize(hipdex_topk_workspace_bytes(rows, width) / 4);
}

RowFault TopKProblem::check() const {
  if (!key.windows && batch * nextN != rows)
    return {"context_lens",
            ("has " + llvm::Twine(batch) + " lengths, must have one for " +
             llvm::Twine(nextN) + " of " + llvm::Twine(rows) + " rows")
                .str()};
  for (auto [i, number] : llvm::enumerate(workspace))
    if (number != 0)
      return {"workspace", ("[" + llvm::Twine(i) + "] is " +
                            llvm::Twine(number) + ", must be 0")
                               .str()};
  return {};
}

std::vector<std::vector<hipdex_emulator_range>> TopKProblem::touched() const {
  std::vector<hipdex_emulator_range> seen, entries, cells;
  auto whole = [](const std::vector<int32_t> &list) {
    std::vector<hipdex_emulator_range> ranges;
    if (!list.empty())
      ranges.push_back({0, list.size() * 4});
    return ranges;
  };
  for (int64_t r = 0; r < rows; ++r) {
    auto [start, end] = window(r);
    cells.push_back({uint64_t(r * indicesStride) * 4, uint64_t(k) * 4});
    // Of rows that are taken whole nothing is read.
    if (end - start > k)
      seen.push_back(
          {uint64_t(r * logitsStride + start) * 4, uint64_t(end - start) * 4});
    if (!key.outputSlots || request(r) < 0 || start == end)
      continue;
    // The first entry stands in for those that there are not.
    uint64_t row = request(r) * tableStride;
    entries.push_back({row * 4, 4});
    int64_t first = start / key.kvBlockSize,
            last =
                std::min<int64_t>((end - 1) / key.kvBlockSize, tableWidth - 1);
    if (first <= last)
      entries.push_back({(row + first) * 4, uint64_t(last - first + 1) * 4});
  }
  std::vector<std::vector<hipdex_emulator_range>> ranges = {seen};
  if (key.windows) {
    ranges.push_back(whole(starts));
    ranges.push_back(whole(ends));
  } else {
    ranges.push_back(whole(contextLens));
  }
  if (key.windows && key.outputSlots)
    ranges.push_back(whole(requests));
  if (key.outputSlots)
    ranges.push_back(entries);
  ranges.push_back(cells);
  ranges.push_back(whole(workspace));
  return ranges;
}

void TopKProblem::execute() {
  for (int64_t r = 0; r < rows; ++r) {
    auto [start, end] = window(r);
    std::vector<int32_t> columns(end - start);
    std::iota(columns.begin(), columns.end(), int32_t(start));
    const float *row = logits.data() + r * logitsStride;
    auto isBefore = [&](int32_t a, int32_t b) {
      bool isNaN = std::isnan(row[a]), isOtherNaN = std::isnan(row[b]);
      if (isNaN != isOtherNaN)
        return isOtherNaN;
      return isNaN || row[a] == row[b] ? a < b : row[a] > row[b];
    };
    if (int64_t(columns.size()) > k) {
      std::nth_element(columns.begin(), columns.begin() + k, columns.end(),
                       isBefore);
      columns.resize(k);
    }
    llvm::sort(columns);
    int32_t *result = indices.data() + r * indicesStride;
    std::fill_n(result, k, -1);
    for (auto [i, column] : llvm::enumerate(columns)) {
      result[i] = column;
      if (!key.outputSlots)
        continue;
      int64_t block = column / key.kvBlockSize;
      bool hasEntry = request(r) >= 0 && block < tableWidth;
      int64_t entry = hasEntry ? table[request(r) * tableStride + block] : -1;
      result[i] =
          entry >= 0 && entry < numBlocks
              ? int32_t(entry * key.kvBlockSize + column % key.kvBlockSize)
              : -1;
    }
  }
}

hipdex_topk_args TopKProblem::args(const Pointers &pointers) const {
  hipdex_topk_args args = {};
  auto ints = [&](const char *name) {
    return static_cast<int32_t *>(pointers.lookup(name));
  };
  args.struct_size = sizeof(args);
  args.rows = rows;
  args.width = width;
  args.k = k;
  args.logits = static_cast<float *>(pointers.lookup("logits"));
  args.logits_stride = logitsStride;
  args.batch = int32_t(batch);
  args.next_n = int32_t(nextN);
  args.context_lens = ints("context_lens");
  args.starts = ints("starts");
  args.ends = ints("ends");
  args.requests = ints("requests");
  args.block_table = ints("block_table");
  args.table_width = tableWidth;
  args.table_stride = tableStride;
  args.num_blocks = numBlocks;
  args.indices = ints("indices");
  args.indices_stride = indicesStride;
  args.workspace = pointers.lookup("workspace");
  args.workspace_bytes = workspace.size() * 4;
  return args;
}
