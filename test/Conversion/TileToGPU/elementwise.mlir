// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

#pair = #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>
#wide = #tile.distribution<lane = [64 x d0 by 4], fragment = [2 x d0 by 256], element = [4 x d0 by 1]>

gpu.module @gfx950 [#rocdl.target<chip = "gfx950">] {
  // One operation for each fragment; attributes stay.
  // CHECK-LABEL: gpu.func @numbers
  // CHECK-SAME: ([[A0:%[a-z0-9_]+]]: i32, [[A1:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i32)
  // CHECK-DAG: arith.addi [[A0]], [[S]] overflow<nsw> : i32
  // CHECK-DAG: arith.addi [[A1]], [[S]] overflow<nsw> : i32
  // CHECK-DAG: arith.cmpi ult, [[A0]], %c7_i32
  // CHECK-DAG: arith.cmpi ult, [[A1]], %c7_i32
  gpu.func @numbers(%a : tensor<128xi32, #pair>, %s : i32) {
    %b = tensor.splat %s : tensor<128xi32, #pair>
    %c = arith.addi %a, %b overflow<nsw> : tensor<128xi32, #pair>
    %seven = arith.constant dense<7> : tensor<128xi32, #pair>
    %d = arith.cmpi ult, %a, %seven : tensor<128xi32, #pair>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @vectors
  // CHECK-SAME: ([[A0:%[a-z0-9_]+]]: vector<4xf32>, [[A1:%[a-z0-9_]+]]: vector<4xf32>, [[S:%[a-z0-9_]+]]: f32, [[FLAG:%[a-z0-9_]+]]: i1)
  // CHECK-DAG: [[B:%.*]] = vector.broadcast [[S]] : f32 to vector<4xf32>
  // CHECK-DAG: [[HALF:%.*]] = arith.constant dense<5.000000e-01> : vector<4xf32>
  // CHECK-DAG: arith.mulf [[A0]], [[B]] : vector<4xf32>
  // CHECK-DAG: arith.mulf [[A1]], [[B]] : vector<4xf32>
  // CHECK-DAG: arith.select [[FLAG]], [[A0]], [[HALF]] : vector<4xf32>
  // CHECK-DAG: arith.select [[FLAG]], [[A1]], [[HALF]] : vector<4xf32>
  // CHECK-DAG: arith.bitcast [[A0]] : vector<4xf32> to vector<4xi32>
  gpu.func @vectors(%a : tensor<512xf32, #wide>, %s : f32, %flag : i1) {
    %b = tensor.splat %s : tensor<512xf32, #wide>
    %half = arith.constant dense<0.5> : tensor<512xf32, #wide>
    %c = arith.mulf %a, %b : tensor<512xf32, #wide>
    %d = arith.select %flag, %a, %half : tensor<512xf32, #wide>
    %e = arith.bitcast %a : tensor<512xf32, #wide> to tensor<512xi32, #wide>
    gpu.return
  }

  // Loops carry fragments.
  // CHECK-LABEL: gpu.func @loop
  // CHECK-SAME: ([[A0:%[a-z0-9_]+]]: i32, [[A1:%[a-z0-9_]+]]: i32, [[N:%[a-z0-9_]+]]: i32)
  // CHECK: scf.for {{.*}} iter_args([[X0:%.*]] = [[A0]], [[X1:%.*]] = [[A1]]) -> (i32, i32)
  // CHECK: [[Y0:%.*]] = arith.addi [[X0]], [[X0]]
  // CHECK: [[Y1:%.*]] = arith.addi [[X1]], [[X1]]
  // CHECK: scf.yield [[Y0]], [[Y1]] : i32, i32
  gpu.func @loop(%a : tensor<128xi32, #pair>, %n : i32) {
    %one = arith.constant 1 : i32
    %r = scf.for %i = %one to %n step %one iter_args(%x = %a) -> (tensor<128xi32, #pair>) : i32 {
      %y = arith.addi %x, %x : tensor<128xi32, #pair>
      scf.yield %y : tensor<128xi32, #pair>
    }
    gpu.return
  }
}
