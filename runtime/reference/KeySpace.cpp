//===- KeySpace.cpp - Keys by the values of their fields ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/KeySpace.h"

#include "reference/Random.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"
#include <numeric>
#include <queue>
#include <tuple>

using namespace hipdex;

KeySpace::KeySpace(std::vector<KernelKey> keys) : all(std::move(keys)) {
  // The fields as numbers: keys are equal where these are.
  std::vector<int64_t (*)(const KernelKey &)> fields = {
      [](const KernelKey &key) {
        return int64_t(key.arch - archTable().data());
      }};
  for (const KeyField &field : keyFields(all.front().op))
    fields.push_back(field.get);
  size_t count = fields.size();
  values.resize(all.size() * count);
  for (size_t f = 0; f < count; ++f) {
    std::vector<int64_t> seen;
    for (size_t i = 0; i < all.size(); ++i) {
      int64_t value = fields[f](all[i]);
      auto it = llvm::find(seen, value);
      values[i * count + f] = it - seen.begin();
      if (it == seen.end())
        seen.push_back(value);
    }
    valueCounts.push_back(seen.size());
  }
}

const KernelKey &KeySpace::draw(uint64_t seed) const {
  size_t count = valueCounts.size();
  Random random(seed, 0, 0);
  std::vector<unsigned> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = 1; i < count; ++i)
    std::swap(order[i], order[random.below(i + 1)]);

  std::vector<uint32_t> left(all.size());
  std::iota(left.begin(), left.end(), 0);
  for (unsigned f : order) {
    auto valueOf = [&](uint32_t i) { return values[i * count + f]; };
    std::vector<uint8_t> present(valueCounts[f]), candidates;
    for (uint32_t i : left)
      present[valueOf(i)] = 1;
    for (unsigned value = 0; value < valueCounts[f]; ++value)
      if (present[value])
        candidates.push_back(value);
    uint8_t chosen = candidates[random.below(candidates.size())];
    llvm::erase_if(left, [&](uint32_t i) { return valueOf(i) != chosen; });
  }
  return all[left.front()];
}

std::vector<KernelKey> KeySpace::coverTriples(uint64_t seed) const {
  // Each triple of values has a number: those of three fields follow those of
  // the three before.
  struct Fields {
    unsigned a, b, c, first;
  };
  std::vector<Fields> triples;
  unsigned numbers = 0, count = valueCounts.size();
  for (unsigned a = 0; a < count; ++a)
    for (unsigned b = a + 1; b < count; ++b)
      for (unsigned c = b + 1; c < count; ++c) {
        triples.push_back({a, b, c, numbers});
        numbers += valueCounts[a] * valueCounts[b] * valueCounts[c];
      }
  llvm::BitVector covered(numbers);
  auto numberOf = [&](uint32_t key, const Fields &t) {
    const uint8_t *v = &values[key * count];
    return t.first + (v[t.a] * valueCounts[t.b] + v[t.b]) * valueCounts[t.c] +
           v[t.c];
  };

  // A key's gain only falls as others are taken, so what it once was bounds
  // it: only keys that come to the top are counted again.
  using Entry = std::tuple<unsigned, uint64_t, uint32_t>; // gain, rank, key
  std::vector<Entry> entries;
  for (uint32_t key = 0; key < all.size(); ++key)
    entries.emplace_back(triples.size(), Random(seed, 0, key).bits(), key);
  std::priority_queue<Entry> queue(std::less<Entry>(), std::move(entries));
  std::vector<KernelKey> chosen;
  while (!queue.empty()) {
    auto [bound, rank, key] = queue.top();
    queue.pop();
    unsigned gain = llvm::count_if(triples, [&, key = key](const Fields &t) {
      return !covered[numberOf(key, t)];
    });
    if (gain == 0)
      continue;
    Entry entry(gain, rank, key);
    if (!queue.empty() && entry < queue.top()) {
      queue.push(entry);
      continue;
    }
    for (const Fields &t : triples)
      covered.set(numberOf(key, t));
    chosen.push_back(all[key]);
  }
  return chosen;
}
