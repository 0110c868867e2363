//===- HipType.h - Types and expressions of HIP C++ text --------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR's integers have no sign, C++'s do, and signed overflow is undefined
// there. So additions and the like are of unsigned numbers, what compares signs
// is of signed ones, and a cast stands between the two.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TARGET_HIPSOURCE_HIPTYPE_H
#define HIPDEX_TARGET_HIPSOURCE_HIPTYPE_H

#include "mlir/IR/Types.h"
#include <optional>
#include <string>

namespace hipdex {

/// The vectors that the text has types for.
inline constexpr int64_t vectorLanes[] = {2, 4, 8, 16, 32};

struct HipType {
  enum Kind : uint8_t { Bool, Integer, Float, BFloat, Pointer, Buffer };
  Kind kind = Integer;
  unsigned bits = 32;
  bool isSigned = false;
  int64_t lanes = 1;
  std::string pointee; ///< Of a pointer, with its const if it has one.

  static HipType integer(unsigned bits, bool isSigned, int64_t lanes = 1) {
    return {Integer, bits, isSigned, lanes, {}};
  }
  static HipType boolean() { return {Bool, 1, false, 1, {}}; }
  static HipType pointer(std::string pointee) {
    return {Pointer, 64, false, 1, std::move(pointee)};
  }
  /// Integers get a sign. Nothing for a type that has no place in the text.
  static std::optional<HipType> get(mlir::Type type, bool isSigned);

  bool isVector() const { return lanes > 1; }
  HipType withLanes(int64_t count) const {
    HipType type = *this;
    type.lanes = count;
    return type;
  }
  HipType withSign(bool sign) const {
    HipType type = *this;
    type.isSigned = sign;
    return type;
  }
  bool operator==(const HipType &other) const {
    return kind == other.kind && bits == other.bits &&
           isSigned == other.isSigned && lanes == other.lanes &&
           pointee == other.pointee;
  }
  bool operator!=(const HipType &other) const { return !(*this == other); }

  /// As it is spelled; what is not of C++ itself is a typedef of the file.
  std::string str() const;
  /// `T name`, with the star of a pointer where it belongs.
  std::string declare(llvm::StringRef name) const;
};

/// What binds tighter is larger.
enum class Precedence : uint8_t {
  Conditional,
  Or,
  Xor,
  And,
  Equality,
  Relation,
  Shift,
  Sum,
  Product,
  Unary,
  Primary
};

struct HipExpression {
  std::string text;
  HipType type;
  Precedence precedence = Precedence::Primary;
  /// An integer without a suffix: it takes the type of what it meets.
  bool isLiteral = false;

  /// In parentheses if it binds less than \p atLeast.
  std::string at(Precedence atLeast) const {
    return precedence < atLeast ? "(" + text + ")" : text;
  }
};

/// \p value as \p type: a cast of integers to another sign or width, of vectors
/// to another sign; nothing where it has that type already.
HipExpression castTo(const HipExpression &value, const HipType &type);

/// A call, which is a primary expression.
HipExpression call(llvm::StringRef function,
                   llvm::ArrayRef<std::string> arguments, HipType type);

/// A constant of \p type: an integer, a float, or the same one in each lane.
/// Nothing for what has no literal.
std::optional<HipExpression> literal(mlir::Attribute value, HipType type);

} // namespace hipdex

#endif // HIPDEX_TARGET_HIPSOURCE_HIPTYPE_H
