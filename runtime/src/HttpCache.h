//===- HttpCache.h - A fleet's kernels over HTTP --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The disk cache's files (ActionEntry.h), at the same names below a URL:
//
//   GET, PUT  URL/ac/NAME
//   GET, PUT  URL/cas/DIGEST
//
// Any server that keeps what was PUT will do. What comes from it passes every
// check that a file passes. A server that does not answer as it should is left
// alone for a while: a start with many kernels must not wait for each of them.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_HTTPCACHE_H
#define HIPDEX_RUNTIME_HTTPCACHE_H

#include "src/Curl.h"
#include "src/KernelSource.h"
#include <atomic>
#include <chrono>

namespace hipdex {
namespace runtime {

class HttpCache : public KernelSource {
public:
  /// How long a server is not asked after it failed.
  static constexpr std::chrono::seconds pause{30};

  static llvm::Expected<std::shared_ptr<HttpCache>> open(llvm::StringRef url,
                                                         bool isReadOnly);

  Kind kind() const override { return Kind::Http; }
  std::string name() const override { return "HTTP tier " + shownUrl; }
  llvm::Expected<std::optional<CompiledKernel>>
  find(const Action &action) override;

  /// Puts a kernel there, unless the tier is only read.
  llvm::Error store(const Action &action, const CompiledKernel &kernel);

private:
  HttpCache(const Curl &curl, llvm::StringRef url, bool isReadOnly);
  using Ticks = std::atomic<int64_t>; ///< Of the steady clock.
  llvm::Error checkPause(const Ticks &until) const;
  /// The server's failure, after which it is left alone; a file's is bad().
  llvm::Error failed(Ticks &until, llvm::StringRef call, llvm::StringRef path,
                     const llvm::Twine &reason);
  llvm::Error bad(llvm::StringRef path, const llvm::Twine &reason) const;
  /// Nothing if the server has no such file.
  llvm::Expected<std::optional<std::string>> get(const std::string &path,
                                                 uint64_t most);
  llvm::Error put(const std::string &path, llvm::StringRef content);

  const Curl &curl;
  const std::string url;
  const std::string shownUrl; ///< Without user and password.
  const bool isReadOnly;
  /// When the server may be asked again, and when it may be given something:
  /// one that refuses a PUT still serves.
  Ticks resumeAt{0}, resumePutAt{0};
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_HTTPCACHE_H
