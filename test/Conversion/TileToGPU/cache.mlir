// RUN: hipdex-opt %s -tile-to-gpu | FileCheck %s

// A step of 64 tokens; rows of 64 bytes keep the text short.
#tokens = #tile.distribution<lane = [64 x d0 by 1], fragment = [], element = []>
#key_entries = #tile.distribution<lane = [32 x d0 by 1, 2 x d0 by 0], fragment = [2 x d0 by 32], element = []>
#keys = #tile.distribution<lane = [32 x d0 by 1, 2 x d1 by 16], fragment = [2 x d1 by 32, 2 x d0 by 32], element = [16 x d1 by 1]>
!entries = tensor<64xi32, #tokens>
!scales = tensor<64xf32, #tokens>
!key_entries = tensor<64xi32, #key_entries>
!keys = tensor<64x64xf8E4M3FNUZ, #keys>
!shuffled = !indexer.cache<page_size = 64, head_dim = 64, order = preshuffle(16,16), fp8 = f8E4M3FNUZ>
!plain64 = !indexer.cache<page_size = 64, head_dim = 64, order = plain, fp8 = f8E4M3FNUZ>
!plain1 = !indexer.cache<page_size = 1, head_dim = 64, order = plain, fp8 = f8E4M3FNUZ>
!big = !indexer.cache<page_size = 256, head_dim = 64, order = plain, fp8 = f8E4M3FNUZ>

gpu.module @gfx942 [#rocdl.target<chip = "gfx942">] {
  // One block holds the step: nothing depends on the lane, and nothing has to be
  // clamped.
  // CHECK-LABEL: gpu.func @lookup_uniform
  // CHECK-SAME: ([[T:%[a-z0-9_]+]]: !llvm.ptr<1>, [[R:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[LAST:%[a-z0-9_]+]]: i32)
  // CHECK-NOT: gpu.thread_id
  // CHECK-NOT: arith.minsi
  // CHECK: [[R64:%.*]] = arith.extsi [[R]]
  // CHECK: [[ROW:%.*]] = arith.muli [[R64]], [[S]] : i64
  // CHECK: [[ENTRIES:%.*]] = llvm.getelementptr [[T]][[[ROW]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i32
  // CHECK: [[BLOCK:%.*]] = arith.shrui [[I]], %c6_i32
  // CHECK: [[BLOCK64:%.*]] = arith.extui [[BLOCK]]
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[ENTRIES]][[[BLOCK64]]]
  // CHECK: llvm.load [[AT]] invariant {alignment = 4 : i64} : !llvm.ptr<1> -> i32
  gpu.func @lookup_uniform(%t : !tile.global<i32>, %r : i32, %i : i32, %s : i64, %last : i32) {
    %e = tile.lookup %t[%r, %i] row_stride %s last %last kv_block_size 64 : !tile.global<i32> -> !key_entries
    gpu.return
  }

  // An entry of its own for each 16 lanes, none past the last token's.
  // CHECK-LABEL: gpu.func @lookup_lane
  // CHECK-SAME: ([[T:%[a-z0-9_]+]]: !llvm.ptr<1>, [[R:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[LAST:%[a-z0-9_]+]]: i32)
  // CHECK: [[LANE:%.*]] = arith.andi %{{.*}}, %c63_i32
  // CHECK: [[TOKEN:%.*]] = arith.addi [[I]], [[LANE]]
  // CHECK: [[SAFE:%.*]] = arith.minsi [[TOKEN]], [[LAST]]
  // CHECK: arith.shrui [[SAFE]], %c4_i32
  // CHECK: llvm.load
  gpu.func @lookup_lane(%t : !tile.global<i32>, %r : i32, %i : i32, %s : i64, %last : i32) {
    %e = tile.lookup %t[%r, %i] row_stride %s last %last kv_block_size 16 : !tile.global<i32> -> !entries
    gpu.return
  }

  // The lanes of a fragment share a block, the two fragments do not.
  // CHECK-LABEL: gpu.func @lookup_fragment
  // CHECK-SAME: ([[T:%[a-z0-9_]+]]: !llvm.ptr<1>, [[R:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64, [[LAST:%[a-z0-9_]+]]: i32)
  // CHECK-NOT: gpu.thread_id
  // CHECK: arith.minsi [[I]], [[LAST]]
  // CHECK: llvm.load
  // CHECK: [[SECOND:%.*]] = arith.addi [[I]], %c32_i32
  // CHECK: arith.minsi [[SECOND]], [[LAST]]
  // CHECK: llvm.load
  gpu.func @lookup_fragment(%t : !tile.global<i32>, %r : i32, %i : i32, %s : i64, %last : i32) {
    %e = tile.lookup %t[%r, %i] row_stride %s last %last kv_block_size 32 : !tile.global<i32> -> !key_entries
    gpu.return
  }

  // A page holds the step: its address is the base of a buffer. Token t, chunk c
  // of it is at t/16*1024 + c*256 + t%16*16: a lane adds 16 for each of 16
  // tokens, 1024 for the second 16, 256 for the second chunk.
  // CHECK-LABEL: gpu.func @page64_preshuffle
  // CHECK-SAME: ([[C:%[a-z0-9_]+]]: !llvm.ptr<1>, [[E:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[T:%.*]] = arith.andi %{{.*}}, %c15_i32
  // CHECK: [[A:%.*]] = arith.muli [[T]], %c16_i32
  // CHECK: [[T16:%.*]] = arith.shrui %{{.*}}, %c4_i32
  // CHECK: [[T1:%.*]] = arith.andi [[T16]], %c1_i32
  // CHECK: [[B:%.*]] = arith.muli [[T1]], %c1024_i32
  // CHECK: [[AB:%.*]] = arith.addi [[A]], [[B]]
  // CHECK: [[T:%.*]] = arith.shrui %{{.*}}, %c5_i32
  // CHECK: [[D:%.*]] = arith.muli [[T]], %c256_i32
  // CHECK: [[LANE:%.*]] = arith.addi [[AB]], [[D]]
  // The page's address is a 64-bit product of 32-bit numbers.
  // CHECK: [[S32:%.*]] = arith.trunci [[S]] : i64 to i32
  // CHECK: [[E64:%.*]] = arith.extui [[E]] : i32 to i64
  // CHECK: [[S64:%.*]] = arith.extui [[S32]] : i32 to i64
  // CHECK: [[PAGE:%.*]] = arith.muli [[E64]], [[S64]] : i64
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[C]][[[PAGE]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i8
  // CHECK: [[BUFFER:%.*]] = rocdl.make.buffer.rsrc [[AT]], %c0_i16{{.*}}, %c4352_i64{{.*}}, %c159744_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c0_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c512_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c2048_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c2560_i32
  gpu.func @page64_preshuffle(%c : !shuffled, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !key_entries
    %k = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !shuffled, !key_entries -> !keys
    gpu.return
  }

  // Token t, chunk c is at t*64 + c*16.
  // CHECK-LABEL: gpu.func @page64_plain
  // CHECK: [[T:%.*]] = arith.andi %{{.*}}, %c31_i32
  // CHECK: [[A:%.*]] = arith.muli [[T]], %c64_i32
  // CHECK: [[T:%.*]] = arith.shrui %{{.*}}, %c5_i32
  // CHECK: [[B:%.*]] = arith.muli [[T]], %c16_i32
  // CHECK: [[LANE:%.*]] = arith.addi [[A]], [[B]]
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c0_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c32_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c2048_i32
  // CHECK: {{(arith.addi|rocdl.raw.ptr.buffer.load %[a-z0-9_]+,)}} [[LANE]], %c2080_i32
  gpu.func @page64_plain(%c : !plain64, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !key_entries
    %k = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 64 : !plain64, !key_entries -> !keys
    gpu.return
  }

  // A page for every token: each lane has an address of its own. 68 bytes a
  // page align rows to 4.
  // CHECK-LABEL: gpu.func @page1
  // CHECK-SAME: ([[C:%[a-z0-9_]+]]: !llvm.ptr<1>, [[E:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK-NOT: rocdl.make.buffer.rsrc
  // CHECK: [[CHUNK:%.*]] = arith.shrui %{{.*}}, %c5_i32
  // CHECK: [[LANE:%.*]] = arith.muli [[CHUNK]], %c16_i32
  // CHECK: [[PAGE:%.*]] = arith.muli %{{.*}}, %{{.*}} : i64
  // CHECK: [[AT:%.*]] = llvm.getelementptr [[C]][[[PAGE]]]
  // CHECK: [[LANE64:%.*]] = arith.extui [[LANE]]
  // CHECK: [[ROW:%.*]] = llvm.getelementptr [[AT]][[[LANE64]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i8
  // CHECK: llvm.load [[ROW]] invariant {alignment = 4 : i64} : !llvm.ptr<1> -> vector<4xi32>
  // CHECK: llvm.getelementptr %{{.*}}[32]
  // CHECK-NEXT: llvm.load {{.*}} -> vector<4xi32>
  // CHECK-NOT: rocdl.make.buffer.rsrc
  gpu.func @page1(%c : !plain1, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !key_entries
    %k = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 1 : !plain1, !key_entries -> !keys
    gpu.return
  }

  // Four blocks a page: entry e is block e%4 of page e/4.
  // CHECK-LABEL: gpu.func @page64_block16
  // CHECK-SAME: ([[C:%[a-z0-9_]+]]: !llvm.ptr<1>, [[E:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[PAGE:%.*]] = arith.shrui [[E]], %c2_i32
  // CHECK: [[BLOCK:%.*]] = arith.andi [[E]], %c3_i32
  // CHECK: [[PLACE:%.*]] = arith.muli [[BLOCK]], %c16_i32
  // CHECK: [[PAGE64:%.*]] = arith.extui [[PAGE]]
  // CHECK: arith.muli [[PAGE64]], %{{.*}} : i64
  // CHECK: [[GROUP:%.*]] = arith.shrui [[PLACE]], %c4_i32
  // CHECK: arith.muli [[GROUP]], %c1024_i32
  // CHECK: llvm.load {{.*}}alignment = 16 : i64{{.*}} -> vector<4xi32>
  // CHECK: llvm.getelementptr %{{.*}}[512]
  // CHECK-NEXT: llvm.load {{.*}} -> vector<4xi32>
  gpu.func @page64_block16(%c : !shuffled, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !key_entries
    %k = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 16 : !shuffled, !key_entries -> !keys
    gpu.return
  }

  // Two blocks a page, two steps a block.
  // CHECK-LABEL: gpu.func @page256
  // CHECK-SAME: ([[C:%[a-z0-9_]+]]: !llvm.ptr<1>, [[E:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[PAGE:%.*]] = arith.shrui [[E]], %c1_i32
  // CHECK: [[BLOCK:%.*]] = arith.andi [[E]], %c1_i32
  // CHECK: [[START:%.*]] = arith.muli [[BLOCK]], %c128_i32
  // CHECK: [[STEP:%.*]] = arith.andi [[I]], %c127_i32
  // CHECK: [[PLACE:%.*]] = arith.addi [[START]], [[STEP]]
  // CHECK: arith.muli [[PLACE]], %c64_i32
  // CHECK: rocdl.raw.ptr.buffer.load {{.*}} : vector<4xi32>
  gpu.func @page256(%c : !big, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !key_entries
    %k = tile.load_keys %c[%e, %i] page_stride %s kv_block_size 128 : !big, !key_entries -> !keys
    gpu.return
  }

  // The scales come behind 4096 bytes of K, four bytes a token.
  // CHECK-LABEL: gpu.func @scales64
  // CHECK: [[LANE:%.*]] = arith.muli %{{.*}}, %c4_i32
  // CHECK: [[BUFFER:%.*]] = rocdl.make.buffer.rsrc %{{.*}}, %c4352_i64
  // CHECK: rocdl.raw.ptr.buffer.load [[BUFFER]], {{.*}}, %c4096_i32{{.*}} : f32
  gpu.func @scales64(%c : !shuffled, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !entries
    %k = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 64 : !shuffled, !entries -> !scales
    gpu.return
  }

  // CHECK-LABEL: gpu.func @scales_block16
  // CHECK-SAME: ([[C:%[a-z0-9_]+]]: !llvm.ptr<1>, [[E:%[a-z0-9_]+]]: i32, [[I:%[a-z0-9_]+]]: i32, [[S:%[a-z0-9_]+]]: i64)
  // CHECK: [[TOKEN:%.*]] = arith.andi %{{.*}}, %c15_i32
  // CHECK: [[LANE:%.*]] = arith.muli [[TOKEN]], %c4_i32
  // CHECK: [[PAGE:%.*]] = arith.shrui [[E]], %c2_i32
  // CHECK: [[BLOCK:%.*]] = arith.andi [[E]], %c3_i32
  // CHECK: [[PLACE:%.*]] = arith.muli [[BLOCK]], %c16_i32
  // CHECK: arith.muli [[PLACE]], %c4_i32
  // CHECK: llvm.getelementptr %{{.*}}[4096]
  // CHECK-NEXT: llvm.load {{.*}}alignment = 4 : i64{{.*}} -> f32
  gpu.func @scales_block16(%c : !shuffled, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !entries
    %k = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 16 : !shuffled, !entries -> !scales
    gpu.return
  }

  // CHECK-LABEL: gpu.func @scales1
  // CHECK-NOT: gpu.thread_id
  // CHECK: llvm.getelementptr %{{.*}}[64]
  // CHECK-NEXT: llvm.load {{.*}}alignment = 4 : i64{{.*}} -> f32
  gpu.func @scales1(%c : !plain1, %e0 : i32, %i : i32, %s : i64) {
    %e = tensor.splat %e0 : !entries
    %k = tile.load_scales %c[%e, %i] page_stride %s kv_block_size 1 : !plain1, !entries -> !scales
    gpu.return
  }
}
