//===- Compile.cpp - C ABI of libhipdex-compiler.so -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#define HIPDEX_BUILDING_COMPILER
#include "API/hipdex-compiler.h"
#include "Pipelines/Pipelines.h"
#include "Specialize/Prelude.h"
#include "Target/CodeObject/CodeObject.h"
#include "Target/HipSource/HipSource.h"
#include "hipdex/BuildId.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include <cstdlib>

using namespace mlir;
using namespace hipdex;

struct hipdex_compile_result {
  std::string error, data, metadata;
};

namespace {

/// Writes numbered stages under HIPDEX_DUMP_DIR, if that is set.
class StageDump {
public:
  explicit StageDump(StringRef key) {
    if (const char *root = std::getenv("HIPDEX_DUMP_DIR"); root && *root) {
      llvm::sys::path::append(folder, root, key);
    }
  }

  bool isWanted() const { return !folder.empty(); }

  llvm::Error write(StringRef name, StringRef content) {
    if (!isWanted())
      return llvm::Error::success();
    if (std::error_code error = llvm::sys::fs::create_directories(folder))
      return llvm::createStringError(error, "HIPDEX_DUMP_DIR: cannot make " +
                                                folder + ": " +
                                                error.message());
    SmallString<128> path(folder);
    llvm::sys::path::append(path, std::to_string(next++) + "-" + name);
    // Whole or not at all, like every output. (Not llvm::writeToOutput, whose
    // temporary file installs LLVM's signal handlers in the host process.)
    SmallString<128> temporary;
    int descriptor;
    std::error_code error = llvm::sys::fs::createUniqueFile(
        path + ".%%%%%%", descriptor, temporary);
    if (!error) {
      llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
      os << content;
      os.close();
      error = os.error();
      os.clear_error();
      if (!error)
        error = llvm::sys::fs::rename(temporary, path);
      if (error)
        llvm::sys::fs::remove(temporary);
    }
    if (error)
      return llvm::createStringError(error, "HIPDEX_DUMP_DIR: cannot write " +
                                                path + ": " + error.message());
    return llvm::Error::success();
  }

private:
  SmallString<128> folder;
  unsigned next = 1;
};

llvm::Error compile(StringRef keyText, StringRef emit,
                    unsigned codeObjectVersion, hipdex_compile_result &result) {
  static const char *const stages[] = {"indexer", "tile", "gpu", "hip",
                                       "llvm",    "asm",  "obj"};
  if (!llvm::is_contained(stages, emit))
    return llvm::createStringError("unknown stage '" + emit +
                                   "'; stages are indexer, tile, gpu, hip, "
                                   "llvm, asm and obj");
  if (codeObjectVersion != 5 && codeObjectVersion != 6)
    return llvm::createStringError(
        "code object version %u is not supported; versions are 5 and 6",
        codeObjectVersion);
  llvm::Expected<KernelKey> key = KernelKey::parse(keyText);
  if (!key)
    return key.takeError();
  if (llvm::Error error = key->validate())
    return error;
  StageDump dump(key->str());
  StringRef chip = key->arch->name;

  DialectRegistry registry;
  registerAllDialects(registry);
  // One kernel is too little work to share among threads.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::string diagnostics;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream os(diagnostics);
    if (!diagnostics.empty())
      os << "; ";
    os << diagnostic.getLocation() << ": " << diagnostic;
    return success();
  });
  auto run = [&](ModuleOp module,
                 llvm::function_ref<void(OpPassManager &)> build,
                 StringRef stage) -> llvm::Error {
    PassManager passes(&context);
    build(passes);
    if (failed(passes.run(module)))
      return llvm::createStringError("making the " + stage + " stage of " +
                                     keyText + " failed: " + diagnostics);
    return llvm::Error::success();
  };
  // Prints a stage if it is wanted; true if it is the one asked for.
  auto finish = [&](ModuleOp module, StringRef stage,
                    bool &isDone) -> llvm::Error {
    isDone = emit == stage;
    std::string text;
    if (isDone || dump.isWanted())
      text = printStage(module);
    if (llvm::Error error = dump.write((stage + ".mlir").str(), text))
      return error;
    if (isDone)
      result.data = std::move(text);
    return llvm::Error::success();
  };

  bool isDone = false;
  OwningOpRef<ModuleOp> module = buildIndexerModule(&context, *key);
  if (llvm::Error error = finish(*module, "indexer", isDone); error || isDone)
    return error;
  if (llvm::Error error = run(*module, buildTilePipeline, "tile"))
    return error;
  if (llvm::Error error = finish(*module, "tile", isDone); error || isDone)
    return error;
  if (llvm::Error error = run(*module, buildGPUPipeline, "gpu"))
    return error;
  if (llvm::Error error = finish(*module, "gpu", isDone); error || isDone)
    return error;
  // HIP C++ text is of this stage, but says how many waves a SIMD holds, which
  // code generation finds.
  OwningOpRef<ModuleOp> gpuStage;
  if (emit == "hip")
    gpuStage = module->clone();
  if (llvm::Error error = run(
          *module, [&](OpPassManager &pm) { buildLLVMPipeline(pm, chip); },
          "llvm"))
    return error;

  llvm::LLVMContext llvmContext;
  // LLVM's own handler prints, and ends the process at an error.
  std::string backendErrors;
  llvmContext.setDiagnosticHandlerCallBack(
      [](const llvm::DiagnosticInfo *info, void *errors) {
        if (info->getSeverity() != llvm::DS_Error)
          return;
        llvm::raw_string_ostream os(*static_cast<std::string *>(errors));
        llvm::DiagnosticPrinterRawOStream printer(os);
        info->print(printer);
        os << "; ";
      },
      &backendErrors);
  auto checkBackend = [&]() -> llvm::Error {
    return backendErrors.empty()
               ? llvm::Error::success()
               : llvm::createStringError("generating code for " + keyText +
                                         " failed: " + backendErrors);
  };
  auto kernels = *module->getOps<gpu::GPUModuleOp>().begin();
  auto llvmModule =
      translateToLLVMIR(kernels, llvmContext, chip, codeObjectVersion);
  if (!llvmModule)
    return llvm::joinErrors(llvmModule.takeError(),
                            llvm::createStringError(diagnostics));
  if (llvm::Error error = optimize(**llvmModule, chip))
    return error;
  if (llvm::Error error = checkBackend())
    return error;
  std::string text;
  if (emit == "llvm" || dump.isWanted()) {
    llvm::raw_string_ostream os(text);
    (*llvmModule)->print(os, nullptr);
  }
  if (llvm::Error error = dump.write("llvm.ll", text))
    return error;
  if (emit == "llvm") {
    result.data = std::move(text);
    return llvm::Error::success();
  }

  // The schedule's waves of a SIMD come from an estimate of registers. Where
  // LLVM has to spill for them, one wave less costs less than the spills.
  Schedule schedule = scheduleFor(*key);
  KernelMetadata metadata;
  llvm::SmallVector<char, 0> codeObject;
  for (unsigned waves = schedule.wavesPerSimd; waves > 0; --waves) {
    setWavesPerSimd(**llvmModule, waves);
    // Code generation changes the module.
    auto object = generateCode(*llvm::CloneModule(**llvmModule), chip,
                               CodeGenFile::Object);
    if (!object)
      return object.takeError();
    if (llvm::Error error = checkBackend())
      return error;
    auto linked = linkCodeObject(*object);
    if (!linked)
      return linked.takeError();
    codeObject = std::move(*linked);
    metadata = KernelMetadata();
    metadata.wavesPerSimd = waves;
    if (llvm::Error error = readCodeObjectMetadata(codeObject, metadata))
      return error;
    if (metadata.vgprSpills == 0)
      break;
  }
  metadata.key = key->str();
  metadata.arch = chip.str();
  metadata.layout = key->layoutText();
  metadata.codeObjectVersion = codeObjectVersion;
  metadata.stepTokens = schedule.stepTokens;
  metadata.teamWaves = schedule.teamWaves;
  metadata.waveQueries = schedule.waveQueries;

  if (gpuStage) {
    auto source = emitHipSource(*gpuStage->getOps<gpu::GPUModuleOp>().begin(),
                                *key, metadata);
    if (!source)
      return diagnostics.empty()
                 ? source.takeError()
                 : llvm::joinErrors(source.takeError(),
                                    llvm::createStringError(diagnostics));
    if (llvm::Error error = dump.write("kernel.hip", *source))
      return error;
    result.data = std::move(*source);
    result.metadata = metadata.toJSON();
    return llvm::Error::success();
  }
  if (emit == "asm" || dump.isWanted()) {
    auto assembly = generateCode(**llvmModule, chip, CodeGenFile::Assembly);
    if (!assembly)
      return assembly.takeError();
    if (llvm::Error error = checkBackend())
      return error;
    StringRef view(assembly->data(), assembly->size());
    if (llvm::Error error = dump.write("asm.s", view))
      return error;
    if (emit == "asm") {
      result.data = view.str();
      return llvm::Error::success();
    }
  }
  result.data.assign(codeObject.data(), codeObject.size());
  result.metadata = metadata.toJSON();
  if (llvm::Error error = dump.write("kernel.hsaco", result.data))
    return error;
  return dump.write("metadata.json", result.metadata);
}

} // namespace

hipdex_compile_result *hipdex_compile(const char *key,
                                      const hipdex_compile_options *options) {
  auto *result = new (std::nothrow) hipdex_compile_result;
  if (!result)
    return nullptr;
  // An older caller's options end earlier.
  StringRef emit = "obj";
  unsigned codeObjectVersion = 5;
  auto has = [&](size_t end) { return options && options->struct_size >= end; };
  if (has(offsetof(hipdex_compile_options, emit) + sizeof(options->emit)) &&
      options->emit)
    emit = options->emit;
  if (has(offsetof(hipdex_compile_options, code_object_version) +
          sizeof(options->code_object_version)) &&
      options->code_object_version != 0)
    codeObjectVersion = options->code_object_version;
  llvm::Error error = key ? compile(key, emit, codeObjectVersion, *result)
                          : llvm::createStringError("the key is null");
  if (error) {
    result->data.clear();
    result->error = llvm::toString(std::move(error));
    // One line, whatever was joined.
    std::replace(result->error.begin(), result->error.end(), '\n', ' ');
  }
  return result;
}

const char *hipdex_compile_result_error(const hipdex_compile_result *result) {
  return result->error.empty() ? nullptr : result->error.c_str();
}

const void *hipdex_compile_result_data(const hipdex_compile_result *result,
                                       size_t *size) {
  *size = result->data.size();
  return result->data.data();
}

const char *
hipdex_compile_result_metadata(const hipdex_compile_result *result) {
  return result->metadata.c_str();
}

void hipdex_compile_result_destroy(hipdex_compile_result *result) {
  delete result;
}

const char *hipdex_compiler_build_id() { return HIPDEX_BUILD_ID; }
