// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o %t.mlir > %t.hip && FileCheck %s < %t.hip
// RUN: %clang -x hip --offload-arch=gfx942 --cuda-device-only -nogpuinc -nogpulib -O3 -Wall -Werror -S -o /dev/null %t.hip

// Where C++ has rules of its own.

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
// CHECK: typedef T aligned __attribute__((aligned(alignment), may_alias));
// CHECK-LABEL: rules(
gpu.func @rules(%out: !llvm.ptr<1> loc("out"), %wide: !llvm.ptr<1> loc("wide"), %n: i32 loc("n"), %m: i32 loc("m"), %n64: i64 loc("n64"), %v: vector<4xi32> loc("v"), %flag: i1 loc("flag"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %c1 = arith.constant 1 : i32
  %one = arith.constant 1 : i64
  %max = arith.constant 255 : i64
  %min = arith.constant -2147483648 : i32
  %min64 = arith.constant -9223372036854775808 : i64

  // The left operand alone says how wide a shift is, and what of.
  // CHECK-NEXT: u64 bit = 1ull << n64;
  %bit = arith.shli %one, %n64 : i64 loc("bit")
  // CHECK-NEXT: i64 right = 255ull >> n64;
  %right = arith.shrui %max, %n64 : i64 loc("right")
  // CHECK-NEXT: int signed_1 = n >> 1;
  %signed = arith.shrsi %n, %c1 : i32 loc("signed")
  // CHECK-NEXT: int most = max_of(n, signed_1);
  %most = arith.maxsi %n, %signed : i32 loc("most")
  // CHECK-NEXT: u32 left = u32(signed_1) << m;
  %left = arith.shli %signed, %m : i32 loc("left")
  %left_out = arith.extui %left : i32 to i64 loc("left_out")
  // CHECK: bool is_more = most > (-2147483647 - 1);
  %is_more = arith.cmpi sgt, %most, %min : i32 loc("is_more")
  // CHECK-NEXT: i64 least = max_of(right, (-9223372036854775807ll - 1));
  %least = arith.maxsi %right, %min64 : i64 loc("least")

  // An index of 32 bits has a sign.
  // CHECK-NEXT: int *place_at = out + int(left);
  %place = llvm.getelementptr %out[%left] : (!llvm.ptr<1>, i32) -> !llvm.ptr<1>, i32 loc("place")

  // True is all ones in a mask.
  %ones = arith.constant dense<true> : vector<4xi1>
  %zeros = arith.constant dense<0> : vector<4xi32>
  // CHECK-NEXT: i32x4 negative = v < (i32x4)0;
  %negative = arith.cmpi slt, %v, %zeros : vector<4xi32> loc("negative")
  // CHECK-NEXT: i32x4 any = negative | (i32x4)-1;
  %any = arith.ori %negative, %ones : vector<4xi1> loc("any")
  // CHECK-NEXT: bool lane = any[1] != 0;
  %lane = vector.extract %any[1] : i1 from vector<4xi1> loc("lane")
  // CHECK-NEXT: u32 of_lane = u32(lane);
  %of_lane = arith.extui %lane : i1 to i32 loc("of_lane")

  // `?:` is a branch, and lanes that do not take it have nothing to give: the
  // move between lanes stands before it, of one name with it or not.
  // CHECK-NEXT: int moved = update_dpp<273, 15, 15, false>(0, m);
  // CHECK-NEXT: moved = flag ? moved : int(m);
  %c0 = arith.constant 0 : i32
  %dpp = rocdl.update.dpp %c0, %m with 273, 15, 15, false : i32 loc("moved")
  %moved = arith.select %flag, %dpp, %m : i32 loc("moved")
  // CHECK-NEXT: u32 both = update_dpp<274, 15, 15, false>(0, m) + m;
  // CHECK-NEXT: both = flag ? both : m;
  %dpp2 = rocdl.update.dpp %c0, %m with 274, 15, 15, false : i32 loc("both")
  %sum = arith.addi %dpp2, %m : i32 loc("both")
  %both = arith.select %flag, %sum, %m : i32 loc("both")

  // Words and types of C++, and characters that no name has.
  // CHECK-NEXT: u32 unsigned_1 = most ^ of_lane;
  %unsigned = arith.xori %most, %of_lane : i32 loc("unsigned")
  // CHECK-NEXT: u32 f32x4_1 = unsigned_1 ^ moved;
  %f32x4 = arith.xori %unsigned, %moved : i32 loc("f32x4")
  // CHECK-NEXT: u32 a_b = f32x4_1 ^ both;
  %ab = arith.xori %f32x4, %both : i32 loc("a.b")

  // A comment ends where its line does.
  // CHECK: // One line, and a second: C:\.
  // CHECK-NEXT: store_global
  llvm.store %ab, %place {alignment = 4 : i64} : i32, !llvm.ptr<1> loc(fused<"One line,\0Aand a second: C:\\">["t.mlir":1:1])
  // CHECK: // Or by a trigraph: ??/.
  // CHECK-NEXT: store_global
  llvm.store %bit, %wide {alignment = 8 : i64} : i64, !llvm.ptr<1> loc(fused<"Or by a trigraph: ??/">["t.mlir":2:1])
  llvm.store %least, %wide {alignment = 8 : i64} : i64, !llvm.ptr<1>
  llvm.store %left_out, %wide {alignment = 8 : i64} : i64, !llvm.ptr<1>
  %more = arith.extui %is_more : i1 to i32 loc("more")
  llvm.store %more, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  gpu.return
}
}
