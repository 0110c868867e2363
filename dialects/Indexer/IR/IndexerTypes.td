//===- IndexerTypes.td - The cache layout -------------------*- tablegen -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_INDEXERTYPES_TD
#define HIPDEX_INDEXERTYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

//===----------------------------------------------------------------------===//
// Dialect
//===----------------------------------------------------------------------===//

def Indexer_Dialect : Dialect {
  let name = "indexer";
  let cppNamespace = "::hipdex::indexer";
  let summary = "What the kernels of the DeepSeek sparse-attention indexer compute";
  let description = [{
    The operations of the indexer on whole tensors, and the layout of its K
    cache as a type. An operation here says *what* is computed, for one target;
    `indexer-specialize` replaces it with the kernel of a template, in the
    `tile` dialect, which says how.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
}

//===----------------------------------------------------------------------===//
// The cache layout
//===----------------------------------------------------------------------===//

def Indexer_CacheLayoutAttr : AttrDef<Indexer_Dialect, "CacheLayout"> {
  let mnemonic = "cache_layout";
  let summary = "Where the bytes of a token are in the paged K cache";
  let description = [{
    A page holds `page_size` tokens: `page_size * head_dim` bytes of fp8 K, then
    `page_size` float32 scales, one a token. Element `d` of the token at place
    `t` of its page is at byte

    - `order = plain`: `t * head_dim + d`
    - `order = preshuffle(16,16)`:
      `t/16 * 16*head_dim + d/16 * 256 + t%16 * 16 + d%16`

    and its scale at byte `page_size * head_dim + 4 * t`, in both orders. Pages
    may be padded; how far apart they are is a property of a buffer, not of the
    layout. The formulas are those of `CacheLayout` in `Spec/CacheLayout.h`,
    which every kernel and every reference uses.

    ```mlir
    #indexer.cache_layout<page_size = 64, head_dim = 128,
                          order = preshuffle(16,16), fp8 = f8E4M3FN>
    ```

    Constraints:
    - (C1) `page_size` and `head_dim` are positive;
    - (C2) `preshuffle(16,16)` needs `page_size % 16 == 0` and
      `head_dim % 16 == 0`;
    - (C3) `fp8` is `f8E4M3FN` or `f8E4M3FNUZ`.
  }];
  let parameters = (ins
    "int64_t":$pageSize,
    "int64_t":$headDim,
    "::hipdex::CacheOrder":$order,
    "::mlir::Type":$fp8
  );
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The layout that the formulas belong to.
    ::hipdex::CacheLayout getSpec() const;
    static CacheLayoutAttr get(::mlir::MLIRContext *context,
                               const ::hipdex::CacheLayout &layout);
  }];
}

def Indexer_CacheType : TypeDef<Indexer_Dialect, "Cache"> {
  let mnemonic = "cache";
  let summary = "A paged K cache in global memory, of one layout";
  let description = [{
    Two caches of different layouts have different types, so a module whose
    writer and reader disagree does not verify.

    ```mlir
    !indexer.cache<page_size = 64, head_dim = 128, order = plain, fp8 = f8E4M3FNUZ>
    ```
  }];
  let parameters = (ins "CacheLayoutAttr":$layout);
  let hasCustomAssemblyFormat = 1;
}

#endif // HIPDEX_INDEXERTYPES_TD
