//===- Problem.cpp - The operands of one launch, in host memory -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Problem.h"

#include "reference/QuantStore.h"
#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/ThreadPool.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <sys/mman.h>
#include <unistd.h>

using namespace hipdex;

namespace {

/// What a random number is for; part of what seeds it.
enum Stream : uint64_t { Query, Key, Gate, Length, Entry, Invalid };

/// Above this a gap between pages is left untouched, so that a cache of many
/// GiB with few pages costs what its pages cost.
constexpr int64_t untouchedGap = 1 << 16;

/// The reference writer of one token: one float32 scale, at the addresses of
/// the layout.
void storeToken(const Problem &problem, int64_t slot,
                llvm::ArrayRef<int64_t> steps, float fp8Max,
                llvm::ArrayRef<float> row) {
  CacheLayout layout = problem.key.layout();
  uint8_t *k =
      problem.kv.get() + layout.elementOffset(slot, 0, problem.pageStride);
  QuantizedRow stored = quantize(row, layout.fp8, fp8Max, false);
  for (auto [d, code] : llvm::enumerate(stored.codes))
    k[steps[d]] = code;
  std::memcpy(problem.kv.get() + layout.scaleOffset(slot, problem.pageStride),
              &stored.scale, sizeof(stored.scale));
}

llvm::Error invalid(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

/// Rows * stride, or nothing when it does not fit in 63 bits.
std::optional<int64_t> product(int64_t a, int64_t b) {
  int64_t result;
  if (llvm::MulOverflow(a, b, result))
    return std::nullopt;
  return result;
}

} // namespace

uint8_t hipdex::nanCode(Fp8Format format) {
  return format == Fp8Format::E4M3FN ? 0xff : 0x80;
}

void hipdex::drawToken(llvm::MutableArrayRef<float> row, Random &random) {
  float magnitude = std::ldexp(1.0f, int(random.below(7)) - 3);
  for (float &x : row)
    x = random.normal() * magnitude;
}

std::shared_ptr<uint8_t> Problem::mapMemory(uint64_t bytes) {
  size_t size = std::max<uint64_t>(bytes, 1);
  void *memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return nullptr;
  return std::shared_ptr<uint8_t>(static_cast<uint8_t *>(memory),
                                  [size](uint8_t *p) { ::munmap(p, size); });
}

int64_t Problem::contextLen(int64_t request) const {
  return std::clamp<int64_t>(contextLens[request], 0, width);
}

int64_t Problem::visible(int64_t request, int64_t token) const {
  return std::max<int64_t>(contextLen(request) - key.nextN + token + 1, 0);
}

int64_t Problem::written(int64_t request, int64_t token) const {
  return key.tail == Tail::NegInf ? width : visible(request, token);
}

int64_t Problem::liveEntries(int64_t request) const {
  return llvm::divideCeil(contextLen(request), key.kvBlockSize);
}

int64_t Problem::numEntries() const {
  return numPages * key.pageSize / key.kvBlockSize;
}

int64_t Problem::slot(int64_t request, int64_t position) const {
  int64_t entry =
      blockTable[request * tableStride + position / key.kvBlockSize];
  if (entry < 0 || entry >= numEntries())
    return -1;
  return entry * key.kvBlockSize + position % key.kvBlockSize;
}

int64_t Problem::visibleCells() const {
  int64_t cells = 0;
  for (int64_t request = 0; request < batch; ++request)
    for (int64_t token = 0; token < key.nextN; ++token)
      cells += visible(request, token);
  return cells;
}

uint64_t Problem::liveCacheBytes() const {
  uint64_t tokens = 0;
  for (int64_t request = 0; request < batch; ++request)
    for (int64_t c = 0, e = liveEntries(request); c < e; ++c)
      if (slot(request, c * key.kvBlockSize) >= 0)
        tokens += key.kvBlockSize;
  return tokens * (key.layout().pageBytes() / key.pageSize);
}

std::vector<int64_t> Problem::elementSteps() const {
  CacheLayout layout = key.layout();
  std::vector<int64_t> steps(key.headDim);
  for (auto [d, step] : llvm::enumerate(steps))
    step = layout.elementOffset(0, d, pageStride) -
           layout.elementOffset(0, 0, pageStride);
  return steps;
}

std::vector<std::pair<int64_t, int64_t>>
Problem::blockRanges(int64_t block) const {
  CacheLayout layout = key.layout();
  std::vector<bool> taken(layout.pageBytes());
  for (int64_t i = 0; i < key.kvBlockSize; ++i) {
    int64_t slot = block * key.kvBlockSize + i;
    for (int64_t d = 0; d < key.headDim; ++d)
      taken[layout.elementOffset(slot, d, pageStride)] = true;
    for (size_t byte = 0; byte < sizeof(float); ++byte)
      taken[layout.scaleOffset(slot, pageStride) + byte] = true;
  }
  std::vector<std::pair<int64_t, int64_t>> ranges;
  for (int64_t begin = 0, size = taken.size(); begin < size;) {
    int64_t end = begin;
    while (end < size && taken[end])
      ++end;
    if (end > begin)
      ranges.emplace_back(begin, end);
    begin = end + 1;
  }
  return ranges;
}

std::vector<std::pair<uint64_t, uint64_t>> Problem::kvRanges() const {
  uint64_t pageBytes = key.layout().pageBytes();
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  if (numPages == 0)
    return ranges;
  if (pageStride - int64_t(pageBytes) < untouchedGap) {
    ranges.emplace_back(0, kvBytes());
    return ranges;
  }
  for (int64_t page = 0; page < numPages; ++page)
    ranges.emplace_back(uint64_t(page) * pageStride,
                        uint64_t(page) * pageStride + pageBytes);
  return ranges;
}

llvm::Expected<Problem> Problem::random(const KernelKey &key,
                                        const ProblemOptions &options) {
  Problem p;
  int64_t heads = Problem::heads(key);
  p.key = key;
  p.seed = options.seed;
  p.batch = options.contextLens.empty() ? options.batch
                                        : int64_t(options.contextLens.size());
  constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();
  if (p.batch < 0 || p.batch > int32Max)
    return invalid("batch " + llvm::Twine(p.batch) + " is not in [0, " +
                   llvm::Twine(int32Max) + "]");
  if (key.kvBlockSize < 1 || key.pageSize % key.kvBlockSize)
    return invalid("kv_block_size " + llvm::Twine(key.kvBlockSize) +
                   " does not divide page_size " + llvm::Twine(key.pageSize));
  if (options.contextLens.empty() &&
      (options.contextLow > options.contextHigh ||
       options.contextLow < std::numeric_limits<int32_t>::min() ||
       options.contextHigh > int32Max))
    return invalid("context " + llvm::Twine(options.contextLow) + ".." +
                   llvm::Twine(options.contextHigh) +
                   " is not a range of int32 values");
  if (options.invalidEntries && !key.checkTable)
    return invalid("invalid entries are undefined for a key that does not "
                   "check its table");

  CacheLayout layout = key.layout();
  p.qStrideHead = key.headDim + options.qHeadPadding;
  p.qStrideToken = heads * p.qStrideHead + options.qTokenPadding;
  p.qStrideRequest = key.nextN * p.qStrideToken + options.qPadding;
  uint64_t memory =
      uint64_t(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  auto fits = [&](double bytes) { return bytes <= 0.8 * memory; };
  if (!fits(2.0 * p.batch * p.qStrideRequest))
    return invalid("the queries of batch " + llvm::Twine(p.batch) +
                   " do not fit in this machine's memory (" +
                   llvm::Twine(memory >> 30) + " GiB)");

  if (options.contextLens.empty()) {
    uint64_t span = options.contextHigh - options.contextLow + 1;
    for (int64_t b = 0; b < p.batch; ++b)
      p.contextLens.push_back(options.contextLow +
                              Random(p.seed, Length, b).below(span));
  } else {
    p.contextLens = options.contextLens;
  }

  p.width = options.width;
  if (p.width < 0) {
    p.width = 0;
    for (int32_t length : p.contextLens)
      p.width = std::max<int64_t>(p.width, length);
  }
  if (p.width > int32Max)
    return invalid("width " + llvm::Twine(p.width) + " does not fit in int32");

  p.pageStride = layout.pageBytes() + options.pagePadding;
  p.tableWidth = llvm::divideCeil(p.width, key.kvBlockSize);
  p.tableStride = p.tableWidth + options.tablePadding;
  p.weightsStride = heads + options.weightsPadding;
  p.logitsStride = p.width + options.logitsPadding;

  // Every live entry names its own block, and an eighth of them stay free.
  int64_t live = 0;
  for (int64_t b = 0; b < p.batch; ++b)
    live += p.liveEntries(b);
  int64_t blocksPerPage = key.pageSize / key.kvBlockSize;
  p.numPages = llvm::divideCeil(live + live / 8 + 1, blocksPerPage);

  auto table = product(p.batch, p.tableStride * int64_t(sizeof(int32_t)));
  auto logits = product(p.rows(), p.logitsStride * int64_t(sizeof(float)));
  auto pages = product(p.numPages, p.pageStride);
  int64_t filled = p.pageStride - layout.pageBytes() < untouchedGap
                       ? pages.value_or(0)
                       : p.numPages * layout.pageBytes();
  // Twice what is filled: the emulator's copy and ours.
  if (!table || !logits || !pages || p.numPages > int32Max ||
      !fits(double(*table) + 2.0 * *logits + 2.0 * filled))
    return invalid("a problem of batch " + llvm::Twine(p.batch) + ", width " +
                   llvm::Twine(p.width) + " and " + llvm::Twine(p.numPages) +
                   " pages does not fit in this machine's memory (" +
                   llvm::Twine(memory >> 30) + " GiB)");

  // q: every finite code is as likely as any other.
  uint8_t nan = nanCode(key.fp8);
  p.q.assign(p.batch * p.qStrideRequest, nan);
  for (int64_t b = 0; b < p.batch; ++b) {
    Random random(p.seed, Query, b);
    for (int64_t row = 0; row < key.nextN * heads; ++row) {
      uint8_t *codes = p.q.data() + b * p.qStrideRequest +
                       row / heads * p.qStrideToken +
                       row % heads * p.qStrideHead;
      for (int64_t d = 0; d < key.headDim; ++d)
        do
          codes[d] = uint8_t(random.bits() >> 56);
        while (std::isnan(decodeFp8(key.fp8, codes[d])));
    }
  }

  p.weights.assign(p.rows() * p.weightsStride,
                   std::numeric_limits<float>::quiet_NaN());
  for (int64_t row = 0; row < p.rows(); ++row) {
    Random random(p.seed, Gate, row);
    for (int64_t h = 0; h < heads; ++h)
      p.weights[row * p.weightsStride + h] = random.normal();
  }

  // Distinct blocks in random order (Fisher-Yates over the part we use).
  std::vector<int32_t> blocks(p.numEntries());
  for (auto [i, block] : llvm::enumerate(blocks))
    block = i;
  p.blockTable.assign(p.batch * p.tableStride, poisonEntry);
  Random entryRandom(p.seed, Entry, 0), invalidRandom(p.seed, Invalid, 0);
  const int32_t outOfRange[] = {-1, int32_t(p.numEntries()),
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max()};
  size_t next = 0;
  for (int64_t b = 0; b < p.batch; ++b)
    for (int64_t c = 0, e = p.liveEntries(b); c < e; ++c, ++next) {
      std::swap(blocks[next],
                blocks[next + entryRandom.below(blocks.size() - next)]);
      int32_t &entry = p.blockTable[b * p.tableStride + c];
      entry = blocks[next];
      if (options.invalidEntries &&
          int64_t(invalidRandom.below(100)) < options.invalidEntries)
        entry = outOfRange[invalidRandom.below(std::size(outOfRange))];
    }

  p.kv = mapMemory(p.kvBytes());
  if (!p.kv)
    return invalid("no memory for a cache of " + llvm::Twine(p.kvBytes()) +
                   " bytes");
  float fp8Max = key.arch ? key.arch->fp8Max : decodeFp8(key.fp8, 0x7e);
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency());
  auto ranges = p.kvRanges();
  for (auto [begin, end] : ranges)
    pool.async([&p, nan, begin = begin, end = end] {
      std::memset(p.kv.get() + begin, nan, end - begin);
    });
  pool.wait();
  std::vector<int64_t> steps = p.elementSteps();
  constexpr int64_t chunk = 4096;
  for (int64_t b = 0; b < p.batch; ++b)
    for (int64_t begin = 0, e = p.contextLen(b); begin < e; begin += chunk)
      pool.async(
          [&p, &steps, fp8Max, b, begin, end = std::min(begin + chunk, e)] {
            std::vector<float> row(p.key.headDim);
            for (int64_t t = begin; t < end; ++t) {
              int64_t slot = p.slot(b, t);
              if (slot < 0)
                continue;
              Random random(p.seed, Key, slot);
              drawToken(row, random);
              storeToken(p, slot, steps, fp8Max, row);
            }
          });
  pool.wait();
  return p;
}
