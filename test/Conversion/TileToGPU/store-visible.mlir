// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

// Three rows: row j ends at column visible + j.
#rows = #tile.distribution<lane = [64 x d1 by 1], fragment = [3 x d0 by 1], element = []>
#wide = #tile.distribution<lane = [64 x d1 by 1], fragment = [2 x d1 by 64], element = []>
#repeat = #tile.distribution<lane = [64 x d1 by 0], fragment = [], element = []>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // A buffer that ends at the last visible column drops what is past it; a row
  // that sees nothing has an empty buffer.
  // CHECK-LABEL: gpu.func @rows
  // CHECK-SAME: ([[V0:%[a-z0-9_]+]]: f32, [[V1:%[a-z0-9_]+]]: f32, [[V2:%[a-z0-9_]+]]: f32, [[P:%[a-z0-9_]+]]: !llvm.ptr<1>, [[ROW:%[a-z0-9_]+]]: i32, [[FIRST:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[VISIBLE:%[a-z0-9_]+]]: i32)
  // CHECK: [[LANE_BYTES:%.*]] = arith.muli %{{.*}}, %c4_i32
  // CHECK: [[FIRST_BYTE:%.*]] = arith.muli [[FIRST]], %c4_i32
  // CHECK: [[END:%.*]] = arith.maxsi [[VISIBLE]], %c0_i32
  // CHECK: [[ROW64:%.*]] = arith.extsi [[ROW]] : i32 to i64
  // CHECK: [[START:%.*]] = arith.muli [[ROW64]], [[S]] : i64
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[P]][[[START]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, f32
  // CHECK: [[BYTES:%.*]] = arith.muli [[END]], %c4_i32
  // CHECK: [[BYTES64:%.*]] = arith.extui [[BYTES]] : i32 to i64
  // CHECK: [[BUFFER:%.*]] = rocdl.make.buffer.rsrc [[AT]], %c0_i16{{.*}}, [[BYTES64]], %c159744_i32{{.*}} : <1> to <8>
  // The whole offset is the vector one: only that is checked against the end.
  // CHECK: [[OFFSET:%.*]] = arith.addi [[FIRST_BYTE]], [[LANE_BYTES]]
  // CHECK: rocdl.raw.ptr.buffer.store [[V0]], [[BUFFER]], [[OFFSET]], %c0_i32, %c0_i32 : f32
  // CHECK: arith.addi [[ROW]], %c1_i32
  // CHECK: [[END:%.*]] = arith.addi [[VISIBLE]], %c1_i32
  // CHECK: arith.maxsi [[END]], %c0_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V1]],
  // CHECK: arith.addi [[ROW]], %c2_i32
  // CHECK: [[END:%.*]] = arith.addi [[VISIBLE]], %c2_i32
  // CHECK: arith.maxsi [[END]], %c0_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V2]],
  gpu.func @rows(%v : tensor<3x64xf32, #rows>, %p : !tile.global<f32>, %row : i32, %first : i32, %s : i64, %visible : i32) {
    tile.store_visible %v, %p[%row, %first] row_stride %s visible %visible : tensor<3x64xf32, #rows>, !tile.global<f32>
    gpu.return
  }

  // All rows end at one column.
  // CHECK-LABEL: gpu.func @below
  // CHECK-SAME: ([[V0:%[a-z0-9_]+]]: f32, [[V1:%[a-z0-9_]+]]: f32, [[V2:%[a-z0-9_]+]]: f32, [[P:%[a-z0-9_]+]]: !llvm.ptr<1>, [[ROW:%[a-z0-9_]+]]: i32, [[FIRST:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[BOUND:%[a-z0-9_]+]]: i32)
  // CHECK: arith.maxsi [[BOUND]], %c0_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V0]],
  // CHECK: arith.maxsi [[BOUND]], %c0_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V1]],
  // CHECK: arith.maxsi [[BOUND]], %c0_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V2]],
  gpu.func @below(%v : tensor<3x64xf32, #rows>, %p : !tile.global<f32>, %row : i32, %first : i32, %s : i64, %bound : i32) {
    tile.store_rows %v, %p[%row, %first] row_stride %s below %bound : tensor<3x64xf32, #rows>, !tile.global<f32>
    gpu.return
  }

  // No row past the last one, and nothing that the mask leaves out: it goes behind the end of every row.
  // CHECK-LABEL: gpu.func @masked
  // CHECK-SAME: [[V0:%[a-z0-9_]+]]: f32, [[V1:%[a-z0-9_]+]]: f32, [[V2:%[a-z0-9_]+]]: f32, [[P:%[a-z0-9_]+]]: !llvm.ptr<1>, [[ROW:%[a-z0-9_]+]]: i32, [[FIRST:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[BOUND:%[a-z0-9_]+]]: i32, [[LAST:%[a-z0-9_]+]]: i32, [[M0:%[a-z0-9_]+]]: i1, [[M1:%[a-z0-9_]+]]: i1, [[M2:%[a-z0-9_]+]]: i1)
  // CHECK: arith.minsi [[ROW]], [[LAST]]
  // CHECK: [[C0:%.*]] = arith.select [[M0]], %{{.*}}, %c-2147483648_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V0]], %{{.*}}, [[C0]], %c0_i32
  // CHECK: [[ROW1:%.*]] = arith.addi [[ROW]], %c1_i32
  // CHECK: arith.minsi [[ROW1]], [[LAST]]
  // CHECK: [[C1:%.*]] = arith.select [[M1]], %{{.*}}, %c-2147483648_i32
  // CHECK: rocdl.raw.ptr.buffer.store [[V1]], %{{.*}}, [[C1]], %c0_i32
  // CHECK: [[ROW2:%.*]] = arith.addi [[ROW]], %c2_i32
  // CHECK: arith.minsi [[ROW2]], [[LAST]]
  gpu.func @masked(%v : tensor<3x64xf32, #rows>, %p : !tile.global<f32>, %row : i32, %first : i32, %s : i64, %bound : i32, %last : i32, %mask : tensor<3x64xi1, #rows>) {
    tile.store_rows %v, %p[%row, %first] row_stride %s below %bound last %last where %mask : tensor<3x64xf32, #rows>, !tile.global<f32>, tensor<3x64xi1, #rows>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @wide
  // CHECK: rocdl.raw.ptr.buffer.store %arg0
  // CHECK: [[OFFSET:%.*]] = arith.addi %{{.*}}, %c256_i32
  // CHECK: rocdl.raw.ptr.buffer.store %arg1, %{{.*}}, [[OFFSET]], %c0_i32
  gpu.func @wide(%v : tensor<1x128xi32, #wide>, %p : !tile.global<i32>, %row : i32, %first : i32, %s : i64, %visible : i32) {
    tile.store_visible %v, %p[%row, %first] row_stride %s visible %visible : tensor<1x128xi32, #wide>, !tile.global<i32>
    gpu.return
  }

  // Every lane has the same column.
  // CHECK-LABEL: gpu.func @repeat
  // CHECK-NOT: gpu.thread_id
  // CHECK: rocdl.raw.ptr.buffer.store
  gpu.func @repeat(%v : tensor<1x1xf32, #repeat>, %p : !tile.global<f32>, %row : i32, %first : i32, %s : i64, %visible : i32) {
    tile.store_visible %v, %p[%row, %first] row_stride %s visible %visible : tensor<1x1xf32, #repeat>, !tile.global<f32>
    gpu.return
  }
}
