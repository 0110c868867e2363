//===- Random.h - Numbers that depend on seed and place alone ---*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SplitMix64 (Steele, Lea, Flood 2014). Seeded with what is filled, so that
// threads may fill parts in any order and a seed still names one problem.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_RANDOM_H
#define HIPDEX_REFERENCE_RANDOM_H

#include <cstdint>

namespace hipdex {

class Random {
public:
  /// The numbers of part \p index of \p stream under \p seed.
  Random(uint64_t seed, uint64_t stream, uint64_t index)
      : state(mix(mix(mix(seed) ^ stream) ^ index)) {}

  uint64_t bits() { return mix(state += 0x9e3779b97f4a7c15u); }

  /// Uniform in [0, bound); the bias is below 2^-32 for our bounds.
  uint64_t below(uint64_t bound) {
    return uint64_t((static_cast<unsigned __int128>(bits()) * bound) >> 64);
  }

  /// Near normal, deviation 1: four 16-bit uniforms, which one draw holds.
  float normal() {
    uint64_t b = bits();
    int64_t sum = int64_t(b & 0xffff) + int64_t((b >> 16) & 0xffff) +
                  int64_t((b >> 32) & 0xffff) + int64_t(b >> 48);
    // Deviation of one uniform in [0, 65535] is 65536/sqrt(12); of four, twice.
    return float(sum - 131070) * (1.0f / 37837.2f);
  }

private:
  static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  uint64_t state;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_RANDOM_H
