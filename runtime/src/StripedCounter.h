//===- StripedCounter.h - A counter that threads do not share -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Two threads that count in one cache line take turns at it; a hit in the
// memory cache would spend most of its time there.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_STRIPEDCOUNTER_H
#define HIPDEX_RUNTIME_STRIPEDCOUNTER_H

#include <atomic>
#include <cstdint>

namespace hipdex {
namespace runtime {

class StripedCounter {
public:
  void operator++() {
    stripes[myStripe()].value.fetch_add(1, std::memory_order_relaxed);
  }
  operator uint64_t() const {
    uint64_t sum = 0;
    for (const Stripe &stripe : stripes)
      sum += stripe.value.load(std::memory_order_relaxed);
    return sum;
  }

private:
  static constexpr unsigned count = 16;
  struct alignas(64) Stripe {
    std::atomic<uint64_t> value{0};
  };

  static unsigned myStripe() {
    static std::atomic<unsigned> threads{0};
    static thread_local const unsigned mine =
        threads.fetch_add(1, std::memory_order_relaxed) % count;
    return mine;
  }

  Stripe stripes[count];
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_STRIPEDCOUNTER_H
