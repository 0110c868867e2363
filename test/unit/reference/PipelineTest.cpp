//===- PipelineTest.cpp - The pipeline's problem, reference and recall ----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/PipelineReference.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <set>

using namespace hipdex;

using Row = PipelineReference::Row;

/// A model whose contexts are short.
static IndexerModel smallModel(int64_t tokensPerEntry) {
  IndexerModel model{"small", /*heads=*/8, /*k=*/32};
  model.tokensPerEntry = tokensPerEntry;
  return model;
}

static Row rowOf(int64_t visible, Selection selected,
                 std::vector<int32_t> ties = {}) {
  Row row;
  row.request = 0;
  row.visible = visible;
  row.selected = std::move(selected);
  row.ties = std::move(ties);
  return row;
}

TEST_CASE("models have the names and numbers of their makers") {
  auto v32 = lookupIndexerModel("deepseek-v3.2");
  REQUIRE(bool(v32));
  CHECK(v32->describe() == "64 heads, k 2048, rope first, neox, Hadamard");
  auto glm = lookupIndexerModel("glm-5");
  REQUIRE(bool(glm));
  CHECK(glm->describe() == "32 heads, k 2048, rope first, interleaved");
  auto v4 = lookupIndexerModel("deepseek-v4");
  REQUIRE(bool(v4));
  CHECK(v4->describe() == "64 heads, k 512, rope last, interleaved, "
                          "4 tokens a cache entry");
  auto wrong = lookupIndexerModel("GLM5");
  REQUIRE(!wrong);
  CHECK(llvm::toString(wrong.takeError()) ==
        "unknown model \"GLM5\", supported: deepseek-v3.2, glm-5, deepseek-v4; "
        "nearest: glm-5");
}

TEST_CASE("every entry is stored before a row sees it") {
  for (int64_t tokensPerEntry : {1, 4})
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      INFO(tokensPerEntry << " tokens an entry, seed " << seed);
      PipelineOptions options;
      options.seed = seed;
      options.storeRows = 17;
      PipelineProblem p =
          PipelineProblem::random(smallModel(tokensPerEntry), options);
      std::set<std::pair<int64_t, int64_t>> stored;
      int64_t more = 0, fewer = 0, padding = 0, threes = 0;
      for (size_t i = 0; i < p.steps.size(); ++i) {
        const PipelineStep &step = p.steps[i];
        CHECK(step.tokens.size() % step.nextN == 0);
        threes += step.tokens.size() == 15;
        for (const PipelineToken &token : step.tokens) {
          CHECK(token.position >= 0);
          CHECK(token.position < p.positions);
          if (token.request < 0) {
            CHECK(token.entry == -1);
            CHECK(token.visible == 0);
            ++padding;
            continue;
          }
          CHECK(token.entry < p.capacity[token.request]);
          if (token.entry >= 0)
            stored.insert({token.request, token.entry});
        }
        // A step stores before it looks.
        for (const PipelineToken &token : step.tokens) {
          for (int64_t e = 0; e < token.visible; ++e)
            CHECK(stored.count({token.request, e}));
          more += token.visible > p.model.k;
          fewer += token.visible > 0 && token.visible < p.model.k;
        }
        PipelineInput input = p.input(i);
        CHECK(input.q.size() ==
              step.tokens.size() * p.heads(step) * p.model.headDim);
        CHECK(input.k.size() == step.tokens.size() * p.model.headDim);
        CHECK(input.gates.size() == step.tokens.size() * p.heads(step));
        CHECK(p.input(i).q == input.q);
      }
      CHECK(more > 0);
      CHECK(fewer > 0);
      CHECK(padding > 0);
      CHECK(threes > 0);
      PipelineProblem again =
          PipelineProblem::random(smallModel(tokensPerEntry), options);
      CHECK(again.contexts == p.contexts);
      CHECK(again.normWeight == p.normWeight);
      ++options.seed;
      CHECK(PipelineProblem::random(smallModel(tokensPerEntry), options)
                .normWeight != p.normWeight);
    }
}

TEST_CASE("the reference selects k entries, and finds itself right") {
  for (const Arch &arch : archTable())
    for (int64_t tokensPerEntry : {1, 4}) {
      if (arch.parts.empty())
        continue;
      PipelineOptions options;
      options.seed = 7;
      PipelineProblem p =
          PipelineProblem::random(smallModel(tokensPerEntry), options);
      PipelineReference reference(p, arch);
      Recall sum, shifted;
      for (size_t i = 0; i < p.steps.size(); ++i) {
        std::vector<Row> rows = reference.next();
        CHECK(rows.size() == (p.steps[i].kind == PipelineStep::Store
                                  ? 0
                                  : p.steps[i].tokens.size()));
        for (const Row &row : rows) {
          CHECK(row.selected.size() ==
                size_t(std::min(row.visible, p.model.k)));
          CHECK(llvm::is_sorted(row.selected));
          for (int32_t p : row.selected)
            CHECK((p >= 0 && p < row.visible));
          // The k-th is always near itself.
          CHECK((row.visible <= p.model.k ||
                 llvm::any_of(row.ties, [&](int32_t p) {
                   return llvm::is_contained(row.selected, p);
                 })));
          Selection padded = row.selected;
          padded.resize(p.model.k, -1);
          sum += PipelineReference::judge(row, padded);
          // What a table that is off by an entry would give.
          for (int32_t &p : padded)
            if (p >= 0)
              p = (p + 1) % row.visible;
          shifted += PipelineReference::judge(row, padded);
        }
      }
      CHECK(sum.rows == p.rows());
      CHECK(sum.isPerfect());
      CHECK(sum.str() == "1.0");
      CHECK(sum.exchanged == 0);
      CHECK(!shifted.isPerfect());
      CHECK(shifted.hits < shifted.wanted);
    }
}

TEST_CASE("recall counts what is missing, and forgives ties alone") {
  Row row = rowOf(10, {1, 3, 5}, {5, 7, 8});
  auto judge = [&](Selection got) {
    return PipelineReference::judge(row, got);
  };
  CHECK(judge({1, 3, 5}).isPerfect());
  CHECK(judge({1, 3, 5, -1, -1}).isPerfect());
  // In place of 5 either of its ties, but not two.
  CHECK(judge({1, 3, 7}).isPerfect());
  CHECK(judge({1, 3, 7}).exchanged == 1);
  CHECK(judge({1, 3, 8}).isPerfect());
  Recall both = judge({1, 3, 7, 8});
  CHECK(both.hits == 3);
  CHECK(!both.isPerfect());
  CHECK(both.str() == "0.999999");
  // Too many, too few, another, out of range, twice.
  CHECK(!judge({1, 3, 5, 7}).isPerfect());
  CHECK(judge({1, 3}).hits == 2);
  CHECK(judge({1, 3}).firstMiss ==
        "request 0, token 0: of 3 entries 1 are missing, and 0 are there that "
        "must not be");
  CHECK(judge({1, 5, 7}).hits == 2);
  CHECK(judge({1, 5, 7}).firstMiss ==
        "request 0, token 0: of 3 entries 1 are missing (first: 3), and 1 are "
        "there that must not be");
  CHECK(judge({1, 3, 10}).hits == 2);
  CHECK(!judge({1, 3, 5, 10}).isPerfect());
  CHECK(!judge({1, 3, 5, -2}).isPerfect());
  CHECK(!judge({1, 3, 3}).isPerfect());
  CHECK(!judge({1, 3, 5, 5}).isPerfect());
  CHECK(!judge({}).isPerfect());

  Recall sum = judge({1, 3, 5});
  sum += judge({1, 3});
  sum += judge({3});
  CHECK(sum.rows == 3);
  CHECK(sum.wanted == 9);
  CHECK(sum.hits == 6);
  CHECK(sum.str() == "0.666667");
  CHECK(sum.firstMiss == judge({1, 3}).firstMiss);
}
