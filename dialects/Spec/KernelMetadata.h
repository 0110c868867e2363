//===- KernelMetadata.h - What a launcher must know of a kernel -*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written by the compiler beside a code object, read by the runtime and the
// tools. JSON text, so that people can read a cache entry.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_KERNELMETADATA_H
#define HIPDEX_SPEC_KERNELMETADATA_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace llvm::json {
class Array;
class Object;
class OStream;
} // namespace llvm::json

namespace hipdex {

struct KernelArgument {
  std::string name;
  unsigned offset; ///< Bytes into the kernel argument segment.
  unsigned size;   ///< Bytes.
  bool isPointer;
};

struct KernelMetadata {
  std::string key;    ///< Canonical key text.
  std::string symbol; ///< The kernel's function name.
  std::string arch;   ///< As in the key; checked against the ELF and device.
  std::string layout; ///< Canonical layout text of the cache operand.
  unsigned codeObjectVersion = 0;
  unsigned blockSize = 0;    ///< Threads of a workgroup.
  unsigned wavesPerSimd = 0; ///< Waves a SIMD holds at these registers.
  unsigned stepTokens = 0;   ///< Tokens a wave takes at a time.
  unsigned teamWaves = 0;    ///< Waves that take the same tokens.
  unsigned waveQueries = 0;  ///< Query rows that a wave takes; 0: no queries.
  unsigned ldsBytes = 0;
  unsigned scratchBytes = 0;
  unsigned vgprs = 0, agprs = 0, sgprs = 0;
  unsigned vgprSpills = 0, sgprSpills = 0;
  unsigned kernargBytes = 0;
  std::vector<KernelArgument> arguments;

  std::string toJSON() const;
  static llvm::Expected<KernelMetadata> fromJSON(llvm::StringRef text);

  /// Parts of the same in a larger document: all fields but the arguments, in
  /// an object that is open, and the arguments, an array.
  void writeFields(llvm::json::OStream &json) const;
  void writeArguments(llvm::json::OStream &json) const;
  static llvm::Expected<KernelMetadata>
  readFields(const llvm::json::Object &object);
  static llvm::Expected<std::vector<KernelArgument>>
  readArguments(const llvm::json::Array &array);
};

} // namespace hipdex

#endif // HIPDEX_SPEC_KERNELMETADATA_H
