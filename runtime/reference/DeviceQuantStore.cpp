//===- DeviceQuantStore.cpp - k_quant_store on a device -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/DeviceQuantStore.h"
#include "reference/Operands.h"

#include "llvm/Support/FormatVariadic.h"

using namespace hipdex;

llvm::Expected<StoredCache>
hipdex::launchQuantStore(Device &device, const hipdex_kernel *kernel,
                         const QuantStoreProblem &p, bool hasError,
                         LaunchCounters *counters) {
  CacheLayout layout = p.key.layout();
  std::vector<hipdex_emulator_range> rows, places;
  for (int64_t token = 0; token < p.tokens; ++token) {
    rows.push_back({uint64_t(token * p.kStride) * p.elementBytes(),
                    uint64_t(p.key.headDim) * p.elementBytes()});
    int64_t slot = p.slot(token);
    if (slot < 0 || slot >= p.numSlots())
      continue;
    for (int64_t d = 0; d < p.key.headDim; d += 16)
      places.push_back(
          {uint64_t(layout.elementOffset(slot, d, p.pageStride)), 16});
    places.push_back({uint64_t(layout.scaleOffset(slot, p.pageStride)), 4});
  }

  Operands operands(device);
  auto k = operands.place("k", p.k, rows, HIPDEX_EMULATOR_READ);
  if (!k)
    return k.takeError();
  auto slots = operands.place("slots", p.slots, {{0, p.slots.size()}},
                              HIPDEX_EMULATOR_READ);
  if (!slots)
    return slots.takeError();
  auto cache = operands.place("cache", p.cache, places, HIPDEX_EMULATOR_WRITE);
  if (!cache)
    return cache.takeError();
  StoredCache stored;
  auto word = llvm::ArrayRef(reinterpret_cast<uint8_t *>(&stored.error),
                             sizeof(stored.error));
  auto error = operands.place("error", word, {{0, sizeof(stored.error)}},
                              HIPDEX_EMULATOR_READ | HIPDEX_EMULATOR_WRITE);
  if (!error)
    return error.takeError();

  hipdex_k_quant_store_args args = {};
  args.struct_size = sizeof(args);
  args.tokens = p.tokens;
  args.k = *k;
  args.k_stride = p.kStride;
  args.slots = *slots;
  args.cache.data = *cache;
  args.cache.bytes = p.cache.size();
  args.cache.num_pages = p.numPages;
  args.cache.page_stride = p.pageStride;
  args.cache.layout_hash = layout.hash();
  args.error = hasError ? static_cast<uint32_t *>(*error) : nullptr;
  if (counters)
    if (llvm::Error failed = counters->start(device, args.cache))
      return std::move(failed);
  if (hipdex_launch_k_quant_store(kernel, &args, nullptr) != HIPDEX_SUCCESS)
    return device.launchError();
  if (llvm::Error failed = device.synchronize())
    return std::move(failed);
  if (counters)
    if (llvm::Error failed = counters->finish(device))
      return std::move(failed);
  stored.cache.resize(p.cache.size());
  if (llvm::Error failed =
          device.download(stored.cache.data(), *cache, stored.cache.size()))
    return std::move(failed);
  if (llvm::Error failed =
          device.download(&stored.error, *error, sizeof(stored.error)))
    return std::move(failed);
  return stored;
}

std::string hipdex::compare(const QuantStoreProblem &p,
                            const StoredCache &stored, bool hasError) {
  std::vector<uint8_t> expected;
  uint32_t error = p.expect(expected);
  error = StoredCache::oldError | (hasError ? error : 0);
  if (stored.error != error)
    return llvm::formatv("the error word is {0:x}, must be {1:x}", stored.error,
                         error);
  size_t wrong = 0, first = 0;
  for (size_t i = expected.size(); i-- > 0;)
    if (stored.cache[i] != expected[i]) {
      first = i;
      ++wrong;
    }
  if (wrong == 0)
    return "";
  return llvm::formatv("{0} bytes are wrong; first: byte {1} of page {2} is "
                       "{3:x2}, must be {4:x2}",
                       wrong, first % p.pageStride, first / p.pageStride,
                       stored.cache[first], expected[first]);
}
