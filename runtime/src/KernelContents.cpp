//===- KernelContents.cpp - The checks that every code object passes ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See KernelContents.h.
//
//===----------------------------------------------------------------------===//

#include "src/KernelContents.h"
#include "src/CodeObject.h"
#include "src/Launch.h"
#include "src/Status.h"

using namespace hipdex;
using namespace hipdex::runtime;

static llvm::Error invalid(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, "kernel metadata: " + message);
}

llvm::Expected<KernelContents>
KernelContents::check(const CompiledKernel &compiled, llvm::StringRef device) {
  KernelContents contents;
  auto &[metadata, key, layoutHash, targetLayoutHash] = contents;
  llvm::Expected<KernelMetadata> read =
      KernelMetadata::fromJSON(compiled.metadata);
  if (!read)
    return makeError(HIPDEX_ERROR_CODE_OBJECT,
                     llvm::toString(read.takeError()));
  metadata = std::move(*read);

  llvm::Expected<KernelKey> parsed = KernelKey::parse(metadata.key);
  if (!parsed)
    return invalid(llvm::toString(parsed.takeError()));
  key = *parsed;
  if (llvm::Error error = key.validate())
    return invalid(llvm::toString(std::move(error)));
  const Arch &arch = *key.arch;
  if (metadata.arch != arch.name)
    return invalid("arch is " + metadata.arch + ", its key says " + arch.name);
  if (!device.empty() && arch.name != device)
    return makeError(HIPDEX_ERROR_CODE_OBJECT, "code object: is for " +
                                                   arch.name +
                                                   ", the device is " + device);
  if (metadata.layout != key.layoutText())
    return invalid("layout is \"" + metadata.layout + "\", its key's is \"" +
                   key.layoutText() + "\"");
  layoutHash = key.layout().hash();
  targetLayoutHash = key.targetLayout().hash();

  if (metadata.blockSize == 0 || metadata.blockSize % arch.waveSize != 0 ||
      metadata.blockSize > 1024)
    return invalid("block_size is " + llvm::Twine(metadata.blockSize) +
                   ", must be a multiple of " + llvm::Twine(arch.waveSize) +
                   " up to 1024");
  if (metadata.wavesPerSimd == 0 ||
      metadata.wavesPerSimd > arch.maxWavesPerSimd)
    return invalid("waves_per_simd is " + llvm::Twine(metadata.wavesPerSimd) +
                   ", must be in 1.." + llvm::Twine(arch.maxWavesPerSimd));
  if (metadata.stepTokens == 0)
    return invalid("step_tokens is 0, must be at least 1");
  unsigned waves = metadata.blockSize / arch.waveSize;
  if (metadata.teamWaves == 0 || waves % metadata.teamWaves != 0)
    return invalid("team_waves is " + llvm::Twine(metadata.teamWaves) +
                   ", must divide the " + llvm::Twine(waves) +
                   " waves of a workgroup");
  if (metadata.waveQueries == 0 &&
      (key.op == Op::MqaLogits || key.op == Op::PagedMqaPrefill))
    return invalid("wave_queries is 0, must be at least 1");
  if (metadata.ldsBytes > arch.ldsBytes)
    return invalid("lds_bytes is " + llvm::Twine(metadata.ldsBytes) + ", " +
                   arch.name + " has " + llvm::Twine(arch.ldsBytes));
  if (llvm::Error error = checkArguments(key.op, metadata))
    return std::move(error);
  if (llvm::Error error =
          checkCodeObject(compiled.codeObject->getBuffer(), arch.name,
                          metadata.symbol, metadata.codeObjectVersion))
    return std::move(error);
  return contents;
}
