//===- List.cpp - hipdexc list --------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "KeySet.h"
#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::listCommand("list", "List every supported key");

static cl::opt<std::string> arch("arch", cl::sub(listCommand),
                                 cl::value_desc("names"),
                                 cl::desc("Only keys of these architectures"));

static cl::opt<std::string>
    keySet("keyset", cl::sub(listCommand), cl::value_desc("FILE|NAME"),
           cl::desc("Only keys of this key set (hipdexc bundle)"));

llvm::Error hipdex::runList() {
  std::vector<const Arch *> archs;
  if (arch.empty()) {
    for (const Arch &each : archTable())
      archs.push_back(&each);
  } else {
    auto parsed = parseArchs(arch);
    if (!parsed)
      return parsed.takeError();
    archs = std::move(*parsed);
  }
  if (!keySet.empty()) {
    auto keys = loadKeySet(keySet, archs);
    if (!keys)
      return keys.takeError();
    for (const std::string &key : *keys)
      llvm::outs() << key << "\n";
    return llvm::Error::success();
  }
  for (const KernelKey &key : KernelKey::all())
    if (llvm::is_contained(archs, key.arch))
      llvm::outs() << key.str() << "\n";
  return llvm::Error::success();
}
