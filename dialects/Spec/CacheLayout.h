//===- CacheLayout.h - Where a token's bytes are in the K cache -*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A page holds pageSize tokens: pageSize * headDim bytes of fp8 K, then
// pageSize float32 scales, one a token at every headDim. Pages may be padded:
// the page stride is a property of the buffer, not of the layout.
//
//   plain:             K(t, d)  = t * headDim + d
//   preshuffle(16,16): K(t, d)  = t/16 * 16*headDim + d/16 * 256
//                                 + t%16 * 16 + d%16
//   both:              scale(t) = pageSize * headDim + 4 * t
//
// This is the only place that holds these formulas. Everything else (the
// dialect's attribute, the kernels, the references) asks the strides below.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_CACHELAYOUT_H
#define HIPDEX_SPEC_CACHELAYOUT_H

#include "Spec/Fp8Format.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>

namespace hipdex {

enum class CacheOrder : uint8_t { Plain, Preshuffle16x16 };

/// One term of an address that is a sum of mixed-radix digits:
/// ((index / divisor) % modulus) * stride. A modulus of 0 means no modulus.
struct AddressTerm {
  enum Index : uint8_t { Token, Element } index;
  int64_t divisor;
  int64_t modulus;
  int64_t stride;
};

struct CacheLayout {
  int64_t pageSize = 0;
  int64_t headDim = 0;
  CacheOrder order = CacheOrder::Plain;
  Fp8Format fp8 = Fp8Format::E4M3FN;

  /// The first constraint that is not met, as a complete message.
  llvm::Error validate() const;

  /// The byte of element \p d of K of token \p t in its page, as the sum of
  /// these terms. The address function in symbolic form: the compiler emits
  /// code that evaluates it, the host functions below evaluate it themselves.
  llvm::SmallVector<AddressTerm, 4> elementTerms() const;
  /// Their sum as text, e.g. "t*128 + d"; \p gap stands around what multiplies
  /// and divides.
  std::string elementFormula(llvm::StringRef gap = "") const;
  /// Likewise the first byte of the scale of token \p t: the float32s of a page
  /// stand one behind the other, after all its K.
  int64_t scaleBase() const { return pageSize * headDim; }
  static constexpr int64_t scaleStride = 4;
  /// E.g. "8192 + t*4".
  std::string scaleFormula(llvm::StringRef gap = "") const;

  /// Bytes of a page without padding.
  int64_t pageBytes() const { return pageSize * (headDim + scaleStride); }

  /// What divides the address of every page, and of every 16 elements of K
  /// from a multiple of 16 on, and so how wide a load of K may be: 16 if it
  /// can be, 4 for pages of one token, which are 132 bytes at head_dim 128.
  /// The data of a buffer and its page stride must be multiples of it.
  int64_t alignment() const;

  /// Byte of element \p d of cache slot \p slot in a buffer whose pages are
  /// \p pageStride bytes apart.
  int64_t elementOffset(int64_t slot, int64_t d, int64_t pageStride) const;
  int64_t scaleOffset(int64_t slot, int64_t pageStride) const;

  /// Canonical text, e.g.
  /// "cache<page_size=64,head_dim=128,order=preshuffle(16,16),fp8=e4m3fn>".
  std::string str() const;
  static llvm::Expected<CacheLayout> parse(llvm::StringRef text);

  /// Covers byte positions and fp8 format: equal layouts, equal hashes. Never
  /// zero, so that zero can mean "not given".
  uint64_t hash() const;

  bool operator==(const CacheLayout &other) const;
  bool operator!=(const CacheLayout &other) const { return !(*this == other); }
};

} // namespace hipdex

#endif // HIPDEX_SPEC_CACHELAYOUT_H
