//===- BoundedJson.h - JSON from others -------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// llvm::json::parse() calls itself for each level, without a limit: 50000 times
// "[" ends the process (LLVM 22). Whatever was not written by this process is
// read through here.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_BOUNDEDJSON_H
#define HIPDEX_SPEC_BOUNDEDJSON_H

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace hipdex {

/// llvm::json::parse() of at most 32 levels.
inline llvm::Expected<llvm::json::Value>
parseBoundedJson(llvm::StringRef text) {
  constexpr unsigned maxDepth = 32;
  unsigned depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inString) {
      if (c == '\\')
        ++i;
      inString = c != '"';
    } else if (c == '"') {
      inString = true;
    } else if (c == '[' || c == '{') {
      if (++depth > maxDepth)
        return llvm::createStringError("JSON is nested deeper than " +
                                       llvm::Twine(maxDepth) + " levels");
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return llvm::json::parse(text);
}

} // namespace hipdex

#endif // HIPDEX_SPEC_BOUNDEDJSON_H
