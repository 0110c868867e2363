//===- Harness.h - What the emulator's tests share --------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_HARNESS_H
#define HIPDEX_TEST_HARNESS_H

#include "Hip.h"
#include "hipdex/hipdex-emulator.h"
#include <random>
#include <string>
#include <vector>

namespace hipdex::test {

/// The seed of this run, printed once: HIPDEX_TEST_SEED, or a fresh one.
uint64_t seed();

/// Makes the device of that architecture current.
void useArch(const std::string &arch);

/// "gfx942" and "gfx950".
const std::vector<std::string> &arches();

/// Path of a kernel file that the build made: "<name>.<arch>.hsaco".
std::string kernelPath(const std::string &name, const std::string &arch);

std::vector<char> readFile(const std::string &path);

/// A module, unloaded at the end of its scope.
class LoadedModule {
public:
  /// From the file of that name for the arch, whose device becomes current.
  LoadedModule(const std::string &name, const std::string &arch);
  explicit LoadedModule(const std::vector<char> &image);
  ~LoadedModule();
  LoadedModule(const LoadedModule &) = delete;
  LoadedModule &operator=(const LoadedModule &) = delete;

  hipFunction_t function(const std::string &name) const;
  hipModule_t handle = nullptr;
};

/// Device memory, freed at the end of its scope.
template <typename T> class Buffer {
public:
  explicit Buffer(size_t count) : count(count) { allocate(); }
  explicit Buffer(const std::vector<T> &values) : count(values.size()) {
    allocate();
    for (size_t i = 0; i < count; ++i)
      data[i] = values[i];
  }
  ~Buffer() { (void)hipFree(data); }
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  // Device memory is host memory here.
  T &operator[](size_t i) { return data[i]; }
  std::vector<T> values() const { return std::vector<T>(data, data + count); }

  T *data = nullptr;
  size_t count;

private:
  void allocate() {
    void *pointer = nullptr;
    if (hipMalloc(&pointer, count * sizeof(T)) == hipSuccess)
      data = static_cast<T *>(pointer);
  }
};

/// Launches blocks * threads work-items; HIP's status.
template <typename... Arguments>
int launch(hipFunction_t function, unsigned blocks, unsigned threads,
           Arguments... arguments) {
  void *pointers[] = {
      const_cast<void *>(static_cast<const void *>(&arguments))...};
  return hipModuleLaunchKernel(function, blocks, 1, 1, threads, 1, 1, 0,
                               nullptr, pointers, nullptr);
}

/// hipdex_emulator_last_error(), as a string.
std::string lastMessage();

} // namespace hipdex::test

#endif // HIPDEX_TEST_HARNESS_H
