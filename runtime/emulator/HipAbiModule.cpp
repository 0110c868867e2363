//===- HipAbiModule.cpp - HIP's module functions --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace llvm;
using namespace hipdex::emulator;

static hipError_t checkModule(Module *module) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!module || !runtime.modules.contains(module))
    return fail(hipErrorInvalidHandle,
                "not a module, or one that was unloaded");
  return hipSuccess;
}

hipError_t hipdex::emulator::checkFunction(Function *function) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!function || !runtime.functions.contains(function))
    return fail(hipErrorInvalidHandle,
                "not a kernel, or one whose module was unloaded");
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleLoadData(Module **module,
                                                    const void *image) {
  if (hipError_t error = requireDevice())
    return error;
  if (!module || !image)
    return fail(hipErrorInvalidValue, "hipModuleLoadData: null pointer");
  if (hipError_t error = checkNoCapture("hipModuleLoadData"))
    return error;
  return loadModule(image, 0, currentDevice, module);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleLoadDataEx(Module **module,
                                                      const void *image,
                                                      unsigned, int *,
                                                      void **) {
  return hipModuleLoadData(module, image);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleLoad(Module **module,
                                                const char *path) {
  if (hipError_t error = requireDevice())
    return error;
  if (!module || !path)
    return fail(hipErrorInvalidValue, "hipModuleLoad: null pointer");
  if (hipError_t error = checkNoCapture("hipModuleLoad"))
    return error;
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return fail(hipErrorFileNotFound, Twine("hipModuleLoad: ") + path + ": " +
                                          buffer.getError().message());
  if ((*buffer)->getBufferSize() == 0)
    return fail(hipErrorInvalidImage,
                Twine("hipModuleLoad: ") + path + " is empty");
  return loadModule((*buffer)->getBufferStart(), (*buffer)->getBufferSize(),
                    currentDevice, module);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleUnload(Module *module) {
  if (hipError_t error = checkNoCapture("hipModuleUnload"))
    return error;
  if (hipError_t error = checkModule(module))
    return error;
  HipRuntime &runtime = HipRuntime::get();
  {
    std::lock_guard<std::mutex> lock(runtime.mutex);
    runtime.modules.erase(module);
    for (auto &entry : module->functions)
      runtime.functions.erase(entry.second.get());
  }
  // Frees device memory, which waits for running kernels: without the lock.
  delete module;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleGetFunction(Function **function,
                                                       Module *module,
                                                       const char *name) {
  if (!function || !name)
    return fail(hipErrorInvalidValue, "hipModuleGetFunction: null pointer");
  if (hipError_t error = checkModule(module))
    return error;
  return getFunction(*module, name, function);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleGetGlobal(void **address,
                                                     size_t *bytes,
                                                     Module *module,
                                                     const char *name) {
  if (!name)
    return fail(hipErrorInvalidValue, "hipModuleGetGlobal: null pointer");
  if (hipError_t error = checkModule(module))
    return error;
  std::optional<Variable> variable = module->object->findVariable(name);
  if (!variable)
    return fail(hipErrorNotFound,
                Twine("the code object has no variable '") + name + "'");
  if (address)
    *address = reinterpret_cast<void *>(variable->address);
  if (bytes)
    *bytes = variable->size;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipFuncGetAttribute(
    int *value, hipFunction_attribute attribute, Function *function) {
  if (!value)
    return fail(hipErrorInvalidValue, "hipFuncGetAttribute: null pointer");
  if (hipError_t error = checkFunction(function))
    return error;
  const hipdex::Arch &arch =
      *HipRuntime::get().devices[function->module->device].arch;
  switch (attribute) {
  case HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    *value = int(function->maxThreads);
    return hipSuccess;
  case HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
    *value = int(function->ldsBytes);
    return hipSuccess;
  case HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
    *value = int(function->scratchBytes);
    return hipSuccess;
  case HIP_FUNC_ATTRIBUTE_NUM_REGS:
    *value = int(function->vgprs);
    return hipSuccess;
  case HIP_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
    *value = int(arch.ldsBytes - std::min(arch.ldsBytes, function->ldsBytes));
    return hipSuccess;
  case HIP_FUNC_ATTRIBUTE_BINARY_VERSION:
  case HIP_FUNC_ATTRIBUTE_PTX_VERSION:
  case HIP_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
  case HIP_FUNC_ATTRIBUTE_CACHE_MODE_CA:
  case HIP_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
    *value = 0;
    return hipSuccess;
  }
  return fail(hipErrorInvalidValue, "hipFuncGetAttribute: attribute " +
                                        Twine(int(attribute)) +
                                        " is not one that there is");
}

HIPDEX_EMULATOR_EXPORT hipError_t hipModuleLaunchKernel(
    Function *function, unsigned gridX, unsigned gridY, unsigned gridZ,
    unsigned blockX, unsigned blockY, unsigned blockZ, unsigned dynamicLds,
    void *stream, void **kernelParams, void **extra) {
  if (hipError_t error = checkFunction(function))
    return error;
  return launch(*function, {gridX, gridY, gridZ}, {blockX, blockY, blockZ},
                dynamicLds, stream, kernelParams, extra);
}
