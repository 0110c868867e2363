//===- UnsupportedKeyTest.cpp - What is said of keys without a kernel -----===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks over the product of values that fields may have and may not.
//
//===----------------------------------------------------------------------===//

#include "Seed.h"
#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>
#include <climits>
#include <map>

using namespace hipdex;

namespace {

/// Which fields are at fault, and their values: said once more, from what
/// engines ask for, and in no order.
std::map<std::string, std::string> faults(const KernelKey &key) {
  std::map<std::string, std::string> wrong;
  auto require = [&](const char *field, auto value, bool holds) {
    if (!holds)
      wrong[field] = (llvm::Twine(value)).str();
  };
  auto isOneOf = [](int64_t value, std::initializer_list<int64_t> values) {
    return llvm::is_contained(values, value);
  };
  bool pages = isOneOf(key.pageSize, {1, 16, 32, 64, 128, 256});
  require("page_size", key.pageSize,
          pages && !(key.preshuffle && key.pageSize == 1));
  require("kv_block_size", key.kvBlockSize,
          isOneOf(key.kvBlockSize, {1, 16, 32, 64, 128, 256}) &&
              key.pageSize % key.kvBlockSize == 0);
  require("head_dim", key.headDim, isOneOf(key.headDim, {64, 128}));
  require("heads", key.heads, isOneOf(key.heads, {8, 16, 32, 64, 128}));
  require("next_n", key.nextN, key.nextN >= 1 && key.nextN <= 8);
  require("fp8 format", fp8KeyName(key.fp8), key.fp8 == key.arch->fp8);
  return wrong;
}

unsigned differences(const KernelKey &a, const KernelKey &b) {
  return (a.op != b.op) + (a.pageSize != b.pageSize) +
         (a.headDim != b.headDim) + (a.kvBlockSize != b.kvBlockSize) +
         (a.preshuffle != b.preshuffle) + (a.heads != b.heads) +
         (a.nextN != b.nextN) + (a.fp8 != b.fp8) + (a.tail != b.tail) +
         (a.checkTable != b.checkTable);
}

} // namespace

TEST_CASE("every combination is a key, or is told what is wrong with it and "
          "which is nearest") {
  uint64_t seed = testSeed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::vector<KernelKey> all = KernelKey::all(Op::PagedMqaLogits);
  const int64_t pages[] = {-3, 0, 1, 2, 8, 16, 17, 48, 64, 128, 256, 512},
                blocks[] = {-1, 0, 1, 8, 16, 24, 32, 64, 128, 256, 512},
                dims[] = {0, 64, 96, 128},
                heads[] = {0, 4, 8, 32, 48, 128, 256},
                nextNs[] = {-2, 0, 1, 3, 8, 9};
  unsigned valid = 0, invalid = 0;
  for (const Arch &arch : archTable())
    for (int64_t page : pages)
      for (int64_t block : blocks)
        for (int64_t dim : dims)
          for (int64_t head : heads)
            for (int64_t nextN : nextNs) {
              // A fifth of them, and the rest of the fields at random.
              if (random() % 5)
                continue;
              KernelKey key;
              key.arch = &arch;
              key.pageSize = page;
              key.kvBlockSize = block;
              key.headDim = dim;
              key.heads = head;
              key.nextN = nextN;
              key.preshuffle = random() % 2;
              key.tail = random() % 2 ? Tail::NegInf : Tail::Untouched;
              key.checkTable = random() % 2;
              key.fp8 = random() % 8                    ? arch.fp8
                        : arch.fp8 == Fp8Format::E4M3FN ? Fp8Format::E4M3FNUZ
                                                        : Fp8Format::E4M3FN;
              INFO(key.str());
              auto wrong = faults(key);
              std::string constraint, nearestText;
              llvm::handleAllErrors(key.validate(),
                                    [&](const UnsupportedKey &error) {
                                      constraint = error.constraint;
                                      nearestText = error.nearest;
                                    });
              if (wrong.empty()) {
                ++valid;
                CHECK(constraint == "");
                continue;
              }
              ++invalid;
              // "page_size is 17, ..."
              CAPTURE(constraint);
              CHECK(llvm::any_of(wrong, [&](const auto &fault) {
                return llvm::StringRef(constraint)
                    .starts_with(fault.first + " is " + fault.second + ", ");
              }));

              llvm::Expected<KernelKey> nearest = KernelKey::parse(nearestText);
              if (!nearest)
                FAIL(llvm::toString(nearest.takeError()));
              CHECK(nearest->arch == &arch);
              CHECK(faults(*nearest).empty());
              if (random() % 64)
                continue;
              unsigned fewest = UINT_MAX;
              for (const KernelKey &other : all)
                if (other.arch == &arch)
                  fewest = std::min(fewest, differences(key, other));
              CHECK(differences(key, *nearest) == fewest);
            }
  CHECK(valid > 20);
  CHECK(invalid > 5000);
}
