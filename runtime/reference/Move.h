//===- Move.h - What k_move must move ---------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_MOVE_H
#define HIPDEX_REFERENCE_MOVE_H

#include "reference/RowProblem.h"

namespace hipdex {

struct MoveOptions {
  int64_t entries = 1, runTokens = 1;
  uint64_t seed = 0;
  int64_t sourcePadding = 0, targetPadding = 0; ///< Bytes between pages.
  /// Within one buffer, for keys that have one layout. The source's padding
  /// counts.
  bool inPlace = false;
  /// Of a hundred entries, how many are negative and how many out of range, in
  /// one list or both.
  int64_t skipped = 0, outOfRange = 0;
  bool consecutive = false; ///< Runs in order instead of random ones.
  bool hasError = true;

  static MoveOptions random(const KernelKey &key, uint64_t seed);
};

class MoveProblem
    : public RowProblemOf<MoveProblem, RowProblem, hipdex_launch_k_move,
                          hipdex_describe_k_move> {
public:
  /// What is in the error word before a launch, and must stay.
  static constexpr uint32_t oldError = 0x80;

  int64_t entries = 0, runTokens = 1;
  int64_t sourcePages = 0, sourcePageStride = 0;
  int64_t targetPages = 0, targetPageStride = 0;
  int64_t hasError = 1; ///< 0: there is no error word.
  int64_t inPlace = 0;  ///< 1: the target is the source, and has no bytes here.
  /// Random bytes: what must not change shows.
  std::vector<uint8_t> source, target;
  std::vector<uint8_t> sourceSlots, targetSlots; ///< int64 or int32.
  std::vector<uint32_t> error = {oldError};

  /// Targets are distinct, and no source is another entry's target.
  static llvm::Expected<MoveProblem> random(const KernelKey &key,
                                            const MoveOptions &options);

  /// What is moved to.
  std::vector<uint8_t> &moved() { return inPlace ? source : target; }
  int64_t sourceEntries() const {
    return sourcePages * key.pageSize / runTokens;
  }
  int64_t targetEntries() const {
    return targetPages * key.targetPageSize / runTokens;
  }
  int64_t entry(const std::vector<uint8_t> &slots, int64_t i) const;
  void setEntry(std::vector<uint8_t> &slots, int64_t i, int64_t value) const;

  std::vector<RowSize> sizes() override;
  std::vector<RowOperand> operands() override;
  void allocate() override;
  RowFault check() const override;
  std::vector<std::vector<hipdex_emulator_range>> touched() const override;
  void execute() override;
  hipdex_k_move_args args(const Pointers &pointers) const;

private:
  int64_t slotBytes() const { return key.wideSlots ? 8 : 4; }
  /// The bits that entry \p i sets in the error word; none if it is skipped.
  uint32_t errorOf(int64_t i) const;
  /// Whether it names two runs of slots that there are.
  bool isMoved(int64_t i) const;
};

} // namespace hipdex

#endif // HIPDEX_REFERENCE_MOVE_H
