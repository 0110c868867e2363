//===- Wave.cpp - The state of one wave -----------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/Wave.h"
#include "llvm/ADT/StringExtras.h"

using namespace hipdex::emulator;

void Wave::fail(const llvm::Twine &what) {
  if (state == State::Failed)
    return;
  state = State::Failed;
  const CodeObject &object = *launch->object;
  error = ("kernel " + launch->kernel->name + ", pc 0x" +
           llvm::utohexstr(object.fileAddress(thisPc), /*LowerCase=*/true) +
           " (" + object.disassemble(thisPc) + "), workgroup (" +
           llvm::Twine(group->id[0]) + ", " + llvm::Twine(group->id[1]) + ", " +
           llvm::Twine(group->id[2]) + "), wave " + llvm::Twine(index) + ": " +
           what)
              .str();
}

/// "lane 3: load of 16 bytes at 0x..: ".
static std::string accessText(int lane, uint64_t address, uint64_t bytes,
                              const char *what) {
  return ((lane < 0 ? "" : "lane " + llvm::Twine(lane) + ": ") + what + " of " +
          llvm::Twine(bytes) + " bytes at 0x" +
          llvm::utohexstr(address, /*LowerCase=*/true) + ": ")
      .str();
}

bool Wave::findRange(int lane, uint64_t address, uint64_t bytes,
                     const char *what) {
  for (const DeviceMemory::Range &range : launch->ownRanges)
    if (range.contains(address, bytes)) {
      cached = range;
      return true;
    }
  DeviceMemory::Range range = launch->memory->find(address);
  if (range.contains(address, bytes)) {
    cached = range;
    return true;
  }
  fail(accessText(lane, address, bytes, what) +
       launch->memory->describe(address));
  return false;
}

void Wave::failGuard(int lane, uint64_t address, uint64_t bytes,
                     unsigned access, const char *what) {
  uint64_t first = 0;
  while (cached.guard->allows(address - cached.begin + first, 1, access))
    ++first;
  bool reads = access & Guard::Read, writes = access & Guard::Write;
  fail(accessText(lane, address, bytes, what) + "byte " + llvm::Twine(first) +
       " is " + launch->memory->describe(address + first) +
       ", where its guard does not allow to " +
       (reads && writes ? "read and write"
        : reads         ? "read"
                        : "write"));
}
