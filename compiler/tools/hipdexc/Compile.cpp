//===- Compile.cpp - hipdexc compile --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "CompilerLibrary.h"
#include "Spec/KernelKey.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::compileCommand("compile",
                                      "Compile a key to a stage's text or to a "
                                      "code object");

static cl::opt<std::string> key(cl::Positional, cl::desc("KEY"), cl::Required,
                                cl::sub(compileCommand));
static cl::opt<std::string> stage(
    "emit", cl::sub(compileCommand), cl::init("obj"), cl::value_desc("stage"),
    cl::desc("indexer, tile, gpu, llvm, asm (text) or obj (the default: a code "
             "object in FILE and its metadata in FILE.json)"));
static cl::opt<std::string>
    output("o", cl::sub(compileCommand), cl::value_desc("FILE"),
           cl::desc("Where to write; text goes to the standard output without "
                    "it, obj needs it"));
static IntegerOption
    codeObjectVersion("code-object-version", cl::sub(compileCommand),
                      cl::value_desc("5|6"),
                      cl::desc("AMDGPU code object version (default 5)"));

static llvm::Error cannotWrite(llvm::StringRef path, llvm::Error reason) {
  return llvm::createStringError(
      "cannot write " + path + ": " +
      llvm::errorToErrorCode(std::move(reason)).message());
}

/// Refuses what a rename would fail on (a directory) or, as root, destroy (a
/// device).
static llvm::Error checkTarget(llvm::StringRef path) {
  llvm::sys::fs::file_status status;
  if (path == "-" || llvm::sys::fs::status(path, status) ||
      llvm::sys::fs::is_regular_file(status))
    return llvm::Error::success();
  return llvm::createStringError("cannot write " + path +
                                 ": it exists and is not a file");
}

/// Renames a complete file to \p path; "-" is the standard output. Not
/// llvm::writeToOutput(), which ends the process on a full disk.
static llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content) {
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

llvm::Error hipdex::runCompile() {
  auto parsed = KernelKey::parse(key);
  if (!parsed)
    return parsed.takeError();
  if (llvm::Error error = parsed->validate())
    return error;
  unsigned version = 5;
  if (llvm::Error error = readInteger(codeObjectVersion, version))
    return error;
  if (version != 5 && version != 6)
    return llvm::createStringError("code object version is " +
                                   llvm::Twine(version) + ", must be 5 or 6");
  bool isObject = stage == "obj";
  if (isObject && (output.empty() || output == "-"))
    return llvm::createStringError("a code object is not text: name a file for "
                                   "it with -o FILE");
  std::string path = output.empty() ? "-" : output.getValue();
  std::string metadataPath = path + ".json";
  if (llvm::Error error = checkTarget(path))
    return error;
  if (isObject)
    if (llvm::Error error = checkTarget(metadataPath))
      return error;

  auto compiled = compileStage(key, stage, version);
  if (!compiled)
    return compiled.takeError();
  if (llvm::Error error = writeFile(path, compiled->data))
    return error;
  if (!isObject)
    return llvm::Error::success();
  llvm::Error error = writeFile(metadataPath, compiled->metadata);
  if (error)
    llvm::sys::fs::remove(path);
  return error;
}
