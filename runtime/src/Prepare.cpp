//===- Prepare.cpp - Kernels ahead of time
//--------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Prepare.h.
//
//===----------------------------------------------------------------------===//

#include "src/Prepare.h"
#include "src/Context.h"
#include "src/Status.h"
#include "llvm/ADT/ScopeExit.h"
#include <condition_variable>
#include <new>
#include <system_error>
#include <thread>

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
struct Outcome {
  hipdex_status status = HIPDEX_SUCCESS;
  std::string message;
  const char *source = "";
};
} // namespace

/// Throws nothing: it is what a thread does.
static Outcome get(Context &context, const char *key) {
  Outcome outcome;
  try {
    try {
      Resolution resolution;
      llvm::Expected<const Kernel *> kernel =
          context.getKernel(key, Context::Caller::Prepare, resolution);
      if (kernel)
        outcome = {HIPDEX_SUCCESS, std::move(resolution.warning),
                   resolution.source};
      else
        std::tie(outcome.status, outcome.message) =
            takeStatus(kernel.takeError());
    } catch (...) {
      std::tie(outcome.status, outcome.message) = takeException();
    }
  } catch (const std::bad_alloc &) { // there was no memory for the message
    outcome.status = HIPDEX_ERROR_OUT_OF_MEMORY;
    outcome.message = "out of memory";
  }
  return outcome;
}

llvm::Error runtime::prepare(Context &context,
                             llvm::ArrayRef<const char *> keys,
                             hipdex_prepare_callback progress, void *user,
                             std::string &warnings) {
  std::vector<Outcome> outcomes(keys.size());
  std::mutex mutex;
  std::condition_variable arrived;
  std::vector<size_t> finished; // guarded by mutex; no thread allocates
  finished.reserve(keys.size());
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < keys.size();) {
      Outcome outcome = get(context, keys[i]);
      std::lock_guard<std::mutex> lock(mutex);
      outcomes[i] = std::move(outcome);
      finished.push_back(i);
      arrived.notify_one();
    }
  };

  std::vector<std::thread> workers;
  size_t wanted = std::min<size_t>(
      keys.size(), std::max(1u, std::thread::hardware_concurrency()));
  workers.reserve(wanted);
  // Also if the caller's function throws.
  llvm::scope_exit join([&] {
    next = keys.size();
    for (std::thread &worker : workers)
      worker.join();
  });
  try {
    while (workers.size() < wanted)
      workers.emplace_back(work);
  } catch (const std::system_error &) {
    // As many as the process may have; this thread, if that is none.
    if (workers.empty())
      work();
  }

  for (size_t done = 0; done < keys.size();) {
    size_t i;
    {
      std::unique_lock<std::mutex> lock(mutex);
      arrived.wait(lock, [&] { return finished.size() > done; });
      i = finished[done];
    }
    ++done;
    if (!progress)
      continue;
    const Outcome &outcome = outcomes[i];
    hipdex_prepare_progress report = {};
    report.struct_size = sizeof(report);
    report.done = done;
    report.total = keys.size();
    report.key = keys[i];
    report.status = outcome.status;
    report.message = outcome.message.c_str();
    report.source = outcome.source;
    progress(&report, user);
  }
  for (const Outcome &outcome : outcomes) {
    if (outcome.status != HIPDEX_SUCCESS)
      return makeError(outcome.status, outcome.message);
    if (!outcome.message.empty())
      warnings += (warnings.empty() ? "" : "; ") + outcome.message;
  }
  return llvm::Error::success();
}
