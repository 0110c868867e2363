//===- ClangHiprtc.cpp - A hiprtc that is clang ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Stands in for ROCm's libhiprtc.so in tests: its C ABI, as far as a program
// without headers of its own and name expressions needs it, over clang. What a
// caller can see is as ROCm's source (clr, hipamd/src/hiprtc) and Debian's
// HIP 5.2 have it:
//
// * The version is not that of hiprtcVersion, which is 9.0 in all of them, but
//   what HIP_VERSION_MAJOR, _MINOR and _PATCH are in the text. Here the
//   environment's HIPRTC_STANDIN_VERSION, MAJOR.MINOR.PATCH, sets it.
// * The environment's HIPRTC_COMPILE_OPTIONS_APPEND comes before the caller's
//   options.
// * The log has warnings without an error, too, and neither ends in a
//   terminator nor counts one.
// * An arch that the version has never heard of ends the process, as in
//   HIP 5.2.
//
//===----------------------------------------------------------------------===//

#include "ClangProcess.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sstream>
#include <tuple>

using namespace hipdex;

namespace {

struct Version {
  unsigned major = 0, minor = 0, patch = 0;
};

struct Program {
  Version version;
  std::string name, text, code, log;
};

/// HIP's result codes: the index is the number.
const char *const resultNames[] = {
    "HIPRTC_SUCCESS",
    "HIPRTC_ERROR_OUT_OF_MEMORY",
    "HIPRTC_ERROR_PROGRAM_CREATION_FAILURE",
    "HIPRTC_ERROR_INVALID_INPUT",
    "HIPRTC_ERROR_INVALID_PROGRAM",
    "HIPRTC_ERROR_INVALID_OPTION",
    "HIPRTC_ERROR_COMPILATION",
    "HIPRTC_ERROR_BUILTIN_OPERATION_FAILURE",
    "HIPRTC_ERROR_NO_NAME_EXPRESSIONS_AFTER_COMPILATION",
    "HIPRTC_ERROR_NO_LOWERED_NAMES_BEFORE_COMPILATION",
    "HIPRTC_ERROR_NAME_EXPRESSION_NOT_VALID",
    "HIPRTC_ERROR_INTERNAL_ERROR",
};
enum Result {
  Success = 0,
  CreationFailure = 2,
  InvalidInput = 3,
  InvalidProgram = 4,
  CompilationError = 6,
};

/// The real one takes a lock in each function, so its compilations are one
/// after the other.
std::mutex &apiLock() {
  static std::mutex lock;
  return lock;
}

bool readVersion(Version &version) {
  const char *text = std::getenv("HIPRTC_STANDIN_VERSION");
  char rest;
  return std::sscanf(text ? text : "7.2.0", "%u.%u.%u%c", &version.major,
                     &version.minor, &version.patch, &rest) == 3;
}

/// The first HIP whose compiler has the arch, of those that not all have.
Version firstVersion(const std::string &arch) {
  if (arch == "gfx942")
    return {6, 0, 0};
  if (arch == "gfx950")
    return {7, 0, 0};
  return {};
}

int compile(Program &program, int count, const char *const *options) {
  auto number = [](unsigned value) { return std::to_string(value); };
  const Version &version = program.version;
  std::string major = number(version.major), minor = number(version.minor),
              patch = number(version.patch);
  std::vector<std::string> all = {"-O3",
                                  "--hip-version=" + major + "." + minor + "." +
                                      patch,
                                  "-DHIP_VERSION_MAJOR=" + major,
                                  "-DHIP_VERSION_MINOR=" + minor,
                                  "-DHIP_VERSION_PATCH=" + patch,
                                  "-std=c++14",
                                  "-Wno-gnu-line-marker",
                                  "-Wno-missing-prototypes"};
  const char *appended = std::getenv("HIPRTC_COMPILE_OPTIONS_APPEND");
  std::istringstream words(appended ? appended : "");
  for (std::string word; words >> word;)
    all.push_back(word);
  all.insert(all.end(), {"-D__HIPCC_RTC__", "-include", HIPDEX_HIPRTC_HEADER});
  all.insert(all.end(), options, options + count);

  const std::string option = "--offload-arch=";
  std::string arch;
  for (const std::string &given : all)
    if (given.compare(0, option.size(), option) == 0)
      arch = given.substr(option.size(), given.find(':') - option.size());
  if (arch.empty()) {
    // The real one then asks HIP for the device; there is none here.
    program.log = "hip runtime failed to load.\nError: Please provide "
                  "architecture for which code is to be generated.\n";
    return CompilationError;
  }
  Version first = firstVersion(arch);
  if (std::tie(version.major, version.minor) <
      std::tie(first.major, first.minor)) {
    std::fprintf(stderr, "hiprtc %s.%s does not know %s\n", major.c_str(),
                 minor.c_str(), arch.c_str());
    std::abort();
  }

  ClangProcess clang(program.text, program.name, all);
  program.log += clang.log;
  program.code = clang.code;
  return clang.succeeded ? Success : CompilationError;
}

/// Gives the caller one of a program's strings.
int getSize(const std::string &bytes, size_t *size) {
  if (!size)
    return InvalidInput;
  *size = bytes.size();
  return Success;
}
int getBytes(const std::string &bytes, char *destination) {
  if (!destination)
    return InvalidInput;
  std::memcpy(destination, bytes.data(), bytes.size());
  return Success;
}

} // namespace

#define HIPRTC_API extern "C" __attribute__((visibility("default")))

HIPRTC_API const char *hiprtcGetErrorString(int result) {
  size_t count = sizeof(resultNames) / sizeof(*resultNames);
  return size_t(result) < count ? resultNames[result] : nullptr;
}

HIPRTC_API int hiprtcVersion(int *major, int *minor) {
  if (!major || !minor)
    return InvalidInput;
  *major = 9;
  *minor = 0;
  return Success;
}

HIPRTC_API int hiprtcCreateProgram(Program **program, const char *source,
                                   const char *name, int headerCount,
                                   const char **, const char **) {
  std::lock_guard<std::mutex> guard(apiLock());
  if (!program)
    return InvalidProgram;
  if (headerCount != 0 || !source || !*source)
    return InvalidInput;
  Program created;
  if (!readVersion(created.version))
    return CreationFailure;
  created.name = name ? name : "";
  created.name.erase(0, created.name.rfind('/') + 1);
  if (created.name.empty())
    created.name = "CompileSource";
  created.text = source;
  *program = new Program(std::move(created));
  return Success;
}

HIPRTC_API int hiprtcCompileProgram(Program *program, int optionCount,
                                    const char **options) {
  std::lock_guard<std::mutex> guard(apiLock());
  return compile(*program, optionCount, options);
}

HIPRTC_API int hiprtcGetProgramLogSize(Program *program, size_t *size) {
  std::lock_guard<std::mutex> guard(apiLock());
  return getSize(program->log, size);
}

HIPRTC_API int hiprtcGetProgramLog(Program *program, char *log) {
  std::lock_guard<std::mutex> guard(apiLock());
  return getBytes(program->log, log);
}

HIPRTC_API int hiprtcGetCodeSize(Program *program, size_t *size) {
  std::lock_guard<std::mutex> guard(apiLock());
  return getSize(program->code, size);
}

HIPRTC_API int hiprtcGetCode(Program *program, char *code) {
  std::lock_guard<std::mutex> guard(apiLock());
  return getBytes(program->code, code);
}

HIPRTC_API int hiprtcDestroyProgram(Program **program) {
  std::lock_guard<std::mutex> guard(apiLock());
  if (!program)
    return InvalidInput;
  delete *program;
  return Success;
}
