//===- PagedMqaPrefillTest.cpp - paged_mqa_prefill against the reference --===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random problems of every key are in KeysTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "reference/PagedMqaPrefill.h"
#include "Harness.h"
#include "reference/Gather.h"
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <iostream>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}

static KernelKey parse(const std::string &text) {
  auto key = KernelKey::parse(text);
  require(key.takeError());
  require(key->validate());
  return *key;
}

static void launch(RowProblem &p) {
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), p));
}

TEST_CASE("paged_mqa_prefill: as k_gather and mqa_logits, bit for bit") {
  // Of all keys: one problem in a thousand has no row that sees a column.
  int64_t cells = 0;
  for (const char *text :
       {"paged_mqa_prefill.gfx942.p1.d128.b1.plain.h64.fnuz",
        "paged_mqa_prefill.gfx942.p64.d128.b64.pre.h32.fnuz",
        "paged_mqa_prefill.gfx950.p64.d128.b64.pre.h64.fn",
        "paged_mqa_prefill.gfx950.p256.d128.b64.pre.h32.fn",
        "paged_mqa_prefill.gfx950.p64.d64.b1.plain.h16.fn"}) {
    KernelKey key = parse(text);
    PagedMqaPrefillOptions options;
    options.rows.seed = nextSeed();
    options.rows.rows = 20;
    options.rows.tokens = 200;
    options.batch = 3;
    PagedMqaPrefillProblem paged = PagedMqaPrefillProblem::random(key, options),
                           got = paged;
    INFO(text << ", problem seed " << paged.seed);
    launch(got);
    CHECK(paged.compare(got) == "");

    // All tokens of all requests, one request behind the other.
    GatherProblem gather;
    gather.key = key;
    gather.key.op = Op::KGather;
    gather.batch = paged.batch;
    gather.tokens = paged.batch * paged.width;
    gather.numPages = paged.numPages;
    gather.pageStride = paged.pageStride;
    gather.tableWidth = paged.tableWidth;
    gather.tableStride = paged.tableStride;
    gather.kStride = key.headDim;
    gather.scalesStride = 1;
    gather.allocate();
    gather.cache = paged.cache;
    gather.table = paged.table;
    for (int64_t b = 0; b <= paged.batch; ++b)
      gather.cuSeqLens[b] = b * paged.width;
    launch(gather);

    MqaLogitsProblem dense = paged;
    dense.key.op = Op::MqaLogits;
    dense.tokens = gather.tokens;
    dense.kStride = key.headDim;
    dense.width = dense.logitsStride = gather.tokens;
    dense.allocate();
    dense.k = gather.k;
    std::memcpy(dense.kScales.data(), gather.scales.data(),
                gather.scales.size() * sizeof(float));
    for (int64_t m = 0; m < paged.rows; ++m) {
      auto [start, end] = paged.window(m);
      int64_t first = paged.hasRequest(m) ? paged.requests[m] * paged.width : 0;
      dense.starts[m] = first + start;
      dense.ends[m] = first + end;
    }
    launch(dense);
    for (int64_t m = 0; m < paged.rows; ++m) {
      auto [start, end] = paged.window(m);
      cells += end - start;
      CHECK(std::memcmp(&got.logits[m * got.logitsStride + start],
                        &dense.logits[m * dense.logitsStride + dense.starts[m]],
                        (end - start) * sizeof(float)) == 0);
    }
  }
  CHECK(cells > 0);
}

TEST_CASE("paged_mqa_prefill: no rows, no columns, no requests") {
  for (const char *text :
       {"paged_mqa_prefill.gfx942.p16.d64.b1.pre.h8.fnuz",
        "paged_mqa_prefill.gfx950.p64.d128.b64.pre.h64.fn.neginf"})
    for (auto [rows, width, batch] :
         std::initializer_list<std::array<int64_t, 3>>{{0, 100, 2},
                                                       {5, 0, 2},
                                                       {7, 150, 0},
                                                       {1, 1, 1},
                                                       {4, 64, 1},
                                                       {5, 65, 3}}) {
      PagedMqaPrefillOptions options;
      options.rows.seed = nextSeed();
      options.rows.rows = rows;
      options.rows.tokens = width;
      options.batch = batch;
      PagedMqaPrefillProblem p = PagedMqaPrefillProblem::random(parse(text),
                                                                options),
                             got = p;
      INFO(text << ", problem seed " << p.seed << ", " << rows
                << " rows, width " << width << ", batch " << batch);
      launch(got);
      CHECK(p.compare(got) == "");
    }
}

TEST_CASE("paged_mqa_prefill: instructions of a token and row") {
  // As in MqaLogitsTest.cpp.
  for (auto [text, decode] :
       {std::make_pair("paged_mqa_prefill.gfx942.p64.d128.b64.pre.h64.fnuz",
                       45.75),
        std::make_pair("paged_mqa_prefill.gfx950.p64.d128.b64.pre.h64.fn",
                       40.5)}) {
    constexpr int64_t rows = 1200, less = 2560, more = 3840;
    uint64_t counted[2];
    for (int i = 0; i < 2; ++i) {
      PagedMqaPrefillOptions options;
      options.rows.seed = nextSeed();
      options.rows.rows = rows;
      options.rows.tokens = i ? more : less;
      options.rows.isCausal = true; // draws no window
      options.batch = 1;
      PagedMqaPrefillProblem p =
          PagedMqaPrefillProblem::random(parse(text), options);
      std::fill(p.requests.begin(), p.requests.end(), 0);
      std::fill(p.ends.begin(), p.ends.end(), options.rows.tokens);
      for (size_t c = 0; c < p.table.size(); ++c)
        p.table[c] = c;
      LaunchCounters counters;
      RowLaunchOptions launchOptions;
      launchOptions.counters = &counters;
      require(
          launchRows(deviceOf(*p.key.arch), kernelOf(p.key), p, launchOptions));
      counted[i] = counters.counts.instructions;
    }
    double per16 =
        double(counted[1] - counted[0]) / (double(more - less) / 16 * rows);
    INFO(text << ": " << per16 << " for 16 tokens and a row");
    CHECK(per16 <= 1.1 * decode);
    std::cout << text << ": " << per16 << " for 16 tokens and a row\n";
  }
}
