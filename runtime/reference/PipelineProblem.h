//===- PipelineProblem.h - A random day of an indexer -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an engine asks of one layer's indexer: requests whose contexts are
// stored in chunks, the prefill of the ends of their prompts, and decode steps
// of one token and of three, of which each request accepts some. Everything
// follows from the seed; nothing depends on the device or on a layout.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_PIPELINEPROBLEM_H
#define HIPDEX_REFERENCE_PIPELINEPROBLEM_H

#include "reference/IndexerModel.h"
#include <vector>

namespace hipdex {

/// A token of a step.
struct PipelineToken {
  int64_t request = -1; ///< -1: padding of a batch.
  int64_t position = 0; ///< In the request's text.
  int64_t entry = -1;   ///< The cache entry that its K becomes; -1: none.
  int64_t visible = 0;  ///< Cache entries that its query may see.
};

/// Tokens that go through the indexer together.
struct PipelineStep {
  enum Kind : uint8_t {
    Store,   ///< Only K is of interest.
    Prefill, ///< Tokens of a request follow each other.
    Decode   ///< nextN tokens of each entry of a batch.
  } kind = Store;
  int64_t nextN = 1;
  std::vector<PipelineToken> tokens;
};

/// What the model computes for the tokens of a step, as bits of bf16.
struct PipelineInput {
  std::vector<uint16_t> q;     ///< [tokens, heads, head_dim]
  std::vector<uint16_t> k;     ///< [tokens, head_dim]
  std::vector<uint16_t> gates; ///< [tokens, heads]
};

struct PipelineOptions {
  uint64_t seed = 0;
  int64_t prefillRows = 128; ///< At most, of a request.
  int64_t storeRows = 2048;  ///< Of a chunk.
  int64_t decodeSteps = 3;   ///< Of one token, and of three.
};

struct PipelineProblem {
  static constexpr int64_t ropeDim = 64;
  static constexpr float epsilon = 1e-6f;

  IndexerModel model;
  uint64_t seed = 0;
  std::vector<int64_t> contexts; ///< Tokens of each request before decode.
  std::vector<int64_t> capacity; ///< Cache entries of each, in the end.
  std::vector<PipelineStep> steps;
  std::vector<float> normWeight, normBias; ///< Of K's LayerNorm.
  int64_t positions = 0;
  std::vector<uint16_t> cosines, sines; ///< [positions, ropeDim / 2], bf16

  static PipelineProblem random(const IndexerModel &model,
                                const PipelineOptions &options);

  int64_t requests() const { return int64_t(contexts.size()); }
  /// Heads whose queries a step computes: no fewer than kernels have, where
  /// nobody asks for them.
  int64_t heads(const PipelineStep &step) const;
  PipelineInput input(size_t step) const;
  /// Query rows of all steps whose selection is of interest.
  int64_t rows() const;
  /// Tokens of all steps of a kind.
  int64_t tokens(PipelineStep::Kind kind) const;
  /// What weights are multiplied with besides the scale of q.
  float weightsScale() const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_PIPELINEPROBLEM_H
