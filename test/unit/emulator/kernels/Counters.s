// Kernels whose wave instructions can be counted by eye, and kernels that the
// emulator must refuse to go on with. See CountersTest.cpp and FaultTest.cpp.

  .amdhsa_code_object_version 5
  .text

// A wave of 64: 1 s_load, 2 s_waitcnt, 5 VALU (2 and 3 in the loop), 1 load,
// 7 SALU (1 and 6 in the loop), 3 branches and s_endpgm, 1 store, 1 s_nop.
  .globl straight
  .p2align 8
  .type straight,@function
straight:
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  s_waitcnt lgkmcnt(0)
  v_lshlrev_b32 v1, 2, v0
  global_load_dword v2, v1, s[4:5]
  s_waitcnt vmcnt(0)
  v_add_u32 v2, v2, v2
  s_mov_b32 s8, 3
loop:
  v_add_u32 v2, 1, v2
  s_sub_u32 s8, s8, 1
  s_cmp_lg_u32 s8, 0
  s_cbranch_scc1 loop
  global_store_dword v1, v2, s[6:7]
  s_nop 0
  s_endpgm
.Lstraight_end:
  .size straight, .Lstraight_end-straight

// Also MFMA and LDS; the odd wave skips its MFMA. Two waves.
// Even wave: 1 s_load, 2 waits (s_waitcnt) + 1 s_barrier, 4 VALU
// (v_readfirstlane, v_lshlrev, v_mov, v_and), 1 MFMA, 1 SALU (s_lshr) + 1
// (s_bitcmp), 1 s_cbranch + 1 s_endpgm, 2 LDS, 1 store (16 lanes on: +1 SALU).
  .globl classes
  .p2align 8
  .type classes,@function
classes:
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  v_and_b32 v0, 0x3ff, v0
  v_readfirstlane_b32 s8, v0
  s_lshr_b32 s8, s8, 6
  v_lshlrev_b32 v1, 2, v0
  v_mov_b32 v2, 1.0
  s_bitcmp1_b32 s8, 0
  s_cbranch_scc1 skip
  v_mfma_f32_16x16x4_f32 v[4:7], v2, v2, 0
skip:
  ds_write_b32 v1, v2
  s_waitcnt lgkmcnt(0)
  s_barrier
  ds_read_b32 v3, v1
  s_waitcnt lgkmcnt(0)
  s_mov_b64 exec, 0xffff
  global_store_dword v1, v3, s[6:7]
  s_endpgm
.Lclasses_end:
  .size classes, .Lclasses_end-classes

// Of segments: a load of 16 bytes from where a table of the second argument
// says, the same from a buffer of 72 bytes, and a store of 8 bytes in lanes 0
// to 7.
  .globl segments
  .p2align 8
  .type segments,@function
segments:
  s_load_dwordx4 s[4:7], s[0:1], 0x0
  s_waitcnt lgkmcnt(0)
  v_lshlrev_b32 v1, 2, v0
  global_load_dword v2, v1, s[6:7]
  s_waitcnt vmcnt(0)
  global_load_dwordx4 v[4:7], v2, s[4:5]
  s_mov_b32 s6, 72
  s_mov_b32 s7, 0x27000
  buffer_load_dwordx4 v[8:11], v2, s[4:7], 0 offen
  s_waitcnt vmcnt(0)
  s_mov_b64 exec, 0xff
  global_store_dwordx2 v2, v[4:5], s[4:5]
  s_endpgm
.Lsegments_end:
  .size segments, .Lsegments_end-segments

// A word that is no instruction.
  .globl undefined
  .p2align 8
  .type undefined,@function
undefined:
  v_mov_b32 v1, 1
  .long 0xffffffff
  s_endpgm
.Lundefined_end:
  .size undefined, .Lundefined_end-undefined

// An instruction of the hardware that belongs to trap handlers.
  .globl unimplemented
  .p2align 8
  .type unimplemented,@function
unimplemented:
  v_mov_b32 v1, 1
  s_rfe_b64 s[2:3]
  s_endpgm
.Lunimplemented_end:
  .size unimplemented, .Lunimplemented_end-unimplemented

// Jumps out of the code.
  .globl wild
  .p2align 8
  .type wild,@function
wild:
  s_mov_b64 s[2:3], 0x1000
  s_setpc_b64 s[2:3]
  s_endpgm
.Lwild_end:
  .size wild, .Lwild_end-wild

.macro DESCRIPTOR name
  .rodata
  .p2align 6
  .amdhsa_kernel \name
    .amdhsa_user_sgpr_kernarg_segment_ptr 1
    .amdhsa_system_sgpr_workgroup_id_x 1
    .amdhsa_kernarg_size 16
    .amdhsa_group_segment_fixed_size 512
    .amdhsa_next_free_vgpr 16
    .amdhsa_next_free_sgpr 16
    .amdhsa_accum_offset 16
  .end_amdhsa_kernel
  .text
.endm
  DESCRIPTOR straight
  DESCRIPTOR classes
  DESCRIPTOR segments
  DESCRIPTOR undefined
  DESCRIPTOR unimplemented
  DESCRIPTOR wild

  .amdgpu_metadata
amdhsa.version: [1, 2]
amdhsa.kernels:
  - .name: straight
    .symbol: straight.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  - .name: classes
    .symbol: classes.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  - .name: segments
    .symbol: segments.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  - .name: undefined
    .symbol: undefined.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  - .name: unimplemented
    .symbol: unimplemented.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  - .name: wild
    .symbol: wild.kd
    .args:
      - {.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}
      - {.size: 8, .offset: 8, .value_kind: global_buffer, .address_space: global}
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: 512
    .private_segment_fixed_size: 0
    .wavefront_size: 64
    .sgpr_count: 16
    .vgpr_count: 16
    .max_flat_workgroup_size: 1024
  .end_amdgpu_metadata
