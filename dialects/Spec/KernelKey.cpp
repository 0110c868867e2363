//===- KernelKey.cpp - Text, constraints and neighbours of a key ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is supported stands in one table: for each op its fields, with the
// values that kernels exist for, and what must hold between them. Constraints
// that no kernel could ever meet are reported before those that only say what
// exists today, so that the message gives the deeper reason.
//
//===----------------------------------------------------------------------===//

#include "Spec/KernelKey.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <climits>
#include <cmath>
#include <tuple>

using namespace hipdex;

//===----------------------------------------------------------------------===//
// Fields
//===----------------------------------------------------------------------===//

template <auto member>
static constexpr KeyField field(llvm::StringRef name, char letter,
                                llvm::ArrayRef<llvm::StringLiteral> words,
                                llvm::ArrayRef<int64_t> values) {
  using Value = std::decay_t<decltype(KernelKey().*member)>;
  return {name,
          letter,
          words,
          values,
          [](const KernelKey &key) { return int64_t(key.*member); },
          [](KernelKey &key, int64_t value) { key.*member = Value(value); }};
}

static constexpr int64_t pageSizes[] = {1, 16, 32, 64, 128, 256};
static constexpr int64_t headDims[] = {64, 128};
static constexpr int64_t headCounts[] = {8, 16, 32, 64, 128};
static constexpr int64_t nextNs[] = {1, 2, 3, 4, 5, 6, 7, 8};
static constexpr int64_t zeroFirst[] = {0, 1}, oneFirst[] = {1, 0};
static constexpr int64_t sources[] = {0, 1, 2}, halfSources[] = {0, 1};
static constexpr int64_t prepHeadDims[] = {128};

static constexpr llvm::StringLiteral orderWords[] = {"plain", "pre"};
static constexpr llvm::StringLiteral fp8Words[] = {"fn", "fnuz"};
static constexpr llvm::StringLiteral tailWords[] = {"", "neginf"};
static constexpr llvm::StringLiteral checkWords[] = {"unchecked", ""};

static constexpr llvm::StringLiteral sourceWords[] = {"bf16", "f16", "f32"};
static constexpr llvm::StringLiteral slotWords[] = {"i32", "i64"};
static constexpr llvm::StringLiteral scaleWords[] = {"", "ue8m0"};
static constexpr llvm::StringLiteral maxWords[] = {"", "max224"};
static constexpr llvm::StringLiteral ropeWords[] = {"neox", "interleaved"};
static constexpr llvm::StringLiteral rotaryWords[] = {"first", "last"};
static constexpr llvm::StringLiteral hadamardWords[] = {"", "hadamard"};
static constexpr llvm::StringLiteral negativeWords[] = {"", "prep_q"};

static constexpr KeyField pageSize =
    field<&KernelKey::pageSize>("page_size", 'p', {}, pageSizes);
static constexpr KeyField headDim =
    field<&KernelKey::headDim>("head_dim", 'd', {}, headDims);
static constexpr KeyField kvBlockSize =
    field<&KernelKey::kvBlockSize>("kv_block_size", 'b', {}, pageSizes);
static constexpr KeyField preshuffle =
    field<&KernelKey::preshuffle>("order", 0, orderWords, zeroFirst);
static constexpr KeyField slots =
    field<&KernelKey::wideSlots>("slots", 0, slotWords, oneFirst);
static constexpr KeyField fp8 =
    field<&KernelKey::fp8>("fp8 format", 0, fp8Words, zeroFirst);
static constexpr KeyField nextN =
    field<&KernelKey::nextN>("next_n", 'n', {}, nextNs);
static constexpr KeyField tail =
    field<&KernelKey::tail>("tail", 0, tailWords, zeroFirst);
static constexpr KeyField checkTable =
    field<&KernelKey::checkTable>("check_table", 0, checkWords, oneFirst);

static constexpr KeyField pagedMqaLogitsFields[] = {
    pageSize,
    headDim,
    kvBlockSize,
    preshuffle,
    field<&KernelKey::heads>("heads", 'h', {}, headCounts),
    nextN,
    fp8,
    tail,
    checkTable};

static constexpr KeyField streamPagesFields[] = {
    pageSize, headDim, kvBlockSize, preshuffle, nextN, fp8, tail, checkTable};

static constexpr KeyField kGatherFields[] = {pageSize, headDim, kvBlockSize,
                                             preshuffle, fp8};

static constexpr KeyField kQuantStoreFields[] = {
    pageSize,
    headDim,
    preshuffle,
    field<&KernelKey::source>("source", 0, sourceWords, sources),
    slots,
    fp8,
    field<&KernelKey::powerOfTwo>("scale", 0, scaleWords, zeroFirst),
    field<&KernelKey::lowerFp8Max>("fp8_max", 0, maxWords, zeroFirst)};

static constexpr KeyField kMoveFields[] = {
    pageSize,
    headDim,
    preshuffle,
    field<&KernelKey::targetPageSize>("target_page_size", 't', {}, pageSizes),
    field<&KernelKey::targetPreshuffle>("target_order", 0, orderWords,
                                        zeroFirst),
    slots,
    fp8};

static constexpr KeyField mqaLogitsFields[] = {
    headDim, field<&KernelKey::heads>("heads", 'h', {}, headCounts), fp8,
    field<&KernelKey::tail>("tail", 0, tailWords, zeroFirst)};

static constexpr KeyField pagedMqaPrefillFields[] = {
    pageSize,
    headDim,
    kvBlockSize,
    preshuffle,
    field<&KernelKey::heads>("heads", 'h', {}, headCounts),
    fp8,
    field<&KernelKey::tail>("tail", 0, tailWords, zeroFirst),
    field<&KernelKey::checkTable>("check_table", 0, checkWords, oneFirst)};

static constexpr llvm::StringLiteral rowWords[] = {"decode", "prefill"};
static constexpr llvm::StringLiteral outputWords[] = {"column", "slot"};
static constexpr KeyField topKFields[] = {
    field<&KernelKey::windows>("rows", 0, rowWords, zeroFirst),
    field<&KernelKey::outputSlots>("output", 0, outputWords, zeroFirst),
    kvBlockSize};

static constexpr KeyField qkPrepFields[] = {
    pageSize,
    field<&KernelKey::headDim>("head_dim", 'd', {}, prepHeadDims),
    preshuffle,
    field<&KernelKey::heads>("heads", 'h', {}, headCounts),
    field<&KernelKey::rope>("rope", 0, ropeWords, zeroFirst),
    field<&KernelKey::rotaryLast>("rotary", 0, rotaryWords, zeroFirst),
    field<&KernelKey::source>("source", 0, sourceWords, halfSources),
    slots,
    fp8,
    field<&KernelKey::powerOfTwo>("scale", 0, scaleWords, zeroFirst),
    field<&KernelKey::hadamard>("hadamard", 0, hadamardWords, zeroFirst),
    field<&KernelKey::prepsSkipped>("negative_slots", 0, negativeWords,
                                    zeroFirst)};

bool KeyField::isOptional() const {
  return llvm::is_contained(words, llvm::StringRef());
}

//===----------------------------------------------------------------------===//
// Constraints between fields
//===----------------------------------------------------------------------===//

namespace {
struct Constraint {
  bool (*isMet)(const KernelKey &key);
  std::string (*message)(const KernelKey &key);
};
} // namespace

static constexpr Constraint blocksDividePages = {
    [](const KernelKey &key) { return key.pageSize % key.kvBlockSize == 0; },
    [](const KernelKey &key) {
      return ("kv_block_size is " + llvm::Twine(key.kvBlockSize) +
              ", must divide page_size, which is " + llvm::Twine(key.pageSize))
          .str();
    }};
static constexpr Constraint tilesFillPages = {
    [](const KernelKey &key) {
      return !key.preshuffle || key.pageSize % 16 == 0;
    },
    [](const KernelKey &key) {
      return ("page_size is " + llvm::Twine(key.pageSize) +
              ", must be a multiple of 16 with preshuffle")
          .str();
    }};
static constexpr Constraint tilesFillTargetPages = {
    [](const KernelKey &key) {
      return !key.targetPreshuffle || key.targetPageSize % 16 == 0;
    },
    [](const KernelKey &key) {
      return ("target_page_size is " + llvm::Twine(key.targetPageSize) +
              ", must be a multiple of 16 with preshuffle")
          .str();
    }};
static constexpr Constraint archHasFp8 = {
    [](const KernelKey &key) { return key.fp8 == key.arch->fp8; },
    [](const KernelKey &key) {
      return ("fp8 format is " + fp8KeyName(key.fp8) + ", " + key.arch->name +
              " has " + fp8KeyName(key.arch->fp8))
          .str();
    }};

static constexpr Constraint fp8HasMax = {
    [](const KernelKey &key) {
      return !key.lowerFp8Max || fp8Maxima(key.fp8).size() > 1;
    },
    [](const KernelKey &key) {
      return ("fp8_max is 224, of " + fp8KeyName(key.fp8) + " it is " +
              llvm::Twine(fp8Maxima(key.fp8)[0]))
          .str();
    }};

/// Of ops that read through a block table.
static constexpr Constraint tableConstraints[] = {blocksDividePages,
                                                  tilesFillPages, archHasFp8};
static constexpr Constraint kQuantStoreConstraints[] = {tilesFillPages,
                                                        archHasFp8, fp8HasMax};
static constexpr Constraint kMoveConstraints[] = {
    tilesFillPages, tilesFillTargetPages, archHasFp8};

static constexpr Constraint columnsHaveNoBlocks = {
    [](const KernelKey &key) {
      return key.outputSlots || key.kvBlockSize == 1;
    },
    [](const KernelKey &key) {
      return ("kv_block_size is " + llvm::Twine(key.kvBlockSize) +
              ", must be 1 with output column")
          .str();
    }};

static constexpr Constraint mqaLogitsConstraints[] = {archHasFp8};
static constexpr Constraint pagedMqaPrefillConstraints[] = {
    blocksDividePages, tilesFillPages, archHasFp8};
static constexpr Constraint topKConstraints[] = {columnsHaveNoBlocks};
static constexpr Constraint sourceIsHalf = {
    [](const KernelKey &key) { return key.source != SourceType::F32; },
    [](const KernelKey &) {
      return std::string("source is f32, must be bf16 or f16");
    }};
static constexpr Constraint qkPrepConstraints[] = {tilesFillPages, archHasFp8,
                                                   sourceIsHalf};

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

namespace {
struct OpRow {
  Op op;
  llvm::StringRef name, example;
  llvm::ArrayRef<KeyField> fields;
  llvm::ArrayRef<Constraint> constraints;
};
} // namespace

/// In the order of the enumeration.
static constexpr OpRow opTable[] = {
    {Op::PagedMqaLogits, "paged_mqa_logits",
     "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn", pagedMqaLogitsFields,
     tableConstraints},
    {Op::KQuantStore, "k_quant_store",
     "k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn", kQuantStoreFields,
     kQuantStoreConstraints},
    {Op::KGather, "k_gather", "k_gather.gfx950.p64.d128.b64.pre.fn",
     kGatherFields, tableConstraints},
    {Op::KMove, "k_move", "k_move.gfx950.p16.d128.plain.t64.pre.i64.fn",
     kMoveFields, kMoveConstraints},
    {Op::StreamPages, "stream_pages",
     "stream_pages.gfx950.p64.d128.b64.pre.n1.fn", streamPagesFields,
     tableConstraints},
    {Op::MqaLogits, "mqa_logits", "mqa_logits.gfx950.d128.h64.fn",
     mqaLogitsFields, mqaLogitsConstraints},
    {Op::PagedMqaPrefill, "paged_mqa_prefill",
     "paged_mqa_prefill.gfx950.p64.d128.b64.pre.h64.fn", pagedMqaPrefillFields,
     pagedMqaPrefillConstraints},
    {Op::TopK, "topk", "topk.gfx950.decode.slot.b64", topKFields,
     topKConstraints},
    {Op::QkPrep, "qk_prep",
     "qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn", qkPrepFields,
     qkPrepConstraints}};

static const OpRow &rowOf(Op op) { return opTable[size_t(op)]; }

llvm::StringRef hipdex::opName(Op op) { return rowOf(op).name; }

llvm::ArrayRef<Op> hipdex::allOps() {
  static const std::vector<Op> ops = [] {
    std::vector<Op> all;
    for (const OpRow &row : opTable)
      all.push_back(row.op);
    return all;
  }();
  return ops;
}

llvm::ArrayRef<KeyField> hipdex::keyFields(Op op) { return rowOf(op).fields; }

static CacheLayout layoutOf(const KernelKey &key, int64_t pageSize,
                            bool preshuffle) {
  CacheLayout layout;
  layout.pageSize = pageSize;
  layout.headDim = key.headDim;
  layout.order = preshuffle ? CacheOrder::Preshuffle16x16 : CacheOrder::Plain;
  layout.fp8 = key.fp8;
  return layout;
}

CacheLayout KernelKey::layout() const {
  return layoutOf(*this, pageSize, preshuffle);
}

bool KernelKey::hasCache() const {
  return llvm::any_of(keyFields(op), [](const KeyField &field) {
    return field.name == "page_size";
  });
}

std::string KernelKey::layoutText() const {
  return hasCache() ? layout().str() : "";
}

CacheLayout KernelKey::targetLayout() const {
  return layoutOf(*this, targetPageSize, targetPreshuffle);
}

bool KernelKey::operator==(const KernelKey &other) const {
  return op == other.op && arch == other.arch &&
         llvm::all_of(keyFields(op), [&](const KeyField &field) {
           return field.get(*this) == field.get(other);
         });
}

//===----------------------------------------------------------------------===//
// What is supported
//===----------------------------------------------------------------------===//

char UnsupportedKey::ID = 0;

void UnsupportedKey::log(llvm::raw_ostream &os) const {
  os << constraint << "; nearest supported key: " << nearest;
}

std::error_code UnsupportedKey::convertToErrorCode() const {
  return std::make_error_code(std::errc::not_supported);
}

static std::string listedArchs() {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(archTable(), os,
                        [&](const Arch &arch) { os << arch.name; });
  return text;
}

/// Whether every constraint is met; if not, \p why is the message of the first
/// that is not (unless null).
static bool isSupported(const KernelKey &key, std::string *why = nullptr) {
  auto unmet = [&](const llvm::Twine &message) {
    if (why)
      *why = message.str();
    return false;
  };
  if (!key.arch)
    return unmet("arch is not given, supported: " + listedArchs());
  const OpRow &row = rowOf(key.op);
  for (const KeyField &field : row.fields)
    if (field.letter && field.get(key) < 1)
      return unmet(field.name + " is " + llvm::Twine(field.get(key)) +
                   ", must be at least 1");
  for (const Constraint &constraint : row.constraints)
    if (!constraint.isMet(key))
      return unmet(why ? constraint.message(key) : std::string());
  for (const KeyField &field : row.fields)
    if (!llvm::is_contained(field.values, field.get(key))) {
      std::string values;
      llvm::raw_string_ostream os(values);
      llvm::interleaveComma(field.values, os);
      return unmet(field.name + " is " + llvm::Twine(field.get(key)) +
                   ", supported: " + values);
    }
  return true;
}

llvm::Error KernelKey::validate() const {
  std::string why;
  if (isSupported(*this, &why))
    return llvm::Error::success();
  return llvm::make_error<UnsupportedKey>(why, nearestSupported().str());
}

/// Appends every supported key that agrees with \p key but in \p fields.
static void appendKeys(KernelKey &key, llvm::ArrayRef<KeyField> fields,
                       std::vector<KernelKey> &keys) {
  if (fields.empty()) {
    if (isSupported(key))
      keys.push_back(key);
    return;
  }
  for (int64_t value : fields[0].values) {
    fields[0].set(key, value);
    appendKeys(key, fields.drop_front(), keys);
  }
}

std::vector<KernelKey> KernelKey::all(Op op) {
  std::vector<KernelKey> keys;
  KernelKey key;
  key.op = op;
  for (const Arch &arch : archTable()) {
    key.arch = &arch;
    appendKeys(key, keyFields(op), keys);
  }
  return keys;
}

std::vector<KernelKey> KernelKey::all() {
  std::vector<KernelKey> keys;
  for (Op op : allOps())
    llvm::append_range(keys, all(op));
  return keys;
}

// How far apart two sizes are, in doublings: 48 is nearer to 64 than to 32.
static double sizeDistance(int64_t a, int64_t b) {
  auto log = [](int64_t value) {
    return std::log2(double(value < 0 ? 0 : value) + 0.5);
  };
  return std::fabs(log(a) - log(b));
}

namespace {
/// Goes through the supported keys of an op in canonical order, field by field,
/// and leaves a branch as soon as it is no nearer than the best key so far:
/// there are some 26,000, and who asks may be serving.
class NearestKey {
public:
  explicit NearestKey(const KernelKey &wanted) : wanted(wanted) {
    candidate.op = wanted.op;
    for (const Arch &arch : archTable()) {
      candidate.arch = &arch;
      visit(keyFields(wanted.op),
            Distance(wanted.arch && wanted.arch != &arch, 0, 0));
    }
  }
  const KernelKey &get() const { return nearest; }

private:
  // The GPU is what a user cannot change, so it outweighs everything; then
  // fewest fields, then smallest steps.
  using Distance = std::tuple<unsigned, unsigned, double>;

  void visit(llvm::ArrayRef<KeyField> fields, Distance distance) {
    // The first of equals stays: canonical order decides.
    if (distance >= best)
      return;
    if (fields.empty()) {
      if (isSupported(candidate)) {
        best = distance;
        nearest = candidate;
      }
      return;
    }
    const KeyField &field = fields[0];
    int64_t mine = field.get(wanted);
    auto [arch, different, steps] = distance;
    for (int64_t value : field.values) {
      field.set(candidate, value);
      visit(fields.drop_front(),
            Distance(arch, different + (value != mine),
                     steps + (field.letter ? sizeDistance(mine, value) : 0)));
    }
  }

  const KernelKey &wanted;
  KernelKey candidate, nearest;
  Distance best = Distance(UINT_MAX, 0, 0);
};
} // namespace

KernelKey KernelKey::nearestSupported() const {
  return isSupported(*this) ? *this : NearestKey(*this).get();
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string KernelKey::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << opName(op) << '.' << (arch ? arch->name : "?");
  for (const KeyField &field : keyFields(op)) {
    int64_t value = field.get(*this);
    if (field.letter)
      os << '.' << field.letter << value;
    else if (!field.words[value].empty())
      os << '.' << field.words[value];
  }
  return text;
}

static llvm::Error badKey(llvm::StringRef text, const llvm::Twine &message) {
  return llvm::createStringError(
      std::make_error_code(std::errc::invalid_argument),
      "key \"" + text + "\": " + message);
}

// The name in `names` that takes the fewest edits to reach.
static llvm::StringRef nearestName(llvm::StringRef name,
                                   llvm::ArrayRef<llvm::StringRef> names) {
  return *llvm::min_element(names, [&](llvm::StringRef a, llvm::StringRef b) {
    return name.edit_distance(a) < name.edit_distance(b);
  });
}

/// The words of a field, or of several, that a text may have.
static std::string quoted(llvm::ArrayRef<KeyField> fields,
                          llvm::StringRef separator) {
  std::string text;
  for (const KeyField &field : fields)
    for (llvm::StringRef word : field.words)
      if (!word.empty())
        text += ((text.empty() ? "" : separator) + "\"" + word + "\"").str();
  return text;
}

llvm::Expected<KernelKey> KernelKey::parse(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 12> parts;
  text.split(parts, '.');
  KernelKey key;
  const OpRow *row = llvm::find_if(
      opTable, [&](const OpRow &row) { return row.name == parts[0]; });
  if (row == std::end(opTable)) {
    llvm::SmallVector<llvm::StringRef> names;
    for (const OpRow &each : opTable)
      names.push_back(each.name);
    return badKey(text, "unknown op \"" + parts[0] +
                            "\", supported: " + llvm::join(names, ", ") +
                            "; nearest: " + nearestName(parts[0], names));
  }
  key.op = row->op;
  llvm::ArrayRef<KeyField> required = row->fields.take_while(
      [](const KeyField &field) { return !field.isOptional(); });
  llvm::ArrayRef<KeyField> optional = row->fields.drop_front(required.size());
  if (parts.size() < 2 + required.size())
    return badKey(text, "has " + llvm::Twine(parts.size()) +
                            " fields, must have " +
                            llvm::Twine(2 + required.size()) + ", as in \"" +
                            row->example + "\"");

  // Canonical text has no feature suffix, although lookupArch() takes one.
  key.arch = parts[1].contains(':') ? nullptr : lookupArch(parts[1]);
  if (!key.arch) {
    llvm::SmallVector<llvm::StringRef> names;
    for (const Arch &arch : archTable())
      names.push_back(arch.name);
    return badKey(text, "unknown arch \"" + parts[1] +
                            "\", supported: " + listedArchs() +
                            "; nearest: " + nearestName(parts[1], names));
  }

  for (size_t place = 2; place < 2 + required.size(); ++place) {
    const KeyField &field = required[place - 2];
    llvm::StringRef part = parts[place];
    auto wrong = [&](const llvm::Twine &expected) {
      return badKey(text, "field " + llvm::Twine(place + 1) + " is \"" + part +
                              "\", must be " + expected);
    };
    if (!field.letter) {
      const llvm::StringLiteral *word = llvm::find(field.words, part);
      if (word == field.words.end())
        return wrong(quoted(field, " or "));
      field.set(key, word - field.words.begin());
      continue;
    }
    llvm::StringRef digits = part, letter(&field.letter, 1);
    bool isNumber = digits.consume_front(letter) && !digits.empty() &&
                    llvm::all_of(digits, llvm::isDigit) &&
                    (digits.size() == 1 || digits[0] != '0');
    if (!isNumber)
      return wrong(field.name + " as \"" + letter + "\" and a decimal number");
    int64_t value;
    if (digits.getAsInteger(10, value))
      return badKey(text,
                    field.name + " " + digits + " does not fit in 64 bits");
    field.set(key, value);
  }

  llvm::ArrayRef<llvm::StringRef> rest =
      llvm::ArrayRef(parts).drop_front(2 + required.size());
  for (const KeyField &field : optional) {
    const llvm::StringLiteral *word = rest.empty() || rest[0].empty()
                                          ? field.words.end()
                                          : llvm::find(field.words, rest[0]);
    if (word != field.words.end())
      rest = rest.drop_front();
    else
      word = llvm::find(field.words, llvm::StringRef());
    field.set(key, word - field.words.begin());
  }
  if (!rest.empty())
    return badKey(
        text, "after the " + required.back().name + " is \"" + rest.front() +
                  "\", allowed is nothing, or one or more, in this order, "
                  "of " +
                  quoted(optional, ", "));
  return key;
}
