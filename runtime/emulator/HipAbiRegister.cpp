//===- HipAbiRegister.cpp - Kernels compiled into the host program --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `clang -x hip` makes a program call: before main it registers its
// offload bundle, kernels and variables; kernel<<<...>>>(...) pushes a launch
// configuration and calls hipLaunchKernel() with the address of a host stub.
// A bundle is loaded for a device when something of it is first used there.
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include <cstring>
#include <map>

using namespace llvm;
using namespace hipdex::emulator;

namespace {

/// The wrapper that clang puts around a bundle (CGCUDANV.cpp).
struct FatBinaryWrapper {
  uint32_t magic;
  uint32_t version;
  const void *binary;
  void *unused;
};
constexpr uint32_t fatBinaryMagic = 0x48495046; // "HIPF"

struct FatBinary {
  const void *image;
  std::map<int, Module *> modules; ///< By device.
};

struct Symbol {
  FatBinary *binary;
  std::string name;
};

struct CallConfiguration {
  dim3 grid, block;
  size_t dynamicLds;
  void *stream;
};

struct Registry {
  /// Guards the maps below and the loading of a bundle.
  std::recursive_mutex mutex;
  DenseMap<const void *, Symbol> kernels;
  DenseMap<const void *, Symbol> variables;

  static Registry &get() {
    // Registered from constructors and unregistered from destructors.
    static Registry *registry = new Registry;
    return *registry;
  }
};

thread_local SmallVector<CallConfiguration, 1> callConfigurations;

hipError_t loadForCurrentDevice(FatBinary &binary, Module **module) {
  if (hipError_t error = requireDevice())
    return error;
  auto found = binary.modules.find(currentDevice);
  if (found == binary.modules.end()) {
    if (!binary.image)
      return fail(hipErrorInvalidImage,
                  "the program's fat binary has the wrong magic number");
    Module *loaded;
    if (hipError_t error = loadModule(binary.image, 0, currentDevice, &loaded))
      return error;
    found = binary.modules.insert({currentDevice, loaded}).first;
  }
  *module = found->second;
  return hipSuccess;
}

hipError_t findKernel(const char *caller, const void *stub,
                      Function **function) {
  Registry &registry = Registry::get();
  std::lock_guard<std::recursive_mutex> lock(registry.mutex);
  auto symbol = registry.kernels.find(stub);
  if (symbol == registry.kernels.end())
    return fail(hipErrorInvalidDeviceFunction,
                Twine(caller) + ": the pointer is not a registered kernel's");
  Module *module;
  if (hipError_t error = loadForCurrentDevice(*symbol->second.binary, &module))
    return error;
  return getFunction(*module, symbol->second.name, function);
}

hipError_t findVariable(const char *caller, const void *host,
                        Variable *variable) {
  Registry &registry = Registry::get();
  std::lock_guard<std::recursive_mutex> lock(registry.mutex);
  auto symbol = registry.variables.find(host);
  if (symbol == registry.variables.end())
    return fail(hipErrorInvalidSymbol,
                Twine(caller) + ": the pointer is not a registered variable's");
  Module *module;
  if (hipError_t error = loadForCurrentDevice(*symbol->second.binary, &module))
    return error;
  std::optional<Variable> found =
      module->object->findVariable(symbol->second.name);
  if (!found)
    return fail(hipErrorInvalidSymbol, Twine(caller) +
                                           ": the code object has no '" +
                                           symbol->second.name + "'");
  *variable = *found;
  return hipSuccess;
}

/// Copies between a registered variable and \p pointer.
hipError_t copySymbol(const char *caller, const void *symbol, void *pointer,
                      size_t bytes, size_t offset, bool toSymbol) {
  Variable variable;
  if (hipError_t error = findVariable(caller, symbol, &variable))
    return error;
  if (!pointer)
    return fail(hipErrorInvalidValue, Twine(caller) + ": null pointer");
  if (offset > variable.size || bytes > variable.size - offset)
    return fail(hipErrorInvalidValue, Twine(caller) + ": " + Twine(bytes) +
                                          " bytes at offset " + Twine(offset) +
                                          " of a variable of " +
                                          Twine(variable.size));
  void *device = reinterpret_cast<void *>(variable.address + offset);
  std::memmove(toSymbol ? device : pointer, toSymbol ? pointer : device, bytes);
  return hipSuccess;
}

} // namespace

HIPDEX_EMULATOR_EXPORT void **__hipRegisterFatBinary(const void *data) {
  FatBinaryWrapper wrapper;
  std::memcpy(&wrapper, data, sizeof(wrapper));
  // There is no way to report here: the first use does.
  bool known = wrapper.magic == fatBinaryMagic && wrapper.version == 1;
  return reinterpret_cast<void **>(
      new FatBinary{known ? wrapper.binary : nullptr, {}});
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleUnload(Module *module);

HIPDEX_EMULATOR_EXPORT void __hipUnregisterFatBinary(void **handle) {
  auto *binary = reinterpret_cast<FatBinary *>(handle);
  Registry &registry = Registry::get();
  std::lock_guard<std::recursive_mutex> lock(registry.mutex);
  for (auto *symbols : {&registry.kernels, &registry.variables}) {
    SmallVector<const void *> gone;
    for (auto &entry : *symbols)
      if (entry.second.binary == binary)
        gone.push_back(entry.first);
    for (const void *key : gone)
      symbols->erase(key);
  }
  for (auto &entry : binary->modules)
    (void)hipModuleUnload(entry.second);
  delete binary;
}

HIPDEX_EMULATOR_EXPORT void
__hipRegisterFunction(void **handle, const void *stub, char *, const char *name,
                      unsigned, void *, void *, void *, void *, int *) {
  Registry &registry = Registry::get();
  std::lock_guard<std::recursive_mutex> lock(registry.mutex);
  registry.kernels[stub] = {reinterpret_cast<FatBinary *>(handle), name};
}

HIPDEX_EMULATOR_EXPORT void __hipRegisterVar(void **handle, void *host, char *,
                                             const char *name, int, size_t, int,
                                             int) {
  Registry &registry = Registry::get();
  std::lock_guard<std::recursive_mutex> lock(registry.mutex);
  registry.variables[host] = {reinterpret_cast<FatBinary *>(handle), name};
}

HIPDEX_EMULATOR_EXPORT hipError_t __hipPushCallConfiguration(dim3 grid,
                                                             dim3 block,
                                                             size_t dynamicLds,
                                                             void *stream) {
  callConfigurations.push_back({grid, block, dynamicLds, stream});
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t __hipPopCallConfiguration(dim3 *grid,
                                                            dim3 *block,
                                                            size_t *dynamicLds,
                                                            void **stream) {
  if (callConfigurations.empty())
    return fail(hipErrorMissingConfiguration,
                "a kernel was called without <<<...>>>");
  CallConfiguration configuration = callConfigurations.pop_back_val();
  *grid = configuration.grid;
  *block = configuration.block;
  *dynamicLds = configuration.dynamicLds;
  *stream = configuration.stream;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipLaunchKernel(const void *stub, dim3 grid,
                                                  dim3 block, void **arguments,
                                                  size_t dynamicLds,
                                                  void *stream) {
  Function *function;
  if (hipError_t error = checkStream(stream))
    return error;
  if (hipError_t error = findKernel("hipLaunchKernel", stub, &function))
    return error;
  if (dynamicLds > UINT32_MAX)
    return fail(hipErrorInvalidConfiguration,
                "hipLaunchKernel: " + Twine(dynamicLds) + " bytes of LDS");
  return launch(*function, grid, block, uint32_t(dynamicLds), stream, arguments,
                nullptr);
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipFuncGetAttributes(hipFuncAttributes *attributes, const void *stub) {
  Function *function;
  if (!attributes)
    return fail(hipErrorInvalidValue, "hipFuncGetAttributes: null pointer");
  if (hipError_t error = findKernel("hipFuncGetAttributes", stub, &function))
    return error;
  *attributes = {};
  attributes->localSizeBytes = function->scratchBytes;
  attributes->sharedSizeBytes = function->ldsBytes;
  attributes->maxThreadsPerBlock = int(function->maxThreads);
  attributes->numRegs = int(function->vgprs);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGetSymbolAddress(void **address,
                                                      const void *symbol) {
  Variable variable;
  if (!address)
    return fail(hipErrorInvalidValue, "hipGetSymbolAddress: null pointer");
  if (hipError_t error = findVariable("hipGetSymbolAddress", symbol, &variable))
    return error;
  *address = reinterpret_cast<void *>(variable.address);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGetSymbolSize(size_t *bytes,
                                                   const void *symbol) {
  Variable variable;
  if (!bytes)
    return fail(hipErrorInvalidValue, "hipGetSymbolSize: null pointer");
  if (hipError_t error = findVariable("hipGetSymbolSize", symbol, &variable))
    return error;
  *bytes = variable.size;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyToSymbol(const void *symbol,
                                                    const void *source,
                                                    size_t bytes, size_t offset,
                                                    hipMemcpyKind) {
  return copySymbol("hipMemcpyToSymbol", symbol, const_cast<void *>(source),
                    bytes, offset, /*toSymbol=*/true);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipMemcpyFromSymbol(void *destination,
                                                      const void *symbol,
                                                      size_t bytes,
                                                      size_t offset,
                                                      hipMemcpyKind) {
  return copySymbol("hipMemcpyFromSymbol", symbol, destination, bytes, offset,
                    /*toSymbol=*/false);
}
