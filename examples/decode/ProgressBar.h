//===- ProgressBar.h - Shows that work goes on ------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EXAMPLES_PROGRESSBAR_H
#define HIPDEX_EXAMPLES_PROGRESSBAR_H

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

/// One line on standard error: the stage, how far it is if that is known, and
/// how long it has taken. Nothing unless standard error is a terminal.
class ProgressBar {
public:
  explicit ProgressBar(unsigned stages);
  ~ProgressBar();
  ProgressBar(const ProgressBar &) = delete;
  ProgressBar &operator=(const ProgressBar &) = delete;

  /// Begins the next stage.
  void stage(const std::string &name);
  /// How much of the stage is done, in [0, 1]. Any thread may call it.
  void done(double share);
  /// Takes the line away.
  void finish();

private:
  void draw();
  void run();

  const bool isTerminal;
  const unsigned stages;
  unsigned current = 0;
  double share = 0;
  std::string name;
  std::chrono::steady_clock::time_point begin;
  bool finished = false;
  std::mutex mutex;
  std::condition_variable wake;
  std::thread ticker;
};

#endif // HIPDEX_EXAMPLES_PROGRESSBAR_H
