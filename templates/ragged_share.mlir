//===- ragged_share.mlir - Shares of a ragged batch -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How a wave finds its share of a ragged batch, from context_lens alone.
//
// Every request has ceil(length / 64) steps of 64 tokens. All steps of all
// requests, one after the other, are dealt in contiguous shares whose sizes
// differ by at most one. The steps behind them, up to the width, are dealt in
// the same way by whoever asks for the rest. No other kernel, no workspace and
// no host has a part in it: each wave adds up all lengths itself, 64 requests
// at a time, one in each lane.
//===----------------------------------------------------------------------===//

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>

// The positions that a request has, whatever the engine wrote there.
func.func private @context_length(%context_lens : !tile.global<i32>, %request : i32, %width : i32) -> i32 {
  %zero = arith.constant 0 : i32
  %given = tile.load %context_lens[%request] strides [1] : !tile.global<i32> -> i32
  %not_negative = arith.maxsi %given, %zero : i32
  %length = arith.minsi %not_negative, %width : i32
  return %length : i32
}

// The steps of a length.
func.func private @steps_of(%length : i32) -> i32 {
  %round_up = arith.constant 63 : i32
  %log2_step = arith.constant 6 : i32
  %rounded = arith.addi %length, %round_up : i32
  %steps = arith.shrui %rounded, %log2_step : i32
  return %steps : i32
}

// The lengths of 64 requests from %base on, one a lane; zero past the batch.
func.func private @context_lengths(%context_lens : !tile.global<i32>, %base : i32, %width : i32, %batch : i32) -> !lanes {
  %zero = arith.constant dense<0> : !lanes
  %widths = tensor.splat %width : !lanes
  %given = tile.load %context_lens[%base] strides [1] below %batch : !tile.global<i32> -> !lanes
  %not_negative = arith.maxsi %given, %zero : !lanes
  %lengths = arith.minsi %not_negative, %widths : !lanes
  return %lengths : !lanes
}

// What is dealt of them: their steps or, with %of_rest, those from there to the width.
func.func private @steps_to_deal(%lengths : !lanes, %width : i32, %batch : i32, %base : i32, %of_rest : i1) -> !lanes {
  %round_up = arith.constant dense<63> : !lanes
  %log2_step = arith.constant dense<6> : !lanes
  %rounded = arith.addi %lengths, %round_up : !lanes
  %steps = arith.shrui %rounded, %log2_step : !lanes

  // The rest is that of requests only: past the batch there are none.
  %all = func.call @steps_of(%width) : (i32) -> i32
  %all_steps = tensor.splat %all : !lanes
  %rest = arith.subi %all_steps, %steps : !lanes
  %request = tile.coordinates 0 from %base : !lanes
  %batches = tensor.splat %batch : !lanes
  %is_request = arith.cmpi ult, %request, %batches : !lanes
  %none = arith.constant dense<0> : !lanes
  %rest_of_requests = arith.select %is_request, %rest, %none : tensor<64xi1, #lanes>, !lanes
  %result = arith.select %of_rest, %rest_of_requests, %steps : !lanes
  return %result : !lanes
}

// Where share number %share of %shares begins among %total things in a row, and
// how many it has: the first ones take one more.
func.func private @even_share(%total : i32, %share : i32, %shares : i32) -> (i32, i32) {
  %base_share = arith.divui %total, %shares : i32
  %extra = arith.remui %total, %shares : i32
  %takes_more = arith.cmpi ult, %share, %extra : i32
  %more = arith.extui %takes_more : i1 to i32
  %count = arith.addi %base_share, %more : i32
  %before_share = arith.muli %share, %base_share : i32
  %extra_before = arith.minui %share, %extra : i32
  %start = arith.addi %before_share, %extra_before : i32
  return %start, %count : i32, i32
}

// Of share number %share of %shares: the first request and its length, the first
// step in it, and how many steps the share has. With no steps, the others mean
// nothing. With %of_rest, of the steps that come after those of each request,
// counted from the first of them.
func.func private @ragged_share(%context_lens : !tile.global<i32>, %width : i32, %batch : i32, %share : i32, %shares : i32, %of_rest : i1) -> (i32, i32, i32, i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %last_lane = arith.constant 63 : i32
  %chunk = arith.constant 64 : i32
  %none = arith.constant dense<0> : !lanes

  // All steps of the batch. The lengths of the last 64 requests are kept.
  %sums, %last_lengths = scf.for %base = %zero to %batch step %chunk iter_args(%sum = %none, %previous = %none) -> (!lanes, !lanes) : i32 {
    %lengths = func.call @context_lengths(%context_lens, %base, %width, %batch) : (!tile.global<i32>, i32, i32, i32) -> !lanes
    %steps = func.call @steps_to_deal(%lengths, %width, %batch, %base, %of_rest) : (!lanes, i32, i32, i32, i1) -> !lanes
    %next = arith.addi %sum, %steps : !lanes
    scf.yield %next, %lengths : !lanes, !lanes
  }
  %prefix = tile.scan_add %sums : !lanes
  %total = tile.extract %prefix[%last_lane] : !lanes

  %start, %count = func.call @even_share(%total, %share, %shares) : (i32, i32, i32) -> (i32, i32)

  // The 64 requests among which it starts, looked for from the last ones back: up to 64 requests, nothing is read twice.
  %last_request = arith.subi %batch, %one : i32
  %lane_of_last = arith.andi %last_request, %last_lane : i32
  %last_base = arith.subi %last_request, %lane_of_last : i32
  %found_base, %found_before, %found_inclusive, %found_steps, %found_lengths =
      scf.while (%base = %last_base, %after = %total, %lengths = %last_lengths) : (i32, i32, !lanes) -> (i32, i32, !lanes, !lanes, !lanes) {
    %steps = func.call @steps_to_deal(%lengths, %width, %batch, %base, %of_rest) : (!lanes, i32, i32, i32, i1) -> !lanes
    %inclusive = tile.scan_add %steps : !lanes
    %chunk_steps = tile.extract %inclusive[%last_lane] : !lanes
    %before = arith.subi %after, %chunk_steps : i32
    %is_earlier = arith.cmpi ugt, %before, %start : i32
    scf.condition(%is_earlier) %base, %before, %inclusive, %steps, %lengths : i32, i32, !lanes, !lanes, !lanes
  } do {
  ^bb0(%base : i32, %before : i32, %inclusive : !lanes, %steps : !lanes, %lengths : !lanes):
    %previous_base = arith.subi %base, %chunk : i32
    %previous_lengths = func.call @context_lengths(%context_lens, %previous_base, %width, %batch) : (!tile.global<i32>, i32, i32, i32) -> !lanes
    scf.yield %previous_base, %before, %previous_lengths : i32, i32, !lanes
  }

  // The request itself: as many end at or before the start as come before it.
  %offset = arith.subi %start, %found_before : i32
  %offsets = tensor.splat %offset : !lanes
  %ends_before = arith.cmpi ule, %found_inclusive, %offsets : !lanes
  %passed = tile.count %ends_before : tensor<64xi1, #lanes>
  %lane = arith.minui %passed, %last_lane : i32
  %request = arith.addi %found_base, %lane : i32
  %length = tile.extract %found_lengths[%lane] : !lanes
  %end_of_request = tile.extract %found_inclusive[%lane] : !lanes
  %steps_of_request = tile.extract %found_steps[%lane] : !lanes
  %start_of_request = arith.subi %end_of_request, %steps_of_request : i32
  %first = arith.subi %offset, %start_of_request : i32
  return %request, %length, %first, %count : i32, i32, i32, i32
}
