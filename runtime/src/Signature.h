//===- Signature.h - Who made a bundle ------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A detached Ed25519 signature of a manifest, which has the digest of every
// kernel: 64 bytes in manifest.json.sig, as `hipdexc sign` and openssl write
// them. libcrypto is opened when a signature is required.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_SIGNATURE_H
#define HIPDEX_RUNTIME_SIGNATURE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace hipdex {
namespace runtime {

/// Success only if \p manifestPath + ".sig" is a signature of \p manifest by
/// one of the public keys in the PEM file \p keysPath. Whatever is missing is
/// an error.
llvm::Error checkSignature(llvm::StringRef manifestPath,
                           llvm::StringRef manifest, llvm::StringRef keysPath);

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_SIGNATURE_H
