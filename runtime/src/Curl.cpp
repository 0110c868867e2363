//===- Curl.cpp - GET and PUT through libcurl -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Curl.h.
//
//===----------------------------------------------------------------------===//

#include "src/Curl.h"
#include "src/SharedLibrary.h"
#include "src/Status.h"
#include "llvm/ADT/ScopeExit.h"
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <pthread.h>

using namespace hipdex;
using namespace hipdex::runtime;

namespace {
// From curl/curl.h.
enum Option : int {
  upload = 46,
  noSignal = 99,
  timeoutMs = 155,
  connectTimeoutMs = 156,
  protocols = 181, // a mask: 1 http, 2 https
  writeData = 10001,
  url = 10002,
  readData = 10009,
  errorBuffer = 10010,
  httpHeader = 10023,
  writeFunction = 20011,
  readFunction = 20012,
  inFileSizeLarge = 30115,
};
constexpr int infoResponseCode = 0x200002;
constexpr size_t errorBytes = 256;
constexpr long globalDefault = 3;
} // namespace

static llvm::Error failure(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CACHE, message);
}

llvm::Error Curl::open() {
  std::string failures;
  SharedLibrary library = SharedLibrary::openFirst(
      {"libcurl.so.4", "libcurl-gnutls.so.4"}, failures);
  if (!library)
    return failure("no libcurl: tried " + failures);
  std::string missing;
  auto resolve = [&](auto &function, const char *name) {
    library.resolve(function, {name}, missing);
  };
  int (*globalInit)(long) = nullptr;
  resolve(globalInit, "curl_global_init");
  resolve(easyInit, "curl_easy_init");
  resolve(easySetopt, "curl_easy_setopt");
  resolve(easyPerform, "curl_easy_perform");
  resolve(easyGetinfo, "curl_easy_getinfo");
  resolve(easyCleanup, "curl_easy_cleanup");
  resolve(easyStrerror, "curl_easy_strerror");
  resolve(slistAppend, "curl_slist_append");
  resolve(slistFreeAll, "curl_slist_free_all");
  if (!missing.empty())
    return failure(library.name() + " lacks" + missing);
  if (int code = globalInit(globalDefault))
    return failure("curl_global_init gave " + llvm::Twine(code));
  return llvm::Error::success();
}

static std::mutex openMutex;

llvm::Expected<const Curl *> Curl::get() {
  // A child must not find the mutex held by a thread that it does not have.
  [[maybe_unused]] static const int watched =
      pthread_atfork([] { openMutex.lock(); }, [] { openMutex.unlock(); },
                     [] { openMutex.unlock(); });
  // Never destroyed: curl has static state of its own.
  static const Curl *opened = nullptr;
  std::lock_guard<std::mutex> lock(openMutex);
  if (!opened) {
    std::unique_ptr<Curl> curl(new Curl);
    if (llvm::Error error = curl->open())
      return std::move(error);
    opened = curl.release();
  }
  return opened;
}

/// What curl's callbacks see.
struct Curl::Transfer {
  std::string received;
  uint64_t most = 0;
  bool isTooLong = false;
  llvm::StringRef toSend;

  static size_t write(const char *data, size_t size, size_t count,
                      void *transfer) {
    auto &self = *static_cast<Transfer *>(transfer);
    if (size * count > self.most - self.received.size()) {
      self.isTooLong = true;
      return 0; // ends the transfer
    }
    try { // curl is C: nothing may be thrown through it
      self.received.append(data, size * count);
    } catch (const std::bad_alloc &) {
      return 0;
    }
    return size * count;
  }
  static size_t read(char *data, size_t size, size_t count, void *transfer) {
    auto &self = *static_cast<Transfer *>(transfer);
    llvm::StringRef part = self.toSend.take_front(size * count);
    std::memcpy(data, part.data(), part.size());
    self.toSend = self.toSend.drop_front(part.size());
    return part.size();
  }
};

namespace {
/// Keeps SIGPIPE, which a connection that the server closes raises in the
/// thread that writes, from ending the process. Without signals curl leaves it
/// to its caller (CURLOPT_NOSIGNAL), and TLS libraries that write to the socket
/// themselves raise it. Nothing of the process is changed, only of this thread.
class WithoutSigpipe {
public:
  WithoutSigpipe() {
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigset_t pending;
    wasPending = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE);
    isBlocked = pthread_sigmask(SIG_BLOCK, &pipe, &before) == 0;
  }
  ~WithoutSigpipe() {
    if (!isBlocked)
      return;
    // Ours is taken back; one that was there before is somebody else's.
    const timespec now = {};
    if (!wasPending)
      while (sigtimedwait(&pipe, nullptr, &now) == -1 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

private:
  sigset_t pipe, before;
  bool wasPending, isBlocked;
};
} // namespace

llvm::Expected<Curl::Response>
Curl::perform(const std::string &address, uint64_t most,
              const llvm::StringRef *toSend) const {
  WithoutSigpipe guard;
  void *handle = easyInit();
  if (!handle)
    return failure("curl_easy_init failed");
  // "Expect: 100-continue" would cost a second at servers that ignore it.
  void *headers = slistAppend(nullptr, "Expect:");
  llvm::scope_exit cleanup([&] {
    easyCleanup(handle);
    slistFreeAll(headers);
  });
  Transfer transfer;
  transfer.most = most;
  char reason[errorBytes] = "";
  int code = 0;
  auto set = [&](Option option, auto value) {
    if (!code)
      code = easySetopt(handle, option, value);
  };
  set(url, address.c_str());
  set(protocols, 3L);
  set(noSignal, 1L); // its timeouts would use SIGALRM, which is the host's
  set(errorBuffer, &reason[0]);
  set(httpHeader, headers);
  // A request waits for this: a server that is slow is worth less than the
  // compiler.
  set(connectTimeoutMs, 1000L);
  set(timeoutMs, 4000L);
  set(writeFunction, &Transfer::write);
  set(writeData, &transfer);
  if (toSend) {
    transfer.toSend = *toSend;
    set(upload, 1L);
    set(inFileSizeLarge, int64_t(toSend->size()));
    set(readFunction, &Transfer::read);
    set(readData, &transfer);
  }
  if (!code)
    code = easyPerform(handle);
  if (code && !transfer.isTooLong)
    return failure(reason[0] ? reason : easyStrerror(code));
  Response response;
  easyGetinfo(handle, infoResponseCode, &response.status);
  response.body = std::move(transfer.received);
  response.isTooLong = transfer.isTooLong;
  return response;
}

llvm::Expected<Curl::Response> Curl::get(const std::string &url,
                                         uint64_t most) const {
  return perform(url, most, nullptr);
}

llvm::Expected<Curl::Response> Curl::put(const std::string &url,
                                         llvm::StringRef body) const {
  constexpr uint64_t mostAnswer = 1 << 20;
  return perform(url, mostAnswer, &body);
}
