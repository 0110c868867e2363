//===- logits_step.mlir - Query rows against the K rows of a step ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: that of paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn. A kernel that asks for a function gets it with the kernel's
// own prelude above the line of equals signs.

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

// k_scale[t] * sum over heads of gate * relu(q . k[t]), for each query row and token of a step. One copy: kernels that compute logits agree
// in every bit.
func.func private @logits_step(%queries : !queries, %gate : !gate, %k : !keys, %scale : !logits) -> !logits {
  %dot = tile.mma %queries, %k : !queries, !keys -> !scores

  // ReLU on the bits: a negative float is a negative integer. A float maximum would need NaN excluded to be one instruction.
  %bits = arith.bitcast %dot : !scores to !score_bits
  %no_bits = arith.constant dense<0> : !score_bits
  %positive = arith.maxsi %bits, %no_bits : !score_bits
  %relu = arith.bitcast %positive : !score_bits to !scores

  %sum = tile.weighted_sum %relu, %gate : !scores, !gate -> !logits
  %logit = arith.mulf %sum, %scale : !logits
  return %logit : !logits
}
