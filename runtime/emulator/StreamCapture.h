//===- StreamCapture.h - Work that is recorded ------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// While a stream is being captured, what is asked of it is kept for a graph
// instead of being done, and calls that could not be part of one are refused
// and spoil the capture, as HIP has it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_STREAMCAPTURE_H
#define HIPDEX_EMULATOR_STREAMCAPTURE_H

#include "emulator/HipTypes.h"
#include <functional>
#include <thread>
#include <vector>

namespace hipdex::emulator {

/// One node of a graph: does its work anew each time. A stream is a line, so a
/// graph is one too.
using Work = std::function<hipError_t()>;

/// hipGraph_t.
struct Graph {
  std::vector<Work> nodes;
};

/// hipGraphExec_t.
struct GraphExec {
  std::vector<Work> nodes;
};

/// Of a stream, between hipStreamBeginCapture() and hipStreamEndCapture().
struct Capture {
  hipStreamCaptureMode mode;
  std::thread::id thread; ///< That began it.
  bool isInvalid = false;
  Graph graph;
};

/// Keeps \p work if \p stream is being captured, else does it.
hipError_t submit(void *stream, Work work);

/// What functions that allocate, free, load or synchronize begin with: an error
/// if a capture that is under way forbids them in this thread.
hipError_t checkNoCapture(const char *function);

/// The same of a function that waits for \p stream.
hipError_t checkNotCaptured(const char *function, const void *stream);

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_STREAMCAPTURE_H
