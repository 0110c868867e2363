//===- SharedLibrary.cpp - Libraries opened at run time -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See SharedLibrary.h.
//
//===----------------------------------------------------------------------===//

#include "src/SharedLibrary.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Path.h"
#include <dlfcn.h>

using namespace hipdex;
using namespace hipdex::runtime;

SharedLibrary SharedLibrary::openFirst(llvm::ArrayRef<std::string> names,
                                       std::string &failures) {
  SharedLibrary library;
  for (const std::string &name : names) {
    // Local: HIP and the compiler must not lend their symbols to each other.
    library.handle = dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library.handle) {
      library.openedName = name;
      break;
    }
    const char *text = dlerror();
    llvm::StringRef reason = text ? text : "unknown reason";
    // glibc often begins with the name, which the list has already.
    if (reason.consume_front(name))
      reason.consume_front(": ");
    if (!failures.empty())
      failures += ", ";
    failures += (llvm::Twine(name) + " (" + reason + ")").str();
  }
  return library;
}

SharedLibrary SharedLibrary::findLoaded(llvm::ArrayRef<std::string> names) {
  SharedLibrary library;
  for (const std::string &name : names) {
    library.handle = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (library.handle) {
      library.openedName = name;
      break;
    }
    dlerror(); // it is not an error; do not leave it to the next reader
  }
  return library;
}

void *SharedLibrary::symbol(const char *name) const {
  return dlsym(handle, name);
}

llvm::SmallVector<std::string, 2>
runtime::besideThisLibrary(llvm::StringRef name, const char *overridePath) {
  if (overridePath && *overridePath)
    return {overridePath};
  llvm::SmallVector<std::string, 2> names;
  static const char anchor = 0;
  Dl_info info;
  if (dladdr(&anchor, &info) && info.dli_fname) {
    llvm::SmallString<256> path(llvm::sys::path::parent_path(info.dli_fname));
    if (!path.empty()) {
      llvm::sys::path::append(path, name);
      names.push_back(path.str().str());
    }
  }
  names.push_back(name.str());
  return names;
}
