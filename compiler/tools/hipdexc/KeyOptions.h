//===- KeyOptions.h - A key, or some keys, as options -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_KEYOPTIONS_H
#define HIPDEXC_KEYOPTIONS_H

#include "Commands.h"
#include "Spec/KernelKey.h"
#include <vector>

namespace hipdex {

/// The options of a command that say which kernel: a KEY, or its fields.
class KeyOptions {
public:
  explicit KeyOptions(llvm::cl::SubCommand &command);

  /// The architecture asked for; empty if none is.
  llvm::Expected<std::string> archName() const;
  /// The key: a field without its option has its default.
  llvm::Expected<KernelKey> key(llvm::StringRef archName) const;
  /// All supported keys that have what the options say; at least one.
  llvm::Expected<std::vector<KernelKey>> keys(llvm::StringRef archName) const;

  /// Options that choose among many keys are refused where one is meant.
  IntegerOption pageSize, headDim, kvBlockSize, heads, nextN;
  llvm::cl::opt<std::string> text, op, arch, tail, checkTable, contains;
  llvm::cl::opt<bool> preshuffle;

private:
  llvm::Expected<Op> readOp() const;
  /// That of the KEY.
  llvm::Expected<KernelKey> validKey() const;
  /// Fills in the fields whose options are given.
  llvm::Error read(KernelKey &key, llvm::StringRef archName) const;
};

} // namespace hipdex

#endif // HIPDEXC_KEYOPTIONS_H
