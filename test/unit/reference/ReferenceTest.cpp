//===- ReferenceTest.cpp - The reference against golden vectors -----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// test/data/vectors holds float64 results that numpy made, with no code of
// ours. Their keys go beyond what kernels exist for.
//
//===----------------------------------------------------------------------===//

#include "reference/Reference.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>

using namespace hipdex;

static std::string read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  INFO(path);
  REQUIRE(buffer);
  return (*buffer)->getBuffer().str();
}

template <typename T> static std::vector<T> readArray(const std::string &path) {
  std::string bytes = read(path);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

static Problem readVector(const std::string &directory) {
  auto parsed = llvm::json::parse(read(directory + "/manifest.json"));
  REQUIRE(bool(parsed));
  const llvm::json::Object &manifest = *parsed->getAsObject();
  auto shape = [&](const char *file, unsigned axis) {
    return *(*manifest.getObject("files")->getObject(file)->getArray(
        "shape"))[axis]
                .getAsInteger();
  };
  Problem p;
  p.key.pageSize = *manifest.getInteger("page_size");
  p.key.headDim = *manifest.getInteger("head_dim");
  p.key.kvBlockSize = *manifest.getInteger("kv_block_size");
  p.key.preshuffle = manifest.getString("layout") == "pre";
  p.key.heads = *manifest.getInteger("heads");
  p.key.nextN = *manifest.getInteger("next_n");
  p.key.fp8 = *parseFp8Name(*manifest.getString("fp8"));
  p.batch = *manifest.getInteger("batch");
  p.width = p.logitsStride = shape("logits.bin", 1);
  p.numPages = shape("kv.bin", 0);
  p.pageStride = shape("kv.bin", 1);
  p.tableWidth = p.tableStride = shape("block_table.bin", 1);
  p.weightsStride = p.key.heads;
  p.qStrideHead = p.key.headDim;
  p.qStrideToken = p.key.heads * p.qStrideHead;
  p.qStrideRequest = p.key.nextN * p.qStrideToken;
  p.q = readArray<uint8_t>(directory + "/q.bin");
  p.weights = readArray<float>(directory + "/weights.bin");
  p.contextLens = readArray<int32_t>(directory + "/context_lens.bin");
  p.blockTable = readArray<int32_t>(directory + "/block_table.bin");
  std::string kv = read(directory + "/kv.bin");
  REQUIRE(kv.size() == p.kvBytes());
  p.kv = Problem::mapMemory(kv.size());
  std::memcpy(p.kv.get(), kv.data(), kv.size());
  return p;
}

TEST_CASE("the reference agrees with golden vectors") {
  std::error_code error;
  unsigned vectors = 0;
  for (llvm::sys::fs::directory_iterator it(HIPDEX_TEST_VECTORS, error), end;
       it != end && !error; it.increment(error), ++vectors) {
    std::string directory = it->path();
    INFO(directory);
    Problem p = readVector(directory);
    auto expected = readArray<double>(directory + "/logits.bin");
    auto magnitude = readArray<double>(directory + "/magnitude.bin");
    Reference reference(p);
    int64_t nextN = p.key.nextN;
    for (int64_t b = 0; b < p.batch; ++b) {
      int64_t length = p.contextLen(b);
      std::vector<double> values(nextN * length), magnitudes(nextN * length);
      reference.compute(b, 0, length, values, magnitudes);
      for (int64_t j = 0; j < nextN; ++j)
        for (int64_t column = 0; column < p.width; ++column) {
          size_t cell = (b * nextN + j) * p.width + column;
          INFO("request " << b << " token " << j << " column " << column);
          REQUIRE((column < p.visible(b, j)) == !std::isnan(expected[cell]));
          if (std::isnan(expected[cell]))
            continue;
          double value = values[j * length + column];
          if (std::isinf(expected[cell])) {
            REQUIRE(value == expected[cell]);
            continue;
          }
          // Only the order of the head sum may differ.
          REQUIRE(std::fabs(value - expected[cell]) <= 1e-12 * magnitude[cell]);
          REQUIRE(std::fabs(magnitudes[j * length + column] -
                            magnitude[cell]) <= 1e-12 * magnitude[cell]);
        }
    }
  }
  CHECK(vectors == 7);
}

/// Logits as a right kernel would leave them.
static std::vector<float> rightLogits(const Problem &p) {
  std::vector<float> logits(p.logitsElements());
  for (float &cell : logits)
    std::memcpy(&cell, &Problem::poison, sizeof(cell));
  Reference reference(p);
  for (int64_t b = 0; b < p.batch; ++b) {
    int64_t length = p.contextLen(b);
    std::vector<double> values(p.key.nextN * length), magnitudes(values.size());
    reference.compute(b, 0, length, values, magnitudes);
    for (int64_t j = 0; j < p.key.nextN; ++j)
      for (int64_t c = 0; c < p.visible(b, j); ++c)
        logits[(b * p.key.nextN + j) * p.logitsStride + c] =
            values[j * length + c];
  }
  return logits;
}

TEST_CASE("the terms of a cell are the absolute values of its products") {
  auto key =
      KernelKey::parse("paged_mqa_logits.gfx950.p16.d64.b1.pre.h8.n2.fn");
  REQUIRE(bool(key));
  ProblemOptions options;
  options.contextLens = {20, 3};
  options.seed = 3;
  options.invalidEntries = 20;
  options.qHeadPadding = 16;
  options.qTokenPadding = 32;
  auto p = Problem::random(*key, options);
  REQUIRE(bool(p));
  // With every sign gone, nothing cancels: the terms are the value itself.
  Problem positive = *p;
  for (uint8_t &code : positive.q)
    code &= 0x7f;
  for (float &weight : positive.weights)
    weight = std::fabs(weight);
  positive.kv = Problem::mapMemory(p->kvBytes());
  for (uint64_t i = 0; i < p->kvBytes(); ++i)
    positive.kv.get()[i] = p->kv.get()[i];
  for (int64_t slot = 0; slot < p->numPages * key->pageSize; ++slot)
    for (int64_t d = 0; d < key->headDim; ++d)
      positive.kv.get()[key->layout().elementOffset(slot, d, p->pageStride)] &=
          0x7f;
  Reference of(*p), ofPositive(positive);
  for (int64_t b = 0; b < p->batch; ++b) {
    int64_t length = p->contextLen(b);
    std::vector<double> values(2 * length), magnitudes(2 * length);
    ofPositive.compute(b, 0, length, values, magnitudes);
    for (int64_t j = 0; j < 2; ++j)
      for (int64_t c = 0; c < length; ++c) {
        double expected = p->slot(b, c) < 0 ? 0 : values[j * length + c];
        CHECK(std::fabs(of.terms(b, j, c) - expected) <= 1e-12 * expected);
      }
  }
}

TEST_CASE("a comparison notices a change in any operand") {
  for (const char *text :
       {"paged_mqa_logits.gfx950.p64.d128.b64.pre.h8.n1.fn",
        "paged_mqa_logits.gfx942.p1.d128.b1.plain.h64.n2.fnuz"}) {
    INFO(text);
    auto key = KernelKey::parse(text);
    REQUIRE(bool(key));
    ProblemOptions options;
    options.contextLens = {300, 200};
    options.seed = 5;
    auto p = Problem::random(*key, options);
    REQUIRE(bool(p));
    const std::vector<float> logits = rightLogits(*p);
    CHECK(compare(*p, logits).passed());
    // The logits are then those of another problem.
    Problem changed = *p;
    for (size_t element : {size_t(0), changed.q.size() - 1}) {
      uint8_t &code = changed.q[element];
      uint8_t kept = code;
      // The highest bit of the exponent, in one element of one head: others
      // may change next to nothing.
      code ^= std::isnan(decodeFp8(key->fp8, code ^ 0x40)) ? 0x60 : 0x40;
      CHECK(!compare(changed, logits).passed());
      code = kept;
    }
    for (size_t head : {size_t(0), changed.weights.size() - 1}) {
      float kept = changed.weights[head];
      changed.weights[head] *= 1.01f;
      CHECK(!compare(changed, logits).passed());
      changed.weights[head] = kept;
    }
    for (int64_t position : {0, 64, 299}) {
      int64_t slot = p->slot(0, position);
      CacheLayout layout = key->layout();
      uint8_t *k = p->kv.get() + layout.elementOffset(slot, 7, p->pageStride);
      uint8_t kept = *k;
      *k ^= std::isnan(decodeFp8(key->fp8, *k ^ 1)) ? 2 : 1;
      CHECK(compare(*p, logits).wrong <= key->nextN);
      CHECK(!compare(*p, logits).passed());
      *k = kept;
      uint8_t *scale = p->kv.get() + layout.scaleOffset(slot, p->pageStride);
      float value;
      std::memcpy(&value, scale, sizeof(value));
      float other = value * 1.0001f;
      std::memcpy(scale, &other, sizeof(other));
      CHECK(!compare(*p, logits).passed());
      std::memcpy(scale, &value, sizeof(value));
    }
    CHECK(compare(*p, logits).passed());
  }
}

TEST_CASE("a checksum is the sum of a token's words and its scale's bits") {
  for (const char *text : {"stream_pages.gfx950.p32.d64.b16.pre.n2.fn",
                           "stream_pages.gfx942.p1.d128.b1.plain.n1.fnuz"}) {
    INFO(text);
    auto key = KernelKey::parse(text);
    REQUIRE(bool(key));
    ProblemOptions options;
    options.contextLens = {40};
    options.seed = 11;
    options.pagePadding = 16;
    options.logitsPadding = 1;
    auto p = Problem::random(*key, options);
    REQUIRE(bool(p));
    CHECK(p->q.empty());
    CHECK(p->weights.empty());
    // As docs/ops.md has the layout.
    auto word = [&](int64_t byte) {
      uint32_t value;
      std::memcpy(&value, p->kv.get() + byte, sizeof(value));
      return value;
    };
    float poison;
    std::memcpy(&poison, &Problem::poison, sizeof(poison));
    std::vector<float> logits(p->logitsElements(), poison);
    for (int64_t position = 0; position < 40; ++position) {
      int64_t slot = p->slot(0, position), t = slot % key->pageSize;
      int64_t page = slot / key->pageSize * p->pageStride;
      uint32_t sum = word(page + key->pageSize * key->headDim + 4 * t);
      for (int64_t d = 0; d < key->headDim; d += 4)
        sum += word(page + (key->preshuffle
                                ? t / 16 * 16 * key->headDim + d / 16 * 256 +
                                      t % 16 * 16 + d % 16
                                : t * key->headDim + d));
      CHECK(Reference(*p).checksum(0, position) == sum);
      for (int64_t j = 0; j < key->nextN; ++j)
        if (position < p->visible(0, j))
          std::memcpy(&logits[j * p->logitsStride + position], &sum,
                      sizeof(sum));
    }
    Comparison right = compare(*p, logits);
    INFO(right.firstWrong);
    CHECK(right.passed());
    CHECK(right.cells == p->visibleCells());

    // One bit of any byte, and the token's cells are wrong, whatever the float.
    int64_t slot = p->slot(0, 17);
    CacheLayout layout = key->layout();
    for (int64_t d = 0; d < key->headDim + 4; ++d) {
      uint8_t &byte =
          p->kv.get()[d < key->headDim
                          ? layout.elementOffset(slot, d, p->pageStride)
                          : layout.scaleOffset(slot, p->pageStride) + d -
                                key->headDim];
      byte ^= 1 << d % 8;
      CHECK(compare(*p, logits).wrong == key->nextN);
      byte ^= 1 << d % 8;
    }
    logits[5] = -logits[5]; // a float's sign is a bit of the sum
    CHECK(compare(*p, logits).wrong == 1);
    CHECK(compare(*p, logits).firstWrong.find("column 5") != std::string::npos);
  }
}

TEST_CASE("a comparison looks at every cell") {
  auto key =
      KernelKey::parse("paged_mqa_logits.gfx942.p16.d128.b16.pre.h32.n2.fnuz");
  REQUIRE(bool(key));
  ProblemOptions options;
  options.contextLens = {0, 1, 2, 40, 2000, -5, 70};
  options.width = 1500;
  options.logitsPadding = 3;
  options.seed = 11;
  options.invalidEntries = 20;
  auto p = Problem::random(*key, options);
  REQUIRE(bool(p));
  // 0 and 1 column for length 1 at next_n 2, and so on; 2000 is cut to 1500.
  CHECK(p->visibleCells() == 0 + 1 + 3 + 79 + 2999 + 0 + 139);

  std::vector<float> logits = rightLogits(*p);
  Comparison right = compare(*p, logits);
  CHECK(right.passed());
  CHECK(right.cells == p->visibleCells());
  CHECK(right.cells + right.untouched == p->logitsElements());
  CHECK(right.worst < 1e-7); // one rounding to float32

  for (int64_t cell = 0; cell < p->logitsElements(); cell += 97) {
    INFO("cell " << cell);
    std::vector<float> broken = logits;
    uint32_t bits;
    std::memcpy(&bits, &broken[cell], sizeof(bits));
    // A part in 2^12 of a value, an infinity made finite, or any bit of poison.
    bits ^= bits == Problem::poison ? 1 : 1 << 11;
    if (std::isinf(broken[cell]))
      bits = 0;
    std::memcpy(&broken[cell], &bits, sizeof(bits));
    // The value may be a cancelled sum, far below its magnitude.
    if (bits != 0 && std::fabs(broken[cell]) < 1e30)
      broken[cell] = -2 * broken[cell];
    Comparison result = compare(*p, broken);
    CHECK(result.wrong == (logits[cell] == 0 ? 0 : 1));
    CHECK(result.firstWrong.find(
              "row " + std::to_string(cell / p->logitsStride) + " ") == 0);
    CHECK(result.firstWrong.find(
              "column " + std::to_string(cell % p->logitsStride) + ":") !=
          std::string::npos);
  }

  // What a kernel with a NaN or with no store at all leaves.
  std::vector<float> none(logits.size());
  for (float &cell : none)
    std::memcpy(&cell, &Problem::poison, sizeof(cell));
  CHECK(compare(*p, none).wrong == p->visibleCells());
}

/// The logits of a kernel whose dot products are float32 after every 32
/// products; \p dropped of them are left out of the first head's.
static std::vector<float> roundedLogits(const Problem &p, int64_t dropped) {
  const KernelKey &key = p.key;
  std::vector<int64_t> steps = p.elementSteps();
  std::vector<float> logits(p.logitsElements());
  for (int64_t c = 0; c < p.contextLen(0); ++c) {
    int64_t slot = p.slot(0, c);
    const uint8_t *k =
        p.kv.get() + key.layout().elementOffset(slot, 0, p.pageStride);
    float scale;
    std::memcpy(&scale,
                p.kv.get() + key.layout().scaleOffset(slot, p.pageStride), 4);
    double sum = 0;
    for (int64_t h = 0; h < key.heads; ++h) {
      float dot = 0;
      for (int64_t first = 0; first < key.headDim; first += 32) {
        double part = 0;
        for (int64_t d = first; d < first + 32; ++d)
          if (h > 0 || d >= dropped)
            part += double(decodeFp8(key.fp8, p.q[h * p.qStrideHead + d])) *
                    decodeFp8(key.fp8, k[steps[d]]);
        dot = float(dot + part);
      }
      sum += double(p.weights[h]) * std::max(dot, 0.0f) * scale;
    }
    logits[c] = float(sum);
  }
  return logits;
}

TEST_CASE("what is left of products that cancel may be rounded") {
  auto key =
      KernelKey::parse("paged_mqa_logits.gfx942.p64.d128.b64.plain.h8.n1.fnuz");
  REQUIRE(bool(key));
  int64_t beyond = 0, cells = 0;
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    ProblemOptions options;
    options.contextLens = {10000};
    options.seed = seed;
    auto p = Problem::random(*key, options);
    REQUIRE(bool(p));
    std::vector<float> logits = roundedLogits(*p, 0);
    INFO("seed " << seed);
    Comparison result = compare(*p, logits);
    CHECK(result.firstWrong == "");

    int64_t count = p->contextLen(0);
    std::vector<double> values(count), magnitudes(count);
    Reference(*p).compute(0, 0, count, values, magnitudes);
    for (int64_t c = 0; c < count; ++c)
      beyond += std::fabs(logits[c] - values[c]) >
                Comparison::tolerance * magnitudes[c];
    cells += count;
    // One product of a thousand that is missing shows where its head does: in
    // half of the cells, but where it is a small one.
    if (seed == 1)
      CHECK(compare(*p, roundedLogits(*p, 1)).wrong > count / 4);
  }
  // Else this tests nothing.
  CHECK(beyond > 0);
  CHECK(beyond < cells / 1000);
}
