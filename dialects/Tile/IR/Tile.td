//===- Tile.td - The tile dialect --------------------------*- tablegen -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TILE_TD
#define HIPDEX_TILE_TD

include "Indexer/IR/IndexerTypes.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

//===----------------------------------------------------------------------===//
// Dialect
//===----------------------------------------------------------------------===//

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::hipdex::tile";
  let summary = "Kernels as one wave's program over tensors with a distribution";
  let description = [{
    A kernel of this dialect is the program of one wave. Its values are scalars,
    which all lanes of the wave agree on, and tensors, whose encoding
    (`#tile.distribution`) says which lane holds which element. `arith` and
    `math` work on both. The operations here are what remains: memory with
    layouts, matrix products, and the few ways lanes talk to each other.

    Nothing here names an instruction. `tile-to-gpu` lowers tensors to per-lane
    vectors in one way for every target; a folder per target picks the matrix
    and cross-lane instructions.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let dependentDialects = ["::hipdex::indexer::IndexerDialect"];
}

//===----------------------------------------------------------------------===//
// Attributes and types
//===----------------------------------------------------------------------===//

def Tile_DistributionAttr : AttrDef<Tile_Dialect, "Distribution",
    [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "distribution";
  let summary = "Which lane holds which element of a tensor";
  let description = [{
    An element of a distributed tensor lives in one lane, in one fragment of
    that lane, at one place in that fragment. A fragment is what one register
    tuple holds: 16 bytes that one load brings, the accumulator of one matrix
    instruction, or a single number.

    Each of the three is a list of axes, `COUNT x dDIM by STEP`: going COUNT
    times along the axis moves by STEP in dimension DIM of the tensor. The first
    axis of a list is the fastest. A STEP of 0 repeats the same elements.

    ```mlir
    // 32 tokens by 128 bytes. Lane l holds token l%32; its fragment c is the
    // 16-byte chunk 2*c + l/32 of that token.
    #keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16],
                               fragment = [4 x d1 by 32],
                               element = [16 x d1 by 1]>
    ```

    Constraints of the attribute:
    - (C1) counts are positive, steps are not negative, and both are below
      2^20, as is the number of places along a list.

    Constraints as the encoding of a tensor:
    - (C2) the shape is static, the elements are integers or floats, and the
      axes name dimensions of the shape;
    - (C3) there are 64 lanes;
    - (C4) fragments fill 32-bit registers (unless they are a single integer
      or bits), of which a lane has 512;
    - (C5) every element of the shape is reached, and nothing outside it.
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$laneAxes,
    ArrayRefParameter<"int64_t">:$fragmentAxes,
    ArrayRefParameter<"int64_t">:$elementAxes
  );
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    struct Axis {
      int64_t count, dim, step;
    };
    ::llvm::SmallVector<Axis> getLanes() const;
    ::llvm::SmallVector<Axis> getFragments() const;
    ::llvm::SmallVector<Axis> getElements() const;

    int64_t getNumLanes() const;
    int64_t getNumFragments() const;
    int64_t getNumElements() const;

    /// The part of the coordinate in dimension `dim` that is due to the
    /// `index`-th place along `axes`.
    static int64_t offset(::llvm::ArrayRef<Axis> axes, int64_t index,
                          int64_t dim);
  }];
}

def Tile_GlobalType : TypeDef<Tile_Dialect, "Global"> {
  let mnemonic = "global";
  let summary = "A pointer to numbers in global memory";
  let description = [{
    Constraints:
    - (C1) the numbers are signless integers or floats of 8, 16, 32 or 64 bits.
  }];
  let parameters = (ins "::mlir::Type":$elementType);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $elementType `>`";
}

def Tile_SharedType : TypeDef<Tile_Dialect, "Shared"> {
  let mnemonic = "shared";
  let summary = "Numbers that the waves of a workgroup share";
  let description = [{
    `!tile.shared<2048 x i32>` is memory of a workgroup for 2048 numbers. Nothing
    is said of what it holds at first.

    Constraints:
    - (C1) there is at least one number, and less than 2^20;
    - (C2) the numbers are signless integers or floats of 32 bits.
  }];
  let parameters = (ins "int64_t":$size, "::mlir::Type":$elementType);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $size `x` $elementType `>`";
}

//===----------------------------------------------------------------------===//
// Operations
//===----------------------------------------------------------------------===//

class Tile_Op<string mnemonic, list<Trait> traits = []> :
    Op<Tile_Dialect, mnemonic, traits>;

def Tile_ScalarOrTensor : AnyTypeOf<[AnySignlessInteger, AnyFloat,
                                     AnyRankedTensor]>;

def Tile_WaveIdOp : Tile_Op<"wave_id", [Pure]> {
  let summary = "The number of this wave in the whole grid";
  let description = [{
    Workgroup number times the waves of a workgroup, plus the place of the wave
    in its workgroup.
  }];
  let results = (outs I32:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Tile_LoadOp : Tile_Op<"load", [Pure, AttrSizedOperandSegments]> {
  let summary = "Read a tile of an array that the kernel does not write";
  let description = [{
    Element `(i0, ..., in)` of the result is element `(o0 + i0, ..., on + in)`
    of the array at `base`, whose strides are given in elements; the offsets
    `o` are the indices in brackets. If there are more indices than dimensions
    of the result, the first ones pick a part of the array; a scalar result is
    one element. The array is not written while the kernel runs.

    With `below`, elements whose last coordinate is not below the bound are not
    read, and are zero. The bound is at least one, and the last index is not
    negative. With `last`, elements whose first coordinate is past it are those
    whose first coordinate it is.

    ```mlir
    %length = tile.load %context_lens[%request] strides [1] : !tile.global<i32> -> i32
    %queries = tile.load %q[%request, 0, 0, 0] strides [%s0, %s1, %s2, 1]
        : !tile.global<f8E4M3FN> -> tensor<1x64x128xf8E4M3FN, #queries>
    ```

    Constraints:
    - (C1) as many strides as indices, and at least as many as dimensions;
      each that is not static is given by one operand;
    - (C2) the element type of the result is that of `base`;
    - (C3) a fragment's elements are consecutive in memory: they run along the
      last dimension, whose stride is 1, from a multiple of their number;
    - (C4) static strides are not negative, and the tile spans less than 2^31
      bytes along the dimensions that have them;
    - (C5) with `last`, the result is a tensor, and all elements of a fragment
      and all lanes have the same first coordinate of the array.
  }];
  let arguments = (ins
    Tile_GlobalType:$base,
    Variadic<I32>:$indices,
    Variadic<I64>:$strides,
    DenseI64ArrayAttr:$staticIndices,
    DenseI64ArrayAttr:$staticStrides,
    Optional<I32>:$bound,
    Optional<I32>:$lastRow
  );
  let results = (outs Tile_ScalarOrTensor:$result);
  let assemblyFormat = [{
    $base `` custom<DynamicIndexList>($indices, $staticIndices)
    `strides` custom<DynamicIndexList>($strides, $staticStrides)
    (`below` $bound^)? (`last` $lastRow^)? attr-dict
    `:` type($base) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_LoadsFirstOp : Tile_Op<"loads_first",
    [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Loads before it are asked for before what follows";
  let description = [{
    Keeps loads that stand before it there, so that all of them are on their way
    at once, however far apart their results are used. It is no instruction.
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_LoadRowsOp : Tile_Op<"load_rows", [Pure]> {
  let summary = "Read rows of an array by their numbers";
  let description = [{
    Element `(r, c)` of the result is element `c` of row `rows[r]` of the array
    at `base`, which the kernel does not write. `row_stride` is in elements.
    Rows need no alignment but that of an element. Row numbers are not negative.
    A result of one dimension is the first element of each row: with a stride
    of 1, the elements of these numbers.

    ```mlir
    %k = tile.load_rows %keys[%rows] row_stride %stride
        : !tile.global<bf16>, tensor<8xi32, #row> -> tensor<8x128xbf16, #rows>
    ```

    Constraints:
    - (C1) the result is `[rows, columns]` or `[rows]` of the element type of
      `base`, and `rows` has as many elements, of i32 or i64;
    - (C2) a fragment's elements are consecutive elements of a row;
    - (C3) `rows` has one element a fragment, and holds, in the lane that loads a
      fragment, the number of the fragment's row.
  }];
  let arguments = (ins
    Tile_GlobalType:$base,
    AnyRankedTensor:$rows,
    I64:$rowStride
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $base `[` $rows `]` `row_stride` $rowStride attr-dict
    `:` type($base) `,` type($rows) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ScatterRowsOp : Tile_Op<"scatter_rows"> {
  let summary = "Write rows of an array by their numbers";
  let description = [{
    Writes element `(r, c)` of `value` to element `c` of row `rows[r]` of the array
    at `base` where `mask[r]` is true, and nothing else. `row_stride` is in
    elements. Rows need no alignment but that of an element. Row numbers are
    not negative. A value of one dimension goes to the first element of each
    row, and of the lanes that hold an element, one writes it.

    Constraints:
    - (C1) `value` is `[rows, columns]` or `[rows]` of the element type of
      `base`, and `rows` has as many elements, of i32 or i64;
    - (C2) and (C3) of `tile.load_rows`, for `value`;
    - (C4) `mask` is of i1 in the shape and distribution of `rows`.
  }];
  let arguments = (ins
    AnyRankedTensor:$value,
    Arg<Tile_GlobalType, "", [MemWrite]>:$base,
    AnyRankedTensor:$rows,
    I64:$rowStride,
    AnyRankedTensor:$mask
  );
  let assemblyFormat = [{
    $value `,` $base `[` $rows `]` `row_stride` $rowStride `where` $mask attr-dict
    `:` type($value) `,` type($base) `,` type($rows) `,` type($mask)
  }];
  let hasVerifier = 1;
}

def Tile_LookupOp : Tile_Op<"lookup", [Pure]> {
  let summary = "The block-table entries of the tokens of a step";
  let description = [{
    Element `(..., t)` of the result is entry
    `min(first + t, last) / kv_block_size` of the table at `table[row, 0]`,
    where `row_stride` is in elements. Dimensions before the last repeat it. The
    entry is not checked. `first` is a multiple of the result's last dimension;
    `last` is the last token that has an entry, and is not before `first`.

    Where all tokens of a step share an entry, the whole wave reads it once.

    ```mlir
    %entry = tile.lookup %block_table[%request, %first] row_stride %table_stride
        last %last kv_block_size 64 : !tile.global<i32> -> tensor<1x64xi32, #tokens>
    ```

    Constraints:
    - (C1) `kv_block_size` and the last dimension of the result are powers of
      two, the first at most 2^30;
    - (C2) the result and the table are of i32.
  }];
  let arguments = (ins
    Tile_GlobalType:$table,
    I32:$row,
    I32:$first,
    I64:$rowStride,
    I32:$last,
    I64Attr:$kvBlockSize
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $table `[` $row `,` $first `]` `row_stride` $rowStride `last` $last
    `kv_block_size` $kvBlockSize attr-dict `:` type($table) `->` type($result)
  }];
  let hasVerifier = 1;
}

class Tile_CacheLoadOp<string mnemonic> : Tile_Op<mnemonic, [Pure]> {
  let arguments = (ins
    Indexer_CacheType:$cache,
    AnyRankedTensor:$entries,
    I32:$first,
    I64:$pageStride,
    I64Attr:$kvBlockSize
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $cache `[` $entries `,` $first `]` `page_stride` $pageStride
    `kv_block_size` $kvBlockSize attr-dict
    `:` type($cache) `,` type($entries) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_LoadKeysOp : Tile_CacheLoadOp<"load_keys"> {
  let summary = "Read the K rows of the tokens of a step";
  let description = [{
    Row `t` of the result is K of token `first + t`, which `entries[..., t]`
    names; the layout of the cache decides the addresses. `page_stride` is in
    bytes and below 2^32. The entries are inside the cache.

    Constraints:
    - (C1) the result is `[tokens, head_dim]` of the cache's fp8 type, and
      `entries` has as many tokens in its last dimension;
    - (C2) in each fragment the bytes are consecutive in the cache;
    - (C3) `entries` holds, in the lane that loads a fragment, the entry of
      the fragment's token;
    - (C4) `page_size` and `kv_block_size` are powers of two, and the second
      divides the first; a page has less than 2^31 bytes;
    - (C5) `entries` is of i32, one entry a fragment.
  }];
}

def Tile_LoadScalesOp : Tile_CacheLoadOp<"load_scales"> {
  let summary = "Read the scales of the tokens of a step";
  let description = [{
    Element `(..., t)` of the result is the float32 scale of token `first + t`,
    which `entries[..., t]` names. Dimensions before the last repeat it.

    Constraints:
    - (C1) the result is of f32 and has the shape and the distribution of
      `entries`;
    - (C4) and (C5) of `tile.load_keys`.
  }];
}

class Tile_CacheStoreOp<string mnemonic> : Tile_Op<mnemonic> {
  let arguments = (ins
    AnyRankedTensor:$value,
    Arg<Indexer_CacheType, "", [MemWrite]>:$cache,
    AnyRankedTensor:$slots,
    I64:$pageStride,
    AnyRankedTensor:$mask
  );
  let assemblyFormat = [{
    $value `,` $cache `[` $slots `]` `page_stride` $pageStride `where` $mask
    attr-dict `:` type($value) `,` type($cache) `,` type($slots) `,`
    type($mask)
  }];
  let hasVerifier = 1;
}

def Tile_StoreKeysOp : Tile_CacheStoreOp<"store_keys"> {
  let summary = "Write K rows of the tokens of cache slots";
  let description = [{
    Writes row `t` of `value` as K of slot `slots[t]` where `mask[t]` is true, and
    nothing else; the layout of the cache decides the addresses. Slot `s` is
    token `s % page_size` of page `s / page_size`. `page_stride` is in bytes and
    below 2^32. The slots that the mask leaves are inside the cache. Which one
    of several rows of one slot remains is not specified.

    Constraints:
    - (C1) `value` is `[tokens, head_dim]` of the cache's fp8 type, and `slots`
      and `mask` have as many elements;
    - (C2) in each fragment the bytes are consecutive in the cache;
    - (C3) `slots` holds, in the lane that stores a fragment, the slot of the
      fragment's token;
    - (C4) `page_size` is a power of two; a page has less than 2^31 bytes;
    - (C5) `slots` is of i32, one slot a fragment, and `mask` of i1 in the same
      distribution.
  }];
}

def Tile_StoreScalesOp : Tile_CacheStoreOp<"store_scales"> {
  let summary = "Write the scales of the tokens of cache slots";
  let description = [{
    Writes `value[t]` as the float32 scale of slot `slots[t]` where `mask[t]` is
    true, and nothing else. Of the lanes that hold an element, one writes it.

    Constraints:
    - (C1) `value` is of f32, has one dimension, and the shape and the
      distribution of `slots`;
    - (C4) and (C5) of `tile.store_keys`.
  }];
}

def Tile_MmaOp : Tile_Op<"mma", [Pure]> {
  let summary = "Matrix product of two fp8 tiles";
  let description = [{
    `result[..., t] = sum over d of a[..., d] * b[t, d]`: both operands have the
    summed dimension last. The sum is in float32; its order is the target's.

    Constraints:
    - (C1) `b` is `[tokens, depth]`, `a` is `[..., depth]`, and the result is
      `[..., tokens]` of f32;
    - (C2) `a` and `b` are of the same fp8 type.

    The distributions have to be those of a matrix instruction of the target;
    a target that has none for them says so when it lowers the operation.
  }];
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $a `,` $b attr-dict `:` type($a) `,` type($b) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_WeightedSumOp : Tile_Op<"weighted_sum", [Pure]> {
  let summary = "Sum of rows times their weights, one number a column";
  let description = [{
    `result[j, t] = sum over h of weights[j, h] * scores[j, h, t]`, by fused
    multiply-add in float32. Each lane adds what it holds; then lanes that hold
    other rows of the same column exchange their sums, so that in the result
    lane `t` has column `t`. Lanes that hold the same rows once more add nothing.

    Constraints:
    - (C1) `scores` is `[n, rows, tokens]`, `weights` `[n, rows]` and the
      result `[n, tokens]`, all of f32;
    - (C2) `weights` holds in every lane the weight of each score of that
      lane, and a fragment of weights for each fragment of scores: its
      distribution is that of `scores` with the last dimension left out.
  }];
  let arguments = (ins AnyRankedTensor:$scores, AnyRankedTensor:$weights);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $scores `,` $weights attr-dict
    `:` type($scores) `,` type($weights) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_CoordinatesOp : Tile_Op<"coordinates", [Pure]> {
  let summary = "Where each element stands along one dimension";
  let description = [{
    Element `(i0, ..., in)` of the result is `first` plus `i` of dimension
    `dimension`.

    ```mlir
    %column = tile.coordinates 1 from %first : tensor<1x64xi32, #tokens>
    ```

    Constraints:
    - (C1) the result is of i32 and has the dimension.
  }];
  let arguments = (ins I32:$first, I64Attr:$dimension);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$dimension `from` $first attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Tile_StoreRowsOp : Tile_Op<"store_rows", [AttrSizedOperandSegments]> {
  let summary = "Write columns of rows, up to a bound";
  let description = [{
    Writes element `(j, t)` of `value` to column `first + t` of row `row + j` of
    the array at `base`, if `first + t < end`, and nothing else. `row_stride` is
    in elements; a row is shorter than 2^29 elements. A negative `end` is none.
    With `last`, what would go to a row past it goes to it; with `where`, only
    elements whose flag is true are written.

    ```mlir
    tile.store_rows %cell, %logits[%row, %column] row_stride %stride below %width
        last %last_row where %sees : !logits, !tile.global<f32>, !flags
    ```

    Constraints:
    - (C1) `value` is `[rows, columns]` of 32-bit numbers and `base` points to
      its element type;
    - (C2) the mask is of i1 in the shape and distribution of `value`.
  }];
  let arguments = (ins
    AnyRankedTensor:$value,
    Arg<Tile_GlobalType, "", [MemWrite]>:$base,
    I32:$row,
    I32:$first,
    I64:$rowStride,
    I32:$end,
    Optional<I32>:$lastRow,
    Optional<AnyRankedTensor>:$mask
  );
  let assemblyFormat = [{
    $value `,` $base `[` $row `,` $first `]` `row_stride` $rowStride
    `below` $end (`last` $lastRow^)? (`where` $mask^)? attr-dict
    `:` type($value) `,` type($base) (`,` type($mask)^)?
  }];
  let hasVerifier = 1;
}

def Tile_StoreVisibleOp : Tile_Op<"store_visible"> {
  let summary = "Write the columns of query rows that the rows may see";
  let description = [{
    Writes element `(j, t)` of `value` to column `first + t` of row `row + j` of
    the array at `base`, if `first + t < end + j`, and nothing else: a query
    token sees one position more than the token before it. `row_stride` is in
    elements; a row is shorter than 2^29 elements. A negative `end + j` means
    that row `j` sees nothing.

    Constraints:
    - (C1) `value` is `[rows, columns]` of 32-bit numbers and `base` points to
      its element type.
  }];
  let arguments = (ins
    AnyRankedTensor:$value,
    Arg<Tile_GlobalType, "", [MemWrite]>:$base,
    I32:$row,
    I32:$first,
    I64:$rowStride,
    I32:$end
  );
  let assemblyFormat = [{
    $value `,` $base `[` $row `,` $first `]` `row_stride` $rowStride
    `visible` $end attr-dict `:` type($value) `,` type($base)
  }];
  let hasVerifier = 1;
}

def Tile_ScanAddOp : Tile_Op<"scan_add", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "Inclusive prefix sum over the lanes of a wave";
  let description = [{
    Element `l` of the result is the sum of elements 0 to `l`.

    Constraints:
    - (C1) the tensor has one dimension, one element a lane, in order, of i32.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_CountOp : Tile_Op<"count", [Pure]> {
  let summary = "How many elements are true";
  let description = [{
    Constraints:
    - (C1) the tensor is of i1, of one dimension, one element a fragment, and
      element `64*f + l` is that of fragment `f` of lane `l`.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs I32:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_RankOp : Tile_Op<"rank", [Pure]> {
  let summary = "How many elements before each are true";
  let description = [{
    `result[i]` is the number of true elements among the first `i`.

    ```mlir
    %place = tile.rank %wanted : !flags -> !numbers
    ```

    Constraints:
    - (C1) of `tile.count`, for the operand;
    - (C2) the result is of i32, in the shape and distribution of the operand.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_ExtractOp : Tile_Op<"extract", [Pure]> {
  let summary = "The element of one lane, as a scalar";
  let description = [{
    `lane` is below the number of lanes.

    Constraints:
    - (C1) the tensor has one dimension, one element a lane, in order, of i32.
  }];
  let arguments = (ins AnyRankedTensor:$input, I32:$lane);
  let results = (outs I32:$result);
  let assemblyFormat = "$input `[` $lane `]` attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_ExtendOp : Tile_Op<"extend", [Pure]> {
  let summary = "The same numbers in a type that has them all";
  let description = [{
    Extends floats, and integers by their sign. Unlike `arith.extf` and
    `arith.extsi` it also takes a type that needs no extending, so that a
    template works for sources of several types.

    Constraints:
    - (C1) operand and result have one shape and distribution, and their
      elements are both integers or both floats of at least 16 bits, those of
      the result not narrower; floats of equal width have one type.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

class Tile_RowOp<string mnemonic> : Tile_Op<mnemonic, [Pure]> {
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_RowMaxOp : Tile_RowOp<"row_max"> {
  let summary = "The largest integer of each row";
  let description = [{
    `result[r] = max over c of input[r, c]`, signed. (The bits of floats that are
    not negative are ordered like the floats.) Each lane takes the maximum of
    what it holds; then the lanes that hold other columns of the row exchange
    theirs, so that each of them has the result.

    Constraints:
    - (C1) `input` is `[rows, columns]` and `result` `[rows]`, both of i32;
    - (C2) `result` has one element a fragment, and each lane holds in it the
      rows of its fragments of `input`.

    A target may have no exchange between lanes as far apart as the columns
    are, and says so when it lowers the operation.
  }];
}

def Tile_RowSumOp : Tile_RowOp<"row_sum"> {
  let summary = "The sum of each row";
  let description = [{
    `result[r] = sum over c of input[r, c]` in float32, in an order that the
    distribution says: each lane adds its fragments of the row, element by
    element, one after the other; of the elements of that sum the upper half is
    added to the lower until one is left; then lanes that hold other columns
    of the row add theirs, from the nearest ones on. Lanes have the same bits.

    Constraints:
    - (C1) `input` is `[rows, columns]` and `result` `[rows]`, both of f32;
    - (C2) `result` has one element a fragment, and each lane holds in it the
      rows of its fragments of `input`;
    - (C3) a fragment of `input` has a power of two of elements.

    A target may have no exchange between lanes as far apart as the columns
    are, and says so when it lowers the operation.
  }];
}

class Tile_ColumnPairOp<string mnemonic> : Tile_Op<mnemonic,
    [Pure, AllTypesMatch<["input", "result"]>]> {
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$distance);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `distance` $distance attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_ButterflyOp : Tile_ColumnPairOp<"butterfly"> {
  let summary = "Sum and difference of columns, pair by pair";
  let description = [{
    Of each pair of columns `c` and `c + distance`, where `c & distance` is 0,
    with the numbers `a` and `b`: the first becomes `a + b`, the second `a - b`.
    With every power of two below the columns once, rows are multiplied by the
    Hadamard matrix.

    Constraints:
    - (C1) the tensor is `[rows, columns]` of f32, and `distance` a power of two
      below `columns`;
    - (C2) the columns of a pair are in one lane, or at the same place of lanes
      whose numbers differ in one bit.

    A target may have no exchange between lanes as far apart, and says so when
    it lowers the operation.
  }];
}

def Tile_QuarterTurnOp : Tile_ColumnPairOp<"quarter_turn"> {
  let summary = "Columns turned by a right angle, pair by pair";
  let description = [{
    Of each pair of columns as in `tile.butterfly`, `(a, b)` becomes `(-b, a)`:
    `input * cos + turned * sin` is a rotation.

    Constraints: as for `tile.butterfly`.
  }];
}

def Tile_SpreadColumnsOp : Tile_Op<"spread_columns", [Pure]> {
  let summary = "Each column several times, and all of them again";
  let description = [{
    `result[r, c] = input[r, (c / times) % columns]`, where `columns` are those
    of `input`.

    Constraints:
    - (C1) `input` and `result` are `[rows, columns]` with the same rows and
      one element type, not fp8, and `times` is positive;
    - (C2) each lane holds in `input` what it holds in `result`.
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$times);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `by` $times attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_SumWordsOp : Tile_RowOp<"sum_words"> {
  let summary = "The sum of the 32-bit words of each row";
  let description = [{
    Element `(..., t)` of the result is the sum, modulo 2^32, of the
    little-endian words that four consecutive bytes of row `t` of `input` are.
    Dimensions before the last repeat it. Each lane adds what it holds; then
    lanes that hold other words of the same row exchange their sums, as for
    `tile.weighted_sum`.

    Constraints:
    - (C1) `input` is `[tokens, bytes]` of fp8 and the result `[..., tokens]` of
      i32;
    - (C2) a fragment of `input` is consecutive bytes of a row, from a multiple
      of four on.
  }];
}

def Tile_BroadcastOp : Tile_RowOp<"broadcast"> {
  let summary = "A number of each row, in all of its columns";
  let description = [{
    `result[r, c] = input[r]`.

    Constraints:
    - (C1) `result` is `[rows, columns]` and `input` `[rows]`, of one element
      type;
    - (C2) `input` has one element a fragment, and each lane holds in it the
      rows of its fragments of `result`.
  }];
}

def Tile_KeepRowsOp : Tile_Op<"keep_rows", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "Rows, or zeros instead of them";
  let description = [{
    Row `r` of the result is that of `input` where `mask[r]` is true, else zeros.
    Unlike `arith.select` it takes any type, fp8 too, and one flag a row.

    Constraints:
    - (C1) `input` is `[rows, columns]` and `mask` is `[rows]` of i1;
    - (C2) `mask` has one element a fragment, and each lane holds in it the rows
      of its fragments of `input`.
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$mask);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `where` $mask attr-dict `:` type($input) `,` type($mask)";
  let hasVerifier = 1;
}

def Tile_AnyOp : Tile_Op<"any", [Pure]> {
  let summary = "Whether any element is true";
  let description = [{
    Constraints:
    - (C1) the tensor is of i1, one element a fragment.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs I1:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Tile_AtomicOrOp : Tile_Op<"atomic_or"> {
  let summary = "Set bits of a number in memory";
  let description = [{
    Sets the bits of `bits` in the number at `base`, once for the wave, without
    losing those that other waves set at the same time. If no bit is to be set,
    or if `base` is null, nothing is read or written.

    ```mlir
    tile.atomic_or %bits, %error : !tile.global<i32>
    ```

    Constraints:
    - (C1) `base` points to i32.
  }];
  let arguments = (ins
    I32:$bits,
    Arg<Tile_GlobalType, "", [MemRead, MemWrite]>:$base
  );
  let assemblyFormat = "$bits `,` $base attr-dict `:` type($base)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// What waves share
//===----------------------------------------------------------------------===//

def Tile_AllocSharedOp : Tile_Op<"alloc_shared", [MemoryEffects<[MemAlloc]>]> {
  let summary = "Memory that the waves of a workgroup share";
  let description = [{
    The same memory for all waves of a workgroup, for as long as it runs. Each
    operation has its own.

    ```mlir
    %bins = tile.alloc_shared : !tile.shared<2048 x i32>
    ```
  }];
  let results = (outs Tile_SharedType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Tile_LoadSharedOp : Tile_Op<"load_shared", [MemoryEffects<[MemRead]>]> {
  let summary = "Read numbers of a workgroup";
  let description = [{
    Element `i` of the result is number `indices[i]` of `memory`, which has it.

    ```mlir
    %count = tile.load_shared %bins[%bin] : !tile.shared<2048 x i32>, !numbers -> !numbers
    ```

    Constraints:
    - (C1) `indices` is of i32, of one dimension, one element a fragment, and
      element `64*f + l` is that of fragment `f` of lane `l`;
    - (C2) the result is of the type of the numbers, in the shape and
      distribution of `indices`.
  }];
  let arguments = (ins Tile_SharedType:$memory, AnyRankedTensor:$indices);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $memory `[` $indices `]` attr-dict
    `:` type($memory) `,` type($indices) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreSharedOp : Tile_Op<"store_shared", [MemoryEffects<[MemWrite]>]> {
  let summary = "Write numbers of a workgroup";
  let description = [{
    Makes `value[i]` number `indices[i]` of `memory`, which has it, where
    `mask[i]` is true. Of several for one number, one stays.

    Constraints:
    - (C1) of `tile.load_shared`;
    - (C2) `value` is of the type of the numbers, and `mask` of i1, in the shape
      and distribution of `indices`.
  }];
  let arguments = (ins
    AnyRankedTensor:$value,
    Tile_SharedType:$memory,
    AnyRankedTensor:$indices,
    AnyRankedTensor:$mask
  );
  let assemblyFormat = [{
    $value `,` $memory `[` $indices `]` `where` $mask attr-dict
    `:` type($value) `,` type($memory) `,` type($indices) `,` type($mask)
  }];
  let hasVerifier = 1;
}

class Tile_AtomicOp<string mnemonic> :
    Tile_Op<mnemonic, [MemoryEffects<[MemRead, MemWrite]>]> {
  let arguments = (ins
    AnyRankedTensor:$value,
    AnyTypeOf<[Tile_GlobalType, Tile_SharedType]>:$memory,
    AnyRankedTensor:$indices,
    AnyRankedTensor:$mask
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $value `,` $memory `[` $indices `]` `where` $mask attr-dict
    `:` type($value) `,` type($memory) `,` type($indices) `,` type($mask)
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_AtomicAddOp : Tile_AtomicOp<"atomic_add"> {
  let summary = "Add to numbers in memory, each in one step";
  let description = [{
    Adds `value[i]` to number `indices[i]` of `memory`, where `mask[i]` is true,
    without losing what other lanes, waves and, in global memory, workgroups do
    to it at the same time. `result[i]` is the number before, or 0 where the mask
    is false. It orders no other memory. Indices are not negative.

    ```mlir
    %before = tile.atomic_add %ones, %bins[%bin] where %counts
        : !numbers, !tile.shared<2048 x i32>, !numbers, !flags -> !numbers
    ```

    Constraints:
    - (C1) of `tile.load_shared`;
    - (C2) `memory` and `value` are of i32 and `mask` is of i1; `value`, `mask`
      and the result have the shape and distribution of `indices`.
  }];
}

def Tile_AtomicExchangeOp : Tile_AtomicOp<"atomic_exchange"> {
  let summary = "Replace numbers in memory, each in one step";
  let description = [{
    As `tile.atomic_add`, but `value[i]` takes the place of the number.

    Constraints:
    - (C1) and (C2) of `tile.atomic_add`.
  }];
}

def Tile_BarrierOp : Tile_Op<"barrier", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "Wait for the other waves of the workgroup";
  let description = [{
    No wave of a workgroup goes on before all have come here, and what they wrote
    to their shared memory is there. Either all or no waves come here.
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_ReleaseOp : Tile_Op<"release", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "What this wave has written comes before what it writes next";
  let description = [{
    Whoever sees, by an atomic operation, what this wave writes after it, and
    then has a `tile.acquire`, sees what it wrote before it, in any workgroup.
  }];
  let assemblyFormat = "attr-dict";
}

def Tile_AcquireOp : Tile_Op<"acquire", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "What this wave reads next is no older than what it has read";
  let description = [{ The other side of `tile.release`. }];
  let assemblyFormat = "attr-dict";
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

def Tile_PipelinedForOp : Tile_Op<"pipelined_for",
    [SingleBlock, RecursiveMemoryEffects]> {
  let summary = "A loop whose loads run one step ahead of its arithmetic";
  let description = [{
    For every `i` in `[lower, upper)`, in order: the `load` region reads what
    step `i` needs and yields it, then the `compute` region works on it. The
    loads of step `i + 1` are issued while step `i` computes, each as soon as
    the registers that it fills are free. The `load` region has no side effects
    and is never run for a step outside the range.

    ```mlir
    tile.pipelined_for %i = %lower to %upper load {
      %k = tile.load_keys ...
      tile.yield %k : !keys
    } compute (%k : !keys) {
      ...
    }
    ```

    Constraints:
    - (C1) the types of the `compute` arguments are those that `load` yields;
    - (C2) operations in `load` do not write;
    - (C3) `compute` yields nothing.
  }];
  let arguments = (ins I32:$lower, I32:$upper);
  let regions = (region SizedRegion<1>:$load, SizedRegion<1>:$compute);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike,
    ParentOneOf<["PipelinedForOp"]>]> {
  let summary = "What a region gives to its operation";
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "attr-dict ($values^ `:` type($values))?";
  let builders = [OpBuilder<(ins), [{ /* yields nothing */ }]>];
}

#endif // HIPDEX_TILE_TD
