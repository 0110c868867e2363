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

/// Renames a complete file to \p path; "-" is the standard output.
static llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content) {
  return llvm::writeToOutput(path, [&](llvm::raw_ostream &os) {
    os << content;
    return llvm::Error::success();
  });
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

  auto compiled = compileStage(key, stage, version);
  if (!compiled)
    return compiled.takeError();
  if (isObject)
    if (llvm::Error error = writeFile(output + ".json", compiled->metadata))
      return error;
  return writeFile(output.empty() ? "-" : output.getValue(), compiled->data);
}
