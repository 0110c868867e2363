//===- QkPrepTest.cpp - qk_prep against the reference ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every byte of what is written, on the emulator, with every operand guarded;
// and that one launch leaves what its parts leave one by one.
//
//===----------------------------------------------------------------------===//

#include "reference/QkPrep.h"
#include "Harness.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#pragma STDC FP_CONTRACT OFF

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

/// Launches the problem and compares every byte.
static QkPrepProblem check(const QkPrepProblem &p,
                           LaunchCounters *counters = nullptr) {
  INFO(p.key.str() << ", problem seed " << p.seed << ", " << p.tokens()
                   << " tokens");
  QkPrepProblem got = p;
  RowLaunchOptions options;
  options.counters = counters;
  options.watched = "q_out";
  require(launchRows(deviceOf(*p.key.arch), kernelOf(p.key), got, options));
  CHECK(p.compare(got) == "");
  return got;
}

static QkPrepProblem draw(const KernelKey &key, QkPrepOptions options) {
  options.store.seed = nextSeed();
  options.store.numPages = 2 + (options.store.tokens + 8) / key.pageSize;
  return require(QkPrepProblem::random(key, options));
}

static const char *const keyTexts[] = {
    "qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn",
    ("qk_prep.gfx950.p64.d128.pre.h32.interleaved.last.f16.i32.fn.hadamard."
     "prep_q"),
    "qk_prep.gfx942.p1.d128.plain.h8.interleaved.first.bf16.i64.fnuz.ue8m0",
    "qk_prep.gfx942.p16.d128.pre.h16.neox.last.f16.i64.fnuz.hadamard.prep_q"};

TEST_CASE("qk_prep: nothing to do, and nothing that is written") {
  for (const char *text : keyTexts) {
    KernelKey key = require(KernelKey::parse(text));
    QkPrepOptions options;
    options.store.tokens = 0;
    check(draw(key, options));
    options.store.tokens = 1;
    check(draw(key, options));
    options.store.tokens = 40;
    check(draw(key, options));
    // Of every token, what is wrong with it.
    for (int64_t *all :
         {&options.store.skipped, &options.store.outOfRange,
          &options.store.notFinite, &options.outOfTables, &options.notFinite}) {
      *all = 100;
      check(draw(key, options));
      *all = 0;
    }
  }
}

TEST_CASE("qk_prep: what tokens with a negative slot have is in the key") {
  for (bool prepsSkipped : {false, true}) {
    KernelKey key = require(KernelKey::parse(keyTexts[0]));
    key.prepsSkipped = prepsSkipped;
    QkPrepOptions options;
    options.store.tokens = 20;
    options.store.skipped = 100;
    QkPrepProblem p = draw(key, options);
    QkPrepProblem after = check(p);
    CHECK(after.store.cache == p.store.cache);
    CHECK((after.qOut == p.qOut) == !prepsSkipped);
    CHECK(after.store.error == p.store.error);
    // Where q is not wanted, nobody looks at the position.
    options.outOfTables = 100;
    p = draw(key, options);
    after = check(p);
    CHECK(after.qOut == p.qOut);
    CHECK(after.store.error[0] ==
          (QuantStoreProblem::oldError | (prepsSkipped ? 4u : 0u)));
  }
}

TEST_CASE("qk_prep: a slot past the cache loses K alone, and is flagged") {
  for (const char *text : keyTexts) {
    QkPrepOptions options;
    options.store.tokens = 9;
    options.store.outOfRange = 100;
    QkPrepProblem p = draw(require(KernelKey::parse(text)), options);
    QkPrepProblem after = check(p);
    CHECK(after.store.cache == p.store.cache);
    CHECK(after.qOut != p.qOut);
    CHECK(after.store.error[0] == (QuantStoreProblem::oldError | 1u));
  }
}

TEST_CASE("qk_prep: rows of zeros, and one row for all tokens") {
  for (const char *text : keyTexts) {
    KernelKey key = require(KernelKey::parse(text));
    QkPrepOptions options;
    options.store.tokens = 33;
    QkPrepProblem p = draw(key, options);
    llvm::fill(p.q, 0);
    llvm::fill(p.store.k, 0);
    llvm::fill(p.weights, 0);
    check(p);
    p = draw(key, options);
    p.qStrideToken = p.qStrideHead = p.store.kStride = p.weightsStride = 0;
    p.cosStride = p.sinStride = 0;
    check(p);
  }
}

TEST_CASE("qk_prep: no product is fused with a sum") {
  for (const char *text : keyTexts) {
    QkPrepOptions options;
    options.store.tokens = 3;
    QkPrepProblem p = draw(require(KernelKey::parse(text)), options);
    // Biases take away what the products are once they are rounded; where the
    // sum sees more of them, K is not zero. (Products of two numbers of q or k
    // are exact in float32: there fusing changes nothing.)
    p.store.kStride = 0;
    std::vector<float> row;
    for (int d = 0; d < 128; ++d) {
      row.push_back(d * d % 37 - 11);
      uint32_t bits = toSource(p.key.source, row[d]);
      std::memcpy(&p.store.k[d * 2], &bits, 2);
      p.normWeight[d] = 1000.1f + d;
    }
    float mean = sumOfRow(row) * (1.0f / 128);
    std::vector<float> squares;
    for (float &x : row) {
      x = x - mean;
      squares.push_back(x * x);
    }
    float variance = sumOfRow(squares) * (1.0f / 128);
    float inverse = 1.0f / std::sqrt(variance + p.normEps());
    for (int d = 0; d < 128; ++d) {
      float normed = row[d] * inverse;
      p.normBias[d] = -(normed * p.normWeight[d]);
    }
    CHECK(llvm::all_of(p.preparedK(0), [](float x) { return x == 0; }));
    check(p);
  }
}

TEST_CASE("qk_prep: many tokens") {
  for (const char *text : {keyTexts[2], keyTexts[3]}) {
    QkPrepOptions options;
    options.store.tokens = 515;
    options.maxPositions = 5000;
    options.headPadding = 3;
    options.tokenPadding = 5;
    options.outPadding = 7;
    options.rowPadding = 1;
    check(draw(require(KernelKey::parse(text)), options));
  }
}

TEST_CASE("qk_prep: what it writes, it writes once") {
  for (const KernelKey &key : coveringKeys(Op::QkPrep)) {
    INFO(key.str());
    QkPrepOptions options;
    options.store.tokens = 32;
    LaunchCounters counters;
    check(draw(key, options), &counters);
    // Codes and a gate for each head; codes and a scale of K.
    CHECK(counters.counts.bytes_stored ==
          uint64_t(32 * (key.heads * (128 + 4) + 128 + 4)));
  }
}

//===----------------------------------------------------------------------===//
// Its parts, one by one
//===----------------------------------------------------------------------===//

namespace {
/// What engines do in kernels of their own, with none of the reference's code:
/// each step a loop over rows of what the last one rounded.
class Unfused {
public:
  explicit Unfused(const QkPrepProblem &problem)
      : problem(problem), key(problem.key) {}

  using Row = std::vector<float>;

  Row load(llvm::ArrayRef<uint8_t> bytes, int64_t first, int64_t count) const {
    Row row;
    for (int64_t i = 0; i < count; ++i) {
      uint16_t bits;
      std::memcpy(&bits, bytes.data() + (first + i) * 2, 2);
      row.push_back(widen(bits));
    }
    return row;
  }

  Row norm(const Row &row) const {
    // The tree of docs/ops.md, by its recursion.
    auto sum = [](Row x) {
      for (size_t c = 0; c < 32; ++c)
        x[c] = x[c] + x[c + 32] + x[c + 64] + x[c + 96];
      float blocks[4];
      for (int b = 0; b < 4; ++b) {
        const float *y = &x[8 * b];
        blocks[b] =
            ((y[0] + y[4]) + (y[2] + y[6])) + ((y[1] + y[5]) + (y[3] + y[7]));
      }
      return (blocks[0] + blocks[1]) + (blocks[2] + blocks[3]);
    };
    float mean = sum(row) / 128;
    Row squares;
    for (float x : row)
      squares.push_back((x - mean) * (x - mean));
    float deviation = std::sqrt(sum(squares) / 128 + problem.normEps());
    Row result;
    for (size_t d = 0; d < row.size(); ++d) {
      float x = (row[d] - mean) * (1.0f / deviation) * problem.normWeight[d];
      result.push_back(narrow(x + problem.normBias[d]));
    }
    return result;
  }

  Row rope(Row row, int64_t token) const {
    int64_t position = problem.position(token);
    Row c = load(problem.cos, position * problem.cosStride, 32),
        s = load(problem.sin, position * problem.sinStride, 32), result = row;
    int64_t start = key.rotaryLast ? 64 : 0;
    for (int64_t d = 0; d < 64; ++d) {
      bool isNeox = key.rope == Rope::Neox;
      int64_t other = isNeox ? d ^ 32 : d ^ 1, i = isNeox ? d % 32 : d / 2;
      float straight = row[start + d] * c[i],
            across = row[start + other] * s[i];
      result[start + d] =
          narrow(d < other ? straight - across : straight + across);
    }
    return result;
  }

  Row transform(Row row) const {
    row = butterflies(row);
    for (float &x : row)
      x = narrow(x * 0.088388346f);
    return row;
  }

  /// q of a head: codes, and the scale.
  std::pair<std::vector<uint8_t>, float> quantize(const Row &row) const {
    float largest = key.fp8 == Fp8Format::E4M3FN ? 448 : 240, amax = 1e-10f;
    for (float x : row)
      if (std::isfinite(x) && std::fabs(x) > amax)
        amax = std::fabs(x);
    float scale = amax * (1 / largest);
    if (key.powerOfTwo)
      scale = std::exp2(std::ceil(std::log2(double(scale))));
    std::vector<uint8_t> codes;
    for (float x : row)
      codes.push_back(encode(x * (1 / scale), largest));
    return {codes, scale};
  }

  uint16_t narrowBits(float value) const {
    if (key.source == SourceType::BF16) {
      uint32_t bits = llvm::bit_cast<uint32_t>(value);
      if (std::isnan(value))
        return 0x7fc0;
      return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    }
    if (std::isnan(value))
      return 0x7e00;
    llvm::APFloat half(value);
    bool lost;
    half.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
                 &lost);
    return half.bitcastToAPInt().getZExtValue();
  }

private:
  float narrow(float value) const { return widen(narrowBits(value)); }
  float widen(uint16_t bits) const {
    if (key.source == SourceType::BF16)
      return llvm::bit_cast<float>(uint32_t(bits) << 16);
    llvm::APFloat half(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
    bool lost;
    half.convert(llvm::APFloat::IEEEsingle(),
                 llvm::APFloat::rmNearestTiesToEven, &lost);
    return half.convertToFloat();
  }

  /// The pairs of neighbours, then each half of them by itself.
  static Row butterflies(const Row &row) {
    if (row.size() == 1)
      return row;
    Row sums, differences;
    for (size_t i = 0; i < row.size(); i += 2) {
      sums.push_back(row[i] + row[i + 1]);
      differences.push_back(row[i] - row[i + 1]);
    }
    sums = butterflies(sums);
    differences = butterflies(differences);
    Row result;
    for (size_t i = 0; i < sums.size(); ++i) {
      result.push_back(sums[i]);
      result.push_back(differences[i]);
    }
    return result;
  }

  /// The nearest code, by looking at all of them.
  uint8_t encode(float x, float largest) const {
    if (std::isnan(x))
      x = largest;
    int best = 0;
    double distance = INFINITY;
    for (int code = 0; code < 0x80; ++code) {
      double value = decodeFp8(key.fp8, code);
      if (std::isnan(value) || value > largest)
        continue;
      double away = std::fabs(std::min<double>(std::fabs(x), largest) - value);
      if (away < distance || (away == distance && code % 2 == 0)) {
        best = code;
        distance = away;
      }
    }
    bool hasSign = std::signbit(x) && (best || key.fp8 == Fp8Format::E4M3FN);
    return best | (hasSign ? 0x80 : 0);
  }

  const QkPrepProblem &problem;
  const KernelKey &key;
};
} // namespace

TEST_CASE("qk_prep: one launch leaves what its parts leave one by one") {
  for (const KernelKey &key : coveringKeys(Op::QkPrep)) {
    QkPrepOptions options;
    options.store.tokens = 19;
    options.store.notFinite = options.notFinite = 10;
    QkPrepProblem p = draw(key, options);
    INFO(key.str() << ", problem seed " << p.seed);
    QkPrepProblem fused = p;
    require(launchRows(deviceOf(*key.arch), kernelOf(key), fused));

    Unfused unfused(p);
    auto rotate = [&](Unfused::Row row, int64_t token) {
      row = unfused.rope(row, token);
      return key.hadamard ? unfused.transform(row) : row;
    };
    // K: on the host up to the store, which is the kernel of k_quant_store.
    QuantStoreProblem store = p.store;
    for (int64_t token = 0; token < p.tokens(); ++token) {
      int64_t at = token * store.kStride;
      Unfused::Row row =
          rotate(unfused.norm(unfused.load(p.store.k, at, 128)), token);
      for (int64_t d = 0; d < 128; ++d) {
        uint16_t bits = unfused.narrowBits(row[d]);
        std::memcpy(&store.k[(at + d) * 2], &bits, 2);
      }
    }
    require(launchRows(deviceOf(*key.arch), kernelOf(store.key), store));
    CHECK(fused.store.cache == store.cache);
    CHECK(fused.store.error == store.error);

    // q: on the host.
    std::vector<uint8_t> qOut = p.qOut;
    std::vector<float> weightsOut = p.weightsOut;
    for (int64_t token = 0; token < p.tokens(); ++token)
      for (int64_t head = 0; head < key.heads; ++head) {
        auto [codes, scale] = unfused.quantize(
            rotate(unfused.load(
                       p.q, token * p.qStrideToken + head * p.qStrideHead, 128),
                   token));
        llvm::copy(codes, qOut.begin() + token * p.qOutStrideToken +
                              head * p.qOutStrideHead);
        float gate =
            unfused.load(p.weights, token * p.weightsStride + head, 1)[0];
        float result = gate * scale * p.weightsScale();
        weightsOut[token * p.weightsOutStride + head] =
            std::isnan(result) ? llvm::bit_cast<float>(0x7fc00000) : result;
      }
    CHECK(fused.qOut == qOut);
    CHECK(std::memcmp(fused.weightsOut.data(), weightsOut.data(),
                      weightsOut.size() * 4) == 0);
  }
}
