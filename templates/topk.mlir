//===- topk.mlir - The columns of the greatest numbers of each row --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key topk.gfx950.decode.slot.b64. Specializing a key replaces everything above the line of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 1024, 1, 1>
#waves_per_simd = 4 : i32

#is_decode      = true
#gives_slots    = true
#kv_block_size  = 64 : i32

//==============================================================================

// Row r's columns in [first, end) with the k least keys, in order. A key is the bits of a logit such that greater logits have lesser
// keys, unsigned; so the selection is the first k of a sort that does not move equal keys.
//
// A workgroup counts how often each value of a key's first 11 bits is there, which says in which of 2048 bins the k-th key is; then of
// the next 11 bits among the keys of that bin; then of the last 10. As soon as few enough keys are not behind the k-th's bin, they
// are brought to shared memory, in order of columns, and nothing more is read of the row. Of a long row the first count is the work of
// several workgroups, which add their counts up in the workspace; the last one to come goes on alone, and leaves zeros there.

// A step of a wave: consecutive columns, as four loads of consecutive lanes.
#step           = #tile.distribution<lane = [64 x d0 by 1], fragment = [4 x d0 by 64], element = []>
!logits         = tensor<256xf32, #step>
!numbers        = tensor<256xi32, #step>
!wide           = tensor<256xi64, #step>
!flags          = tensor<256xi1, #step>

// The part of the bins that is a wave's, and a number in each lane.
#wave_bins      = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!wave_bins      = tensor<128xi32, #wave_bins>
!wave_bin_flags = tensor<128xi1, #wave_bins>
#lanes          = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes          = tensor<64xi32, #lanes>
!lane_flags     = tensor<64xi1, #lanes>

!bins           = !tile.shared<2048 x i32>
!list           = !tile.shared<6144 x i32>
!of_waves       = !tile.shared<16 x i32>
!of_two_turns   = !tile.shared<32 x i32>
!one            = !tile.shared<1 x i32>

gpu.module @kernels [#target] {

// -0 as +0, and all NaNs as one, behind everything.
func.func private @keys_of(%logits : !logits) -> !numbers {
  %magnitude_bits = arith.constant dense<0x7fffffff> : !numbers
  %minus_zero = arith.constant dense<0x80000000> : !numbers
  %infinity = arith.constant dense<0x7f800000> : !numbers
  %last_key = arith.constant dense<0xffffffff> : !numbers
  %bits = arith.bitcast %logits : !logits to !numbers
  %magnitude = arith.andi %bits, %magnitude_bits : !numbers
  %is_below_zero = arith.cmpi ugt, %bits, %minus_zero : !numbers
  %of_others = arith.xori %magnitude, %magnitude_bits : !numbers
  %of_number = arith.select %is_below_zero, %bits, %of_others : !flags, !numbers
  %is_nan = arith.cmpi ugt, %magnitude, %infinity : !numbers
  %key = arith.select %is_nan, %last_key, %of_number : !flags, !numbers
  return %key : !numbers
}

// Keys and columns from place %first on, below %end: of the row, whose places are its columns, or of the list.
func.func private @read_step(%in_list : i1, %list_keys : !list, %list_columns : !list,
    %logits : !tile.global<f32>, %logits_stride : i64, %row : i32, %first : i32, %end : i32) -> (!numbers, !numbers, !flags) {
  %one = arith.constant 1 : i32
  %place = tile.coordinates 0 from %first : !numbers
  %ends = tensor.splat %end : !numbers
  %is_there = arith.cmpi slt, %place, %ends : !numbers
  // A wave without places reads nothing.
  %nothing = arith.constant dense<0> : !numbers
  %has_any = arith.cmpi slt, %first, %end : i32
  %key, %column = scf.if %has_any -> (!numbers, !numbers) {
    %key_there, %column_there = scf.if %in_list -> (!numbers, !numbers) {
      %last = arith.subi %end, %one : i32
      %lasts = tensor.splat %last : !numbers
      %index = arith.minsi %place, %lasts : !numbers
      %listed_key = tile.load_shared %list_keys[%index] : !list, !numbers -> !numbers
      %listed_column = tile.load_shared %list_columns[%index] : !list, !numbers -> !numbers
      scf.yield %listed_key, %listed_column : !numbers, !numbers
    } else {
      %logit = tile.load %logits[%row, %first] strides [%logits_stride, 1] below %end : !tile.global<f32> -> !logits
      %key_of_logit = func.call @keys_of(%logit) : (!logits) -> !numbers
      scf.yield %key_of_logit, %place : !numbers, !numbers
    }
    scf.yield %key_there, %column_there : !numbers, !numbers
  } else {
    scf.yield %nothing, %nothing : !numbers, !numbers
  }
  return %key, %column, %is_there : !numbers, !numbers, !flags
}

// The bin of number %rank, from 1, of all that the bins count; how many are in bins before it, and in it.
func.func private @find_bin(%bins : !bins, %sums : !of_waves, %wave : i32, %rank : i32) -> (i32, i32, i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %last_lane = arith.constant 63 : i32
  %lane_count = arith.constant 64 : i32
  %bins_of_wave = arith.constant 128 : i32
  %zeros = arith.constant dense<0> : !lanes
  %ones = arith.constant dense<1> : !lanes
  %last_wave = arith.constant dense<15> : !lanes
  %lane = tile.coordinates 0 from %zero : !lanes

  // What each wave's bins count, for all waves.
  %first_bin = arith.muli %wave, %bins_of_wave : i32
  %second_bin = arith.addi %first_bin, %lane_count : i32
  %low_bin = tile.coordinates 0 from %first_bin : !lanes
  %high_bin = tile.coordinates 0 from %second_bin : !lanes
  %low_count = tile.load_shared %bins[%low_bin] : !bins, !lanes -> !lanes
  %high_count = tile.load_shared %bins[%high_bin] : !bins, !lanes -> !lanes
  %counted = arith.addi %low_count, %high_count : !lanes
  %sum_of_wave = tile.scan_add %counted : !lanes
  %total_of_wave = tile.extract %sum_of_wave[%last_lane] : !lanes
  %totals = tensor.splat %total_of_wave : !lanes
  %wave_place = tensor.splat %wave : !lanes
  %is_first_lane = arith.cmpi eq, %lane, %zeros : !lanes
  tile.store_shared %totals, %sums[%wave_place] where %is_first_lane : !lanes, !of_waves, !lanes, !lane_flags
  tile.barrier

  // The wave whose bins have it.
  %safe_wave = arith.minsi %lane, %last_wave : !lanes
  %given = tile.load_shared %sums[%safe_wave] : !of_waves, !lanes -> !lanes
  %is_wave = arith.cmpi sle, %lane, %last_wave : !lanes
  %of_waves = arith.select %is_wave, %given, %zeros : !lane_flags, !lanes
  %sum_to_wave = tile.scan_add %of_waves : !lanes
  %ranks = tensor.splat %rank : !lanes
  %is_wave_before = arith.cmpi slt, %sum_to_wave, %ranks : !lanes
  %found_wave = tile.count %is_wave_before : !lane_flags
  %to_wave = tile.extract %sum_to_wave[%found_wave] : !lanes
  %in_wave = tile.extract %of_waves[%found_wave] : !lanes
  %before_wave = arith.subi %to_wave, %in_wave : i32

  // The bin, of pairs of bins.
  %found_first = arith.muli %found_wave, %bins_of_wave : i32
  %found_firsts = tensor.splat %found_first : !lanes
  %twice = arith.addi %lane, %lane : !lanes
  %even_bin = arith.addi %found_firsts, %twice : !lanes
  %odd_bin = arith.addi %even_bin, %ones : !lanes
  %even_count = tile.load_shared %bins[%even_bin] : !bins, !lanes -> !lanes
  %odd_count = tile.load_shared %bins[%odd_bin] : !bins, !lanes -> !lanes
  %pair_count = arith.addi %even_count, %odd_count : !lanes
  %sum_to_pair = tile.scan_add %pair_count : !lanes
  %rank_in_wave = arith.subi %rank, %before_wave : i32
  %ranks_in_wave = tensor.splat %rank_in_wave : !lanes
  %is_pair_before = arith.cmpi slt, %sum_to_pair, %ranks_in_wave : !lanes
  %found_pair = tile.count %is_pair_before : !lane_flags
  %to_pair = tile.extract %sum_to_pair[%found_pair] : !lanes
  %in_pair = tile.extract %pair_count[%found_pair] : !lanes
  %in_even = tile.extract %even_count[%found_pair] : !lanes
  %in_odd = tile.extract %odd_count[%found_pair] : !lanes
  %before_pair = arith.subi %to_pair, %in_pair : i32
  %rank_in_pair = arith.subi %rank_in_wave, %before_pair : i32
  %is_odd = arith.cmpi sgt, %rank_in_pair, %in_even : i32
  %odd = arith.extui %is_odd : i1 to i32
  %pair_bins = arith.addi %found_pair, %found_pair : i32
  %in_found_wave = arith.addi %pair_bins, %odd : i32
  %bin = arith.addi %found_first, %in_found_wave : i32
  %skipped = arith.select %is_odd, %in_even, %zero : i32
  %before_in_wave = arith.addi %before_pair, %skipped : i32
  %before = arith.addi %before_wave, %before_in_wave : i32
  %in_bin = arith.select %is_odd, %in_odd, %in_even : i32

  // The bins are free again.
  tile.barrier
  return %bin, %before, %in_bin : i32, i32, i32
}

// Writes %value, columns or -1, to the places of the row where the mask is true; of columns, what the block table makes of them.
func.func private @write_step(%value : !numbers, %place : !numbers, %wanted : !flags,
    %indices : !tile.global<i32>, %indices_stride : i64, %row : i32,
    %block_table : !tile.global<i32>, %table_stride : i64, %table_width : i32, %num_blocks : i32, %request : i32, %batch : i32) {
  %next_element = arith.constant 1 : i64
  %gives_slots = arith.constant #gives_slots
  %result = scf.if %gives_slots -> (!numbers) {
    %nothing = arith.constant dense<0> : !numbers
    %none = arith.constant dense<-1> : !numbers
    %kv_block_size = arith.constant #kv_block_size
    %block_tokens = tensor.splat %kv_block_size : !numbers
    %is_column = arith.cmpi sge, %value, %nothing : !numbers
    %block = arith.divui %value, %block_tokens : !numbers
    %in_block = arith.remui %value, %block_tokens : !numbers
    %table_widths = tensor.splat %table_width : !numbers
    %in_row = arith.cmpi ult, %block, %table_widths : !numbers
    %is_request = arith.cmpi ult, %request, %batch : i32
    %has_request = tensor.splat %is_request : !flags
    %is_wanted_column = arith.andi %is_column, %wanted : !flags
    %in_table = arith.andi %in_row, %has_request : !flags
    %has_entry = arith.andi %is_wanted_column, %in_table : !flags
    // Lanes without an entry read the first one of the row.
    %reads = tile.any %has_entry : !flags
    %entry = scf.if %reads -> (!numbers) {
      %wide_request = arith.extsi %request : i32 to i64
      %table_row = arith.muli %wide_request, %table_stride : i64
      %table_rows = tensor.splat %table_row : !wide
      %safe_block = arith.select %has_entry, %block, %nothing : !flags, !numbers
      %wide_block = tile.extend %safe_block : !numbers -> !wide
      %cell = arith.addi %table_rows, %wide_block : !wide
      %read = tile.load_rows %block_table[%cell] row_stride %next_element : !tile.global<i32>, !wide -> !numbers
      scf.yield %read : !numbers
    } else {
      scf.yield %none : !numbers
    }
    %limits = tensor.splat %num_blocks : !numbers
    %in_cache = arith.cmpi ult, %entry, %limits : !numbers
    %exists = arith.andi %has_entry, %in_cache : !flags
    %block_start = arith.muli %entry, %block_tokens : !numbers
    %slot = arith.addi %block_start, %in_block : !numbers
    %slot_or_none = arith.select %exists, %slot, %none : !flags, !numbers
    scf.yield %slot_or_none : !numbers
  } else {
    scf.yield %value : !numbers
  }
  %wide_row = arith.extsi %row : i32 to i64
  %row_start = arith.muli %wide_row, %indices_stride : i64
  %row_starts = tensor.splat %row_start : !wide
  %wide_place = tile.extend %place : !numbers -> !wide
  %cell_of_result = arith.addi %row_starts, %wide_place : !wide
  tile.scatter_rows %result, %indices[%cell_of_result] row_stride %next_element where %wanted : !numbers, !tile.global<i32>, !wide, !flags
  return
}

// Counts the digits of a step's keys that are like the k-th's as far as that is known.
func.func private @count_step(%key : !numbers, %is_there : !flags, %bins : !bins, %known : i32, %bound : i32, %shift : i32) {
  %digit_bits = arith.constant dense<2047> : !numbers
  %ones = arith.constant dense<1> : !numbers
  %knowns = tensor.splat %known : !numbers
  %bounds = tensor.splat %bound : !numbers
  %shifts = tensor.splat %shift : !numbers
  %known_bits = arith.andi %key, %knowns : !numbers
  %is_like_it = arith.cmpi eq, %known_bits, %bounds : !numbers
  %counts_here = arith.andi %is_like_it, %is_there : !flags
  %shifted = arith.shrui %key, %shifts : !numbers
  %digit = arith.andi %shifted, %digit_bits : !numbers
  %not_used = tile.atomic_add %ones, %bins[%digit] where %counts_here : !numbers, !bins, !numbers, !flags -> !numbers
  return
}

// The logits of four steps of a wave, all of whose columns there are: a workgroup that is alone with a row has 64 KiB on their way at once,
// and waits for memory once.
func.func private @load_turns(%logits : !tile.global<f32>, %logits_stride : i64, %row : i32, %first : i32) -> (!logits, !logits, !logits, !logits, i32, i32, i32) {
  %group_columns = arith.constant 4096 : i32
  %second = arith.addi %first, %group_columns : i32
  %third = arith.addi %second, %group_columns : i32
  %fourth = arith.addi %third, %group_columns : i32
  %a = tile.load %logits[%row, %first] strides [%logits_stride, 1] : !tile.global<f32> -> !logits
  %b = tile.load %logits[%row, %second] strides [%logits_stride, 1] : !tile.global<f32> -> !logits
  %c = tile.load %logits[%row, %third] strides [%logits_stride, 1] : !tile.global<f32> -> !logits
  %d = tile.load %logits[%row, %fourth] strides [%logits_stride, 1] : !tile.global<f32> -> !logits
  tile.loads_first
  return %a, %b, %c, %d, %second, %third, %fourth : !logits, !logits, !logits, !logits, i32, i32, i32
}

// The numbers of those of a step that are less and, of the ties, of the first %ties of all, among all of these, in order; and whether they are
// among them. Of the steps that the waves take side by side, each wave counts its own, and adds what those before it have.
func.func private @places_of_step(%is_less : !flags, %is_tie : !flags, %ties : i32, %less_before : i32, %ties_before : i32,
    %turn : i32, %counts : !of_two_turns, %wave : i32) -> (!numbers, !flags, i32, i32) {
  %zero = arith.constant 0 : i32
  %last_lane = arith.constant 63 : i32
  %wave_count = arith.constant 16 : i32
  %half = arith.constant 16 : i32
  %low_half = arith.constant 0xffff : i32
  %zeros = arith.constant dense<0> : !lanes
  %last_wave = arith.constant dense<15> : !lanes
  %lane = tile.coordinates 0 from %zero : !lanes

  // Both counts in one number: a turn of all waves is 4096 places. Turns alternate between two places in memory, so that a wave may
  // be a turn ahead of another one.
  %less_count = tile.count %is_less : !flags
  %tie_count = tile.count %is_tie : !flags
  %tie_half = arith.shli %tie_count, %half : i32
  %own = arith.addi %less_count, %tie_half : i32
  %turn_first = arith.muli %turn, %wave_count : i32
  %own_place = arith.addi %turn_first, %wave : i32
  %owns = tensor.splat %own : !lanes
  %own_places = tensor.splat %own_place : !lanes
  %is_first_lane = arith.cmpi eq, %lane, %zeros : !lanes
  tile.store_shared %owns, %counts[%own_places] where %is_first_lane : !lanes, !of_two_turns, !lanes, !lane_flags
  tile.barrier
  %turn_firsts = tensor.splat %turn_first : !lanes
  %safe_wave = arith.minsi %lane, %last_wave : !lanes
  %wave_place = arith.addi %turn_firsts, %safe_wave : !lanes
  %given = tile.load_shared %counts[%wave_place] : !of_two_turns, !lanes -> !lanes
  %is_wave = arith.cmpi sle, %lane, %last_wave : !lanes
  %of_waves = arith.select %is_wave, %given, %zeros : !lane_flags, !lanes
  %sums = tile.scan_add %of_waves : !lanes
  %sum_to_own = tile.extract %sums[%wave] : !lanes
  %total = tile.extract %sums[%last_lane] : !lanes
  %before = arith.subi %sum_to_own, %own : i32
  %less_of_waves = arith.andi %before, %low_half : i32
  %ties_of_waves = arith.shrui %before, %half : i32
  %less_of_turn = arith.andi %total, %low_half : i32
  %ties_of_turn = arith.shrui %total, %half : i32

  %less_first = arith.addi %less_before, %less_of_waves : i32
  %ties_first = arith.addi %ties_before, %ties_of_waves : i32
  %less_firsts = tensor.splat %less_first : !numbers
  %ties_firsts = tensor.splat %ties_first : !numbers
  %less_rank = tile.rank %is_less : !flags -> !numbers
  %tie_rank = tile.rank %is_tie : !flags -> !numbers
  %less_index = arith.addi %less_firsts, %less_rank : !numbers
  %tie_index = arith.addi %ties_firsts, %tie_rank : !numbers
  %all_ties = tensor.splat %ties : !numbers
  %is_among_ties = arith.cmpi slt, %tie_index, %all_ties : !numbers
  %is_taken_tie = arith.andi %is_tie, %is_among_ties : !flags
  %is_taken = arith.ori %is_less, %is_taken_tie : !flags
  %taken_ties = arith.minsi %tie_index, %all_ties : !numbers
  %place = arith.addi %less_index, %taken_ties : !numbers
  %less_after = arith.addi %less_before, %less_of_turn : i32
  %ties_after = arith.addi %ties_before, %ties_of_turn : i32
  return %place, %is_taken, %less_after, %ties_after : !numbers, !flags, i32, i32
}

// Brings what is not behind %last_key of a step to the list.
func.func private @list_step(%key : !numbers, %column : !numbers, %is_there : !flags, %last_key : i32, %listed : i32,
    %turn : i32, %counts : !of_two_turns, %wave : i32, %list_keys : !list, %list_columns : !list) -> (i32, i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %no_ties = arith.constant dense<false> : !flags
  %last_keys = tensor.splat %last_key : !numbers
  %is_before = arith.cmpi ule, %key, %last_keys : !numbers
  %is_wanted = arith.andi %is_before, %is_there : !flags
  %place, %is_taken, %listed_then, %ties_then = func.call @places_of_step(%is_wanted, %no_ties, %zero, %listed, %zero, %turn, %counts, %wave)
      : (!flags, !flags, i32, i32, i32, i32, !of_two_turns, i32) -> (!numbers, !flags, i32, i32)
  tile.store_shared %key, %list_keys[%place] where %is_taken : !numbers, !list, !numbers, !flags
  tile.store_shared %column, %list_columns[%place] where %is_taken : !numbers, !list, !numbers, !flags
  %next_turn = arith.xori %turn, %one : i32
  return %listed_then, %next_turn : i32, i32
}

func.func private @list_logits(%logits : !logits, %first : i32, %last_key : i32, %listed : i32,
    %turn : i32, %counts : !of_two_turns, %wave : i32, %list_keys : !list, %list_columns : !list) -> (i32, i32) {
  %all = arith.constant dense<true> : !flags
  %key = func.call @keys_of(%logits) : (!logits) -> !numbers
  %column = tile.coordinates 0 from %first : !numbers
  %listed_then, %next = func.call @list_step(%key, %column, %all, %last_key, %listed, %turn, %counts, %wave, %list_keys, %list_columns)
      : (!numbers, !numbers, !flags, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
  return %listed_then, %next : i32, i32
}

gpu.func @topk(
    %logits : !tile.global<f32>, %logits_stride : i64, %width : i32, %k : i32,
    %context_lens : !tile.global<i32>, %starts : !tile.global<i32>, %ends : !tile.global<i32>, %requests : !tile.global<i32>,
    %block_table : !tile.global<i32>, %table_stride : i64, %table_width : i32, %num_blocks : i32, %batch : i32, %next_n : i32,
    %indices : !tile.global<i32>, %indices_stride : i64,
    %workspace : !tile.global<i32>, %rows : i32, %splits : i32)
    kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
  %false = arith.constant false
  %true = arith.constant true
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %wave_columns = arith.constant 256 : i32
  %group_columns = arith.constant 4096 : i32
  %quad_columns = arith.constant 16384 : i32
  %quad_mask = arith.constant -16384 : i32
  %wave_count = arith.constant 16 : i32
  %log2_wave_count = arith.constant 4 : i32
  %list_size = arith.constant 6144 : i32

  %bins = tile.alloc_shared : !bins
  %list_keys = tile.alloc_shared : !list
  %list_columns = tile.alloc_shared : !list
  %sums = tile.alloc_shared : !of_waves
  %counts = tile.alloc_shared : !of_two_turns
  %arrivals = tile.alloc_shared : !one

  // Workgroups [row * splits, (row + 1) * splits) are for a row.
  %wave_in_grid = tile.wave_id : i32
  %group = arith.shrui %wave_in_grid, %log2_wave_count : i32
  %group_first = arith.shli %group, %log2_wave_count : i32
  %wave = arith.subi %wave_in_grid, %group_first : i32
  %row = arith.divui %group, %splits : i32
  %part = arith.remui %group, %splits : i32
  %is_first_part = arith.cmpi eq, %part, %zero : i32
  %wave_first = arith.muli %wave, %wave_columns : i32

  // The columns of the row.
  %is_decode = arith.constant #is_decode
  %first, %given_end, %request = scf.if %is_decode -> (i32, i32, i32) {
    %row_request = arith.divui %row, %next_n : i32
    %token = arith.remui %row, %next_n : i32
    %given_length = tile.load %context_lens[%row_request] strides [1] : !tile.global<i32> -> i32
    %context_length = arith.maxsi %given_length, %zero : i32
    %before_tokens = arith.subi %context_length, %next_n : i32
    %last_column = arith.addi %before_tokens, %token : i32
    %visible = arith.addi %last_column, %one : i32
    scf.yield %zero, %visible, %row_request : i32, i32, i32
  } else {
    %given_start = tile.load %starts[%row] strides [1] : !tile.global<i32> -> i32
    %window_end = tile.load %ends[%row] strides [1] : !tile.global<i32> -> i32
    %start = arith.maxsi %given_start, %zero : i32
    %gives_slots = arith.constant #gives_slots
    %row_request = scf.if %gives_slots -> (i32) {
      %named = tile.load %requests[%row] strides [1] : !tile.global<i32> -> i32
      scf.yield %named : i32
    } else {
      scf.yield %zero : i32
    }
    scf.yield %start, %window_end, %row_request : i32, i32, i32
  }
  %end_in_width = arith.minsi %given_end, %width : i32
  %end = arith.maxsi %end_in_width, %zero : i32
  %difference = arith.subi %end, %first : i32
  %length = arith.maxsi %difference, %zero : i32

  %takes_all = arith.cmpi sle, %length, %k : i32
  scf.if %takes_all {
    // All columns, without a look at them, and -1 behind them.
    scf.if %is_first_part {
      %none = arith.constant dense<-1> : !numbers
      scf.for %place_first = %wave_first to %k step %group_columns : i32 {
        %place = tile.coordinates 0 from %place_first : !numbers
        %firsts = tensor.splat %first : !numbers
        %column = arith.addi %place, %firsts : !numbers
        %lengths = tensor.splat %length : !numbers
        %is_column = arith.cmpi slt, %place, %lengths : !numbers
        %value = arith.select %is_column, %column, %none : !flags, !numbers
        %ks = tensor.splat %k : !numbers
        %in_result = arith.cmpi slt, %place, %ks : !numbers
        func.call @write_step(%value, %place, %in_result, %indices, %indices_stride, %row, %block_table, %table_stride, %table_width, %num_blocks, %request, %batch)
            : (!numbers, !numbers, !flags, !tile.global<i32>, i64, i32, !tile.global<i32>, i64, i32, i32, i32, i32) -> ()
      }
    }
  } else {
    // The parts of the row that workgroups count: equal ones, that are worth it, and one if the list has room for the row.
    %fits = arith.cmpi sle, %length, %list_size : i32
    %last_split = arith.subi %splits, %one : i32
    %dividend = arith.addi %length, %last_split : i32
    %equal_part = arith.divui %dividend, %splits : i32
    %large_part = arith.maxsi %equal_part, %group_columns : i32
    %part_columns = arith.select %fits, %length, %large_part : i32
    %round_up = arith.subi %part_columns, %one : i32
    %rounded = arith.addi %length, %round_up : i32
    %parts = arith.divui %rounded, %part_columns : i32
    %has_part = arith.cmpi slt, %part, %parts : i32
    scf.if %has_part {
      %is_shared = arith.cmpi sgt, %parts, %one : i32
      %part_start = arith.muli %part, %part_columns : i32
      %part_first = arith.addi %first, %part_start : i32
      %part_limit = arith.addi %part_first, %part_columns : i32
      %part_end = arith.minsi %part_limit, %end : i32

      %lane = tile.coordinates 0 from %zero : !lanes
      %lane_zeros = arith.constant dense<0> : !lanes
      %lane_ones = arith.constant dense<1> : !lanes
      %is_first_lane = arith.cmpi eq, %lane, %lane_zeros : !lanes
      %is_first_wave = arith.cmpi eq, %wave, %zero : i32
      %bins_of_wave = arith.constant 128 : i32
      %first_bin = arith.muli %wave, %bins_of_wave : i32
      %wave_bin = tile.coordinates 0 from %first_bin : !wave_bins
      %no_counts = arith.constant dense<0> : !wave_bins
      %all_bins = arith.constant dense<true> : !wave_bin_flags

      // In the workspace: 2048 bins a row, and then for each row how many workgroups have arrived.
      %bin_count = arith.constant 2048 : i32
      %row_bins_first = arith.muli %row, %bin_count : i32
      %row_bin_first = arith.addi %row_bins_first, %first_bin : i32
      %row_bin = tile.coordinates 0 from %row_bin_first : !wave_bins
      %bins_of_rows = arith.muli %rows, %bin_count : i32
      %arrival_place = arith.addi %bins_of_rows, %row : i32
      %arrival_places = tensor.splat %arrival_place : !lanes

      // Digit by digit. Known of the key of number k: its bits %known are those of %bound. It is number %rank of those keys that
      // have them, and %size keys are among or before those. What is looked at is the row, then the list.
      %levels = arith.constant 3 : i32
      %first_shift = arith.constant 21 : i32
      %bits_of_level = arith.constant 11 : i32
      %minus_one = arith.constant -1 : i32
      %goes_on, %in_list, %from, %to, %bound, %rank, %all_known, %last_size, %last_shift = scf.for %level = %zero to %levels step %one
          iter_args(%is_on = %true, %was_in_list = %false, %was_from = %first, %was_to = %end, %was_bound = %zero, %was_rank = %k, %known = %zero, %size = %length, %shift = %first_shift)
          -> (i1, i1, i32, i32, i32, i32, i32, i32, i32) : i32 {
        %then_on, %then_in_list, %then_from, %then_to, %then_bound, %then_rank, %then_known, %then_size =
            scf.if %is_on -> (i1, i1, i32, i32, i32, i32, i32, i32) {

          // What is not behind the k-th's bin, to the list.
          %is_small = arith.cmpi sle, %size, %list_size : i32
          %is_in_row = arith.xori %was_in_list, %true : i1
          %lists = arith.andi %is_small, %is_in_row : i1
          scf.if %lists {
            %unknown = arith.xori %known, %minus_one : i32
            %last_key = arith.ori %was_bound, %unknown : i32
            %columns = arith.subi %was_to, %was_from : i32
            %quads = arith.andi %columns, %quad_mask : i32
            %quads_end = arith.addi %was_from, %quads : i32
            %listed_in_quads, %turn_of_quads = scf.for %quad_first = %was_from to %quads_end step %quad_columns
                iter_args(%listed = %zero, %turn = %zero) -> (i32, i32) : i32 {
              %first_of_wave = arith.addi %quad_first, %wave_first : i32
              %a, %b, %c, %d, %second, %third, %fourth = func.call @load_turns(%logits, %logits_stride, %row, %first_of_wave)
                  : (!tile.global<f32>, i64, i32, i32) -> (!logits, !logits, !logits, !logits, i32, i32, i32)
              %listed_a, %next_a = func.call @list_logits(%a, %first_of_wave, %last_key, %listed, %turn, %counts, %wave, %list_keys, %list_columns)
                  : (!logits, i32, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
              %listed_b, %next_b = func.call @list_logits(%b, %second, %last_key, %listed_a, %next_a, %counts, %wave, %list_keys, %list_columns)
                  : (!logits, i32, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
              %listed_c, %next_c = func.call @list_logits(%c, %third, %last_key, %listed_b, %next_b, %counts, %wave, %list_keys, %list_columns)
                  : (!logits, i32, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
              %listed_d, %next_d = func.call @list_logits(%d, %fourth, %last_key, %listed_c, %next_c, %counts, %wave, %list_keys, %list_columns)
                  : (!logits, i32, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
              scf.yield %listed_d, %next_d : i32, i32
            }
            %all_listed, %last_turn = scf.for %place_first = %quads_end to %was_to step %group_columns
                iter_args(%listed = %listed_in_quads, %turn = %turn_of_quads) -> (i32, i32) : i32 {
              %step_first = arith.addi %place_first, %wave_first : i32
              %key, %column, %is_there = func.call @read_step(%false, %list_keys, %list_columns, %logits, %logits_stride, %row, %step_first, %was_to)
                  : (i1, !list, !list, !tile.global<f32>, i64, i32, i32, i32) -> (!numbers, !numbers, !flags)
              %listed_then, %next = func.call @list_step(%key, %column, %is_there, %last_key, %listed, %turn, %counts, %wave, %list_keys, %list_columns)
                  : (!numbers, !numbers, !flags, i32, i32, i32, !of_two_turns, i32, !list, !list) -> (i32, i32)
              scf.yield %listed_then, %next : i32, i32
            }
          }
          %now_in_list = arith.ori %was_in_list, %lists : i1
          %now_from = arith.select %lists, %zero, %was_from : i32
          %now_to = arith.select %lists, %size, %was_to : i32

          // The counts of the next digit, of this workgroup's part in the first turn.
          tile.store_shared %no_counts, %bins[%wave_bin] where %all_bins : !wave_bins, !bins, !wave_bins, !wave_bin_flags
          tile.barrier
          %is_first_level = arith.cmpi eq, %level, %zero : i32
          %is_part = arith.andi %is_first_level, %is_shared : i1
          %count_from = arith.select %is_part, %part_first, %now_from : i32
          %count_to = arith.select %is_part, %part_end, %now_to : i32
          // Of a row, four steps at a time as long as they are whole: the time of one load is that of them all.
          %count_columns = arith.subi %count_to, %count_from : i32
          %whole_columns = arith.andi %count_columns, %quad_mask : i32
          %count_quads = arith.select %now_in_list, %zero, %whole_columns : i32
          %count_quads_end = arith.addi %count_from, %count_quads : i32
          scf.for %quad_first = %count_from to %count_quads_end step %quad_columns : i32 {
            %all = arith.constant dense<true> : !flags
            %first_of_wave = arith.addi %quad_first, %wave_first : i32
            %a, %b, %c, %d, %second, %third, %fourth = func.call @load_turns(%logits, %logits_stride, %row, %first_of_wave)
                : (!tile.global<f32>, i64, i32, i32) -> (!logits, !logits, !logits, !logits, i32, i32, i32)
            %key_a = func.call @keys_of(%a) : (!logits) -> !numbers
            func.call @count_step(%key_a, %all, %bins, %known, %was_bound, %shift) : (!numbers, !flags, !bins, i32, i32, i32) -> ()
            %key_b = func.call @keys_of(%b) : (!logits) -> !numbers
            func.call @count_step(%key_b, %all, %bins, %known, %was_bound, %shift) : (!numbers, !flags, !bins, i32, i32, i32) -> ()
            %key_c = func.call @keys_of(%c) : (!logits) -> !numbers
            func.call @count_step(%key_c, %all, %bins, %known, %was_bound, %shift) : (!numbers, !flags, !bins, i32, i32, i32) -> ()
            %key_d = func.call @keys_of(%d) : (!logits) -> !numbers
            func.call @count_step(%key_d, %all, %bins, %known, %was_bound, %shift) : (!numbers, !flags, !bins, i32, i32, i32) -> ()
          }
          %count_first = arith.addi %count_quads_end, %wave_first : i32
          scf.for %step_first = %count_first to %count_to step %group_columns : i32 {
            %key, %column, %is_there = func.call @read_step(%now_in_list, %list_keys, %list_columns, %logits, %logits_stride, %row, %step_first, %count_to)
                : (i1, !list, !list, !tile.global<f32>, i64, i32, i32, i32) -> (!numbers, !numbers, !flags)
            func.call @count_step(%key, %is_there, %bins, %known, %was_bound, %shift) : (!numbers, !flags, !bins, i32, i32, i32) -> ()
          }
          tile.barrier

          // The counts of all parts. All waves' additions are over before one of them says that the workgroup has arrived.
          %still_on = scf.if %is_part -> (i1) {
            %counted = tile.load_shared %bins[%wave_bin] : !bins, !wave_bins -> !wave_bins
            %has_any = arith.cmpi ne, %counted, %no_counts : !wave_bins
            %not_used = tile.atomic_add %counted, %workspace[%row_bin] where %has_any : !wave_bins, !tile.global<i32>, !wave_bins, !wave_bin_flags -> !wave_bins
            tile.release
            tile.barrier
            scf.if %is_first_wave {
              %arrived = tile.atomic_add %lane_ones, %workspace[%arrival_places] where %is_first_lane : !lanes, !tile.global<i32>, !lanes, !lane_flags -> !lanes
              tile.store_shared %arrived, %arrivals[%lane_zeros] where %is_first_lane : !lanes, !one, !lanes, !lane_flags
            }
            tile.barrier
            %before = tile.load_shared %arrivals[%lane_zeros] : !one, !lanes -> !lanes
            %arrived_before = tile.extract %before[%zero] : !lanes
            %arrived_now = arith.addi %arrived_before, %one : i32
            %is_last = arith.cmpi eq, %arrived_now, %parts : i32
            scf.if %is_last {
              tile.acquire
              %of_all = tile.atomic_exchange %no_counts, %workspace[%row_bin] where %all_bins : !wave_bins, !tile.global<i32>, !wave_bins, !wave_bin_flags -> !wave_bins
              tile.store_shared %of_all, %bins[%wave_bin] where %all_bins : !wave_bins, !bins, !wave_bins, !wave_bin_flags
              scf.if %is_first_wave {
                %all_arrived = tile.atomic_exchange %lane_zeros, %workspace[%arrival_places] where %is_first_lane : !lanes, !tile.global<i32>, !lanes, !lane_flags -> !lanes
              }
              tile.barrier
            }
            scf.yield %is_last : i1
          } else {
            scf.yield %true : i1
          }

          // The k-th's digit.
          %now_bound, %now_rank, %now_size = scf.if %still_on -> (i32, i32, i32) {
            %bin, %before_bin, %in_bin = func.call @find_bin(%bins, %sums, %wave, %was_rank) : (!bins, !of_waves, i32, i32) -> (i32, i32, i32)
            %digit = arith.shli %bin, %shift : i32
            %next_bound = arith.ori %was_bound, %digit : i32
            %next_rank = arith.subi %was_rank, %before_bin : i32
            %taken_before = arith.subi %k, %next_rank : i32
            %next_size = arith.addi %taken_before, %in_bin : i32
            scf.yield %next_bound, %next_rank, %next_size : i32, i32, i32
          } else {
            scf.yield %was_bound, %was_rank, %size : i32, i32, i32
          }
          %now_known = arith.shli %minus_one, %shift : i32
          scf.yield %still_on, %now_in_list, %now_from, %now_to, %now_bound, %now_rank, %now_known, %now_size : i1, i1, i32, i32, i32, i32, i32, i32
        } else {
          scf.yield %is_on, %was_in_list, %was_from, %was_to, %was_bound, %was_rank, %known, %size : i1, i1, i32, i32, i32, i32, i32, i32
        }
        // The last digit has 10 bits of its own, and one that is known.
        %less_shift = arith.subi %shift, %bits_of_level : i32
        %next_shift = arith.maxsi %less_shift, %zero : i32
        scf.yield %then_on, %then_in_list, %then_from, %then_to, %then_bound, %then_rank, %then_known, %then_size, %next_shift : i1, i1, i32, i32, i32, i32, i32, i32, i32
      }

      // The keys before the k-th, and as many of its own, in order.
      scf.if %goes_on {
        %less_written, %ties_written, %last_turn = scf.for %place_first = %from to %to step %group_columns
            iter_args(%less_before = %zero, %ties_before = %zero, %turn = %zero) -> (i32, i32, i32) : i32 {
          %step_first = arith.addi %place_first, %wave_first : i32
          %key, %column, %is_there = func.call @read_step(%in_list, %list_keys, %list_columns, %logits, %logits_stride, %row, %step_first, %to)
              : (i1, !list, !list, !tile.global<f32>, i64, i32, i32, i32) -> (!numbers, !numbers, !flags)
          %bounds = tensor.splat %bound : !numbers
          %is_below = arith.cmpi ult, %key, %bounds : !numbers
          %is_equal = arith.cmpi eq, %key, %bounds : !numbers
          %is_less = arith.andi %is_below, %is_there : !flags
          %is_tie = arith.andi %is_equal, %is_there : !flags
          %place, %is_taken, %less_after, %ties_after = func.call @places_of_step(%is_less, %is_tie, %rank, %less_before, %ties_before, %turn, %counts, %wave)
              : (!flags, !flags, i32, i32, i32, i32, !of_two_turns, i32) -> (!numbers, !flags, i32, i32)
          func.call @write_step(%column, %place, %is_taken, %indices, %indices_stride, %row, %block_table, %table_stride, %table_width, %num_blocks, %request, %batch)
              : (!numbers, !numbers, !flags, !tile.global<i32>, i64, i32, !tile.global<i32>, i64, i32, i32, i32, i32) -> ()
          %next_turn = arith.xori %turn, %one : i32
          scf.yield %less_after, %ties_after, %next_turn : i32, i32, i32
        }
      }
    }
  }
  gpu.return
}
}
