//===- Indexer.td - The indexer dialect --------------------*- tablegen -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_INDEXER_TD
#define HIPDEX_INDEXER_TD

include "Indexer/IR/IndexerTypes.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

class Indexer_Op<string mnemonic, list<Trait> traits = []> :
    Op<Indexer_Dialect, mnemonic, traits>;

def Indexer_PagedMqaLogitsOp : Indexer_Op<"paged_mqa_logits", [Pure]> {
  let summary = "Scores of the indexer's query heads against a paged K cache";
  let description = [{
    For every request `b`, query token `j` in [0, next_n) and position
    `p <= L - next_n + j`, where `L = min(max(context_lens[b], 0), width)`:

    ```
    result[b*next_n + j, p] = k_scale[p] * sum over h of
        weights[b*next_n + j, h] * max(0, q[b, j, h, :] . k[p, :])
    ```

    Every other cell of the result is that of `init`; with `tail neginf`, it is
    -inf. Position `p` of request
    `b` is in the cache slot that `block_table[b, p / kv_block_size]` names: an
    entry `e` names slots `[e*kv_block_size, (e+1)*kv_block_size)`. An entry
    outside the cache gives -inf in its columns; with `unchecked`, there must be
    none. Entries past the context are not read. The order of the sum is not specified; it is carried out in
    float32.

    Constraints:
    - (C1) `layout` is the layout of the type of `cache`;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `q` and of `layout` is that of `target`;
    - (C4) `q` is `[batch, next_n, heads, head_dim]` with static `next_n`,
      `heads` and `head_dim`, and `head_dim` is that of `layout`;
    - (C5) `weights` is `[rows, heads]` with the `heads` of `q`;
    - (C6) `kv_block_size` divides `page_size`;
    - (C7) `context_lens` has one dimension, `block_table` and `init` two.
  }];
  let arguments = (ins
    AnyRankedTensor:$q,
    Indexer_CacheType:$cache,
    AnyRankedTensor:$weights,
    AnyRankedTensor:$contextLens,
    AnyRankedTensor:$blockTable,
    AnyRankedTensor:$init,
    Indexer_CacheLayoutAttr:$layout,
    I64Attr:$kvBlockSize,
    UnitAttr:$negInfTail,
    UnitAttr:$unchecked,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `target` `(` $target `)` `reads` `(` $layout `)`
    `kv_block_size` `(` $kvBlockSize `)`
    (`tail` `neginf` $negInfTail^)? (`unchecked` $unchecked^)?
    `ins` `(` $q `,` $cache `,` $weights `,` $contextLens `,` $blockTable `:`
      type($q) `,` type($cache) `,` type($weights) `,` type($contextLens) `,`
      type($blockTable) `)`
    `outs` `(` $init `:` type($init) `)` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Indexer_StreamPagesOp : Indexer_Op<"stream_pages", [Pure]> {
  let summary = "A checksum of each token that a query token sees";
  let description = [{
    Reads of the cache what `paged_mqa_logits` reads, in the same way, and
    writes as much: for every request `b`, query token `j` in [0, next_n) and
    position `p <= L - next_n + j`, where
    `L = min(max(context_lens[b], 0), width)`:

    ```
    bits of result[b*next_n + j, p] = bits of k_scale[p]
        + sum over i in [0, head_dim/4) of word i of K of token p   (mod 2^32)
    ```

    where word `i` is elements `4*i` to `4*i+3`, the first in the lowest byte.
    Everything else is as for `paged_mqa_logits`: other cells are those of
    `init` or, with `tail neginf`, -inf; an entry outside the cache gives -inf
    in its columns; with `unchecked`, there must be none; entries past the
    context are not read.

    Constraints:
    - (C1) `layout` is the layout of the type of `cache`;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `layout` is that of `target`;
    - (C4) `next_n` is at least 1;
    - (C5) `kv_block_size` divides `page_size`;
    - (C6) `context_lens` is i32 of one dimension, `block_table` i32 and `init`
      f32 of two;
    - (C7) the result has the type of `init`.
  }];
  let arguments = (ins
    Indexer_CacheType:$cache,
    AnyRankedTensor:$contextLens,
    AnyRankedTensor:$blockTable,
    AnyRankedTensor:$init,
    Indexer_CacheLayoutAttr:$layout,
    I64Attr:$kvBlockSize,
    I64Attr:$nextN,
    UnitAttr:$negInfTail,
    UnitAttr:$unchecked,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `target` `(` $target `)` `reads` `(` $layout `)`
    `kv_block_size` `(` $kvBlockSize `)` `next_n` `(` $nextN `)`
    (`tail` `neginf` $negInfTail^)? (`unchecked` $unchecked^)?
    `ins` `(` $cache `,` $contextLens `,` $blockTable `:` type($cache) `,`
      type($contextLens) `,` type($blockTable) `)`
    `outs` `(` $init `:` type($init) `)` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Indexer_KQuantStoreOp : Indexer_Op<"k_quant_store", [Pure]> {
  let summary = "K rows, quantized to fp8, in slots of a paged K cache";
  let description = [{
    For every token `t` whose slot is in the cache, in float32:

    ```
    amax  = max over finite k[t, d] of |k[t, d]|
    scale = max(amax, 1e-4) / fp8_max
    K(slots[t], d)   = fp8(clamp(k[t, d] * (1 / scale), -fp8_max, fp8_max))
    scale(slots[t])  = scale
    ```

    With `power_of_two`, `scale` is the smallest power of two that is not less.
    Elements that are not finite are stored as the largest code of their sign. A
    negative slot is skipped; one past the cache is skipped and sets bit 0 of
    the error word; a token that is stored and has an element that is not finite
    sets bit 1. Which one of several tokens with one slot is stored is not
    specified.

    Constraints:
    - (C1) `layout` is the layout of the type of the cache;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `layout` is that of `target`;
    - (C4) `k` is `[tokens, head_dim]` of bf16, f16 or f32, and `head_dim` is
      that of `layout`;
    - (C5) `slots` is `[tokens]` of i32 or i64;
    - (C6) `fp8_max` is the largest magnitude that codes may have: 448 for
      f8E4M3FN, 240 or 224 for f8E4M3FNUZ;
    - (C7) the error word is a `tensor<i32>`, and the results have the types of
      what they replace.
  }];
  let arguments = (ins
    AnyRankedTensor:$k,
    AnyRankedTensor:$slots,
    Indexer_CacheType:$cache,
    AnyRankedTensor:$error,
    Indexer_CacheLayoutAttr:$layout,
    I64Attr:$fp8Max,
    UnitAttr:$powerOfTwo,
    StrAttr:$target
  );
  let results = (outs Indexer_CacheType:$result, AnyRankedTensor:$resultError);
  let assemblyFormat = [{
    `target` `(` $target `)` `writes` `(` $layout `)` `fp8_max` `(` $fp8Max `)`
    (`power_of_two` $powerOfTwo^)?
    `ins` `(` $k `,` $slots `:` type($k) `,` type($slots) `)`
    `outs` `(` $cache `,` $error `:` type($cache) `,` type($error) `)` attr-dict
    `->` type($result) `,` type($resultError)
  }];
  let hasVerifier = 1;
}

def Indexer_KGatherOp : Indexer_Op<"k_gather", [Pure]> {
  let summary = "K rows and scales of ragged sequences, out of a paged K cache";
  let description = [{
    For every request `b` and `cu_seq_lens[b] <= i < cu_seq_lens[b+1]`, token
    `t = i - cu_seq_lens[b]` of the request is in the cache slot that
    `block_table[b, t / kv_block_size]` names:

    ```
    k[i, :]   = K of the slot, in the order of its elements
    scales[i] = its scale
    ```

    bit for bit. What an entry outside the cache, or a column outside the table,
    names is zeros. Rows of no request are those of what the results replace.

    Constraints:
    - (C1) `layout` is the layout of the type of `cache`;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `layout` is that of `target`;
    - (C4) `k` is `[tokens, head_dim]` of the fp8 type of `layout`, and `scales`
      is f32 `[tokens]`;
    - (C5) `kv_block_size` divides `page_size`;
    - (C6) `block_table` is i32 of two dimensions, `cu_seq_lens` i32 of one;
    - (C7) the results have the types of what they replace.
  }];
  let arguments = (ins
    Indexer_CacheType:$cache,
    AnyRankedTensor:$blockTable,
    AnyRankedTensor:$cuSeqLens,
    AnyRankedTensor:$k,
    AnyRankedTensor:$scales,
    Indexer_CacheLayoutAttr:$layout,
    I64Attr:$kvBlockSize,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$resultK, AnyRankedTensor:$resultScales);
  let assemblyFormat = [{
    `target` `(` $target `)` `reads` `(` $layout `)`
    `kv_block_size` `(` $kvBlockSize `)`
    `ins` `(` $cache `,` $blockTable `,` $cuSeqLens `:` type($cache) `,`
      type($blockTable) `,` type($cuSeqLens) `)`
    `outs` `(` $k `,` $scales `:` type($k) `,` type($scales) `)` attr-dict
    `->` type($resultK) `,` type($resultScales)
  }];
  let hasVerifier = 1;
}

def Indexer_KMoveOp : Indexer_Op<"k_move", [Pure]> {
  let summary = "K rows and scales, from slots of a cache to slots of a cache";
  let description = [{
    For every entry `i` of the lists and `0 <= t < run_tokens`:

    ```
    K(target_slots[i] * run_tokens + t)     of the target cache
      = K(source_slots[i] * run_tokens + t) of the source cache
    ```

    and likewise the scale, bit for bit; every other byte of the result is that
    of the target cache. An entry that is negative in either list moves nothing.
    One that is past the source cache sets bit 0 of the error word, one past the
    target cache bit 1, and moves nothing. `run_tokens` is a power of two. Both
    caches may be one buffer; no slot is a target twice, or a target of one
    entry and a source of another.

    Constraints:
    - (C1) `layout` is the layout of the type of the source cache and
      `target_layout` that of the target cache;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of both layouts is that of `target`;
    - (C4) both layouts have one head_dim;
    - (C5) the lists are `[entries]` of i32 or i64, and of one type;
    - (C6) the error word is a `tensor<i32>`, and the results have the types of
      what they replace.
  }];
  let arguments = (ins
    Indexer_CacheType:$cache,
    AnyRankedTensor:$sourceSlots,
    AnyRankedTensor:$targetSlots,
    I32:$runTokens,
    Indexer_CacheType:$targetCache,
    AnyRankedTensor:$error,
    Indexer_CacheLayoutAttr:$layout,
    Indexer_CacheLayoutAttr:$targetLayout,
    StrAttr:$target
  );
  let results = (outs Indexer_CacheType:$result, AnyRankedTensor:$resultError);
  let assemblyFormat = [{
    `target` `(` $target `)` `reads` `(` $layout `)`
    `writes` `(` $targetLayout `)` `run_tokens` `(` $runTokens `)`
    `ins` `(` $cache `,` $sourceSlots `,` $targetSlots `:` type($cache) `,`
      type($sourceSlots) `,` type($targetSlots) `)`
    `outs` `(` $targetCache `,` $error `:` type($targetCache) `,` type($error)
    `)` attr-dict `->` type($result) `,` type($resultError)
  }];
  let hasVerifier = 1;
}

def Indexer_MqaLogitsOp : Indexer_Op<"mqa_logits", [Pure]> {
  let summary = "Scores of the indexer's query heads against dense K";
  let description = [{
    For every row `m` and column `p` with
    `max(starts[m], 0) <= p < min(ends[m], tokens, width)`:

    ```
    result[m, p] = k_scales[p] * sum over h of
        weights[m, h] * max(0, q[m, h, :] . k[p, :])
    ```

    Every other cell of the result is that of `init`; with `tail neginf`, it is
    -inf. The order of the sum is not specified; it is carried out in float32.

    Constraints:
    - (C1) `target` is a known architecture;
    - (C2) `q` and `k` are of the fp8 format of `target`;
    - (C3) `q` is `[rows, heads, head_dim]` with static `heads` and `head_dim`,
      `k` is `[tokens, head_dim]` and `k_scales` f32 `[tokens]`;
    - (C4) `weights` is f32 `[rows, heads]` with the `heads` of `q`;
    - (C5) `starts` and `ends` are i32 `[rows]`, and `init` and the result are of
      one type, f32 `[rows, width]`.
  }];
  let arguments = (ins
    AnyRankedTensor:$q,
    AnyRankedTensor:$k,
    AnyRankedTensor:$kScales,
    AnyRankedTensor:$weights,
    AnyRankedTensor:$starts,
    AnyRankedTensor:$ends,
    AnyRankedTensor:$init,
    UnitAttr:$negInfTail,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `target` `(` $target `)` (`tail` `neginf` $negInfTail^)?
    `ins` `(` $q `,` $k `,` $kScales `,` $weights `,` $starts `,` $ends `:`
      type($q) `,` type($k) `,` type($kScales) `,` type($weights) `,`
      type($starts) `,` type($ends) `)`
    `outs` `(` $init `:` type($init) `)` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Indexer_PagedMqaPrefillOp : Indexer_Op<"paged_mqa_prefill", [Pure]> {
  let summary = "Scores of query rows with windows, against a paged K cache";
  let description = [{
    For every row `m` whose request `b = requests[m]` is in [0, batch), and every
    column `p` with `max(starts[m], 0) <= p < min(ends[m], width)`:

    ```
    result[m, p] = k_scale[p] * sum over h of
        weights[m, h] * max(0, q[m, h, :] . k[p, :])
    ```

    where position `p` of request `b` is in the cache slot that
    `block_table[b, p / kv_block_size]` names. Every other cell of the result is
    that of `init`; with `tail neginf`, it is -inf. An entry outside the cache
    gives -inf in its columns; with `unchecked`, there must be none. The order of
    the sum is not specified; it is carried out in float32.

    Constraints:
    - (C1) `layout` is the layout of the type of `cache`;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `q` and of `layout` is that of `target`;
    - (C4) `q` is `[rows, heads, head_dim]` with static `heads` and the
      `head_dim` of `layout`;
    - (C5) `weights` is f32 `[rows, heads]` with the `heads` of `q`;
    - (C6) `kv_block_size` divides `page_size`;
    - (C7) `requests`, `starts` and `ends` are i32 `[rows]`, `block_table` is i32
      of two dimensions, and `init` and the result are of one type, f32
      `[rows, width]`.
  }];
  let arguments = (ins
    AnyRankedTensor:$q,
    Indexer_CacheType:$cache,
    AnyRankedTensor:$weights,
    AnyRankedTensor:$requests,
    AnyRankedTensor:$starts,
    AnyRankedTensor:$ends,
    AnyRankedTensor:$blockTable,
    AnyRankedTensor:$init,
    Indexer_CacheLayoutAttr:$layout,
    I64Attr:$kvBlockSize,
    UnitAttr:$negInfTail,
    UnitAttr:$unchecked,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `target` `(` $target `)` `reads` `(` $layout `)`
    `kv_block_size` `(` $kvBlockSize `)`
    (`tail` `neginf` $negInfTail^)? (`unchecked` $unchecked^)?
    `ins` `(` $q `,` $cache `,` $weights `,` $requests `,` $starts `,` $ends `,`
      $blockTable `:` type($q) `,` type($cache) `,` type($weights) `,`
      type($requests) `,` type($starts) `,` type($ends) `,`
      type($blockTable) `)`
    `outs` `(` $init `:` type($init) `)` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Indexer_TopKOp : Indexer_Op<"topk", [Pure, AttrSizedOperandSegments]> {
  let summary = "The columns of the greatest numbers of each row, in order";
  let description = [{
    Of row `r`, the columns `[first, end)`, cut to `[0, width)`: with `lengths`,
    for `rows = batch * next_n` and `r = b*next_n + j`, it is
    `[0, context_lens[b] - next_n + j + 1)`; with `windows`,
    `[starts[r], ends[r])`. The first `min(k, end - first)` cells of the row of
    the result are the columns of the greatest of these logits, ascending; the
    others are -1. Of equal logits those of the least columns are taken; -0
    equals +0, and NaN is less than -inf.

    With a `table`, a cell is not the column `p` but the slot
    `e*kv_block_size + p % kv_block_size` of the entry
    `e = block_table[b, p / kv_block_size]`, or -1 if `e` is not in
    `[0, num_blocks)`, or the table has no such entry. With `windows`, `b` is
    `requests[r]`.

    ```mlir
    %columns = indexer.topk target("gfx950")
        ins(%logits : tensor<?x?xf32>) lengths(%lens : tensor<?xi32>)
        outs(%init : tensor<?x?xi32>) -> tensor<?x?xi32>
    ```

    Constraints:
    - (C1) `target` is a known architecture;
    - (C2) `logits` is f32 `[rows, width]`, and `init` and the result are of one
      type, i32 `[rows, k]`;
    - (C3) there are either lengths, i32 `[batch]`, or windows, two i32 `[rows]`;
    - (C4) `kv_block_size` is given with a table, which is i32
      `[batch, entries]`, and only with one, and is at least 1;
    - (C5) `requests` is given with windows and a table, and only then, and is
      i32 `[rows]`.
  }];
  let arguments = (ins
    AnyRankedTensor:$logits,
    Optional<AnyRankedTensor>:$contextLens,
    Optional<AnyRankedTensor>:$starts,
    Optional<AnyRankedTensor>:$ends,
    Optional<AnyRankedTensor>:$requests,
    Optional<AnyRankedTensor>:$blockTable,
    Optional<I32>:$numBlocks,
    AnyRankedTensor:$init,
    OptionalAttr<I64Attr>:$kvBlockSize,
    StrAttr:$target
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `target` `(` $target `)` (`kv_block_size` `(` $kvBlockSize^ `)`)?
    `ins` `(` $logits `:` type($logits) `)`
    (`lengths` `(` $contextLens^ `:` type($contextLens) `)`)?
    (`windows` `(` $starts^ `,` $ends `:` type($starts) `,` type($ends) `)`)?
    (`requests` `(` $requests^ `:` type($requests) `)`)?
    (`table` `(` $blockTable^ `,` $numBlocks `:` type($blockTable) `)`)?
    `outs` `(` $init `:` type($init) `)` attr-dict `->` type($result)
  }];
  let hasVerifier = 1;
}

def Indexer_QkPrepOp : Indexer_Op<"qk_prep", [Pure]> {
  let summary = "Queries, gates and K as the indexer takes them";
  let description = [{
    For every token `t`, with the cosines and sines of row `positions[t]`, and
    every head `h`, in float32:

    ```
    q'    = hadamard(rope(q[t, h, :]))
    scale = max(amax of q', 1e-10) * (1 / fp8_max)
    result_q[t, h, :]    = fp8(clamp(q' * (1 / scale), -fp8_max, fp8_max))
    result_weights[t, h] = weights[t, h] * scale * weights_scale
    k'    = hadamard(rope(layer_norm(k[t, :])))
    ```

    and what `k_quant_store` makes of `k'` in the slot `slots[t]` of the cache.
    Each of the functions rounds its result to the type of `q`. `rope` turns the
    columns `i` and `i + 32` of 64, with `interleaved` `2*i` and `2*i + 1`, by
    the angle `i`; the 64 columns are the first of a row, with `rotary_last` the
    last. Without `hadamard` there is no transform; with it, it is orthonormal.
    With `power_of_two`, scales are the smallest power of two that is not less.

    For a negative slot nothing is written, with `preps_skipped` nothing but q
    and gate. A slot past the cache sets bit 0 of the error word, and K is not
    stored; an element of `k'` that is stored and not finite sets bit 1. Where a
    position is outside the tables, nothing is written, and bit 2 set.

    Constraints:
    - (C1) `layout` is the layout of the type of the cache;
    - (C2) `target` is a known architecture;
    - (C3) the fp8 format of `layout` is that of `target`;
    - (C4) `q` is `[tokens, heads, 128]` with static `heads`, `k` `[tokens,
      128]`, `weights` `[tokens, heads]`, and `cos` and `sin` `[positions, 32]`,
      all of bf16 or all of f16, and the head_dim of `layout` is 128;
    - (C5) `positions` and `slots` are `[tokens]`, both i32 or both i64;
    - (C6) `norm_weight` and `norm_bias` are f32 `[128]`;
    - (C7) the new q is of the fp8 type of `layout` in the shape of `q`, and
      the new weights of f32 in that of `weights`;
    - (C8) the error word is a `tensor<i32>`, and the results have the types of
      what they replace.
  }];
  let arguments = (ins
    AnyRankedTensor:$q,
    AnyRankedTensor:$k,
    AnyRankedTensor:$weights,
    AnyRankedTensor:$positions,
    AnyRankedTensor:$cos,
    AnyRankedTensor:$sin,
    AnyRankedTensor:$normWeight,
    AnyRankedTensor:$normBias,
    F32:$normEps,
    F32:$weightsScale,
    AnyRankedTensor:$slots,
    Indexer_CacheType:$cache,
    AnyRankedTensor:$newQ,
    AnyRankedTensor:$newWeights,
    AnyRankedTensor:$error,
    Indexer_CacheLayoutAttr:$layout,
    UnitAttr:$interleaved,
    UnitAttr:$rotaryLast,
    UnitAttr:$hadamard,
    UnitAttr:$powerOfTwo,
    UnitAttr:$prepsSkipped,
    StrAttr:$target
  );
  let results = (outs Indexer_CacheType:$result, AnyRankedTensor:$resultQ,
                      AnyRankedTensor:$resultWeights,
                      AnyRankedTensor:$resultError);
  let assemblyFormat = [{
    `target` `(` $target `)` `writes` `(` $layout `)`
    (`interleaved` $interleaved^)? (`rotary_last` $rotaryLast^)?
    (`hadamard` $hadamard^)? (`power_of_two` $powerOfTwo^)?
    (`preps_skipped` $prepsSkipped^)?
    `ins` `(` $q `,` $k `,` $weights `,` $positions `,` $cos `,` $sin `,`
      $normWeight `,` $normBias `,` $normEps `,` $weightsScale `,` $slots `:`
      type($q) `,` type($k) `,` type($weights) `,` type($positions) `,`
      type($cos) `,` type($sin) `,` type($normWeight) `,` type($normBias) `,`
      type($slots) `)`
    `outs` `(` $cache `,` $newQ `,` $newWeights `,` $error `:` type($cache) `,`
      type($newQ) `,` type($newWeights) `,` type($error) `)` attr-dict
    `->` type($result) `,` type($resultQ) `,` type($resultWeights) `,`
      type($resultError)
  }];
  let hasVerifier = 1;
}

#endif // HIPDEX_INDEXER_TD
