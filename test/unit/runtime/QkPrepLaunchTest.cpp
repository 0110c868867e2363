//===- QkPrepLaunchTest.cpp - What qk_prep is launched with ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytes that a kernel gets, the grid, and every argument that is refused.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include "Spec/KernelKey.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_qk_prep_args;

static const char prepKey[] =
    "qk_prep.gfx950.p64.d128.pre.h32.neox.first.bf16.i64.fn";

static Args goodPrep() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.tokens = 1000;
  args.q = address(0x10002); // two bytes are enough for bf16
  args.q_stride_token = 5000;
  args.q_stride_head = 130;
  args.k = address(0x20002);
  args.k_stride = 131;
  args.weights = address(0x30002);
  args.weights_stride = 33;
  args.positions = address(0x40008);
  args.cos = address(0x50002);
  args.cos_stride = 64;
  args.sin = address(0x50042);
  args.sin_stride = 65;
  args.max_positions = 4096;
  args.norm_weight = address<float>(0x60010);
  args.norm_bias = address<float>(0x70010);
  args.norm_eps = 1e-6f;
  args.weights_scale = 0.25f;
  args.slots = address(0x80008);
  args.cache.data = address(0x90000);
  args.cache.bytes = 10 * 8464;
  args.cache.num_pages = 10;
  args.cache.page_stride = 8464;
  args.cache.layout_hash = KernelKey::parse(prepKey)->layout().hash();
  args.q_out = address(0xa0001); // a byte is enough
  args.q_out_stride_token = 4225;
  args.q_out_stride_head = 132;
  args.weights_out = address<float>(0xb0004);
  args.weights_out_stride = 35;
  args.error = address<uint32_t>(0xc0004);
  return args;
}

TEST_CASE("qk_prep: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prepKey);
  REQUIRE(bool(kernel));
  Args args = goodPrep();
  Status status = kernel->launch(args, address(0x70));
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 216);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x10002);
  CHECK(argumentAt<int64_t>(hip, 8) == 5000);
  CHECK(argumentAt<int64_t>(hip, 16) == 130);
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x20002);
  CHECK(argumentAt<int64_t>(hip, 32) == 131);
  CHECK(argumentAt<uint64_t>(hip, 40) == 0x30002);
  CHECK(argumentAt<int64_t>(hip, 48) == 33);
  CHECK(argumentAt<uint64_t>(hip, 56) == 0x40008);
  CHECK(argumentAt<uint64_t>(hip, 64) == 0x50002);
  CHECK(argumentAt<int64_t>(hip, 72) == 64);
  CHECK(argumentAt<uint64_t>(hip, 80) == 0x50042);
  CHECK(argumentAt<int64_t>(hip, 88) == 65);
  CHECK(argumentAt<int64_t>(hip, 96) == 4096);
  CHECK(argumentAt<uint64_t>(hip, 104) == 0x60010);
  CHECK(argumentAt<uint64_t>(hip, 112) == 0x70010);
  CHECK(argumentAt<float>(hip, 120) == 1e-6f);
  CHECK(argumentAt<float>(hip, 124) == 0.25f);
  CHECK(argumentAt<uint64_t>(hip, 128) == 0x80008);
  CHECK(argumentAt<uint64_t>(hip, 136) == 0x90000);
  CHECK(argumentAt<int64_t>(hip, 144) == 8464);
  CHECK(argumentAt<int64_t>(hip, 152) == 640);
  CHECK(argumentAt<uint64_t>(hip, 160) == 0xa0001);
  CHECK(argumentAt<int64_t>(hip, 168) == 4225);
  CHECK(argumentAt<int64_t>(hip, 176) == 132);
  CHECK(argumentAt<uint64_t>(hip, 184) == 0xb0004);
  CHECK(argumentAt<int64_t>(hip, 192) == 35);
  CHECK(argumentAt<uint64_t>(hip, 200) == 0xc0004);
  CHECK(argumentAt<int32_t>(hip, 208) == 1000);
  // The fake kernel says 64 rows a wave, and has four waves: 16 waves for k,
  // 500 for q.
  CHECK(argumentAt<int32_t>(hip, 212) == 16);
  CHECK(hip.grid[0] == 129);
  CHECK(hip.grid[1] == 1);
  CHECK(hip.block[0] == 256);
  CHECK(hip.stream == address(0x70));
  CHECK(hip.launches == 1);

  // No error word is allowed.
  args.error = nullptr;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<uint64_t>(hip, 200) == 0);
  // One row for all tokens, and for all heads.
  args.q_stride_token = args.q_stride_head = args.k_stride = 0;
  args.weights_stride = args.cos_stride = args.sin_stride = 0;
  CHECK(bool(kernel->launch(args)));
  // All that 32 bits count.
  args.tokens = 67108800;
  CHECK(bool(kernel->launch(args)));

  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  args = goodPrep();
  CHECK(hipdex_describe_qk_prep(kernel->get(), &args, &workgroups, &threads,
                                nullptr, &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 129);
  CHECK(threads == 256);
  CHECK(size == 216);
}

TEST_CASE("qk_prep: a grid of more threads than HIP counts is refused") {
  Fixture fixture;
  Context context = fixture.open();
  KernelKey key = *KernelKey::parse(prepKey);
  KernelMetadata metadata = fakeMetadata(key);
  metadata.stepTokens = 16; // rows of a wave, as of real kernels
  std::string elf = fakeElf(key);
  Result<Kernel> kernel =
      context.loadKernel(elf.data(), elf.size(), metadata.toJSON().c_str());
  REQUIRE(bool(kernel));
  Args args = goodPrep();
  args.q_stride_token = args.q_stride_head = args.k_stride = 0;
  args.weights_stride = args.cos_stride = args.sin_stride = 0;
  // 33 rows a token, 16 rows for 64 threads: 2^32 threads are just not
  // reached, and are.
  args.tokens = 32537600;
  CHECK(bool(kernel->launch(args)));
  CHECK(uint64_t(fixture.hip.grid[0]) * 256 == 4294963200);
  args.tokens = 32537632;
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(),
             Contains("qk_prep: the grid would have 4294967552 threads, must "
                      "be below 2^32: launch fewer rows at a time"));
  uint32_t workgroups = 7, threads = 7;
  size_t size = 0;
  CHECK(hipdex_describe_qk_prep(kernel->get(), &args, &workgroups, &threads,
                                nullptr,
                                &size) == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(workgroups == 7);
}

TEST_CASE("qk_prep: without tokens nothing is looked at") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prepKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("qk_prep: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prepKey);
  REQUIRE(bool(kernel));
  auto refused = [&](const char *message,
                     const std::function<void(Args &)> &change) {
    INFO(message);
    Args args = goodPrep();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(), Contains(std::string("qk_prep: ") + message));
  };
  constexpr int64_t huge = INT64_C(1) << 62;
  refused("struct_size is 8, must be", [](Args &a) { a.struct_size = 8; });
  refused("tokens is -1, must be in 0..67108800",
          [](Args &a) { a.tokens = -1; });
  refused("tokens is 67108801, must be", [](Args &a) { a.tokens = 67108801; });
  refused("max_positions is 0, must be in 1..2147483647",
          [](Args &a) { a.max_positions = 0; });
  refused("max_positions is 2147483648, must be",
          [](Args &a) { a.max_positions = INT64_C(1) << 31; });
  refused("norm_eps is 0.00, must be positive and finite",
          [](Args &a) { a.norm_eps = 0; });
  refused("norm_eps is -1.00, must be", [](Args &a) { a.norm_eps = -1; });
  refused("norm_eps is nan, must be", [](Args &a) { a.norm_eps = NAN; });
  refused("norm_eps is INF, must be", [](Args &a) { a.norm_eps = INFINITY; });
  refused("weights_scale is nan, must be finite",
          [](Args &a) { a.weights_scale = NAN; });
  refused("cache.num_pages is 0, must be in 1..33554431",
          [](Args &a) { a.cache.num_pages = 0; });
  refused("cache.num_pages is 33554432, must be",
          [](Args &a) { a.cache.num_pages = 33554432; });
  refused("cache.page_stride is 8447, must be at least 8448",
          [](Args &a) { a.cache.page_stride = 8447; });
  refused("cache.data is null", [](Args &a) { a.cache.data = nullptr; });
  refused("cache.bytes is 84623, ", [](Args &a) { a.cache.bytes = 84623; });
  refused("q is null", [](Args &a) { a.q = nullptr; });
  refused("k is null", [](Args &a) { a.k = nullptr; });
  refused("weights is null", [](Args &a) { a.weights = nullptr; });
  refused("positions is null", [](Args &a) { a.positions = nullptr; });
  refused("cos is null", [](Args &a) { a.cos = nullptr; });
  refused("sin is null", [](Args &a) { a.sin = nullptr; });
  refused("norm_weight is null", [](Args &a) { a.norm_weight = nullptr; });
  refused("norm_bias is null", [](Args &a) { a.norm_bias = nullptr; });
  refused("slots is null", [](Args &a) { a.slots = nullptr; });
  refused("q_out is null", [](Args &a) { a.q_out = nullptr; });
  refused("weights_out is null", [](Args &a) { a.weights_out = nullptr; });
  refused("q is 0x10001, must be 2-byte aligned",
          [](Args &a) { a.q = address(0x10001); });
  refused("k is 0x20001, must be 2-byte aligned",
          [](Args &a) { a.k = address(0x20001); });
  refused("weights is 0x30001, must be 2-byte aligned",
          [](Args &a) { a.weights = address(0x30001); });
  refused("positions is 0x40004, must be 8-byte aligned",
          [](Args &a) { a.positions = address(0x40004); });
  refused("cos is 0x50001, must be 2-byte aligned",
          [](Args &a) { a.cos = address(0x50001); });
  refused("sin is 0x50001, must be 2-byte aligned",
          [](Args &a) { a.sin = address(0x50001); });
  refused("norm_weight is 0x60004, must be 16-byte aligned",
          [](Args &a) { a.norm_weight = address<float>(0x60004); });
  refused("norm_bias is 0x70004, must be 16-byte aligned",
          [](Args &a) { a.norm_bias = address<float>(0x70004); });
  refused("slots is 0x80004, must be 8-byte aligned",
          [](Args &a) { a.slots = address(0x80004); });
  refused("weights_out is 0xb0002, must be 4-byte aligned",
          [](Args &a) { a.weights_out = address<float>(0xb0002); });
  refused("error is 0xc0002, must be 4-byte aligned",
          [](Args &a) { a.error = address<uint32_t>(0xc0002); });
  refused("q_stride_token is -1, must be at least 0",
          [](Args &a) { a.q_stride_token = -1; });
  refused("q_stride_head is -1, must be at least 0",
          [](Args &a) { a.q_stride_head = -1; });
  refused("k_stride is -1, must be at least 0",
          [](Args &a) { a.k_stride = -1; });
  refused("weights_stride is -1, must be at least 0",
          [](Args &a) { a.weights_stride = -1; });
  refused("cos_stride is -1, must be at least 0",
          [](Args &a) { a.cos_stride = -1; });
  refused("sin_stride is -1, must be at least 0",
          [](Args &a) { a.sin_stride = -1; });
  // What is written is written once.
  refused("q_out_stride_head is 127, must be at least 128",
          [](Args &a) { a.q_out_stride_head = 127; });
  refused("q_out_stride_token is 4223, must be at least 4224",
          [](Args &a) { a.q_out_stride_token = 4223; });
  refused("weights_out_stride is 31, must be at least 32",
          [](Args &a) { a.weights_out_stride = 31; });
  refused("strides of q take it past 64-bit offsets",
          [](Args &a) { a.q_stride_token = huge; });
  refused("strides of q take it past 64-bit offsets",
          [](Args &a) { a.q_stride_head = huge; });
  refused("strides of k take it past 64-bit offsets",
          [](Args &a) { a.k_stride = huge; });
  refused("strides of weights take it past 64-bit offsets",
          [](Args &a) { a.weights_stride = huge; });
  refused("strides of cos take it past 64-bit offsets",
          [](Args &a) { a.cos_stride = huge; });
  refused("strides of sin take it past 64-bit offsets",
          [](Args &a) { a.sin_stride = huge; });
  refused("strides of q_out take it past 64-bit offsets",
          [](Args &a) { a.q_out_stride_token = huge; });
  refused("strides of q_out take it past 64-bit offsets",
          [](Args &a) { a.q_out_stride_head = huge; });
  refused("strides of weights_out take it past 64-bit offsets",
          [](Args &a) { a.weights_out_stride = huge; });

  Args args = goodPrep();
  args.cache.layout_hash = 1;
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(), Contains("qk_prep: the cache buffer has"));
  Result<Kernel> other =
      context.kernel("k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn");
  REQUIRE(bool(other));
  args = goodPrep();
  status = other->launch(args);
  CHECK_THAT(status.message(),
             Contains("qk_prep: the kernel is one of k_quant_store"));
  // int32 positions and slots need four bytes.
  Result<Kernel> narrow =
      context.kernel("qk_prep.gfx950.p64.d128.pre.h32.neox.first.bf16.i32.fn");
  REQUIRE(bool(narrow));
  CHECK(fixture.hip.launches == 0);
  args.positions = address(0x40004);
  args.slots = address(0x80004);
  CHECK(bool(narrow->launch(args)));
}
