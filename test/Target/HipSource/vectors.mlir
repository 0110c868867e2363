// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o /dev/null | FileCheck %s

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
// CHECK: typedef float f32x16 __attribute__((ext_vector_type(16)));
// CHECK-LABEL: vectors(bf16x8 *out, f32x16 dot, f32x2 gate, u32x4 words, bf16x8 half) {
// CHECK-NEXT: i32x16 bits = (i32x16)dot;
// CHECK-NEXT: i32x16 positive = max_of(bits, (i32x16)0);
// CHECK-NEXT: f32x16 relu = (f32x16)positive;
// CHECK-NEXT: f32x2 sum = fma_of(relu.sef, gate, gate);
// CHECK-NEXT: float logit = sum[0] + sum[1];
// CHECK-NEXT: u32x4 more = words + u32x4{1, 2, 3, 4};
// CHECK-NEXT: u32x8 joined = join_words(more, words);
// CHECK-NEXT: u32x2 turned = __builtin_shufflevector(more, words, 4, 0);
// CHECK-NEXT: f32x8 wide = __builtin_convertvector(half, f32x8);
// CHECK-NEXT: f32x8 factor = (f32x8)logit;
// CHECK-NEXT: f32x8 scaled = wide * factor;
// CHECK-NEXT: i32x8 is_small = scaled < factor;
// CHECK-NEXT: u32x8 counted = is_small ? joined : (u32x8)0;
// CHECK-NEXT: bf16x8 narrow = __builtin_convertvector(scaled, bf16x8);
// CHECK-NEXT: bf16x8 kept = __builtin_convertvector(is_small, i16x8) ? narrow : half;
// CHECK-NEXT: int most = __builtin_reduce_max((i32x8)counted);
// CHECK-NEXT: u32x2 pair = u32x2{u32(most), u32(most)};
// CHECK-NEXT: store_global<u32x2, 4>(out, pair);
// CHECK-NEXT: store_global<u32x2>(out, turned);
// CHECK-NEXT: store_global<bf16x8, 2>(out, kept);
// CHECK-NEXT: }
gpu.func @vectors(%out: !llvm.ptr<1> loc("out"), %dot: vector<16xf32> loc("dot"), %gate: vector<2xf32> loc("gate"), %words: vector<4xi32> loc("words"), %half: vector<8xbf16> loc("half"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %none = arith.constant dense<0> : vector<16xi32>
  %zero = arith.constant dense<0> : vector<8xi32>
  %largest = arith.constant dense<[1, 2, 3, 4]> : vector<4xi32>
  // ReLU on the bits.
  %bits = arith.bitcast %dot : vector<16xf32> to vector<16xi32> loc("bits")
  %positive = arith.maxsi %bits, %none : vector<16xi32> loc("positive")
  %relu = arith.bitcast %positive : vector<16xi32> to vector<16xf32> loc("relu")
  %first = vector.extract_strided_slice %relu {offsets = [14], sizes = [2], strides = [1]} : vector<16xf32> to vector<2xf32> loc("sum")
  %sum = math.fma %first, %gate, %gate : vector<2xf32> loc("sum")
  %x = vector.extract %sum[0] : f32 from vector<2xf32> loc("logit")
  %y = vector.extract %sum[1] : f32 from vector<2xf32> loc("logit")
  %logit = arith.addf %x, %y : f32 loc("logit")
  %more = arith.addi %words, %largest : vector<4xi32> loc("more")
  %joined = vector.shuffle %more, %words [0, 1, 2, 3, 4, 5, 6, 7] : vector<4xi32>, vector<4xi32> loc("joined")
  %turned = vector.shuffle %more, %words [4, 0] : vector<4xi32>, vector<4xi32> loc("turned")
  %wide = arith.extf %half : vector<8xbf16> to vector<8xf32> loc("wide")
  %factor = vector.broadcast %logit : f32 to vector<8xf32> loc("factor")
  %scaled = arith.mulf %wide, %factor : vector<8xf32> loc("scaled")
  %is_small = arith.cmpf olt, %scaled, %factor : vector<8xf32> loc("is_small")
  %counted = arith.select %is_small, %joined, %zero : vector<8xi1>, vector<8xi32> loc("counted")
  %narrow = arith.truncf %scaled : vector<8xf32> to vector<8xbf16> loc("narrow")
  %kept = arith.select %is_small, %narrow, %half : vector<8xi1>, vector<8xbf16> loc("kept")
  %most = vector.reduction <maxsi>, %counted : vector<8xi32> into i32 loc("most")
  %pair = vector.from_elements %most, %most : vector<2xi32> loc("pair")
  llvm.store %pair, %out {alignment = 4 : i64} : vector<2xi32>, !llvm.ptr<1>
  llvm.store %turned, %out {alignment = 8 : i64} : vector<2xi32>, !llvm.ptr<1>
  llvm.store %kept, %out {alignment = 2 : i64} : vector<8xbf16>, !llvm.ptr<1>
  gpu.return
}
}
