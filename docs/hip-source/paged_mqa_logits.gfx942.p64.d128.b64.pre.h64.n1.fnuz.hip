// paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz
//
// logits[b*next_n + j, p] = k_scale[p] * sum over heads of gate * relu(q .
// k[p]) for p <= L - next_n + j
//
// A wave takes steps of 64 tokens of one request at a time, from its own share
// of the ragged batch. All its query rows meet each K row once. K comes from
// the cache straight into the operands of the matrix products. Where the query
// tokens of a request are too many for one wave, a team of waves of a workgroup
// takes the same steps, each wave for its own query tokens.
//
// Written by hipdex from its template paged_mqa_logits.mlir: the names and the
// comments in the code are the template's. No header is needed. Build it with
// one of
//   hipcc --genco --offload-arch=gfx942 -O3 -fno-slp-vectorize
//     -fuse-cuid=none -o OUT IN.hip
//   clang -x hip --cuda-device-only -nogpuinc -nogpulib
//     --no-gpu-bundle-output --offload-arch=gfx942 -O3 -fno-slp-vectorize
//     -fuse-cuid=none -o OUT IN.hip
//
// The layout of cache:
//   cache<page_size=64,head_dim=128,order=preshuffle(16,16),fp8=e4m3fnuz>
// Pages are 8448 bytes and their padding. The bytes of token t of a page:
//   K(t, d)  = t / 16 * 2048 + t % 16 * 16 + d / 16 * 256 + d % 16
//   scale(t) = 8192 + t * 4
//
// Arguments, with their offsets in bytes:
//     0 q: fp8 [batch, next_n, heads, head_dim]
//     8 q_stride_request: elements (= bytes), multiples of 16
//    16 q_stride_token: elements (= bytes), multiples of 16
//    24 q_stride_head: elements (= bytes), multiples of 16
//    32 cache: first byte of page 0
//    40 page_stride: bytes from a page to the next, below 2^32
//    48 num_pages: pages in the buffer
//    56 weights: f32 [batch * next_n, heads]
//    64 weights_stride: elements from a row to the next
//    72 context_lens: i32 [batch]
//    80 block_table: i32 [batch, ...]
//    88 table_stride: elements from a row to the next
//    96 logits: f32 [batch * next_n, width]
//   104 logits_stride: elements from a row to the next
//   112 width: columns of a row; context lengths are clamped to [0, width]
//   116 batch: requests
//   120 waves: waves of the whole grid: workgroups * (block size / wave
//       size)
//
// Grid: workgroups = min(compute_units * waves_per_simd, ceil(batch *
// ceil(width / step_tokens) * team_waves / waves_per_workgroup)), at least 1,
// in x only; a workgroup has block_size threads. (A SIMD gets waves_per_simd
// waves because a workgroup of four waves puts one on each SIMD.) Waves
// [t*team_waves, (t+1)*team_waves) of the grid are a team: they are of one
// workgroup and take the same steps, each for its own query tokens.
//
// Here a workgroup has block_size = 256 threads, which are waves_per_workgroup
// = 4 waves; waves_per_simd = 3, step_tokens = 64, team_waves = 1, wave_queries
// = 1.

// What HIP's headers would define.
#ifndef __global__
#define __global__ __attribute__((global))
#endif
#ifndef __device__
#define __device__ __attribute__((device))
#endif
#ifndef __shared__
#define __shared__ __attribute__((shared))
#endif
#ifndef __launch_bounds__
#define __launch_bounds__(threads) __attribute__((launch_bounds(threads)))
#endif
#define HIPDEX_DEVICE static inline __device__ __attribute__((always_inline))

// Products and sums are rounded where they stand: every multiply-add is one
// that is written.
#pragma clang fp contract(off)

typedef unsigned char u8;
typedef int i32x16 __attribute__((ext_vector_type(16)));
typedef unsigned int u32;
typedef unsigned int u32x4 __attribute__((ext_vector_type(4)));
typedef long long i64;
typedef unsigned long long u64;
typedef float f32x2 __attribute__((ext_vector_type(2)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef float f32x16 __attribute__((ext_vector_type(16)));

template <typename T> HIPDEX_DEVICE T min_of(T a, T b) {
  return __builtin_elementwise_min(a, b);
}

template <typename T> HIPDEX_DEVICE T max_of(T a, T b) {
  return __builtin_elementwise_max(a, b);
}

template <typename T> HIPDEX_DEVICE T fma_of(T a, T b, T c) {
  return __builtin_elementwise_fma(a, b, c);
}

template <typename T, typename U> HIPDEX_DEVICE T bits_as(U value) {
  return __builtin_bit_cast(T, value);
}

// Memory that nobody writes before the kernel has read it, as constant memory:
// what all lanes agree on is loaded into scalar registers.
template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE T load_constant(const void *address) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  return *(const __attribute__((address_space(4))) aligned *)address;
}

// A raw buffer: what is past its end reads as zero and is not written.
HIPDEX_DEVICE __amdgpu_buffer_rsrc_t make_buffer(const void *base, u64 bytes,
                                                 int flags) {
  return __builtin_amdgcn_make_buffer_rsrc((void *)base, 0, bytes, flags);
}

HIPDEX_DEVICE u32x4 buffer_load_u32x4(__amdgpu_buffer_rsrc_t buffer,
                                      int lane_offset, int scalar_offset) {
  return __builtin_amdgcn_raw_buffer_load_b128(buffer, lane_offset,
                                               scalar_offset, 0);
}

HIPDEX_DEVICE float buffer_load_f32(__amdgpu_buffer_rsrc_t buffer,
                                    int lane_offset, int scalar_offset) {
  return __builtin_bit_cast(float, __builtin_amdgcn_raw_buffer_load_b32(
                                       buffer, lane_offset, scalar_offset, 0));
}

HIPDEX_DEVICE void buffer_store_f32(float value, __amdgpu_buffer_rsrc_t buffer,
                                    int lane_offset, int scalar_offset) {
  __builtin_amdgcn_raw_buffer_store_b32(__builtin_bit_cast(u32, value), buffer,
                                        lane_offset, scalar_offset, 0);
}

// DPP: `value` of the lane that `control` names; `old` where there is none.
template <int control, int row_mask, int bank_mask, bool bound_control>
HIPDEX_DEVICE int update_dpp(int old, int value) {
  return __builtin_amdgcn_update_dpp(old, value, control, row_mask, bank_mask,
                                     bound_control);
}

HIPDEX_DEVICE int read_lane(int value, int lane) {
  return __builtin_amdgcn_readlane(value, lane);
}

HIPDEX_DEVICE int read_first_lane(int value) {
  return __builtin_amdgcn_readfirstlane(value);
}

HIPDEX_DEVICE u64 ballot(bool value) {
  return __builtin_amdgcn_ballot_w64(value);
}

HIPDEX_DEVICE u64 count_bits(u64 bits) { return __builtin_popcountll(bits); }

// `value` of the lane at a byte address: four times its number.
HIPDEX_DEVICE int permute_lanes(int address, int value) {
  return __builtin_amdgcn_ds_bpermute(address, value);
}

// 32 x 32 sums of 16 products of fp8: a lane has 8 bytes of both.
HIPDEX_DEVICE f32x16 mfma_32x32x16(u64 a, u64 b, f32x16 sum) {
  return __builtin_amdgcn_mfma_f32_32x32x16_fp8_fp8(a, b, sum, 0, 0, 0);
}

extern "C" __global__ void __launch_bounds__(256)
    __attribute__((amdgpu_flat_work_group_size(256, 256)))
    __attribute__((amdgpu_waves_per_eu(3, 3)))
    paged_mqa_logits(const u8 *q, u64 q_stride_request, u64 q_stride_token,
                     u64 q_stride_head, const u8 *cache, u64 page_stride,
                     u32 num_pages, const float *weights, u64 weights_stride,
                     const int *context_lens, const int *block_table,
                     u64 table_stride, float *logits, u64 logits_stride,
                     int width, int batch, u32 waves) {
  // This wave's part of its team: the team's number and how many there are, its
  // query tokens from `query` on, and the positions that the first of them does
  // not see. Where query tokens do not come out even, the last two waves
  // overlap.
  u32 wave = __builtin_amdgcn_workitem_id_x();
  u32 wave_1 = read_first_lane(wave >> 6);
  wave_1 = __builtin_amdgcn_workgroup_id_x() * 4 + wave_1;

  // The lengths of 64 requests from `base` on, one a lane; zero past the batch.
  u32 given = wave & 63;
  int given_1 = u32(batch) - 1;

  // The team's share of the batch.
  //
  // Of share number `share` of `shares`: the first request and its length, the
  // first step in it, and how many steps the share has. With no steps, the
  // others mean nothing. With `of_rest`, of the steps that come after those of
  // each request, counted from the first of them.
  //
  // All steps of the batch. The lengths of the last 64 requests are kept.
  u32 sum = 0;
  int previous = 0;
#pragma clang loop unroll(disable) vectorize(disable)
  for (int base = 0; base < batch; base += 64) {
    int given_2 = base + given;
    const int *given_at = context_lens + u64(u32(min_of(given_2, given_1)));
    int given_3 = load_constant<int>(given_at);
    given_3 = given_2 < batch ? given_3 : 0;
    int not_negative = max_of(given_3, 0);
    u32 lengths = min_of(not_negative, width);

    // What is dealt of them: their steps or, with `of_rest`, those from there
    // to the width.
    u32 rounded = lengths + 63;
    u32 steps = rounded >> 6;
    sum = sum + steps;
    previous = int(lengths);
  }
  u32 prefix = sum + update_dpp<273, 15, 15, false>(0, sum);
  prefix = prefix + update_dpp<274, 15, 15, false>(0, prefix);
  prefix = prefix + update_dpp<276, 15, 15, false>(0, prefix);
  prefix = prefix + update_dpp<280, 15, 15, false>(0, prefix);
  prefix = prefix + update_dpp<322, 10, 15, false>(0, prefix);
  prefix = prefix + update_dpp<323, 12, 15, false>(0, prefix);
  u32 total = read_lane(prefix, 63);

  // Where share number `share` of `shares` begins among `total` things in a
  // row, and how many it has: the first ones take one more.
  u32 base_share = total / waves;
  u32 extra = total % waves;
  bool takes_more = wave_1 < extra;
  u32 more = u32(takes_more);
  u32 count = base_share + more;
  u32 before_share = wave_1 * base_share;
  u32 extra_before = min_of(wave_1, extra);
  u32 start = before_share + extra_before;

  // The 64 requests among which it starts, looked for from the last ones back:
  // up to 64 requests, nothing is read twice.
  u32 last_request = u32(batch) - 1;
  u32 lane_of_last = last_request & 63;
  u32 last_base = last_request - lane_of_last;
  int base = int(last_base);
  u32 after = total;
  u32 lengths = u32(previous);
  u32 before;
  int inclusive;
  u32 steps;
#pragma clang loop unroll(disable) vectorize(disable)
  while (true) {
    u32 rounded = lengths + 63;
    steps = rounded >> 6;
    u32 inclusive_1 = steps + update_dpp<273, 15, 15, false>(0, steps);
    inclusive_1 = inclusive_1 + update_dpp<274, 15, 15, false>(0, inclusive_1);
    inclusive_1 = inclusive_1 + update_dpp<276, 15, 15, false>(0, inclusive_1);
    inclusive_1 = inclusive_1 + update_dpp<280, 15, 15, false>(0, inclusive_1);
    inclusive_1 = inclusive_1 + update_dpp<322, 10, 15, false>(0, inclusive_1);
    inclusive = inclusive_1 + update_dpp<323, 12, 15, false>(0, inclusive_1);
    u32 chunk_steps = read_lane(inclusive, 63);
    before = after - chunk_steps;
    bool is_earlier = before > start;
    if (!is_earlier) {
      break;
    }
    u32 previous_base = u32(base) - 64;
    int given_2 = previous_base + given;
    const int *given_at = context_lens + u64(u32(min_of(given_2, given_1)));
    int given_3 = load_constant<int>(given_at);
    given_3 = given_2 < batch ? given_3 : 0;
    int not_negative = max_of(given_3, 0);
    lengths = min_of(not_negative, width);
    base = int(previous_base);
    after = before;
  }

  // The request itself: as many end at or before the start as come before it.
  u32 offset = start - before;
  bool ends_before = u32(inclusive) <= offset;
  u64 passed = ballot(ends_before);
  u32 passed_1 = u32(count_bits(passed));
  u32 lane = min_of(passed_1, 63u);
  u32 request = base + lane;
  int length = read_lane(lengths, lane);
  u32 end_of_request = read_lane(inclusive, lane);
  u32 steps_of_request = read_lane(steps, lane);
  u32 start_of_request = end_of_request - steps_of_request;
  u32 first = offset - start_of_request;

  // Request by request, until the share is used up.
  int left = int(count);
#pragma clang loop unroll(disable) vectorize(disable)
  while (left > 0) {
    // Asked for now, so that it is there when the next request begins.
    int next_request = request + 1;
    int next_in_batch = min_of(next_request, int(last_request));

    // The positions that a request has, whatever the engine wrote there.
    int given_2 = load_constant<int>(context_lens + i64(next_in_batch));
    int not_negative = max_of(given_2, 0);
    int length_1 = min_of(not_negative, width);

    // The steps of a length.
    u32 rounded = u32(length) + 63;
    u32 steps_1 = rounded >> 6;
    int rest = steps_1 - first;
    u32 taken = min_of(rest, left);
    u32 end = first + taken;
    if (int(first) < int(end)) {
      u32 value = end - 1;

      // K and the scales of step `i` of a request, and which tokens have an
      // entry in the cache.
      u32 token = first * 64;

      // The table entry of each token: as the lanes that load K rows need it,
      // and as the lanes that hold the tokens do.
      u64 k_entry = i64(int(request));
      const int *k_entry_at = block_table + k_entry * table_stride;
      u32 k_entry_1 = load_constant<u32>(k_entry_at + u64(token >> 6));
      bool k_checked = k_entry_1 < num_pages;
      u32 k_safe = k_checked ? k_entry_1 : 0;
      u32 k = given >> 5;
      u32 k_1 = (given & 15) * 16 + ((given >> 4) & 1) * 2048 + k * 256;
      u64 k_2 = u64(u32(page_stride));
      const u8 *k_at = cache + u64(k_safe) * k_2;
      __amdgpu_buffer_rsrc_t k_buffer = make_buffer(k_at, 8448, 0x27000);
      u32x4 k_3 = buffer_load_u32x4(k_buffer, k_1, 0);
      u32x4 k_4 = buffer_load_u32x4(k_buffer, k_1, 512);
      u32x4 k_5 = buffer_load_u32x4(k_buffer, k_1, 1024);
      u32x4 k_6 = buffer_load_u32x4(k_buffer, k_1, 1536);
      u32x4 k_7 = buffer_load_u32x4(k_buffer, k_1, 4096);
      u32x4 k_8 = buffer_load_u32x4(k_buffer, k_1, 4608);
      u32x4 k_9 = buffer_load_u32x4(k_buffer, k_1, 5120);
      u32x4 k_10 = buffer_load_u32x4(k_buffer, k_1, 5632);
      u32 scale = given * 4;
      float scale_1 = buffer_load_f32(k_buffer, scale, 8192);

      // The first step's loads are asked for before all else that the steps
      // need.
      __builtin_amdgcn_sched_barrier(0);
      const u8 *queries_at = q + k_entry * q_stride_request;
      u64 queries = u64(given & 31) * q_stride_head;
      u64 queries_1 = u64(k * 16);
      const u8 *queries_at_1 = queries_at + queries + queries_1;
      u32x4 queries_2 = load_constant<u32x4>(queries_at_1);
      u32x4 queries_3 = load_constant<u32x4>(queries_at_1 + 32);
      u32x4 queries_4 = load_constant<u32x4>(queries_at_1 + 64);
      u32x4 queries_5 = load_constant<u32x4>(queries_at_1 + 96);
      const u8 *queries_at_3 = queries_at + q_stride_head * 32 + queries;
      const u8 *queries_at_2 = queries_at_3 + queries_1;
      u32x4 queries_6 = load_constant<u32x4>(queries_at_2);
      u32x4 queries_7 = load_constant<u32x4>(queries_at_2 + 32);
      u32x4 queries_8 = load_constant<u32x4>(queries_at_2 + 64);
      u32x4 queries_9 = load_constant<u32x4>(queries_at_2 + 96);
      const float *gate_at = weights + k_entry * weights_stride + u64(k * 4);
      f32x4 gate = load_constant<f32x4>(gate_at);
      f32x4 gate_1 = load_constant<f32x4>(gate_at + 8);
      f32x4 gate_2 = load_constant<f32x4>(gate_at + 16);
      f32x4 gate_3 = load_constant<f32x4>(gate_at + 24);
      f32x4 gate_4 = load_constant<f32x4>(gate_at + 32);
      f32x4 gate_5 = load_constant<f32x4>(gate_at + 40);
      f32x4 gate_6 = load_constant<f32x4>(gate_at + 48);
      f32x4 gate_7 = load_constant<f32x4>(gate_at + 56);

      // k_scale[t] * sum over heads of gate * relu(q . k[t]), for each query
      // row and token of a step. One copy: kernels that compute logits agree in
      // every bit.
      u64 dot = bits_as<u64>(queries_5.s01);
      u64 dot_1 = bits_as<u64>(queries_5.s23);
      u64 dot_2 = bits_as<u64>(queries_4.s01);
      u64 dot_3 = bits_as<u64>(queries_4.s23);
      u64 dot_4 = bits_as<u64>(queries_3.s01);
      u64 dot_5 = bits_as<u64>(queries_3.s23);
      u64 dot_6 = bits_as<u64>(queries_2.s01);
      u64 dot_7 = bits_as<u64>(queries_2.s23);
      u64 dot_8 = bits_as<u64>(queries_9.s01);
      u64 dot_9 = bits_as<u64>(queries_9.s23);
      u64 dot_10 = bits_as<u64>(queries_8.s01);
      u64 dot_11 = bits_as<u64>(queries_8.s23);
      u64 dot_12 = bits_as<u64>(queries_7.s01);
      u64 dot_13 = bits_as<u64>(queries_7.s23);
      u64 dot_14 = bits_as<u64>(queries_6.s01);
      u64 dot_15 = bits_as<u64>(queries_6.s23);
      f32x2 sum_1 = gate.s01;
      f32x2 sum_2 = gate.s23;
      f32x2 sum_3 = gate_1.s01;
      f32x2 sum_4 = gate_1.s23;
      f32x2 sum_5 = gate_2.s01;
      f32x2 sum_6 = gate_2.s23;
      f32x2 sum_7 = gate_3.s01;
      f32x2 sum_8 = gate_3.s23;
      f32x2 sum_9 = gate_4.s01;
      f32x2 sum_10 = gate_4.s23;
      f32x2 sum_11 = gate_5.s01;
      f32x2 sum_12 = gate_5.s23;
      f32x2 sum_13 = gate_6.s01;
      f32x2 sum_14 = gate_6.s23;
      f32x2 sum_15 = gate_7.s01;
      f32x2 sum_16 = gate_7.s23;
      bool sum_17 = (given & 32) == 0;
      u32 sum_18 = (given ^ 32) << 2;
      float *at = logits + k_entry * logits_stride;
      u64 value_1 = u64(u32(max_of(length, 0)) * 4);
      __amdgpu_buffer_rsrc_t buffer = make_buffer(at, value_1, 0x27000);
      __asm__ volatile("" ::: "memory");
      __builtin_amdgcn_s_waitcnt(0x0f70);
      bool inside = k_checked;
#pragma clang loop unroll(disable) vectorize(disable)
      for (int i = int(first); i < int(value); ++i) {
        u32 token_1 = (u32(i) + 1) * 64;
        u32 k_entry_2 = load_constant<u32>(k_entry_at + u64(token_1 >> 6));
        u64 dot_16 = bits_as<u64>(k_6.s01);
        f32x16 dot_17 = mfma_32x32x16(dot, dot_16, (f32x16)0.0f);
        u64 dot_18 = bits_as<u64>(k_6.s23);
        dot_17 = mfma_32x32x16(dot_1, dot_18, dot_17);
        u64 dot_19 = bits_as<u64>(k_5.s01);
        dot_17 = mfma_32x32x16(dot_2, dot_19, dot_17);
        u64 dot_20 = bits_as<u64>(k_5.s23);
        dot_17 = mfma_32x32x16(dot_3, dot_20, dot_17);
        u64 dot_21 = bits_as<u64>(k_4.s01);
        dot_17 = mfma_32x32x16(dot_4, dot_21, dot_17);
        u64 dot_22 = bits_as<u64>(k_4.s23);
        dot_17 = mfma_32x32x16(dot_5, dot_22, dot_17);
        u64 dot_23 = bits_as<u64>(k_3.s01);
        dot_17 = mfma_32x32x16(dot_6, dot_23, dot_17);
        u64 dot_24 = bits_as<u64>(k_3.s23);
        dot_17 = mfma_32x32x16(dot_7, dot_24, dot_17);

        // ReLU on the bits: a negative float is a negative integer. A float
        // maximum would need NaN excluded to be one instruction.
        i32x16 bits = (i32x16)dot_17;
        i32x16 positive = max_of(bits, (i32x16)0);
        f32x16 relu = (f32x16)positive;
        f32x2 sum_19 = relu.s01 * sum_1;
        sum_19 = fma_of(relu.s23, sum_2, sum_19);
        sum_19 = fma_of(relu.s45, sum_3, sum_19);
        sum_19 = fma_of(relu.s67, sum_4, sum_19);
        sum_19 = fma_of(relu.s89, sum_5, sum_19);
        sum_19 = fma_of(relu.sab, sum_6, sum_19);
        sum_19 = fma_of(relu.scd, sum_7, sum_19);
        sum_19 = fma_of(relu.sef, sum_8, sum_19);
        f32x16 dot_25 = mfma_32x32x16(dot_8, dot_16, (f32x16)0.0f);
        dot_25 = mfma_32x32x16(dot_9, dot_18, dot_25);
        dot_25 = mfma_32x32x16(dot_10, dot_19, dot_25);
        dot_25 = mfma_32x32x16(dot_11, dot_20, dot_25);
        dot_25 = mfma_32x32x16(dot_12, dot_21, dot_25);
        dot_25 = mfma_32x32x16(dot_13, dot_22, dot_25);
        dot_25 = mfma_32x32x16(dot_14, dot_23, dot_25);
        dot_25 = mfma_32x32x16(dot_15, dot_24, dot_25);

        // Registers are filled for the next step right after their last use in
        // this one.
        __builtin_amdgcn_sched_barrier(2);
        bool k_checked_1 = k_entry_2 < num_pages;
        u32 k_safe_1 = k_checked_1 ? k_entry_2 : 0;
        const u8 *k_at_1 = cache + u64(k_safe_1) * k_2;
        __amdgpu_buffer_rsrc_t k_buffer_1 = make_buffer(k_at_1, 8448, 0x27000);
        k_3 = buffer_load_u32x4(k_buffer_1, k_1, 0);
        k_4 = buffer_load_u32x4(k_buffer_1, k_1, 512);
        k_5 = buffer_load_u32x4(k_buffer_1, k_1, 1024);
        k_6 = buffer_load_u32x4(k_buffer_1, k_1, 1536);
        __builtin_amdgcn_sched_barrier(5);
        i32x16 bits_1 = (i32x16)dot_25;
        i32x16 positive_1 = max_of(bits_1, (i32x16)0);
        f32x16 relu_1 = (f32x16)positive_1;
        sum_19 = fma_of(relu_1.s01, sum_9, sum_19);
        sum_19 = fma_of(relu_1.s23, sum_10, sum_19);
        sum_19 = fma_of(relu_1.s45, sum_11, sum_19);
        sum_19 = fma_of(relu_1.s67, sum_12, sum_19);
        sum_19 = fma_of(relu_1.s89, sum_13, sum_19);
        sum_19 = fma_of(relu_1.sab, sum_14, sum_19);
        sum_19 = fma_of(relu_1.scd, sum_15, sum_19);
        sum_19 = fma_of(relu_1.sef, sum_16, sum_19);
        float sum_20 = sum_19[0] + sum_19[1];
        u64 dot_26 = bits_as<u64>(k_10.s01);
        f32x16 dot_27 = mfma_32x32x16(dot, dot_26, (f32x16)0.0f);
        u64 dot_28 = bits_as<u64>(k_10.s23);
        dot_27 = mfma_32x32x16(dot_1, dot_28, dot_27);
        u64 dot_29 = bits_as<u64>(k_9.s01);
        dot_27 = mfma_32x32x16(dot_2, dot_29, dot_27);
        u64 dot_30 = bits_as<u64>(k_9.s23);
        dot_27 = mfma_32x32x16(dot_3, dot_30, dot_27);
        u64 dot_31 = bits_as<u64>(k_8.s01);
        dot_27 = mfma_32x32x16(dot_4, dot_31, dot_27);
        u64 dot_32 = bits_as<u64>(k_8.s23);
        dot_27 = mfma_32x32x16(dot_5, dot_32, dot_27);
        u64 dot_33 = bits_as<u64>(k_7.s01);
        dot_27 = mfma_32x32x16(dot_6, dot_33, dot_27);
        u64 dot_34 = bits_as<u64>(k_7.s23);
        dot_27 = mfma_32x32x16(dot_7, dot_34, dot_27);
        i32x16 bits_2 = (i32x16)dot_27;
        i32x16 positive_2 = max_of(bits_2, (i32x16)0);
        f32x16 relu_2 = (f32x16)positive_2;
        f32x2 sum_21 = relu_2.s01 * sum_1;
        sum_21 = fma_of(relu_2.s23, sum_2, sum_21);
        sum_21 = fma_of(relu_2.s45, sum_3, sum_21);
        sum_21 = fma_of(relu_2.s67, sum_4, sum_21);
        sum_21 = fma_of(relu_2.s89, sum_5, sum_21);
        sum_21 = fma_of(relu_2.sab, sum_6, sum_21);
        sum_21 = fma_of(relu_2.scd, sum_7, sum_21);
        sum_21 = fma_of(relu_2.sef, sum_8, sum_21);
        f32x16 dot_35 = mfma_32x32x16(dot_8, dot_26, (f32x16)0.0f);
        dot_35 = mfma_32x32x16(dot_9, dot_28, dot_35);
        dot_35 = mfma_32x32x16(dot_10, dot_29, dot_35);
        dot_35 = mfma_32x32x16(dot_11, dot_30, dot_35);
        dot_35 = mfma_32x32x16(dot_12, dot_31, dot_35);
        dot_35 = mfma_32x32x16(dot_13, dot_32, dot_35);
        dot_35 = mfma_32x32x16(dot_14, dot_33, dot_35);
        dot_35 = mfma_32x32x16(dot_15, dot_34, dot_35);
        __builtin_amdgcn_sched_barrier(2);
        k_7 = buffer_load_u32x4(k_buffer_1, k_1, 4096);
        k_8 = buffer_load_u32x4(k_buffer_1, k_1, 4608);
        k_9 = buffer_load_u32x4(k_buffer_1, k_1, 5120);
        k_10 = buffer_load_u32x4(k_buffer_1, k_1, 5632);
        __builtin_amdgcn_sched_barrier(5);
        i32x16 bits_3 = (i32x16)dot_35;
        i32x16 positive_3 = max_of(bits_3, (i32x16)0);
        f32x16 relu_3 = (f32x16)positive_3;
        sum_21 = fma_of(relu_3.s01, sum_9, sum_21);
        sum_21 = fma_of(relu_3.s23, sum_10, sum_21);
        sum_21 = fma_of(relu_3.s45, sum_11, sum_21);
        sum_21 = fma_of(relu_3.s67, sum_12, sum_21);
        sum_21 = fma_of(relu_3.s89, sum_13, sum_21);
        sum_21 = fma_of(relu_3.sab, sum_14, sum_21);
        sum_21 = fma_of(relu_3.scd, sum_15, sum_21);
        sum_21 = fma_of(relu_3.sef, sum_16, sum_21);
        float sum_22 = sum_21[0] + sum_21[1];
        int sum_24 = bits_as<int>(sum_17 ? sum_22 : sum_20);
        int sum_23 = permute_lanes(sum_18, sum_24);
        float sum_25 = (sum_17 ? sum_20 : sum_22) + bits_as<float>(sum_23);
        float logit = sum_25 * scale_1;
        __builtin_amdgcn_sched_barrier(0);
        scale_1 = buffer_load_f32(k_buffer_1, scale, 8192);
        __builtin_amdgcn_sched_barrier(5);

        // Writes the cells of step `i` to the rows from `row` on, of which the
        // first sees `visible` columns and each other one more.
        float cell = inside ? logit : -__builtin_inff();
        buffer_store_f32(cell, buffer, u32(i) * 256 + scale, 0);
        inside = k_checked_1;
      }
      u64 dot_16 = bits_as<u64>(k_6.s01);
      f32x16 dot_17 = mfma_32x32x16(dot, dot_16, (f32x16)0.0f);
      u64 dot_18 = bits_as<u64>(k_6.s23);
      dot_17 = mfma_32x32x16(dot_1, dot_18, dot_17);
      u64 dot_19 = bits_as<u64>(k_5.s01);
      dot_17 = mfma_32x32x16(dot_2, dot_19, dot_17);
      u64 dot_20 = bits_as<u64>(k_5.s23);
      dot_17 = mfma_32x32x16(dot_3, dot_20, dot_17);
      u64 dot_21 = bits_as<u64>(k_4.s01);
      dot_17 = mfma_32x32x16(dot_4, dot_21, dot_17);
      u64 dot_22 = bits_as<u64>(k_4.s23);
      dot_17 = mfma_32x32x16(dot_5, dot_22, dot_17);
      u64 dot_23 = bits_as<u64>(k_3.s01);
      dot_17 = mfma_32x32x16(dot_6, dot_23, dot_17);
      u64 dot_24 = bits_as<u64>(k_3.s23);
      dot_17 = mfma_32x32x16(dot_7, dot_24, dot_17);
      i32x16 bits = (i32x16)dot_17;
      i32x16 positive = max_of(bits, (i32x16)0);
      f32x16 relu = (f32x16)positive;
      f32x2 sum_19 = relu.s01 * sum_1;
      sum_19 = fma_of(relu.s23, sum_2, sum_19);
      sum_19 = fma_of(relu.s45, sum_3, sum_19);
      sum_19 = fma_of(relu.s67, sum_4, sum_19);
      sum_19 = fma_of(relu.s89, sum_5, sum_19);
      sum_19 = fma_of(relu.sab, sum_6, sum_19);
      sum_19 = fma_of(relu.scd, sum_7, sum_19);
      sum_19 = fma_of(relu.sef, sum_8, sum_19);
      f32x16 dot_25 = mfma_32x32x16(dot_8, dot_16, (f32x16)0.0f);
      dot_25 = mfma_32x32x16(dot_9, dot_18, dot_25);
      dot_25 = mfma_32x32x16(dot_10, dot_19, dot_25);
      dot_25 = mfma_32x32x16(dot_11, dot_20, dot_25);
      dot_25 = mfma_32x32x16(dot_12, dot_21, dot_25);
      dot_25 = mfma_32x32x16(dot_13, dot_22, dot_25);
      dot_25 = mfma_32x32x16(dot_14, dot_23, dot_25);
      dot_25 = mfma_32x32x16(dot_15, dot_24, dot_25);
      i32x16 bits_1 = (i32x16)dot_25;
      i32x16 positive_1 = max_of(bits_1, (i32x16)0);
      f32x16 relu_1 = (f32x16)positive_1;
      sum_19 = fma_of(relu_1.s01, sum_9, sum_19);
      sum_19 = fma_of(relu_1.s23, sum_10, sum_19);
      sum_19 = fma_of(relu_1.s45, sum_11, sum_19);
      sum_19 = fma_of(relu_1.s67, sum_12, sum_19);
      sum_19 = fma_of(relu_1.s89, sum_13, sum_19);
      sum_19 = fma_of(relu_1.sab, sum_14, sum_19);
      sum_19 = fma_of(relu_1.scd, sum_15, sum_19);
      sum_19 = fma_of(relu_1.sef, sum_16, sum_19);
      float sum_20 = sum_19[0] + sum_19[1];
      u64 dot_26 = bits_as<u64>(k_10.s01);
      f32x16 dot_27 = mfma_32x32x16(dot, dot_26, (f32x16)0.0f);
      u64 dot_28 = bits_as<u64>(k_10.s23);
      dot_27 = mfma_32x32x16(dot_1, dot_28, dot_27);
      u64 dot_29 = bits_as<u64>(k_9.s01);
      dot_27 = mfma_32x32x16(dot_2, dot_29, dot_27);
      u64 dot_30 = bits_as<u64>(k_9.s23);
      dot_27 = mfma_32x32x16(dot_3, dot_30, dot_27);
      u64 dot_31 = bits_as<u64>(k_8.s01);
      dot_27 = mfma_32x32x16(dot_4, dot_31, dot_27);
      u64 dot_32 = bits_as<u64>(k_8.s23);
      dot_27 = mfma_32x32x16(dot_5, dot_32, dot_27);
      u64 dot_33 = bits_as<u64>(k_7.s01);
      dot_27 = mfma_32x32x16(dot_6, dot_33, dot_27);
      u64 dot_34 = bits_as<u64>(k_7.s23);
      dot_27 = mfma_32x32x16(dot_7, dot_34, dot_27);
      i32x16 bits_2 = (i32x16)dot_27;
      i32x16 positive_2 = max_of(bits_2, (i32x16)0);
      f32x16 relu_2 = (f32x16)positive_2;
      sum_1 = relu_2.s01 * sum_1;
      sum_1 = fma_of(relu_2.s23, sum_2, sum_1);
      sum_1 = fma_of(relu_2.s45, sum_3, sum_1);
      sum_1 = fma_of(relu_2.s67, sum_4, sum_1);
      sum_1 = fma_of(relu_2.s89, sum_5, sum_1);
      sum_1 = fma_of(relu_2.sab, sum_6, sum_1);
      sum_1 = fma_of(relu_2.scd, sum_7, sum_1);
      sum_1 = fma_of(relu_2.sef, sum_8, sum_1);
      f32x16 dot_35 = mfma_32x32x16(dot_8, dot_26, (f32x16)0.0f);
      dot_35 = mfma_32x32x16(dot_9, dot_28, dot_35);
      dot_35 = mfma_32x32x16(dot_10, dot_29, dot_35);
      dot_35 = mfma_32x32x16(dot_11, dot_30, dot_35);
      dot_35 = mfma_32x32x16(dot_12, dot_31, dot_35);
      dot_35 = mfma_32x32x16(dot_13, dot_32, dot_35);
      dot_35 = mfma_32x32x16(dot_14, dot_33, dot_35);
      dot_35 = mfma_32x32x16(dot_15, dot_34, dot_35);
      i32x16 bits_3 = (i32x16)dot_35;
      i32x16 positive_3 = max_of(bits_3, (i32x16)0);
      f32x16 relu_3 = (f32x16)positive_3;
      sum_1 = fma_of(relu_3.s01, sum_9, sum_1);
      sum_1 = fma_of(relu_3.s23, sum_10, sum_1);
      sum_1 = fma_of(relu_3.s45, sum_11, sum_1);
      sum_1 = fma_of(relu_3.s67, sum_12, sum_1);
      sum_1 = fma_of(relu_3.s89, sum_13, sum_1);
      sum_1 = fma_of(relu_3.sab, sum_14, sum_1);
      sum_1 = fma_of(relu_3.scd, sum_15, sum_1);
      sum_1 = fma_of(relu_3.sef, sum_16, sum_1);
      float sum_21 = sum_1[0] + sum_1[1];
      sum_18 = permute_lanes(sum_18, bits_as<int>(sum_17 ? sum_21 : sum_20));
      float sum_22 = (sum_17 ? sum_20 : sum_21) + bits_as<float>(sum_18);
      float logit = sum_22 * scale_1;
      float cell = inside ? logit : -__builtin_inff();
      buffer_store_f32(cell, buffer, value * 256 + scale, 0);
    }
    left = left - taken;
    request = u32(next_request);
    length = length_1;
    first = 0;
  }
}
