//===- Indexer.cpp - A layer's indexer as an engine has it ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Indexer.h"

#include "Spec/KernelKey.h"
#include "hipdex/hipdex-emulator.h"
#include "reference/Problem.h"
#include "reference/Random.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace hipdex;

/// Device memory that ends with its scope.
class Indexer::Memory {
public:
  explicit Memory(Device &device) : device(device) {}
  ~Memory() {
    for (void *pointer : allocations)
      device.release(pointer);
  }
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  /// A copy of \p values at \p pointer. An error stays, and ends all others.
  template <typename To, typename T>
  Memory &place(To *&pointer, const std::vector<T> &values) {
    if (!failure.empty())
      return *this;
    auto allocated = device.allocate(values.size() * sizeof(T));
    if (!allocated) {
      failure = llvm::toString(allocated.takeError());
      return *this;
    }
    allocations.push_back(*allocated);
    pointer = static_cast<To *>(*allocated);
    if (llvm::Error error =
            device.upload(*allocated, values.data(), values.size() * sizeof(T)))
      failure = llvm::toString(std::move(error));
    return *this;
  }
  /// The first thing that went wrong since the last call.
  llvm::Error takeError() {
    if (failure.empty())
      return llvm::Error::success();
    return llvm::createStringError(std::exchange(failure, {}));
  }

private:
  Device &device;
  std::vector<void *> allocations;
  std::string failure;
};

std::string IndexerLayout::str() const {
  std::string text = preshuffle ? "preshuffle" : "plain";
  text += " page " + llvm::itostr(pageSize);
  if (kvBlockSize != pageSize)
    text += "/" + llvm::itostr(kvBlockSize);
  return text;
}

llvm::ArrayRef<IndexerLayout> hipdex::indexerLayouts() {
  static const IndexerLayout layouts[] = {
      {1, 1, false}, {64, 64, false}, {64, 64, true}, {256, 64, true}};
  return layouts;
}

Indexer::Indexer(Device &device, const PipelineProblem &problem,
                 const IndexerLayout &layout)
    : device(device), problem(problem), layout(layout),
      memory(std::make_unique<Memory>(device)) {}

Indexer::~Indexer() = default;

static int64_t widthOf(const PipelineStep &step) {
  int64_t width = 0;
  for (const PipelineToken &token : step.tokens)
    width = std::max(width, token.visible);
  return width;
}

llvm::Expected<std::unique_ptr<Indexer>>
Indexer::create(Device &device, const PipelineProblem &problem,
                const IndexerLayout &layout, uint64_t tableSeed) {
  std::unique_ptr<Indexer> indexer(new Indexer(device, problem, layout));
  indexer->drawTables(tableSeed);
  if (llvm::Error error = indexer->prepare())
    return std::move(error);
  return indexer;
}

void Indexer::drawTables(uint64_t seed) {
  int64_t live = 0;
  for (int64_t capacity : problem.capacity) {
    int64_t count = llvm::divideCeil(capacity, layout.kvBlockSize);
    blocks.emplace_back(count);
    tableWidth = std::max(tableWidth, count);
    live += count;
  }
  // Some are nobody's.
  numPages = llvm::divideCeil((live + live / 8 + 1) * layout.kvBlockSize,
                              layout.pageSize);
  std::vector<int32_t> free(numPages * layout.pageSize / layout.kvBlockSize);
  std::iota(free.begin(), free.end(), 0);
  Random random(seed, 0, 0);
  size_t next = 0;
  for (std::vector<int32_t> &own : blocks)
    for (int32_t &block : own) {
      std::swap(free[next], free[next + random.below(free.size() - next)]);
      block = free[next++];
    }
}

std::vector<int32_t> Indexer::tableOf(llvm::ArrayRef<int64_t> requests) const {
  std::vector<int32_t> table(requests.size() * tableWidth,
                             Problem::poisonEntry);
  for (auto [row, request] : llvm::enumerate(requests))
    if (request >= 0)
      llvm::copy(blocks[request], table.begin() + row * tableWidth);
  return table;
}

int64_t Indexer::slotOf(int64_t request, int64_t entry) const {
  return blocks[request][entry / layout.kvBlockSize] * layout.kvBlockSize +
         entry % layout.kvBlockSize;
}

std::string Indexer::prepKey(const PipelineStep &step) const {
  const IndexerModel &model = problem.model;
  KernelKey key;
  key.op = Op::QkPrep;
  key.arch = lookupArch(device.info().arch);
  key.fp8 = key.arch->fp8;
  key.pageSize = layout.pageSize;
  key.headDim = model.headDim;
  key.preshuffle = layout.preshuffle;
  key.heads = problem.heads(step);
  key.rope = model.isNeox ? Rope::Neox : Rope::Interleaved;
  key.rotaryLast = !model.isRotaryFirst;
  key.powerOfTwo = model.powerOfTwoScales;
  key.hadamard = model.hasHadamard;
  // Of tokens that end no entry.
  key.prepsSkipped = model.tokensPerEntry > 1;
  return key.str();
}

std::string Indexer::logitsKey(const PipelineStep &step) const {
  KernelKey key;
  key.op = step.kind == PipelineStep::Prefill ? Op::PagedMqaPrefill
                                              : Op::PagedMqaLogits;
  key.arch = lookupArch(device.info().arch);
  key.fp8 = key.arch->fp8;
  key.pageSize = layout.pageSize;
  key.headDim = problem.model.headDim;
  key.kvBlockSize = layout.kvBlockSize;
  key.preshuffle = layout.preshuffle;
  key.heads = problem.model.heads;
  key.nextN = step.nextN;
  return key.str();
}

std::string Indexer::topKKey(const PipelineStep &step) const {
  KernelKey key;
  key.op = Op::TopK;
  key.arch = lookupArch(device.info().arch);
  // Attention of a prefill gathers K by position, that of a decode step reads
  // the cache.
  key.windows = step.kind == PipelineStep::Prefill;
  key.outputSlots = step.kind == PipelineStep::Decode;
  key.kvBlockSize = key.outputSlots ? layout.kvBlockSize : 1;
  return key.str();
}

llvm::Error Indexer::prepare() {
  for (const PipelineStep &step : problem.steps) {
    kernels[prepKey(step)] = nullptr;
    if (step.kind == PipelineStep::Store)
      continue;
    kernels[logitsKey(step)] = nullptr;
    kernels[topKKey(step)] = nullptr;
  }
  std::vector<const char *> keys;
  for (const auto &[key, kernel] : kernels)
    keys.push_back(key.c_str());
  if (hipdex_prepare(device.context(), keys.data(), keys.size(), nullptr,
                     nullptr) != HIPDEX_SUCCESS)
    return Device::lastError();
  cacheWarning = hipdex_last_message();
  for (auto &[key, kernel] : kernels)
    if (hipdex_get_kernel(device.context(), key.c_str(), &kernel) !=
        HIPDEX_SUCCESS)
      return Device::lastError();

  CacheLayout cacheLayout;
  cacheLayout.pageSize = layout.pageSize;
  cacheLayout.headDim = problem.model.headDim;
  cacheLayout.order =
      layout.preshuffle ? CacheOrder::Preshuffle16x16 : CacheOrder::Plain;
  cacheLayout.fp8 = lookupArch(device.info().arch)->fp8;
  cache.num_pages = numPages;
  cache.page_stride = cacheLayout.pageBytes();
  cache.bytes = cache.num_pages * cache.page_stride;
  cache.layout_hash = cacheLayout.hash();
  // What nobody has stored shows when it is used.
  std::vector<uint8_t> nothing(cache.bytes, nanCode(cacheLayout.fp8));

  for (const PipelineStep &step : problem.steps)
    if (step.kind != PipelineStep::Store)
      workspaceBytes = std::max(
          workspaceBytes,
          hipdex_topk_workspace_bytes(step.tokens.size(), widthOf(step)));
  std::vector<uint8_t> zeros(workspaceBytes);
  return memory->place(cache.data, nothing)
      .place(workspace, zeros)
      .place(cosines, problem.cosines)
      .place(sines, problem.sines)
      .place(normWeight, problem.normWeight)
      .place(normBias, problem.normBias)
      .place(error, std::vector<uint32_t>{0})
      .takeError();
}

void Indexer::count(Kind kind, uint64_t units) {
  auto *get = device.function<decltype(hipdex_emulator_get_counters)>(
      "hipdex_emulator_get_counters");
  if (!get)
    return;
  hipdex_emulator_counters counters = {};
  counters.struct_size = sizeof(counters);
  get(&counters);
  uint64_t before = std::exchange(instructions, counters.instructions);
  if (units)
    counted[kind].instructions += instructions - before;
  counted[kind].units += units;
}

const hipdex_kernel *Indexer::kernel(const std::string &key) const {
  return kernels.find(key)->second;
}

llvm::Error Indexer::finish(size_t step) {
  if (llvm::Error failed = device.synchronize())
    return failed;
  uint32_t flags = 0;
  if (llvm::Error failed = device.download(&flags, error, sizeof(flags)))
    return failed;
  if (flags)
    return llvm::createStringError("qk_prep flags " + llvm::Twine(flags) +
                                   " up to step " + llvm::Twine(step));
  return llvm::Error::success();
}

llvm::Expected<std::vector<Selection>> Indexer::run(size_t number) {
  const IndexerModel &model = problem.model;
  const PipelineStep &step = problem.steps[number];
  int64_t rows = step.tokens.size(), heads = problem.heads(step);
  bool isPrefill = step.kind == PipelineStep::Prefill;

  // What the model and the scheduler have computed.
  PipelineInput input = problem.input(number);
  std::vector<int64_t> positions, slots;
  for (const PipelineToken &token : step.tokens) {
    positions.push_back(token.position);
    slots.push_back(token.entry < 0 ? -1 : slotOf(token.request, token.entry));
  }
  const uint16_t *q = nullptr, *k = nullptr, *gates = nullptr;
  const int64_t *devicePositions = nullptr, *deviceSlots = nullptr;
  uint8_t *codes = nullptr;
  float *weights = nullptr;
  Memory operands(device);
  if (llvm::Error failed =
          operands.place(q, input.q)
              .place(k, input.k)
              .place(gates, input.gates)
              .place(devicePositions, positions)
              .place(deviceSlots, slots)
              .place(codes, std::vector<uint8_t>(rows * heads * model.headDim))
              .place(weights, std::vector<float>(rows * heads))
              .takeError())
    return std::move(failed);

  // Queries and their weights, and K into the cache.
  hipdex_qk_prep_args prep = {};
  prep.struct_size = sizeof(prep);
  prep.tokens = rows;
  prep.q = q;
  prep.q_stride_token = heads * model.headDim;
  prep.q_stride_head = model.headDim;
  prep.k = k;
  prep.k_stride = model.headDim;
  prep.weights = gates;
  prep.weights_stride = heads;
  prep.positions = devicePositions;
  prep.cos = cosines;
  prep.sin = sines;
  prep.cos_stride = prep.sin_stride = PipelineProblem::ropeDim / 2;
  prep.max_positions = problem.positions;
  prep.norm_weight = normWeight;
  prep.norm_bias = normBias;
  prep.norm_eps = PipelineProblem::epsilon;
  prep.weights_scale = problem.weightsScale();
  prep.slots = deviceSlots;
  prep.cache = cache;
  prep.q_out = codes;
  prep.q_out_stride_token = heads * model.headDim;
  prep.q_out_stride_head = model.headDim;
  prep.weights_out = weights;
  prep.weights_out_stride = heads;
  prep.error = error;
  bool isStore = step.kind == PipelineStep::Store;
  count(Prep, 0);
  if (hipdex_launch_qk_prep(kernel(prepKey(step)), &prep, nullptr) !=
      HIPDEX_SUCCESS)
    return device.launchError();
  count(isStore ? Store : Prep, isStore ? rows : rows * heads);
  if (isStore) {
    if (llvm::Error failed = finish(number))
      return std::move(failed);
    return std::vector<Selection>();
  }

  // Which request a launch's batch entries are, and what their rows see.
  std::vector<int64_t> batch;
  std::vector<int32_t> requests, starts, ends, lengths;
  for (auto [i, token] : llvm::enumerate(step.tokens)) {
    requests.push_back(token.request);
    starts.push_back(0);
    ends.push_back(token.visible);
    if (isPrefill || (i + 1) % step.nextN)
      continue;
    batch.push_back(token.request);
    lengths.push_back(token.visible);
  }
  if (isPrefill) {
    batch.resize(problem.requests());
    std::iota(batch.begin(), batch.end(), 0);
  }
  int64_t width = widthOf(step);
  const int32_t *deviceRequests = nullptr, *deviceStarts = nullptr,
                *deviceEnds = nullptr, *deviceLengths = nullptr,
                *table = nullptr;
  float *logits = nullptr;
  int32_t *indices = nullptr;
  // Logits that are not there would be the greatest.
  constexpr float infinity = std::numeric_limits<float>::infinity();
  if (llvm::Error failed =
          operands.place(deviceRequests, requests)
              .place(deviceStarts, starts)
              .place(deviceEnds, ends)
              .place(deviceLengths, lengths)
              .place(table, tableOf(batch))
              .place(logits, std::vector<float>(rows * width, infinity))
              .place(indices, std::vector<int32_t>(rows * model.k, -2))
              .takeError())
    return std::move(failed);

  hipdex_status launched;
  if (isPrefill) {
    hipdex_paged_mqa_prefill_args args = {};
    args.struct_size = sizeof(args);
    args.rows = rows;
    args.width = width;
    args.q = codes;
    args.q_stride_row = heads * model.headDim;
    args.q_stride_head = model.headDim;
    args.cache = cache;
    args.weights = weights;
    args.weights_stride = heads;
    args.requests = deviceRequests;
    args.starts = deviceStarts;
    args.ends = deviceEnds;
    args.batch = batch.size();
    args.block_table = table;
    args.table_width = args.table_stride = tableWidth;
    args.logits = logits;
    args.logits_stride = width;
    launched = hipdex_launch_paged_mqa_prefill(kernel(logitsKey(step)), &args,
                                               nullptr);
  } else {
    hipdex_paged_mqa_logits_args args = {};
    args.struct_size = sizeof(args);
    args.batch = batch.size();
    args.q = codes;
    args.q_stride_token = heads * model.headDim;
    args.q_stride_request = step.nextN * args.q_stride_token;
    args.q_stride_head = model.headDim;
    args.cache = cache;
    args.weights = weights;
    args.weights_stride = heads;
    args.context_lens = deviceLengths;
    args.block_table = table;
    args.table_width = args.table_stride = tableWidth;
    args.logits = logits;
    args.width = args.logits_stride = width;
    launched =
        hipdex_launch_paged_mqa_logits(kernel(logitsKey(step)), &args, nullptr);
  }
  if (launched != HIPDEX_SUCCESS)
    return device.launchError();
  uint64_t cells = 0;
  for (const PipelineToken &token : step.tokens)
    cells += token.visible;
  count(isPrefill ? Prefill : Decode, cells);

  hipdex_topk_args topK = {};
  topK.struct_size = sizeof(topK);
  topK.rows = rows;
  topK.width = width;
  topK.k = model.k;
  topK.logits = logits;
  topK.logits_stride = width;
  topK.batch = batch.size();
  topK.next_n = step.nextN;
  topK.context_lens = deviceLengths;
  topK.starts = deviceStarts;
  topK.ends = deviceEnds;
  topK.block_table = table;
  topK.table_width = topK.table_stride = tableWidth;
  topK.num_blocks = numPages * layout.pageSize / layout.kvBlockSize;
  topK.indices = indices;
  topK.indices_stride = model.k;
  topK.workspace = workspace;
  topK.workspace_bytes = workspaceBytes;
  if (hipdex_launch_topk(kernel(topKKey(step)), &topK, nullptr) !=
      HIPDEX_SUCCESS)
    return device.launchError();
  count(TopK, cells);
  std::vector<int32_t> result(rows * model.k);
  if (llvm::Error failed = finish(number))
    return std::move(failed);
  if (llvm::Error failed = device.download(result.data(), indices,
                                           result.size() * sizeof(int32_t)))
    return std::move(failed);

  std::vector<Selection> selections(rows);
  for (int64_t row = 0; row < rows; ++row) {
    selections[row].assign(result.begin() + row * model.k,
                           result.begin() + (row + 1) * model.k);
    if (!isPrefill)
      toEntries(step.tokens[row].request, selections[row]);
  }
  return selections;
}

void Indexer::toEntries(int64_t request, Selection &slots) const {
  llvm::DenseMap<int32_t, int32_t> columns;
  if (request >= 0)
    for (auto [column, block] : llvm::enumerate(blocks[request]))
      columns[block] = column;
  for (int32_t &slot : slots) {
    if (slot < 0)
      continue;
    auto column = columns.find(slot / layout.kvBlockSize);
    slot = column == columns.end() ? std::numeric_limits<int32_t>::max()
                                   : column->second * layout.kvBlockSize +
                                         slot % layout.kvBlockSize;
  }
}
