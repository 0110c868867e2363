//===- TopKTest.cpp - Tests of topk's reference ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/TopK.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace hipdex;

using Ints = std::vector<int32_t>;

static constexpr float inf = std::numeric_limits<float>::infinity();
static constexpr int32_t least = std::numeric_limits<int32_t>::min(),
                         most = std::numeric_limits<int32_t>::max();

static TopKProblem problemOf(const char *key, int64_t rows, int64_t width,
                             int64_t k, int64_t nextN = 1) {
  TopKProblem p;
  p.key = *KernelKey::parse(key);
  p.rows = rows;
  p.nextN = nextN;
  p.batch = p.key.windows ? 2 : rows / nextN;
  p.width = p.logitsStride = width;
  p.k = p.indicesStride = k;
  p.allocate();
  return p;
}

/// The columns of one row of these logits.
static Ints columnsOf(std::vector<float> logits, int64_t k) {
  TopKProblem p =
      problemOf("topk.gfx950.decode.column.b1", 1, int64_t(logits.size()), k);
  p.logits = std::move(logits);
  p.contextLens = {int32_t(p.width)};
  p.execute();
  return p.indices;
}

TEST_CASE("topk's reference: the greatest, the first of equals, in order") {
  CHECK(columnsOf({1, 5, 3, 5, 4}, 3) == Ints{1, 3, 4});
  CHECK(columnsOf({2, 7, 7, 7, 9}, 2) == Ints{1, 4});
  CHECK(columnsOf({2, 7, 7, 7, 9}, 3) == Ints{1, 2, 4});
  CHECK(columnsOf({-0.0f, 0.0f, -1}, 1) == Ints{0});
  CHECK(columnsOf({-1, 0.0f, -0.0f}, 1) == Ints{1});
  CHECK(columnsOf({NAN, -inf, NAN, 3}, 2) == Ints{1, 3});
  CHECK(columnsOf({NAN, -NAN, NAN, -inf}, 3) == Ints{0, 1, 3});
  CHECK(columnsOf({1, 2}, 4) == Ints{0, 1, -1, -1});
  CHECK(columnsOf({NAN, 2}, 2) == Ints{0, 1});
  CHECK(columnsOf({}, 2) == Ints{-1, -1});
}

TEST_CASE("topk's reference: columns of decode rows") {
  TopKProblem p = problemOf("topk.gfx950.decode.column.b1", 12, 10, 1, 2);
  p.contextLens = {5, 1, 0, -4, most, least};
  const std::pair<int64_t, int64_t> windows[] = {
      {0, 4}, {0, 5}, {0, 0},  {0, 1},  {0, 0}, {0, 0},
      {0, 0}, {0, 0}, {0, 10}, {0, 10}, {0, 0}, {0, 0}};
  for (int64_t r = 0; r < 12; ++r)
    CHECK(p.window(r) == windows[r]);
}

TEST_CASE("topk's reference: windows, and slots of their columns") {
  TopKProblem p = problemOf("topk.gfx950.prefill.slot.b16", 6, 64, 2);
  p.tableWidth = 3;
  p.tableStride = 4;
  p.numBlocks = 100;
  p.allocate();
  p.logits.assign(p.logits.size(), 0);
  auto at = [&](int64_t row, int64_t column) -> float & {
    return p.logits[row * 64 + column];
  };
  p.starts = {20, -3, 5, 40, most, 30};
  p.ends = {40, 2, 5, 999, least, 34};
  p.requests = {1, 0, 0, 0, 0, 2};
  // Behind each row's entries there is one that is not the table's.
  p.table = {7, 100, 50, 1, 9, 3, -1, 1};
  at(0, 39) = at(0, 21) = 1; // 21: entry 3 of request 1; 39: -1
  at(3, 41) = at(3, 63) = 1; // 41: entry 50; 63: past the table
  p.execute();
  CHECK(p.window(0) == std::pair<int64_t, int64_t>(20, 40));
  CHECK(p.window(1) == std::pair<int64_t, int64_t>(0, 2));
  CHECK(p.window(2).first == p.window(2).second);
  CHECK(p.window(3) == std::pair<int64_t, int64_t>(40, 64));
  CHECK(p.window(4).first == p.window(4).second);
  CHECK(p.indices == Ints{3 * 16 + 5, -1, 7 * 16, 7 * 16 + 1, -1, -1,
                          50 * 16 + 9, -1, -1, -1, -1, -1});
}

TEST_CASE("topk's reference: a workspace that is not zero is no problem") {
  TopKProblem p = problemOf("topk.gfx950.decode.column.b1", 1, 5000, 3);
  REQUIRE(p.workspace.size() == 2049);
  CHECK(p.check().what == "");
  p.workspace[2048] = 3;
  CHECK(p.check().argument == std::string("workspace"));
  CHECK(p.check().what == "[2048] is 3, must be 0");
  // Nor are lengths that are not those of the rows.
  p.workspace[2048] = 0;
  p.nextN = 2;
  CHECK(p.check().argument == std::string("context_lens"));
  CHECK(p.check().what == "has 1 lengths, must have one for 2 of 1 rows");
}
