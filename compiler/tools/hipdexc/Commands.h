//===- Commands.h - The subcommands of hipdexc ------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each command is in the file of its name, with its options.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_COMMANDS_H
#define HIPDEXC_COMMANDS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {

extern llvm::cl::SubCommand bundleCommand;
extern llvm::cl::SubCommand cacheCommand;
extern llvm::cl::SubCommand compileCommand;
extern llvm::cl::SubCommand devicesCommand;
extern llvm::cl::SubCommand explainCommand;
extern llvm::cl::SubCommand listCommand;
extern llvm::cl::SubCommand runCommand;
extern llvm::cl::SubCommand signCommand;

/// An option with an integer. LLVM's own print their errors, not as ours look,
/// so these are read by the command, with readInteger().
using IntegerOption = llvm::cl::opt<std::string>;

/// Reads \p option into \p value, which stays as it is without the option.
template <typename T>
llvm::Error readInteger(const IntegerOption &option, T &value) {
  if (!option.getNumOccurrences() ||
      !llvm::StringRef(option).getAsInteger(10, value))
    return llvm::Error::success();
  return llvm::createStringError(option.ArgStr + " is \"" + option +
                                 "\", must be an integer that fits in 64 bits");
}

/// One line on the standard error, whatever \p message holds.
void reportWarning(llvm::StringRef message);

llvm::Error runBundle();
llvm::Error runCache();
llvm::Error runCompile();
llvm::Error runDevices();
llvm::Error runExplain();
llvm::Error runList();
llvm::Error runRun();
llvm::Error runSign();

} // namespace hipdex

#endif // HIPDEXC_COMMANDS_H
