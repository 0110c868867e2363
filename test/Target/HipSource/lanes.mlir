// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -o /dev/null | FileCheck %s

gpu.module @kernels [#rocdl.target<chip = "gfx950">] {
// CHECK: __builtin_amdgcn_update_dpp(old, value, control, row_mask, bank_mask,
// CHECK: __builtin_amdgcn_readlane(value, lane);
// CHECK: __builtin_amdgcn_readfirstlane(value);
// CHECK: __builtin_amdgcn_ballot_w64(value);
// CHECK: u64 count_bits(u64 bits) { return __builtin_popcountll(bits); }
// CHECK: __builtin_amdgcn_mbcnt_lo(mask, sum);
// CHECK: __builtin_amdgcn_ds_bpermute(address, value);
// CHECK: __builtin_amdgcn_permlane32_swap(a, b, false, false);
// CHECK: __builtin_amdgcn_permlane16_swap(a, b, false, false);
// CHECK: __builtin_amdgcn_cvt_pk_fp8_f32(a, b, undefined, false);
// CHECK: __builtin_amdgcn_cvt_pk_fp8_f32(a, b, word, is_upper);
// CHECK: __builtin_amdgcn_mfma_f32_32x32x16_fp8_fp8(a, b, sum, 0, 0, 0);
// CHECK: __builtin_amdgcn_mfma_f32_16x16x32_fp8_fp8(a, b, sum, 0, 0, 0);
// CHECK: __builtin_amdgcn_mfma_scale_f32_32x32x64_f8f6f4(a, b, sum, 0, 0, 0, 0,
// CHECK: __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(a, b, sum, 0, 0, 0, 0,
// CHECK-LABEL: lanes(f32x4 *out, u32x2 a, u32x8 wide, float x) {
// CHECK-NEXT: u32 wave = read_first_lane(__builtin_amdgcn_workitem_id_x());
// CHECK-NEXT: wave = __builtin_amdgcn_workgroup_id_x() + wave;
// CHECK-NEXT: int shifted = update_dpp<273, 15, 15, false>(0, wave);
// CHECK-NEXT: int last = read_lane(shifted, 0);
// CHECK-NEXT: bool flag = last < int(wave);
// CHECK-NEXT: u64 set = ballot(flag);
// CHECK-NEXT: u32 count = u32(count_bits(set));
// CHECK-NEXT: int low = count_bits_below_low(count, 0);
// CHECK-NEXT: int high = count_bits_below_high(count, low);
// CHECK-NEXT: int partner = permute_lanes(high, last);
// CHECK-NEXT: u32x2 swapped = swap_lanes_32(partner, wave);
// CHECK-NEXT: u32 part = swapped[1];
// CHECK-NEXT: u32x2 again = swap_lanes_16(part, wave);
// CHECK-NEXT: u32 other = again[0];
// CHECK-NEXT: int codes = pack_fp8_low(x, x);
// CHECK-NEXT: int word = pack_fp8<true>(x, x, codes);
// CHECK-NEXT: u64 half = bits_as<u64>(a);
// CHECK-NEXT: f32x16 dot = mfma_32x32x16(half, half, (f32x16)0.0f);
// CHECK-NEXT: dot = mfma_32x32x16(half, half, dot);
// CHECK-NEXT: dot = mfma_32x32x64(wide, wide, dot);
// CHECK-NEXT: f32x4 small = mfma_16x16x32(half, half, (f32x4)0.0f);
// CHECK-NEXT: small = mfma_16x16x128(wide, wide, small);
// CHECK-NEXT: __builtin_amdgcn_sched_barrier(5);
// CHECK-NEXT: __asm__ volatile("" ::: "memory");
// CHECK-NEXT: __builtin_amdgcn_s_waitcnt(0x0f70);
// CHECK-NEXT: store_global<int>(out, word);
// CHECK-NEXT: store_global<u32>(out, other);
// CHECK-NEXT: store_global<f32x16, 16>(out, dot);
// CHECK-NEXT: store_global<f32x4>(out, small);
// CHECK-NEXT: }
gpu.func @lanes(%out: !llvm.ptr<1> loc("out"), %a: vector<2xi32> loc("a"), %wide: vector<8xi32> loc("wide"), %x: f32 loc("x"))
    kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %zero = arith.constant 0 : i32
  %none = arith.constant dense<0.0> : vector<16xf32>
  %none4 = arith.constant dense<0.0> : vector<4xf32>
  %poison = llvm.mlir.poison : i32
  %block = gpu.block_id x loc("wave")
  %block32 = arith.index_cast %block : index to i32 loc("wave")
  %thread = gpu.thread_id x loc("wave")
  %thread32 = arith.index_cast %thread : index to i32 loc("wave")
  %first = rocdl.readfirstlane %thread32 : i32 loc("wave")
  %wave = arith.addi %block32, %first : i32 loc("wave")
  %shifted = rocdl.update.dpp %zero, %wave with 273, 15, 15, false : i32 loc("shifted")
  %last = rocdl.readlane %shifted, %zero : (i32, i32) -> i32 loc("last")
  %flag = arith.cmpi slt, %last, %wave : i32 loc("flag")
  %set = rocdl.ballot %flag : i64 loc("set")
  %count = math.ctpop %set : i64 loc("count")
  %count32 = arith.trunci %count : i64 to i32 loc("count")
  %low = rocdl.mbcnt.lo %count32, %zero : (i32, i32) -> i32 loc("low")
  %high = rocdl.mbcnt.hi %count32, %low : (i32, i32) -> i32 loc("high")
  %partner = rocdl.ds_bpermute %high, %last : (i32, i32) -> i32 loc("partner")
  %swapped = rocdl.permlane32.swap %partner, %wave, false, false : (i32, i32) -> !llvm.struct<(i32, i32)> loc("swapped")
  %part = llvm.extractvalue %swapped[1] : !llvm.struct<(i32, i32)> loc("part")
  %again = rocdl.permlane16.swap %part, %wave, false, false : (i32, i32) -> !llvm.struct<(i32, i32)> loc("again")
  %other = llvm.extractvalue %again[0] : !llvm.struct<(i32, i32)> loc("other")
  %codes = rocdl.cvt.pk.fp8.f32 %x, %x -> %poison[false] : i32 loc("codes")
  %word = rocdl.cvt.pk.fp8.f32 %x, %x -> %codes[true] : i32 loc("word")
  %half = llvm.bitcast %a : vector<2xi32> to i64 loc("half")
  %dot = rocdl.mfma.f32.32x32x16.fp8.fp8 %half, %half, %none, %zero, %zero, %zero : (i64, i64, vector<16xf32>, i32, i32, i32) -> vector<16xf32> loc("dot")
  %dot1 = rocdl.mfma.f32.32x32x16.fp8.fp8 %half, %half, %dot, %zero, %zero, %zero : (i64, i64, vector<16xf32>, i32, i32, i32) -> vector<16xf32> loc("dot")
  %dot2 = rocdl.mfma.scale.f32.32x32x64.f8f6f4 %wide, %wide, %dot1, %zero, %zero, %zero, %zero, %zero, %zero : (vector<8xi32>, vector<8xi32>, vector<16xf32>, i32, i32, i32, i32, i32, i32) -> vector<16xf32> loc("dot")
  %small = rocdl.mfma.f32.16x16x32.fp8.fp8 %half, %half, %none4, %zero, %zero, %zero : (i64, i64, vector<4xf32>, i32, i32, i32) -> vector<4xf32> loc("small")
  %small1 = rocdl.mfma.scale.f32.16x16x128.f8f6f4 %wide, %wide, %small, %zero, %zero, %zero, %zero, %zero, %zero : (vector<8xi32>, vector<8xi32>, vector<4xf32>, i32, i32, i32, i32, i32, i32) -> vector<4xf32> loc("small")
  rocdl.sched.barrier 5
  llvm.inline_asm has_side_effects "", "~{memory}" : () -> ()
  amdgpu.memory_counter_wait load(0)
  llvm.store %word, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  llvm.store %other, %out {alignment = 4 : i64} : i32, !llvm.ptr<1>
  llvm.store %dot2, %out {alignment = 16 : i64} : vector<16xf32>, !llvm.ptr<1>
  llvm.store %small1, %out {alignment = 16 : i64} : vector<4xf32>, !llvm.ptr<1>
  gpu.return
}
}
