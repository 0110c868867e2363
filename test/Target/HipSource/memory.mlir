// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o /dev/null | FileCheck %s

gpu.module @kernels [#rocdl.target<chip = "gfx942">] {
llvm.mlir.global internal @shared_0() {addr_space = 3 : i32, alignment = 16 : i64} : !llvm.array<64 x i32>

// CHECK: HIPDEX_DEVICE T load_constant(const void *address) {
// CHECK: *(const __attribute__((address_space(4))) aligned *)address;
// CHECK: HIPDEX_DEVICE T load_global(const void *address) {
// CHECK: HIPDEX_DEVICE T load_shared(const void *address) {
// CHECK: HIPDEX_DEVICE void barrier() {
// CHECK: HIPDEX_DEVICE __amdgpu_buffer_rsrc_t make_buffer(
// CHECK: __builtin_amdgcn_make_buffer_rsrc((void *)base, 0, bytes, flags);
// CHECK: __builtin_amdgcn_raw_buffer_load_b128(
// CHECK-LABEL: memory(u8 *cache, float *logits, int *error, int i, u64 stride) {
// CHECK-NEXT: __shared__ __attribute__((aligned(16))) int bins[64];
// CHECK-NEXT: u64 k = i64(i);
// CHECK-NEXT: u8 *k_at = cache + k * stride;
// CHECK-NEXT: u32x4 k_1 = load_constant<u32x4>(k_at);
// CHECK-NEXT: u32x4 next = load_constant<u32x4, 4>(k_at + 32);
// CHECK-NEXT: __amdgpu_buffer_rsrc_t page_buffer = make_buffer(k_at, 8448, 0x27000);
// CHECK-NEXT: u32x4 loaded = buffer_load_u32x4(page_buffer, i, 512);
// CHECK-NEXT: float scale = buffer_load_f32(page_buffer, i, 0);
// CHECK-NEXT: buffer_store_f32(scale, page_buffer, i, 0);
// CHECK-NEXT: float *cell_at = logits + k;
// CHECK-NEXT: float old = load_global<float>(cell_at);
// CHECK-NEXT: float sum = old + scale;
// CHECK-NEXT: store_global<float>(cell_at, sum);
// CHECK-NEXT: store_global<u32x4, 4>(cell_at, next);
// CHECK-NEXT: if ((u64)error != 0) {
// CHECK-NEXT: atomic_or(error, i);
// CHECK-NEXT: }
// CHECK-NEXT: int *bin_at = bins + i;
// CHECK-NEXT: store_shared<int>(bin_at, i);
// CHECK-NEXT: barrier();
// CHECK-NEXT: u32 before = atomic_add_shared(bin_at, i);
// CHECK-NEXT: int count = load_shared<int>(bin_at);
// CHECK-NEXT: __builtin_amdgcn_fence(__ATOMIC_RELEASE, "agent");
// CHECK-NEXT: u32 others = atomic_exchange(error, count);
// CHECK-NEXT: __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "agent");
// CHECK-NEXT: u32 all = before + others;
// CHECK-NEXT: atomic_add(error, all);
// CHECK-NEXT: }
gpu.func @memory(%cache: !llvm.ptr<1> loc("cache"), %logits: !llvm.ptr<1> loc("logits"), %error: !llvm.ptr<1> loc("error"), %i: i32 loc("i"), %stride: i64 loc("stride"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %none = arith.constant 0 : i16
  %zero = arith.constant 0 : i32
  %zero64 = arith.constant 0 : i64
  %place = arith.constant 512 : i32
  %bytes = arith.constant 8448 : i64
  %flags = arith.constant 159744 : i32
  // An address in one expression, with the constant offset of a load.
  %wide = arith.extsi %i : i32 to i64 loc("k")
  %offset = arith.muli %wide, %stride : i64 loc("k")
  %row = llvm.getelementptr %cache[%offset] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, i8 loc("k")
  %k = llvm.load %row invariant {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32> loc("k")
  %next = llvm.getelementptr %row[32] : (!llvm.ptr<1>) -> !llvm.ptr<1>, i8 loc("next")
  %unaligned = llvm.load %next invariant {alignment = 4 : i64} : !llvm.ptr<1> -> vector<4xi32> loc("next")
  %buffer = rocdl.make.buffer.rsrc %row, %none, %bytes, %flags : <1> to <8> loc("page")
  %loaded = rocdl.raw.ptr.buffer.load %buffer, %i, %place, %zero : vector<4xi32> loc("loaded")
  %scale = rocdl.raw.ptr.buffer.load %buffer, %i, %zero, %zero : f32 loc("scale")
  rocdl.raw.ptr.buffer.store %scale, %buffer, %i, %zero, %zero : f32
  // Memory that the kernel writes is no constant memory.
  %cell = llvm.getelementptr %logits[%wide] : (!llvm.ptr<1>, i64) -> !llvm.ptr<1>, f32 loc("cell")
  %old = llvm.load %cell {alignment = 4 : i64} : !llvm.ptr<1> -> f32 loc("old")
  %sum = arith.addf %old, %scale : f32 loc("sum")
  llvm.store %sum, %cell {alignment = 4 : i64} : f32, !llvm.ptr<1>
  llvm.store %unaligned, %cell {alignment = 4 : i64} : vector<4xi32>, !llvm.ptr<1>
  %address = llvm.ptrtoint %error : !llvm.ptr<1> to i64
  %is_there = arith.cmpi ne, %address, %zero64 : i64
  scf.if %is_there {
    llvm.atomicrmw _or %error, %i syncscope("agent") monotonic : !llvm.ptr<1>, i32
  }
  %bins = llvm.mlir.addressof @shared_0 : !llvm.ptr<3> loc("bins")
  %bin = llvm.getelementptr %bins[%i] : (!llvm.ptr<3>, i32) -> !llvm.ptr<3>, i32 loc("bin")
  llvm.store %i, %bin {alignment = 4 : i64} : i32, !llvm.ptr<3>
  gpu.barrier
  %before = llvm.atomicrmw add %bin, %i syncscope("workgroup") monotonic : !llvm.ptr<3>, i32 loc("before")
  %count = llvm.load %bin {alignment = 4 : i64} : !llvm.ptr<3> -> i32 loc("count")
  llvm.fence syncscope("agent") release
  %others = llvm.atomicrmw xchg %error, %count syncscope("agent") monotonic : !llvm.ptr<1>, i32 loc("others")
  llvm.fence syncscope("agent") acquire
  %all = arith.addi %before, %others : i32 loc("all")
  llvm.atomicrmw add %error, %all syncscope("agent") monotonic : !llvm.ptr<1>, i32
  gpu.return
}
}
