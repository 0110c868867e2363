//===- CacheLayout.cpp - Addresses, text and hash of a cache layout -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The grammar of the text:
//
//   layout := "cache<page_size=" N ",head_dim=" N ",order=" order
//             ",fp8=" ("e4m3fn" | "e4m3fnuz") ">"
//   order  := "plain" | "preshuffle(16,16)"
//   N      := decimal, no sign, no leading zero
//
//===----------------------------------------------------------------------===//

#include "Spec/CacheLayout.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"
#include <numeric>

using namespace hipdex;

// Far above any page in use, and small enough that every product of two of
// them, and of a page and a 31-bit page number, fits in 64 bits.
static constexpr int64_t maxPageSize = 1 << 20;
static constexpr int64_t maxHeadDim = 1 << 12;

static llvm::StringRef orderName(CacheOrder order) {
  return order == CacheOrder::Plain ? "plain" : "preshuffle(16,16)";
}

static llvm::Error invalid(const llvm::Twine &message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument), message);
}

llvm::Error CacheLayout::validate() const {
  if (pageSize < 1 || pageSize > maxPageSize)
    return invalid("page_size " + llvm::Twine(pageSize) + " is not in 1.." +
                   llvm::Twine(maxPageSize));
  if (headDim < 1 || headDim > maxHeadDim)
    return invalid("head_dim " + llvm::Twine(headDim) + " is not in 1.." +
                   llvm::Twine(maxHeadDim));
  if (headDim % 4 != 0)
    return invalid("head_dim " + llvm::Twine(headDim) +
                   " is not a multiple of 4, so the float32 scales would not "
                   "be aligned");
  if (order == CacheOrder::Preshuffle16x16) {
    if (pageSize % 16 != 0)
      return invalid("page_size " + llvm::Twine(pageSize) +
                     " is not a multiple of 16, which preshuffle(16,16) needs");
    if (headDim % 16 != 0)
      return invalid("head_dim " + llvm::Twine(headDim) +
                     " is not a multiple of 16, which preshuffle(16,16) needs");
  }
  return llvm::Error::success();
}

llvm::SmallVector<AddressTerm, 4> CacheLayout::elementTerms() const {
  if (order == CacheOrder::Plain)
    return {{AddressTerm::Token, 1, 0, headDim},
            {AddressTerm::Element, 1, 0, 1}};
  return {{AddressTerm::Token, 16, 0, 16 * headDim},
          {AddressTerm::Token, 1, 16, 16},
          {AddressTerm::Element, 16, 0, 256},
          {AddressTerm::Element, 1, 16, 1}};
}

std::string CacheLayout::elementFormula(llvm::StringRef gap) const {
  std::string sum;
  for (const AddressTerm &term : elementTerms()) {
    auto append = [&](char sign, int64_t number) {
      sum += (gap + llvm::Twine(sign) + gap + llvm::Twine(number)).str();
    };
    if (!sum.empty())
      sum += " + ";
    sum += term.index == AddressTerm::Token ? 't' : 'd';
    if (term.divisor != 1)
      append('/', term.divisor);
    if (term.modulus != 0)
      append('%', term.modulus);
    if (term.stride != 1)
      append('*', term.stride);
  }
  return sum;
}

std::string CacheLayout::scaleFormula(llvm::StringRef gap) const {
  return (llvm::Twine(scaleBase()) + " + t" + gap + "*" + gap +
          llvm::Twine(scaleStride))
      .str();
}

int64_t CacheLayout::alignment() const {
  // A token's K begins at a multiple of headDim, or of 16 where preshuffled.
  return std::gcd(std::gcd(pageBytes(), headDim), int64_t(16));
}

int64_t CacheLayout::elementOffset(int64_t slot, int64_t d,
                                   int64_t pageStride) const {
  int64_t offset = slot / pageSize * pageStride;
  for (const AddressTerm &term : elementTerms()) {
    int64_t index = term.index == AddressTerm::Token ? slot % pageSize : d;
    int64_t digit = index / term.divisor;
    if (term.modulus != 0)
      digit %= term.modulus;
    offset += digit * term.stride;
  }
  return offset;
}

int64_t CacheLayout::scaleOffset(int64_t slot, int64_t pageStride) const {
  return slot / pageSize * pageStride + scaleBase() +
         slot % pageSize * scaleStride;
}

std::string CacheLayout::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "cache<page_size=" << pageSize << ",head_dim=" << headDim
     << ",order=" << orderName(order) << ",fp8=" << fp8Name(fp8) << ">";
  return text;
}

llvm::Expected<CacheLayout> CacheLayout::parse(llvm::StringRef text) {
  auto malformed = [&](const llvm::Twine &expected) {
    return invalid("cache layout \"" + text + "\": expected " + expected +
                   ", as in \"cache<page_size=64,head_dim=128,"
                   "order=preshuffle(16,16),fp8=e4m3fn>\"");
  };
  CacheLayout layout;
  llvm::StringRef rest = text;
  auto number = [&](llvm::StringRef prefix, int64_t &value) -> llvm::Error {
    if (!rest.consume_front(prefix))
      return malformed("\"" + prefix + "\"");
    llvm::StringRef digits = rest.take_while(llvm::isDigit);
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0'))
      return malformed("a decimal number after \"" + prefix + "\"");
    rest = rest.drop_front(digits.size());
    if (digits.getAsInteger(10, value))
      return invalid("cache layout \"" + text + "\": " + digits +
                     " does not fit in 64 bits");
    return llvm::Error::success();
  };
  if (llvm::Error error = number("cache<page_size=", layout.pageSize))
    return std::move(error);
  if (llvm::Error error = number(",head_dim=", layout.headDim))
    return std::move(error);
  if (!rest.consume_front(",order="))
    return malformed("\",order=\"");
  if (rest.consume_front(orderName(CacheOrder::Plain)))
    layout.order = CacheOrder::Plain;
  else if (rest.consume_front(orderName(CacheOrder::Preshuffle16x16)))
    layout.order = CacheOrder::Preshuffle16x16;
  else
    return malformed("order plain or preshuffle(16,16)");
  if (!rest.consume_front(",fp8="))
    return malformed("\",fp8=\"");
  if (!rest.consume_back(">"))
    return malformed("\">\" at the end");
  std::optional<Fp8Format> format = parseFp8Name(rest);
  if (!format)
    return malformed("fp8 e4m3fn or e4m3fnuz");
  layout.fp8 = *format;
  if (llvm::Error error = layout.validate())
    return invalid("cache layout \"" + text +
                   "\": " + llvm::toString(std::move(error)));
  return layout;
}

// The digits of one index with every extent explicit, without digits that are
// always 0, and with adjacent digits merged where they step as one. Two
// layouts with the same byte positions (preshuffle(16,16) at head_dim 16 is
// plain) then have the same text.
static void describeDigits(llvm::raw_ostream &os,
                           llvm::ArrayRef<AddressTerm> terms,
                           AddressTerm::Index index, int64_t extent) {
  struct Digit {
    int64_t divisor, modulus, stride;
  };
  llvm::SmallVector<Digit, 4> digits; // most significant first
  for (const AddressTerm &term : terms) {
    if (term.index != index)
      continue;
    int64_t modulus = term.modulus ? term.modulus : extent / term.divisor;
    if (modulus == 1)
      continue;
    if (!digits.empty() && digits.back().divisor == term.divisor * modulus &&
        digits.back().stride == term.stride * modulus)
      digits.back() = {term.divisor, modulus * digits.back().modulus,
                       term.stride};
    else
      digits.push_back({term.divisor, modulus, term.stride});
  }
  for (const Digit &digit : digits)
    os << " /" << digit.divisor << "%" << digit.modulus << "*" << digit.stride;
  os << "\n";
}

uint64_t CacheLayout::hash() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "hipdex cache layout 1\nfp8 " << fp8Name(fp8) << "\ntokens " << pageSize
     << "\nelements " << headDim << "\nk token";
  llvm::SmallVector<AddressTerm, 4> terms = elementTerms();
  describeDigits(os, terms, AddressTerm::Token, pageSize);
  os << "k element";
  describeDigits(os, terms, AddressTerm::Element, headDim);
  os << "scale " << scaleBase() << " token*" << scaleStride << "\n";
  // Big endian, so that the number in hex is the digest's first 16 digits.
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(text));
  uint64_t value = llvm::support::endian::read64be(digest.data());
  return value ? value : 1;
}

bool CacheLayout::operator==(const CacheLayout &other) const {
  return pageSize == other.pageSize && headDim == other.headDim &&
         order == other.order && fp8 == other.fp8;
}
