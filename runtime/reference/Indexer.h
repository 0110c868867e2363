//===- Indexer.h - A layer's indexer as an engine has it --------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three launches a step: qk_prep, the logits, topk. Kernels, cache, block
// tables and the workspace live as long as the engine, what a step needs as
// long as the step; all of it goes through the C ABI of libhipdex.so.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_INDEXER_H
#define HIPDEX_REFERENCE_INDEXER_H

#include "reference/Device.h"
#include "reference/PipelineProblem.h"
#include "reference/PipelineReference.h"
#include <map>

namespace hipdex {

/// How a cache lies in memory, and what its block tables name.
struct IndexerLayout {
  int64_t pageSize = 64;
  int64_t kvBlockSize = 64;
  bool preshuffle = false;

  /// "preshuffle page 256/64": of blocks of 64.
  std::string str() const;
};

/// Plain pages of 1 and of 64 tokens, and preshuffled ones of 64 and of 256
/// with blocks of 64.
llvm::ArrayRef<IndexerLayout> indexerLayouts();

class Indexer {
public:
  /// Compiles the kernels, on all cores. \p tableSeed decides which block of
  /// the cache holds what.
  static llvm::Expected<std::unique_ptr<Indexer>>
  create(Device &device, const PipelineProblem &problem,
         const IndexerLayout &layout, uint64_t tableSeed);
  ~Indexer();
  Indexer(const Indexer &) = delete;
  Indexer &operator=(const Indexer &) = delete;

  /// Does a step, of which those before must have been done. What each token
  /// selects, as entries of its request, as it comes from the device but for
  /// the slots of the decode rows, which the tables turn back: a slot of
  /// another request is as large as no entry. Of a step that only stores,
  /// nothing.
  llvm::Expected<std::vector<Selection>> run(size_t step);

  /// What the emulator counted of the launches of a kind.
  struct Cost {
    const char *name, *unit;
    uint64_t units = 0, instructions = 0; ///< 0 on other devices.
  };
  llvm::ArrayRef<Cost> costs() const { return counted; }

  /// What is wrong with the kernel cache, which costs compilations; or empty.
  const std::string &warning() const { return cacheWarning; }

private:
  class Memory;
  Indexer(Device &device, const PipelineProblem &problem,
          const IndexerLayout &layout);

  void drawTables(uint64_t seed);
  /// The rows of a batch in which entry i is of \p requests[i].
  std::vector<int32_t> tableOf(llvm::ArrayRef<int64_t> requests) const;
  int64_t slotOf(int64_t request, int64_t entry) const;
  /// Slots of a request to entries.
  void toEntries(int64_t request, Selection &slots) const;
  llvm::Error prepare();
  enum Kind { Store, Prep, Prefill, Decode, TopK };
  /// Waits, and looks at the error word.
  llvm::Error finish(size_t step);
  /// Counts what was launched since the last call.
  void count(Kind kind, uint64_t units);
  const hipdex_kernel *kernel(const std::string &key) const;
  std::string prepKey(const PipelineStep &step) const;
  std::string logitsKey(const PipelineStep &step) const;
  std::string topKKey(const PipelineStep &step) const;

  Device &device;
  const PipelineProblem &problem;
  const IndexerLayout layout;
  int64_t numPages = 0, tableWidth = 0;
  std::vector<std::vector<int32_t>> blocks; ///< Of each request.
  std::map<std::string, const hipdex_kernel *> kernels;
  std::string cacheWarning;
  std::unique_ptr<Memory> memory; ///< That lives as long as this.
  hipdex_cache_buffer cache = {};
  void *workspace = nullptr;
  size_t workspaceBytes = 0;
  const uint16_t *cosines = nullptr, *sines = nullptr;
  const float *normWeight = nullptr, *normBias = nullptr;
  uint32_t *error = nullptr;
  uint64_t instructions = 0; ///< At the last count.
  Cost counted[5] = {{"K stored before", "a token, with 8 heads of q"},
                     {"qk_prep", "a query head"},
                     {"prefill logits", "a row and entry"},
                     {"decode logits", "a row and entry"},
                     {"topk", "a row and entry"}};
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_INDEXER_H
