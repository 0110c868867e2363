//===- List.cpp - hipdexc list --------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::listCommand("list", "List every supported key");

static cl::opt<std::string> arch("arch", cl::sub(listCommand),
                                 cl::value_desc("name"),
                                 cl::desc("Only keys of this architecture"));

llvm::Error hipdex::runList() {
  const Arch *only = nullptr;
  if (!arch.empty()) {
    only = lookupArch(arch);
    if (!only)
      return llvm::createStringError(
          "unknown arch \"" + arch + "\", supported: " +
          llvm::join(llvm::map_range(archTable(),
                                     [](const Arch &a) { return a.name; }),
                     ", "));
  }
  for (const KernelKey &key : KernelKey::all())
    if (!only || key.arch == only)
      llvm::outs() << key.str() << "\n";
  return llvm::Error::success();
}
