//===- FaultTest.cpp - What must fail, and how it says so -----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Harness.h"
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <unistd.h>

using namespace hipdex::test;
using Catch::Contains;

/// As messages print an address.
static std::string hex(const void *pointer) {
  char text[32];
  std::snprintf(text, sizeof(text), "0x%llx",
                (unsigned long long)reinterpret_cast<uintptr_t>(pointer));
  return text;
}

/// The launch must fail, naming the kernel, a pc, the instruction and all of
/// \p parts.
template <typename... Arguments>
static void checkFault(const LoadedModule &module, const std::string &kernel,
                       unsigned threads, const std::string &instruction,
                       const std::vector<std::string> &parts,
                       Arguments... arguments) {
  (void)hipGetLastError();
  CHECK(launch(module.function(kernel), 1, threads, arguments...) ==
        hipErrorLaunchFailure);
  CHECK(hipPeekAtLastError() == hipErrorLaunchFailure);
  CHECK(hipGetLastError() == hipErrorLaunchFailure);
  CHECK(hipGetLastError() == hipSuccess);
  std::string message = lastMessage();
  CHECK_THAT(message, Contains(kernel));
  CHECK_THAT(message, Contains("pc"));
  CHECK_THAT(message, Contains(instruction));
  for (const std::string &part : parts)
    CHECK_THAT(message, Contains(part));
  CHECK_THAT(message, !Contains("\n"));
}

TEST_CASE("Accesses outside of live allocations fail the launch") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    Buffer<uint32_t> in(60), out(64);
    for (unsigned i = 0; i < 64; ++i)
      out[i] = 5;
    // Lane 60 is the first beyond.
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 60", hex(in.data + 60), "past the end"}, in.data, 0l,
               out.data);
    CHECK(out[0] == 5);
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 0", hex(in.data - 1)}, in.data, -1l, out.data);
    checkFault(module, "store_at", 64, "global_store_dword",
               {"lane 60", hex(in.data + 60)}, in.data, 0l, 1u);
    checkFault(module, "store_one", 64, "store_dword",
               {"lane 33", hex(in.data + 60)}, out.data, 33u, in.data + 60);
    checkFault(module, "scalar_load_at", 64, "s_load_dword",
               {hex(in.data + 60)}, in.data, 60l, out.data);
    // The allocation ends within the word.
    Buffer<uint8_t> odd(254);
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 63", hex(odd.data + 252)},
               reinterpret_cast<uint32_t *>(odd.data), 0l, out.data);
    // The host's own memory is not the device's.
    uint32_t local[64] = {};
    uint32_t *host = local;
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 0", hex(local)}, host, 0l, out.data);
    checkFault(module, "null_store", 64, "store_dword", {"lane 63"}, out.data);
    // A launch after a failed one works.
    CHECK(launch(module.function("load_at"), 1, 60, in.data, 0l, out.data) ==
          hipSuccess);
  }
}

TEST_CASE("A use after free fails the launch") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    Buffer<uint32_t> out(64);
    void *freed = nullptr;
    REQUIRE(hipMalloc(&freed, 256) == hipSuccess);
    REQUIRE(hipFree(freed) == hipSuccess);
    // More allocations, which must not land there.
    Buffer<uint32_t> other(64);
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 0", hex(freed), "freed"}, static_cast<uint32_t *>(freed),
               0l, out.data);
  }
}

TEST_CASE("Memory of the host is visible while it is registered") {
  LoadedModule module("Memory", "gfx950");
  std::vector<uint32_t> host(64, 3);
  Buffer<uint32_t> out(64);
  REQUIRE(hipHostRegister(host.data(), 256, 0) == hipSuccess);
  CHECK(hipHostRegister(host.data() + 1, 4, 0) ==
        hipErrorHostMemoryAlreadyRegistered);
  CHECK(launch(module.function("load_at"), 1, 64, host.data(), 0l, out.data) ==
        hipSuccess);
  CHECK(out[63] == 3);
  REQUIRE(hipHostUnregister(host.data()) == hipSuccess);
  CHECK(hipHostUnregister(host.data()) == hipErrorHostMemoryNotRegistered);
  CHECK(launch(module.function("load_at"), 1, 64, host.data(), 0l, out.data) ==
        hipErrorLaunchFailure);
}

TEST_CASE("Accesses that a guard does not allow fail the launch") {
  auto allow = [](const void *begin, uint64_t bytes, unsigned access) {
    hipdex_emulator_range range = {0, bytes};
    CHECK(hipdex_emulator_allow(begin, &range, 1, access) == 0);
  };
  const unsigned read = HIPDEX_EMULATOR_READ, write = HIPDEX_EMULATOR_WRITE;
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    Buffer<uint32_t> in(128), out(64);
    REQUIRE(hipdex_emulator_guard(in.data, "the input") == 0);
    REQUIRE(hipdex_emulator_guard(out.data, "the output") == 0);
    allow(out.data, 256, write);
    // All but byte 2 of word 70: writing is not reading.
    allow(in.data, 4 * 70 + 2, read);
    allow(in.data + 70, 4, write);
    allow(reinterpret_cast<char *>(in.data) + 4 * 70 + 3, 4 * 58 - 3, read);
    for (long index : {0l, 6l})
      CHECK(launch(module.function("load_at"), 1, 64, in.data, index,
                   out.data) == hipSuccess);
    checkFault(
        module, "load_at", 64, "global_load_dword",
        {"lane 63: load of 4 bytes", hex(in.data + 70),
         "byte 2 is 282 bytes into the 512-byte allocation \"the input\"",
         "does not allow to read"},
        in.data, 7l, out.data);
    checkFault(module, "scalar_load_at", 64, "s_load_dword",
               {"scalar load of 4 bytes", "byte 2 is 282 bytes into",
                "\"the input\"", "read"},
               in.data, 70l, out.data);
    CHECK(launch(module.function("scalar_load_at"), 1, 64, in.data, 69l,
                 out.data) == hipSuccess);
    checkFault(module, "store_at", 64, "global_store_dword",
               {"lane 0: store of 4 bytes", "byte 0 is 28 bytes into",
                "\"the input\"", "does not allow to write"},
               in.data, 7l, 1u);
    CHECK(in[8] == 0);
    // Reading what may only be written.
    checkFault(module, "load_at", 64, "global_load_dword",
               {"lane 0", "\"the output\"", "read"}, out.data, 0l, out.data);
    // An atomic does both.
    Buffer<uint32_t> words(7);
    REQUIRE(hipdex_emulator_guard(words.data, "words") == 0);
    allow(words.data, 28, write);
    checkFault(module, "atomics32", 64, "global_atomic_",
               {"atomic of 4 bytes", "\"words\"", "read and write"}, words.data,
               in.data, out.data);
    // What the bounds of a buffer resource cut off is not accessed.
    allow(words.data, 16, read);
    CHECK(launch(module.function("buffer_load"), 1, 64, words.data, 16u, 0u,
                 out.data) == hipSuccess);
    checkFault(module, "buffer_load", 64, "buffer_load_dword",
               {"lane 4", "byte 0 is 16 bytes into", "\"words\""}, words.data,
               20u, 0u, out.data);
  }
  CHECK(hipdex_emulator_guard(nullptr, "null") == 1);
  CHECK_THAT(lastMessage(), Contains("hipdex_emulator_guard"));
  Buffer<uint32_t> plain(4);
  hipdex_emulator_range ranges[] = {{0, 4}, {12, 4}, {12, 5}};
  CHECK(hipdex_emulator_allow(plain.data, ranges, 1, read) == 1);
  CHECK_THAT(lastMessage(), Contains("not in a guarded allocation"));
  CHECK(hipdex_emulator_guard(plain.data + 1, "plain") == 0);
  CHECK(hipdex_emulator_allow(plain.data, ranges, 2, read) == 0);
  CHECK(hipdex_emulator_allow(plain.data, nullptr, 0, read) == 0);
  CHECK(hipdex_emulator_allow(plain.data, ranges, 3, read) == 1);
  CHECK_THAT(
      lastMessage(),
      Contains("5 bytes from 12 on are not in the 16 bytes of \"plain\""));
  CHECK(hipdex_emulator_allow(plain.data + 1, ranges + 1, 1, read) == 1);
  CHECK(hipdex_emulator_allow(plain.data, nullptr, 1, read) == 1);
  CHECK_THAT(lastMessage(), Contains("ranges is null"));
  CHECK(hipdex_emulator_allow(plain.data, ranges, 1, 4) == 1);
  CHECK_THAT(lastMessage(), Contains("access is 4"));
}

TEST_CASE("Misaligned LDS accesses fail the launch") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Memory", arch);
    Buffer<uint32_t> out(64);
    REQUIRE(launch(module.function("lds_at"), 1, 64, 0u, out.data) ==
            hipSuccess);
    CHECK(out[63] == 63);
    checkFault(module, "lds_at", 64, "ds_read_b32", {"lane 0", "align"}, 2u,
               out.data);
  }
}

TEST_CASE("What is no known instruction fails the launch where it stands") {
  for (const std::string &arch : arches()) {
    LoadedModule module("Counters", arch);
    Buffer<uint32_t> words(64);
    checkFault(module, "unimplemented", 64, "s_rfe_b64", {}, words.data,
               words.data);
    checkFault(module, "undefined", 64, "0xffffffff", {}, words.data,
               words.data);
    CHECK(launch(module.function("wild"), 1, 64, words.data, words.data) ==
          hipErrorLaunchFailure);
    CHECK_THAT(lastMessage(), Contains("wild") && Contains("0x1000"));
  }
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

/// Where the bytes of a symbol are in an ELF image.
static size_t fileOffsetOf(const std::vector<char> &image,
                           const std::string &name) {
  Elf64_Ehdr header;
  std::memcpy(&header, image.data(), sizeof(header));
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), image.data() + header.e_shoff,
              sizeof(Elf64_Shdr) * header.e_shnum);
  for (const Elf64_Shdr &section : sections) {
    if (section.sh_type != SHT_SYMTAB)
      continue;
    const char *names = image.data() + sections[section.sh_link].sh_offset;
    for (size_t i = 0; i < section.sh_size / sizeof(Elf64_Sym); ++i) {
      Elf64_Sym symbol;
      std::memcpy(&symbol,
                  image.data() + section.sh_offset + i * sizeof(symbol),
                  sizeof(symbol));
      if (name == names + symbol.st_name) {
        const Elf64_Shdr &in = sections[symbol.st_shndx];
        return in.sh_offset + symbol.st_value - in.sh_addr;
      }
    }
  }
  FAIL("no symbol " << name);
  return 0;
}

TEST_CASE("A bad kernel descriptor is refused") {
  for (const std::string &arch : arches()) {
    useArch(arch);
    std::vector<char> image = readFile(kernelPath("Counters", arch));
    size_t descriptor = fileOffsetOf(image, "straight.kd");
    struct Patch {
      const char *what;
      size_t offset;
      uint64_t value;
      size_t bytes;
    };
    // Offsets of amdhsa::kernel_descriptor_t.
    const Patch patches[] = {
        {"LDS", 0, 0x7fffffff, 4},
        {"entry far away", 16, 0x123456789000, 8},
        {"entry misaligned", 16, 2, 8},
    };
    for (const Patch &patch : patches) {
      INFO(arch << " " << patch.what);
      std::vector<char> bad = image;
      std::memcpy(&bad[descriptor + patch.offset], &patch.value, patch.bytes);
      hipModule_t module = nullptr;
      int status = hipModuleLoadData(&module, bad.data());
      if (status == hipSuccess) {
        hipFunction_t function = nullptr;
        status = hipModuleGetFunction(&function, module, "straight");
        if (status == hipSuccess) {
          Buffer<uint32_t> words(64);
          status = launch(function, 1, 64, words.data, words.data);
        }
        CHECK(hipModuleUnload(module) == hipSuccess);
      }
      CHECK(status != hipSuccess);
      CHECK_THAT(lastMessage(), Contains("straight"));
    }
  }
}

/// hipModuleLoad() of a file with these bytes.
static int loadFile(const char *data, size_t size) {
  std::string path = "/tmp/hipdex-fault-" + std::to_string(getpid()) + ".hsaco";
  {
    std::ofstream file(path, std::ios::binary);
    file.write(data, std::streamsize(size));
  }
  hipModule_t module = nullptr;
  int status = hipModuleLoad(&module, path.c_str());
  if (status == hipSuccess)
    CHECK(hipModuleUnload(module) == hipSuccess);
  unlink(path.c_str());
  return status;
}

TEST_CASE("Truncated images are refused") {
  useArch("gfx942");
  std::vector<char> image = readFile(kernelPath("Counters", "gfx942"));
  REQUIRE(loadFile(image.data(), image.size()) == hipSuccess);
  for (size_t size = 0; size < image.size(); size += 1 + size / 16) {
    INFO(size << " of " << image.size() << " bytes");
    CHECK(loadFile(image.data(), size) == hipErrorInvalidImage);
    CHECK(lastMessage() != "");
  }
}

TEST_CASE("Damaged images never crash") {
  useArch("gfx950");
  const std::vector<char> image = readFile(kernelPath("Counters", "gfx950"));
  std::mt19937_64 random(seed());
  uint64_t before = hipdex_emulator_live_allocations(nullptr);
  for (unsigned round = 0; round < 300; ++round) {
    std::vector<char> damaged = image;
    for (unsigned i = 0; i < 1 + round % 8; ++i)
      // Half of them in the ELF header and the tables behind it.
      damaged[random() % (random() % 2 ? damaged.size() : 1024)] =
          char(random());
    int status = loadFile(damaged.data(), damaged.size());
    if (status != hipSuccess)
      CHECK(lastMessage() != "");
  }
  CHECK(hipdex_emulator_live_allocations(nullptr) == before);
}

TEST_CASE("An ELF header is not followed anywhere") {
  useArch("gfx950");
  const std::vector<char> image = readFile(kernelPath("Counters", "gfx950"));
  // hipModuleLoadData() knows no size: these must not be believed.
  for (size_t offset :
       {offsetof(Elf64_Ehdr, e_phoff), offsetof(Elf64_Ehdr, e_shoff),
        offsetof(Elf64_Ehdr, e_phnum)}) {
    std::vector<char> bad = image;
    bad[offset + 1] = bad[offset] = char(0xff);
    if (offset != offsetof(Elf64_Ehdr, e_phnum))
      std::memset(&bad[offset], 0x7f, 8);
    hipModule_t module = nullptr;
    INFO("offset " << offset);
    CHECK(hipModuleLoadData(&module, bad.data()) == hipErrorInvalidImage);
    CHECK_THAT(lastMessage(), Contains("ELF"));
  }
}

TEST_CASE("A code object for another arch is refused") {
  std::vector<char> image = readFile(kernelPath("Counters", "gfx950"));
  useArch("gfx942");
  hipModule_t module = nullptr;
  CHECK(hipModuleLoadData(&module, image.data()) == hipErrorNoBinaryForGpu);
  CHECK_THAT(lastMessage(), Contains("gfx942") && Contains("gfx950"));
  // A program for the host is no code object at all.
  std::vector<char> program = readFile("/proc/self/exe");
  CHECK(hipModuleLoadData(&module, program.data()) == hipErrorInvalidImage);
  CHECK_THAT(lastMessage(), Contains("AMD"));
  CHECK(hipModuleLoadData(&module, "this is not an image at all") ==
        hipErrorInvalidImage);
}

TEST_CASE("Bundles are searched for the device's code object") {
  auto entry = [](std::vector<char> &bundle, uint64_t offset, uint64_t size,
                  const std::string &target) {
    auto put = [&](uint64_t value) {
      for (unsigned i = 0; i < 8; ++i)
        bundle.push_back(char(value >> 8 * i));
    };
    put(offset);
    put(size);
    put(target.size());
    bundle.insert(bundle.end(), target.begin(), target.end());
  };
  std::vector<char> image = readFile(kernelPath("Counters", "gfx950"));
  std::string magic = "__CLANG_OFFLOAD_BUNDLE__";
  std::vector<char> bundle(magic.begin(), magic.end());
  const std::string count("\x02\0\0\0\0\0\0\0", 8);
  bundle.insert(bundle.end(), count.begin(), count.end());
  entry(bundle, 4096, 0, "host-x86_64-unknown-linux-gnu-");
  entry(bundle, 4096, image.size(),
        "hipv4-amdgcn-amd-amdhsa--gfx950:sramecc+:xnack-");
  bundle.resize(4096);
  bundle.insert(bundle.end(), image.begin(), image.end());

  useArch("gfx950");
  {
    LoadedModule module(bundle);
    CHECK(module.function("straight"));
  }
  CHECK(loadFile(bundle.data(), bundle.size() - 1) == hipErrorNoBinaryForGpu);
  CHECK(loadFile(bundle.data(), 40) == hipErrorNoBinaryForGpu);
  useArch("gfx942");
  hipModule_t module = nullptr;
  CHECK(hipModuleLoadData(&module, bundle.data()) == hipErrorNoBinaryForGpu);
  CHECK_THAT(lastMessage(), Contains("gfx942") && Contains("gfx950"));
  std::memcpy(bundle.data(), "CCOB", 4);
  CHECK(hipModuleLoadData(&module, bundle.data()) == hipErrorInvalidImage);
  CHECK_THAT(lastMessage(), Contains("compressed"));
}
