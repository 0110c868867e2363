//===- MqaLogits.cpp - What mqa_logits must compute -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/MqaLogits.h"

#include "reference/Reference.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace hipdex;

QuantizedRow hipdex::randomToken(const KernelKey &key, Random random) {
  std::vector<float> row(key.headDim);
  drawToken(row, random);
  return quantize(row, key.fp8, key.fp8Max(), false);
}

MqaLogitsOptions MqaLogitsOptions::random(uint64_t seed) {
  Random random(seed, 100, 0);
  MqaLogitsOptions options;
  options.seed = seed;
  // A wave's rows, a few waves, or a few workgroups.
  options.rows = random.below(2) ? random.below(5) : random.below(30);
  options.tokens = randomTokens(random);
  if (random.below(2))
    options.width = randomTokens(random);
  options.isCausal = random.below(4) == 0;
  options.qPadding = random.below(3);
  options.headPadding = random.below(2);
  options.kPadding = random.below(2) ? random.below(40) : 0;
  options.weightsPadding = random.below(3);
  options.logitsPadding = random.below(2) ? random.below(100) : 0;
  return options;
}

void MqaLogitsProblem::drawRows(const KernelKey &key,
                                const MqaLogitsOptions &options) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  MqaLogitsProblem &p = *this;
  p.key = key;
  p.seed = options.seed;
  p.rows = options.rows;
  p.tokens = options.tokens;
  p.width = options.width < 0 ? p.tokens : options.width;
  p.qStrideHead = key.headDim + 16 * options.headPadding;
  p.qStrideRow = key.heads * p.qStrideHead + 16 * options.qPadding;
  p.kStride = key.headDim + options.kPadding;
  p.weightsStride = key.heads + 4 * options.weightsPadding;
  p.logitsStride = p.width + options.logitsPadding;
  p.allocate();

  Random window(p.seed, Window, 0);
  constexpr int32_t least = std::numeric_limits<int32_t>::min(),
                    most = std::numeric_limits<int32_t>::max();
  for (int64_t m = 0; m < p.rows; ++m) {
    if (options.isCausal) {
      p.starts[m] = 0;
      p.ends[m] = p.tokens - p.rows + m + 1;
      continue;
    }
    int64_t a = window.below(p.tokens + 1), b = window.below(p.tokens + 1);
    p.starts[m] = std::min(a, b);
    p.ends[m] = std::max(a, b);
    // No start, no end, nothing in between, and the wrong way round.
    switch (window.below(8)) {
    case 0:
      p.starts[m] = window.below(2) ? least : -int64_t(window.below(100));
      break;
    case 1:
      p.ends[m] = window.below(2) ? most : p.tokens + window.below(100);
      break;
    case 2:
      p.ends[m] = p.starts[m];
      break;
    case 3:
      std::swap(p.starts[m], p.ends[m]);
      break;
    }
  }

  std::fill(p.q.begin(), p.q.end(), nanCode(key.fp8));
  std::fill(p.weights.begin(), p.weights.end(), nan);
  for (int64_t m = 0; m < p.rows; ++m) {
    Random code(p.seed, Query, m), gate(p.seed, Gate, m);
    for (int64_t h = 0; h < key.heads; ++h) {
      p.weights[m * p.weightsStride + h] = gate.normal();
      for (int64_t d = 0; d < key.headDim; ++d) {
        uint8_t &c = p.q[m * p.qStrideRow + h * p.qStrideHead + d];
        do
          c = uint8_t(code.bits() >> 56);
        while (std::isnan(decodeFp8(key.fp8, c)));
      }
    }
  }
  float poison;
  std::memcpy(&poison, &Problem::poison, sizeof(poison));
  std::fill(p.logits.begin(), p.logits.end(), poison);
}

MqaLogitsProblem MqaLogitsProblem::random(const KernelKey &key,
                                          const MqaLogitsOptions &options) {
  MqaLogitsProblem p;
  p.drawRows(key, options);
  // Whatever no row sees would show: NaN codes and scales.
  std::vector<bool> isSeen(p.tokens);
  for (int64_t m = 0; m < p.rows; ++m)
    for (auto [column, end] = p.window(m); column < end; ++column)
      isSeen[column] = true;
  std::fill(p.k.begin(), p.k.end(), nanCode(key.fp8));
  std::fill(p.kScales.begin(), p.kScales.end(),
            std::numeric_limits<float>::quiet_NaN());
  for (int64_t t = 0; t < p.tokens; ++t) {
    if (!isSeen[t])
      continue;
    QuantizedRow stored = randomToken(key, Random(p.seed, Key, t));
    p.kScales[t] = stored.scale;
    std::copy(stored.codes.begin(), stored.codes.end(),
              p.k.begin() + t * p.kStride);
  }
  return p;
}

std::pair<int64_t, int64_t> MqaLogitsProblem::window(int64_t row) const {
  int64_t start = std::max<int64_t>(starts[row], 0),
          end = std::min<int64_t>({ends[row], tokens, width});
  return start < end ? std::make_pair(start, end)
                     : std::make_pair(int64_t(0), int64_t(0));
}

bool MqaLogitsProblem::token(int64_t, int64_t position,
                             llvm::MutableArrayRef<uint8_t> codes,
                             float &scale) const {
  std::copy_n(k.begin() + position * kStride, codes.size(), codes.begin());
  scale = kScales[position];
  return true;
}

std::vector<RowSize> MqaLogitsProblem::sizes() {
  return {{"rows", &rows},
          {"tokens", &tokens},
          {"width", &width},
          {"q_stride_row", &qStrideRow},
          {"q_stride_head", &qStrideHead, key.headDim},
          {"k_stride", &kStride, key.headDim},
          {"weights_stride", &weightsStride, key.heads},
          {"logits_stride", &logitsStride}};
}

std::vector<RowOperand> MqaLogitsProblem::operands() {
  std::string fp8 = fp8Name(key.fp8).str();
  auto number = [&](const char *name, const char *type,
                    std::vector<int64_t> shape, std::vector<int64_t> strides,
                    llvm::MutableArrayRef<uint8_t> bytes, unsigned access) {
    return RowOperand{name,  type,  4, std::move(shape), std::move(strides),
                      bytes, access};
  };
  return {
      {"q",
       fp8,
       1,
       {rows, key.heads, key.headDim},
       {qStrideRow, qStrideHead, 1},
       q,
       HIPDEX_EMULATOR_READ},
      {"k",
       fp8,
       1,
       {tokens, key.headDim},
       {kStride, 1},
       k,
       HIPDEX_EMULATOR_READ},
      number("k_scales", "float32", {tokens}, {1}, bytesOf(kScales),
             HIPDEX_EMULATOR_READ),
      number("weights", "float32", {rows, key.heads}, {weightsStride, 1},
             bytesOf(weights), HIPDEX_EMULATOR_READ),
      number("starts", "int32", {rows}, {1}, bytesOf(starts),
             HIPDEX_EMULATOR_READ),
      number("ends", "int32", {rows}, {1}, bytesOf(ends), HIPDEX_EMULATOR_READ),
      number("logits", "float32", {rows, width}, {logitsStride, 1},
             bytesOf(logits), HIPDEX_EMULATOR_WRITE)};
}

void MqaLogitsProblem::allocate() {
  q.resize(rows * qStrideRow);
  k.resize(tokens * kStride);
  kScales.resize(tokens);
  weights.resize(rows * weightsStride);
  starts.resize(rows);
  ends.resize(rows);
  logits.resize(rows * logitsStride);
}

// Any windows are: they are clamped.
RowFault MqaLogitsProblem::check() const { return {}; }

void MqaLogitsProblem::touchedRows(
    std::vector<hipdex_emulator_range> &queries,
    std::vector<hipdex_emulator_range> &gates,
    std::vector<hipdex_emulator_range> &cells) const {
  for (int64_t m = 0; m < rows; ++m) {
    for (int64_t h = 0; h < key.heads; ++h)
      queries.push_back(
          {uint64_t(m * qStrideRow + h * qStrideHead), uint64_t(key.headDim)});
    gates.push_back({uint64_t(m * weightsStride) * 4, uint64_t(key.heads) * 4});
    auto [start, end] = window(m);
    if (key.tail == Tail::NegInf)
      std::tie(start, end) = std::make_pair(int64_t(0), width);
    if (start < end)
      cells.push_back(
          {uint64_t(m * logitsStride + start) * 4, uint64_t(end - start) * 4});
  }
}

std::vector<std::vector<hipdex_emulator_range>>
MqaLogitsProblem::touched() const {
  std::vector<hipdex_emulator_range> queries, keys, scales, gates, bounds,
      cells;
  touchedRows(queries, gates, cells);
  for (int64_t t = 0; t < tokens; ++t)
    keys.push_back({uint64_t(t * kStride), uint64_t(key.headDim)});
  if (tokens)
    scales.push_back({0, uint64_t(tokens) * 4});
  if (rows)
    bounds.push_back({0, uint64_t(rows) * 4});
  return {queries, keys, scales, gates, bounds, bounds, cells};
}

std::vector<MqaLogitsProblem::Cell> MqaLogitsProblem::cells(int64_t row) const {
  auto [start, end] = window(row);
  std::vector<Cell> cells;
  std::vector<float> decoded(256), codes(key.heads * key.headDim);
  std::vector<uint8_t> ofToken(key.headDim);
  for (int code = 0; code < 256; ++code)
    decoded[code] = decodeFp8(key.fp8, code);
  for (int64_t h = 0; h < key.heads; ++h)
    for (int64_t d = 0; d < key.headDim; ++d)
      codes[h * key.headDim + d] =
          decoded[q[row * qStrideRow + h * qStrideHead + d]];
  for (int64_t p = start; p < end; ++p) {
    float scale;
    if (!token(row, p, ofToken, scale)) {
      cells.push_back({-std::numeric_limits<double>::infinity(), 0});
      continue;
    }
    std::vector<float> keys;
    for (uint8_t code : ofToken)
      keys.push_back(decoded[code]);
    double value = 0, magnitude = 0, terms = 0;
    for (int64_t h = 0; h < key.heads; ++h) {
      double dot = 0, absolute = 0;
      for (int64_t d = 0; d < key.headDim; ++d) {
        double product = double(codes[h * key.headDim + d]) * keys[d];
        dot += product;
        absolute += std::fabs(product);
      }
      double weight = weights[row * weightsStride + h];
      value += weight * std::max(dot, 0.0);
      magnitude += std::fabs(weight * std::max(dot, 0.0));
      terms += std::fabs(weight) * absolute;
    }
    cells.push_back({value * scale, (Comparison::tolerance * magnitude +
                                     Comparison::termsTolerance * terms) *
                                        std::fabs(scale)});
  }
  return cells;
}

void MqaLogitsProblem::execute() {
  for (int64_t m = 0; m < rows; ++m) {
    float *row = logits.data() + m * logitsStride;
    if (key.tail == Tail::NegInf)
      std::fill(row, row + width, -std::numeric_limits<float>::infinity());
    int64_t column = window(m).first;
    for (const Cell &cell : cells(m))
      row[column++] = float(cell.value);
  }
}

std::string MqaLogitsProblem::compare(RowProblem &other) const {
  auto &got = static_cast<MqaLogitsProblem &>(other);
  auto bits = [](float value) {
    uint32_t result;
    std::memcpy(&result, &value, sizeof(result));
    return result;
  };
  uint64_t wrong = 0;
  std::string first;
  for (int64_t m = 0; m < rows; ++m) {
    auto [start, end] = window(m);
    std::vector<Cell> cells = this->cells(m);
    for (int64_t p = 0; p < logitsStride; ++p) {
      float is = got.logits[m * logitsStride + p];
      std::string expected;
      if (p >= start && p < end) {
        const Cell &cell = cells[p - start];
        if (!(is == cell.value || std::fabs(is - cell.value) <= cell.allowed))
          expected =
              llvm::formatv("{0:e12} within {1:e2}", cell.value, cell.allowed);
      } else if (p < width && key.tail == Tail::NegInf) {
        if (is != -std::numeric_limits<float>::infinity())
          expected = "-inf";
      } else if (bits(is) != bits(logits[m * logitsStride + p])) {
        expected = "untouched";
      }
      if (!expected.empty() && ++wrong == 1)
        first = llvm::formatv("logits[{0}, {1}] is {2:e8}, must be {3}", m, p,
                              is, expected);
    }
  }
  if (!wrong)
    return {};
  return llvm::formatv("{0} cells are wrong; first: {1}", wrong, first);
}

hipdex_mqa_logits_args MqaLogitsProblem::args(const Pointers &pointers) const {
  hipdex_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.rows = rows;
  args.tokens = tokens;
  args.width = width;
  args.q = pointers.lookup("q");
  args.q_stride_row = qStrideRow;
  args.q_stride_head = qStrideHead;
  args.k = pointers.lookup("k");
  args.k_stride = kStride;
  args.k_scales = static_cast<float *>(pointers.lookup("k_scales"));
  args.weights = static_cast<float *>(pointers.lookup("weights"));
  args.weights_stride = weightsStride;
  args.starts = static_cast<int32_t *>(pointers.lookup("starts"));
  args.ends = static_cast<int32_t *>(pointers.lookup("ends"));
  args.logits = static_cast<float *>(pointers.lookup("logits"));
  args.logits_stride = logitsStride;
  return args;
}
