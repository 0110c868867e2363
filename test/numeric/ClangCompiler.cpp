//===- ClangCompiler.cpp - A compiler library that goes through text ------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Has the C ABI of libhipdex-compiler.so, and is given in its place by
// HIPDEX_COMPILER_LIBRARY: a code object is not that library's, but what clang
// makes of its HIP C++ text. So every test of kernels can be one of the text.
//
//===----------------------------------------------------------------------===//

#define HIPDEX_BUILDING_COMPILER
#include "API/hipdex-compiler.h"
#include "ClangProcess.h"
#include "Spec/HipSource.h"
#include <dlfcn.h>

using namespace hipdex;

struct hipdex_compile_result {
  std::string error, data, metadata;
};

namespace {

/// The library that prints the text.
struct Printer {
  decltype(&hipdex_compile) compile = nullptr;
  decltype(&hipdex_compile_result_error) error = nullptr;
  decltype(&hipdex_compile_result_data) data = nullptr;
  decltype(&hipdex_compile_result_metadata) metadata = nullptr;
  decltype(&hipdex_compile_result_destroy) destroy = nullptr;
  decltype(&hipdex_compiler_build_id) buildId = nullptr;

  Printer() {
    void *library = ::dlopen(HIPDEX_PRINTER, RTLD_NOW | RTLD_LOCAL);
    auto get = [&](auto &function, const char *name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(
          library ? ::dlsym(library, name) : nullptr);
      isWhole &= function != nullptr;
    };
    get(compile, "hipdex_compile");
    get(error, "hipdex_compile_result_error");
    get(data, "hipdex_compile_result_data");
    get(metadata, "hipdex_compile_result_metadata");
    get(destroy, "hipdex_compile_result_destroy");
    get(buildId, "hipdex_compiler_build_id");
  }
  bool isWhole = true;
};

const Printer &printer() {
  static const Printer printer;
  return printer;
}

/// The text of a string field of our JSON.
std::string stringField(const std::string &json, const std::string &name) {
  size_t at = json.find("\"" + name + "\": \"");
  if (at == std::string::npos)
    return "";
  at += name.size() + 5;
  return json.substr(at, json.find('"', at) - at);
}

/// The unsigned number that follows \p key in the code object's own metadata,
/// which is msgpack; -1 if it is not there.
long numberOf(const std::string &codeObject, const std::string &key) {
  // A short string is its length in one byte and the characters.
  std::string encoded = char(0xa0 | key.size()) + key;
  size_t at = codeObject.find(encoded);
  if (at == std::string::npos)
    return -1;
  at += encoded.size();
  auto byte = [&](size_t i) -> long {
    return at + i < codeObject.size() ? (unsigned char)codeObject[at + i] : 0;
  };
  switch (byte(0)) {
  case 0xcc:
    return byte(1);
  case 0xcd:
    return byte(1) << 8 | byte(2);
  case 0xce:
    return byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
  default:
    return byte(0) < 0x80 ? byte(0) : -1;
  }
}

/// Puts what clang's code object says where the metadata has the other's.
void setNumber(std::string &json, const std::string &name,
               const std::string &codeObject, const std::string &key) {
  long value = numberOf(codeObject, key);
  std::string field = "\"" + name + "\": ";
  size_t at = json.find(field);
  if (value < 0 || at == std::string::npos)
    return;
  at += field.size();
  size_t end = json.find_first_not_of("0123456789", at);
  json.replace(at, end - at, std::to_string(value));
}

void compileText(hipdex_compile_result &result, unsigned version) {
  std::vector<std::string> options(std::begin(hipSourceFlags),
                                   std::end(hipSourceFlags));
  options.insert(
      options.end(),
      {"-Wall", "-Werror",
       "--offload-arch=" + stringField(result.metadata, "arch"),
       "-mcode-object-version=" + std::to_string(version ? version : 5)});
  ClangProcess clang(result.data, "kernel.hip", options);
  if (!clang.succeeded) {
    result.error = "clang refuses the text: " + clang.log;
    return;
  }
  result.data = clang.code;
  const std::pair<const char *, const char *> numbers[] = {
      {"lds_bytes", ".group_segment_fixed_size"},
      {"scratch_bytes", ".private_segment_fixed_size"},
      {"vgprs", ".vgpr_count"},
      {"agprs", ".agpr_count"},
      {"sgprs", ".sgpr_count"},
      {"vgpr_spills", ".vgpr_spill_count"},
      {"sgpr_spills", ".sgpr_spill_count"},
      {"kernarg_bytes", ".kernarg_segment_size"}};
  for (auto [name, key] : numbers)
    setNumber(result.metadata, name, result.data, key);
}

} // namespace

hipdex_compile_result *hipdex_compile(const char *key,
                                      const hipdex_compile_options *options) {
  auto *result = new hipdex_compile_result;
  if (!printer().isWhole) {
    result->error = "no compiler library " HIPDEX_PRINTER;
    return result;
  }
  hipdex_compile_options wanted = {sizeof(wanted), nullptr, 0};
  if (options)
    wanted = *options;
  bool isObject = !wanted.emit || std::string(wanted.emit) == "obj";
  if (isObject)
    wanted.emit = "hip";
  hipdex_compile_result *printed = printer().compile(key, &wanted);
  if (const char *error = printer().error(printed)) {
    result->error = error;
  } else {
    size_t size = 0;
    const void *data = printer().data(printed, &size);
    result->data.assign(static_cast<const char *>(data), size);
    result->metadata = printer().metadata(printed);
    if (isObject)
      compileText(*result, wanted.code_object_version);
  }
  printer().destroy(printed);
  return result;
}

const char *hipdex_compile_result_error(const hipdex_compile_result *result) {
  return result->error.empty() ? nullptr : result->error.c_str();
}

const void *hipdex_compile_result_data(const hipdex_compile_result *result,
                                       size_t *size) {
  *size = result->data.size();
  return result->data.data();
}

const char *
hipdex_compile_result_metadata(const hipdex_compile_result *result) {
  return result->metadata.c_str();
}

void hipdex_compile_result_destroy(hipdex_compile_result *result) {
  delete result;
}

const char *hipdex_compiler_build_id() {
  return printer().isWhole ? printer().buildId() : "";
}
