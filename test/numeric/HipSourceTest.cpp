//===- HipSourceTest.cpp - Kernels from HIP C++ text ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The same kernel twice: as the compiler makes it, and as clang does from its
// HIP C++ text. (ctest runs the tests of every key with clang's alone: see
// CMakeLists.txt.)
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include "reference/KeySpace.h"
#include "reference/Random.h"
#include "reference/RowProblem.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <map>

using namespace hipdex;

template <typename T> static T require(llvm::Expected<T> value) {
  if (!value)
    FAIL(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// A device whose kernels come from one of the two ways, with no cache between
/// them.
static std::unique_ptr<Device> openDevice(const Arch &arch) {
  return require(Device::find("emulator", arch.name, /*cacheDirectory=*/""));
}

/// The key's kernel. Contexts open their compiler at the first miss.
static const hipdex_kernel *compile(Device &device, const KernelKey &key,
                                    const char *compiler) {
  const char *before = std::getenv("HIPDEX_COMPILER_LIBRARY");
  std::string old = before ? before : "";
  ::setenv("HIPDEX_COMPILER_LIBRARY", compiler, /*overwrite=*/1);
  const hipdex_kernel *kernel = nullptr;
  hipdex_status status =
      hipdex_get_kernel(device.context(), key.str().c_str(), &kernel);
  if (before)
    ::setenv("HIPDEX_COMPILER_LIBRARY", old.c_str(), /*overwrite=*/1);
  else
    ::unsetenv("HIPDEX_COMPILER_LIBRARY");
  if (status != HIPDEX_SUCCESS)
    FAIL(llvm::toString(Device::lastError()));
  return kernel;
}

static std::vector<float> launch(Device &device, const hipdex_kernel *kernel,
                                 const Problem &problem) {
  auto operands = require(DeviceProblem::create(device, problem));
  if (llvm::Error error = operands->launch(kernel))
    FAIL(llvm::toString(std::move(error)));
  return require(operands->downloadLogits());
}

/// Where two results differ first; empty if nowhere.
static std::string firstDifference(const KernelKey &key,
                                   llvm::ArrayRef<float> ours,
                                   llvm::ArrayRef<float> clangs,
                                   int64_t stride) {
  for (size_t i = 0; i < ours.size(); ++i) {
    uint32_t a, b;
    std::memcpy(&a, &ours[i], sizeof(a));
    std::memcpy(&b, &clangs[i], sizeof(b));
    if (a != b)
      return key.str() + ": row " + std::to_string(i / stride) + ", column " +
             std::to_string(i % stride) + " is " + std::to_string(ours[i]) +
             " from the compiler and " + std::to_string(clangs[i]) +
             " from the text";
  }
  return "";
}

static std::string firstDifference(RowProblem &ours, RowProblem &clangs) {
  auto a = ours.operands(), b = clangs.operands();
  for (size_t o = 0; o < a.size(); ++o)
    for (size_t i = 0; i < a[o].bytes.size(); ++i)
      if (a[o].bytes[i] != b[o].bytes[i]) {
        int64_t element = i / a[o].elementBytes, stride = 1;
        if (!a[o].strides.empty())
          stride = std::max<int64_t>(1, a[o].strides.front());
        return ours.key.str() + ": " + a[o].argument + ", row " +
               std::to_string(element / stride) + ", element " +
               std::to_string(element % stride) +
               " differs between the compiler and the text";
      }
  return "";
}

/// Keys of an op, drawn field by field, or those that HIPDEX_TEST_KEY names.
static std::vector<KernelKey> someKeys(Op op, unsigned count) {
  KeySpace space(KernelKey::all(op));
  std::vector<KernelKey> keys;
  if (const char *part = std::getenv("HIPDEX_TEST_KEY")) {
    for (const KernelKey &key : space.keys())
      if (llvm::StringRef(key.str()).contains(part))
        keys.push_back(key);
    return keys;
  }
  for (unsigned i = 0; i < count; ++i)
    keys.push_back(space.draw(nextSeed()));
  return keys;
}

TEST_CASE("HIP C++: the same bits as the code object", "[hip]") {
  std::map<const Arch *,
           std::pair<std::unique_ptr<Device>, std::unique_ptr<Device>>>
      devices;
  for (Op op : allOps()) {
    for (const KernelKey &key : someKeys(op, 6)) {
      INFO(key.str());
      auto &[ours, clangs] = devices[key.arch];
      if (!ours) {
        ours = openDevice(*key.arch);
        clangs = openDevice(*key.arch);
      }
      const hipdex_kernel *ourKernel = compile(*ours, key, HIPDEX_PRINTER);
      const hipdex_kernel *clangKernel =
          compile(*clangs, key, HIPDEX_CLANG_COMPILER);
      if (Problem::isOf(key.op)) {
        Problem problem =
            draw(key, randomShape(key, nextSeed(), /*work=*/1 << 18).options);
        std::string difference = firstDifference(
            key, launch(*ours, ourKernel, problem),
            launch(*clangs, clangKernel, problem), problem.logitsStride);
        CHECK(difference == "");
        continue;
      }
      std::unique_ptr<RowProblem> first =
          require(RowProblem::random(key, nextSeed()));
      std::unique_ptr<RowProblem> second = first->clone();
      if (llvm::Error error = launchRows(*ours, ourKernel, *first))
        FAIL(llvm::toString(std::move(error)));
      if (llvm::Error error = launchRows(*clangs, clangKernel, *second))
        FAIL(llvm::toString(std::move(error)));
      CHECK(firstDifference(*first, *second) == "");
    }
  }
}
