//===- FakeHiprtc.cpp - A hiprtc that counts ------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// hiprtc's C ABI over FakeKernel.h.
//
//===----------------------------------------------------------------------===//

#include "FakeHiprtc.h"
#include "FakeKernel.h"
#include <chrono>
#include <cstdlib>
#include <thread>

using namespace hipdex;

static FakeHiprtcState state;

namespace {
struct Program {
  std::string source, name, log, code;
};
} // namespace

/// Whether a function is the one that fails.
static int failure(const char *function) {
  return state.failing == function ? 6 : 0;
}

extern "C" {
#define FAKE_API __attribute__((visibility("default")))

FAKE_API FakeHiprtcState *fakeHiprtcState() { return &state; }

FAKE_API int hiprtcCreateProgram(Program **program, const char *source,
                                 const char *name, int headers,
                                 const char *const *, const char *const *) {
  if (int result = headers ? 3 : failure("hiprtcCreateProgram"))
    return result;
  std::lock_guard<std::mutex> lock(state.mutex);
  ++state.programs;
  *program = new Program{source, name, "", ""};
  return 0;
}

FAKE_API int hiprtcCompileProgram(Program *program, int count,
                                  const char *const *options) {
  std::lock_guard<std::mutex> lock(state.mutex);
  std::vector<std::string> given(options, options + count);
  if (program->source.find("hipdex_version") != std::string::npos) {
    ++state.questions;
    if (given != std::vector<std::string>{"--offload-arch=gfx906"})
      std::abort(); // as hiprtc 5.2 does with what it does not know
    program->log = state.log;
    program->code =
        std::string("code\0", 5) +
        (state.answer
             ? state.answer
             : "hipdex: HIP " + state.version + "; clang " +
                   std::to_string(state.clang) + "; " + state.clangText) +
        '\0' + "hipdex_version" + '\0';
    return failure("version");
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(state.milliseconds));
  state.compilations.push_back({program->source, program->name, given});
  program->log = state.log;
  if (int result = failure("hiprtcCompileProgram"))
    return result;
  std::string key = program->name.substr(0, program->name.rfind(".hip"));
  program->code = fakeElf(*KernelKey::parse(key)) + program->source;
  return 0;
}

FAKE_API int hiprtcGetProgramLogSize(Program *program, size_t *size) {
  *size = program->log.size();
  return failure("hiprtcGetProgramLogSize");
}

FAKE_API int hiprtcGetProgramLog(Program *program, char *log) {
  program->log.copy(log, program->log.size());
  return 0;
}

FAKE_API int hiprtcGetCodeSize(Program *program, size_t *size) {
  *size = program->code.size();
  return failure("hiprtcGetCodeSize");
}

FAKE_API int hiprtcGetCode(Program *program, char *code) {
  program->code.copy(code, program->code.size());
  return failure("hiprtcGetCode");
}

FAKE_API int hiprtcDestroyProgram(Program **program) {
  std::lock_guard<std::mutex> lock(state.mutex);
  --state.programs;
  delete *program;
  return 0;
}

FAKE_API const char *hiprtcGetErrorString(int result) {
  return result == 6 ? "HIPRTC_ERROR_COMPILATION" : nullptr;
}
}
