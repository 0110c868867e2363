//===- SegmentsTest.cpp - Memory that kernels on K rows touch -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// 64-byte segments that the instructions of a launch touch, against those that
// its rows, K and scales are in. Segments of tables (slots, block tables,
// lengths, the error word) are told apart: how many there are follows from the
// number of waves, not from the bytes that are moved, and caches hold them.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Gather.h"
#include "reference/KeySpace.h"
#include "reference/Move.h"
#include "reference/QuantStore.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

//===----------------------------------------------------------------------===//
// Whole consecutive pages of each op
//===----------------------------------------------------------------------===//

/// A multiple of every page size.
static constexpr int64_t wholePages = 1024;

static std::unique_ptr<RowProblem> storeConsecutive(const KernelKey &key) {
  QuantStoreOptions options;
  options.seed = nextSeed();
  options.tokens = wholePages;
  options.numPages = wholePages / key.pageSize + 1;
  options.consecutive = true;
  return std::make_unique<QuantStoreProblem>(
      require(QuantStoreProblem::random(key, options)));
}

static std::unique_ptr<RowProblem> gatherConsecutive(const KernelKey &key) {
  auto p = std::make_unique<GatherProblem>();
  p->key = key;
  p->batch = 4;
  p->tokens = wholePages;
  p->numPages = wholePages / key.pageSize;
  p->pageStride = key.layout().pageBytes();
  p->tableWidth = p->tableStride = p->numEntries() / p->batch;
  p->kStride = key.headDim;
  p->scalesStride = 1;
  p->allocate();
  for (size_t i = 0; i < p->table.size(); ++i)
    p->table[i] = i;
  for (size_t b = 0; b < p->cuSeqLens.size(); ++b)
    p->cuSeqLens[b] = b * wholePages / p->batch;
  for (size_t i = 0; i < p->cache.size(); ++i)
    p->cache[i] = i * 31;
  return p;
}

static std::unique_ptr<RowProblem> moveConsecutive(const KernelKey &key) {
  MoveOptions options;
  options.seed = nextSeed();
  options.runTokens = std::max(key.pageSize, key.targetPageSize);
  options.entries = wholePages / options.runTokens;
  options.consecutive = true;
  return std::make_unique<MoveProblem>(
      require(MoveProblem::random(key, options)));
}

namespace {
struct CountedOp {
  Op op;
  std::unique_ptr<RowProblem> (*make)(const KernelKey &key);
};
} // namespace

static const CountedOp countedOps[] = {{Op::KQuantStore, storeConsecutive},
                                       {Op::KGather, gatherConsecutive},
                                       {Op::KMove, moveConsecutive}};

//===----------------------------------------------------------------------===//
// Counts
//===----------------------------------------------------------------------===//

namespace {
struct Touched {
  uint64_t needed = 0; ///< Of rows, K and scales.
  uint64_t data = 0;   ///< Touched of them, once an instruction.
  uint64_t tables = 0; ///< Touched of the rest.

  double ratio() const { return double(data) / double(needed); }
};
} // namespace

/// Segments in the ranges, which begin at an aligned address.
static uint64_t segmentsOf(llvm::ArrayRef<hipdex_emulator_range> ranges) {
  llvm::DenseSet<uint64_t> segments;
  for (const hipdex_emulator_range &range : ranges)
    for (uint64_t s = range.offset / 64;
         s <= (range.offset + range.bytes - 1) / 64; ++s)
      segments.insert(s);
  return segments.size();
}

static Touched countTouched(RowProblem &problem) {
  const KernelKey &key = problem.key;
  INFO(key.str() << ", problem seed " << problem.seed);
  Touched result;
  uint64_t all = 0;
  for (auto [operand, ranges] :
       llvm::zip_equal(problem.operands(), problem.touched())) {
    if (operand.isTable)
      continue;
    std::unique_ptr<RowProblem> got = problem.clone();
    LaunchCounters counters;
    RowLaunchOptions options;
    options.counters = &counters;
    options.watched = operand.argument;
    require(launchRows(deviceOf(*key.arch), kernelOf(key), *got, options));
    CHECK(problem.compare(*got) == "");
    const hipdex_emulator_counters &counts = counters.counts;
    result.needed += segmentsOf(ranges);
    result.data +=
        counts.watched_segments_loaded + counts.watched_segments_stored;
    all = counts.segments_loaded + counts.segments_stored;
  }
  result.tables = all - result.data;
  return result;
}

TEST_CASE("whole pages are moved in whole segments") {
  for (const CountedOp &counted : countedOps) {
    double least = INFINITY, most = 0, leastOfOne = INFINITY, mostOfOne = 0;
    uint64_t tables = 0, keys = 0;
    for (const KernelKey &key : coveringKeys(counted.op)) {
      std::unique_ptr<RowProblem> problem = counted.make(key);
      Touched touched = countTouched(*problem);
      INFO(key.str() << ": " << touched.data << " segments of rows, K and "
                     << "scales touched, " << touched.needed << " needed");
      double ratio = touched.ratio();
      CHECK(ratio >= 1);
      if (key.pageSize == 1 ||
          (counted.op == Op::KMove && key.targetPageSize == 1)) {
        // The scale of a token is between its K and the next token's, and is
        // an access of its own.
        leastOfOne = std::min(leastOfOne, ratio);
        mostOfOne = std::max(mostOfOne, ratio);
        continue;
      }
      CHECK(ratio <= 1.1);
      least = std::min(least, ratio);
      most = std::max(most, ratio);
      tables = std::max(tables, touched.tables);
      ++keys;
    }
    llvm::outs() << opName(counted.op)
                 << ", whole pages: " << llvm::format("%.3f..%.3f", least, most)
                 << " of the segments needed (" << keys
                 << " keys), besides at most "
                 << llvm::format("%.2f", double(tables) / wholePages)
                 << " of tables a token; pages of one token: "
                 << llvm::format("%.3f..%.3f", leastOfOne, mostOfOne) << "\n";
    llvm::outs().flush();
  }
}

TEST_CASE("stores of a decode step print their segments") {
  for (const char *text : {"k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn",
                           "k_quant_store.gfx950.p64.d128.plain.bf16.i64.fn",
                           "k_quant_store.gfx950.p1.d128.plain.bf16.i64.fn"}) {
    KernelKey key = require(KernelKey::parse(text));
    // One token of each request, in a page of its own.
    for (int64_t tokens : {1, 64}) {
      QuantStoreOptions options;
      options.seed = nextSeed();
      options.tokens = tokens;
      options.numPages = tokens;
      QuantStoreProblem problem =
          require(QuantStoreProblem::random(key, options));
      for (int64_t t = 0; t < tokens; ++t) {
        int64_t slot = t * key.pageSize + (t * 37 + 11) % key.pageSize;
        std::memcpy(problem.slots.data() + t * sizeof(slot), &slot,
                    sizeof(slot));
      }
      Touched touched = countTouched(problem);
      llvm::outs() << key.str() << ", " << tokens << " tokens: "
                   << llvm::format("%.2f", double(touched.data) / tokens)
                   << " segments a token touched, "
                   << llvm::format("%.2f", double(touched.needed) / tokens)
                   << " needed, besides "
                   << llvm::format("%.2f", double(touched.tables) / tokens)
                   << " of tables\n";
      llvm::outs().flush();
      CHECK(touched.data >= touched.needed);
      if (key.pageSize > 1)
        CHECK(touched.ratio() <= 1.1);
    }
  }
}
