//===- IndexerModel.h - The indexers of models ------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_INDEXERMODEL_H
#define HIPDEX_REFERENCE_INDEXERMODEL_H

#include "Spec/Arch.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace hipdex {

/// What a model's sparse attention fixes of its indexer.
struct IndexerModel {
  std::string name;
  int64_t heads;
  int64_t k;                 ///< Cache entries that a query token attends to.
  bool isNeox = true;        ///< Else pairs of rope are neighbours.
  bool isRotaryFirst = true; ///< Else rope turns the last elements.
  bool hasHadamard = false;
  bool powerOfTwoScales = true;
  /// How many tokens share a cache entry, which is stored with the last.
  int64_t tokensPerEntry = 1;
  int64_t headDim = 128;

  /// One line for people.
  std::string describe() const;
};

/// DeepSeek-V3.2, GLM-5 and DeepSeek-V4.
llvm::ArrayRef<IndexerModel> indexerModels();

/// The model of that name; else an error that says which there are, and which
/// is nearest.
llvm::Expected<IndexerModel> lookupIndexerModel(llvm::StringRef name);

} // namespace hipdex

#endif // HIPDEX_REFERENCE_INDEXERMODEL_H
