// RUN: hipdex-opt %s -indexer-specialize -split-input-file -mlir-use-nameloc-as-prefix | FileCheck %s
// RUN: hipdex-opt %s -indexer-specialize -split-input-file -mlir-print-debuginfo | FileCheck %s --check-prefix=LOC
// RUN: hipdex-opt %s -indexer-specialize -split-input-file | hipdex-opt -split-input-file -o /dev/null
// RUN: hipdex-opt %s -indexer-specialize -hipdex-tile-to-gpu -split-input-file -mlir-use-nameloc-as-prefix | FileCheck %s --check-prefix=GPU

// The key decides the prelude; what the template names keeps its name.
// CHECK: !cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
// CHECK: gpu.module @kernels [#rocdl.target<chip = "gfx950">]
// What the template declares, and what that calls, comes from the library.
// CHECK-DAG: func.func private @ragged_share(%context_lens: !tile.global<i32>, {{.*}} {
// CHECK-DAG: func.func private @context_length(%context_lens: !tile.global<i32>, %request: i32, %width: i32) -> i32 {
// The functions that have the key's types too.
// CHECK-DAG: %k_entry = tile.lookup %block_table[%request, %token] row_stride %table_stride last %last_token kv_block_size 64
// CHECK-DAG: %k_safe = arith.select %k_inside, %k_entry, %k_nowhere
// CHECK-DAG: %dot = tile.mma %queries, %k
// CHECK-DAG: %relu = arith.bitcast %positive
// CHECK-DAG: %k = tile.load_keys %cache[%k_safe, %token]
// CHECK-DAG: tile.store_visible %cell, %logits[%row, %column] row_stride %logits_stride visible %visible
// CHECK: gpu.func @paged_mqa_logits(%q: !tile.global<f8E4M3FN>, %q_stride_request: i64, %q_stride_token: i64, %q_stride_head: i64, %cache: !cache, %page_stride: i64, %num_pages: i32, %weights: !tile.global<f32>, %weights_stride: i64, %context_lens: !tile.global<i32>, %block_table: !tile.global<i32>, %table_stride: i64, %logits: !tile.global<f32>, %logits_stride: i64, %width: i32, %batch: i32, %waves: i32) kernel attributes {known_block_size = array<i32: 256, 1, 1>, rocdl.waves_per_eu = {{[1-8]}} : i32}
// CHECK: scf.while (%request = {{.*}}%left = 
// CHECK: %queries = tile.load %q[%request, %share#2, 0, 0] strides [%q_stride_request, %q_stride_token, %q_stride_head, 1] : <f8E4M3FN> -> tensor<1x64x128xf8E4M3FN,
// CHECK: tile.pipelined_for %i = %first to %end load {
// CHECK: %k:3 = func.call @load_step(
// CHECK: } compute (%[[K:k[_0-9]*]]: tensor<64x128xf8E4M3FN,
// CHECK: %logit = func.call @logits_step(%queries, %gate, %[[K]],
// CHECK: func.call @store_step(%logit,
// CHECK-NOT: func.func @of_a_caller

// Comments above an operation, and its place in the template.
// LOC-DAG: fused<"An entry outside the cache is read as entry 0; its columns become -inf below. (Unless the table is trusted.)">
// LOC-DAG: fused<"The team's share of the batch.">
// LOC-DAG: fused<"All steps of the batch. The lengths of the last 64 requests are kept.">
// LOC-DAG: loc("k_entry"({{.*}}))
// LOC-DAG: loc("paged_mqa_logits.mlir":
// LOC-DAG: loc("paged_steps.mlir":
// LOC-DAG: loc("ragged_share.mlir":

// Names last until one lane's program.
// GPU: gpu.func @paged_mqa_logits(%q: !llvm.ptr<1>,
// GPU: %base_share{{.*}} = arith.divui
// GPU: scf.while (%request{{[_0-9]*}} = %request{{.*}}%left{{[_0-9]*}} = %count
// GPU: %k_entry{{[_0-9]*}} = llvm.load
// GPU: %k{{[_0-9]*}} = rocdl.raw.ptr.buffer.load
// GPU: scf.for %i{{[_0-9]*}} = {{.*}}%k{{[_0-9]*}} = %k
// GPU: %dot{{[_0-9]*}} = rocdl.mfma
// GPU: %relu{{[_0-9]*}} =
func.func @of_a_caller(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, %weights : tensor<?x64xf32>,
    %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %result : tensor<?x?xf32>
}

// -----

// Another key; functions without an indexer operation stay.
// CHECK: !cache = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>
// CHECK: func.func private @bystander()
// CHECK: gpu.module @kernels [#rocdl.target<chip = "gfx942">]
// CHECK: %next_n = arith.constant 2 : i32
// CHECK: tile.lookup {{.*}} kv_block_size 1
// CHECK: tile.mma {{.*}} -> tensor<2x32x64xf32,
// CHECK: %queries = tile.load {{.*}} -> tensor<2x32x128xf8E4M3FNUZ,
func.func private @bystander()
func.func @of_a_caller(%q : tensor<4x2x32x128xf8E4M3FNUZ>, %cache : !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>, %weights : tensor<8x32xf32>,
    %context_lens : tensor<4xi32>, %block_table : tensor<4x9xi32>, %logits : tensor<8x9xf32>) -> tensor<8x9xf32> {
  %result = indexer.paged_mqa_logits target("gfx942") reads(#indexer.cache_layout<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>) kv_block_size(1)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<4x2x32x128xf8E4M3FNUZ>, !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>, tensor<8x32xf32>, tensor<4xi32>, tensor<4x9xi32>)
      outs(%logits : tensor<8x9xf32>) -> tensor<8x9xf32>
  return %result : tensor<8x9xf32>
}

// -----

// Five query tokens of 128 heads: two waves, of which each takes three. The
// tail and the table as the operation says.
// CHECK-DAG: %next_n = arith.constant 5 : i32
// CHECK-DAG: %team_waves = arith.constant 2 : i32
// CHECK-DAG: %wave_queries = arith.constant 3 : i32
// CHECK-DAG: %fills_tail = arith.constant true
// CHECK-DAG: %trusts_table = arith.constant true
// CHECK-DAG: scf.if %fills_tail
// CHECK-DAG: tile.store_rows
// CHECK-DAG: tile.mma {{.*}} -> tensor<3x128x64xf32,
func.func @of_a_caller(%q : tensor<4x5x128x128xf8E4M3FN>, %cache : !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, %weights : tensor<20x128xf32>,
    %context_lens : tensor<4xi32>, %block_table : tensor<4x9xi32>, %logits : tensor<20x9xf32>) -> tensor<20x9xf32> {
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64) tail neginf unchecked
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<4x5x128x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, tensor<20x128xf32>, tensor<4xi32>, tensor<4x9xi32>)
      outs(%logits : tensor<20x9xf32>) -> tensor<20x9xf32>
  return %result : tensor<20x9xf32>
}

// -----

// Eight heads stand twice in a product of 16 rows.
// CHECK: lane = [8 x d1 by 1, 2 x d1 by 0, 4 x d2 by 16]
// CHECK: tile.mma {{.*}} -> tensor<1x8x64xf32,
func.func @of_a_caller(%q : tensor<4x1x8x128xf8E4M3FN>, %cache : !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, %weights : tensor<4x8xf32>,
    %context_lens : tensor<4xi32>, %block_table : tensor<4x9xi32>, %logits : tensor<4x9xf32>) -> tensor<4x9xf32> {
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<4x1x8x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, tensor<4x8xf32>, tensor<4xi32>, tensor<4x9xi32>)
      outs(%logits : tensor<4x9xf32>) -> tensor<4x9xf32>
  return %result : tensor<4x9xf32>
}

// -----

// A kernel without queries takes the steps of the one with them: one library,
// with the prelude of each.
// CHECK: gpu.module @kernels [#rocdl.target<chip = "gfx950">]
// CHECK-DAG: %next_n = arith.constant 8 : i32
// CHECK-DAG: %team_waves = arith.constant 2 : i32
// CHECK-DAG: %wave_queries = arith.constant 4 : i32
// CHECK-DAG: %fills_tail = arith.constant true
// CHECK-DAG: %trusts_table = arith.constant true
// CHECK-DAG: tile.lookup {{.*}} kv_block_size 16
// CHECK-DAG: tile.load_scales {{.*}} -> tensor<4x64xf32,
// CHECK: gpu.func @stream_pages(%cache: !cache, %page_stride: i64, %num_pages: i32, %context_lens: !tile.global<i32>, %block_table: !tile.global<i32>, %table_stride: i64, %logits: !tile.global<f32>, %logits_stride: i64, %width: i32, %batch: i32, %waves: i32)
// CHECK-NOT: tile.mma
// CHECK: %words = tile.sum_words %k
// CHECK: func.call @store_step(%checksum,
func.func @of_a_caller(%cache : !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>,
    %context_lens : tensor<4xi32>, %block_table : tensor<4x9xi32>, %logits : tensor<32x9xf32>) -> tensor<32x9xf32> {
  %result = indexer.stream_pages target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(16) next_n(8) tail neginf unchecked
      ins(%cache, %context_lens, %block_table : !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>, tensor<4xi32>, tensor<4x9xi32>)
      outs(%logits : tensor<32x9xf32>) -> tensor<32x9xf32>
  return %result : tensor<32x9xf32>
}
