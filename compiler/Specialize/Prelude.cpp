//===- Prelude.cpp - What a key makes of a template -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialize/Prelude.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <tuple>

using namespace hipdex;

/// Whether each query row has a window of its own.
static bool isPrefill(const KernelKey &key) {
  return key.op == Op::MqaLogits || key.op == Op::PagedMqaPrefill;
}

/// Query rows of a token. stream_pages has none.
static int64_t headsOf(const KernelKey &key) {
  return key.op == Op::StreamPages ? 0 : key.heads;
}

/// The largest square product whose rows the query rows fill: without queries
/// the largest, whose K operand is what 32 heads and more read.
static unsigned mmaSizeFor(const KernelKey &key) {
  for (const MmaShape &shape : key.arch->fp8MmaShapes)
    if (shape.m == shape.n && headsOf(key) % shape.m == 0)
      return shape.m;
  return key.arch->fp8MmaShapes.back().m;
}

Schedule hipdex::scheduleFor(const KernelKey &key) {
  if (key.op != Op::PagedMqaLogits && key.op != Op::StreamPages &&
      !isPrefill(key))
    return key.op == Op::TopK ? topKSchedule(key) : rowSchedule(key);
  Schedule schedule;
  // A workgroup of four waves puts one on each SIMD of a compute unit.
  schedule.threads = key.arch->waveSize * key.arch->simdsPerCU;
  // One token a lane, so that a step's logits are one store.
  schedule.stepTokens = key.arch->waveSize;
  schedule.mmaSize = mmaSizeFor(key);

  // Registers of a lane, in 32-bit words. Operands of matrix products: query
  // rows and the K rows of a step. For arithmetic: the weights of the query
  // rows, two accumulators, and what addresses and the loop take (28, as LLVM
  // 22 does it). Arithmetic reaches 256 registers, whatever there are: past
  // them, no number is enough.
  int64_t heads = headsOf(key);
  int64_t accumulator = heads ? schedule.mmaSize * schedule.mmaSize / 64 : 0;
  int64_t queryRows = heads ? std::max<int64_t>(heads, schedule.mmaSize) : 0;
  auto wordsFor = [&](int64_t queries) -> int64_t {
    int64_t rows = queryRows * queries;
    int64_t operands = (rows + schedule.stepTokens) * key.headDim / 4 / 64;
    int64_t others =
        rows / schedule.mmaSize * accumulator + 2 * accumulator + 28;
    // Four scalar registers, of some 100, describe the output row of a query.
    if (others > 256 || queries > 7)
      return INT64_MAX;
    return operands + others;
  };
  // LLVM 22 gets along with up to a tenth less. Where it does not, the compiler
  // gives up a wave: spilling costs more.
  auto wavesFor = [&](int64_t queries) -> int64_t {
    return key.arch->vgprsPerSimdLane * 10 / 9 / wordsFor(queries);
  };

  schedule.teamWaves = 1;
  if (isPrefill(key)) {
    // The more query rows, the fewer times K is read and waited for: as many as
    // surely leave two waves on a SIMD, one computing while the other waits.
    // Four save three quarters already. On pages they would spill scalar
    // registers: each row has its output, window and request there.
    unsigned most = key.op == Op::MqaLogits ? 4 : 2;
    schedule.waveQueries = 1;
    for (unsigned queries = 2; queries <= most; ++queries)
      if (wordsFor(queries) <= key.arch->vgprsPerSimdLane / 2)
        schedule.waveQueries = queries;
    schedule.wavesPerSimd =
        std::clamp<int64_t>(wavesFor(schedule.waveQueries), 1, 4);
    return schedule;
  }

  // How many waves share the query tokens of a request. They load the same K,
  // at about the same time, so that all but the first find it in the L1 cache.
  // In this order: all words fit in registers; the fewest query tokens in all
  // (where the waves do not divide them, two waves take the same one); two
  // waves on a SIMD, one computing while the other waits; the fewest waves.
  auto costOf = [&](int64_t team) {
    int64_t queries = llvm::divideCeil(key.nextN, team);
    int64_t waves = wavesFor(queries);
    return std::make_tuple(waves < 1, team * queries, waves < 2, team);
  };
  for (unsigned team = 2; team <= key.arch->simdsPerCU; team *= 2)
    if (costOf(team) < costOf(schedule.teamWaves))
      schedule.teamWaves = team;
  schedule.waveQueries = llvm::divideCeil(key.nextN, schedule.teamWaves);

  // Four waves of 16-byte loads cover the latency of memory on every part of
  // the table (8.4 KB of K a wave against 3.5 KB a SIMD, by Little's law); more
  // would only share it.
  schedule.wavesPerSimd =
      std::clamp<int64_t>(wavesFor(schedule.waveQueries), 1, 4);
  return schedule;
}

namespace {

/// Writes `#tile.distribution<...>`.
struct Axis {
  int64_t count;
  unsigned dim;
  int64_t step;
};

std::string axes(llvm::StringRef name, llvm::ArrayRef<Axis> list) {
  std::string text = (name + " = [").str();
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(list, os, [&](const Axis &axis) {
    os << axis.count << " x d" << axis.dim << " by " << axis.step;
  });
  os << "]";
  return text;
}

std::string distribution(llvm::ArrayRef<Axis> lane,
                         llvm::ArrayRef<Axis> fragment,
                         llvm::ArrayRef<Axis> element) {
  return "#tile.distribution<" + axes("lane", lane) + ", " +
         axes("fragment", fragment) + ", " + axes("element", element) + ">";
}

} // namespace

/// Writes `!name = type`.
static void alias(llvm::raw_ostream &os, llvm::StringRef name,
                  const llvm::Twine &value) {
  os << llvm::formatv("{0,-15} = ", name) << value << "\n";
}

static std::string tensor(const llvm::Twine &shape, llvm::StringRef element,
                          const llvm::Twine &layout) {
  return ("tensor<" + shape + "x" + element + ", " + layout + ">").str();
}

namespace {
/// The aliases of query rows, before those of K, and of what becomes of them.
struct QueryAliases {
  std::string queries, scores;
};
} // namespace

static QueryAliases queryAliases(const KernelKey &key, const Schedule &schedule,
                                 llvm::StringRef fp8) {
  int64_t n = schedule.waveQueries, heads = key.heads, depth = key.headDim;
  int64_t tokens = schedule.stepTokens, size = schedule.mmaSize;
  int64_t groups = key.arch->waveSize / size; // lanes that share a row
  // Fewer heads than rows of a product stand in it several times.
  int64_t copies = std::max<int64_t>(size / heads, 1);
  int64_t rows = size / copies; // different ones in a product

  // An operand: a lane holds every `groups`-th 16-byte chunk of a row. An
  // accumulator: a lane holds four rows out of every 4 * groups of a column.
  std::vector<Axis> queryFragments = {{depth / (16 * groups), 2, 16 * groups},
                                      {heads / rows, 1, rows},
                                      {n, 0, 1}};
  std::vector<Axis> rowFragments = {{heads / rows, 1, rows}, {n, 0, 1}};
  std::vector<Axis> scoreFragments = rowFragments;
  scoreFragments.push_back({tokens / size, 2, size});
  std::vector<Axis> rowElements = {{4, 1, 1}};
  if (size > 4 * groups)
    rowElements.push_back({size / (4 * groups), 1, 4 * groups});

  std::vector<Axis> queryLanes = {{rows, 1, 1}};
  std::vector<Axis> gateLanes = {{size, 0, 0}, {groups / copies, 1, 4}};
  std::vector<Axis> scoreLanes = {{size, 2, 1}, {groups / copies, 1, 4}};
  if (copies > 1) {
    queryLanes.push_back({copies, 1, 0});
    gateLanes.push_back({copies, 1, 0});
    scoreLanes.push_back({copies, 1, 0});
  }
  queryLanes.push_back({groups, 2, 16});

  QueryAliases text;
  std::string queryHeads = llvm::formatv("{0}x{1}", n, heads);
  llvm::raw_string_ostream queries(text.queries), scores(text.scores);
  queries << "\n// q[queries, heads, head_dim] and k[tokens, head_dim] as the "
             "operands of "
          << size << "x" << size
          << " products: a lane holds 16-byte chunks of one row.\n";
  alias(queries, "!q", "!tile.global<" + fp8 + ">");
  alias(queries, "!queries",
        tensor(queryHeads + "x" + llvm::Twine(depth), fp8,
               distribution(queryLanes, queryFragments, {{16, 2, 1}})));
  scores << "\n// scores[queries, heads, tokens]: heads on registers, tokens "
            "on lanes; their weights[queries, heads] in the same places.\n";
  alias(scores, "#scores",
        distribution(scoreLanes, scoreFragments, rowElements));
  alias(scores, "!scores",
        tensor(queryHeads + "x" + llvm::Twine(tokens), "f32", "#scores"));
  alias(scores, "!score_bits",
        tensor(queryHeads + "x" + llvm::Twine(tokens), "i32", "#scores"));
  alias(scores, "!gate",
        tensor(queryHeads, "f32",
               distribution(gateLanes, rowFragments, rowElements)));
  return text;
}

/// Of the kernels that take steps of 64 tokens.
static std::string stepsPrelude(const KernelKey &key) {
  Schedule schedule = scheduleFor(key);
  int64_t n = schedule.waveQueries, depth = key.headDim;
  int64_t tokens = schedule.stepTokens, size = schedule.mmaSize;
  int64_t groups = key.arch->waveSize / size; // lanes that share a row
  llvm::StringRef fp8 =
      key.fp8 == Fp8Format::E4M3FN ? "f8E4M3FN" : "f8E4M3FNUZ";
  QueryAliases ofQueries;
  if (headsOf(key))
    ofQueries = queryAliases(key, schedule, fp8);
  else
    ofQueries.queries = llvm::formatv(
        "\n// k[tokens, head_dim] as an operand of {0}x{0} products: a lane "
        "holds 16-byte chunks of one row.\n",
        size);

  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#next_n         = {3} : i32
#team_waves     = {4} : i32
#wave_queries   = {5} : i32
#fills_tail     = {6}
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd, key.nextN,
      schedule.teamWaves, n, key.tail == Tail::NegInf);
  if (key.op != Op::MqaLogits)
    os << llvm::formatv(
        R"(#kv_block_size  = {0} : i64
#entries_per_page = {1} : i32
#trusts_table   = {2}
!cache          = !indexer.cache<page_size = {3}, head_dim = {4}, order = {5}, fp8 = {6}>
)",
        key.kvBlockSize, key.pageSize / key.kvBlockSize, !key.checkTable,
        key.pageSize, depth, key.preshuffle ? "preshuffle(16,16)" : "plain",
        fp8);
  std::string columns = llvm::formatv("{0}x{1}", n, tokens);
  std::string keyTokens = distribution({{size, 0, 1}, {groups, 0, 0}},
                                       {{tokens / size, 0, size}}, {});
  os << ofQueries.queries;
  alias(os, "!keys",
        tensor(llvm::Twine(tokens) + "x" + llvm::Twine(depth), fp8,
               distribution({{size, 0, 1}, {groups, 1, 16}},
                            {{depth / (16 * groups), 1, 16 * groups},
                             {tokens / size, 0, size}},
                            {{16, 1, 1}})));
  alias(os, "!key_entries", tensor(llvm::Twine(tokens), "i32", keyTokens));
  alias(os, "!key_flags", tensor(llvm::Twine(tokens), "i1", keyTokens));
  os << ofQueries.scores;
  os << "\n// One number for each [query, token]: lane t holds token t.\n";
  alias(os, "#tokens", distribution({{tokens, 1, 1}}, {{n, 0, 1}}, {}));
  alias(os, "!logits", tensor(columns, "f32", "#tokens"));
  alias(os, "!entries", tensor(columns, "i32", "#tokens"));
  alias(os, "!flags", tensor(columns, "i1", "#tokens"));
  return text;
}

std::string hipdex::preludeFor(const KernelKey &key) {
  switch (key.op) {
  case Op::KQuantStore:
    return kQuantStorePrelude(key);
  case Op::KGather:
    return kGatherPrelude(key);
  case Op::KMove:
    return kMovePrelude(key);
  case Op::TopK:
    return topKPrelude(key);
  case Op::QkPrep:
    return qkPrepPrelude(key);
  case Op::PagedMqaLogits:
  case Op::StreamPages:
  case Op::MqaLogits:
  case Op::PagedMqaPrefill:
    return stepsPrelude(key);
  }
  llvm_unreachable("a key's op is one of these");
}
