//===- Curl.h - GET and PUT through libcurl -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// libcurl is opened when somebody wants an HTTP tier, so that libhipdex.so
// needs nothing. Its functions and option numbers are a stable ABI and are
// declared here: building hipdex takes no header of curl.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_CURL_H
#define HIPDEX_RUNTIME_CURL_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {
namespace runtime {

class Curl {
public:
  /// libcurl, opened once.
  static llvm::Expected<const Curl *> get();

  struct Response {
    long status = 0;
    std::string body;
    bool isTooLong = false; ///< The body ends where it got too long.
  };
  /// An error if no response came.
  llvm::Expected<Response> get(const std::string &url, uint64_t most) const;
  llvm::Expected<Response> put(const std::string &url,
                               llvm::StringRef body) const;

private:
  Curl() = default;
  llvm::Error open();
  struct Transfer;
  llvm::Expected<Response> perform(const std::string &url, uint64_t most,
                                   const llvm::StringRef *upload) const;

  void *(*easyInit)() = nullptr;
  int (*easySetopt)(void *, int, ...) = nullptr;
  int (*easyPerform)(void *) = nullptr;
  int (*easyGetinfo)(void *, int, ...) = nullptr;
  void (*easyCleanup)(void *) = nullptr;
  const char *(*easyStrerror)(int) = nullptr;
  void *(*slistAppend)(void *, const char *) = nullptr;
  void (*slistFreeAll)(void *) = nullptr;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_CURL_H
