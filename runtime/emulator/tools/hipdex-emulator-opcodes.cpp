//===- hipdex-emulator-opcodes.cpp - What the emulator runs ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Prints docs/emulator-opcodes.md, or with --check compares that file with what
// it would print.
//
//===----------------------------------------------------------------------===//

#include "Spec/Arch.h"
#include "emulator/Decoder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <set>

using namespace hipdex;
using namespace hipdex::emulator;

/// The heading that an opcode stands under.
static llvm::StringRef groupOf(llvm::StringRef name) {
  if (name.starts_with("v_mfma_"))
    return "Matrix";
  if (name.starts_with("v_cmp"))
    return "Vector compares";
  if (name.starts_with("v_pk_") || name.starts_with("v_dot") ||
      name.starts_with("v_fma_mix"))
    return "Vector, packed";
  if (name.starts_with("v_"))
    return "Vector";
  if (name.starts_with("ds_"))
    return "LDS and data share";
  if (name.starts_with("s_load") || name.starts_with("s_buffer_load") ||
      name.starts_with("s_mem") || name.starts_with("s_dcache"))
    return "Scalar memory";
  if (name.starts_with("s_"))
    return "Scalar and control";
  return "Vector memory";
}

static llvm::Expected<std::string> document() {
  std::map<llvm::StringRef, std::set<std::string>> groups;
  for (llvm::StringRef name : {"gfx942", "gfx950"}) {
    const Arch *arch = lookupArch(name);
    if (!arch)
      return llvm::createStringError("no architecture " + name);
    auto decoder = Decoder::create(*arch);
    if (!decoder)
      return decoder.takeError();
    for (const std::string &opcode : (*decoder)->implementedOpcodes())
      groups[groupOf(opcode)].insert(opcode);
  }
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "# Instructions that the emulator runs\n\n"
         "Printed by `hipdex-emulator-opcodes`; a test compares this file with "
         "the decoder's tables.\n"
         "Names are without encoding suffixes (`_e32`, `_e64`, `_dpp`, "
         "`_sdwa`), all of which are decoded. Some\n"
         "exist on gfx950 only. Whatever is not here fails the launch with its "
         "disassembly. See\n[emulator.md](emulator.md).\n";
  for (const auto &[group, opcodes] : groups) {
    out << "\n## " << group << " (" << opcodes.size() << ")\n\n";
    size_t column = 0;
    for (const std::string &opcode : opcodes) {
      if (column + opcode.size() > 110) {
        out << "\n";
        column = 0;
      }
      out << (column ? " " : "") << "`" << opcode << "`";
      column += opcode.size() + 3;
    }
    out << "\n";
  }
  return text;
}

int main(int argc, char **argv) {
  auto text = document();
  if (!text) {
    llvm::errs() << llvm::toString(text.takeError()) << "\n";
    return 1;
  }
  if (argc == 1) {
    llvm::outs() << *text;
    return 0;
  }
  if (argc != 3 || llvm::StringRef(argv[1]) != "--check") {
    llvm::errs() << "usage: hipdex-emulator-opcodes [--check FILE]\n";
    return 1;
  }
  auto file = llvm::MemoryBuffer::getFile(argv[2]);
  if (!file) {
    llvm::errs() << argv[2] << ": " << file.getError().message() << "\n";
    return 1;
  }
  if ((*file)->getBuffer() == *text)
    return 0;
  llvm::errs() << argv[2]
               << " is not what the decoder implements; write it anew with "
                  "hipdex-emulator-opcodes > "
               << argv[2] << "\n";
  return 1;
}
