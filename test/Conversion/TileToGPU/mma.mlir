// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX942
// RUN: sed -e 's/gfx942/gfx950/g; s/f8E4M3FNUZ/f8E4M3FN/g' %s | hipdex-opt -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX950

#q32 = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [4 x d2 by 32, 1 x d0 by 1], element = [16 x d2 by 1]>
#k32 = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [4 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#s32 = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#q16 = #tile.distribution<lane = [16 x d1 by 1, 4 x d2 by 16], fragment = [2 x d2 by 64, 1 x d0 by 1], element = [16 x d2 by 1]>
#k16 = #tile.distribution<lane = [16 x d0 by 1, 4 x d1 by 16], fragment = [2 x d1 by 64, 4 x d0 by 16], element = [16 x d1 by 1]>
#s16 = #tile.distribution<lane = [16 x d2 by 1, 4 x d1 by 4], fragment = [1 x d0 by 1, 4 x d2 by 16], element = [4 x d1 by 1]>
#q_shallow = #tile.distribution<lane = [32 x d1 by 1, 2 x d2 by 16], fragment = [], element = [16 x d2 by 1]>
#k_shallow = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [], element = [16 x d1 by 1]>
#s_shallow = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [], element = [4 x d1 by 1, 4 x d1 by 8]>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // The query rows are the first operand (rows of the accumulator, on registers),
  // K the second (columns, on lanes). Fragments 0 to 3 of each are the chunks of
  // a row; the last is multiplied first. Fragments 4 to 7 of K are the second 32
  // tokens.
  // CHECK-LABEL: gpu.func @mma32
  // CHECK-SAME: ([[Q0:%[a-z0-9_]+]]: vector<4xi32>, [[Q1:%[a-z0-9_]+]]: vector<4xi32>, [[Q2:%[a-z0-9_]+]]: vector<4xi32>, [[Q3:%[a-z0-9_]+]]: vector<4xi32>, [[K0:%[a-z0-9_]+]]: vector<4xi32>, [[K1:%[a-z0-9_]+]]: vector<4xi32>, [[K2:%[a-z0-9_]+]]: vector<4xi32>, [[K3:%[a-z0-9_]+]]: vector<4xi32>, [[K4:%[a-z0-9_]+]]: vector<4xi32>, [[K5:%[a-z0-9_]+]]: vector<4xi32>, [[K6:%[a-z0-9_]+]]: vector<4xi32>, [[K7:%[a-z0-9_]+]]: vector<4xi32>)
  // GFX942: [[A:%.*]] = vector.extract_strided_slice [[Q3]] {offsets = [0], sizes = [2], strides = [1]}
  // GFX942: [[A64:%.*]] = llvm.bitcast [[A]] : vector<2xi32> to i64
  // GFX942: [[B:%.*]] = vector.extract_strided_slice [[K3]] {offsets = [0], sizes = [2], strides = [1]}
  // GFX942: [[B64:%.*]] = llvm.bitcast [[B]] : vector<2xi32> to i64
  // GFX942: [[X:%.*]] = rocdl.mfma.f32.32x32x16.fp8.fp8 [[A64]], [[B64]], %cst, %c0_i32, %c0_i32, %c0_i32 : (i64, i64, vector<16xf32>, i32, i32, i32) -> vector<16xf32>
  // GFX942: vector.extract_strided_slice [[Q3]] {offsets = [2]
  // GFX942: vector.extract_strided_slice [[K3]] {offsets = [2]
  // GFX942: [[Y:%.*]] = rocdl.mfma.f32.32x32x16.fp8.fp8 %{{.*}}, %{{.*}}, [[X]],
  // GFX942: vector.extract_strided_slice [[Q2]] {offsets = [0]
  // GFX942: vector.extract_strided_slice [[K2]] {offsets = [0]
  // GFX942: rocdl.mfma.f32.32x32x16.fp8.fp8 %{{.*}}, %{{.*}}, [[Y]],
  // GFX942-COUNT-5: rocdl.mfma.f32.32x32x16.fp8.fp8
  // GFX942: vector.extract_strided_slice [[Q3]] {offsets = [0]
  // GFX942: vector.extract_strided_slice [[K7]] {offsets = [0]
  // GFX942: rocdl.mfma.f32.32x32x16.fp8.fp8 %{{.*}}, %{{.*}}, %cst{{.*}}, %c0_i32
  // GFX942-COUNT-7: rocdl.mfma.f32.32x32x16.fp8.fp8
  // GFX942-NOT: rocdl.mfma
  // GFX950: [[A:%.*]] = vector.shuffle [[Q2]], [[Q3]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: [[B:%.*]] = vector.shuffle [[K2]], [[K3]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: [[X:%.*]] = rocdl.mfma.scale.f32.32x32x64.f8f6f4 [[A]], [[B]], %cst, %c0_i32, %c0_i32, %c0_i32, %c0_i32, %c0_i32, %c0_i32 : (vector<8xi32>, vector<8xi32>, vector<16xf32>, i32, i32, i32, i32, i32, i32) -> vector<16xf32>
  // GFX950: [[A:%.*]] = vector.shuffle [[Q0]], [[Q1]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: [[B:%.*]] = vector.shuffle [[K0]], [[K1]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: rocdl.mfma.scale.f32.32x32x64.f8f6f4 [[A]], [[B]], [[X]],
  // GFX950: vector.shuffle [[K6]], [[K7]]
  // GFX950: [[X:%.*]] = rocdl.mfma.scale.f32.32x32x64.f8f6f4 %{{.*}}, %{{.*}}, %cst
  // GFX950: vector.shuffle [[K4]], [[K5]]
  // GFX950: rocdl.mfma.scale.f32.32x32x64.f8f6f4 %{{.*}}, %{{.*}}, [[X]],
  // GFX950-NOT: rocdl.mfma
  // CHECK: gpu.return
  gpu.func @mma32(%q : tensor<1x32x128xf8E4M3FNUZ, #q32>, %k : tensor<64x128xf8E4M3FNUZ, #k32>) {
    %s = tile.mma %q, %k : tensor<1x32x128xf8E4M3FNUZ, #q32>, tensor<64x128xf8E4M3FNUZ, #k32> -> tensor<1x32x64xf32, #s32>
    gpu.return
  }

  // Four times 16 tokens, two chunks a row.
  // CHECK-LABEL: gpu.func @mma16
  // CHECK-SAME: ([[Q0:%[a-z0-9_]+]]: vector<4xi32>, [[Q1:%[a-z0-9_]+]]: vector<4xi32>, [[K0:%[a-z0-9_]+]]: vector<4xi32>, [[K1:%[a-z0-9_]+]]: vector<4xi32>,
  // GFX942: vector.extract_strided_slice [[Q1]] {offsets = [0]
  // GFX942: vector.extract_strided_slice [[K1]] {offsets = [0]
  // GFX942-COUNT-16: rocdl.mfma.f32.16x16x32.fp8.fp8 {{.*}} : (i64, i64, vector<4xf32>, i32, i32, i32) -> vector<4xf32>
  // GFX942-NOT: rocdl.mfma
  // GFX950: [[A:%.*]] = vector.shuffle [[Q0]], [[Q1]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: [[B:%.*]] = vector.shuffle [[K0]], [[K1]] [0, 1, 2, 3, 4, 5, 6, 7]
  // GFX950: rocdl.mfma.scale.f32.16x16x128.f8f6f4 [[A]], [[B]], %cst, %c0_i32, %c0_i32, %c0_i32, %c0_i32, %c0_i32, %c0_i32 : (vector<8xi32>, vector<8xi32>, vector<4xf32>, i32, i32, i32, i32, i32, i32) -> vector<4xf32>
  // GFX950-COUNT-3: rocdl.mfma.scale.f32.16x16x128.f8f6f4
  // GFX950-NOT: rocdl.mfma
  // CHECK: gpu.return
  gpu.func @mma16(%q : tensor<1x16x128xf8E4M3FNUZ, #q16>, %k : tensor<64x128xf8E4M3FNUZ, #k16>) {
    %s = tile.mma %q, %k : tensor<1x16x128xf8E4M3FNUZ, #q16>, tensor<64x128xf8E4M3FNUZ, #k16> -> tensor<1x16x64xf32, #s16>
    gpu.return
  }

  // 32 bytes of depth: half an operand of gfx950's instruction, which takes the
  // older one instead.
  // CHECK-LABEL: gpu.func @shallow
  // CHECK-COUNT-2: rocdl.mfma.f32.32x32x16.fp8.fp8
  // CHECK-NOT: rocdl.mfma
  // CHECK: gpu.return
  gpu.func @shallow(%q : tensor<1x32x32xf8E4M3FNUZ, #q_shallow>, %k : tensor<32x32xf8E4M3FNUZ, #k_shallow>) {
    %s = tile.mma %q, %k : tensor<1x32x32xf8E4M3FNUZ, #q_shallow>, tensor<32x32xf8E4M3FNUZ, #k_shallow> -> tensor<1x32x32xf32, #s_shallow>
    gpu.return
  }
}
