//===- TemplateLibrary.cpp - The templates that are built in --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialize/TemplateLibrary.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace hipdex;

// Made by templates/CMakeLists.txt: `static const TemplateFile files[]`.
#include "Templates.inc"

ArrayRef<TemplateFile> hipdex::templateFiles() { return files; }

const TemplateFile *hipdex::lookupTemplate(StringRef name) {
  for (const TemplateFile &file : files)
    if (file.name == name)
      return &file;
  return nullptr;
}

std::optional<StringRef> hipdex::templateBody(StringRef text) {
  size_t line = text.find("\n//====");
  if (line == StringRef::npos)
    return std::nullopt;
  return text.substr(line + 1);
}

/// The comment lines right above \p place, joined, without their slashes.
static std::string commentAbove(StringRef text, const char *place) {
  size_t lineStart = text.rfind('\n', place - text.data());
  SmallVector<StringRef> lines;
  while (lineStart != StringRef::npos && lineStart != 0) {
    size_t previous = text.rfind('\n', lineStart);
    StringRef line =
        text.slice(previous == StringRef::npos ? 0 : previous + 1, lineStart)
            .trim();
    if (!line.consume_front("//"))
      break;
    lines.push_back(line.trim());
    lineStart = previous;
  }
  return llvm::join(llvm::reverse(lines), " ");
}

OwningOpRef<ModuleOp> hipdex::parseTemplate(MLIRContext *context,
                                            StringRef name, StringRef text) {
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(text, name),
                             SMLoc());
  StringRef buffer = sources.getMemoryBuffer(1)->getBuffer();

  OwningOpRef<ModuleOp> module(
      ModuleOp::create(FileLineColLoc::get(context, name, 1, 1)));
  AsmParserState state;
  if (failed(parseAsmSourceFile(sources, module->getBody(),
                                ParserConfig(context), &state)) ||
      failed(module->verify()))
    return {};

  // `%name` and `%name:2` without the sign and the count.
  auto ssaName = [&](SMRange range) {
    StringRef spelled(range.Start.getPointer(),
                      range.End.getPointer() - range.Start.getPointer());
    spelled.consume_front("%");
    return StringAttr::get(context, spelled.split(':').first);
  };
  for (const AsmParserState::OperationDefinition &definition :
       state.getOpDefs()) {
    Operation *op = definition.op;
    Location loc = op->getLoc();
    // The operation starts at its results, if it has any.
    SMRange start = definition.resultGroups.empty()
                        ? definition.loc
                        : definition.resultGroups.front().definition.loc;
    std::string comment = commentAbove(buffer, start.Start.getPointer());
    if (!comment.empty())
      loc = withComment(loc, comment);
    if (!definition.resultGroups.empty())
      loc = NameLoc::get(ssaName(start), loc);
    op->setLoc(loc);
  }
  for (const AsmParserState::BlockDefinition &definition : state.getBlockDefs())
    for (auto [argument, argumentDefinition] :
         llvm::zip(definition.block->getArguments(), definition.arguments))
      if (argumentDefinition.loc.isValid())
        argument.setLoc(
            NameLoc::get(ssaName(argumentDefinition.loc), argument.getLoc()));
  return module;
}

Location hipdex::withComment(Location loc, StringRef comment) {
  MLIRContext *context = loc.getContext();
  return FusedLoc::get(context, {loc}, StringAttr::get(context, comment));
}

SmallVector<StringAttr> hipdex::commentsOf(Location loc) {
  SmallVector<StringAttr> comments;
  loc->walk([&](Location part) {
    if (auto fused = dyn_cast<FusedLoc>(part))
      if (auto comment = dyn_cast_or_null<StringAttr>(fused.getMetadata()))
        comments.push_back(comment);
    return WalkResult::advance();
  });
  return comments;
}
