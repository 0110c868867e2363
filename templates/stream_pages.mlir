//===- stream_pages.mlir - Reads what paged_mqa_logits reads --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key stream_pages.gfx950.p64.d128.b64.pre.n1.fn. Specializing a key replaces everything above the line of
// equals signs.

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

// bits of logits[b*next_n + j, p] = bits of k_scale[p] + sum of the words of k[p], modulo 2^32   for p <= L - next_n + j
//
// The loads, shares and stores of paged_mqa_logits, without queries and products: what is left is the time that memory takes.

gpu.module @kernels [#target] {
  // From paged_steps.mlir and ragged_share.mlir.
  func.func private @team_part(i32) -> (i32, i32, i32, i32)
  func.func private @load_step(!cache, i64, i32, !tile.global<i32>, i64, i32, i32, i32) -> (!keys, !logits, !flags)
  func.func private @store_step(!logits, !flags, !tile.global<f32>, i64, i32, i32, i32, i32)
  func.func private @fill_tail(!tile.global<i32>, i32, !tile.global<f32>, i64, i32, i32, i32, i32)
  func.func private @ragged_share(!tile.global<i32>, i32, i32, i32, i32, i1) -> (i32, i32, i32, i32)
  func.func private @context_length(!tile.global<i32>, i32, i32) -> i32
  func.func private @steps_of(i32) -> i32

  gpu.func @stream_pages(
      %cache : !cache, %page_stride : i64, %num_pages : i32,
      %context_lens : !tile.global<i32>,
      %block_table : !tile.global<i32>, %table_stride : i64,
      %logits : !tile.global<f32>, %logits_stride : i64,
      %width : i32, %batch : i32, %waves : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %next_n = arith.constant #next_n
    %main = arith.constant false
    %share, %shares, %query, %hidden = func.call @team_part(%waves) : (i32) -> (i32, i32, i32, i32)

    // The team's share of the batch.
    %request0, %length0, %step0, %count = func.call @ragged_share(%context_lens, %width, %batch, %share, %shares, %main) : (!tile.global<i32>, i32, i32, i32, i32, i1) -> (i32, i32, i32, i32)
    %last_request = arith.subi %batch, %one : i32

    // Request by request, until the share is used up.
    scf.while (%request = %request0, %length = %length0, %first = %step0, %left = %count) : (i32, i32, i32, i32) -> (i32, i32, i32, i32) {
      %has_more = arith.cmpi sgt, %left, %zero : i32
      scf.condition(%has_more) %request, %length, %first, %left : i32, i32, i32, i32
    } do {
    ^bb0(%request : i32, %length : i32, %first : i32, %left : i32):
      // Asked for now, so that it is there when the next request begins.
      %next_request = arith.addi %request, %one : i32
      %next_in_batch = arith.minsi %next_request, %last_request : i32
      %next_length = func.call @context_length(%context_lens, %next_in_batch, %width) : (!tile.global<i32>, i32, i32) -> i32

      %steps = func.call @steps_of(%length) : (i32) -> i32
      %rest = arith.subi %steps, %first : i32
      %taken = arith.minsi %rest, %left : i32
      %end = arith.addi %first, %taken : i32
      %last_token = arith.subi %length, %one : i32

      // Of this wave's query tokens, number j sees `visible + j` positions.
      %visible = arith.subi %length, %hidden : i32
      %first_row = arith.muli %request, %next_n : i32
      %row = arith.addi %first_row, %query : i32

      tile.pipelined_for %i = %first to %end load {
        %k, %scale, %inside = func.call @load_step(%cache, %page_stride, %num_pages, %block_table, %table_stride, %request, %last_token, %i) : (!cache, i64, i32, !tile.global<i32>, i64, i32, i32, i32) -> (!keys, !logits, !flags)
        tile.yield %k, %scale, %inside : !keys, !logits, !flags
      } compute (%k : !keys, %scale : !logits, %inside : !flags) {
        // Each word that was read changes the sum, so that no load can be left out.
        %words = tile.sum_words %k : !keys -> !entries
        %scale_bits = arith.bitcast %scale : !logits to !entries
        %sum = arith.addi %words, %scale_bits : !entries
        %checksum = arith.bitcast %sum : !entries to !logits
        func.call @store_step(%checksum, %inside, %logits, %logits_stride, %row, %i, %visible, %width) : (!logits, !flags, !tile.global<f32>, i64, i32, i32, i32, i32) -> ()
      }

      %still_left = arith.subi %left, %taken : i32
      scf.yield %next_request, %next_length, %zero, %still_left : i32, i32, i32, i32
    }
    func.call @fill_tail(%context_lens, %batch, %logits, %logits_stride, %width, %share, %shares, %query) : (!tile.global<i32>, i32, !tile.global<f32>, i64, i32, i32, i32, i32) -> ()
    gpu.return
  }
}
