// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
!lanes = tensor<64xi32, #lanes>
!flags = tensor<64xi1, #lanes>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // The wave's number in its workgroup is the same in all its lanes, which LLVM
  // has to be told.
  // CHECK-LABEL: gpu.func @wave_id(
  // CHECK-DAG: [[BLOCK_ID:%.*]] = gpu.block_id{{ +}}x
  // CHECK-DAG: [[BLOCK:%.*]] = arith.index_cast [[BLOCK_ID]]
  // CHECK-DAG: [[THREAD_ID:%.*]] = gpu.thread_id{{ +}}x
  // CHECK-DAG: [[THREAD:%.*]] = arith.index_cast [[THREAD_ID]]
  // CHECK-DAG: [[IN_BLOCK:%.*]] = arith.shrui [[THREAD]], %c6_i32
  // CHECK-DAG: [[WAVE:%.*]] = rocdl.readfirstlane [[IN_BLOCK]] : i32
  // CHECK-DAG: [[BEFORE:%.*]] = arith.muli [[BLOCK]], %c4_i32
  // CHECK: [[RESULT:%.*]] = arith.addi [[BEFORE]], [[WAVE]]
  // CHECK: gpu.return [[RESULT]]
  gpu.func @wave_id() -> i32 attributes {known_block_size = array<i32: 256, 1, 1>} {
    %r = tile.wave_id : i32
    gpu.return %r : i32
  }

  // A workgroup of one wave.
  // CHECK-LABEL: gpu.func @wave_id_small
  // CHECK-NOT: arith.muli
  // CHECK: rocdl.readfirstlane
  // CHECK-NOT: arith.muli
  gpu.func @wave_id_small() -> i32 attributes {known_block_size = array<i32: 64, 1, 1>} {
    %r = tile.wave_id : i32
    gpu.return %r : i32
  }

  // DPP row_shr:1, 2, 4, 8 in every row, row_bcast:15 into rows 1 and 3,
  // row_bcast:31 into rows 2 and 3.
  // CHECK-LABEL: gpu.func @scan_add
  // CHECK: [[X:%.*]] = llvm.load
  // CHECK: [[S1:%.*]] = rocdl.update.dpp [[ZERO:%.*]], [[X]] with 273, 15, 15, false : i32
  // CHECK-NEXT: [[X1:%.*]] = arith.addi [[X]], [[S1]]
  // CHECK-NEXT: [[S2:%.*]] = rocdl.update.dpp [[ZERO]], [[X1]] with 274, 15, 15, false : i32
  // CHECK-NEXT: [[X2:%.*]] = arith.addi [[X1]], [[S2]]
  // CHECK-NEXT: [[S4:%.*]] = rocdl.update.dpp [[ZERO]], [[X2]] with 276, 15, 15, false : i32
  // CHECK-NEXT: [[X4:%.*]] = arith.addi [[X2]], [[S4]]
  // CHECK-NEXT: [[S8:%.*]] = rocdl.update.dpp [[ZERO]], [[X4]] with 280, 15, 15, false : i32
  // CHECK-NEXT: [[X8:%.*]] = arith.addi [[X4]], [[S8]]
  // CHECK-NEXT: [[S16:%.*]] = rocdl.update.dpp [[ZERO]], [[X8]] with 322, 10, 15, false : i32
  // CHECK-NEXT: [[X16:%.*]] = arith.addi [[X8]], [[S16]]
  // CHECK-NEXT: [[S32:%.*]] = rocdl.update.dpp [[ZERO]], [[X16]] with 323, 12, 15, false : i32
  // CHECK-NEXT: [[X32:%.*]] = arith.addi [[X16]], [[S32]]
  // CHECK-NEXT: [[R:%.*]] = rocdl.readlane [[X32]], %{{.*}} : (i32, i32) -> i32
  // CHECK-NEXT: gpu.return [[R]]
  gpu.func @scan_add(%p : !tile.global<i32>) -> i32 {
    %zero = arith.constant 0 : i32
    %x = tile.load %p[0] strides [1] : !tile.global<i32> -> !lanes
    %sums = tile.scan_add %x : !lanes
    %r = tile.extract %sums[%zero] : !lanes
    gpu.return %r : i32
  }

  // CHECK-LABEL: gpu.func @count
  // CHECK: [[FLAG:%.*]] = arith.cmpi
  // CHECK-NEXT: [[BALLOT:%.*]] = rocdl.ballot [[FLAG]] : i64
  // CHECK-NEXT: [[COUNT:%.*]] = math.ctpop [[BALLOT]] : i64
  // CHECK-NEXT: [[R:%.*]] = arith.trunci [[COUNT]] : i64 to i32
  // CHECK-NEXT: gpu.return [[R]]
  gpu.func @count(%limit : i32) -> i32 {
    %a = arith.constant dense<7> : !lanes
    %b = tensor.splat %limit : !lanes
    %less = arith.cmpi slt, %a, %b : !lanes
    %r = tile.count %less : !flags
    gpu.return %r : i32
  }
}
