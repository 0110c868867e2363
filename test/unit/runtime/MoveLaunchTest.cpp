//===- MoveLaunchTest.cpp - Tests of k_move's launch ----------------------===//
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
using Args = hipdex_k_move_args;

// Pages of 16 * 132 = 2112 bytes and of 64 * 132 = 8448.
static const char moveKey[] = "k_move.gfx950.p16.d128.plain.t64.pre.i64.fn";
static const char sameKey[] = "k_move.gfx950.p16.d128.plain.t16.plain.i32.fn";

static Args goodMove(const char *text = moveKey) {
  KernelKey key = *KernelKey::parse(text);
  Args args = {};
  args.struct_size = sizeof(args);
  args.entries = 5;
  args.run_tokens = 32;
  args.source.data = address(0x20000);
  args.source.num_pages = 11;
  args.source.page_stride = key.layout().pageBytes() + 16;
  args.source.bytes = 11 * args.source.page_stride;
  args.source.layout_hash = key.layout().hash();
  args.target.data = address(0x80000);
  args.target.num_pages = 7;
  args.target.page_stride = key.targetLayout().pageBytes() + 32;
  args.target.bytes = 7 * args.target.page_stride;
  args.target.layout_hash = key.targetLayout().hash();
  args.source_slots = address(0x100008);
  args.target_slots = address(0x200008);
  args.error = reinterpret_cast<uint32_t *>(address(0x300004));
  return args;
}

TEST_CASE("k_move: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(moveKey);
  REQUIRE(bool(kernel));
  Args args = goodMove();
  Status status = kernel->launch(args);
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 80);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 8) == 2128);
  CHECK(argumentAt<int64_t>(hip, 16) == 5); // 176 slots: 5 runs and a half
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x80000);
  CHECK(argumentAt<int64_t>(hip, 32) == 8480);
  CHECK(argumentAt<int64_t>(hip, 40) == 14);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x100008);
  CHECK(argumentAt<uint64_t>(hip, 56) == 0x200008);
  CHECK(argumentAt<uint64_t>(hip, 64) == 0x300004);
  CHECK(argumentAt<int32_t>(hip, 72) == 160);
  CHECK(argumentAt<int32_t>(hip, 76) == 5);
  // The fake kernel says 64 tokens a wave, and has four waves.
  CHECK(hip.grid[0] == 1);
  CHECK(hip.block[0] == 256);

  // 257 tokens, and no error word.
  args.run_tokens = 1;
  args.entries = 257;
  args.error = nullptr;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<int64_t>(hip, 16) == 176);
  CHECK(argumentAt<int64_t>(hip, 40) == 448);
  CHECK(argumentAt<uint64_t>(hip, 64) == 0);
  CHECK(argumentAt<int32_t>(hip, 72) == 257);
  CHECK(argumentAt<int32_t>(hip, 76) == 0);
  CHECK(hip.grid[0] == 2);
  // A run that is longer than the buffers: there is none in them.
  args.run_tokens = 1024;
  args.entries = 1;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<int64_t>(hip, 16) == 0);
  CHECK(argumentAt<int64_t>(hip, 40) == 0);

  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_k_move(kernel->get(), &args, &workgroups, &threads,
                               nullptr, &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 4);
  CHECK(threads == 256);
  CHECK(size == 80);
}

TEST_CASE("k_move: no entries launch nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(moveKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  args.run_tokens = 64;
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("k_move: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(moveKey);
  REQUIRE(bool(kernel));
  // The rules of docs/ops.md.
  auto refused = [&](const char *rule, const char *message,
                     const std::function<void(Args &)> &change) {
    INFO(rule << " " << message);
    Args args = goodMove();
    change(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(), Contains(std::string("k_move: ") + message));
  };
  refused("(L1)", "struct_size is 8, must be",
          [](Args &a) { a.struct_size = 8; });
  refused("(L2)", "run_tokens is 0, must be a power of two in 1..1073741824",
          [](Args &a) { a.run_tokens = 0; });
  refused("(L2)", "run_tokens is -64, must be",
          [](Args &a) { a.run_tokens = -64; });
  refused("(L2)", "run_tokens is 48, must be",
          [](Args &a) { a.run_tokens = 48; });
  refused("(L2)", "run_tokens is 2147483648, must be",
          [](Args &a) { a.run_tokens = INT64_C(1) << 31; });
  refused("(L2)", "run_tokens is -9223372036854775808, must be",
          [](Args &a) { a.run_tokens = INT64_MIN; });
  refused("(L2)", "entries is -1, must be in 0..67108832 with run_tokens 32",
          [](Args &a) { a.entries = -1; });
  refused("(L2)",
          "entries is 67108833, must be in 0..67108832 with run_tokens 32",
          [](Args &a) { a.entries = 67108833; });
  refused("(L2)",
          "entries is 2147482625, must be in 0..2147482624 with run_tokens 1",
          [](Args &a) {
            a.run_tokens = 1;
            a.entries = 2147482625;
          });
  refused("(L5)", "source_slots is null",
          [](Args &a) { a.source_slots = nullptr; });
  refused("(L5)", "target_slots is null",
          [](Args &a) { a.target_slots = nullptr; });
  refused("(L5)", "source_slots is 0x100004, must be 8-byte aligned",
          [](Args &a) { a.source_slots = address(0x100004); });
  refused("(L5)", "target_slots is 0x200004, must be 8-byte aligned",
          [](Args &a) { a.target_slots = address(0x200004); });
  refused("(L5)", "error is 0x300002, must be 4-byte aligned", [](Args &a) {
    a.error = reinterpret_cast<uint32_t *>(address(0x300002));
  });
  refused("(L4)", "source.data is null",
          [](Args &a) { a.source.data = nullptr; });
  refused("(L4)", "source.data is 0x20008, must be 16-byte aligned",
          [](Args &a) { a.source.data = address(0x20008); });
  refused("(L4)", "source.num_pages is 0, must be in 1..134217727",
          [](Args &a) { a.source.num_pages = 0; });
  refused("(L4)", "source.num_pages is 134217728, must be in 1..134217727",
          [](Args &a) { a.source.num_pages = 134217728; });
  refused("(L4)", "source.page_stride is 2096, must be at least 2112",
          [](Args &a) { a.source.page_stride = 2096; });
  refused("(L4)", "source.page_stride is 2120, must be a multiple of 16",
          [](Args &a) { a.source.page_stride = 2120; });
  refused("(L4)", "source.page_stride is 4294967296, must be below 2^32",
          [](Args &a) { a.source.page_stride = INT64_C(1) << 32; });
  refused("(L4)",
          "source.bytes is 23391, 11 pages with page_stride 2128 need 23392",
          [](Args &a) { a.source.bytes = 23391; });
  refused("(L4)", "target.data is null",
          [](Args &a) { a.target.data = nullptr; });
  refused("(L4)", "target.data is 0x80008, must be 16-byte aligned",
          [](Args &a) { a.target.data = address(0x80008); });
  refused("(L4)", "target.num_pages is 33554432, must be in 1..33554431",
          [](Args &a) { a.target.num_pages = 33554432; });
  refused("(L4)", "target.page_stride is 8432, must be at least 8448",
          [](Args &a) { a.target.page_stride = 8432; });
  refused("(L4)",
          "target.bytes is 59327, 7 pages with page_stride 8480 need 59328",
          [](Args &a) { a.target.bytes = 59327; });
  CHECK(fixture.hip.launches == 0);

  // (L3) Each buffer has its own layout, and both are named.
  Args args = goodMove();
  std::swap(args.source.layout_hash, args.target.layout_hash);
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(),
             Contains("k_move: the source buffer has cache<page_size=64,"
                      "head_dim=128,order=preshuffle(16,16),fp8=e4m3fn>, the "
                      "kernel's is cache<page_size=16,head_dim=128,order="
                      "plain,fp8=e4m3fn>"));
  args = goodMove();
  args.target.layout_hash = args.source.layout_hash;
  status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(),
             Contains("k_move: the target buffer has cache<page_size=16,"
                      "head_dim=128,order=plain,fp8=e4m3fn>, the kernel's is "
                      "cache<page_size=64,head_dim=128,order="
                      "preshuffle(16,16),fp8=e4m3fn>"));
  Result<Kernel> logits = context.kernel(testKey);
  REQUIRE(bool(logits));
  CHECK_THAT(logits->launch(goodMove()).message(),
             Contains("k_move: the kernel is one of paged_mqa_logits"));
}

TEST_CASE("k_move: buffers that overlap are refused, one buffer is not") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(moveKey);
  Result<Kernel> same = context.kernel(sameKey);
  REQUIRE(bool(kernel));
  REQUIRE(bool(same));
  auto launch = [](Result<Kernel> &kernel, const Args &args) {
    Status status = kernel->launch(args);
    if (status.code() == HIPDEX_ERROR_INVALID_ARGUMENT)
      CHECK_THAT(status.message(), Contains("overlap, must be apart or the "
                                            "same in data, page_stride and "
                                            "layout"));
    else
      CHECK(bool(status));
    return bool(status);
  };
  // (L8) The source has 10 strides and a page, 23392 bytes; the target 59328.
  Args args = goodMove();
  auto at = [&](uintptr_t target) {
    args.target.data = address(target);
    return launch(kernel, args);
  };
  CHECK(at(0x20000 + 23392));
  CHECK(!at(0x20000 + 23392 - 16));
  CHECK(!at(0x20000));
  CHECK(!at(0x20000 - 59328 + 16));
  CHECK(at(0x20000 - 59328));
  Status status = kernel->launch([&] {
    args.target.data = address(0x20010);
    return args;
  }());
  CHECK_THAT(
      status.message(),
      Contains("k_move: source at 0x20000 (11 pages with page_stride 2128, "
               "cache<page_size=16,head_dim=128,order=plain,fp8=e4m3fn>) and "
               "target at 0x20010 (7 pages with page_stride 8480, cache<"));

  // Of two layouts, one place is never one buffer, even with one stride.
  args = goodMove();
  args.source.page_stride = args.target.page_stride;
  args.source.bytes = 11 * args.source.page_stride;
  CHECK(launch(kernel, args));
  CHECK(!at(0x20000));
  // Pages that alternate: behind each page of the source, one of the target.
  args.source.page_stride = args.target.page_stride = 2112 + 8448;
  args.source.bytes = args.target.bytes = 11 * args.source.page_stride;
  CHECK(at(0x20000 + 2112));
  CHECK(at(0x20000 + 2112 + 3 * (2112 + 8448)));
  CHECK(at(0x20000 - 8448));
  CHECK(!at(0x20000 + 2112 - 16));
  CHECK(!at(0x20000 + 2112 + 16));
  CHECK(!at(0x20000 - 8448 + 16));
  CHECK(!at(0x20000 - 8448 - 16));

  // One layout: a buffer and itself, or a part of it from its first page on.
  args = goodMove(sameKey);
  args.target = args.source;
  CHECK(launch(same, args));
  args.target.num_pages = 3;
  CHECK(launch(same, args));
  // With other slots at the same bytes they are not one.
  args.target.data = address(0x20000 + 2128);
  CHECK(!launch(same, args));
  args.target.data = args.source.data;
  args.target.page_stride = 2112;
  CHECK(!launch(same, args));
  // As far apart as can be.
  args = goodMove();
  args.target.data = address(uintptr_t(1) << 62);
  CHECK(launch(kernel, args));
}
