// RUN: hipdex-opt %s -split-input-file -verify-diagnostics

// Distributions: the attribute by itself, then as the encoding of a tensor.

// expected-error @below {{expected 'lane'}}
func.func private @f() attributes {d = #tile.distribution<element = [], lane = [], fragment = []>}

// -----

// expected-error @below {{expected '['}}
func.func private @f() attributes {d = #tile.distribution<lane = 64, fragment = [], element = []>}

// -----

// expected-error @below {{expected 'x'}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 d0 by 1], fragment = [], element = []>}

// -----

// expected-error @below {{expected a dimension such as d0 or d1}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x x0 by 1], fragment = [], element = []>}

// -----

// expected-error @below {{expected a dimension such as d0 or d1}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d99999999999999999999 by 1], fragment = [], element = []>}

// -----

// expected-error @below {{expected 'by'}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0], fragment = [], element = []>}

// -----

// expected-error @below {{(C1) axis 0 x d0 by 1 needs a count from 1 and a step from 0, both below 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [0 x d0 by 1], element = []>}

// -----

// expected-error @below {{(C1) axis -2 x d0 by 1 needs a count from 1 and a step from 0, both below 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = [-2 x d0 by 1]>}

// -----

// expected-error @below {{(C1) axis 64 x d0 by -1 needs a count from 1 and a step from 0, both below 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by -1], fragment = [], element = []>}

// -----

// expected-error @below {{(C1) axis 1048576 x d0 by 0 needs a count from 1 and a step from 0, both below 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [1048576 x d0 by 0], element = []>}

// -----

// expected-error @below {{(C1) axis 2 x d0 by 9223372036854775807 needs a count from 1 and a step from 0, both below 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 9223372036854775807], element = []>}

// -----

// expected-error @below {{integer value too large}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 9223372036854775808], element = []>}

// -----

// expected-error @below {{(C1) a list of axes has 1048576 places or more, must have less than 1048576}}
func.func private @f() attributes {d = #tile.distribution<lane = [64 x d0 by 1], fragment = [1024 x d0 by 1, 1024 x d0 by 0, 1024 x d0 by 0], element = []>}

// -----

// expected-error @below {{(C2) a distributed tensor has a static shape}}
func.func private @f(tensor<?xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C2) a distributed tensor is of integers or floats, not 'complex<f32>'}}
func.func private @f(tensor<64xcomplex<f32>, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C2) a distributed tensor is of integers or floats, not 'index'}}
func.func private @f(tensor<64xindex, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C2) a distributed tensor is of integers or floats, not '!tile.global<i32>'}}
func.func private @f(tensor<64x!tile.global<i32>, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C2) distribution names dimension d1 of a tensor with 1 dimensions}}
func.func private @f(tensor<64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C2) distribution names dimension d0 of a tensor with 0 dimensions}}
func.func private @f(tensor<i32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C3) distribution has 32 lanes, but a wave has 64}}
func.func private @f(tensor<32xi32, #tile.distribution<lane = [32 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C3) distribution has 1 lanes, but a wave has 64}}
func.func private @f(tensor<i32, #tile.distribution<lane = [], fragment = [], element = []>>)

// -----

// expected-error @below {{(C4) a fragment of 2 x 'f8E4M3FN' does not fill 32-bit registers}}
func.func private @f(tensor<128xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>>)

// -----

// expected-error @below {{(C4) a fragment of 1 x 'f8E4M3FN' does not fill 32-bit registers}}
func.func private @f(tensor<64xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C4) a fragment of 3 x 'i8' does not fill 32-bit registers}}
func.func private @f(tensor<192xi8, #tile.distribution<lane = [64 x d0 by 3], fragment = [], element = [3 x d0 by 1]>>)

// -----

// expected-error @below {{(C4) a lane holds 1024 registers of the tensor, but has 512}}
func.func private @f(tensor<65536xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [64 x d0 by 64], element = [16 x d0 by 4096]>>)

// -----

// expected-error @below {{(C4) a lane holds 1000000 registers of the tensor, but has 512}}
func.func private @f(tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [1000000 x d0 by 0], element = []>>)

// -----

// expected-error @below {{(C5) distribution reaches index 127 of dimension d0, which has 64}}
func.func private @f(tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>)

// -----

// expected-error @below {{(C5) distribution reaches index 66060225 of dimension d0, which has 64}}
func.func private @f(tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1048575], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution reaches index 63 of dimension d0, which has 0}}
func.func private @f(tensor<0xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d0, which has 65}}
func.func private @f(tensor<65xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d0, which has 127}}
func.func private @f(tensor<127xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d1, which has 2}}
func.func private @f(tensor<64x2xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d0, which has 1000000000000}}
func.func private @f(tensor<1000000000000xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d0, which has 68}}
func.func private @f(tensor<68xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 36], fragment = [2 x d0 by 0], element = []>>)

// -----

// expected-error @below {{(C5) distribution does not reach every index of dimension d0, which has 68}}
func.func private @f(tensor<68xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 36], fragment = [], element = []>>)

// -----

// Pointers.
// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'i1'}}
func.func private @f(!tile.global<i1>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'index'}}
func.func private @f(!tile.global<index>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'i128'}}
func.func private @f(!tile.global<i128>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'si32'}}
func.func private @f(!tile.global<si32>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'tensor<4xi32>'}}
func.func private @f(!tile.global<tensor<4xi32>>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'f80'}}
func.func private @f(!tile.global<f80>)

// -----

// expected-error @below {{(C1) points to signless integers or floats of 8, 16, 32 or 64 bits, not 'vector<4xf32>'}}
func.func private @f(!tile.global<vector<4xf32>>)

// -----

// tile.load

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C1) has 1 indices and 2 strides for a result of 0 dimensions}}
  %r = tile.load %p[%i] strides [1, 1] : !tile.global<i32> -> i32
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C1) has 0 indices and 0 strides for a result of 1 dimensions}}
  %r = tile.load %p[] strides [] : !tile.global<i32> -> !lanes
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C1) needs 2 index and 0 stride operands, has 1 and 0}}
  %r = "tile.load"(%p, %i) {staticIndices = array<i64: -9223372036854775808, -9223372036854775808>, staticStrides = array<i64: 1, 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>} : (!tile.global<i32>, i32) -> i32
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C1) needs 0 index and 0 stride operands, has 1 and 0}}
  %r = "tile.load"(%p, %i) {staticIndices = array<i64: 0>, staticStrides = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>} : (!tile.global<i32>, i32) -> i32
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C1) has 1 indices and 0 strides for a result of 0 dimensions}}
  %r = "tile.load"(%p, %i) {staticIndices = array<i64: -9223372036854775808>, staticStrides = array<i64>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>} : (!tile.global<i32>, i32) -> i32
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C2) gives 'f32' from '!tile.global<i32>'}}
  %r = tile.load %p[%i] strides [1] : !tile.global<i32> -> f32
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%p : !tile.global<i64>, %i : i32) {
  // expected-error @below {{'tile.load' op (C2) gives 'i32' from '!tile.global<i64>'}}
  %r = tile.load %p[%i] strides [1] : !tile.global<i64> -> !lanes
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op the result is 'tensor<64xi32>', which has no #tile.distribution}}
  %r = tile.load %p[%i] strides [1] : !tile.global<i32> -> tensor<64xi32>
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op the result is 'tensor<i32>', which has no #tile.distribution}}
  %r = tile.load %p[%i] strides [1] : !tile.global<i32> -> tensor<i32>
  return
}

// -----

func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op result #0 must be signless integer or floating-point or ranked tensor of any type values, but got 'index'}}
  %r = tile.load %p[%i] strides [1] : !tile.global<i32> -> index
  return
}

// -----

func.func @f(%p : i32, %i : i32) {
  // expected-error @below {{'tile.load' op operand #0 must be A pointer to numbers in global memory, but got 'i32'}}
  %r = "tile.load"(%p, %i) {staticIndices = array<i64: -9223372036854775808>, staticStrides = array<i64: 1>, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0>} : (i32, i32) -> i32
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) a fragment's elements are not consecutive along the last dimension, with stride 1}}
  %r = tile.load %p[%i] strides [2] : !tile.global<f32> -> tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load' op (C3) a fragment's elements are not consecutive along the last dimension, with stride 1}}
  %r = tile.load %p[%i] strides [%s] : !tile.global<f32> -> tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) a fragment's elements are not consecutive along the last dimension, with stride 1}}
  %r = tile.load %p[%i] strides [1] : !tile.global<f32> -> tensor<256xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = [4 x d0 by 64]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) a fragment's elements are not consecutive along the last dimension, with stride 1}}
  %r = tile.load %p[%i, 0] strides [64, 1] : !tile.global<f32> -> tensor<4x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) runs of 4 elements do not all start at a multiple of 4}}
  %r = tile.load %p[2] strides [1] : !tile.global<f32> -> tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) runs of 4 elements do not all start at a multiple of 4}}
  %r = tile.load %p[%i, 0] strides [254, 1] : !tile.global<f32> -> tensor<256xf32, #tile.distribution<lane = [64 x d0 by 4], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C3) runs of 4 elements do not all start at a multiple of 4}}
  %r = tile.load %p[%i] strides [1] : !tile.global<f32> -> tensor<130xf32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [4 x d0 by 1]>>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C4) static strides are negative or span 2^31 bytes or more}}
  %r = tile.load %p[%i] strides [-1] : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C4) static strides are negative or span 2^31 bytes or more}}
  %r = tile.load %p[%i] strides [8600000] : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%p : !tile.global<i32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C4) static strides are negative or span 2^31 bytes or more}}
  %r = tile.load %p[%i] strides [9223372036854775807] : !tile.global<i32> -> !lanes
  return
}

// -----

// tile.lookup

func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op the result is 'tensor<64xi32>', which has no #tile.distribution}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 64 : !tile.global<i32> -> tensor<64xi32>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size 0 and the 64 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 0 : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size -64 and the 64 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size -64 : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size 48 and the 64 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 48 : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size 2147483648 and the 64 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 2147483648 : !tile.global<i32> -> !lanes
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size 9223372036854775807 and the 64 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 9223372036854775807 : !tile.global<i32> -> !lanes
  return
}

// -----

func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C1) kv_block_size 64 and the 192 tokens of a step must be powers of two, kv_block_size at most 2^30}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 64 : !tile.global<i32> -> tensor<192xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [3 x d0 by 64], element = []>>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
func.func @f(%t : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C2) gives i32 from a table of i32, not 'i64' from one of 'i32'}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 64 : !tile.global<i32> -> tensor<64xi64, #lanes>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%t : !tile.global<f32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.lookup' op (C2) gives i32 from a table of i32, not 'i32' from one of 'f32'}}
  %r = tile.lookup %t[%i, %i] row_stride %s last %i kv_block_size 64 : !tile.global<f32> -> !lanes
  return
}

// -----

// tile.load_keys and tile.load_scales

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op the result is 'tensor<64x128xf8E4M3FN>', which has no #tile.distribution}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xf8E4M3FN>
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
func.func @f(%c : !cache, %e : tensor<64xi32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op entries is 'tensor<64xi32>', which has no #tile.distribution}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, tensor<64xi32> -> !keys
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op the result is 'tensor<1x64xf32>', which has no #tile.distribution}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !entries -> tensor<1x64xf32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%c : !cache, %e : tensor<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op entries is 'tensor<i32>', which has no #tile.distribution}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, tensor<i32> -> !logits
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C1) gives [64, 128] of 'f8E4M3FN', not 'tensor<64x128xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xf8E4M3FNUZ, #keys>
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C1) gives [64, 128] of 'f8E4M3FN', not 'tensor<64x128xi8, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xi8, #keys>
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C1) gives [64, 128] of 'f8E4M3FN', not 'tensor<64x64xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x64xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C1) gives [64, 128] of 'f8E4M3FN', not 'tensor<32x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 1 x d0 by 32], element = [16 x d1 by 1]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<32x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 1 x d0 by 32], element = [16 x d1 by 1]>>
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C1) gives [64, 128] of 'f8E4M3FN', not 'tensor<1024xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 16], fragment = [], element = [16 x d0 by 1]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<1024xf8E4M3FN, #tile.distribution<lane = [64 x d0 by 16], fragment = [], element = [16 x d0 by 1]>>
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C2) byte 16 of a fragment is not at byte 16 of #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 32], fragment = [2 x d1 by 64, 2 x d0 by 32], element = [32 x d1 by 1]>>
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C2) byte 1 of a fragment is not at byte 1 of #indexer.cache_layout<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xf8E4M3FN, #tile.distribution<lane = [4 x d0 by 16, 16 x d1 by 1], fragment = [8 x d1 by 16], element = [16 x d0 by 1]>>
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
func.func @f(%c : !cache, %e : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 0], fragment = [2 x d0 by 1], element = []>>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C3) lane 1 loads token 1 but holds the entry of token 2}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 0], fragment = [2 x d0 by 1], element = []>> -> !keys
  return
}

// -----

#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C3) fragment 4 starts at token 16, whose entry no fragment of the entries starts at}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !key_entries -> tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 3 x d0 by 16], element = [16 x d1 by 1]>>
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) kv_block_size 48 does not divide page_size 64}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 48 : !cache, !key_entries -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) kv_block_size 0 does not divide page_size 64}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 0 : !cache, !key_entries -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) kv_block_size -1 does not divide page_size 64}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size -1 : !cache, !key_entries -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !cache, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) kv_block_size 128 does not divide page_size 64}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 128 : !cache, !key_entries -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) page_size 48 and kv_block_size 16 must be powers of two}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 16 : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !key_entries -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!keys = tensor<64x128xf8E4M3FN, #keys>
!key_entries = tensor<64xi32, #key_entries>
func.func @f(%c : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %e : !key_entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C4) page_size 48 and kv_block_size 3 must be powers of two}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 3 : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !key_entries -> !keys
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) kv_block_size 48 does not divide page_size 64}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 48 : !cache, !entries -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) kv_block_size 0 does not divide page_size 64}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 0 : !cache, !entries -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) kv_block_size -1 does not divide page_size 64}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size -1 : !cache, !entries -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) kv_block_size 128 does not divide page_size 64}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 128 : !cache, !entries -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) page_size 48 and kv_block_size 16 must be powers of two}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 16 : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !entries -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits = tensor<1x64xf32, #tokens>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C4) page_size 48 and kv_block_size 3 must be powers of two}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 3 : !indexer.cache<page_size = 48, head_dim = 128, order = plain, fp8 = f8E4M3FN>, !entries -> !logits
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
func.func @f(%c : !cache, %e : tensor<64xi64, #key_entries>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C5) takes i32 entries, one a fragment, not 'tensor<64xi64, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, tensor<64xi64, #key_entries> -> !keys
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!keys = tensor<64x128xf8E4M3FN, #keys>
func.func @f(%c : !cache, %e : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [], element = [2 x d0 by 32]>>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_keys' op (C5) takes i32 entries, one a fragment, not 'tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [], element = [2 x d0 by 32]>>'}}
  %r = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !cache, tensor<64xi32, #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [], element = [2 x d0 by 32]>> -> !keys
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%c : !cache, %e : !logits, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C5) takes i32 entries, one a fragment, not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !logits -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C1) gives f32 in the shape and distribution of the entries, not 'tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !entries -> !entries
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C1) gives f32 in the shape and distribution of the entries, not 'tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !entries -> tensor<64xf32, #lanes>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%c : !cache, %e : !entries, %i : i32, %s : i64) {
  // expected-error @below {{'tile.load_scales' op (C1) gives f32 in the shape and distribution of the entries, not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>'}}
  %r = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !cache, !entries -> tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [], element = []>>
  return
}

// -----

// tile.mma

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
!keys = tensor<64x128xf8E4M3FN, #keys>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : tensor<1x32x128xf8E4M3FN>, %b : !keys) {
  // expected-error @below {{'tile.mma' op an operand or the result is 'tensor<1x32x128xf8E4M3FN>', which has no #tile.distribution}}
  %r = tile.mma %a, %b : tensor<1x32x128xf8E4M3FN>, !keys -> !scores
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : !queries, %b : tensor<f8E4M3FN>) {
  // expected-error @below {{'tile.mma' op an operand or the result is 'tensor<f8E4M3FN>', which has no #tile.distribution}}
  %r = tile.mma %a, %b : !queries, tensor<f8E4M3FN> -> !scores
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!keys = tensor<64x128xf8E4M3FN, #keys>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
func.func @f(%a : !queries, %b : !keys) {
  // expected-error @below {{'tile.mma' op an operand or the result is 'tensor<1x32x64xf32>', which has no #tile.distribution}}
  %r = tile.mma %a, %b : !queries, !keys -> tensor<1x32x64xf32>
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : !queries, %b : !queries) {
  // expected-error @below {{'tile.mma' op (C1) the product of 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>' and 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>' is not 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>'}}
  %r = tile.mma %a, %b : !queries, !queries -> !scores
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!keys = tensor<64x128xf8E4M3FN, #keys>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
func.func @f(%a : !queries, %b : !keys) {
  // expected-error @below {{'tile.mma' op (C1) the product of 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>' and 'tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>' is not 'tensor<1x32x64xi32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>'}}
  %r = tile.mma %a, %b : !queries, !keys -> tensor<1x32x64xi32, #scores>
  return
}

// -----

#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!keys = tensor<64x128xf8E4M3FN, #keys>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
func.func @f(%a : !queries, %b : !keys) {
  // expected-error @below {{'tile.mma' op (C1) the product of 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>' and 'tensor<64x128xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>' is not 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>'}}
  %r = tile.mma %a, %b : !queries, !keys -> !queries
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : !queries, %b : tensor<64x64xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>) {
  // expected-error @below {{'tile.mma' op (C1) the product of 'tensor<1x32x128xf8E4M3FN, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>>' and 'tensor<64x64xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>' is not 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>'}}
  %r = tile.mma %a, %b : !queries, tensor<64x64xf8E4M3FN, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>> -> !scores
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!queries = tensor<1x32x128xf8E4M3FN, #queries>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : !queries, %b : tensor<64x128xf8E4M3FNUZ, #keys>) {
  // expected-error @below {{'tile.mma' op (C2) multiplies two tiles of one fp8 type, not 'f8E4M3FN' and 'f8E4M3FNUZ'}}
  %r = tile.mma %a, %b : !queries, tensor<64x128xf8E4M3FNUZ, #keys> -> !scores
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : tensor<1x32x128xi8, #queries>, %b : tensor<64x128xi8, #keys>) {
  // expected-error @below {{'tile.mma' op (C2) multiplies two tiles of one fp8 type, not 'i8' and 'i8'}}
  %r = tile.mma %a, %b : tensor<1x32x128xi8, #queries>, tensor<64x128xi8, #keys> -> !scores
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#queries = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d1 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
!scores = tensor<1x32x64xf32, #scores>
func.func @f(%a : tensor<1x32x128xf8E5M2, #queries>, %b : tensor<64x128xf8E5M2, #keys>) {
  // expected-error @below {{'tile.mma' op (C2) multiplies two tiles of one fp8 type, not 'f8E5M2' and 'f8E5M2'}}
  %r = tile.mma %a, %b : tensor<1x32x128xf8E5M2, #queries>, tensor<64x128xf8E5M2, #keys> -> !scores
  return
}

// -----

// tile.weighted_sum

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!gate = tensor<1x32xf32, #gate>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : tensor<1x32x64xf32>, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op an operand or the result is 'tensor<1x32x64xf32>', which has no #tile.distribution}}
  %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32>, !gate -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : !scores, %w : tensor<f32>) {
  // expected-error @below {{'tile.weighted_sum' op an operand or the result is 'tensor<f32>', which has no #tile.distribution}}
  %r = tile.weighted_sum %s, %w : !scores, tensor<f32> -> !logits
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!gate = tensor<1x32xf32, #gate>
func.func @f(%s : !scores, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op an operand or the result is 'tensor<1x64xf32>', which has no #tile.distribution}}
  %r = tile.weighted_sum %s, %w : !scores, !gate -> tensor<1x64xf32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!gate = tensor<1x32xf32, #gate>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : tensor<1x32x64xi32, #scores>, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op (C1) the sum over the rows of 'tensor<1x32x64xi32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' weighted by 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>' is not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.weighted_sum %s, %w : tensor<1x32x64xi32, #scores>, !gate -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!gate = tensor<1x32xf32, #gate>
!entries = tensor<1x64xi32, #tokens>
func.func @f(%s : !scores, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op (C1) the sum over the rows of 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' weighted by 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>' is not 'tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.weighted_sum %s, %w : !scores, !gate -> !entries
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!gate = tensor<1x32xf32, #gate>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : !gate, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op (C1) the sum over the rows of 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>' weighted by 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>' is not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.weighted_sum %s, %w : !gate, !gate -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : !scores, %w : !logits) {
  // expected-error @below {{'tile.weighted_sum' op (C1) the sum over the rows of 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' weighted by 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>' is not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.weighted_sum %s, %w : !scores, !logits -> !logits
  return
}

// -----

#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#gate = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!gate = tensor<1x32xf32, #gate>
func.func @f(%s : !scores, %w : !gate) {
  // expected-error @below {{'tile.weighted_sum' op (C1) the sum over the rows of 'tensor<1x32x64xf32, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>' weighted by 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>' is not 'tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>>'}}
  %r = tile.weighted_sum %s, %w : !scores, !gate -> !gate
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : !scores, %w : tensor<1x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 0], fragment = [], element = []>>) {
  // expected-error @below {{'tile.weighted_sum' op (C2) weights are distributed as #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 0], fragment = [], element = []>, which is not that of the scores, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>, without the last dimension}}
  %r = tile.weighted_sum %s, %w : !scores, tensor<1x32xf32, #tile.distribution<lane = [32 x d1 by 1, 2 x d0 by 0], fragment = [], element = []>> -> !logits
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
#scores = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
!scores = tensor<1x32x64xf32, #scores>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%s : !scores, %w : tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 16], fragment = [], element = [4 x d1 by 1, 4 x d1 by 4]>>) {
  // expected-error @below {{'tile.weighted_sum' op (C2) weights are distributed as #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 16], fragment = [], element = [4 x d1 by 1, 4 x d1 by 4]>, which is not that of the scores, #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d1 by 32, 1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>, without the last dimension}}
  %r = tile.weighted_sum %s, %w : !scores, tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 16], fragment = [], element = [4 x d1 by 1, 4 x d1 by 4]>> -> !logits
  return
}

// -----

// tile.coordinates

func.func @f(%i : i32) {
  // expected-error @below {{'tile.coordinates' op the result is 'tensor<1x64xi32>', which has no #tile.distribution}}
  %r = tile.coordinates 1 from %i : tensor<1x64xi32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%i : i32) {
  // expected-error @below {{'tile.coordinates' op (C1) gives i32 coordinates in a dimension of the result, not in dimension 2 of 'tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.coordinates 2 from %i : tensor<1x64xi32, #tokens>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%i : i32) {
  // expected-error @below {{'tile.coordinates' op (C1) gives i32 coordinates in a dimension of the result, not in dimension -1 of}}
  %r = tile.coordinates -1 from %i : tensor<1x64xi32, #tokens>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%i : i32) {
  // expected-error @below {{'tile.coordinates' op (C1) gives i32 coordinates in a dimension of the result, not in dimension 1 of 'tensor<1x64xf32,}}
  %r = tile.coordinates 1 from %i : tensor<1x64xf32, #tokens>
  return
}

// -----

// tile.store_rows

func.func @f(%v : tensor<1x64xf32>, %p : !tile.global<f32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_rows' op the value is 'tensor<1x64xf32>', which has no #tile.distribution}}
  tile.store_rows %v, %p[%i, %i] row_stride %s below %i : tensor<1x64xf32>, !tile.global<f32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%v : tensor<1x64xf32, #tokens>, %p : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_rows' op (C1) stores [rows, columns] of 32-bit numbers of the array, which is of 'i32', not 'tensor<1x64xf32,}}
  tile.store_rows %v, %p[%i, %i] row_stride %s below %i : tensor<1x64xf32, #tokens>, !tile.global<i32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%v : tensor<1x64xf32, #tokens>, %p : !tile.global<f32>, %i : i32, %s : i64, %m : tensor<1x64xi1>) {
  // expected-error @below {{'tile.store_rows' op (C2) has a mask of 'tensor<1x64xi1>', must be 'tensor<1x64xi1, #tile.distribution<}}
  tile.store_rows %v, %p[%i, %i] row_stride %s below %i where %m : tensor<1x64xf32, #tokens>, !tile.global<f32>, tensor<1x64xi1>
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C5) takes no last row for one element}}
  %r = tile.load %p[%i] strides [1] last %i : !tile.global<f32> -> f32
  return
}

// -----

func.func @f(%p : !tile.global<f32>, %i : i32) {
  // expected-error @below {{'tile.load' op (C5) has a last row, but lanes or elements of a fragment have different ones}}
  %r = tile.load %p[%i] strides [1] last %i : !tile.global<f32> -> tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

// tile.store_visible

func.func @f(%v : tensor<1x64xf32>, %p : !tile.global<f32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_visible' op the value is 'tensor<1x64xf32>', which has no #tile.distribution}}
  tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : tensor<1x64xf32>, !tile.global<f32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits = tensor<1x64xf32, #tokens>
func.func @f(%v : !logits, %p : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_visible' op (C1) stores [rows, columns] of 32-bit numbers of the array, which is of 'i32', not 'tensor<1x64xf32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : !logits, !tile.global<i32>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%v : !lanes, %p : !tile.global<i32>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_visible' op (C1) stores [rows, columns] of 32-bit numbers of the array, which is of 'i32', not 'tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>'}}
  tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : !lanes, !tile.global<i32>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%v : tensor<1x64xf16, #tokens>, %p : !tile.global<f16>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_visible' op (C1) stores [rows, columns] of 32-bit numbers of the array, which is of 'f16', not 'tensor<1x64xf16, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : tensor<1x64xf16, #tokens>, !tile.global<f16>
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
func.func @f(%v : tensor<1x64xf64, #tokens>, %p : !tile.global<f64>, %i : i32, %s : i64) {
  // expected-error @below {{'tile.store_visible' op (C1) stores [rows, columns] of 32-bit numbers of the array, which is of 'f64', not 'tensor<1x64xf64, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : tensor<1x64xf64, #tokens>, !tile.global<f64>
  return
}

// -----

// tile.scan_add, tile.count, tile.extract

func.func @f(%v : tensor<64xi32>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32>'}}
  %r = tile.scan_add %v : tensor<64xi32>
  return
}

// -----

func.func @f(%v : tensor<i32>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<i32>'}}
  %r = tile.scan_add %v : tensor<i32>
  return
}

// -----

func.func @f(%v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.scan_add %v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.scan_add %v : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>'}}
  %r = tile.scan_add %v : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>
  return
}

// -----

func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.scan_add %v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>
  return
}

// -----

func.func @f(%v : tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>, %i : i32) {
  // expected-error @below {{'tile.scan_add' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.scan_add %v : tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi1>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1>'}}
  %r = tile.count %v : tensor<64xi1>
  return
}

// -----

func.func @f(%v : tensor<i1>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<i1>'}}
  %r = tile.count %v : tensor<i1>
  return
}

// -----

func.func @f(%v : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.count %v : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi1, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.count %v : tensor<64xi1, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>'}}
  %r = tile.count %v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>
  return
}

// -----

func.func @f(%v : tensor<1x64xi1, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>, %i : i32) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<1x64xi1, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.count %v : tensor<1x64xi1, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi32>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32>'}}
  %r = tile.extract %v[%i] : tensor<64xi32>
  return
}

// -----

func.func @f(%v : tensor<i32>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<i32>'}}
  %r = tile.extract %v[%i] : tensor<i32>
  return
}

// -----

func.func @f(%v : tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.extract %v[%i] : tensor<64xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>'}}
  %r = tile.extract %v[%i] : tensor<64xi32, #tile.distribution<lane = [32 x d0 by 2, 2 x d0 by 1], fragment = [], element = []>>
  return
}

// -----

func.func @f(%v : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>'}}
  %r = tile.extract %v[%i] : tensor<64xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>
  return
}

// -----

func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.extract %v[%i] : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>
  return
}

// -----

func.func @f(%v : tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>, %i : i32) {
  // expected-error @below {{'tile.extract' op (C1) takes a tensor<64xi32> with one element a lane, in order, not 'tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>'}}
  %r = tile.extract %v[%i] : tensor<1x64xi32, #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>>
  return
}

// -----

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
func.func @f(%v : !lanes) {
  // expected-error @below {{'tile.scan_add' op failed to verify that all of {input, result} have same type}}
  %r = "tile.scan_add"(%v) : (!lanes) -> tensor<64xi64, #lanes>
  return
}

// -----

// tile.pipelined_for and tile.yield

func.func @types(%i : i32, %k : f32) {
  // expected-error @below {{'tile.pipelined_for' op (C1) load yields 'f32' but compute takes 'i32'}}
  tile.pipelined_for %s = %i to %i load {
    tile.yield %k : f32
  } compute (%x : i32) {
  }
  return
}

// -----

func.func @number(%i : i32, %k : f32) {
  // expected-error @below {{'tile.pipelined_for' op (C1) load yields 'f32', 'f32' but compute takes 'f32'}}
  tile.pipelined_for %s = %i to %i load {
    tile.yield %k, %k : f32, f32
  } compute (%x : f32) {
  }
  return
}

// -----

#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>
!logits = tensor<1x64xf32, #tokens>
func.func @writes(%i : i32, %v : !logits, %p : !tile.global<f32>, %s : i64) {
  tile.pipelined_for %step = %i to %i load {
    // expected-error @below {{'tile.store_visible' op (C2) writes in the load region of tile.pipelined_for}}
    tile.store_visible %v, %p[%i, %i] row_stride %s visible %i : !logits, !tile.global<f32>
    tile.yield
  } compute () {
  }
  return
}

// -----

func.func @yields(%i : i32, %k : f32) {
  // expected-error @below {{'tile.pipelined_for' op (C3) compute ends with a tile.yield of nothing}}
  tile.pipelined_for %s = %i to %i load {
    tile.yield
  } compute () {
    tile.yield %k : f32
  }
  return
}

// -----

func.func @no_terminator(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op (C3) compute ends with a tile.yield of nothing}}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i32):
    tile.yield
  }, {
  ^bb0(%s : i32):
    %one = arith.constant 1 : i32
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @no_yield(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op (C1) load yields  but compute takes }}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i32):
    %one = arith.constant 1 : i32
  }, {
  ^bb0(%s : i32):
    tile.yield
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @step0(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op regions start with the step, an i32}}
  "tile.pipelined_for"(%i, %i) ({
    "tile.yield"() : () -> ()
  }, {
  ^bb0(%s : i32):
    "tile.yield"() : () -> ()
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @step1(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op regions start with the step, an i32}}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i32):
    "tile.yield"() : () -> ()
  }, {
    "tile.yield"() : () -> ()
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @step2(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op regions start with the step, an i32}}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i64):
    "tile.yield"() : () -> ()
  }, {
  ^bb0(%s : i32):
    "tile.yield"() : () -> ()
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @step3(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op regions start with the step, an i32}}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i32, %t : i32):
    "tile.yield"() : () -> ()
  }, {
  ^bb0(%s : i32):
    "tile.yield"() : () -> ()
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @missing_regions(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op expected 2 regions}}
  "tile.pipelined_for"(%i, %i) : (i32, i32) -> ()
  return
}

// -----

func.func @empty_regions(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op region #0 ('load') failed to verify constraint: region with 1 blocks}}
  "tile.pipelined_for"(%i, %i) ({}, {}) : (i32, i32) -> ()
  return
}

// -----

func.func @empty_block(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op expects a non-empty block}}
  "tile.pipelined_for"(%i, %i) ({
  ^bb0(%s : i32):
    tile.yield
  }, {
  ^bb0(%s : i32):
  }) : (i32, i32) -> ()
  return
}

// -----

func.func @two_blocks(%i : i32) {
  // expected-error @below {{'tile.pipelined_for' op expects region #1 to have 0 or 1 blocks}}
  tile.pipelined_for %s = %i to %i load {
    tile.yield
  } compute () {
    cf.br ^next
  ^next:
    tile.yield
  }
  return
}

// -----

func.func @no_compute(%i : i32) {
  tile.pipelined_for %s = %i to %i load {
    tile.yield
  // expected-error @+2 {{custom op 'tile.pipelined_for' expected 'compute'}}
  }
  return
}

// -----

func.func @elsewhere(%i : i32) {
  // expected-error @below {{'tile.yield' op expects parent op 'tile.pipelined_for'}}
  tile.yield %i : i32
}

// -----

func.func @wave_id() {
  // expected-error @below {{'tile.wave_id' op result #0 must be 32-bit signless integer, but got 'i64'}}
  %w = "tile.wave_id"() : () -> i64
  return
}

// -----

func.func @other(%i : i32) {
  // expected-error @below {{custom op 'tile.gather' is unknown}}
  %w = tile.gather %i : i32
  return
}
