//===- GatherLaunchTest.cpp - Tests of k_gather's launch ------------------===//
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
using Args = hipdex_k_gather_args;

static const char gatherKey[] = "k_gather.gfx950.p64.d128.b16.pre.fn";

static Args goodGather() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.cache.data = address<void>(0x20000);
  args.cache.bytes = 10 * 8464;
  args.cache.num_pages = 10;
  args.cache.page_stride = 8464;
  args.cache.layout_hash = KernelKey::parse(gatherKey)->layout().hash();
  args.batch = 5;
  args.block_table = address<const int32_t>(0x30004);
  args.table_width = 7;
  args.table_stride = 9;
  args.cu_seq_lens = address<const int32_t>(0x40004);
  args.tokens = 1000;
  args.k = address<void>(0x50001); // a byte is enough
  args.k_stride = 131;
  args.scales = address<float>(0x60004);
  args.scales_stride = 2;
  return args;
}

TEST_CASE("k_gather: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(gatherKey);
  REQUIRE(bool(kernel));
  Args args = goodGather();
  Status status = kernel->launch(args);
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 100);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 8) == 8464);
  CHECK(argumentAt<int32_t>(hip, 16) == 40); // blocks of 16 in pages of 64
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x30004);
  CHECK(argumentAt<int64_t>(hip, 32) == 9);
  CHECK(argumentAt<int32_t>(hip, 40) == 7);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x40004);
  CHECK(argumentAt<int32_t>(hip, 56) == 5);
  CHECK(argumentAt<int32_t>(hip, 60) == 3); // halvings of five requests
  CHECK(argumentAt<uint64_t>(hip, 64) == 0x50001);
  CHECK(argumentAt<int64_t>(hip, 72) == 131);
  CHECK(argumentAt<uint64_t>(hip, 80) == 0x60004);
  CHECK(argumentAt<int64_t>(hip, 88) == 2);
  CHECK(argumentAt<int32_t>(hip, 96) == 1000);
  // The fake kernel says 64 tokens a wave, and has four waves.
  CHECK(hip.grid[0] == 4);
  CHECK(hip.block[0] == 256);
  for (auto [batch, steps] :
       {std::pair<int, int>{1, 0}, {2, 1}, {3, 2}, {4, 2}, {8, 3}, {9, 4}}) {
    args.batch = batch;
    CHECK(bool(kernel->launch(args)));
    CHECK(argumentAt<int32_t>(hip, 60) == steps);
  }
  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_k_gather(kernel->get(), &args, &workgroups, &threads,
                                 nullptr, &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 4);
  CHECK(threads == 256);
  CHECK(size == 100);
}

TEST_CASE("k_gather: no tokens or requests launch nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(gatherKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  args.tokens = 5;
  CHECK(bool(kernel->launch(args)));
  args.tokens = 0;
  args.batch = 5;
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("k_gather: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(gatherKey);
  REQUIRE(bool(kernel));
  // The rules of docs/ops.md.
  auto refused = [&](const char *rule, const char *message,
                     const std::function<void(Args &)> &change) {
    INFO(rule << " " << message);
    Args args = goodGather();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(), Contains(std::string("k_gather: ") + message));
  };
  refused("(L1)", "struct_size is 8, must be",
          [](Args &a) { a.struct_size = 8; });
  refused("(L2)", "tokens is -1, must be in 0..2147482624",
          [](Args &a) { a.tokens = -1; });
  refused("(L2)", "tokens is 2147482625, must be in 0..2147482624",
          [](Args &a) { a.tokens = 2147482625; });
  refused("(L2)", "batch is -1, must be in 0..1073741824",
          [](Args &a) { a.batch = -1; });
  refused("(L2)", "batch is 1073741825, must be in 0..1073741824",
          [](Args &a) { a.batch = 1073741825; });
  refused("(L5)", "block_table is null",
          [](Args &a) { a.block_table = nullptr; });
  refused("(L5)", "cu_seq_lens is null",
          [](Args &a) { a.cu_seq_lens = nullptr; });
  refused("(L5)", "k is null", [](Args &a) { a.k = nullptr; });
  refused("(L5)", "scales is null", [](Args &a) { a.scales = nullptr; });
  refused("(L5)", "block_table is 0x30002, must be 4-byte aligned",
          [](Args &a) { a.block_table = address<const int32_t>(0x30002); });
  refused("(L5)", "cu_seq_lens is 0x40002, must be 4-byte aligned",
          [](Args &a) { a.cu_seq_lens = address<const int32_t>(0x40002); });
  refused("(L5)", "scales is 0x60002, must be 4-byte aligned",
          [](Args &a) { a.scales = address<float>(0x60002); });
  refused("(L2)", "table_width is 0, must be in 1..2147483647",
          [](Args &a) { a.table_width = 0; });
  refused("(L2)", "table_width is 2147483648, must be in 1..2147483647",
          [](Args &a) { a.table_width = a.table_stride = INT64_C(1) << 31; });
  refused("(L6)", "table_stride is 6, must be at least 7",
          [](Args &a) { a.table_stride = 6; });
  refused("(L6)", "k_stride is 127, must be at least 128",
          [](Args &a) { a.k_stride = 127; });
  refused("(L6)", "scales_stride is 0, must be at least 1",
          [](Args &a) { a.scales_stride = 0; });
  refused("(L7)", "strides of block_table",
          [](Args &a) { a.table_stride = INT64_MAX / 4; });
  refused("(L7)", "strides of k", [](Args &a) { a.k_stride = INT64_MAX / 4; });
  refused("(L7)", "strides of scales",
          [](Args &a) { a.scales_stride = INT64_MAX / 1000; });
  refused("(L4)", "cache.data is null",
          [](Args &a) { a.cache.data = nullptr; });
  refused("(L4)", "cache.num_pages is 33554432, must be in 1..33554431",
          [](Args &a) { a.cache.num_pages = 33554432; });
  refused("(L4)", "cache.page_stride is 8432, must be at least 8448",
          [](Args &a) { a.cache.page_stride = 8432; });
  refused("(L4)",
          "cache.bytes is 84623, 10 pages with page_stride 8464 need 84624",
          [](Args &a) { a.cache.bytes = 84623; });
  CHECK(fixture.hip.launches == 0);

  Args args = goodGather();
  CacheLayout layout = KernelKey::parse(gatherKey)->layout(), other = layout;
  other.order = CacheOrder::Plain;
  args.cache.layout_hash = other.hash(); // (L3)
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(),
             Contains("k_gather: the cache buffer has " + other.str() +
                      ", the kernel's is " + layout.str()));
  Result<Kernel> logits = context.kernel(testKey);
  REQUIRE(bool(logits));
  CHECK_THAT(logits->launch(goodGather()).message(),
             Contains("k_gather: the kernel is one of paged_mqa_logits"));
}
