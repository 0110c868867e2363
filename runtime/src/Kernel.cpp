//===- Kernel.cpp - A kernel that is loaded on a device -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Kernel.h.
//
//===----------------------------------------------------------------------===//

#include "src/Kernel.h"
#include "src/Context.h"
#include "src/Status.h"

using namespace hipdex;
using namespace hipdex::runtime;

Kernel::Kernel(Context &context, CompiledKernel compiled,
               KernelContents contents)
    : KernelContents(std::move(contents)), context(context),
      compiled(std::move(compiled)) {}

Kernel::~Kernel() {
  if (!module || !context.process().mayCallHip())
    return;
  // A device that is gone cannot be told; there is nobody to report to.
  DeviceScope scope(context.hip(), context.deviceNumber());
  llvm::consumeError(scope.takeError());
  if (context.hip().hipModuleUnload(module) != hipSuccess)
    context.hip().hipGetLastError(); // not the next caller's
}

llvm::Error Kernel::loadModule() {
  const HipLibrary &hip = context.hip();
  DeviceScope scope(hip, context.deviceNumber());
  if (llvm::Error error = scope.takeError())
    return error;
  hipError_t result =
      hip.hipModuleLoadData(&module, compiled.codeObject->getBufferStart());
  if (result != hipSuccess) {
    module = nullptr; // whatever HIP left there
    llvm::Error error = hip.check(result, "hipModuleLoadData");
    if (result != hipErrorStreamCaptureUnsupported)
      return error;
    auto [status, message] = takeStatus(std::move(error));
    return makeError(status, message + "; get kernels before a capture");
  }
  return hip.check(
      hip.hipModuleGetFunction(&function, module, metadata.symbol.c_str()),
      "hipModuleGetFunction");
}

llvm::Expected<std::unique_ptr<Kernel>> Kernel::load(Context &context,
                                                     CompiledKernel compiled) {
  llvm::Expected<KernelContents> contents =
      KernelContents::check(compiled, context.arch());
  if (!contents)
    return contents.takeError();
  std::unique_ptr<Kernel> kernel(
      new Kernel(context, std::move(compiled), std::move(*contents)));
  if (llvm::Error error = kernel->loadModule())
    return std::move(error);
  return kernel;
}
