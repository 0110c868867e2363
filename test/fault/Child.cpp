//===- Child.cpp - A process to lose --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Child.h.
//
//===----------------------------------------------------------------------===//

#include "Child.h"
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sys/wait.h>
#include <unistd.h>

Child::Child(const std::function<std::string()> &body) {
  int ends[2];
  if (pipe(ends) != 0)
    std::abort();
  std::fflush(nullptr);
  process = fork();
  if (process < 0)
    std::abort();
  if (process == 0) {
    close(ends[0]);
    std::string text;
    try {
      text = body();
    } catch (const std::exception &exception) {
      text = std::string("threw: ") + exception.what();
    } catch (...) { // a REQUIRE that failed
      text = "a requirement failed";
    }
    for (size_t done = 0; done < text.size();) {
      ssize_t n = write(ends[1], text.data() + done, text.size() - done);
      if (n <= 0)
        break;
      done += size_t(n);
    }
    // Neither Catch2's nor the libraries' exit handlers.
    _exit(0);
  }
  close(ends[1]);
  output = ends[0];
}

Child::Child(Child &&other) : process(other.process), output(other.output) {
  other.process = -1;
  other.output = -1;
}

Child::~Child() {
  if (process < 0)
    return;
  kill(SIGKILL);
  wait();
}

void Child::kill(int signal) { ::kill(process, signal); }

std::string Child::wait() {
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(output, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, size_t(n));
  close(output);
  int status = 0;
  waitpid(process, &status, 0);
  process = -1;
  if (WIFSIGNALED(status))
    text += "killed by signal " + std::to_string(WTERMSIG(status)) + "\n";
  return text;
}
