//===- Decoder.h - From instruction words to what runs ----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's disassembler says which instruction a word is and how long; the fields
// are read from the encoding, whose formats the ISA guide fixes (MI300 ISA
// guide, chapter 13).
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_DECODER_H
#define HIPDEX_EMULATOR_DECODER_H

#include "emulator/Instruction.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>
#include <vector>

namespace hipdex {
struct Arch;
}

namespace hipdex::emulator {

class Decoder {
public:
  static llvm::Expected<std::unique_ptr<Decoder>> create(const Arch &arch);
  ~Decoder();

  /// Decodes what stands at the start of \p bytes. An instruction that is not
  /// implemented, and what is none, get a handler that fails the launch.
  Instruction decode(llvm::ArrayRef<uint8_t> bytes);

  /// Its text, with \p address as the program counter.
  std::string print(llvm::ArrayRef<uint8_t> bytes, uint64_t address);

  /// Mnemonics, without encoding suffixes, of what is implemented; sorted. Some
  /// exist on one of the two architectures only.
  std::vector<std::string> implementedOpcodes() const;

private:
  struct Impl;
  explicit Decoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_DECODER_H
