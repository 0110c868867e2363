//===- CompilerLibrary.cpp - libhipdex-compiler.so, opened ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompilerLibrary.h"

#include "API/hipdex-compiler.h"
#include "hipdex/hipdex.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/Twine.h"
#include <cstdlib>
#include <dlfcn.h>

using namespace hipdex;

llvm::Expected<CompiledStage> hipdex::compileStage(llvm::StringRef key,
                                                   llvm::StringRef stage,
                                                   unsigned codeObjectVersion) {
  const char *name = std::getenv("HIPDEX_COMPILER_LIBRARY");
  // Without a slash the loader looks along this program's RUNPATH.
  if (!name)
    name = "libhipdex-compiler.so";
  void *library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::createStringError(llvm::Twine("no compiler library: ") +
                                   ::dlerror());
  std::string missing;
  auto get = [&](auto *function, const char *symbol) {
    function = reinterpret_cast<decltype(function)>(::dlsym(library, symbol));
    if (!function)
      missing = symbol;
    return function;
  };
  auto *compile = get(&hipdex_compile, "hipdex_compile");
  auto *error =
      get(&hipdex_compile_result_error, "hipdex_compile_result_error");
  auto *data = get(&hipdex_compile_result_data, "hipdex_compile_result_data");
  auto *metadata =
      get(&hipdex_compile_result_metadata, "hipdex_compile_result_metadata");
  auto *destroy =
      get(&hipdex_compile_result_destroy, "hipdex_compile_result_destroy");
  auto *compilerBuildId =
      get(&hipdex_compiler_build_id, "hipdex_compiler_build_id");
  if (!missing.empty())
    return llvm::createStringError("the compiler library has no " + missing);

  // Its kernels are not those of libhipdex.so, which would not load them.
  llvm::StringRef theirs = compilerBuildId();
  if (theirs != hipdex_build_id())
    return llvm::createStringError(llvm::Twine("compiler library ") + name +
                                   " has BuildId " + theirs +
                                   ", libhipdex.so has " + hipdex_build_id());

  std::string keyText = key.str(), stageText = stage.str();
  hipdex_compile_options options = {};
  options.struct_size = sizeof(options);
  options.emit = stageText.c_str();
  options.code_object_version = codeObjectVersion;
  hipdex_compile_result *result = compile(keyText.c_str(), &options);
  if (!result)
    return llvm::createStringError("out of memory");
  llvm::scope_exit cleanup([&] { destroy(result); });
  if (const char *message = error(result))
    return llvm::createStringError(llvm::Twine(message));
  size_t size = 0;
  CompiledStage compiled;
  const void *bytes = data(result, &size);
  compiled.data.assign(static_cast<const char *>(bytes), size);
  if (const char *json = metadata(result))
    compiled.metadata = json;
  return compiled;
}
