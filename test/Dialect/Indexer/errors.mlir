// RUN: hipdex-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{expected 'page_size'}}
func.func private @layout() attributes {layout = #indexer.cache_layout<head_dim = 128, page_size = 64, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{expected integer value}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = many, head_dim = 128, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{integer value too large}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 99999999999999999999, head_dim = 128, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{order of a cache layout is plain or preshuffle(16,16), not shuffled}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 128, order = shuffled, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{preshuffle(32,16) is not supported; the only tile is preshuffle(16,16)}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(32,16), fp8 = f8E4M3FN>}

// -----

// expected-error @below {{preshuffle(16,-16) is not supported; the only tile is preshuffle(16,16)}}
func.func private @cache(!indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,-16), fp8 = f8E4M3FN>)

// -----

// expected-error @below {{expected '>'}}
func.func private @cache(!indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN, padding = 3>)

// -----

// (C1)
// expected-error @below {{page_size 0 is not in 1..1048576}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 0, head_dim = 128, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{page_size -64 is not in 1..1048576}}
func.func private @cache(!indexer.cache<page_size = -64, head_dim = 128, order = plain, fp8 = f8E4M3FN>)

// -----

// expected-error @below {{page_size 9223372036854775807 is not in 1..1048576}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 9223372036854775807, head_dim = 128, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{head_dim 0 is not in 1..4096}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 0, order = plain, fp8 = f8E4M3FN>}

// -----

// expected-error @below {{head_dim 4097 is not in 1..4096}}
func.func private @cache(!indexer.cache<page_size = 64, head_dim = 4097, order = plain, fp8 = f8E4M3FN>)

// -----

// expected-error @below {{head_dim 126 is not a multiple of 4, so the float32 scales would not be aligned}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 126, order = plain, fp8 = f8E4M3FN>}

// -----

// (C2)
// expected-error @below {{page_size 8 is not a multiple of 16, which preshuffle(16,16) needs}}
func.func private @cache(!indexer.cache<page_size = 8, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>)

// -----

// expected-error @below {{head_dim 120 is not a multiple of 16, which preshuffle(16,16) needs}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 120, order = preshuffle(16,16), fp8 = f8E4M3FN>}

// -----

// (C3)
// expected-error @below {{fp8 of a cache layout is f8E4M3FN or f8E4M3FNUZ, not 'f8E5M2'}}
func.func private @layout() attributes {layout = #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E5M2>}

// -----

// expected-error @below {{fp8 of a cache layout is f8E4M3FN or f8E4M3FNUZ, not 'i8'}}
func.func private @cache(!indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = i8>)

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C1) reads #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C2) target "gfx900" is unknown; known: gfx942 gfx950}}
  %result = indexer.paged_mqa_logits target("gfx900") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C2) target "" is unknown; known: gfx942 gfx950}}
  %result = indexer.paged_mqa_logits target("") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C3) gfx942 computes in 'f8E4M3FNUZ', but q is of 'f8E4M3FN' and the cache of 'f8E4M3FN'}}
  %result = indexer.paged_mqa_logits target("gfx942") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xbf16>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C3) gfx950 computes in 'f8E4M3FN', but q is of 'bf16' and the cache of 'f8E4M3FN'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xbf16>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<?x64x128xf8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<f8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<f8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<f8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x?x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<?x?x64x128xf8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x?x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x?x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<?x1x?x128xf8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x?x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x64xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<?x1x64x64xf8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x64xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x?xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C4) q must be [batch, next_n, heads, 128] with static next_n and heads, but is 'tensor<?x1x64x?xf8E4M3FN>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x?xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x32xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C5) weights must be f32 [rows, 64], but is 'tensor<?x32xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x32xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C5) weights must be f32 [rows, 64], but is 'tensor<?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf16>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C5) weights must be f32 [rows, 64], but is 'tensor<?x64xf16>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf16>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<f32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C5) weights must be f32 [rows, 64], but is 'tensor<f32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<f32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C6) kv_block_size 48 does not divide page_size 64}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(48)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C6) kv_block_size 0 does not divide page_size 64}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(0)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C6) kv_block_size -64 does not divide page_size 64}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(-64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C6) kv_block_size 128 does not divide page_size 64}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(128)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C6) kv_block_size 9223372036854775807 does not divide page_size 64}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(9223372036854775807)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?x1xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?x1xi32>', 'tensor<?x?xi32>' and 'tensor<?x?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?x1xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi64>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi64>', 'tensor<?x?xi32>' and 'tensor<?x?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi64>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>' and 'tensor<?x?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xf32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?x?xf32>' and 'tensor<?x?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xf32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<f32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?x?xi32>' and 'tensor<f32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<f32>) -> tensor<f32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf64>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?x?xi32>' and 'tensor<?x?xf64>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf64>) -> tensor<?x?xf64>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @op(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op (C7) the result is 'tensor<4x?xf32>' but init is 'tensor<?x?xf32>'}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<4x?xf32>
  return
}

// -----

// Not the dialect's cache.
func.func @operands(%q : tensor<4xf32>, %cache : memref<4xi8>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op operand #1 must be A paged K cache in global memory, of one layout, but got 'memref<4xi8>'}}
  %result = "indexer.paged_mqa_logits"(%q, %cache, %q, %q, %q, %q)
      {kvBlockSize = 64, target = "gfx950", layout = #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>}
      : (tensor<4xf32>, memref<4xi8>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @generic(%q : f32) {
  // expected-error @below {{'indexer.paged_mqa_logits' op requires attribute 'kvBlockSize'}}
  %result = "indexer.paged_mqa_logits"(%q, %q, %q, %q, %q, %q) : (f32, f32, f32, f32, f32, f32) -> f32
  return
}

// -----

// k_quant_store.
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C1) writes #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C2) target "gfx1250" is unknown; known: gfx942 gfx950}}
  %r:2 = indexer.k_quant_store target("gfx1250") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C3) gfx942 converts to 'f8E4M3FNUZ', but the cache is of 'f8E4M3FN'}}
  %r:2 = indexer.k_quant_store target("gfx942") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x64xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C4) k must be bf16, f16 or f32 [tokens, 128], but is 'tensor<?x64xbf16>'}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x64xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xf64>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C4) k must be bf16, f16 or f32 [tokens, 128], but is 'tensor<?x128xf64>'}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xf64>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi16>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C5) slots must be i32 or i64, one for each row of 'tensor<?x128xbf16>', but is 'tensor<?xi16>'}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi16>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<8x128xbf16>, %slots : tensor<9xi32>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C5) slots must be i32 or i64, one for each row of 'tensor<8x128xbf16>', but is 'tensor<9xi32>'}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<8x128xbf16>, tensor<9xi32>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C6) fp8_max is 240, for 'f8E4M3FN' it can be 448}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(240) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!cache, tensor<i32>) {
  // expected-error @below {{(C6) fp8_max is 448, for 'f8E4M3FNUZ' it can be 240 or 224}}
  %r:2 = indexer.k_quant_store target("gfx942") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !cache, tensor<i32>
  return %r#0, %r#1 : !cache, tensor<i32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<1xi32>) -> (!cache, tensor<1xi32>) {
  // expected-error @below {{(C7) the error word must be tensor<i32>, but is 'tensor<1xi32>'}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<1xi32>) -> !cache, tensor<1xi32>
  return %r#0, %r#1 : !cache, tensor<1xi32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!other = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%k : tensor<?x128xbf16>, %slots : tensor<?xi64>, %cache : !cache, %error : tensor<i32>) -> (!other, tensor<i32>) {
  // expected-error @below {{(C7) the results are}}
  %r:2 = indexer.k_quant_store target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) fp8_max(448) ins(%k, %slots : tensor<?x128xbf16>, tensor<?xi64>) outs(%cache, %error : !cache, tensor<i32>) -> !other, tensor<i32>
  return %r#0, %r#1 : !other, tensor<i32>
}

// -----

// k_gather.
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C1) reads #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C2) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %r:2 = indexer.k_gather target("gfx90a") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C3) gfx942 has 'f8E4M3FNUZ', but the cache is of 'f8E4M3FN'}}
  %r:2 = indexer.k_gather target("gfx942") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x64xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x64xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C4) k must be 'f8E4M3FN' [tokens, 128] and scales f32 [tokens], but they are 'tensor<?x64xf8E4M3FN>' and 'tensor<?xf32>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x64xf8E4M3FN>, tensor<?xf32>) -> tensor<?x64xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x64xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xi8>, %scales : tensor<?xf32>) -> (tensor<?x128xi8>, tensor<?xf32>) {
  // expected-error @below {{(C4) k must be 'f8E4M3FN' [tokens, 128] and scales f32 [tokens], but they are 'tensor<?x128xi8>' and 'tensor<?xf32>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xi8>, tensor<?xf32>) -> tensor<?x128xi8>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xi8>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf16>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf16>) {
  // expected-error @below {{(C4) k must be 'f8E4M3FN' [tokens, 128] and scales f32 [tokens], but they are 'tensor<?x128xf8E4M3FN>' and 'tensor<?xf16>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf16>) -> tensor<?x128xf8E4M3FN>, tensor<?xf16>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf16>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<7xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<7xf32>) {
  // expected-error @below {{(C4) k must be 'f8E4M3FN' [tokens, 128] and scales f32 [tokens], but they are 'tensor<?x128xf8E4M3FN>' and 'tensor<7xf32>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<7xf32>) -> tensor<?x128xf8E4M3FN>, tensor<7xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<7xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C5) kv_block_size 48 does not divide page_size 64}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(48) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C5) kv_block_size 0 does not divide page_size 64}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(0) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C6) block_table must be i32 [batch, entries] and cu_seq_lens i32 [batch + 1], but they are 'tensor<?xi32>' and 'tensor<?xi32>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi64>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<?xf32>) {
  // expected-error @below {{(C6) block_table must be i32 [batch, entries] and cu_seq_lens i32 [batch + 1], but they are 'tensor<?x?xi32>' and 'tensor<?xi64>'}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi64>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<?xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %table : tensor<?x?xi32>, %cu : tensor<?xi32>, %k : tensor<?x128xf8E4M3FN>, %scales : tensor<?xf32>) -> (tensor<?x128xf8E4M3FN>, tensor<7xf32>) {
  // expected-error @below {{(C7) the results are}}
  %r:2 = indexer.k_gather target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%cache, %table, %cu : !cache, tensor<?x?xi32>, tensor<?xi32>) outs(%k, %scales : tensor<?x128xf8E4M3FN>, tensor<?xf32>) -> tensor<?x128xf8E4M3FN>, tensor<7xf32>
  return %r#0, %r#1 : tensor<?x128xf8E4M3FN>, tensor<7xf32>
}

// -----

// k_move.
!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C1) reads #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C1) writes #indexer.cache_layout<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C2) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %r:2 = indexer.k_move target("gfx90a") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C3) gfx942 has 'f8E4M3FNUZ', but the caches are of 'f8E4M3FNUZ' and 'f8E4M3FN'}}
  %r:2 = indexer.k_move target("gfx942") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C3) gfx950 has 'f8E4M3FN', but the caches are of 'f8E4M3FNUZ' and 'f8E4M3FN'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 64, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C4) head_dim of the source cache is 64 but that of the target cache 128}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 64, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi32>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C5) the lists must be i32 or i64 [entries], and of one type, but they are 'tensor<?xi64>' and 'tensor<?xi32>'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi32>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi16>, %to : tensor<?xi16>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C5) the lists must be i32 or i64 [entries], and of one type, but they are 'tensor<?xi16>' and 'tensor<?xi16>'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi16>, tensor<?xi16>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?x1xi32>, %to : tensor<?x1xi32>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C5) the lists must be i32 or i64 [entries], and of one type, but they are 'tensor<?x1xi32>' and 'tensor<?x1xi32>'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?x1xi32>, tensor<?x1xi32>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<7xi32>, %to : tensor<8xi32>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C5) the lists must be i32 or i64 [entries], and of one type, but they are 'tensor<7xi32>' and 'tensor<8xi32>'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<7xi32>, tensor<8xi32>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i64>) {
  // expected-error @below {{(C6) the error word must be tensor<i32>, but is 'tensor<i64>'}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i64>) -> !target, tensor<i64>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C6) the results are}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !source, tensor<i32>
  return
}

// -----

!source = !indexer.cache<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!target = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
func.func @f(%source : !source, %from : tensor<?xi64>, %to : tensor<?xi64>, %run : i32, %target : !target, %error : tensor<i32>) {
  // expected-error @below {{(C6) the results are}}
  %r:2 = indexer.k_move target("gfx950") reads(<page_size = 1, head_dim = 128, order = plain, fp8 = f8E4M3FN>) writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) run_tokens(%run) ins(%source, %from, %to : !source, tensor<?xi64>, tensor<?xi64>) outs(%target, %error : !target, tensor<i32>) -> !target, tensor<1xi32>
  return
}

// -----

// stream_pages.
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C1) reads #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C2) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %r = indexer.stream_pages target("gfx90a") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) gfx942 has 'f8E4M3FNUZ', but the cache is of 'f8E4M3FN'}}
  %r = indexer.stream_pages target("gfx942") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) next_n is 0, must be at least 1}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(0) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) next_n is -1, must be at least 1}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(-1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C5) kv_block_size 48 does not divide page_size 64}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(48) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C5) kv_block_size 0 does not divide page_size 64}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(0) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi64>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C6) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi64>', 'tensor<?x?xi32>' and 'tensor<?x?xf32>'}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi64>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?xi32>, %logits : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C6) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>' and 'tensor<?x?xf32>'}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xi32>) -> tensor<?x?xi32> {
  // expected-error @below {{(C6) context_lens must be i32 [batch], block_table i32 [batch, entries] and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?x?xi32>' and 'tensor<?x?xi32>'}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xi32>) -> tensor<?x?xi32>
  return %r : tensor<?x?xi32>
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%cache : !cache, %lens : tensor<?xi32>, %table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) -> tensor<4x?xf32> {
  // expected-error @below {{(C7) the result is 'tensor<4x?xf32>' but init is 'tensor<?x?xf32>'}}
  %r = indexer.stream_pages target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) next_n(1) ins(%cache, %lens, %table : !cache, tensor<?xi32>, tensor<?x?xi32>) outs(%logits : tensor<?x?xf32>) -> tensor<4x?xf32>
  return %r : tensor<4x?xf32>
}

// -----

// mqa_logits.
func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C1) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %r = indexer.mqa_logits target("gfx90a") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C2) gfx942 computes in 'f8E4M3FNUZ', but q is of 'f8E4M3FN' and k of 'f8E4M3FN'}}
  %r = indexer.mqa_logits target("gfx942") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FNUZ>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C2) gfx950 computes in 'f8E4M3FN', but q is of 'f8E4M3FN' and k of 'f8E4M3FNUZ'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FNUZ>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x?x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) q must be [rows, heads, head_dim] with static heads and head_dim, k [tokens, head_dim] and k_scales f32 [tokens], but they are 'tensor<?x?x128xf8E4M3FN>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x?x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x?xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) q must be [rows, heads, head_dim] with static heads and head_dim, k [tokens, head_dim] and k_scales f32 [tokens], but they are 'tensor<?x64x?xf8E4M3FN>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x?xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x64xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) q must be [rows, heads, head_dim] with static heads and head_dim, k [tokens, head_dim] and k_scales f32 [tokens], but they are 'tensor<?x64x128xf8E4M3FN>', 'tensor<?x64xf8E4M3FN>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x64xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf16>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) q must be [rows, heads, head_dim] with static heads and head_dim, k [tokens, head_dim] and k_scales f32 [tokens], but they are 'tensor<?x64x128xf8E4M3FN>', 'tensor<?x128xf8E4M3FN>' and 'tensor<?xf16>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf16>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?x1xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) q must be [rows, heads, head_dim] with static heads and head_dim, k [tokens, head_dim] and k_scales f32 [tokens], but they are 'tensor<?x64x128xf8E4M3FN>', 'tensor<?x128xf8E4M3FN>' and 'tensor<?x1xf32>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?x1xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x32xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) weights must be f32 [rows, 64], but is 'tensor<?x32xf32>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x32xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf16>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) weights must be f32 [rows, 64], but is 'tensor<?x64xf16>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf16>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi64>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C5) starts and ends must be i32 [rows] and init and the result f32 [rows, width], but they are 'tensor<?xi64>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi64>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi64>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C5) starts and ends must be i32 [rows] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi64>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi64>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @below {{(C5) starts and ends must be i32 [rows] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xf32>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %k : tensor<?x128xf8E4M3FN>, %s : tensor<?xf32>, %w : tensor<?x64xf32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{(C5) starts and ends must be i32 [rows] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?x?xf32>' and 'tensor<?x8xf32>'}}
  %r = indexer.mqa_logits target("gfx950") ins(%q, %k, %s, %w, %a, %b : tensor<?x64x128xf8E4M3FN>, tensor<?x128xf8E4M3FN>, tensor<?xf32>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// paged_mqa_prefill.
func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C1) reads #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is #indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C2) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %x = indexer.paged_mqa_prefill target("gfx90a") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C3) gfx942 computes in 'f8E4M3FNUZ', but q is of 'f8E4M3FN' and the cache of 'f8E4M3FN'}}
  %x = indexer.paged_mqa_prefill target("gfx942") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x?x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) q must be [rows, heads, 128] with static heads, but is 'tensor<?x?x128xf8E4M3FN>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x?x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x64xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C4) q must be [rows, heads, 128] with static heads, but is 'tensor<?x64x64xf8E4M3FN>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x64xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x32xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C5) weights must be f32 [rows, 64], but is 'tensor<?x32xf32>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x32xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C6) kv_block_size 48 does not divide page_size 64}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(48) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi64>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi64>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi64>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?x1xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?x1xi32>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?x1xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi64>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xi64>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi64>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?xi32>, %o : tensor<?x?xf32>) -> tensor<?x?xf32> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xi32>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x?xf32>
  return %x : tensor<?x?xf32>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf16>) -> tensor<?x?xf16> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?x?xi32>', 'tensor<?x?xf16>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf16>) -> tensor<?x?xf16>
  return %x : tensor<?x?xf16>
}

// -----

func.func @f(%q : tensor<?x64x128xf8E4M3FN>, %c : !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %w : tensor<?x64xf32>, %r : tensor<?xi32>, %a : tensor<?xi32>, %b : tensor<?xi32>, %t : tensor<?x?xi32>, %o : tensor<?x?xf32>) -> tensor<?x8xf32> {
  // expected-error @below {{(C7) requests, starts and ends must be i32 [rows], block_table i32 [batch, entries] and init and the result f32 [rows, width], but they are 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?xi32>', 'tensor<?x?xi32>', 'tensor<?x?xf32>' and 'tensor<?x8xf32>'}}
  %x = indexer.paged_mqa_prefill target("gfx950") reads(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64) ins(%q, %c, %w, %r, %a, %b, %t : tensor<?x64x128xf8E4M3FN>, !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>, tensor<?x64xf32>, tensor<?xi32>, tensor<?xi32>, tensor<?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xf32>) -> tensor<?x8xf32>
  return %x : tensor<?x8xf32>
}

// -----

// topk.
func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C1) target "gfx90a" is unknown; known: gfx942 gfx950}}
  %x = indexer.topk target("gfx90a") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C2) logits must be f32 [rows, width] and init and the result i32 [rows, k], but they are 'tensor<?xf32>', 'tensor<?x?xi32>' and 'tensor<?x?xi32>'}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf16>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C2) logits must be f32 [rows, width] and init and the result i32 [rows, k], but they are 'tensor<?x?xf16>', 'tensor<?x?xi32>' and 'tensor<?x?xi32>'}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf16>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?xi32>) {
  // expected-error @below {{(C2) logits must be f32 [rows, width] and init and the result i32 [rows, k], but they are 'tensor<?x?xf32>', 'tensor<?xi32>' and 'tensor<?xi32>'}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?xi32>) -> tensor<?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi64>) {
  // expected-error @below {{(C2) logits must be f32 [rows, width] and init and the result i32 [rows, k], but they are 'tensor<?x?xf32>', 'tensor<?x?xi64>' and 'tensor<?x?xi64>'}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi64>) -> tensor<?x?xi64>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C2) logits must be f32 [rows, width] and init and the result i32 [rows, k], but they are 'tensor<?x?xf32>', 'tensor<?x?xi32>' and 'tensor<?x4xi32>'}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x4xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C3) takes either lengths, i32 [batch], or windows, two i32 [rows]}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C3) takes either lengths, i32 [batch], or windows, two i32 [rows]}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) windows(%a, %a : tensor<?xi32>, tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi64>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C3) takes either lengths, i32 [batch], or windows, two i32 [rows]}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi64>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?x?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C3) takes either lengths, i32 [batch], or windows, two i32 [rows]}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) windows(%a, %a : tensor<?x?xi32>, tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C4) takes a table, i32 [batch, entries], and a kv_block_size of at least 1, or neither}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) table(%t, %n : tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C4) takes a table, i32 [batch, entries], and a kv_block_size of at least 1, or neither}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C4) takes a table, i32 [batch, entries], and a kv_block_size of at least 1, or neither}}
  %x = indexer.topk target("gfx950") kv_block_size(0) ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) table(%t, %n : tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C4) takes a table, i32 [batch, entries], and a kv_block_size of at least 1, or neither}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) table(%t, %n : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi64>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C4) takes a table, i32 [batch, entries], and a kv_block_size of at least 1, or neither}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) table(%t, %n : tensor<?x?xi64>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C5) takes requests, i32 [rows], if it has windows and a table, and only then}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) windows(%a, %a : tensor<?xi32>, tensor<?xi32>) table(%t, %n : tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C5) takes requests, i32 [rows], if it has windows and a table, and only then}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) lengths(%a : tensor<?xi32>) requests(%a : tensor<?xi32>) table(%t, %n : tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C5) takes requests, i32 [rows], if it has windows and a table, and only then}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) windows(%a, %a : tensor<?xi32>, tensor<?xi32>) requests(%a : tensor<?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %b : tensor<?xi64>, %t : tensor<?x?xi32>, %n : i32, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C5) takes requests, i32 [rows], if it has windows and a table, and only then}}
  %x = indexer.topk target("gfx950") kv_block_size(64) ins(%l : tensor<?x?xf32>) windows(%a, %a : tensor<?xi32>, tensor<?xi32>) requests(%b : tensor<?xi64>) table(%t, %n : tensor<?x?xi32>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

func.func @f(%l : tensor<?x?xf32>, %a : tensor<?xi32>, %b : tensor<?xi64>, %o : tensor<?x?xi32>) {
  // expected-error @below {{(C3) takes either lengths, i32 [batch], or windows, two i32 [rows]}}
  %x = indexer.topk target("gfx950") ins(%l : tensor<?x?xf32>) windows(%a, %b : tensor<?xi32>, tensor<?xi64>) outs(%o : tensor<?x?xi32>) -> tensor<?x?xi32>
  return
}

// -----

// qk_prep.
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C1) writes #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN> but the cache operand is}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C2) target "gfx1250" is unknown; known: gfx942 gfx950}}
  %r:4 = indexer.qk_prep target("gfx1250") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C3) gfx942 has 'f8E4M3FNUZ', but the cache is of 'f8E4M3FN'}}
  %r:4 = indexer.qk_prep target("gfx942") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x?x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x?x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x64xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x64xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x64xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x64xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x32xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x32xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xf32>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xf32>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x64xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x64xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<9x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<9x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xf32>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xf32>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xf32>, %k : tensor<?x128xf32>, %w : tensor<?x64xf32>, %p : tensor<?xi64>, %c : tensor<?x32xf32>, %s : tensor<?x32xf32>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xf32>, tensor<?x128xf32>, tensor<?x64xf32>, tensor<?xi64>, tensor<?x32xf32>, tensor<?x32xf32>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 64, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C4) q must be [tokens, heads, 128] with static heads, k [tokens, 128], weights [tokens, heads], cos and sin [positions, 32], all of bf16 or f16, and head_dim of the cache 128, but they are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 64, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi32>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C5) positions and slots must be i32 or i64, of one type and one for each token of}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi32>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi16>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi16>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C5) positions and slots must be i32 or i64, of one type and one for each token of}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi16>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi16>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<7xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<7xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C5) positions and slots must be i32 or i64, of one type and one for each token of}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<7xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<7xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<64xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C6) norm_weight and norm_bias must be f32 [128], but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<64xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xbf16>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C6) norm_weight and norm_bias must be f32 [128], but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xbf16>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FNUZ>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C7) the new q must be 'f8E4M3FN' in the shape of 'tensor<?x64x128xbf16>' and the new weights f32 in that of 'tensor<?x64xbf16>', but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FNUZ>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FNUZ>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x32x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C7) the new q must be 'f8E4M3FN' in the shape of 'tensor<?x64x128xbf16>' and the new weights f32 in that of 'tensor<?x64xbf16>', but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x32x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x32x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xbf16>, %e : tensor<i32>) {
  // expected-error @below {{(C7) the new q must be 'f8E4M3FN' in the shape of 'tensor<?x64x128xbf16>' and the new weights f32 in that of 'tensor<?x64xbf16>', but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xbf16>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xbf16>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x32xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C7) the new q must be 'f8E4M3FN' in the shape of 'tensor<?x64x128xbf16>' and the new weights f32 in that of 'tensor<?x64xbf16>', but are}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x32xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x32xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C8) the results are 'tensor<3x64x128xf8E4M3FN>' and 'tensor<?x64xf32>' but replace 'tensor<?x64x128xf8E4M3FN>' and 'tensor<?x64xf32>'}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<3x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C8) the results are 'tensor<?x64x128xf8E4M3FN>' and 'tensor<3x64xf32>' but replace}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<3x64xf32>, tensor<i32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<1xi32>) {
  // expected-error @below {{(C8) the error word must be tensor<i32>, but is 'tensor<1xi32>'}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<1xi32>) -> !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<1xi32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
!other = !indexer.cache<page_size = 16, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @f(%q : tensor<?x64x128xbf16>, %k : tensor<?x128xbf16>, %w : tensor<?x64xbf16>, %p : tensor<?xi64>, %c : tensor<?x32xbf16>, %s : tensor<?x32xbf16>, %nw : tensor<128xf32>, %nb : tensor<128xf32>, %x : f32, %sl : tensor<?xi64>, %cache : !cache, %nq : tensor<?x64x128xf8E4M3FN>, %nwt : tensor<?x64xf32>, %e : tensor<i32>) {
  // expected-error @below {{(C8) the results are '!indexer.cache<page_size = 16, head_dim = 128, order = plain, fp8 = f8E4M3FN>' and 'tensor<i32>' but replace}}
  %r:4 = indexer.qk_prep target("gfx950") writes(<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) ins(%q, %k, %w, %p, %c, %s, %nw, %nb, %x, %x, %sl : tensor<?x64x128xbf16>, tensor<?x128xbf16>, tensor<?x64xbf16>, tensor<?xi64>, tensor<?x32xbf16>, tensor<?x32xbf16>, tensor<128xf32>, tensor<128xf32>, tensor<?xi64>) outs(%cache, %nq, %nwt, %e : !cache, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>) -> !other, tensor<?x64x128xf8E4M3FN>, tensor<?x64xf32>, tensor<i32>
  return
}
