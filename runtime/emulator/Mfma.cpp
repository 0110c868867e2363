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

  /// Register and first lane of row \p i of D; its n columns follow.
  std::pair<unsigned, unsigned> rowLocation(unsigned block, unsigned i) const {
    unsigned height = isDouble() ? 1 : 4;
    unsigned groupsPerRegister = 64 / n;
    unsigned blocksPerRegister = divideCeil(64u, m * n / height);
    unsigned reg = block * (m * n / 64) +
                   i / (height * groupsPerRegister) * height + i % height;
    unsigned lane = (block % blocksPerRegister +
                     i / height % groupsPerRegister * blocksPerRegister) *
                    n;
    return {reg, lane};
  }
};

//===----------------------------------------------------------------------===//
// Element decoding
//===----------------------------------------------------------------------===//

namespace {

using DecodeTable = std::array<float, 256>;

DecodeTable buildDecodeTable(const fltSemantics &semantics) {
  DecodeTable table{};
  unsigned bits = APFloat::getSizeInBits(semantics);
  for (unsigned code = 0; code < 256; ++code) {
    APFloat value(semantics, APInt(bits, code & ((1u << bits) - 1)));
    bool losesInfo;
    value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    table[code] = value.convertToFloat();
  }
  return table;
}

const float *decodeTable(Format format, bool fnuz) {
  static const std::array<DecodeTable, 7> tables = {
      buildDecodeTable(APFloat::Float8E4M3FN()),
      buildDecodeTable(APFloat::Float8E5M2()),
      buildDecodeTable(APFloat::Float6E2M3FN()),
      buildDecodeTable(APFloat::Float6E3M2FN()),
      buildDecodeTable(APFloat::Float4E2M1FN()),
      buildDecodeTable(APFloat::Float8E4M3FNUZ()),
      buildDecodeTable(APFloat::Float8E5M2FNUZ())};
  return tables[fnuz ? format + 5 : format].data();
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

/// A lane's operand as float32 values in register order.
void decodeLane(float *out, const WaveRegister *regs, unsigned lane,
                Element element, unsigned format, bool fnuz, unsigned count) {
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
  case Element::Fp8:
    format = FormatFp8;
    break;
  case Element::Bf8:
    format = FormatBf8;
    break;
  default:
    break;
  }
  const float *table = decodeTable(Format(format), fnuz);
  if (format == FormatFp8 || format == FormatBf8) {
    for (unsigned e = 0; e < count; e += 4) {
      uint32_t word = regs[e / 4][lane];
      out[e] = table[word & 0xff];
      out[e + 1] = table[word >> 8 & 0xff];
      out[e + 2] = table[word >> 16 & 0xff];
      out[e + 3] = table[word >> 24];
    }
    return;
  }
  // Values of 4 or 6 bits, packed from bit 0 on across register boundaries.
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

// acc[m][n] += a[m][k] * b[k][n], fused, k ascending. Vectors of the compiler's
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
        Vector aValue = a[(i + r) * depth + k];
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

void multiplyDefault(float *acc, const float *a, const float *b, unsigned m,
                     unsigned n, unsigned depth) {
  multiplyBody(acc, a, b, m, n, depth);
}

// Chosen by hand instead of by target_clones: an ifunc resolver runs before a
// sanitizer is ready for it.
#ifdef __x86_64__
__attribute__((target("avx2,fma"))) void
multiplyAvx2(float *acc, const float *a, const float *b, unsigned m, unsigned n,
             unsigned depth) {
  multiplyBody(acc, a, b, m, n, depth);
}
__attribute__((target("avx512f"))) void
multiplyAvx512(float *acc, const float *a, const float *b, unsigned m,
               unsigned n, unsigned depth) {
  multiplyBody(acc, a, b, m, n, depth);
}
#endif

using Multiply = decltype(&multiplyDefault);

Multiply chooseMultiply() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f"))
    return multiplyAvx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return multiplyAvx2;
#endif
  return multiplyDefault;
}

const Multiply multiply = chooseMultiply();

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

// Elements of A or B of the largest instruction, and of C.
constexpr unsigned maxInput = 2048, maxOutput = 2048;

/// E8M0: a power of two, or NaN.
float scaleFactor(unsigned byte) {
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

template <typename T>
void readRows(const MfmaInfo &info, T *acc, const WaveRegister *c) {
  constexpr unsigned words = sizeof(T) / 4;
  for (unsigned block = 0; block < info.blocks; ++block)
    for (unsigned i = 0; i < info.m; ++i, acc += info.n) {
      auto [reg, lane] = info.rowLocation(block, i);
      if constexpr (words == 1) {
        std::memcpy(acc, &c[reg][lane], info.n * sizeof(T));
      } else {
        for (unsigned j = 0; j < info.n; ++j) {
          uint64_t bits =
              c[2 * reg][lane + j] | uint64_t(c[2 * reg + 1][lane + j]) << 32;
          std::memcpy(&acc[j], &bits, 8);
        }
      }
    }
}

template <typename T>
void writeRows(const MfmaInfo &info, WaveRegister *d, const T *acc) {
  constexpr unsigned words = sizeof(T) / 4;
  for (unsigned block = 0; block < info.blocks; ++block)
    for (unsigned i = 0; i < info.m; ++i, acc += info.n) {
      auto [reg, lane] = info.rowLocation(block, i);
      if constexpr (words == 1) {
        std::memcpy(&d[reg][lane], acc, info.n * sizeof(T));
      } else {
        for (unsigned j = 0; j < info.n; ++j) {
          uint64_t bits;
          std::memcpy(&bits, &acc[j], 8);
          d[2 * reg][lane + j] = uint32_t(bits);
          d[2 * reg + 1][lane + j] = uint32_t(bits >> 32);
        }
      }
    }
}

/// The block of A that block \p block multiplies.
unsigned broadcastBlock(const MfmaInfo &info, unsigned block,
                        const MfmaModifiers &modifiers) {
  if (!info.takesCbsz() || modifiers.cbsz == 0)
    return block;
  unsigned group = 1u << modifiers.cbsz;
  return (block / group * group + modifiers.abid) % info.blocks;
}

/// Calls \p fill(values, row, block, k0, run) for every run of consecutive k's
/// that a lane holds of an operand with \p rows rows (columns for B), run their
/// number.
template <typename Fill>
void forEachRun(const MfmaInfo &info, const WaveRegister *regs, unsigned rows,
                Element element, unsigned format, unsigned blgp, Fill fill) {
  unsigned count = info.elementsPerLane();
  float values[32];
  bool twoRuns = element == Element::F8F6F4 &&
                 (format == FormatFp8 || format == FormatBf8);
  for (unsigned lane = 0; lane < 64; ++lane) {
    decodeLane(values, regs, swapLaneGroups(lane, blgp), element, format,
               info.fnuz, count);
    unsigned row = lane % rows;
    unsigned block = lane / rows % info.blocks;
    unsigned group = lane / (rows * info.blocks);
    if (twoRuns) {
      fill(values, row, block, 16 * group, 16u);
      fill(values + 16, row, block, 16 * group + 1024 / rows, 16u);
    } else {
      fill(values, row, block, count * group, count);
    }
  }
}

void runFloat(const MfmaInfo &info, WaveRegister *d, const WaveRegister *a,
              const WaveRegister *b, const WaveRegister *c,
              const MfmaModifiers &modifiers) {
  alignas(64) float aMatrix[maxInput], bMatrix[maxInput], acc[maxOutput];
  unsigned m = info.m, n = info.n, depth = info.k;
  bool scaled = modifiers.scaleA && modifiers.scaleB;
  bool scaleElements = scaled;
  if (scaled)
    scaleElements = scalesAreModerate(modifiers.scaleA, modifiers.scaleByteA) &&
                    scalesAreModerate(modifiers.scaleB, modifiers.scaleByteB);

  forEachRun(info, a, m, info.a, modifiers.cbsz, 0,
             [&](const float *values, unsigned i, unsigned block, unsigned k0,
                 unsigned run) {
               float *out = aMatrix + (block * m + i) * depth + k0;
               if (!scaleElements) {
                 std::memcpy(out, values, run * sizeof(float));
                 return;
               }
               float factor = scaleFactor(scaleByte(
                   modifiers.scaleA, modifiers.scaleByteA, i + m * (k0 / 32)));
               for (unsigned e = 0; e < run; ++e)
                 out[e] = values[e] * factor;
             });
  forEachRun(
      info, b, n, info.b, modifiers.blgp, info.takesBlgp() ? modifiers.blgp : 0,
      [&](const float *values, unsigned j, unsigned block, unsigned k0,
          unsigned run) {
        float *out = bMatrix + (block * depth + k0) * n + j;
        float factor = 1;
        if (scaleElements)
          factor = scaleFactor(scaleByte(modifiers.scaleB, modifiers.scaleByteB,
                                         j + n * (k0 / 32)));
        for (unsigned e = 0; e < run; ++e)
          out[e * n] = values[e] * factor;
      });
  readRows(info, acc, c);

  if (scaled && !scaleElements) {
    // Scales so far apart that scaled elements would leave float32's range:
    // the sums of 32 products are scaled in float64 instead.
    for (unsigned i = 0; i < m; ++i)
      for (unsigned j = 0; j < n; ++j) {
        double sum = acc[i * n + j];
        for (unsigned s = 0; s < depth / 32; ++s) {
          double dot = 0;
          for (unsigned k = 32 * s; k < 32 * s + 32; ++k)
            dot += double(aMatrix[i * depth + k]) * bMatrix[k * n + j];
          sum += dot *
                 double(scaleFactor(scaleByte(
                     modifiers.scaleA, modifiers.scaleByteA, i + m * s))) *
                 double(scaleFactor(scaleByte(
                     modifiers.scaleB, modifiers.scaleByteB, j + n * s)));
        }
        acc[i * n + j] = float(sum);
      }
  } else {
    for (unsigned block = 0; block < info.blocks; ++block)
      multiply(acc + block * m * n,
               aMatrix + broadcastBlock(info, block, modifiers) * m * depth,
               bMatrix + block * depth * n, m, n, depth);
  }
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
  auto read = [](const WaveRegister *regs, unsigned lane) {
    uint64_t bits = regs[0][lane] | uint64_t(regs[1][lane]) << 32;
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
  };
  for (unsigned lane = 0; lane < 64; ++lane) {
    unsigned block = lane / m % info.blocks;
    unsigned k = lane / (m * info.blocks);
    double aValue = read(a, lane), bValue = read(b, lane);
    aMatrix[(block * m + lane % m) * depth + k] =
        modifiers.blgp & 1 ? -aValue : aValue;
    bMatrix[(block * depth + k) * n + lane % n] =
        modifiers.blgp & 2 ? -bValue : bValue;
  }
  readRows(info, acc, c);
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
  writeRows(info, d, acc);
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
