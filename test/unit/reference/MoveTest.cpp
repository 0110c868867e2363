//===- MoveTest.cpp - Tests of k_move's reference -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Move.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>

using namespace hipdex;
using Catch::Contains;

static MoveProblem problemOf(const char *key, int64_t entries,
                             int64_t runTokens, int64_t sourcePages,
                             int64_t targetPages) {
  MoveProblem p;
  p.key = *KernelKey::parse(key);
  p.entries = entries;
  p.runTokens = runTokens;
  p.sourcePages = sourcePages;
  p.targetPages = targetPages;
  p.sourcePageStride = p.key.layout().pageBytes();
  p.targetPageStride = p.key.targetLayout().pageBytes();
  p.allocate();
  return p;
}

static std::string messageOf(const RowFault &fault) {
  return fault.argument + (" " + fault.what);
}

TEST_CASE("k_move's reference: bytes counted by hand") {
  // Slot 3 of pages of one token, 132 bytes each, to slot 17 of a page of 64:
  // the second token of its second tile.
  MoveProblem p =
      problemOf("k_move.gfx950.p1.d128.plain.t64.pre.i64.fn", 3, 1, 8, 1);
  for (size_t i = 0; i < p.source.size(); ++i)
    p.source[i] = i % 251;
  llvm::fill(p.target, 0xee);
  const int64_t from[] = {3, -1, 8}, to[] = {17, 5, 64};
  for (int64_t i = 0; i < 3; ++i) {
    p.setEntry(p.sourceSlots, i, from[i]);
    p.setEntry(p.targetSlots, i, to[i]);
  }
  CHECK(p.check().what == "");
  p.execute();
  CHECK(p.target[2064] == 3 * 132 % 251);         // d = 0
  CHECK(p.target[2069] == (3 * 132 + 5) % 251);   // d = 5
  CHECK(p.target[2320] == (3 * 132 + 16) % 251);  // d = 16
  CHECK(p.target[3871] == (3 * 132 + 127) % 251); // d = 127
  CHECK(p.target[8260] == (3 * 132 + 128) % 251); // the scale
  CHECK(p.target[8263] == (3 * 132 + 131) % 251);
  CHECK(llvm::count(p.target, 0xee) >= 64 * 132 - 132);
  CHECK(p.target[2063] == 0xee);
  CHECK(p.target[2080] == 0xee);
  // Slot 8 is past one cache and slot 64 past the other; -1 is nothing.
  CHECK(p.error[0] == (MoveProblem::oldError | 3));
}

TEST_CASE("k_move's reference: runs, and one buffer") {
  // Pages 0 and 1 of 16 tokens, the second half of the first to the first half
  // of the second.
  MoveProblem p =
      problemOf("k_move.gfx942.p16.d64.plain.t16.plain.i32.fnuz", 1, 8, 2, 2);
  p.inPlace = 1;
  p.allocate();
  CHECK(p.target.empty());
  for (size_t i = 0; i < p.source.size(); ++i)
    p.source[i] = i % 251;
  p.setEntry(p.sourceSlots, 0, 1);
  p.setEntry(p.targetSlots, 0, 2);
  CHECK(p.check().what == "");
  p.execute();
  for (int64_t i = 0; i < 8 * 64; ++i)
    CHECK(p.source[1088 + i] == (8 * 64 + i) % 251);
  CHECK(p.source[1088 + 8 * 64] == (1088 + 8 * 64) % 251);
  for (int64_t i = 0; i < 8 * 4; ++i)
    CHECK(p.source[1088 + 1024 + i] == (1024 + 8 * 4 + i) % 251);
  CHECK(p.error[0] == MoveProblem::oldError);
}

TEST_CASE("k_move's reference refuses what has no one result") {
  MoveProblem p =
      problemOf("k_move.gfx942.p16.d64.plain.t16.plain.i32.fnuz", 2, 1, 2, 2);
  p.setEntry(p.sourceSlots, 0, 1);
  p.setEntry(p.targetSlots, 0, 2);
  p.setEntry(p.sourceSlots, 1, 2);
  p.setEntry(p.targetSlots, 1, 3);
  CHECK(p.check().what == "");
  p.inPlace = 1;
  CHECK_THAT(messageOf(p.check()),
             Contains("source_slots has entry 2, in the same buffer another's "
                      "target"));
  p.setEntry(p.targetSlots, 1, 2);
  CHECK_THAT(messageOf(p.check()), Contains("target_slots has entry 2 twice"));
  p.setEntry(p.targetSlots, 1, -2);
  CHECK(p.check().what == "");
  p.runTokens = 3;
  CHECK_THAT(messageOf(p.check()),
             Contains("entries of 3 slots, run_tokens must be a power of two"));
}
