// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

#lanes = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // Offsets that all lanes share are 64-bit, and in elements.
  // CHECK-LABEL: gpu.func @scalar
  // CHECK-SAME: ([[P:%[a-z0-9_]+]]: !llvm.ptr<1>, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64) -> i32
  // CHECK: [[I64:%.*]] = arith.extsi [[I]] : i32 to i64
  // CHECK: [[ROW:%.*]] = arith.muli [[I64]], [[S]] : i64
  // CHECK: [[SUM:%.*]] = arith.addi [[ROW]], %c3_i64 : i64
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[P]][[[SUM]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i32
  // CHECK: [[R:%.*]] = llvm.load [[AT]] invariant {alignment = 4 : i64} : !llvm.ptr<1> -> i32
  // CHECK: gpu.return [[R]]
  gpu.func @scalar(%p : !tile.global<i32>, %i : i32, %s : i64) -> i32 {
    %r = tile.load %p[%i, 3] strides [%s, 1] : !tile.global<i32> -> i32
    gpu.return %r : i32
  }

  // Past the bound the last element is read, and replaced by zero.
  // CHECK-LABEL: gpu.func @bounded
  // CHECK-SAME: ([[P:%[a-z0-9_]+]]: !llvm.ptr<1>, [[I:%[a-z0-9_]+]]: i32, [[N:%[a-z0-9_]+]]: i32)
  // CHECK: [[LANE:%.*]] = arith.andi %{{.*}}, %c63_i32
  // CHECK: [[PLACE:%.*]] = arith.addi [[I]], [[LANE]] : i32
  // CHECK: [[INSIDE:%.*]] = arith.cmpi slt, [[PLACE]], [[N]] : i32
  // CHECK: [[LAST:%.*]] = arith.addi [[N]], %c-1_i32
  // CHECK: [[SAFE:%.*]] = arith.minsi [[PLACE]], [[LAST]] : i32
  // CHECK: [[SAFE64:%.*]] = arith.extui [[SAFE]] : i32 to i64
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[P]][[[SAFE64]]]
  // CHECK: [[X:%.*]] = llvm.load [[AT]] invariant
  // CHECK: arith.select [[INSIDE]], [[X]], %c0_i32
  gpu.func @bounded(%p : !tile.global<i32>, %i : i32, %n : i32) {
    %r = tile.load %p[%i] strides [1] below %n : !tile.global<i32> -> tensor<64xi32, #lanes>
    gpu.return
  }

  // The second fragment is 64 elements on, and bounded by itself.
  // CHECK-LABEL: gpu.func @bounded_fragments
  // CHECK: arith.addi %{{.*}}, %c64_i32
  // CHECK: arith.cmpi slt
  // CHECK: arith.minsi
  // CHECK: arith.muli %{{.*}}, %c2_i32
  // CHECK: arith.select
  gpu.func @bounded_fragments(%p : !tile.global<i32>, %n : i32) {
    %r = tile.load %p[7] strides [2] below %n : !tile.global<i32> -> tensor<128xi32, #tile.distribution<lane = [64 x d0 by 1], fragment = [2 x d0 by 64], element = []>>
    gpu.return
  }

  // 16 bytes a lane in one load: row lane%32, chunk lane/32.
  // CHECK-LABEL: gpu.func @queries
  // CHECK-SAME: ([[Q:%[a-z0-9_]+]]: !llvm.ptr<1>, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[BASE:%.*]] = llvm.getelementptr [[Q]][
  // CHECK: [[ROW:%.*]] = arith.andi %{{.*}}, %c31_i32
  // CHECK: [[ROW_BYTES:%.*]] = arith.muli [[ROW]], %c128_i32
  // CHECK: [[CHUNK:%.*]] = arith.shrui %{{.*}}, %c5_i32
  // CHECK: [[CHUNK_BYTES:%.*]] = arith.muli [[CHUNK]], %c16_i32
  // CHECK: [[OFFSET:%.*]] = arith.addi [[ROW_BYTES]], [[CHUNK_BYTES]]
  // CHECK: [[OFFSET64:%.*]] = arith.extui [[OFFSET]]
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[BASE]][[[OFFSET64]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i8
  // CHECK: llvm.load [[AT]] invariant {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
  // CHECK-NOT: llvm.load
  gpu.func @queries(%q : !tile.global<f8E4M3FNUZ>, %i : i32, %s : i64) {
    %r = tile.load %q[%i, 0, 0] strides [%s, 128, 1] : !tile.global<f8E4M3FNUZ> -> tensor<1x32x32xf8E4M3FNUZ, #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [1 x d0 by 1], element = [16 x d2 by 1]>>
    gpu.return
  }

  // Rows at a stride that is not known here: 64-bit products, for the lane and
  // for the fragments of rows 32 to 63; chunks of 32 bytes are constants.
  // CHECK-LABEL: gpu.func @dynamic
  // CHECK-SAME: ([[Q:%[a-z0-9_]+]]: !llvm.ptr<1>, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[ROW:%.*]] = arith.extui %{{.*}} : i32 to i64
  // CHECK: arith.muli [[ROW]], [[S]] : i64
  // CHECK-COUNT-2: llvm.load {{.*}} -> vector<4xi32>
  // CHECK: arith.muli %c32_i64{{.*}}, [[S]] : i64
  // CHECK: llvm.load {{.*}} -> vector<4xi32>
  // CHECK: llvm.getelementptr %{{.*}}[32]
  // CHECK-NEXT: llvm.load {{.*}} -> vector<4xi32>
  // CHECK-NOT: llvm.load
  gpu.func @dynamic(%q : !tile.global<f8E4M3FNUZ>, %i : i32, %s : i64) {
    %r = tile.load %q[%i, 0] strides [%s, 1] : !tile.global<f8E4M3FNUZ> -> tensor<64x64xf8E4M3FNUZ, #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>>
    gpu.return
  }

  // An accumulator's rows: four runs of four, eight rows apart, in one register
  // tuple.
  // CHECK-LABEL: gpu.func @gate
  // CHECK: [[X0:%.*]] = llvm.load [[BASE:%.*]] invariant {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
  // CHECK: vector.insert_strided_slice [[X0]], %{{.*}} {offsets = [0], strides = [1]} : vector<4xf32> into vector<16xf32>
  // CHECK: llvm.getelementptr [[BASE]][8] : (!llvm.ptr<1>) -> !llvm.ptr<1>, f32
  // CHECK: vector.insert_strided_slice {{.*}} {offsets = [4], strides = [1]}
  // CHECK: llvm.getelementptr [[BASE]][16] : (!llvm.ptr<1>) -> !llvm.ptr<1>, f32
  // CHECK: vector.insert_strided_slice {{.*}} {offsets = [8], strides = [1]}
  // CHECK: llvm.getelementptr [[BASE]][24] : (!llvm.ptr<1>) -> !llvm.ptr<1>, f32
  // CHECK: vector.insert_strided_slice {{.*}} {offsets = [12], strides = [1]}
  gpu.func @gate(%w : !tile.global<f32>, %i : i32, %s : i64) {
    %r = tile.load %w[%i, 0] strides [%s, 1] : !tile.global<f32> -> tensor<1x32xf32, #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d1 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>>
    gpu.return
  }

  // No instruction, which LLVM takes for one that writes memory.
  // CHECK-LABEL: gpu.func @loads_first
  // CHECK: llvm.load
  // CHECK-NEXT: llvm.inline_asm has_side_effects "", "~{memory}" : () -> ()
  // CHECK-NEXT: rocdl.sched.barrier 0
  // CHECK-NEXT: gpu.return
  gpu.func @loads_first(%p : !tile.global<i32>) -> i32 {
    %r = tile.load %p[0] strides [1] : !tile.global<i32> -> i32
    tile.loads_first
    gpu.return %r : i32
  }
}
