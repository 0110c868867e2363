//===- ProblemTest.cpp - What random problems promise ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Problem.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

using namespace hipdex;

static KernelKey parseKey(const char *text) {
  auto key = KernelKey::parse(text);
  REQUIRE(bool(key));
  return *key;
}

static const char *gfx950Key =
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn";

TEST_CASE("a problem keeps its promises") {
  ProblemOptions options;
  options.batch = 17;
  options.contextLow = 0;
  options.contextHigh = 700;
  options.seed = 5;
  auto p = Problem::random(parseKey(gfx950Key), options);
  REQUIRE(bool(p));

  std::set<int64_t> slots;
  int64_t tokens = 0;
  bool negative = false;
  for (float w : p->weights)
    negative |= w < 0;
  CHECK(negative);
  for (int64_t b = 0; b < p->batch; ++b) {
    REQUIRE(p->contextLens[b] >= 0);
    REQUIRE(p->contextLens[b] <= 700);
    for (int64_t t = 0; t < p->contextLen(b); ++t, ++tokens) {
      int64_t slot = p->slot(b, t);
      REQUIRE(slot >= 0);
      slots.insert(slot);
      float scale;
      std::memcpy(&scale,
                  p->kv.get() +
                      p->key.layout().scaleOffset(slot, p->pageStride),
                  sizeof(scale));
      REQUIRE(scale > 0);
      // The largest element of a row is the format's largest value.
      float largest = 0;
      for (int64_t d = 0; d < p->key.headDim; ++d)
        largest = std::max(
            largest, std::fabs(decodeFp8(
                         p->key.fp8, p->kv.get()[p->key.layout().elementOffset(
                                         slot, d, p->pageStride)])));
      REQUIRE(largest == p->key.arch->fp8Max);
    }
    for (int64_t c = p->liveEntries(b); c < p->tableStride; ++c)
      REQUIRE(p->blockTable[b * p->tableStride + c] == Problem::poisonEntry);
  }
  CHECK(int64_t(slots.size()) == tokens);
  for (uint8_t code : p->q)
    REQUIRE(!std::isnan(decodeFp8(p->key.fp8, code)));
}

TEST_CASE("a seed names one problem") {
  ProblemOptions options;
  options.batch = 3;
  options.contextLow = 1;
  options.contextHigh = 300;
  options.seed = 99;
  auto a = Problem::random(parseKey(gfx950Key), options);
  auto b = Problem::random(parseKey(gfx950Key), options);
  options.seed = 100;
  auto c = Problem::random(parseKey(gfx950Key), options);
  REQUIRE((a && b && c));
  CHECK(a->blockTable == b->blockTable);
  CHECK(a->q == b->q);
  REQUIRE(a->kvBytes() == b->kvBytes());
  CHECK(std::memcmp(a->kv.get(), b->kv.get(), a->kvBytes()) == 0);
  CHECK(a->q != c->q);
}

TEST_CASE("pages may lie gigabytes apart") {
  ProblemOptions options;
  options.contextLens = {200};
  options.pagePadding = int64_t(1) << 32;
  auto p = Problem::random(parseKey(gfx950Key), options);
  REQUIRE(bool(p));
  CHECK(p->kvBytes() > uint64_t(4) << 32);
  CHECK(p->kvRanges().size() == size_t(p->numPages));
}

TEST_CASE("impossible problems are refused in one line") {
  auto refuse = [](const ProblemOptions &options, const char *what) {
    auto p = Problem::random(parseKey(gfx950Key), options);
    REQUIRE(!p);
    std::string message = llvm::toString(p.takeError());
    INFO(message);
    CHECK(message.find(what) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  };
  ProblemOptions options;
  options.batch = -1;
  refuse(options, "batch -1");
  options.batch = 1;
  options.contextLow = 10;
  options.contextHigh = 9;
  refuse(options, "context 10..9");
  options.contextHigh = int64_t(1) << 31;
  refuse(options, "context 10..2147483648");
  options.contextLow = options.contextHigh =
      std::numeric_limits<int32_t>::max();
  options.batch = std::numeric_limits<int32_t>::max();
  refuse(options, "the queries of batch 2147483647 do not fit");
}
