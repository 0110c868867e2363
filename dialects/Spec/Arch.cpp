//===- Arch.cpp - The table of architectures ------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sources: "AMD Instinct MI300 / CDNA3 Instruction Set Architecture" and the
// CDNA4 one (matrix shapes, LDS), AMD's CDNA3 and CDNA4
// white papers (compute units of the parts), LLVM's AMDGPUUsage (512 unified
// VGPRs and 8 waves a SIMD on gfx90a and later; ELF machines), ROCm's release
// notes (6.0: MI300, 7.0: MI350; HIP has ROCm's number).
//
//===----------------------------------------------------------------------===//

#include "Spec/Arch.h"
#include "llvm/BinaryFormat/ELF.h"

using namespace hipdex;

static const MmaShape gfx942Shapes[] = {{32, 32, 16}, {16, 16, 32}};
static const MmaShape gfx950Shapes[] = {
    {32, 32, 64}, {16, 16, 128}, {32, 32, 16}, {16, 16, 32}};

static const KnownPart gfx942Parts[] = {
    {"MI300X", 304}, {"MI325X", 304}, {"MI300A", 228}, {"MI308X", 80}};
static const KnownPart gfx950Parts[] = {{"MI350X", 256}, {"MI355X", 256}};

// Every field by name: a row is read far more often than it is written.
static Arch makeGfx942() {
  Arch arch;
  arch.name = "gfx942";
  arch.generation = Generation::CDNA3;
  arch.elfMachine = llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942;
  arch.waveSize = 64;
  arch.simdsPerCU = 4;
  arch.maxWavesPerSimd = 8;
  arch.vgprsPerSimdLane = 512;
  arch.ldsBytes = 64 * 1024;
  arch.fp8 = Fp8Format::E4M3FNUZ;
  arch.fp8Max = 240.0f;
  arch.fp8MmaShapes = gfx942Shapes;
  arch.parts = gfx942Parts;
  arch.hip = llvm::VersionTuple(6, 0);
  return arch;
}

static Arch makeGfx950() {
  Arch arch = makeGfx942();
  arch.name = "gfx950";
  arch.generation = Generation::CDNA4;
  arch.elfMachine = llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950;
  arch.ldsBytes = 160 * 1024;
  arch.fp8 = Fp8Format::E4M3FN;
  arch.fp8Max = 448.0f;
  arch.fp8MmaShapes = gfx950Shapes;
  arch.parts = gfx950Parts;
  arch.hip = llvm::VersionTuple(7, 0);
  return arch;
}

llvm::ArrayRef<Arch> hipdex::archTable() {
  static const Arch table[] = {makeGfx942(), makeGfx950()};
  return table;
}

const Arch *hipdex::lookupArch(llvm::StringRef name) {
  llvm::StringRef base = name.split(':').first;
  for (const Arch &arch : archTable())
    if (arch.name == base)
      return &arch;
  return nullptr;
}

const Arch *hipdex::lookupArchOfElf(uint32_t flags) {
  for (const Arch &arch : archTable())
    if (arch.elfMachine == (flags & llvm::ELF::EF_AMDGPU_MACH))
      return &arch;
  return nullptr;
}
