//===- HttpCacheTest.cpp - Tests of the HTTP tier in one process ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What a whole program cannot show: the order of the sources before the tier,
// the pause after a refused PUT, a server that hangs up in the middle. The
// server is a thread here; check-http-cache.sh has a real one.
//
//===----------------------------------------------------------------------===//

#include "Fixture.h"
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace hipdex;
using Catch::Contains;

namespace {
/// Keeps what is PUT and gives what is GET, on a port of the loopback.
class Server {
public:
  Server() {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto *raw = reinterpret_cast<sockaddr *>(&address);
    REQUIRE(listener >= 0);
    REQUIRE(bind(listener, raw, size) == 0);
    REQUIRE(listen(listener, 16) == 0);
    REQUIRE(getsockname(listener, raw, &size) == 0);
    url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread = std::thread([this] { serve(); });
    setenv("HIPDEX_HTTP_CACHE", url.c_str(), 1);
    setenv("no_proxy", "127.0.0.1", 1);
  }
  ~Server() {
    shutdown(listener, SHUT_RDWR);
    thread.join();
    close(listener);
    unsetenv("HIPDEX_HTTP_CACHE");
  }

  /// How many requests began with \p method since the last call.
  size_t count(const std::string &method) {
    std::lock_guard<std::mutex> lock(mutex);
    auto end = std::remove(methods.begin(), methods.end(), method);
    size_t found = size_t(methods.end() - end);
    methods.erase(end, methods.end());
    return found;
  }

  std::string url;
  std::atomic<bool> refusesPuts{false};
  std::atomic<bool> hangsUp{false}; ///< After the first bytes of a PUT.

private:
  void serve() {
    for (int fd; (fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;
         close(fd))
      answer(fd);
  }
  void answer(int fd) {
    std::string text;
    auto more = [&] {
      char buffer[65536];
      ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
      text.append(buffer, n > 0 ? size_t(n) : 0);
      return n > 0;
    };
    size_t head;
    while ((head = text.find("\r\n\r\n")) == text.npos)
      if (!more())
        return;
    std::string method = text.substr(0, text.find(' '));
    std::string path =
        text.substr(method.size() + 1,
                    text.find(' ', method.size() + 1) - method.size() - 1);
    {
      std::lock_guard<std::mutex> lock(mutex);
      methods.push_back(method);
    }
    if (method == "PUT" && hangsUp)
      return; // With unread bytes: the other side's next write fails.
    size_t field = text.find("Content-Length: ");
    size_t bytes =
        field < head ? std::strtoul(text.c_str() + field + 16, nullptr, 10) : 0;
    while (text.size() < head + 4 + bytes)
      if (!more())
        return;
    std::string status = "404 Not Found", body;
    if (method == "PUT") {
      status = refusesPuts ? "405 Not Allowed" : "201 Created";
      if (!refusesPuts)
        files[path] = text.substr(head + 4);
    } else if (auto file = files.find(path); file != files.end()) {
      status = "200 OK";
      body = file->second;
    }
    std::string reply = "HTTP/1.1 " + status +
                        "\r\nConnection: close\r\nContent-Length: " +
                        std::to_string(body.size()) + "\r\n\r\n" + body;
    for (size_t done = 0; done < reply.size();) {
      ssize_t n =
          send(fd, reply.data() + done, reply.size() - done, MSG_NOSIGNAL);
      if (n <= 0)
        return;
      done += size_t(n);
    }
  }

  int listener;
  std::thread thread;
  std::map<std::string, std::string> files; ///< The thread's.
  std::mutex mutex;
  std::vector<std::string> methods;
};
} // namespace

static const char *const keys[] = {
    testKey, "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn",
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n1.fn",
    "paged_mqa_logits.gfx950.p64.d128.b64.pre.h32.n2.fn"};

/// With a new cache folder, in which nothing is.
static Context openEmpty(Fixture &fixture, const char *lower = nullptr) {
  static int count = 0;
  std::string cache = fixture.cacheDirectory + "/" + std::to_string(count++);
  if (lower)
    setenv("HIPDEX_CACHE_LOWER_DIR", lower, 1);
  ContextOptions options;
  options.provider = FAKE_HIP;
  options.cacheDirectory = cache.c_str();
  Result<Context> context = Context::open(options);
  unsetenv("HIPDEX_CACHE_LOWER_DIR");
  INFO(context.status().message());
  REQUIRE(bool(context));
  return std::move(*context);
}

TEST_CASE("the disk, then its lower layer, come before the HTTP tier") {
  Fixture fixture;
  Server server;
  Context first = fixture.open(); // on disk and on the server
  REQUIRE(bool(first.kernel(testKey)));
  CHECK(server.count("PUT") == 2);
  CHECK(server.count("GET") == 1);

  Context disk = fixture.open();
  REQUIRE(bool(disk.kernel(testKey)));
  CHECK(disk.counters().disk_hits == 1);
  Context layered = openEmpty(fixture, fixture.cacheDirectory.c_str());
  REQUIRE(bool(layered.kernel(testKey)));
  CHECK(layered.counters().disk_hits == 1);
  CHECK(layered.counters().http_hits == 0);
  CHECK(server.count("GET") == 0);

  Context bare = openEmpty(fixture);
  REQUIRE(bool(bare.kernel(testKey)));
  CHECK(bare.counters().http_hits == 1);
  CHECK(server.count("GET") == 2);
  CHECK(fixture.compiler.compiles == 1);
}

TEST_CASE("a server that refuses a PUT is not asked to keep the next, and is "
          "still read") {
  Fixture fixture;
  Server server;
  REQUIRE(bool(openEmpty(fixture).kernel(keys[3])));
  CHECK(server.count("PUT") == 2);
  server.count("GET");

  server.refusesPuts = true;
  Context context = openEmpty(fixture);
  Result<Kernel> kernel = context.kernel(keys[0]);
  REQUIRE(bool(kernel));
  CHECK_THAT(kernel.status().message(),
             Contains("PUT cas/") && Contains("status 405"));
  CHECK(server.count("PUT") == 1);
  CHECK(server.count("GET") == 1);
  for (int i : {1, 2}) {
    kernel = context.kernel(keys[i]);
    REQUIRE(bool(kernel));
    CHECK(kernel.status().message() == ""); // it is said once
  }
  CHECK(server.count("PUT") == 0);
  CHECK(server.count("GET") == 2);
  CHECK(context.counters().store_failures == 3);
  CHECK(context.counters().compiles == 3);
  REQUIRE(bool(context.kernel(keys[3])));
  CHECK(context.counters().http_hits == 1);
}

TEST_CASE("a server that hangs up in the middle of a PUT is a warning") {
  Fixture fixture;
  Server server;
  server.hangsUp = true;
  // More than the buffers of both sides take.
  fixture.compiler.padding = 24 << 20;
  auto before = signal(SIGPIPE, SIG_DFL);
  Context context = openEmpty(fixture);
  Result<Kernel> kernel = context.kernel(testKey);
  signal(SIGPIPE, before);
  REQUIRE(bool(kernel));
  CHECK_THAT(kernel.status().message(), Contains("PUT cas/"));
  CHECK(server.count("PUT") == 1);
  CHECK(context.counters().store_failures == 1);
}
