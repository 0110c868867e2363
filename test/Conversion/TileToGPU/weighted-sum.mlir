// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX942
// RUN: sed -e 's/gfx942/gfx950/g; s/f8E4M3FNUZ/f8E4M3FN/g' %s | hipdex-opt -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX950

#s32 = #tile.distribution<lane = [32 x d2 by 1, 2 x d1 by 4], fragment = [1 x d0 by 1, 2 x d2 by 32], element = [4 x d1 by 1, 4 x d1 by 8]>
#g32 = #tile.distribution<lane = [32 x d0 by 0, 2 x d1 by 4], fragment = [1 x d0 by 1], element = [4 x d1 by 1, 4 x d1 by 8]>
#s16 = #tile.distribution<lane = [16 x d2 by 1, 4 x d1 by 4], fragment = [1 x d0 by 1, 4 x d2 by 16], element = [4 x d1 by 1]>
#g16 = #tile.distribution<lane = [16 x d0 by 0, 4 x d1 by 4], fragment = [1 x d0 by 1], element = [4 x d1 by 1]>
#s8 = #tile.distribution<lane = [16 x d2 by 1, 2 x d1 by 4, 2 x d1 by 0], fragment = [1 x d0 by 1, 4 x d2 by 16], element = [4 x d1 by 1]>
#g8 = #tile.distribution<lane = [16 x d0 by 0, 2 x d1 by 4, 2 x d1 by 0], fragment = [1 x d0 by 1], element = [4 x d1 by 1]>
#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [1 x d0 by 1], element = []>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // Two rows at a time by packed multiply-add, the last two added; then lanes
  // that hold other rows of a column trade: the lower lanes end up with the
  // first 32 columns.
  // CHECK-LABEL: gpu.func @sum32
  // CHECK-SAME: ([[S0:%[a-z0-9_]+]]: vector<16xf32>, [[S1:%[a-z0-9_]+]]: vector<16xf32>, [[W:%[a-z0-9_]+]]: vector<16xf32>)
  // CHECK: [[S:%.*]] = vector.extract_strided_slice [[S0]] {offsets = [0], sizes = [2], strides = [1]}
  // CHECK: [[G:%.*]] = vector.extract_strided_slice [[W]] {offsets = [0], sizes = [2], strides = [1]}
  // CHECK: [[SUM:%.*]] = arith.mulf [[S]], [[G]] : vector<2xf32>
  // CHECK: [[S:%.*]] = vector.extract_strided_slice [[S0]] {offsets = [2], sizes = [2], strides = [1]}
  // CHECK: [[G:%.*]] = vector.extract_strided_slice [[W]] {offsets = [2], sizes = [2], strides = [1]}
  // CHECK: math.fma [[S]], [[G]], [[SUM]] : vector<2xf32>
  // CHECK-COUNT-6: math.fma
  // CHECK: [[LOW:%.*]] = arith.addf {{.*}} : f32
  // CHECK: vector.extract_strided_slice [[S1]] {offsets = [0]
  // CHECK-COUNT-7: math.fma
  // CHECK: [[HIGH:%.*]] = arith.addf {{.*}} : f32
  // GFX942: [[LANE:%.*]] = arith.andi %{{.*}}, %c63_i32
  // GFX942: [[BIT:%.*]] = arith.andi [[LANE]], %c32_i32
  // GFX942: [[IS_LOW:%.*]] = arith.cmpi eq, [[BIT]], %c0_i32
  // GFX942: [[KEPT:%.*]] = arith.select [[IS_LOW]], [[LOW]], [[HIGH]] : f32
  // GFX942: [[SENT:%.*]] = arith.select [[IS_LOW]], [[HIGH]], [[LOW]] : f32
  // GFX942: [[PARTNER:%.*]] = arith.xori [[LANE]], %c32_i32
  // GFX942: [[BYTE:%.*]] = arith.shli [[PARTNER]], %c2_i32
  // GFX942: [[BITS:%.*]] = arith.bitcast [[SENT]]
  // GFX942: [[GOT:%.*]] = rocdl.ds_bpermute [[BYTE]], [[BITS]]
  // GFX942: [[GOT_F:%.*]] = arith.bitcast [[GOT]]
  // GFX942: arith.addf [[KEPT]], [[GOT_F]]
  // GFX950: [[LOW_BITS:%.*]] = arith.bitcast [[LOW]]
  // GFX950: [[HIGH_BITS:%.*]] = arith.bitcast [[HIGH]]
  // GFX950: [[PAIR:%.*]] = rocdl.permlane32.swap [[LOW_BITS]], [[HIGH_BITS]], false, false
  // GFX950: llvm.extractvalue [[PAIR]][0]
  // GFX950: llvm.extractvalue [[PAIR]][1]
  // GFX950: arith.addf
  // CHECK: gpu.return
  gpu.func @sum32(%s : tensor<1x32x64xf32, #s32>, %w : tensor<1x32xf32, #g32>) {
    %r = tile.weighted_sum %s, %w : tensor<1x32x64xf32, #s32>, tensor<1x32xf32, #g32> -> tensor<1x64xf32, #tokens>
    gpu.return
  }

  // The upper lanes have the rows of the lower ones once more: nothing to add,
  // each keeps its columns.
  // CHECK-LABEL: gpu.func @sum8
  // CHECK-COUNT-4: arith.mulf
  // CHECK: [[BIT:%.*]] = arith.andi %{{.*}}, %c32_i32
  // CHECK: [[IS_LOW:%.*]] = arith.cmpi eq, [[BIT]], %c0_i32
  // CHECK: arith.select [[IS_LOW]], {{.*}} : f32
  // CHECK: arith.select {{.*}} : f32
  // GFX942-COUNT-1: rocdl.ds_bpermute
  // GFX950-COUNT-1: rocdl.permlane16.swap
  // CHECK: arith.addf
  // CHECK-NEXT: gpu.return
  gpu.func @sum8(%s : tensor<1x8x64xf32, #s8>, %w : tensor<1x8xf32, #g8>) {
    %r = tile.weighted_sum %s, %w : tensor<1x8x64xf32, #s8>, tensor<1x8xf32, #g8> -> tensor<1x64xf32, #tokens>
    gpu.return
  }

  // Four groups of 16 columns: lanes 32 apart first, then lanes 16 apart.
  // CHECK-LABEL: gpu.func @sum16
  // CHECK-COUNT-4: arith.mulf
  // GFX942: arith.andi %{{.*}}, %c32_i32
  // GFX942: rocdl.ds_bpermute
  // GFX942: arith.andi %{{.*}}, %c32_i32
  // GFX942: rocdl.ds_bpermute
  // GFX942: arith.andi %{{.*}}, %c16_i32
  // GFX942: rocdl.ds_bpermute
  // GFX950-COUNT-2: rocdl.permlane32.swap
  // GFX950: rocdl.permlane16.swap
  // CHECK: arith.addf
  // CHECK-NEXT: gpu.return
  gpu.func @sum16(%s : tensor<1x16x64xf32, #s16>, %w : tensor<1x16xf32, #g16>) {
    %r = tile.weighted_sum %s, %w : tensor<1x16x64xf32, #s16>, tensor<1x16xf32, #g16> -> tensor<1x64xf32, #tokens>
    gpu.return
  }
}
