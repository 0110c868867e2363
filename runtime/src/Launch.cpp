//===- Launch.cpp - What a kernel is launched with -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "src/Launch.h"
#include "src/Context.h"
#include "src/Kernel.h"
#include "src/LaunchChecks.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"

using namespace hipdex;
using namespace hipdex::runtime;

static ArgumentList argumentsOf(Op op) {
  switch (op) {
  case Op::PagedMqaLogits:
    return pagedMqaLogitsArguments();
  case Op::KQuantStore:
    return kQuantStoreArguments();
  case Op::KGather:
    return kGatherArguments();
  case Op::KMove:
    return kMoveArguments();
  case Op::StreamPages:
    return streamPagesArguments();
  case Op::MqaLogits:
    return mqaLogitsArguments();
  case Op::PagedMqaPrefill:
    return pagedMqaPrefillArguments();
  case Op::TopK:
    return topKArguments();
  case Op::QkPrep:
    return qkPrepArguments();
  }
  llvm_unreachable("a key's op is one of these");
}

llvm::Error runtime::checkArguments(Op op, const KernelMetadata &metadata) {
  ArgumentList list = argumentsOf(op);
  llvm::ArrayRef<ArgumentPlace> places = list.places;
  auto invalid = [](const llvm::Twine &message) {
    return makeError(HIPDEX_ERROR_CODE_OBJECT, "kernel metadata: " + message);
  };
  if (metadata.arguments.size() != places.size())
    return invalid("has " + llvm::Twine(metadata.arguments.size()) +
                   " arguments, must have " + llvm::Twine(places.size()));
  for (auto [i, argument] : llvm::enumerate(metadata.arguments)) {
    const ArgumentPlace &place = places[i];
    if (argument.name != place.name || argument.offset != place.offset ||
        argument.size != place.size || argument.isPointer != place.isPointer)
      return invalid("argument " + llvm::Twine(i) + " is " + argument.name +
                     " (offset " + llvm::Twine(argument.offset) + ", size " +
                     llvm::Twine(argument.size) + "), must be " + place.name +
                     " (offset " + llvm::Twine(place.offset) + ", size " +
                     llvm::Twine(place.size) + ")");
  }
  // Without the padding behind the last one, as LLVM counts. More would be
  // arguments that nothing fills in: generated kernels have none of LLVM's
  // hidden ones, whose segment would be 256 bytes longer.
  unsigned packedBytes = places.back().offset + places.back().size;
  if (metadata.kernargBytes < packedBytes || metadata.kernargBytes > list.bytes)
    return invalid("kernarg_bytes is " + llvm::Twine(metadata.kernargBytes) +
                   ", must be in " + llvm::Twine(packedBytes) + ".." +
                   llvm::Twine(list.bytes));
  return llvm::Error::success();
}

llvm::Error LaunchPlan::check(Op op) const {
  // HIP refuses a dimension of 2^32 threads and more (hipModuleLaunchKernel),
  // and does not say why.
  int64_t all = workgroups * threads;
  if (all > UINT32_MAX)
    return LaunchChecks(op).invalid("the grid would have " + llvm::Twine(all) +
                                    " threads, must be below " +
                                    "2^32: launch fewer rows at a time");
  return llvm::Error::success();
}

llvm::Error runtime::launch(const Kernel &kernel, LaunchPlan &plan,
                            void *stream) {
  if (plan.workgroups == 0)
    return llvm::Error::success();
  if (llvm::Error error = kernel.context.checkProcess())
    return error;
  const HipLibrary &hip = kernel.context.hip();
  DeviceScope scope(hip, kernel.context.deviceNumber());
  if (llvm::Error error = scope.takeError())
    return error;
  void *extra[] = {launchParamBufferPointer(), plan.arguments,
                   launchParamBufferSize(), &plan.bytes, launchParamEnd()};
  return hip.check(hip.hipModuleLaunchKernel(
                       kernel.function, plan.workgroups, 1, 1, plan.threads, 1,
                       1, /*sharedBytes=*/0, static_cast<hipStream_t>(stream),
                       /*arguments=*/nullptr, extra),
                   "hipModuleLaunchKernel");
}
