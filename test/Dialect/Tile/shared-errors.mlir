// RUN: hipdex-opt %s -split-input-file -verify-diagnostics

// expected-error @below {{(C1) has 0 numbers, must have 1 to 1048575}}
func.func @f(%m : !tile.shared<0 x i32>) {
  return
}

// -----

// expected-error @below {{(C1) has 1048576 numbers, must have 1 to 1048575}}
func.func @f(%m : !tile.shared<1048576 x i32>) {
  return
}

// -----

// expected-error @below {{(C2) is of signless integers or floats of 32 bits, not of 'i64'}}
func.func @f(%m : !tile.shared<4 x i64>) {
  return
}

// -----

// expected-error @below {{(C2) is of signless integers or floats of 32 bits, not of 'i16'}}
func.func @f(%m : !tile.shared<4 x i16>) {
  return
}

// -----

// expected-error @below {{(C2) is of signless integers or floats of 32 bits, not of 'si32'}}
func.func @f(%m : !tile.shared<4 x si32>) {
  return
}

// -----

// expected-error @below {{(C2) is of signless integers or floats of 32 bits, not of 'f16'}}
func.func @f(%m : !tile.shared<4 x f16>) {
  return
}

// -----

// expected-error @below {{(C2) is of signless integers or floats of 32 bits, not of 'index'}}
func.func @f(%m : !tile.shared<4 x index>) {
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  %r = tile.count %v : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>'}}
  %r = tile.count %v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<64xi1>) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1>'}}
  %r = tile.count %v : tensor<64xi1>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>) {
  // expected-error @below {{'tile.count' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.count %v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.rank' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  %r = tile.rank %v : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>) {
  // expected-error @below {{'tile.rank' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>>'}}
  %r = tile.rank %v : tensor<64xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 0], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<64xi1>) {
  // expected-error @below {{'tile.rank' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<64xi1>'}}
  %r = tile.rank %v : tensor<64xi1> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>) {
  // expected-error @below {{'tile.rank' op (C1) the operand must be of i1, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.rank %v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !flags) {
  // expected-error @below {{'tile.rank' op (C2) the result is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.rank %v : !flags -> !flags
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.load_shared' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  %r = tile.load_shared %m[%i] : !bins, tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>>) {
  // expected-error @below {{'tile.load_shared' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>>'}}
  %r = tile.load_shared %m[%i] : !bins, tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [], element = [2 x d0 by 1]>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : tensor<128xi32>) {
  // expected-error @below {{'tile.load_shared' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32>'}}
  %r = tile.load_shared %m[%i] : !bins, tensor<128xi32> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>) {
  // expected-error @below {{'tile.load_shared' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.load_shared %m[%i] : !bins, tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : !numbers) {
  // expected-error @below {{'tile.load_shared' op (C2) the result is 'tensor<128xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.load_shared %m[%i] : !bins, !numbers -> tensor<128xf32, #step>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%m : !bins, %i : !numbers) {
  // expected-error @below {{'tile.load_shared' op (C2) the result is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.load_shared %m[%i] : !bins, !numbers -> tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, %w : !flags) {
  // expected-error @below {{'tile.store_shared' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  tile.store_shared %v, %m[%i] where %w : !numbers, !bins, tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, !flags
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xf32, #step>, %m : !bins, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.store_shared' op (C2) value is 'tensor<128xf32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  tile.store_shared %v, %m[%i] where %w : tensor<128xf32, #step>, !bins, !numbers, !flags
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : !numbers, %w : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.store_shared' op (C2) mask is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  tile.store_shared %v, %m[%i] where %w : !numbers, !bins, !numbers, tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.global<f32>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C2) is on i32, not on 'f32'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !tile.global<f32>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.global<i64>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C2) is on i32, not on 'i64'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !tile.global<i64>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.shared<4 x f32>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C2) is on i32, not on 'f32'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !tile.shared<4 x f32>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !bins, tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, %m : !bins, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C2) value is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_add %v, %m[%i] where %w : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, !bins, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : !numbers, %w : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.atomic_add' op (C2) mask is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !bins, !numbers, tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_add' op (C2) the result is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_add %v, %m[%i] where %w : !numbers, !bins, !numbers, !flags -> !flags
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.global<f32>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) is on i32, not on 'f32'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !tile.global<f32>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.global<i64>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) is on i32, not on 'i64'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !tile.global<i64>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !tile.shared<4 x f32>, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) is on i32, not on 'f32'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !tile.shared<4 x f32>, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C1) indices must be of i32, of one dimension, with element 64*f + l in fragment f of lane l, but is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !bins, tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, %m : !bins, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) value is 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : tensor<128xi32, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>, !bins, !numbers, !flags -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : !numbers, %w : tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) mask is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>>', must be 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !bins, !numbers, tensor<128xi1, #tile.distribution<lane = [64 x d0 by 2], fragment = [2 x d0 by 1], element = []>> -> !numbers
  return
}

// -----

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>
func.func @f(%v : !numbers, %m : !bins, %i : !numbers, %w : !flags) {
  // expected-error @below {{'tile.atomic_exchange' op (C2) the result is 'tensor<128xi1, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>', must be 'tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>'}}
  %r = tile.atomic_exchange %v, %m[%i] where %w : !numbers, !bins, !numbers, !flags -> !flags
  return
}
