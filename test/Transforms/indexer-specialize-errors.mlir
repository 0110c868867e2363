// RUN: hipdex-opt %s -indexer-specialize -split-input-file -verify-diagnostics

!cache = !indexer.cache<page_size = 512, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @page_size(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op page_size is 512, supported: 1, 16, 32, 64, 128, 256; nearest supported key: paged_mqa_logits.gfx950.p256.d128.b128.plain.h64.n1.fn}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 512, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(128)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FNUZ>
func.func @heads(%q : tensor<?x1x48x128xf8E4M3FNUZ>, %cache : !cache, %weights : tensor<?x48xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op heads is 48, supported: 8, 16, 32, 64, 128; nearest supported key: paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz}}
  %result = indexer.paged_mqa_logits target("gfx942") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FNUZ>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x48x128xf8E4M3FNUZ>, !cache, tensor<?x48xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @zero(%q : tensor<?x0x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op next_n is 0, must be at least 1; nearest supported key: paged_mqa_logits.gfx950.p64.d128.b64.plain.h64.n1.fn}}
  %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x0x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

// A function becomes one kernel.
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
func.func @two(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
  // expected-error @below {{'indexer.paged_mqa_logits' op is not the only indexer operation of @two}}
  %first = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
  %second = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
      ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      outs(%first : tensor<?x?xf32>) -> tensor<?x?xf32>
  return
}

// -----

!cache = !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>
gpu.module @elsewhere {
  gpu.func @kernel(%q : tensor<?x1x64x128xf8E4M3FN>, %cache : !cache, %weights : tensor<?x64xf32>, %context_lens : tensor<?xi32>, %block_table : tensor<?x?xi32>, %logits : tensor<?x?xf32>) {
    // expected-error @below {{'indexer.paged_mqa_logits' op is not in a func.func}}
    %result = indexer.paged_mqa_logits target("gfx950") reads(#indexer.cache_layout<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FN>) kv_block_size(64)
        ins(%q, %cache, %weights, %context_lens, %block_table : tensor<?x1x64x128xf8E4M3FN>, !cache, tensor<?x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
        outs(%logits : tensor<?x?xf32>) -> tensor<?x?xf32>
    gpu.return
  }
}
