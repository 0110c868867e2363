//===- MqaLogits.h - What mqa_logits must compute ---------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Float64 on the decoded codes, within the bounds of Reference.h.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_MQALOGITS_H
#define HIPDEX_REFERENCE_MQALOGITS_H

#include "reference/QuantStore.h"
#include "reference/Random.h"
#include "reference/RowProblem.h"

namespace hipdex {

struct MqaLogitsOptions {
  int64_t rows = 10, tokens = 200;
  int64_t width = -1; ///< -1: as many as there are tokens.
  /// Windows as of causal prefill, the last row seeing all tokens, in place of
  /// random ones with every edge.
  bool isCausal = false;
  uint64_t seed = 0;
  /// In units of what the stride must be a multiple of.
  int64_t qPadding = 0, headPadding = 0, kPadding = 0, weightsPadding = 0,
          logitsPadding = 0;

  static MqaLogitsOptions random(uint64_t seed);
};

/// A token's K of normal numbers, quantized.
QuantizedRow randomToken(const KernelKey &key, Random random);

class MqaLogitsProblem : public RowProblemOf<MqaLogitsProblem, RowProblem,
                                             hipdex_launch_mqa_logits,
                                             hipdex_describe_mqa_logits> {
public:
  int64_t rows = 0, tokens = 0, width = 0;
  int64_t qStrideRow = 0, qStrideHead = 0, kStride = 0, weightsStride = 0,
          logitsStride = 0;
  std::vector<uint8_t> q, k;
  std::vector<float> kScales, weights;
  std::vector<int32_t> starts, ends;
  std::vector<float> logits;

  static MqaLogitsProblem random(const KernelKey &key,
                                 const MqaLogitsOptions &options);

  /// The columns [first, second) that a row sees; empty is {0, 0}.
  virtual std::pair<int64_t, int64_t> window(int64_t row) const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  bool isExact() const override { return false; }
  void execute() override;
  std::string compare(RowProblem &got) const override;
  hipdex_mqa_logits_args args(const Pointers &pointers) const;

protected:
  /// Sizes, queries, weights, windows and the poison, but no K.
  void drawRows(const KernelKey &key, const MqaLogitsOptions &options);
  /// K of a position as a row sees it, and its scale; false if it has none.
  virtual bool token(int64_t row, int64_t position,
                     llvm::MutableArrayRef<uint8_t> codes, float &scale) const;
  /// The ranges of q, weights and logits that a kernel may touch.
  void touchedRows(std::vector<hipdex_emulator_range> &queries,
                   std::vector<hipdex_emulator_range> &gates,
                   std::vector<hipdex_emulator_range> &cells) const;
  /// What of a random number is for; part of what seeds it.
  enum Stream : uint64_t { Query, Key, Gate, Window, Entry, Request };

private:
  struct Cell {
    double value, allowed; ///< |got - value| may be up to this.
  };
  /// The cells of a row's window.
  std::vector<Cell> cells(int64_t row) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_MQALOGITS_H
