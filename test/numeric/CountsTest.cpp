//===- CountsTest.cpp - What a kernel may cost ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Counts, not times: they are the same on every machine.
// test/numeric/counts.txt has them for one key of each family; `ninja -C build
// update-counts` writes it anew.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Gather.h"
#include "reference/Move.h"
#include "reference/PagedMqaPrefill.h"
#include "reference/QkPrep.h"
#include "reference/TopK.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

using namespace hipdex;

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

namespace {

/// The families: what stands between arch and fp8 format in a key's text, and
/// what may follow.
struct Family {
  const char *fields, *suffix;
  const char *op = "paged_mqa_logits";
};

const Family families[] = {
    {"p64.d128.b64.pre.h8.n1", ""},
    {"p64.d128.b64.pre.h16.n1", ""},
    {"p64.d128.b64.pre.h32.n1", ""},
    {"p64.d128.b64.pre.h64.n1", ""},
    {"p64.d128.b64.pre.h128.n1", ""},
    {"p64.d128.b64.pre.h8.n2", ""},
    {"p64.d128.b64.pre.h16.n2", ""},
    {"p64.d128.b64.pre.h32.n2", ""},
    {"p64.d128.b64.pre.h64.n2", ""},
    {"p64.d128.b64.pre.h128.n2", ""},
    {"p64.d128.b64.pre.h8.n4", ""},
    {"p64.d128.b64.pre.h16.n4", ""},
    {"p64.d128.b64.pre.h32.n4", ""},
    {"p64.d128.b64.pre.h64.n4", ""},
    {"p64.d128.b64.pre.h128.n4", ""},
    {"p64.d128.b64.pre.h8.n6", ""},
    {"p64.d128.b64.pre.h16.n6", ""},
    {"p64.d128.b64.pre.h32.n6", ""},
    {"p64.d128.b64.pre.h64.n6", ""},
    {"p64.d128.b64.pre.h128.n6", ""},
    {"p64.d64.b64.pre.h64.n1", ""},
    {"p16.d128.b16.pre.h64.n1", ""},
    {"p1.d128.b1.plain.h32.n1", ""},
    {"p1.d128.b1.plain.h64.n1", ""},
    {"p1.d128.b1.plain.h64.n2", ""},
    {"p64.d128.b1.pre.h64.n1", ""},
    {"p64.d128.b1.plain.h64.n1", ""},
    {"p64.d128.b64.plain.h32.n1", ""},
    {"p64.d128.b64.plain.h64.n1", ""},
    {"p64.d128.b64.plain.h64.n2", ""},
    {"p64.d128.b64.pre.h64.n1", ".neginf"},
    {"p64.d128.b64.pre.h32.n4", ".neginf"},
    {"p64.d128.b64.pre.h64.n1", ".unchecked"},
    {"p64.d128.b1.pre.h64.n1", ".unchecked"},
    {"p1.d128.b1.plain.h64.n1", ".unchecked"},
    {"p64.d128.b64.pre.n1", "", "stream_pages"},
    {"p64.d128.b64.pre.n2", "", "stream_pages"},
    {"p64.d128.b64.pre.n4", "", "stream_pages"},
    {"p64.d128.b64.pre.n8", "", "stream_pages"},
    {"p64.d64.b64.pre.n1", "", "stream_pages"},
    {"p16.d128.b16.pre.n1", "", "stream_pages"},
    {"p1.d128.b1.plain.n1", "", "stream_pages"},
    {"p64.d128.b1.pre.n1", "", "stream_pages"},
    {"p64.d128.b64.plain.n1", "", "stream_pages"},
    {"p64.d128.b64.pre.n1", ".neginf", "stream_pages"},
    {"p64.d128.b64.pre.n1", ".unchecked", "stream_pages"},
    {"p64.d128.pre.h64.neox.first.bf16.i64", "", "qk_prep"},
    {"p64.d128.pre.h64.neox.first.bf16.i64", ".hadamard", "qk_prep"},
    {"p64.d128.pre.h32.interleaved.first.bf16.i64", "", "qk_prep"},
    {"p64.d128.pre.h64.interleaved.last.bf16.i64", ".ue8m0.hadamard",
     "qk_prep"},
    {"p1.d128.plain.h64.neox.first.f16.i64", "", "qk_prep"},
    {"p64.d128.pre.h8.neox.first.bf16.i64", "", "qk_prep"},
    {"p64.d128.pre.bf16.i64", "", "k_quant_store"},
    {"p1.d128.plain.bf16.i64", ".ue8m0", "k_quant_store"},
    {"p64.d128.b64.pre", "", "k_gather"},
    {"p1.d128.b1.plain", "", "k_gather"},
    {"p64.d128.pre.t64.pre.i64", "", "k_move"},
    {"p1.d128.plain.t64.pre.i64", "", "k_move"},
    {"d128.h32", "", "mqa_logits"},
    {"d128.h64", "", "mqa_logits"},
    {"p64.d128.b64.pre.h64", "", "paged_mqa_prefill"},
    {"decode.column.b1", "", "topk"},
    {"prefill.slot.b64", "", "topk"},
};

std::string keyText(const Arch &arch, llvm::StringRef fields,
                    llvm::StringRef suffix = "",
                    llvm::StringRef op = "paged_mqa_logits") {
  std::string text = (op + "." + arch.name + "." + fields).str();
  // A selection knows no fp8.
  if (op != "topk")
    text += ("." + fp8KeyName(arch.fp8)).str();
  return text + suffix.str();
}

/// The columns. Instructions are those of a wave, for 16 tokens.
enum Column {
  Total,
  Mfma,
  Valu,
  Load,
  Store,
  Smem,
  Salu,
  Lds,
  Other,    ///< Waits, branches, hints.
  Tail,     ///< Instructions for 1024 cells of -inf.
  Prologue, ///< Instructions before a wave's first K load, of 64 requests.
  Vgprs,
  Agprs,
  Waves, ///< A SIMD holds.
  NumColumns
};
const char *const columnNames[NumColumns] = {
    "total", "mfma",  "valu", "load",     "store", "smem",  "salu",
    "lds",   "other", "tail", "prologue", "vgprs", "agprs", "waves"};

using Row = std::array<double, NumColumns>;
/// By key, in the order of the file: archs, then families.
using Table = std::vector<std::pair<std::string, Row>>;

hipdex_emulator_counters count(const KernelKey &key, ProblemOptions options,
                               std::optional<uint32_t> workgroups) {
  LaunchCounters counters;
  check(draw(key, options), &counters, workgroups);
  return counters.counts;
}

template <typename Problem>
hipdex_emulator_counters countRows(llvm::Expected<Problem> problem) {
  if (!problem)
    FAIL(llvm::toString(problem.takeError()));
  const KernelKey &key = problem->key;
  LaunchCounters counters;
  RowLaunchOptions launch;
  launch.counters = &counters;
  if (llvm::Error error =
          launchRows(deviceOf(*key.arch), kernelOf(key), *problem, launch))
    FAIL(llvm::toString(std::move(error)));
  return counters.counts;
}

/// So many tokens of a family that has others than a batch of contexts: what
/// they are of an op, the header says.
hipdex_emulator_counters countTokens(const KernelKey &key, int64_t tokens) {
  uint64_t seed = nextSeed();
  int64_t numPages = tokens / key.pageSize + 1;
  // Those of one wave.
  auto rows = [&] {
    MqaLogitsOptions options;
    options.rows = metadataOf(kernelOf(key)).waveQueries;
    options.tokens = tokens;
    options.isCausal = true;
    options.seed = seed;
    return options;
  };
  switch (key.op) {
  case Op::QkPrep: {
    QkPrepOptions options;
    options.store.tokens = tokens;
    options.store.seed = seed;
    options.store.numPages = numPages;
    return countRows(QkPrepProblem::random(key, options));
  }
  case Op::KQuantStore: {
    QuantStoreOptions options;
    options.tokens = tokens;
    options.seed = seed;
    options.numPages = numPages;
    return countRows(QuantStoreProblem::random(key, options));
  }
  case Op::KGather: {
    GatherOptions options;
    options.batch = 1;
    options.longest = 2 * tokens;
    options.seed = seed;
    GatherProblem problem = GatherProblem::random(key, options);
    while (problem.tokens < tokens) {
      ++options.seed;
      problem = GatherProblem::random(key, options);
    }
    problem.tokens = problem.cuSeqLens.back() = tokens;
    return countRows(llvm::Expected<GatherProblem>(std::move(problem)));
  }
  case Op::KMove: {
    MoveOptions options;
    options.entries = tokens;
    options.seed = seed;
    return countRows(MoveProblem::random(key, options));
  }
  case Op::MqaLogits:
    return countRows(llvm::Expected<MqaLogitsProblem>(
        MqaLogitsProblem::random(key, rows())));
  case Op::PagedMqaPrefill: {
    PagedMqaPrefillOptions options;
    options.rows = rows();
    options.batch = 1;
    auto problem = PagedMqaPrefillProblem::random(key, options);
    while (llvm::any_of(problem.requests, [](int32_t r) { return r != 0; })) {
      ++options.rows.seed;
      problem = PagedMqaPrefillProblem::random(key, options);
    }
    return countRows(
        llvm::Expected<PagedMqaPrefillProblem>(std::move(problem)));
  }
  case Op::TopK: {
    TopKOptions options;
    options.rows = options.batch = 1;
    options.width = tokens;
    options.k = 2048;
    options.isFull = true;
    // One seed: what a selection finds decides a few of its instructions.
    options.seed = 1;
    return countRows(
        llvm::Expected<TopKProblem>(TopKProblem::random(key, options)));
  }
  case Op::PagedMqaLogits:
  case Op::StreamPages:
    break;
  }
  FAIL(key.str() << " has contexts");
  return {};
}

/// Two numbers of tokens, between which a launch has more of nothing but steps,
/// or of waves that do one each; of a selection, of workgroups.
std::pair<int64_t, int64_t> tokensOf(const KernelKey &key) {
  switch (key.op) {
  case Op::QkPrep:
    return {32, 96};
  case Op::MqaLogits:
  case Op::PagedMqaPrefill: {
    // Eight steps would be shared by two waves (docs/kernel-abi.md).
    int64_t step = metadataOf(kernelOf(key)).stepTokens;
    return {4 * step, 7 * step};
  }
  case Op::TopK:
    return {1 << 16, 1 << 17};
  default:
    return {512, 1536};
  }
}

Row measure(const KernelKey &key) {
  Row row = {};
  // One workgroup, two lengths: the loop alone, without what waves do once.
  auto counted = [&](int32_t length, int64_t width) {
    ProblemOptions options;
    options.contextLens = {length};
    options.width = width;
    return count(key, options, 1);
  };
  bool hasContexts = Problem::isOf(key.op);
  auto [few, many] =
      hasContexts ? std::pair<int64_t, int64_t>{2560, 7680} : tokensOf(key);
  hipdex_emulator_counters less =
      hasContexts ? counted(few, few) : countTokens(key, few);
  hipdex_emulator_counters more =
      hasContexts ? counted(many, many) : countTokens(key, many);
  int64_t tokens = many - few;
  auto per16 = [&](uint64_t hipdex_emulator_counters::*field) {
    return double(more.*field - less.*field) / (double(tokens) / 16);
  };
  row[Total] = per16(&hipdex_emulator_counters::instructions);
  row[Mfma] = per16(&hipdex_emulator_counters::mfma);
  row[Valu] = per16(&hipdex_emulator_counters::valu);
  row[Load] = per16(&hipdex_emulator_counters::vmem_load);
  row[Store] = per16(&hipdex_emulator_counters::vmem_store);
  row[Smem] = per16(&hipdex_emulator_counters::smem);
  row[Salu] = per16(&hipdex_emulator_counters::salu);
  row[Lds] = per16(&hipdex_emulator_counters::lds);
  row[Other] = row[Total];
  for (Column column : {Mfma, Valu, Load, Store, Smem, Salu, Lds})
    row[Other] -= row[column];

  if (hasContexts) {
    uint64_t narrow = counted(64, 4096).instructions,
             wide = counted(64, 4096 + 16384).instructions;
    row[Tail] = double(wide - narrow) / (16.0 * key.nextN);
    ProblemOptions batch;
    batch.contextLens.assign(64, 100);
    row[Prologue] = count(key, batch, std::nullopt).max_before_watched;
  }

  KernelMetadata metadata = metadataOf(kernelOf(key));
  row[Vgprs] = metadata.vgprs;
  row[Agprs] = metadata.agprs;
  row[Waves] = metadata.wavesPerSimd;
  return row;
}

const Table &freshTable() {
  static const Table table = [] {
    Table fresh;
    for (const Arch &arch : archTable())
      for (const Family &family : families) {
        std::string text =
            keyText(arch, family.fields, family.suffix, family.op);
        auto key = KernelKey::parse(text);
        llvm::Error error = key ? key->validate() : key.takeError();
        if (error)
          FAIL(text << ": " << llvm::toString(std::move(error)));
        fresh.emplace_back(text, measure(*key));
      }
    return fresh;
  }();
  return table;
}

const Row *find(const Table &table, llvm::StringRef key) {
  for (const auto &[text, row] : table)
    if (text == key)
      return &row;
  return nullptr;
}

constexpr char header[] =
    "# What the kernels cost, as the emulator counts it: wave instructions for "
    "16\n"
    "# tokens in the steady state, in all and by unit; for 1024 cells of -inf "
    "(tail);\n"
    "# before a wave's first K load in a batch of 64 (prologue); registers; "
    "waves that\n"
    "# a SIMD holds. Tokens are those of a request; of qk_prep, k_quant_store "
    "and k_move\n"
    "# those of the launch, of k_gather those of one request; of mqa_logits "
    "and\n"
    "# paged_mqa_prefill columns of the query rows that a wave takes, of topk "
    "of "
    "one row,\n"
    "# of which 2048 are selected. Written by `ninja -C build update-counts`; "
    "the numeric\n"
    "# tests fail when a number is more than 3% off, in either direction.\n";

std::string print(const Table &table) {
  std::string text = header;
  llvm::raw_string_ostream os(text);
  size_t width = 0;
  for (const auto &entry : table)
    width = std::max(width, entry.first.size());
  os << llvm::left_justify("key", width);
  for (const char *name : columnNames)
    os << llvm::right_justify(name, 9);
  os << "\n";
  for (const auto &[key, row] : table) {
    os << llvm::left_justify(key, width);
    for (unsigned column = 0; column < NumColumns; ++column)
      os << llvm::format(column < Prologue ? "%9.2f" : "%9.0f", row[column]);
    os << "\n";
  }
  return text;
}

Table readTable() {
  auto buffer = llvm::MemoryBuffer::getFile(HIPDEX_COUNTS);
  if (!buffer)
    FAIL(HIPDEX_COUNTS << ": " << buffer.getError().message());
  Table table;
  bool names = false;
  for (llvm::StringRef line : llvm::split((*buffer)->getBuffer(), '\n')) {
    llvm::SmallVector<llvm::StringRef> cells;
    llvm::SplitString(line, cells);
    if (cells.empty() || cells[0].starts_with("#"))
      continue;
    INFO(line.str());
    REQUIRE(cells.size() == NumColumns + 1);
    if (!names) {
      for (unsigned column = 0; column < NumColumns; ++column)
        REQUIRE(cells[column + 1] == columnNames[column]);
      names = true;
      continue;
    }
    auto &[key, row] = table.emplace_back();
    key = cells[0].str();
    for (unsigned column = 0; column < NumColumns; ++column)
      REQUIRE(!cells[column + 1].getAsDouble(row[column]));
  }
  return table;
}

} // namespace

TEST_CASE("counts are those of counts.txt") {
  Table written = readTable();
  for (const auto &[key, fresh] : freshTable()) {
    INFO(key);
    const Row *old = find(written, key);
    if (!old) {
      FAIL_CHECK("counts.txt has no such row; run ninja update-counts");
      continue;
    }
    for (unsigned column = 0; column < NumColumns; ++column) {
      // An instruction that moves to another unit is no growth.
      double before = (*old)[column], after = fresh[column];
      double tolerance =
          0.03 * (column <= Other ? (*old)[Total] : before) + 0.01;
      // Shrinking fails too: a table that flatters nobody is the one to
      // compare the next change with.
      if (std::fabs(after - before) > tolerance)
        FAIL_CHECK(
            columnNames[column]
            << (after > before ? " grew" : " shrank") << " from " << before
            << " to " << after
            << (after > before ? "" : "; run ninja update-counts to keep it"));
    }
  }
  for (const auto &entry : written) {
    INFO(entry.first);
    if (!find(freshTable(), entry.first))
      FAIL_CHECK("counts.txt has a row that is counted no more; run ninja "
                 "update-counts");
  }
}

/// Of kernels from HIP C++ text, which ctest runs this with: no worse code.
/// Less is no failure here, as clang's version decides it.
TEST_CASE("counts of the text are no worse", "[.][hip-counts]") {
  for (const auto &[key, ours] : readTable()) {
    auto parsed = KernelKey::parse(key);
    if (!parsed)
      FAIL(key << ": " << llvm::toString(parsed.takeError()));
    Row text = measure(*parsed);
    INFO(key);
    for (Column column : {Total, Column::Tail, Prologue, Vgprs})
      if (text[column] > 1.05 * ours[column] + 0.01)
        FAIL_CHECK(columnNames[column] << " is " << text[column]
                                       << " from the text, " << ours[column]
                                       << " from the compiler");
  }
}

/// Not a test: what `ninja update-counts` runs.
TEST_CASE("update counts.txt", "[.][update-counts]") {
  std::string text = print(freshTable());
  llvm::Error error = llvm::writeToOutput(
      HIPDEX_COUNTS, [&](llvm::raw_ostream &os) -> llvm::Error {
        os << text;
        return llvm::Error::success();
      });
  if (error)
    FAIL(llvm::toString(std::move(error)));
}

TEST_CASE("counts keep to their limits") {
  struct Limit {
    const char *arch, *fields;
    double instructions;
  };
  // aiter's Gluon kernel needs 97 and 95.5 (heads 64), 61.3 and 61.8 (heads 32)
  // for next_n 1 on gfx942 and gfx950, and 232 for pages of one token.
  const Limit limits[] = {{"gfx942", "p64.d128.b64.pre.h64.n1", 48},
                          {"gfx950", "p64.d128.b64.pre.h64.n1", 42},
                          {"gfx942", "p64.d128.b64.pre.h32.n1", 31},
                          {"gfx950", "p64.d128.b64.pre.h32.n1", 28},
                          {"gfx942", "p64.d128.b64.pre.h64.n2", 92},
                          {"gfx950", "p64.d128.b64.pre.h64.n2", 80},
                          {"gfx942", "p64.d128.b64.pre.h32.n4", 100},
                          {"gfx950", "p64.d128.b64.pre.h32.n4", 85},
                          {"gfx942", "p1.d128.b1.plain.h64.n1", 60},
                          {"gfx950", "p1.d128.b1.plain.h64.n1", 55},
                          {"gfx942", "p64.d128.b1.pre.h64.n1", 62},
                          {"gfx950", "p64.d128.b1.pre.h64.n1", 56}};
  auto total = [](const Arch &arch, llvm::StringRef fields,
                  llvm::StringRef suffix = "") {
    const Row *row = find(freshTable(), keyText(arch, fields, suffix));
    REQUIRE(row);
    return (*row)[Total];
  };
  for (const Limit &limit : limits) {
    INFO(limit.arch << " " << limit.fields);
    CHECK(total(*lookupArch(limit.arch), limit.fields) <= limit.instructions);
  }
  for (const Arch &arch : archTable()) {
    INFO(arch.name.str());
    // A plain cache costs hardly more than a preshuffled one.
    CHECK(total(arch, "p64.d128.b64.plain.h64.n1") <=
          1.05 * total(arch, "p64.d128.b64.pre.h64.n1"));
    CHECK(total(arch, "p64.d128.b64.pre.h32.n6") <=
          1.55 * total(arch, "p64.d128.b64.pre.h32.n4"));
    // The roofline asks of memory what the logits kernel asks, and of the rest
    // of the machine far less.
    for (auto [logits, stream] :
         {std::pair<const char *, const char *>{"p64.d128.b64.pre.h64.n1",
                                                "p64.d128.b64.pre.n1"},
          {"p64.d128.b64.pre.h64.n2", "p64.d128.b64.pre.n2"},
          {"p64.d64.b64.pre.h64.n1", "p64.d64.b64.pre.n1"},
          {"p16.d128.b16.pre.h64.n1", "p16.d128.b16.pre.n1"},
          {"p1.d128.b1.plain.h64.n1", "p1.d128.b1.plain.n1"},
          {"p64.d128.b1.pre.h64.n1", "p64.d128.b1.pre.n1"},
          {"p64.d128.b64.plain.h64.n1", "p64.d128.b64.plain.n1"}}) {
      INFO(stream);
      const Row *ofLogits = find(freshTable(), keyText(arch, logits));
      const Row *ofStream =
          find(freshTable(), keyText(arch, stream, "", "stream_pages"));
      REQUIRE(ofLogits);
      REQUIRE(ofStream);
      CHECK((*ofStream)[Load] == (*ofLogits)[Load]);
      CHECK((*ofStream)[Store] == (*ofLogits)[Store]);
      CHECK((*ofStream)[Mfma] == 0);
      CHECK((*ofStream)[Total] <= 0.5 * (*ofLogits)[Total]);
    }
    // qk_prep, for a row of q, which is a sixteenth of a wave. The transform
    // rounds each element twice, for which gfx942 has no instruction.
    for (auto [fields, suffix, heads, perRow] :
         {std::tuple<const char *, const char *, double, double>{
              "p64.d128.pre.h64.neox.first.bf16.i64", "", 64, 37},
          {"p64.d128.pre.h64.neox.first.bf16.i64", ".hadamard", 64, 66},
          {"p64.d128.pre.h32.interleaved.first.bf16.i64", "", 32, 40}}) {
      INFO(fields << suffix);
      const Row *row =
          find(freshTable(), keyText(arch, fields, suffix, "qk_prep"));
      REQUIRE(row);
      CHECK((*row)[Total] <= 16 * heads * perRow);
    }
    // What check_table off saves.
    for (const char *fields :
         {"p64.d128.b64.pre.h64.n1", "p64.d128.b1.pre.h64.n1",
          "p1.d128.b1.plain.h64.n1"})
      CHECK(total(arch, fields, ".unchecked") < total(arch, fields));
  }
}

//===----------------------------------------------------------------------===//
// What every kernel keeps to
//===----------------------------------------------------------------------===//

TEST_CASE("K is read once") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    // Whole pages and steps, so that "the pages touched" is one number.
    options.contextLens = {768, 256, 0, 512};
    Problem problem = draw(key, options);
    LaunchCounters counters;
    check(problem, &counters);
    INFO(key.str());
    // By one workgroup, that is: where some of its waves share the tokens, each
    // of them asks, and the first brings K into L1.
    KernelMetadata metadata = metadataOf(kernelOf(key));
    CHECK(metadata.teamWaves <= metadata.blockSize / key.arch->waveSize);
    CHECK(counters.counts.watched_bytes ==
          metadata.teamWaves * problem.liveCacheBytes());
  }
}

TEST_CASE("instructions before a wave's first K load") {
  struct Limit {
    int64_t batch;
    uint64_t instructions;
  };
  for (const Limit &limit : {Limit{1, 250}, Limit{512, 1000}})
    for (const KernelKey &key : testKeys()) {
      ProblemOptions options;
      // Every wave goes through all lengths, so few of them need tokens.
      options.contextLens.resize(limit.batch);
      for (int64_t b = 0; b < limit.batch; b += 64)
        options.contextLens[b] = limit.batch == 1 ? 1000 : 100;
      LaunchCounters counters;
      check(draw(key, options), &counters);
      INFO(key.str() << ", batch " << limit.batch);
      CHECK(counters.counts.watched_waves > 0);
      CHECK(counters.counts.max_before_watched <= limit.instructions);
    }
}

TEST_CASE("registers, spills and LDS") {
  for (const KernelKey &key : testKeys()) {
    KernelMetadata metadata = metadataOf(kernelOf(key));
    INFO(key.str());
    if (llvm::Error error = checkResources(metadata))
      FAIL_CHECK(llvm::toString(std::move(error)));
    else
      SUCCEED();
    if (key.nextN == 1 && key.kvBlockSize == key.pageSize && key.heads <= 64)
      CHECK(metadata.vgprs <= 168);
  }
}
