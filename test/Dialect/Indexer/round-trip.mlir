// RUN: hipdex-opt %s | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -mlir-print-op-generic | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s -emit-bytecode | hipdex-opt | FileCheck %s

// CHECK-DAG: [[SHUFFLED:#cache_layout[0-9]*]] = #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
// CHECK-DAG: [[PLAIN:#cache_layout[0-9]*]] = #indexer.cache_layout<page_size = 1, head_dim = 32, order = plain, fp8 = f8E4M3FNUZ>
// CHECK-DAG: [[CACHE:!cache[0-9]*]] = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
// CHECK-DAG: [[PLAINCACHE:!cache[0-9]*]] = !indexer.cache<page_size = 1, head_dim = 32, order = plain, fp8 = f8E4M3FNUZ>
#layout = #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
#plain = #indexer.cache_layout<page_size = 1, head_dim = 32, order = plain, fp8 = f8E4M3FNUZ>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!plain_cache = !indexer.cache<page_size = 1, head_dim = 32, order = plain, fp8 = f8E4M3FNUZ>

// CHECK-LABEL: func.func @paged_mqa_logits
// CHECK-SAME: ([[Q:%[a-z0-9_]+]]: tensor<?x2x64x128xf8E4M3FN>, [[K:%[a-z0-9_]+]]: [[CACHE]], [[W:%[a-z0-9_]+]]: tensor<?x64xf32>, [[L:%[a-z0-9_]+]]: tensor<?xi32>, [[T:%[a-z0-9_]+]]: tensor<?x?xi32>, [[O:%[a-z0-9_]+]]: tensor<?x?xf32>)
func.func @paged_mqa_logits(%q : tensor<?x2x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>,
    %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // CHECK: indexer.paged_mqa_logits target("gfx950") reads([[SHUFFLED]]) kv_block_size(16) tail neginf unchecked
  // CHECK-SAME: ins([[Q]], [[K]], [[W]], [[L]], [[T]] : tensor<?x2x64x128xf8E4M3FN>, [[CACHE]], tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
  // CHECK-SAME: outs([[O]] : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  %result = indexer.paged_mqa_logits target("gfx950") reads(#layout) kv_block_size(16) tail neginf unchecked
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x2x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  return %result : tensor<?x?xf32>
}

// CHECK-LABEL: func.func private @static_shapes
// CHECK: indexer.paged_mqa_logits target("gfx942") reads([[PLAIN]]) kv_block_size(1)
func.func private @static_shapes(%q : tensor<3x1x4x32xf8E4M3FNUZ>, %cache : !plain_cache, %weights : tensor<3x4xf32>,
    %context_lens : tensor<3xi32>, %block_table : tensor<3x7xi32>, %logits : tensor<3x7xf32>) -> tensor<3x7xf32> {
  %result = indexer.paged_mqa_logits target("gfx942") reads(#plain) kv_block_size(1)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<3x1x4x32xf8E4M3FNUZ>, !plain_cache, tensor<3x4xf32>, tensor<3xi32>, tensor<3x7xi32>)
      outs(%logits : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %result : tensor<3x7xf32>
}

// CHECK-LABEL: func.func @stream_pages
// CHECK-SAME: ([[K:%[a-z0-9_]+]]: [[CACHE]], [[L:%[a-z0-9_]+]]: tensor<?xi32>, [[T:%[a-z0-9_]+]]: tensor<?x?xi32>, [[O:%[a-z0-9_]+]]: tensor<?x?xf32>)
func.func @stream_pages(%cache : !cache, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // CHECK: indexer.stream_pages target("gfx950") reads([[SHUFFLED]]) kv_block_size(16) next_n(3) tail neginf unchecked
  // CHECK-SAME: ins([[K]], [[L]], [[T]] : [[CACHE]], tensor<?xi32>, tensor<?x?xi32>)
  // CHECK-SAME: outs([[O]] : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  %result = indexer.stream_pages target("gfx950") reads(#layout) kv_block_size(16) next_n(3) tail neginf unchecked
      ins(%cache, %context_lens, %block_table : !cache, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  // CHECK: indexer.stream_pages target("gfx950") reads([[SHUFFLED]]) kv_block_size(64) next_n(1) ins
  %next = indexer.stream_pages target("gfx950") reads(#layout) kv_block_size(64) next_n(1)
      ins(%cache, %context_lens, %block_table : !cache, tensor<?xi32>, tensor<?x?xi32>)
      outs(%result : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %next : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @k_quant_store
// CHECK-SAME: ([[KROWS:%[a-z0-9_]+]]: tensor<?x128xbf16>, [[SLOTS:%[a-z0-9_]+]]: tensor<?xi64>, [[TO:%[a-z0-9_]+]]: [[CACHE]], [[ERROR:%[a-z0-9_]+]]: tensor<i32>)
func.func @k_quant_store(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // CHECK: indexer.k_quant_store target("gfx950") writes([[SHUFFLED]]) fp8_max(448) power_of_two ins([[KROWS]], [[SLOTS]] : tensor<?x128xbf16>, tensor<?xi64>)
  // CHECK-SAME: outs([[TO]], [[ERROR]] : [[CACHE]], tensor<i32>) {note = "kept"} -> [[CACHE]], tensor<i32>
  %stored, %flags = indexer.k_quant_store target("gfx950") writes(#layout) fp8_max(448) power_of_two
      ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) {note = "kept"} -> !cache, tensor<i32>
  return %stored, %flags : !cache, tensor<i32>
}

// CHECK-LABEL: func.func private @static_store
// CHECK: indexer.k_quant_store target("gfx942") writes([[PLAIN]]) fp8_max(224) ins
func.func private @static_store(%k : tensor<7x32xf32>, %slots : tensor<7xi32>, %cache : !plain_cache, %error : tensor<i32>) -> (!plain_cache, tensor<i32>) {
  %stored, %flags = indexer.k_quant_store target("gfx942") writes(#plain) fp8_max(224)
      ins(%k, %slots : tensor<7x32xf32>, tensor<7xi32>) outs(%cache, %error : !plain_cache, tensor<i32>) -> !plain_cache, tensor<i32>
  return %stored, %flags : !plain_cache, tensor<i32>
}

// CHECK-LABEL: func.func @k_gather
// CHECK-SAME: ([[FROM:%[a-z0-9_]+]]: [[CACHE]], [[TABLE:%[a-z0-9_]+]]: tensor<?x?xi32>, [[CU:%[a-z0-9_]+]]: tensor<?xi32>, [[OUT:%[a-z0-9_]+]]: tensor<?x128xf8E4M3FN>, [[SCALES:%[a-z0-9_]+]]: tensor<?xf32>)
func.func @k_gather(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // CHECK: indexer.k_gather target("gfx950") reads([[SHUFFLED]]) kv_block_size(16) ins([[FROM]], [[TABLE]], [[CU]] : [[CACHE]], tensor<?x?xi32>, tensor<?xi32>)
  // CHECK-SAME: outs([[OUT]], [[SCALES]] : tensor<?x128xf8E4M3FN>, tensor<?xf32>) {note = "kept"} -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  %gathered:2 = indexer.k_gather target("gfx950") reads(#layout) kv_block_size(16)
      ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) {note = "kept"} -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %gathered#0, %gathered#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// CHECK-LABEL: func.func @k_move
// CHECK-SAME: ([[SOURCE:%[a-z0-9_]+]]: [[CACHE]], [[A:%[a-z0-9_]+]]: tensor<?xi32>, [[B:%[a-z0-9_]+]]: tensor<?xi32>, [[EACH:%[a-z0-9_]+]]: i32, [[TARGET:%[a-z0-9_]+]]: [[CACHE]], [[WORD:%[a-z0-9_]+]]: tensor<i32>)
func.func @k_move(%source : !cache, %from : tensor<?xi32>, %to : tensor<?xi32>, %run : i32, %target : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // CHECK: indexer.k_move target("gfx950") reads([[SHUFFLED]]) writes([[SHUFFLED]]) run_tokens([[EACH]]) ins([[SOURCE]], [[A]], [[B]] : [[CACHE]], tensor<?xi32>, tensor<?xi32>)
  // CHECK-SAME: outs([[TARGET]], [[WORD]] : [[CACHE]], tensor<i32>) {note = "kept"} -> [[CACHE]], tensor<i32>
  %moved:2 = indexer.k_move target("gfx950") reads(#layout) writes(#layout) run_tokens(%run)
      ins(%source, %from, %to : !cache, tensor<?xi32>, tensor<?xi32>) outs(%target, %error : !cache, tensor<i32>) {note = "kept"} -> !cache, tensor<i32>
  return %moved#0, %moved#1 : !cache, tensor<i32>
}

// CHECK-LABEL: func.func @mqa_logits
// CHECK-SAME: ([[Q:%[a-z0-9_]+]]: tensor<?x64x128xf8E4M3FN>, [[K:%[a-z0-9_]+]]: tensor<?x128xf8E4M3FN>, [[S:%[a-z0-9_]+]]: tensor<?xf32>, [[W:%[a-z0-9_]+]]: tensor<?x64xf32>, [[FROM:%[a-z0-9_]+]]: tensor<?xi32>, [[TO:%[a-z0-9_]+]]: tensor<?xi32>, [[INIT:%[a-z0-9_]+]]: tensor<?x?xf32>)
func.func @mqa_logits(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>, %w : tensor<?x64xf32>, %starts : tensor<?xi32>, %ends : tensor<?xi32>, %init : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // CHECK: indexer.mqa_logits target("gfx950") tail neginf ins([[Q]], [[K]], [[S]], [[W]], [[FROM]], [[TO]] : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>)
  // CHECK-SAME: outs([[INIT]] : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  %logits = indexer.mqa_logits target("gfx950") tail neginf
      ins(%q, %k, %scales, %w, %starts, %ends : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      outs(%init : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  // CHECK: indexer.mqa_logits target("gfx950") ins
  %untouched = indexer.mqa_logits target("gfx950")
      ins(%q, %k, %scales, %w, %starts, %ends : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      outs(%init : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %logits : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @paged_mqa_prefill
// CHECK-SAME: ([[Q:%[a-z0-9_]+]]: tensor<?x64x128xf8E4M3FN>, [[C:%[a-z0-9_]+]]: [[CACHE]], [[W:%[a-z0-9_]+]]: tensor<?x64xf32>, [[B:%[a-z0-9_]+]]: tensor<?xi32>, [[FROM:%[a-z0-9_]+]]: tensor<?xi32>, [[TO:%[a-z0-9_]+]]: tensor<?xi32>, [[TABLE:%[a-z0-9_]+]]: tensor<?x?xi32>, [[INIT:%[a-z0-9_]+]]: tensor<?x?xf32>)
func.func @paged_mqa_prefill(%q : tensor<?x64x128xf8E4M3FN>, %cache : !cache, %w : tensor<?x64xf32>, %requests : tensor<?xi32>, %starts : tensor<?xi32>, %ends : tensor<?xi32>, %table : tensor<?x?xi32>, %init : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // CHECK: indexer.paged_mqa_prefill target("gfx950") reads([[SHUFFLED]]) kv_block_size(16) tail neginf unchecked ins([[Q]], [[C]], [[W]], [[B]], [[FROM]], [[TO]], [[TABLE]] : tensor<?x64x128xf8E4M3FN>, [[CACHE]], tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>)
  // CHECK-SAME: outs([[INIT]] : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  %logits = indexer.paged_mqa_prefill target("gfx950") reads(#layout) kv_block_size(16) tail neginf unchecked
      ins(%q, %cache, %w, %requests, %starts, %ends, %table : tensor<?x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%init : tensor<?x?xf32>) {note = "kept"} -> tensor<?x?xf32>
  return %logits : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @topk
// CHECK-SAME: ([[L:%[a-z0-9_]+]]: tensor<?x?xf32>, [[LENS:%[a-z0-9_]+]]: tensor<?xi32>, [[TABLE:%[a-z0-9_]+]]: tensor<?x?xi32>, [[N:%[a-z0-9_]+]]: i32, [[INIT:%[a-z0-9_]+]]: tensor<?x?xi32>)
func.func @topk(%logits : tensor<?x?xf32>, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %n : i32, %init : tensor<?x?xi32>) {
  // CHECK: indexer.topk target("gfx950") ins([[L]] : tensor<?x?xf32>) lengths([[LENS]] : tensor<?xi32>) outs([[INIT]] : tensor<?x?xi32>) {note = "kept"} -> tensor<?x?xi32>
  %columns = indexer.topk target("gfx950") ins(%logits : tensor<?x?xf32>) lengths(%lens : tensor<?xi32>) outs(%init : tensor<?x?xi32>) {note = "kept"} -> tensor<?x?xi32>
  // CHECK: indexer.topk target("gfx950") kv_block_size(64) ins([[L]] : tensor<?x?xf32>) windows([[LENS]], [[LENS]] : tensor<?xi32>, tensor<?xi32>) requests([[LENS]] : tensor<?xi32>) table([[TABLE]], [[N]] : tensor<?x?xi32>) outs([[INIT]] : tensor<?x?xi32>) -> tensor<?x?xi32>
  %slots = indexer.topk target("gfx950") kv_block_size(64) ins(%logits : tensor<?x?xf32>) windows(%lens, %lens : tensor<?xi32>, tensor<?xi32>) requests(%lens : tensor<?xi32>) table(%table, %n : tensor<?x?xi32>) outs(%init : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// The attribute by itself, and the type inside other types.
// CHECK-LABEL: func.func private @layouts
// CHECK-SAME: tuple<[[CACHE]], [[PLAINCACHE]]>
// CHECK-SAME: layout = [[PLAIN]]
func.func private @layouts(tuple<!cache, !plain_cache>) attributes {layout = #plain}

// CHECK-LABEL: func.func @qk_prep
// CHECK-SAME: ([[PQ:%[a-z0-9_]+]]: tensor<?x64x128xbf16>, [[PK:%[a-z0-9_]+]]: tensor<?x128xbf16>, [[PW:%[a-z0-9_]+]]: tensor<?x64xbf16>, [[POSITIONS:%[a-z0-9_]+]]: tensor<?xi64>, [[COS:%[a-z0-9_]+]]: tensor<?x32xbf16>, [[NORM:%[a-z0-9_]+]]: tensor<128xf32>, [[EPS:%[a-z0-9_]+]]: f32, [[PREPARED:%[a-z0-9_]+]]: [[CACHE]], [[NEWQ:%[a-z0-9_]+]]: tensor<?x64x128xf8E4M3FN>, [[NEWW:%[a-z0-9_]+]]: tensor<?x64xf32>, [[PERROR:%[a-z0-9_]+]]: tensor<i32>)
func.func @qk_prep(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %positions : tensor<?xi64>, %cos : tensor<?x32xbf16>, %norm : tensor<128xf32>, %eps : f32, %cache : !cache, %new_q : tensor<?x64x128xf8E4M3FN>, %new_w : tensor<?x64xf32>, %error : tensor<i32>) {
  // CHECK: indexer.qk_prep target("gfx950") writes([[SHUFFLED]]) interleaved rotary_last hadamard power_of_two preps_skipped
  // CHECK-SAME: ins([[PQ]], [[PK]], [[PW]], [[POSITIONS]], [[COS]], [[COS]], [[NORM]], [[NORM]], [[EPS]], [[EPS]], [[POSITIONS]] : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>)
  // CHECK-SAME: outs([[PREPARED]], [[NEWQ]], [[NEWW]], [[PERROR]] : [[CACHE]], tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) {note = "kept"} -> [[CACHE]], tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  %r:4 = indexer.qk_prep target("gfx950") writes(#layout) interleaved rotary_last hadamard power_of_two preps_skipped
      ins(%q, %k, %w, %positions, %cos, %cos, %norm, %norm, %eps, %eps, %positions : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>)
      outs(%cache, %new_q, %new_w, %error : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) {note = "kept"} -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  // CHECK: indexer.qk_prep target("gfx950") writes([[SHUFFLED]]) ins
  %s:4 = indexer.qk_prep target("gfx950") writes(#layout)
      ins(%q, %k, %w, %positions, %cos, %cos, %norm, %norm, %eps, %eps, %positions : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>)
      outs(%cache, %new_q, %new_w, %error : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}
