//===- ClangProcess.cpp - HIP C++ text through clang ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ClangProcess.h"
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace hipdex;

static std::string readFile(const std::string &path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// Whether the command exits with 0. Its diagnostics are in the file \p log;
/// \p failure is why it said none.
static bool run(const std::vector<std::string> &command, const std::string &log,
                std::string &failure) {
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(),
                                   O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child;
  int status = ::posix_spawn(&child, arguments[0], &actions, nullptr,
                             arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (status != 0)
    failure = "cannot run " + command[0] + ": " + std::strerror(status) + "\n";
  else if (::waitpid(child, &status, 0) != child)
    failure = command[0] + " was not waited for\n";
  else if (WIFSIGNALED(status))
    failure = command[0] + " ended by signal " +
              std::to_string(WTERMSIG(status)) + "\n";
  return failure.empty() && WEXITSTATUS(status) == 0;
}

ClangProcess::ClangProcess(const std::string &text, const std::string &name,
                           const std::vector<std::string> &options) {
  char folder[] = "/tmp/hipdex-clang-XXXXXX";
  if (!::mkdtemp(folder)) {
    log = std::string(folder) + ": " + std::strerror(errno) + "\n";
    return;
  }
  std::string source = std::string(folder) + "/" + name,
              object = std::string(folder) + "/.object",
              messages = std::string(folder) + "/.messages";
  std::ofstream(source, std::ios::binary) << text;
  std::vector<std::string> command = {HIPDEX_CLANG,
                                      "-x",
                                      "hip",
                                      "--cuda-device-only",
                                      "--no-gpu-bundle-output",
                                      "-nogpuinc",
                                      "-nogpulib"};
  command.insert(command.end(), options.begin(), options.end());
  command.insert(command.end(), {"-o", object, source});
  std::string failure;
  succeeded = run(command, messages, failure);
  log = readFile(messages) + failure;
  if (succeeded)
    code = readFile(object);
  for (const std::string &path : {source, object, messages})
    ::unlink(path.c_str());
  ::rmdir(folder);
}
