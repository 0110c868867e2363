//===- FakeKernel.h - A code object without code --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// ELF and metadata that pass the runtime's checks, made by hand.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_RUNTIME_FAKEKERNEL_H
#define HIPDEX_TEST_RUNTIME_FAKEKERNEL_H

#include "Spec/KernelKey.h"
#include "Spec/KernelMetadata.h"
#include "llvm/BinaryFormat/ELF.h"
#include <cstring>
#include <string>

/// An AMDGPU shared object with two symbols, NAME and NAME.kd.
inline std::string fakeElf(unsigned machine, const std::string &name,
                           unsigned version = 5) {
  using namespace llvm::ELF;
  std::string strings =
      std::string("\0", 1) + name + '\0' + name + ".kd" + '\0';
  Elf64_Sym symbols[3] = {};
  symbols[1].st_name = 1;
  symbols[1].st_shndx = 1;
  symbols[2].st_name = 2 + name.size();
  symbols[2].st_shndx = 1;
  Elf64_Shdr sections[3] = {};
  uint64_t symbolsAt = sizeof(Elf64_Ehdr);
  uint64_t stringsAt = symbolsAt + sizeof(symbols);
  uint64_t sectionsAt = stringsAt + strings.size();
  sections[1].sh_type = SHT_DYNSYM;
  sections[1].sh_offset = symbolsAt;
  sections[1].sh_size = sizeof(symbols);
  sections[1].sh_link = 2;
  sections[2].sh_type = SHT_STRTAB;
  sections[2].sh_offset = stringsAt;
  sections[2].sh_size = strings.size();
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ElfMagic, 4);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_ident[EI_OSABI] = ELFOSABI_AMDGPU_HSA;
  header.e_ident[EI_ABIVERSION] = version - 2;
  header.e_type = ET_DYN;
  header.e_machine = EM_AMDGPU;
  header.e_flags = machine;
  header.e_shoff = sectionsAt;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 3;
  std::string elf(reinterpret_cast<char *>(&header), sizeof(header));
  elf.append(reinterpret_cast<char *>(symbols), sizeof(symbols));
  elf += strings;
  elf.append(reinterpret_cast<char *>(sections), sizeof(sections));
  return elf;
}

inline std::string fakeElf(const hipdex::KernelKey &key) {
  return fakeElf(key.arch->name == "gfx942"
                     ? llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX942
                     : llvm::ELF::EF_AMDGPU_MACH_AMDGCN_GFX950,
                 "fake_kernel");
}

/// Offsets and sizes as docs/kernel-abi.md has them, counted by hand.
inline hipdex::KernelMetadata fakeMetadata(const hipdex::KernelKey &key) {
  hipdex::KernelMetadata metadata;
  metadata.key = key.str();
  metadata.symbol = "fake_kernel";
  metadata.arch = key.arch->name.str();
  metadata.layout = key.layoutText();
  metadata.codeObjectVersion = 5;
  metadata.blockSize = 256;
  metadata.wavesPerSimd = 2;
  metadata.stepTokens = 64;
  metadata.teamWaves = 1;
  metadata.kernargBytes = 124;
  metadata.arguments = {{"q", 0, 8, true},
                        {"q_stride_request", 8, 8, false},
                        {"q_stride_token", 16, 8, false},
                        {"q_stride_head", 24, 8, false},
                        {"cache", 32, 8, true},
                        {"page_stride", 40, 8, false},
                        {"num_pages", 48, 4, false},
                        {"weights", 56, 8, true},
                        {"weights_stride", 64, 8, false},
                        {"context_lens", 72, 8, true},
                        {"block_table", 80, 8, true},
                        {"table_stride", 88, 8, false},
                        {"logits", 96, 8, true},
                        {"logits_stride", 104, 8, false},
                        {"width", 112, 4, false},
                        {"batch", 116, 4, false},
                        {"waves", 120, 4, false}};
  if (key.op == hipdex::Op::StreamPages) {
    metadata.arguments = {
        {"cache", 0, 8, true},        {"page_stride", 8, 8, false},
        {"num_pages", 16, 4, false},  {"context_lens", 24, 8, true},
        {"block_table", 32, 8, true}, {"table_stride", 40, 8, false},
        {"logits", 48, 8, true},      {"logits_stride", 56, 8, false},
        {"width", 64, 4, false},      {"batch", 68, 4, false},
        {"waves", 72, 4, false}};
    metadata.kernargBytes = 76;
  }
  if (key.op == hipdex::Op::KGather) {
    metadata.arguments = {
        {"cache", 0, 8, true},           {"page_stride", 8, 8, false},
        {"num_entries", 16, 4, false},   {"block_table", 24, 8, true},
        {"table_stride", 32, 8, false},  {"table_width", 40, 4, false},
        {"cu_seq_lens", 48, 8, true},    {"batch", 56, 4, false},
        {"search_steps", 60, 4, false},  {"k", 64, 8, true},
        {"k_stride", 72, 8, false},      {"scales", 80, 8, true},
        {"scales_stride", 88, 8, false}, {"tokens", 96, 4, false}};
    metadata.kernargBytes = 100;
  }
  if (key.op == hipdex::Op::KMove) {
    metadata.kernargBytes = 80;
    metadata.arguments = {{"source", 0, 8, true},
                          {"source_page_stride", 8, 8, false},
                          {"source_entries", 16, 8, false},
                          {"target", 24, 8, true},
                          {"target_page_stride", 32, 8, false},
                          {"target_entries", 40, 8, false},
                          {"source_slots", 48, 8, true},
                          {"target_slots", 56, 8, true},
                          {"error", 64, 8, true},
                          {"tokens", 72, 4, false},
                          {"run_shift", 76, 4, false}};
  }
  if (key.op == hipdex::Op::MqaLogits) {
    metadata.waveQueries = 2;
    metadata.kernargBytes = 116;
    metadata.arguments = {{"q", 0, 8, true},
                          {"q_stride_row", 8, 8, false},
                          {"q_stride_head", 16, 8, false},
                          {"k", 24, 8, true},
                          {"k_stride", 32, 8, false},
                          {"k_scales", 40, 8, true},
                          {"weights", 48, 8, true},
                          {"weights_stride", 56, 8, false},
                          {"starts", 64, 8, true},
                          {"ends", 72, 8, true},
                          {"logits", 80, 8, true},
                          {"logits_stride", 88, 8, false},
                          {"width", 96, 4, false},
                          {"rows", 100, 4, false},
                          {"tokens", 104, 4, false},
                          {"groups", 108, 4, false},
                          {"splits", 112, 4, false}};
  }
  if (key.op == hipdex::Op::PagedMqaPrefill) {
    metadata.waveQueries = 2;
    metadata.arguments = {{"q", 0, 8, true},
                          {"q_stride_row", 8, 8, false},
                          {"q_stride_head", 16, 8, false},
                          {"cache", 24, 8, true},
                          {"page_stride", 32, 8, false},
                          {"num_pages", 40, 4, false},
                          {"batch", 44, 4, false},
                          {"weights", 48, 8, true},
                          {"weights_stride", 56, 8, false},
                          {"requests", 64, 8, true},
                          {"starts", 72, 8, true},
                          {"ends", 80, 8, true},
                          {"block_table", 88, 8, true},
                          {"table_stride", 96, 8, false},
                          {"logits", 104, 8, true},
                          {"logits_stride", 112, 8, false},
                          {"width", 120, 4, false},
                          {"rows", 124, 4, false},
                          {"groups", 128, 4, false},
                          {"splits", 132, 4, false}};
    metadata.kernargBytes = 136;
  }
  if (key.op == hipdex::Op::TopK) {
    metadata.blockSize = 1024;
    metadata.kernargBytes = 120;
    metadata.arguments = {
        {"logits", 0, 8, true},        {"logits_stride", 8, 8, false},
        {"width", 16, 4, false},       {"k", 20, 4, false},
        {"context_lens", 24, 8, true}, {"starts", 32, 8, true},
        {"ends", 40, 8, true},         {"requests", 48, 8, true},
        {"block_table", 56, 8, true},  {"table_stride", 64, 8, false},
        {"table_width", 72, 4, false}, {"num_blocks", 76, 4, false},
        {"batch", 80, 4, false},       {"next_n", 84, 4, false},
        {"indices", 88, 8, true},      {"indices_stride", 96, 8, false},
        {"workspace", 104, 8, true},   {"rows", 112, 4, false},
        {"splits", 116, 4, false}};
  }
  if (key.op == hipdex::Op::QkPrep) {
    metadata.kernargBytes = 216;
    metadata.arguments = {{"q", 0, 8, true},
                          {"q_stride_token", 8, 8, false},
                          {"q_stride_head", 16, 8, false},
                          {"k", 24, 8, true},
                          {"k_stride", 32, 8, false},
                          {"weights", 40, 8, true},
                          {"weights_stride", 48, 8, false},
                          {"positions", 56, 8, true},
                          {"cos", 64, 8, true},
                          {"cos_stride", 72, 8, false},
                          {"sin", 80, 8, true},
                          {"sin_stride", 88, 8, false},
                          {"max_positions", 96, 8, false},
                          {"norm_weight", 104, 8, true},
                          {"norm_bias", 112, 8, true},
                          {"norm_eps", 120, 4, false},
                          {"weights_scale", 124, 4, false},
                          {"slots", 128, 8, true},
                          {"cache", 136, 8, true},
                          {"page_stride", 144, 8, false},
                          {"num_slots", 152, 8, false},
                          {"q_out", 160, 8, true},
                          {"q_out_stride_token", 168, 8, false},
                          {"q_out_stride_head", 176, 8, false},
                          {"weights_out", 184, 8, true},
                          {"weights_out_stride", 192, 8, false},
                          {"error", 200, 8, true},
                          {"tokens", 208, 4, false},
                          {"k_waves", 212, 4, false}};
  }
  if (key.op == hipdex::Op::KQuantStore) {
    metadata.kernargBytes = 60;
    metadata.arguments = {{"k", 0, 8, true},
                          {"k_stride", 8, 8, false},
                          {"slots", 16, 8, true},
                          {"cache", 24, 8, true},
                          {"page_stride", 32, 8, false},
                          {"num_slots", 40, 8, false},
                          {"error", 48, 8, true},
                          {"tokens", 56, 4, false}};
  }
  return metadata;
}

#endif // HIPDEX_TEST_RUNTIME_FAKEKERNEL_H
