// RUN: hipdex-opt %s -tile-to-gpu -split-input-file -verify-diagnostics

// The target.
// expected-error @below {{needs one #rocdl.target of a supported chip}}
gpu.module @kernels {
}

// -----

// expected-error @below {{needs one #rocdl.target of a supported chip}}
gpu.module @kernels [#rocdl.target<chip = "gfx90a">] {
}

// -----

// expected-error @below {{needs one #rocdl.target of a supported chip}}
gpu.module @kernels [#rocdl.target<chip = "gfx942">, #rocdl.target<chip = "gfx950">] {
}

// -----

// Operations on every element.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>) {
    // expected-error @below {{'arith.addf' op is arithmetic on fp8, which is only moved and multiplied}}
    // expected-error @below {{failed to legalize operation 'arith.addf' that was explicitly marked illegal}}
    %r = arith.addf %a, %a : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>) {
    // expected-error @below {{'arith.extf' op is arithmetic on fp8, which is only moved and multiplied}}
    // expected-error @below {{failed to legalize operation 'arith.extf' that was explicitly marked illegal}}
    %r = arith.extf %a : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>> to tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() {
    // expected-error @below {{'arith.constant' op is not one number in a distributed tensor (of anything but fp8)}}
    // expected-error @below {{failed to legalize operation 'arith.constant' that was explicitly marked illegal}}
    %r = arith.constant dense<0.0> : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() {
    // expected-error @below {{'arith.constant' op is not one number in a distributed tensor (of anything but fp8)}}
    // expected-error @below {{failed to legalize operation 'arith.constant' that was explicitly marked illegal}}
    %r = arith.constant dense<0> : tensor<64xi32>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() {
    // expected-error @below {{'arith.constant' op is not one number in a distributed tensor (of anything but fp8)}}
    // expected-error @below {{failed to legalize operation 'arith.constant' that was explicitly marked illegal}}
    %r = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63]> : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : i32) {
    // expected-error @below {{'tensor.splat' op is not a distributed tensor (of anything but fp8)}}
    // expected-error @below {{failed to legalize operation 'tensor.splat' that was explicitly marked illegal}}
    %r = tensor.splat %s : tensor<64xi32>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : f8E4M3FNUZ) {
    // expected-error @below {{'tensor.splat' op is not a distributed tensor (of anything but fp8)}}
    // expected-error @below {{failed to legalize operation 'tensor.splat' that was explicitly marked illegal}}
    %r = tensor.splat %s : tensor<256xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

// Loads.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%p : !tile.global<i32>, %n : i32) {
    // expected-error @below {{'tile.load' op of a scalar takes no bound}}
    // expected-error @below {{failed to legalize operation 'tile.load' that was explicitly marked illegal}}
    %r = tile.load %p[0] strides [1] below %n : !tile.global<i32> -> i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%p : !tile.global<f8E4M3FNUZ>) {
    // expected-error @below {{'tile.load' op of a scalar gives no fp8}}
    // expected-error @below {{failed to legalize operation 'tile.load' that was explicitly marked illegal}}
    %r = tile.load %p[0] strides [1] : !tile.global<f8E4M3FNUZ> -> f8E4M3FNUZ
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%p : !tile.global<i32>, %n : i32, %s : i64) {
    // expected-error @below {{'tile.load' op with a bound has one element a fragment and a static last stride}}
    // expected-error @below {{failed to legalize operation 'tile.load' that was explicitly marked illegal}}
    %r = tile.load %p[0] strides [%s] below %n : !tile.global<i32> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%p : !tile.global<i32>, %n : i32) {
    // expected-error @below {{'tile.load' op with a bound has one element a fragment and a static last stride}}
    // expected-error @below {{failed to legalize operation 'tile.load' that was explicitly marked illegal}}
    %r = tile.load %p[0] strides [1] below %n : !tile.global<i32> -> tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%p : !tile.global<f8E4M3FNUZ>) {
    // expected-error @below {{'tile.load' op of fp8 takes fragments of consecutive elements}}
    // expected-error @below {{failed to legalize operation 'tile.load' that was explicitly marked illegal}}
    %r = tile.load %p[0] strides [1] : !tile.global<f8E4M3FNUZ> -> tensor<512xf8E4M3FNUZ, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1, 2 x d0 by 256]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
    // expected-error @below {{'tile.lookup' op gives one entry a fragment}}
    // expected-error @below {{failed to legalize operation 'tile.lookup' that was explicitly marked illegal}}
    %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 16 : !tile.global<i32> -> tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>>
    gpu.return
  }
}

// -----

// In blocks of 4 tokens, 3 tokens on and 6 tokens on are not 9 tokens on.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%c : !indexer.cache<page_size = 4, head_dim = 16, order = plain, fp8 = f8E4M3FNUZ>, %e : tensor<256xi32, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = []>>, %i : i32, %s : i64) {
    // expected-error @below {{'tile.load_keys' op lanes do not add up by bits}}
    // expected-error @below {{failed to legalize operation 'tile.load_keys' that was explicitly marked illegal}}
    %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 4 : !indexer.cache<page_size = 4, head_dim = 16, order = plain, fp8 = f8E4M3FNUZ>, tensor<256xi32, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = []>> -> tensor<256x16xf8E4M3FNUZ, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = [16 x d1 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%c : !indexer.cache<page_size = 4, head_dim = 16, order = plain, fp8 = f8E4M3FNUZ>, %e : tensor<256xi32, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = []>>, %i : i32, %s : i64) {
    // expected-error @below {{'tile.load_scales' op lanes do not add up by bits}}
    // expected-error @below {{failed to legalize operation 'tile.load_scales' that was explicitly marked illegal}}
    %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 4 : !indexer.cache<page_size = 4, head_dim = 16, order = plain, fp8 = f8E4M3FNUZ>, tensor<256xi32, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = []>> -> tensor<256xf32, #tile.distribution<lane = [2 x d0 by 3, 32 x d0 by 6], fragment = [67 x d0 by 1], element = []>>
    gpu.return
  }
}

// -----

// Stores.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%v : tensor<2x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>>, %p : !tile.global<f32>, %i : i32, %s : i64) {
    // expected-error @below {{'tile.store_visible' op stores one row and one column a fragment}}
    // expected-error @below {{failed to legalize operation 'tile.store_visible' that was explicitly marked illegal}}
    tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : tensor<2x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>>, !tile.global<f32>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%v : tensor<1x128xf32, #tile.distribution<lane = [64 x d1 by 2], fragment = [], element = [2 x d1 by 1]>>, %p : !tile.global<f32>, %i : i32, %s : i64) {
    // expected-error @below {{'tile.store_visible' op stores one row and one column a fragment}}
    // expected-error @below {{failed to legalize operation 'tile.store_visible' that was explicitly marked illegal}}
    tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : tensor<1x128xf32, #tile.distribution<lane = [64 x d1 by 2], fragment = [], element = [2 x d1 by 1]>>, !tile.global<f32>
    gpu.return
  }
}

// -----

// Products: a transposed accumulator, operands that are not rows on lanes, an
// accumulator of no square tile, none for the shape, depth that is there twice.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 32x32 product of operands in these distributions}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 64], fragment = [4 x d1 by 16], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 32x32 product of operands in these distributions}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 64], fragment = [4 x d1 by 16], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 4], fragment = [], element = [4 x d0 by 1, 4 x d0 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 8], fragment = [8 x d1 by 16], element = [8 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 32x32 product of operands in these distributions}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 8], fragment = [8 x d1 by 16], element = [8 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 4], fragment = [], element = [4 x d0 by 1, 4 x d0 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 0x0 product of operands in these distributions}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 4], fragment = [2 x d0 by 16], element = [4 x d0 by 1, 2 x d0 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 32x32 product of 7 by 7 chunks on this target}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 4], fragment = [], element = [4 x d0 by 1, 4 x d0 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.mma' op has no 32x32 product of 4 by 7 chunks on this target}}
    // expected-error @below {{failed to legalize operation 'tile.mma' that was explicitly marked illegal}}
    %r = tile.mma %a, %b : tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32], element = [16 x d1 by 1]>>, tensor<32x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [7 x d1 by 16], element = [16 x d1 by 1]>> -> tensor<32x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 4], fragment = [], element = [4 x d0 by 1, 4 x d0 by 8]>>
    gpu.return
  }
}

// -----

// Sums: lanes of the result that are not the tokens, tokens that are not the
// lanes, rows that are there twice, several numbers a lane.

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, %w : tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>>) {
    // expected-error @below {{'tile.weighted_sum' op cannot sum 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' into 'tensor<1x64xf32, #tile.distribution<lane = [32 x d1 by 2, 2 x d1 by 1], fragment = [], element = []>>' on this target}}
    // expected-error @below {{failed to legalize operation 'tile.weighted_sum' that was explicitly marked illegal}}
    %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>> -> tensor<1x64xf32, #tile.distribution<lane = [32 x d1 by 2, 2 x d1 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : tensor<1x32x64xf32, #tile.distribution<lane = [64 x d2 by 1], fragment = [], element = [32 x d1 by 1]>>, %w : tensor<1x32xf32, #tile.distribution<lane = [64 x d0 by 0], fragment = [], element = [32 x d1 by 1]>>) {
    // expected-error @below {{'tile.weighted_sum' op cannot sum 'tensor<1x32x64xf32, #tile.distribution<lane = [64 x d2 by 1], fragment = [], element = [32 x d1 by 1]>>' into 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>' on this target}}
    // expected-error @below {{failed to legalize operation 'tile.weighted_sum' that was explicitly marked illegal}}
    %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32, #tile.distribution<lane = [64 x d2 by 1], fragment = [], element = [32 x d1 by 1]>>, tensor<1x32xf32, #tile.distribution<lane = [64 x d0 by 0], fragment = [], element = [32 x d1 by 1]>> -> tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 0, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, %w : tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>>) {
    // expected-error @below {{'tile.weighted_sum' op cannot sum 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 0, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' into 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>' on this target}}
    // expected-error @below {{failed to legalize operation 'tile.weighted_sum' that was explicitly marked illegal}}
    %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d1 by 0, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>> -> tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%s : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, %w : tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>>) {
    // expected-error @below {{'tile.weighted_sum' op cannot sum 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' into 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = [2 x d1 by 0]>>' on this target}}
    // expected-error @below {{failed to legalize operation 'tile.weighted_sum' that was explicitly marked illegal}}
    %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>, tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>> -> tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = [2 x d1 by 0]>>
    gpu.return
  }
}

// -----

// Waves.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() attributes {known_block_size = array<i32: 128, 2, 1>} {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() attributes {known_block_size = array<i32: 96, 1, 1>} {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() attributes {known_block_size = array<i32: 0, 1, 1>} {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f() attributes {known_block_size = array<i32: -64, 1, 1>} {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  func.func @f() {
    // expected-error @below {{'tile.wave_id' op needs a gpu.func whose known_block_size is waves of 64 in x}}
    // expected-error @below {{failed to legalize operation 'tile.wave_id' that was explicitly marked illegal}}
    %r = tile.wave_id : i32
    return
  }
}

// -----

// What other passes have to remove first.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%i : i32) {
    // expected-error @below {{failed to legalize operation 'tile.pipelined_for' that was explicitly marked illegal}}
    tile.pipelined_for %s = %i to %i load { tile.yield } compute () { }
    gpu.return
  }
}

// -----

// Rows.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>) {
    // expected-error @below {{'arith.truncf' op gives 'f8E4M3FN', which is not the fp8 format of this target}}
    // expected-error @below {{failed to legalize operation 'arith.truncf' that was explicitly marked illegal}}
    %r = arith.truncf %a : tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>> to tensor<256xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<2x32xi32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>>) {
    // expected-error @below {{'tile.row_max' op has no exchange between lanes 16 apart on this target}}
    // expected-error @below {{failed to legalize operation 'tile.row_max' that was explicitly marked illegal}}
    %r = tile.row_max %a : tensor<2x32xi32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>> -> tensor<2xi32, #tile.distribution<lane = [32 x d0 by 0, 2 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

// Lanes that differ in a lower bit hold another row.
gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  gpu.func @f(%a : tensor<32x2xi32, #tile.distribution<lane = [2 x d0 by 1, 2 x d1 by 1, 16 x d0 by 2], fragment = [], element = []>>) {
    // expected-error @below {{'tile.row_max' op has no exchange between lanes 2 apart on this target}}
    // expected-error @below {{failed to legalize operation 'tile.row_max' that was explicitly marked illegal}}
    %r = tile.row_max %a : tensor<32x2xi32, #tile.distribution<lane = [2 x d0 by 1, 2 x d1 by 1, 16 x d0 by 2], fragment = [], element = []>> -> tensor<32xi32, #tile.distribution<lane = [2 x d0 by 1, 2 x d0 by 0, 16 x d0 by 2], fragment = [], element = []>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  gpu.func @f(%a : tensor<256xf16, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>) {
    // expected-error @below {{'arith.truncf' op to fp8 is of f32, not of 'f16'}}
    // expected-error @below {{failed to legalize operation 'arith.truncf' that was explicitly marked illegal}}
    %r = arith.truncf %a : tensor<256xf16, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>> to tensor<256xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  gpu.func @f(%k : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.sum_words' op cannot sum}}
    // expected-error @below {{failed to legalize operation 'tile.sum_words' that was explicitly marked illegal}}
    %r = tile.sum_words %k : tensor<8x128xf8E4M3FN, #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>> -> tensor<8xi32, #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

// Bytes that two lanes hold would count twice.
gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  gpu.func @f(%k : tensor<64x16xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 0], fragment = [2 x d0 by 32], element = [16 x d1 by 1]>>) {
    // expected-error @below {{'tile.sum_words' op cannot sum}}
    // expected-error @below {{failed to legalize operation 'tile.sum_words' that was explicitly marked illegal}}
    %r = tile.sum_words %k : tensor<64x16xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 0], fragment = [2 x d0 by 32], element = [16 x d1 by 1]>> -> tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}

// -----

// Not equal in lanes that differ in lower bits.
gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  gpu.func @f(%a : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 1, 2 x d1 by 4, 8 x d0 by 1], fragment = [], element = [4 x d1 by 8]>>) {
    // expected-error @below {{'tile.butterfly' op has no exchange between lanes 4 apart on this target}}
    // expected-error @below {{failed to legalize operation 'tile.butterfly' that was explicitly marked illegal}}
    %r = tile.butterfly %a distance 4 : tensor<8x32xf32, #tile.distribution<lane = [4 x d1 by 1, 2 x d1 by 4, 8 x d0 by 1], fragment = [], element = [4 x d1 by 8]>>
    gpu.return
  }
}

// -----

gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  gpu.func @f(%a : tensor<2x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>>) {
    // expected-error @below {{'tile.row_sum' op has no exchange between lanes 16 apart on this target}}
    // expected-error @below {{failed to legalize operation 'tile.row_sum' that was explicitly marked illegal}}
    %r = tile.row_sum %a : tensor<2x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 1], fragment = [], element = []>> -> tensor<2xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d0 by 1], fragment = [], element = []>>
    gpu.return
  }
}
