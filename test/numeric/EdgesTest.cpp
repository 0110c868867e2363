//===- EdgesTest.cpp - Sizes that overflow 32 bits, and long contexts -----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>

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
    if (hipdex_launch_paged_mqa_logits(kernelOf(key), &(*operands)->args,
                                       nullptr) == HIPDEX_SUCCESS) {
      check(problem);
      continue;
    }
    INFO(hipdex_last_message());
    CHECK(std::string(hipdex_last_message()).find("page_stride") !=
          std::string::npos);
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

TEST_CASE("a context of 256k tokens") {
  for (const KernelKey &key : testKeys()) {
    // One key of each arch and page size: this is what takes time.
    if (key.heads != 32 || key.nextN != 1 ||
        key.preshuffle != (key.pageSize > 1))
      continue;
    ProblemOptions options;
    options.contextLens = {256 << 10, 100};
    check(draw(key, options));
  }
}
