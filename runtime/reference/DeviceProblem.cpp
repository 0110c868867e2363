//===- DeviceProblem.cpp - A problem in a device's memory -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/DeviceProblem.h"

#include "Spec/KernelMetadata.h"
#include "hipdex/hipdex-emulator.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include <algorithm>
#include <cstring>

using namespace hipdex;

/// Allocates, and copies unless \p data is null.
template <typename T>
llvm::Error DeviceProblem::place(T *&pointer, const void *data,
                                 uint64_t bytes) {
  auto memory = device.allocate(bytes);
  if (!memory)
    return memory.takeError();
  allocations.push_back(*memory);
  pointer = static_cast<T *>(*memory);
  return data ? device.upload(*memory, data, bytes) : llvm::Error::success();
}

llvm::Expected<std::unique_ptr<DeviceProblem>>
DeviceProblem::create(Device &device, const Problem &problem) {
  std::unique_ptr<DeviceProblem> p(new DeviceProblem(device, problem));
  hipdex_paged_mqa_logits_args &args = p->args;
  args.struct_size = sizeof(args);
  args.batch = problem.batch;
  args.q_stride_request = problem.qStrideRequest;
  args.q_stride_token = problem.qStrideToken;
  args.q_stride_head = problem.qStrideHead;
  args.cache.bytes = problem.kvBytes();
  args.cache.num_pages = problem.numPages;
  args.cache.page_stride = problem.pageStride;
  args.weights_stride = problem.weightsStride;
  args.table_width = problem.tableWidth;
  args.table_stride = problem.tableStride;
  args.width = problem.width;
  args.logits_stride = problem.logitsStride;
  if (hipdex_layout_hash(problem.key.layout().str().c_str(),
                         &args.cache.layout_hash) != HIPDEX_SUCCESS)
    return Device::lastError();

  int64_t lastEntry = 0;
  for (int64_t b = 0; b < problem.batch; ++b)
    if (int64_t live = problem.liveEntries(b))
      lastEntry = std::max(lastEntry, b * problem.tableStride + live);

  if (llvm::Error error = p->place(args.q, problem.q.data(), problem.q.size()))
    return std::move(error);
  if (llvm::Error error = p->place(args.weights, problem.weights.data(),
                                   problem.weights.size() * sizeof(float)))
    return std::move(error);
  if (llvm::Error error =
          p->place(args.context_lens, problem.contextLens.data(),
                   problem.contextLens.size() * sizeof(int32_t)))
    return std::move(error);
  if (llvm::Error error = p->place(args.block_table, problem.blockTable.data(),
                                   lastEntry * sizeof(int32_t)))
    return std::move(error);
  if (llvm::Error error = p->place(args.cache.data, nullptr, problem.kvBytes()))
    return std::move(error);
  for (auto [begin, end] : problem.kvRanges())
    if (llvm::Error error =
            device.upload(static_cast<char *>(args.cache.data) + begin,
                          problem.kv.get() + begin, end - begin))
      return std::move(error);
  if (llvm::Error error = p->place(args.logits, nullptr,
                                   problem.logitsElements() * sizeof(float)))
    return std::move(error);
  if (llvm::Error error = p->poisonLogits())
    return std::move(error);
  if (llvm::Error error = p->guard())
    return std::move(error);
  return p;
}

namespace {

/// Calls of the emulator's guard functions, until the first that fails.
class Guards {
public:
  explicit Guards(const Device &device)
      : device(device), guard(device.function<decltype(hipdex_emulator_guard)>(
                            "hipdex_emulator_guard")),
        allow(device.function<decltype(hipdex_emulator_allow)>(
            "hipdex_emulator_allow")) {}

  explicit operator bool() const { return guard && allow; }

  /// What follows is about the operand at \p pointer.
  void begin(const void *pointer, const char *name, unsigned access) {
    flush();
    base = pointer;
    this->access = access;
    if (!status)
      status = guard(pointer, name);
  }
  void range(uint64_t offset, uint64_t bytes) {
    // What is empty may lie past the end: a table ends with its last live
    // entry.
    if (bytes == 0)
      return;
    ranges.push_back({offset, bytes});
    if (ranges.size() == 4096)
      flush();
  }
  llvm::Error finish() {
    flush();
    return device.hipError("hipdex_emulator_guard", status);
  }

private:
  void flush() {
    if (!status && !ranges.empty())
      status = allow(base, ranges.data(), ranges.size(), access);
    ranges.clear();
  }

  const Device &device;
  decltype(hipdex_emulator_guard) *guard;
  decltype(hipdex_emulator_allow) *allow;
  const void *base = nullptr;
  unsigned access = 0;
  std::vector<hipdex_emulator_range> ranges;
  int status = 0;
};

} // namespace

llvm::Error DeviceProblem::guard() {
  Guards guards(device);
  if (!guards)
    return llvm::Error::success();
  const KernelKey &key = problem.key;

  guards.begin(args.q, "q", HIPDEX_EMULATOR_READ);
  int64_t heads = Problem::heads(key);
  bool dense = args.q_stride_head == key.headDim;
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t j = 0; j < key.nextN; ++j) {
      int64_t row = b * args.q_stride_request + j * args.q_stride_token;
      for (int64_t h = 0; h < (dense ? 1 : heads); ++h)
        guards.range(row + h * args.q_stride_head,
                     dense ? heads * key.headDim : key.headDim);
    }

  guards.begin(args.weights, "weights", HIPDEX_EMULATOR_READ);
  for (int64_t row = 0; row < problem.rows(); ++row)
    guards.range(row * args.weights_stride * sizeof(float),
                 heads * sizeof(float));

  guards.begin(args.context_lens, "context_lens", HIPDEX_EMULATOR_READ);
  guards.range(0, problem.batch * sizeof(int32_t));

  // Live entries, and the blocks that they name; entries that name none are
  // read as entry 0.
  guards.begin(args.block_table, "block_table", HIPDEX_EMULATOR_READ);
  std::vector<int64_t> entries;
  for (int64_t b = 0; b < problem.batch; ++b) {
    int64_t live = problem.liveEntries(b);
    guards.range(b * args.table_stride * sizeof(int32_t),
                 live * sizeof(int32_t));
    for (int64_t c = 0; c < live; ++c) {
      int64_t slot = problem.slot(b, c * key.kvBlockSize);
      entries.push_back(slot < 0 ? 0 : slot / key.kvBlockSize);
    }
  }
  llvm::sort(entries);
  entries.erase(llvm::unique(entries), entries.end());
  guards.begin(args.cache.data, "cache", HIPDEX_EMULATOR_READ);
  int64_t blocksPerPage = key.pageSize / key.kvBlockSize;
  std::vector<std::vector<std::pair<int64_t, int64_t>>> ranges(blocksPerPage);
  for (int64_t entry : entries) {
    auto &ofBlock = ranges[entry % blocksPerPage];
    if (ofBlock.empty())
      ofBlock = problem.blockRanges(entry % blocksPerPage);
    for (auto [begin, end] : ofBlock)
      guards.range(entry / blocksPerPage * args.cache.page_stride + begin,
                   end - begin);
  }

  guards.begin(args.logits, "logits", HIPDEX_EMULATOR_WRITE);
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t j = 0; j < key.nextN; ++j)
      guards.range((b * key.nextN + j) * args.logits_stride * sizeof(float),
                   problem.written(b, j) * sizeof(float));
  return guards.finish();
}

DeviceProblem::~DeviceProblem() {
  for (void *memory : allocations)
    device.release(memory);
}

llvm::Error DeviceProblem::poisonLogits() {
  std::vector<uint32_t> poison(problem.logitsElements(), Problem::poison);
  return device.upload(args.logits, poison.data(),
                       poison.size() * sizeof(uint32_t));
}

hipdex_stream_pages_args DeviceProblem::streamArgs() const {
  hipdex_stream_pages_args stream = {};
  stream.struct_size = sizeof(stream);
  stream.batch = args.batch;
  stream.cache = args.cache;
  stream.context_lens = args.context_lens;
  stream.block_table = args.block_table;
  stream.table_width = args.table_width;
  stream.table_stride = args.table_stride;
  stream.logits = args.logits;
  stream.width = args.width;
  stream.logits_stride = args.logits_stride;
  return stream;
}

llvm::Error DeviceProblem::launch(const hipdex_kernel *kernel) {
  hipdex_stream_pages_args stream = streamArgs();
  hipdex_status status =
      problem.key.op == Op::StreamPages
          ? hipdex_launch_stream_pages(kernel, &stream, nullptr)
          : hipdex_launch_paged_mqa_logits(kernel, &args, nullptr);
  if (status != HIPDEX_SUCCESS)
    return device.launchError();
  return device.synchronize();
}

llvm::Expected<PackedLaunch>
DeviceProblem::describe(const hipdex_kernel *kernel,
                        std::optional<uint32_t> workgroups) const {
  PackedLaunch packed;
  size_t size = 0;
  hipdex_stream_pages_args stream = streamArgs();
  auto get = [&](void *arguments) {
    return problem.key.op == Op::StreamPages
               ? hipdex_describe_stream_pages(kernel, &stream,
                                              &packed.workgroups,
                                              &packed.threads, arguments, &size)
               : hipdex_describe_paged_mqa_logits(
                     kernel, &args, &packed.workgroups, &packed.threads,
                     arguments, &size);
  };
  if (get(nullptr) != HIPDEX_SUCCESS)
    return Device::lastError();
  packed.arguments.resize(size);
  if (get(packed.arguments.data()) != HIPDEX_SUCCESS)
    return Device::lastError();
  // A launch of nothing has no arguments, whatever grid is asked for.
  if (!workgroups || packed.workgroups == 0)
    return packed;

  auto metadata = KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel));
  if (!metadata)
    return metadata.takeError();
  packed.workgroups = *workgroups;
  for (const KernelArgument &argument : metadata->arguments)
    if (argument.name == "waves") {
      int32_t waves =
          *workgroups * (packed.threads / problem.key.arch->waveSize);
      std::memcpy(packed.arguments.data() + argument.offset, &waves,
                  sizeof(waves));
      return packed;
    }
  return llvm::createStringError("the kernel has no argument \"waves\"");
}

llvm::Error DeviceProblem::launch(const hipdex_kernel *kernel,
                                  const PackedLaunch &packed) {
  if (packed.workgroups == 0)
    return llvm::Error::success();
  auto metadata = KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel));
  if (!metadata)
    return metadata.takeError();
  auto *load = device.function<int(void **, const void *)>("hipModuleLoadData");
  auto *unload = device.function<int(void *)>("hipModuleUnload");
  auto *get = device.function<int(void **, void *, const char *)>(
      "hipModuleGetFunction");
  auto *launchKernel = device.function<int(
      void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
      unsigned, void *, void **, void **)>("hipModuleLaunchKernel");
  if (!load || !unload || !get || !launchKernel)
    return llvm::createStringError(llvm::Twine(device.info().provider) +
                                   " has no module functions");
  if (llvm::Error error = device.makeCurrent())
    return error;
  size_t codeBytes = 0;
  void *module = nullptr, *function = nullptr;
  if (llvm::Error error = device.hipError(
          "hipModuleLoadData",
          load(&module, hipdex_kernel_code_object(kernel, &codeBytes))))
    return error;
  llvm::scope_exit cleanup([&] { unload(module); });
  if (llvm::Error error =
          device.hipError("hipModuleGetFunction",
                          get(&function, module, metadata->symbol.c_str())))
    return error;
  // HIP_LAUNCH_PARAM_BUFFER_POINTER, _BUFFER_SIZE and _END of hip_runtime_api.h
  size_t size = packed.arguments.size();
  void *extra[] = {reinterpret_cast<void *>(1),
                   const_cast<uint8_t *>(packed.arguments.data()),
                   reinterpret_cast<void *>(2), &size,
                   reinterpret_cast<void *>(3)};
  if (llvm::Error error = device.hipError(
          "hipModuleLaunchKernel",
          launchKernel(function, packed.workgroups, 1, 1, packed.threads, 1, 1,
                       0, nullptr, nullptr, extra)))
    return error;
  return device.synchronize();
}

llvm::Expected<std::vector<float>> DeviceProblem::downloadLogits() {
  std::vector<float> logits(problem.logitsElements());
  if (llvm::Error error = device.download(logits.data(), args.logits,
                                          logits.size() * sizeof(float)))
    return std::move(error);
  return logits;
}
