//===- CacheLayoutTest.cpp - Tests of the cache layout --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Addresses against a table computed elsewhere (aiter's kernels), text both
// ways, and what the hash must and must not see.
//
//===----------------------------------------------------------------------===//

#include "Spec/CacheLayout.h"
#include "Seed.h"
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace hipdex;

static CacheLayout makeLayout(int64_t pageSize, CacheOrder order,
                              int64_t headDim = 128,
                              Fp8Format fp8 = Fp8Format::E4M3FN) {
  CacheLayout layout;
  layout.pageSize = pageSize;
  layout.headDim = headDim;
  layout.order = order;
  layout.fp8 = fp8;
  return layout;
}

TEST_CASE("layout addresses are those that others read and write") {
  struct Row {
    int64_t page, t, d, plain, preshuffled, scale;
  };
  const Row rows[] = {
      {16, 0, 0, 0, 0, 2048},          {16, 0, 15, 15, 15, 2048},
      {16, 0, 16, 16, 256, 2048},      {16, 1, 0, 128, 16, 2052},
      {16, 1, 5, 133, 21, 2052},       {16, 7, 40, 936, 632, 2076},
      {16, 15, 127, 2047, 2047, 2108}, {64, 0, 0, 0, 0, 8192},
      {64, 0, 16, 16, 256, 8192},      {64, 1, 0, 128, 16, 8196},
      {64, 1, 5, 133, 21, 8196},       {64, 15, 127, 2047, 2047, 8252},
      {64, 16, 0, 2048, 2048, 8256},   {64, 17, 5, 2181, 2069, 8260},
      {64, 63, 127, 8191, 8191, 8444},
  };
  for (const Row &row : rows) {
    INFO("page " << row.page << " t " << row.t << " d " << row.d);
    CacheLayout plain = makeLayout(row.page, CacheOrder::Plain);
    CacheLayout pre = makeLayout(row.page, CacheOrder::Preshuffle16x16);
    CHECK(plain.elementOffset(row.t, row.d, plain.pageBytes()) == row.plain);
    CHECK(pre.elementOffset(row.t, row.d, pre.pageBytes()) == row.preshuffled);
    CHECK(plain.scaleOffset(row.t, plain.pageBytes()) == row.scale);
    CHECK(pre.scaleOffset(row.t, pre.pageBytes()) == row.scale);
  }
  CHECK(makeLayout(16, CacheOrder::Plain).pageBytes() == 2112);
  CHECK(makeLayout(64, CacheOrder::Preshuffle16x16).pageBytes() == 8448);
  CHECK(makeLayout(1, CacheOrder::Plain).pageBytes() == 132);
  CHECK(makeLayout(1, CacheOrder::Plain).scaleOffset(0, 132) == 128);
}

TEST_CASE("layout offsets are 64 bits and honour the page stride") {
  CacheLayout layout = makeLayout(64, CacheOrder::Preshuffle16x16);
  int64_t page = 3000000, stride = 8448 + 512;
  int64_t slot = page * 64 + 17;
  CHECK(layout.elementOffset(slot, 5, stride) == page * stride + 2069);
  CHECK(layout.scaleOffset(slot, stride) == page * stride + 8260);
}

TEST_CASE("layout alignment divides pages and fragments of K") {
  CHECK(makeLayout(64, CacheOrder::Preshuffle16x16).alignment() == 16);
  CHECK(makeLayout(16, CacheOrder::Plain).alignment() == 16);
  CHECK(makeLayout(1, CacheOrder::Plain).alignment() == 4);
  // Between the two, and where tokens are less aligned than pages.
  CHECK(makeLayout(2, CacheOrder::Plain).alignment() == 8);
  CHECK(makeLayout(16, CacheOrder::Plain, 4).alignment() == 4);
  for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
    for (int64_t headDim : {16, 64, 128})
      for (int64_t pageSize : {1, 2, 4, 16, 64}) {
        CacheLayout layout = makeLayout(pageSize, order, headDim);
        if (llvm::Error error = layout.validate()) {
          llvm::consumeError(std::move(error));
          continue;
        }
        INFO(layout.str());
        for (int64_t slot = 0; slot < 3 * pageSize; ++slot)
          for (int64_t d = 0; d < headDim; d += 16)
            CHECK(layout.elementOffset(slot, d, layout.pageBytes()) %
                      layout.alignment() ==
                  0);
      }
}

TEST_CASE("layout places every byte of a page once") {
  for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
    for (int64_t headDim : {16, 64, 128, 256})
      for (int64_t pageSize : {16, 32, 64, 128}) {
        CacheLayout layout = makeLayout(pageSize, order, headDim);
        REQUIRE(!layout.validate());
        INFO(layout.str());
        std::set<int64_t> bytes;
        for (int64_t t = 0; t < pageSize; ++t) {
          for (int64_t d = 0; d < headDim; ++d)
            bytes.insert(layout.elementOffset(t, d, layout.pageBytes()));
          for (int64_t byte = 0; byte < 4; ++byte)
            bytes.insert(layout.scaleOffset(t, layout.pageBytes()) + byte);
        }
        CHECK(int64_t(bytes.size()) == layout.pageBytes());
        CHECK(*bytes.begin() == 0);
        CHECK(*bytes.rbegin() == layout.pageBytes() - 1);
      }
}

TEST_CASE("layout text goes both ways") {
  CHECK(makeLayout(64, CacheOrder::Preshuffle16x16).str() ==
        "cache<page_size=64,head_dim=128,order=preshuffle(16,16),fp8=e4m3fn>");
  for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
    for (Fp8Format fp8 : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
      for (int64_t pageSize : {16, 64, 256}) {
        CacheLayout layout = makeLayout(pageSize, order, 128, fp8);
        llvm::Expected<CacheLayout> parsed = CacheLayout::parse(layout.str());
        REQUIRE(bool(parsed));
        CHECK(*parsed == layout);
      }
}

static std::string parseError(llvm::StringRef text) {
  llvm::Expected<CacheLayout> layout = CacheLayout::parse(text);
  return layout ? "" : llvm::toString(layout.takeError());
}

TEST_CASE("layout text that is wrong says where") {
  using Catch::Contains;
  CHECK_THAT(parseError(""), Contains("expected \"cache<page_size=\""));
  CHECK_THAT(parseError("cache<page_size=064,head_dim=128,order=plain,"
                        "fp8=e4m3fn>"),
             Contains("decimal number"));
  CHECK_THAT(parseError("cache<page_size=99999999999999999999,head_dim=128,"
                        "order=plain,fp8=e4m3fn>"),
             Contains("99999999999999999999 does not fit in 64 bits"));
  CHECK_THAT(parseError("cache<page_size=64,head_dim=128,order=diagonal,"
                        "fp8=e4m3fn>"),
             Contains("order plain or preshuffle(16,16)"));
  CHECK_THAT(parseError("cache<page_size=64,head_dim=128,order=plain,"
                        "fp8=e5m2>"),
             Contains("fp8 e4m3fn or e4m3fnuz"));
  CHECK_THAT(parseError("cache<page_size=64,head_dim=128,order=plain,"
                        "fp8=e4m3fn> "),
             Contains("\">\" at the end"));
  CHECK_THAT(parseError("cache<page_size=8,head_dim=128,"
                        "order=preshuffle(16,16),fp8=e4m3fn>"),
             Contains("page_size 8 is not a multiple of 16"));
  CHECK_THAT(parseError("cache<page_size=9223372036854775807,head_dim=128,"
                        "order=plain,fp8=e4m3fn>"),
             Contains("not in 1.."));
  CHECK_THAT(parseError("cache<page_size=64,head_dim=0,order=plain,"
                        "fp8=e4m3fn>"),
             Contains("head_dim 0"));
}

TEST_CASE("layout hash covers byte positions and format, and only those") {
  // What users' code may hold: the SHA-256 of the text that CacheLayout.cpp
  // describes, from python3's hashlib.
  CHECK(makeLayout(64, CacheOrder::Preshuffle16x16).hash() ==
        0x2f7684d9834ff59f);

  std::map<uint64_t, std::string> seen;
  for (Fp8Format fp8 : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
    for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
      for (int64_t headDim : {64, 128, 256})
        for (int64_t pageSize : {1, 16, 32, 64, 128, 256}) {
          CacheLayout layout = makeLayout(pageSize, order, headDim, fp8);
          if (llvm::Error error = layout.validate()) {
            llvm::consumeError(std::move(error));
            continue;
          }
          INFO(layout.str());
          CHECK(seen.emplace(layout.hash(), layout.str()).second);
        }

  // preshuffle(16,16) of 16 channels moves nothing.
  for (int64_t pageSize : {16, 64})
    CHECK(makeLayout(pageSize, CacheOrder::Preshuffle16x16, 16).hash() ==
          makeLayout(pageSize, CacheOrder::Plain, 16).hash());
}
