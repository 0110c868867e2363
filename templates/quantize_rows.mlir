//===- quantize_rows.mlir - Rows to fp8, and K rows into the cache --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: that of k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn. A kernel that asks for a function gets it with the kernel's
// own prelude above the line of equals signs.

#fp8_max        = 448.0 : f32
#power_of_two   = false
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// k[tokens, head_dim]: a fragment is 8 elements of a row, one load and, of their codes, one store.
#rows           = #tile.distribution<lane = [8 x d1 by 8, 8 x d0 by 1], fragment = [2 x d1 by 64], element = [8 x d1 by 1]>
!values         = tensor<8x128xf32, #rows>
!bits           = tensor<8x128xi32, #rows>
!value_flags    = tensor<8x128xi1, #rows>
!codes          = tensor<8x128xf8E4M3FN, #rows>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!numbers        = tensor<8xi32, #row>
!scales         = tensor<8xf32, #row>
!flags          = tensor<8xi1, #row>

//==============================================================================

// The largest of the magnitudes, which are bits and ordered like them, that are finite: infinity is above every number, and a NaN above
// infinity.
func.func private @finite_amax(%magnitude : !bits) -> !scales {
  %infinity = arith.constant dense<0x7F800000> : !bits
  %is_finite = arith.cmpi slt, %magnitude, %infinity : !bits
  %nothing = arith.constant dense<0> : !bits
  %counted = arith.select %is_finite, %magnitude, %nothing : !value_flags, !bits
  %amax_bits = tile.row_max %counted : !bits -> !numbers
  %amax = arith.bitcast %amax_bits : !numbers to !scales
  return %amax : !scales
}

// The scale, or where the key wants it the next power of two, by its exponent: a mantissa that is not zero carries into it.
func.func private @key_scale(%exact_scale : !scales) -> !scales {
  %power_of_two = arith.constant #power_of_two
  %rounds = tensor.splat %power_of_two : !flags
  %scale_bits = arith.bitcast %exact_scale : !scales to !numbers
  %below_one = arith.constant dense<0x007FFFFF> : !numbers
  %exponent_mask = arith.constant dense<0xFF800000> : !numbers
  %carried = arith.addi %scale_bits, %below_one : !numbers
  %power_bits = arith.andi %carried, %exponent_mask : !numbers
  %power = arith.bitcast %power_bits : !numbers to !scales
  %scale = arith.select %rounds, %power, %exact_scale : !flags, !scales
  return %scale : !scales
}

// fp8(clamp(number * (1 / scale))). A NaN becomes the largest code.
func.func private @codes_of(%number : !values, %scale : !scales) -> !codes {
  %unit = arith.constant dense<1.0> : !scales
  %inverse = arith.divf %unit, %scale : !scales
  %factor = tile.broadcast %inverse : !scales -> !values
  %scaled = arith.mulf %number, %factor : !values
  %fp8_max = arith.constant #fp8_max
  %top = tensor.splat %fp8_max : !values
  %negative_max = arith.negf %fp8_max : f32
  %bottom = tensor.splat %negative_max : !values
  %not_above = arith.minnumf %scaled, %top : !values
  %clamped = arith.maxnumf %not_above, %bottom : !values
  %code = arith.truncf %clamped : !values to !codes
  return %code : !codes
}

// K rows into the slots %place, where %stored says so. What went wrong is the result: 1 for any row that is %refused, 2 for one that is stored
// and has an element that is not finite.
func.func private @store_k(%value : !values, %place : !numbers, %stored : !flags, %refused : !flags,
                           %cache : !cache, %page_stride : i64) -> i32 {
  %value_bits = arith.bitcast %value : !values to !bits
  %magnitude_mask = arith.constant dense<0x7FFFFFFF> : !bits
  %magnitude = arith.andi %value_bits, %magnitude_mask : !bits
  %amax = func.call @finite_amax(%magnitude) : (!bits) -> !scales
  %least = arith.constant dense<1.0e-4> : !scales
  %fp8_max = arith.constant #fp8_max
  %largest = tensor.splat %fp8_max : !scales
  %floored = arith.maxnumf %amax, %least : !scales
  %exact_scale = arith.divf %floored, %largest : !scales
  %scale = func.call @key_scale(%exact_scale) : (!scales) -> !scales

  // A NaN becomes an infinity of its sign, and infinities end at the largest code.
  %infinity = arith.constant dense<0x7F800000> : !bits
  %no_nan = arith.minsi %magnitude, %infinity : !bits
  %sign_mask = arith.constant dense<0x80000000> : !bits
  %sign = arith.andi %value_bits, %sign_mask : !bits
  %number_bits = arith.ori %no_nan, %sign : !bits
  %number = arith.bitcast %number_bits : !bits to !values
  %code = func.call @codes_of(%number, %scale) : (!values, !scales) -> !codes

  tile.store_keys %code, %cache[%place] page_stride %page_stride where %stored : !codes, !cache, !numbers, !flags
  tile.store_scales %scale, %cache[%place] page_stride %page_stride where %stored : !scales, !cache, !numbers, !flags

  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %two = arith.constant 2 : i32
  %top_magnitude = tile.row_max %magnitude : !bits -> !numbers
  %finite_end = arith.constant dense<0x7F800000> : !numbers
  %has_other = arith.cmpi sge, %top_magnitude, %finite_end : !numbers
  %stored_other = arith.andi %stored, %has_other : !flags
  %any_refused = tile.any %refused : !flags
  %any_other = tile.any %stored_other : !flags
  %refused_bit = arith.select %any_refused, %one, %zero : i32
  %other_bit = arith.select %any_other, %two, %zero : i32
  %problems = arith.ori %refused_bit, %other_bit : i32
  return %problems : i32
}
