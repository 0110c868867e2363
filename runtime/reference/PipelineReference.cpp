//===- PipelineReference.cpp - What a pipeline must select ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/PipelineReference.h"

#include "reference/Problem.h"
#include "reference/QkPrep.h"
#include "reference/Reference.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ThreadPool.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

using namespace hipdex;

std::string Recall::str() const {
  if (isPerfect())
    return "1.0";
  // Never rounded up to what is perfect.
  double value = wanted ? double(hits) / wanted : 0;
  return llvm::formatv("{0:f6}", std::min(value, 0.999999));
}

Recall &Recall::operator+=(const Recall &other) {
  rows += other.rows;
  wanted += other.wanted;
  hits += other.hits;
  exchanged += other.exchanged;
  if (firstMiss.empty())
    firstMiss = other.firstMiss;
  return *this;
}

PipelineReference::PipelineReference(const PipelineProblem &problem,
                                     const Arch &arch)
    : problem(problem), arch(arch) {
  int64_t slots = 0;
  for (int64_t capacity : problem.capacity) {
    firstSlots.push_back(slots);
    slots += capacity;
  }
  cache.resize(slots * (problem.model.headDim + sizeof(float)));
}

void PipelineReference::prepare() {
  constexpr SourceType type = SourceType::BF16;
  constexpr int64_t angles = PipelineProblem::ropeDim / 2;
  const IndexerModel &model = problem.model;
  const PipelineStep &s = problem.steps[step];
  PipelineInput input = problem.input(step);
  int64_t heads = problem.heads(s), dim = model.headDim,
          fp8Max = fp8Maxima(arch.fp8).front();
  Rope rope = model.isNeox ? Rope::Neox : Rope::Interleaved;

  auto numbers = [&](llvm::ArrayRef<uint16_t> from, int64_t row,
                     int64_t count) {
    std::vector<float> values;
    for (uint16_t bits : from.slice(row * count, count))
      values.push_back(fromSource(type, bits));
    return values;
  };
  auto rotateAndTransform = [&](std::vector<float> &row, int64_t position) {
    rotate(row, numbers(problem.cosines, position, angles),
           numbers(problem.sines, position, angles), rope, !model.isRotaryFirst,
           type);
    if (model.hasHadamard)
      hadamard(row, type);
  };

  q.clear();
  weights.clear();
  for (auto [i, token] : llvm::enumerate(s.tokens)) {
    if (token.entry >= 0) {
      std::vector<float> k = numbers(input.k, i, dim);
      layerNorm(k, problem.normWeight, problem.normBias,
                PipelineProblem::epsilon, type);
      rotateAndTransform(k, token.position);
      QuantizedRow stored =
          quantize(k, arch.fp8, fp8Max, model.powerOfTwoScales);
      uint8_t *bytes = &cache[(firstSlots[token.request] + token.entry) *
                              (dim + sizeof(stored.scale))];
      llvm::copy(stored.codes, bytes);
      std::memcpy(bytes + dim, &stored.scale, sizeof(stored.scale));
    }
    if (s.kind == PipelineStep::Store)
      continue;
    for (int64_t h = 0; h < heads; ++h) {
      std::vector<float> row = numbers(input.q, i * heads + h, dim);
      rotateAndTransform(row, token.position);
      QuantizedRow query =
          quantizeQ(row, arch.fp8, fp8Max, model.powerOfTwoScales);
      llvm::append_range(q, query.codes);
      weights.push_back(fromSource(type, input.gates[i * heads + h]) *
                        query.scale * problem.weightsScale());
    }
  }
}

void PipelineReference::select(size_t firstRow, size_t count,
                               std::vector<Row> &rows) const {
  const IndexerModel &model = problem.model;
  // Rows of one request, as query tokens of a decode step: all of them see
  // what the one that sees most does.
  Problem logits;
  logits.key.arch = &arch;
  logits.key.fp8 = arch.fp8;
  logits.key.pageSize = logits.key.kvBlockSize = 1;
  logits.key.headDim = model.headDim;
  logits.key.heads = model.heads;
  logits.key.nextN = count;
  logits.batch = 1;
  for (size_t j = 0; j < count; ++j)
    logits.width = std::max(logits.width, rows[firstRow + j].visible);
  logits.contextLens = {int32_t(logits.width)};
  logits.pageStride = model.headDim + sizeof(float);
  logits.numPages = cache.size() / logits.pageStride;
  logits.tableWidth = logits.tableStride = logits.width;
  logits.blockTable.resize(logits.width);
  std::iota(logits.blockTable.begin(), logits.blockTable.end(),
            int32_t(firstSlots[rows[firstRow].request]));
  logits.qStrideHead = model.headDim;
  logits.weightsStride = model.heads;
  logits.qStrideToken = logits.qStrideRequest = model.heads * model.headDim;
  logits.q.assign(q.begin() + firstRow * logits.qStrideToken,
                  q.begin() + (firstRow + count) * logits.qStrideToken);
  logits.weights.assign(weights.begin() + firstRow * model.heads,
                        weights.begin() + (firstRow + count) * model.heads);
  // Only read.
  logits.kv = std::shared_ptr<uint8_t>(const_cast<uint8_t *>(cache.data()),
                                       [](uint8_t *) {});

  Reference reference(logits);
  std::vector<double> values(count * logits.width),
      magnitudes(count * logits.width);
  reference.compute(0, 0, logits.width, values, magnitudes);
  for (size_t j = 0; j < count; ++j) {
    Row &row = rows[firstRow + j];
    const double *value = values.data() + j * logits.width,
                 *magnitude = magnitudes.data() + j * logits.width;
    row.selected.resize(row.visible);
    std::iota(row.selected.begin(), row.selected.end(), 0);
    if (row.visible <= model.k)
      continue;
    // Of equal logits, the first.
    auto isBefore = [&](int32_t a, int32_t b) {
      return value[a] != value[b] ? value[a] > value[b] : a < b;
    };
    std::nth_element(row.selected.begin(), row.selected.begin() + model.k - 1,
                     row.selected.end(), isBefore);
    int32_t last = row.selected[model.k - 1];
    row.selected.resize(model.k);
    llvm::sort(row.selected);
    auto allowed = [&](int32_t p) {
      return Comparison::tolerance * magnitude[p] +
             Comparison::termsTolerance * reference.terms(0, j, p);
    };
    double atLast = allowed(last);
    for (int32_t p = 0; p < row.visible; ++p) {
      // The second bound is slow to compute, and far below this.
      double distance = std::fabs(value[p] - value[last]);
      if (distance <= 0.01 * magnitude[p] && distance <= allowed(p) + atLast)
        row.ties.push_back(p);
    }
  }
}

std::vector<PipelineReference::Row> PipelineReference::next() {
  const PipelineStep &s = problem.steps[step];
  prepare();
  ++step;
  std::vector<Row> rows;
  if (s.kind == PipelineStep::Store)
    return rows;
  for (const PipelineToken &token : s.tokens) {
    Row row;
    row.request = token.request;
    row.position = token.position;
    row.visible = token.visible;
    rows.push_back(row);
  }
  // Parts of few rows, so that there are some for every core.
  constexpr size_t most = 16;
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency());
  for (size_t first = 0; first < rows.size();) {
    size_t count = 1;
    while (first + count < rows.size() && count < most &&
           rows[first + count].request == rows[first].request)
      ++count;
    if (rows[first].request >= 0)
      pool.async([&, first, count] { select(first, count, rows); });
    first += count;
  }
  pool.wait();
  return rows;
}

Recall PipelineReference::judge(const Row &row, const Selection &got) {
  Recall recall;
  recall.rows = row.request >= 0;
  recall.wanted = row.selected.size();
  llvm::DenseSet<int32_t> found,
      expected(row.selected.begin(), row.selected.end());
  int64_t tiedExtras = 0, wrong = 0;
  for (int32_t p : got) {
    if (p == -1)
      continue;
    if (p < 0 || p >= row.visible || !found.insert(p).second)
      ++wrong;
    else if (!expected.contains(p))
      llvm::is_contained(row.ties, p) ? ++tiedExtras : ++wrong;
  }
  int64_t tiedMissing = 0, missing = 0;
  int32_t firstMissing = -1;
  for (int32_t p : row.selected)
    if (found.contains(p))
      ++recall.hits;
    else if (llvm::is_contained(row.ties, p))
      ++tiedMissing;
    else if (++missing == 1)
      firstMissing = p;
  recall.exchanged = std::min(tiedMissing, tiedExtras);
  recall.hits += recall.exchanged;
  missing = recall.wanted - recall.hits;
  wrong += tiedExtras - recall.exchanged;
  if (missing || wrong) {
    recall.firstMiss =
        llvm::formatv("request {0}, token {1}: of {2} entries {3} are missing",
                      row.request, row.position, recall.wanted, missing);
    if (firstMissing >= 0)
      recall.firstMiss += llvm::formatv(" (first: {0})", firstMissing);
    recall.firstMiss +=
        llvm::formatv(", and {0} are there that must not be", wrong);
  }
  return recall;
}
