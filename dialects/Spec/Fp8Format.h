//===- Fp8Format.h - The two 8-bit float formats of AMD GPUs ----*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_FP8FORMAT_H
#define HIPDEX_SPEC_FP8FORMAT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <optional>

namespace hipdex {

/// E4M3FN (OCP): bias 7, NaN 0x7f/0xff, largest 448, has -0.
/// E4M3FNUZ: bias 8, NaN 0x80, largest 240, no -0.
enum class Fp8Format : uint8_t { E4M3FN, E4M3FNUZ };

/// "e4m3fn" or "e4m3fnuz": the names in dumps and in layout text.
llvm::StringRef fp8Name(Fp8Format format);
/// "fn" or "fnuz": the names in a key's text.
llvm::StringRef fp8KeyName(Fp8Format format);
std::optional<Fp8Format> parseFp8Name(llvm::StringRef name);
std::optional<Fp8Format> parseFp8KeyName(llvm::StringRef name);

/// The largest magnitudes that codes of quantized values may have: that of the
/// format, and for E4M3FNUZ also 224, which vLLM uses. The first is the
/// default.
llvm::ArrayRef<int64_t> fp8Maxima(Fp8Format format);

/// The value of \p code. NaN codes give a quiet NaN.
float decodeFp8(Fp8Format format, uint8_t code);

/// \p value rounded to nearest, ties to even, and saturated to the format's
/// largest finite magnitude; NaN gives the format's NaN code.
uint8_t encodeFp8(Fp8Format format, float value);

} // namespace hipdex

#endif // HIPDEX_SPEC_FP8FORMAT_H
