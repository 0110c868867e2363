//===- HipType.cpp - Types and expressions of HIP C++ text ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/HipSource/HipType.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace hipdex;

std::optional<HipType> HipType::get(Type type, bool isSigned) {
  HipType result;
  if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.getRank() != 1 || vector.isScalable() ||
        !llvm::is_contained(vectorLanes, vector.getNumElements()))
      return std::nullopt;
    result.lanes = vector.getNumElements();
    type = vector.getElementType();
    // A comparison of vectors gives integers, all ones where it holds.
    if (type.isInteger(1))
      return integer(32, /*isSigned=*/true, result.lanes);
  }
  if (type.isInteger(1)) {
    result.kind = Bool;
    result.bits = 1;
  } else if (type.isIndex()) {
    result.isSigned = isSigned;
  } else if (type.isInteger(8) || type.isInteger(16) || type.isInteger(32) ||
             type.isInteger(64)) {
    result.bits = type.getIntOrFloatBitWidth();
    result.isSigned = isSigned;
  } else if (type.isF32() || type.isF16() || type.isF64()) {
    result.kind = Float;
    result.bits = type.getIntOrFloatBitWidth();
  } else if (type.isBF16()) {
    result.kind = BFloat;
    result.bits = 16;
  } else if (auto pointer = dyn_cast<LLVM::LLVMPointerType>(type)) {
    if (pointer.getAddressSpace() == 8)
      result.kind = Buffer;
    else
      result = HipType::pointer("u8");
  } else {
    return std::nullopt;
  }
  return result;
}

std::string HipType::str() const {
  std::string text;
  switch (kind) {
  case Bool:
    return "bool";
  case Integer:
    if (lanes == 1 && isSigned && bits == 32)
      return "int";
    text = (isSigned ? "i" : "u") + std::to_string(bits);
    break;
  case Float:
    if (lanes == 1)
      return bits == 32 ? "float" : bits == 16 ? "_Float16" : "double";
    text = "f" + std::to_string(bits);
    break;
  case BFloat:
    if (lanes == 1)
      return "__bf16";
    text = "bf16";
    break;
  case Pointer:
    return pointee + " *";
  case Buffer:
    return "__amdgpu_buffer_rsrc_t";
  }
  return lanes == 1 ? text : text + "x" + std::to_string(lanes);
}

std::string HipType::declare(StringRef name) const {
  return str() + (kind == Pointer ? "" : " ") + name.str();
}

HipExpression hipdex::castTo(const HipExpression &value, const HipType &type) {
  if (value.type == type)
    return value;
  HipExpression result = {"", type};
  if (value.isLiteral && !type.isVector()) {
    result = value;
    result.type = type;
    return result;
  }
  if (type.isVector() && value.type.lanes == type.lanes) {
    if (value.type.bits != type.bits || value.type.kind != type.kind) {
      result.text =
          "__builtin_convertvector(" + value.text + ", " + type.str() + ")";
      return result;
    }
    result.text = "(" + type.str() + ")" + value.at(Precedence::Unary);
    result.precedence = Precedence::Unary;
    return result;
  }
  if (type.isVector() || type.kind == HipType::Pointer) {
    result.text = "(" + type.str() + ")" + value.at(Precedence::Unary);
    result.precedence = Precedence::Unary;
    return result;
  }
  result.text = type.str() + "(" + value.text + ")";
  return result;
}

HipExpression hipdex::call(StringRef function, ArrayRef<std::string> arguments,
                           HipType type) {
  return {function.str() + "(" + llvm::join(arguments, ", ") + ")",
          std::move(type)};
}

static std::string integerLiteral(const APInt &value, const HipType &type) {
  // C++ has no literal for the least numbers: a minus sign is no part of one.
  if (type.isSigned && value.isMinSignedValue() && type.bits >= 32)
    return type.bits == 32 ? "(-2147483647 - 1)"
                           : "(-9223372036854775807ll - 1)";
  if (type.isSigned)
    return llvm::toString(value, 10, /*Signed=*/true);
  // Masks and the bits of floats are read in hex.
  if (value.getActiveBits() > 24)
    return "0x" + llvm::toString(value, 16, /*Signed=*/false,
                                 /*formatAsCLiteral=*/false,
                                 /*UpperCase=*/false);
  return llvm::toString(value, 10, /*Signed=*/false);
}

/// The shortest decimal that gives these bits, or a call.
static std::string floatLiteral(const APFloat &value, const HipType &type) {
  if (value.isInfinity()) {
    std::string infinity =
        type.bits == 64 ? "__builtin_inf()" : "__builtin_inff()";
    return value.isNegative() ? "-" + infinity : infinity;
  }
  if (value.bitwiseIsEqual(APFloat::getQNaN(value.getSemantics())) &&
      type.bits == 32)
    return "__builtin_nanf(\"\")";
  if (value.isNaN()) {
    SmallString<32> bits;
    value.bitcastToAPInt().toStringUnsigned(bits, 16);
    return ("__builtin_bit_cast(" + type.str() + ", 0x" + bits + "u)").str();
  }
  APFloat wide = value;
  bool losesInfo;
  wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  std::string text;
  for (unsigned digits = 1; digits <= 17; ++digits) {
    text.clear();
    llvm::raw_string_ostream os(text);
    os << llvm::format("%.*g", digits, wide.convertToDouble());
    APFloat read(value.getSemantics());
    auto status = read.convertFromString(text, APFloat::rmNearestTiesToEven);
    if (status && read.bitwiseIsEqual(value))
      break;
    llvm::consumeError(status.takeError());
  }
  if (StringRef(text).find_first_of(".e") == StringRef::npos)
    text += ".0";
  return type.bits == 64 ? text : text + "f";
}

std::optional<HipExpression> hipdex::literal(Attribute value, HipType type) {
  HipType scalar = type.withLanes(1);
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    if (!type.isVector())
      return std::nullopt;
    auto element = [&](Attribute attribute) {
      std::optional<HipExpression> one = literal(attribute, scalar);
      return one ? one->text : std::string();
    };
    if (dense.isSplat()) {
      std::string one = element(dense.getSplatValue<Attribute>());
      if (one.empty())
        return std::nullopt;
      return HipExpression{"(" + type.str() + ")" + one, type,
                           Precedence::Unary};
    }
    SmallVector<std::string> elements;
    for (Attribute attribute : dense.getValues<Attribute>())
      elements.push_back(element(attribute));
    if (llvm::is_contained(elements, ""))
      return std::nullopt;
    return HipExpression{type.str() + "{" + llvm::join(elements, ", ") + "}",
                         type};
  }
  if (auto integer = dyn_cast<IntegerAttr>(value)) {
    const APInt &number = integer.getValue();
    if (type.kind == HipType::Bool)
      return HipExpression{number.isZero() ? "false" : "true", type};
    if (type.kind != HipType::Integer)
      return std::nullopt;
    // A lane of a mask.
    if (number.getBitWidth() == 1)
      return HipExpression{number.isZero() ? "0" : "-1", scalar};
    HipExpression result = {integerLiteral(number, scalar), scalar};
    result.isLiteral = result.text.front() != '(';
    if (result.text.front() == '-')
      result.precedence = Precedence::Unary;
    return result;
  }
  if (auto number = dyn_cast<FloatAttr>(value)) {
    if (type.kind == HipType::BFloat ||
        (type.kind == HipType::Float && type.bits == 16)) {
      HipType wide = type;
      wide.kind = HipType::Float;
      wide.bits = 32;
      APFloat converted = number.getValue();
      bool losesInfo;
      converted.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                        &losesInfo);
      return HipExpression{
          type.str() + "(" + floatLiteral(converted, wide) + ")", type};
    }
    HipExpression result = {floatLiteral(number.getValue(), type), type};
    if (result.text.front() == '-')
      result.precedence = Precedence::Unary;
    return result;
  }
  return std::nullopt;
}
