//===- Context.h - One device, its kernels and its caches -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What stands behind hipdex_context.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_CONTEXT_H
#define HIPDEX_RUNTIME_CONTEXT_H

#include "src/CompilerLibrary.h"
#include "src/DiskCache.h"
#include "src/HipLibrary.h"
#include "src/KernelCache.h"
#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace hipdex {
namespace runtime {

class Context {
public:
  /// Null means the environment's choice, then the default; see hipdex.h.
  static llvm::Expected<std::unique_ptr<Context>>
  create(const char *provider, int device, const char *cacheDirectory);

  /// The kernel of a key. \p warning gets what went wrong without being an
  /// error: a disk entry that had to be built again or cannot be written.
  llvm::Expected<const Kernel *> getKernel(llvm::StringRef key,
                                           std::string &warning);
  /// A kernel beside the caches.
  llvm::Expected<const Kernel *> loadKernel(CompiledKernel compiled);

  const HipLibrary &hip() const { return hipLibrary; }
  int deviceNumber() const { return device; }
  const std::string &deviceName() const { return name; }
  const std::string &arch() const { return archName; }
  const std::string &provider() const { return providerName; }
  int computeUnits() const { return computeUnitCount; }

  std::atomic<uint64_t> memoryHits = 0;
  std::atomic<uint64_t> diskHits = 0;
  std::atomic<uint64_t> diskRejects = 0;
  std::atomic<uint64_t> compiles = 0;

private:
  Context(HipLibrary hip, int device)
      : hipLibrary(hip), providerName(hip.name()), device(device) {}
  llvm::Error askDevice();
  llvm::Expected<std::unique_ptr<Kernel>> build(llvm::StringRef keyText,
                                                std::string &warning);

  const HipLibrary hipLibrary;
  const std::string providerName;
  const int device;
  std::string name;
  std::string archName;
  int computeUnitCount = 0;

  std::optional<DiskCache> diskCache;
  CompilerLibrary compiler;
  // Last, because kernels use the above when they are destroyed.
  KernelCache kernels;
  std::mutex loadedMutex;
  std::vector<std::unique_ptr<Kernel>> loaded;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_CONTEXT_H
