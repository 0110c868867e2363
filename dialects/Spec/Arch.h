//===- Arch.h - What each GPU can do ----------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one table of architecture facts. Code that needs to know what a target
// can do asks it here; nothing else compares architecture names, except the
// folders that hold one target's lowering.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_ARCH_H
#define HIPDEX_SPEC_ARCH_H

#include "Spec/Fp8Format.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VersionTuple.h"

namespace hipdex {

/// A matrix instruction on fp8 operands: D[m,n] += A[m,k] * B[k,n].
struct MmaShape {
  unsigned m, n, k;
};

/// A product that carries the architecture, and how many compute units it has.
struct KnownPart {
  llvm::StringRef name;
  unsigned computeUnits;
};

/// Architectures that share an instruction set, and so one target lowering.
enum class Generation { CDNA3, CDNA4 };

/// One row of the table.
struct Arch {
  llvm::StringRef name;      ///< LLVM's -mcpu name, e.g. "gfx950".
  Generation generation;     ///< Whose instruction set it has.
  unsigned elfMachine;       ///< EF_AMDGPU_MACH of a code object's ELF flags.
  unsigned waveSize;         ///< Lanes of a wave.
  unsigned simdsPerCU;       ///< SIMD units of a compute unit.
  unsigned maxWavesPerSimd;  ///< Hardware wave slots of a SIMD.
  unsigned vgprsPerSimdLane; ///< Unified VGPR file (VGPRs + AGPRs) of a SIMD.
  unsigned ldsBytes;         ///< LDS a workgroup may have.
  Fp8Format fp8;             ///< The fp8 format its matrix unit reads.
  float fp8Max;              ///< Default largest quantized magnitude.
  llvm::ArrayRef<MmaShape> fp8MmaShapes; ///< Largest tile first.
  llvm::ArrayRef<KnownPart> parts;       ///< For documentation and tests.
  llvm::VersionTuple hip; ///< The first HIP whose compiler supports it.
};

/// Every supported architecture, sorted by name.
llvm::ArrayRef<Arch> archTable();

/// The row called \p name, or null. Feature suffixes such as ":sramecc+:xnack-"
/// (hipDeviceProp_t::gcnArchName carries them) are ignored.
const Arch *lookupArch(llvm::StringRef name);

/// The row that an ELF header's e_flags say, or null.
const Arch *lookupArchOfElf(uint32_t flags);

} // namespace hipdex

#endif // HIPDEX_SPEC_ARCH_H
