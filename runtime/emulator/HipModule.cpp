//===- HipModule.cpp - Loading code objects and launching kernels ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Between HIP's functions and the emulator's core: picks the code object out
// of an offload bundle, reads a kernel's metadata, and lays out its arguments,
// hidden ones included, as the metadata says ("AMDGPU Code Object Metadata" in
// LLVM's AMDGPUUsage).
//
//===----------------------------------------------------------------------===//

#include "emulator/Dispatch.h"
#include "emulator/HipRuntime.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include <cstring>

using namespace llvm;

namespace hipdex::emulator {

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

// "Bundled Binary File Layout" in clang's ClangOffloadBundler documentation.
static constexpr char bundleMagic[] = "__CLANG_OFFLOAD_BUNDLE__";
static constexpr size_t bundleMagicSize = sizeof(bundleMagic) - 1;
static constexpr char compressedBundleMagic[] = "CCOB";

/// The extent of an ELF image, from its own tables: hipModuleLoadData() is not
/// told. \p image must have a whole header. 0 if the header is not one that
/// could be believed.
static uint64_t elfSize(const uint8_t *image) {
  ELF::Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  // A linker puts the program headers behind the ELF header. Anything else,
  // followed without knowing where the image ends, could lead anywhere.
  constexpr uint64_t largest = uint64_t(1) << 32;
  if (header.e_ident[ELF::EI_CLASS] != ELF::ELFCLASS64 ||
      header.e_phoff != sizeof(header) ||
      header.e_phentsize != sizeof(ELF::Elf64_Phdr) || header.e_phnum > 256 ||
      header.e_shoff > largest)
    return 0;
  uint64_t size =
      header.e_shoff + uint64_t(header.e_shnum) * header.e_shentsize;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    ELF::Elf64_Phdr segment;
    std::memcpy(&segment,
                image + header.e_phoff + uint64_t(i) * sizeof(segment),
                sizeof(segment));
    if (segment.p_offset > largest || segment.p_filesz > largest)
      return 0;
    size = std::max<uint64_t>(size, segment.p_offset + segment.p_filesz);
  }
  return size;
}

/// The code object for \p arch in an offload bundle.
static Expected<ArrayRef<uint8_t>> unbundle(const uint8_t *image, size_t size,
                                            const Arch &arch) {
  uint64_t limit = size ? size : UINT64_MAX;
  uint64_t at = bundleMagicSize;
  std::string targets;
  auto truncated = [&] {
    return createStringError("truncated offload bundle: %llu bytes",
                             (unsigned long long)size);
  };
  if (limit < at + 8)
    return truncated();
  uint64_t count = support::endian::read64le(image + at);
  at += 8;
  for (uint64_t i = 0; i < count; ++i) {
    if (limit < at + 24)
      return truncated();
    uint64_t offset = support::endian::read64le(image + at);
    uint64_t length = support::endian::read64le(image + at + 8);
    uint64_t nameLength = support::endian::read64le(image + at + 16);
    at += 24;
    if (nameLength > 4096 || limit - at < nameLength)
      return truncated();
    StringRef target(reinterpret_cast<const char *>(image + at), nameLength);
    at += nameLength;
    // "hipv4-amdgcn-amd-amdhsa--gfx942:sramecc+", "host-x86_64-...-".
    if (!target.contains("amdgcn"))
      continue;
    // Features follow a colon, and "xnack-" would look like a separator.
    StringRef name = target.split(':').first;
    name = name.substr(name.rfind('-') + 1);
    if (name == arch.name) {
      if (offset > limit || length > limit - offset)
        return truncated();
      return ArrayRef<uint8_t>(image + offset, length);
    }
    targets += (targets.empty() ? "" : ", ") + name.str();
  }
  return createStringError(
      "the offload bundle has no code object for %s: it has %s",
      arch.name.str().c_str(), targets.empty() ? "none" : targets.c_str());
}

hipError_t loadModule(const void *image, size_t size, int device,
                      Module **module) {
  HipRuntime &runtime = HipRuntime::get();
  const Arch &arch = *runtime.devices[device].arch;
  auto *bytes = static_cast<const uint8_t *>(image);
  auto startsWith = [&](const char *magic, size_t length) {
    return (size == 0 || size >= length) &&
           std::memcmp(bytes, magic, length) == 0;
  };

  ArrayRef<uint8_t> elf(bytes, size);
  if (startsWith(compressedBundleMagic, 4))
    return fail(hipErrorInvalidImage,
                "compressed offload bundles are not supported; compile with "
                "--no-offload-compress");
  if (startsWith(bundleMagic, bundleMagicSize)) {
    Expected<ArrayRef<uint8_t>> found = unbundle(bytes, size, arch);
    if (!found)
      return fail(hipErrorNoBinaryForGpu, found.takeError());
    elf = *found;
  } else if (!startsWith(ELF::ElfMagic, 4)) {
    return fail(hipErrorInvalidImage,
                "the image is neither an ELF file nor an offload bundle");
  } else if (size == 0) {
    elf = ArrayRef<uint8_t>(bytes, elfSize(bytes));
    if (elf.empty())
      return fail(hipErrorInvalidImage,
                  "the ELF header is not that of a linked 64-bit code object");
  }

  // Before anything of it is loaded: the message should be this one.
  if (elf.size() >= sizeof(ELF::Elf64_Ehdr)) {
    ELF::Elf64_Ehdr header;
    std::memcpy(&header, elf.data(), sizeof(header));
    if (header.e_machine != ELF::EM_AMDGPU)
      return fail(hipErrorInvalidImage, "the ELF file is for machine " +
                                            Twine(header.e_machine) +
                                            ", not for AMD GPUs (224)");
  }
  Expected<std::unique_ptr<CodeObject>> object =
      CodeObject::load(elf, runtime.memory);
  if (!object)
    return fail(hipErrorInvalidImage, object.takeError());
  if ((*object)->arch() != arch.name)
    return fail(hipErrorNoBinaryForGpu,
                "the code object is for " + (*object)->arch() + ", device " +
                    Twine(device) + " is a " + arch.name);
  *module = new Module{device, std::move(*object), {}};
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.modules.insert(*module);
  return hipSuccess;
}

//===----------------------------------------------------------------------===//
// Metadata
//===----------------------------------------------------------------------===//

static uint64_t getUInt(msgpack::MapDocNode &map, StringRef key,
                        uint64_t otherwise) {
  auto found = map.find(key);
  if (found == map.end())
    return otherwise;
  // Small values may be stored signed.
  if (found->second.getKind() == msgpack::Type::UInt)
    return found->second.getUInt();
  if (found->second.getKind() == msgpack::Type::Int)
    return uint64_t(found->second.getInt());
  return otherwise;
}

static StringRef getString(msgpack::MapDocNode &map, StringRef key) {
  auto found = map.find(key);
  if (found == map.end() || !found->second.isString())
    return "";
  return found->second.getString();
}

/// Fills \p function from the metadata of the kernel of that name.
static Error readMetadata(Function &function, StringRef name) {
  msgpack::Document document;
  if (!document.readFromBlob(function.module->object->metadata(),
                             /*Multi=*/false) ||
      !document.getRoot().isMap())
    return createStringError("the code object's metadata is not readable");
  msgpack::MapDocNode &root = document.getRoot().getMap();
  auto kernels = root.find("amdhsa.kernels");
  if (kernels == root.end() || !kernels->second.isArray())
    return createStringError("the metadata has no amdhsa.kernels");
  for (msgpack::DocNode &node : kernels->second.getArray()) {
    if (!node.isMap())
      continue;
    msgpack::MapDocNode &kernel = node.getMap();
    StringRef symbol = getString(kernel, ".symbol");
    if (symbol != (name + ".kd").str() && getString(kernel, ".name") != name)
      continue;
    function.kernargBytes = getUInt(kernel, ".kernarg_segment_size", 0);
    function.ldsBytes = getUInt(kernel, ".group_segment_fixed_size", 0);
    function.scratchBytes = getUInt(kernel, ".private_segment_fixed_size", 0);
    function.maxThreads = getUInt(kernel, ".max_flat_workgroup_size", 1024);
    function.vgprs = getUInt(kernel, ".vgpr_count", 0);
    auto required = kernel.find(".reqd_workgroup_size");
    if (required != kernel.end() && required->second.isArray() &&
        required->second.getArray().size() == 3)
      for (unsigned axis = 0; axis < 3; ++axis)
        if (msgpack::DocNode &size = required->second.getArray()[axis];
            size.getKind() == msgpack::Type::UInt)
          function.requiredBlock[axis] = unsigned(size.getUInt());
    auto arguments = kernel.find(".args");
    if (arguments == kernel.end() || !arguments->second.isArray())
      return Error::success();
    for (msgpack::DocNode &item : arguments->second.getArray()) {
      if (!item.isMap())
        return createStringError("an argument in the metadata is not a map");
      msgpack::MapDocNode &argument = item.getMap();
      KernelArgument parsed{getString(argument, ".value_kind").str(),
                            unsigned(getUInt(argument, ".offset", 0)),
                            unsigned(getUInt(argument, ".size", 0))};
      if (uint64_t(parsed.offset) + parsed.size > function.kernargBytes)
        return createStringError(
            "an argument of %u bytes at offset %u is outside the %u bytes of "
            "kernel arguments",
            parsed.size, parsed.offset, function.kernargBytes);
      function.arguments.push_back(std::move(parsed));
    }
    return Error::success();
  }
  return createStringError("the metadata does not describe kernel '%s'",
                           name.str().c_str());
}

hipError_t getFunction(Module &module, StringRef name, Function **function) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  std::unique_ptr<Function> &slot = module.functions[name];
  if (!slot) {
    scope_exit forget([&] { module.functions.erase(name); });
    const Kernel *kernel = module.object->findKernel(name);
    if (!kernel) {
      std::string names;
      for (const auto &entry : module.object->kernels())
        names += (names.empty() ? "" : ", ") + entry.getKey().str();
      return fail(hipErrorNotFound, "the code object has no kernel '" + name +
                                        "': it has " +
                                        (names.empty() ? "none" : names));
    }
    auto made = std::make_unique<Function>();
    made->module = &module;
    made->kernel = kernel;
    if (Error error = readMetadata(*made, name))
      return fail(hipErrorInvalidImage,
                  "kernel '" + name + "': " + toString(std::move(error)));
    forget.release();
    slot = std::move(made);
    runtime.functions.insert(slot.get());
  }
  *function = slot.get();
  return hipSuccess;
}

//===----------------------------------------------------------------------===//
// Launching
//===----------------------------------------------------------------------===//

/// The value of a hidden argument, or nothing if its kind is not known. What
/// serves device libraries that the emulator does not have (printf, malloc,
/// device enqueue) is zero, as HIP passes where they are not in use.
static std::optional<uint64_t> hiddenValue(StringRef kind, const dim3 &grid,
                                           const dim3 &block,
                                           uint32_t dynamicLds) {
  const uint32_t blocks[3] = {grid.x, grid.y, grid.z};
  const uint32_t threads[3] = {block.x, block.y, block.z};
  StringRef axes = "xyz";
  size_t axis = kind.empty() ? StringRef::npos : axes.find(kind.back());
  if (axis != StringRef::npos && kind.drop_back().ends_with("_")) {
    StringRef stem = kind.drop_back(2);
    if (stem == "hidden_block_count")
      return blocks[axis];
    if (stem == "hidden_group_size")
      return threads[axis];
    // A HIP grid is a whole number of blocks and starts at zero.
    if (stem == "hidden_remainder" || stem == "hidden_global_offset")
      return 0;
  }
  if (kind == "hidden_grid_dims")
    return grid.z * block.z > 1 ? 3 : grid.y * block.y > 1 ? 2 : 1;
  if (kind == "hidden_dynamic_lds_size")
    return dynamicLds;
  if (kind == "hidden_none" || kind == "hidden_printf_buffer" ||
      kind == "hidden_hostcall_buffer" || kind == "hidden_default_queue" ||
      kind == "hidden_completion_action" ||
      kind == "hidden_multigrid_sync_arg" || kind == "hidden_heap_v1" ||
      kind == "hidden_queue_ptr")
    return 0;
  // hidden_private_base and hidden_shared_base are for targets without the
  // aperture registers that every gfx9 has.
  return std::nullopt;
}

/// The caller's argument buffer of hipModuleLaunchKernel's "extra" list.
static hipError_t readExtra(void **extra, const void **buffer, size_t *size) {
  enum : uintptr_t { Pointer = 1, Size = 2, End = 3 };
  for (void **item = extra; reinterpret_cast<uintptr_t>(*item) != End;
       item += 2) {
    switch (reinterpret_cast<uintptr_t>(*item)) {
    case Pointer:
      *buffer = item[1];
      break;
    case Size:
      if (!item[1])
        return fail(hipErrorInvalidValue,
                    "launch: HIP_LAUNCH_PARAM_BUFFER_SIZE with null pointer");
      *size = *static_cast<const size_t *>(item[1]);
      break;
    default:
      return fail(hipErrorInvalidValue,
                  formatv("launch: unknown entry {0} in extra", *item).str());
    }
  }
  if (!*buffer && *size)
    return fail(hipErrorInvalidValue, "launch: null argument buffer");
  return hipSuccess;
}

/// The work of a launch whose arguments were checked.
static hipError_t run(Function &function, LaunchConfig config,
                      ArrayRef<uint8_t> kernarg) {
  HipRuntime &runtime = HipRuntime::get();
  config.kernarg = kernarg;
  Counters counters;
  Schedule schedule;
  {
    std::lock_guard<std::mutex> lock(runtime.mutex);
    schedule = runtime.schedule;
    counters.watchBegin = runtime.counters.watchBegin;
    counters.watchEnd = runtime.counters.watchEnd;
  }
  DeviceMemory::ReaderScope scope(runtime.memory);
  if (Error error = dispatch(*function.module->object, *function.kernel, config,
                             runtime.memory, schedule, counters))
    return fail(hipErrorLaunchFailure, std::move(error));
  std::lock_guard<std::mutex> lock(runtime.mutex);
  runtime.counters.merge(counters);
  ++runtime.launches;
  return hipSuccess;
}

hipError_t launch(Function &function, dim3 grid, dim3 block,
                  uint32_t dynamicLds, void *stream, void **kernelParams,
                  void **extra) {
  HipRuntime &runtime = HipRuntime::get();
  const Arch &arch = *runtime.devices[function.module->device].arch;
  const std::string &name = function.kernel->name;
  auto refuse = [&](hipError_t error, const Twine &message) {
    return fail(error, "launch of '" + Twine(name) + "': " + message);
  };

  if (function.module->device != currentDevice)
    return refuse(hipErrorInvalidHandle,
                  "it was loaded for device " + Twine(function.module->device) +
                      ", the current device is " + Twine(currentDevice));
  const uint32_t blocks[3] = {grid.x, grid.y, grid.z};
  const uint32_t threads[3] = {block.x, block.y, block.z};
  uint64_t blockThreads = 1;
  for (unsigned axis = 0; axis < 3; ++axis) {
    if (blocks[axis] == 0 || threads[axis] == 0)
      return refuse(hipErrorInvalidConfiguration,
                    "a grid or block dimension is 0");
    if (uint64_t(blocks[axis]) * threads[axis] > UINT32_MAX)
      return refuse(hipErrorInvalidConfiguration,
                    Twine(blocks[axis]) + " blocks of " + Twine(threads[axis]) +
                        " threads on an axis exceed 2^32 - 1 threads");
    if (function.requiredBlock[axis] &&
        function.requiredBlock[axis] != threads[axis])
      return refuse(hipErrorInvalidConfiguration,
                    "block dimension " + Twine(axis) + " is " +
                        Twine(threads[axis]) + ", the kernel requires " +
                        Twine(function.requiredBlock[axis]));
    // Stops before the product can overflow.
    blockThreads = std::min<uint64_t>(blockThreads * threads[axis], UINT32_MAX);
  }
  if (blockThreads > function.maxThreads)
    return refuse(hipErrorInvalidConfiguration,
                  "a block of " + Twine(blockThreads) +
                      " threads, the kernel allows " +
                      Twine(function.maxThreads));
  if (uint64_t(function.ldsBytes) + dynamicLds > arch.ldsBytes)
    return refuse(hipErrorInvalidConfiguration,
                  Twine(function.ldsBytes) + " + " + Twine(dynamicLds) +
                      " bytes of LDS, " + arch.name + " has " +
                      Twine(arch.ldsBytes));
  if (kernelParams && extra)
    return refuse(hipErrorInvalidValue,
                  "arguments both in kernelParams and in extra");

  std::vector<uint8_t> kernarg(function.kernargBytes);
  const void *buffer = nullptr;
  size_t bufferSize = 0;
  if (extra) {
    if (hipError_t error = readExtra(extra, &buffer, &bufferSize))
      return error;
    if (bufferSize > kernarg.size())
      return refuse(hipErrorInvalidValue,
                    "an argument buffer of " + Twine(bufferSize) +
                        " bytes, the kernel takes " + Twine(kernarg.size()));
    if (bufferSize)
      std::memcpy(kernarg.data(), buffer, bufferSize);
  }
  unsigned next = 0;
  for (const KernelArgument &argument : function.arguments) {
    uint8_t *slot = kernarg.data() + argument.offset;
    if (argument.isHidden()) {
      std::optional<uint64_t> value =
          hiddenValue(argument.kind, grid, block, dynamicLds);
      if (!value || argument.size > 8)
        return refuse(hipErrorNotSupported,
                      "argument kind '" + argument.kind +
                          "' is not one that the emulator fills");
      std::memcpy(slot, &*value, argument.size);
    } else if (kernelParams) {
      if (!kernelParams[next])
        return refuse(hipErrorInvalidValue,
                      "kernelParams[" + Twine(next) + "] is null");
      std::memcpy(slot, kernelParams[next++], argument.size);
    } else if (!extra) {
      return refuse(hipErrorInvalidValue,
                    "the kernel takes arguments, none were given");
    } else if (argument.offset + argument.size > bufferSize) {
      return refuse(hipErrorInvalidValue,
                    "the argument buffer of " + Twine(bufferSize) +
                        " bytes ends before the argument at offset " +
                        Twine(argument.offset));
    }
  }

  LaunchConfig config;
  std::copy(blocks, blocks + 3, config.grid);
  std::copy(threads, threads + 3, config.block);
  config.dynamicLds = dynamicLds;
  // A graph's kernel may be gone when the graph is launched.
  return submit(stream, [&function, config, kernarg = std::move(kernarg)] {
    if (hipError_t error = checkFunction(&function))
      return error;
    return run(function, config, kernarg);
  });
}

} // namespace hipdex::emulator
