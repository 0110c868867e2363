//===- hipdexc.cpp - The command line tool --------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a key to any stage, runs a kernel on random data and checks it,
// lists and explains keys, lists devices. An error is one line and exit
// status 1, and nothing is written.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "hipdex/hipdex.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

using namespace hipdex;
namespace cl = llvm::cl;

static void report(llvm::StringRef kind, llvm::StringRef message) {
  // Whatever a library says, an error is one line.
  std::string line = message.trim().str();
  for (char &c : line)
    if (c == '\n')
      c = ' ';
  llvm::errs() << "hipdexc: " << kind << ": " << line << "\n";
}

static int reportError(llvm::StringRef message) {
  report("error", message);
  return 1;
}

void hipdex::reportWarning(llvm::StringRef message) {
  report("warning", message);
}

/// Else the destructor of outs() ends the process with "LLVM ERROR".
static void checkOutput() {
  llvm::raw_fd_ostream &os = llvm::outs();
  os.flush();
  if (!os.has_error())
    return;
  std::string reason = os.error().message();
  os.clear_error();
  std::_Exit(reportError("cannot write to standard output: " + reason));
}

int main(int argc, char **argv) {
  // At exit, because --help and --version do not come back here; the streams
  // first, so that they are still there then.
  llvm::outs();
  llvm::errs();
  std::atexit(checkOutput);

  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "hipdexc " << hipdex_version() << " (BuildId " << hipdex_build_id()
       << ")\n";
  });

  const struct {
    cl::SubCommand &command;
    llvm::Error (*run)();
  } commands[] = {{bundleCommand, runBundle},   {cacheCommand, runCache},
                  {compileCommand, runCompile}, {devicesCommand, runDevices},
                  {explainCommand, runExplain}, {listCommand, runList},
                  {runCommand, runRun},         {signCommand, runSign}};

  // LLVM's libraries bring options of their own, which are not ours to offer.
  for (auto &entry : commands)
    cl::HideUnrelatedOptions(cl::getGeneralCategory(), entry.command);

  std::string problem;
  llvm::raw_string_ostream problemStream(problem);
  if (!cl::ParseCommandLineOptions(
          argc, argv,
          "GPU kernels of the DeepSeek sparse-attention indexer: compile, run, "
          "check\n\nA key names a kernel, e.g. "
          "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn\n",
          &problemStream)) {
    // Some of its errors LLVM prints itself, in one line.
    if (problem.empty())
      return 1;
    // "hipdexc: Unknown ...  Try: 'hipdexc --help'", in lines.
    llvm::StringRef first = llvm::StringRef(problem).trim().split('\n').first;
    size_t colon = first.find(": ");
    return reportError((colon == first.npos ? first : first.substr(colon + 2)));
  }

  for (auto &entry : commands) {
    if (!entry.command)
      continue;
    if (llvm::Error error = entry.run())
      return reportError(llvm::toString(std::move(error)));
    return 0;
  }
  return reportError(
      "no command given, must be one of bundle, cache, "
      "compile, devices, explain, list, run, sign (hipdexc --help)");
}
