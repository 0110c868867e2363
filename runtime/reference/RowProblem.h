//===- RowProblem.h - One launch of an op on K rows -------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What an op whose result is exact to the byte says of itself: its arrays,
// which bytes of them a kernel may touch, how it is launched, and what it must
// leave. Launches, comparisons, dumps, fuzzing and counts are the same for all.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_REFERENCE_ROWPROBLEM_H
#define HIPDEX_REFERENCE_ROWPROBLEM_H

#include "Spec/KernelKey.h"
#include "reference/DeviceProblem.h"
#include "reference/LaunchCounters.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <string>
#include <vector>

namespace hipdex {

class Random;

/// An array of a launch, in host memory.
struct RowOperand {
  const char *argument; ///< The kernel's pointer argument that it backs.
  std::string dtype;    ///< Of dumps, as in numpy.
  int64_t elementBytes;
  std::vector<int64_t> shape, strides; ///< Strides in elements.
  llvm::MutableArrayRef<uint8_t> bytes;
  unsigned access; ///< What a kernel may do, HIPDEX_EMULATOR_READ or _WRITE.
  /// Says where data is, or what became of it; is no K, scale or row itself.
  bool isTable = false;

  bool isWritten() const { return access & HIPDEX_EMULATOR_WRITE; }
};

/// A number that with others of its problem decides the shapes and strides.
struct RowSize {
  const char *name;
  int64_t *value;
  int64_t least = 0;
};

/// What is wrong with the contents of an array.
struct RowFault {
  const char *argument = "";
  std::string what; ///< Empty: nothing is.
};

class RowProblem {
public:
  using Pointers = llvm::StringMap<void *>; ///< By argument; others are null.

  KernelKey key;
  uint64_t seed = 0;

  virtual ~RowProblem() = default;
  virtual std::unique_ptr<RowProblem> clone() const = 0;

  virtual std::vector<RowSize> sizes() = 0;
  /// The arrays, which are empty until they are allocated.
  virtual std::vector<RowOperand> operands() = 0;
  /// Makes the arrays as large as the sizes say.
  virtual void allocate() = 0;
  /// Whether the arrays' contents make a problem, if others filled them.
  virtual RowFault check() const = 0;
  /// The ranges of each operand that a kernel may touch.
  virtual std::vector<std::vector<hipdex_emulator_range>> touched() const = 0;
  /// Whether a right result is one in every byte, and a kernel reads all that
  /// it may.
  virtual bool isExact() const { return true; }
  /// Does in the arrays what a kernel must do.
  virtual void execute() = 0;

  virtual hipdex_status launch(const hipdex_kernel *kernel,
                               const Pointers &pointers,
                               void *stream = nullptr) const = 0;
  virtual hipdex_status describe(const hipdex_kernel *kernel,
                                 const Pointers &pointers, uint32_t *workgroups,
                                 uint32_t *threads, void *arguments,
                                 size_t *size) const = 0;

  /// An empty one; null if the op is none on K rows.
  static std::unique_ptr<RowProblem> create(Op op);
  /// Sizes, strides, contents and what is wrong in them follow from the seed.
  static llvm::Expected<std::unique_ptr<RowProblem>>
  random(const KernelKey &key, uint64_t seed);

  /// What is wrong with \p got, which a launch of this left; empty if nothing
  /// is.
  virtual std::string compare(RowProblem &got) const;

protected:
  RowProblem() = default;
  RowProblem(const RowProblem &) = default;
  RowProblem &operator=(const RowProblem &) = default;

  template <typename T>
  static llvm::MutableArrayRef<uint8_t> bytesOf(std::vector<T> &values) {
    return {reinterpret_cast<uint8_t *>(values.data()),
            values.size() * sizeof(T)};
  }
  hipdex_cache_buffer cacheBuffer(void *data, const CacheLayout &layout,
                                  int64_t numPages, int64_t pageStride) const;
  /// Adds the ranges of K and scale of a slot.
  static void addSlot(std::vector<hipdex_emulator_range> &ranges,
                      const CacheLayout &layout, int64_t slot,
                      int64_t pageStride);
};

/// What the problems of all ops do alike: be copied, and launched with what
/// Problem::args() says by their two functions of the C ABI.
template <typename Problem, typename Base, auto launchFunction,
          auto describeFunction>
class RowProblemOf : public Base {
public:
  std::unique_ptr<RowProblem> clone() const override {
    return std::make_unique<Problem>(problem());
  }
  hipdex_status launch(const hipdex_kernel *kernel,
                       const RowProblem::Pointers &pointers,
                       void *stream = nullptr) const override {
    auto args = problem().args(pointers);
    return launchFunction(kernel, &args, stream);
  }
  hipdex_status describe(const hipdex_kernel *kernel,
                         const RowProblem::Pointers &pointers,
                         uint32_t *workgroups, uint32_t *threads,
                         void *arguments, size_t *size) const override {
    auto args = problem().args(pointers);
    return describeFunction(kernel, &args, workgroups, threads, arguments,
                            size);
  }

private:
  const Problem &problem() const { return static_cast<const Problem &>(*this); }
};

/// How many tokens to try an op with.
int64_t randomTokens(Random &random);

struct RowLaunchOptions {
  LaunchCounters *counters = nullptr;
  const char *watched = "cache";  ///< The operand that the counters watch.
  PackedLaunch *packed = nullptr; ///< Becomes what was launched.
};

/// Launches the problem, on the emulator with all operands guarded, and leaves
/// in it what the kernel wrote.
llvm::Error launchRows(Device &device, const hipdex_kernel *kernel,
                       RowProblem &problem,
                       const RowLaunchOptions &options = {});

} // namespace hipdex

#endif // HIPDEX_REFERENCE_ROWPROBLEM_H
