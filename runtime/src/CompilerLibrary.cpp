//===- CompilerLibrary.cpp - The compiler, opened on a cache miss ---------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See CompilerLibrary.h.
//
//===----------------------------------------------------------------------===//

#include "src/CompilerLibrary.h"
#include "src/BuildId.h"
#include "src/SharedLibrary.h"
#include "src/Status.h"
#include "llvm/ADT/ScopeExit.h"
#include <cstdlib>

using namespace hipdex;
using namespace hipdex::runtime;

static llvm::Error failure(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_COMPILER, message);
}

llvm::Error CompilerLibrary::open() {
  std::lock_guard<std::mutex> lock(mutex);
  if (isOpen)
    return llvm::Error::success();
  std::string failures;
  SharedLibrary library = SharedLibrary::openFirst(
      besideThisLibrary("libhipdex-compiler.so",
                        std::getenv("HIPDEX_COMPILER_LIBRARY")),
      failures);
  if (!library)
    return failure("no compiler library: tried " + failures);

  std::string missing;
  auto resolve = [&](auto &function, const char *name) {
    library.resolve(function, {name}, missing);
  };
  decltype(&hipdex_compiler_build_id) compilerBuildId = nullptr;
  resolve(compilerBuildId, "hipdex_compiler_build_id");
  resolve(compileKey, "hipdex_compile");
  resolve(resultError, "hipdex_compile_result_error");
  resolve(resultData, "hipdex_compile_result_data");
  resolve(resultMetadata, "hipdex_compile_result_metadata");
  resolve(resultDestroy, "hipdex_compile_result_destroy");
  if (!missing.empty())
    return failure("compiler library " + library.name() + " lacks" + missing);
  // Another compiler's kernels would be cached under our BuildId.
  llvm::StringRef theirs = compilerBuildId();
  if (theirs != buildId())
    return failure("compiler library " + library.name() + " has BuildId " +
                   theirs + ", libhipdex.so has " + buildId());
  isOpen = true;
  return llvm::Error::success();
}

llvm::Expected<CompiledKernel> CompilerLibrary::compile(llvm::StringRef key) {
  if (llvm::Error error = open())
    return std::move(error);
  hipdex_compile_options options = {};
  options.struct_size = sizeof(options);
  options.code_object_version = codeObjectVersion;
  hipdex_compile_result *result = compileKey(key.str().c_str(), &options);
  if (!result)
    return makeError(HIPDEX_ERROR_OUT_OF_MEMORY,
                     "compiling " + key + ": out of memory");
  llvm::scope_exit destroy([&] { resultDestroy(result); });
  if (const char *error = resultError(result))
    return failure("compiling " + key + ": " + error);
  size_t size = 0;
  const void *data = resultData(result, &size);
  const char *metadata = resultMetadata(result);
  if (!data || size == 0 || !metadata)
    return failure("compiling " + key + ": the compiler gave no code object");
  CompiledKernel kernel;
  kernel.metadata = metadata;
  kernel.codeObject = llvm::MemoryBuffer::getMemBufferCopy(
      llvm::StringRef(static_cast<const char *>(data), size));
  return kernel;
}
