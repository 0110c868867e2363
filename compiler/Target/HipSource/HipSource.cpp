//===- HipSource.cpp - A kernel as HIP C++ --------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The file around a kernel's body. What its arguments and its grid mean is in
// docs/kernel-abi.md, which is built in: people read one text in two places.
//
//===----------------------------------------------------------------------===//

#include "Target/HipSource/HipSource.h"
#include "Spec/HipSource.h"
#include "Specialize/TemplateLibrary.h"
#include "Target/HipSource/HipPrinter.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace hipdex;

namespace {
namespace abi {
// Made by compiler/CMakeLists.txt: `static const TemplateFile files[]`.
#include "KernelAbi.inc"
} // namespace abi
} // namespace

//===----------------------------------------------------------------------===//
// The kernel
//===----------------------------------------------------------------------===//

/// The typedefs that \p text needs: its words that are one, in fixed order.
static std::string typedefsOf(StringRef text) {
  std::set<std::string> words;
  for (size_t at = 0; at < text.size();) {
    if (!llvm::isAlpha(text[at]) && text[at] != '_') {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && (llvm::isAlnum(text[end]) || text[end] == '_'))
      ++end;
    words.insert(text.slice(at, end).str());
    at = end;
  }
  static const std::pair<const char *, const char *> scalars[] = {
      {"i8", "signed char"}, {"u8", "unsigned char"},
      {"i16", "short"},      {"u16", "unsigned short"},
      {"i32", "int"},        {"u32", "unsigned int"},
      {"i64", "long long"},  {"u64", "unsigned long long"},
      {"f16", "_Float16"},   {"bf16", "__bf16"},
      {"f32", "float"},      {"f64", "double"}};
  std::string result;
  for (auto [name, type] : scalars) {
    // Integers have names of their own, floats are C++'s.
    if (words.count(name) && name[0] != 'f' && name[0] != 'b')
      result += std::string("typedef ") + type + " " + name + ";\n";
    for (int64_t lanes : vectorLanes) {
      std::string vector = name + ("x" + std::to_string(lanes));
      if (words.count(vector))
        result += std::string("typedef ") + type + " " + vector +
                  " __attribute__((ext_vector_type(" + std::to_string(lanes) +
                  ")));\n";
    }
  }
  return result;
}

/// The parameters in lines that are as full as clang-format makes them.
static std::string parameterList(ArrayRef<HipPrinter::Parameter> parameters,
                                 size_t column) {
  std::string result;
  size_t at = column;
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    std::string text = parameter.type.declare(parameter.name) +
                       (i + 1 < parameters.size() ? "," : ") {");
    bool isFirst = i == 0;
    if (!isFirst && at + 1 + text.size() > 80) {
      result += "\n" + std::string(column, ' ');
      at = column;
    } else if (!isFirst) {
      result += " ";
      ++at;
    }
    result += text;
    at += text.size();
  }
  return parameters.empty() ? ") {" : result;
}

FailureOr<std::string> hipdex::printHipKernel(gpu::GPUFuncOp kernel,
                                              unsigned wavesPerSimd) {
  std::optional<ArrayRef<int32_t>> threads = kernel.getKnownBlockSize();
  if (!threads || (*threads)[1] != 1 || (*threads)[2] != 1)
    return kernel.emitOpError(
        "needs a known_block_size in x to have HIP C++ text");
  HipPrinter printer;
  if (failed(printer.print(kernel)))
    return failure();

  std::string size = std::to_string((*threads)[0]),
              waves = std::to_string(wavesPerSimd);
  std::string text = "extern \"C\" __global__ void __launch_bounds__(" + size +
                     ")\n    __attribute__((amdgpu_flat_work_group_size(" +
                     size + ", " + size +
                     ")))\n    __attribute__((amdgpu_waves_per_eu(" + waves +
                     ", " + waves + ")))\n";
  std::string name = "    " + kernel.getName().str() + "(";
  text += name + parameterList(printer.getParameters(), name.size()) + "\n";
  text += printer.getBody();
  text += "}\n";

  std::string helpers;
  for (const HipHelper *helper : hipHelpers())
    if (printer.getHelpers().count(helper))
      helpers += "\n" + helper->text.str();

  std::string file = R"(// What HIP's headers would define.
#ifndef __global__
#define __global__ __attribute__((global))
#endif
#ifndef __device__
#define __device__ __attribute__((device))
#endif
#ifndef __shared__
#define __shared__ __attribute__((shared))
#endif
#ifndef __launch_bounds__
#define __launch_bounds__(threads) __attribute__((launch_bounds(threads)))
#endif
#define HIPDEX_DEVICE static inline __device__ __attribute__((always_inline))

// Products and sums are rounded where they stand: every multiply-add is one
// that is written.
#pragma clang fp contract(off)

)";
  file += typedefsOf(helpers + text);
  file += helpers + "\n" + text;
  return file;
}

//===----------------------------------------------------------------------===//
// The comment that says what the kernel is
//===----------------------------------------------------------------------===//

/// The section of docs/kernel-abi.md on an op.
static StringRef abiSection(StringRef op) {
  StringRef text = abi::files[0].text;
  StringRef section = text.split(("\n## " + op + "\n").str()).second;
  return section.take_front(section.find("\n## "));
}

/// The third column of the row that names \p argument, without quotes.
static StringRef abiMeaning(StringRef section, StringRef argument) {
  SmallVector<StringRef> lines;
  section.split(lines, '\n');
  for (StringRef line : lines) {
    SmallVector<StringRef> cells, names;
    line.split(cells, '|');
    if (cells.size() < 5)
      continue;
    cells[1].split(names, ',');
    for (StringRef name : names)
      if (name.trim() == argument)
        return cells[3].trim();
  }
  return "";
}

/// What follows "Grid:" in an op's section, up to its end; of the op that it
/// refers to, if it does.
static std::string abiGrid(StringRef op) {
  StringRef grid = abiSection(op).split("Grid: ").second;
  grid = grid.take_front(grid.find("\n\n")).trim();
  if (grid.consume_front("as for "))
    return abiGrid(grid.take_while([](char c) { return c != '.'; }));
  std::string text;
  for (char c : grid)
    if (c != '`')
      text += c == '\n' ? ' ' : c;
  return text;
}

namespace {
/// Lines of a comment.
class CommentBlock {
public:
  void add(StringRef text, unsigned indent = 0, unsigned hanging = 0) {
    unsigned offset = indent;
    for (const std::string &line :
         wrapComment(text, 80 - 3 - indent - hanging)) {
      result += line.empty() ? "//\n"
                             : "// " + std::string(offset, ' ') + line + "\n";
      offset = indent + hanging;
    }
  }
  /// As it is.
  void code(StringRef text) { result += ("//   " + text + "\n").str(); }
  void gap() { result += "//\n"; }

  std::string result;
};
} // namespace

static void describeLayout(CommentBlock &comment, StringRef name,
                           const CacheLayout &layout) {
  comment.gap();
  comment.add(("The layout of " + name + ":").str());
  comment.code(layout.str());
  comment.add("Pages are " + std::to_string(layout.pageBytes()) +
              " bytes and their padding. The bytes of token t of a page:");
  comment.code("K(t, d)  = " + layout.elementFormula(" "));
  comment.code("scale(t) = " + layout.scaleFormula(" "));
}

/// What the template of \p op says about its kernel: the comment that its body
/// begins with.
static std::string templateComment(StringRef op) {
  const TemplateFile *file = lookupTemplate(op);
  std::optional<StringRef> body =
      file ? templateBody(file->text) : std::nullopt;
  std::string text;
  if (!body)
    return text;
  // Past the line of equals signs.
  StringRef rest = body->split('\n').second.ltrim();
  while (rest.consume_front("//")) {
    auto [line, next] = rest.split('\n');
    // One space between words; two, of an empty line, begin a paragraph.
    SmallVector<StringRef> words;
    llvm::SplitString(line, words);
    text += (text.empty() ? "" : " ") + llvm::join(words, " ");
    rest = next;
  }
  return plainComment(text);
}

llvm::Expected<std::string>
hipdex::emitHipSource(gpu::GPUModuleOp kernels, const KernelKey &key,
                      const KernelMetadata &metadata) {
  auto functions = kernels.getOps<gpu::GPUFuncOp>();
  if (!llvm::hasSingleElement(functions))
    return llvm::createStringError("the module of " + key.str() +
                                   " has not one kernel");
  FailureOr<std::string> kernel =
      printHipKernel(*functions.begin(), metadata.wavesPerSimd);
  if (failed(kernel))
    return llvm::createStringError("the kernel of " + key.str() +
                                   " has no HIP C++ text");

  StringRef op = opName(key.op);
  CommentBlock comment;
  comment.add(key.str());
  comment.gap();
  std::string what = templateComment(op);
  if (!what.empty()) {
    comment.add(what);
    comment.gap();
  }
  comment.add("Written by hipdex from its template " + op.str() +
              ".mlir: the names and the comments in the code are the "
              "template's. No header is needed. Build it with one of");
  std::string flags = "--offload-arch=" + metadata.arch + " " +
                      llvm::join(llvm::ArrayRef(hipSourceFlags), " ");
  for (StringRef driver :
       {"hipcc --genco", "clang -x hip --cuda-device-only -nogpuinc -nogpulib "
                         "--no-gpu-bundle-output"})
    comment.add((driver + " " + flags + " -o OUT IN.hip").str(), 2, 2);

  auto has = [&](StringRef name) {
    return llvm::any_of(
        metadata.arguments,
        [&](const KernelArgument &argument) { return argument.name == name; });
  };
  if (has("cache"))
    describeLayout(comment, "cache", key.layout());
  if (has("source") && has("target")) {
    describeLayout(comment, "source", key.layout());
    describeLayout(comment, "target", key.targetLayout());
  }

  comment.gap();
  comment.add("Arguments, with their offsets in bytes:");
  StringRef section = abiSection(op);
  for (const KernelArgument &argument : metadata.arguments) {
    StringRef meaning = abiMeaning(section, argument.name);
    std::string offset = std::to_string(argument.offset);
    comment.add(offset + " " + argument.name +
                    (meaning.empty() ? "" : ": " + meaning.str()),
                2 + 3 - std::min<size_t>(3, offset.size()), 4);
  }
  comment.gap();
  comment.add("Grid: " + abiGrid(op));
  comment.gap();
  std::string schedule =
      "Here a workgroup has block_size = " +
      std::to_string(metadata.blockSize) +
      " threads, which are waves_per_workgroup = " +
      std::to_string(metadata.blockSize / 64) +
      " waves; waves_per_simd = " + std::to_string(metadata.wavesPerSimd) +
      ", step_tokens = " + std::to_string(metadata.stepTokens) +
      ", team_waves = " + std::to_string(metadata.teamWaves);
  if (metadata.waveQueries)
    schedule += ", wave_queries = " + std::to_string(metadata.waveQueries);
  comment.add(schedule + ".");
  return comment.result + "\n" + *kernel;
}
