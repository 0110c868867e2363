// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

#step = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
!numbers = tensor<128xi32, #step>
!flags = tensor<128xi1, #step>
#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
!lane_flags = tensor<64xi1, #lanes>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // CHECK: llvm.mlir.global internal @shared_0() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<2048 x i32>

  // Two fragments, at 32-bit addresses.
  // CHECK-LABEL: gpu.func @memory(
  // CHECK-SAME: [[V0:%.*]]: i32, [[V1:%.*]]: i32, [[I0:%.*]]: i32, [[I1:%.*]]: i32, [[M0:%.*]]: i1, [[M1:%.*]]: i1)
  // CHECK: [[BINS:%.*]] = llvm.mlir.addressof @shared_0 : !llvm.ptr<3>
  // CHECK: scf.if [[M0]] {
  // CHECK-NEXT: [[P:%.*]] = llvm.getelementptr [[BINS]][[[I0]]] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32
  // CHECK-NEXT: llvm.store [[V0]], [[P]] {alignment = 4 : i64} : i32, !llvm.ptr<3>
  // CHECK-NEXT: }
  // CHECK: scf.if [[M1]] {
  // CHECK: llvm.store [[V1]]
  // CHECK: gpu.barrier
  // CHECK-NEXT: [[Q0:%.*]] = llvm.getelementptr [[BINS]][[[I0]]]
  // CHECK-NEXT: [[R0:%.*]] = llvm.load [[Q0]] {alignment = 4 : i64} : !llvm.ptr<3> -> i32
  // CHECK-NEXT: [[Q1:%.*]] = llvm.getelementptr [[BINS]][[[I1]]]
  // CHECK-NEXT: [[R1:%.*]] = llvm.load [[Q1]]
  // CHECK: llvm.store [[R0]]
  // CHECK: llvm.store [[R1]]
  gpu.func @memory(%v : !numbers, %i : !numbers, %m : !flags) {
    %bins = tile.alloc_shared : !tile.shared<2048 x i32>
    tile.store_shared %v, %bins[%i] where %m : !numbers, !tile.shared<2048 x i32>, !numbers, !flags
    tile.barrier
    %r = tile.load_shared %bins[%i] : !tile.shared<2048 x i32>, !numbers -> !numbers
    tile.store_shared %r, %bins[%r] where %m : !numbers, !tile.shared<2048 x i32>, !numbers, !flags
    gpu.return
  }

  // CHECK: llvm.mlir.global internal @shared_1() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<7 x f32>
  // CHECK-LABEL: gpu.func @floats(
  // CHECK: llvm.mlir.addressof @shared_1
  // CHECK: llvm.load {{.*}} : !llvm.ptr<3> -> f32
  // CHECK: llvm.store {{.*}} : f32, !llvm.ptr<3>
  gpu.func @floats(%i : !lanes, %m : !lane_flags) {
    %few = tile.alloc_shared : !tile.shared<7 x f32>
    %r = tile.load_shared %few[%i] : !tile.shared<7 x f32>, !lanes -> tensor<64xf32, #lanes>
    tile.store_shared %r, %few[%i] where %m : tensor<64xf32, #lanes>, !tile.shared<7 x f32>, !lanes, !lane_flags
    gpu.return
  }

  // Shared memory is that of a workgroup, global memory that of all.
  // CHECK-LABEL: gpu.func @atomics(
  // CHECK-SAME: [[SHARED:%.*]]: !llvm.ptr<3>, [[GLOBAL:%.*]]: !llvm.ptr<1>, [[V:%.*]]: i32, [[I:%.*]]: i32, [[M:%.*]]: i1)
  // CHECK: [[NONE:%.*]] = arith.constant 0 : i32
  // CHECK: [[A:%.*]] = scf.if [[M]] -> (i32) {
  // CHECK-NEXT: [[P:%.*]] = llvm.getelementptr [[SHARED]][[[I]]] : (!llvm.ptr<3>, i32)
  // CHECK-NEXT: [[OLD:%.*]] = llvm.atomicrmw add [[P]], [[V]] syncscope("workgroup") monotonic
  // CHECK-NEXT: scf.yield [[OLD]]
  // CHECK-NEXT: } else {
  // CHECK-NEXT: scf.yield [[NONE]]
  // CHECK: llvm.fence syncscope("agent") release
  // CHECK: [[B:%.*]] = scf.if [[M]] -> (i32) {
  // CHECK-NEXT: [[WIDE:%.*]] = arith.extui [[I]] : i32 to i64
  // CHECK-NEXT: [[Q:%.*]] = llvm.getelementptr [[GLOBAL]][[[WIDE]]] : (!llvm.ptr<1>, i64)
  // CHECK-NEXT: llvm.atomicrmw xchg [[Q]], [[V]] syncscope("agent") monotonic
  // CHECK: llvm.fence syncscope("agent") acquire
  // CHECK: llvm.store [[A]]
  // CHECK: llvm.store [[B]]
  gpu.func @atomics(%shared : !tile.shared<4 x i32>, %global : !tile.global<i32>, %v : !lanes, %i : !lanes, %m : !lane_flags) {
    %a = tile.atomic_add %v, %shared[%i] where %m : !lanes, !tile.shared<4 x i32>, !lanes, !lane_flags -> !lanes
    tile.release
    %b = tile.atomic_exchange %v, %global[%i] where %m : !lanes, !tile.global<i32>, !lanes, !lane_flags -> !lanes
    tile.acquire
    tile.store_shared %a, %shared[%i] where %m : !lanes, !tile.shared<4 x i32>, !lanes, !lane_flags
    tile.store_shared %b, %shared[%i] where %m : !lanes, !tile.shared<4 x i32>, !lanes, !lane_flags
    gpu.return
  }

  // What the second fragment counts begins with all of the first.
  // CHECK-LABEL: gpu.func @rank(
  // CHECK-SAME: [[SHARED:%.*]]: !llvm.ptr<3>, [[M0:%.*]]: i1, [[M1:%.*]]: i1)
  // CHECK: [[ZERO:%.*]] = arith.constant 0 : i32
  // CHECK: [[B0:%.*]] = rocdl.ballot [[M0]] : i64
  // CHECK: [[LOW0:%.*]] = arith.trunci [[B0]] : i64 to i32
  // CHECK: [[SHIFTED0:%.*]] = arith.shrui [[B0]], %c32_i64
  // CHECK: [[HIGH0:%.*]] = arith.trunci [[SHIFTED0]]
  // CHECK: [[L0:%.*]] = rocdl.mbcnt.lo [[LOW0]], [[ZERO]]
  // CHECK: [[R0:%.*]] = rocdl.mbcnt.hi [[HIGH0]], [[L0]]
  // CHECK: [[POP0:%.*]] = math.ctpop [[B0]]
  // CHECK: [[N0:%.*]] = arith.trunci [[POP0]]
  // CHECK: [[ALL0:%.*]] = arith.addi [[ZERO]], [[N0]]
  // CHECK: [[B1:%.*]] = rocdl.ballot [[M1]]
  // CHECK: [[L1:%.*]] = rocdl.mbcnt.lo {{.*}}, [[ALL0]]
  // CHECK: [[R1:%.*]] = rocdl.mbcnt.hi {{.*}}, [[L1]]
  // CHECK: llvm.store [[R0]]
  // CHECK: llvm.store [[R1]]
  gpu.func @rank(%shared : !tile.shared<4 x i32>, %m : !flags) {
    %r = tile.rank %m : !flags -> !numbers
    tile.store_shared %r, %shared[%r] where %m : !numbers, !tile.shared<4 x i32>, !numbers, !flags
    gpu.return
  }

  // CHECK-LABEL: gpu.func @count(
  // CHECK-COUNT-2: math.ctpop
  // CHECK: [[SUM:%.*]] = arith.addi
  // CHECK-NEXT: gpu.return [[SUM]]
  gpu.func @count(%m : !flags) -> i32 {
    %r = tile.count %m : !flags
    gpu.return %r : i32
  }
}
