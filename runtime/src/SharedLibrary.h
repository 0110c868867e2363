//===- SharedLibrary.h - Libraries opened at run time ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A thin face of dlopen. Nothing is ever closed: HIP runs threads of its own,
// and LLVM registers destructors; neither survives being unmapped.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_SHAREDLIBRARY_H
#define HIPDEX_RUNTIME_SHAREDLIBRARY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <initializer_list>
#include <string>

namespace hipdex {
namespace runtime {

class SharedLibrary {
public:
  /// Opens the first of \p names that can be. \p failures gets, for each that
  /// could not, what the loader said.
  static SharedLibrary openFirst(llvm::ArrayRef<std::string> names,
                                 std::string &failures);
  /// The first of \p names that the process already holds.
  static SharedLibrary findLoaded(llvm::ArrayRef<std::string> names);

  explicit operator bool() const { return handle != nullptr; }
  void *symbol(const char *name) const;
  /// Sets \p function to the first of \p names that the library has. If it has
  /// none, \p missing gets a space and the first name.
  template <typename Function>
  void resolve(Function *&function, std::initializer_list<const char *> names,
               std::string &missing) const {
    function = nullptr;
    for (const char *name : names)
      if (!function)
        function = reinterpret_cast<Function *>(symbol(name));
    if (!function)
      missing += std::string(" ") + *names.begin();
  }
  /// The name it was opened by.
  llvm::StringRef name() const { return openedName; }

private:
  void *handle = nullptr;
  std::string openedName;
};

/// Where a library called \p name may be: the folder of this library, then
/// wherever the loader looks. Only \p overridePath if that is not empty.
llvm::SmallVector<std::string, 2> besideThisLibrary(llvm::StringRef name,
                                                    const char *overridePath);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_SHAREDLIBRARY_H
