//===- CodeObject.cpp - Checks of a code object before HIP sees it --------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Layout of the headers: the ELF-64 object file format; values of AMDGPU:
// llvm/docs/AMDGPUUsage.rst, "ELF Code Object".
//
//===----------------------------------------------------------------------===//

#include "src/CodeObject.h"
#include "Spec/Arch.h"
#include "src/Status.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/BinaryFormat/ELF.h"
#include <cstring>

using namespace hipdex;
using namespace hipdex::runtime;
namespace ELF = llvm::ELF;

static llvm::Error invalid(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, "code object: " + message);
}

/// Whether [offset, offset + size) is inside \p bytes.
static bool contains(llvm::StringRef bytes, uint64_t offset, uint64_t size) {
  return offset <= bytes.size() && size <= bytes.size() - offset;
}

/// Copies a header out, because the bytes have no alignment.
template <typename Header>
static bool read(llvm::StringRef bytes, uint64_t offset, Header &header) {
  if (!contains(bytes, offset, sizeof(Header)))
    return false;
  std::memcpy(&header, bytes.data() + offset, sizeof(Header));
  return true;
}

/// A GPU that is not in the table has no name here, only its number.
static std::string machineName(uint32_t flags) {
  if (const Arch *arch = lookupArchOfElf(flags))
    return arch->name.str();
  return "machine 0x" + llvm::utohexstr(flags & ELF::EF_AMDGPU_MACH,
                                        /*LowerCase=*/true);
}

/// Whether the dynamic symbol table of \p elf defines \p name.
static llvm::Expected<bool> definesSymbol(llvm::StringRef elf,
                                          const ELF::Elf64_Ehdr &header,
                                          llvm::StringRef name) {
  if (header.e_shentsize != sizeof(ELF::Elf64_Shdr))
    return invalid("section headers of " + llvm::Twine(header.e_shentsize) +
                   " bytes, must be " + llvm::Twine(sizeof(ELF::Elf64_Shdr)));
  uint64_t tableBytes =
      uint64_t(header.e_shnum) * sizeof(ELF::Elf64_Shdr); // 16 bits * 64
  if (!contains(elf, header.e_shoff, tableBytes))
    return invalid("section headers lie outside of its " +
                   llvm::Twine(elf.size()) + " bytes");
  auto section = [&](unsigned index) {
    ELF::Elf64_Shdr result;
    read(elf, header.e_shoff + uint64_t(index) * sizeof(result), result);
    return result;
  };
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    ELF::Elf64_Shdr symbols = section(i);
    if (symbols.sh_type != ELF::SHT_DYNSYM)
      continue;
    if (symbols.sh_link >= header.e_shnum)
      return invalid("its symbols name section " +
                     llvm::Twine(symbols.sh_link) + " of " +
                     llvm::Twine(header.e_shnum));
    ELF::Elf64_Shdr strings = section(symbols.sh_link);
    if (!contains(elf, symbols.sh_offset, symbols.sh_size) ||
        !contains(elf, strings.sh_offset, strings.sh_size))
      return invalid("symbols lie outside of its " + llvm::Twine(elf.size()) +
                     " bytes");
    llvm::StringRef text = elf.substr(strings.sh_offset, strings.sh_size);
    uint64_t count = symbols.sh_size / sizeof(ELF::Elf64_Sym);
    for (uint64_t s = 0; s < count; ++s) {
      ELF::Elf64_Sym symbol;
      read(elf, symbols.sh_offset + s * sizeof(symbol), symbol);
      if (symbol.st_shndx == ELF::SHN_UNDEF || symbol.st_name >= text.size())
        continue;
      // The terminator belongs to the match, and must be inside the table.
      llvm::StringRef rest = text.drop_front(symbol.st_name);
      if (rest.size() > name.size() && rest.starts_with(name) &&
          rest[name.size()] == '\0')
        return true;
    }
  }
  return false;
}

llvm::Error runtime::checkCodeObject(llvm::StringRef elf, llvm::StringRef arch,
                                     llvm::StringRef symbol, unsigned version) {
  ELF::Elf64_Ehdr header;
  if (!read(elf, 0, header) || !header.checkMagic())
    return invalid("not an ELF file");
  if (header.getFileClass() != ELF::ELFCLASS64 ||
      header.getDataEncoding() != ELF::ELFDATA2LSB)
    return invalid("not 64-bit little-endian ELF");
  if (header.e_machine != ELF::EM_AMDGPU)
    return invalid("ELF machine is " + llvm::Twine(header.e_machine) +
                   ", must be " + llvm::Twine(unsigned(ELF::EM_AMDGPU)) +
                   " (AMDGPU)");
  if (header.e_ident[ELF::EI_OSABI] != ELF::ELFOSABI_AMDGPU_HSA)
    return invalid(
        "ELF OS ABI is " +
        llvm::Twine(unsigned(header.e_ident[ELF::EI_OSABI])) + ", must be " +
        llvm::Twine(unsigned(ELF::ELFOSABI_AMDGPU_HSA)) + " (AMDGPU HSA)");
  std::string machine = machineName(header.e_flags);
  if (machine != arch)
    return invalid("is for " + machine + ", the device is " + arch);
  // ELF ABI version 2 is code object v4, and so on.
  unsigned elfVersion = header.e_ident[ELF::EI_ABIVERSION] + 2u;
  if (elfVersion != version)
    return invalid("version is " + llvm::Twine(elfVersion) +
                   ", its metadata says " + llvm::Twine(version));
  for (const std::string &name : {symbol.str(), symbol.str() + ".kd"}) {
    llvm::Expected<bool> found = definesSymbol(elf, header, name);
    if (!found)
      return found.takeError();
    if (!*found)
      return invalid("has no symbol \"" + name + "\"");
  }
  return llvm::Error::success();
}
