//===- k_move.mlir - K rows from slots to slots ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key k_move.gfx950.p16.d128.plain.t64.pre.i64.fn. Specializing a key replaces everything above the line of
// equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 8 : i32

#step           = 16 : i32
!source         = !indexer.cache<page_size = 16, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target         = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// A fragment is 16 codes of a row, one load and one store.
!codes          = tensor<16x128xf8E4M3FN, #tile.distribution<lane = [4 x d1 by 16, 16 x d0 by 1], fragment = [2 x d1 by 64], element = [16 x d1 by 1]>>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<i64>
!given_slots    = tensor<16xi64, #row>
!wide_slots     = tensor<16xi64, #row>
!numbers        = tensor<16xi32, #row>
!scales         = tensor<16xf32, #row>
!flags          = tensor<16xi1, #row>

//==============================================================================

// K and scale of slot target_slots[i] * run_tokens + t = those of slot source_slots[i] * run_tokens + t, bit for bit
//
// A wave takes 16 tokens of the lists, counted through: token i is the one at i % run_tokens of entry i / run_tokens, and run_tokens is
// given as its logarithm. Source and target may be one buffer: no slot that is written is read for another one, so that loads need not
// wait for stores.

gpu.module @kernels [#target] {
  gpu.func @k_move(
      %source : !source, %source_page_stride : i64, %source_entries : i64,
      %target : !target, %target_page_stride : i64, %target_entries : i64,
      %source_slots : !slots, %target_slots : !slots,
      %error : !tile.global<i32>,
      %tokens : i32, %run_shift : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %next_element = arith.constant 1 : i64
    %step = arith.constant #step
    %nothing = arith.constant dense<0> : !numbers
    %no_entry = arith.constant dense<0> : !wide_slots

    // The tokens of this wave, if it has any; past the last one it is taken again, and not moved.
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

      // Their entries of both lists, and their places in the runs that these name.
      %shift = tensor.splat %run_shift : !numbers
      %place_in_list = arith.shrui %row, %shift : !numbers
      %run_start = arith.shli %place_in_list, %shift : !numbers
      %place_in_run = arith.subi %row, %run_start : !numbers
      %given_source = tile.load_rows %source_slots[%place_in_list] row_stride %next_element : !slots, !numbers -> !given_slots
      %given_target = tile.load_rows %target_slots[%place_in_list] row_stride %next_element : !slots, !numbers -> !given_slots
      %source_entry = tile.extend %given_source : !given_slots -> !wide_slots
      %target_entry = tile.extend %given_target : !given_slots -> !wide_slots

      // A negative entry in either list means that nothing is moved; one past its cache is an error.
      %source_limit = tensor.splat %source_entries : !wide_slots
      %target_limit = tensor.splat %target_entries : !wide_slots
      %names_source = arith.cmpi sge, %source_entry, %no_entry : !wide_slots
      %names_target = arith.cmpi sge, %target_entry, %no_entry : !wide_slots
      %names_both = arith.andi %names_source, %names_target : !flags
      %wanted = arith.andi %is_token, %names_both : !flags
      %in_source = arith.cmpi slt, %source_entry, %source_limit : !wide_slots
      %in_target = arith.cmpi slt, %target_entry, %target_limit : !wide_slots
      %past_source = arith.cmpi sge, %source_entry, %source_limit : !wide_slots
      %past_target = arith.cmpi sge, %target_entry, %target_limit : !wide_slots
      %in_both = arith.andi %in_source, %in_target : !flags
      %moved = arith.andi %wanted, %in_both : !flags
      %refused_source = arith.andi %wanted, %past_source : !flags
      %refused_target = arith.andi %wanted, %past_target : !flags

      // What is not moved is read from slot 0.
      %short_source = arith.trunci %source_entry : !wide_slots to !numbers
      %short_target = arith.trunci %target_entry : !wide_slots to !numbers
      %source_run = arith.shli %short_source, %shift : !numbers
      %target_run = arith.shli %short_target, %shift : !numbers
      %named_source = arith.addi %source_run, %place_in_run : !numbers
      %from = arith.select %moved, %named_source, %nothing : !flags, !numbers
      %to = arith.addi %target_run, %place_in_run : !numbers

      %codes = tile.load_keys %source[%from, %zero] page_stride %source_page_stride kv_block_size 1 : !source, !numbers -> !codes
      %scale = tile.load_scales %source[%from, %zero] page_stride %source_page_stride kv_block_size 1 : !source, !numbers -> !scales
      tile.store_keys %codes, %target[%to] page_stride %target_page_stride where %moved : !codes, !target, !numbers, !flags
      tile.store_scales %scale, %target[%to] page_stride %target_page_stride where %moved : !scales, !target, !numbers, !flags

      // What went wrong, for whoever gave a word for it: 1 for an entry past the source cache, 2 for one past the target cache.
      %any_source = tile.any %refused_source : !flags
      %any_target = tile.any %refused_target : !flags
      %source_bit = arith.select %any_source, %one, %zero : i32
      %target_bit = arith.select %any_target, %two, %zero : i32
      %problems = arith.ori %source_bit, %target_bit : i32
      tile.atomic_or %problems, %error : !tile.global<i32>
    }
    gpu.return
  }
}
