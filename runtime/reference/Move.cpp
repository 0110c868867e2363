//===- Move.cpp - What k_move must move -----------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Move.h"

#include "reference/Random.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <limits>

using namespace hipdex;

int64_t MoveProblem::entry(const std::vector<uint8_t> &slots, int64_t i) const {
  if (key.wideSlots) {
    int64_t value;
    std::memcpy(&value, slots.data() + i * sizeof(value), sizeof(value));
    return value;
  }
  int32_t value;
  std::memcpy(&value, slots.data() + i * sizeof(value), sizeof(value));
  return value;
}

void MoveProblem::setEntry(std::vector<uint8_t> &slots, int64_t i,
                           int64_t value) const {
  // Little-endian: the low bytes are the first ones.
  std::memcpy(slots.data() + i * slotBytes(), &value, slotBytes());
}

MoveOptions MoveOptions::random(const KernelKey &key, uint64_t seed) {
  Random random(seed, 100, 0);
  MoveOptions options;
  options.seed = seed;
  options.runTokens = INT64_C(1) << (random.below(2) ? random.below(9) : 0);
  options.entries = llvm::divideCeil(randomTokens(random), options.runTokens);
  auto padding = [&](const CacheLayout &layout) {
    return random.below(2) ? layout.alignment() * random.below(9) : 0;
  };
  options.sourcePadding = padding(key.layout());
  options.targetPadding = padding(key.targetLayout());
  options.inPlace = key.layout() == key.targetLayout() && random.below(2);
  options.skipped = random.below(2) ? 20 : 0;
  options.outOfRange = random.below(2) ? 20 : 0;
  options.consecutive = random.below(8) == 0;
  options.hasError = random.below(4) != 0;
  return options;
}

llvm::Expected<MoveProblem> MoveProblem::random(const KernelKey &key,
                                                const MoveOptions &options) {
  MoveProblem p;
  p.key = key;
  p.seed = options.seed;
  p.entries = options.entries;
  p.runTokens = options.runTokens;
  p.inPlace = options.inPlace;
  p.hasError = options.hasError;
  if (p.inPlace && !(key.layout() == key.targetLayout()))
    return llvm::createStringError("one buffer cannot have " +
                                   key.layout().str() + " and " +
                                   key.targetLayout().str());
  // Room for slots that stay as they are, and that nothing is moved from.
  int64_t tokens = (p.entries + 1) * p.runTokens * (p.inPlace ? 2 : 1);
  p.sourcePages = llvm::divideCeil(tokens, key.pageSize) + 1;
  p.targetPages = llvm::divideCeil(tokens, key.targetPageSize) + 1;
  p.sourcePageStride = key.layout().pageBytes() + options.sourcePadding;
  p.targetPageStride =
      key.targetLayout().pageBytes() +
      (p.inPlace ? options.sourcePadding : options.targetPadding);
  p.allocate();

  enum Stream : uint64_t { Source, Target, Kind, Byte };
  Random byteRandom(p.seed, Byte, 0);
  for (std::vector<uint8_t> *bytes : {&p.source, &p.target})
    for (uint8_t &byte : *bytes)
      byte = byteRandom.bits();

  // Distinct targets, and behind them, in place, those that may be sources.
  std::vector<int64_t> targets(p.targetEntries());
  for (auto [i, entry] : llvm::enumerate(targets))
    entry = i;
  Random targetRandom(p.seed, Target, 0), sourceRandom(p.seed, Source, 0);
  if (!options.consecutive)
    for (size_t i = 1; i < targets.size(); ++i)
      std::swap(targets[i], targets[targetRandom.below(i + 1)]);
  for (int64_t i = 0; i < p.entries; ++i) {
    int64_t to = targets[i], from = i;
    if (p.inPlace)
      from = targets[p.entries +
                     (options.consecutive
                          ? i
                          : sourceRandom.below(targets.size() - p.entries))];
    else if (!options.consecutive)
      from = sourceRandom.below(p.sourceEntries());
    Random kind(p.seed, Kind, i);
    if (p.inPlace && kind.below(8) == 0)
      from = to;

    // In one list or both.
    uint64_t lists = 1 + kind.below(3);
    auto oneOf = [&](llvm::ArrayRef<int64_t> values) {
      return values[kind.below(values.size())];
    };
    if (int64_t(kind.below(100)) < options.outOfRange) {
      // In 32 bits the slots of some would be slots that there are.
      llvm::SmallVector<int64_t> values = {std::numeric_limits<int32_t>::max()};
      if (p.runTokens > 2)
        values.push_back((INT64_C(1) << 32) / p.runTokens);
      if (key.wideSlots)
        values.append({(INT64_C(1) << 32) + to,
                       std::numeric_limits<int64_t>::max(),
                       std::numeric_limits<int64_t>::max() / p.runTokens +
                           (p.runTokens > 1)});
      values.push_back(p.sourceEntries());
      if (lists & 1)
        from = oneOf(values);
      values.back() = p.targetEntries();
      if (lists & 2)
        to = oneOf(values);
    }
    // Beside an entry that is out of range, too, which then sets no bit.
    if (int64_t(kind.below(100)) < options.skipped) {
      const int64_t values[] = {-1, std::numeric_limits<int32_t>::min(),
                                std::numeric_limits<int64_t>::min()};
      lists = 1 + kind.below(3);
      if (lists & 1)
        from = oneOf(llvm::ArrayRef(values).take_front(key.wideSlots ? 3 : 2));
      if (lists & 2)
        to = oneOf(llvm::ArrayRef(values).take_front(key.wideSlots ? 3 : 2));
    }
    p.setEntry(p.sourceSlots, i, from);
    p.setEntry(p.targetSlots, i, to);
  }
  return p;
}

uint32_t MoveProblem::errorOf(int64_t i) const {
  int64_t from = entry(sourceSlots, i), to = entry(targetSlots, i);
  if (from < 0 || to < 0)
    return 0;
  return (from >= sourceEntries() ? HIPDEX_MOVE_SOURCE_OUT_OF_RANGE : 0) |
         (to >= targetEntries() ? HIPDEX_MOVE_TARGET_OUT_OF_RANGE : 0);
}

bool MoveProblem::isMoved(int64_t i) const {
  return entry(sourceSlots, i) >= 0 && entry(targetSlots, i) >= 0 &&
         errorOf(i) == 0;
}

std::vector<RowSize> MoveProblem::sizes() {
  return {
      {"entries", &entries},
      {"run_tokens", &runTokens, 1},
      {"source_pages", &sourcePages, 1},
      {"source_page_stride", &sourcePageStride, key.layout().pageBytes()},
      {"target_pages", &targetPages, 1},
      {"target_page_stride", &targetPageStride, key.targetLayout().pageBytes()},
      {"has_error", &hasError},
      {"in_place", &inPlace}};
}

std::vector<RowOperand> MoveProblem::operands() {
  auto cache = [](const char *name, std::vector<uint8_t> &bytes, int64_t pages,
                  int64_t pageStride, unsigned access) -> RowOperand {
    return {name,  "uint8", 1, {pages, pageStride}, {pageStride, 1},
            bytes, access};
  };
  auto list = [&](const char *name, std::vector<uint8_t> &slots) -> RowOperand {
    return {name,
            key.wideSlots ? "int64" : "int32",
            slotBytes(),
            {entries},
            {1},
            slots,
            HIPDEX_EMULATOR_READ,
            /*isTable=*/true};
  };
  constexpr unsigned both = HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE;
  std::vector<RowOperand> result = {
      cache("source", source, sourcePages, sourcePageStride,
            inPlace ? both : HIPDEX_EMULATOR_READ)};
  if (!inPlace)
    result.push_back(cache("target", target, targetPages, targetPageStride,
                           HIPDEX_EMULATOR_WRITE));
  result.push_back(list("source_slots", sourceSlots));
  result.push_back(list("target_slots", targetSlots));
  if (hasError)
    result.push_back({"error",
                      "uint32",
                      4,
                      {1},
                      {1},
                      bytesOf(error),
                      both,
                      /*isTable=*/true});
  return result;
}

void MoveProblem::allocate() {
  source.resize(sourcePages * sourcePageStride);
  target.resize(inPlace ? 0 : targetPages * targetPageStride);
  sourceSlots.resize(entries * slotBytes());
  targetSlots.resize(entries * slotBytes());
}

RowFault MoveProblem::check() const {
  if (!llvm::isPowerOf2_64(runTokens))
    return {"source_slots", ("has entries of " + llvm::Twine(runTokens) +
                             " slots, run_tokens must be a power of two")
                                .str()};
  if (inPlace &&
      (!(key.layout() == key.targetLayout()) ||
       sourcePageStride != targetPageStride || targetPages > sourcePages))
    return {"source", "is the target too, but with another page_stride or "
                      "layout, or with fewer pages"};
  llvm::DenseSet<int64_t> targets;
  for (int64_t i = 0; i < entries; ++i)
    if (isMoved(i) && !targets.insert(entry(targetSlots, i)).second)
      return {"target_slots",
              ("has entry " + llvm::Twine(entry(targetSlots, i)) +
               " twice: what is moved there is unspecified")
                  .str()};
  for (int64_t i = 0; inPlace && i < entries; ++i)
    if (isMoved(i) && entry(sourceSlots, i) != entry(targetSlots, i) &&
        targets.contains(entry(sourceSlots, i)))
      return {"source_slots",
              ("has entry " + llvm::Twine(entry(sourceSlots, i)) +
               ", in the same buffer another's target: what is "
               "moved is unspecified")
                  .str()};
  return {};
}

std::vector<std::vector<hipdex_emulator_range>> MoveProblem::touched() const {
  std::vector<hipdex_emulator_range> sources, targets;
  auto addRun = [&](std::vector<hipdex_emulator_range> &ranges,
                    const CacheLayout &layout, int64_t entry,
                    int64_t pageStride) {
    for (int64_t t = 0; t < runTokens; ++t)
      addSlot(ranges, layout, entry * runTokens + t, pageStride);
  };
  // Slot 0 stands in for what there is not.
  addSlot(sources, key.layout(), 0, sourcePageStride);
  for (int64_t i = 0; i < entries; ++i)
    if (isMoved(i)) {
      addRun(sources, key.layout(), entry(sourceSlots, i), sourcePageStride);
      addRun(inPlace ? sources : targets, key.targetLayout(),
             entry(targetSlots, i), targetPageStride);
    }
  std::vector<std::vector<hipdex_emulator_range>> result = {sources};
  if (!inPlace)
    result.push_back(targets);
  result.push_back({{0, sourceSlots.size()}});
  result.push_back({{0, targetSlots.size()}});
  if (hasError)
    result.push_back({{0, 4}});
  return result;
}

void MoveProblem::execute() {
  CacheLayout layout = key.layout(), targetLayout = key.targetLayout();
  std::vector<uint8_t> before = source, &after = moved();
  for (int64_t i = 0; i < entries; ++i) {
    if (hasError)
      error[0] |= errorOf(i);
    if (!isMoved(i))
      continue;
    for (int64_t t = 0; t < runTokens; ++t) {
      int64_t from = entry(sourceSlots, i) * runTokens + t;
      int64_t to = entry(targetSlots, i) * runTokens + t;
      for (int64_t d = 0; d < key.headDim; ++d)
        after[targetLayout.elementOffset(to, d, targetPageStride)] =
            before[layout.elementOffset(from, d, sourcePageStride)];
      for (int64_t byte = 0; byte < 4; ++byte)
        after[targetLayout.scaleOffset(to, targetPageStride) + byte] =
            before[layout.scaleOffset(from, sourcePageStride) + byte];
    }
  }
}

hipdex_k_move_args MoveProblem::args(const Pointers &pointers) const {
  hipdex_k_move_args args = {};
  args.struct_size = sizeof(args);
  args.entries = entries;
  args.run_tokens = runTokens;
  args.source = cacheBuffer(pointers.lookup("source"), key.layout(),
                            sourcePages, sourcePageStride);
  args.target = cacheBuffer(pointers.lookup(inPlace ? "source" : "target"),
                            key.targetLayout(), targetPages, targetPageStride);
  args.source_slots = pointers.lookup("source_slots");
  args.target_slots = pointers.lookup("target_slots");
  args.error = static_cast<uint32_t *>(pointers.lookup("error"));
  return args;
}
