//===- StreamPagesLaunchTest.cpp - Tests of stream_pages' launch ----------===//
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
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_stream_pages_args;

static const char streamKey[] = "stream_pages.gfx950.p64.d128.b16.pre.n2.fn";

template <typename T> static T *at(uintptr_t value) {
  return reinterpret_cast<T *>(value);
}

static Args goodStream() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.batch = 5;
  args.cache.data = at<void>(0x20000);
  args.cache.bytes = 10 * 8464;
  args.cache.num_pages = 10;
  args.cache.page_stride = 8464;
  args.cache.layout_hash = KernelKey::parse(streamKey)->layout().hash();
  args.context_lens = at<const int32_t>(0x30004);
  args.block_table = at<const int32_t>(0x40004);
  args.table_width = 13;
  args.table_stride = 15;
  args.logits = at<float>(0x50004);
  args.width = 200;
  args.logits_stride = 203;
  return args;
}

TEST_CASE("stream_pages: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(streamKey);
  REQUIRE(bool(kernel));
  Args args = goodStream();
  Status status = kernel->launch(args);
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 76);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 8) == 8464);
  CHECK(argumentAt<int32_t>(hip, 16) == 10);
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x30004);
  CHECK(argumentAt<uint64_t>(hip, 32) == 0x40004);
  CHECK(argumentAt<int64_t>(hip, 40) == 15);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x50004);
  CHECK(argumentAt<int64_t>(hip, 56) == 203);
  CHECK(argumentAt<int32_t>(hip, 64) == 200);
  CHECK(argumentAt<int32_t>(hip, 68) == 5);
  // Five requests of four steps, four waves a workgroup.
  CHECK(hip.grid[0] == 5);
  CHECK(hip.block[0] == 256);
  CHECK(argumentAt<int32_t>(hip, 72) == 20);

  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_stream_pages(kernel->get(), &args, &workgroups,
                                     &threads, nullptr,
                                     &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 5);
  CHECK(threads == 256);
  CHECK(size == 76);
}

TEST_CASE("stream_pages: no requests or columns launch nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(streamKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  args.width = 5;
  CHECK(bool(kernel->launch(args)));
  args.width = 0;
  args.batch = 5;
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("stream_pages: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(streamKey);
  REQUIRE(bool(kernel));
  auto refused = [&](const char *message,
                     const std::function<void(Args &)> &change) {
    INFO(message);
    Args args = goodStream();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(),
               Contains(std::string("stream_pages: ") + message));
  };
  refused("struct_size is 8, must be", [](Args &a) { a.struct_size = 8; });
  refused("batch is -1, must be in 0..2147483584",
          [](Args &a) { a.batch = -1; });
  refused("batch is 2147483585, must be in 0..2147483584",
          [](Args &a) { a.batch = 2147483585; });
  refused("width is -1, must be in 0..536870911",
          [](Args &a) { a.width = -1; });
  refused("width is 536870912, must be in 0..536870911",
          [](Args &a) { a.width = INT64_C(1) << 29; });
  refused("context_lens is null", [](Args &a) { a.context_lens = nullptr; });
  refused("block_table is null", [](Args &a) { a.block_table = nullptr; });
  refused("logits is null", [](Args &a) { a.logits = nullptr; });
  refused("context_lens is 0x30002, must be 4-byte aligned",
          [](Args &a) { a.context_lens = at<const int32_t>(0x30002); });
  refused("block_table is 0x40002, must be 4-byte aligned",
          [](Args &a) { a.block_table = at<const int32_t>(0x40002); });
  refused("logits is 0x50002, must be 4-byte aligned",
          [](Args &a) { a.logits = at<float>(0x50002); });
  refused("table_width is 12, must be at least 13 for width 200 and "
          "kv_block_size 16",
          [](Args &a) { a.table_width = 12; });
  refused("table_stride is 12, must be at least 13",
          [](Args &a) { a.table_stride = 12; });
  refused("logits_stride is 199, must be at least 200",
          [](Args &a) { a.logits_stride = 199; });
  refused("strides of block_table",
          [](Args &a) { a.table_stride = INT64_MAX / 4; });
  refused("strides of logits",
          [](Args &a) { a.logits_stride = INT64_MAX / 4; });
  refused("cache.data is null", [](Args &a) { a.cache.data = nullptr; });
  refused("cache.num_pages is 536870912, must be in 1..536870911",
          [](Args &a) { a.cache.num_pages = 1 << 29; });
  refused("cache.page_stride is 8432, must be at least 8448",
          [](Args &a) { a.cache.page_stride = 8432; });
  refused("cache.bytes is 84623, 10 pages with page_stride 8464 need 84624",
          [](Args &a) { a.cache.bytes = 84623; });
  refused("batch 1073741824 times next_n 2 is 2147483648 rows, must be at most "
          "2147483647",
          [](Args &a) {
            a.batch = 1 << 30;
            a.width = a.table_width = a.table_stride = a.logits_stride = 1;
          });
  refused("batch 536870912 times width 200 is 2147483648 steps of 64 tokens, "
          "must be at most 2147483647",
          [](Args &a) { a.batch = 1 << 29; });
  CHECK(fixture.hip.launches == 0);

  Args args = goodStream();
  args.cache.layout_hash = 0;
  CHECK(kernel->launch(args).code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  // A buffer of another layout: both are named.
  CacheLayout other = KernelKey::parse(streamKey)->layout();
  other.order = CacheOrder::Plain;
  args.cache.layout_hash = other.hash();
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(),
             Contains("order=plain") && Contains("order=preshuffle(16,16)"));
  Result<Kernel> logits = context.kernel(testKey);
  REQUIRE(bool(logits));
  CHECK_THAT(logits->launch(goodStream()).message(),
             Contains("stream_pages: the kernel is one of paged_mqa_logits"));
}
