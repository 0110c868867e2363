// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o /dev/null | FileCheck %s

// Loops are loops, the variables of a loop are assigned where nobody reads their
// old values any more, and comments of the template stand where they belong.

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
// CHECK-LABEL: structure(int *out, int n, bool flag) {
// CHECK-NEXT: // Of a call that became the loop, for `flag` and `n_1`.
// CHECK-NEXT: //{{$}}
// CHECK-NEXT: // What the loop is about: a comment that is longer than a line of eighty
// CHECK-NEXT: // columns.
// CHECK-NEXT: u32 value = 0;
// CHECK-NEXT: int value_1 = 1;
// CHECK-NEXT: u32 value_2 = 7;
// CHECK-NEXT: #pragma clang loop unroll(disable) vectorize(disable)
// CHECK-NEXT: for (int value_3 = 0; value_3 < n; ++value_3) {
// CHECK-NEXT: value_2 = value_2 + value;
// CHECK-NEXT: int next_value_1 = int(value);
// CHECK-NEXT: value = u32(value_1);
// CHECK-NEXT: value_1 = next_value_1;
// CHECK-NEXT: }
// CHECK-NEXT: #pragma clang loop unroll(disable) vectorize(disable)
// CHECK-NEXT: while (int(value_2) > 0) {
// CHECK-NEXT: value_2 = value_2 - 7;
// CHECK-NEXT: }
// CHECK-NEXT: u32 value_3 = value_2;
// CHECK-NEXT: u32 half;
// CHECK-NEXT: #pragma clang loop unroll(disable) vectorize(disable)
// CHECK-NEXT: while (true) {
// CHECK-NEXT: half = value_3 >> 1;
// CHECK-NEXT: bool going = half > 7;
// CHECK-NEXT: if (!going) {
// CHECK-NEXT: break;
// CHECK-NEXT: }
// CHECK-NEXT: value_3 = half;
// CHECK-NEXT: }
// CHECK-NEXT: int chosen;
// CHECK-NEXT: if (flag) {
// CHECK-NEXT: chosen = int(half);
// CHECK-NEXT: } else {
// CHECK-NEXT: u32 third = value_3 / 7;
// CHECK-NEXT: chosen = int(third);
// CHECK-NEXT: }
// CHECK-NEXT: store_global<int>(out, chosen);
// CHECK-NEXT: store_global<u32>(out, value);
// CHECK-NEXT: store_global<int>(out, value_1);
// CHECK-NEXT: }
gpu.func @structure(%out: !llvm.ptr<1> loc("out"), %n: i32 loc("n"), %flag: i1 loc("flag"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c7 = arith.constant 7 : i32
  // Two variables that trade places, and one that adds up.
  %result:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0, %b = %c1, %sum = %c7) -> (i32, i32, i32) : i32 {
    %next = arith.addi %sum, %a : i32 loc("next")
    scf.yield %b, %a, %next : i32, i32, i32
  } loc(fused<"Of a call that became the loop, for %flag and %n_1.">[fused<"What the loop is about: a comment that is longer than a line of eighty columns.">["t.mlir":1:1]])
  // The condition alone before the test.
  %left = scf.while (%count = %result#2) : (i32) -> i32 {
    %more = arith.cmpi sgt, %count, %c0 : i32 loc("more")
    scf.condition(%more) %count : i32
  } do {
  ^bb0(%count: i32 loc("count")):
    %less = arith.subi %count, %c7 : i32 loc("less")
    scf.yield %less : i32
  }
  // What is computed before the test is there behind the loop.
  %halves:2 = scf.while (%value = %left) : (i32) -> (i32, i32) {
    %half = arith.shrui %value, %c1 : i32 loc("half")
    %going = arith.cmpi ugt, %half, %c7 : i32 loc("going")
    scf.condition(%going) %value, %half : i32, i32
  } do {
  ^bb0(%value: i32 loc("value"), %half: i32 loc("half")):
    scf.yield %half : i32
  }
  %chosen = scf.if %flag -> (i32) {
    scf.yield %halves#1 : i32
  } else {
    %third = arith.divui %halves#0, %c7 : i32 loc("third")
    scf.yield %third : i32
  } loc("chosen")
  llvm.store %chosen, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  llvm.store %result#0, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  llvm.store %result#1, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  gpu.return
}
}
