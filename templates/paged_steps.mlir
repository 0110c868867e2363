//===- paged_steps.mlir - Steps of the tokens of paged requests ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: that of stream_pages.gfx950.p64.d128.b64.pre.n1.fn. A kernel that asks for a function gets it with the kernel's
// own prelude above the line of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 4 : i32

#next_n         = 1 : i32
#team_waves     = 1 : i32
#wave_queries   = 1 : i32
#kv_block_size  = 64 : i64
#entries_per_page = 1 : i32
#fills_tail     = false
#trusts_table   = false
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// k[tokens, head_dim] as an operand of 32x32 products: a lane holds 16-byte chunks of one row.
!keys           = tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
!key_entries    = tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>
!key_flags      = tensor<64xi1, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>

// One number for each [query, token]: lane t holds token t.
#tokens         = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits         = tensor<1x64xf32, #tokens>
!entries        = tensor<1x64xi32, #tokens>
!flags          = tensor<1x64xi1, #tokens>

//==============================================================================

// What kernels have in common that take steps of 64 tokens from a paged cache and write a cell for each query token and token that it
// sees: which query tokens a wave has, what it reads for a step, where the cells go, and what comes behind them.

// From ragged_share.mlir.
func.func private @ragged_share(!tile.global<i32>, i32, i32, i32, i32, i1) -> (i32, i32, i32, i32)
func.func private @context_length(!tile.global<i32>, i32, i32) -> i32
func.func private @steps_of(i32) -> i32

// This wave's part of its team: the team's number and how many there are, its query tokens from %query on, and the positions that the
// first of them does not see. Where query tokens do not come out even, the last two waves overlap.
func.func private @team_part(%waves : i32) -> (i32, i32, i32, i32) {
  %one = arith.constant 1 : i32
  %next_n = arith.constant #next_n
  %team_waves = arith.constant #team_waves
  %wave_queries = arith.constant #wave_queries
  %wave = tile.wave_id : i32
  %share = arith.divui %wave, %team_waves : i32
  %shares = arith.divui %waves, %team_waves : i32
  %part = arith.remui %wave, %team_waves : i32
  %even_query = arith.muli %part, %wave_queries : i32
  %last_query = arith.subi %next_n, %wave_queries : i32
  %query = arith.minui %even_query, %last_query : i32

  // Row j of a request, of query token j, sees `length - %hidden + j` positions.
  %last_token_of_query = arith.subi %next_n, %one : i32
  %hidden = arith.subi %last_token_of_query, %query : i32
  return %share, %shares, %query, %hidden : i32, i32, i32, i32
}

// K and the scales of step %i of a request, and which tokens have an entry in the cache.
func.func private @load_step(
    %cache : !cache, %page_stride : i64, %num_pages : i32,
    %block_table : !tile.global<i32>, %table_stride : i64,
    %request : i32, %last_token : i32, %i : i32) -> (!keys, !logits, !flags) {
  %step = arith.constant 64 : i32
  %trusts_table = arith.constant #trusts_table

  // Entries name blocks of kv_block_size slots; there are this many in the cache.
  %entries_per_page = arith.constant #entries_per_page
  %num_entries = arith.muli %num_pages, %entries_per_page : i32
  %token = arith.muli %i, %step : i32

  // The table entry of each token: as the lanes that load K rows need it, and as the lanes that hold the tokens do.
  %k_entry = tile.lookup %block_table[%request, %token] row_stride %table_stride last %last_token kv_block_size #kv_block_size : !tile.global<i32> -> !key_entries
  %entry = tile.lookup %block_table[%request, %token] row_stride %table_stride last %last_token kv_block_size #kv_block_size : !tile.global<i32> -> !entries

  // An entry outside the cache is read as entry 0; its columns become -inf below. (Unless the table is trusted.)
  %k_limit = tensor.splat %num_entries : !key_entries
  %k_nowhere = arith.constant dense<0> : !key_entries
  %k_checked = arith.cmpi ult, %k_entry, %k_limit : !key_entries
  %k_trusted = tensor.splat %trusts_table : !key_flags
  %k_inside = arith.ori %k_checked, %k_trusted : !key_flags
  %k_safe = arith.select %k_inside, %k_entry, %k_nowhere : !key_flags, !key_entries
  %limit = tensor.splat %num_entries : !entries
  %nowhere = arith.constant dense<0> : !entries
  %checked = arith.cmpi ult, %entry, %limit : !entries
  %trusted = tensor.splat %trusts_table : !flags
  %inside = arith.ori %checked, %trusted : !flags
  %safe = arith.select %inside, %entry, %nowhere : !flags, !entries

  %k = tile.load_keys %cache[%k_safe, %token] page_stride %page_stride kv_block_size #kv_block_size : !cache, !key_entries -> !keys
  %scale = tile.load_scales %cache[%safe, %token] page_stride %page_stride kv_block_size #kv_block_size : !cache, !entries -> !logits
  return %k, %scale, %inside : !keys, !logits, !flags
}

// Writes the cells of step %i to the rows from %row on, of which the first sees %visible columns and each other one more.
func.func private @store_step(
    %value : !logits, %inside : !flags,
    %logits : !tile.global<f32>, %logits_stride : i64,
    %row : i32, %i : i32, %visible : i32, %width : i32) {
  %step = arith.constant 64 : i32
  %fills_tail = arith.constant #fills_tail
  %minus_infinity = arith.constant dense<0xFF800000> : !logits
  %cell = arith.select %inside, %value, %minus_infinity : !flags, !logits
  %column = arith.muli %i, %step : i32
  scf.if %fills_tail {
    %columns = tile.coordinates 1 from %column : !entries
    %ends = tile.coordinates 0 from %visible : !entries
    %sees = arith.cmpi slt, %columns, %ends : !entries
    %filled = arith.select %sees, %cell, %minus_infinity : !flags, !logits
    tile.store_rows %filled, %logits[%row, %column] row_stride %logits_stride below %width : !logits, !tile.global<f32>
  } else {
    tile.store_visible %cell, %logits[%row, %column] row_stride %logits_stride visible %visible : !logits, !tile.global<f32>
  }
  return
}

// Where the key wants the tail, the steps from the end of each context to the width: they hold nothing but -inf. They are dealt anew,
// so that the waves share them.
func.func private @fill_tail(
    %context_lens : !tile.global<i32>, %batch : i32,
    %logits : !tile.global<f32>, %logits_stride : i64, %width : i32,
    %share : i32, %shares : i32, %query : i32) {
  %fills_tail = arith.constant #fills_tail
  scf.if %fills_tail {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %step = arith.constant 64 : i32
    %next_n = arith.constant #next_n
    %rest = arith.constant true
    %tail_request0, %tail_length0, %tail_step0, %tail_count = func.call @ragged_share(%context_lens, %width, %batch, %share, %shares, %rest) : (!tile.global<i32>, i32, i32, i32, i32, i1) -> (i32, i32, i32, i32)
    %all_steps = func.call @steps_of(%width) : (i32) -> i32
    %minus_infinity = arith.constant dense<0xFF800000> : !logits
    scf.while (%request = %tail_request0, %first = %tail_step0, %left = %tail_count) : (i32, i32, i32) -> (i32, i32, i32) {
      %has_more = arith.cmpi sgt, %left, %zero : i32
      scf.condition(%has_more) %request, %first, %left : i32, i32, i32
    } do {
    ^bb0(%request : i32, %first : i32, %left : i32):
      %length = func.call @context_length(%context_lens, %request, %width) : (!tile.global<i32>, i32, i32) -> i32
      %steps = func.call @steps_of(%length) : (i32) -> i32
      %begin = arith.addi %steps, %first : i32
      %rest_of_request = arith.subi %all_steps, %begin : i32
      %taken = arith.minsi %rest_of_request, %left : i32
      %end = arith.addi %begin, %taken : i32
      %first_row = arith.muli %request, %next_n : i32
      %row = arith.addi %first_row, %query : i32
      scf.for %i = %begin to %end step %one : i32 {
        %column = arith.muli %i, %step : i32
        tile.store_rows %minus_infinity, %logits[%row, %column] row_stride %logits_stride below %width : !logits, !tile.global<f32>
      }
      %next_request = arith.addi %request, %one : i32
      %still_left = arith.subi %left, %taken : i32
      scf.yield %next_request, %zero, %still_left : i32, i32, i32
    }
  }
  return
}
