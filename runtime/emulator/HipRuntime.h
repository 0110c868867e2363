//===- HipRuntime.h - What HIP's functions share ----------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Devices, modules, streams and events behind the handles of HIP's C ABI.
//
// Everything runs in the calling thread and is done when the call returns: a
// stream is a name, an event is a time. A launch that fails says so at once.
// All devices share one memory, as if every peer access were enabled.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_HIPRUNTIME_H
#define HIPDEX_EMULATOR_HIPRUNTIME_H

#include "Spec/Arch.h"
#include "emulator/CodeObject.h"
#include "emulator/Counters.h"
#include "emulator/DeviceMemory.h"
#include "emulator/Dispatch.h"
#include "emulator/HipTypes.h"
#include "emulator/StreamCapture.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/Twine.h"
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hipdex::emulator {

struct Device {
  const Arch *arch;
  KnownPart part;

  /// "MI355X (hipdex emulator)": nobody should take it for the real one.
  std::string name() const;
};

/// What the code object's metadata says of one kernel argument.
struct KernelArgument {
  std::string kind; ///< .value_kind, e.g. "by_value", "hidden_group_size_x".
  unsigned offset = 0;
  unsigned size = 0;
  bool isHidden() const { return llvm::StringRef(kind).starts_with("hidden_"); }
};

struct Module;

/// hipFunction_t.
struct Function {
  Module *module;
  const Kernel *kernel;
  std::vector<KernelArgument> arguments;
  unsigned kernargBytes = 0;
  unsigned ldsBytes = 0;
  unsigned scratchBytes = 0; ///< A lane.
  unsigned maxThreads = 1024;
  unsigned requiredBlock[3] = {0, 0, 0}; ///< Zeros: any.
  unsigned vgprs = 0;
};

/// hipModule_t.
struct Module {
  int device;
  std::unique_ptr<CodeObject> object;
  llvm::StringMap<std::unique_ptr<Function>> functions;
};

/// hipStream_t.
struct Stream {
  unsigned flags;
  int device;
  int priority;
  std::unique_ptr<Capture> capture; ///< Null unless it is being captured.
};

/// hipEvent_t.
struct Event {
  unsigned flags;
  bool recorded = false;
  std::chrono::steady_clock::time_point time;
};

class HipRuntime {
public:
  /// The process's one. Never destroyed: programs unregister their kernels
  /// from destructors that run late.
  static HipRuntime &get();

  static constexpr unsigned maxThreads = 4096; ///< Host threads of a launch.

  /// Empty, with the reason in setupError, if the environment asks for
  /// something that does not exist.
  std::vector<Device> devices;
  std::string setupError;

  DeviceMemory memory;

  /// Guards everything below. Not held while a kernel runs.
  std::mutex mutex;
  llvm::DenseSet<Module *> modules;
  llvm::DenseSet<Function *> functions;
  llvm::DenseSet<Stream *> streams;
  llvm::DenseSet<Event *> events;
  llvm::DenseSet<Graph *> graphs;
  llvm::DenseSet<GraphExec *> graphExecs;
  Schedule schedule;
  Counters counters;
  uint64_t launches = 0;

private:
  HipRuntime();
};

/// The calling thread's current device.
extern thread_local int currentDevice;

/// Remembers \p error and \p message for hipGetLastError() and
/// hipdex_emulator_last_error(), and returns \p error.
hipError_t fail(hipError_t error, const llvm::Twine &message);
hipError_t fail(hipError_t error, llvm::Error reason);

/// The calling thread's last error, and its message.
hipError_t takeLastError();
hipError_t peekLastError();
const std::string &lastMessage();

/// Success if there are devices; what every function that needs one begins
/// with.
hipError_t requireDevice();

/// Success if \p stream is one (the default streams included).
hipError_t checkStream(const void *stream);

/// Loads \p image (ELF or offload bundle) for \p device. \p size 0: unknown,
/// and the image's own headers are believed.
hipError_t loadModule(const void *image, size_t size, int device,
                      Module **module);
/// The kernel of that name; its metadata is read on the first request.
hipError_t getFunction(Module &module, llvm::StringRef name,
                       Function **function);

/// Runs \p function to its end in the calling thread, unless \p stream is being
/// captured.
hipError_t launch(Function &function, dim3 grid, dim3 block,
                  uint32_t dynamicLds, void *stream, void **kernelParams,
                  void **extra);
/// Success if \p function is one.
hipError_t checkFunction(Function *function);

} // namespace hipdex::emulator

HIPDEX_EMULATOR_EXPORT hipError_t hipMemGetInfo(size_t *available,
                                                size_t *total);

#endif // HIPDEX_EMULATOR_HIPRUNTIME_H
