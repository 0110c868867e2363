// RUN: hipdex-opt %s -tile-inline-functions -mlir-use-nameloc-as-prefix | FileCheck %s
// RUN: hipdex-opt %s -tile-inline-functions -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s --check-prefix=COMMENT

// A function and the one that it calls end up in each kernel, in place of the
// calls; no function is left.
// CHECK: gpu.module @kernels {
// CHECK-NOT: func.func
// CHECK: gpu.func @first(
// CHECK-SAME: [[P:%[a-z0-9_]+]]: !tile.global<i32>, [[I:%[a-z0-9_]+]]: i32) -> i32
// CHECK-NEXT: [[TWO:%.*]] = arith.constant 2 : i32
// CHECK-NEXT: [[PLACE:%.*]] = arith.muli [[I]], [[TWO]]
// CHECK-NEXT: [[X:%.*]] = tile.load [[P]][[[PLACE]]]
// CHECK-NEXT: [[TWO2:%.*]] = arith.constant 2 : i32
// CHECK-NEXT: [[TWICE:%.*]] = arith.muli [[X]], [[TWO2]]
// CHECK-NEXT: gpu.return [[TWICE]]
// CHECK: gpu.func @second(
// CHECK-SAME: [[P:%[a-z0-9_]+]]: !tile.global<i32>, [[N:%[a-z0-9_]+]]: i32)
// CHECK: scf.for [[I:%.*]] = [[N]] to [[N]] step [[N]]
// CHECK-NEXT: arith.constant 2
// CHECK-NEXT: arith.muli [[I]],
// CHECK-NOT: func.call
// CHECK-NOT: func.func
gpu.module @kernels {
  func.func private @twice(%x : i32) -> i32 {
    %two = arith.constant 2 : i32
    %r = arith.muli %x, %two : i32
    return %r : i32
  }
  func.func private @twice_at(%p : !tile.global<i32>, %i : i32) -> i32 {
    %place = func.call @twice(%i) : (i32) -> i32
    %x = tile.load %p[%place] strides [1] : !tile.global<i32> -> i32
    %r = func.call @twice(%x) : (i32) -> i32
    return %r : i32
  }
  func.func private @unused()
  gpu.func @first(%p : !tile.global<i32>, %i : i32) -> i32 {
    %r = func.call @twice_at(%p, %i) : (!tile.global<i32>, i32) -> i32
    gpu.return %r : i32
  }
  gpu.func @second(%p : !tile.global<i32>, %n : i32) {
    scf.for %i = %n to %n step %n : i32 {
      %r = func.call @twice_at(%p, %i) : (!tile.global<i32>, i32) -> i32
    }
    gpu.return
  }
}

// All that comes of a call has the comments above it and above its function,
// besides its own: whoever prints them does so once, at what is left first.
// COMMENT-LABEL: gpu.func @comments
// COMMENT-NEXT: arith.constant 2 : i32 loc(fused<"Of the call.">[fused<"Of the function.">["two"]])
// COMMENT-NEXT: arith.muli %{{.*}} loc(fused<"Of the call.">[fused<"Of the function.">["r"(fused<"Of the product.">["t.mlir":1:1])]])
// COMMENT-NEXT: arith.addi %{{.*}} loc(fused<"Of the call.">[fused<"Of the function.">[fused<"Of the inner function.">["t.mlir":2:1]]])
// COMMENT-NEXT: gpu.return
gpu.module @comments {
  func.func private @sum(%x : i32, %y : i32) -> i32 {
    %s = arith.addi %x, %y : i32 loc("t.mlir":2:1)
    return %s : i32
  } loc(fused<"Of the inner function.">["t.mlir":5:1])
  func.func private @twice_and_one(%x : i32) -> i32 {
    %two = arith.constant 2 : i32 loc("two")
    %r = arith.muli %x, %two : i32 loc("r"(fused<"Of the product.">["t.mlir":1:1]))
    %s = func.call @sum(%r, %x) : (i32, i32) -> i32
    return %s : i32
  } loc(fused<"Of the function.">["t.mlir":3:1])
  gpu.func @comments(%x : i32) -> i32 {
    %r = func.call @twice_and_one(%x) : (i32) -> i32 loc(fused<"Of the call.">["t.mlir":4:1])
    gpu.return %r : i32
  }
}
