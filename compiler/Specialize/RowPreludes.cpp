//===- RowPreludes.cpp - What a key makes of kernels on K rows ------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Specialize/Prelude.h"
#include "llvm/Support/FormatVariadic.h"

using namespace hipdex;

/// The widest load and store there are, and the width of a column of a
/// preshuffled tile.
static constexpr int64_t accessBytes = 16;
/// What a cache serves at once: lanes of one instruction must not leave gaps in
/// it.
static constexpr int64_t segmentBytes = 64;

namespace {
/// How the lanes of a wave share rows.
struct RowLanes {
  int64_t elements;  ///< Consecutive ones of a row in a fragment.
  int64_t lanes;     ///< Of a row.
  int64_t rows;      ///< Of a wave.
  int64_t fragments; ///< Of a lane, all of its row.

  explicit RowLanes(const KernelKey &key) {
    // One load each: longer fragments would be several, with gaps in each.
    bool isCopy = key.op != Op::KQuantStore && key.op != Op::QkPrep;
    int64_t elementBytes = isCopy ? 1 : key.source == SourceType::F32 ? 4 : 2;
    elements = accessBytes / elementBytes;
    // As many as fill a segment with codes, which are the narrower side; and
    // the more rows, the less work is done for each.
    lanes = segmentBytes / elements;
    // Columns that are 32 apart turn together, and do so in one lane: the
    // fragments of a row are that far apart. Of codes, a store is half a
    // segment then.
    if (key.op == Op::QkPrep)
      lanes = 32 / elements;
    // Rows in pages of one token begin anywhere: in one access, fewer segments
    // are touched twice. Copies have instructions to spare for that.
    if (isCopy &&
        (key.pageSize == 1 || (key.op == Op::KMove && key.targetPageSize == 1)))
      lanes = key.headDim / elements;
    rows = key.arch->waveSize / lanes;
    fragments = key.headDim / (elements * lanes);
  }

  /// The fragments' list of a distribution.
  std::string list() const {
    if (fragments == 1)
      return "[]";
    return llvm::formatv("[{0} x d1 by {1}]", fragments, elements * lanes);
  }
};
} // namespace

static llvm::StringRef fp8Type(const KernelKey &key) {
  return key.fp8 == Fp8Format::E4M3FN ? "f8E4M3FN" : "f8E4M3FNUZ";
}

Schedule hipdex::rowSchedule(const KernelKey &key) {
  Schedule schedule = {};
  schedule.threads = key.arch->waveSize * key.arch->simdsPerCU;
  // A wave lives for one row in each group of lanes, and waits for memory most
  // of that time: as many as a SIMD holds. qk_prep computes in between, with
  // more of a row in a lane, in twice the registers.
  schedule.wavesPerSimd = key.op == Op::QkPrep ? key.arch->maxWavesPerSimd / 2
                                               : key.arch->maxWavesPerSimd;
  schedule.stepTokens = RowLanes(key).rows;
  schedule.teamWaves = 1;
  return schedule;
}

static const char *const sources[] = {"bf16", "f16", "f32"};

std::string hipdex::kQuantStorePrelude(const KernelKey &key) {
  Schedule schedule = rowSchedule(key);
  RowLanes rows(key);
  return llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#step           = {3} : i32
#fp8_max        = {4}.0 : f32
#power_of_two   = {5}
!cache          = !indexer.cache<page_size = {6}, head_dim = {7}, order = {8}, fp8 = {9}>

// k[tokens, head_dim]: a fragment is {13} elements of a row, one load and, of their codes, one store.
#rows           = #tile.distribution<lane = [{12} x d1 by {13}, {3} x d0 by 1], fragment = {14}, element = [{13} x d1 by 1]>
!source         = !tile.global<{10}>
!given          = tensor<{3}x{7}x{10}, #rows>
!values         = tensor<{3}x{7}xf32, #rows>
!bits           = tensor<{3}x{7}xi32, #rows>
!value_flags    = tensor<{3}x{7}xi1, #rows>
!codes          = tensor<{3}x{7}x{9}, #rows>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [{12} x d0 by 0, {3} x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<{11}>
!given_slots    = tensor<{3}x{11}, #row>
!wide_slots     = tensor<{3}xi64, #row>
!numbers        = tensor<{3}xi32, #row>
!scales         = tensor<{3}xf32, #row>
!flags          = tensor<{3}xi1, #row>
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd,
      schedule.stepTokens, key.fp8Max(), key.powerOfTwo ? "true" : "false",
      key.pageSize, key.headDim, key.preshuffle ? "preshuffle(16,16)" : "plain",
      fp8Type(key), sources[size_t(key.source)], key.wideSlots ? "i64" : "i32",
      rows.lanes, rows.elements, rows.list());
}

std::string hipdex::kGatherPrelude(const KernelKey &key) {
  Schedule schedule = rowSchedule(key);
  RowLanes rows(key);
  return llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#step           = {3} : i32
#kv_block_size  = {4} : i32
!cache          = !indexer.cache<page_size = {5}, head_dim = {6}, order = {7}, fp8 = {8}>

// k[tokens, head_dim]: a fragment is {10} codes of a row, one load and one store.
!dense          = !tile.global<{8}>
!codes          = tensor<{3}x{6}x{8}, #tile.distribution<lane = [{9} x d1 by {10}, {3} x d0 by 1], fragment = {11}, element = [{10} x d1 by 1]>>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [{9} x d0 by 0, {3} x d0 by 1], fragment = [], element = []>
!numbers        = tensor<{3}xi32, #row>
!wide           = tensor<{3}xi64, #row>
!scale_values   = tensor<{3}xf32, #row>
!flags          = tensor<{3}xi1, #row>
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd,
      schedule.stepTokens, key.kvBlockSize, key.pageSize, key.headDim,
      key.preshuffle ? "preshuffle(16,16)" : "plain", fp8Type(key), rows.lanes,
      rows.elements, rows.list());
}

std::string hipdex::kMovePrelude(const KernelKey &key) {
  Schedule schedule = rowSchedule(key);
  auto cache = [&](int64_t pageSize, bool preshuffle) -> std::string {
    return llvm::formatv("!indexer.cache<page_size = {0}, head_dim = {1}, "
                         "order = {2}, fp8 = {3}>",
                         pageSize, key.headDim,
                         preshuffle ? "preshuffle(16,16)" : "plain",
                         fp8Type(key));
  };
  RowLanes rows(key);
  return llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#step           = {3} : i32
!source         = {4}
!target         = {5}

// A fragment is {9} codes of a row, one load and one store.
!codes          = tensor<{3}x{6}x{7}, #tile.distribution<lane = [{8} x d1 by {9}, {3} x d0 by 1], fragment = {10}, element = [{9} x d1 by 1]>>

// One number for each token, in all lanes of its row.
#row            = #tile.distribution<lane = [{8} x d0 by 0, {3} x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<{11}>
!given_slots    = tensor<{3}x{11}, #row>
!wide_slots     = tensor<{3}xi64, #row>
!numbers        = tensor<{3}xi32, #row>
!scales         = tensor<{3}xf32, #row>
!flags          = tensor<{3}xi1, #row>
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd,
      schedule.stepTokens, cache(key.pageSize, key.preshuffle),
      cache(key.targetPageSize, key.targetPreshuffle), key.headDim,
      fp8Type(key), rows.lanes, rows.elements, rows.list(),
      key.wideSlots ? "i64" : "i32");
}

std::string hipdex::qkPrepPrelude(const KernelKey &key) {
  Schedule schedule = rowSchedule(key);
  RowLanes rows(key);
  // Where columns of a pair are neighbours, a fragment has half as many angles.
  bool isNeox = key.rope == Rope::Neox;
  int64_t times = isNeox ? 1 : 2, angles = key.headDim / 4;
  int64_t elements = rows.elements / times,
          fragments = angles / (elements * rows.lanes);
  std::string angleFragments;
  if (fragments > 1)
    angleFragments =
        llvm::formatv("{0} x d1 by {1}", fragments, elements * rows.lanes);
  return llvm::formatv(
      R"(#target         = #rocdl.target<chip = "{0}">
#threads        = array<i32: {1}, 1, 1>
#waves_per_simd = {2} : i32

#step           = {3} : i32
#heads          = {4} : i32
#fp8_max        = {5}.0 : f32
#power_of_two   = {6}
#hadamard       = {7}
#preps_skipped  = {8}
!cache          = !indexer.cache<page_size = {9}, head_dim = {10}, order = {11}, fp8 = {12}>

// Rows of q and k: a fragment is {16} elements of a row, one load and, of their codes, one store. Columns that turn together are in one lane.
#rows           = #tile.distribution<lane = [{15} x d1 by {16}, {3} x d0 by 1], fragment = {17}, element = [{16} x d1 by 1]>
!source         = !tile.global<{13}>
!given          = tensor<{3}x{10}x{13}, #rows>
!values         = tensor<{3}x{10}xf32, #rows>
!bits           = tensor<{3}x{10}xi32, #rows>
!value_flags    = tensor<{3}x{10}xi1, #rows>
!codes          = tensor<{3}x{10}x{12}, #rows>
!q_out          = !tile.global<{12}>

// Cosines and sines of a position, #angle_times columns each. Columns c and c + #rope_distance turn together, in the half of a row whose
// columns have #rotary_half in their bit of 64.
#angles         = #tile.distribution<lane = [{15} x d1 by {19}, {3} x d0 by 1], fragment = [{20}], element = [{19} x d1 by 1]>
!given_angles   = tensor<{3}x{18}x{13}, #angles>
!angles         = tensor<{3}x{18}xf32, #angles>
#angle_times    = {21} : i64
#rope_distance  = {22} : i64
#rotary_half    = {23} : i32

// One number for each row, in all of its lanes.
#row            = #tile.distribution<lane = [{15} x d0 by 0, {3} x d0 by 1], fragment = [], element = []>
!slots          = !tile.global<{14}>
!given_slots    = tensor<{3}x{14}, #row>
!wide           = tensor<{3}xi64, #row>
!numbers        = tensor<{3}xi32, #row>
!given_gates    = tensor<{3}x{13}, #row>
!scales         = tensor<{3}xf32, #row>
!flags          = tensor<{3}xi1, #row>
)",
      key.arch->name, schedule.threads, schedule.wavesPerSimd,
      schedule.stepTokens, key.heads, key.fp8Max(),
      key.powerOfTwo ? "true" : "false", key.hadamard ? "true" : "false",
      key.prepsSkipped ? "true" : "false", key.pageSize, key.headDim,
      key.preshuffle ? "preshuffle(16,16)" : "plain", fp8Type(key),
      sources[size_t(key.source)], key.wideSlots ? "i64" : "i32", rows.lanes,
      rows.elements, rows.list(), angles, elements, angleFragments, times,
      isNeox ? angles : 1, key.rotaryLast ? key.headDim / 2 : 0);
}
