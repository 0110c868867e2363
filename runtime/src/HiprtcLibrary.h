//===- HiprtcLibrary.h - ROCm's own run-time compiler ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A HIP C++ compiler that a ROCm installation has, opened at run time.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_HIPRTCLIBRARY_H
#define HIPDEX_RUNTIME_HIPRTCLIBRARY_H

#include "src/SharedLibrary.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VersionTuple.h"
#include <memory>

namespace hipdex {
namespace runtime {

class HiprtcLibrary {
public:
  /// Opens it and asks which it is, which takes a compilation (half a second
  /// by that of HIP 5.2).
  static llvm::Expected<HiprtcLibrary> open();

  llvm::StringRef name() const { return library.name(); }
  const llvm::VersionTuple &hipVersion() const { return hip; }
  unsigned clangVersion() const { return clang; }
  /// All that is known of it: "hiprtc of HIP 7.2.0, AMD Clang 22.0.0git (...)".
  const std::string &identity() const { return identityText; }

  /// The code object of \p source, which messages call \p sourceName. An arch
  /// that the library does not know may end the process: hipVersion() tells.
  /// May be called from any thread; hiprtc makes one at a time (ROCm/hip issue
  /// 3826).
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  compile(const std::string &source, const std::string &sourceName,
          llvm::ArrayRef<std::string> options) const;

private:
  llvm::Error askVersion();
  llvm::Error failure(int result, llvm::StringRef call) const;

  // hiprtc.h has these: an enum and an opaque pointer.
  using Program = struct _hiprtcProgram *;
  int (*createProgram)(Program *, const char *source, const char *name,
                       int headers, const char *const *headerTexts,
                       const char *const *headerNames) = nullptr;
  int (*compileProgram)(Program, int count,
                        const char *const *options) = nullptr;
  int (*getProgramLogSize)(Program, size_t *) = nullptr;
  int (*getProgramLog)(Program, char *) = nullptr;
  int (*getCodeSize)(Program, size_t *) = nullptr;
  int (*getCode)(Program, char *) = nullptr;
  int (*destroyProgram)(Program *) = nullptr;
  const char *(*getErrorString)(int) = nullptr;

  SharedLibrary library;
  llvm::VersionTuple hip;
  unsigned clang = 0;
  std::string identityText;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_HIPRTCLIBRARY_H
