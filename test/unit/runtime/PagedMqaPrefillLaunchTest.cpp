//===- PagedMqaPrefillLaunchTest.cpp - Launches of paged_mqa_prefill ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytes that a kernel gets, and what is refused that mqa_logits does not
// have: MqaLogitsLaunchTest.cpp has the rest, which is the same code.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_paged_mqa_prefill_args;

static const char prefillKey[] =
    "paged_mqa_prefill.gfx950.p64.d128.b16.pre.h64.fn";

static Args goodPrefill() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.rows = 5000;
  args.width = 800;
  args.q = address(0x10010);
  args.q_stride_row = 64 * 144 + 16;
  args.q_stride_head = 144;
  args.cache.data = address(0x20000);
  args.cache.bytes = 10 * 8464;
  args.cache.num_pages = 10;
  args.cache.page_stride = 8464;
  args.cache.layout_hash = KernelKey::parse(prefillKey)->layout().hash();
  args.weights = address<float>(0x40010);
  args.weights_stride = 68;
  args.requests = address<int32_t>(0x80004);
  args.starts = address<int32_t>(0x50004);
  args.ends = address<int32_t>(0x60004);
  args.batch = 7;
  args.block_table = address<int32_t>(0x90004);
  args.table_width = 50;
  args.table_stride = 51;
  args.logits = address<float>(0x70004);
  args.logits_stride = 801;
  return args;
}

TEST_CASE(
    "paged_mqa_prefill: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prefillKey);
  REQUIRE(bool(kernel));
  Args args = goodPrefill();
  Status status = kernel->launch(args);
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 136);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x10010);
  CHECK(argumentAt<int64_t>(hip, 8) == 64 * 144 + 16);
  CHECK(argumentAt<int64_t>(hip, 16) == 144);
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 32) == 8464);
  CHECK(argumentAt<int32_t>(hip, 40) == 10);
  CHECK(argumentAt<int32_t>(hip, 44) == 7);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x40010);
  CHECK(argumentAt<int64_t>(hip, 56) == 68);
  CHECK(argumentAt<uint64_t>(hip, 64) == 0x80004);
  CHECK(argumentAt<uint64_t>(hip, 72) == 0x50004);
  CHECK(argumentAt<uint64_t>(hip, 80) == 0x60004);
  CHECK(argumentAt<uint64_t>(hip, 88) == 0x90004);
  CHECK(argumentAt<int64_t>(hip, 96) == 51);
  CHECK(argumentAt<uint64_t>(hip, 104) == 0x70004);
  CHECK(argumentAt<int64_t>(hip, 112) == 801);
  CHECK(argumentAt<int32_t>(hip, 120) == 800);
  CHECK(argumentAt<int32_t>(hip, 124) == 5000);
  CHECK(argumentAt<int32_t>(hip, 128) == 2500);
  CHECK(argumentAt<int32_t>(hip, 132) == 1);
  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_paged_mqa_prefill(kernel->get(), &args, &workgroups,
                                          &threads, nullptr,
                                          &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 625);
  CHECK(threads == 256);
  CHECK(size == 136);
}

TEST_CASE("paged_mqa_prefill: without rows, columns or requests") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prefillKey);
  REQUIRE(bool(kernel));
  for (auto [rows, width, batch] :
       {std::array<int64_t, 3>{0, 5, 5}, {5, 0, 5}, {5, 5, 0}}) {
    Args args = {};
    args.struct_size = sizeof(args);
    args.rows = rows;
    args.width = width;
    args.batch = int32_t(batch);
    CHECK(bool(kernel->launch(args)));
  }
  CHECK(fixture.hip.launches == 0);
  // There is a tail to fill, and no cache to read.
  Result<Kernel> filling =
      context.kernel("paged_mqa_prefill.gfx950.p64.d128.b16.pre.h64.fn.neginf");
  REQUIRE(bool(filling));
  Args args = goodPrefill();
  args.batch = 0;
  args.cache = {};
  args.block_table = nullptr;
  Status status = filling->launch(args);
  INFO(status.message());
  CHECK(bool(status));
  CHECK(fixture.hip.launches == 1);
}

TEST_CASE("paged_mqa_prefill: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(prefillKey);
  REQUIRE(bool(kernel));
  auto refused = [&](const char *message,
                     const std::function<void(Args &)> &change,
                     hipdex_status code = HIPDEX_ERROR_INVALID_ARGUMENT) {
    INFO(message);
    Args args = goodPrefill();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == code);
    CHECK_THAT(status.message(),
               Contains(std::string("paged_mqa_prefill: ") + message));
  };
  refused("struct_size is 8, must be", [](Args &a) { a.struct_size = 8; });
  refused("rows is -1, must be in 0..2147482624", [](Args &a) { a.rows = -1; });
  refused("width is 536870912, must be in 0..536870911",
          [](Args &a) { a.width = 536870912; });
  refused("batch is -1, must be in 0..2147483647",
          [](Args &a) { a.batch = -1; });
  refused("q is null", [](Args &a) { a.q = nullptr; });
  refused("weights_stride is 66, must be a multiple of 4",
          [](Args &a) { a.weights_stride = 66; });
  refused("requests is null", [](Args &a) { a.requests = nullptr; });
  refused("requests is 0x80002, must be 4-byte aligned",
          [](Args &a) { a.requests = address<int32_t>(0x80002); });
  refused("block_table is null", [](Args &a) { a.block_table = nullptr; });
  refused("block_table is 0x90002, must be 4-byte aligned",
          [](Args &a) { a.block_table = address<int32_t>(0x90002); });
  refused("table_width is 49, must be at least 50 for width 800 and "
          "kv_block_size 16",
          [](Args &a) { a.table_width = 49; });
  refused("table_stride is 49, must be at least 50",
          [](Args &a) { a.table_stride = 49; });
  refused("strides of block_table take it past 64-bit offsets",
          [](Args &a) { a.table_stride = INT64_C(1) << 62; });
  refused("cache.num_pages is 0, must be in 1..536870911",
          [](Args &a) { a.cache.num_pages = 0; });
  refused(
      "the cache buffer has no layout (hash 0), the kernel's is "
      "cache<page_size=64",
      [](Args &a) { a.cache.layout_hash = 0; }, HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK(fixture.hip.launches == 0);
}
