//===- TopKLaunchTest.cpp - Launches of topk ------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bytes that a kernel gets, the grid and the workspace, and what is
// refused.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_topk_args;

static const char decodeKey[] = "topk.gfx950.decode.column.b1";
static const char prefillKey[] = "topk.gfx950.prefill.slot.b64";

/// Of any key: each looks at what it has a use for.
static Args goodTopK() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.rows = 6;
  args.width = 131072;
  args.k = 2048;
  args.logits = address<float>(0x10004);
  args.logits_stride = 131073;
  args.batch = 2;
  args.next_n = 3;
  args.context_lens = address<int32_t>(0x20004);
  args.starts = address<int32_t>(0x30004);
  args.ends = address<int32_t>(0x40004);
  args.requests = address<int32_t>(0x50004);
  args.block_table = address<int32_t>(0x60004);
  args.table_width = 500;
  args.table_stride = 501;
  args.num_blocks = 9999;
  args.indices = address<int32_t>(0x70004);
  args.indices_stride = 2049;
  args.workspace = address(0x80004);
  args.workspace_bytes = 6 * 2049 * 4;
  return args;
}

TEST_CASE("topk: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  for (bool isPrefill : {false, true}) {
    Result<Kernel> kernel = context.kernel(isPrefill ? prefillKey : decodeKey);
    REQUIRE(bool(kernel));
    Args args = goodTopK();
    Status status = kernel->launch(args);
    INFO(status.message());
    REQUIRE(bool(status));

    const FakeHipState &hip = fixture.hip;
    CHECK(hip.arguments.size() == 120);
    CHECK(argumentAt<uint64_t>(hip, 0) == 0x10004);
    CHECK(argumentAt<int64_t>(hip, 8) == 131073);
    CHECK(argumentAt<int32_t>(hip, 16) == 131072);
    CHECK(argumentAt<int32_t>(hip, 20) == 2048);
    // What the key has no use for is not passed on.
    CHECK(argumentAt<uint64_t>(hip, 24) == (isPrefill ? 0 : 0x20004));
    CHECK(argumentAt<uint64_t>(hip, 32) == (isPrefill ? 0x30004 : 0));
    CHECK(argumentAt<uint64_t>(hip, 40) == (isPrefill ? 0x40004 : 0));
    CHECK(argumentAt<uint64_t>(hip, 48) == (isPrefill ? 0x50004 : 0));
    CHECK(argumentAt<uint64_t>(hip, 56) == (isPrefill ? 0x60004 : 0));
    CHECK(argumentAt<int64_t>(hip, 64) == (isPrefill ? 501 : 0));
    CHECK(argumentAt<int32_t>(hip, 72) == (isPrefill ? 500 : 0));
    CHECK(argumentAt<int32_t>(hip, 76) == (isPrefill ? 9999 : 0));
    CHECK(argumentAt<int32_t>(hip, 80) == (isPrefill ? 2 : 0));
    CHECK(argumentAt<int32_t>(hip, 84) == (isPrefill ? 1 : 3));
    CHECK(argumentAt<uint64_t>(hip, 88) == 0x70004);
    CHECK(argumentAt<int64_t>(hip, 96) == 2049);
    CHECK(argumentAt<uint64_t>(hip, 104) == 0x80004);
    CHECK(argumentAt<int32_t>(hip, 112) == 6);
    CHECK(argumentAt<int32_t>(hip, 116) == 32);
    uint32_t workgroups = 0, threads = 0;
    size_t size = 0;
    CHECK(hipdex_describe_topk(kernel->get(), &args, &workgroups, &threads,
                               nullptr, &size) == HIPDEX_SUCCESS);
    CHECK(workgroups == 6 * 32);
    CHECK(threads == 1024);
    CHECK(size == 120);
  }
}

TEST_CASE("topk: the workspace follows from the shape, and so do splits") {
  auto bytes = hipdex_topk_workspace_bytes;
  CHECK(bytes(1, 4096) == 0);
  CHECK(bytes(1, 4097) == 2049 * 4);
  CHECK(bytes(1, 1 << 20) == 2049 * 4);
  CHECK(bytes(256, 1 << 20) == 256 * 2049 * 4);
  CHECK(bytes(257, 1 << 20) == 0);
  CHECK(bytes(0, 100000) == 0);
  CHECK(bytes(5, 0) == 0);
  CHECK(bytes(-1, 100000) == 0);
  CHECK(bytes(1, -1) == 0);

  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(decodeKey);
  REQUIRE(bool(kernel));
  for (auto [rows, width, splits] : {std::array<int64_t, 3>{1, 131072, 32},
                                     {1, 1 << 20, 256},
                                     {1, 4097, 2},
                                     {1, 4096, 1},
                                     {1, 0, 1},
                                     {256, 65536, 2},
                                     {257, 65536, 1}}) {
    Args args = goodTopK();
    args.rows = args.batch = int32_t(rows);
    args.next_n = 1;
    args.width = width;
    args.logits_stride = width;
    // Exactly what is needed, and nothing if nothing is.
    args.workspace_bytes = bytes(rows, width);
    if (!args.workspace_bytes)
      args.workspace = nullptr;
    INFO(rows << " rows of " << width << " columns");
    uint32_t workgroups = 0, threads = 0;
    size_t size = 0;
    CHECK(hipdex_describe_topk(kernel->get(), &args, &workgroups, &threads,
                               nullptr, &size) == HIPDEX_SUCCESS);
    CHECK(workgroups == rows * splits);
  }
}

TEST_CASE("topk: without rows, and without columns") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(decodeKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  args.width = 100;
  args.k = 1;
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
  // There are cells to fill, and no logits to read.
  args = goodTopK();
  args.width = 0;
  args.logits = nullptr;
  args.logits_stride = 0;
  args.workspace = nullptr;
  args.workspace_bytes = 0;
  Status status = kernel->launch(args);
  INFO(status.message());
  CHECK(bool(status));
  CHECK(fixture.hip.launches == 1);
}

TEST_CASE("topk: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> decode = context.kernel(decodeKey);
  Result<Kernel> prefill = context.kernel(prefillKey);
  REQUIRE(bool(decode));
  REQUIRE(bool(prefill));
  auto refusedBy = [&](const Kernel &kernel, const char *message,
                       const std::function<void(Args &)> &change) {
    INFO(message);
    Args args = goodTopK();
    change(args);
    Status status = kernel.launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(), Contains(std::string("topk: ") + message));
  };
  auto ofDecode = [&](const char *message,
                      const std::function<void(Args &)> &change) {
    refusedBy(*decode, message, change);
  };
  auto ofPrefill = [&](const char *message,
                       const std::function<void(Args &)> &change) {
    refusedBy(*prefill, message, change);
  };
  ofDecode("struct_size is 8, must be", [](Args &a) { a.struct_size = 8; });
  ofDecode("rows is -1, must be in 0..4194303", [](Args &a) { a.rows = -1; });
  ofDecode("rows is 4194304, must be in 0..4194303",
           [](Args &a) { a.rows = 4194304; });
  ofDecode("width is -1, must be in 0..1048576", [](Args &a) { a.width = -1; });
  ofDecode("width is 1048577, must be in 0..1048576",
           [](Args &a) { a.width = 1048577; });
  ofDecode("k is 0, must be in 1..4096", [](Args &a) { a.k = 0; });
  ofDecode("k is -5, must be in 1..4096", [](Args &a) { a.k = -5; });
  ofDecode("k is 4097, must be in 1..4096", [](Args &a) { a.k = 4097; });
  ofDecode("next_n is 0, must be in 1..6", [](Args &a) { a.next_n = 0; });
  ofDecode("rows is 6, must be batch * next_n, 3 * 3",
           [](Args &a) { a.batch = 3; });
  ofDecode("context_lens is null", [](Args &a) { a.context_lens = nullptr; });
  ofDecode("context_lens is 0x20002, must be 4-byte aligned",
           [](Args &a) { a.context_lens = address<int32_t>(0x20002); });
  ofDecode("logits is null", [](Args &a) { a.logits = nullptr; });
  ofDecode("logits is 0x10002, must be 4-byte aligned",
           [](Args &a) { a.logits = address<float>(0x10002); });
  ofDecode("logits_stride is 131071, must be at least 131072",
           [](Args &a) { a.logits_stride = 131071; });
  ofDecode("strides of logits take it past 64-bit offsets",
           [](Args &a) { a.logits_stride = INT64_C(1) << 61; });
  ofDecode("indices is null", [](Args &a) { a.indices = nullptr; });
  ofDecode("indices_stride is 2047, must be at least 2048",
           [](Args &a) { a.indices_stride = 2047; });
  ofDecode("strides of indices take it past 64-bit offsets",
           [](Args &a) { a.indices_stride = INT64_C(1) << 61; });
  ofDecode("workspace_bytes is 49175, must be at least 49176 for rows 6 and "
           "width 131072",
           [](Args &a) { a.workspace_bytes = 49175; });
  ofDecode("workspace is null", [](Args &a) { a.workspace = nullptr; });
  ofDecode("workspace is 0x80002, must be 4-byte aligned",
           [](Args &a) { a.workspace = address(0x80002); });
  ofPrefill("starts is null", [](Args &a) { a.starts = nullptr; });
  ofPrefill("ends is null", [](Args &a) { a.ends = nullptr; });
  ofPrefill("requests is null", [](Args &a) { a.requests = nullptr; });
  ofPrefill("batch is 0, must be in 1..2147483647",
            [](Args &a) { a.batch = 0; });
  ofPrefill("block_table is null", [](Args &a) { a.block_table = nullptr; });
  ofPrefill("table_width is 0, must be in 1..2147483647",
            [](Args &a) { a.table_width = 0; });
  ofPrefill("table_stride is 499, must be at least 500",
            [](Args &a) { a.table_stride = 499; });
  ofPrefill("strides of block_table take it past 64-bit offsets",
            [](Args &a) { a.table_stride = INT64_C(1) << 62; });
  // 64 tokens each: 2^31 slots and more.
  ofPrefill("num_blocks is 33554432, must be in 0..33554431",
            [](Args &a) { a.num_blocks = 33554432; });
  ofPrefill("num_blocks is -1, must be in 0..33554431",
            [](Args &a) { a.num_blocks = -1; });
  CHECK(fixture.hip.launches == 0);
}
