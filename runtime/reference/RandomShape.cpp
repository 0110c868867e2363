//===- RandomShape.cpp - Random shapes of a problem -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/RandomShape.h"

#include "reference/Random.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace hipdex;

Shape hipdex::randomShape(const KernelKey &key, uint64_t seed, int64_t work) {
  if (!Problem::isOf(key.op)) {
    Shape shape;
    shape.options.seed = seed;
    return shape;
  }
  Random random(seed, 1, 0);
  // From 1 to limit, each number of bits as likely as any other.
  auto size = [&](int64_t limit) {
    unsigned bits = 1;
    while (bits < 63 && int64_t(1) << bits <= limit)
      ++bits;
    int64_t low = int64_t(1) << random.below(bits);
    return low + int64_t(random.below(std::min(low, limit - low + 1)));
  };
  auto oneOf = [&](unsigned n) { return random.below(n) == 0; };

  // What an emulator's time goes into: dot products, and bytes of queries.
  // Without queries, what a token costs besides: about as much as few heads.
  int64_t rows = std::max<int64_t>(Problem::heads(key), 16) * key.nextN;
  int64_t maxTokens = std::clamp<int64_t>(work / rows, 500, 16000);
  int64_t maxBatch =
      std::clamp<int64_t>(4 * work / (rows * key.headDim), 64, 4096);

  Shape shape;
  ProblemOptions &options = shape.options;
  options.seed = seed;
  options.batch = size(maxBatch);
  int64_t longest = std::max<int64_t>(1, maxTokens / options.batch);
  options.contextHigh = size(2 * longest);
  if (oneOf(4)) {
    // At a boundary of something: pages, tiles, steps.
    int64_t unit = int64_t(16) << random.below(5);
    while (unit > 16 && unit > 2 * longest)
      unit /= 2;
    options.contextHigh = (options.contextHigh + unit - 1) / unit * unit +
                          int64_t(random.below(3)) - 1;
  }
  if (oneOf(4))
    options.contextLow = options.contextHigh;
  else if (oneOf(8))
    options.contextLow = -options.contextHigh;
  else
    options.contextLow = random.below(options.contextHigh + 1);
  if (random.below(2))
    options.width = options.contextHigh * int64_t(random.below(17)) / 8;
  else if (oneOf(4))
    options.width = options.contextHigh + int64_t(random.below(2 * 64));

  if (key.checkTable && random.below(2))
    options.invalidEntries = size(100);
  int64_t pageAlignment = key.layout().pageBytes() % 16 == 0 ? 16 : 4;
  // Pages up to 4 GiB apart cost address space alone, but the emulated devices
  // of many threads share one memory's worth of it.
  int64_t pages =
      options.batch *
      llvm::divideCeil(std::max<int64_t>(options.contextHigh, 1), key.pageSize);
  int64_t maxPadding = std::min<int64_t>(
      (int64_t(1) << 32) - (1 << 20), (int64_t(8) << 30) / (pages * 9 / 8 + 2));
  if (random.below(2))
    options.pagePadding = pageAlignment * size(64);
  else if (oneOf(4) && maxPadding > 1 << 24)
    options.pagePadding = (size(maxPadding) | (1 << 16)) & -pageAlignment;
  if (random.below(2))
    options.qPadding = 16 * size(16);
  if (oneOf(4))
    options.qTokenPadding = 16 * size(16);
  if (oneOf(4))
    options.qHeadPadding = 16 * size(16);
  if (random.below(2))
    options.weightsPadding = 4 * size(16);
  if (random.below(2))
    options.tablePadding = size(16);
  if (random.below(2))
    options.logitsPadding = size(256);
  if (random.below(2))
    shape.workgroups = size(1024);
  return shape;
}

std::string hipdex::runLine(const KernelKey &key, const Shape &shape,
                            llvm::StringRef device) {
  const ProblemOptions &options = shape.options;
  std::string line;
  llvm::raw_string_ostream os(line);
  os << "hipdexc run " << key.str();
  if (!Problem::isOf(key.op)) {
    os << " --random-shape --seed " << options.seed << " --device " << device;
    return line;
  }
  if (options.contextLens.empty()) {
    os << " --batch " << options.batch << " --context " << options.contextLow
       << ".." << options.contextHigh;
  } else {
    os << " --context ";
    llvm::interleave(options.contextLens, os, ",");
  }
  if (options.width >= 0)
    os << " --width " << options.width;
  for (const ProblemOption &option : problemOptions)
    if (int64_t value = options.*option.value)
      os << " --" << option.name << " " << value;
  if (shape.workgroups)
    os << " --workgroups " << *shape.workgroups;
  os << " --seed " << options.seed << " --device " << device;
  return line;
}
