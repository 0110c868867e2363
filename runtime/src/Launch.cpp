//===- Launch.cpp - Checks, packs and launches a kernel's arguments -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The kernel trusts its arguments and checks only what lives in device memory
// (context lengths, table entries). So everything the host can know is checked
// here, and nothing here allocates or waits on the way to a launch.
//
//===----------------------------------------------------------------------===//

#include "src/Launch.h"
#include "src/Context.h"
#include "src/Kernel.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace hipdex;
using namespace hipdex::runtime;

static constexpr int64_t int32Max = std::numeric_limits<int32_t>::max();

//===----------------------------------------------------------------------===//
// The argument list against the kernel's
//===----------------------------------------------------------------------===//

namespace {
struct ArgumentPlace {
  const char *name;
  unsigned offset;
  unsigned size;
  bool isPointer;
};
} // namespace

#define PLACE(name, field)                                                     \
  {name, offsetof(PagedMqaLogitsArguments, field),                             \
   sizeof(PagedMqaLogitsArguments::field),                                     \
   std::is_pointer_v<decltype(PagedMqaLogitsArguments::field)>}
static const ArgumentPlace places[] = {
    PLACE("q", q),
    PLACE("q_stride_request", qStrideRequest),
    PLACE("q_stride_token", qStrideToken),
    PLACE("q_stride_head", qStrideHead),
    PLACE("cache", cache),
    PLACE("page_stride", pageStride),
    PLACE("num_pages", numPages),
    PLACE("weights", weights),
    PLACE("weights_stride", weightsStride),
    PLACE("context_lens", contextLens),
    PLACE("block_table", blockTable),
    PLACE("table_stride", tableStride),
    PLACE("logits", logits),
    PLACE("logits_stride", logitsStride),
    PLACE("width", width),
    PLACE("batch", batch),
    PLACE("waves", waves),
};
#undef PLACE

// Without the padding behind the last one, as LLVM counts.
static constexpr unsigned packedBytes =
    offsetof(PagedMqaLogitsArguments, waves) + sizeof(int32_t);

llvm::Error runtime::checkArguments(const KernelMetadata &metadata) {
  auto invalid = [](const llvm::Twine &message) {
    return makeError(HIPDEX_ERROR_CODE_OBJECT, "kernel metadata: " + message);
  };
  if (metadata.arguments.size() != std::size(places))
    return invalid("has " + llvm::Twine(metadata.arguments.size()) +
                   " arguments, must have " + llvm::Twine(std::size(places)));
  for (auto [i, argument] : llvm::enumerate(metadata.arguments)) {
    const ArgumentPlace &place = places[i];
    if (argument.name != place.name || argument.offset != place.offset ||
        argument.size != place.size || argument.isPointer != place.isPointer)
      return invalid("argument " + llvm::Twine(i) + " is " + argument.name +
                     " (offset " + llvm::Twine(argument.offset) + ", size " +
                     llvm::Twine(argument.size) + "), must be " + place.name +
                     " (offset " + llvm::Twine(place.offset) + ", size " +
                     llvm::Twine(place.size) + ")");
  }
  // More would be arguments that nothing fills in: generated kernels have none
  // of LLVM's hidden ones, whose segment would be 256 bytes longer.
  if (metadata.kernargBytes < packedBytes ||
      metadata.kernargBytes > sizeof(PagedMqaLogitsArguments))
    return invalid("kernarg_bytes is " + llvm::Twine(metadata.kernargBytes) +
                   ", must be in " + llvm::Twine(packedBytes) + ".." +
                   llvm::Twine(sizeof(PagedMqaLogitsArguments)));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// The caller's arguments
//===----------------------------------------------------------------------===//

static llvm::Error invalid(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                   "paged_mqa_logits: " + message);
}

static bool isAligned(const void *pointer, uintptr_t alignment) {
  return reinterpret_cast<uintptr_t>(pointer) % alignment == 0;
}

static llvm::Error checkPointer(llvm::StringRef name, const void *pointer,
                                uintptr_t alignment) {
  if (!pointer)
    return invalid(name + " is null");
  if (!isAligned(pointer, alignment))
    return invalid(name + " is 0x" +
                   llvm::utohexstr(reinterpret_cast<uintptr_t>(pointer), true) +
                   ", must be " + llvm::Twine(alignment) + "-byte aligned");
  return llvm::Error::success();
}

static llvm::Error checkStride(llvm::StringRef name, int64_t stride,
                               int64_t multiple, int64_t least) {
  if (stride < least)
    return invalid(name + " is " + llvm::Twine(stride) + ", must be at least " +
                   llvm::Twine(least));
  if (stride % multiple != 0)
    return invalid(name + " is " + llvm::Twine(stride) +
                   ", must be a multiple of " + llvm::Twine(multiple));
  return llvm::Error::success();
}

/// Whether the byte behind the last element of a tensor has a 64-bit offset.
/// Extents are at least 1 and strides at least 0 here.
static llvm::Error
checkSpan(llvm::StringRef name,
          std::initializer_list<std::pair<int64_t, int64_t>> extentsAndStrides,
          int64_t elementBytes) {
  // Not llvm/Support/CheckedArithmetic.h: it goes through APInt, which was two
  // thirds of a launch's time.
  int64_t last = 1;
  bool overflows = false;
  for (auto [extent, stride] : extentsAndStrides) {
    int64_t product;
    overflows |= llvm::MulOverflow(extent - 1, stride, product) != 0;
    overflows |= llvm::AddOverflow(product, last, last) != 0;
  }
  overflows |= llvm::MulOverflow(last, elementBytes, last) != 0;
  if (overflows)
    return invalid("strides of " + name + " take it past 64-bit offsets");
  return llvm::Error::success();
}

/// The text of a layout hash, found by trying every layout that is in use
/// anywhere: a hash has no inverse, and this is the way to an error message.
static std::string describeLayout(uint64_t hash) {
  if (hash == 0)
    return "no layout (hash 0)";
  for (Fp8Format fp8 : {Fp8Format::E4M3FN, Fp8Format::E4M3FNUZ})
    for (CacheOrder order : {CacheOrder::Plain, CacheOrder::Preshuffle16x16})
      for (int64_t headDim : {64, 96, 128, 192, 256, 512})
        for (int64_t pageSize = 1; pageSize <= 1024; ++pageSize) {
          CacheLayout layout;
          layout.pageSize = pageSize;
          layout.headDim = headDim;
          layout.order = order;
          layout.fp8 = fp8;
          if (llvm::Error error = layout.validate()) {
            llvm::consumeError(std::move(error));
            continue;
          }
          if (layout.hash() == hash)
            return layout.str();
        }
  return "an unknown layout (hash 0x" + llvm::utohexstr(hash, true) + ")";
}

static llvm::Error checkCache(const Kernel &kernel,
                              const hipdex_cache_buffer &cache) {
  CacheLayout layout = kernel.key.layout();
  if (cache.layout_hash != kernel.layoutHash)
    return makeError(HIPDEX_ERROR_LAYOUT_MISMATCH,
                     "paged_mqa_logits: the cache buffer has " +
                         describeLayout(cache.layout_hash) +
                         ", the kernel reads " + layout.str());
  // Page 0 stands in for table entries that are out of range, so there must be
  // one. Entries are int32 and count blocks, of which a page may have several.
  int64_t maxPages = int32Max / (layout.pageSize / kernel.key.kvBlockSize);
  if (cache.num_pages < 1 || cache.num_pages > maxPages)
    return invalid("cache.num_pages is " + llvm::Twine(cache.num_pages) +
                   ", must be in 1.." + llvm::Twine(maxPages));
  int64_t alignment = layout.alignment();
  if (llvm::Error error = checkStride("cache.page_stride", cache.page_stride,
                                      alignment, layout.pageBytes()))
    return error;
  // Kernels multiply a page by the stride in one 32 by 32 bit product.
  if (cache.page_stride > int64_t(UINT32_MAX))
    return invalid("cache.page_stride is " + llvm::Twine(cache.page_stride) +
                   ", must be below 2^32");
  if (llvm::Error error = checkPointer("cache.data", cache.data, alignment))
    return error;
  // The last page need not have its padding. Neither factor reaches 2^32.
  uint64_t needed =
      uint64_t(cache.num_pages - 1) * cache.page_stride + layout.pageBytes();
  if (needed > cache.bytes)
    return invalid("cache.bytes is " + llvm::Twine(cache.bytes) + ", " +
                   llvm::Twine(cache.num_pages) + " pages with page_stride " +
                   llvm::Twine(cache.page_stride) + " need " +
                   llvm::Twine(needed));
  return llvm::Error::success();
}

llvm::Expected<LaunchPlan>
runtime::planPagedMqaLogits(const Kernel &kernel,
                            const hipdex_paged_mqa_logits_args &args) {
  const KernelKey &key = kernel.key;
  const KernelMetadata &metadata = kernel.metadata;
  if (args.struct_size < sizeof(args))
    return invalid("struct_size is " + llvm::Twine(args.struct_size) +
                   ", must be " + llvm::Twine(sizeof(args)));
  // Kernels go through the requests in 64s, in 32 bits, and so up to 63 past
  // the last one.
  constexpr int64_t maxBatch = int32Max - 63;
  if (args.batch < 0 || args.batch > maxBatch)
    return invalid("batch is " + llvm::Twine(args.batch) + ", must be in 0.." +
                   llvm::Twine(maxBatch));
  // Kernels count the bytes of a row in 32 bits.
  constexpr int64_t maxWidth = (INT64_C(1) << 29) - 1;
  if (args.width < 0 || args.width > maxWidth)
    return invalid("width is " + llvm::Twine(args.width) + ", must be in 0.." +
                   llvm::Twine(maxWidth));
  LaunchPlan plan;
  // Empty tensors have no addresses: nothing else is looked at.
  if (args.batch == 0 || args.width == 0)
    return plan;

  if (llvm::Error error = checkCache(kernel, args.cache))
    return std::move(error);

  const std::tuple<const char *, const void *, uintptr_t> pointers[] = {
      {"q", args.q, 16},
      {"weights", args.weights, 16},
      {"context_lens", args.context_lens, 4},
      {"block_table", args.block_table, 4},
      {"logits", args.logits, 4}};
  for (auto [name, pointer, alignment] : pointers)
    if (llvm::Error error = checkPointer(name, pointer, alignment))
      return std::move(error);

  const std::tuple<const char *, int64_t, int64_t, int64_t> strides[] = {
      {"q_stride_request", args.q_stride_request, 16, 0},
      {"q_stride_token", args.q_stride_token, 16, 0},
      {"q_stride_head", args.q_stride_head, 16, 0},
      {"weights_stride", args.weights_stride, 4, 0},
      {"table_stride", args.table_stride, 1, args.table_width},
      {"logits_stride", args.logits_stride, 1, args.width}};
  int64_t tableNeeded = llvm::divideCeil(args.width, key.kvBlockSize);
  if (args.table_width < tableNeeded)
    return invalid("table_width is " + llvm::Twine(args.table_width) +
                   ", must be at least " + llvm::Twine(tableNeeded) +
                   " for width " + llvm::Twine(args.width) +
                   " and kv_block_size " + llvm::Twine(key.kvBlockSize));
  for (auto [name, stride, multiple, least] : strides)
    if (llvm::Error error = checkStride(name, stride, multiple, least))
      return std::move(error);

  int64_t rows = args.batch * key.nextN; // 31 bits times a small number
  if (llvm::Error error = checkSpan("q",
                                    {{args.batch, args.q_stride_request},
                                     {key.nextN, args.q_stride_token},
                                     {key.heads, args.q_stride_head},
                                     {key.headDim, 1}},
                                    1))
    return std::move(error);
  if (llvm::Error error = checkSpan(
          "weights", {{rows, args.weights_stride}, {key.heads, 1}}, 4))
    return std::move(error);
  if (llvm::Error error = checkSpan(
          "block_table",
          {{args.batch, args.table_stride}, {args.table_width, 1}}, 4))
    return std::move(error);
  if (llvm::Error error =
          checkSpan("logits", {{rows, args.logits_stride}, {args.width, 1}}, 4))
    return std::move(error);

  // The kernel counts rows, and the steps of the whole batch, in 32 bits.
  int64_t steps =
      args.batch * int64_t(llvm::divideCeil(args.width, metadata.stepTokens));
  if (steps > int32Max || rows > int32Max)
    return invalid("batch " + llvm::Twine(args.batch) + " times width " +
                   llvm::Twine(args.width) + " is " + llvm::Twine(steps) +
                   " steps of " + llvm::Twine(metadata.stepTokens) +
                   " tokens, must be at most " + llvm::Twine(int32Max));

  // docs/kernel-abi.md: as many workgroups as the device holds at once, unless
  // there is less to do.
  int64_t wavesPerGroup = metadata.blockSize / key.arch->waveSize;
  int64_t resident =
      int64_t(kernel.context.computeUnits()) * metadata.wavesPerSimd;
  int64_t workgroups = std::max<int64_t>(
      1,
      std::min<int64_t>(resident, llvm::divideCeil(steps * metadata.teamWaves,
                                                   wavesPerGroup)));
  int64_t waves = workgroups * wavesPerGroup;
  // A product of what HIP says and the metadata, not of anything checked.
  if (waves > int32Max)
    return invalid("the grid would have " + llvm::Twine(waves) + " waves");

  PagedMqaLogitsArguments &packed = plan.arguments;
  packed.q = args.q;
  packed.qStrideRequest = args.q_stride_request;
  packed.qStrideToken = args.q_stride_token;
  packed.qStrideHead = args.q_stride_head;
  packed.cache = args.cache.data;
  packed.pageStride = args.cache.page_stride;
  packed.numPages = int32_t(args.cache.num_pages);
  packed.weights = args.weights;
  packed.weightsStride = args.weights_stride;
  packed.contextLens = args.context_lens;
  packed.blockTable = args.block_table;
  packed.tableStride = args.table_stride;
  packed.logits = args.logits;
  packed.logitsStride = args.logits_stride;
  packed.width = int32_t(args.width);
  packed.batch = args.batch;
  packed.waves = int32_t(waves);
  plan.bytes = metadata.kernargBytes;
  plan.threads = metadata.blockSize;
  plan.workgroups = uint32_t(workgroups);
  return plan;
}

llvm::Error runtime::launch(const Kernel &kernel, LaunchPlan &plan,
                            void *stream) {
  if (plan.workgroups == 0)
    return llvm::Error::success();
  if (llvm::Error error = kernel.context.checkProcess())
    return error;
  const HipLibrary &hip = kernel.context.hip();
  DeviceScope scope(hip, kernel.context.deviceNumber());
  if (llvm::Error error = scope.takeError())
    return error;
  void *extra[] = {launchParamBufferPointer(), &plan.arguments,
                   launchParamBufferSize(), &plan.bytes, launchParamEnd()};
  return hip.check(hip.hipModuleLaunchKernel(
                       kernel.function, plan.workgroups, 1, 1, plan.threads, 1,
                       1, /*sharedBytes=*/0, static_cast<hipStream_t>(stream),
                       /*arguments=*/nullptr, extra),
                   "hipModuleLaunchKernel");
}
