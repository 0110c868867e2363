// RUN: hipdex-opt %s | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -mlir-print-op-generic | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -emit-bytecode | hipdex-opt | FileCheck %s

// CHECK-DAG: [[LANES:#distribution[0-9]*]] = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
// CHECK-DAG: [[TOKENS:#distribution[0-9]*]] = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
// CHECK-DAG: [[KEYS:#distribution[0-9]*]] = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
// CHECK-DAG: [[ENTRIES:#distribution[0-9]*]] = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
// CHECK-DAG: [[SCORES:#distribution[0-9]*]] = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
// CHECK-DAG: [[GATE:#distribution[0-9]*]] = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
// CHECK-DAG: [[QUERIES:#distribution[0-9]*]] = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!lanes = tensor<64xi32, #lanes>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!queries = tensor<1x64x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 2 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>
!keys = tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
!key_entries = tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>
!scores = tensor<1x64x64xf32, #scores>
!gate = tensor<1x64xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [2 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>

// CHECK-LABEL: func.func private @types
// CHECK-SAME: (!tile.global<i32>, !tile.global<f32>, !tile.global<f8E4M3FNUZ>, !tile.global<i8>, !tile.global<bf16>, !tile.global<f64>)
// CHECK-SAME: {distribution = [[LANES]]}
func.func private @types(!tile.global<i32>, !tile.global<f32>, !tile.global<f8E4M3FNUZ>, !tile.global<i8>, !tile.global<bf16>, !tile.global<f64>)
    attributes {distribution = #lanes}

// CHECK-LABEL: func.func @loads
// CHECK-SAME: ([[LENGTHS:%[a-z0-9_]+]]: !tile.global<i32>, [[Q:%[a-z0-9_]+]]: !tile.global<f8E4M3FN>, [[W:%[a-z0-9_]+]]: !tile.global<f32>, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
func.func @loads(%lengths : !tile.global<i32>, %q : !tile.global<f8E4M3FN>, %weights : !tile.global<f32>, %i : i32, %s : i64) {
  // CHECK: tile.load [[LENGTHS]][[[I]]] strides [1] : <i32> -> i32
  %length = tile.load %lengths[%i] strides [1] : !tile.global<i32> -> i32
  // CHECK: tile.load [[LENGTHS]][-3, [[I]]] strides [[[S]], 1] {note = "kept"} : <i32> -> i32
  %negative = tile.load %lengths[-3, %i] strides [%s, 1] {note = "kept"} : !tile.global<i32> -> i32
  // CHECK: tile.load [[LENGTHS]][64] strides [1] below [[I]] : <i32> -> tensor<64xi32, [[LANES]]>
  %bounded = tile.load %lengths[64] strides [1] below %i : !tile.global<i32> -> !lanes
  // CHECK: tile.load [[Q]][[[I]], 0, 0, 0] strides [[[S]], 8192, 128, 1] : <f8E4M3FN> -> tensor<1x64x128xf8E4M3FN, [[QUERIES]]>
  %queries = tile.load %q[%i, 0, 0, 0] strides [%s, 8192, 128, 1] : !tile.global<f8E4M3FN> -> !queries
  // CHECK: tile.load [[W]][[[I]], 0] strides [[[S]], 1] : <f32> -> tensor<1x64xf32, [[GATE]]>
  %gate = tile.load %weights[%i, 0] strides [%s, 1] : !tile.global<f32> -> !gate
  return
}

// CHECK-LABEL: func.func @lanes_and_waves
// CHECK-SAME: ([[LANE:%[a-z0-9_]+]]: i32, [[ALL:%[a-z0-9_]+]]: tensor<64xi32, [[LANES]]>, [[FLAGS:%[a-z0-9_]+]]: tensor<64xi1, [[LANES]]>)
func.func @lanes_and_waves(%lane : i32, %all : !lanes, %flags : tensor<64xi1, #lanes>) {
  // CHECK: tile.wave_id : i32
  %wave = tile.wave_id : i32
  // CHECK: tile.scan_add [[ALL]] : tensor<64xi32, [[LANES]]>
  %sums = tile.scan_add %all : !lanes
  // CHECK: tile.count [[FLAGS]] : tensor<64xi1, [[LANES]]>
  %count = tile.count %flags : tensor<64xi1, #lanes>
  // CHECK: tile.extract [[ALL]][[[LANE]]] : tensor<64xi32, [[LANES]]>
  %one = tile.extract %all[%lane] : !lanes
  return
}

// CHECK-LABEL: func.func @step
// CHECK-SAME: ([[CACHE:%[a-z0-9_]+]]: !cache, [[TABLE:%[a-z0-9_]+]]: !tile.global<i32>, [[OUT:%[a-z0-9_]+]]: !tile.global<f32>, [[QUERIES_V:%[a-z0-9_]+]]: tensor<1x64x128xf8E4M3FN, [[QUERIES]]>, [[GATE_V:%[a-z0-9_]+]]: tensor<1x64xf32, [[GATE]]>, [[ROW:%[a-z0-9_]+]]: i32, [[TO:%[a-z0-9_]+]]: i32, [[STRIDE:%[a-z0-9_]+]]: i64)
func.func @step(%cache : !cache, %table : !tile.global<i32>, %out : !tile.global<f32>, %queries : !queries, %gate : !gate,
    %row : i32, %to : i32, %stride : i64) {
  // The step has one name in both regions.
  // CHECK: tile.pipelined_for [[I:%.*]] = [[ROW]] to [[TO]] load {
  tile.pipelined_for %i = %row to %to load {
    // CHECK-NEXT: [[KE:%.*]] = tile.lookup [[TABLE]][[[ROW]], [[I]]] row_stride [[STRIDE]] last [[TO]] kv_block_size 64 : <i32> -> tensor<64xi32, [[ENTRIES]]>
    %key_entries = tile.lookup %table[%row, %i] row_stride %stride last %to kv_block_size 64 : !tile.global<i32> -> !key_entries
    // CHECK-NEXT: [[E:%.*]] = tile.lookup [[TABLE]][[[ROW]], [[I]]] row_stride [[STRIDE]] last [[TO]] kv_block_size 1 : <i32> -> tensor<1x64xi32, [[TOKENS]]>
    %entries = tile.lookup %table[%row, %i] row_stride %stride last %to kv_block_size 1 : !tile.global<i32> -> !entries
    // CHECK-NEXT: [[K:%.*]] = tile.load_keys [[CACHE]][[[KE]], [[I]]] page_stride [[STRIDE]] kv_block_size 64 : !cache, tensor<64xi32, [[ENTRIES]]> -> tensor<64x128xf8E4M3FN, [[KEYS]]>
    %k = tile.load_keys %cache[%key_entries, %i] page_stride %stride kv_block_size 64 : !cache, !key_entries -> !keys
    // CHECK-NEXT: [[SCALE:%.*]] = tile.load_scales [[CACHE]][[[E]], [[I]]] page_stride [[STRIDE]] kv_block_size 1 : !cache, tensor<1x64xi32, [[TOKENS]]> -> tensor<1x64xf32, [[TOKENS]]>
    %scale = tile.load_scales %cache[%entries, %i] page_stride %stride kv_block_size 1 : !cache, !entries -> !logits
    // CHECK-NEXT: tile.yield [[K]], [[SCALE]] : tensor<64x128xf8E4M3FN, [[KEYS]]>, tensor<1x64xf32, [[TOKENS]]>
    tile.yield %k, %scale : !keys, !logits
  // CHECK-NEXT: } compute ([[CK:%.*]]: tensor<64x128xf8E4M3FN, [[KEYS]]>, [[CSCALE:%.*]]: tensor<1x64xf32, [[TOKENS]]>) {
  } compute (%k : !keys, %scale : !logits) {
    // CHECK-NEXT: [[DOT:%.*]] = tile.mma [[QUERIES_V]], [[CK]] : tensor<1x64x128xf8E4M3FN, [[QUERIES]]>, tensor<64x128xf8E4M3FN, [[KEYS]]> -> tensor<1x64x64xf32, [[SCORES]]>
    %dot = tile.mma %queries, %k : !queries, !keys -> !scores
    // CHECK-NEXT: [[SUM:%.*]] = tile.weighted_sum [[DOT]], [[GATE_V]] : tensor<1x64x64xf32, [[SCORES]]>, tensor<1x64xf32, [[GATE]]> -> tensor<1x64xf32, [[TOKENS]]>
    %sum = tile.weighted_sum %dot, %gate : !scores, !gate -> !logits
    // CHECK-NEXT: tile.store_visible [[SUM]], [[OUT]][[[ROW]], [[I]]] row_stride [[STRIDE]] visible [[TO]] : tensor<1x64xf32, [[TOKENS]]>, <f32>
    tile.store_visible %sum, %out[%row, %i] row_stride %stride visible %to : !logits, !tile.global<f32>
    // CHECK-NEXT: [[COLUMN:%.*]] = tile.coordinates 1 from [[I]] : tensor<1x64xi32, [[TOKENS]]>
    %column = tile.coordinates 1 from %i : !entries
    // CHECK-NEXT: tile.store_rows [[SUM]], [[OUT]][[[ROW]], [[I]]] row_stride [[STRIDE]] below [[TO]] : tensor<1x64xf32, [[TOKENS]]>, <f32>
    tile.store_rows %sum, %out[%row, %i] row_stride %stride below %to : !logits, !tile.global<f32>
    // CHECK-NEXT: [[FLAGS:%.*]] = arith.constant dense<true> : tensor<1x64xi1, [[TOKENS]]>
    %flags = arith.constant dense<true> : tensor<1x64xi1, #tokens>
    // CHECK-NEXT: tile.store_rows [[SUM]], [[OUT]][[[ROW]], [[I]]] row_stride [[STRIDE]] below [[TO]] last [[ROW]] where [[FLAGS]] : tensor<1x64xf32, [[TOKENS]]>, <f32>, tensor<1x64xi1, [[TOKENS]]>
    tile.store_rows %sum, %out[%row, %i] row_stride %stride below %to last %row where %flags : !logits, !tile.global<f32>, tensor<1x64xi1, #tokens>
    // CHECK-NEXT: tile.load [[OUT]][[[ROW]], 0] strides [1, 0] last [[I]] : <f32> -> tensor<1x64xf32, [[TOKENS]]>
    %of_row = tile.load %out[%row, 0] strides [1, 0] last %i : !tile.global<f32> -> !logits
  // CHECK-NEXT: } {note = "kept"}
  } {note = "kept"}

  // Nothing loaded, nothing computed, the yield written out.
  // CHECK: tile.pipelined_for [[I:%.*]] = [[ROW]] to [[TO]] load {
  // CHECK-NEXT: tile.yield
  // CHECK-NEXT: } compute () {
  // CHECK-NEXT: }
  tile.pipelined_for %i = %row to %to load {
    tile.yield
  } compute () {
    tile.yield
  }
  return
}
