//===- k_gather.mlir - K rows out of the paged cache ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key k_gather.gfx950.p64.d128.b64.pre.fn. Specializing a key replaces everything above the line of equals
// signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 8 : i32

#step           = 16 : i32
#kv_block_size  = 64 : i32
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// k[tokens, head_dim]: a fragment is 16 codes of a row, one load and one store.
!dense          = !tile.global<f8E4M3FN>
!codes          = tensor<16x128xf8E4M3FN, #tile.distribution<lane = [4 x d1 by 16, 16 x d0 by 1], fragment = [2 x d1 by 64], element = [16 x d1 by 1]>>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>
!numbers        = tensor<16xi32, #row>
!wide           = tensor<16xi64, #row>
!scale_values   = tensor<16xf32, #row>
!flags          = tensor<16xi1, #row>

//==============================================================================

// k[i, :] = K of token i - cu_seq_lens[b] of request b, and its scale, for cu_seq_lens[b] <= i < cu_seq_lens[b+1]
//
// A wave takes as many tokens as fill its lanes with 16 codes each, 64 of each row at a time. Each group of lanes looks for its
// token's request by itself.

gpu.module @kernels [#target] {
  gpu.func @k_gather(
      %cache : !cache, %page_stride : i64, %num_entries : i32,
      %block_table : !tile.global<i32>, %table_stride : i64, %table_width : i32,
      %cu_seq_lens : !tile.global<i32>, %batch : i32, %search_steps : i32,
      %k : !dense, %k_stride : i64,
      %scales : !tile.global<f32>, %scales_stride : i64,
      %tokens : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %next_element = arith.constant 1 : i64
    %step = arith.constant #step
    %nothing = arith.constant dense<0> : !numbers
    %ones = arith.constant dense<1> : !numbers

    // The tokens of this wave, if it has any; past the last one it is taken again, and not stored.
    %wave = tile.wave_id : i32
    %first = arith.muli %wave, %step : i32
    %has_tokens = arith.cmpi slt, %first, %tokens : i32
    scf.if %has_tokens {
      %token = tile.coordinates 0 from %first : !numbers
      %end = tensor.splat %tokens : !numbers
      %is_token = arith.cmpi slt, %token, %end : !numbers
      %last = arith.subi %tokens, %one : i32
      %lasts = tensor.splat %last : !numbers
      %row = arith.minsi %token, %lasts : !numbers

      // The last request that does not begin after the token, by halving [low, high).
      %batches = tensor.splat %batch : !numbers
      %request, %after = scf.for %i = %zero to %search_steps step %one iter_args(%low = %nothing, %high = %batches) -> (!numbers, !numbers) : i32 {
        %sum = arith.addi %low, %high : !numbers
        %middle = arith.shrui %sum, %ones : !numbers
        %start = tile.load_rows %cu_seq_lens[%middle] row_stride %next_element : !tile.global<i32>, !numbers -> !numbers
        %begun = arith.cmpi sle, %start, %row : !numbers
        %low_then = arith.select %begun, %middle, %low : !flags, !numbers
        %high_then = arith.select %begun, %high, %middle : !flags, !numbers
        scf.yield %low_then, %high_then : !numbers, !numbers
      }
      %following = arith.addi %request, %ones : !numbers
      %begin = tile.load_rows %cu_seq_lens[%request] row_stride %next_element : !tile.global<i32>, !numbers -> !numbers
      %stop = tile.load_rows %cu_seq_lens[%following] row_stride %next_element : !tile.global<i32>, !numbers -> !numbers
      %has_begun = arith.cmpi sle, %begin, %row : !numbers
      %goes_on = arith.cmpi slt, %row, %stop : !numbers
      %in_request = arith.andi %has_begun, %goes_on : !flags
      %wanted = arith.andi %in_request, %is_token : !flags

      // The token's entry. What has none, or one outside the cache, is read from slot 0, and is zeros.
      %difference = arith.subi %row, %begin : !numbers
      %position = arith.select %wanted, %difference, %nothing : !flags, !numbers
      %kv_block_size = arith.constant #kv_block_size
      %block_tokens = tensor.splat %kv_block_size : !numbers
      %column = arith.divui %position, %block_tokens : !numbers
      %columns = tensor.splat %table_width : !numbers
      %has_column = arith.cmpi ult, %column, %columns : !numbers
      %safe_column = arith.select %has_column, %column, %nothing : !flags, !numbers
      %wide_request = tile.extend %request : !numbers -> !wide
      %wide_column = tile.extend %safe_column : !numbers -> !wide
      %table_strides = tensor.splat %table_stride : !wide
      %table_row = arith.muli %wide_request, %table_strides : !wide
      %cell = arith.addi %table_row, %wide_column : !wide
      %entry = tile.load_rows %block_table[%cell] row_stride %next_element : !tile.global<i32>, !wide -> !numbers
      %limit = tensor.splat %num_entries : !numbers
      %in_cache = arith.cmpi ult, %entry, %limit : !numbers
      %exists = arith.andi %in_cache, %has_column : !flags
      %block_start = arith.muli %entry, %block_tokens : !numbers
      %in_block = arith.remui %position, %block_tokens : !numbers
      %named_slot = arith.addi %block_start, %in_block : !numbers
      %slot = arith.select %exists, %named_slot, %nothing : !flags, !numbers

      %codes = tile.load_keys %cache[%slot, %zero] page_stride %page_stride kv_block_size 1 : !cache, !numbers -> !codes
      %scale = tile.load_scales %cache[%slot, %zero] page_stride %page_stride kv_block_size 1 : !cache, !numbers -> !scale_values
      %kept_codes = tile.keep_rows %codes where %exists : !codes, !flags
      %no_scale = arith.constant dense<0.0> : !scale_values
      %kept_scale = arith.select %exists, %scale, %no_scale : !flags, !scale_values

      tile.scatter_rows %kept_codes, %k[%row] row_stride %k_stride where %wanted : !codes, !dense, !numbers, !flags
      tile.scatter_rows %kept_scale, %scales[%row] row_stride %scales_stride where %wanted : !scale_values, !tile.global<f32>, !numbers, !flags
    }
    gpu.return
  }
}
