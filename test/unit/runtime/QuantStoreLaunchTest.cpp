//===- QuantStoreLaunchTest.cpp - Tests of k_quant_store's launch ---------===//
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
using Args = hipdex_k_quant_store_args;

static const char storeKey[] = "k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn";

static Args goodStore() {
  Args args = {};
  args.struct_size = sizeof(args);
  args.tokens = 1000;
  args.k = address(0x10002); // two bytes are enough for bf16
  args.k_stride = 131;
  args.slots = address(0x30008);
  args.cache.data = address(0x20000);
  args.cache.bytes = 10 * 8464;
  args.cache.num_pages = 10;
  args.cache.page_stride = 8464;
  args.cache.layout_hash = KernelKey::parse(storeKey)->layout().hash();
  args.error = address<uint32_t>(0x40004);
  return args;
}

TEST_CASE("k_quant_store: arguments are packed as docs/kernel-abi.md says") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(storeKey);
  REQUIRE(bool(kernel));
  Args args = goodStore();
  Status status = kernel->launch(args, address(0x70));
  INFO(status.message());
  REQUIRE(bool(status));

  const FakeHipState &hip = fixture.hip;
  CHECK(hip.arguments.size() == 60);
  CHECK(argumentAt<uint64_t>(hip, 0) == 0x10002);
  CHECK(argumentAt<int64_t>(hip, 8) == 131);
  CHECK(argumentAt<uint64_t>(hip, 16) == 0x30008);
  CHECK(argumentAt<uint64_t>(hip, 24) == 0x20000);
  CHECK(argumentAt<int64_t>(hip, 32) == 8464);
  CHECK(argumentAt<int64_t>(hip, 40) == 640);
  CHECK(argumentAt<uint64_t>(hip, 48) == 0x40004);
  CHECK(argumentAt<int32_t>(hip, 56) == 1000);
  // The fake kernel says 64 tokens a wave, and has four waves.
  CHECK(hip.grid[0] == 4);
  CHECK(hip.grid[1] == 1);
  CHECK(hip.block[0] == 256);
  CHECK(hip.stream == address(0x70));

  // No error word is allowed.
  args.error = nullptr;
  CHECK(bool(kernel->launch(args)));
  CHECK(argumentAt<uint64_t>(hip, 48) == 0);
  args.tokens = 1025;
  CHECK(bool(kernel->launch(args)));
  CHECK(hip.grid[0] == 5);

  uint32_t workgroups = 0, threads = 0;
  size_t size = 0;
  CHECK(hipdex_describe_k_quant_store(kernel->get(), &args, &workgroups,
                                      &threads, nullptr,
                                      &size) == HIPDEX_SUCCESS);
  CHECK(workgroups == 5);
  CHECK(threads == 256);
  CHECK(size == 60);
}

TEST_CASE("k_quant_store: no tokens launch nothing") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(storeKey);
  REQUIRE(bool(kernel));
  Args args = {};
  args.struct_size = sizeof(args);
  CHECK(bool(kernel->launch(args)));
  CHECK(fixture.hip.launches == 0);
}

TEST_CASE("k_quant_store: every wrong argument is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> kernel = context.kernel(storeKey);
  REQUIRE(bool(kernel));
  // The rules of docs/ops.md.
  auto refused = [&](const char *rule, const char *message,
                     const std::function<void(Args &)> &f) {
    INFO(rule << " " << message);
    Args args = goodStore();
    f(args);
    Status status = kernel->launch(args);
    CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
    CHECK_THAT(status.message(),
               Contains(std::string("k_quant_store: ") + message));
  };
  refused("(L1)", "struct_size is 8, must be",
          [](Args &args) { args.struct_size = 8; });
  refused("(L2)", "tokens is -1, must be in 0..2147482624",
          [](Args &args) { args.tokens = -1; });
  refused("(L2)", "tokens is 2147482625, must be in 0..2147482624",
          [](Args &args) { args.tokens = 2147482625; });
  refused("(L5)", "k is null", [](Args &args) { args.k = nullptr; });
  refused("(L5)", "k is 0x10001, must be 2-byte aligned",
          [](Args &args) { args.k = address(0x10001); });
  refused("(L6)", "k_stride is -1, must be at least 0",
          [](Args &args) { args.k_stride = -1; });
  refused("(L7)", "strides of k take it past 64-bit offsets",
          [](Args &args) { args.k_stride = INT64_MAX / 2; });
  refused("(L5)", "slots is null", [](Args &args) { args.slots = nullptr; });
  refused("(L5)", "slots is 0x30004, must be 8-byte aligned",
          [](Args &args) { args.slots = address(0x30004); });
  refused("(L5)", "error is 0x40002, must be 4-byte aligned",
          [](Args &args) { args.error = address<uint32_t>(0x40002); });
  refused("(L4)", "cache.data is null",
          [](Args &args) { args.cache.data = nullptr; });
  refused("(L4)", "cache.data is 0x20008, must be 16-byte aligned",
          [](Args &args) { args.cache.data = address(0x20008); });
  refused("(L4)", "cache.num_pages is 0, must be in 1..33554431",
          [](Args &args) { args.cache.num_pages = 0; });
  refused("(L4)", "cache.num_pages is 33554432, must be in 1..33554431",
          [](Args &args) { args.cache.num_pages = 33554432; });
  refused("(L4)", "cache.page_stride is 8432, must be at least 8448",
          [](Args &args) { args.cache.page_stride = 8432; });
  refused("(L4)", "cache.page_stride is 8449, must be a multiple of 16",
          [](Args &args) { args.cache.page_stride = 8449; });
  refused("(L4)", "cache.page_stride is 4294967296, must be below 2^32",
          [](Args &args) { args.cache.page_stride = INT64_C(1) << 32; });
  refused("(L4)",
          "cache.bytes is 84623, 10 pages with page_stride 8464 need 84624",
          [](Args &args) { args.cache.bytes = 84623; });
  CHECK(fixture.hip.launches == 0);

  Args args = goodStore();
  args.cache.layout_hash = 0; // (L3)
  Status status = kernel->launch(args);
  CHECK(status.code() == HIPDEX_ERROR_LAYOUT_MISMATCH);
  CHECK_THAT(status.message(),
             Contains("k_quant_store: the cache buffer has no layout (hash 0), "
                      "the kernel's is cache<page_size=64"));
}

TEST_CASE("a kernel of another op is refused") {
  Fixture fixture;
  Context context = fixture.open();
  Result<Kernel> store = context.kernel(storeKey);
  REQUIRE(bool(store));
  Result<Kernel> logits = context.kernel(testKey);
  REQUIRE(bool(logits));
  Status status = logits->launch(goodStore());
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(),
             Contains("k_quant_store: the kernel is one of paged_mqa_logits"));
  status = store->launch(goodArgs());
  CHECK(status.code() == HIPDEX_ERROR_INVALID_ARGUMENT);
  CHECK_THAT(status.message(),
             Contains("paged_mqa_logits: the kernel is one of k_quant_store"));
  CHECK(fixture.hip.launches == 0);
}
