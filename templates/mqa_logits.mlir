//===- mqa_logits.mlir - Prefill logits, dense K --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key mqa_logits.gfx950.d128.h64.fn. Specializing a key replaces everything above the line of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 2 : i32

#next_n         = 1 : i32
#team_waves     = 1 : i32
#wave_queries   = 2 : i32
#fills_tail     = false

// q[queries, heads, head_dim] and k[tokens, head_dim] as the operands of 32x32 products: a lane holds 16-byte chunks of one row.
!q              = !tile.global<f8E4M3FN>
!queries        = tensor<2x64x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32, 2 x d0 by 1], element = [16 x d2 by 1]>>
!keys           = tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
!key_entries    = tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>
!key_flags      = tensor<64xi1, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>

// scores[queries, heads, tokens]: heads on registers, tokens on lanes; their weights[queries, heads] in the same places.
#scores         = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 32, 2 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores         = tensor<2x64x64xf32, #scores>
!score_bits     = tensor<2x64x64xi32, #scores>
!gate           = tensor<2x64xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [2 x d1 by 32, 2 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>

// One number for each [query, token]: lane t holds token t.
#tokens         = #tile.distribution<lane = [64 x d1 by 1], fragment = [2 x d0 by 1], element = []>
!logits         = tensor<2x64xf32, #tokens>
!entries        = tensor<2x64xi32, #tokens>
!flags          = tensor<2x64xi1, #tokens>

//==============================================================================

// logits[m, p] = k_scale[p] * sum over heads of gate[m] * relu(q[m] . k[p])   for starts[m] <= p < ends[m]
//
// A wave takes a few query rows, and of the steps of 64 tokens that any of them sees, one share: all its rows meet each K row once.
// The waves of a workgroup have neighbouring query rows, which see much the same tokens at the same time.

gpu.module @kernels [#target] {
  // From logits_step.mlir.
  func.func private @logits_step(!queries, !gate, !keys, !logits) -> !logits
  // From ragged_share.mlir.
  func.func private @even_share(i32, i32, i32) -> (i32, i32)
  func.func private @steps_of(i32) -> i32
  // From row_windows.mlir.
  func.func private @rows_of_wave(i32, i32) -> (i32, i32)
  func.func private @widen_window(i32, i32, !tile.global<i32>, !tile.global<i32>, i32, i32, i1) -> (i32, i32)
  func.func private @steps_of_window(i32, i32) -> (i32, i32)
  func.func private @step_outside(i32, i32, i32) -> i32

  gpu.func @mqa_logits(
      %q : !q, %q_stride_row : i64, %q_stride_head : i64,
      %k : !q, %k_stride : i64, %k_scales : !tile.global<f32>,
      %weights : !tile.global<f32>, %weights_stride : i64,
      %starts : !tile.global<i32>, %ends : !tile.global<i32>,
      %logits : !tile.global<f32>, %logits_stride : i64,
      %width : i32, %rows : i32, %tokens : i32, %groups : i32, %splits : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %step = arith.constant 64 : i32
    %wave_queries = arith.constant #wave_queries
    %fills_tail = arith.constant #fills_tail
    %every = arith.constant true
    %nothing = arith.constant dense<0> : !entries
    %minus_infinity = arith.constant dense<0xFF800000> : !logits

    // This wave's query rows, and its share of their steps. A row past the last one is the last one once more.
    %row, %split = func.call @rows_of_wave(%groups, %wave_queries) : (i32, i32) -> (i32, i32)
    %last_row = arith.subi %rows, %one : i32
    %last_token = arith.subi %tokens, %one : i32
    %has_share = arith.cmpi ult, %split, %splits : i32

    scf.if %has_share {
      // The columns that any of the rows sees: [low, high).
      %limit = arith.minsi %tokens, %width : i32
      %low, %high = scf.for %j = %zero to %wave_queries step %one iter_args(%least = %limit, %most = %zero) -> (i32, i32) : i32 {
        %this_row = arith.addi %row, %j : i32
        %safe_row = arith.minsi %this_row, %last_row : i32
        %next_least, %next_most = func.call @widen_window(%least, %most, %starts, %ends, %safe_row, %limit, %every) : (i32, i32, !tile.global<i32>, !tile.global<i32>, i32, i32, i1) -> (i32, i32)
        scf.yield %next_least, %next_most : i32, i32
      }
      %first_step, %steps = func.call @steps_of_window(%low, %high) : (i32, i32) -> (i32, i32)
      %begin_of_share, %count = func.call @even_share(%steps, %split, %splits) : (i32, i32, i32) -> (i32, i32)
      %begin = arith.addi %first_step, %begin_of_share : i32
      %end = arith.addi %begin, %count : i32
      %has_steps = arith.cmpi sgt, %count, %zero : i32

      scf.if %has_steps {
        %queries = tile.load %q[%row, 0, 0] strides [%q_stride_row, %q_stride_head, 1] last %last_row : !q -> !queries
        %gate = tile.load %weights[%row, 0] strides [%weights_stride, 1] last %last_row : !tile.global<f32> -> !gate

        // Where each row begins to see, and how many columns it does.
        %given_starts = tile.load %starts[%row, 0] strides [1, 0] last %last_row : !tile.global<i32> -> !entries
        %given_ends = tile.load %ends[%row, 0] strides [1, 0] last %last_row : !tile.global<i32> -> !entries
        %limits = tensor.splat %limit : !entries
        %row_starts = arith.maxsi %given_starts, %nothing : !entries
        %row_ends = arith.minsi %given_ends, %limits : !entries
        %seen = arith.subi %row_ends, %row_starts : !entries
        %lengths = arith.maxsi %seen, %nothing : !entries

        tile.pipelined_for %i = %begin to %end load {
          %token = arith.muli %i, %step : i32

          // Past the last token it is read once more; no row sees these columns.
          %numbers = tile.coordinates 0 from %token : !key_entries
          %lasts = tensor.splat %last_token : !key_entries
          %safe = arith.minsi %numbers, %lasts : !key_entries
          %keys = tile.load_rows %k[%safe] row_stride %k_stride : !q, !key_entries -> !keys
          %scale = tile.load %k_scales[%zero, %token] strides [0, 1] below %tokens : !tile.global<f32> -> !logits
          tile.yield %keys, %scale : !keys, !logits
        } compute (%keys : !keys, %scale : !logits) {
          %logit = func.call @logits_step(%queries, %gate, %keys, %scale) : (!queries, !gate, !keys, !logits) -> !logits

          // Unsigned, so that columns before the start are far behind the end.
          %column = arith.muli %i, %step : i32
          %columns = tile.coordinates 1 from %column : !entries
          %offset = arith.subi %columns, %row_starts : !entries
          %sees = arith.cmpi ult, %offset, %lengths : !entries
          scf.if %fills_tail {
            %cell = arith.select %sees, %logit, %minus_infinity : !flags, !logits
            tile.store_rows %cell, %logits[%row, %column] row_stride %logits_stride below %width last %last_row : !logits, !tile.global<f32>
          } else {
            tile.store_rows %logit, %logits[%row, %column] row_stride %logits_stride below %width last %last_row where %sees : !logits, !tile.global<f32>, !flags
          }
        }
      }

      // The steps that no row sees hold nothing but -inf. They are dealt anew.
      scf.if %fills_tail {
        %all_steps = func.call @steps_of(%width) : (i32) -> i32
        %unseen = arith.subi %all_steps, %steps : i32
        %begin_of_rest, %count_of_rest = func.call @even_share(%unseen, %split, %splits) : (i32, i32, i32) -> (i32, i32)
        %end_of_rest = arith.addi %begin_of_rest, %count_of_rest : i32
        scf.for %f = %begin_of_rest to %end_of_rest step %one : i32 {
          %i = func.call @step_outside(%f, %first_step, %steps) : (i32, i32, i32) -> i32
          %column = arith.muli %i, %step : i32
          tile.store_rows %minus_infinity, %logits[%row, %column] row_stride %logits_stride below %width last %last_row : !logits, !tile.global<f32>
        }
      }
    }
    gpu.return
  }
}
