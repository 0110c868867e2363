//===- CodeObject.h - A loaded AMDGPU ELF -----------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Loads a code object into device memory, applies its relocations, reads its
// kernel descriptors and decodes its code, once.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_EMULATOR_CODEOBJECT_H
#define HIPDEX_EMULATOR_CODEOBJECT_H

#include "emulator/DeviceMemory.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/AMDHSAKernelDescriptor.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hipdex::emulator {

struct Instruction;

/// A kernel: its descriptor and where its code begins.
struct Kernel {
  std::string name;
  llvm::amdhsa::kernel_descriptor_t descriptor;
  uint64_t entry; ///< Device address of its first instruction.
};

/// A variable in device memory.
struct Variable {
  uint64_t address;
  uint64_t size;
};

class CodeObject {
public:
  /// Checks and loads \p elf; every rejection says what was wrong. Instructions
  /// that the emulator does not know are an error only when they execute.
  static llvm::Expected<std::unique_ptr<CodeObject>>
  load(llvm::ArrayRef<uint8_t> elf, DeviceMemory &memory);
  ~CodeObject();
  CodeObject(const CodeObject &) = delete;
  CodeObject &operator=(const CodeObject &) = delete;

  /// "gfx942" or "gfx950".
  llvm::StringRef arch() const { return archName; }
  /// Code object version, 4 to 6.
  unsigned version() const { return abiVersion; }
  /// The msgpack text of the AMDGPU metadata note.
  llvm::StringRef metadata() const { return metadataBlob; }

  /// The kernel of that name (without ".kd"), or null.
  const Kernel *findKernel(llvm::StringRef name) const;
  const llvm::StringMap<Kernel> &kernels() const { return kernelMap; }
  std::optional<Variable> findVariable(llvm::StringRef name) const;

  /// The decoded instruction at a device address, or null where there is none.
  const Instruction *instructionAt(uint64_t address) const;
  /// Device addresses of the code, and its decoded form by dword.
  uint64_t codeBegin() const { return textBegin; }
  uint64_t codeEnd() const { return textEnd; }

  /// The address that llvm-objdump prints.
  uint64_t fileAddress(uint64_t address) const { return address - image; }
  /// "s_add_u32 s0, s0, s1" for messages.
  std::string disassemble(uint64_t address) const;

private:
  CodeObject(DeviceMemory &memory);

  DeviceMemory &memory;
  uint64_t image = 0; ///< Device allocation that holds the segments.
  std::string archName;
  unsigned abiVersion = 0;
  std::string metadataBlob;
  llvm::StringMap<Kernel> kernelMap;
  llvm::StringMap<Variable> variableMap;
  uint64_t textBegin = 0, textEnd = 0;
  std::vector<Instruction> code;
};

} // namespace hipdex::emulator

#endif // HIPDEX_EMULATOR_CODEOBJECT_H
