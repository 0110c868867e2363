// RUN: hipdex-opt %s -tile-to-gpu -canonicalize -cse | FileCheck %s

// Columns that meet: in one fragment, in two, or in two lanes.

#rows = #tile.distribution<lane = [4 x d1 by 2, 16 x d0 by 1], fragment = [2 x d1 by 8], element = [2 x d1 by 1]>
#row = #tile.distribution<lane = [4 x d0 by 0, 16 x d0 by 1], fragment = [], element = []>
#angles = #tile.distribution<lane = [4 x d1 by 1, 16 x d0 by 1], fragment = [2 x d1 by 4], element = []>
!values = tensor<16x16xf32, #rows>
!bits = tensor<16x16xi32, #rows>
!numbers = tensor<16xi32, #row>
!scales = tensor<16xf32, #row>
!flags = tensor<16xi1, #row>
!angles = tensor<16x8xf32, #angles>

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
  // CHECK-LABEL: gpu.func @butterflies
  // CHECK-SAME: (%[[X0:[a-z0-9]+]]: vector<2xf32>, %[[X1:[a-z0-9]+]]: vector<2xf32>
  // a + b and a + (-b).
  // CHECK: %[[A0:.*]] = vector.shuffle %[[X0]], %[[X0]] [0, 0]
  // CHECK: %[[N0:.*]] = arith.negf %[[X0]]
  // CHECK: %[[B0:.*]] = vector.shuffle %[[X0]], %[[N0]] [1, 3]
  // CHECK: %[[N1:.*]] = arith.negf %[[X1]]
  // CHECK: %[[S0:.*]] = arith.addf %[[A0]], %[[B0]] : vector<2xf32>
  // CHECK: llvm.store %[[S0]],
  // CHECK: %[[SUM:.*]] = arith.addf %[[X0]], %[[X1]] : vector<2xf32>
  // CHECK: %[[DIFFERENCE:.*]] = arith.addf %[[X0]], %[[N1]] : vector<2xf32>
  // CHECK: llvm.store %[[SUM]],
  // CHECK: llvm.store %[[DIFFERENCE]],
  gpu.func @butterflies(%x : !values, %p : !tile.global<f32>, %r : !numbers, %s : i64, %m : !flags) {
    %a = tile.butterfly %x distance 1 : !values
    tile.scatter_rows %a, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    %b = tile.butterfly %x distance 8 : !values
    tile.scatter_rows %b, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    gpu.return
  }
  // Lane bit 1 is column bit 2: the lane with it has the second of a pair.
  // CHECK-LABEL: gpu.func @between_lanes
  // CHECK: %[[BIT:.*]] = arith.andi %{{.*}}, %c2_i32
  // CHECK: %[[SECOND:.*]] = arith.cmpi ne, %[[BIT]], %c0_i32
  // CHECK: %[[MINE:.*]] = vector.extract %{{.*}}[0]
  // CHECK: %[[DPP:.*]] = rocdl.update.dpp %{{.*}}, %{{.*}} with 78, 15, 15, true : i32
  // CHECK: %[[OTHER:.*]] = arith.bitcast %[[DPP]] : i32 to f32
  // CHECK: %[[NEGATIVE:.*]] = arith.negf %[[MINE]]
  // CHECK: %[[OWN:.*]] = arith.select %[[SECOND]], %[[NEGATIVE]], %[[MINE]]
  // CHECK: arith.addf %[[OTHER]], %[[OWN]] : f32
  // CHECK-COUNT-3: arith.addf
  // CHECK-NOT: arith.addf
  gpu.func @between_lanes(%x : !values, %p : !tile.global<f32>, %r : !numbers, %s : i64, %m : !flags) {
    %c = tile.butterfly %x distance 4 : !values
    tile.scatter_rows %c, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    gpu.return
  }
  // CHECK-LABEL: gpu.func @turns
  // CHECK-SAME: (%[[X0:[a-z0-9]+]]: vector<2xf32>, %[[X1:[a-z0-9]+]]: vector<2xf32>
  // CHECK: %[[N0:.*]] = arith.negf %[[X0]]
  // CHECK: %[[T0:.*]] = vector.shuffle %[[X0]], %[[N0]] [3, 0]
  // CHECK: %[[N1:.*]] = arith.negf %[[X1]]
  // CHECK: llvm.store %[[T0]],
  // CHECK: llvm.store %[[N1]],
  // CHECK: llvm.store %[[X0]],
  // CHECK: %[[DPP:.*]] = rocdl.update.dpp %{{.*}}, %{{.*}} with 177, 15, 15, true : i32
  // CHECK: %[[OTHER:.*]] = arith.bitcast %[[DPP]] : i32 to f32
  // CHECK: %[[NEGATIVE:.*]] = arith.negf %[[OTHER]]
  // CHECK: arith.select %{{.*}}, %[[OTHER]], %[[NEGATIVE]]
  // CHECK-NOT: arith.addf
  gpu.func @turns(%x : !values, %p : !tile.global<f32>, %r : !numbers, %s : i64, %m : !flags) {
    %a = tile.quarter_turn %x distance 1 : !values
    tile.scatter_rows %a, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    %b = tile.quarter_turn %x distance 8 : !values
    tile.scatter_rows %b, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    %c = tile.quarter_turn %x distance 2 : !values
    tile.scatter_rows %c, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    gpu.return
  }
  // Fragments, then elements, then lanes.
  // CHECK-LABEL: gpu.func @sums
  // CHECK-SAME: (%[[X0:[a-z0-9]+]]: vector<2xf32>, %[[X1:[a-z0-9]+]]: vector<2xf32>
  // CHECK: %[[SUM:.*]] = arith.addf %[[X0]], %[[X1]] : vector<2xf32>
  // CHECK: %[[E0:.*]] = vector.extract %[[SUM]][0]
  // CHECK: %[[E1:.*]] = vector.extract %[[SUM]][1]
  // CHECK: %[[S0:.*]] = arith.addf %[[E0]], %[[E1]] : f32
  // CHECK: rocdl.update.dpp %{{.*}}, %{{.*}} with 177, 15, 15, true : i32
  // CHECK: %[[S1:.*]] = arith.addf %[[S0]], %{{.*}} : f32
  // CHECK: rocdl.update.dpp %{{.*}}, %{{.*}} with 78, 15, 15, true : i32
  // CHECK: %[[S2:.*]] = arith.addf %[[S1]], %{{.*}} : f32
  // CHECK: math.sqrt %[[S2]] : f32
  gpu.func @sums(%x : !values, %p : !tile.global<f32>, %r : !numbers, %s : i64, %m : !flags) {
    %sum = tile.row_sum %x : !values -> !scales
    %root = math.sqrt %sum : !scales
    tile.scatter_rows %root, %p[%r] row_stride %s where %m : !scales, !tile.global<f32>, !numbers, !flags
    gpu.return
  }
  // CHECK-LABEL: gpu.func @columns
  // CHECK-SAME: (%[[A0:[a-z0-9]+]]: f32, %[[A1:[a-z0-9]+]]: f32, %[[FIRST:[a-z0-9]+]]: i32
  // CHECK-DAG: %[[STEPS:.*]] = arith.constant dense<[0, 1]> : vector<2xi32>
  // CHECK-DAG: vector.broadcast %[[A0]] : f32 to vector<2xf32>
  // CHECK-DAG: vector.broadcast %[[A1]] : f32 to vector<2xf32>
  // CHECK: %[[COLUMN:.*]] = arith.addi %[[FIRST]],
  // CHECK: %[[ALL:.*]] = vector.broadcast %[[COLUMN]]
  // CHECK: arith.addi %[[ALL]], %[[STEPS]]
  // CHECK: %[[NEXT:.*]] = arith.addi %[[COLUMN]], %c8_i32
  gpu.func @columns(%angles : !angles, %first : i32, %p : !tile.global<f32>, %i : !tile.global<i32>, %r : !numbers, %s : i64, %m : !flags) {
    %spread = tile.spread_columns %angles by 2 : !angles -> !values
    tile.scatter_rows %spread, %p[%r] row_stride %s where %m : !values, !tile.global<f32>, !numbers, !flags
    %column = tile.coordinates 1 from %first : !bits
    tile.scatter_rows %column, %i[%r] row_stride %s where %m : !bits, !tile.global<i32>, !numbers, !flags
    gpu.return
  }
}
