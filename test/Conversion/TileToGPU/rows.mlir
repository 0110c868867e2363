// RUN: hipdex-opt %s -tile-to-gpu -canonicalize -cse | FileCheck %s

// Rows on groups of lanes, and stores to slots of a cache.

#rows = #tile.distribution<lane = [8 x d1 by 16, 8 x d0 by 1], fragment = [], element = [16 x d1 by 1]>
#row = #tile.distribution<lane = [8 x d0 by 0, 8 x d0 by 1], fragment = [], element = []>
!cache = !indexer.cache<page_size = 64, head_dim = 128, order = preshuffle(16,16), fp8 = f8E4M3FN>
!given = tensor<8x128xbf16, #rows>
!values = tensor<8x128xf32, #rows>
!bits = tensor<8x128xi32, #rows>
!codes = tensor<8x128xf8E4M3FN, #rows>
!numbers = tensor<8xi32, #row>
!scales = tensor<8xf32, #row>
!flags = tensor<8xi1, #row>

gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
  // CHECK-LABEL: gpu.func @rows
  // CHECK-SAME: (%[[BASE:[a-z0-9]+]]: !llvm.ptr<1>, %[[STRIDE:[a-z0-9]+]]: i64, %[[ROW:[a-z0-9]+]]: i32,
  gpu.func @rows(%base : !tile.global<bf16>, %stride : i64, %numbers : !numbers, %cache : !cache, %mask : !flags) kernel {
    // A row's number is unsigned, its address has 64 bits.
    // CHECK: %[[WIDE:.*]] = arith.extui %[[ROW]] : i32 to i64
    // CHECK: %[[OFFSET:.*]] = arith.muli %[[WIDE]], %[[STRIDE]] : i64
    // CHECK: llvm.getelementptr %[[BASE]][%[[OFFSET]]] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, bf16
    // CHECK: %[[LOADED:.*]] = llvm.load %{{.*}} invariant {alignment = 2 : i64} : !llvm.ptr<1> -> vector<16xbf16>
    %given = tile.load_rows %base[%numbers] row_stride %stride : !tile.global<bf16>, !numbers -> !given
    // CHECK: %[[VALUES:.*]] = arith.extf %[[LOADED]] : vector<16xbf16> to vector<16xf32>
    %values = tile.extend %given : !given -> !values
    // CHECK: %[[BITS:.*]] = arith.bitcast %[[VALUES]]
    %bits = arith.bitcast %values : !values to !bits
    // Within the lane, then lanes 1, 2 and 4 apart.
    // CHECK: %[[M0:.*]] = vector.reduction <maxsi>, %[[BITS]] : vector<16xi32> into i32
    // CHECK: %[[D1:.*]] = rocdl.update.dpp %[[M0]], %[[M0]] with 177, 15, 15, true : i32
    // CHECK: %[[M1:.*]] = arith.maxsi %[[M0]], %[[D1]]
    // CHECK: %[[D2:.*]] = rocdl.update.dpp %[[M1]], %[[M1]] with 78, 15, 15, true : i32
    // CHECK: %[[M2:.*]] = arith.maxsi %[[M1]], %[[D2]]
    // CHECK: %[[D4:.*]] = rocdl.update.dpp %[[M2]], %[[M2]] with 321, 15, 15, true : i32
    // CHECK: %[[MAX:.*]] = arith.maxsi %[[M2]], %[[D4]]
    // CHECK-NOT: rocdl.update.dpp
    %max = tile.row_max %bits : !bits -> !numbers
    %scale = arith.bitcast %max : !numbers to !scales
    // CHECK: vector.broadcast %{{.*}} : f32 to vector<16xf32>
    %factor = tile.broadcast %scale : !scales -> !values
    // CHECK: %[[PRODUCT:.*]] = arith.mulf
    %product = arith.mulf %values, %factor : !values
    // Four numbers a word.
    // CHECK: %[[P0:.*]] = vector.extract %[[PRODUCT]][0]
    // CHECK: %[[P1:.*]] = vector.extract %[[PRODUCT]][1]
    // CHECK: %[[P2:.*]] = vector.extract %[[PRODUCT]][2]
    // CHECK: %[[P3:.*]] = vector.extract %[[PRODUCT]][3]
    // CHECK: %[[LOW:.*]] = rocdl.cvt.pk.fp8.f32 %[[P0]], %[[P1]] -> %{{.*}}[false] : i32
    // CHECK: rocdl.cvt.pk.fp8.f32 %[[P2]], %[[P3]] -> %[[LOW]][true] : i32
    // CHECK-COUNT-6: rocdl.cvt.pk.fp8.f32
    // CHECK: vector.from_elements {{.*}} : vector<4xi32>
    %codes = arith.truncf %product : !values to !codes
    tile.store_keys %codes, %cache[%numbers] page_stride %stride where %mask : !codes, !cache, !numbers, !flags
    gpu.return
  }

  // CHECK-LABEL: gpu.func @stores
  // CHECK-SAME: (%[[CODES:.*]]: vector<4xi32>, %[[SCALE:.*]]: f32, %[[CACHE:.*]]: !llvm.ptr<1>, %[[SLOT:.*]]: i32, %[[STRIDE:.*]]: i64, %[[MASK:.*]]: i1, %[[ERROR:.*]]: !llvm.ptr<1>)
  gpu.func @stores(%codes : !codes, %scales : !scales, %cache : !cache, %slots : !numbers, %stride : i64, %mask : !flags, %error : !tile.global<i32>) kernel {
    // CHECK: %[[COPY:.*]] = arith.andi %{{.*}}, %c7_i32 : i32
    // CHECK: scf.if %[[MASK]] {
    // CHECK: %[[PAGE:.*]] = arith.shrui %[[SLOT]], %c6_i32 : i32
    // CHECK: %[[PLACE:.*]] = arith.andi %[[SLOT]], %c63_i32 : i32
    // The layout's digits of the token.
    // CHECK-DAG: arith.shrui %[[PLACE]], %c4_i32 : i32
    // CHECK-DAG: arith.andi %[[PLACE]], %c15_i32 : i32
    // CHECK: llvm.store %[[CODES]], %{{.*}} {alignment = 16 : i64} : vector<4xi32>, !llvm.ptr<1>
    tile.store_keys %codes, %cache[%slots] page_stride %stride where %mask : !codes, !cache, !numbers, !flags
    // The first of the lanes of a row.
    // CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[COPY]], %c0_i32 : i32
    // CHECK: %[[ONE:.*]] = arith.andi %[[MASK]], %[[FIRST]] : i1
    // CHECK: scf.if %[[ONE]] {
    // CHECK: llvm.getelementptr %{{.*}}[8192]
    // CHECK: llvm.store %[[SCALE]], %{{.*}} {alignment = 4 : i64} : f32, !llvm.ptr<1>
    tile.store_scales %scales, %cache[%slots] page_stride %stride where %mask : !scales, !cache, !numbers, !flags
    // CHECK: %[[BALLOT:.*]] = rocdl.ballot %[[MASK]] : i64
    // CHECK: %[[ANY:.*]] = arith.cmpi ne, %[[BALLOT]], %c0_i64 : i64
    %any = tile.any %mask : !flags
    // CHECK: %[[BIT:.*]] = arith.extui %[[ANY]] : i1 to i32
    %bit = arith.extui %any : i1 to i32
    // Only if there is a bit, and a word for it.
    // CHECK: %[[WORD:.*]] = llvm.ptrtoint %[[ERROR]]
    // CHECK: scf.if
    // CHECK: llvm.atomicrmw _or %[[ERROR]], %[[BIT]] syncscope("agent") monotonic
    tile.atomic_or %bit, %error : !tile.global<i32>
    gpu.return
  }

  // CHECK-LABEL: gpu.func @elements
  // CHECK-SAME: (%[[BASE:[a-z0-9]+]]: !llvm.ptr<1>, %[[CELL:[a-z0-9]+]]: i64, %[[ONE:[a-z0-9]+]]: i64, %[[MASK:[a-z0-9]+]]: i1, %[[CODES:[a-z0-9]+]]: vector<4xi32>, %[[DENSE:[a-z0-9]+]]: !llvm.ptr<1>)
  gpu.func @elements(%base : !tile.global<i32>, %cells : tensor<8xi64, #row>, %one : i64, %mask : !flags, %codes : !codes, %dense : !tile.global<f8E4M3FN>) kernel {
    // CHECK: %[[LOADED:.*]] = llvm.load %{{.*}} invariant {alignment = 4 : i64} : !llvm.ptr<1> -> i32
    %loaded = tile.load_rows %base[%cells] row_stride %one : !tile.global<i32>, tensor<8xi64, #row> -> !numbers
    // CHECK: %[[KEPT:.*]] = arith.select %[[MASK]], %[[CODES]], %{{.*}} : vector<4xi32>
    %kept = tile.keep_rows %codes where %mask : !codes, !flags
    // CHECK: scf.if %[[MASK]] {
    // CHECK-NEXT: llvm.store %[[KEPT]], %{{.*}} {alignment = 1 : i64} : vector<4xi32>, !llvm.ptr<1>
    tile.scatter_rows %kept, %dense[%loaded] row_stride %one where %mask : !codes, !tile.global<f8E4M3FN>, !numbers, !flags
    // One of the lanes of a row.
    // CHECK: %[[FIRST:.*]] = arith.cmpi eq
    // CHECK: %[[ONLY:.*]] = arith.andi %[[MASK]], %[[FIRST]]
    // CHECK: scf.if %[[ONLY]] {
    // CHECK-NEXT: llvm.store %[[LOADED]], %{{.*}} {alignment = 4 : i64} : i32, !llvm.ptr<1>
    tile.scatter_rows %loaded, %base[%cells] row_stride %one where %mask : !numbers, !tile.global<i32>, tensor<8xi64, #row>, !flags
    gpu.return
  }
}
