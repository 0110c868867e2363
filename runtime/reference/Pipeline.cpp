//===- Pipeline.cpp - The indexer from end to end -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Pipeline.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace hipdex;

/// A line of the table.
static llvm::raw_ostream &line(llvm::raw_ostream &os, llvm::StringRef name) {
  return os << llvm::left_justify(name, 24);
}

llvm::Expected<PipelineResult>
hipdex::runPipeline(Device &device, const PipelineProblem &problem,
                    llvm::ArrayRef<IndexerLayout> layouts,
                    llvm::raw_ostream &os) {
  PipelineReference reference(problem, *lookupArch(device.info().arch));
  std::vector<std::vector<PipelineReference::Row>> expected;
  for (size_t i = 0; i < problem.steps.size(); ++i)
    expected.push_back(reference.next());

  PipelineResult result;
  std::vector<std::vector<Selection>> first;
  llvm::DenseSet<std::pair<size_t, size_t>> differing;
  for (const IndexerLayout &layout : layouts) {
    auto start = std::chrono::steady_clock::now();
    auto indexer = Indexer::create(device, problem, layout, problem.seed);
    if (!indexer)
      return indexer.takeError();
    // The first one's says it for all.
    if (&layout == layouts.begin() && !(*indexer)->warning().empty())
      line(os, "warning") << (*indexer)->warning() << "\n";
    auto created = std::chrono::steady_clock::now();
    Recall recall;
    for (size_t i = 0; i < problem.steps.size(); ++i) {
      auto selections = (*indexer)->run(i);
      if (!selections)
        return selections.takeError();
      for (auto [row, selection] : llvm::zip_equal(expected[i], *selections)) {
        Recall of = PipelineReference::judge(row, selection);
        if (!of.firstMiss.empty())
          of.firstMiss = layout.str() + ": " + of.firstMiss;
        recall += of;
      }
      if (&layout == layouts.begin())
        first.push_back(std::move(*selections));
      else
        for (size_t row = 0; row < selections->size(); ++row)
          if ((*selections)[row] != first[i][row])
            differing.insert({i, row});
    }
    using Seconds = std::chrono::duration<double>;
    double prepared = Seconds(created - start).count(),
           ran = Seconds(std::chrono::steady_clock::now() - created).count();
    line(os, layout.str()) << "recall " << recall.str() << ", "
                           << recall.exchanged << " of " << recall.wanted
                           << " entries exchanged within rounding; "
                           << llvm::format("%.1f s", ran)
                           << (device.isEmulator() ? " (emulator time)" : "")
                           << llvm::format(", kernels %.1f s\n", prepared);
    for (const Indexer::Cost &cost : (*indexer)->costs())
      if (cost.instructions && &layout + 1 == layouts.end())
        line(os, cost.name)
            << llvm::format("%.2f wave instructions ",
                            double(cost.instructions) / cost.units)
            << cost.unit << "\n";
    os.flush();
    result.recall += recall;
  }
  result.differing = differing.size();
  return result;
}

llvm::Error hipdex::runPipelines(const IndexerModel &model, uint64_t seed,
                                 llvm::ArrayRef<const Arch *> arches,
                                 const std::string &deviceChoice,
                                 llvm::raw_ostream &os) {
  std::vector<std::unique_ptr<Device>> devices;
  for (const Arch *arch : arches) {
    auto device = Device::choose(deviceChoice, arch->name);
    if (!device)
      return device.takeError();
    devices.push_back(std::move(*device));
  }
  PipelineOptions options;
  options.seed = seed;
  PipelineProblem problem = PipelineProblem::random(model, options);
  line(os, "model") << model.name << ": " << model.describe() << "\n";
  line(os, "problem") << problem.requests() << " requests of "
                      << llvm::join(llvm::map_range(problem.contexts,
                                                    [](int64_t tokens) {
                                                      return llvm::itostr(
                                                          tokens);
                                                    }),
                                    ", ")
                      << " tokens, seed " << seed << "\n";
  line(os, "steps") << problem.tokens(PipelineStep::Store)
                    << " rows of K stored, "
                    << problem.tokens(PipelineStep::Prefill)
                    << " tokens prefilled, "
                    << problem.tokens(PipelineStep::Decode) << " decoded in "
                    << 2 * options.decodeSteps << " steps\n";
  PipelineResult sum;
  for (const std::unique_ptr<Device> &device : devices) {
    line(os, "device") << device->describe() << "\n";
    os.flush();
    auto result = runPipeline(*device, problem, indexerLayouts(), os);
    if (!result)
      return result.takeError();
    sum.recall += result->recall;
    sum.differing += result->differing;
  }
  os << "recall " << sum.recall.str() << " over " << sum.recall.rows
     << " rows\n";
  os.flush();
  if (!sum.recall.isPerfect())
    return llvm::createStringError(sum.recall.firstMiss);
  if (sum.differing)
    return llvm::createStringError(
        llvm::Twine(sum.differing) +
        " rows select other entries in one layout than in another");
  return llvm::Error::success();
}
