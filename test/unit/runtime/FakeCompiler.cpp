//===- FakeCompiler.cpp - A compiler library that counts ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The compiler's C ABI over FakeKernel.h.
//
//===----------------------------------------------------------------------===//

#define HIPDEX_BUILDING_COMPILER
#include "FakeCompiler.h"
#include "API/hipdex-compiler.h"
#include "FakeKernel.h"
#include "hipdex/BuildId.h"
#include <chrono>
#include <thread>

using namespace hipdex;

struct hipdex_compile_result {
  std::string error, code, metadata;
};

static FakeCompilerState state;

extern "C" __attribute__((visibility("default"))) FakeCompilerState *
fakeCompilerState() {
  return &state;
}

hipdex_compile_result *hipdex_compile(const char *text,
                                      const hipdex_compile_options *options) {
  ++state.compiles;
  std::this_thread::sleep_for(std::chrono::milliseconds(state.milliseconds));
  auto *result = new hipdex_compile_result;
  llvm::Expected<KernelKey> key = KernelKey::parse(text);
  if (!key) {
    result->error = llvm::toString(key.takeError());
  } else if (state.error) {
    result->error = state.error;
  } else if (!options || options->code_object_version != 5) {
    result->error = "the runtime must ask for code object v5";
  } else {
    result->code =
        state.machine ? fakeElf(state.machine, "fake_kernel") : fakeElf(*key);
    result->code.append(state.padding, '\0');
    result->metadata = fakeMetadata(*key).toJSON();
  }
  return result;
}

const char *hipdex_compile_result_error(const hipdex_compile_result *result) {
  return result->error.empty() ? nullptr : result->error.c_str();
}
const void *hipdex_compile_result_data(const hipdex_compile_result *result,
                                       size_t *size) {
  *size = result->code.size();
  return result->code.data();
}
const char *
hipdex_compile_result_metadata(const hipdex_compile_result *result) {
  return result->metadata.c_str();
}
void hipdex_compile_result_destroy(hipdex_compile_result *result) {
  delete result;
}
const char *hipdex_compiler_build_id(void) {
  return state.buildId ? state.buildId : HIPDEX_BUILD_ID;
}
