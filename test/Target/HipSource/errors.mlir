// RUN: hipdex-opt %s --pass-pipeline='builtin.module(gpu.module(gpu.func(print-hip-source)))' -split-input-file -verify-diagnostics -o /dev/null | count 0

// What has no text is named, and nothing is printed.

gpu.module @kernels {
gpu.func @operation(%x: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{'math.exp' op has no HIP C++ text}}
  %y = math.exp %x : f32
  gpu.return
}
}

// -----

gpu.module @kernels {
// expected-error @below {{has an argument of type 'f8E4M3FN', which has no HIP C++ text}}
gpu.func @type(%x: f8E4M3FN) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @result(%x: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{has the type 'i24', which has no HIP C++ text}}
  %y = arith.trunci %x : i32 to i24
  gpu.return
}
}

// -----

gpu.module @kernels {
// expected-error @below {{is not one block, and HIP C++ text has structured loops only}}
gpu.func @blocks(%x: i1) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  cf.cond_br %x, ^bb1, ^bb2
^bb1:
  cf.br ^bb2
^bb2:
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @modifier(%a: i64, %sum: vector<16xf32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  // expected-error @below {{has a modifier without HIP C++ text}}
  %dot = rocdl.mfma.f32.32x32x16.fp8.fp8 %a, %a, %sum, %one, %zero, %zero : (i64, i64, vector<16xf32>, i32, i32, i32) -> vector<16xf32>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @assembly() kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{has no HIP C++ text}}
  llvm.inline_asm has_side_effects "s_nop 0", "" : () -> ()
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @reduction(%x: vector<4xi32>, %p: !llvm.ptr<1>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of this kind has no HIP C++ text: xor}}
  %y = vector.reduction <xor>, %x : vector<4xi32> into i32
  llvm.store %y, %p : i32, !llvm.ptr<1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @volatile(%p: !llvm.ptr<1>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{is a load without HIP C++ text}}
  %y = llvm.load volatile %p : !llvm.ptr<1> -> i32
  llvm.store %y, %p : i32, !llvm.ptr<1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @atomic(%p: !llvm.ptr<1>, %x: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{is an atomic operation without HIP C++ text}}
  llvm.atomicrmw umax %p, %x syncscope("agent") monotonic : !llvm.ptr<1>, i32
  gpu.return
}
}

// -----

gpu.module @kernels {
// expected-error @below {{needs a known_block_size in x to have HIP C++ text}}
gpu.func @size() kernel {
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @narrow(%x: i8) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of a number of fewer than 32 bits has no HIP C++ text}}
  %y = arith.addi %x, %x : i8
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @flags(%x: i1) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of these flags has no HIP C++ text}}
  %y = arith.cmpi slt, %x, %x : i1
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @masks(%x: vector<4xi32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  %z = arith.cmpi slt, %x, %x : vector<4xi32>
  // expected-error @below {{of these flags has no HIP C++ text}}
  %y = arith.cmpi eq, %z, %z : vector<4xi1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @float_of_flag(%x: i1) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of flags has no HIP C++ text}}
  %y = arith.sitofp %x : i1 to f32
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @to_mask(%x: vector<4xi32>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{to a mask has no HIP C++ text}}
  %y = arith.trunci %x : vector<4xi32> to vector<4xi1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @mask_of_flags(%x: i1) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of flags has no HIP C++ text}}
  %y = vector.from_elements %x, %x : vector<2xi1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @mask_of_flag(%x: i1) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of a flag has no HIP C++ text}}
  %y = vector.broadcast %x : i1 to vector<4xi1>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @rounding(%x: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{with another rounding mode than to_nearest_even has no HIP C++ text}}
  %y = arith.truncf %x toward_zero : f32 to f16
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @three(%x: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{has the type 'vector<3xf32>', which has no HIP C++ text}}
  %y = vector.broadcast %x : f32 to vector<3xf32>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @one(%x: f32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{has the type 'vector<1xf32>', which has no HIP C++ text}}
  %y = vector.broadcast %x : f32 to vector<1xf32>
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @address(%p: !llvm.ptr<1>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of another type than i64, or of another address than a global one, has no HIP C++ text}}
  %y = llvm.ptrtoint %p : !llvm.ptr<1> to i32
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @shared_address(%p: !llvm.ptr<3>) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{of another type than i64, or of another address than a global one, has no HIP C++ text}}
  %y = llvm.ptrtoint %p : !llvm.ptr<3> to i64
  gpu.return
}
}

// -----

gpu.module @kernels {
gpu.func @volatile_atomic(%p: !llvm.ptr<1>, %x: i32) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
  // expected-error @below {{is an atomic operation without HIP C++ text}}
  llvm.atomicrmw volatile add %p, %x syncscope("agent") monotonic : !llvm.ptr<1>, i32
  gpu.return
}
}
