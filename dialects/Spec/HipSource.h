//===- HipSource.h - How HIP C++ text is compiled ---------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the text of a kernel (docs/hip-source.md) asks of whoever compiles it.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_HIPSOURCE_H
#define HIPDEX_SPEC_HIPSOURCE_H

#include "llvm/ADT/StringRef.h"

namespace hipdex {

/// How the optimizer is run, as for our own code objects: clang's SLP
/// vectorizer makes pairs of additions whose operands come from other lanes,
/// each of which then costs a move. And the bytes are not to depend on the
/// file's path, of which clang makes a symbol.
inline constexpr llvm::StringLiteral hipSourceFlags[] = {
    "-O3", "-fno-slp-vectorize", "-fuse-cuid=none"};

/// The first clang that has all builtins of the text
/// (__builtin_amdgcn_raw_buffer_load_b128 and its kind are the last to come).
/// An arch that came later needs a HIP (Arch::hip) that has a later one.
inline constexpr unsigned hipSourceClang = 19;

} // namespace hipdex

#endif // HIPDEX_SPEC_HIPSOURCE_H
