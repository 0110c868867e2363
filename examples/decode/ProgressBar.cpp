//===- ProgressBar.cpp - Shows that work goes on --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProgressBar.h"

#include <cstdio>
#include <unistd.h>

ProgressBar::ProgressBar(unsigned stages)
    : isTerminal(::isatty(STDERR_FILENO)), stages(stages) {
  // A launch is one call that says nothing until it returns, so the clock is
  // drawn by a thread of its own.
  if (isTerminal)
    ticker = std::thread([this] { run(); });
}

ProgressBar::~ProgressBar() { finish(); }

void ProgressBar::finish() {
  if (!ticker.joinable())
    return;
  {
    std::lock_guard<std::mutex> lock(mutex);
    finished = true;
  }
  wake.notify_one();
  ticker.join();
  std::fputs("\r\033[K", stderr);
}

void ProgressBar::stage(const std::string &newName) {
  std::lock_guard<std::mutex> lock(mutex);
  ++current;
  share = 0;
  name = newName;
  begin = std::chrono::steady_clock::now();
}

void ProgressBar::done(double newShare) {
  std::lock_guard<std::mutex> lock(mutex);
  share = newShare;
}

void ProgressBar::draw() {
  constexpr int width = 40;
  if (current == 0)
    return;
  int filled = int((current - 1 + share) / stages * width);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  std::string bar(filled, '#');
  bar.resize(width, '.');
  std::fprintf(stderr, "\r\033[K[%s] %u/%u %s, %.0f s", bar.c_str(), current,
               stages, name.c_str(), seconds);
  std::fflush(stderr);
}

void ProgressBar::run() {
  std::unique_lock<std::mutex> lock(mutex);
  while (!finished) {
    draw();
    wake.wait_for(lock, std::chrono::milliseconds(200));
  }
}
