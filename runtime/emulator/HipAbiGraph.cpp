//===- HipAbiGraph.cpp - HIP's stream capture and graphs ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of HIP's graphs that engines use: capture a stream, instantiate,
// launch. Graphs that are built node by node are not offered.
//
//===----------------------------------------------------------------------===//

#include "emulator/HipRuntime.h"
#include "emulator/StreamCapture.h"

using namespace llvm;
using namespace hipdex::emulator;

/// hipThreadExchangeStreamCaptureMode(): what the thread may do beside captures
/// of others.
static thread_local hipStreamCaptureMode threadMode =
    hipStreamCaptureModeGlobal;

static bool isDefaultStream(const void *stream) {
  return reinterpret_cast<uintptr_t>(stream) <= 2;
}

/// The capture of \p stream, or null. The runtime's mutex is held.
static Capture *captureOf(const void *stream) {
  return isDefaultStream(stream)
             ? nullptr
             : static_cast<const Stream *>(stream)->capture.get();
}

/// Spoils every capture that \p condition holds for. Whether there was one.
template <typename Condition> static bool spoil(Condition condition) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  bool found = false;
  for (Stream *stream : runtime.streams)
    if (Capture *capture = stream->capture.get();
        capture && condition(*stream, *capture))
      found = capture->isInvalid = true;
  return found;
}

hipError_t hipdex::emulator::checkNoCapture(const char *function) {
  if (threadMode == hipStreamCaptureModeRelaxed)
    return hipSuccess;
  bool found = spoil([](const Stream &, const Capture &capture) {
    bool isMine = capture.thread == std::this_thread::get_id();
    switch (capture.mode) {
    case hipStreamCaptureModeGlobal:
      return isMine || threadMode == hipStreamCaptureModeGlobal;
    case hipStreamCaptureModeThreadLocal:
      return isMine;
    case hipStreamCaptureModeRelaxed:
      break;
    }
    return false;
  });
  if (!found)
    return hipSuccess;
  return fail(hipErrorStreamCaptureUnsupported,
              Twine(function) + ": a stream is being captured");
}

hipError_t hipdex::emulator::checkNotCaptured(const char *function,
                                              const void *stream) {
  if (hipError_t error = checkStream(stream))
    return error;
  bool found = spoil([&](const Stream &captured, const Capture &) {
    return &captured == stream || (!stream && captured.flags == 0);
  });
  if (!found)
    return hipSuccess;
  return fail(hipErrorStreamCaptureUnsupported,
              Twine(function) + ": the stream is being captured");
}

hipError_t hipdex::emulator::submit(void *stream, Work work) {
  if (hipError_t error = checkStream(stream))
    return error;
  if (!stream) {
    // The null stream waits for every blocking stream, and a capture cannot
    // wait.
    if (spoil([](const Stream &captured, const Capture &) {
          return captured.flags == 0;
        }))
      return fail(hipErrorStreamCaptureImplicit,
                  "work on the null stream while a blocking stream is being "
                  "captured");
  } else {
    HipRuntime &runtime = HipRuntime::get();
    std::lock_guard<std::mutex> lock(runtime.mutex);
    if (Capture *capture = captureOf(stream)) {
      if (capture->isInvalid)
        return fail(hipErrorStreamCaptureInvalidated,
                    "the stream's capture was spoiled by an earlier call");
      capture->graph.nodes.push_back(std::move(work));
      return hipSuccess;
    }
  }
  return work();
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipStreamBeginCapture(Stream *stream, hipStreamCaptureMode mode) {
  if (hipError_t error = checkStream(stream))
    return error;
  if (isDefaultStream(stream))
    return fail(hipErrorStreamCaptureUnsupported,
                "hipStreamBeginCapture: the default stream cannot be captured");
  if (mode < hipStreamCaptureModeGlobal || mode > hipStreamCaptureModeRelaxed)
    return fail(hipErrorInvalidValue, "hipStreamBeginCapture: mode " +
                                          Twine(int(mode)) +
                                          ", allowed are 0 to 2");
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (stream->capture)
    return fail(hipErrorIllegalState,
                "hipStreamBeginCapture: the stream is being captured already");
  stream->capture = std::make_unique<Capture>();
  stream->capture->mode = mode;
  stream->capture->thread = std::this_thread::get_id();
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipStreamEndCapture(Stream *stream,
                                                      Graph **graph) {
  if (!graph)
    return fail(hipErrorInvalidValue, "hipStreamEndCapture: null pointer");
  *graph = nullptr;
  if (hipError_t error = checkStream(stream))
    return error;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  Capture *capture = captureOf(stream);
  if (!capture)
    return fail(hipErrorIllegalState,
                "hipStreamEndCapture: the stream is not being captured");
  if (capture->mode != hipStreamCaptureModeRelaxed &&
      capture->thread != std::this_thread::get_id())
    return fail(hipErrorStreamCaptureWrongThread,
                "hipStreamEndCapture: another thread began the capture");
  std::unique_ptr<Capture> ended = std::move(stream->capture);
  if (ended->isInvalid)
    return fail(hipErrorStreamCaptureInvalidated,
                "hipStreamEndCapture: a call that cannot be captured spoiled "
                "the capture");
  *graph = new Graph(std::move(ended->graph));
  runtime.graphs.insert(*graph);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipStreamIsCapturing(Stream *stream, hipStreamCaptureStatus *status) {
  if (!status)
    return fail(hipErrorInvalidValue, "hipStreamIsCapturing: null pointer");
  *status = hipStreamCaptureStatusNone;
  if (hipError_t error = checkStream(stream))
    return error;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (const Capture *capture = captureOf(stream))
    *status = capture->isInvalid ? hipStreamCaptureStatusInvalidated
                                 : hipStreamCaptureStatusActive;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t
hipThreadExchangeStreamCaptureMode(hipStreamCaptureMode *mode) {
  if (!mode || *mode < hipStreamCaptureModeGlobal ||
      *mode > hipStreamCaptureModeRelaxed)
    return fail(hipErrorInvalidValue,
                "hipThreadExchangeStreamCaptureMode: not a mode");
  std::swap(*mode, threadMode);
  return hipSuccess;
}

static hipError_t notAGraph(const char *function) {
  return fail(hipErrorInvalidHandle,
              Twine(function) + ": not a graph, or one that was destroyed");
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphGetNodes(Graph *graph, void **nodes,
                                                   size_t *count) {
  if (!count)
    return fail(hipErrorInvalidValue, "hipGraphGetNodes: null pointer");
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!runtime.graphs.contains(graph))
    return notAGraph("hipGraphGetNodes");
  if (nodes) // handles, of which nothing can be asked
    for (size_t i = 0; i < *count; ++i)
      nodes[i] = i < graph->nodes.size() ? &graph->nodes[i] : nullptr;
  *count = graph->nodes.size();
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphInstantiateWithFlags(
    GraphExec **exec, Graph *graph, unsigned long long) {
  if (!exec)
    return fail(hipErrorInvalidValue, "hipGraphInstantiate: null pointer");
  *exec = nullptr;
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!runtime.graphs.contains(graph))
    return notAGraph("hipGraphInstantiate");
  *exec = new GraphExec{graph->nodes};
  runtime.graphExecs.insert(*exec);
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphInstantiate(GraphExec **exec,
                                                      Graph *graph,
                                                      void **errorNode,
                                                      char *log, size_t size) {
  if (errorNode)
    *errorNode = nullptr;
  if (log && size)
    *log = 0;
  return hipGraphInstantiateWithFlags(exec, graph, 0);
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphLaunch(GraphExec *exec,
                                                 Stream *stream) {
  std::vector<Work> nodes;
  {
    HipRuntime &runtime = HipRuntime::get();
    std::lock_guard<std::mutex> lock(runtime.mutex);
    if (!runtime.graphExecs.contains(exec))
      return notAGraph("hipGraphLaunch");
    nodes = exec->nodes; // it may be destroyed by another thread
  }
  for (const Work &work : nodes)
    if (hipError_t error = submit(stream, work))
      return error;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphExecDestroy(GraphExec *exec) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!runtime.graphExecs.erase(exec))
    return notAGraph("hipGraphExecDestroy");
  delete exec;
  return hipSuccess;
}

HIPDEX_EMULATOR_EXPORT hipError_t hipGraphDestroy(Graph *graph) {
  HipRuntime &runtime = HipRuntime::get();
  std::lock_guard<std::mutex> lock(runtime.mutex);
  if (!runtime.graphs.erase(graph))
    return notAGraph("hipGraphDestroy");
  delete graph;
  return hipSuccess;
}
