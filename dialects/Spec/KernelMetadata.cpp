//===- KernelMetadata.cpp - Kernel metadata as JSON -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One list of fields serves both directions. Unknown fields are ignored when
// reading, missing ones are errors.
//
//===----------------------------------------------------------------------===//

#include "Spec/KernelMetadata.h"
#include "Spec/BoundedJson.h"
#include "llvm/Support/raw_ostream.h"
#include <limits>

using namespace hipdex;

template <typename Metadata, typename Visitor>
static void visitFields(Metadata &metadata, Visitor &&visit) {
  visit("key", metadata.key);
  visit("symbol", metadata.symbol);
  visit("arch", metadata.arch);
  visit("layout", metadata.layout);
  visit("code_object_version", metadata.codeObjectVersion);
  visit("block_size", metadata.blockSize);
  visit("waves_per_simd", metadata.wavesPerSimd);
  visit("step_tokens", metadata.stepTokens);
  visit("team_waves", metadata.teamWaves);
  visit("wave_queries", metadata.waveQueries);
  visit("lds_bytes", metadata.ldsBytes);
  visit("scratch_bytes", metadata.scratchBytes);
  visit("vgprs", metadata.vgprs);
  visit("agprs", metadata.agprs);
  visit("sgprs", metadata.sgprs);
  visit("vgpr_spills", metadata.vgprSpills);
  visit("sgpr_spills", metadata.sgprSpills);
  visit("kernarg_bytes", metadata.kernargBytes);
}

template <typename Argument, typename Visitor>
static void visitArgumentFields(Argument &argument, Visitor &&visit) {
  visit("name", argument.name);
  visit("offset", argument.offset);
  visit("size", argument.size);
  visit("is_pointer", argument.isPointer);
}

namespace {
struct Writer {
  llvm::json::OStream &json;

  void operator()(llvm::StringRef name, const std::string &value) {
    json.attribute(
        name, llvm::json::isUTF8(value) ? value : llvm::json::fixUTF8(value));
  }
  void operator()(llvm::StringRef name, unsigned value) {
    json.attribute(name, int64_t(value));
  }
  void operator()(llvm::StringRef name, bool value) {
    json.attribute(name, value);
  }
};

/// Remembers the first field that is missing or of the wrong type.
struct Reader {
  const llvm::json::Object &object;
  std::string &problem;

  void fail(llvm::StringRef name, llvm::StringRef expected) {
    if (problem.empty())
      problem = ("field \"" + name + "\" is not " + expected).str();
  }
  void operator()(llvm::StringRef name, std::string &value) {
    if (std::optional<llvm::StringRef> text = object.getString(name))
      value = text->str();
    else
      fail(name, "a string");
  }
  void operator()(llvm::StringRef name, unsigned &value) {
    std::optional<int64_t> number = object.getInteger(name);
    if (number && *number >= 0 &&
        *number <= int64_t(std::numeric_limits<unsigned>::max()))
      value = unsigned(*number);
    else
      fail(name, "an integer in 0..4294967295");
  }
  void operator()(llvm::StringRef name, bool &value) {
    if (std::optional<bool> flag = object.getBoolean(name))
      value = *flag;
    else
      fail(name, "true or false");
  }
};
} // namespace

void KernelMetadata::writeFields(llvm::json::OStream &json) const {
  visitFields(*this, Writer{json});
}

void KernelMetadata::writeArguments(llvm::json::OStream &json) const {
  json.array([&] {
    for (const KernelArgument &argument : arguments)
      json.object([&] { visitArgumentFields(argument, Writer{json}); });
  });
}

std::string KernelMetadata::toJSON() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    writeFields(json);
    json.attributeBegin("arguments");
    writeArguments(json);
    json.attributeEnd();
  });
  os << "\n";
  return text;
}

static llvm::Error invalid(const llvm::Twine &message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument),
      "kernel metadata: " + message);
}

llvm::Expected<KernelMetadata> KernelMetadata::fromJSON(llvm::StringRef text) {
  llvm::Expected<llvm::json::Value> value = parseBoundedJson(text);
  if (!value)
    return invalid(llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return invalid("not a JSON object");
  llvm::Expected<KernelMetadata> metadata = readFields(*object);
  if (!metadata)
    return metadata;
  const llvm::json::Array *array = object->getArray("arguments");
  if (!array)
    return invalid("field \"arguments\" is not an array");
  llvm::Expected<std::vector<KernelArgument>> arguments = readArguments(*array);
  if (!arguments)
    return arguments.takeError();
  metadata->arguments = std::move(*arguments);
  return metadata;
}

llvm::Expected<KernelMetadata>
KernelMetadata::readFields(const llvm::json::Object &object) {
  KernelMetadata metadata;
  std::string problem;
  visitFields(metadata, Reader{object, problem});
  if (!problem.empty())
    return invalid(problem);
  return metadata;
}

llvm::Expected<std::vector<KernelArgument>>
KernelMetadata::readArguments(const llvm::json::Array &array) {
  std::vector<KernelArgument> arguments;
  std::string problem;
  for (const llvm::json::Value &element : array) {
    const llvm::json::Object *fields = element.getAsObject();
    if (!fields)
      return invalid("an element of \"arguments\" is not an object");
    visitArgumentFields(arguments.emplace_back(), Reader{*fields, problem});
    if (!problem.empty())
      return invalid("argument " + llvm::Twine(arguments.size() - 1) + ": " +
                     problem);
  }
  return arguments;
}
