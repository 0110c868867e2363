// RUN: hipdex-opt %s | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -mlir-print-op-generic | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -emit-bytecode | hipdex-opt | FileCheck %s

// Operations on rows, and stores to slots of a cache.

// CHECK-DAG: [[ROWS:#distribution[0-9]*]] = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
// CHECK-DAG: [[ROW:#distribution[0-9]*]] = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
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

// CHECK-LABEL: func.func @rows
// CHECK-SAME: ([[BASE:%[a-z0-9_]+]]: !tile.global<bf16>, [[STRIDE:%[a-z0-9_]+]]: i64, [[NUMBERS:%[a-z0-9_]+]]: tensor<8xi32, [[ROW]]>, [[BITS:%[a-z0-9_]+]]: tensor<8x128xi32, [[ROWS]]>)
func.func @rows(%base : !tile.global<bf16>, %stride : i64, %numbers : !numbers, %bits : !bits) -> (!values, !bits) {
  // CHECK: [[GIVEN:%[a-z0-9_]+]] = tile.load_rows [[BASE]][[[NUMBERS]]] row_stride [[STRIDE]] {note = "kept"} : <bf16>, tensor<8xi32, [[ROW]]> -> tensor<8x128xbf16, [[ROWS]]>
  %given = tile.load_rows %base[%numbers] row_stride %stride {note = "kept"} : !tile.global<bf16>, !numbers -> !given
  // CHECK: tile.extend [[GIVEN]] : tensor<8x128xbf16, [[ROWS]]> -> tensor<8x128xf32, [[ROWS]]>
  %values = tile.extend %given : !given -> !values
  // CHECK: tile.extend [[NUMBERS]] : tensor<8xi32, [[ROW]]> -> tensor<8xi32, [[ROW]]>
  %same = tile.extend %numbers : !numbers -> !numbers
  // CHECK: [[MAX:%[a-z0-9_]+]] = tile.row_max [[BITS]] : tensor<8x128xi32, [[ROWS]]> -> tensor<8xi32, [[ROW]]>
  %max = tile.row_max %bits : !bits -> !numbers
  // CHECK: tile.broadcast [[MAX]] : tensor<8xi32, [[ROW]]> -> tensor<8x128xi32, [[ROWS]]>
  %all = tile.broadcast %max : !numbers -> !bits
  return %values, %all : !values, !bits
}

// CHECK-LABEL: func.func @stores
// CHECK-SAME: ([[CODES:%[a-z0-9_]+]]: tensor<8x128xf8E4M3FN, [[ROWS]]>, [[SCALES:%[a-z0-9_]+]]: tensor<8xf32, [[ROW]]>, [[CACHE:%[a-z0-9_]+]]: !cache, [[SLOTS:%[a-z0-9_]+]]: tensor<8xi32, [[ROW]]>, [[STRIDE:%[a-z0-9_]+]]: i64, [[MASK:%[a-z0-9_]+]]: tensor<8xi1, [[ROW]]>, [[ERROR:%[a-z0-9_]+]]: !tile.global<i32>, [[WORD:%[a-z0-9_]+]]: i32)
func.func @stores(%codes : !codes, %scales : !scales, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags, %error : !tile.global<i32>, %word : i32) -> i1 {
  // CHECK: tile.store_keys [[CODES]], [[CACHE]][[[SLOTS]]] page_stride [[STRIDE]] where [[MASK]] : tensor<8x128xf8E4M3FN, [[ROWS]]>, !cache, tensor<8xi32, [[ROW]]>, tensor<8xi1, [[ROW]]>
  tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !cache, !numbers, !flags
  // CHECK: tile.store_scales [[SCALES]], [[CACHE]][[[SLOTS]]] page_stride [[STRIDE]] where [[MASK]] : tensor<8xf32, [[ROW]]>, !cache, tensor<8xi32, [[ROW]]>, tensor<8xi1, [[ROW]]>
  tile.store_scales %scales, %cache[%slots] page_stride %stride where %mask : !scales, !cache, !numbers, !flags
  // CHECK: tile.any [[MASK]] : tensor<8xi1, [[ROW]]>
  %any = tile.any %mask : !flags
  // CHECK: tile.atomic_or [[WORD]], [[ERROR]] : <i32>
  tile.atomic_or %word, %error : !tile.global<i32>
  return %any : i1
}

// CHECK-LABEL: func.func @elements
// CHECK-SAME: ([[BASE:%[a-z0-9_]+]]: !tile.global<i32>, [[CELLS:%[a-z0-9_]+]]: tensor<8xi64, [[ROW]]>, [[ONE:%[a-z0-9_]+]]: i64, [[MASK:%[a-z0-9_]+]]: tensor<8xi1, [[ROW]]>, [[CODES:%[a-z0-9_]+]]: tensor<8x128xf8E4M3FN, [[ROWS]]>, [[DENSE:%[a-z0-9_]+]]: !tile.global<f8E4M3FN>)
func.func @elements(%base : !tile.global<i32>, %cells : tensor<8xi64, #row>, %one : i64, %mask : !flags, %codes : !codes, %dense : !tile.global<f8E4M3FN>) {
  // CHECK: [[LOADED:%[a-z0-9_]+]] = tile.load_rows [[BASE]][[[CELLS]]] row_stride [[ONE]] : <i32>, tensor<8xi64, [[ROW]]> -> tensor<8xi32, [[ROW]]>
  %loaded = tile.load_rows %base[%cells] row_stride %one : !tile.global<i32>, tensor<8xi64, #row> -> !numbers
  // CHECK: tile.scatter_rows [[LOADED]], [[BASE]][[[CELLS]]] row_stride [[ONE]] where [[MASK]] : tensor<8xi32, [[ROW]]>, <i32>, tensor<8xi64, [[ROW]]>, tensor<8xi1, [[ROW]]>
  tile.scatter_rows %loaded, %base[%cells] row_stride %one where %mask : !numbers, !tile.global<i32>, tensor<8xi64, #row>, !flags
  // CHECK: [[KEPT:%[a-z0-9_]+]] = tile.keep_rows [[CODES]] where [[MASK]] : tensor<8x128xf8E4M3FN, [[ROWS]]>, tensor<8xi1, [[ROW]]>
  %kept = tile.keep_rows %codes where %mask : !codes, !flags
  // CHECK: tile.scatter_rows [[KEPT]], [[DENSE]][[[LOADED]]] row_stride [[ONE]] where [[MASK]] : tensor<8x128xf8E4M3FN, [[ROWS]]>, <f8E4M3FN>, tensor<8xi32, [[ROW]]>, tensor<8xi1, [[ROW]]>
  tile.scatter_rows %kept, %dense[%loaded] row_stride %one where %mask : !codes, !tile.global<f8E4M3FN>, !numbers, !flags
  return
}

// CHECK-LABEL: func.func @words
// CHECK-SAME: ([[K:%[a-z0-9_]+]]: tensor<8x128xf8E4M3FN, [[ROWS]]>)
func.func @words(%k : !codes) -> tensor<2x8xi32, #tile.distribution<lane = [8 x d1 by 0, 8 x d1 by 1], fragment = [2 x d0 by 1], element = []>> {
  // CHECK: tile.sum_words [[K]] {note = "kept"} : tensor<8x128xf8E4M3FN, [[ROWS]]> -> tensor<2x8xi32,
  %sum = tile.sum_words %k {note = "kept"} : !codes -> tensor<2x8xi32, #tile.distribution<lane = [8 x d1 by 0, 8 x d1 by 1], fragment = [2 x d0 by 1], element = []>>
  return %sum : tensor<2x8xi32, #tile.distribution<lane = [8 x d1 by 0, 8 x d1 by 1], fragment = [2 x d0 by 1], element = []>>
}

// CHECK-LABEL: func.func @columns
// CHECK-SAME: ([[VALUES:%[a-z0-9_]+]]: tensor<8x128xf32, [[ROWS]]>, [[ANGLES:%[a-z0-9_]+]]: tensor<8x32xf32, [[ANGLE:#distribution[0-9]*]]>)
func.func @columns(%values : !values, %angles : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>>) -> !scales {
  // CHECK: [[H1:%[a-z0-9_]+]] = tile.butterfly [[VALUES]] distance 1 : tensor<8x128xf32, [[ROWS]]>
  %h1 = tile.butterfly %values distance 1 : !values
  // CHECK: [[H16:%[a-z0-9_]+]] = tile.butterfly [[H1]] distance 16 {note = "kept"} : tensor<8x128xf32, [[ROWS]]>
  %h16 = tile.butterfly %h1 distance 16 {note = "kept"} : !values
  // CHECK: [[TURNED:%[a-z0-9_]+]] = tile.quarter_turn [[H16]] distance 8 : tensor<8x128xf32, [[ROWS]]>
  %turned = tile.quarter_turn %h16 distance 8 : !values
  // CHECK: tile.spread_columns [[ANGLES]] by 2 : tensor<8x32xf32, [[ANGLE]]> -> tensor<8x64xf32,
  %spread = tile.spread_columns %angles by 2 : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 8, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [8 x d1 by 1]>> -> tensor<8x64xf32, #tile.distribution<lane = [4 x d1 by 16, 2 x d1 by 0, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>
  // CHECK: tile.row_sum [[TURNED]] : tensor<8x128xf32, [[ROWS]]> -> tensor<8xf32, [[ROW]]>
  %sum = tile.row_sum %turned : !values -> !scales
  return %sum : !scales
}
