//===- paged_mqa_logits.mlir - Decode logits, paged cache -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn.
// Specializing a key replaces everything above the line of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 3 : i32

#next_n         = 1 : i32
#team_waves     = 1 : i32
#wave_queries   = 1 : i32
#kv_block_size  = 64 : i64
#entries_per_page = 1 : i32
#fills_tail     = false
#trusts_table   = false
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// q[queries, heads, head_dim] and k[tokens, head_dim] as the operands of 32x32 products: a lane holds 16-byte chunks of one row.
!q              = !tile.global<f8E4M3FN>
!queries        = tensor<1x64x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>
!keys           = tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
!key_entries    = tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>
!key_flags      = tensor<64xi1, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>

// scores[queries, heads, tokens]: heads on registers, tokens on lanes; their weights[queries, heads] in the same places.
#scores         = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores         = tensor<1x64x64xf32, #scores>
!score_bits     = tensor<1x64x64xi32, #scores>
!gate           = tensor<1x64xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>

// One number for each [query, token]: lane t holds token t.
#tokens         = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits         = tensor<1x64xf32, #tokens>
!entries        = tensor<1x64xi32, #tokens>
!flags          = tensor<1x64xi1, #tokens>

//==============================================================================

// logits[b*next_n + j, p] = k_scale[p] * sum over heads of gate * relu(q . k[p])   for p <= L - next_n + j
//
// A wave takes steps of 64 tokens of one request at a time, from its own share of the ragged batch. All its query rows meet each K
// row once. K comes from the cache straight into the operands of the matrix products. Where the query tokens of a request are too
// many for one wave, a team of waves of a workgroup takes the same steps, each wave for its own query tokens.

gpu.module @kernels [#target] {
  // From logits_step.mlir, paged_steps.mlir and ragged_share.mlir.
  func.func private @logits_step(!queries, !gate, !keys, !logits) -> !logits
  func.func private @team_part(i32) -> (i32, i32, i32, i32)
  func.func private @load_step(!cache, i64, i32, !tile.global<i32>, i64, i32, i32, i32) -> (!keys, !logits, !flags)
  func.func private @store_step(!logits, !flags, !tile.global<f32>, i64, i32, i32, i32, i32)
  func.func private @fill_tail(!tile.global<i32>, i32, !tile.global<f32>, i64, i32, i32, i32, i32)
  func.func private @ragged_share(!tile.global<i32>, i32, i32, i32, i32, i1) -> (i32, i32, i32, i32)
  func.func private @context_length(!tile.global<i32>, i32, i32) -> i32
  func.func private @steps_of(i32) -> i32

  gpu.func @paged_mqa_logits(
      %q : !q, %q_stride_request : i64, %q_stride_token : i64, %q_stride_head : i64,
      %cache : !cache, %page_stride : i64, %num_pages : i32,
      %weights : !tile.global<f32>, %weights_stride : i64,
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

      %queries = tile.load %q[%request, %query, 0, 0] strides [%q_stride_request, %q_stride_token, %q_stride_head, 1] : !q -> !queries
      %gate = tile.load %weights[%row, 0] strides [%weights_stride, 1] : !tile.global<f32> -> !gate

      tile.pipelined_for %i = %first to %end load {
        %k, %scale, %inside = func.call @load_step(%cache, %page_stride, %num_pages, %block_table, %table_stride, %request, %last_token, %i) : (!cache, i64, i32, !tile.global<i32>, i64, i32, i32, i32) -> (!keys, !logits, !flags)
        tile.yield %k, %scale, %inside : !keys, !logits, !flags
      } compute (%k : !keys, %scale : !logits, %inside : !flags) {
        %logit = func.call @logits_step(%queries, %gate, %k, %scale) : (!queries, !gate, !keys, !logits) -> !logits
        func.call @store_step(%logit, %inside, %logits, %logits_stride, %row, %i, %visible, %width) : (!logits, !flags, !tile.global<f32>, i64, i32, i32, i32, i32) -> ()
      }

      %still_left = arith.subi %left, %taken : i32
      scf.yield %next_request, %next_length, %zero, %still_left : i32, i32, i32, i32
    }
    func.call @fill_tail(%context_lens, %batch, %logits, %logits_stride, %width, %share, %shares, %query) : (!tile.global<i32>, i32, !tile.global<f32>, i64, i32, i32, i32, i32) -> ()
    gpu.return
  }
}
