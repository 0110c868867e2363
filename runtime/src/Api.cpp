//===- Api.cpp - The C ABI ------------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each function here checks its pointers, calls the class that does the work
// and turns the outcome into a status and a message.
//
//===----------------------------------------------------------------------===//

#include "Spec/CacheLayout.h"
#include "hipdex/hipdex.h"
#include "src/BuildId.h"
#include "src/Context.h"
#include "src/Launch.h"
#include "src/Status.h"
#include "llvm/ADT/Twine.h"
#include <cstring>
#include <new>

using namespace hipdex;
using namespace hipdex::runtime;

static thread_local std::string lastMessage;

static Context *unwrap(hipdex_context *context) {
  return reinterpret_cast<Context *>(context);
}
static const Context *unwrap(const hipdex_context *context) {
  return reinterpret_cast<const Context *>(context);
}
static const Kernel *unwrap(const hipdex_kernel *kernel) {
  return reinterpret_cast<const Kernel *>(kernel);
}
static const hipdex_kernel *wrap(const Kernel *kernel) {
  return reinterpret_cast<const hipdex_kernel *>(kernel);
}

static llvm::Error nullArgument(llvm::StringRef name) {
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT, name + " is null");
}

/// A caller of a newer header may have a larger struct, not a smaller one.
static llvm::Error checkStructSize(llvm::StringRef name, size_t size,
                                   size_t least) {
  if (size >= least)
    return llvm::Error::success();
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                   name + ".struct_size is " + llvm::Twine(size) +
                       ", must be at least " + llvm::Twine(least));
}

/// Runs a function's body. Nothing may be thrown across the C ABI: neither what
/// the standard library throws nor what comes out of a HIP library.
template <typename Body> static hipdex_status guarded(Body &&body) {
  try {
    hipdex_status status;
    lastMessage.clear();
    try {
      llvm::Error error = body();
      if (!error)
        return HIPDEX_SUCCESS;
      std::tie(status, lastMessage) = takeStatus(std::move(error));
    } catch (const std::exception &) {
      std::tie(status, lastMessage) = takeException();
    }
    return status;
  } catch (const std::bad_alloc &) {
    // There was no memory for a message. This one fits in the string itself.
    lastMessage = "out of memory";
    return HIPDEX_ERROR_OUT_OF_MEMORY;
  }
}

const char *hipdex_last_message(void) { return lastMessage.c_str(); }

const char *hipdex_version(void) { return HIPDEX_VERSION; }

const char *hipdex_build_id(void) { return buildId(); }

//===----------------------------------------------------------------------===//
// Context
//===----------------------------------------------------------------------===//

hipdex_status hipdex_context_create(const hipdex_context_options *options,
                                    hipdex_context **context) {
  return guarded([&]() -> llvm::Error {
    if (!context)
      return nullArgument("context");
    *context = nullptr;
    const hipdex_context_options defaults = {sizeof(defaults), nullptr, 0,
                                             nullptr};
    if (!options)
      options = &defaults;
    if (llvm::Error error =
            checkStructSize("options", options->struct_size, sizeof(*options)))
      return error;
    llvm::Expected<std::unique_ptr<Context>> created =
        Context::create(options->provider, options->device, options->cache_dir);
    if (!created)
      return created.takeError();
    *context = reinterpret_cast<hipdex_context *>(created->release());
    return llvm::Error::success();
  });
}

void hipdex_context_destroy(hipdex_context *context) { delete unwrap(context); }

hipdex_status hipdex_get_device_info(const hipdex_context *context,
                                     hipdex_device_info *info) {
  return guarded([&]() -> llvm::Error {
    if (!context)
      return nullArgument("context");
    if (!info)
      return nullArgument("info");
    if (llvm::Error error =
            checkStructSize("info", info->struct_size, sizeof(*info)))
      return error;
    const Context &device = *unwrap(context);
    info->name = device.deviceName().c_str();
    info->arch = device.arch().c_str();
    info->provider = device.provider().c_str();
    info->compute_units = device.computeUnits();
    return llvm::Error::success();
  });
}

void *hipdex_get_hip_function(const hipdex_context *context, const char *name) {
  // "hip" only: the loader would look through everything the library needs.
  if (!context || !name || std::strncmp(name, "hip", 3) != 0)
    return nullptr;
  return unwrap(context)->hip().symbol(name);
}

hipdex_status hipdex_get_counters(const hipdex_context *context,
                                  hipdex_counters *counters) {
  return guarded([&]() -> llvm::Error {
    if (!context)
      return nullArgument("context");
    if (!counters)
      return nullArgument("counters");
    if (llvm::Error error = checkStructSize("counters", counters->struct_size,
                                            sizeof(*counters)))
      return error;
    const Context &device = *unwrap(context);
    counters->memory_hits = device.memoryHits;
    counters->disk_hits = device.diskHits;
    counters->disk_rejects = device.diskRejects;
    counters->compiles = device.compiles;
    return llvm::Error::success();
  });
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

hipdex_status hipdex_get_kernel(hipdex_context *context, const char *key,
                                const hipdex_kernel **kernel) {
  return guarded([&]() -> llvm::Error {
    if (!kernel)
      return nullArgument("kernel");
    *kernel = nullptr;
    if (!context)
      return nullArgument("context");
    if (!key)
      return nullArgument("key");
    llvm::Expected<const Kernel *> found =
        unwrap(context)->getKernel(key, lastMessage);
    if (!found)
      return found.takeError();
    *kernel = wrap(*found);
    return llvm::Error::success();
  });
}

hipdex_status hipdex_load_kernel(hipdex_context *context,
                                 const void *code_object, size_t size,
                                 const char *metadata,
                                 const hipdex_kernel **kernel) {
  return guarded([&]() -> llvm::Error {
    if (!kernel)
      return nullArgument("kernel");
    *kernel = nullptr;
    if (!context)
      return nullArgument("context");
    if (!code_object)
      return nullArgument("code_object");
    if (!metadata)
      return nullArgument("metadata");
    CompiledKernel compiled;
    compiled.metadata = metadata;
    compiled.codeObject = llvm::MemoryBuffer::getMemBufferCopy(
        llvm::StringRef(static_cast<const char *>(code_object), size));
    llvm::Expected<const Kernel *> loaded =
        unwrap(context)->loadKernel(std::move(compiled));
    if (!loaded)
      return loaded.takeError();
    *kernel = wrap(*loaded);
    return llvm::Error::success();
  });
}

const char *hipdex_kernel_metadata(const hipdex_kernel *kernel) {
  return kernel ? unwrap(kernel)->compiled.metadata.c_str() : nullptr;
}

const void *hipdex_kernel_code_object(const hipdex_kernel *kernel,
                                      size_t *size) {
  if (!kernel)
    return nullptr;
  const llvm::MemoryBuffer &buffer = *unwrap(kernel)->compiled.codeObject;
  if (size)
    *size = buffer.getBufferSize();
  return buffer.getBufferStart();
}

//===----------------------------------------------------------------------===//
// Cache buffers and launches
//===----------------------------------------------------------------------===//

hipdex_status hipdex_layout_hash(const char *layout, uint64_t *hash) {
  return guarded([&]() -> llvm::Error {
    if (!layout)
      return nullArgument("layout");
    if (!hash)
      return nullArgument("hash");
    llvm::Expected<CacheLayout> parsed = CacheLayout::parse(layout);
    if (!parsed)
      return parsed.takeError();
    *hash = parsed->hash();
    return llvm::Error::success();
  });
}

hipdex_status
hipdex_launch_paged_mqa_logits(const hipdex_kernel *kernel,
                               const hipdex_paged_mqa_logits_args *args,
                               void *stream) {
  return guarded([&]() -> llvm::Error {
    if (!kernel)
      return nullArgument("kernel");
    if (!args)
      return nullArgument("args");
    llvm::Expected<LaunchPlan> plan =
        planPagedMqaLogits(*unwrap(kernel), *args);
    if (!plan)
      return plan.takeError();
    return launch(*unwrap(kernel), *plan, stream);
  });
}

hipdex_status hipdex_describe_paged_mqa_logits(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_logits_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size) {
  return guarded([&]() -> llvm::Error {
    if (!kernel)
      return nullArgument("kernel");
    if (!args)
      return nullArgument("args");
    if (!workgroups)
      return nullArgument("workgroups");
    if (!threads)
      return nullArgument("threads");
    if (!size)
      return nullArgument("size");
    llvm::Expected<LaunchPlan> plan =
        planPagedMqaLogits(*unwrap(kernel), *args);
    if (!plan)
      return plan.takeError();
    size_t capacity = *size;
    *size = plan->bytes;
    *workgroups = plan->workgroups;
    *threads = plan->threads;
    if (!arguments)
      return llvm::Error::success();
    if (capacity < plan->bytes)
      return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                       "size is " + llvm::Twine(capacity) +
                           ", the arguments need " + llvm::Twine(plan->bytes));
    std::memcpy(arguments, &plan->arguments, plan->bytes);
    return llvm::Error::success();
  });
}
