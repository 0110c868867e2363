//===- RowsEdgesTest.cpp - Bounds of ops on K rows, and far pages ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every other test of these ops runs under guards. Here launches touch what
// they were not allowed, and must fail; or are given nonsense, and must touch
// nothing but their operands; or have caches of many GiB.
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/Gather.h"
#include "reference/Operands.h"
#include "reference/QuantStore.h"
#include "reference/Random.h"
#include "reference/RowProblem.h"
#include "reference/TopK.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <limits>

using namespace hipdex;
using Catch::Contains;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

static std::vector<Op> rowOps() {
  std::vector<Op> ops;
  for (Op op : allOps())
    if (auto problem = RowProblem::create(op); problem && problem->isExact())
      ops.push_back(op);
  return ops;
}

/// Launches a problem with the ranges that are given and from pointers that may
/// be moved; what the launch says.
static std::string
launchGuarded(RowProblem &problem,
              const std::vector<std::vector<hipdex_emulator_range>> &ranges,
              llvm::StringRef moved = "", int64_t distance = 0) {
  Device &device = deviceOf(*problem.key.arch);
  Operands memory(device);
  RowProblem::Pointers pointers;
  for (auto [operand, allowed] : llvm::zip_equal(problem.operands(), ranges)) {
    void *placed = require(
        memory.place(operand.argument, operand.bytes, allowed, operand.access));
    pointers[operand.argument] = static_cast<char *>(placed) +
                                 (moved == operand.argument ? distance : 0);
  }
  if (problem.launch(kernelOf(problem.key), pointers) != HIPDEX_SUCCESS)
    return llvm::toString(device.launchError());
  llvm::Error error = device.synchronize();
  return error ? llvm::toString(std::move(error)) : "";
}

/// Whether a launch reads and writes of all operands what it has to: more than
/// an error word is written, and slots that are selected come from the table.
static bool usesAll(const RowProblem &problem) {
  auto before = problem.clone(), after = problem.clone();
  after->execute();
  if (problem.key.op == Op::TopK && problem.key.outputSlots &&
      llvm::none_of(
          llvm::zip_equal(static_cast<const TopKProblem &>(*before).indices,
                          static_cast<const TopKProblem &>(*after).indices),
          [](const auto &pair) {
            auto [was, is] = pair;
            return is != was && is >= 0;
          }))
    return false;
  for (auto [was, is] : llvm::zip_equal(before->operands(), after->operands()))
    if (!is.isTable && was.bytes != is.bytes)
      return true;
  return false;
}

TEST_CASE("ops on K rows: what a launch must not touch fails it") {
  for (Op op : rowOps())
    for (const KernelKey &key : coveringKeys(op)) {
      auto problem = require(RowProblem::random(key, nextSeed()));
      // A problem in which every kind of operand is used, and not only as what
      // stands in for what there is not.
      auto ranges = problem->touched();
      while (llvm::any_of(ranges, [](auto &each) { return each.empty(); }) ||
             !usesAll(*problem)) {
        problem = require(RowProblem::random(key, nextSeed()));
        ranges = problem->touched();
      }
      INFO(key.str() << ", problem seed " << problem->seed);
      REQUIRE(launchGuarded(*problem, ranges) == "");
      size_t number = 0;
      for (const RowOperand &operand : problem->operands()) {
        INFO(operand.argument);
        size_t which = number++;
        // Its last range is forbidden; only an error word need not be touched,
        // and the entry that stands in for a request without tokens.
        if (!operand.isTable) {
          auto fewer = ranges;
          hipdex_emulator_range last = fewer[which].back();
          llvm::erase_if(fewer[which], [&](const hipdex_emulator_range &range) {
            return range.offset == last.offset;
          });
          CHECK_THAT(launchGuarded(*problem, fewer),
                     Contains(std::string("\"") + operand.argument + "\"") &&
                         Contains("not allow to"));
        }
        if (operand.isTable && operand.isWritten())
          continue;
        // All of it is elsewhere.
        int64_t page = 1 << 12;
        int64_t beyond = (operand.bytes.size() + page - 1) / page * page;
        CHECK_THAT(launchGuarded(*problem, ranges, operand.argument, beyond),
                   Contains(std::string("\"") + operand.argument + "\""));
      }
    }
}

TEST_CASE("ops on K rows: nonsense in tables leaves all but the operands "
          "alone") {
  const int32_t extremes[] = {std::numeric_limits<int32_t>::min(),
                              std::numeric_limits<int32_t>::max(), -1, 0, 1};
  for (Op op : rowOps())
    for (const KernelKey &key : coveringKeys(op))
      for (int i = 0; i < 3; ++i) {
        uint64_t seed = nextSeed();
        auto problem = require(RowProblem::random(key, seed));
        INFO(key.str() << ", problem seed " << seed);
        Random random(seed, 200, i);
        std::vector<std::vector<hipdex_emulator_range>> whole;
        for (RowOperand &operand : problem->operands()) {
          whole.push_back({});
          if (!operand.bytes.empty())
            whole.back().push_back({0, operand.bytes.size()});
          if (!operand.isTable || operand.isWritten())
            continue;
          // Words of any size; of int64, halves.
          for (size_t at = 0; at + 4 <= operand.bytes.size(); at += 4) {
            int32_t word = random.below(4)
                               ? int32_t(random.bits() >> (random.below(64)))
                               : extremes[random.below(std::size(extremes))];
            std::memcpy(operand.bytes.data() + at, &word, 4);
          }
        }
        CHECK(launchGuarded(*problem, whole) == "");
      }
}

TEST_CASE("ops on K rows: pages gigabytes apart") {
  for (Op op : rowOps())
    for (const KernelKey &key : coveringKeys(op)) {
      auto problem = require(RowProblem::random(key, nextSeed()));
      INFO(key.str() << ", problem seed " << problem->seed);
      auto expected = problem->clone();
      expected->execute();
      std::vector<RowOperand> operands = problem->operands();
      auto ranges = problem->touched();
      // The same pages, as far apart as there is room for, on the device alone.
      for (const RowSize &size : problem->sizes())
        if (llvm::StringRef(size.name).ends_with("page_stride")) {
          int64_t pages = 0;
          for (const RowOperand &operand : operands)
            if (operand.strides[0] == *size.value)
              pages = std::max(pages, operand.shape[0]);
          *size.value = std::min<int64_t>((INT64_C(1) << 32) - 4096,
                                          (INT64_C(16) << 30) / (pages + 1)) &
                        -16;
        }
      Device &device = deviceOf(*key.arch);
      Operands memory(device);
      RowProblem::Pointers pointers;
      std::vector<RowOperand> far = problem->operands();
      std::vector<void *> allocations;
      auto copyPages = [&](const RowOperand &operand, int64_t stride,
                           char *pointer, bool toDevice) {
        uint64_t bytes = operand.strides[0];
        for (int64_t page = 0; page < operand.shape[0]; ++page) {
          uint8_t *host = operand.bytes.data() + page * bytes;
          require(toDevice
                      ? device.upload(pointer + page * stride, host, bytes)
                      : device.download(host, pointer + page * stride, bytes));
        }
      };
      for (auto [operand, there, allowed] :
           llvm::zip_equal(operands, far, ranges)) {
        if (operand.strides == there.strides) {
          pointers[operand.argument] = require(memory.place(
              operand.argument, operand.bytes, allowed, operand.access));
          continue;
        }
        int64_t near = operand.strides[0], stride = there.strides[0];
        for (hipdex_emulator_range &range : allowed)
          range.offset = range.offset / near * stride + range.offset % near;
        auto *pointer = static_cast<char *>(
            require(device.allocate(operand.shape[0] * stride)));
        allocations.push_back(pointer);
        copyPages(operand, stride, pointer, /*toDevice=*/true);
        require(device.hipError(
            "hipdex_emulator_guard",
            device.function<decltype(hipdex_emulator_guard)>(
                "hipdex_emulator_guard")(pointer, operand.argument)));
        if (!allowed.empty())
          require(device.hipError(
              "hipdex_emulator_allow",
              device.function<decltype(hipdex_emulator_allow)>(
                  "hipdex_emulator_allow")(pointer, allowed.data(),
                                           allowed.size(), operand.access)));
        pointers[operand.argument] = pointer;
      }
      if (problem->launch(kernelOf(key), pointers) != HIPDEX_SUCCESS)
        FAIL(llvm::toString(device.launchError()));
      require(device.synchronize());
      for (auto [operand, there, want] :
           llvm::zip_equal(operands, far, expected->operands())) {
        auto *pointer = static_cast<char *>(pointers.lookup(operand.argument));
        if (operand.strides != there.strides)
          copyPages(operand, there.strides[0], pointer, /*toDevice=*/false);
        else
          require(device.download(operand.bytes.data(), pointer,
                                  operand.bytes.size()));
        INFO(operand.argument);
        CHECK(llvm::ArrayRef(operand.bytes) == llvm::ArrayRef(want.bytes));
      }
      for (void *pointer : allocations)
        device.release(pointer);
    }
}
