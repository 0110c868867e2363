//===- HipOperations.cpp - The text of one operation ----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/HipSource/HipPrinter.h"
#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace hipdex;

using Result = FailureOr<HipExpression>;

//===----------------------------------------------------------------------===//
// Functions of the file
//===----------------------------------------------------------------------===//

// Pointers of kernels are generic in C++; clang finds their address spaces.
static const HipHelper minOf = {
    "min_of",
    R"(template <typename T> HIPDEX_DEVICE T min_of(T a, T b) {
  return __builtin_elementwise_min(a, b);
}
)"};
static const HipHelper maxOf = {
    "max_of",
    R"(template <typename T> HIPDEX_DEVICE T max_of(T a, T b) {
  return __builtin_elementwise_max(a, b);
}
)"};
// Clang has minnum and maxnum since version 21. Its older min and max of floats
// are the same, llvm.minnum and llvm.maxnum.
static const HipHelper minNum = {
    "min_num",
    R"(template <typename T> HIPDEX_DEVICE T min_num(T a, T b) {
#if __has_builtin(__builtin_elementwise_minnum)
  return __builtin_elementwise_minnum(a, b);
#else
  return __builtin_elementwise_min(a, b);
#endif
}
)"};
static const HipHelper maxNum = {
    "max_num",
    R"(template <typename T> HIPDEX_DEVICE T max_num(T a, T b) {
#if __has_builtin(__builtin_elementwise_maxnum)
  return __builtin_elementwise_maxnum(a, b);
#else
  return __builtin_elementwise_max(a, b);
#endif
}
)"};
static const HipHelper fmaOf = {
    "fma_of",
    R"(template <typename T> HIPDEX_DEVICE T fma_of(T a, T b, T c) {
  return __builtin_elementwise_fma(a, b, c);
}
)"};
// By value: clang 22 takes __builtin_bit_cast of a vector's part as that of the
// vector's first elements.
static const HipHelper bitsAs = {
    "bits_as",
    R"(template <typename T, typename U> HIPDEX_DEVICE T bits_as(U value) {
  return __builtin_bit_cast(T, value);
}
)"};
// Memory has no type in the IR, which may_alias says.
static const HipHelper loadConstant = {
    "load_constant",
    R"(// Memory that nobody writes before the kernel has read it, as constant memory:
// what all lanes agree on is loaded into scalar registers.
template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE T load_constant(const void *address) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  return *(const __attribute__((address_space(4))) aligned *)address;
}
)"};
static const HipHelper loadGlobal = {
    "load_global",
    R"(template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE T load_global(const void *address) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  return *(const __attribute__((address_space(1))) aligned *)address;
}
)"};
static const HipHelper storeGlobal = {
    "store_global",
    R"(template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE void store_global(void *address, T value) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  *(__attribute__((address_space(1))) aligned *)address = value;
}
)"};
static const HipHelper loadShared = {
    "load_shared",
    R"(template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE T load_shared(const void *address) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  return *(const __attribute__((address_space(3))) aligned *)address;
}
)"};
static const HipHelper storeShared = {
    "store_shared",
    R"(template <typename T, unsigned alignment = alignof(T)>
HIPDEX_DEVICE void store_shared(void *address, T value) {
  typedef T aligned __attribute__((aligned(alignment), may_alias));
  *(__attribute__((address_space(3))) aligned *)address = value;
}
)"};
static const HipHelper atomicOr = {
    "atomic_or",
    R"(HIPDEX_DEVICE int atomic_or(int *address, int bits) {
  return __hip_atomic_fetch_or(address, bits, __ATOMIC_RELAXED,
                               __HIP_MEMORY_SCOPE_AGENT);
}
)"};
static const HipHelper atomicAdd = {
    "atomic_add",
    R"(HIPDEX_DEVICE int atomic_add(int *address, int value) {
  return __hip_atomic_fetch_add(address, value, __ATOMIC_RELAXED,
                                __HIP_MEMORY_SCOPE_AGENT);
}
)"};
static const HipHelper atomicExchange = {
    "atomic_exchange",
    R"(HIPDEX_DEVICE int atomic_exchange(int *address, int value) {
  return __hip_atomic_exchange(address, value, __ATOMIC_RELAXED,
                               __HIP_MEMORY_SCOPE_AGENT);
}
)"};
static const HipHelper atomicAddShared = {
    "atomic_add_shared",
    R"(HIPDEX_DEVICE int atomic_add_shared(int *address, int value) {
  return __hip_atomic_fetch_add(address, value, __ATOMIC_RELAXED,
                                __HIP_MEMORY_SCOPE_WORKGROUP);
}
)"};
static const HipHelper barrier = {
    "barrier",
    R"(// All waves of the workgroup have come here, and see what the others wrote.
HIPDEX_DEVICE void barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
)"};
static const HipHelper countBits = {
    "count_bits",
    R"(HIPDEX_DEVICE u64 count_bits(u64 bits) { return __builtin_popcountll(bits); }
)"};
static const HipHelper countLow = {
    "count_bits_below_low",
    R"(// `sum` and the bits of `mask` that are of the lanes before this one: of lanes
// 0 to 31, and of 32 to 63.
HIPDEX_DEVICE int count_bits_below_low(int mask, int sum) {
  return __builtin_amdgcn_mbcnt_lo(mask, sum);
}
)"};
static const HipHelper countHigh = {
    "count_bits_below_high",
    R"(HIPDEX_DEVICE int count_bits_below_high(int mask, int sum) {
  return __builtin_amdgcn_mbcnt_hi(mask, sum);
}
)"};
static const HipHelper makeBuffer = {
    "make_buffer",
    R"(// A raw buffer: what is past its end reads as zero and is not written.
HIPDEX_DEVICE __amdgpu_buffer_rsrc_t make_buffer(const void *base, u64 bytes,
                                                 int flags) {
  return __builtin_amdgcn_make_buffer_rsrc((void *)base, 0, bytes, flags);
}
)"};
// Offsets are a lane's and one that all lanes agree on, in bytes.
static const HipHelper bufferLoadU32x4 = {
    "buffer_load_u32x4",
    R"(HIPDEX_DEVICE u32x4 buffer_load_u32x4(__amdgpu_buffer_rsrc_t buffer,
                                      int lane_offset, int scalar_offset) {
  return __builtin_amdgcn_raw_buffer_load_b128(buffer, lane_offset,
                                               scalar_offset, 0);
}
)"};
static const HipHelper bufferLoadU32 = {
    "buffer_load_u32",
    R"(HIPDEX_DEVICE u32 buffer_load_u32(__amdgpu_buffer_rsrc_t buffer,
                                  int lane_offset, int scalar_offset) {
  return __builtin_amdgcn_raw_buffer_load_b32(buffer, lane_offset,
                                              scalar_offset, 0);
}
)"};
static const HipHelper bufferLoadF32 = {
    "buffer_load_f32",
    R"(HIPDEX_DEVICE float buffer_load_f32(__amdgpu_buffer_rsrc_t buffer,
                                    int lane_offset, int scalar_offset) {
  return __builtin_bit_cast(float, __builtin_amdgcn_raw_buffer_load_b32(
                                       buffer, lane_offset, scalar_offset, 0));
}
)"};
static const HipHelper bufferStoreU32 = {
    "buffer_store_u32",
    R"(HIPDEX_DEVICE void buffer_store_u32(u32 value, __amdgpu_buffer_rsrc_t buffer,
                                    int lane_offset, int scalar_offset) {
  __builtin_amdgcn_raw_buffer_store_b32(value, buffer, lane_offset,
                                        scalar_offset, 0);
}
)"};
static const HipHelper bufferStoreF32 = {
    "buffer_store_f32",
    R"(HIPDEX_DEVICE void buffer_store_f32(float value, __amdgpu_buffer_rsrc_t buffer,
                                    int lane_offset, int scalar_offset) {
  __builtin_amdgcn_raw_buffer_store_b32(__builtin_bit_cast(u32, value), buffer,
                                        lane_offset, scalar_offset, 0);
}
)"};
static const HipHelper updateDpp = {
    "update_dpp",
    R"(// DPP: `value` of the lane that `control` names; `old` where there is none.
template <int control, int row_mask, int bank_mask, bool bound_control>
HIPDEX_DEVICE int update_dpp(int old, int value) {
  return __builtin_amdgcn_update_dpp(old, value, control, row_mask, bank_mask,
                                     bound_control);
}
)"};
static const HipHelper readLane = {
    "read_lane",
    R"(HIPDEX_DEVICE int read_lane(int value, int lane) {
  return __builtin_amdgcn_readlane(value, lane);
}
)"};
static const HipHelper readFirstLane = {
    "read_first_lane",
    R"(HIPDEX_DEVICE int read_first_lane(int value) {
  return __builtin_amdgcn_readfirstlane(value);
}
)"};
static const HipHelper ballot = {"ballot",
                                 R"(HIPDEX_DEVICE u64 ballot(bool value) {
  return __builtin_amdgcn_ballot_w64(value);
}
)"};
static const HipHelper permuteLanes = {
    "permute_lanes",
    R"(// `value` of the lane at a byte address: four times its number.
HIPDEX_DEVICE int permute_lanes(int address, int value) {
  return __builtin_amdgcn_ds_bpermute(address, value);
}
)"};
static const HipHelper swapLanes32 = {
    "swap_lanes_32",
    R"(// Trades the upper 32 lanes of `a` for the lower 32 lanes of `b`.
HIPDEX_DEVICE u32x2 swap_lanes_32(u32 a, u32 b) {
  return __builtin_amdgcn_permlane32_swap(a, b, false, false);
}
)"};
static const HipHelper swapLanes16 = {
    "swap_lanes_16",
    R"(// Trades rows 1 and 3 of 16 lanes of `a` for rows 0 and 2 of `b`.
HIPDEX_DEVICE u32x2 swap_lanes_16(u32 a, u32 b) {
  return __builtin_amdgcn_permlane16_swap(a, b, false, false);
}
)"};
static const HipHelper packFp8Low = {
    "pack_fp8_low",
    R"(// Two floats as fp8 in the lower half of a word; its upper half is undefined.
HIPDEX_DEVICE int pack_fp8_low(float a, float b) {
  int undefined = __builtin_nondeterministic_value(undefined);
  return __builtin_amdgcn_cvt_pk_fp8_f32(a, b, undefined, false);
}
)"};
static const HipHelper packFp8 = {"pack_fp8",
                                  R"(// Two floats as fp8 in one half of `word`.
template <bool is_upper>
HIPDEX_DEVICE int pack_fp8(float a, float b, int word) {
  return __builtin_amdgcn_cvt_pk_fp8_f32(a, b, word, is_upper);
}
)"};
static const HipHelper joinWords = {
    "join_words",
    R"(HIPDEX_DEVICE u32x8 join_words(u32x4 a, u32x4 b) {
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
}
)"};
static const HipHelper vectorOf = {
    "vector_of",
    R"(template <typename T, typename... U> HIPDEX_DEVICE T vector_of(U... parts) {
  return T{parts...};
}
)"};
static const HipHelper mfma32x32x16 = {
    "mfma_32x32x16",
    R"(// 32 x 32 sums of 16 products of fp8: a lane has 8 bytes of both.
HIPDEX_DEVICE f32x16 mfma_32x32x16(u64 a, u64 b, f32x16 sum) {
  return __builtin_amdgcn_mfma_f32_32x32x16_fp8_fp8(a, b, sum, 0, 0, 0);
}
)"};
static const HipHelper mfma16x16x32 = {
    "mfma_16x16x32",
    R"(// 16 x 16 sums of 32 products of fp8: a lane has 8 bytes of both.
HIPDEX_DEVICE f32x4 mfma_16x16x32(u64 a, u64 b, f32x4 sum) {
  return __builtin_amdgcn_mfma_f32_16x16x32_fp8_fp8(a, b, sum, 0, 0, 0);
}
)"};
static const HipHelper mfma32x32x64 = {
    "mfma_32x32x64",
    R"(// 32 x 32 sums of 64 products of fp8, without scales: a lane has 32 bytes of
// both.
HIPDEX_DEVICE f32x16 mfma_32x32x64(u32x8 a, u32x8 b, f32x16 sum) {
  return __builtin_amdgcn_mfma_scale_f32_32x32x64_f8f6f4(a, b, sum, 0, 0, 0, 0,
                                                         0, 0);
}
)"};
static const HipHelper mfma16x16x128 = {
    "mfma_16x16x128",
    R"(// 16 x 16 sums of 128 products of fp8, without scales: a lane has 32 bytes of
// both.
HIPDEX_DEVICE f32x4 mfma_16x16x128(u32x8 a, u32x8 b, f32x4 sum) {
  return __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(a, b, sum, 0, 0, 0, 0,
                                                          0, 0);
}
)"};

ArrayRef<const HipHelper *> hipdex::hipHelpers() {
  static const HipHelper *const all[] = {
      &minOf,          &maxOf,           &minNum,          &maxNum,
      &fmaOf,          &bitsAs,          &loadConstant,    &loadGlobal,
      &storeGlobal,    &loadShared,      &storeShared,     &atomicOr,
      &atomicAdd,      &atomicExchange,  &atomicAddShared, &barrier,
      &makeBuffer,     &bufferLoadU32x4, &bufferLoadU32,   &bufferLoadF32,
      &bufferStoreU32, &bufferStoreF32,  &updateDpp,       &readLane,
      &readFirstLane,  &ballot,          &countBits,       &countLow,
      &countHigh,      &permuteLanes,    &swapLanes32,     &swapLanes16,
      &packFp8Low,     &packFp8,         &joinWords,       &vectorOf,
      &mfma32x32x16,   &mfma16x16x32,    &mfma32x32x64,    &mfma16x16x128};
  return all;
}

//===----------------------------------------------------------------------===//
// arith and math
//===----------------------------------------------------------------------===//

namespace {

HipExpression binary(const HipExpression &a, StringRef op,
                     const HipExpression &b, Precedence precedence,
                     HipType type) {
  // Operands of the same precedence to the left need no parentheses; those of
  // shifts and masks get them, for people and for -Wparentheses.
  bool isRing =
      precedence == Precedence::Sum || precedence == Precedence::Product;
  Precedence left =
      isRing ? precedence
      : precedence <= Precedence::Relation && precedence >= Precedence::Equality
          ? Precedence::Shift
          : Precedence::Unary;
  Precedence right = isRing ? Precedence(unsigned(precedence) + 1) : left;
  return {a.at(left) + " " + op.str() + " " + b.at(right), std::move(type),
          precedence};
}

/// Both operands as one type, of which at least one is no bare literal.
std::pair<HipExpression, HipExpression> operands(HipPrinter &p, Operation *op,
                                                 bool isSigned) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  HipType type = p.typeOf(a).withSign(isSigned);
  HipExpression first = p.get(a, type), second = p.get(b, type);
  if (first.isLiteral && second.isLiteral)
    first.text = p.spelled(first);
  return {first, second};
}

/// Additions and the like, of unsigned numbers. One operand that is makes the
/// other so.
Result wrapping(HipPrinter &p, Operation *op, StringRef sign,
                Precedence precedence) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  HipType type = p.typeOf(op->getResult(0)).withSign(false);
  HipExpression first = p.getUnsigned(a), second = p.getUnsigned(b);
  if (!type.isVector()) {
    HipExpression plainFirst = p.get(a), plainSecond = p.get(b);
    auto isUnsigned = [&](const HipExpression &value) {
      return !value.isLiteral && value.type.kind == HipType::Integer &&
             !value.type.isSigned;
    };
    if (isUnsigned(plainSecond) && !first.isLiteral)
      first = plainFirst;
    else if (isUnsigned(plainFirst) && !second.isLiteral)
      second = plainSecond;
    if (first.isLiteral && second.isLiteral)
      first.text = p.spelled(first);
  }
  return binary(first, sign, second, precedence, type);
}

/// The left operand has the result's type, and says so: the right one does not
/// count in C++.
Result shiftLeft(HipPrinter &p, arith::ShLIOp op) {
  HipType type = p.typeOf(op.getResult()).withSign(false);
  HipExpression value = p.getUnsigned(op.getLhs());
  if (value.isLiteral)
    value.text = p.spelled(value);
  return binary(value, "<<", p.getUnsigned(op.getRhs()), Precedence::Shift,
                type);
}

Result addI(HipPrinter &p, arith::AddIOp op) {
  // A negative constant is taken away.
  APInt constant;
  if (matchPattern(op.getRhs(), m_ConstantInt(&constant)) &&
      constant.isNegative() && !constant.isMinSignedValue() &&
      !p.typeOf(op.getResult()).isVector()) {
    HipType type = p.typeOf(op.getResult()).withSign(false);
    HipExpression left = p.getUnsigned(op.getLhs());
    return binary(left, "-", {llvm::toString(-constant, 10, false), type},
                  Precedence::Sum, type);
  }
  return wrapping(p, op, "+", Precedence::Sum);
}

/// A comparison of vectors: integers, all ones where it holds.
bool isMask(Value value) {
  auto vector = dyn_cast<VectorType>(value.getType());
  return vector && vector.getElementType().isInteger(1);
}

Result bits(HipPrinter &p, Operation *op, StringRef sign,
            Precedence precedence) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  HipType type = p.typeOf(op->getResult(0));
  if (type.kind == HipType::Bool)
    return binary(p.get(a), sign, p.get(b), precedence, type);
  if (isMask(a)) {
    // Masks may be of different widths.
    HipExpression first = p.get(a);
    return binary(first, sign, p.get(b, first.type), precedence, first.type);
  }
  return wrapping(p, op, sign, precedence);
}

Result xorI(HipPrinter &p, arith::XOrIOp op) {
  Attribute ones;
  if (isMask(op.getLhs()) && matchPattern(op.getRhs(), m_Constant(&ones))) {
    if (!isa<SplatElementsAttr>(ones) ||
        cast<SplatElementsAttr>(ones).getSplatValue<APInt>().isZero())
      return op.emitOpError("of a mask and this constant has no HIP C++ text");
    HipExpression value = p.get(op.getLhs());
    return HipExpression{"~" + value.at(Precedence::Unary), value.type,
                         Precedence::Unary};
  }
  if (op.getType().isInteger(1) && matchPattern(op.getRhs(), m_One())) {
    HipExpression value = p.get(op.getLhs());
    return HipExpression{"!" + value.at(Precedence::Unary), value.type,
                         Precedence::Unary};
  }
  return bits(p, op, "^", Precedence::Xor);
}

/// Divisions and right shifts: of numbers with a sign, or without.
Result ofSign(HipPrinter &p, Operation *op, StringRef sign, bool isSigned,
              Precedence precedence) {
  auto [a, b] = operands(p, op, isSigned);
  if (precedence == Precedence::Shift && a.isLiteral)
    a.text = p.spelled(a);
  return binary(a, sign, b, precedence, a.type);
}

Result extreme(HipPrinter &p, Operation *op, const HipHelper &helper,
               bool isSigned) {
  auto [a, b] = operands(p, op, isSigned);
  return call(p.use(helper), {p.spelled(a), p.spelled(b)}, a.type);
}

Result extremeF(HipPrinter &p, Operation *op, const HipHelper &helper) {
  HipExpression a = p.get(op->getOperand(0)), b = p.get(op->getOperand(1));
  return call(p.use(helper), {a.text, b.text}, a.type);
}

Result arithmeticF(HipPrinter &p, Operation *op, StringRef sign,
                   Precedence precedence) {
  HipExpression a = p.get(op->getOperand(0)), b = p.get(op->getOperand(1));
  return binary(a, sign, b, precedence, a.type);
}

Result compareI(HipPrinter &p, arith::CmpIOp op) {
  bool isSigned = false, isEquality = false;
  StringRef sign;
  switch (op.getPredicate()) {
  case arith::CmpIPredicate::eq:
    sign = "==", isEquality = true;
    break;
  case arith::CmpIPredicate::ne:
    sign = "!=", isEquality = true;
    break;
  case arith::CmpIPredicate::slt:
    sign = "<", isSigned = true;
    break;
  case arith::CmpIPredicate::sle:
    sign = "<=", isSigned = true;
    break;
  case arith::CmpIPredicate::sgt:
    sign = ">", isSigned = true;
    break;
  case arith::CmpIPredicate::sge:
    sign = ">=", isSigned = true;
    break;
  case arith::CmpIPredicate::ult:
    sign = "<";
    break;
  case arith::CmpIPredicate::ule:
    sign = "<=";
    break;
  case arith::CmpIPredicate::ugt:
    sign = ">";
    break;
  case arith::CmpIPredicate::uge:
    sign = ">=";
    break;
  }
  HipType type = p.typeOf(op.getLhs());
  if (isMask(op.getLhs()) || (type.kind == HipType::Bool && !isEquality))
    return op.emitOpError("of these flags has no HIP C++ text");
  if (type.kind == HipType::Bool)
    return binary(p.get(op.getLhs()), sign, p.get(op.getRhs()),
                  Precedence::Equality, type);
  // Equality has no sign: that of the left operand does.
  if (isEquality)
    isSigned = type.isSigned;
  auto [a, b] = operands(p, op, isSigned);
  HipType result = type.isVector()
                       ? HipType::integer(type.bits, true, type.lanes)
                       : HipType::boolean();
  return binary(a, sign, b,
                isEquality ? Precedence::Equality : Precedence::Relation,
                result);
}

Result compareF(HipPrinter &p, arith::CmpFOp op) {
  HipExpression a = p.get(op.getLhs()), b = p.get(op.getRhs());
  HipType type = a.type.isVector()
                     ? HipType::integer(a.type.bits, true, a.type.lanes)
                     : HipType::boolean();
  auto compare = [&](StringRef sign) {
    bool isEquality = sign == "==" || sign == "!=";
    return binary(a, sign, b,
                  isEquality ? Precedence::Equality : Precedence::Relation,
                  type);
  };
  // C++'s are the ordered ones; an unordered one is what the opposite is not.
  auto unordered = [&](StringRef opposite) {
    return HipExpression{"!(" + compare(opposite).text + ")", type,
                         Precedence::Unary};
  };
  switch (op.getPredicate()) {
  case arith::CmpFPredicate::OEQ:
    return compare("==");
  case arith::CmpFPredicate::UNE:
    return compare("!=");
  case arith::CmpFPredicate::OLT:
    return compare("<");
  case arith::CmpFPredicate::OLE:
    return compare("<=");
  case arith::CmpFPredicate::OGT:
    return compare(">");
  case arith::CmpFPredicate::OGE:
    return compare(">=");
  case arith::CmpFPredicate::ULT:
    return unordered(">=");
  case arith::CmpFPredicate::ULE:
    return unordered(">");
  case arith::CmpFPredicate::UGT:
    return unordered("<=");
  case arith::CmpFPredicate::UGE:
    return unordered("<");
  case arith::CmpFPredicate::UNO:
  case arith::CmpFPredicate::ORD:
    // With itself: whether it is a NaN.
    if (op.getLhs() == op.getRhs())
      return compare(op.getPredicate() == arith::CmpFPredicate::UNO ? "!="
                                                                    : "==");
    if (!a.type.isVector()) {
      std::string text =
          "__builtin_isunordered(" + a.text + ", " + b.text + ")";
      bool isOrdered = op.getPredicate() == arith::CmpFPredicate::ORD;
      return HipExpression{(isOrdered ? "!" : "") + text, type,
                           isOrdered ? Precedence::Unary : Precedence::Primary};
    }
    [[fallthrough]];
  default:
    return op.emitOpError("has a predicate without HIP C++ text: ")
           << arith::stringifyCmpFPredicate(op.getPredicate());
  }
}

Result select(HipPrinter &p, arith::SelectOp op) {
  HipExpression condition = p.get(op.getCondition());
  HipType type = p.typeOf(op.getTrueValue());
  if (matchPattern(op.getTrueValue(), m_Constant()))
    type = p.typeOf(op.getFalseValue());
  HipExpression a = p.get(op.getTrueValue(), type),
                b = p.get(op.getFalseValue(), type);
  if (a.isLiteral && b.isLiteral)
    a.text = p.spelled(a);
  // A mask is as wide as what it chooses from.
  if (condition.type.isVector())
    condition = castTo(
        condition, HipType::integer(type.bits, /*isSigned=*/true, type.lanes));
  return HipExpression{condition.at(Precedence::Or) + " ? " +
                           a.at(Precedence::Or) + " : " + b.at(Precedence::Or),
                       type, Precedence::Conditional};
}

Result extendUI(HipPrinter &p, arith::ExtUIOp op) {
  if (isMask(op.getIn()))
    return op.emitOpError("of a mask has no HIP C++ text");
  HipType type = p.typeOf(op.getResult()).withSign(false);
  HipExpression value = p.typeOf(op.getIn()).kind == HipType::Bool
                            ? p.get(op.getIn())
                            : p.getUnsigned(op.getIn());
  return castTo(value, type);
}

Result extendSI(HipPrinter &p, arith::ExtSIOp op) {
  if (isMask(op.getIn()))
    return op.emitOpError("of a mask has no HIP C++ text");
  HipType type = p.typeOf(op.getResult()).withSign(true);
  if (p.typeOf(op.getIn()).kind == HipType::Bool)
    return HipExpression{"-" + castTo(p.get(op.getIn()), type).text, type,
                         Precedence::Unary};
  return castTo(p.getSigned(op.getIn()), type);
}

Result truncateI(HipPrinter &p, arith::TruncIOp op) {
  if (isMask(op.getResult()))
    return op.emitOpError("to a mask has no HIP C++ text");
  HipType type = p.typeOf(op.getResult()).withSign(false);
  HipExpression value = p.getUnsigned(op.getIn());
  if (type.kind != HipType::Bool)
    return castTo(value, type);
  return HipExpression{"(" + value.at(Precedence::Unary) + " & 1) != 0", type,
                       Precedence::Equality};
}

/// Conversions of numbers.
Result convert(HipPrinter &p, Operation *op, bool fromSigned, bool toSigned) {
  // True is -1 with a sign.
  Value from = op->getOperand(0), to = op->getResult(0);
  if (isMask(from) || isMask(to) || to.getType().isInteger(1) ||
      (from.getType().isInteger(1) && fromSigned))
    return op->emitOpError("of flags has no HIP C++ text");
  if (auto narrowing = dyn_cast<arith::TruncFOp>(op))
    if (narrowing.getRoundingmode().value_or(
            arith::RoundingMode::to_nearest_even) !=
        arith::RoundingMode::to_nearest_even)
      return op->emitOpError("with another rounding mode than to_nearest_even "
                             "has no HIP C++ text");
  HipType type = p.typeOf(op->getResult(0));
  if (type.kind == HipType::Integer)
    type = type.withSign(toSigned);
  HipExpression value = p.get(op->getOperand(0));
  if (value.type.kind == HipType::Integer)
    value = fromSigned ? p.getSigned(op->getOperand(0))
                       : p.getUnsigned(op->getOperand(0));
  return castTo(value, type);
}

Result indexCast(HipPrinter &p, Operation *op) {
  return p.get(op->getOperand(0));
}

Result bitcast(HipPrinter &p, Operation *op) {
  HipExpression value = p.get(op->getOperand(0));
  HipType type = p.typeOf(op->getResult(0));
  if (type.isVector() && value.type.isVector())
    return HipExpression{"(" + type.str() + ")" + value.at(Precedence::Unary),
                         type, Precedence::Unary};
  return call(p.use(bitsAs) + "<" + type.str() + ">", {value.text}, type);
}

Result fmaF(HipPrinter &p, math::FmaOp op) {
  HipExpression a = p.get(op.getA());
  return call(p.use(fmaOf),
              {a.text, p.get(op.getB()).text, p.get(op.getC()).text}, a.type);
}

Result populationCount(HipPrinter &p, math::CtPopOp op) {
  if (!op.getType().isInteger(64))
    return op.emitOpError("of another type than i64 has no HIP C++ text");
  HipExpression value = p.getUnsigned(op.getOperand());
  return call(p.use(countBits), {value.text}, value.type);
}

//===----------------------------------------------------------------------===//
// vector
//===----------------------------------------------------------------------===//

Result extract(HipPrinter &p, vector::ExtractOp op) {
  HipExpression value = p.get(op.getSource());
  if (op.hasDynamicPosition() || op.getNumIndices() != 1 ||
      isa<VectorType>(op.getType()))
    return op.emitOpError("takes more than one element, or one that is not "
                          "known, which has no HIP C++ text");
  HipExpression element = {value.at(Precedence::Primary) + "[" +
                               std::to_string(op.getStaticPosition()[0]) + "]",
                           value.type.withLanes(1)};
  if (isMask(op.getSource()))
    return HipExpression{element.text + " != 0", HipType::boolean(),
                         Precedence::Equality};
  return element;
}

Result shuffled(const HipExpression &a, const HipExpression &b,
                ArrayRef<int64_t> lanes) {
  SmallVector<std::string> arguments = {a.text, b.text};
  for (int64_t lane : lanes)
    arguments.push_back(std::to_string(lane));
  return call("__builtin_shufflevector", arguments,
              a.type.withLanes(lanes.size()));
}

Result extractSlice(HipPrinter &p, vector::ExtractStridedSliceOp op) {
  HipExpression value = p.get(op.getSource());
  auto number = [](ArrayAttr array) {
    return cast<IntegerAttr>(array[0]).getInt();
  };
  int64_t first = number(op.getOffsets()), count = number(op.getSizes());
  if (count == 1)
    return op.emitOpError("gives a vector of one element, which has no HIP C++ "
                          "text");
  SmallVector<int64_t> lanes =
      llvm::to_vector(llvm::seq<int64_t>(first, first + count));
  // .s01 is the first two; there are names for up to 16 elements.
  bool hasName =
      value.type.lanes <= 16 && (count == 2 || count == 4 || count == 8);
  if (!hasName)
    return shuffled(value, value, lanes);
  std::string name = value.at(Precedence::Primary) + ".s";
  for (int64_t lane : lanes)
    name += llvm::hexdigit(lane, /*LowerCase=*/true);
  return HipExpression{name, value.type.withLanes(count)};
}

Result insertSlice(HipPrinter &p, vector::InsertStridedSliceOp op) {
  HipExpression part = p.get(op.getValueToStore()), whole = p.get(op.getDest());
  int64_t first = cast<IntegerAttr>(op.getOffsets()[0]).getInt();
  int64_t lanes = whole.type.lanes;
  // Vectors of one length: the part is widened first.
  SmallVector<int64_t> wide, merged;
  for (int64_t i = 0; i < lanes; ++i)
    wide.push_back(i < part.type.lanes ? i : -1);
  Result widened = shuffled(part, part, wide);
  for (int64_t i = 0; i < lanes; ++i)
    merged.push_back(
        i >= first && i < first + part.type.lanes ? lanes + i - first : i);
  return shuffled(whole, castTo(*widened, whole.type), merged);
}

Result fromElements(HipPrinter &p, vector::FromElementsOp op) {
  if (isMask(op.getResult()))
    return op.emitOpError("of flags has no HIP C++ text");
  HipType type = p.typeOf(op.getResult());
  SmallVector<std::string> elements;
  for (Value element : op.getElements())
    elements.push_back(type.kind == HipType::Integer
                           ? p.get(element, type.withLanes(1)).text
                           : p.get(element).text);
  if (type.lanes > 4)
    return call(p.use(vectorOf) + "<" + type.str() + ">", elements, type);
  return HipExpression{type.str() + "{" + llvm::join(elements, ", ") + "}",
                       type};
}

Result broadcast(HipPrinter &p, vector::BroadcastOp op) {
  HipExpression value = p.get(op.getSource());
  if (value.type.isVector())
    return op.emitOpError("of a vector has no HIP C++ text");
  if (isMask(op.getResult()))
    return op.emitOpError("of a flag has no HIP C++ text");
  HipType type = p.typeOf(op.getResult());
  return HipExpression{"(" + type.str() + ")" + value.at(Precedence::Unary),
                       type, Precedence::Unary};
}

Result shuffle(HipPrinter &p, vector::ShuffleOp op) {
  // Words of matrix operands have no sign.
  HipExpression a = p.getUnsigned(op.getV1()), b = p.getUnsigned(op.getV2());
  if (op.getMask() == ArrayRef<int64_t>{0, 1, 2, 3, 4, 5, 6, 7} &&
      a.type == HipType::integer(32, false, 4) && b.type == a.type)
    return call(p.use(joinWords), {a.text, b.text}, a.type.withLanes(8));
  return shuffled(a, b, op.getMask());
}

Result reduce(HipPrinter &p, vector::ReductionOp op) {
  HipExpression value = p.getSigned(op.getVector());
  switch (op.getKind()) {
  case vector::CombiningKind::MAXSI:
    if (!op.getAcc())
      return call("__builtin_reduce_max", {value.text},
                  value.type.withLanes(1));
    [[fallthrough]];
  default:
    return op.emitOpError("of this kind has no HIP C++ text: ")
           << vector::stringifyCombiningKind(op.getKind());
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// With an element that a pointer does not point at, a cast.
Result elementPointer(HipPrinter &p, LLVM::GEPOp op) {
  HipExpression base = p.get(op.getBase());
  auto indices = op.getIndices();
  std::optional<HipType> element =
      HipType::get(op.getElemType(), op.getElemType().isInteger(32));
  if (indices.size() != 1 || !element)
    return op.emitOpError("is an address without HIP C++ text");
  StringRef constant =
      StringRef(base.type.pointee).starts_with("const ") ? "const " : "";
  HipType type = HipType::pointer((constant + element->str()).str());
  base = castTo(base, type);
  if (auto fixed = dyn_cast<IntegerAttr>(indices[0]))
    return binary(
        base, fixed.getInt() < 0 ? "-" : "+",
        {std::to_string(std::abs(fixed.getInt())), HipType::integer(64, true)},
        Precedence::Sum, type);
  // A narrower index is extended with its sign.
  Value index = cast<Value>(indices[0]);
  return binary(base, "+",
                index.getType().isInteger(64) ? p.get(index)
                                              : p.getSigned(index),
                Precedence::Sum, type);
}

/// `<T>` or `<T, alignment>`.
std::string elementOf(const HipType &type, uint64_t alignment) {
  uint64_t natural = llvm::PowerOf2Ceil(type.bits / 8 * type.lanes);
  if (alignment == 0 || alignment >= natural)
    return "<" + type.str() + ">";
  return "<" + type.str() + ", " + std::to_string(alignment) + ">";
}

unsigned addressSpace(Value pointer) {
  return cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace();
}
bool isGlobal(Value pointer) { return addressSpace(pointer) == 1; }
bool isShared(Value pointer) { return addressSpace(pointer) == 3; }

Result load(HipPrinter &p, LLVM::LoadOp op) {
  if (op.getVolatile_() || op.getNontemporal() ||
      op.getOrdering() != LLVM::AtomicOrdering::not_atomic ||
      (!isGlobal(op.getAddr()) && !isShared(op.getAddr())))
    return op.emitOpError("is a load without HIP C++ text");
  HipType type = p.typeOf(op.getResult());
  const HipHelper &helper = isShared(op.getAddr()) ? loadShared
                            : op.getInvariant()    ? loadConstant
                                                   : loadGlobal;
  return call(p.use(helper) + elementOf(type, op.getAlignment().value_or(0)),
              {p.get(op.getAddr()).text}, type);
}

Result pointerToInteger(HipPrinter &p, LLVM::PtrToIntOp op) {
  if (!op.getType().isInteger(64) || !isGlobal(op.getArg()))
    return op.emitOpError("of another type than i64, or of another address "
                          "than a global one, has no HIP C++ text");
  HipType type = p.typeOf(op.getResult()).withSign(false);
  return HipExpression{"(" + type.str() + ")" +
                           p.get(op.getArg()).at(Precedence::Unary),
                       type, Precedence::Unary};
}

bool isZero(Value value) { return matchPattern(value, m_Zero()); }

Result makeBufferOf(HipPrinter &p, ROCDL::MakeBufferRsrcOp op) {
  APInt flags;
  if (!isZero(op.getStride()) ||
      !matchPattern(op.getFlags(), m_ConstantInt(&flags)))
    return op.emitOpError("has a stride or flags without HIP C++ text");
  return call(p.use(makeBuffer),
              {p.get(op.getBase()).text, p.getUnsigned(op.getNumRecords()).text,
               "0x" + llvm::toString(flags, 16, false)},
              p.typeOf(op.getRes()));
}

Result bufferLoad(HipPrinter &p, ROCDL::RawPtrBufferLoadOp op) {
  HipType type = p.typeOf(op.getRes());
  const HipHelper *helper = nullptr;
  if (type.kind == HipType::Float && type.bits == 32 && !type.isVector())
    helper = &bufferLoadF32;
  else if (type.kind == HipType::Integer && type.bits == 32)
    helper = type.lanes == 4   ? &bufferLoadU32x4
             : type.lanes == 1 ? &bufferLoadU32
                               : nullptr;
  if (!helper || !isZero(op.getAux()))
    return op.emitOpError("has a type or an aux without HIP C++ text");
  return call(p.use(*helper),
              {p.get(op.getRsrc()).text, p.get(op.getOffset()).text,
               p.get(op.getSoffset()).text},
              type.withSign(false));
}

LogicalResult bufferStore(HipPrinter &p, ROCDL::RawPtrBufferStoreOp op) {
  HipType type = p.typeOf(op.getVdata());
  const HipHelper *helper = nullptr;
  if (type.kind == HipType::Float && type.bits == 32 && !type.isVector())
    helper = &bufferStoreF32;
  else if (type.kind == HipType::Integer && type.bits == 32 && !type.isVector())
    helper = &bufferStoreU32;
  if (!helper || !isZero(op.getAux()))
    return op.emitOpError("has a type or an aux without HIP C++ text");
  return p.statement(op, [&] {
    return call(p.use(*helper),
                {p.get(op.getVdata()).text, p.get(op.getRsrc()).text,
                 p.get(op.getOffset()).text, p.get(op.getSoffset()).text},
                type)
               .text +
           ";";
  });
}

LogicalResult store(HipPrinter &p, LLVM::StoreOp op) {
  if (op.getVolatile_() || op.getNontemporal() ||
      op.getOrdering() != LLVM::AtomicOrdering::not_atomic ||
      (!isGlobal(op.getAddr()) && !isShared(op.getAddr())))
    return op.emitOpError("is a store without HIP C++ text");
  HipType type = p.typeOf(op.getValue());
  return p.statement(op, [&] {
    return call(p.use(isShared(op.getAddr()) ? storeShared : storeGlobal) +
                    elementOf(type, op.getAlignment().value_or(0)),
                {p.get(op.getAddr()).text, p.get(op.getValue()).text}, type)
               .text +
           ";";
  });
}

Result atomic(HipPrinter &p, LLVM::AtomicRMWOp op) {
  const HipHelper *helper = nullptr;
  StringRef scope = op.getSyncscope().value_or("");
  if (!op.getVolatile_() &&
      op.getOrdering() == LLVM::AtomicOrdering::monotonic &&
      op.getVal().getType().isInteger(32)) {
    if (isGlobal(op.getPtr()) && scope == "agent")
      helper = op.getBinOp() == LLVM::AtomicBinOp::_or    ? &atomicOr
               : op.getBinOp() == LLVM::AtomicBinOp::add  ? &atomicAdd
               : op.getBinOp() == LLVM::AtomicBinOp::xchg ? &atomicExchange
                                                          : nullptr;
    else if (isShared(op.getPtr()) && scope == "workgroup" &&
             op.getBinOp() == LLVM::AtomicBinOp::add)
      helper = &atomicAddShared;
  }
  if (!helper)
    return op.emitOpError("is an atomic operation without HIP C++ text");
  return call(p.use(*helper),
              {p.get(op.getPtr()).text, p.get(op.getVal()).text},
              HipType::integer(32, true));
}

LogicalResult fence(HipPrinter &p, LLVM::FenceOp op) {
  StringRef order;
  switch (op.getOrdering()) {
  case LLVM::AtomicOrdering::acquire:
    order = "ACQUIRE";
    break;
  case LLVM::AtomicOrdering::release:
    order = "RELEASE";
    break;
  case LLVM::AtomicOrdering::acq_rel:
    order = "ACQ_REL";
    break;
  default:
    return op.emitOpError("of this ordering has no HIP C++ text");
  }
  return p.statement(op, [&] {
    return ("__builtin_amdgcn_fence(__ATOMIC_" + order + ", \"" +
            op.getSyncscope().value_or("") + "\");")
        .str();
  });
}

template <typename OpTy>
Result countBelow(HipPrinter &p, OpTy op, const HipHelper &helper) {
  return call(p.use(helper), {p.get(op.getIn0()).text, p.get(op.getIn1()).text},
              HipType::integer(32, true));
}

//===----------------------------------------------------------------------===//
// Lanes, matrix products, scheduling
//===----------------------------------------------------------------------===//

Result dpp(HipPrinter &p, ROCDL::DPPUpdateOp op) {
  HipType type = HipType::integer(32, true);
  if (!op.getType().isInteger(32))
    return op.emitOpError("of another type than i32 has no HIP C++ text");
  std::string function = p.use(updateDpp) + "<" +
                         std::to_string(op.getDppCtrl()) + ", " +
                         std::to_string(op.getRowMask()) + ", " +
                         std::to_string(op.getBankMask()) +
                         (op.getBoundCtrl() ? ", true>" : ", false>");
  return call(function, {p.get(op.getOld()).text, p.get(op.getSrc()).text},
              type);
}

Result readLaneOf(HipPrinter &p, ROCDL::ReadlaneOp op) {
  if (!op.getType().isInteger(32))
    return op.emitOpError("of another type than i32 has no HIP C++ text");
  return call(p.use(readLane),
              {p.get(op.getSrc0()).text, p.get(op.getSrc1()).text},
              HipType::integer(32, true));
}

Result readFirstLaneOf(HipPrinter &p, ROCDL::ReadfirstlaneOp op) {
  if (!op.getType().isInteger(32))
    return op.emitOpError("of another type than i32 has no HIP C++ text");
  return call(p.use(readFirstLane), {p.get(op.getSrc()).text},
              HipType::integer(32, true));
}

Result ballotOf(HipPrinter &p, ROCDL::BallotOp op) {
  if (!op.getType().isInteger(64))
    return op.emitOpError("of another type than i64 has no HIP C++ text");
  return call(p.use(ballot), {p.get(op.getPred()).text},
              HipType::integer(64, false));
}

Result permute(HipPrinter &p, ROCDL::DsBpermuteOp op) {
  return call(p.use(permuteLanes),
              {p.get(op.getIndex()).text, p.get(op.getSrc()).text},
              HipType::integer(32, true));
}

template <typename OpTy>
Result swapLanes(HipPrinter &p, OpTy op, const HipHelper &helper) {
  if (op.getFi() || op.getBoundControl())
    return op.emitOpError("with fi or bound_control has no HIP C++ text");
  return call(p.use(helper), {p.get(op.getOld()).text, p.get(op.getSrc()).text},
              HipType::integer(32, false, 2));
}

/// Of the pair that an exchange of lanes gives.
Result part(HipPrinter &p, LLVM::ExtractValueOp op) {
  HipExpression pair = p.get(op.getContainer());
  if (op.getPosition().size() != 1 || !pair.type.isVector())
    return op.emitOpError("has no HIP C++ text");
  return HipExpression{pair.at(Precedence::Primary) + "[" +
                           std::to_string(op.getPosition()[0]) + "]",
                       pair.type.withLanes(1)};
}

Result convertFp8(HipPrinter &p, ROCDL::CvtPkFp8F32Op op) {
  HipType type = HipType::integer(32, true);
  std::string a = p.get(op.getSrcA()).text, b = p.get(op.getSrcB()).text;
  if (op.getOld().getDefiningOp<LLVM::PoisonOp>() && !op.getWordSel())
    return call(p.use(packFp8Low), {a, b}, type);
  return call(p.use(packFp8) + (op.getWordSel() ? "<true>" : "<false>"),
              {a, b, p.get(op.getOld()).text}, type);
}

/// A matrix product without the modifiers that are its operands from
/// \p firstModifier on.
Result product(HipPrinter &p, Operation *op, const HipHelper &helper,
               unsigned firstModifier = 3) {
  for (Value modifier : op->getOperands().drop_front(firstModifier))
    if (!isZero(modifier))
      return op->emitOpError("has a modifier without HIP C++ text");
  for (NamedAttribute attribute : op->getAttrs())
    if (auto number = dyn_cast<IntegerAttr>(attribute.getValue()))
      if (!number.getValue().isZero())
        return op->emitOpError("has a modifier without HIP C++ text");
  HipExpression sum = p.get(op->getOperand(2));
  return call(
      p.use(helper),
      {p.get(op->getOperand(0)).text, p.get(op->getOperand(1)).text, sum.text},
      sum.type);
}

Result identifier(HipPrinter &, Operation *op, gpu::Dimension dimension,
                  StringRef builtin) {
  if (dimension != gpu::Dimension::x)
    return op->emitOpError("of another dimension than x has no HIP C++ text");
  return call(builtin, {}, HipType::integer(32, false));
}

LogicalResult compilerBarrier(HipPrinter &p, LLVM::InlineAsmOp op) {
  if (!op.getAsmString().empty() || op.getConstraints() != "~{memory}" ||
      op->getNumOperands() || op->getNumResults())
    return op.emitOpError("has no HIP C++ text");
  return p.statement(
      op, [] { return std::string("__asm__ volatile(\"\" ::: \"memory\");"); });
}

LogicalResult waitForLoads(HipPrinter &p, amdgpu::MemoryCounterWaitOp op) {
  if (op.getLoad() != 0 || op.getStore() || op.getDs() || op.getExp() ||
      op.getTensor())
    return op.emitOpError("of other counters than load(0) has no HIP C++ text");
  // S_WAITCNT's fields on GFX9, with vmcnt 0 and the others at their largest:
  // expcnt in bits 4 to 6, lgkmcnt in bits 8 to 11 ("AMD Instinct MI300" ISA,
  // 4.4).
  return p.statement(
      op, [] { return std::string("__builtin_amdgcn_s_waitcnt(0x0f70);"); });
}

} // namespace

//===----------------------------------------------------------------------===//
// By kind
//===----------------------------------------------------------------------===//

Result hipdex::printExpression(HipPrinter &p, Operation *op) {
  using namespace arith;
  // C++ computes in int what is narrower than it.
  if (isa<AddIOp, SubIOp, MulIOp, ShLIOp, ShRUIOp, ShRSIOp, AndIOp, OrIOp,
          XOrIOp, DivUIOp, DivSIOp, RemUIOp, RemSIOp, MinSIOp, MaxSIOp, MinUIOp,
          MaxUIOp>(op) &&
      (op->getResult(0).getType().isInteger(8) ||
       op->getResult(0).getType().isInteger(16)))
    return op->emitOpError("of a number of fewer than 32 bits has no HIP C++ "
                           "text");
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](AddIOp op) { return addI(p, op); })
      .Case([&](SubIOp op) { return wrapping(p, op, "-", Precedence::Sum); })
      .Case(
          [&](MulIOp op) { return wrapping(p, op, "*", Precedence::Product); })
      .Case([&](ShLIOp op) { return shiftLeft(p, op); })
      .Case([&](AndIOp op) { return bits(p, op, "&", Precedence::And); })
      .Case([&](OrIOp op) { return bits(p, op, "|", Precedence::Or); })
      .Case([&](XOrIOp op) { return xorI(p, op); })
      .Case([&](ShRUIOp op) {
        return ofSign(p, op, ">>", false, Precedence::Shift);
      })
      .Case([&](ShRSIOp op) {
        return ofSign(p, op, ">>", true, Precedence::Shift);
      })
      .Case([&](DivUIOp op) {
        return ofSign(p, op, "/", false, Precedence::Product);
      })
      .Case([&](DivSIOp op) {
        return ofSign(p, op, "/", true, Precedence::Product);
      })
      .Case([&](RemUIOp op) {
        return ofSign(p, op, "%", false, Precedence::Product);
      })
      .Case([&](RemSIOp op) {
        return ofSign(p, op, "%", true, Precedence::Product);
      })
      .Case([&](MinSIOp op) { return extreme(p, op, minOf, true); })
      .Case([&](MaxSIOp op) { return extreme(p, op, maxOf, true); })
      .Case([&](MinUIOp op) { return extreme(p, op, minOf, false); })
      .Case([&](MaxUIOp op) { return extreme(p, op, maxOf, false); })
      .Case([&](AddFOp op) { return arithmeticF(p, op, "+", Precedence::Sum); })
      .Case([&](SubFOp op) { return arithmeticF(p, op, "-", Precedence::Sum); })
      .Case([&](MulFOp op) {
        return arithmeticF(p, op, "*", Precedence::Product);
      })
      .Case([&](DivFOp op) {
        return arithmeticF(p, op, "/", Precedence::Product);
      })
      .Case([&](MaxNumFOp op) { return extremeF(p, op, maxNum); })
      .Case([&](MinNumFOp op) { return extremeF(p, op, minNum); })
      .Case([&](NegFOp op) {
        HipExpression value = p.get(op.getOperand());
        return HipExpression{"-" + value.at(Precedence::Primary), value.type,
                             Precedence::Unary};
      })
      .Case([&](math::SqrtOp op) {
        HipExpression value = p.get(op.getOperand());
        return call("__builtin_elementwise_sqrt", {value.text}, value.type);
      })
      .Case([&](CmpIOp op) { return compareI(p, op); })
      .Case([&](CmpFOp op) { return compareF(p, op); })
      .Case([&](SelectOp op) { return select(p, op); })
      .Case([&](ExtUIOp op) { return extendUI(p, op); })
      .Case([&](ExtSIOp op) { return extendSI(p, op); })
      .Case([&](TruncIOp op) { return truncateI(p, op); })
      .Case<ExtFOp, TruncFOp, SIToFPOp, FPToSIOp>(
          [&](auto op) { return convert(p, op, true, true); })
      .Case<UIToFPOp, FPToUIOp>(
          [&](auto op) { return convert(p, op, false, false); })
      .Case<IndexCastOp, IndexCastUIOp>(
          [&](auto op) { return indexCast(p, op); })
      .Case<arith::BitcastOp, LLVM::BitcastOp>(
          [&](auto op) { return bitcast(p, op); })
      .Case([&](math::FmaOp op) { return fmaF(p, op); })
      .Case([&](math::CtPopOp op) { return populationCount(p, op); })
      .Case([&](vector::ExtractOp op) { return extract(p, op); })
      .Case(
          [&](vector::ExtractStridedSliceOp op) { return extractSlice(p, op); })
      .Case([&](vector::InsertStridedSliceOp op) { return insertSlice(p, op); })
      .Case([&](vector::FromElementsOp op) { return fromElements(p, op); })
      .Case([&](vector::BroadcastOp op) { return broadcast(p, op); })
      .Case([&](vector::ShuffleOp op) { return shuffle(p, op); })
      .Case([&](vector::ReductionOp op) { return reduce(p, op); })
      .Case([&](LLVM::GEPOp op) { return elementPointer(p, op); })
      .Case([&](LLVM::LoadOp op) { return load(p, op); })
      .Case([&](LLVM::PtrToIntOp op) { return pointerToInteger(p, op); })
      .Case([&](LLVM::ExtractValueOp op) { return part(p, op); })
      .Case([&](LLVM::AtomicRMWOp op) { return atomic(p, op); })
      .Case([&](ROCDL::MbcntLoOp op) { return countBelow(p, op, countLow); })
      .Case([&](ROCDL::MbcntHiOp op) { return countBelow(p, op, countHigh); })
      .Case([&](ROCDL::MakeBufferRsrcOp op) { return makeBufferOf(p, op); })
      .Case([&](ROCDL::RawPtrBufferLoadOp op) { return bufferLoad(p, op); })
      .Case([&](ROCDL::DPPUpdateOp op) { return dpp(p, op); })
      .Case([&](ROCDL::ReadlaneOp op) { return readLaneOf(p, op); })
      .Case([&](ROCDL::ReadfirstlaneOp op) { return readFirstLaneOf(p, op); })
      .Case([&](ROCDL::BallotOp op) { return ballotOf(p, op); })
      .Case([&](ROCDL::DsBpermuteOp op) { return permute(p, op); })
      .Case([&](ROCDL::Permlane32SwapOp op) {
        return swapLanes(p, op, swapLanes32);
      })
      .Case([&](ROCDL::Permlane16SwapOp op) {
        return swapLanes(p, op, swapLanes16);
      })
      .Case([&](ROCDL::CvtPkFp8F32Op op) { return convertFp8(p, op); })
      .Case([&](ROCDL::mfma_f32_32x32x16_fp8_fp8 op) {
        return product(p, op, mfma32x32x16);
      })
      .Case([&](ROCDL::mfma_f32_16x16x32_fp8_fp8 op) {
        return product(p, op, mfma16x16x32);
      })
      .Case([&](ROCDL::mfma_scale_f32_32x32x64_f8f6f4 op) {
        return product(p, op, mfma32x32x64);
      })
      .Case([&](ROCDL::mfma_scale_f32_16x16x128_f8f6f4 op) {
        return product(p, op, mfma16x16x128);
      })
      .Case([&](gpu::ThreadIdOp op) {
        return identifier(p, op, op.getDimension(),
                          "__builtin_amdgcn_workitem_id_x");
      })
      .Case([&](gpu::BlockIdOp op) {
        return identifier(p, op, op.getDimension(),
                          "__builtin_amdgcn_workgroup_id_x");
      })
      .Default([](Operation *op) -> Result {
        return op->emitOpError("has no HIP C++ text");
      });
}

std::optional<LogicalResult> hipdex::printStatement(HipPrinter &p,
                                                    Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<LogicalResult>>(op)
      .Case([&](ROCDL::RawPtrBufferStoreOp op) { return bufferStore(p, op); })
      .Case([&](LLVM::StoreOp op) { return store(p, op); })
      .Case([&](LLVM::AtomicRMWOp op) -> std::optional<LogicalResult> {
        if (!op->use_empty())
          return std::nullopt;
        Result checked = atomic(p, op);
        if (failed(checked))
          return failure();
        return p.statement(op, [&] { return atomic(p, op)->text + ";"; });
      })
      .Case([&](LLVM::FenceOp op) { return fence(p, op); })
      .Case([&](gpu::BarrierOp op) {
        return p.statement(op, [&] { return p.use(barrier) + "();"; });
      })
      .Case([&](LLVM::InlineAsmOp op) { return compilerBarrier(p, op); })
      .Case([&](amdgpu::MemoryCounterWaitOp op) { return waitForLoads(p, op); })
      .Case([&](ROCDL::SchedBarrier op) {
        return p.statement(op, [&] {
          return "__builtin_amdgcn_sched_barrier(" +
                 std::to_string(op.getMask()) + ");";
        });
      })
      .Default([](Operation *) { return std::nullopt; });
}

bool hipdex::isExpression(Operation *op) {
  // Lanes exchange in the order of the IR, as matrix products are multiplied.
  return isMemoryEffectFree(op) || isa<ROCDL::DPPUpdateOp>(op);
}
