//===- LoadKernelTest.cpp - Tests of code objects from the caller ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Everything that hipdex_load_kernel must refuse before HIP sees it.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <catch2/catch.hpp>
#include <functional>

using namespace hipdex;
using Catch::Contains;

static KernelKey key() { return *KernelKey::parse(testKey); }

static Status load(Context &context, const std::string &elf,
                   const KernelMetadata &metadata) {
  return context.loadKernel(elf.data(), elf.size(), metadata.toJSON().c_str())
      .status();
}

TEST_CASE("a kernel can come from the caller") {
  Fixture fixture;
  Context context = fixture.open();
  std::string elf = fakeElf(key());
  std::string metadata = fakeMetadata(key()).toJSON();
  Result<Kernel> kernel =
      context.loadKernel(elf.data(), elf.size(), metadata.c_str());
  INFO(kernel.status().message());
  REQUIRE(bool(kernel));
  CHECK(kernel->metadata() == metadata);
  CHECK(fixture.hip.modulesLoaded == 1);
  // Our copy, not the caller's buffer.
  CHECK(fixture.hip.image != elf.data());
  CHECK(std::string(static_cast<const char *>(fixture.hip.image), elf.size()) ==
        elf);
  CHECK(fixture.compiler.compiles == 0);
}

TEST_CASE("a code object for another arch is refused, both named") {
  Fixture fixture;
  Context context = fixture.open();
  Status status = load(
      context, fakeElf(llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942, "fake_kernel"),
      fakeMetadata(key()));
  CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
  CHECK_THAT(status.message(), Contains("is for gfx942, the device is gfx950"));
  KernelKey other =
      *KernelKey::parse("paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz");
  status = load(context, fakeElf(other), fakeMetadata(other));
  CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
  CHECK_THAT(status.message(), Contains("is for gfx942, the device is gfx950"));
  status = load(context, fakeElf(0x7f, "fake_kernel"), fakeMetadata(key()));
  CHECK_THAT(status.message(), Contains("machine 0x7f"));
  CHECK(fixture.hip.modulesLoaded == 0);

  // The compiler's own mistake is found too.
  fixture.compiler.machine = llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942;
  CHECK(context.kernel(testKey).status().code() == HIPDEX_ERROR_CODE_OBJECT);
}

TEST_CASE("what is not this kernel's code object is refused") {
  Fixture fixture;
  Context context = fixture.open();
  std::string good = fakeElf(key());
  auto message = [&](const std::string &elf) {
    Status status = load(context, elf, fakeMetadata(key()));
    CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
    return status.message();
  };
  CHECK_THAT(message(""), Contains("not an ELF file"));
  CHECK_THAT(message("#!/bin/sh"), Contains("not an ELF file"));
  std::string bad = good;
  bad[18] = 62;
  CHECK_THAT(message(bad), Contains("ELF machine is 62, must be 224"));
  CHECK_THAT(message(fakeElf(llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950, "other")),
             Contains("has no symbol \"fake_kernel\""));
  // A longer name is another symbol.
  CHECK_THAT(
      message(fakeElf(llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950, "fake_kernel2")),
      Contains("has no symbol \"fake_kernel\""));
  CHECK_THAT(message(fakeElf(llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950,
                             "fake_kernel", 6)),
             Contains("version is 6, its metadata says 5"));
}

TEST_CASE("no truncation or flipped bit of an ELF is read out of bounds") {
  Fixture fixture;
  Context context = fixture.open();
  std::string good = fakeElf(key());
  for (size_t size = 0; size < good.size(); ++size) {
    // An exact allocation, so that a sanitizer sees the first byte too many.
    std::string cut(good, 0, size);
    INFO(size << " bytes");
    CHECK(load(context, cut, fakeMetadata(key())).code() ==
          HIPDEX_ERROR_CODE_OBJECT);
  }
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= 1 << bit % 8;
    Status status = load(context, bad, fakeMetadata(key()));
    if (status.code() != HIPDEX_SUCCESS &&
        status.code() != HIPDEX_ERROR_CODE_OBJECT) {
      INFO("bit " << bit);
      CHECK(status.message() == "");
    }
  }
}

TEST_CASE("metadata that the launch could not rely on is refused") {
  Fixture fixture;
  Context context = fixture.open();
  auto message = [&](const std::function<void(KernelMetadata &)> &change) {
    KernelMetadata metadata = fakeMetadata(key());
    change(metadata);
    Status status = load(context, fakeElf(key()), metadata);
    CHECK(status.code() == HIPDEX_ERROR_CODE_OBJECT);
    return status.message();
  };
  using M = KernelMetadata;
  CHECK_THAT(message([](M &m) { m.blockSize = 0; }),
             Contains("block_size is 0, must be a multiple of 64"));
  CHECK_THAT(message([](M &m) { m.blockSize = 100; }), Contains("block_size"));
  CHECK_THAT(message([](M &m) { m.blockSize = 2048; }), Contains("block_size"));
  CHECK_THAT(message([](M &m) { m.wavesPerSimd = 0; }),
             Contains("waves_per_simd is 0, must be in 1..8"));
  CHECK_THAT(message([](M &m) { m.wavesPerSimd = 9; }),
             Contains("waves_per_simd"));
  CHECK_THAT(message([](M &m) { m.stepTokens = 0; }), Contains("step_tokens"));
  for (unsigned waves : {0u, 3u, 8u})
    CHECK_THAT(message([&](M &m) { m.teamWaves = waves; }),
               Contains("team_waves is " + std::to_string(waves) +
                        ", must divide the 4 waves of a workgroup"));
  CHECK_THAT(message([](M &m) { m.ldsBytes = 163841; }),
             Contains("lds_bytes is 163841, gfx950 has 163840"));
  CHECK_THAT(
      message([](M &m) { m.layout = "cache<>"; }),
      Contains("layout is \"cache<>\", its key's is \"cache<page_size=64"));
  CHECK_THAT(message([](M &m) { m.key = "x"; }), Contains("unknown op"));
  CHECK_THAT(message([](M &m) {
               m.key = "paged_mqa_logits.gfx950.p8.d128.b8.pre.h64.n1.fn";
             }),
             Contains("nearest supported key"));
  CHECK_THAT(message([](M &m) { m.arch = "gfx942"; }),
             Contains("arch is gfx942, its key says gfx950"));
  CHECK_THAT(message([](M &m) { m.arguments.pop_back(); }),
             Contains("has 16 arguments, must have 17"));
  CHECK_THAT(message([](M &m) { m.arguments[6].offset = 52; }),
             Contains("argument 6 is num_pages (offset 52, size 4), must be "
                      "num_pages (offset 48, size 4)"));
  CHECK_THAT(message([](M &m) { m.arguments[0].isPointer = false; }),
             Contains("argument 0"));
  CHECK_THAT(message([](M &m) { m.arguments[3].name = "q_stride_heads"; }),
             Contains("argument 3"));
  CHECK_THAT(
      message([](M &m) { m.arguments.push_back({"extra", 128, 8, false}); }),
      Contains("has 18 arguments, must have 17"));
  // HIP's own hidden ones are not of our kernels either.
  CHECK_THAT(message([](M &m) {
               m.arguments.push_back({"hidden_block_count_x", 128, 4, false});
             }),
             Contains("has 18 arguments, must have 17"));
  CHECK_THAT(message([](M &m) { m.kernargBytes = 120; }),
             Contains("kernarg_bytes is 120, must be in 124..128"));
  CHECK_THAT(message([](M &m) { m.kernargBytes = 129; }),
             Contains("kernarg_bytes is 129"));
  CHECK(context.loadKernel("x", 1, "{").status().code() ==
        HIPDEX_ERROR_CODE_OBJECT);
  CHECK(fixture.hip.modulesLoaded == 0);

  // Padding behind the last argument is fine.
  KernelMetadata metadata = fakeMetadata(key());
  metadata.kernargBytes = 128;
  CHECK(bool(load(context, fakeElf(key()), metadata)));
}
