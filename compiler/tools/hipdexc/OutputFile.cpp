//===- OutputFile.cpp - Writes whole files or none ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputFile.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;

static llvm::Error cannotWrite(llvm::StringRef path, llvm::Error reason) {
  return llvm::createStringError(
      "cannot write " + path + ": " +
      llvm::errorToErrorCode(std::move(reason)).message());
}

llvm::Error hipdex::checkOutputFile(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (path == "-" || llvm::sys::fs::status(path, status) ||
      llvm::sys::fs::is_regular_file(status))
    return llvm::Error::success();
  return llvm::createStringError("cannot write " + path +
                                 ": it exists and is not a file");
}

// Not llvm::writeToOutput(), which ends the process on a full disk.
llvm::Error hipdex::writeOutputFile(llvm::StringRef path,
                                    llvm::StringRef content) {
  if (path == "-") {
    llvm::outs() << content;
    return llvm::Error::success(); // main() looks at the standard output.
  }
  auto temporary = llvm::sys::fs::TempFile::create(
      path + ".tmp-%%%%%%%%",
      llvm::sys::fs::all_read | llvm::sys::fs::all_write);
  if (!temporary)
    return cannotWrite(path, temporary.takeError());
  llvm::raw_fd_ostream os(temporary->FD, /*shouldClose=*/false);
  os << content;
  os.flush();
  llvm::Error error = llvm::errorCodeToError(os.error());
  os.clear_error();
  if (error)
    error = llvm::joinErrors(std::move(error), temporary->discard());
  else
    error = temporary->keep(path);
  return error ? cannotWrite(path, std::move(error)) : llvm::Error::success();
}
