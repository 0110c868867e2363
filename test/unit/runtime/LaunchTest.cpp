//===- LaunchTest.cpp - Tests of the launch -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The bytes that a kernel gets, the grid, and every argument that is refused.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_paged_mqa_logits_args;

TEST_CASE("arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open(FAKE_HIP, 1);
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  Args args = goodArgs();
  Status status = kernel->launch(args, address(0x70));
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 124);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x10000);
  CHECK(argumentAt<int64_t>(hip, 8) == 64 * 128);
  CHECK(argumentAt<int64_t>(hip, 16) == 64 * 128 + 16);
  CHECK(argumentAt<int64_t>(hip, 24) == 128);
  CHECK(argumentAt<uint64_t>(hip, 32) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 40) == 8464);
  CHECK(argumentAt<int32_t>(hip, 48) == 10);
  CHECK(argumentAt<uint64_t>(hip, 56) == 0x30000);
  CHECK(argumentAt<int64_t>(hip, 64) == 68);
  CHECK(argumentAt<uint64_t>(hip, 72) == 0x40004);
  CHECK(argumentAt<uint64_t>(hip, 80) == 0x50004);
  CHECK(argumentAt<int64_t>(hip, 88) == 5);
  CHECK(argumentAt<uint64_t>(hip, 96) == 0x60004);
  CHECK(argumentAt<int64_t>(hip, 104) == 204);
  CHECK(argumentAt<int32_t>(hip, 112) == 200);
  CHECK(argumentAt<int32_t>(hip, 116) == 3);
  // 3 requests of 4 steps are 12 waves: 3 workgroups of 4.
  CHECK(argumentAt<int32_t>(hip, 120) == 12);
  CHECK(hip.grid[0] == 3);
  CHECK(hip.grid[1] == 1);
  CHECK(hip.grid[2] == 1);
  CHECK(hip.block[0] == 256);
  CHECK(hip.block[1] == 1);
  CHECK(hip.sharedBytes == 0);
  CHECK(hip.stream == address(0x70));
  CHECK(hip.launchDevice == 1);
  CHECK(hip.currentDevice == 0);
}

TEST_CASE("the grid follows from shapes and compute units alone") {
  Fixture fixture;
  fixture.hip.computeUnits = 80;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  auto gridOf = [&](int32_t batch, int64_t width) {
    Args args = goodArgs();
    args.batch = batch;
    args.width = width;
    args.table_width = args.table_stride = (width + 63) / 64;
    args.logits_stride = width;
    Status status = kernel->launch(args);
    INFO(status.message());
    REQUIRE(bool(status));
    return fixture.hip.grid[0];
  };
  CHECK(gridOf(1, 1) == 1);
  CHECK(gridOf(1, 256) == 1);
  CHECK(gridOf(1, 257) == 2);
  CHECK(gridOf(512, 262144) == 160); // 80 compute units * 2 waves a SIMD
  CHECK(gridOf(160, 256) == 160);
  CHECK(gridOf(159, 256) == 159);
}

TEST_CASE("a grid for more compute units than HIP counts threads is refused") {
  Fixture fixture;
  fixture.hip.computeUnits = 1 << 30;
  Context context = fixture.open();
  Args decode = goodArgs();
  decode.batch = 1 << 21;
  decode.width = decode.logits_stride = 1 << 15;
  decode.table_width = decode.table_stride = 1 << 9;
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  // 2^21 requests of 2^9 steps, four a workgroup: 2^28 workgroups of 2^8.
  CHECK_THAT(kernel->launch(decode).message(),
             Contains("paged_mqa_logits: the grid would have 68719476736 "
                      "threads, must be below 2^32"));
}

TEST_CASE("an empty batch or row launches nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  args.width = 100;
  CHECK(bool(kernel->launch(args)));
  args.batch = 3;
  args.width = 0;
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("entries are counted in 32 bits, of blocks and not of pages") {
  Fixture fixture;
  Context context = fixture.open();
  std::string text = testKey;
  text.replace(text.find(".b64."), 5, ".b1.");
  Result<Kernel> kernel = context.kernel(text.c_str());
  REQUIRE(bool(kernel));
  Args args = goodArgs();
  args.table_width = args.table_stride = args.width;
  args.cache.bytes = UINT64_MAX;
  args.cache.num_pages = INT32_MAX / 64;
  CHECK(bool(kernel->launch(args)));
  ++args.cache.num_pages;
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(),
             Contains("cache.num_pages is 33554432, must be in 1..33554431"));
}

TEST_CASE("a cache of another layout is refused, both named") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  Args args = goodArgs();
  CacheLayout layout = KernelKey::parse(testKey)->layout();
  auto refused = [&](uint64_t hash) {
    args.cache.layout_hash = hash;
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
    CHECK_THAT(status.message(), Contains("the kernel's is " + layout.str()));
    return status.message();
  };
  CacheLayout other = layout;
  other.order = CacheOrder::Plain;
  CHECK_THAT(refused(other.hash()), Contains("has " + other.str()));
  other = layout;
  other.fp8 = Fp8Format::E4M3FNUZ;
  CHECK_THAT(refused(other.hash()), Contains("has " + other.str()));
  other = layout;
  other.pageSize = 48;
  CHECK_THAT(refused(other.hash()), Contains("has " + other.str()));
  CHECK_THAT(refused(0), Contains("no layout (hash 0)"));
  CHECK_THAT(refused(0x123), Contains("an unknown layout (hash 0x123)"));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE(
    "every wrong argument is refused with its value and what is allowed") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  auto message = [&](const std::function<void(Args &)> &change) {
    Args args = goodArgs();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    return status.message();
  };
  constexpr int64_t huge = INT64_MAX / 16 * 16;

  CHECK_THAT(message([](Args &a) { a.struct_size = 8; }),
             Contains("struct_size is 8"));
  CHECK_THAT(message([](Args &a) { a.batch = -1; }),
             Contains("batch is -1, must be in 0..2147483584"));
  CHECK_THAT(message([](Args &a) { a.batch = INT32_MAX - 62; }),
             Contains("batch is 2147483585, must be in 0..2147483584"));
  CHECK_THAT(message([](Args &a) { a.width = -1; }), Contains("width is -1"));
  CHECK_THAT(message([](Args &a) { a.width = INT64_C(1) << 29; }),
             Contains("width is 536870912, must be in 0..536870911"));

  CHECK_THAT(message([](Args &a) { a.q = nullptr; }), Contains("q is null"));
  CHECK_THAT(message([](Args &a) { a.weights = nullptr; }),
             Contains("weights is null"));
  CHECK_THAT(message([](Args &a) { a.context_lens = nullptr; }),
             Contains("context_lens is null"));
  CHECK_THAT(message([](Args &a) { a.block_table = nullptr; }),
             Contains("block_table is null"));
  CHECK_THAT(message([](Args &a) { a.logits = nullptr; }),
             Contains("logits is null"));
  CHECK_THAT(message([](Args &a) { a.cache.data = nullptr; }),
             Contains("cache.data is null"));
  CHECK_THAT(message([](Args &a) { a.q = address(0x10008); }),
             Contains("q is 0x10008, must be 16-byte aligned"));
  CHECK_THAT(message([](Args &a) { a.cache.data = address(0x20008); }),
             Contains("cache.data is 0x20008, must be 16-byte aligned"));
  CHECK_THAT(message([](Args &a) {
               a.logits = reinterpret_cast<float *>(address(0x60002));
             }),
             Contains("logits is 0x60002, must be 4-byte aligned"));

  CHECK_THAT(message([](Args &a) { a.q_stride_head = 120; }),
             Contains("q_stride_head is 120, must be a multiple of 16"));
  CHECK_THAT(message([](Args &a) { a.q_stride_request = -16; }),
             Contains("q_stride_request is -16, must be at least 0"));
  CHECK_THAT(message([](Args &a) { a.weights_stride = 66; }),
             Contains("weights_stride is 66, must be a multiple of 4"));
  CHECK_THAT(message([](Args &a) { a.logits_stride = 199; }),
             Contains("logits_stride is 199, must be at least 200"));

  CHECK_THAT(message([](Args &a) { a.table_width = 3; }),
             Contains("table_width is 3, must be at least 4 for width 200 and "
                      "kv_block_size 64"));
  CHECK_THAT(message([](Args &a) { a.table_stride = 3; }),
             Contains("table_stride is 3, must be at least 4"));

  CHECK_THAT(message([](Args &a) { a.cache.num_pages = -1; }),
             Contains("cache.num_pages is -1, must be in 1..2147483647"));
  CHECK_THAT(message([](Args &a) { a.cache.num_pages = 0; }),
             Contains("cache.num_pages is 0, must be in 1..2147483647"));
  CHECK_THAT(message([](Args &a) { a.cache.num_pages = INT64_C(1) << 31; }),
             Contains("cache.num_pages is 2147483648"));
  CHECK_THAT(message([](Args &a) { a.cache.page_stride = 8432; }),
             Contains("cache.page_stride is 8432, must be at least 8448"));
  CHECK_THAT(message([](Args &a) { a.cache.page_stride = 8452; }),
             Contains("cache.page_stride is 8452, must be a multiple of 16"));
  CHECK_THAT(message([](Args &a) { --a.cache.bytes; }),
             Contains("10 pages with page_stride 8464 need 84624"));
  CHECK_THAT(message([](Args &a) {
               a.cache.page_stride = INT64_C(1) << 32;
               a.cache.bytes = UINT64_MAX;
             }),
             Contains("cache.page_stride is 4294967296, must be below 2^32"));

  CHECK_THAT(message([](Args &a) { a.q_stride_request = huge; }),
             Contains("strides of q"));
  CHECK_THAT(message([](Args &a) { a.weights_stride = huge; }),
             Contains("strides of weights"));
  CHECK_THAT(message([](Args &a) { a.table_stride = huge; }),
             Contains("strides of block_table"));
  CHECK_THAT(message([](Args &a) { a.logits_stride = huge; }),
             Contains("strides of logits"));
  CHECK_THAT(message([](Args &a) {
               a.batch = INT32_MAX - 63;
               a.logits_stride = a.width;
               a.q_stride_request = a.weights_stride = 0;
             }),
             Contains("steps of 64 tokens"));
  // Fewer steps than rows, and still too many rows.
  Result<Kernel> eight =
      context.kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n8.fn");
  REQUIRE(bool(eight));
  Args many = goodArgs();
  many.batch = INT32_MAX - 63;
  many.width = many.logits_stride = 64;
  many.q_stride_request = many.weights_stride = 0;
  CHECK_THAT(eight->launch(many).message(),
             Contains("batch 2147483584 times next_n 8 is 17179868672 rows, "
                      "must be at most 2147483647"));
  CHECK(fixture.hip.launches == 0);

  CHECK(hipdex_launch_paged_mqa_logits(nullptr, nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(hipdex_launch_paged_mqa_logits(kernel->get(), nullptr, nullptr) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("pages of one token are 132 bytes apart and 4-byte aligned") {
  Fixture fixture;
  Context context = fixture.open();
  const char *key = "paged_mqa_logits.gfx950.p1.d128.b1.plain.h64.n1.fn";
  Result<Kernel> kernel = context.kernel(key);
  REQUIRE(bool(kernel));
  Args args = goodArgs();
  args.cache.data = address(0x20004);
  args.cache.layout_hash = KernelKey::parse(key)->layout().hash();
  args.cache.num_pages = 1000;
  args.cache.page_stride = 132;
  args.cache.bytes = 132000;
  args.table_width = args.table_stride = 200;
  Status status = kernel->launch(args);
  INFO(status.message());
  CHECK(bool(status));
  args.table_width = 199;
  CHECK(kernel->launch(args).code() == HIPDEX_ERROR_INVALID_ARGUMENT);
}

TEST_CASE("a launch that HIP refuses says call, name, number and meaning") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  fixture.hip.launchError = 719;
  Status status = kernel->launch(goodArgs());
  CHECK(status.code() == HIPDEX_ERROR_HIP);
  CHECK(status.message() ==
        "hipModuleLaunchKernel failed with hipErrorLaunchFailure (719): "
        "unspecified launch failure");
  CHECK(fixture.hip.lastError == 0);
}

TEST_CASE("describing a launch gives what the launch uses") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(testKey);
  REQUIRE(bool(kernel));
  Args args = goodArgs();
  REQUIRE(bool(kernel->launch(args)));
  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  REQUIRE(hipdex_describe_paged_mqa_logits(kernel->get(), &args, &workgroups,
                                           &threads, nullptr,
                                           &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 3);
  CHECK(threads == 256);
  REQUIRE(size == 124);
  std::vector<char> bytes(size);
  REQUIRE(hipdex_describe_paged_mqa_logits(kernel->get(), &args, &workgroups,
                                           &threads, bytes.data(),
                                           &size) == HIPDEX_SUCCESS);
  CHECK(bytes == fixture.hip.arguments);
  size = 100;
  CHECK(hipdex_describe_paged_mqa_logits(kernel->get(), &args, &workgroups,
                                         &threads, bytes.data(), &size) ==
        HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK(size == 124);
  CHECK(fixture.hip.launches == 1);
}
