//===- Context.cpp - One device, its kernels and its caches ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Context.h.
//
//===----------------------------------------------------------------------===//

#include "src/Context.h"
#include "src/Status.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include <cstdlib>
#include <cstring>

using namespace hipdex;
using namespace hipdex::runtime;

/// The folder of compiled kernels; empty for none.
static std::string cacheDirectoryOr(const char *given) {
  if (given)
    return given;
  if (const char *folder = std::getenv("HIPDEX_CACHE_DIR"))
    return folder;
  llvm::SmallString<128> path;
  // A relative $XDG_CACHE_HOME is to be ignored: XDG Base Directory
  // Specification.
  const char *base = std::getenv("XDG_CACHE_HOME");
  if (base && llvm::sys::path::is_absolute(base)) {
    path = base;
  } else {
    const char *home = std::getenv("HOME");
    if (!home || !*home)
      return "";
    path = home;
    llvm::sys::path::append(path, ".cache");
  }
  llvm::sys::path::append(path, "hipdex");
  return path.str().str();
}

/// The string in a field that may lack its terminator.
template <size_t size>
static std::string fieldString(const char (&field)[size]) {
  return std::string(field, strnlen(field, size));
}

llvm::Error Context::askDevice() {
  int count = 0;
  hipError_t result = hipLibrary.hipGetDeviceCount(&count);
  // Debian's libamdhip64-5 without a GPU answers hipErrorNoDevice; others say
  // that there are 0.
  if (result == hipErrorNoDevice || result == hipErrorInsufficientDriver ||
      (result == hipSuccess && count == 0)) {
    if (result != hipSuccess)
      hipLibrary.hipGetLastError();
    return makeError(HIPDEX_ERROR_NO_DEVICE,
                     "HIP library " + hipLibrary.name() + " finds no device");
  }
  if (llvm::Error error = hipLibrary.check(result, "hipGetDeviceCount"))
    return error;
  if (device < 0 || device >= count)
    return makeError(HIPDEX_ERROR_NO_DEVICE,
                     "device is " + llvm::Twine(device) + ", must be in 0.." +
                         llvm::Twine(count - 1));

  if (llvm::Error error = hipLibrary.check(
          hipLibrary.hipDeviceGetAttribute(
              &computeUnitCount, attributeMultiprocessorCount, device),
          "hipDeviceGetAttribute"))
    return error;
  if (computeUnitCount <= 0)
    return makeError(HIPDEX_ERROR_HIP,
                     "HIP says that device " + llvm::Twine(device) + " has " +
                         llvm::Twine(computeUnitCount) + " compute units");

  // See HipTypes.h for why there are two.
  std::string fullArch;
  if (hipLibrary.hipGetDevicePropertiesR0600) {
    DevicePropertiesR0600 properties = {};
    if (llvm::Error error = hipLibrary.check(
            hipLibrary.hipGetDevicePropertiesR0600(&properties, device),
            "hipGetDevicePropertiesR0600"))
      return error;
    name = fieldString(properties.name);
    fullArch = fieldString(properties.gcnArchName);
  } else {
    DevicePropertiesR0000 properties = {};
    if (llvm::Error error = hipLibrary.check(
            hipLibrary.hipGetDeviceProperties(&properties, device),
            "hipGetDeviceProperties"))
      return error;
    name = fieldString(properties.name);
    fullArch = fieldString(properties.gcnArchName);
  }
  archName = llvm::StringRef(fullArch).split(':').first.str();
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Context>>
Context::create(const char *provider, int device, const char *cacheDirectory) {
  if (!provider)
    provider = std::getenv("HIPDEX_DEVICE");
  if (!provider || !*provider)
    provider = "hip";
  llvm::Expected<HipLibrary> hip = HipLibrary::open(provider);
  if (!hip)
    return hip.takeError();
  std::unique_ptr<Context> context(new Context(std::move(*hip), device));
  if (llvm::Error error = context->askDevice())
    return std::move(error);
  std::string directory = cacheDirectoryOr(cacheDirectory);
  if (!directory.empty())
    context->diskCache.emplace(std::move(directory));
  return context;
}

llvm::Expected<const Kernel *> Context::getKernel(llvm::StringRef key,
                                                  std::string &warning) {
  if (const Kernel *kernel = kernels.find(key)) {
    memoryHits.fetch_add(1, std::memory_order_relaxed);
    return kernel;
  }
  return kernels.findOrBuild(key, [&] { return build(key, warning); });
}

llvm::Expected<std::unique_ptr<Kernel>> Context::build(llvm::StringRef keyText,
                                                       std::string &warning) {
  llvm::Expected<KernelKey> key = KernelKey::parse(keyText);
  if (!key)
    return key.takeError();
  if (llvm::Error error = key->validate())
    return std::move(error);
  if (key->arch->name != archName)
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "key \"" + keyText + "\" is for " + key->arch->name +
                         ", the device is " + archName);

  if (diskCache) {
    llvm::Expected<std::optional<CompiledKernel>> entry =
        diskCache->load(keyText);
    if (!entry) {
      warning = llvm::toString(entry.takeError()) + "; built again";
      ++diskRejects;
    } else if (*entry) {
      llvm::Expected<std::unique_ptr<Kernel>> kernel =
          Kernel::load(*this, std::move(**entry));
      if (kernel && (*kernel)->metadata.key == keyText) {
        ++diskHits;
        return kernel;
      }
      if (!kernel) {
        auto [status, message] = takeStatus(kernel.takeError());
        // Only contents can be rebuilt; HIP's failures would come again.
        if (status != HIPDEX_ERROR_CODE_OBJECT)
          return makeError(status, message);
        warning = "cache entry " + diskCache->entryPath(keyText) + ": " +
                  message + "; built again";
      } else {
        warning = "cache entry " + diskCache->entryPath(keyText) +
                  ": is of key " + (*kernel)->metadata.key + "; built again";
      }
      ++diskRejects;
    }
  }

  llvm::Expected<CompiledKernel> compiled = compiler.compile(keyText);
  if (!compiled)
    return compiled.takeError();
  ++compiles;
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      Kernel::load(*this, std::move(*compiled));
  if (!kernel)
    return kernel.takeError();
  if ((*kernel)->metadata.key != keyText)
    return makeError(HIPDEX_ERROR_COMPILER, "the compiler was asked for " +
                                                keyText + " and made " +
                                                (*kernel)->metadata.key);
  // Only what loaded is worth keeping. A cache that cannot be written is slow,
  // not wrong.
  if (diskCache)
    if (llvm::Error error = diskCache->store(keyText, (*kernel)->compiled)) {
      // Behind why the entry there was rejected, if one was.
      if (!warning.empty())
        warning += "; ";
      warning += llvm::toString(std::move(error)) +
                 "; the kernel stays in memory only";
    }
  return kernel;
}

llvm::Expected<const Kernel *> Context::loadKernel(CompiledKernel compiled) {
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      Kernel::load(*this, std::move(compiled));
  if (!kernel)
    return kernel.takeError();
  std::lock_guard<std::mutex> lock(loadedMutex);
  loaded.push_back(std::move(*kernel));
  return loaded.back().get();
}
