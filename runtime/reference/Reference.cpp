//===- Reference.cpp - What a problem's logits must be --------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Reference.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/ThreadPool.h"
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>

using namespace hipdex;

namespace {

/// Eight doubles; what the machine has of vector registers is used for them.
typedef double Vector __attribute__((vector_size(64)));
constexpr int64_t lanes = 8;
constexpr int64_t tokens = 4;

/// dots[t][row] of four tokens and eight rows. \p q is [headDim] vectors, \p k
/// is [tokens][headDim].
__attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3",
                             "default"))) void
multiply(const Vector *q, const double *k, int64_t headDim, Vector *dots) {
  Vector sum[tokens] = {};
  for (int64_t d = 0; d < headDim; ++d) {
    Vector column = q[d];
    for (int64_t t = 0; t < tokens; ++t)
      sum[t] += column * k[t * headDim + d];
  }
  for (int64_t t = 0; t < tokens; ++t)
    dots[t] = sum[t];
}

} // namespace

Reference::Reference(const Problem &problem)
    : problem(problem), elementSteps(problem.elementSteps()) {
  for (int code = 0; code < 256; ++code)
    decoded[code] = decodeFp8(problem.key.fp8, code);
}

void Reference::compute(int64_t request, int64_t first, int64_t last,
                        llvm::MutableArrayRef<double> values,
                        llvm::MutableArrayRef<double> magnitudes) const {
  const KernelKey &key = problem.key;
  int64_t headDim = key.headDim, rows = key.nextN * key.heads,
          count = last - first;
  CacheLayout layout = key.layout();

  // Q with rows (token, head) on lanes, padded with rows of zeros.
  int64_t groups = llvm::divideCeil(rows, lanes);
  std::vector<Vector> q(groups * headDim, Vector{});
  for (int64_t row = 0; row < rows; ++row) {
    const uint8_t *codes = problem.q.data() + request * problem.qStrideRequest +
                           row / key.heads * problem.qStrideToken +
                           row % key.heads * problem.qStrideHead;
    for (int64_t d = 0; d < headDim; ++d)
      q[row / lanes * headDim + d][row % lanes] = decoded[codes[d]];
  }

  std::vector<double> k(tokens * headDim);
  std::vector<Vector> dots(groups * tokens);
  for (int64_t begin = 0; begin < count; begin += tokens) {
    int64_t slots[tokens];
    for (int64_t t = 0; t < tokens; ++t) {
      slots[t] = begin + t < count ? problem.slot(request, first + begin + t)
                                   : int64_t(-1);
      const uint8_t *codes =
          problem.kv.get() +
          (slots[t] < 0
               ? 0
               : layout.elementOffset(slots[t], 0, problem.pageStride));
      for (int64_t d = 0; d < headDim; ++d)
        k[t * headDim + d] =
            slots[t] < 0 ? 0.0 : decoded[codes[elementSteps[d]]];
    }
    for (int64_t group = 0; group < groups; ++group)
      multiply(&q[group * headDim], k.data(), headDim, &dots[group * tokens]);

    for (int64_t t = 0; t < tokens && begin + t < count; ++t) {
      float scale = 0;
      if (slots[t] >= 0)
        std::memcpy(&scale,
                    problem.kv.get() +
                        layout.scaleOffset(slots[t], problem.pageStride),
                    sizeof(scale));
      for (int64_t j = 0; j < key.nextN; ++j) {
        const float *weights =
            problem.weights.data() +
            (request * key.nextN + j) * problem.weightsStride;
        double value = 0, magnitude = 0;
        for (int64_t h = 0; h < key.heads; ++h) {
          int64_t row = j * key.heads + h;
          double dot = dots[row / lanes * tokens + t][row % lanes];
          double term = weights[h] * std::max(dot, 0.0) * scale;
          value += term;
          magnitude += std::fabs(term);
        }
        if (slots[t] < 0)
          value = -std::numeric_limits<double>::infinity();
        values[j * count + begin + t] = value;
        magnitudes[j * count + begin + t] = magnitude;
      }
    }
  }
}

uint32_t Reference::checksum(int64_t request, int64_t position) const {
  CacheLayout layout = problem.key.layout();
  int64_t slot = problem.slot(request, position);
  const uint8_t *k =
      problem.kv.get() + layout.elementOffset(slot, 0, problem.pageStride);
  uint32_t sum;
  std::memcpy(&sum,
              problem.kv.get() + layout.scaleOffset(slot, problem.pageStride),
              sizeof(sum));
  for (int64_t d = 0; d < problem.key.headDim; ++d)
    sum += uint32_t(k[elementSteps[d]]) << 8 * (d % 4);
  return sum;
}

double Reference::terms(int64_t request, int64_t token,
                        int64_t position) const {
  const KernelKey &key = problem.key;
  int64_t slot = problem.slot(request, position);
  if (slot < 0)
    return 0;
  CacheLayout layout = key.layout();
  const uint8_t *k =
      problem.kv.get() + layout.elementOffset(slot, 0, problem.pageStride);
  const uint8_t *q = problem.q.data() + request * problem.qStrideRequest +
                     token * problem.qStrideToken;
  const float *weights = problem.weights.data() +
                         (request * key.nextN + token) * problem.weightsStride;
  float scale;
  std::memcpy(&scale,
              problem.kv.get() + layout.scaleOffset(slot, problem.pageStride),
              sizeof(scale));
  double sum = 0;
  for (int64_t h = 0; h < key.heads; ++h) {
    double dot = 0;
    for (int64_t d = 0; d < key.headDim; ++d)
      dot += std::fabs(decoded[q[h * problem.qStrideHead + d]] *
                       decoded[k[elementSteps[d]]]);
    sum += std::fabs(weights[h]) * dot;
  }
  return sum * std::fabs(scale);
}

namespace {

constexpr uint32_t minusInfinityBits = 0xff800000;

/// Compares the cells of tokens [first, last) of a request's rows with the
/// reference, and [last, end) with the poison.
void compareChunk(const Problem &problem, const Reference &reference,
                  llvm::ArrayRef<float> logits, int64_t request, int64_t first,
                  int64_t last, int64_t end, Comparison &result) {
  int64_t count = last - first;
  bool isStream = problem.key.op == Op::StreamPages;
  std::vector<double> values(problem.key.nextN * count),
      magnitudes(problem.key.nextN * count);
  if (!isStream)
    reference.compute(request, first, last, values, magnitudes);

  auto wrong = [&](int64_t row, int64_t column, const std::string &what) {
    if (++result.wrong == 1)
      result.firstWrong =
          llvm::formatv("row {0} (request {1}, token {2}), column {3}: {4}",
                        row, request, row % problem.key.nextN, column, what);
  };
  for (int64_t j = 0; j < problem.key.nextN; ++j) {
    int64_t row = request * problem.key.nextN + j;
    const float *cells = logits.data() + row * problem.logitsStride;
    for (int64_t column = first; column < end; ++column) {
      float got = cells[column];
      uint32_t bits;
      std::memcpy(&bits, &got, sizeof(bits));
      if (column >= problem.visible(request, j)) {
        if (column < problem.written(request, j)) {
          ++result.cells;
          if (got != -std::numeric_limits<float>::infinity())
            wrong(row, column, llvm::formatv("holds {0}, must be -inf", got));
          continue;
        }
        ++result.untouched;
        if (bits != Problem::poison)
          wrong(row, column,
                llvm::formatv("holds {0} ({1:x8}), must be untouched ({2:x8})",
                              got, bits, Problem::poison));
        continue;
      }
      ++result.cells;
      if (isStream) {
        uint32_t expected = problem.slot(request, column) < 0
                                ? minusInfinityBits
                                : reference.checksum(request, column);
        if (bits != expected)
          wrong(row, column,
                llvm::formatv("holds {0:x8}, must be {1:x8}", bits, expected));
        continue;
      }
      double value = values[j * count + column - first];
      double magnitude = magnitudes[j * count + column - first];
      double error = std::fabs(got - value);
      double allowed = Comparison::tolerance * magnitude;
      if (!(error <= allowed) && std::isfinite(value))
        allowed +=
            Comparison::termsTolerance * reference.terms(request, j, column);
      if (std::isinf(value) ? got == value : error <= allowed) {
        if (allowed > 0)
          result.worst =
              std::max(result.worst, error / allowed * Comparison::tolerance);
      } else {
        wrong(row, column,
              llvm::formatv("holds {0:e8}, must be {1:e12} within {2:e2}", got,
                            value, allowed));
      }
    }
  }
}

} // namespace

Comparison hipdex::compare(const Problem &problem, llvm::ArrayRef<float> logits,
                           llvm::function_ref<void(double)> progress) {
  constexpr int64_t chunk = 1024;
  struct Part {
    int64_t request, first, last, end;
    Comparison result;
  };
  std::vector<Part> parts;
  int64_t work = 0, done = 0;
  for (int64_t request = 0; request < problem.batch; ++request) {
    int64_t length = problem.contextLen(request);
    for (int64_t first = 0; first == 0 || first < length; first += chunk) {
      int64_t last = std::min(first + chunk, length);
      parts.push_back({request,
                       first,
                       last,
                       last == length ? problem.logitsStride : last,
                       {}});
      work += last - first;
    }
  }

  Reference reference(problem);
  std::mutex mutex;
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency());
  for (Part &part : parts)
    pool.async([&] {
      compareChunk(problem, reference, logits, part.request, part.first,
                   part.last, part.end, part.result);
      if (progress && work) {
        std::lock_guard<std::mutex> lock(mutex);
        done += part.last - part.first;
        progress(double(done) / work);
      }
    });
  pool.wait();

  Comparison total;
  for (Part &part : parts) {
    total.cells += part.result.cells;
    total.untouched += part.result.untouched;
    if (total.wrong == 0)
      total.firstWrong = part.result.firstWrong;
    total.wrong += part.result.wrong;
    total.worst = std::max(total.worst, part.result.worst);
  }
  return total;
}
