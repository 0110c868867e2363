// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

#rows = #tile.distribution<lane = [64 x d1 by 1], fragment = [2 x d0 by 1], element = []>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // Lanes are columns: the same in both fragments.
  // CHECK-LABEL: gpu.func @columns
  // CHECK-SAME: ([[FIRST:%[a-z0-9_]+]]: i32, [[P:%[a-z0-9_]+]]: !llvm.ptr<1>
  // CHECK: [[LANE:%.*]] = arith.andi %{{.*}}, %c63_i32
  // CHECK: [[COLUMN:%.*]] = arith.addi [[FIRST]], [[LANE]]
  // CHECK: rocdl.raw.ptr.buffer.store [[COLUMN]],
  // CHECK: rocdl.raw.ptr.buffer.store [[COLUMN]],
  gpu.func @columns(%first : i32, %p : !tile.global<i32>, %s : i64) {
    %column = tile.coordinates 1 from %first : tensor<2x64xi32, #rows>
    tile.store_rows %column, %p[%first, %first] row_stride %s below %first : tensor<2x64xi32, #rows>, !tile.global<i32>
    gpu.return
  }

  // Fragments are rows: the same in all lanes.
  // CHECK-LABEL: gpu.func @rows
  // CHECK-SAME: ([[FIRST:%[a-z0-9_]+]]: i32
  // CHECK: [[SECOND:%.*]] = arith.addi [[FIRST]], %c1_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[FIRST]],
  // CHECK: rocdl.raw.ptr.buffer.store [[SECOND]],
  gpu.func @rows(%first : i32, %p : !tile.global<i32>, %s : i64) {
    %row = tile.coordinates 0 from %first : tensor<2x64xi32, #rows>
    tile.store_rows %row, %p[%first, %first] row_stride %s below %first : tensor<2x64xi32, #rows>, !tile.global<i32>
    gpu.return
  }
}
