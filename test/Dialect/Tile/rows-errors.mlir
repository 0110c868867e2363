// RUN: hipdex-opt %s -split-input-file -verify-diagnostics

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : !numbers) {
  // expected-error @below {{(C1) gives [rows, columns] or [rows] of}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, !numbers -> !values
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : tensor<8xi16, #row>) {
  // expected-error @below {{(C1) gives [rows, columns] or [rows] of}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, tensor<8xi16, #row> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : tensor<16xi32, #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>>) {
  // expected-error @below {{(C1) gives [rows, columns] or [rows] of}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, tensor<16xi32, #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : !numbers) {
  // expected-error @below {{(C2) element 1 of a fragment is not 1 elements into its row}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, !numbers -> tensor<8x128xbf16, #tile.distribution<lane = [8 x d1 by 1, 8 x d0 by 1], fragment = [], element = [16 x d1 by 8]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>) {
  // expected-error @below {{(C3) lane 1 has row 0 but rows of row 1}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : tensor<8xi32, #tile.distribution<lane = [64 x d0 by 0], fragment = [], element = [8 x d0 by 1]>>) {
  // expected-error @below {{(C3) rows must have one element a fragment}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, tensor<8xi32, #tile.distribution<lane = [64 x d0 by 0], fragment = [], element = [8 x d0 by 1]>> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%base : !tile.global<bf16>, %stride : i64, %n : tensor<8xi32>) {
  // expected-error @below {{has no #tile.distribution}}
  %x = tile.load_rows %base[%n] row_stride %stride : !tile.global<bf16>, tensor<8xi32> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : !given, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C1) stores [8, 128] of}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !given, !cache, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d1 by 1, 8 x d0 by 1], fragment = [], element = [16 x d1 by 8]>>, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C2) byte 1 of a fragment is not at byte 1 of}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d1 by 1, 8 x d0 by 1], fragment = [], element = [16 x d1 by 8]>>, !cache, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d0 by 1, 8 x d1 by 16], fragment = [], element = [16 x d1 by 1]>>, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C3) lane 1 has row 1 but slots of row 0}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d0 by 1, 8 x d1 by 16], fragment = [], element = [16 x d1 by 1]>>, !cache, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : !codes, %cache : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C4) page_size 48 must be a power of two}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : !codes, %cache : !indexer.cache<page_size = 1048576, head_dim = 4096, order = plain, fp8 = f8E4M3FN>, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C4) a page has 4299161600 bytes, must have less than 2^31}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !indexer.cache<page_size = 1048576, head_dim = 4096, order = plain, fp8 = f8E4M3FN>, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : !codes, %cache : !cache, %slots : tensor<8xi64, #row>, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C5) takes i32 slots, one a fragment, not}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !cache, tensor<8xi64, #row>, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%codes : !codes, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !numbers) {
  // expected-error @below {{(C5) takes a mask of i1 in the shape and distribution of the slots, not}}
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !cache, !numbers, !numbers
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%scales : !numbers, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C1) stores f32 in the shape and distribution of the slots, not}}
  tile.store_scales %scales, %cache[%slots] page_stride %stride where %mask : !numbers, !cache, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%scales : !scales, %cache : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %slots : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C4) page_size 48 must be a power of two}}
  tile.store_scales %scales, %cache[%slots] page_stride %stride where %mask : !scales, !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%scales : !scales, %cache : !cache, %slots : !numbers, %stride : i64, %mask : tensor<8xi1, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>) {
  // expected-error @below {{(C5) takes a mask of i1 in the shape and distribution of the slots, not}}
  tile.store_scales %scales, %cache[%slots] page_stride %stride where %mask : !scales, !cache, !numbers, tensor<8xi1, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !values) {
  // expected-error @below {{(C1) does not extend}}
  %y = tile.extend %x : !values -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !numbers) {
  // expected-error @below {{(C1) does not extend}}
  %y = tile.extend %x : !numbers -> !scales
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : tensor<8x128xf16, #rows>) {
  // expected-error @below {{(C1) does not extend}}
  %y = tile.extend %x : tensor<8x128xf16, #rows> -> !given
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !codes) {
  // expected-error @below {{(C1) does not extend}}
  %y = tile.extend %x : !codes -> !values
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !codes) {
  // expected-error @below {{(C1) does not extend}}
  %y = tile.extend %x : !codes -> !codes
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !values) {
  // expected-error @below {{(C1) is of i32, not}}
  %y = tile.row_max %x : !values -> !scales
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !bits) {
  // expected-error @below {{(C1) goes between [rows, columns] and [rows] of one type, not between}}
  %y = tile.row_max %x : !bits -> !scales
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !bits) {
  // expected-error @below {{(C2) lane 1 has row 0 but the result of row 1}}
  %y = tile.row_max %x : !bits -> tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : tensor<8x128xi32, #tile.distribution<lane = [64 x d1 by 2], fragment = [], element = [2 x d1 by 1, 8 x d0 by 1]>>) {
  // expected-error @below {{(C2) a fragment is of several rows}}
  %y = tile.row_max %x : tensor<8x128xi32, #tile.distribution<lane = [64 x d1 by 2], fragment = [], element = [2 x d1 by 1, 8 x d0 by 1]>> -> !numbers
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !bits) {
  // expected-error @below {{(C1) goes between [rows, columns] and [rows] of one type, not between}}
  %y = tile.broadcast %x : !bits -> !bits
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>) {
  // expected-error @below {{(C2) lane 1 has row 0 but the operand of row 1}}
  %y = tile.broadcast %x : tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>> -> !bits
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : !numbers) {
  // expected-error @below {{(C1) takes i1, one element a fragment, not}}
  %y = tile.any %x : !numbers
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%x : i32, %y : !tile.global<f32>) {
  // expected-error @below {{(C1) sets bits of an i32, not of}}
  tile.atomic_or %x, %y : !tile.global<f32>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : !values, %base : !tile.global<bf16>, %n : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C1) takes [rows, columns] or [rows] of}}
  tile.scatter_rows %v, %base[%n] row_stride %stride where %mask : !values, !tile.global<bf16>, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : tensor<8x128xbf16, #tile.distribution<lane = [8 x d1 by 1, 8 x d0 by 1], fragment = [], element = [16 x d1 by 8]>>, %base : !tile.global<bf16>, %n : !numbers, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C2) element 1 of a fragment is not 1 elements into its row}}
  tile.scatter_rows %v, %base[%n] row_stride %stride where %mask : tensor<8x128xbf16, #tile.distribution<lane = [8 x d1 by 1, 8 x d0 by 1], fragment = [], element = [16 x d1 by 8]>>, !tile.global<bf16>, !numbers, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : !given, %base : !tile.global<bf16>, %n : tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>, %stride : i64, %mask : !flags) {
  // expected-error @below {{(C3) lane 1 has row 0 but rows of row 1}}
  tile.scatter_rows %v, %base[%n] row_stride %stride where %mask : !given, !tile.global<bf16>, tensor<8xi32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>, !flags
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : !given, %base : !tile.global<bf16>, %n : !numbers, %stride : i64, %mask : !numbers) {
  // expected-error @below {{(C4) takes a mask of i1 in the shape and distribution of the rows, not}}
  tile.scatter_rows %v, %base[%n] row_stride %stride where %mask : !given, !tile.global<bf16>, !numbers, !numbers
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : !codes, %mask : !numbers) {
  // expected-error @below {{(C1) takes [rows, columns] and a mask [rows] of i1, not}}
  %x = tile.keep_rows %v where %mask : !codes, !numbers
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>
func.func @f(%v : !codes, %mask : tensor<8xi1, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>) {
  // expected-error @below {{(C2) lane 1 has row 0 but the mask of row 1}}
  %x = tile.keep_rows %v where %mask : !codes, tensor<8xi1, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x128xi8, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from fp8 [tokens, bytes] to i32 [..., tokens], not from}}
  %x = tile.sum_words %k : tensor<64x128xi8, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<1x64x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32], element = [16 x d2 by 1]>>) {
  // expected-error @below {{(C1) goes from fp8 [tokens, bytes] to i32 [..., tokens], not from}}
  %x = tile.sum_words %k : tensor<1x64x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32], element = [16 x d2 by 1]>> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from fp8 [tokens, bytes] to i32 [..., tokens], not from}}
  %x = tile.sum_words %k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>> -> tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from fp8 [tokens, bytes] to i32 [..., tokens], not from}}
  %x = tile.sum_words %k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>> -> tensor<32xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 1], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 2]>>) {
  // expected-error @below {{(C2) element 1 of a fragment is not 1 bytes into its row}}
  %x = tile.sum_words %k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 1], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 2]>> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x6xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 2], fragment = [2 x d0 by 32], element = [4 x d1 by 1]>>) {
  // expected-error @below {{(C2) fragment 0 of lane 32 starts at byte 2 of a row, which is not a multiple of 4}}
  %x = tile.sum_words %k : tensor<64x6xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 2], fragment = [2 x d0 by 32], element = [4 x d1 by 1]>> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>) {
  // expected-error @below {{the result}}
  %x = tile.sum_words %k : tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>> -> tensor<64xi32>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xi32, #rows>) {
  // expected-error @below {{(C1) is of f32, not}}
  %y = tile.row_sum %x : tensor<8x128xi32, #rows> -> tensor<8xi32, #row>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) goes between [rows, columns] and [rows] of one type, not between}}
  %y = tile.row_sum %x : tensor<8x128xf32, #rows> -> tensor<8xi32, #row>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C2) lane 1 has row 0 but the result of row 1}}
  %y = tile.row_sum %x : tensor<8x128xf32, #rows> -> tensor<8xf32, #tile.distribution<lane = [8 x d0 by 1, 8 x d0 by 0], fragment = [], element = []>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>>) {
  // expected-error @below {{(C3) takes a power of two of elements a fragment, not 12}}
  %y = tile.row_sum %x : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>> -> tensor<8xf32, #row>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xi32, #rows>) {
  // expected-error @below {{(C1) takes f32 [rows, columns], not}}
  %y = tile.butterfly %x distance 1 : tensor<8x128xi32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8xf32, #row>) {
  // expected-error @below {{(C1) takes f32 [rows, columns], not}}
  %y = tile.butterfly %x distance 1 : tensor<8xf32, #row>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 0 must be a power of two below the 128 columns}}
  %y = tile.butterfly %x distance 0 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 3 must be a power of two below the 128 columns}}
  %y = tile.butterfly %x distance 3 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 128 must be a power of two below the 128 columns}}
  %y = tile.butterfly %x distance 128 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance -8 must be a power of two below the 128 columns}}
  %y = tile.butterfly %x distance -8 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>>) {
  // expected-error @below {{(C2) columns 8 apart in}}
  %y = tile.butterfly %x distance 8 : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32>) {
  // expected-error @below {{the operand is}}
  %y = tile.butterfly %x distance 1 : tensor<8x128xf32>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xi32, #rows>) {
  // expected-error @below {{(C1) takes f32 [rows, columns], not}}
  %y = tile.quarter_turn %x distance 1 : tensor<8x128xi32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8xf32, #row>) {
  // expected-error @below {{(C1) takes f32 [rows, columns], not}}
  %y = tile.quarter_turn %x distance 1 : tensor<8xf32, #row>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 0 must be a power of two below the 128 columns}}
  %y = tile.quarter_turn %x distance 0 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 3 must be a power of two below the 128 columns}}
  %y = tile.quarter_turn %x distance 3 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance 128 must be a power of two below the 128 columns}}
  %y = tile.quarter_turn %x distance 128 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32, #rows>) {
  // expected-error @below {{(C1) distance -8 must be a power of two below the 128 columns}}
  %y = tile.quarter_turn %x distance -8 : tensor<8x128xf32, #rows>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>>) {
  // expected-error @below {{(C2) columns 8 apart in}}
  %y = tile.quarter_turn %x distance 8 : tensor<8x96xf32, #tile.distribution<lane = [8 x d1 by 12, 8 x d0 by 1], fragment = [], element = [12 x d1 by 1]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x128xf32>) {
  // expected-error @below {{the operand is}}
  %y = tile.quarter_turn %x distance 1 : tensor<8x128xf32>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from [rows, columns] to [rows, columns] of one type, a positive number of times, not from}}
  %y = tile.spread_columns %x by 0 : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>> -> tensor<8x64xf32, #tile.distribution<lane = [4 x d1 by 16, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from [rows, columns] to [rows, columns] of one type}}
  %y = tile.spread_columns %x by 2 : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>> -> tensor<8x64xi32, #tile.distribution<lane = [4 x d1 by 16, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x32xf8E4M3FN, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>>) {
  // expected-error @below {{(C1) goes from [rows, columns] to [rows, columns] of one type}}
  %y = tile.spread_columns %x by 2 : tensor<8x32xf8E4M3FN, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>> -> tensor<8x64xf8E4M3FN, #tile.distribution<lane = [4 x d1 by 16, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>
  return
}

// -----

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
func.func @f(%x : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>>) {
  // expected-error @below {{(C2) a lane does not hold in}}
  %y = tile.spread_columns %x by 1 : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>> -> tensor<8x64xf32, #tile.distribution<lane = [4 x d1 by 16, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>
  return
}
