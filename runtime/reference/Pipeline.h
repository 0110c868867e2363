//===- Pipeline.h - The indexer from end to end -----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_PIPELINE_H
#define HIPDEX_REFERENCE_PIPELINE_H

#include "reference/Indexer.h"

namespace llvm {
class raw_ostream;
}

namespace hipdex {

struct PipelineResult {
  Recall recall; ///< Of all layouts.
  /// Rows of which two layouts select other entries, though both may be right.
  int64_t differing = 0;
};

/// Runs the steps of \p problem on a device in each layout, and compares what
/// they select with the reference and with each other. Prints a line a layout.
llvm::Expected<PipelineResult>
runPipeline(Device &device, const PipelineProblem &problem,
            llvm::ArrayRef<IndexerLayout> layouts, llvm::raw_ostream &os);

/// All layouts of a model on the devices of \p arches, as a command does it:
/// with a table, whose last line is "recall R over N rows". Fails unless R is
/// 1.0 and all layouts of an architecture select the same. \p device is as of
/// Device::choose.
llvm::Error runPipelines(const IndexerModel &model, uint64_t seed,
                         llvm::ArrayRef<const Arch *> arches,
                         const std::string &device, llvm::raw_ostream &os);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_PIPELINE_H
