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
#include "src/Bundle.h"
#include "src/Context.h"
#include "src/Launch.h"
#include "src/Prepare.h"
#include "src/Status.h"
#include "llvm/ADT/Twine.h"
#include <cstddef>
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

/// \p least is the size that the struct had when it was new: callers with any
/// header since then are served.
static llvm::Error checkStructSize(llvm::StringRef name, size_t size,
                                   size_t least) {
  if (size >= least)
    return llvm::Error::success();
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                   name + ".struct_size is " + llvm::Twine(size) +
                       ", must be at least " + llvm::Twine(least));
}

/// Up to the end of a field.
#define SIZE_UP_TO(type, field) (offsetof(type, field) + sizeof(type::field))

/// A caller's struct as this library knows it: fields that he does not have are
/// 0.
template <typename Struct>
static llvm::Error readStruct(llvm::StringRef name, const Struct *given,
                              size_t least, Struct &result) {
  if (llvm::Error error = checkStructSize(name, given->struct_size, least))
    return error;
  result = {};
  std::memcpy(&result, given, std::min(given->struct_size, sizeof(result)));
  return llvm::Error::success();
}

/// Fills the fields that the caller has.
template <typename Struct>
static llvm::Error writeStruct(llvm::StringRef name, Struct *wanted,
                               size_t least, Struct result) {
  if (llvm::Error error = checkStructSize(name, wanted->struct_size, least))
    return error;
  result.struct_size = wanted->struct_size;
  std::memcpy(wanted, &result, std::min(wanted->struct_size, sizeof(result)));
  return llvm::Error::success();
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
    } catch (...) {
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

int hipdex_abi_version(void) { return HIPDEX_ABI_VERSION; }

//===----------------------------------------------------------------------===//
// Context
//===----------------------------------------------------------------------===//

hipdex_status hipdex_context_create(const hipdex_context_options *options,
                                    hipdex_context **context) {
  return guarded([&]() -> llvm::Error {
    if (!context)
      return nullArgument("context");
    *context = nullptr;
    hipdex_context_options known = {};
    if (options)
      if (llvm::Error error =
              readStruct("options", options,
                         SIZE_UP_TO(hipdex_context_options, cache_dir), known))
        return error;
    llvm::Expected<std::unique_ptr<Context>> created = Context::create(known);
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
    const Context &device = *unwrap(context);
    hipdex_device_info result = {};
    result.name = device.deviceName().c_str();
    result.arch = device.arch().c_str();
    result.provider = device.provider().c_str();
    result.compute_units = device.computeUnits();
    return writeStruct("info", info,
                       SIZE_UP_TO(hipdex_device_info, compute_units), result);
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
    const Context &device = *unwrap(context);
    hipdex_counters result = {};
    result.memory_hits = device.memoryHits;
    result.disk_hits = device.diskHits;
    result.disk_rejects = device.diskRejects;
    result.compiles = device.compiles;
    result.embedded_hits = device.embeddedHits;
    result.bundle_hits = device.bundleHits;
    result.bundle_rejects = device.bundleRejects;
    result.store_failures = device.storeFailures;
    result.lock_waits = device.lockWaits;
    result.http_hits = device.httpHits;
    result.http_rejects = device.httpRejects;
    result.lock_timeouts = device.lockTimeouts;
    return writeStruct("counters", counters,
                       SIZE_UP_TO(hipdex_counters, compiles), result);
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
    Resolution resolution;
    llvm::Expected<const Kernel *> found =
        unwrap(context)->getKernel(key, Context::Caller::Get, resolution);
    if (!found)
      return found.takeError();
    lastMessage = std::move(resolution.warning);
    *kernel = wrap(*found);
    return llvm::Error::success();
  });
}

hipdex_status hipdex_find_kernel(hipdex_context *context, const char *key,
                                 const hipdex_kernel **kernel) {
  return guarded([&]() -> llvm::Error {
    if (!kernel)
      return nullArgument("kernel");
    *kernel = nullptr;
    if (!context)
      return nullArgument("context");
    if (!key)
      return nullArgument("key");
    const Kernel *found = unwrap(context)->findLoaded(key);
    if (!found)
      return makeError(HIPDEX_ERROR_NOT_FOUND,
                       llvm::Twine("kernel ") + key +
                           " is not loaded: hipdex_get_kernel() or "
                           "hipdex_prepare() must have loaded it");
    *kernel = wrap(found);
    return llvm::Error::success();
  });
}

hipdex_status hipdex_can_run(hipdex_context *context, const char *key,
                             hipdex_can_run_result *result) {
  return guarded([&]() -> llvm::Error {
    if (!key)
      return nullArgument("key");
    if (!result)
      return nullArgument("result");
    static thread_local Context::Answer answer; // what the result points to
    llvm::Expected<Context::Answer> found =
        Context::canRun(unwrap(context), key);
    if (!found)
      return found.takeError();
    answer = std::move(*found);
    hipdex_can_run_result known = {};
    known.can_run = answer.constraint.empty();
    known.constraint = answer.constraint.c_str();
    known.nearest = answer.nearest.c_str();
    return writeStruct("result", result,
                       SIZE_UP_TO(hipdex_can_run_result, nearest), known);
  });
}

hipdex_status hipdex_prepare(hipdex_context *context, const char *const *keys,
                             size_t n, hipdex_prepare_callback progress,
                             void *user) {
  return guarded([&]() -> llvm::Error {
    if (!context)
      return nullArgument("context");
    if (!keys && n > 0)
      return nullArgument("keys");
    for (size_t i = 0; i < n; ++i)
      if (!keys[i])
        return nullArgument(("keys[" + llvm::Twine(i) + "]").str());
    std::string warnings;
    if (llvm::Error error = prepare(*unwrap(context), llvm::ArrayRef(keys, n),
                                    progress, user, warnings))
      return error;
    lastMessage = std::move(warnings);
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
// The disk cache
//===----------------------------------------------------------------------===//

static llvm::Error reportRemoved(llvm::Expected<DiskCache::Removed> result,
                                 hipdex_cache_removed *removed) {
  if (!result)
    return result.takeError();
  if (!removed)
    return llvm::Error::success();
  hipdex_cache_removed known = {};
  known.entries = result->entries;
  known.files = result->files;
  known.bytes = result->bytes;
  known.bytes_left = result->bytesLeft;
  return writeStruct("removed", removed,
                     SIZE_UP_TO(hipdex_cache_removed, bytes_left), known);
}

static llvm::Expected<std::unique_ptr<DiskCache>>
openCache(const char *directory) {
  std::string path = cacheDirectoryOr(directory);
  if (path.empty())
    return makeError(HIPDEX_ERROR_CACHE, "there is no kernel cache: no folder "
                                         "is given, and HOME is not set");
  return std::make_unique<DiskCache>(std::move(path),
                                     CacheDirectory::Access::Private);
}

hipdex_status hipdex_cache_list(const char *directory, int verify,
                                hipdex_cache_callback visit, void *user) {
  return guarded([&]() -> llvm::Error {
    if (!visit)
      return nullArgument("visit");
    auto cache = openCache(directory);
    if (!cache)
      return cache.takeError();
    llvm::Expected<std::vector<DiskCache::Entry>> entries =
        (*cache)->list(verify != 0);
    if (!entries)
      return entries.takeError();
    for (const DiskCache::Entry &entry : *entries) {
      hipdex_cache_entry known = {};
      known.struct_size = sizeof(known);
      known.key = entry.action.key.c_str();
      known.build_id = entry.action.buildId.c_str();
      known.name = entry.name.c_str();
      known.content_sha256 = entry.action.contentDigest.c_str();
      known.bytes = entry.bytes;
      known.used_at = entry.usedAt;
      known.problem = entry.problem.c_str();
      known.compiler = entry.action.compiler.c_str();
      visit(&known, user);
    }
    return llvm::Error::success();
  });
}

hipdex_status hipdex_cache_prune(const char *directory, uint64_t limit_bytes,
                                 hipdex_cache_removed *removed) {
  return guarded([&]() -> llvm::Error {
    auto cache = openCache(directory);
    if (!cache)
      return cache.takeError();
    return reportRemoved((*cache)->prune(limit_bytes), removed);
  });
}

hipdex_status hipdex_cache_remove(const char *directory, const char *key,
                                  hipdex_cache_removed *removed) {
  return guarded([&]() -> llvm::Error {
    auto cache = openCache(directory);
    if (!cache)
      return cache.takeError();
    return reportRemoved((*cache)->removeIf([&](const DiskCache::Entry &entry) {
      return !key || entry.action.key == key;
    }),
                         removed);
  });
}

//===----------------------------------------------------------------------===//
// Embedded kernels
//===----------------------------------------------------------------------===//

hipdex_status
hipdex_register_embedded_bundle(const hipdex_embedded_bundle *bundle) {
  return guarded([&]() -> llvm::Error {
    if (!bundle)
      return nullArgument("bundle");
    if (llvm::Error error =
            checkStructSize("bundle", bundle->struct_size, sizeof(*bundle)))
      return error;
    return registerEmbeddedBundle(*bundle);
  });
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

namespace {

/// An op's plan from the caller's arguments.
template <typename Args>
using Planner = llvm::Expected<LaunchPlan>(const Kernel &kernel,
                                           const Args &args);

template <typename Args>
llvm::Expected<LaunchPlan> planOp(const hipdex_kernel *kernel, const Args *args,
                                  Planner<Args> *planFor) {
  if (!kernel)
    return nullArgument("kernel");
  if (!args)
    return nullArgument("args");
  llvm::Expected<LaunchPlan> plan = planFor(*unwrap(kernel), *args);
  if (!plan)
    return plan.takeError();
  if (llvm::Error error = plan->check(unwrap(kernel)->key.op))
    return std::move(error);
  return plan;
}

template <typename Args>
hipdex_status launchOp(const hipdex_kernel *kernel, const Args *args,
                       void *stream, Planner<Args> *planFor) {
  return guarded([&]() -> llvm::Error {
    llvm::Expected<LaunchPlan> plan = planOp(kernel, args, planFor);
    if (!plan)
      return plan.takeError();
    return launch(*unwrap(kernel), *plan, stream);
  });
}

template <typename Args>
hipdex_status describeOp(const hipdex_kernel *kernel, const Args *args,
                         uint32_t *workgroups, uint32_t *threads,
                         void *arguments, size_t *size,
                         Planner<Args> *planFor) {
  return guarded([&]() -> llvm::Error {
    if (!workgroups)
      return nullArgument("workgroups");
    if (!threads)
      return nullArgument("threads");
    if (!size)
      return nullArgument("size");
    llvm::Expected<LaunchPlan> plan = planOp(kernel, args, planFor);
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

} // namespace

hipdex_status
hipdex_launch_paged_mqa_logits(const hipdex_kernel *kernel,
                               const hipdex_paged_mqa_logits_args *args,
                               void *stream) {
  return launchOp(kernel, args, stream, planPagedMqaLogits);
}

hipdex_status hipdex_describe_paged_mqa_logits(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_logits_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planPagedMqaLogits);
}

hipdex_status hipdex_launch_k_quant_store(const hipdex_kernel *kernel,
                                          const hipdex_k_quant_store_args *args,
                                          void *stream) {
  return launchOp(kernel, args, stream, planKQuantStore);
}

hipdex_status hipdex_describe_k_quant_store(
    const hipdex_kernel *kernel, const hipdex_k_quant_store_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planKQuantStore);
}

hipdex_status hipdex_launch_k_gather(const hipdex_kernel *kernel,
                                     const hipdex_k_gather_args *args,
                                     void *stream) {
  return launchOp(kernel, args, stream, planKGather);
}

hipdex_status hipdex_describe_k_gather(const hipdex_kernel *kernel,
                                       const hipdex_k_gather_args *args,
                                       uint32_t *workgroups, uint32_t *threads,
                                       void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planKGather);
}

hipdex_status hipdex_launch_k_move(const hipdex_kernel *kernel,
                                   const hipdex_k_move_args *args,
                                   void *stream) {
  return launchOp(kernel, args, stream, planKMove);
}

hipdex_status hipdex_describe_k_move(const hipdex_kernel *kernel,
                                     const hipdex_k_move_args *args,
                                     uint32_t *workgroups, uint32_t *threads,
                                     void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planKMove);
}

hipdex_status hipdex_launch_stream_pages(const hipdex_kernel *kernel,
                                         const hipdex_stream_pages_args *args,
                                         void *stream) {
  return launchOp(kernel, args, stream, planStreamPages);
}

hipdex_status hipdex_describe_stream_pages(const hipdex_kernel *kernel,
                                           const hipdex_stream_pages_args *args,
                                           uint32_t *workgroups,
                                           uint32_t *threads, void *arguments,
                                           size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planStreamPages);
}

hipdex_status hipdex_launch_mqa_logits(const hipdex_kernel *kernel,
                                       const hipdex_mqa_logits_args *args,
                                       void *stream) {
  return launchOp(kernel, args, stream, planMqaLogits);
}

hipdex_status hipdex_describe_mqa_logits(const hipdex_kernel *kernel,
                                         const hipdex_mqa_logits_args *args,
                                         uint32_t *workgroups,
                                         uint32_t *threads, void *arguments,
                                         size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planMqaLogits);
}

hipdex_status
hipdex_launch_paged_mqa_prefill(const hipdex_kernel *kernel,
                                const hipdex_paged_mqa_prefill_args *args,
                                void *stream) {
  return launchOp(kernel, args, stream, planPagedMqaPrefill);
}

hipdex_status hipdex_describe_paged_mqa_prefill(
    const hipdex_kernel *kernel, const hipdex_paged_mqa_prefill_args *args,
    uint32_t *workgroups, uint32_t *threads, void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planPagedMqaPrefill);
}

hipdex_status hipdex_launch_topk(const hipdex_kernel *kernel,
                                 const hipdex_topk_args *args, void *stream) {
  return launchOp(kernel, args, stream, planTopK);
}

hipdex_status hipdex_describe_topk(const hipdex_kernel *kernel,
                                   const hipdex_topk_args *args,
                                   uint32_t *workgroups, uint32_t *threads,
                                   void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planTopK);
}

hipdex_status hipdex_launch_qk_prep(const hipdex_kernel *kernel,
                                    const hipdex_qk_prep_args *args,
                                    void *stream) {
  return launchOp(kernel, args, stream, planQkPrep);
}

hipdex_status hipdex_describe_qk_prep(const hipdex_kernel *kernel,
                                      const hipdex_qk_prep_args *args,
                                      uint32_t *workgroups, uint32_t *threads,
                                      void *arguments, size_t *size) {
  return describeOp(kernel, args, workgroups, threads, arguments, size,
                    planQkPrep);
}
