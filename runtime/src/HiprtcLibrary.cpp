//===- HiprtcLibrary.cpp - ROCm's own run-time compiler -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See HiprtcLibrary.h.
//
//===----------------------------------------------------------------------===//

#include "src/HiprtcLibrary.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Regex.h"
#include <cstdlib>

using namespace hipdex;
using namespace hipdex::runtime;

// As HipLibrary.cpp has them. Before HIP 6 libamdhip64 had hiprtc inside.
static const std::string hiprtcNames[] = {
    "libhiprtc.so",     "libhiprtc.so.7",
    "libhiprtc.so.6",   "/opt/rocm/lib/libhiprtc.so",
    "libamdhip64.so.5",
};

static llvm::Error compilerError(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_COMPILER, message);
}

llvm::Error HiprtcLibrary::failure(int result, llvm::StringRef call) const {
  const char *meaning = getErrorString(result);
  return compilerError("hiprtc library " + name() + ": " + call + " gave " +
                       (meaning ? meaning : "error") + " (" +
                       llvm::Twine(result) + ")");
}

/// What to show of a compiler's log: its first error, or what it begins with.
static llvm::StringRef firstError(llvm::StringRef log) {
  llvm::SmallVector<llvm::StringRef> lines;
  log.split(lines, '\n', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  if (lines.empty())
    return "it has no log";
  auto error = llvm::find_if(
      lines, [](llvm::StringRef line) { return line.contains("error: "); });
  return (error == lines.end() ? lines.front() : *error).rtrim();
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
HiprtcLibrary::compile(const std::string &source, const std::string &sourceName,
                       llvm::ArrayRef<std::string> options) const {
  Program program = nullptr;
  if (int result = createProgram(&program, source.c_str(), sourceName.c_str(),
                                 0, nullptr, nullptr))
    return failure(result, "hiprtcCreateProgram");
  llvm::scope_exit destroy([&] { destroyProgram(&program); });
  llvm::SmallVector<const char *> pointers;
  for (const std::string &option : options)
    pointers.push_back(option.c_str());
  int compiled = compileProgram(program, pointers.size(), pointers.data());

  size_t size = 0;
  if (compiled != 0) {
    std::string log;
    if (getProgramLogSize(program, &size) == 0) {
      log.assign(size, '\0');
      if (getProgramLog(program, log.data()) != 0)
        log.clear();
    }
    auto [status, message] =
        takeStatus(failure(compiled, "hiprtcCompileProgram"));
    return makeError(status, message + ": " + firstError(log));
  }
  if (int result = getCodeSize(program, &size))
    return failure(result, "hiprtcGetCodeSize");
  auto code = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(size);
  if (!code)
    return makeError(HIPDEX_ERROR_OUT_OF_MEMORY,
                     "hiprtc made " + llvm::Twine(size) +
                         " bytes of code: out of memory");
  if (int result = getCode(program, code->getBufferStart()))
    return failure(result, "hiprtcGetCode");
  return std::unique_ptr<llvm::MemoryBuffer>(std::move(code));
}

// hiprtcVersion() says 9.0 in every version, and libhiprtc.so has no
// hipRuntimeGetVersion(). But each compilation is given the numbers as macros,
// and what it says of them is in the code, whatever becomes of its log.
llvm::Error HiprtcLibrary::askVersion() {
  static const std::string question = R"(#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
extern "C" __device__ __attribute__((used)) const char hipdex_version[] =
    "hipdex: HIP " TEXT(HIP_VERSION_MAJOR) "." TEXT(HIP_VERSION_MINOR) "."
    TEXT(HIP_VERSION_PATCH) "; clang " TEXT(__clang_major__) "; " __VERSION__;
)";
  // Every version knows this arch, and no kernel of ours is for it.
  auto code =
      compile(question, "hipdex_version.hip", {"--offload-arch=gfx906"});
  if (!code)
    return code.takeError();
  llvm::StringRef answer = (*code)->getBuffer();
  answer = answer.substr(answer.find("hipdex: HIP ")).take_until([](char c) {
    return c == '\0';
  });
  llvm::SmallVector<llvm::StringRef, 4> found;
  llvm::Regex pattern(
      "^hipdex: HIP ([0-9]+\\.[0-9]+\\.[0-9]+); clang ([0-9]+); (.*)$");
  if (!pattern.match(answer, &found) || hip.tryParse(found[1]) ||
      found[2].getAsInteger(10, clang))
    return compilerError("hiprtc library " + name() +
                         " does not say of which version it is (\"" + answer +
                         "\")");
  identityText = ("hiprtc of HIP " + found[1] + ", " + found[3]).str();
  // hiprtc gives these to every compilation.
  const char *appended = std::getenv("HIPRTC_COMPILE_OPTIONS_APPEND");
  if (appended && *appended)
    identityText += std::string(", ") + appended;
  // It goes into JSON.
  if (!llvm::json::isUTF8(identityText))
    return compilerError("hiprtc library " + name() +
                         ": what it calls itself, or "
                         "HIPRTC_COMPILE_OPTIONS_APPEND, is not UTF-8");
  return llvm::Error::success();
}

llvm::Expected<HiprtcLibrary> HiprtcLibrary::open() {
  HiprtcLibrary hiprtc;
  const char *path = std::getenv("HIPDEX_HIPRTC_LIBRARY");
  std::string failures;
  if (path && *path) {
    hiprtc.library = SharedLibrary::openFirst({path}, failures);
  } else {
    hiprtc.library = SharedLibrary::findLoaded(hiprtcNames);
    if (!hiprtc.library)
      hiprtc.library = SharedLibrary::openFirst(hiprtcNames, failures);
  }
  if (!hiprtc.library)
    return compilerError("no hiprtc library: tried " + failures);
  std::string missing;
  auto resolve = [&](auto &function, const char *name) {
    hiprtc.library.resolve(function, {name}, missing);
  };
  resolve(hiprtc.createProgram, "hiprtcCreateProgram");
  resolve(hiprtc.compileProgram, "hiprtcCompileProgram");
  resolve(hiprtc.getProgramLogSize, "hiprtcGetProgramLogSize");
  resolve(hiprtc.getProgramLog, "hiprtcGetProgramLog");
  resolve(hiprtc.getCodeSize, "hiprtcGetCodeSize");
  resolve(hiprtc.getCode, "hiprtcGetCode");
  resolve(hiprtc.destroyProgram, "hiprtcDestroyProgram");
  resolve(hiprtc.getErrorString, "hiprtcGetErrorString");
  if (!missing.empty())
    return compilerError("hiprtc library " + hiprtc.name() + " lacks" +
                         missing);
  if (llvm::Error error = hiprtc.askVersion())
    return std::move(error);
  return hiprtc;
}
