//===- IndexerModel.cpp - The indexers of models --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/IndexerModel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace hipdex;

std::string IndexerModel::describe() const {
  std::string text = llvm::itostr(heads) + " heads, k " + llvm::itostr(k) +
                     ", rope " + (isRotaryFirst ? "first" : "last") + ", " +
                     (isNeox ? "neox" : "interleaved");
  if (hasHadamard)
    text += ", Hadamard";
  if (tokensPerEntry > 1)
    text += ", " + llvm::itostr(tokensPerEntry) + " tokens a cache entry";
  return text;
}

llvm::ArrayRef<IndexerModel> hipdex::indexerModels() {
  static const std::vector<IndexerModel> models = [] {
    IndexerModel v32{"deepseek-v3.2", /*heads=*/64, /*k=*/2048};
    v32.hasHadamard = true;
    IndexerModel glm5{"glm-5", /*heads=*/32, /*k=*/2048};
    glm5.isNeox = false;
    IndexerModel v4{"deepseek-v4", /*heads=*/64, /*k=*/512};
    v4.isNeox = v4.isRotaryFirst = v4.powerOfTwoScales = false;
    v4.tokensPerEntry = 4;
    return std::vector<IndexerModel>{v32, glm5, v4};
  }();
  return models;
}

llvm::Expected<IndexerModel> hipdex::lookupIndexerModel(llvm::StringRef name) {
  // What was not finished is nearer than what differs.
  auto distance = [&](const IndexerModel &model) -> unsigned {
    if (llvm::StringRef(model.name).starts_with_insensitive(name))
      return 0;
    return name.edit_distance_insensitive(model.name);
  };
  const IndexerModel *nearest = &indexerModels().front();
  std::string known;
  for (const IndexerModel &model : indexerModels()) {
    if (model.name == name)
      return model;
    known += (known.empty() ? "" : ", ") + model.name;
    if (distance(model) < distance(*nearest))
      nearest = &model;
  }
  return llvm::createStringError("unknown model \"" + name + "\", supported: " +
                                 known + "; nearest: " + nearest->name);
}
