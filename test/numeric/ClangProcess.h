//===- ClangProcess.h - HIP C++ text through clang --------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How the libraries that stand in for a compiler run one.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_NUMERIC_CLANGPROCESS_H
#define HIPDEX_TEST_NUMERIC_CLANGPROCESS_H

#include <string>
#include <vector>

namespace hipdex {

/// What clang makes of a text, for one device and without HIP's headers and
/// libraries. Threads may run several at a time.
struct ClangProcess {
  /// Compiles \p text, which diagnostics call \p name.
  ClangProcess(const std::string &text, const std::string &name,
               const std::vector<std::string> &options);

  /// Whether there is code: an ELF file.
  bool succeeded = false;
  std::string code;
  /// Warnings and errors, in both cases.
  std::string log;
};

} // namespace hipdex

#endif // HIPDEX_TEST_NUMERIC_CLANGPROCESS_H
