//===- PipelineReference.h - What a pipeline must select --------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// On the host, from a problem's bf16 numbers to the entries that each query row
// must select: the quantization of docs/ops.md, logits in float64 and an exact
// selection. Nothing of it comes from a device.
//
// The k-th greatest of a row's float64 logits may be so near to the next ones
// that float32 cannot tell them apart. An entry that was selected in place of
// another is as good if the logits of both lie within the bounds of Reference.h
// of the k-th; no other is.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_PIPELINEREFERENCE_H
#define HIPDEX_REFERENCE_PIPELINEREFERENCE_H

#include "reference/PipelineProblem.h"
#include <string>
#include <vector>

namespace hipdex {

/// Cache entries of one query row.
using Selection = std::vector<int32_t>;

/// How a row, or all of them, compare with the reference.
struct Recall {
  int64_t rows = 0;
  int64_t wanted = 0;    ///< Entries to select.
  int64_t hits = 0;      ///< Those that were, or another as good.
  int64_t exchanged = 0; ///< Hits that are another as good.
  std::string
      firstMiss; ///< What is wrong with the first row that is not right.

  /// Also of selections in which the right ones are not all that there is.
  bool isPerfect() const { return hits == wanted && firstMiss.empty(); }
  /// "1.0", or a number that is less in what is printed.
  std::string str() const;
  Recall &operator+=(const Recall &other);
};

class PipelineReference {
public:
  PipelineReference(const PipelineProblem &problem, const Arch &arch);

  /// What the rows of a step must select; steps come in their order.
  struct Row {
    int64_t request = -1, position = 0;
    int64_t visible = 0;
    Selection selected; ///< Ascending.
    /// The entries near the k-th logit that may be exchanged for one another,
    /// selected or not.
    std::vector<int32_t> ties;
  };
  /// Does the next step; of a step that only stores, there are no rows.
  std::vector<Row> next();

  /// Compares what was selected for a row. In \p got, -1 is padding.
  static Recall judge(const Row &row, const Selection &got);

private:
  const PipelineProblem &problem;
  const Arch &arch;
  size_t step = 0;
  std::vector<int64_t> firstSlots; ///< Of each request in the cache.
  std::vector<uint8_t> cache;      ///< Pages of one token.
  std::vector<uint8_t> q;          ///< Of the last step, codes.
  std::vector<float> weights;

  void prepare();
  void select(size_t firstRow, size_t count, std::vector<Row> &rows) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_PIPELINEREFERENCE_H
