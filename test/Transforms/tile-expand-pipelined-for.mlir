// RUN: hipdex-opt %s -tile-expand-pipelined-for -allow-unregistered-dialect -mlir-use-nameloc-as-prefix | FileCheck %s

// The first step's load before the loop, the next step's in it, none after it:
// nothing is loaded twice, or for a step past the end, or for no step at all.
// What only the arithmetic needs goes behind the first load.
// CHECK-LABEL: func.func @loop
// CHECK-SAME: [[P:%[a-z0-9_]+]]: !tile.global<i32>, [[LOWER:%[a-z0-9_]+]]: i32, [[UPPER:%[a-z0-9_]+]]: i32)
// CHECK-NEXT: [[SHARED:%.*]] = tile.load [[P]][7]
// CHECK-NEXT: [[ANY:%.*]] = arith.cmpi slt, [[LOWER]], [[UPPER]]
// CHECK-NEXT: scf.if [[ANY]] {
// CHECK-NEXT: [[ONE:%.*]] = arith.constant 1
// CHECK-NEXT: [[LAST:%.*]] = arith.subi [[UPPER]], [[ONE]]
// CHECK-NEXT: [[FIRST:%.*]] = tile.load [[P]][[[LOWER]]]
// CHECK-NEXT: [[SUM:%.*]] = arith.addi [[FIRST]], [[SHARED]]
// CHECK-NEXT: [[WEIGHT:%.*]] = tile.load [[P]][3]
// CHECK-NEXT: [[SQUARE:%.*]] = arith.muli [[WEIGHT]], [[WEIGHT]]
// CHECK-NEXT: [[RESULT:%.*]] = scf.for [[I:%.*]] = [[LOWER]] to [[LAST]] step [[ONE]] iter_args([[X:%.*]] = [[SUM]]) -> (i32) : i32 {
// CHECK-NEXT: [[Y:%.*]] = arith.muli [[X]], [[SQUARE]]
// CHECK-NEXT: "test.use"([[Y]], [[I]])
// CHECK-NEXT: [[NEXT:%.*]] = arith.addi [[I]], [[ONE]]
// CHECK-NEXT: [[LOADED:%.*]] = tile.load [[P]][[[NEXT]]]
// CHECK-NEXT: [[SUM:%.*]] = arith.addi [[LOADED]], [[SHARED]]
// CHECK-NEXT: scf.yield [[SUM]] : i32
// CHECK-NEXT: } {hipdex.pipelined}
// CHECK-NEXT: [[Y:%.*]] = arith.muli [[RESULT]], [[SQUARE]]
// CHECK-NEXT: "test.use"([[Y]], [[LAST]])
// CHECK-NEXT: }
// CHECK-NEXT: return
func.func @loop(%p : !tile.global<i32>, %lower : i32, %upper : i32) {
  %shared = tile.load %p[7] strides [1] : !tile.global<i32> -> i32
  %weight = tile.load %p[3] strides [1] : !tile.global<i32> -> i32
  %square = arith.muli %weight, %weight : i32
  tile.pipelined_for %i = %lower to %upper load {
    %x = tile.load %p[%i] strides [1] : !tile.global<i32> -> i32
    %sum = arith.addi %x, %shared : i32
    tile.yield %sum : i32
  } compute (%x : i32) {
    %y = arith.muli %x, %square : i32
    "test.use"(%y, %i) : (i32, i32) -> ()
  }
  return
}

// What is also needed elsewhere stays, and so does what comes after the loop.
// CHECK-LABEL: func.func @stays
// CHECK: [[WEIGHT:%.*]] = tile.load
// CHECK: scf.if
// CHECK-NOT: tile.load
// CHECK: scf.for
// CHECK-COUNT-2: "test.use"([[WEIGHT]])
// CHECK-NEXT: }
// CHECK-NEXT: "test.use"([[WEIGHT]])
func.func @stays(%p : !tile.global<i32>, %lower : i32, %upper : i32) {
  %weight = tile.load %p[3] strides [1] : !tile.global<i32> -> i32
  tile.pipelined_for %i = %lower to %upper load {
    tile.yield
  } compute () {
    "test.use"(%weight) : (i32) -> ()
  }
  "test.use"(%weight) : (i32) -> ()
  return
}

// Loaded values that are not computed in the load region.
// CHECK-LABEL: func.func @passed_on
// CHECK-SAME: [[P:%[a-z0-9_]+]]: i32
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = [[P]], %{{.*}} = [[LOWER:%.*]]) -> (i32, i32)
// CHECK: scf.yield [[P]], %{{.*}} : i32, i32
func.func @passed_on(%p : i32, %lower : i32, %upper : i32) {
  tile.pipelined_for %i = %lower to %upper load {
    tile.yield %p, %i : i32, i32
  } compute (%x : i32, %y : i32) {
    "test.use"(%x, %y) : (i32, i32) -> ()
  }
  return
}

// One in the other.
// CHECK-LABEL: func.func @nested
// CHECK-NOT: tile.pipelined_for
// CHECK: return
func.func @nested(%lower : i32, %upper : i32) {
  tile.pipelined_for %i = %lower to %upper load {
    tile.yield
  } compute () {
    tile.pipelined_for %j = %lower to %upper load {
      tile.yield
    } compute () {
      "test.use"(%i, %j) : (i32, i32) -> ()
    }
  }
  return
}
