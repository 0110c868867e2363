//===- QuantStore.cpp - What k_quant_store must store --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/QuantStore.h"

#include "reference/Random.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

using namespace hipdex;

float hipdex::nextPowerOfTwo(float scale) {
  int exponent;
  float mantissa = std::frexp(scale, &exponent); // in [0.5, 1)
  return std::ldexp(1.0f, mantissa == 0.5f ? exponent - 1 : exponent);
}

int64_t hipdex::readIndex(llvm::ArrayRef<uint8_t> bytes, bool isWide,
                          int64_t i) {
  if (isWide) {
    int64_t value;
    std::memcpy(&value, bytes.data() + i * sizeof(value), sizeof(value));
    return value;
  }
  int32_t value;
  std::memcpy(&value, bytes.data() + i * sizeof(value), sizeof(value));
  return value;
}

void hipdex::writeIndex(llvm::MutableArrayRef<uint8_t> bytes, bool isWide,
                        int64_t i, int64_t value) {
  // Little-endian: the lower half is first.
  size_t size = isWide ? 8 : 4;
  std::memcpy(bytes.data() + i * size, &value, size);
}

QuantizedRow hipdex::quantize(llvm::ArrayRef<float> row, Fp8Format fp8,
                              int64_t fp8Max, bool powerOfTwo) {
  QuantizedRow result;
  float amax = 0, largest = fp8Max;
  for (float x : row)
    if (std::isfinite(x))
      amax = std::max(amax, std::fabs(x));
    else
      result.isFinite = false;
  float scale = std::max(amax, 1e-4f) / largest;
  if (powerOfTwo)
    scale = nextPowerOfTwo(scale);
  float inverse = 1.0f / scale;
  result.scale = scale;
  for (float x : row) {
    // A NaN has a sign, and is stored as the largest code of it.
    float scaled = std::isnan(x) ? std::copysign(largest, x)
                                 : std::clamp(x * inverse, -largest, largest);
    result.codes.push_back(encodeFp8(fp8, scaled));
  }
  return result;
}

float hipdex::fromSource(SourceType type, uint32_t bits) {
  switch (type) {
  case SourceType::BF16:
    return llvm::bit_cast<float>(bits << 16);
  case SourceType::F16: {
    llvm::APFloat value(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits));
    bool lost;
    value.convert(llvm::APFloat::IEEEsingle(),
                  llvm::APFloat::rmNearestTiesToEven, &lost);
    return value.convertToFloat();
  }
  case SourceType::F32:
    return llvm::bit_cast<float>(bits);
  }
  return 0;
}

uint32_t hipdex::toSource(SourceType type, float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  switch (type) {
  case SourceType::BF16:
    return bits >> 16;
  case SourceType::F16: {
    llvm::APFloat half(value);
    bool lost;
    half.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
                 &lost);
    return half.bitcastToAPInt().getZExtValue();
  }
  case SourceType::F32:
    return bits;
  }
  return 0;
}

unsigned hipdex::sourceBytes(SourceType type) {
  return type == SourceType::F32 ? 4 : 2;
}

const char *hipdex::sourceName(SourceType type) {
  static const char *const names[] = {"bfloat16", "float16", "float32"};
  return names[size_t(type)];
}

void hipdex::drawRow(SourceType type, Random &random, bool breaks,
                     llvm::MutableArrayRef<uint8_t> row) {
  const float infinity = std::numeric_limits<float>::infinity(),
              nan = std::numeric_limits<float>::quiet_NaN();
  const float odd[] = {infinity, -infinity, nan, -nan};
  size_t elementBytes = sourceBytes(type), columns = row.size() / elementBytes;
  float magnitude = std::ldexp(1.0f, int(random.below(40)) - 26);
  if (type == SourceType::F16)
    magnitude = std::min(magnitude, 8192.0f);
  else if (random.below(8) == 0)
    magnitude = std::ldexp(1.0f, int(random.below(240)) - 120);
  if (random.below(16) == 0)
    magnitude = 0;
  size_t broken = random.below(columns);
  for (size_t d = 0; d < columns; ++d) {
    float value = random.normal() * magnitude;
    // Halves between two codes meet the rule for ties.
    if (random.below(4) == 0 && magnitude != 0)
      value = std::copysign(std::ldexp(float(random.below(32)), -4), value) *
              magnitude;
    if (breaks && (d == broken || random.below(16) == 0))
      value = odd[random.below(4)];
    uint32_t bits = toSource(type, value);
    std::memcpy(row.data() + d * elementBytes, &bits, elementBytes);
  }
}

int64_t QuantStoreProblem::slot(int64_t token) const {
  return readIndex(slots, key.wideSlots, token);
}

float QuantStoreProblem::element(int64_t token, int64_t d) const {
  uint32_t bits = 0;
  std::memcpy(&bits, k.data() + (token * kStride + d) * elementBytes(),
              elementBytes());
  return fromSource(key.source, bits);
}

std::vector<RowSize> QuantStoreProblem::sizes() {
  return {{"tokens", &tokens},
          {"k_stride", &kStride},
          {"num_pages", &numPages, 1},
          {"page_stride", &pageStride, key.layout().pageBytes()},
          {"has_error", &hasError}};
}

std::vector<RowOperand> QuantStoreProblem::operands() {
  std::vector<RowOperand> result = {{"k",
                                     sourceName(key.source),
                                     elementBytes(),
                                     {tokens, key.headDim},
                                     {kStride, 1},
                                     k,
                                     HIPDEX_EMULATOR_READ},
                                    {"slots",
                                     key.wideSlots ? "int64" : "int32",
                                     key.wideSlots ? 8 : 4,
                                     {tokens},
                                     {1},
                                     slots,
                                     HIPDEX_EMULATOR_READ,
                                     /*isTable=*/true},
                                    {"cache",
                                     "uint8",
                                     1,
                                     {numPages, pageStride},
                                     {pageStride, 1},
                                     cache,
                                     HIPDEX_EMULATOR_WRITE}};
  if (hasError)
    result.push_back({"error",
                      "uint32",
                      4,
                      {1},
                      {1},
                      bytesOf(error),
                      HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE,
                      /*isTable=*/true});
  return result;
}

void QuantStoreProblem::allocate() {
  k.resize(tokens * kStride * elementBytes());
  slots.resize(tokens * (key.wideSlots ? 8 : 4));
  cache.resize(numPages * pageStride);
}

RowFault QuantStoreProblem::check() const {
  llvm::DenseSet<int64_t> seen;
  for (int64_t token = 0; token < tokens; ++token)
    if (int64_t s = slot(token);
        s >= 0 && s < numSlots() && !seen.insert(s).second)
      return {"slots", ("has slot " + llvm::Twine(s) +
                        " twice: what is stored there is unspecified")
                           .str()};
  return {};
}

std::vector<std::vector<hipdex_emulator_range>>
QuantStoreProblem::touched() const {
  std::vector<hipdex_emulator_range> rows, places;
  for (int64_t token = 0; token < tokens; ++token) {
    rows.push_back({uint64_t(token * kStride) * elementBytes(),
                    uint64_t(key.headDim) * elementBytes()});
    if (int64_t s = slot(token); s >= 0 && s < numSlots())
      addSlot(places, key.layout(), s, pageStride);
  }
  std::vector<std::vector<hipdex_emulator_range>> result = {
      rows, {{0, slots.size()}}, places};
  if (hasError)
    result.push_back({{0, 4}});
  return result;
}

void QuantStoreProblem::execute() {
  CacheLayout layout = key.layout();
  for (int64_t token = 0; token < tokens; ++token) {
    int64_t s = slot(token);
    if (s >= numSlots() && hasError)
      error[0] |= HIPDEX_STORE_SLOT_OUT_OF_RANGE;
    if (s < 0 || s >= numSlots())
      continue;
    std::vector<float> row;
    for (int64_t d = 0; d < key.headDim; ++d)
      row.push_back(element(token, d));
    QuantizedRow stored = quantize(row, key.fp8, key.fp8Max(), key.powerOfTwo);
    if (!stored.isFinite && hasError)
      error[0] |= HIPDEX_STORE_ELEMENT_NOT_FINITE;
    for (int64_t d = 0; d < key.headDim; ++d)
      cache[layout.elementOffset(s, d, pageStride)] = stored.codes[d];
    std::memcpy(&cache[layout.scaleOffset(s, pageStride)], &stored.scale,
                sizeof(float));
  }
}

hipdex_k_quant_store_args
QuantStoreProblem::args(const Pointers &pointers) const {
  hipdex_k_quant_store_args args = {};
  args.struct_size = sizeof(args);
  args.tokens = tokens;
  args.k = pointers.lookup("k");
  args.k_stride = kStride;
  args.slots = pointers.lookup("slots");
  args.cache =
      cacheBuffer(pointers.lookup("cache"), key.layout(), numPages, pageStride);
  args.error = static_cast<uint32_t *>(pointers.lookup("error"));
  return args;
}

QuantStoreOptions QuantStoreOptions::random(const KernelKey &key,
                                            uint64_t seed) {
  Random random(seed, 100, 0);
  QuantStoreOptions options;
  options.seed = seed;
  options.tokens = randomTokens(random);
  options.numPages = 1 + (options.tokens + random.below(40)) / key.pageSize +
                     random.below(1 + 256 / key.pageSize);
  // Rows that are aligned to an element only.
  options.kPadding = random.below(3) ? random.below(40) : 0;
  options.pagePadding =
      random.below(2) ? key.layout().alignment() * random.below(9) : 0;
  options.skipped = random.below(2) ? 10 : 0;
  options.outOfRange = random.below(2) ? 10 : 0;
  options.notFinite = random.below(2) ? 20 : 0;
  options.consecutive = random.below(8) == 0;
  options.hasError = random.below(4) != 0;
  return options;
}

llvm::Expected<QuantStoreProblem>
QuantStoreProblem::random(const KernelKey &key,
                          const QuantStoreOptions &options) {
  QuantStoreProblem p;
  p.key = key;
  p.seed = options.seed;
  p.tokens = options.tokens;
  p.numPages = options.numPages;
  p.hasError = options.hasError;
  p.kStride = key.headDim + options.kPadding;
  p.pageStride = key.layout().pageBytes() + options.pagePadding;
  if (p.tokens > p.numSlots())
    return llvm::createStringError(llvm::Twine(p.tokens) +
                                   " tokens do not fit in " +
                                   llvm::Twine(p.numSlots()) + " slots");
  enum Stream : uint64_t { Row, Slot, Kind, Byte };

  p.allocate();
  Random byteRandom(p.seed, Byte, 0);
  for (uint8_t &byte : p.cache)
    byte = byteRandom.bits();

  // Distinct slots (Fisher-Yates over the part that is used).
  std::vector<int64_t> free(p.numSlots());
  for (auto [i, slot] : llvm::enumerate(free))
    slot = i;
  Random slotRandom(p.seed, Slot, 0);
  p.k.assign(p.tokens * p.kStride * p.elementBytes(), 0xff);
  for (int64_t token = 0; token < p.tokens; ++token) {
    if (!options.consecutive)
      std::swap(free[token],
                free[token + slotRandom.below(free.size() - token)]);
    Random kind(p.seed, Kind, token);
    int64_t slot = free[token];
    if (int64_t(kind.below(100)) < options.skipped) {
      const int64_t negative[] = {-1, std::numeric_limits<int32_t>::min(),
                                  std::numeric_limits<int64_t>::min()};
      slot = negative[kind.below(key.wideSlots ? 3 : 2)];
    } else if (int64_t(kind.below(100)) < options.outOfRange) {
      // The wide ones are in the cache if their upper half is lost.
      const int64_t beyond[] = {
          p.numSlots(), std::numeric_limits<int32_t>::max(),
          (INT64_C(1) << 32) + slot, std::numeric_limits<int64_t>::max()};
      slot = beyond[kind.below(key.wideSlots ? 4 : 2)];
    }
    writeIndex(p.slots, key.wideSlots, token, slot);

    Random random(p.seed, Row, token);
    bool breaks = int64_t(kind.below(100)) < options.notFinite;
    drawRow(
        key.source, random, breaks,
        llvm::MutableArrayRef(p.k).slice(token * p.kStride * p.elementBytes(),
                                         key.headDim * p.elementBytes()));
  }
  return p;
}
