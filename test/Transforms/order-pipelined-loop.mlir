// RUN: hipdex-opt %s -order-pipelined-loop | FileCheck %s
// RUN: hipdex-opt %s -order-pipelined-loop | hipdex-opt -o /dev/null

// A step of two tiles: all products first, then what follows from each, then
// the loads for the next step, as lowering leaves it.
!p = !llvm.ptr<1>
!acc = vector<4xf32>
//
// The first loads stand apart from what else the loop needs, and everything has
// arrived when it begins. The last variable is the first.
// CHECK-LABEL: func.func @loop
// CHECK-SAME: [[P:%[a-z0-9_]+]]: !llvm.ptr<1>
// CHECK: [[K0:%.*]] = llvm.load [[P]]
// CHECK-NEXT: [[K1:%.*]] = llvm.load [[P]]
// CHECK-NEXT: rocdl.sched.barrier 0
// CHECK-NEXT: [[Q0:%.*]] = llvm.load [[P]]
// CHECK: amdgpu.memory_counter_wait load(0)
// CHECK-NEXT: [[R:%.*]]:2 = scf.for {{.*}} iter_args([[B:%.*]] = [[K1]], [[A:%.*]] = [[K0]])
// The table entry of the next step first.
// CHECK-NEXT: [[ENTRY:%.*]] = llvm.load
// The first tile; when its last product has read the register, that is filled.
// CHECK-NEXT: [[DOT:%.*]] = rocdl.mfma{{.*}} [[Q0]], [[A]]
// CHECK-NEXT: [[DOT_A:%.*]] = rocdl.mfma{{.*}}, [[A]], [[DOT]]
// CHECK-NOT: rocdl.mfma
// CHECK: rocdl.sched.barrier
// CHECK: [[NEXT_A:%.*]] = llvm.load
// CHECK-NEXT: rocdl.sched.barrier
// CHECK-NEXT: [[RELU_A:%.*]] = arith.maximumf [[DOT_A]]
// CHECK-NEXT: vector.extract [[RELU_A]]
// Only then the second.
// CHECK-NEXT: [[DOT_B:%.*]] = rocdl.mfma{{.*}} [[Q0]], [[B]]
// CHECK-NEXT: rocdl.sched.barrier
// CHECK-NEXT: [[NEXT_B:%.*]] = llvm.load
// CHECK-NEXT: rocdl.sched.barrier
// CHECK-NEXT: [[RELU_B:%.*]] = arith.maximumf [[DOT_B]]
// CHECK-NEXT: vector.extract [[RELU_B]]
// CHECK-NEXT: [[SUM:%.*]] = arith.addf
// CHECK-NEXT: rocdl.raw.ptr.buffer.store [[SUM]]
// CHECK-NEXT: scf.yield [[NEXT_B]], [[NEXT_A]]
// CHECK: llvm.store [[R]]#1, [[P]]
func.func @loop(%p : !p, %buffer : !llvm.ptr<8>, %q : i64, %n : i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %sum = arith.constant dense<0.0> : !acc
  %k0 = llvm.load %p invariant {alignment = 8 : i64} : !p -> i64
  %k1 = llvm.load %p invariant {alignment = 8 : i64} : !p -> i64
  %q0 = llvm.load %p invariant {alignment = 8 : i64} : !p -> i64
  %r:2 = scf.for %i = %zero to %n step %one iter_args(%a = %k0, %b = %k1) -> (i64, i64) : i32 {
    %dot_a = rocdl.mfma.f32.16x16x32.fp8.fp8 %q0, %a, %sum, %zero, %zero, %zero : (i64, i64, !acc, i32, i32, i32) -> !acc
    %dot_b = rocdl.mfma.f32.16x16x32.fp8.fp8 %q0, %b, %sum, %zero, %zero, %zero : (i64, i64, !acc, i32, i32, i32) -> !acc
    %dot_aa = rocdl.mfma.f32.16x16x32.fp8.fp8 %q, %a, %dot_a, %zero, %zero, %zero : (i64, i64, !acc, i32, i32, i32) -> !acc
    %relu_a = arith.maximumf %dot_aa, %sum : !acc
    %relu_b = arith.maximumf %dot_b, %sum : !acc
    %x = vector.extract %relu_a[0] : f32 from !acc
    %y = vector.extract %relu_b[0] : f32 from !acc
    %z = arith.addf %x, %y : f32
    rocdl.raw.ptr.buffer.store %z, %buffer, %i, %zero, %zero : f32
    %entry = llvm.load %p invariant {alignment = 4 : i64} : !p -> i32
    %pa = llvm.getelementptr %p[%entry] : (!p, i32) -> !p, i64
    %next_a = llvm.load %pa invariant {alignment = 8 : i64} : !p -> i64
    %next_b = llvm.load %p invariant {alignment = 8 : i64} : !p -> i64
    scf.yield %next_a, %next_b : i64, i64
  } {hipdex.pipelined}
  llvm.store %r#0, %p : i64, !p
  return
}

// A loop that is not of the pass before stays as it is, and so does one with an
// operation that may not move.
// CHECK-LABEL: func.func @others
// CHECK-NOT: rocdl.sched.barrier
// CHECK: scf.for
// CHECK-NEXT: [[X:%.*]] = arith.addi
// CHECK-NEXT: rocdl.barrier
// CHECK-NEXT: [[Y:%.*]] = llvm.load
// CHECK: scf.for
// CHECK-NEXT: [[Y:%.*]] = llvm.load
// CHECK-NEXT: arith.addi
// CHECK-NOT: rocdl.sched.barrier
// CHECK: return
func.func @others(%p : !p, %n : i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a = scf.for %i = %zero to %n step %one iter_args(%x = %zero) -> (i32) : i32 {
    %z = arith.addi %x, %x : i32
    rocdl.barrier
    %y = llvm.load %p invariant {alignment = 4 : i64} : !p -> i32
    scf.yield %y : i32
  } {hipdex.pipelined}
  %b = scf.for %i = %zero to %n step %one iter_args(%x = %zero) -> (i32) : i32 {
    %y = llvm.load %p invariant {alignment = 4 : i64} : !p -> i32
    %z = arith.addi %x, %y : i32
    scf.yield %y : i32
  }
  return
}

// What a region captures does not show among operands: such a loop stays as it
// is.
// CHECK-LABEL: func.func @captures
// CHECK-NOT: rocdl.sched.barrier
// CHECK: arith.addi
// CHECK-NEXT: scf.if
// CHECK: return
func.func @captures(%p : !p, %q : !p, %n : i32, %c : i1) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a = scf.for %i = %zero to %n step %one iter_args(%x = %zero) -> (i32) : i32 {
    %z = arith.addi %x, %x : i32
    scf.if %c {
      llvm.store %z, %q : i32, !p
    }
    %y = llvm.load %p invariant {alignment = 4 : i64} : !p -> i32
    scf.yield %y : i32
  } {hipdex.pipelined}
  return
}

// K that is only added up: each register is filled right after the last of its
// words was added, and no sum is taken before that (barrier 0). What reads a
// scale's register is the sum, not the conversion before it.
// CHECK-LABEL: func.func @sums
// CHECK: scf.for {{.*}} iter_args([[A:%.*]] = %{{.*}}, [[B:%.*]] = %{{.*}}, [[S:%.*]] = %{{.*}})
// CHECK-NEXT: [[A0:%.*]] = vector.extract [[A]][0]
// CHECK-NEXT: [[A1:%.*]] = vector.extract [[A]][1]
// CHECK-NEXT: [[SUM_A:%.*]] = arith.addi [[A0]], [[A1]]
// CHECK-NEXT: rocdl.sched.barrier 0
// CHECK-NEXT: [[NEXT_A:%.*]] = llvm.load
// CHECK-NEXT: rocdl.sched.barrier 5
// CHECK-NEXT: vector.extract [[B]][0]
// CHECK-NEXT: arith.addi [[SUM_A]]
// CHECK-NEXT: vector.extract [[B]][1]
// CHECK-NEXT: [[SUM:%.*]] = arith.addi
// CHECK-NEXT: rocdl.sched.barrier 0
// CHECK-NEXT: [[NEXT_B:%.*]] = llvm.load
// CHECK-NEXT: rocdl.sched.barrier 5
// CHECK-NEXT: [[BITS:%.*]] = arith.bitcast [[S]]
// CHECK-NEXT: [[WITH_SCALE:%.*]] = arith.addi [[SUM]], [[BITS]]
// CHECK-NEXT: rocdl.sched.barrier 0
// CHECK-NEXT: [[NEXT_S:%.*]] = llvm.load
// CHECK-NEXT: rocdl.sched.barrier 5
// CHECK-NEXT: rocdl.raw.ptr.buffer.store [[WITH_SCALE]]
// CHECK-NEXT: scf.yield [[NEXT_A]], [[NEXT_B]], [[NEXT_S]]
func.func @sums(%p : !p, %buffer : !llvm.ptr<8>, %n : i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %a0 = llvm.load %p invariant {alignment = 8 : i64} : !p -> vector<2xi32>
  %b0 = llvm.load %p invariant {alignment = 8 : i64} : !p -> vector<2xi32>
  %s0 = llvm.load %p invariant {alignment = 4 : i64} : !p -> f32
  %r:3 = scf.for %i = %zero to %n step %one iter_args(%a = %a0, %b = %b0, %s = %s0) -> (vector<2xi32>, vector<2xi32>, f32) : i32 {
    %x0 = vector.extract %a[0] : i32 from vector<2xi32>
    %x1 = vector.extract %a[1] : i32 from vector<2xi32>
    %y0 = vector.extract %b[0] : i32 from vector<2xi32>
    %y1 = vector.extract %b[1] : i32 from vector<2xi32>
    %bits = arith.bitcast %s : f32 to i32
    %x = arith.addi %x0, %x1 : i32
    %xy = arith.addi %x, %y0 : i32
    %sum = arith.addi %xy, %y1 : i32
    %all = arith.addi %sum, %bits : i32
    rocdl.raw.ptr.buffer.store %all, %buffer, %i, %zero, %zero : i32
    %next_a = llvm.load %p invariant {alignment = 8 : i64} : !p -> vector<2xi32>
    %next_b = llvm.load %p invariant {alignment = 8 : i64} : !p -> vector<2xi32>
    %next_s = llvm.load %p invariant {alignment = 4 : i64} : !p -> f32
    scf.yield %next_a, %next_b, %next_s : vector<2xi32>, vector<2xi32>, f32
  } {hipdex.pipelined}
  return
}
