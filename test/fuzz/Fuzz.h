//===- Fuzz.h - What the fuzz targets share -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A target gets bytes. It must not crash, and what it accepts must hold.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_FUZZ_FUZZ_H
#define HIPDEX_TEST_FUZZ_FUZZ_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// \p good with a part replaced: where (two bytes of \p input), how much (one),
/// by what (the rest). Reaches what lies behind checks of versions and digests
/// whichever these are at the time.
inline std::string spliced(llvm::StringRef good, llvm::StringRef input) {
  if (input.size() < 3 || good.empty())
    return good.str();
  auto byte = [&](size_t i) { return uint8_t(input[i]); };
  size_t at = (byte(0) * 256u + byte(1)) % good.size();
  return (good.take_front(at) + input.drop_front(3) +
          good.drop_front(at).drop_front(
              std::min<size_t>(byte(2), good.size() - at)))
      .str();
}

/// Ends the process, which libFuzzer reports with the input.
inline void require(bool condition, const char *what) {
  if (condition)
    return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Every error has one line of text.
inline void requireMessage(llvm::Error error) {
  std::string message = llvm::toString(std::move(error));
  require(!message.empty(), "an error has a message");
}

#endif // HIPDEX_TEST_FUZZ_FUZZ_H
