//===- EdgesTest.cpp - Large, far apart, repeated and not finite ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Random.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>

using namespace hipdex;

TEST_CASE("every key: pages gigabytes apart") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    // Few pages: they take address space, not memory.
    int32_t pages = key.pageSize == 1 ? 30 : 5;
    options.contextLens = {int32_t(pages * key.pageSize), 3};
    options.pagePadding = (int64_t(1) << 32) - (int64_t(1) << 20);
    check(draw(key, options));
    // Offsets between 2 and 4 GiB, where a signed product overflows.
    options.contextLens = {3, int32_t(2 * key.pageSize)};
    options.pagePadding = (int64_t(1) << 31) - (int64_t(1) << 20);
    check(draw(key, options));
  }
}

TEST_CASE("every key: a page stride above 32 bits is right or refused") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {int32_t(5 * key.pageSize), 3};
    options.pagePadding = (int64_t(1) << 32) + 4096;
    Problem problem = draw(key, options);
    auto operands = DeviceProblem::create(deviceOf(*key.arch), problem);
    REQUIRE(bool(operands));
    llvm::Error refused = (*operands)->launch(kernelOf(key));
    if (!refused) {
      check(problem);
      continue;
    }
    std::string message = llvm::toString(std::move(refused));
    INFO(message);
    CHECK(message.find("page_stride") != std::string::npos);
  }
}

namespace {

/// Rows of an operand moved apart in a sparse allocation.
class FarRows {
public:
  FarRows(Device &device, int64_t rows, uint64_t rowBytes, uint64_t strideBytes)
      : device(device), rows(rows), rowBytes(rowBytes), stride(strideBytes) {
    auto allocated =
        device.allocate(uint64_t(rows - 1) * strideBytes + rowBytes);
    if (!allocated)
      FAIL(llvm::toString(allocated.takeError()));
    memory = static_cast<char *>(*allocated);
  }
  ~FarRows() { device.release(memory); }
  FarRows(const FarRows &) = delete;
  FarRows &operator=(const FarRows &) = delete;

  template <typename T> void upload(const std::vector<T> &data) {
    uint64_t from = data.size() * sizeof(T) / rows;
    for (int64_t row = 0; row < rows; ++row)
      REQUIRE(!device.upload(
          memory + row * stride,
          reinterpret_cast<const char *>(data.data()) + row * from, rowBytes));
  }
  template <typename T> void download(std::vector<T> &data) {
    uint64_t to = data.size() * sizeof(T) / rows;
    for (int64_t row = 0; row < rows; ++row)
      REQUIRE(!device.download(reinterpret_cast<char *>(data.data()) + row * to,
                               memory + row * stride, rowBytes));
  }
  template <typename T> T *as() { return reinterpret_cast<T *>(memory); }

private:
  Device &device;
  int64_t rows;
  uint64_t rowBytes, stride;
  char *memory;
};

} // namespace

TEST_CASE("every key: rows gigabytes apart") {
  constexpr int64_t far = int64_t(3) << 30; // a multiple of 16 bytes
  for (const KernelKey &key : testKeys()) {
    INFO(key.str());
    ProblemOptions options;
    options.contextLens = {70, 130, 200};
    options.width = 210;
    Problem p = draw(key, options);
    INFO("problem seed " << p.seed);
    Device &device = deviceOf(*key.arch);
    auto operands = DeviceProblem::create(device, p);
    REQUIRE(bool(operands));
    hipdex_paged_mqa_logits_args &args = (*operands)->args;

    FarRows q(device, p.batch, p.qStrideRequest, far);
    q.upload(p.q);
    args.q = q.as<void>();
    args.q_stride_request = far;
    FarRows weights(device, p.rows(), p.weightsStride * 4, far);
    weights.upload(p.weights);
    args.weights = weights.as<float>();
    args.weights_stride = far / 4;
    FarRows table(device, p.batch, p.tableWidth * 4, far);
    table.upload(p.blockTable);
    args.block_table = table.as<int32_t>();
    args.table_stride = far / 4;
    FarRows logits(device, p.rows(), p.width * 4, far);
    logits.upload(std::vector<uint32_t>(p.logitsElements(), Problem::poison));
    args.logits = logits.as<float>();
    args.logits_stride = far / 4;
    if (llvm::Error error = (*operands)->guard())
      FAIL(llvm::toString(std::move(error)));

    if (llvm::Error error = (*operands)->launch(kernelOf(key)))
      FAIL_CHECK(llvm::toString(std::move(error)));
    std::vector<float> result(p.logitsElements());
    logits.download(result);
    Comparison comparison = compare(p, result);
    INFO(comparison.firstWrong);
    CHECK(comparison.passed());
  }
}

/// Of each architecture one of the keys to test, with few rows: what the
/// largest problems can be run for in a second.
static std::vector<KernelKey> smallKeys() {
  std::map<llvm::StringRef, std::vector<KernelKey>> ofArch;
  for (const KernelKey &key : testKeys())
    if (Problem::heads(key) * key.nextN <= 32)
      ofArch[key.arch->name].push_back(key);
  std::vector<KernelKey> keys;
  for (auto &[arch, candidates] : ofArch)
    keys.push_back(
        candidates[Random(nextSeed(), 0, 0).below(candidates.size())]);
  return keys;
}

TEST_CASE("a context of 1,048,576 tokens") {
  for (const KernelKey &key : smallKeys()) {
    ProblemOptions options;
    options.contextLens = {1 << 20, 100};
    check(draw(key, options));
  }
}

TEST_CASE("a batch of 4096") {
  for (const KernelKey &key : smallKeys()) {
    ProblemOptions options;
    options.batch = 4096;
    options.contextLow = -3;
    options.contextHigh = 40;
    options.width = 64;
    check(draw(key, options));
  }
}

TEST_CASE("every key: padding between everything") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {100, 257, 0, 64};
    options.width = 259;
    options.qHeadPadding = 16;
    options.qTokenPadding = 48;
    options.qPadding = 4096;
    options.weightsPadding = 4;
    options.tablePadding = 1;
    options.logitsPadding = 1;
    options.pagePadding = 16;
    check(draw(key, options));
  }
}

TEST_CASE("every key: pages that several entries name") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {512, 512, 512, 77};
    Problem problem = draw(key, options);
    int32_t *table = problem.blockTable.data();
    // A shared prefix, one block over and over, and a block of somebody else
    // in the middle: all of them hold tokens everywhere.
    int64_t live = problem.liveEntries(0), stride = problem.tableStride;
    std::copy_n(table, live, table + stride);
    std::fill_n(table + 2 * stride, live, table[0]);
    table[live / 2] = table[2 * stride];
    check(problem);
  }
}

TEST_CASE("every key: weights without a sign, or with one alone") {
  for (const KernelKey &key : testKeys()) {
    if (Problem::heads(key) == 0)
      continue;
    ProblemOptions options;
    options.contextLens = {130, 5};
    Problem problem = draw(key, options);
    for (size_t i = 0; i < problem.weights.size(); ++i)
      problem.weights[i] = i % 2 ? 0.0f : -0.0f;
    check(problem);
    problem = draw(key, options);
    for (float &weight : problem.weights)
      weight = -std::fabs(weight);
    check(problem);
    problem = draw(key, options);
    for (size_t i = 0; i < problem.weights.size(); i += 3)
      problem.weights[i] = 0.0f;
    check(problem);
  }
}

TEST_CASE("every key: what is not finite stays where it is") {
  for (const KernelKey &key : testKeys()) {
    ProblemOptions options;
    options.contextLens = {130, 71};
    options.weightsPadding = 4;
    Problem problem = draw(key, options);
    INFO(key.str() << ", problem seed " << problem.seed);
    Random random(problem.seed, 0, 0);
    CacheLayout layout = key.layout();
    Device &device = deviceOf(*key.arch);
    auto operands = DeviceProblem::create(device, problem);
    REQUIRE(bool(operands));
    const hipdex_kernel *kernel = kernelOf(key);
    auto run = [&] {
      REQUIRE(!(*operands)->poisonLogits());
      if (llvm::Error error = (*operands)->launch(kernel))
        FAIL(llvm::toString(std::move(error)));
      auto logits = (*operands)->downloadLogits();
      REQUIRE(bool(logits));
      return *logits;
    };
    const std::vector<float> undisturbed = run();
    CHECK(compare(problem, undisturbed).passed());

    auto bitsOf = [](float value) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof(bits));
      return bits;
    };
    /// Overwrites bytes of an operand, and says which cells may differ then.
    auto disturb = [&](const char *what, const void *operand, int64_t offset,
                       const void *value, size_t bytes, auto mayDiffer) {
      INFO(what);
      char *at =
          const_cast<char *>(static_cast<const char *>(operand)) + offset;
      std::vector<char> kept(bytes);
      REQUIRE(!device.download(kept.data(), at, bytes));
      REQUIRE(!device.upload(at, value, bytes));
      std::vector<float> logits = run();
      REQUIRE(!device.upload(at, kept.data(), bytes));
      int64_t different = 0, disturbed = 0;
      for (int64_t row = 0; row < problem.rows(); ++row)
        for (int64_t column = 0; column < problem.width; ++column) {
          float before = undisturbed[row * problem.logitsStride + column],
                after = logits[row * problem.logitsStride + column];
          bool visible =
              column < problem.visible(row / key.nextN, row % key.nextN);
          if (!visible || !mayDiffer(row, column))
            different += bitsOf(before) != bitsOf(after);
          else
            disturbed += bitsOf(after) != Problem::poison;
        }
      CHECK(different == 0);
      return disturbed;
    };

    const uint8_t nan = key.fp8 == Fp8Format::E4M3FN ? 0x7f : 0x80;
    const float special[] = {std::numeric_limits<float>::quiet_NaN(),
                             std::numeric_limits<float>::infinity(),
                             -std::numeric_limits<float>::infinity()};
    // One token of the cache: its column.
    int64_t request = random.below(2);
    int64_t position = random.below(problem.contextLens[request]);
    int64_t slot = problem.slot(request, position);
    int64_t seeing = 0;
    for (int64_t j = 0; j < key.nextN; ++j)
      seeing += position < problem.visible(request, j);
    auto inColumn = [&](int64_t row, int64_t column) {
      return row / key.nextN == request && column == position;
    };
    CHECK(disturb("a NaN code in K", (*operands)->args.cache.data,
                  layout.elementOffset(slot, random.below(key.headDim),
                                       problem.pageStride),
                  &nan, 1, inColumn) == seeing);
    for (float value : special)
      CHECK(disturb("a scale that is not finite", (*operands)->args.cache.data,
                    layout.scaleOffset(slot, problem.pageStride), &value,
                    sizeof(value), inColumn) == seeing);
    if (Problem::heads(key) == 0)
      continue;
    // One query token: its row.
    int64_t token = random.below(key.nextN), head = random.below(key.heads);
    int64_t ofRow = problem.visible(request, token);
    auto inRow = [&](int64_t row, int64_t) {
      return row == request * key.nextN + token;
    };
    CHECK(disturb("a NaN code in q", (*operands)->args.q,
                  request * problem.qStrideRequest +
                      token * problem.qStrideToken +
                      head * problem.qStrideHead + random.below(key.headDim),
                  &nan, 1, inRow) == ofRow);
    for (float value : special)
      CHECK(disturb(
                "a weight that is not finite", (*operands)->args.weights,
                ((request * key.nextN + token) * problem.weightsStride + head) *
                    sizeof(float),
                &value, sizeof(value), inRow) == ofRow);
  }
}
