//===- RowProblem.cpp - One launch of an op on K rows ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/RowProblem.h"

#include "reference/Gather.h"
#include "reference/Move.h"
#include "reference/MqaLogits.h"
#include "reference/Operands.h"
#include "reference/PagedMqaPrefill.h"
#include "reference/QkPrep.h"
#include "reference/QuantStore.h"
#include "reference/Random.h"
#include "reference/TopK.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace hipdex;

std::unique_ptr<RowProblem> RowProblem::create(Op op) {
  switch (op) {
  case Op::KQuantStore:
    return std::make_unique<QuantStoreProblem>();
  case Op::KGather:
    return std::make_unique<GatherProblem>();
  case Op::KMove:
    return std::make_unique<MoveProblem>();
  case Op::MqaLogits:
    return std::make_unique<MqaLogitsProblem>();
  case Op::PagedMqaPrefill:
    return std::make_unique<PagedMqaPrefillProblem>();
  case Op::TopK:
    return std::make_unique<TopKProblem>();
  case Op::QkPrep:
    return std::make_unique<QkPrepProblem>();
  case Op::PagedMqaLogits:
  case Op::StreamPages:
    break;
  }
  return nullptr;
}

llvm::Expected<std::unique_ptr<RowProblem>>
RowProblem::random(const KernelKey &key, uint64_t seed) {
  switch (key.op) {
  case Op::KQuantStore: {
    auto problem =
        QuantStoreProblem::random(key, QuantStoreOptions::random(key, seed));
    if (!problem)
      return problem.takeError();
    return std::make_unique<QuantStoreProblem>(std::move(*problem));
  }
  case Op::KGather:
    return std::make_unique<GatherProblem>(
        GatherProblem::random(key, GatherOptions::random(key, seed)));
  case Op::KMove: {
    auto problem = MoveProblem::random(key, MoveOptions::random(key, seed));
    if (!problem)
      return problem.takeError();
    return std::make_unique<MoveProblem>(std::move(*problem));
  }
  case Op::MqaLogits:
    return std::make_unique<MqaLogitsProblem>(
        MqaLogitsProblem::random(key, MqaLogitsOptions::random(seed)));
  case Op::PagedMqaPrefill:
    return std::make_unique<PagedMqaPrefillProblem>(
        PagedMqaPrefillProblem::random(
            key, PagedMqaPrefillOptions::random(key, seed)));
  case Op::TopK:
    return std::make_unique<TopKProblem>(
        TopKProblem::random(key, TopKOptions::random(key, seed)));
  case Op::QkPrep: {
    auto problem = QkPrepProblem::random(key, QkPrepOptions::random(key, seed));
    if (!problem)
      return problem.takeError();
    return std::make_unique<QkPrepProblem>(std::move(*problem));
  }
  case Op::PagedMqaLogits:
  case Op::StreamPages:
    break;
  }
  return llvm::createStringError(opName(key.op) + " is no op on K rows");
}

int64_t hipdex::randomTokens(Random &random) {
  // Around what waves and workgroups take, and any number.
  if (random.below(2))
    return (INT64_C(1) << random.below(9)) + int64_t(random.below(3)) - 1;
  return random.below(300);
}

hipdex_cache_buffer RowProblem::cacheBuffer(void *data,
                                            const CacheLayout &layout,
                                            int64_t numPages,
                                            int64_t pageStride) const {
  hipdex_cache_buffer buffer = {};
  buffer.data = data;
  buffer.bytes = uint64_t(numPages) * pageStride;
  buffer.num_pages = numPages;
  buffer.page_stride = pageStride;
  buffer.layout_hash = layout.hash();
  return buffer;
}

void RowProblem::addSlot(std::vector<hipdex_emulator_range> &ranges,
                         const CacheLayout &layout, int64_t slot,
                         int64_t pageStride) {
  for (int64_t d = 0; d < layout.headDim; d += 16)
    ranges.push_back({uint64_t(layout.elementOffset(slot, d, pageStride)), 16});
  ranges.push_back({uint64_t(layout.scaleOffset(slot, pageStride)), 4});
}

/// "argument[1, 2]" and what is behind an element's first byte.
static std::string placeOf(const RowOperand &operand, size_t byte) {
  int64_t left = byte / operand.elementBytes;
  std::vector<std::string> indices;
  for (int64_t stride : operand.strides) {
    indices.push_back(llvm::itostr(left / stride));
    left %= stride;
  }
  return operand.argument + ("[" + llvm::join(indices, ", ") + "]");
}

std::string RowProblem::compare(RowProblem &got) const {
  std::unique_ptr<RowProblem> expected = clone();
  expected->execute();
  for (auto [want, is] :
       llvm::zip_equal(expected->operands(), got.operands())) {
    size_t wrong = 0, first = 0;
    for (size_t i = want.bytes.size(); i-- > 0;)
      if (want.bytes[i] != is.bytes[i]) {
        first = i;
        ++wrong;
      }
    if (wrong == 0)
      continue;
    first -= first % want.elementBytes;
    auto hex = [&](const RowOperand &operand) {
      // Little-endian: the last byte is the first digit.
      std::string text;
      for (int64_t i = operand.elementBytes; i-- > 0;)
        text += llvm::utohexstr(operand.bytes[first + i], /*LowerCase=*/true,
                                /*Width=*/2);
      return text;
    };
    return llvm::formatv("{0} bytes of {1} are wrong; first: {2} is 0x{3}, "
                         "must be 0x{4}",
                         wrong, want.argument, placeOf(want, first), hex(is),
                         hex(want));
  }
  return "";
}

llvm::Error hipdex::launchRows(Device &device, const hipdex_kernel *kernel,
                               RowProblem &problem,
                               const RowLaunchOptions &options) {
  Operands memory(device);
  RowProblem::Pointers pointers;
  std::vector<RowOperand> operands = problem.operands();
  hipdex_cache_buffer watched = {};
  for (auto [operand, ranges] : llvm::zip_equal(operands, problem.touched())) {
    auto placed =
        memory.place(operand.argument, operand.bytes, ranges, operand.access);
    if (!placed)
      return placed.takeError();
    pointers[operand.argument] = *placed;
    if (llvm::StringRef(operand.argument) == options.watched) {
      watched.data = *placed;
      watched.bytes = operand.bytes.size();
    }
  }
  if (options.packed) {
    PackedLaunch &packed = *options.packed;
    size_t size = 0;
    auto describe = [&](void *arguments) {
      return problem.describe(kernel, pointers, &packed.workgroups,
                              &packed.threads, arguments, &size);
    };
    if (describe(nullptr) != HIPDEX_SUCCESS)
      return Device::lastError();
    packed.arguments.resize(size);
    if (describe(packed.arguments.data()) != HIPDEX_SUCCESS)
      return Device::lastError();
  }
  if (options.counters)
    if (llvm::Error error = options.counters->start(device, watched))
      return error;
  if (problem.launch(kernel, pointers) != HIPDEX_SUCCESS)
    return device.launchError();
  if (llvm::Error error = device.synchronize())
    return error;
  if (options.counters)
    if (llvm::Error error = options.counters->finish(device))
      return error;
  for (const RowOperand &operand : operands)
    if (operand.isWritten())
      if (llvm::Error error = device.download(operand.bytes.data(),
                                              pointers.lookup(operand.argument),
                                              operand.bytes.size()))
        return error;
  return llvm::Error::success();
}
