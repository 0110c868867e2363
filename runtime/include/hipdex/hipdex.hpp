//===- hipdex.hpp - C++ wrapper of the C ABI ------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Header only, over hipdex.h. No exceptions: what can fail returns a Status or
// a Result.
//
//   auto context = hipdex::Context::open({"emulator"});
//   if (!context)
//     return report(context.status().message());
//   auto kernel = context->kernel(
//       "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn");
//   if (!kernel)
//     return report(kernel.status().message());
//   hipdex::Status status = kernel->launch(args, stream);
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_HPP
#define HIPDEX_HPP

#include "hipdex/hipdex.h"
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hipdex {

/// A status and, if it is not success, one line that says why.
class [[nodiscard]] Status {
public:
  Status() = default;
  /// The outcome of the C call that gave \p code in this thread just now.
  explicit Status(hipdex_status code)
      : statusCode(code), text(hipdex_last_message()) {}

  explicit operator bool() const { return statusCode == HIPDEX_SUCCESS; }
  hipdex_status code() const { return statusCode; }
  /// After a success: a warning, or empty.
  const std::string &message() const { return text; }

private:
  hipdex_status statusCode = HIPDEX_SUCCESS;
  std::string text;
};

/// A value, or why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value, Status status)
      : held(std::move(value)), outcome(std::move(status)) {}
  Result(Status failure) : outcome(std::move(failure)) {}

  explicit operator bool() const { return held.has_value(); }
  T &operator*() { return *held; }
  T *operator->() { return &*held; }
  const Status &status() const { return outcome; }

private:
  std::optional<T> held;
  Status outcome;
};

/// A kernel. Belongs to its context, and must not outlive it.
class Kernel {
public:
  explicit Kernel(const hipdex_kernel *handle) : handle(handle) {}

  const hipdex_kernel *get() const { return handle; }
  const char *metadata() const { return hipdex_kernel_metadata(handle); }

  Status launch(const hipdex_paged_mqa_logits_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_paged_mqa_logits(handle, &args, stream));
  }
  Status launch(const hipdex_k_quant_store_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_k_quant_store(handle, &args, stream));
  }
  Status launch(const hipdex_k_gather_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_k_gather(handle, &args, stream));
  }
  Status launch(const hipdex_k_move_args &args, void *stream = nullptr) const {
    return Status(hipdex_launch_k_move(handle, &args, stream));
  }
  Status launch(const hipdex_stream_pages_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_stream_pages(handle, &args, stream));
  }
  Status launch(const hipdex_mqa_logits_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_mqa_logits(handle, &args, stream));
  }
  Status launch(const hipdex_paged_mqa_prefill_args &args,
                void *stream = nullptr) const {
    return Status(hipdex_launch_paged_mqa_prefill(handle, &args, stream));
  }
  Status launch(const hipdex_topk_args &args, void *stream = nullptr) const {
    return Status(hipdex_launch_topk(handle, &args, stream));
  }
  Status launch(const hipdex_qk_prep_args &args, void *stream = nullptr) const {
    return Status(hipdex_launch_qk_prep(handle, &args, stream));
  }

private:
  const hipdex_kernel *handle;
};

/// As hipdex_context_options.
struct ContextOptions {
  const char *provider = nullptr;
  int device = 0;
  const char *cacheDirectory = nullptr;
  uint64_t flags = 0;
  const char *bundlePath = nullptr;
  const char *cacheLowerDirectory = nullptr;
  uint64_t cacheLimitBytes = 0;
  const char *httpCache = nullptr;
  const char *bundlePublicKey = nullptr;
  const char *compiler = nullptr;
};

/// What hipdex_can_run() says.
struct CanRun {
  bool canRun;
  std::string constraint, nearest;
};

/// A device with its kernels.
class Context {
public:
  static Result<Context> open(const ContextOptions &options = {}) {
    hipdex_context_options raw = {};
    raw.struct_size = sizeof(raw);
    raw.provider = options.provider;
    raw.device = options.device;
    raw.cache_dir = options.cacheDirectory;
    raw.flags = options.flags;
    raw.bundle_path = options.bundlePath;
    raw.cache_lower_dir = options.cacheLowerDirectory;
    raw.cache_limit_bytes = options.cacheLimitBytes;
    raw.http_cache = options.httpCache;
    raw.bundle_public_key = options.bundlePublicKey;
    raw.compiler = options.compiler;
    hipdex_context *handle = nullptr;
    Status status(hipdex_context_create(&raw, &handle));
    if (!status)
      return status;
    return Result<Context>(Context(handle), std::move(status));
  }

  hipdex_context *get() const { return handle.get(); }

  hipdex_device_info deviceInfo() const {
    hipdex_device_info info = {};
    info.struct_size = sizeof(info);
    hipdex_get_device_info(get(), &info); // cannot fail with these arguments
    return info;
  }

  hipdex_counters counters() const {
    hipdex_counters counters = {};
    counters.struct_size = sizeof(counters);
    hipdex_get_counters(get(), &counters); // cannot fail with these arguments
    return counters;
  }

  Result<Kernel> kernel(const char *key) {
    const hipdex_kernel *found = nullptr;
    Status status(hipdex_get_kernel(get(), key, &found));
    if (!status)
      return status;
    return Result<Kernel>(Kernel(found), std::move(status));
  }

  /// Only a kernel that is loaded; safe while a stream is being captured.
  Result<Kernel> findKernel(const char *key) {
    const hipdex_kernel *found = nullptr;
    Status status(hipdex_find_kernel(get(), key, &found));
    if (!status)
      return status;
    return Result<Kernel>(Kernel(found), std::move(status));
  }

  Result<CanRun> canRun(const char *key) {
    hipdex_can_run_result result = {};
    result.struct_size = sizeof(result);
    Status status(hipdex_can_run(get(), key, &result));
    if (!status)
      return status;
    return Result<CanRun>(
        CanRun{result.can_run != 0, result.constraint, result.nearest},
        std::move(status));
  }

  /// Calls \p progress with a hipdex_prepare_progress for each key.
  template <typename Progress>
  Status prepare(const std::vector<const char *> &keys, Progress &&progress) {
    return Status(hipdex_prepare(
        get(), keys.data(), keys.size(),
        [](const hipdex_prepare_progress *report, void *user) {
          (*static_cast<std::remove_reference_t<Progress> *>(user))(*report);
        },
        &progress));
  }
  Status prepare(const std::vector<const char *> &keys) {
    return Status(
        hipdex_prepare(get(), keys.data(), keys.size(), nullptr, nullptr));
  }

  Result<Kernel> loadKernel(const void *codeObject, size_t size,
                            const char *metadata) {
    const hipdex_kernel *loaded = nullptr;
    Status status(
        hipdex_load_kernel(get(), codeObject, size, metadata, &loaded));
    if (!status)
      return status;
    return Result<Kernel>(Kernel(loaded), std::move(status));
  }

  /// HIP's function of that name, or null: hipFunction<int(void **, size_t)>(
  /// "hipMalloc").
  template <typename Function> Function *hipFunction(const char *name) const {
    return reinterpret_cast<Function *>(hipdex_get_hip_function(get(), name));
  }

private:
  explicit Context(hipdex_context *handle) : handle(handle) {}

  struct Destroy {
    void operator()(hipdex_context *context) const {
      hipdex_context_destroy(context);
    }
  };
  std::unique_ptr<hipdex_context, Destroy> handle;
};

inline Result<uint64_t> layoutHash(const char *layout) {
  uint64_t hash = 0;
  Status status(hipdex_layout_hash(layout, &hash));
  if (!status)
    return status;
  return Result<uint64_t>(hash, std::move(status));
}

} // namespace hipdex

#endif // HIPDEX_HPP
