//===- ProcessState.cpp - Forked, or about to end -------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See ProcessState.h.
//
//===----------------------------------------------------------------------===//

#include "src/ProcessState.h"
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <pthread.h>

using namespace hipdex::runtime;

// Counted rather than compared with getpid(), which is a system call, on the
// way of every launch.
static std::atomic<unsigned> forks{0};
static std::atomic<bool> isExiting{false};

ProcessState::ProcessState() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Neither can fail but for lack of memory at the start of a process; then a
    // fork goes unnoticed, as without us.
    (void)pthread_atfork(nullptr, nullptr, [] { ++forks; });
    (void)std::atexit([] { isExiting = true; });
  });
  generation = forks.load(std::memory_order_relaxed);
}

bool ProcessState::isForked() const {
  return generation != forks.load(std::memory_order_relaxed);
}

bool ProcessState::mayCallHip() const {
  return !isForked() && !isExiting.load(std::memory_order_relaxed);
}
