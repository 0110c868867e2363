//===- Action.cpp - What the caches know a kernel by ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Action.h.
//
//===----------------------------------------------------------------------===//

#include "src/Action.h"
#include "Spec/BundleManifest.h"
#include "Spec/KernelKey.h"
#include "src/ActionEntry.h"
#include "src/BuildId.h"
#include "src/KernelCompiler.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace hipdex;
using namespace hipdex::runtime;
using llvm::json::Value;

Action Action::of(llvm::StringRef key) {
  Action action;
  action.key = key.str();
  action.schema = KernelKey::schemaVersion;
  action.buildId = runtime::buildId();
  action.codeObjectVersion = KernelCompiler::codeObjectVersion;
  return action;
}

bool Action::isOfThisLibrary() const {
  return schema == KernelKey::schemaVersion && buildId == runtime::buildId();
}

std::string Action::description() const {
  std::string text = llvm::formatv("{0} (schema {1}, code object version {2}, "
                                   "BuildId {3}",
                                   key, schema, codeObjectVersion, buildId)
                         .str();
  return text + (compiler.empty() ? "" : ", " + compiler) + ")";
}

std::string Action::jsonWithoutEnd() const {
  std::string json =
      llvm::formatv("{{\"format\":{0},\"key\":{1},\"schema\":{2},"
                    "\"build_id\":{3},\"code_object_version\":{4}",
                    ActionEntry::formatNumber, Value(key), schema,
                    Value(buildId), codeObjectVersion)
          .str();
  if (!compiler.empty())
    json += llvm::formatv(",\"compiler\":{0},\"source_sha256\":{1}",
                          Value(compiler), Value(sourceDigest))
                .str();
  return json;
}

std::string Action::name() const { return sha256Hex(jsonWithoutEnd() + "}"); }

uint64_t Action::lockOffset() const {
  uint64_t bits = 0;
  // 16 digits; a file's bytes are counted in 63 bits.
  (void)llvm::StringRef(name()).take_front(16).getAsInteger(16, bits);
  return 1 + (bits >> 2);
}
