//===- ArchTest.cpp - Tests of the arch table -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Facts that code elsewhere relies on.
//
//===----------------------------------------------------------------------===//

#include "Spec/Arch.h"
#include "llvm/ADT/STLExtras.h"
#include <catch2/catch.hpp>

using namespace hipdex;

TEST_CASE("arch table is sorted and complete") {
  REQUIRE(archTable().size() == 2);
  CHECK(llvm::is_sorted(archTable(), [](const Arch &a, const Arch &b) {
    return a.name < b.name;
  }));
  for (const Arch &arch : archTable()) {
    INFO(arch.name.str());
    CHECK(arch.waveSize == 64);
    CHECK(arch.simdsPerCU == 4);
    CHECK(arch.maxWavesPerSimd == 8);
    CHECK(arch.vgprsPerSimdLane == 512);
    CHECK(!arch.parts.empty());
    // The default maximum is the format's own largest value.
    CHECK(decodeFp8(arch.fp8, encodeFp8(arch.fp8, 1e9f)) == arch.fp8Max);
    auto area = [](const MmaShape &shape) {
      return shape.m * shape.n * shape.k;
    };
    CHECK(llvm::is_sorted(arch.fp8MmaShapes,
                          [&](const MmaShape &a, const MmaShape &b) {
                            return area(a) > area(b);
                          }));
  }
}

TEST_CASE("arch rows hold what the manuals say") {
  const Arch *gfx942 = lookupArch("gfx942");
  REQUIRE(gfx942);
  CHECK(gfx942->fp8 == Fp8Format::E4M3FNUZ);
  CHECK(gfx942->ldsBytes == 65536);
  CHECK(gfx942->generation == Generation::CDNA3);
  CHECK(gfx942->elfMachine == 0x4c);
  CHECK(gfx942->parts[0].name == "MI300X");
  CHECK(gfx942->parts[0].computeUnits == 304);
  const Arch *gfx950 = lookupArch("gfx950");
  REQUIRE(gfx950);
  CHECK(gfx950->fp8 == Fp8Format::E4M3FN);
  CHECK(gfx950->ldsBytes == 163840);
  CHECK(gfx950->generation == Generation::CDNA4);
  CHECK(gfx950->elfMachine == 0x4f);
  CHECK(gfx950->fp8MmaShapes[0].k == 64);
  CHECK(gfx950->parts[0].computeUnits == 256);
}

TEST_CASE("arch lookup ignores feature suffixes and nothing else") {
  CHECK(lookupArch("gfx942:sramecc+:xnack-") == lookupArch("gfx942"));
  CHECK(lookupArch("gfx94") == nullptr);
  CHECK(lookupArch("gfx9420") == nullptr);
  CHECK(lookupArch("GFX942") == nullptr);
  CHECK(lookupArch("") == nullptr);
}

TEST_CASE("arch of an ELF header's flags is that of its machine bits") {
  CHECK(lookupArchOfElf(0x4c) == lookupArch("gfx942"));
  // Other bits say what is known of xnack and sramecc.
  CHECK(lookupArchOfElf(0xf4f) == lookupArch("gfx950"));
  CHECK(lookupArchOfElf(0) == nullptr);
  CHECK(lookupArchOfElf(0x3f) == nullptr); // gfx90a
}
