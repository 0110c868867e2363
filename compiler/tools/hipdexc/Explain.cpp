//===- Explain.cpp - hipdexc explain --------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "CompilerLibrary.h"
#include "Spec/KernelKey.h"
#include "Spec/KernelMetadata.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand
    hipdex::explainCommand("explain",
                           "Say what a key's kernel is, or why there is none "
                           "and which is nearest");

static cl::opt<std::string> key(cl::Positional, cl::desc("KEY"), cl::Required,
                                cl::sub(explainCommand));

/// What the key's text has for a field that is a word.
static llvm::StringRef keyWord(const KernelKey &key, llvm::StringRef name) {
  for (const KeyField &field : keyFields(key.op))
    if (field.name == name)
      return field.words[field.get(key)];
  return "";
}

/// Where tokens are in a cache; the lines are under \p label.
static void printLayout(llvm::raw_ostream &os, llvm::StringRef label,
                        const CacheLayout &layout) {
  os << llvm::left_justify(label, 12) << layout.str() << "\n";
  os << "            hash " << llvm::format_hex(layout.hash(), 18) << ", "
     << layout.pageBytes() << " bytes a page (" << layout.scaleBase()
     << " of K, then " << layout.pageBytes() - layout.scaleBase()
     << " of scales)\n";
  os << "            K of token t, element d at " << layout.elementFormula()
     << ", its scale at " << layout.scaleFormula() << "\n";
}

llvm::Error hipdex::runExplain() {
  auto parsed = KernelKey::parse(key);
  if (!parsed)
    return parsed.takeError();
  if (llvm::Error error = parsed->validate())
    return error;
  auto compiled = compileStage(key, "obj");
  if (!compiled)
    return compiled.takeError();
  auto metadata = KernelMetadata::fromJSON(compiled->metadata);
  if (!metadata)
    return metadata.takeError();

  const KernelMetadata &m = *metadata;
  const Arch &arch = *parsed->arch;
  llvm::raw_ostream &os = llvm::outs();
  os << "key:        " << parsed->str() << "\n";
  bool isMove = parsed->op == Op::KMove, isDense = parsed->op == Op::MqaLogits;
  bool isPrefill = isDense || parsed->op == Op::PagedMqaPrefill;
  bool isTopK = parsed->op == Op::TopK;
  if (parsed->hasCache())
    printLayout(os, isMove ? "source:" : "layout:", parsed->layout());
  if (isMove) {
    printLayout(os, "target:", parsed->targetLayout());
    os << "lists:      " << keyWord(*parsed, "slots")
       << " entries, each names run_tokens slots of the source, and of the "
          "target\n";
  }
  bool isLogits =
      parsed->op == Op::PagedMqaLogits || parsed->op == Op::StreamPages;
  if (isTopK) {
    os << "columns:    row "
       << (parsed->windows
               ? "r has columns max(starts[r], 0) <= p < min(ends[r], width)\n"
               : "b*next_n+j has columns p <= context_lens[b] - next_n + j\n");
    os << "result:     ";
    if (parsed->outputSlots)
      os << "slots, ascending by column, of a table whose entries name "
         << parsed->kvBlockSize
         << " tokens; -1 where one is not in [0, num_blocks), and then\n";
    else
      os << "columns, ascending, and then -1\n";
  }
  bool isPrep = parsed->op == Op::QkPrep;
  if (parsed->op != Op::KQuantStore && !isMove && !isDense && !isTopK &&
      !isPrep)
    os << "table:      an entry names " << parsed->kvBlockSize
       << " tokens, entries in range are [0, num_pages*"
       << parsed->pageSize / parsed->kvBlockSize
       << (parsed->op == Op::KGather ? "), others give zeros\n"
           : parsed->checkTable      ? "), others give -inf\n"
                                     : "); there must be no others\n");
  if (isLogits)
    os << "columns:    row b*" << parsed->nextN
       << "+j gets columns p <= context_lens[b] - " << parsed->nextN
       << (parsed->tail == Tail::NegInf ? " + j, the rest up to width is -inf\n"
                                        : " + j, nothing else\n");
  if (isPrefill)
    os << "columns:    row m gets columns max(starts[m], 0) <= p < "
          "min(ends[m], "
       << (isDense ? "tokens, width), " : "width), ")
       << (parsed->tail == Tail::NegInf ? "the others up to width are -inf\n"
                                        : "nothing else\n");
  if (parsed->op == Op::KQuantStore) {
    os << "k:          " << keyWord(*parsed, "source") << " rows, "
       << keyWord(*parsed, "slots") << " slots\n";
    os << "scale:      max(amax, 1e-4) / " << parsed->fp8Max()
       << (parsed->powerOfTwo ? ", or the next power of two" : "")
       << ", float32\n";
  }
  if (isPrep) {
    os << "rows:       " << keyWord(*parsed, "source") << " q of "
       << parsed->heads << " heads, gates and k, " << keyWord(*parsed, "slots")
       << " positions and slots\n";
    os << "rope:       columns "
       << (parsed->rope == Rope::Neox ? "i and i + 32" : "2*i and 2*i + 1")
       << " of the " << keyWord(*parsed, "rotary") << " 64"
       << (parsed->hadamard ? ", then the Hadamard transform\n" : "\n");
    os << "scale:      of q max(amax, 1e-10) * (1 / " << parsed->fp8Max()
       << "), of k max(amax, 1e-4) / " << parsed->fp8Max()
       << (parsed->powerOfTwo ? ", or the next power of two" : "")
       << ", float32\n";
    os << "slots:      of a token whose slot is negative, "
       << (parsed->prepsSkipped ? "q and gates are written\n"
                                : "nothing is written\n");
  }
  os << "kernel:     " << m.symbol << ", " << compiled->data.size()
     << " bytes, code object v" << m.codeObjectVersion << "\n";
  os << "schedule:   " << m.stepTokens << (isPrep ? " rows" : " tokens")
     << " a wave takes at a time, " << m.blockSize << " threads ("
     << m.blockSize / arch.waveSize << " waves) a workgroup";
  if (m.teamWaves > 1)
    os << ", teams of " << m.teamWaves << " waves for the same tokens";
  os << "\n";
  if (isLogits) {
    os << "grid:       min(compute units * " << m.wavesPerSimd
       << ", ceil(batch * ceil(width / " << m.stepTokens << ") * "
       << m.teamWaves << " / " << m.blockSize / arch.waveSize
       << ")) workgroups";
    for (auto [index, part] : llvm::enumerate(arch.parts))
      os << (index ? ", " : "; at most ") << part.computeUnits * m.wavesPerSimd
         << " on " << part.name;
    os << "\n";
  } else if (isPrefill) {
    os << "grid:       ceil(ceil(rows / " << m.waveQueries << ") * splits / "
       << m.blockSize / arch.waveSize << ") workgroups; a wave takes "
       << m.waveQueries << " rows and one split of their tokens\n";
  } else if (isTopK) {
    os << "grid:       rows * splits workgroups; a row that several share has "
          "at least "
       << m.stepTokens * m.blockSize / arch.waveSize << " columns for each\n";
  } else if (isPrep) {
    os << "grid:       ceil((ceil(tokens / " << m.stepTokens
       << ") + ceil(tokens * " << parsed->heads << " / " << m.stepTokens
       << ")) / " << m.blockSize / arch.waveSize
       << ") workgroups; the first waves take k, the others q\n";
  } else {
    os << "grid:       ceil(tokens / "
       << m.stepTokens * m.blockSize / arch.waveSize << ") workgroups\n";
  }
  os << "registers:  " << m.vgprs << " VGPRs, " << m.agprs << " AGPRs, "
     << m.sgprs << " SGPRs: " << m.wavesPerSimd << " waves a SIMD\n";
  os << "spills:     " << m.vgprSpills << " VGPRs, " << m.sgprSpills
     << " SGPRs\n";
  os << "memory:     " << m.ldsBytes << " bytes of LDS, " << m.scratchBytes
     << " of scratch, " << m.kernargBytes << " of arguments\n";
  return llvm::Error::success();
}
