// RUN: hipdex-opt %s | FileCheck %s
// RUN: hipdex-opt %s | hipdex-opt | FileCheck %s
// RUN: hipdex-opt %s --mlir-print-op-generic | hipdex-opt | FileCheck %s

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!floats = tensor<128xf32, #step>
!flags = tensor<128xi1, #step>
!bins = !tile.shared<2048 x i32>

// CHECK: [[STEP:#.*]] = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
// CHECK-LABEL: func.func @shared
// CHECK-SAME: ([[V:%.*]]: tensor<128xi32, [[STEP]]>, [[I:%.*]]: tensor<128xi32, [[STEP]]>, [[M:%.*]]: tensor<128xi1, [[STEP]]>, [[G:%.*]]: !tile.global<i32>)
func.func @shared(%v : !numbers, %i : !numbers, %m : !flags, %g : !tile.global<i32>) {
  // CHECK: [[BINS:%.*]] = tile.alloc_shared : <2048 x i32>
  %bins = tile.alloc_shared : !bins
  // CHECK: [[OTHERS:%.*]] = tile.alloc_shared : <7 x f32>
  %others = tile.alloc_shared : !tile.shared<7 x f32>
  // CHECK: tile.store_shared [[V]], [[BINS]][[[I]]] where [[M]] : tensor<128xi32, [[STEP]]>, <2048 x i32>, tensor<128xi32, [[STEP]]>, tensor<128xi1, [[STEP]]>
  tile.store_shared %v, %bins[%i] where %m : !numbers, !bins, !numbers, !flags
  // CHECK: tile.barrier
  tile.barrier
  // CHECK: tile.loads_first
  tile.loads_first
  // CHECK: [[LOADED:%.*]] = tile.load_shared [[BINS]][[[I]]] : <2048 x i32>, tensor<128xi32, [[STEP]]> -> tensor<128xi32, [[STEP]]>
  %loaded = tile.load_shared %bins[%i] : !bins, !numbers -> !numbers
  // CHECK: tile.load_shared [[OTHERS]][[[I]]] : <7 x f32>, tensor<128xi32, [[STEP]]> -> tensor<128xf32, [[STEP]]>
  %floats = tile.load_shared %others[%i] : !tile.shared<7 x f32>, !numbers -> !floats
  // CHECK: tile.atomic_add [[LOADED]], [[BINS]][[[I]]] where [[M]] : tensor<128xi32, [[STEP]]>, !tile.shared<2048 x i32>, tensor<128xi32, [[STEP]]>, tensor<128xi1, [[STEP]]> -> tensor<128xi32, [[STEP]]>
  %a = tile.atomic_add %loaded, %bins[%i] where %m : !numbers, !bins, !numbers, !flags -> !numbers
  // CHECK: tile.release
  tile.release
  // CHECK: tile.atomic_exchange [[V]], [[G]][[[I]]] where [[M]] : tensor<128xi32, [[STEP]]>, !tile.global<i32>, tensor<128xi32, [[STEP]]>, tensor<128xi1, [[STEP]]> -> tensor<128xi32, [[STEP]]>
  %b = tile.atomic_exchange %v, %g[%i] where %m : !numbers, !tile.global<i32>, !numbers, !flags -> !numbers
  // CHECK: tile.acquire
  tile.acquire
  // CHECK: tile.rank [[M]] : tensor<128xi1, [[STEP]]> -> tensor<128xi32, [[STEP]]>
  %r = tile.rank %m : !flags -> !numbers
  // CHECK: tile.count [[M]] : tensor<128xi1, [[STEP]]>
  %c = tile.count %m : !flags
  return
}

// Each allocation is memory of its own, and what is in it changes at a barrier.
// RUN: hipdex-opt %s --cse --canonicalize | FileCheck %s --check-prefix=KEPT
// KEPT-LABEL: func.func @kept
// KEPT: [[A:%.*]] = tile.alloc_shared
// KEPT: [[B:%.*]] = tile.alloc_shared
// KEPT: tile.load_shared
// KEPT: tile.barrier
// KEPT: tile.load_shared
func.func @kept(%i : !numbers, %m : !flags) -> (!numbers, !numbers) {
  %a = tile.alloc_shared : !bins
  %b = tile.alloc_shared : !bins
  tile.store_shared %i, %b[%i] where %m : !numbers, !bins, !numbers, !flags
  %before = tile.load_shared %a[%i] : !bins, !numbers -> !numbers
  tile.barrier
  %after = tile.load_shared %a[%i] : !bins, !numbers -> !numbers
  return %before, %after : !numbers, !numbers
}
