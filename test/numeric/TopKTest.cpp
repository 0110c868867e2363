//===- TopKTest.cpp - topk against the reference --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every cell, on the emulator, with every operand guarded and the workspace
// zero before and after. Random problems of every key are in KeysTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "reference/TopK.h"
#include "Harness.h"
#include "reference/Operands.h"
#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <iostream>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

static KernelKey parse(const char *text) {
  KernelKey key = require(KernelKey::parse(text));
  require(key.validate());
  return key;
}

static const char *const someKeys[] = {
    "topk.gfx942.decode.column.b1", "topk.gfx942.prefill.slot.b64",
    "topk.gfx950.decode.slot.b1", "topk.gfx950.prefill.column.b1"};

/// Selects what the problem says, compares every cell, and gives what a launch
/// loaded of the logits.
static hipdex_emulator_counters check(const TopKProblem &p,
                                      TopKProblem *result = nullptr) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", rows " << p.rows
                   << ", width " << p.width << ", k " << p.k << ", next_n "
                   << p.nextN);
  TopKProblem got = p;
  LaunchCounters counters;
  RowLaunchOptions options;
  options.counters = &counters;
  options.watched = "logits";
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), got, options));
  TopKProblem expected = p;
  CHECK(expected.compare(got) == "");
  if (result)
    *result = std::move(got);
  return counters.counts;
}

/// One row, or as many as a key's next_n, of all columns.
static TopKProblem fullRow(const char *key, int64_t width, int64_t k,
                           TopKValues values = TopKValues::Normal) {
  TopKOptions options;
  options.seed = nextSeed();
  options.rows = options.batch = 1;
  options.width = width;
  options.k = k;
  options.values = values;
  options.isFull = true;
  return TopKProblem::random(parse(key), options);
}

TEST_CASE("topk: every kind of values, k around the length") {
  for (const char *text : someKeys)
    for (unsigned values = 0; values < numTopKValues; ++values)
      // One wave; the list, and more than it has room for; several workgroups.
      for (int64_t width : {100, 4095, 6144, 6145, 9000}) {
        for (int64_t k : {INT64_C(1), INT64_C(2), INT64_C(2048), INT64_C(4096),
                          width - 1, width, width + 1}) {
          if (k > 4096)
            continue;
          TopKOptions options;
          options.seed = nextSeed();
          options.rows = 3;
          options.nextN = options.rows;
          options.width = width;
          options.k = k;
          options.values = TopKValues(values);
          options.isFull = true;
          check(TopKProblem::random(parse(text), options));
        }
      }
}

TEST_CASE("topk: random rows of random problems") {
  for (const char *text : someKeys)
    for (int i = 0; i < 40; ++i) {
      KernelKey key = parse(text);
      check(TopKProblem::random(key, TopKOptions::random(key, nextSeed())));
    }
}

TEST_CASE("topk: ties across the borders of waves, steps and parts") {
  for (const char *text :
       {"topk.gfx942.decode.column.b1", "topk.gfx950.decode.column.b1"})
    for (int64_t border : {64, 256, 4096, 8192, 16384}) {
      TopKProblem p = fullRow(text, 20000, 1, TopKValues::Zeros);
      for (int64_t column = border - 100; column < border + 100; ++column)
        if (column >= 0)
          p.logits[column] = 1.0f;
      int64_t first = std::max<int64_t>(border - 100, 0);
      // Greater ones before and behind them.
      p.logits[first / 2] = 2.0f;
      p.logits[19999] = 3.0f;
      for (int64_t last : {border - 2, border - 1, border, border + 1}) {
        p.k = p.indicesStride = last - first + 1 + 2;
        p.indices.assign(p.k, 77);
        TopKProblem got;
        check(p, &got);
        // The ties up to `last`, and those two (one of them may be a tie).
        bool inTies = p.logits[first] == 2.0f;
        CHECK(got.indices[p.k - 1] == 19999);
        CHECK(got.indices[p.k - 2] == last + inTies);
      }
    }
}

TEST_CASE("topk: the golden vector of another implementation") {
  auto read = [](const char *name) {
    auto buffer = llvm::MemoryBuffer::getFile(
        std::string(HIPDEX_VECTORS "/topk/k512/") + name, /*IsText=*/false,
        /*RequiresNullTerminator=*/false);
    INFO(name);
    REQUIRE(bool(buffer));
    return std::move(*buffer);
  };
  auto logits = read("logits.bin"), lengths = read("context_lens.bin"),
       indices = read("indices.bin");
  for (const char *text :
       {"topk.gfx942.decode.column.b1", "topk.gfx950.decode.column.b1"}) {
    TopKProblem p;
    p.key = parse(text);
    p.rows = p.batch = 6;
    p.width = p.logitsStride = 5000;
    p.k = p.indicesStride = 512;
    p.allocate();
    auto fill = [](auto &list, llvm::MemoryBuffer &buffer) {
      REQUIRE(list.size() * 4 == buffer.getBufferSize());
      std::memcpy(list.data(), buffer.getBufferStart(), list.size() * 4);
    };
    fill(p.logits, *logits);
    fill(p.contextLens, *lengths);
    std::vector<int32_t> expected(p.indices.size());
    fill(expected, *indices);
    TopKProblem got;
    check(p, &got);
    CHECK(got.indices == expected);
  }
}

//===----------------------------------------------------------------------===//
// What is read, and by whom
//===----------------------------------------------------------------------===//

/// Segments that were loaded of a row, as a multiple of those that it has.
static double reads(const TopKProblem &p,
                    const hipdex_emulator_counters &counters) {
  return double(counters.watched_segments_loaded) / (double(p.width) / 16);
}

TEST_CASE("topk: how often a row is read") {
  const std::pair<TopKValues, double> kinds[] = {
      {TopKValues::Normal, 3},     {TopKValues::Uniform, 3},
      {TopKValues::Bits, 3},       {TopKValues::Ascending, 3},
      {TopKValues::Descending, 3}, {TopKValues::Few, 4},
      {TopKValues::Equal, 4},      {TopKValues::AllNaN, 4},
      {TopKValues::Zeros, 4}};
  for (const char *text :
       {"topk.gfx942.decode.column.b1", "topk.gfx950.prefill.slot.b64"}) {
    for (auto [values, most] : kinds)
      for (int64_t width : {33001, 131072}) {
        TopKProblem p = fullRow(text, width, 2048, values);
        hipdex_emulator_counters counters = check(p);
        double times = reads(p, counters);
        INFO(text << ", values " << unsigned(values) << ", width " << width
                  << ": read " << times << " times");
        // Lanes past the end of a part read its last column once more.
        CHECK(times >= 1);
        CHECK(times <= most + 0.01);
        CHECK(counters.watched_bytes <= (most + 0.01) * 4 * double(width));
        if (values == TopKValues::Normal || values == TopKValues::Equal)
          std::cout << text << ", width " << width
                    << (values == TopKValues::Equal ? ", all equal" : "")
                    << ": reads a row " << times << " times\n";
      }
    // Rows that the list has room for, and rows that are taken whole.
    for (auto [width, k, times] :
         {std::tuple<int64_t, int64_t, int64_t>{6144, 2048, 1},
          {2048, 2048, 0},
          {2049, 2048, 1}}) {
      TopKProblem p = fullRow(text, width, k);
      CHECK(std::abs(reads(p, check(p)) - double(times)) < 0.05);
    }
  }
}

TEST_CASE("topk: a million columns") {
  for (auto [text, values, most] :
       {std::make_tuple("topk.gfx942.decode.slot.b64", TopKValues::Normal, 3),
        {"topk.gfx950.decode.column.b1", TopKValues::Equal, 4},
        {"topk.gfx950.prefill.column.b1", TopKValues::Uniform, 3}}) {
    TopKProblem p = fullRow(text, 1 << 20, 2048, values);
    CHECK(reads(p, check(p)) <= most + 0.01);
  }
}

TEST_CASE("topk: many rows, with parts of many steps") {
  // Two workgroups a row, of which each has more than four steps of all waves;
  // and rows beside them that one takes alone, or without a look.
  for (const char *text :
       {"topk.gfx942.prefill.slot.b64", "topk.gfx950.decode.column.b1"}) {
    TopKOptions options;
    options.seed = nextSeed();
    options.rows = options.batch = 171;
    options.width = 36001;
    options.k = 2048;
    TopKProblem p = TopKProblem::random(parse(text), options);
    CHECK(check(p).workgroups == 171 * 2);
  }
}

TEST_CASE("topk: one request of 128k columns is the work of many workgroups") {
  for (const char *text :
       {"topk.gfx942.decode.column.b1", "topk.gfx950.decode.slot.b64"}) {
    TopKProblem p = fullRow(text, 131072, 2048);
    hipdex_emulator_counters counters = check(p);
    CHECK(counters.workgroups >= 32);
    // All waves of 32 workgroups read some of it.
    CHECK(counters.watched_waves >= 32 * 16);
    CHECK(counters.launches == 1);
  }
}

//===----------------------------------------------------------------------===//
// What a result must not depend on
//===----------------------------------------------------------------------===//

TEST_CASE("topk: one workspace serves launches of all shapes, and is zero") {
  // On either architecture: a third of the problems are that large.
  int64_t shared = 0;
  for (const Arch &arch : archTable()) {
    std::vector<KernelKey> keys = coveringKeys(Op::TopK);
    llvm::erase_if(keys,
                   [&](const KernelKey &key) { return key.arch != &arch; });
    Device &device = deviceOf(arch);
    Operands memory(device);
    std::vector<uint8_t> zeros(hipdex_topk_workspace_bytes(256, 1 << 20));
    void *workspace =
        require(memory.place("workspace", zeros, {{0, zeros.size()}},
                             HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE));
    for (int i = 0; i < 24 && !keys.empty(); ++i) {
      uint64_t seed = nextSeed();
      const KernelKey &key = keys[seed % keys.size()];
      TopKProblem p = TopKProblem::random(key, TopKOptions::random(key, seed)),
                  got = p;
      INFO(key.str() << ", problem seed " << seed);
      shared += !p.workspace.empty();
      RowProblem::Pointers pointers;
      for (auto [operand, ranges] :
           llvm::zip_equal(got.operands(), got.touched()))
        pointers[operand.argument] =
            llvm::StringRef(operand.argument) == "workspace"
                ? workspace
                : require(memory.place(operand.argument, operand.bytes, ranges,
                                       operand.access));
      if (got.launch(kernelOf(key), pointers) != HIPDEX_SUCCESS)
        FAIL(llvm::toString(device.launchError()));
      require(device.synchronize());
      require(device.download(got.indices.data(), pointers["indices"],
                              got.indices.size() * 4));
      CHECK(p.compare(got) == "");
      std::vector<uint8_t> left(zeros.size(), 1);
      require(device.download(left.data(), workspace, left.size()));
      CHECK(llvm::count(left, 0) == int64_t(left.size()));
    }
  }
  CHECK((shared > 0 || coveringKeys(Op::TopK).empty()));
}

TEST_CASE("topk: any number of threads, and any order of workgroups") {
  for (const char *text :
       {"topk.gfx942.prefill.column.b1", "topk.gfx950.decode.slot.b64"}) {
    KernelKey key = parse(text);
    Device &device = deviceOf(*key.arch);
    for (TopKValues values : {TopKValues::Normal, TopKValues::Few}) {
      TopKOptions options;
      options.seed = nextSeed();
      options.rows = options.nextN = 3;
      options.width = 40000;
      options.k = 700;
      options.isFull = true;
      options.values = values;
      TopKProblem p = TopKProblem::random(key, options), first;
      hipdex_emulator_counters counters = check(p, &first);
      for (auto [threads, order] :
           {std::pair<unsigned, uint64_t>{1, 0}, {1, 5}, {3, 6}, {7, 7}}) {
        ScheduleScope scope(device, threads, order);
        TopKProblem got;
        hipdex_emulator_counters again = check(p, &got);
        INFO(threads << " threads, order " << order);
        CHECK(got.indices == first.indices);
        CHECK(again.bytes_loaded == counters.bytes_loaded);
      }
    }
  }
}

TEST_CASE("topk: captured once, replayed on other logits") {
  for (const char *text :
       {"topk.gfx942.decode.column.b1", "topk.gfx950.prefill.slot.b64"}) {
    TopKProblem p = fullRow(text, 20000, 600), expected = p;
    INFO(text << ", problem seed " << p.seed);
    Device &device = deviceOf(*p.key.arch);
    auto call = [&](const char *name, auto... arguments) {
      auto *function = device.function<int(decltype(arguments)...)>(name);
      REQUIRE(function);
      require(device.hipError(name, function(arguments...)));
    };
    Operands memory(device);
    RowProblem::Pointers pointers;
    for (auto [operand, ranges] : llvm::zip_equal(p.operands(), p.touched()))
      pointers[operand.argument] = require(memory.place(
          operand.argument, operand.bytes, ranges, operand.access));
    // Loading a kernel is no part of a capture.
    const hipdex_kernel *kernel = kernelOf(p.key);
    void *stream = nullptr, *graph = nullptr, *exec = nullptr;
    call("hipStreamCreate", &stream);
    call("hipStreamBeginCapture", stream, 0);
    REQUIRE(p.launch(kernel, pointers, stream) == HIPDEX_SUCCESS);
    call("hipStreamEndCapture", stream, &graph);
    call("hipGraphInstantiate", &exec, graph, (void *)nullptr, (char *)nullptr,
         size_t(0));
    for (int replay = 0; replay < 3; ++replay) {
      std::rotate(expected.logits.begin(), expected.logits.begin() + 7777,
                  expected.logits.end());
      require(device.upload(pointers["logits"], expected.logits.data(),
                            expected.logits.size() * 4));
      call("hipGraphLaunch", exec, stream);
      call("hipStreamSynchronize", stream);
      TopKProblem got = expected;
      require(device.download(got.indices.data(), pointers["indices"],
                              got.indices.size() * 4));
      require(device.download(got.workspace.data(), pointers["workspace"],
                              got.workspace.size() * 4));
      CHECK(expected.compare(got) == "");
    }
    call("hipGraphExecDestroy", exec);
    call("hipGraphDestroy", graph);
    call("hipStreamDestroy", stream);
  }
}

TEST_CASE("topk: rows gigabytes apart") {
  for (const char *text :
       {"topk.gfx942.prefill.slot.b1", "topk.gfx950.decode.column.b1"}) {
    TopKOptions options;
    options.seed = nextSeed();
    options.rows = options.nextN = 3;
    options.width = 9000;
    options.k = 300;
    options.isFull = true;
    TopKProblem p = TopKProblem::random(parse(text), options), got = p;
    INFO(text << ", problem seed " << p.seed);
    Device &device = deviceOf(*p.key.arch);
    Operands memory(device);
    RowProblem::Pointers pointers;
    // 1.2 GB from a row to the next.
    constexpr int64_t apart = 300'000'000;
    std::vector<void *> allocations;
    auto spread = [&](auto &list, int64_t stride, const char *name) {
      auto *base =
          static_cast<char *>(require(device.allocate(size_t(apart) * 3 * 4)));
      allocations.push_back(base);
      for (int64_t r = 0; r < 3; ++r)
        require(
            device.upload(base + r * apart * 4, &list[r * stride], stride * 4));
      pointers[name] = base;
      return base;
    };
    spread(got.logits, got.logitsStride, "logits");
    char *indices = spread(got.indices, got.indicesStride, "indices");
    for (auto [operand, ranges] :
         llvm::zip_equal(got.operands(), got.touched()))
      if (!pointers.count(operand.argument))
        pointers[operand.argument] = require(memory.place(
            operand.argument, operand.bytes, ranges, operand.access));
    got.logitsStride = got.indicesStride = apart;
    if (got.launch(kernelOf(p.key), pointers) != HIPDEX_SUCCESS)
      FAIL(llvm::toString(device.launchError()));
    require(device.synchronize());
    got.logitsStride = p.logitsStride;
    got.indicesStride = p.indicesStride;
    for (int64_t r = 0; r < 3; ++r)
      require(device.download(&got.indices[r * p.indicesStride],
                              indices + r * apart * 4, p.indicesStride * 4));
    CHECK(p.compare(got) == "");
    for (void *allocation : allocations)
      device.release(allocation);
  }
}

TEST_CASE("topk: no rows, no columns") {
  for (const char *text : someKeys)
    for (auto [rows, width] :
         {std::pair<int64_t, int64_t>{0, 100}, {4, 0}, {1, 1}}) {
      TopKOptions options;
      options.seed = nextSeed();
      options.rows = rows;
      options.width = width;
      options.k = 3;
      check(TopKProblem::random(parse(text), options));
    }
}
