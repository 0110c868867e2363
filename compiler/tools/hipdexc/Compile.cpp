//===- Compile.cpp - hipdexc compile --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "CompilerLibrary.h"
#include "OutputFile.h"
#include "Spec/KernelKey.h"
#include "llvm/Support/FileSystem.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::compileCommand("compile",
                                      "Compile a key to a stage's text or to a "
                                      "code object");

static cl::opt<std::string> key(cl::Positional, cl::desc("KEY"), cl::Required,
                                cl::sub(compileCommand));
static cl::opt<std::string> stage(
    "emit", cl::sub(compileCommand), cl::init("obj"), cl::value_desc("stage"),
    cl::desc(
        "indexer, tile, gpu, hip (HIP C++ source), llvm, asm (text) or obj "
        "(the default: a code object in FILE and its metadata in "
        "FILE.json)"));
static cl::opt<std::string>
    output("o", cl::sub(compileCommand), cl::value_desc("FILE"),
           cl::desc("Where to write; text goes to the standard output without "
                    "it, obj needs it"));
static IntegerOption
    codeObjectVersion("code-object-version", cl::sub(compileCommand),
                      cl::value_desc("5|6"),
                      cl::desc("AMDGPU code object version (default 5)"));

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
  if (llvm::Error error = checkOutputFile(path))
    return error;
  if (isObject)
    if (llvm::Error error = checkOutputFile(metadataPath))
      return error;

  auto compiled = compileStage(key, stage, version);
  if (!compiled)
    return compiled.takeError();
  if (llvm::Error error = writeOutputFile(path, compiled->data))
    return error;
  if (!isObject)
    return llvm::Error::success();
  llvm::Error error = writeOutputFile(metadataPath, compiled->metadata);
  if (error)
    llvm::sys::fs::remove(path);
  return error;
}
