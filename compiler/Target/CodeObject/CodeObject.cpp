//===- CodeObject.cpp - LLVM's dialect to assembly or a code object -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/CodeObject/CodeObject.h"
#include "lld/Common/CommonLinkerContext.h"
#include "lld/Common/Driver.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/ROCDL/ROCDLToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Target/LLVMIR/ModuleTranslation.h"
#include "llvm/Analysis/CGSCCPassManager.h"
#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace hipdex;

static const char tripleName[] = "amdgcn-amd-amdhsa";

template <typename... Args>
static llvm::Error makeError(const char *format, Args &&...args) {
  return llvm::createStringError(
      llvm::inconvertibleErrorCode(),
      llvm::formatv(format, std::forward<Args>(args)...).str());
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
makeTargetMachine(StringRef chip) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeAMDGPUTargetInfo();
    LLVMInitializeAMDGPUTarget();
    LLVMInitializeAMDGPUTargetMC();
    LLVMInitializeAMDGPUAsmParser();
    LLVMInitializeAMDGPUAsmPrinter();
  });
  llvm::Triple triple(tripleName);
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return makeError("no LLVM target for {0}: {1}", tripleName, message);
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, chip, /*Features=*/"", llvm::TargetOptions(), llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
  if (!machine)
    return makeError("no LLVM target machine for {0}", chip);
  return machine;
}

llvm::Expected<std::unique_ptr<llvm::Module>>
hipdex::translateToLLVMIR(gpu::GPUModuleOp kernels, llvm::LLVMContext &context,
                          StringRef chip, unsigned codeObjectVersion) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerGPUDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerROCDLDialectTranslation(registry);
  kernels->getContext()->appendDialectRegistry(registry);

  std::unique_ptr<llvm::Module> module =
      translateModuleToLLVMIR(kernels, context, "kernels");
  if (!module)
    return makeError("the module of kernels has no LLVM IR");
  auto machine = makeTargetMachine(chip);
  if (!machine)
    return machine.takeError();
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  module->addModuleFlag(llvm::Module::Error, "amdhsa_code_object_version",
                        codeObjectVersion * 100);

  for (auto function : kernels.getOps<LLVM::LLVMFuncOp>()) {
    llvm::Function *translated = module->getFunction(function.getName());
    if (!translated || function.isExternal())
      continue;
    // Names in the code object's metadata come from the names of arguments.
    for (auto [argument, llvmArgument] :
         llvm::zip(function.getArguments(), translated->args()))
      if (auto name = argument.getLoc()->findInstanceOf<NameLoc>())
        llvmArgument.setName(name.getName().getValue());
    // Whole workgroups only: the launcher has no other grids.
    translated->addFnAttr("uniform-work-group-size", "true");
  }
  return module;
}

void hipdex::setWavesPerSimd(llvm::Module &module, unsigned waves) {
  std::string range = llvm::formatv("{0},{0}", waves);
  for (llvm::Function &function : module)
    if (function.hasFnAttribute("amdgpu-waves-per-eu"))
      function.addFnAttr("amdgpu-waves-per-eu", range);
}

llvm::Error hipdex::optimize(llvm::Module &module, StringRef chip) {
  auto machine = makeTargetMachine(chip);
  if (!machine)
    return machine.takeError();
  llvm::PipelineTuningOptions tuning;
  // Templates say how far a loop is unrolled.
  tuning.LoopUnrolling = false;
  llvm::PassBuilder passes(machine->get(), tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  passes.registerModuleAnalyses(modules);
  passes.registerCGSCCAnalyses(graphs);
  passes.registerFunctionAnalyses(functions);
  passes.registerLoopAnalyses(loops);
  passes.crossRegisterProxies(loops, functions, graphs, modules);
  passes.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
  return llvm::Error::success();
}

llvm::Expected<llvm::SmallVector<char, 0>>
hipdex::generateCode(llvm::Module &module, StringRef chip, CodeGenFile kind) {
  auto machine = makeTargetMachine(chip);
  if (!machine)
    return machine.takeError();
  llvm::SmallVector<char, 0> output;
  llvm::raw_svector_ostream os(output);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, os, nullptr,
                                      kind == CodeGenFile::Assembly
                                          ? llvm::CodeGenFileType::AssemblyFile
                                          : llvm::CodeGenFileType::ObjectFile))
    return makeError("LLVM cannot emit code for {0}", chip);
  passes.run(module);
  return output;
}

namespace {
/// A file in the temporary folder, removed at the end.
struct TemporaryFile {
  static llvm::Expected<TemporaryFile> create(StringRef suffix) {
    SmallString<128> path;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("hipdex", suffix, path))
      return makeError("cannot make a temporary file: {0}", error.message());
    return TemporaryFile(path);
  }
  explicit TemporaryFile(StringRef path) : path(path) {}
  TemporaryFile(TemporaryFile &&other) : path(std::move(other.path)) {
    other.path.clear();
  }
  ~TemporaryFile() {
    if (!path.empty())
      llvm::sys::fs::remove(path);
  }
  std::string path;
};
} // namespace

llvm::Expected<llvm::SmallVector<char, 0>>
hipdex::linkCodeObject(llvm::ArrayRef<char> object) {
  // lld reads and writes files by name. (Not sys::fs::TempFile, which installs
  // LLVM's signal handlers in the host process.)
  auto input = TemporaryFile::create("o");
  if (!input)
    return input.takeError();
  auto output = TemporaryFile::create("hsaco");
  if (!output)
    return output.takeError();
  {
    std::error_code error;
    llvm::raw_fd_ostream os(input->path, error);
    if (!error) {
      os.write(object.data(), object.size());
      os.close();
      error = os.error();
      os.clear_error();
    }
    if (error)
      return makeError("cannot write {0}: {1}", input->path, error.message());
  }

  std::string messages;
  llvm::raw_string_ostream messageStream(messages);
  {
    // 4 threads that link at once crash (LLVM 22.1.8).
    static std::mutex linkMutex;
    static bool canLinkAgain = true;
    std::lock_guard<std::mutex> lock(linkMutex);
    if (!canLinkAgain)
      return makeError("the linker failed before and cannot run again in this "
                       "process");
    const char *arguments[] = {"ld.lld",
                               "-shared",
                               "--no-undefined",
                               "--threads=1",
                               input->path.c_str(),
                               "-o",
                               output->path.c_str()};
    lld::Result result = lld::lldMain(arguments, messageStream, messageStream,
                                      {{lld::Gnu, &lld::elf::link}});
    // lld writes through a TempFile; the host gets its signal handlers back.
    llvm::sys::unregisterHandlers();
    canLinkAgain = result.canRunAgain;
    if (result.retCode != 0)
      return makeError("linking the code object failed: {0}",
                       StringRef(messages).trim());
  }
  auto buffer = llvm::MemoryBuffer::getFile(output->path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError("cannot read {0}: {1}", output->path,
                     buffer.getError().message());
  StringRef linked = (*buffer)->getBuffer();
  return llvm::SmallVector<char, 0>(linked.begin(), linked.end());
}

llvm::Error hipdex::readCodeObjectMetadata(llvm::ArrayRef<char> codeObject,
                                           KernelMetadata &metadata) {
  llvm::MemoryBufferRef buffer(StringRef(codeObject.data(), codeObject.size()),
                               "code object");
  auto file =
      llvm::object::ELFObjectFile<llvm::object::ELF64LE>::create(buffer);
  if (!file)
    return file.takeError();
  const auto &elf = file->getELFFile();
  auto headers = elf.program_headers();
  if (!headers)
    return headers.takeError();
  llvm::msgpack::Document document;
  bool found = false;
  for (const auto &header : *headers) {
    if (header.p_type != llvm::ELF::PT_NOTE)
      continue;
    llvm::Error error = llvm::Error::success();
    for (const auto &note : elf.notes(header, error))
      if (note.getType() == llvm::ELF::NT_AMDGPU_METADATA) {
        StringRef blob = llvm::toStringRef(note.getDesc(header.p_align));
        found = document.readFromBlob(blob, /*Multi=*/false);
      }
    if (error)
      return error;
  }
  if (!found)
    return makeError("the code object has no AMDGPU metadata");

  auto &kernels =
      document.getRoot().getMap(/*Convert=*/true)["amdhsa.kernels"].getArray(
          /*Convert=*/true);
  if (kernels.size() != 1)
    return makeError("the code object has {0} kernels, not one",
                     kernels.size());
  auto &kernel = kernels[0].getMap(/*Convert=*/true);
  auto number = [&](StringRef name) -> unsigned {
    auto it = kernel.find(name);
    return it != kernel.end() &&
                   it->second.getKind() == llvm::msgpack::Type::UInt
               ? it->second.getUInt()
               : 0;
  };
  metadata.symbol = kernel[".name"].getString().str();
  metadata.ldsBytes = number(".group_segment_fixed_size");
  metadata.scratchBytes = number(".private_segment_fixed_size");
  metadata.kernargBytes = number(".kernarg_segment_size");
  metadata.vgprs = number(".vgpr_count");
  metadata.agprs = number(".agpr_count");
  metadata.sgprs = number(".sgpr_count");
  metadata.vgprSpills = number(".vgpr_spill_count");
  metadata.sgprSpills = number(".sgpr_spill_count");
  metadata.blockSize = number(".max_flat_workgroup_size");
  for (auto &argument : kernel[".args"].getArray(/*Convert=*/true)) {
    auto &fields = argument.getMap(/*Convert=*/true);
    StringRef kind = fields[".value_kind"].getString();
    if (kind.starts_with("hidden_"))
      continue;
    auto name = fields.find(".name");
    metadata.arguments.push_back(
        {name == fields.end() ? "" : name->second.getString().str(),
         static_cast<unsigned>(fields[".offset"].getUInt()),
         static_cast<unsigned>(fields[".size"].getUInt()),
         kind == "global_buffer"});
  }
  return llvm::Error::success();
}
