//===- QkPrep.cpp - What qk_prep must write -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/QkPrep.h"

#include "reference/Random.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

// No product is fused with a sum.
#pragma STDC FP_CONTRACT OFF

using namespace hipdex;

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

float hipdex::roundToSource(SourceType type, float value) {
  if (type == SourceType::F32 || !std::isfinite(value) || value == 0)
    return value;
  bool isBf16 = type == SourceType::BF16;
  int exponent; // |value| is in [2^(exponent-1), 2^exponent).
  std::frexp(value, &exponent);
  // The distance of neighbours, which is a power of two: below the smallest
  // normal number all have that of the next binade.
  int step = std::max(exponent - 1, isBf16 ? -126 : -14) - (isBf16 ? 7 : 10);
  float rounded = std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
  // bf16 ends where float32 does.
  if (!isBf16 && std::fabs(rounded) > 65504.0f)
    return std::copysign(std::numeric_limits<float>::infinity(), value);
  return rounded;
}

float hipdex::sumOfRow(llvm::ArrayRef<float> row) {
  float sums[32];
  for (int c = 0; c < 32; ++c)
    sums[c] = ((row[c] + row[c + 32]) + row[c + 64]) + row[c + 96];
  for (int distance : {4, 2, 1, 8, 16}) {
    float next[32];
    for (int c = 0; c < 32; ++c)
      next[c] = sums[c] + sums[c ^ distance];
    std::copy(std::begin(next), std::end(next), sums);
  }
  return sums[0];
}

void hipdex::layerNorm(llvm::MutableArrayRef<float> row,
                       llvm::ArrayRef<float> weight, llvm::ArrayRef<float> bias,
                       float eps, SourceType type) {
  float mean = sumOfRow(row) * (1.0f / 128);
  std::vector<float> squares;
  for (float &x : row) {
    x = x - mean;
    squares.push_back(x * x);
  }
  float variance = sumOfRow(squares) * (1.0f / 128);
  float inverse = 1.0f / std::sqrt(variance + eps);
  for (auto [d, x] : llvm::enumerate(row)) {
    float normed = x * inverse;
    float weighted = normed * weight[d];
    x = roundToSource(type, weighted + bias[d]);
  }
}

void hipdex::rotate(llvm::MutableArrayRef<float> row, llvm::ArrayRef<float> cos,
                    llvm::ArrayRef<float> sin, Rope rope, bool rotaryLast,
                    SourceType type) {
  llvm::MutableArrayRef<float> part = row.slice(rotaryLast ? 64 : 0, 64);
  for (int i = 0; i < 32; ++i) {
    float &first = part[rope == Rope::Neox ? i : 2 * i];
    float &second = part[rope == Rope::Neox ? i + 32 : 2 * i + 1];
    float c1 = first * cos[i], s1 = second * sin[i];
    float c2 = second * cos[i], s2 = first * sin[i];
    first = roundToSource(type, c1 - s1);
    second = roundToSource(type, c2 + s2);
  }
}

void hipdex::hadamard(llvm::MutableArrayRef<float> row, SourceType type) {
  for (int distance = 1; distance < 128; distance *= 2)
    for (int c = 0; c < 128; ++c)
      if (!(c & distance)) {
        float a = row[c], b = row[c + distance];
        row[c] = a + b;
        row[c + distance] = a - b;
      }
  const float norm = std::sqrt(1.0f / 128);
  for (float &x : row)
    x = roundToSource(type, x * norm);
}

QuantizedRow hipdex::quantizeQ(llvm::ArrayRef<float> row, Fp8Format fp8,
                               int64_t fp8Max, bool powerOfTwo) {
  QuantizedRow result;
  float amax = 0, largest = fp8Max;
  for (float x : row)
    if (std::isfinite(x))
      amax = std::max(amax, std::fabs(x));
    else
      result.isFinite = false;
  float scale = std::max(amax, 1e-10f) * (1.0f / largest);
  if (powerOfTwo)
    scale = nextPowerOfTwo(scale);
  float inverse = 1.0f / scale;
  result.scale = scale;
  for (float x : row)
    // A NaN is stored as the largest code.
    result.codes.push_back(encodeFp8(
        fp8,
        std::isnan(x) ? largest : std::clamp(x * inverse, -largest, largest)));
  return result;
}

//===----------------------------------------------------------------------===//
// The problem
//===----------------------------------------------------------------------===//

static const float notANumber = std::numeric_limits<float>::quiet_NaN();

KernelKey QkPrepProblem::storeKey(const KernelKey &key) {
  KernelKey store = key;
  store.op = Op::KQuantStore;
  return store;
}

float QkPrepProblem::normEps() const {
  return llvm::bit_cast<float>(uint32_t(normEpsBits));
}

float QkPrepProblem::weightsScale() const {
  return llvm::bit_cast<float>(uint32_t(weightsScaleBits));
}

int64_t QkPrepProblem::position(int64_t token) const {
  return readIndex(positions, key.wideSlots, token);
}

std::vector<float> QkPrepProblem::numbers(llvm::ArrayRef<uint8_t> bytes,
                                          int64_t first, int64_t count) const {
  std::vector<float> result;
  for (int64_t i = first; i < first + count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, bytes.data() + i * sizeof(bits), sizeof(bits));
    result.push_back(fromSource(key.source, bits));
  }
  return result;
}

void QkPrepProblem::rotateAndTransform(llvm::MutableArrayRef<float> row,
                                       int64_t token) const {
  rotate(row, numbers(cos, position(token) * cosStride, angles),
         numbers(sin, position(token) * sinStride, angles), key.rope,
         key.rotaryLast, key.source);
  if (key.hadamard)
    hadamard(row, key.source);
}

std::vector<float> QkPrepProblem::preparedQ(int64_t token, int64_t head) const {
  std::vector<float> row =
      numbers(q, token * qStrideToken + head * qStrideHead, columns);
  rotateAndTransform(row, token);
  return row;
}

std::vector<float> QkPrepProblem::preparedK(int64_t token) const {
  std::vector<float> row = numbers(store.k, token * store.kStride, columns);
  layerNorm(row, normWeight, normBias, normEps(), key.source);
  rotateAndTransform(row, token);
  // NaNs of arithmetic have no sign.
  for (float &x : row)
    if (std::isnan(x))
      x = notANumber;
  return row;
}

float QkPrepProblem::gate(int64_t token, int64_t head) const {
  return numbers(weights, token * weightsStride + head, 1).front();
}

QuantStoreProblem QkPrepProblem::preparedStore() const {
  QuantStoreProblem prepared = store;
  // Tokens may share a row that becomes another one for each.
  prepared.kStride = columns;
  prepared.k.assign(tokens() * columns * 2, 0);
  for (int64_t token = 0; token < tokens(); ++token) {
    if (!isInTables(token)) {
      if (store.slot(token) < store.numSlots())
        writeIndex(prepared.slots, key.wideSlots, token, -1);
      continue;
    }
    for (auto [d, value] : llvm::enumerate(preparedK(token))) {
      uint32_t bits = toSource(key.source, value);
      std::memcpy(prepared.k.data() + (token * columns + d) * 2, &bits, 2);
    }
  }
  return prepared;
}

std::vector<RowSize> QkPrepProblem::sizes() {
  return {{"tokens", &store.tokens},
          {"q_token_stride", &qStrideToken},
          {"q_head_stride", &qStrideHead},
          {"k_stride", &store.kStride},
          {"weights_stride", &weightsStride},
          {"max_positions", &maxPositions, 1},
          {"cos_stride", &cosStride},
          {"sin_stride", &sinStride},
          {"norm_eps_bits", &normEpsBits, 1},
          {"weights_scale_bits", &weightsScaleBits},
          {"num_pages", &store.numPages, 1},
          {"page_stride", &store.pageStride, key.layout().pageBytes()},
          {"q_out_token_stride", &qOutStrideToken},
          {"q_out_head_stride", &qOutStrideHead},
          {"weights_out_stride", &weightsOutStride},
          {"has_error", &store.hasError}};
}

std::vector<RowOperand> QkPrepProblem::operands() {
  // Of a dump that is read, only the key of the whole is known.
  store.key = storeKey(key);
  std::string source = sourceName(key.source);
  const unsigned read = HIPDEX_EMULATOR_READ;
  int64_t heads = key.heads;
  std::vector<RowOperand> result = {
      {"q",
       source,
       2,
       {tokens(), heads, columns},
       {qStrideToken, qStrideHead, 1},
       q,
       read},
      {"weights",
       source,
       2,
       {tokens(), heads},
       {weightsStride, 1},
       weights,
       read},
      {"positions",
       key.wideSlots ? "int64" : "int32",
       key.wideSlots ? 8 : 4,
       {tokens()},
       {1},
       positions,
       read,
       /*isTable=*/true},
      {"cos", source, 2, {maxPositions, angles}, {cosStride, 1}, cos, read},
      {"sin", source, 2, {maxPositions, angles}, {sinStride, 1}, sin, read},
      {"norm_weight", "float32", 4, {columns}, {1}, bytesOf(normWeight), read},
      {"norm_bias", "float32", 4, {columns}, {1}, bytesOf(normBias), read},
      {"q_out",
       fp8Name(key.fp8).str(),
       1,
       {tokens(), heads, columns},
       {qOutStrideToken, qOutStrideHead, 1},
       qOut,
       HIPDEX_EMULATOR_WRITE},
      {"weights_out",
       "float32",
       4,
       {tokens(), heads},
       {weightsOutStride, 1},
       bytesOf(weightsOut),
       HIPDEX_EMULATOR_WRITE}};
  llvm::append_range(result, store.operands());
  return result;
}

void QkPrepProblem::allocate() {
  store.key = storeKey(key);
  store.allocate();
  q.resize(tokens() * qStrideToken * 2);
  weights.resize(tokens() * weightsStride * 2);
  positions.resize(tokens() * (key.wideSlots ? 8 : 4));
  cos.resize(maxPositions * cosStride * 2);
  sin.resize(maxPositions * sinStride * 2);
  normWeight.resize(columns);
  normBias.resize(columns);
  qOut.resize(tokens() * qOutStrideToken);
  weightsOut.resize(tokens() * weightsOutStride);
}

RowFault QkPrepProblem::check() const { return store.check(); }

std::vector<std::vector<hipdex_emulator_range>> QkPrepProblem::touched() const {
  std::vector<hipdex_emulator_range> qRows, gates, cosRows, sinRows, outRows,
      outGates;
  for (int64_t token = 0; token < tokens(); ++token) {
    // What is outside the tables is read as position 0.
    int64_t row = isInTables(token) ? position(token) : 0;
    cosRows.push_back({uint64_t(row * cosStride) * 2, angles * 2});
    sinRows.push_back({uint64_t(row * sinStride) * 2, angles * 2});
    for (int64_t head = 0; head < key.heads; ++head) {
      qRows.push_back({uint64_t(token * qStrideToken + head * qStrideHead) * 2,
                       columns * 2});
      if (isPrepared(token))
        outRows.push_back(
            {uint64_t(token * qOutStrideToken + head * qOutStrideHead),
             columns});
    }
    gates.push_back(
        {uint64_t(token * weightsStride) * 2, uint64_t(key.heads) * 2});
    if (isPrepared(token))
      outGates.push_back(
          {uint64_t(token * weightsOutStride) * 4, uint64_t(key.heads) * 4});
  }
  // Gates of which nothing comes may be read, the others are.
  std::vector<hipdex_emulator_range> neededGates;
  for (int64_t token = 0; token < tokens(); ++token)
    if (isPrepared(token))
      neededGates.push_back(gates[token]);
  llvm::append_range(gates, neededGates);
  std::vector<hipdex_emulator_range> norm;
  if (tokens())
    norm.push_back({0, columns * 4});
  std::vector<std::vector<hipdex_emulator_range>> result = {
      qRows,   gates,   {{0, positions.size()}}, cosRows, sinRows, norm, norm,
      outRows, outGates};
  // Of the cache: what is stored, which takes a position too.
  QuantStoreProblem stored = store;
  for (int64_t token = 0; token < tokens(); ++token)
    if (!isInTables(token))
      writeIndex(stored.slots, key.wideSlots, token, -1);
  llvm::append_range(result, stored.touched());
  return result;
}

void QkPrepProblem::execute() {
  for (int64_t token = 0; token < tokens(); ++token) {
    bool isWanted = key.prepsSkipped || store.slot(token) >= 0;
    if (isWanted && !isInTables(token) && store.hasError)
      store.error[0] |= HIPDEX_PREP_POSITION_OUT_OF_RANGE;
    if (!isPrepared(token))
      continue;
    for (int64_t head = 0; head < key.heads; ++head) {
      QuantizedRow row = quantizeQ(preparedQ(token, head), key.fp8,
                                   key.fp8Max(), key.powerOfTwo);
      llvm::copy(row.codes, qOut.begin() + token * qOutStrideToken +
                                head * qOutStrideHead);
      float scaled = gate(token, head) * row.scale;
      float result = scaled * weightsScale();
      weightsOut[token * weightsOutStride + head] =
          std::isnan(result) ? notANumber : result;
    }
  }
  QuantStoreProblem stored = preparedStore();
  stored.error = store.error;
  stored.execute();
  store.cache = stored.cache;
  store.error = stored.error;
}

hipdex_qk_prep_args QkPrepProblem::args(const Pointers &pointers) const {
  hipdex_qk_prep_args args = {};
  args.struct_size = sizeof(args);
  args.tokens = tokens();
  args.q = pointers.lookup("q");
  args.q_stride_token = qStrideToken;
  args.q_stride_head = qStrideHead;
  args.k = pointers.lookup("k");
  args.k_stride = store.kStride;
  args.weights = pointers.lookup("weights");
  args.weights_stride = weightsStride;
  args.positions = pointers.lookup("positions");
  args.cos = pointers.lookup("cos");
  args.cos_stride = cosStride;
  args.sin = pointers.lookup("sin");
  args.sin_stride = sinStride;
  args.max_positions = maxPositions;
  args.norm_weight = static_cast<float *>(pointers.lookup("norm_weight"));
  args.norm_bias = static_cast<float *>(pointers.lookup("norm_bias"));
  args.norm_eps = normEps();
  args.weights_scale = weightsScale();
  args.slots = pointers.lookup("slots");
  args.cache = cacheBuffer(pointers.lookup("cache"), key.layout(),
                           store.numPages, store.pageStride);
  args.q_out = pointers.lookup("q_out");
  args.q_out_stride_token = qOutStrideToken;
  args.q_out_stride_head = qOutStrideHead;
  args.weights_out = static_cast<float *>(pointers.lookup("weights_out"));
  args.weights_out_stride = weightsOutStride;
  args.error = static_cast<uint32_t *>(pointers.lookup("error"));
  return args;
}

//===----------------------------------------------------------------------===//
// Random problems
//===----------------------------------------------------------------------===//

QkPrepOptions QkPrepOptions::random(const KernelKey &key, uint64_t seed) {
  Random random(seed, 101, 0);
  QkPrepOptions options;
  KernelKey storeKey = QkPrepProblem::storeKey(key);
  options.store = QuantStoreOptions::random(storeKey, seed);
  // Rows of q are what takes time.
  options.store.tokens =
      std::min<int64_t>(options.store.tokens, 2048 / key.heads);
  options.maxPositions = 1 + random.below(random.below(2) ? 4 : 300);
  options.headPadding = random.below(2) ? random.below(20) : 0;
  options.tokenPadding = random.below(2) ? random.below(40) : 0;
  options.outPadding = random.below(2) ? random.below(40) : 0;
  options.rowPadding = random.below(2) ? random.below(40) : 0;
  options.outOfTables = random.below(2) ? 10 : 0;
  options.notFinite = random.below(2) ? 10 : 0;
  options.normEps = random.below(2) ? 1e-6f : 1e-3f;
  return options;
}

llvm::Expected<QkPrepProblem>
QkPrepProblem::random(const KernelKey &key, const QkPrepOptions &options) {
  auto store = QuantStoreProblem::random(storeKey(key), options.store);
  if (!store)
    return store.takeError();
  QkPrepProblem p;
  p.key = key;
  p.store = std::move(*store);
  p.seed = p.store.seed;
  p.maxPositions = options.maxPositions;
  p.qStrideHead = columns + options.headPadding;
  p.qStrideToken = key.heads * p.qStrideHead + options.tokenPadding;
  p.qOutStrideHead = columns + options.outPadding;
  p.qOutStrideToken = key.heads * p.qOutStrideHead + options.outPadding;
  p.weightsStride = p.weightsOutStride = key.heads + options.rowPadding;
  p.cosStride = angles + options.rowPadding;
  p.sinStride = angles + 2 * options.rowPadding;
  p.normEpsBits = llvm::bit_cast<uint32_t>(options.normEps);
  p.weightsScaleBits =
      llvm::bit_cast<uint32_t>(1.0f / std::sqrt(float(key.heads * columns)));
  p.allocate();

  enum Stream : uint64_t { Head = 300, Gate, Position, Angle, Norm, Byte };
  auto put = [&](std::vector<uint8_t> &bytes, int64_t place, float value) {
    uint32_t bits = toSource(key.source, value);
    std::memcpy(bytes.data() + place * 2, &bits, 2);
  };
  for (std::vector<uint8_t> *padded : {&p.q, &p.weights, &p.cos, &p.sin})
    llvm::fill(*padded, 0xff);
  for (int64_t token = 0; token < p.tokens(); ++token)
    for (int64_t head = 0; head < key.heads; ++head) {
      Random random(p.seed, Head, token * key.heads + head);
      bool breaks = int64_t(random.below(100)) < options.notFinite;
      drawRow(key.source, random, breaks,
              llvm::MutableArrayRef(p.q).slice(
                  (token * p.qStrideToken + head * p.qStrideHead) * 2,
                  columns * 2));
      const float odd[] = {std::numeric_limits<float>::infinity(), notANumber,
                           -notANumber, 0};
      float gate = random.normal();
      if (int64_t(random.below(100)) < options.notFinite)
        gate = odd[random.below(4)];
      put(p.weights, token * p.weightsStride + head, gate);
    }
  for (int64_t token = 0; token < p.tokens(); ++token) {
    Random random(p.seed, Position, token);
    int64_t position = random.below(p.maxPositions);
    if (int64_t(random.below(100)) < options.outOfTables) {
      // The wide ones are in the tables if their upper half is lost.
      const int64_t beyond[] = {-1,
                                p.maxPositions,
                                std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int32_t>::max(),
                                (INT64_C(1) << 32) + position,
                                std::numeric_limits<int64_t>::min()};
      position = beyond[random.below(key.wideSlots ? 6 : 4)];
    }
    writeIndex(p.positions, key.wideSlots, token, position);
  }
  for (int64_t row = 0; row < p.maxPositions; ++row) {
    Random random(p.seed, Angle, row);
    for (int64_t i = 0; i < angles; ++i) {
      float angle = float(random.below(1 << 16)) * (6.2831853f / (1 << 16));
      put(p.cos, row * p.cosStride + i, std::cos(angle));
      put(p.sin, row * p.sinStride + i, std::sin(angle));
    }
  }
  Random norm(p.seed, Norm, 0);
  for (int64_t d = 0; d < columns; ++d) {
    p.normWeight[d] = 1.0f + 0.3f * norm.normal();
    p.normBias[d] = 0.2f * norm.normal();
  }
  Random byteRandom(p.seed, Byte, 0);
  for (uint8_t &byte : p.qOut)
    byte = byteRandom.bits();
  for (float &number : p.weightsOut)
    number = llvm::bit_cast<float>(uint32_t(byteRandom.bits()));
  return p;
}
