//===- k_quant_store.mlir - K rows into the paged cache -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The default prelude: the key k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn. Specializing a key replaces everything above the line
// of equals signs.

#target         = #rocdl.target<chip = "gfx950">
#threads        = array<i32: 256, 1, 1>
#waves_per_simd = 8 : i32

#step           = 8 : i32
#fp8_max        = 448.0 : f32
#power_of_two   = false
!cache          = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>

// k[tokens, head_dim]: a fragment is 8 elements of a row, one load and, of their codes, one store.
#rows           = #tile.distribution<lane = [8 x d1 by 8, 8 x d0 by 1], fragment = [2 x d1 by 64], element = [8 x d1 by 1]>
!source         = !tile.global<bf16>
!given          = tensor<8x128xbf16, #rows>
!values         = tensor<8x128xf32, #rows>
!bits           = tensor<8x128xi32, #rows>
!value_flags    = tensor<8x128xi1, #rows>
!codes          = tensor<8x128xf8E4M3FN, #rows>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<i64>
!given_slots    = tensor<8xi64, #row>
!wide_slots     = tensor<8xi64, #row>
!numbers        = tensor<8xi32, #row>
!scales         = tensor<8xf32, #row>
!flags          = tensor<8xi1, #row>

//==============================================================================

// cache[slots[t]] = fp8(clamp(k[t, :] * (1 / scale))), and scale = max(amax, 1e-4) / fp8_max, or the next power of two
//
// A wave takes as many tokens as fill its lanes with 16 bytes of k each, 64 elements of each row at a time: their codes are 64 bytes
// of a page. Elements that are not finite are left out of amax, and are stored as the largest code of their sign.

gpu.module @kernels [#target] {
  // From quantize_rows.mlir.
  func.func private @store_k(!values, !numbers, !flags, !flags, !cache, i64) -> i32

  gpu.func @k_quant_store(
      %k : !source, %k_stride : i64,
      %slots : !slots,
      %cache : !cache, %page_stride : i64, %num_slots : i64,
      %error : !tile.global<i32>,
      %tokens : i32)
      kernel attributes {known_block_size = #threads, rocdl.waves_per_eu = #waves_per_simd} {
    %one = arith.constant 1 : i32
    %step = arith.constant #step

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
      %k_rows = tile.load_rows %k[%row] row_stride %k_stride : !source, !numbers -> !given

      // Where they go. A negative slot means nowhere, one past the cache is an error.
      %given_slot = tile.load %slots[%first] strides [1] below %tokens : !slots -> !given_slots
      %slot = tile.extend %given_slot : !given_slots -> !wide_slots
      %no_slot = arith.constant dense<0> : !wide_slots
      %slot_limit = tensor.splat %num_slots : !wide_slots
      %names_slot = arith.cmpi sge, %slot, %no_slot : !wide_slots
      %in_cache = arith.cmpi slt, %slot, %slot_limit : !wide_slots
      %past_cache = arith.cmpi sge, %slot, %slot_limit : !wide_slots
      %wanted = arith.andi %is_token, %names_slot : !flags
      %stored = arith.andi %wanted, %in_cache : !flags
      %refused = arith.andi %is_token, %past_cache : !flags
      %place = arith.trunci %slot : !wide_slots to !numbers

      %value = tile.extend %k_rows : !given -> !values
      %problems = func.call @store_k(%value, %place, %stored, %refused, %cache, %page_stride) : (!values, !numbers, !flags, !flags, !cache, i64) -> i32

      // What went wrong, for whoever gave a word for it: 1 for a slot past the cache, 2 for an element that is not finite.
      tile.atomic_or %problems, %error : !tile.global<i32>
    }
    gpu.return
  }
}
