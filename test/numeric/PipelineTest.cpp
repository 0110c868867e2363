//===- PipelineTest.cpp - The kernels one after the other -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The models' own sizes are in examples/indexer and in hipdexc's tests.
//
//===----------------------------------------------------------------------===//

#include "reference/Pipeline.h"
#include "Harness.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>

using namespace hipdex;

static void require(llvm::Error error) {
  if (error)
    FAIL(llvm::toString(std::move(error)));
}
template <typename T> static T require(llvm::Expected<T> value) {
  require(value.takeError());
  return std::move(*value);
}

/// The models with fewer entries to select, so that contexts are short.
static std::vector<IndexerModel> shortModels() {
  std::vector<IndexerModel> models(indexerModels());
  for (IndexerModel &model : models)
    model.k /= 16;
  return models;
}

static PipelineProblem draw(const IndexerModel &model) {
  PipelineOptions options;
  options.seed = nextSeed();
  options.prefillRows = 20;
  options.storeRows = 100;
  return PipelineProblem::random(model, options);
}

/// All that is selected in all steps.
static std::vector<std::vector<Selection>>
runAll(Device &device, const PipelineProblem &problem,
       const IndexerLayout &layout, uint64_t tableSeed) {
  auto indexer = require(Indexer::create(device, problem, layout, tableSeed));
  std::vector<std::vector<Selection>> selections;
  for (size_t step = 0; step < problem.steps.size(); ++step)
    selections.push_back(require(indexer->run(step)));
  return selections;
}

TEST_CASE("pipeline: every layout selects what the reference does",
          "[pipeline]") {
  for (const IndexerModel &model : shortModels())
    for (const Arch &arch : archTable()) {
      PipelineProblem problem = draw(model);
      INFO(model.name << " on " << arch.name.str() << ", seed "
                      << problem.seed);
      PipelineResult result = require(runPipeline(
          deviceOf(arch), problem, indexerLayouts(), llvm::nulls()));
      INFO(result.recall.firstMiss);
      CHECK(result.recall.isPerfect());
      CHECK(result.recall.rows ==
            problem.rows() * int64_t(indexerLayouts().size()));
      CHECK(result.differing == 0);
    }
}

TEST_CASE("pipeline: pages and tables permuted together change nothing",
          "[pipeline]") {
  for (const IndexerLayout &layout : indexerLayouts()) {
    PipelineProblem problem = draw(shortModels().front());
    INFO(layout.str() << ", seed " << problem.seed);
    Device &device = deviceOf(archTable().back());
    auto first = runAll(device, problem, layout, /*tableSeed=*/1);
    CHECK(runAll(device, problem, layout, /*tableSeed=*/2) == first);
  }
}

TEST_CASE("pipeline: order and threads of workgroups change nothing",
          "[pipeline][order]") {
  for (const IndexerModel &model : shortModels()) {
    PipelineProblem problem = draw(model);
    const Arch &arch = archTable()[problem.seed % archTable().size()];
    const IndexerLayout &layout =
        indexerLayouts()[problem.seed / 2 % indexerLayouts().size()];
    INFO(model.name << " on " << arch.name.str() << ", " << layout.str()
                    << ", seed " << problem.seed);
    Device &device = deviceOf(arch);
    auto run = [&](unsigned threads, uint64_t order) {
      ScheduleScope scope(device, threads, order);
      return runAll(device, problem, layout, problem.seed);
    };
    auto byNumber = run(1, 0);
    for (unsigned threads : {1, 2, 5}) {
      uint64_t order = nextSeed() | 1;
      INFO(threads << " threads, order " << order);
      CHECK(run(threads, order) == byNumber);
    }
  }
}
