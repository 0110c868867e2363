//===- main.cpp - A server's start without a compiler ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// aot_cmake <bundle>: loads its kernels before the first request, from the
// bundle and from nowhere else, and launches one. HIPDEX_DEVICE=emulator runs
// it without a GPU.
//
//===----------------------------------------------------------------------===//

#include <cmath>
#include <cstdio>
#include <cstring>
#include <hipdex/hipdex.hpp>
#include <string>
#include <vector>

static int fail(const char *what) {
  std::fprintf(stderr, "aot_cmake: %s: %s\n", what, hipdex_last_message());
  return 1;
}

static void showProgress(const hipdex_prepare_progress *progress, void *) {
  std::printf("%zu/%zu %s: %s%s\n", progress->done, progress->total,
              progress->key, progress->source, progress->message);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: aot_cmake <bundle>\n");
    return 2;
  }
  hipdex_context_options options = {};
  options.struct_size = sizeof(options);
  options.bundle_path = argv[1];
  options.cache_dir = "";
  options.flags = HIPDEX_CONTEXT_NO_JIT;
  hipdex_context *context = nullptr;
  if (hipdex_context_create(&options, &context) != HIPDEX_SUCCESS)
    return fail("no context");
  hipdex_device_info info = {};
  info.struct_size = sizeof(info);
  if (hipdex_get_device_info(context, &info) != HIPDEX_SUCCESS)
    return fail("no device");

  bool isFnuz = std::strcmp(info.arch, "gfx942") == 0;
  std::vector<std::string> keys;
  for (const char *nextN : {"1", "2"})
    keys.push_back(std::string("paged_mqa_logits.") + info.arch +
                   ".p64.d128.b64.pre.h64.n" + nextN +
                   (isFnuz ? ".fnuz" : ".fn"));
  const char *texts[] = {keys[0].c_str(), keys[1].c_str()};
  if (hipdex_prepare(context, texts, 2, showProgress, nullptr) !=
      HIPDEX_SUCCESS)
    return fail("not every kernel is there");

  // Two query tokens of one request with 64 tokens in one page. Every byte of
  // q and of the cache is fp8's 1.0, so that a scale is four such bytes.
  constexpr size_t heads = 64, headDim = 128, nextN = 2, tokens = 64;
  constexpr size_t pageBytes = tokens * (headDim + 4);
  const int one = isFnuz ? 0x40 : 0x38, weightByte = 0x3f;
  auto asFloat = [](int byte) {
    float value;
    std::memset(&value, byte, sizeof(value));
    return value;
  };
  auto function = [&](const char *name) {
    return hipdex_get_hip_function(context, name);
  };
  auto *hipMalloc =
      reinterpret_cast<int (*)(void **, size_t)>(function("hipMalloc"));
  auto *hipMemset =
      reinterpret_cast<int (*)(void *, int, size_t)>(function("hipMemset"));
  auto *hipMemcpy =
      reinterpret_cast<int (*)(void *, const void *, size_t, int)>(
          function("hipMemcpy"));
  auto filled = [&](size_t bytes, int byte) {
    void *pointer = nullptr;
    return hipMalloc(&pointer, bytes) || hipMemset(pointer, byte, bytes)
               ? nullptr
               : pointer;
  };
  const int32_t length = tokens;
  hipdex_paged_mqa_logits_args args = {};
  args.struct_size = sizeof(args);
  args.batch = 1;
  args.q = filled(nextN * heads * headDim, one);
  args.q_stride_request = nextN * heads * headDim;
  args.q_stride_token = heads * headDim;
  args.q_stride_head = headDim;
  args.cache.data = filled(pageBytes, one);
  args.cache.bytes = args.cache.page_stride = pageBytes;
  args.cache.num_pages = 1;
  std::string layout = "cache<page_size=64,head_dim=128,order=preshuffle(16,16)"
                       ",fp8=e4m3fn";
  layout += isFnuz ? "uz>" : ">";
  if (hipdex_layout_hash(layout.c_str(), &args.cache.layout_hash) !=
      HIPDEX_SUCCESS)
    return fail("no layout");
  args.weights =
      static_cast<float *>(filled(nextN * heads * sizeof(float), weightByte));
  args.weights_stride = heads;
  void *lengths = filled(sizeof(length), 0);
  hipMemcpy(lengths, &length, sizeof(length), 1);
  args.context_lens = static_cast<int32_t *>(lengths);
  args.block_table = static_cast<int32_t *>(filled(sizeof(int32_t), 0));
  args.table_width = args.table_stride = 1;
  args.logits = static_cast<float *>(filled(nextN * tokens * sizeof(float), 0));
  args.width = args.logits_stride = tokens;

  const hipdex_kernel *kernel = nullptr;
  if (hipdex_get_kernel(context, texts[1], &kernel) != HIPDEX_SUCCESS ||
      hipdex_launch_paged_mqa_logits(kernel, &args, nullptr) != HIPDEX_SUCCESS)
    return fail("no launch");
  std::vector<float> logits(nextN * tokens);
  if (hipMemcpy(logits.data(), args.logits, logits.size() * sizeof(float), 2))
    return fail("no result");
  // The first query token does not see the last token.
  double expected =
      double(heads * headDim) * asFloat(one) * asFloat(weightByte);
  int wrong = 0;
  for (size_t j = 0; j < nextN; ++j)
    for (size_t p = 0; p < tokens; ++p) {
      double wanted = p + nextN <= tokens + j ? expected : 0;
      wrong += std::fabs(logits[j * tokens + p] - wanted) > 1e-5 * expected;
    }
  std::printf("%s on %s: logit %g, %d of %zu wrong\n", texts[1], info.name,
              logits[0], wrong, logits.size());
  hipdex_context_destroy(context);
  return wrong != 0;
}
