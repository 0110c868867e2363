//===- PipelineProblem.cpp - A random day of an indexer -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/PipelineProblem.h"

#include "reference/QkPrep.h"
#include "reference/Random.h"
#include <algorithm>
#include <cmath>

using namespace hipdex;

namespace {

/// What random numbers are for; part of what seeds them.
enum Stream : uint64_t { Shape, Norm, Query, Key, Gate, Accepted };

uint16_t toBF16(float value) {
  return toSource(SourceType::BF16, roundToSource(SourceType::BF16, value));
}

} // namespace

PipelineProblem PipelineProblem::random(const IndexerModel &model,
                                        const PipelineOptions &options) {
  PipelineProblem p;
  p.model = model;
  p.seed = options.seed;
  Random shape(p.seed, Shape, 0);
  int64_t k = model.k, each = model.tokensPerEntry, most = options.prefillRows;

  // A long one; one that has as many entries as are selected somewhere in its
  // prefill; one that has fewer; and one that starts from nothing.
  int64_t halfOfRows = most / (2 * each);
  std::vector<int64_t> rows = {1 + int64_t(shape.below(most)), most,
                               1 + int64_t(shape.below(most)),
                               1 + int64_t(shape.below(most))};
  p.contexts = {(k + k / 4 + int64_t(shape.below(k / 4 + 1))) * each,
                (k + halfOfRows) * each,
                (k / 2 + int64_t(shape.below(k / 4 + 1))) * each, rows[3]};
  for (int64_t b = 0; b < 3; ++b) {
    p.contexts[b] += shape.below(each);
    rows[b] = std::min(rows[b], p.contexts[b]);
  }

  auto token = [&](int64_t request, int64_t position) {
    PipelineToken token;
    token.request = request;
    token.position = position;
    token.visible = (position + 1) / each;
    if (token.visible * each == position + 1)
      token.entry = token.visible - 1;
    return token;
  };

  // Contexts in chunks that do not end where requests do. Tokens that end no
  // entry have nothing to store.
  PipelineStep chunk;
  for (int64_t b = 0; b < p.requests(); ++b)
    for (int64_t t = 0; t < p.contexts[b] - rows[b]; ++t) {
      PipelineToken stored = token(b, t);
      stored.visible = 0;
      if (stored.entry < 0)
        continue;
      chunk.tokens.push_back(stored);
      if (int64_t(chunk.tokens.size()) == options.storeRows)
        p.steps.push_back(std::exchange(chunk, {}));
    }
  if (!chunk.tokens.empty())
    p.steps.push_back(std::move(chunk));

  PipelineStep prefill;
  prefill.kind = PipelineStep::Prefill;
  for (int64_t b = 0; b < p.requests(); ++b)
    for (int64_t t = p.contexts[b] - rows[b]; t < p.contexts[b]; ++t)
      prefill.tokens.push_back(token(b, t));
  p.steps.push_back(std::move(prefill));

  // Batches are padded to a fixed size, as captured graphs are.
  std::vector<int64_t> lengths = p.contexts;
  for (int64_t drafts : {0, 2})
    for (int64_t i = 0; i < options.decodeSteps; ++i) {
      PipelineStep step;
      step.kind = PipelineStep::Decode;
      // The kernels' rule of what a draft sees is one entry more than the one
      // before. Where it is another, each is a batch entry of its own.
      step.nextN = each == 1 ? 1 + drafts : 1;
      Random accepted(p.seed, Accepted, p.steps.size());
      for (int64_t b : {0, 1, -1, 2, 3})
        for (int64_t j = 0; j <= drafts; ++j)
          step.tokens.push_back(b < 0 ? PipelineToken()
                                      : token(b, lengths[b] + j));
      // What is not accepted is stored again by the next step.
      for (int64_t &length : lengths)
        length += 1 + accepted.below(1 + drafts);
      p.steps.push_back(std::move(step));
    }

  p.capacity.assign(p.requests(), 0);
  for (const PipelineStep &step : p.steps)
    for (const PipelineToken &token : step.tokens) {
      p.positions = std::max(p.positions, token.position + 1);
      if (token.request >= 0)
        p.capacity[token.request] =
            std::max(p.capacity[token.request], token.entry + 1);
    }

  Random norm(p.seed, Norm, 0);
  for (int64_t d = 0; d < model.headDim; ++d) {
    p.normWeight.push_back(1 + norm.normal() / 4);
    p.normBias.push_back(norm.normal() / 4);
  }
  for (int64_t t = 0; t < p.positions; ++t)
    for (int64_t i = 0; i < ropeDim / 2; ++i) {
      double angle = t * std::pow(10000.0, -2.0 * i / ropeDim);
      p.cosines.push_back(toBF16(float(std::cos(angle))));
      p.sines.push_back(toBF16(float(std::sin(angle))));
    }
  return p;
}

int64_t PipelineProblem::heads(const PipelineStep &step) const {
  return step.kind == PipelineStep::Store ? 8 : model.heads;
}

float PipelineProblem::weightsScale() const {
  return float(1 / std::sqrt(double(model.heads) * model.headDim));
}

PipelineInput PipelineProblem::input(size_t step) const {
  const PipelineStep &s = steps[step];
  int64_t count = heads(s), dim = model.headDim;
  PipelineInput input;
  input.q.reserve(s.tokens.size() * count * dim);
  for (size_t i = 0; i < s.tokens.size(); ++i) {
    uint64_t place = uint64_t(step) << 32 | i;
    Random query(seed, Query, place), key(seed, Key, place),
        gate(seed, Gate, place);
    float magnitude = std::ldexp(1.0f, int(query.below(8)) - 4);
    for (int64_t h = 0; h < count * dim; ++h)
      input.q.push_back(toBF16(query.normal() * magnitude));
    magnitude = std::ldexp(1.0f, int(key.below(8)) - 4);
    for (int64_t d = 0; d < dim; ++d)
      input.k.push_back(toBF16(key.normal() * magnitude));
    for (int64_t h = 0; h < count; ++h)
      input.gates.push_back(toBF16(gate.normal()));
  }
  return input;
}

int64_t PipelineProblem::rows() const {
  return tokens(PipelineStep::Prefill) + tokens(PipelineStep::Decode);
}

int64_t PipelineProblem::tokens(PipelineStep::Kind kind) const {
  int64_t count = 0;
  for (const PipelineStep &step : steps)
    if (step.kind == kind)
      for (const PipelineToken &token : step.tokens)
        count += token.request >= 0;
  return count;
}
