// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX942
// RUN: sed -e 's/gfx942/gfx950/g; s/f8E4M3FNUZ/f8E4M3FN/g' %s | hipdex-opt -tile-to-gpu | FileCheck %s --check-prefixes=CHECK,GFX950

#k32 = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [1 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
#k16 = #tile.distribution<lane = [16 x d0 by 1, 4 x d1 by 16], fragment = [4 x d0 by 16], element = [16 x d1 by 1]>
#k4 = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 4], fragment = [2 x d0 by 32], element = [4 x d1 by 1]>
#tokens = #tile.distribution<lane = [64 x d1 by 1], fragment = [2 x d0 by 1], element = []>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // Each lane's words, of one token and then of the token 32 further; then the
  // lanes that hold the other halves of the tokens trade. All rows get the sum.
  // CHECK-LABEL: gpu.func @sum32
  // CHECK-SAME: ([[K0:%[a-z0-9_]+]]: vector<4xi32>, [[K1:%[a-z0-9_]+]]: vector<4xi32>, [[P:%[a-z0-9_]+]]: !llvm.ptr<1>
  // CHECK: [[A:%.*]] = vector.extract [[K0]][0] : i32
  // CHECK: [[B:%.*]] = vector.extract [[K0]][1] : i32
  // CHECK: [[AB:%.*]] = arith.addi [[A]], [[B]] : i32
  // CHECK: [[C:%.*]] = vector.extract [[K0]][2] : i32
  // CHECK: [[ABC:%.*]] = arith.addi [[AB]], [[C]] : i32
  // CHECK: [[D:%.*]] = vector.extract [[K0]][3] : i32
  // CHECK: [[LOW:%.*]] = arith.addi [[ABC]], [[D]] : i32
  // CHECK: vector.extract [[K1]][0] : i32
  // CHECK: [[D:%.*]] = vector.extract [[K1]][3] : i32
  // CHECK: [[HIGH:%.*]] = arith.addi %{{.*}}, [[D]] : i32
  // GFX942: [[IS_LOW:%.*]] = arith.cmpi eq
  // GFX942: [[KEPT:%.*]] = arith.select [[IS_LOW]], [[LOW]], [[HIGH]] : i32
  // GFX942: [[SENT:%.*]] = arith.select [[IS_LOW]], [[HIGH]], [[LOW]] : i32
  // GFX942: [[GOT:%.*]] = rocdl.ds_bpermute
  // GFX942: [[SUM:%.*]] = arith.addi [[KEPT]],
  // GFX950: [[PAIR:%.*]] = rocdl.permlane32.swap {{.*}}, false, false
  // GFX950: llvm.extractvalue [[PAIR]][0]
  // GFX950: llvm.extractvalue [[PAIR]][1]
  // GFX950: [[SUM:%.*]] = arith.addi {{.*}} : i32
  // CHECK-NOT: arith.addf
  // CHECK: rocdl.raw.ptr.buffer.store [[SUM]],
  // CHECK: rocdl.raw.ptr.buffer.store [[SUM]],
  // CHECK: gpu.return
  gpu.func @sum32(%k : tensor<64x32xf8E4M3FNUZ, #k32>, %p : !tile.global<i32>, %row : i32, %stride : i64) {
    %r = tile.sum_words %k : tensor<64x32xf8E4M3FNUZ, #k32> -> tensor<2x64xi32, #tokens>
    tile.store_rows %r, %p[%row, %row] row_stride %stride below %row : tensor<2x64xi32, #tokens>, !tile.global<i32>
    gpu.return
  }

  // Four groups of 16 tokens: lanes 32 apart first, then lanes 16 apart.
  // CHECK-LABEL: gpu.func @sum16
  // GFX942-COUNT-3: rocdl.ds_bpermute
  // GFX950-COUNT-2: rocdl.permlane32.swap
  // GFX950: rocdl.permlane16.swap
  // CHECK: gpu.return
  gpu.func @sum16(%k : tensor<64x64xf8E4M3FNUZ, #k16>) {
    %r = tile.sum_words %k : tensor<64x64xf8E4M3FNUZ, #k16> -> tensor<2x64xi32, #tokens>
    gpu.return
  }

  // One word a lane is its own sum.
  // CHECK-LABEL: gpu.func @sum4
  // CHECK-SAME: ([[K0:%[a-z0-9_]+]]: i32, [[K1:%[a-z0-9_]+]]: i32)
  // GFX942: arith.select %{{.*}}, [[K0]], [[K1]] : i32
  // GFX950: [[B0:%.*]] = arith.bitcast [[K0]] : i32 to i32
  // GFX950: [[B1:%.*]] = arith.bitcast [[K1]] : i32 to i32
  // GFX950: rocdl.permlane32.swap [[B0]], [[B1]]
  gpu.func @sum4(%k : tensor<64x8xf8E4M3FNUZ, #k4>) {
    %r = tile.sum_words %k : tensor<64x8xf8E4M3FNUZ, #k4> -> tensor<2x64xi32, #tokens>
    gpu.return
  }
}
