//===- MqaLogitsLaunchTest.cpp - What mqa_logits is launched with ---------===//
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
#include <catch2/catch.hpp>
#include <functional>

using namespace hipdex;
using Catch::Contains;
using Args = hipdex_mqa_logits_args;

static const char logitsKey[] = "mqa_logits.gfx950.d128.h64.fn";

static Args goodLogits() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.rows = 5000;
  args.tokens = 700;
  args.width = 800;
  args.q = address(0x10010);
  args.q_stride_row = 64 * 144 + 16;
  args.q_stride_head = 144;
  args.k = address(0x20001); // a byte is enough
  args.k_stride = 129;
  args.k_scales = address<float>(0x30004);
  args.weights = address<float>(0x40010);
  args.weights_stride = 68;
  args.starts = address<int32_t>(0x50004);
  args.ends = address<int32_t>(0x60004);
  args.logits = address<float>(0x70004);
  args.logits_stride = 801;
  return args;
}

TEST_CASE("mqa_logits: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(logitsKey);
  REQUIRE(bool(kernel));
  Args args = goodLogits();
  Status status = kernel->launch(args);
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 116);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x10010);
  CHECK(argumentAt<int64_t>(hip, 8) == 64 * 144 + 16);
  CHECK(argumentAt<int64_t>(hip, 16) == 144);
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x20001);
  CHECK(argumentAt<int64_t>(hip, 32) == 129);
  CHECK(argumentAt<uint64_t>(hip, 40) == 0x30004);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x40010);
  CHECK(argumentAt<int64_t>(hip, 56) == 68);
  CHECK(argumentAt<uint64_t>(hip, 64) == 0x50004);
  CHECK(argumentAt<uint64_t>(hip, 72) == 0x60004);
  CHECK(argumentAt<uint64_t>(hip, 80) == 0x70004);
  CHECK(argumentAt<int64_t>(hip, 88) == 801);
  CHECK(argumentAt<int32_t>(hip, 96) == 800);
  CHECK(argumentAt<int32_t>(hip, 100) == 5000);
  CHECK(argumentAt<int32_t>(hip, 104) == 700);
  // The fake kernel takes two rows a wave: 2,500 groups are more than the
  // device has places for, so that none is split.
  CHECK(argumentAt<int32_t>(hip, 108) == 2500);
  CHECK(argumentAt<int32_t>(hip, 112) == 1);
  CHECK(hip.grid[0] == 625);
  CHECK(hip.block[0] == 256);
  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_mqa_logits(kernel->get(), &args, &workgroups, &threads,
                                   nullptr, &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 625);
  CHECK(threads == 256);
  CHECK(size == 116);
}

TEST_CASE("mqa_logits: few rows are split, into shares of four steps or more") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(logitsKey);
  REQUIRE(bool(kernel));
  Args args = goodLogits();
  args.rows = 3;
  args.tokens = args.width = args.logits_stride = 64 * 41;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<int32_t>(fixture.hip, 108) == 2);
  CHECK(argumentAt<int32_t>(fixture.hip, 112) == 10);
  CHECK(fixture.hip.grid[0] == 5);
  // Hardly anything to do.
  args.width = 64 * 3;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<int32_t>(fixture.hip, 112) == 1);
  CHECK(fixture.hip.grid[0] == 1);
  // As many waves as the device has places for, and no more.
  args.width = args.logits_stride = INT64_C(1) << 28;
  CHECK(bool(kernel->launch(args)));
  int64_t places = int64_t(fixture.hip.computeUnits) * 4 * 2;
  CHECK(argumentAt<int32_t>(fixture.hip, 112) == (places + 1) / 2);
}

TEST_CASE("mqa_logits: without rows, columns or tokens") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(logitsKey);
  REQUIRE(bool(kernel));
  for (auto [rows, tokens, width] :
       {std::array<int64_t, 3>{0, 5, 5}, {5, 0, 5}, {5, 5, 0}}) {
    Args args = {};
    args.struct_size = sizeof(args);
    args.rows = rows;
    args.tokens = tokens;
    args.width = width;
    CHECK(bool(kernel->launch(args)));
  }
  CHECK(fixture.hip.launches == 0);
  // There is a tail to fill, and no K to read.
  Result<Kernel> filling =
      context.kernel("mqa_logits.gfx950.d128.h64.fn.neginf");
  REQUIRE(bool(filling));
  Args args = goodLogits();
  args.tokens = args.k_stride = 0;
  args.k = nullptr;
  args.k_scales = nullptr;
  Status status = filling->launch(args);
  INFO(status.message());
  CHECK(bool(status));
  CHECK(fixture.hip.launches == 1);
}

TEST_CASE("mqa_logits: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(logitsKey);
  REQUIRE(bool(kernel));
  auto refused = [&](const char *message,
                     const std::function<void(Args &)> &change) {
    INFO(message);
    Args args = goodLogits();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(),
               Contains(std::string("mqa_logits: ") + message));
  };
  constexpr int64_t huge = INT64_C(1) << 62;
  refused("struct_size is 8, must be", [](Args &a) { a.struct_size = 8; });
  refused("rows is -1, must be in 0..2147482624", [](Args &a) { a.rows = -1; });
  refused("rows is 2147482625, must be", [](Args &a) { a.rows = 2147482625; });
  refused("tokens is -1, must be in 0..2147482624",
          [](Args &a) { a.tokens = -1; });
  refused("tokens is 2147482625, must be",
          [](Args &a) { a.tokens = 2147482625; });
  refused("width is -1, must be in 0..536870911",
          [](Args &a) { a.width = -1; });
  refused("width is 536870912, must be", [](Args &a) { a.width = 536870912; });
  refused("q is null", [](Args &a) { a.q = nullptr; });
  refused("k is null", [](Args &a) { a.k = nullptr; });
  refused("k_scales is null", [](Args &a) { a.k_scales = nullptr; });
  refused("weights is null", [](Args &a) { a.weights = nullptr; });
  refused("starts is null", [](Args &a) { a.starts = nullptr; });
  refused("ends is null", [](Args &a) { a.ends = nullptr; });
  refused("logits is null", [](Args &a) { a.logits = nullptr; });
  refused("q is 0x10008, must be 16-byte aligned",
          [](Args &a) { a.q = address(0x10008); });
  refused("k_scales is 0x30002, must be 4-byte aligned",
          [](Args &a) { a.k_scales = address<float>(0x30002); });
  refused("weights is 0x40004, must be 16-byte aligned",
          [](Args &a) { a.weights = address<float>(0x40004); });
  refused("starts is 0x50002, must be 4-byte aligned",
          [](Args &a) { a.starts = address<int32_t>(0x50002); });
  refused("ends is 0x60002, must be 4-byte aligned",
          [](Args &a) { a.ends = address<int32_t>(0x60002); });
  refused("logits is 0x70002, must be 4-byte aligned",
          [](Args &a) { a.logits = address<float>(0x70002); });
  refused("q_stride_row is -16, must be at least 0",
          [](Args &a) { a.q_stride_row = -16; });
  refused("q_stride_row is 17, must be a multiple of 16",
          [](Args &a) { a.q_stride_row = 17; });
  refused("q_stride_head is 130, must be a multiple of 16",
          [](Args &a) { a.q_stride_head = 130; });
  refused("k_stride is 127, must be at least 128",
          [](Args &a) { a.k_stride = 127; });
  refused("weights_stride is 66, must be a multiple of 4",
          [](Args &a) { a.weights_stride = 66; });
  refused("logits_stride is 799, must be at least 800",
          [](Args &a) { a.logits_stride = 799; });
  refused("strides of q take it past 64-bit offsets",
          [](Args &a) { a.q_stride_row = huge; });
  refused("strides of k take it past 64-bit offsets",
          [](Args &a) { a.k_stride = huge; });
  refused("strides of weights take it past 64-bit offsets",
          [](Args &a) { a.weights_stride = huge; });
  refused("strides of logits take it past 64-bit offsets",
          [](Args &a) { a.logits_stride = huge; });
  Args args = goodLogits();
  Result<Kernel> other =
      context.kernel("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn");
  REQUIRE(bool(other));
  Status status = other->launch(args);
  CHECK_THAT(status.message(),
             Contains("mqa_logits: the kernel is one of paged_mqa_logits"));
  CHECK(fixture.hip.launches == 0);
}
