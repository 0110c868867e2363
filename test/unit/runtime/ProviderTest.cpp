//===- ProviderTest.cpp - Tests of the emulator as a HIP provider ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Our own provider has every function of the table, and is a device.
//
//===----------------------------------------------------------------------===//

#include "FakeKernel.h"
#include "hipdex/hipdex.hpp"
#include "src/HipTypes.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace hipdex;
using Catch::Contains;

TEST_CASE("the emulator exports every function of the table") {
  ContextOptions options;
  options.provider = "emulator";
  options.cacheDirectory = "";
  Result<Context> context = Context::open(options);
  INFO(context.status().message());
  REQUIRE(bool(context));
#define HIP_REQUIRED(name, parameters)                                         \
  CHECK(hipdex_get_hip_function(context->get(), #name) != nullptr);
#define HIP_OPTIONAL(name, parameters) HIP_REQUIRED(name, parameters)
#define HIP_STRING(name, parameters) HIP_REQUIRED(name, parameters)
#define HIP_CALLER(name, parameters) HIP_REQUIRED(name, parameters)
#include "src/HipFunctions.def"
  hipdex_device_info info = context->deviceInfo();
  CHECK((std::string(info.arch) == "gfx942" ||
         std::string(info.arch) == "gfx950"));
  CHECK(info.compute_units > 0);
}

/// A context of the emulator on the device of testKey.
static Context openEmulator(const KernelKey &key) {
  for (int device = 0;; ++device) {
    ContextOptions options;
    options.provider = "emulator";
    options.device = device;
    options.cacheDirectory = "";
    Result<Context> context = Context::open(options);
    INFO(context.status().message());
    REQUIRE(bool(context));
    if (key.arch->name == context->deviceInfo().arch)
      return std::move(*context);
  }
}

TEST_CASE("launches can be captured; a kernel that is not loaded is an error") {
  const char *keyText = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";
  KernelKey key = *KernelKey::parse(keyText);
  setenv("HIPDEX_COMPILER_LIBRARY", FAKE_COMPILER, 1);
  Context context = openEmulator(key);
  std::ifstream file(CAPTURE_KERNEL, std::ios::binary);
  std::string code((std::istreambuf_iterator<char>(file)), {});
  std::string metadata = fakeMetadata(key).toJSON();
  Result<Kernel> kernel =
      context.loadKernel(code.data(), code.size(), metadata.c_str());
  INFO(kernel.status().message());
  REQUIRE(bool(kernel));

#define HIP_REQUIRED(name, parameters)                                         \
  auto *name = context.hipFunction<int parameters>(#name);                     \
  (void)name;
#define HIP_CALLER(name, parameters) HIP_REQUIRED(name, parameters)
  using namespace hipdex::hip;
#include "src/HipFunctions.def"
  auto allocate = [&](size_t bytes) {
    void *pointer = nullptr;
    REQUIRE(hipMalloc(&pointer, bytes) == 0);
    REQUIRE(hipMemset(pointer, 0, bytes) == 0);
    return pointer;
  };
  hipdex_paged_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.batch = 1;
  args.q = allocate(64 * 128);
  args.q_stride_request = args.q_stride_token = 64 * 128;
  args.q_stride_head = 128;
  args.cache.bytes = 64 * 132;
  args.cache.data = allocate(args.cache.bytes);
  args.cache.num_pages = 1;
  args.cache.page_stride = 64 * 132;
  args.cache.layout_hash = key.layout().hash();
  args.weights = static_cast<float *>(allocate(64 * 4));
  args.weights_stride = 64;
  args.context_lens = static_cast<int32_t *>(allocate(4));
  args.block_table = static_cast<int32_t *>(allocate(4));
  args.table_width = args.table_stride = 1;
  args.logits = static_cast<float *>(allocate(64 * 4));
  args.width = args.logits_stride = 64;
  auto firstLogit = [&] {
    float value = -1;
    REQUIRE(hipMemcpy(&value, args.logits, 4, /*device to host*/ 2) == 0);
    return value;
  };
  hipStream_t stream;
  REQUIRE(hipStreamCreate(&stream) == 0);
  REQUIRE(bool(kernel->launch(args, stream)));
  REQUIRE(firstLogit() == 1);

  REQUIRE(hipStreamBeginCapture(stream, 0) == 0);
  REQUIRE(bool(kernel->launch(args, stream)));
  REQUIRE(bool(kernel->launch(args, stream)));
  const hipdex_kernel *found;
  CHECK(hipdex_find_kernel(context.get(), keyText, &found) ==
        HIPDEX_ERROR_NOT_FOUND);
  int capturing = 0;
  REQUIRE(hipStreamIsCapturing(stream, &capturing) == 0);
  CHECK(capturing == 1); // none of these spoiled it
  hipGraph_t graph;
  REQUIRE(hipStreamEndCapture(stream, &graph) == 0);
  CHECK(firstLogit() == 1);
  hipGraphExec_t exec;
  REQUIRE(hipGraphInstantiate(&exec, graph, nullptr, nullptr, 0) == 0);
  REQUIRE(hipGraphLaunch(exec, stream) == 0);
  REQUIRE(hipGraphLaunch(exec, stream) == 0);
  CHECK(firstLogit() == 5);

  REQUIRE(hipStreamBeginCapture(stream, 0) == 0);
  Status status = context.kernel(keyText).status();
  CHECK(status.code() == HIPDEX_ERROR_HIP);
  CHECK_THAT(status.message(),
             Contains("hipModuleLoadData failed with "
                      "hipErrorStreamCaptureUnsupported (900)") &&
                 Contains("get kernels before a capture"));
  CHECK(hipStreamEndCapture(stream, &graph) != 0);
}
