//===- qk_prep.mlir - Queries and keys, ready for the indexer -------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn. Specializing a key replaces everything above the
// line of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 4 : i32

#step           = 16 : i32
#heads          = 64 : i32
#fp8_max        = 448.0 : f32
#power_of_two   = false
#hadamard       = false
#preps_skipped  = false
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// Rows of q and k: a fragment is 8 elements of a row, one load and, of their codes, one store. Columns that turn together are in one lane.
#rows           = #tile.distribution<lane = [4 x d1 by 8, 16 x d0 by 1], fragment = [4 x d1 by 32], element = [8 x d1 by 1]>
!source         = !tile.global<bf16>
!given          = tensor<16x128xbf16, #rows>
!values         = tensor<16x128xf32, #rows>
!bits           = tensor<16x128xi32, #rows>
!value_flags    = tensor<16x128xi1, #rows>
!codes          = tensor<16x128xf8E4M3FN, #rows>
!q_out          = !tile.global<f8E4M3FN>

// Cosines and sines of a position, #angle_times columns each. Columns c and c + #rope_distance turn together, in the half of a row whose
// columns have #rotary_half in their bit of 64.
#angles         = #tile.distribution<lane = [4 x d1 by 8, 16 x d0 by 1], fragment = [], element = [8 x d1 by 1]>
!given_angles   = tensor<16x32xbf16, #angles>
!angles         = tensor<16x32xf32, #angles>
#angle_times    = 1 : i64
#rope_distance  = 32 : i64
#rotary_half    = 0 : i32

// One number for each row, in all of its lanes.
#row            = #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<i64>
!given_slots    = tensor<16xi64, #row>
!wide           = tensor<16xi64, #row>
!numbers        = tensor<16xi32, #row>
!given_gates    = tensor<16xbf16, #row>
!scales         = tensor<16xf32, #row>
!flags          = tensor<16xi1, #row>

//==============================================================================

// q_out[t, h, :] = fp8(q') and weights_out[t, h] = weights[t, h] * scale * weights_scale, where q' is q[t, h, :] after rope and, if the key
// wants it, the Hadamard transform; cache[slots[t]] = what k_quant_store makes of k[t, :] after LayerNorm and the same
//
// The first %k_waves waves take 16 tokens of k each, which have more to do; the others 16 rows of q, counted through tokens and heads.
// Every step ends in bf16 or f16, as if it were a kernel of its own. No product is fused with a sum.

gpu.module @kernels [#target] {
  // From quantize_rows.mlir.
  func.func private @finite_amax(!bits) -> !scales
  func.func private @key_scale(!scales) -> !scales
  func.func private @codes_of(!values, !scales) -> !codes
  func.func private @store_k(!values, !numbers, !flags, !flags, !cache, i64) -> i32

  // The positions of tokens, 0 where the tables have none, and where they have one.
  func.func private @load_positions(%positions : !slots, %token : !numbers, %max_positions : i64) -> (!numbers, !flags) {
    %next_element = arith.constant 1 : i64
    %given = tile.load_rows %positions[%token] row_stride %next_element : !slots, !numbers -> !given_slots
    %position = tile.extend %given : !given_slots -> !wide
    %limit = tensor.splat %max_positions : !wide
    %in_table = arith.cmpi ult, %position, %limit : !wide
    %short = arith.trunci %position : !wide to !numbers
    %nothing = arith.constant dense<0> : !numbers
    %safe = arith.select %in_table, %short, %nothing : !flags, !numbers
    return %safe, %in_table : !numbers, !flags
  }

  // The slots of tokens, and which are wanted: not negative, or as good as that.
  func.func private @load_slots(%slots : !slots, %token : !numbers) -> (!wide, !flags) {
    %next_element = arith.constant 1 : i64
    %given = tile.load_rows %slots[%token] row_stride %next_element : !slots, !numbers -> !given_slots
    %slot = tile.extend %given : !given_slots -> !wide
    %no_slot = arith.constant dense<0> : !wide
    %names_slot = arith.cmpi sge, %slot, %no_slot : !wide
    %preps_skipped = arith.constant #preps_skipped
    %preps_any = tensor.splat %preps_skipped : !flags
    %wanted = arith.ori %names_slot, %preps_any : !flags
    return %slot, %wanted : !wide, !flags
  }

  // (x - mean) / sqrt(variance + eps) * weight + bias
  func.func private @layer_norm(%given : !given, %weight : !tile.global<f32>, %bias : !tile.global<f32>, %eps : f32) -> !given {
    %per_column = arith.constant dense<0.0078125> : !scales
    %x = tile.extend %given : !given -> !values
    %sum = tile.row_sum %x : !values -> !scales
    %mean = arith.mulf %sum, %per_column : !scales
    %means = tile.broadcast %mean : !scales -> !values
    %difference = arith.subf %x, %means : !values
    %square = arith.mulf %difference, %difference : !values
    %squares = tile.row_sum %square : !values -> !scales
    %variance = arith.mulf %squares, %per_column : !scales
    %epsilon = tensor.splat %eps : !scales
    %shifted = arith.addf %variance, %epsilon : !scales
    %deviation = math.sqrt %shifted : !scales
    %unit = arith.constant dense<1.0> : !scales
    %inverse = arith.divf %unit, %deviation : !scales
    %factor = tile.broadcast %inverse : !scales -> !values
    %weights = tile.load %weight[0, 0] strides [0, 1] : !tile.global<f32> -> !values
    %biases = tile.load %bias[0, 0] strides [0, 1] : !tile.global<f32> -> !values
    %normed = arith.mulf %difference, %factor : !values
    %weighted = arith.mulf %normed, %weights : !values
    %result = arith.addf %weighted, %biases : !values
    %rounded = arith.truncf %result : !values to !given
    return %rounded : !given
  }

  // The cosines or sines of positions, in the columns that they turn.
  func.func private @load_angles(%table : !source, %stride : i64, %position : !numbers) -> !values {
    %given = tile.load_rows %table[%position] row_stride %stride : !source, !numbers -> !given_angles
    %angles = tile.extend %given : !given_angles -> !angles
    %spread = tile.spread_columns %angles by #angle_times : !angles -> !values
    return %spread : !values
  }

  // Rope, and the Hadamard transform where the key wants it.
  func.func private @rotate(%given : !given, %cos : !source, %cos_stride : i64, %sin : !source, %sin_stride : i64,
                            %position : !numbers) -> !given {
    %c = func.call @load_angles(%cos, %cos_stride, %position) : (!source, i64, !numbers) -> !values
    %s = func.call @load_angles(%sin, %sin_stride, %position) : (!source, i64, !numbers) -> !values
    %x = tile.extend %given : !given -> !values
    %turned = tile.quarter_turn %x distance #rope_distance : !values
    %straight = arith.mulf %x, %c : !values
    %across = arith.mulf %turned, %s : !values
    %rotated = arith.addf %straight, %across : !values
    %rounded = arith.truncf %rotated : !values to !given
    %zero = arith.constant 0 : i32
    %column = tile.coordinates 1 from %zero : !bits
    %half_bit = arith.constant dense<64> : !bits
    %half = arith.andi %column, %half_bit : !bits
    %rotary_half = arith.constant #rotary_half
    %rotary = tensor.splat %rotary_half : !bits
    %is_rotary = arith.cmpi eq, %half, %rotary : !bits
    %roped = arith.select %is_rotary, %rounded, %given : !value_flags, !given

    %hadamard = arith.constant #hadamard
    %result = scf.if %hadamard -> !given {
      %h0 = tile.extend %roped : !given -> !values
      %h1 = tile.butterfly %h0 distance 1 : !values
      %h2 = tile.butterfly %h1 distance 2 : !values
      %h4 = tile.butterfly %h2 distance 4 : !values
      %h8 = tile.butterfly %h4 distance 8 : !values
      %h16 = tile.butterfly %h8 distance 16 : !values
      %h32 = tile.butterfly %h16 distance 32 : !values
      %h64 = tile.butterfly %h32 distance 64 : !values
      // 1 / sqrt(128)
      %norm = arith.constant dense<0x3DB504F3> : !values
      %scaled = arith.mulf %h64, %norm : !values
      %transformed = arith.truncf %scaled : !values to !given
      scf.yield %transformed : !given
    } else {
      scf.yield %roped : !given
    }
    return %result : !given
  }

  gpu.func @qk_prep(
      %q : !source, %q_stride_token : i64, %q_stride_head : i64,
      %k : !source, %k_stride : i64,
      %weights : !source, %weights_stride : i64,
      %positions : !slots,
      %cos : !source, %cos_stride : i64, %sin : !source, %sin_stride : i64, %max_positions : i64,
      %norm_weight : !tile.global<f32>, %norm_bias : !tile.global<f32>, %norm_eps : f32, %weights_scale : f32,
      %slots : !slots, %cache : !cache, %page_stride : i64, %num_slots : i64,
      %q_out : !q_out, %q_out_stride_token : i64, %q_out_stride_head : i64,
      %weights_out : !tile.global<f32>, %weights_out_stride : i64,
      %error : !tile.global<i32>,
      %tokens : i32, %k_waves : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %one = arith.constant 1 : i32
    %next_element = arith.constant 1 : i64
    %step = arith.constant #step
    %wave = tile.wave_id : i32
    %has_k = arith.cmpi slt, %wave, %k_waves : i32
    scf.if %has_k {
      // The tokens of this wave; past the last one it is taken again, and not stored.
      %first = arith.muli %wave, %step : i32
      %token = tile.coordinates 0 from %first : !numbers
      %end = tensor.splat %tokens : !numbers
      %is_token = arith.cmpi slt, %token, %end : !numbers
      %last = arith.subi %tokens, %one : i32
      %lasts = tensor.splat %last : !numbers
      %row = arith.minsi %token, %lasts : !numbers
      %k_row = tile.load_rows %k[%row] row_stride %k_stride : !source, !numbers -> !given
      %position, %in_table = func.call @load_positions(%positions, %row, %max_positions) : (!slots, !numbers, i64) -> (!numbers, !flags)
      %slot, %wanted = func.call @load_slots(%slots, %row) : (!slots, !numbers) -> (!wide, !flags)

      // A negative slot means nowhere. One past the cache is an error, and so is a position outside the tables, if it was wanted.
      %slot_limit = tensor.splat %num_slots : !wide
      %in_cache = arith.cmpi ult, %slot, %slot_limit : !wide
      %past_cache = arith.cmpi sge, %slot, %slot_limit : !wide
      %has_place = arith.andi %in_cache, %in_table : !flags
      %stored = arith.andi %has_place, %is_token : !flags
      %refused = arith.andi %past_cache, %is_token : !flags
      %place = arith.trunci %slot : !wide to !numbers
      %yes = arith.constant dense<true> : !flags
      %no_position = arith.xori %in_table, %yes : !flags
      %is_wanted = arith.andi %wanted, %is_token : !flags
      %lost = arith.andi %is_wanted, %no_position : !flags

      %normed = func.call @layer_norm(%k_row, %norm_weight, %norm_bias, %norm_eps) : (!given, !tile.global<f32>, !tile.global<f32>, f32) -> !given
      %rotated = func.call @rotate(%normed, %cos, %cos_stride, %sin, %sin_stride, %position) : (!given, !source, i64, !source, i64, !numbers) -> !given
      %value = tile.extend %rotated : !given -> !values

      // The sign of a NaN that arithmetic makes is the machine's: here it is none.
      %is_nan = arith.cmpf uno, %value, %value : !values
      %nan = arith.constant dense<0x7FC00000> : !values
      %stored_value = arith.select %is_nan, %nan, %value : !value_flags, !values
      %store_problems = func.call @store_k(%stored_value, %place, %stored, %refused, %cache, %page_stride) : (!values, !numbers, !flags, !flags, !cache, i64) -> i32

      // What went wrong, for whoever gave a word for it: as for k_quant_store, and 4 for a position outside the tables.
      %any_lost = tile.any %lost : !flags
      %zero = arith.constant 0 : i32
      %four = arith.constant 4 : i32
      %lost_bit = arith.select %any_lost, %four, %zero : i32
      %problems = arith.ori %store_problems, %lost_bit : i32
      tile.atomic_or %problems, %error : !tile.global<i32>
    } else {
      // The rows of this wave, if it has any: row r is head r % heads of token r / heads.
      %heads = arith.constant #heads
      %q_wave = arith.subi %wave, %k_waves : i32
      %first = arith.muli %q_wave, %step : i32
      %rows = arith.muli %tokens, %heads : i32
      %has_q = arith.cmpi slt, %first, %rows : i32
      scf.if %has_q {
        %number = tile.coordinates 0 from %first : !numbers
        %end = tensor.splat %rows : !numbers
        %is_row = arith.cmpi slt, %number, %end : !numbers
        %last = arith.subi %rows, %one : i32
        %lasts = tensor.splat %last : !numbers
        %row = arith.minsi %number, %lasts : !numbers
        %heads_of_token = tensor.splat %heads : !numbers
        %token = arith.divui %row, %heads_of_token : !numbers
        %head = arith.remui %row, %heads_of_token : !numbers
        %wide_token = tile.extend %token : !numbers -> !wide
        %wide_head = tile.extend %head : !numbers -> !wide

        %q_token_stride = tensor.splat %q_stride_token : !wide
        %q_head_stride = tensor.splat %q_stride_head : !wide
        %q_of_token = arith.muli %wide_token, %q_token_stride : !wide
        %q_of_head = arith.muli %wide_head, %q_head_stride : !wide
        %q_place = arith.addi %q_of_token, %q_of_head : !wide
        %q_row = tile.load_rows %q[%q_place] row_stride %next_element : !source, !wide -> !given
        %gate_stride = tensor.splat %weights_stride : !wide
        %gates_of_token = arith.muli %wide_token, %gate_stride : !wide
        %gate_place = arith.addi %gates_of_token, %wide_head : !wide
        %given_gate = tile.load_rows %weights[%gate_place] row_stride %next_element : !source, !wide -> !given_gates
        %position, %in_table = func.call @load_positions(%positions, %token, %max_positions) : (!slots, !numbers, i64) -> (!numbers, !flags)
        %slot, %wanted = func.call @load_slots(%slots, %token) : (!slots, !numbers) -> (!wide, !flags)
        %has_place = arith.andi %wanted, %in_table : !flags
        %written = arith.andi %has_place, %is_row : !flags

        %rotated = func.call @rotate(%q_row, %cos, %cos_stride, %sin, %sin_stride, %position) : (!given, !source, i64, !source, i64, !numbers) -> !given
        %value = tile.extend %rotated : !given -> !values
        %value_bits = arith.bitcast %value : !values to !bits
        %magnitude_mask = arith.constant dense<0x7FFFFFFF> : !bits
        %magnitude = arith.andi %value_bits, %magnitude_mask : !bits
        %amax = func.call @finite_amax(%magnitude) : (!bits) -> !scales

        // Times the reciprocal, unlike K.
        %least = arith.constant dense<1.0e-10> : !scales
        %floored = arith.maxnumf %amax, %least : !scales
        %fp8_max = arith.constant #fp8_max
        %unit = arith.constant 1.0 : f32
        %per_max = arith.divf %unit, %fp8_max : f32
        %per_largest = tensor.splat %per_max : !scales
        %exact_scale = arith.mulf %floored, %per_largest : !scales
        %scale = func.call @key_scale(%exact_scale) : (!scales) -> !scales
        %code = func.call @codes_of(%value, %scale) : (!values, !scales) -> !codes

        %out_token_stride = tensor.splat %q_out_stride_token : !wide
        %out_head_stride = tensor.splat %q_out_stride_head : !wide
        %out_of_token = arith.muli %wide_token, %out_token_stride : !wide
        %out_of_head = arith.muli %wide_head, %out_head_stride : !wide
        %out_place = arith.addi %out_of_token, %out_of_head : !wide
        tile.scatter_rows %code, %q_out[%out_place] row_stride %next_element where %written : !codes, !q_out, !wide, !flags

        // The gate, with all that is constant over the tokens that it will meet.
        %gate = tile.extend %given_gate : !given_gates -> !scales
        %scaled_gate = arith.mulf %gate, %scale : !scales
        %gate_factor = tensor.splat %weights_scale : !scales
        %full_gate = arith.mulf %scaled_gate, %gate_factor : !scales
        %is_nan = arith.cmpf uno, %full_gate, %full_gate : !scales
        %nan = arith.constant dense<0x7FC00000> : !scales
        %gate_out = arith.select %is_nan, %nan, %full_gate : !flags, !scales
        %out_gate_stride = tensor.splat %weights_out_stride : !wide
        %out_gates_of_token = arith.muli %wide_token, %out_gate_stride : !wide
        %out_gate_place = arith.addi %out_gates_of_token, %wide_head : !wide
        tile.scatter_rows %gate_out, %weights_out[%out_gate_place] row_stride %next_element where %written : !scales, !tile.global<f32>, !wide, !flags
      }
    }
    gpu.return
  }
}
