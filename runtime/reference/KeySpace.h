//===- KeySpace.h - Keys by the values of their fields ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// There are more keys than a test can take. What breaks a kernel is a value of
// a field, or two or three that meet, so tests choose by those.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_KEYSPACE_H
#define HIPDEX_REFERENCE_KEYSPACE_H

#include "Spec/KernelKey.h"
#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace hipdex {

class KeySpace {
public:
  /// There is a key, and all are of one op.
  explicit KeySpace(std::vector<KernelKey> keys);

  llvm::ArrayRef<KernelKey> keys() const { return all; }

  /// A key drawn field by field: in random order, each uniformly among the
  /// values that go with those drawn before. Uniform over keys would hardly
  /// ever give a value that few keys have (page size 1).
  const KernelKey &draw(uint64_t seed) const;

  /// Keys that together have every triple of field values that any key has:
  /// greedily the one with the most new triples, the first of equals in an
  /// order that follows from the seed.
  std::vector<KernelKey> coverTriples(uint64_t seed) const;

private:
  std::vector<KernelKey> all;
  /// For each key and field, which of the field's values it has.
  std::vector<uint8_t> values;
  std::vector<unsigned> valueCounts; ///< For each field.
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_KEYSPACE_H
