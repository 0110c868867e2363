//===- Differential.cpp - The same functions on host and GPU --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Differential.h"
#include <functional>
#include <sstream>

namespace hipdex::test {

/// 64-bit words that C programs meet: small ones, extremes, floats of all
/// kinds, and noise.
static uint64_t interestingWord(std::mt19937_64 &random) {
  static const uint64_t specials[] = {
      0,
      1,
      2,
      ~uint64_t(0),
      0x7fffffff,
      0x80000000,
      0xffffffff,
      0x7fffffffffffffff,
      0x8000000000000000,
      0x3f8000003f800000, // 1.0f twice
      0x7f800000ff800000, // infinities
      0x7fc000007fc00000,
      0x0000000100000001, // denormals
      0x007fffff80000000,
      0x3ff0000000000000, // doubles
      0x7ff0000000000000,
      0x000fffffffffffff,
      0x7bff3c00fc007e00, // halves
      0x03ff000183ff8001,
      0x4f0000004b800000, // 2^31, 2^24 as floats
  };
  uint64_t word = random();
  switch (random() % 8) {
  case 0:
    return specials[word % (sizeof(specials) / sizeof(specials[0]))];
  case 1:
    return word % 100;
  case 2:
    return -(word % 100);
  case 3:
    return uint64_t(1) << word % 64;
  case 4: { // floats of moderate size
    auto moderate = [&] {
      return (uint32_t(random()) & 0x83ffffff) | 0x3c000000;
    };
    return uint64_t(moderate()) << 32 | moderate();
  }
  case 5: // doubles of moderate size
    return (word & 0x83ffffffffffffff) | 0x3c00000000000000;
  default:
    return word;
  }
}

std::string runDifferential(const DifferentialCase &item,
                            const LoadedModule &module) {
  constexpr uint32_t count = 500; // not a multiple of a wave
  constexpr uint64_t canary = 0x5a5a5a5a5a5a5a5a;
  std::mt19937_64 random(seed() ^ std::hash<std::string>()(item.name));
  Buffer<uint64_t> in(4 * count), out(count + 1);
  for (uint32_t i = 0; i < 4 * count; ++i)
    in[i] = interestingWord(random);
  out[count] = canary;
  if (launch(module.function(std::string("kernel_") + item.name),
             (count + 63) / 64, 64, in.data, out.data, count) != hipSuccess)
    return lastMessage();
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t expected =
        item.function(in[4 * i], in[4 * i + 1], in[4 * i + 2], in[4 * i + 3]);
    if (out[i] == expected)
      continue;
    std::ostringstream text;
    text << std::hex << "of 0x" << in[4 * i] << ", 0x" << in[4 * i + 1]
         << ", 0x" << in[4 * i + 2] << ", 0x" << in[4 * i + 3] << ": host 0x"
         << expected << ", device 0x" << out[i];
    return text.str();
  }
  return out[count] == canary ? "" : "wrote behind its output";
}

} // namespace hipdex::test
