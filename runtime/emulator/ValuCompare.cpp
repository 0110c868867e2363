//===- ValuCompare.cpp - Compares on lanes --------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// v_cmp_* and v_cmpx_*: 16 conditions for each float type, 8 for each integer
// type, and classification.
//
//===----------------------------------------------------------------------===//

#include "emulator/VectorOp.h"
#include <deque>
#include <string>

using namespace hipdex;
using namespace hipdex::emulator;

namespace {

/// What a condition accepts: bit 0 less, 1 equal, 2 greater, 3 unordered.
template <typename T> struct Ordered {
  static T value(const uint32_t *row, unsigned lane) {
    return loadLane<T>(row, lane);
  }
};
template <> struct Ordered<Half> {
  static float value(const uint32_t *row, unsigned lane) {
    return halfToFloat(loadLane<Half>(row, lane));
  }
};

template <typename T, unsigned condition> void compareRow(RowArgs &args) {
  alignas(64) uint32_t result[waveSize];
  const uint32_t *__restrict p0 = args.source[0];
  const uint32_t *__restrict p1 = args.source[1];
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    auto a = Ordered<T>::value(p0, lane);
    auto b = Ordered<T>::value(p1, lane);
    bool accept;
    switch (condition) {
    case 0:
      accept = false;
      break;
    case 1:
      accept = a < b;
      break;
    case 2:
      accept = a == b;
      break;
    case 3:
      accept = a <= b;
      break;
    case 4:
      accept = a > b;
      break;
    case 5:
      accept = a < b || a > b;
      break;
    case 6:
      accept = a >= b;
      break;
    case 7:
      accept = a <= b || a >= b;
      break;
    case 8:
      accept = !(a <= b || a >= b);
      break;
    case 9:
      accept = !(a >= b);
      break;
    case 10:
      accept = !(a < b || a > b);
      break;
    case 11:
      accept = !(a > b);
      break;
    case 12:
      accept = !(a <= b);
      break;
    case 13:
      accept = !(a == b);
      break;
    case 14:
      accept = !(a < b);
      break;
    default:
      accept = true;
      break;
    }
    result[lane] = accept ? 0x80000000u : 0;
  }
  args.maskOut = signMask(result);
}

/// Bit of v_cmp_class for a number of the given exponent and mantissa widths.
unsigned classOf(uint64_t bits, unsigned exponentBits, unsigned mantissaBits) {
  uint64_t mantissa = bits & ((uint64_t(1) << mantissaBits) - 1);
  uint64_t maximum = (uint64_t(1) << exponentBits) - 1;
  uint64_t exponent = bits >> mantissaBits & maximum;
  bool negative = bits >> (mantissaBits + exponentBits) & 1;
  if (exponent == maximum && mantissa)
    return mantissa >> (mantissaBits - 1) ? 1 : 0;
  if (exponent == maximum)
    return negative ? 2 : 9;
  if (exponent)
    return negative ? 3 : 8;
  if (mantissa)
    return negative ? 4 : 7;
  return negative ? 5 : 6;
}

template <typename T> void classRow(RowArgs &args) {
  uint64_t mask = 0;
  for (unsigned lane = 0; lane < waveSize; ++lane) {
    uint64_t bits;
    unsigned kind;
    if constexpr (sizeof(T) == 8) {
      bits = loadLane<uint64_t>(args.source[0], lane);
      kind = classOf(bits, 11, 52);
    } else if constexpr (sizeof(T) == 4) {
      kind = classOf(args.source[0][lane], 8, 23);
    } else {
      kind = classOf(args.source[0][lane] & 0xFFFF, 5, 10);
    }
    mask |= uint64_t(args.source[1][lane] >> kind & 1) << lane;
  }
  args.maskOut = mask;
}

class Builder {
public:
  std::vector<VectorOp> ops;

  template <typename T> void floats(const char *type) {
    static const char *const names[] = {
        "f", "lt",  "eq",  "le",  "gt",  "lg",  "ge",  "o",
        "u", "nge", "nlg", "ngt", "nle", "neq", "nlt", "tru"};
    add<T>(names, type, std::make_integer_sequence<unsigned, 16>());
    addOp("class", type, classRow<T>, typeOf<T>(), ValueType::B32);
  }
  template <typename T> void integers(const char *type) {
    // The same condition numbers; "ne" is less or greater.
    static const char *const names[] = {"f",  "lt", "eq", "le",
                                        "gt", "ne", "ge", "t"};
    add<T>(names, type, std::make_integer_sequence<unsigned, 8>());
  }

private:
  std::deque<std::string> text; ///< The tables point into it.

  template <typename T, unsigned... condition>
  void add(const char *const *names, const char *type,
           std::integer_sequence<unsigned, condition...>) {
    (addOp(names[condition], type, compareRow<T, condition>, typeOf<T>(),
           typeOf<T>()),
     ...);
  }
  void addOp(const char *condition, const char *type, void (*row)(RowArgs &),
             ValueType first, ValueType second) {
    for (bool exec : {false, true}) {
      text.push_back(std::string(exec ? "v_cmpx_" : "v_cmp_") + condition +
                     "_" + type);
      uint16_t flags = opflag::writesMask;
      if (exec)
        flags |= opflag::writesExec;
      ops.push_back({text.back().c_str(),
                     row,
                     ValueType::None,
                     {first, second, ValueType::None},
                     flags});
    }
  }
};

} // namespace

llvm::ArrayRef<VectorOp> emulator::compareVectorOps() {
  static const Builder builder = [] {
    Builder result;
    result.floats<Half>("f16");
    result.floats<float>("f32");
    result.floats<double>("f64");
    result.integers<int16_t>("i16");
    result.integers<uint16_t>("u16");
    result.integers<int32_t>("i32");
    result.integers<uint32_t>("u32");
    result.integers<int64_t>("i64");
    result.integers<uint64_t>("u64");
    return result;
  }();
  return builder.ops;
}
