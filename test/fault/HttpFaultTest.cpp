//===- HttpFaultTest.cpp - Tests of signals from connections --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A connection that is closed under a write raises SIGPIPE, which must neither
// end the process nor be kept from the program whose own it is.
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include "Fixture.h"
#include <catch2/catch.hpp>
#include <csignal>
#include <dlfcn.h>

using namespace hipdex;

TEST_CASE("a connection's SIGPIPE ends nothing, and nobody else's is taken") {
  Fixture fixture;
  // In a child: nobody else in this process opens a libcurl.
  CHECK(Child([&] {
          Failures failures;
          failures.expect(dlopen(FAKE_CURL, RTLD_NOW | RTLD_LOCAL),
                          "cannot open " FAKE_CURL);
          signal(SIGPIPE, SIG_DFL);
          setenv("HIPDEX_HTTP_CACHE", "https://server/store", 1);
          Context context = fixture.open();
          Result<Kernel> kernel = context.kernel(testKey);
          failures.expect(bool(kernel), kernel.status().message());
          failures.expect(kernel.status().message().find(
                              "Failed sending data") != std::string::npos,
                          "not said: " + kernel.status().message());
          sigset_t set;
          pthread_sigmask(SIG_SETMASK, nullptr, &set);
          failures.expect(!sigismember(&set, SIGPIPE), "left blocked");
          sigpending(&set);
          failures.expect(!sigismember(&set, SIGPIPE), "left pending");
          struct sigaction action;
          sigaction(SIGPIPE, nullptr, &action);
          failures.expect(action.sa_handler == SIG_DFL, "the handler changed");

          // Blocked and pending is how it stays.
          sigset_t pipe;
          sigemptyset(&pipe);
          sigaddset(&pipe, SIGPIPE);
          pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
          raise(SIGPIPE);
          Context second = fixture.open();
          failures.expect(
              bool(second.kernel(
                  "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n2.fn")),
              "no kernel");
          sigpending(&set);
          failures.expect(sigismember(&set, SIGPIPE), "the caller's is gone");
          pthread_sigmask(SIG_SETMASK, nullptr, &set);
          failures.expect(sigismember(&set, SIGPIPE), "unblocked");
          return failures.text;
        }).wait() == "");
}
