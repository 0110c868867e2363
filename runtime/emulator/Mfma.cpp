//===- Mfma.cpp - Matrix instructions -------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lane maps, from "AMD Instinct MI300 Instruction Set Architecture", 7.1.4
// (dense matrix layouts) and 7.1.3 (CBSZ, ABID, BLGP), and from AMD's
// matrix-instruction calculator, which prints the same formulas. With E
// elements a lane, E = M * K * blocks / 64:
//
//   A: i = lane % M, block = lane / M % blocks,
//      k = E * (lane / (M * blocks)) + e;         B likewise with N, j.
//   C, D of 32 bits: groups of 4 rows stand in 4 registers; a register's 64
//      lanes hold N columns of 64/N groups (or blocks).
//   C, D of 64 bits: the same with groups of 1 row.
//
// The f8f6f4 instructions ("AMD Instinct CDNA4 Instruction Set Architecture",
// 7.1.5) have 32 elements a lane: fp6, bf6 and fp4 in order of k as above, the
// 8-bit formats as two runs of 16, run c from k = c * 1024/M + 16 * (lane / M).
// A scale holds for 32 k's; that of row i, k/32 = s is in lane i + M * s.
//
// Rounding: D = C, then for k ascending one fused multiply-add each, in the
// accumulator's type. AMD does not document the order nor the width of the
// intermediate sums of the narrow formats.
//
//===----------------------------------------------------------------------===//

#include "emulator/Mfma.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace llvm;

namespace hipdex::emulator {

namespace {
enum class Element : uint8_t { F64, F32, F16, BF16, I8, Fp8, Bf8, F8F6F4 };

/// The element formats of f8f6f4, by their number in cbsz and blgp.
enum Format : unsigned {
  FormatFp8,
  FormatBf8,
  FormatFp6,
  FormatBf6,
  FormatFp4
};
} // namespace

struct MfmaInfo {
  StringLiteral name;
  Element a, b;
  unsigned m, n, k, blocks;
  /// Which of the two 8-bit families the arch reads (FNUZ on gfx942).
  bool fnuz = false;

  unsigned elementsPerLane() const { return m * k * blocks / 64; }
  bool isDouble() const { return a == Element::F64; }
  // Where the calculator's table allows the modifiers; they are ignored
  // elsewhere.
  bool takesCbsz() const { return blocks > 1 && !isDouble(); }
  bool takesBlgp() const {
    return (blocks > 1 || a == Element::F32) && !isDouble();
  }

  /// Where rows of D begin, in words of a register array; n columns follow.
  /// Filled once, because a division for every row costs more than the row.
  uint16_t rowBegin[64] = {};

  void fillRowBegin() {
    unsigned height = isDouble() ? 1 : 4;
    unsigned registersPerElement = isDouble() ? 2 : 1;
    unsigned groupsPerRegister = 64 / n;
    unsigned blocksPerRegister = divideCeil(64u, m * n / height);
    for (unsigned block = 0; block < blocks; ++block)
      for (unsigned i = 0; i < m; ++i) {
        unsigned reg = block * (m * n / 64) +
                       i / (height * groupsPerRegister) * height + i % height;
        unsigned lane = (block % blocksPerRegister +
                         i / height % groupsPerRegister * blocksPerRegister) *
                        n;
        rowBegin[block * m + i] =
            uint16_t(reg * registersPerElement * 64 + lane);
      }
  }
};

//===----------------------------------------------------------------------===//
// Element decoding
//===----------------------------------------------------------------------===//

namespace {

/// The values of a 4-bit or 6-bit format.
using DecodeTable = std::array<float, 64>;

DecodeTable buildDecodeTable(const fltSemantics &semantics) {
  DecodeTable table{};
  unsigned bits = APFloat::getSizeInBits(semantics);
  for (unsigned code = 0; code < table.size(); ++code) {
    APFloat value(semantics, APInt(bits, code & ((1u << bits) - 1)));
    bool losesInfo;
    value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    table[code] = value.convertToFloat();
  }
  return table;
}

const float *decodeTable(unsigned format) {
  static const DecodeTable fp6 = buildDecodeTable(APFloat::Float6E2M3FN());
  static const DecodeTable bf6 = buildDecodeTable(APFloat::Float6E3M2FN());
  static const DecodeTable fp4 = buildDecodeTable(APFloat::Float4E2M1FN());
  return format == FormatFp6   ? fp6.data()
         : format == FormatBf6 ? bf6.data()
                               : fp4.data();
}

float bitsToFloat(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

float halfToFloat(uint16_t half) {
  // Exact either way: normal values by shifting exponent and fraction into
  // place, denormals by a multiplication.
  uint32_t magnitude = half & 0x7fff;
  uint32_t sign = uint32_t(half & 0x8000) << 16;
  if (magnitude >= 0x7c00)
    return bitsToFloat(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude < 0x400) {
    float value = float(magnitude) * 0x1p-24f;
    return sign ? -value : value;
  }
  return bitsToFloat(sign | ((magnitude << 13) + 0x38000000));
}

/// A lane's operand as float32 values in register order; not of 8-bit formats.
void decodeLane(float *out, const WaveRegister *regs, unsigned lane,
                Element element, unsigned format, unsigned count) {
  switch (element) {
  case Element::F32:
    for (unsigned e = 0; e < count; ++e)
      out[e] = bitsToFloat(regs[e][lane]);
    return;
  case Element::F16:
    for (unsigned e = 0; e < count; ++e)
      out[e] = halfToFloat(uint16_t(regs[e / 2][lane] >> 16 * (e % 2)));
    return;
  case Element::BF16:
    for (unsigned e = 0; e < count; ++e)
      out[e] = bitsToFloat(regs[e / 2][lane] >> 16 * (e % 2) << 16);
    return;
  default:
    break;
  }
  // Packed from bit 0 on, across register boundaries.
  const float *table = decodeTable(format);
  unsigned bits = format == FormatFp4 ? 4 : 6;
  for (unsigned e = 0; e < count; ++e) {
    unsigned at = e * bits;
    uint64_t word = regs[at / 32][lane];
    if (at % 32 + bits > 32)
      word |= uint64_t(regs[at / 32 + 1][lane]) << 32;
    out[e] = table[word >> at % 32 & ((1u << bits) - 1)];
  }
}

/// The lane that B is read from instead of \p lane.
unsigned swapLaneGroups(unsigned lane, unsigned blgp) {
  switch (blgp) {
  case 1:
    return lane % 32;
  case 2:
    return lane % 32 + 32;
  case 3:
    return (lane + 16) % 64;
  case 4:
  case 5:
  case 6:
  case 7:
    return lane % 16 + 16 * (blgp - 4);
  default:
    return lane;
  }
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

// acc[m][n] += a[k][m] * b[k][n], fused, k ascending. Vectors of the compiler's
// own so that one body serves every instruction set below: fused in each of
// them (by a library call where there is no instruction), hence one result.
typedef float Vector4 __attribute__((ext_vector_type(4)));
typedef float Vector16 __attribute__((ext_vector_type(16)));

template <typename Vector, unsigned columns, unsigned rows>
__attribute__((always_inline)) inline void
multiplyTile(float *acc, const float *a, const float *b, unsigned m,
             unsigned depth) {
  constexpr unsigned width = sizeof(Vector) / sizeof(float);
  constexpr unsigned vectors = columns / width;
  for (unsigned i = 0; i < m; i += rows) {
    Vector sums[rows][vectors];
    std::memcpy(sums, acc + i * columns, sizeof(sums));
    for (unsigned k = 0; k < depth; ++k) {
      Vector bRow[vectors];
      std::memcpy(bRow, b + k * columns, sizeof(bRow));
#pragma unroll
      for (unsigned r = 0; r < rows; ++r) {
        Vector aValue = a[k * m + i + r];
#pragma unroll
        for (unsigned v = 0; v < vectors; ++v)
          sums[r][v] = __builtin_elementwise_fma(aValue, bRow[v], sums[r][v]);
      }
    }
    std::memcpy(acc + i * columns, sums, sizeof(sums));
  }
}

__attribute__((always_inline)) inline void
multiplyBody(float *acc, const float *a, const float *b, unsigned m, unsigned n,
             unsigned depth) {
  switch (n) {
  case 32:
    return multiplyTile<Vector16, 32, 4>(acc, a, b, m, depth);
  case 16:
    return multiplyTile<Vector16, 16, 4>(acc, a, b, m, depth);
  default:
    return multiplyTile<Vector4, 4, 4>(acc, a, b, m, depth);
  }
}

/// An 8-bit format as arithmetic: looking every element up in a table took
/// more time than multiplying it.
struct ByteFormat {
  unsigned fractionBits;
  int bias;
  uint32_t infinity;   ///< Magnitude that is infinity; 0x80 if there is none.
  uint32_t lastNumber; ///< Magnitudes above are NaN, except infinity.
  uint32_t nanCode;    ///< Another code that is NaN; 0x100 if there is none.
};

ByteFormat byteFormat(bool bf8, bool fnuz) {
  if (fnuz)
    return {bf8 ? 2u : 3u, bf8 ? 16 : 8, 0x80, 0x7f, 0x80};
  if (bf8)
    return {2, 15, 0x7c, 0x7b, 0x100};
  return {3, 7, 0x80, 0x7e, 0x100};
}

/// Byte \p index of every lane's word.
__attribute__((always_inline)) inline void
decodeBytes(float *out, const uint32_t *words, unsigned index,
            const ByteFormat &format) {
  const uint32_t fractionMask = (1u << format.fractionBits) - 1;
  const unsigned shift = 23 - format.fractionBits;
  const uint32_t rebias = uint32_t(127 - format.bias) << 23;
  const float denormalUnit =
      bitsToFloat(uint32_t(128 - format.bias - int(format.fractionBits)) << 23);
  for (unsigned lane = 0; lane < 64; ++lane) {
    uint32_t code = words[lane] >> 8 * index & 0xff;
    uint32_t magnitude = code & 0x7f;
    float denormal = float(int(magnitude)) * denormalUnit;
    uint32_t denormalBits;
    std::memcpy(&denormalBits, &denormal, 4);
    uint32_t bits =
        magnitude > fractionMask ? (magnitude << shift) + rebias : denormalBits;
    bits = magnitude > format.lastNumber ? 0x7fc00000 : bits;
    bits = magnitude == format.infinity ? 0x7f800000 : bits;
    bits = code == format.nanCode ? 0x7fc00000 : bits;
    bits |= (code & 0x80) << 24;
    std::memcpy(&out[lane], &bits, 4);
  }
}

/// Registers of an 8-bit format as a matrix [k][row]. Of a lane's elements
/// those of run e / \p run begin at k = e / run * \p runStride.
template <unsigned rows>
__attribute__((always_inline)) inline void
decodeByteRows(float *out, const WaveRegister *regs, unsigned count,
               unsigned run, unsigned runStride, const ByteFormat &format) {
  alignas(64) float lanes[64];
  for (unsigned e = 0; e < count; ++e) {
    decodeBytes(lanes, regs[e / 4], e % 4, format);
    for (unsigned group = 0; group < 64 / rows; ++group) {
      unsigned k = e / run * runStride + group * run + e % run;
      std::memcpy(out + k * rows, lanes + group * rows, rows * sizeof(float));
    }
  }
}

__attribute__((always_inline)) inline void
decodeBody(float *out, const WaveRegister *regs, unsigned rows, unsigned count,
           unsigned run, unsigned runStride, const ByteFormat &format) {
  if (rows == 32)
    decodeByteRows<32>(out, regs, count, run, runStride, format);
  else
    decodeByteRows<16>(out, regs, count, run, runStride, format);
}

/// The parts that the host's vectors are for.
struct VectorCode {
  void (*multiply)(float *, const float *, const float *, unsigned, unsigned,
                   unsigned);
  void (*decode)(float *, const WaveRegister *, unsigned, unsigned, unsigned,
                 unsigned, const ByteFormat &);
};

// Chosen by hand instead of by target_clones: an ifunc resolver runs before a
// sanitizer is ready for it.
#define HIPDEX_VECTOR_CODE(name, attributes)                                   \
  attributes void multiply##name(float *acc, const float *a, const float *b,   \
                                 unsigned m, unsigned n, unsigned depth) {     \
    multiplyBody(acc, a, b, m, n, depth);                                      \
  }                                                                            \
  attributes void decode##name(float *out, const WaveRegister *regs,           \
                               unsigned rows, unsigned count, unsigned run,    \
                               unsigned runStride, const ByteFormat &format) { \
    decodeBody(out, regs, rows, count, run, runStride, format);                \
  }
HIPDEX_VECTOR_CODE(Plain, )
#ifdef __x86_64__
HIPDEX_VECTOR_CODE(Avx2, __attribute__((target("avx2,fma"))))
HIPDEX_VECTOR_CODE(Avx512, __attribute__((target("avx512f"))))
#endif
#undef HIPDEX_VECTOR_CODE

VectorCode chooseVectorCode() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f"))
    return {multiplyAvx512, decodeAvx512};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return {multiplyAvx2, decodeAvx2};
#endif
  return {multiplyPlain, decodePlain};
}

const VectorCode vectorCode = chooseVectorCode();

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

// Elements of A or B of the largest instruction, and of C.
constexpr unsigned maxInput = 2048, maxOutput = 2048;

/// E8M0: a power of two, or NaN.
float powerOfTwo(unsigned byte) {
  return byte == 255 ? std::numeric_limits<float>::quiet_NaN()
                     : std::ldexp(1.0f, int(byte) - 127);
}

unsigned scaleByte(const uint32_t *scale, unsigned select, unsigned lane) {
  return scale[lane] >> 8 * select & 0xff;
}

/// Whether multiplying elements of every format by the scale is exact, with
/// room for the product of two of them.
bool scalesAreModerate(const uint32_t *scale, unsigned select) {
  for (unsigned lane = 0; lane < 64; ++lane) {
    unsigned byte = scaleByte(scale, select, lane);
    if (byte != 255 && (byte < 127 - 32 || byte > 127 + 32))
      return false;
  }
  return true;
}

/// Runs \p copy(row of acc, row in the registers) for every row of D.
template <typename T, typename Register, typename Copy>
void forEachRow(const MfmaInfo &info, T *acc, Register *registers, Copy copy) {
  auto *words = &registers[0][0];
  for (unsigned row = 0; row < info.m * info.blocks; ++row)
    copy(acc + row * info.n, words + info.rowBegin[row]);
}

/// C or D of 32-bit elements.
template <typename T>
void readRows(const MfmaInfo &info, T *acc, const WaveRegister *c) {
  forEachRow(info, acc, c, [&](T *row, const uint32_t *words) {
    // Constant sizes are what the compiler turns into vector moves.
    if (info.n == 32)
      std::memcpy(row, words, 32 * 4);
    else if (info.n == 16)
      std::memcpy(row, words, 16 * 4);
    else
      std::memcpy(row, words, 4 * 4);
  });
}

template <typename T>
void writeRows(const MfmaInfo &info, WaveRegister *d, const T *acc) {
  forEachRow(info, acc, d, [&](const T *row, uint32_t *words) {
    if (info.n == 32)
      std::memcpy(words, row, 32 * 4);
    else if (info.n == 16)
      std::memcpy(words, row, 16 * 4);
    else
      std::memcpy(words, row, 4 * 4);
  });
}

/// The block of A that block \p block multiplies.
unsigned broadcastBlock(const MfmaInfo &info, unsigned block,
                        const MfmaModifiers &modifiers) {
  if (!info.takesCbsz() || modifiers.cbsz == 0)
    return block;
  unsigned group = 1u << modifiers.cbsz;
  return (block / group * group + modifiers.abid) % info.blocks;
}

/// An operand of \p rows rows (columns for B) as a matrix [block][k][row] of
/// float32 values.
void decodeOperand(const MfmaInfo &info, float *matrix,
                   const WaveRegister *regs, unsigned rows, Element element,
                   unsigned format, unsigned blgp) {
  unsigned count = info.elementsPerLane();
  if (element == Element::F8F6F4 &&
      (format == FormatFp8 || format == FormatBf8)) {
    vectorCode.decode(matrix, regs, rows, count, 16, 1024 / rows,
                      byteFormat(format == FormatBf8, info.fnuz));
    return;
  }
  if (element == Element::Fp8 || element == Element::Bf8) {
    vectorCode.decode(matrix, regs, rows, count, count, 0,
                      byteFormat(element == Element::Bf8, info.fnuz));
    return;
  }
  float values[32];
  for (unsigned lane = 0; lane < 64; ++lane) {
    decodeLane(values, regs, swapLaneGroups(lane, blgp), element, format,
               count);
    unsigned row = lane % rows;
    unsigned block = lane / rows % info.blocks;
    unsigned k0 = lane / (rows * info.blocks) * count;
    for (unsigned e = 0; e < count; ++e)
      matrix[(block * info.k + k0 + e) * rows + row] = values[e];
  }
}

/// The factor of row \p row for the 32 k's of number \p s.
float scaleFactor(const uint32_t *scale, unsigned select, unsigned rows,
                  unsigned row, unsigned s) {
  return powerOfTwo(scaleByte(scale, select, row + rows * s));
}

void scaleOperand(float *matrix, unsigned rows, unsigned depth,
                  const uint32_t *scale, unsigned select) {
  for (unsigned s = 0; s < depth / 32; ++s) {
    float factors[32];
    for (unsigned row = 0; row < rows; ++row)
      factors[row] = scaleFactor(scale, select, rows, row, s);
    for (unsigned k = 32 * s; k < 32 * s + 32; ++k)
      for (unsigned row = 0; row < rows; ++row)
        matrix[k * rows + row] *= factors[row];
  }
}

void runFloat(const MfmaInfo &info, WaveRegister *d, const WaveRegister *a,
              const WaveRegister *b, const WaveRegister *c,
              const MfmaModifiers &modifiers) {
  alignas(64) float aMatrix[maxInput], bMatrix[maxInput], acc[maxOutput];
  unsigned m = info.m, n = info.n, depth = info.k;
  decodeOperand(info, aMatrix, a, m, info.a, modifiers.cbsz, 0);
  decodeOperand(info, bMatrix, b, n, info.b, modifiers.blgp,
                info.takesBlgp() ? modifiers.blgp : 0);
  readRows(info, acc, c);
  bool scaled = modifiers.scaleA && modifiers.scaleB;
  if (scaled && (!scalesAreModerate(modifiers.scaleA, modifiers.scaleByteA) ||
                 !scalesAreModerate(modifiers.scaleB, modifiers.scaleByteB))) {
    // Scales so far apart that scaled elements would leave float32's range:
    // the sums of 32 products are scaled in float64 instead.
    for (unsigned i = 0; i < m; ++i)
      for (unsigned j = 0; j < n; ++j) {
        double sum = acc[i * n + j];
        for (unsigned s = 0; s < depth / 32; ++s) {
          double dot = 0;
          for (unsigned k = 32 * s; k < 32 * s + 32; ++k)
            dot += double(aMatrix[k * m + i]) * bMatrix[k * n + j];
          sum += dot *
                 double(scaleFactor(modifiers.scaleA, modifiers.scaleByteA, m,
                                    i, s)) *
                 double(scaleFactor(modifiers.scaleB, modifiers.scaleByteB, n,
                                    j, s));
        }
        acc[i * n + j] = float(sum);
      }
    writeRows(info, d, acc);
    return;
  }
  if (scaled) {
    scaleOperand(aMatrix, m, depth, modifiers.scaleA, modifiers.scaleByteA);
    scaleOperand(bMatrix, n, depth, modifiers.scaleB, modifiers.scaleByteB);
  }
  for (unsigned block = 0; block < info.blocks; ++block)
    vectorCode.multiply(acc + block * m * n,
                        aMatrix +
                            broadcastBlock(info, block, modifiers) * m * depth,
                        bMatrix + block * depth * n, m, n, depth);
  writeRows(info, d, acc);
}

void runInteger(const MfmaInfo &info, WaveRegister *d, const WaveRegister *a,
                const WaveRegister *b, const WaveRegister *c,
                const MfmaModifiers &modifiers) {
  // Unsigned: the sums wrap.
  uint32_t aMatrix[maxInput], bMatrix[maxInput], acc[maxOutput];
  unsigned m = info.m, n = info.n, depth = info.k;
  unsigned count = info.elementsPerLane();
  for (unsigned lane = 0; lane < 64; ++lane) {
    unsigned bLane =
        swapLaneGroups(lane, info.takesBlgp() ? modifiers.blgp : 0);
    unsigned block = lane / m % info.blocks;
    unsigned k0 = lane / (m * info.blocks) * count;
    for (unsigned e = 0; e < count; ++e) {
      aMatrix[(block * m + lane % m) * depth + k0 + e] =
          int32_t(int8_t(a[e / 4][lane] >> 8 * (e % 4)));
      bMatrix[(block * depth + k0 + e) * n + lane % n] =
          int32_t(int8_t(b[e / 4][bLane] >> 8 * (e % 4)));
    }
  }
  readRows(info, acc, c);
  for (unsigned block = 0; block < info.blocks; ++block)
    for (unsigned i = 0; i < m; ++i) {
      const uint32_t *aRow =
          aMatrix + (broadcastBlock(info, block, modifiers) * m + i) * depth;
      uint32_t *sums = acc + (block * m + i) * n;
      for (unsigned k = 0; k < depth; ++k)
        for (unsigned j = 0; j < n; ++j)
          sums[j] += aRow[k] * bMatrix[(block * depth + k) * n + j];
    }
  writeRows(info, d, acc);
}

void runDouble(const MfmaInfo &info, WaveRegister *d, const WaveRegister *a,
               const WaveRegister *b, const WaveRegister *c,
               const MfmaModifiers &modifiers) {
  double aMatrix[64], bMatrix[64], acc[256];
  unsigned m = info.m, n = info.n, depth = info.k;
  auto join = [](uint32_t low, uint32_t high) {
    uint64_t bits = low | uint64_t(high) << 32;
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
  };
  for (unsigned lane = 0; lane < 64; ++lane) {
    unsigned block = lane / m % info.blocks;
    unsigned k = lane / (m * info.blocks);
    double aValue = join(a[0][lane], a[1][lane]);
    double bValue = join(b[0][lane], b[1][lane]);
    aMatrix[(block * m + lane % m) * depth + k] =
        modifiers.blgp & 1 ? -aValue : aValue;
    bMatrix[(block * depth + k) * n + lane % n] =
        modifiers.blgp & 2 ? -bValue : bValue;
  }
  forEachRow(info, acc, c, [&](double *row, const uint32_t *words) {
    for (unsigned j = 0; j < n; ++j)
      row[j] = join(words[j], words[64 + j]);
  });
  for (unsigned block = 0; block < info.blocks; ++block)
    for (unsigned i = 0; i < m; ++i)
      for (unsigned j = 0; j < n; ++j) {
        double &sum = acc[(block * m + i) * n + j];
        if (modifiers.blgp & 4)
          sum = -sum;
        for (unsigned k = 0; k < depth; ++k)
          sum = std::fma(aMatrix[(block * m + i) * depth + k],
                         bMatrix[(block * depth + k) * n + j], sum);
      }
  forEachRow(info, acc, d, [&](double *row, uint32_t *words) {
    for (unsigned j = 0; j < n; ++j) {
      uint64_t bits;
      std::memcpy(&bits, &row[j], 8);
      words[j] = uint32_t(bits);
      words[64 + j] = uint32_t(bits >> 32);
    }
  });
}

// Which of these an arch has is the decoder's business.
constexpr MfmaInfo rows[] = {
    {"v_mfma_f32_32x32x1_2b_f32", Element::F32, Element::F32, 32, 32, 1, 2},
    {"v_mfma_f32_16x16x1_4b_f32", Element::F32, Element::F32, 16, 16, 1, 4},
    {"v_mfma_f32_4x4x1_16b_f32", Element::F32, Element::F32, 4, 4, 1, 16},
    {"v_mfma_f32_32x32x2_f32", Element::F32, Element::F32, 32, 32, 2, 1},
    {"v_mfma_f32_16x16x4_f32", Element::F32, Element::F32, 16, 16, 4, 1},
    {"v_mfma_f32_32x32x4_2b_f16", Element::F16, Element::F16, 32, 32, 4, 2},
    {"v_mfma_f32_16x16x4_4b_f16", Element::F16, Element::F16, 16, 16, 4, 4},
    {"v_mfma_f32_4x4x4_16b_f16", Element::F16, Element::F16, 4, 4, 4, 16},
    {"v_mfma_f32_32x32x8_f16", Element::F16, Element::F16, 32, 32, 8, 1},
    {"v_mfma_f32_16x16x16_f16", Element::F16, Element::F16, 16, 16, 16, 1},
    {"v_mfma_f32_32x32x16_f16", Element::F16, Element::F16, 32, 32, 16, 1},
    {"v_mfma_f32_16x16x32_f16", Element::F16, Element::F16, 16, 16, 32, 1},
    {"v_mfma_f32_32x32x4_2b_bf16", Element::BF16, Element::BF16, 32, 32, 4, 2},
    {"v_mfma_f32_16x16x4_4b_bf16", Element::BF16, Element::BF16, 16, 16, 4, 4},
    {"v_mfma_f32_4x4x4_16b_bf16", Element::BF16, Element::BF16, 4, 4, 4, 16},
    {"v_mfma_f32_32x32x8_bf16", Element::BF16, Element::BF16, 32, 32, 8, 1},
    {"v_mfma_f32_16x16x16_bf16", Element::BF16, Element::BF16, 16, 16, 16, 1},
    {"v_mfma_f32_32x32x16_bf16", Element::BF16, Element::BF16, 32, 32, 16, 1},
    {"v_mfma_f32_16x16x32_bf16", Element::BF16, Element::BF16, 16, 16, 32, 1},
    {"v_mfma_i32_32x32x4_2b_i8", Element::I8, Element::I8, 32, 32, 4, 2},
    {"v_mfma_i32_16x16x4_4b_i8", Element::I8, Element::I8, 16, 16, 4, 4},
    {"v_mfma_i32_4x4x4_16b_i8", Element::I8, Element::I8, 4, 4, 4, 16},
    {"v_mfma_i32_32x32x16_i8", Element::I8, Element::I8, 32, 32, 16, 1},
    {"v_mfma_i32_16x16x32_i8", Element::I8, Element::I8, 16, 16, 32, 1},
    {"v_mfma_i32_32x32x32_i8", Element::I8, Element::I8, 32, 32, 32, 1},
    {"v_mfma_i32_16x16x64_i8", Element::I8, Element::I8, 16, 16, 64, 1},
    {"v_mfma_f64_16x16x4_f64", Element::F64, Element::F64, 16, 16, 4, 1},
    {"v_mfma_f64_4x4x4_4b_f64", Element::F64, Element::F64, 4, 4, 4, 4},
    {"v_mfma_f32_16x16x32_fp8_fp8", Element::Fp8, Element::Fp8, 16, 16, 32, 1},
    {"v_mfma_f32_16x16x32_fp8_bf8", Element::Fp8, Element::Bf8, 16, 16, 32, 1},
    {"v_mfma_f32_16x16x32_bf8_fp8", Element::Bf8, Element::Fp8, 16, 16, 32, 1},
    {"v_mfma_f32_16x16x32_bf8_bf8", Element::Bf8, Element::Bf8, 16, 16, 32, 1},
    {"v_mfma_f32_32x32x16_fp8_fp8", Element::Fp8, Element::Fp8, 32, 32, 16, 1},
    {"v_mfma_f32_32x32x16_fp8_bf8", Element::Fp8, Element::Bf8, 32, 32, 16, 1},
    {"v_mfma_f32_32x32x16_bf8_fp8", Element::Bf8, Element::Fp8, 32, 32, 16, 1},
    {"v_mfma_f32_32x32x16_bf8_bf8", Element::Bf8, Element::Bf8, 32, 32, 16, 1},
    {"v_mfma_f32_16x16x128_f8f6f4", Element::F8F6F4, Element::F8F6F4, 16, 16,
     128, 1},
    {"v_mfma_f32_32x32x64_f8f6f4", Element::F8F6F4, Element::F8F6F4, 32, 32, 64,
     1},
    {"v_mfma_scale_f32_16x16x128_f8f6f4", Element::F8F6F4, Element::F8F6F4, 16,
     16, 128, 1},
    {"v_mfma_scale_f32_32x32x64_f8f6f4", Element::F8F6F4, Element::F8F6F4, 32,
     32, 64, 1},
};
constexpr unsigned numRows = sizeof(rows) / sizeof(rows[0]);

unsigned elementBits(Element element) {
  switch (element) {
  case Element::F64:
    return 64;
  case Element::F32:
    return 32;
  case Element::F16:
  case Element::BF16:
    return 16;
  default:
    return 8;
  }
}

/// Every instruction, for one of the two fp8 families.
struct OpTable {
  std::vector<MfmaInfo> infos;
  std::vector<MfmaOp> ops;
  StringMap<const MfmaOp *> byName;

  explicit OpTable(bool fnuz) {
    infos.assign(rows, rows + numRows);
    ops.reserve(numRows);
    for (MfmaInfo &info : infos) {
      info.fnuz = fnuz;
      info.fillRowBegin();
      unsigned inRegs = info.elementsPerLane() * elementBits(info.a) / 32;
      unsigned outBits = info.isDouble() ? 64 : 32;
      unsigned outRegs = info.m * info.n * info.blocks / 64 * outBits / 32;
      auto function = info.isDouble()         ? runDouble
                      : info.a == Element::I8 ? runInteger
                                              : runFloat;
      ops.push_back({inRegs, inRegs, outRegs, function, &info});
      byName[info.name] = &ops.back();
    }
  }
};

} // namespace

const MfmaOp *lookupMfma(StringRef mnemonic, const Arch &arch) {
  static const OpTable fn(false), fnuz(true);
  const OpTable &table = arch.fp8 == Fp8Format::E4M3FNUZ ? fnuz : fn;
  return table.byName.lookup(mnemonic);
}

} // namespace hipdex::emulator
