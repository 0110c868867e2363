// CHECK: #pragma clang fp contract(off)
// CHECK: typedef unsigned int u32;
// CHECK: typedef long long i64;
// CHECK: HIPDEX_DEVICE T min_of(T a, T b) {
// CHECK: extern "C" __global__ void __launch_bounds__(64)
// CHECK-NEXT: __attribute__((amdgpu_flat_work_group_size(64, 64)))
// CHECK-NEXT: __attribute__((amdgpu_waves_per_eu(1, 1)))
// CHECK-NEXT: arithmetic(int *out, u32 a, u32 b, u64 wide, float x, float y, bool flag) {
// CHECK-NEXT: u32 sum = a + b;
// CHECK-NEXT: u32 less = sum - 1;
// CHECK-NEXT: u32 product = (a - less) * 5;
// CHECK-NEXT: u32 masked = (product << 5) & 0xff800000;
// CHECK-NEXT: u32 quotient = (masked / 5 % 5) | b;
// CHECK-NEXT: int least = min_of(int(quotient), 5);
// CHECK-NEXT: u32 most = max_of(quotient, 5u);
// CHECK-NEXT: int halved = least >> 1;
// CHECK-NEXT: bool is_less = halved < int(most);
// CHECK-NEXT: bool is_below = u32(halved) < most;
// CHECK-NEXT: bool either = (is_less & flag) | !is_below;
// CHECK-NEXT: int chosen = either ? most : 1;
// CHECK-NEXT: u64 offset = i64(chosen) * wide;
// CHECK-NEXT: u32 back = u32(offset) + u32(either);
// CHECK-NEXT: float z = (x + y) * 0.0001f;
// CHECK-NEXT: float fused = fma_of(z, x, y);
// CHECK-NEXT: float root = __builtin_elementwise_sqrt(-fused);
// CHECK-NEXT: float clamped = max_num(root / y, -__builtin_inff());
// CHECK-NEXT: bool is_nan = clamped != clamped;
// CHECK-NEXT: bool is_above = !(clamped <= y);
// CHECK-NEXT: int bits = bits_as<int>(is_nan & is_above ? clamped : y);
// CHECK-NEXT: store_global<int>(out, bits);
// CHECK-NEXT: store_global<u32>(out, back);
// CHECK-NEXT: }
// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o /dev/null | FileCheck %s

// Integers have no sign here, C++'s do: additions are of unsigned numbers, what
// looks at signs is of signed ones.

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
gpu.func @arithmetic(%out: !llvm.ptr<1> loc("out"), %a: i32 loc("a"), %b: i32 loc("b"), %wide: i64 loc("wide"), %x: f32 loc("x"), %y: f32 loc("y"), %flag: i1 loc("flag"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %c1 = arith.constant 1 : i32
  %c5 = arith.constant 5 : i32
  %cm1 = arith.constant -1 : i32
  %mask = arith.constant -8388608 : i32
  %true = arith.constant true
  %big = arith.constant 9.99999974E-5 : f32
  %inf = arith.constant 0xFF800000 : f32
  %sum = arith.addi %a, %b : i32 loc("sum")
  %less = arith.addi %sum, %cm1 : i32 loc("less")
  %difference = arith.subi %a, %less : i32 loc("product")
  %product = arith.muli %difference, %c5 : i32 loc("product")
  %shifted = arith.shli %product, %c5 : i32 loc("masked")
  %masked = arith.andi %shifted, %mask : i32 loc("masked")
  %divided = arith.divui %masked, %c5 : i32 loc("quotient")
  %rest = arith.remui %divided, %c5 : i32 loc("quotient")
  %quotient = arith.ori %rest, %b : i32 loc("quotient")
  %least = arith.minsi %quotient, %c5 : i32 loc("least")
  %most = arith.maxui %quotient, %c5 : i32 loc("most")
  %halved = arith.shrsi %least, %c1 : i32 loc("halved")
  %is_less = arith.cmpi slt, %halved, %most : i32 loc("is_less")
  %is_below = arith.cmpi ult, %halved, %most : i32 loc("is_below")
  %both = arith.andi %is_less, %flag : i1 loc("either")
  %not = arith.xori %is_below, %true : i1 loc("either")
  %either = arith.ori %both, %not : i1 loc("either")
  %chosen = arith.select %either, %most, %c1 : i32 loc("chosen")
  %long = arith.extsi %chosen : i32 to i64 loc("offset")
  %offset = arith.muli %long, %wide : i64 loc("offset")
  %short = arith.trunci %offset : i64 to i32 loc("back")
  %bit = arith.extui %either : i1 to i32 loc("back")
  %back = arith.addi %short, %bit : i32 loc("back")
  %w = arith.addf %x, %y : f32 loc("z")
  %z = arith.mulf %w, %big : f32 loc("z")
  %fused = math.fma %z, %x, %y : f32 loc("fused")
  %minus = arith.negf %fused : f32 loc("root")
  %root = math.sqrt %minus : f32 loc("root")
  %ratio = arith.divf %root, %y : f32 loc("clamped")
  %clamped = arith.maxnumf %ratio, %inf : f32 loc("clamped")
  %is_nan = arith.cmpf uno, %clamped, %clamped : f32 loc("is_nan")
  %is_above = arith.cmpf ugt, %clamped, %y : f32 loc("is_above")
  %nan_above = arith.andi %is_nan, %is_above : i1 loc("bits")
  %which = arith.select %nan_above, %clamped, %y : f32 loc("bits")
  %bits = arith.bitcast %which : f32 to i32 loc("bits")
  llvm.store %bits, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  llvm.store %back, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  gpu.return
}
}
