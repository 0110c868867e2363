//===- indexer.cpp - DeepSeek's indexer from end to end -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer's indexer as an engine drives it, on random data: contexts are stored
// in chunks, the ends of four prompts prefilled, and tokens decoded one and
// three at a time. What each row selects is compared with a float64 reference,
// in four layouts of the cache.
//
// The launches are in runtime/reference/Indexer.cpp, which uses nothing but
// hipdex.h and HIP's memory: that is the file to read before embedding hipdex.
//
//===----------------------------------------------------------------------===//

#include "reference/Pipeline.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/raw_ostream.h"
#include <random>

namespace cl = llvm::cl;

static cl::OptionCategory category("Options of this example");
static cl::opt<std::string>
    deviceOption("device", cl::cat(category), cl::init("auto"),
                 cl::value_desc("auto|emulator|hip"),
                 cl::desc("auto (default): a GPU if HIP finds one, else the "
                          "emulator"));
static cl::opt<std::string>
    archOption("arch", cl::cat(category), cl::value_desc("gfx942|gfx950"),
               cl::desc("Architecture of the device (default: the GPU's; "
                        "gfx950 on the emulator)"));
static cl::opt<std::string>
    modelOption("model", cl::cat(category), cl::init("deepseek-v3.2"),
                cl::value_desc("deepseek-v3.2|glm-5|deepseek-v4"),
                cl::desc("Whose indexer (deepseek-v3.2)"));
static cl::opt<unsigned>
    seedOption("seed", cl::cat(category), cl::value_desc("N"),
               cl::desc("Seed of the random data (a fresh one)"));

static int fail(const std::string &message) {
  llvm::errs() << "indexer: error: " << message << "\n";
  return 1;
}

/// The architecture asked for, else that of the GPU if there is one.
static std::string chooseArch() {
  if (!archOption.empty())
    return archOption;
  if (deviceOption != "emulator") {
    auto device = hipdex::Device::open("hip", 0);
    if (device && hipdex::lookupArch((*device)->info().arch))
      return (*device)->info().arch;
    // Whoever opens the device for good says what is wrong with it.
    llvm::consumeError(device.takeError());
  }
  return "gfx950";
}

int main(int argc, char **argv) {
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "A model's indexer, from bf16 rows to selected cache slots: prefill and "
      "decode, in four cache layouts, against a float64 reference\n");
  auto model = hipdex::lookupIndexerModel(modelOption);
  if (!model)
    return fail(llvm::toString(model.takeError()));
  std::string archName = chooseArch();
  const hipdex::Arch *arch = hipdex::lookupArch(archName);
  if (!arch)
    return fail("no kernels for " + archName + ", only for " +
                llvm::join(llvm::map_range(hipdex::archTable(),
                                           [](const hipdex::Arch &each) {
                                             return each.name;
                                           }),
                           ", "));
  if (llvm::Error error = hipdex::runPipelines(
          *model,
          seedOption.getNumOccurrences() ? seedOption : std::random_device{}(),
          {arch}, deviceOption, llvm::outs()))
    return fail(llvm::toString(std::move(error)));
  return 0;
}
