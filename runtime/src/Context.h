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

#include "hipdex/hipdex.h"
#include "src/Bundle.h"
#include "src/DiskCache.h"
#include "src/HipLibrary.h"
#include "src/HttpCache.h"
#include "src/KernelCache.h"
#include "src/KernelCompiler.h"
#include "src/ProcessState.h"
#include "src/StripedCounter.h"
#include <atomic>
#include <string>
#include <vector>

namespace hipdex {
namespace runtime {

/// How a kernel was got, beside the kernel.
struct Resolution {
  /// What went wrong without being an error: an entry that had to be built
  /// again, a cache that cannot be written.
  std::string warning;
  const char *source = "";

  void warn(const llvm::Twine &text);
};

class Context {
public:
  /// With fields that are null or 0, the environment's choice, then the
  /// default; see hipdex.h.
  static llvm::Expected<std::unique_ptr<Context>>
  create(const hipdex_context_options &options);

  /// Whether getKernel() or prepare() is asking.
  enum class Caller { Get, Prepare };
  llvm::Expected<const Kernel *> getKernel(llvm::StringRef key, Caller caller,
                                           Resolution &resolution);
  /// A kernel that is loaded, or null.
  const Kernel *findLoaded(llvm::StringRef key) const {
    return kernels.find(key);
  }
  /// A kernel beside the caches.
  llvm::Expected<const Kernel *> loadKernel(CompiledKernel compiled);

  struct Answer {
    std::string constraint, nearest; ///< Empty: it can run.
  };
  /// Whether getKernel() would have a kernel. \p context may be null.
  static llvm::Expected<Answer> canRun(Context *context, llvm::StringRef key);

  const HipLibrary &hip() const { return hipLibrary; }
  int deviceNumber() const { return device; }
  const std::string &deviceName() const { return name; }
  const std::string &arch() const { return archName; }
  const std::string &provider() const { return providerName; }
  int computeUnits() const { return computeUnitCount; }
  /// Success unless the process was forked since.
  llvm::Error checkProcess() const;
  const ProcessState &process() const { return processState; }

  StripedCounter memoryHits;
  std::atomic<uint64_t> diskHits = 0;
  std::atomic<uint64_t> diskRejects = 0;
  std::atomic<uint64_t> compiles = 0;
  std::atomic<uint64_t> embeddedHits = 0;
  std::atomic<uint64_t> bundleHits = 0;
  std::atomic<uint64_t> bundleRejects = 0;
  std::atomic<uint64_t> storeFailures = 0;
  std::atomic<uint64_t> lockWaits = 0;
  std::atomic<uint64_t> lockTimeouts = 0;
  std::atomic<uint64_t> httpHits = 0;
  std::atomic<uint64_t> httpRejects = 0;

private:
  /// One step of the resolution order.
  struct Step {
    std::shared_ptr<KernelSource> source;
    /// Whether it was said that it cannot be used.
    std::atomic<bool> warned{false};
  };

  Context(HipLibrary hip, int device)
      : hipLibrary(hip), providerName(hip.name()), device(device) {}
  llvm::Error askDevice();
  llvm::Error addSources(const hipdex_context_options &options);
  /// The bundles of text go to \p texts.
  llvm::Error addBundles(llvm::StringRef path, llvm::StringRef publicKeys,
                         std::vector<std::shared_ptr<Bundle>> &texts);
  llvm::Error chooseCompiler(const char *choice,
                             std::vector<std::shared_ptr<Bundle>> texts);
  void addSource(std::shared_ptr<KernelSource> source);

  llvm::Expected<std::unique_ptr<Kernel>>
  build(llvm::StringRef keyText, Caller caller, Resolution &resolution);
  llvm::Expected<std::unique_ptr<Kernel>> loadFrom(Step &step,
                                                   const Action &action,
                                                   Resolution &resolution,
                                                   bool isFirstLook);
  llvm::Expected<std::unique_ptr<Kernel>>
  compile(const Action &action, Resolution &resolution, FileLock lock);
  /// Gives a kernel that was not there to a cache.
  template <typename Cache>
  void store(Cache &cache, Step &step, const Action &action,
             const Kernel &kernel, Resolution &resolution);
  void warnOnce(Step &step, const llvm::Twine &message, Resolution &resolution);
  /// With what was wrong with kernels that were there, if any were.
  llvm::Error notFound(llvm::StringRef keyText,
                       llvm::StringRef rejected = {}) const;
  bool mayCompile(Caller caller) const;
  void trace(llvm::StringRef keyText, const llvm::Twine &step) const;

  const HipLibrary hipLibrary;
  const ProcessState processState;
  const std::string providerName;
  const int device;
  std::string name;
  std::string archName;
  int computeUnitCount = 0;
  uint64_t flags = 0;
  bool isTraced = false;

  std::vector<std::unique_ptr<Step>> steps;
  size_t bundleCount = 0; ///< The first of the steps, which go by the key.
  std::shared_ptr<DiskCache> diskCache; ///< The one that is written, or null.
  Step *diskStep = nullptr;             ///< Its.
  std::shared_ptr<HttpCache> httpCache; ///< Or null.
  Step *httpStep = nullptr;
  std::unique_ptr<KernelCompiler> compiler;
  // Last, because kernels use the above when they are destroyed.
  KernelCache kernels;
  std::mutex loadedMutex;
  std::vector<std::unique_ptr<Kernel>> loaded;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_CONTEXT_H
