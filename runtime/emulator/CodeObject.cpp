//===- CodeObject.cpp - A loaded AMDGPU ELF -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/CodeObject.h"
#include "Spec/Arch.h"
#include "emulator/Decoder.h"
#include "emulator/Instruction.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELF.h"
#include "llvm/Support/Endian.h"
#include "llvm/TargetParser/TargetParser.h"
#include <algorithm>
#include <cstring>

using namespace hipdex;
using namespace hipdex::emulator;
using llvm::createStringError;
using llvm::Twine;
using File = llvm::object::ELFFile<llvm::object::ELF64LE>;

CodeObject::CodeObject(DeviceMemory &memory) : memory(memory) {}

CodeObject::~CodeObject() {
  if (image)
    // Only a pointer that is not an allocation can be refused.
    llvm::consumeError(memory.free(reinterpret_cast<void *>(image)));
}

namespace {

/// Versions by EI_ABIVERSION (LLVM, "User Guide for AMDGPU Backend"): 2 is V4,
/// 3 is V5, 4 is V6.
unsigned versionOfAbi(uint8_t abi) {
  return abi >= 2 && abi <= 4 ? abi + 2 : 0;
}

/// What the loader keeps at hand while it works.
class Loader {
public:
  Loader(const File &file, uint8_t *image, uint64_t size)
      : file(file), image(image), size(size) {}

  llvm::Error copySegments(uint64_t &textBegin, uint64_t &textEnd);
  llvm::Error relocate();

private:
  const File &file;
  uint8_t *image;
  uint64_t size;

  llvm::Error relocateOne(const File::Elf_Rela &relocation,
                          const File::Elf_Shdr *symbols);
};

} // namespace

llvm::Error Loader::copySegments(uint64_t &textBegin, uint64_t &textEnd) {
  auto headers = file.program_headers();
  if (!headers)
    return headers.takeError();
  textBegin = textEnd = 0;
  for (const auto &header : *headers) {
    if (header.p_type != llvm::ELF::PT_LOAD)
      continue;
    if (header.p_offset > file.getBufSize() ||
        header.p_filesz > file.getBufSize() - header.p_offset)
      return createStringError("code object: a segment lies beyond the end of "
                               "the file: the file is cut off");
    std::memcpy(image + header.p_vaddr, file.base() + header.p_offset,
                header.p_filesz);
    if (!(header.p_flags & llvm::ELF::PF_X))
      continue;
    if (textEnd)
      return createStringError("code object: it has two code segments");
    textBegin = header.p_vaddr;
    textEnd = header.p_vaddr + header.p_filesz;
  }
  return llvm::Error::success();
}

llvm::Error Loader::relocateOne(const File::Elf_Rela &relocation,
                                const File::Elf_Shdr *symbols) {
  uint64_t offset = relocation.r_offset;
  uint32_t type = relocation.getType(/*isMips64EL=*/false);
  unsigned bytes = type == llvm::ELF::R_AMDGPU_RELATIVE64 ||
                           type == llvm::ELF::R_AMDGPU_ABS64
                       ? 8
                       : 4;
  if (offset > size || bytes > size - offset)
    return createStringError("code object: a relocation lies outside of it");
  uint64_t base = reinterpret_cast<uint64_t>(image);
  uint64_t value = base + uint64_t(relocation.r_addend);
  if (type != llvm::ELF::R_AMDGPU_RELATIVE64) {
    auto symbol = file.getRelocationSymbol(relocation, symbols);
    if (!symbol)
      return symbol.takeError();
    std::string name = "?";
    if (auto strings = file.getStringTableForSymtab(*symbols)) {
      if (auto text = *symbol ? (*symbol)->getName(*strings)
                              : llvm::Expected<llvm::StringRef>("?"))
        name = text->str();
      else
        llvm::consumeError(text.takeError());
    } else {
      llvm::consumeError(strings.takeError());
    }
    if (!*symbol || (*symbol)->st_shndx == llvm::ELF::SHN_UNDEF)
      return createStringError("code object: symbol \"" + name +
                               "\" is undefined");
    value += (*symbol)->st_value;
  }
  switch (type) {
  case llvm::ELF::R_AMDGPU_RELATIVE64:
  case llvm::ELF::R_AMDGPU_ABS64:
    llvm::support::endian::write64le(image + offset, value);
    return llvm::Error::success();
  case llvm::ELF::R_AMDGPU_ABS32_LO:
  case llvm::ELF::R_AMDGPU_ABS32:
    llvm::support::endian::write32le(image + offset, uint32_t(value));
    return llvm::Error::success();
  case llvm::ELF::R_AMDGPU_ABS32_HI:
    llvm::support::endian::write32le(image + offset, uint32_t(value >> 32));
    return llvm::Error::success();
  default:
    return createStringError("code object: dynamic relocation of type " +
                             Twine(type) + " is not supported");
  }
}

llvm::Error Loader::relocate() {
  auto sections = file.sections();
  if (!sections)
    return sections.takeError();
  for (const auto &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_RELA ||
        !(section.sh_flags & llvm::ELF::SHF_ALLOC))
      continue;
    auto relocations = file.relas(section);
    if (!relocations)
      return relocations.takeError();
    auto symbols = file.getSection(section.sh_link);
    if (!symbols)
      return symbols.takeError();
    for (const auto &relocation : *relocations)
      if (llvm::Error error = relocateOne(relocation, *symbols))
        return error;
  }
  return llvm::Error::success();
}

static llvm::Expected<uint64_t> imageSize(const File &file) {
  auto headers = file.program_headers();
  if (!headers)
    return headers.takeError();
  uint64_t end = 0;
  // More than any code object has, less than what would not fit in memory.
  const uint64_t limit = uint64_t(1) << 32;
  for (const auto &header : *headers) {
    if (header.p_type != llvm::ELF::PT_LOAD)
      continue;
    if (header.p_vaddr > limit || header.p_memsz > limit ||
        header.p_filesz > header.p_memsz)
      return createStringError(
          "code object: a segment of " + Twine(uint64_t(header.p_memsz)) +
          " bytes at 0x" + llvm::utohexstr(header.p_vaddr, /*LowerCase=*/true) +
          " is not one: at most 4 GiB are allowed");
    end = std::max<uint64_t>(end, header.p_vaddr + header.p_memsz);
  }
  if (!end)
    return createStringError("code object: it has no loadable segment");
  return end;
}

llvm::Expected<std::unique_ptr<CodeObject>>
CodeObject::load(llvm::ArrayRef<uint8_t> elf, DeviceMemory &memory) {
#if defined(__x86_64__)
  // What the lane loops are compiled for (CMakeLists.txt).
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
    return createStringError("the emulator needs a CPU with AVX2, FMA and F16C "
                             "(x86-64-v3); this one has not");
#endif
  llvm::StringRef buffer(reinterpret_cast<const char *>(elf.data()),
                         elf.size());
  if (elf.size() < sizeof(File::Elf_Ehdr) ||
      !buffer.starts_with(llvm::ELF::ElfMagic))
    return createStringError("code object: not an ELF file");
  if (elf[llvm::ELF::EI_CLASS] != llvm::ELF::ELFCLASS64 ||
      elf[llvm::ELF::EI_DATA] != llvm::ELF::ELFDATA2LSB)
    return createStringError("code object: not a 64-bit little-endian ELF");
  // The reader wants aligned headers, which a caller's buffer need not have.
  std::vector<uint64_t> aligned((elf.size() + 7) / 8);
  std::memcpy(aligned.data(), elf.data(), elf.size());
  buffer = llvm::StringRef(reinterpret_cast<const char *>(aligned.data()),
                           elf.size());
  auto file = File::create(buffer);
  if (!file)
    return file.takeError();
  const File::Elf_Ehdr &header = file->getHeader();
  if (header.e_machine != llvm::ELF::EM_AMDGPU)
    return createStringError("code object: made for machine " +
                             Twine(uint16_t(header.e_machine)) +
                             ", not AMDGPU (224)");
  if (header.e_ident[llvm::ELF::EI_OSABI] != llvm::ELF::ELFOSABI_AMDGPU_HSA)
    return createStringError(
        "code object: OS ABI " +
        Twine(unsigned(header.e_ident[llvm::ELF::EI_OSABI])) +
        ", not AMDGPU HSA (64)");
  if (header.e_type != llvm::ELF::ET_DYN)
    return createStringError("code object: not linked (ELF type " +
                             Twine(uint16_t(header.e_type)) +
                             "; a shared object, 3, is wanted)");
  std::unique_ptr<CodeObject> object(new CodeObject(memory));
  const Arch *arch = lookupArchOfElf(header.e_flags);
  if (!arch) {
    auto names = llvm::map_range(archTable(),
                                 [](const Arch &known) { return known.name; });
    return createStringError(
        "code object: made for machine 0x" +
        llvm::utohexstr(header.e_flags & llvm::ELF::EF_AMDGPU_MACH,
                        /*LowerCase=*/true) +
        " of AMDGPU; the emulator has " + llvm::join(names, ", "));
  }
  object->archName = arch->name.str();
  object->abiVersion = versionOfAbi(header.e_ident[llvm::ELF::EI_ABIVERSION]);
  if (!object->abiVersion)
    return createStringError(
        "code object: ABI version " +
        Twine(unsigned(header.e_ident[llvm::ELF::EI_ABIVERSION])) +
        "; code object versions 4 to 6 are supported");

  auto size = imageSize(*file);
  if (!size)
    return size.takeError();
  auto allocation = memory.allocate(*size);
  if (!allocation)
    return allocation.takeError();
  auto *image = static_cast<uint8_t *>(*allocation);
  object->image = reinterpret_cast<uint64_t>(image);
  Loader loader(*file, image, *size);
  uint64_t textBegin, textEnd;
  if (llvm::Error error = loader.copySegments(textBegin, textEnd))
    return std::move(error);
  if (llvm::Error error = loader.relocate())
    return std::move(error);
  object->textBegin = object->image + textBegin;
  object->textEnd = object->image + textEnd;

  // Symbols: kernels, variables, and where functions start.
  std::vector<uint64_t> starts;
  auto sections = file->sections();
  if (!sections)
    return sections.takeError();
  for (const auto &section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_SYMTAB &&
        section.sh_type != llvm::ELF::SHT_DYNSYM)
      continue;
    auto symbols = file->symbols(&section);
    if (!symbols)
      return symbols.takeError();
    auto strings = file->getStringTableForSymtab(section);
    if (!strings)
      return strings.takeError();
    for (const auto &symbol : *symbols) {
      if (symbol.st_shndx == llvm::ELF::SHN_UNDEF ||
          symbol.st_shndx == llvm::ELF::SHN_ABS)
        continue;
      uint64_t value = symbol.st_value;
      if (symbol.getType() == llvm::ELF::STT_FUNC) {
        if (value >= textBegin && value < textEnd)
          starts.push_back(value);
        continue;
      }
      if (symbol.getType() != llvm::ELF::STT_OBJECT)
        continue;
      auto name = symbol.getName(*strings);
      if (!name)
        return name.takeError();
      if (value > *size || symbol.st_size > *size - value)
        return createStringError("code object: symbol \"" + *name +
                                 "\" lies outside of it");
      llvm::StringRef kernelName = *name;
      if (!kernelName.consume_back(".kd")) {
        object->variableMap[*name] = {object->image + value, symbol.st_size};
        continue;
      }
      if (symbol.st_size != sizeof(llvm::amdhsa::kernel_descriptor_t))
        return createStringError("code object: descriptor \"" + *name +
                                 "\" has " + Twine(uint64_t(symbol.st_size)) +
                                 " bytes, not 64");
      Kernel kernel;
      kernel.name = kernelName.str();
      std::memcpy(&kernel.descriptor, image + value, sizeof(kernel.descriptor));
      kernel.entry = object->image + value +
                     uint64_t(kernel.descriptor.kernel_code_entry_byte_offset);
      object->kernelMap[kernelName] = kernel;
    }
  }

  // The metadata note.
  auto headers = file->program_headers();
  if (!headers)
    return headers.takeError();
  for (const auto &segment : *headers) {
    if (segment.p_type != llvm::ELF::PT_NOTE)
      continue;
    llvm::Error error = llvm::Error::success();
    for (auto note : file->notes(segment, error))
      if (note.getName() == "AMDGPU" &&
          note.getType() == llvm::ELF::NT_AMDGPU_METADATA)
        object->metadataBlob =
            note.getDescAsStringRef(std::max<size_t>(segment.p_align, 4)).str();
    if (error)
      return std::move(error);
  }

  // Decode straight through, starting anew at each function: what lies between
  // two may be anything.
  llvm::sort(starts);
  auto decoder = Decoder::create(*arch);
  if (!decoder)
    return decoder.takeError();
  Instruction none;
  none.run = runInvalid;
  object->code.assign((textEnd - textBegin + 3) / 4, none);
  for (uint64_t at = textBegin; at + 4 <= textEnd;) {
    auto next = std::upper_bound(starts.begin(), starts.end(), at);
    uint64_t end = next == starts.end() ? textEnd : *next;
    Instruction decoded =
        (*decoder)->decode(llvm::ArrayRef(image + at, end - at));
    object->code[(at - textBegin) / 4] = decoded;
    at = std::min(at + 4 * uint64_t(decoded.dwords), end);
  }
  return std::move(object);
}

const Kernel *CodeObject::findKernel(llvm::StringRef name) const {
  auto found = kernelMap.find(name);
  return found == kernelMap.end() ? nullptr : &found->second;
}

std::optional<Variable> CodeObject::findVariable(llvm::StringRef name) const {
  auto found = variableMap.find(name);
  if (found == variableMap.end())
    return std::nullopt;
  return found->second;
}

const Instruction *CodeObject::instructionAt(uint64_t address) const {
  if (address < textBegin || address >= textEnd || (address - textBegin) % 4)
    return nullptr;
  return &code[(address - textBegin) / 4];
}

std::string CodeObject::disassemble(uint64_t address) const {
  const Arch *arch = lookupArch(archName);
  if (!instructionAt(address) || !arch)
    return "outside the code";
  auto decoder = Decoder::create(*arch);
  if (!decoder)
    return llvm::toString(decoder.takeError());
  return (*decoder)->print(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(address),
                     textEnd - address),
      address);
}
