//===- Harness.h - Runs one problem on the emulator -------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_NUMERIC_HARNESS_H
#define HIPDEX_TEST_NUMERIC_HARNESS_H

#include "Spec/KernelMetadata.h"
#include "reference/Checks.h"
#include "reference/DeviceProblem.h"
#include "reference/LaunchCounters.h"
#include "reference/Reference.h"

namespace hipdex {

/// What every problem's seed follows from: HIPDEX_TEST_SEED, or a fresh one.
uint64_t testSeed();
/// A seed of its own for each call.
uint64_t nextSeed();

/// The keys to test of the ops that write rows of logits: those whose text
/// contains HIPDEX_TEST_KEY, else a set that follows from the seed and has
/// every triple of field values that any supported key of an op has.
const std::vector<KernelKey> &testKeys();

/// Likewise of any op, and compiled.
const std::vector<KernelKey> &coveringKeys(Op op);

/// How the emulator takes workgroups in a scope; then as the environment says
/// again.
class ScheduleScope {
public:
  ScheduleScope(Device &device, unsigned threads, uint64_t order);
  ~ScheduleScope();
  ScheduleScope(const ScheduleScope &) = delete;
  ScheduleScope &operator=(const ScheduleScope &) = delete;

private:
  decltype(hipdex_emulator_schedule) *schedule;
};

/// The emulated device of an architecture; opened once.
Device &deviceOf(const Arch &arch);
/// Before main returns: a context outlives no library that it opened.
void closeDevices();

const hipdex_kernel *kernelOf(const KernelKey &key);
KernelMetadata metadataOf(const hipdex_kernel *kernel);

/// Draws a problem with a seed of its own.
Problem draw(const KernelKey &key, ProblemOptions options);

/// Tries the shapes of every test key of an op, on all cores, and checks the
/// kernels' resources. \p shapesOf is called once
/// for each, from any thread, with the seed of its own that draws and shapes
/// follow from. What fails is a failed check, with the command that repeats it.
void checkKeys(const std::function<std::vector<Shape>(const KernelKey &key,
                                                      uint64_t seed)> &shapesOf,
               Op op = Op::PagedMqaLogits);

/// What must hold of every kernel: no spills, and the registers and LDS that
/// the architecture has.
llvm::Error checkResources(const KernelMetadata &metadata);

/// Launches the problem and compares every cell. A wrong one is a failed
/// check, with a dump under the build folder and the command that repeats it.
/// \p grid, if given, is how many workgroups are launched.
void check(const Problem &problem, LaunchCounters *counters = nullptr,
           std::optional<uint32_t> grid = std::nullopt);

} // namespace hipdex

#endif // HIPDEX_TEST_NUMERIC_HARNESS_H
