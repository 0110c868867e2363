//===- KernelKey.h - What a user asks a kernel for --------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A key names one specialized kernel. Its canonical text is its identity:
//
//   paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn
//   op              .arch  .page_size .head_dim .kv_block_size
//                          .plain|pre .heads .next_n .fp8 format
//
// What differs from the default follows, in this order: ".neginf" (tail) and
// ".unchecked" (check_table off).
//
//   k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn
//   op           .arch  .page_size .head_dim .plain|pre .k's type .slots' type
//                       .fp8 format
//
// with ".ue8m0" (scales are powers of two) and ".max224" (fp8_max, where it is
// not the format's largest).
//
//   k_gather.gfx950.p64.d128.b64.pre.fn
//   op      .arch  .page_size .head_dim .kv_block_size .plain|pre .fp8 format
//
//   k_move.gfx950.p1.d128.plain.t64.pre.i64.fn
//   op    .arch  .page_size .head_dim .plain|pre .target's page_size
//                .target's plain|pre .slots' type .fp8 format
//
//   stream_pages.gfx950.p64.d128.b64.pre.n1.fn
//   op          .arch  .page_size .head_dim .kv_block_size .plain|pre .next_n
//                      .fp8 format
//
// with what may follow paged_mqa_logits.
//
//   mqa_logits.gfx950.d128.h64.fn
//   op        .arch  .head_dim .heads .fp8 format
//
// with ".neginf" as above.
//
//   paged_mqa_prefill.gfx950.p64.d128.b64.pre.h64.fn
//
// as paged_mqa_logits, without next_n.
//
//   topk.gfx950.decode.slot.b64
//   op   .arch  .decode|prefill .column|slot .kv_block_size
//
// where kv_block_size is 1 if columns come out.
//
//   qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn
//   op     .arch  .page_size .head_dim .plain|pre .heads .neox|interleaved
//                 .first|last .q's and k's type .slots' and positions' type
//                 .fp8 format
//
// with ".ue8m0", ".hadamard" (rows are transformed) and ".prep_q" (rows with a
// negative slot have q and gate).
//
// Each op has fields of its own. The table of them in KernelKey.cpp is all that
// knows a field: text, comparison, neighbours and the list of keys follow.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPEC_KERNELKEY_H
#define HIPDEX_SPEC_KERNELKEY_H

#include "Spec/Arch.h"
#include "Spec/CacheLayout.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace hipdex {

enum class Op : uint8_t {
  PagedMqaLogits,
  KQuantStore,
  KGather,
  KMove,
  StreamPages,
  MqaLogits,
  PagedMqaPrefill,
  TopK,
  QkPrep
};

llvm::StringRef opName(Op op);
/// Every op, in canonical order.
llvm::ArrayRef<Op> allOps();

/// What becomes of a logits row from the first column that it may not see up to
/// its width.
enum class Tail : uint8_t {
  Untouched, ///< Nothing: not written.
  NegInf     ///< -inf, from the same launch.
};

/// Which columns of a rotary part turn together.
enum class Rope : uint8_t {
  Neox,       ///< i and i + 32.
  Interleaved ///< 2*i and 2*i + 1.
};

/// What K is before it is quantized.
enum class SourceType : uint8_t { BF16, F16, F32 };

/// Why a key is not supported, and which key is nearest.
class UnsupportedKey : public llvm::ErrorInfo<UnsupportedKey> {
public:
  static char ID;
  UnsupportedKey(std::string constraint, std::string nearest)
      : constraint(std::move(constraint)), nearest(std::move(nearest)) {}
  /// One line: the constraint, the value, what is allowed, the nearest key.
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
  const std::string constraint;
  const std::string nearest;
};

/// Fields that the op does not have keep their defaults and mean nothing.
struct KernelKey {
  /// Raised when a field is added or changes its meaning.
  static constexpr unsigned schemaVersion = 2;

  Op op = Op::PagedMqaLogits;
  const Arch *arch = nullptr; ///< Never null in a key that was parsed.
  int64_t pageSize = 64;      ///< Tokens of a cache page.
  int64_t headDim = 128;      ///< fp8 elements of a head.
  int64_t kvBlockSize = 64;   ///< Tokens named by one block-table entry.
  bool preshuffle = false;
  int64_t heads = 64;
  int64_t nextN = 1; ///< Query tokens of a request (1 + drafts).
  Fp8Format fp8 = Fp8Format::E4M3FN;
  Tail tail = Tail::Untouched;
  /// Whether table entries are compared with the size of the cache: one outside
  /// it gives -inf. Without, it reads whatever is there, or faults.
  bool checkTable = true;
  SourceType source = SourceType::BF16;
  bool wideSlots = true;       ///< Slots are int64, not int32.
  bool powerOfTwo = false;     ///< Scales are powers of two.
  bool lowerFp8Max = false;    ///< The second of fp8Maxima(), not the first.
  int64_t targetPageSize = 64; ///< Of the cache that is moved to.
  bool targetPreshuffle = false;
  bool windows = false;     ///< Rows have a start and an end of their own.
  bool outputSlots = false; ///< Cache slots come out, not columns.
  Rope rope = Rope::Neox;
  bool rotaryLast = false;   ///< The rotary part is the upper half of a row.
  bool hadamard = false;     ///< Rows are transformed after that.
  bool prepsSkipped = false; ///< Rows with a negative slot have q and gate.

  /// The largest magnitude of a code.
  int64_t fp8Max() const { return fp8Maxima(fp8)[lowerFp8Max]; }
  /// Whether the op has a cache.
  bool hasCache() const;
  /// Its layout; where there is a second cache, of the one that is moved from.
  CacheLayout layout() const;
  /// The same in canonical text, as documents name it; empty without a cache.
  std::string layoutText() const;
  /// Of the cache that is moved to.
  CacheLayout targetLayout() const;

  /// Success, or an UnsupportedKey that says the first unmet constraint.
  llvm::Error validate() const;
  /// The supported key with the fewest and smallest differences from this one;
  /// the key itself if it is supported.
  KernelKey nearestSupported() const;

  std::string str() const;
  /// Reads canonical text. Does not validate: explaining needs invalid keys.
  static llvm::Expected<KernelKey> parse(llvm::StringRef text);

  /// Every supported key, or every one of an op, in canonical order.
  static std::vector<KernelKey> all();
  static std::vector<KernelKey> all(Op op);

  bool operator==(const KernelKey &other) const;
};

/// A field of an op's keys behind op and arch, as a number.
struct KeyField {
  llvm::StringRef name;
  char letter; ///< What stands before a number in the text; 0: it is a word.
  /// The text of each value of a field that is a word. Nothing is written for
  /// a value whose text is empty; such fields come last.
  llvm::ArrayRef<llvm::StringLiteral> words;
  llvm::ArrayRef<int64_t> values; ///< Those that kernels exist for, in order.
  int64_t (*get)(const KernelKey &key);
  void (*set)(KernelKey &key, int64_t value);

  bool isOptional() const;
};

/// The fields of an op, in the order of the text.
llvm::ArrayRef<KeyField> keyFields(Op op);

} // namespace hipdex

#endif // HIPDEX_SPEC_KERNELKEY_H
