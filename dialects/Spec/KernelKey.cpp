//===- KernelKey.cpp - Text, constraints and neighbours of a key ----------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is supported stands in two lists: the values of each field, and the
// constraints, in the order in which they are reported. A constraint that no
// kernel could ever meet comes before one that only says what exists today,
// so that the message gives the deeper reason.
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

static const Op ops[] = {Op::PagedMqaLogits};

// Values that kernels exist for.
static const int64_t pageSizes[] = {1, 16, 32, 64, 128, 256};
static const int64_t kvBlockSizes[] = {1, 16, 32, 64, 128, 256};
static const int64_t headDims[] = {64, 128};
static const int64_t headCounts[] = {8, 16, 32, 64, 128};
static const int64_t nextNs[] = {1, 2, 3, 4, 5, 6, 7, 8};

// Parts of the text that stand for what is not the default.
static constexpr llvm::StringLiteral negInfName = "neginf";
static constexpr llvm::StringLiteral uncheckedName = "unchecked";

llvm::StringRef hipdex::opName(Op op) {
  switch (op) {
  case Op::PagedMqaLogits:
    return "paged_mqa_logits";
  }
  return "?";
}

char UnsupportedKey::ID = 0;

void UnsupportedKey::log(llvm::raw_ostream &os) const {
  os << constraint << "; nearest supported key: " << nearest;
}

std::error_code UnsupportedKey::convertToErrorCode() const {
  return std::make_error_code(std::errc::not_supported);
}

CacheLayout KernelKey::layout() const {
  CacheLayout layout;
  layout.pageSize = pageSize;
  layout.headDim = headDim;
  layout.order = preshuffle ? CacheOrder::Preshuffle16x16 : CacheOrder::Plain;
  layout.fp8 = fp8;
  return layout;
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

static std::string listed(llvm::ArrayRef<int64_t> values) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(values, os);
  return text;
}

static std::string listedArchs() {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(archTable(), os,
                        [&](const Arch &arch) { os << arch.name; });
  return text;
}

static std::string atLeastOne(llvm::StringRef field, int64_t value) {
  return (field + " is " + llvm::Twine(value) + ", must be at least 1").str();
}

static std::string notIn(llvm::StringRef field, int64_t value,
                         llvm::ArrayRef<int64_t> values) {
  return (field + " is " + llvm::Twine(value) +
          ", supported: " + listed(values))
      .str();
}

namespace {
struct Constraint {
  bool (*isMet)(const KernelKey &key);
  std::string (*message)(const KernelKey &key);
};
} // namespace

static const Constraint constraints[] = {
    {[](const KernelKey &key) { return key.arch != nullptr; },
     [](const KernelKey &) {
       return "arch is not given, supported: " + listedArchs();
     }},
    {[](const KernelKey &key) { return key.pageSize >= 1; },
     [](const KernelKey &key) {
       return atLeastOne("page_size", key.pageSize);
     }},
    {[](const KernelKey &key) { return key.headDim >= 1; },
     [](const KernelKey &key) { return atLeastOne("head_dim", key.headDim); }},
    {[](const KernelKey &key) { return key.kvBlockSize >= 1; },
     [](const KernelKey &key) {
       return atLeastOne("kv_block_size", key.kvBlockSize);
     }},
    {[](const KernelKey &key) { return key.heads >= 1; },
     [](const KernelKey &key) { return atLeastOne("heads", key.heads); }},
    {[](const KernelKey &key) { return key.nextN >= 1; },
     [](const KernelKey &key) { return atLeastOne("next_n", key.nextN); }},
    {[](const KernelKey &key) { return key.pageSize % key.kvBlockSize == 0; },
     [](const KernelKey &key) {
       return ("kv_block_size is " + llvm::Twine(key.kvBlockSize) +
               ", must divide page_size, which is " + llvm::Twine(key.pageSize))
           .str();
     }},
    {[](const KernelKey &key) {
       return !key.preshuffle || key.pageSize % 16 == 0;
     },
     [](const KernelKey &key) {
       return ("page_size is " + llvm::Twine(key.pageSize) +
               ", must be a multiple of 16 with preshuffle")
           .str();
     }},
    {[](const KernelKey &key) { return key.fp8 == key.arch->fp8; },
     [](const KernelKey &key) {
       return ("fp8 format is " + fp8KeyName(key.fp8) + ", " + key.arch->name +
               " has " + fp8KeyName(key.arch->fp8))
           .str();
     }},
    {[](const KernelKey &key) {
       return llvm::is_contained(pageSizes, key.pageSize);
     },
     [](const KernelKey &key) {
       return notIn("page_size", key.pageSize, pageSizes);
     }},
    {[](const KernelKey &key) {
       return llvm::is_contained(headDims, key.headDim);
     },
     [](const KernelKey &key) {
       return notIn("head_dim", key.headDim, headDims);
     }},
    {[](const KernelKey &key) {
       return llvm::is_contained(kvBlockSizes, key.kvBlockSize);
     },
     [](const KernelKey &key) {
       return notIn("kv_block_size", key.kvBlockSize, kvBlockSizes);
     }},
    {[](const KernelKey &key) {
       return llvm::is_contained(headCounts, key.heads);
     },
     [](const KernelKey &key) {
       return notIn("heads", key.heads, headCounts);
     }},
    {[](const KernelKey &key) { return llvm::is_contained(nextNs, key.nextN); },
     [](const KernelKey &key) { return notIn("next_n", key.nextN, nextNs); }},
};

static const Constraint *firstUnmet(const KernelKey &key) {
  for (const Constraint &constraint : constraints)
    if (!constraint.isMet(key))
      return &constraint;
  return nullptr;
}

llvm::Error KernelKey::validate() const {
  const Constraint *unmet = firstUnmet(*this);
  if (!unmet)
    return llvm::Error::success();
  return llvm::make_error<UnsupportedKey>(unmet->message(*this),
                                          nearestSupported().str());
}

std::vector<KernelKey> KernelKey::all() {
  std::vector<KernelKey> keys;
  KernelKey key;
  for (Op op : ops)
    for (const Arch &arch : archTable())
      for (int64_t pageSize : pageSizes)
        for (int64_t headDim : headDims)
          for (int64_t kvBlockSize : kvBlockSizes)
            for (bool preshuffle : {false, true})
              for (int64_t heads : headCounts)
                for (int64_t nextN : nextNs)
                  for (Tail tail : {Tail::Untouched, Tail::NegInf})
                    for (bool checkTable : {true, false}) {
                      key.op = op;
                      key.arch = &arch;
                      key.pageSize = pageSize;
                      key.headDim = headDim;
                      key.kvBlockSize = kvBlockSize;
                      key.preshuffle = preshuffle;
                      key.heads = heads;
                      key.nextN = nextN;
                      key.fp8 = arch.fp8;
                      key.tail = tail;
                      key.checkTable = checkTable;
                      if (!firstUnmet(key))
                        keys.push_back(key);
                    }
  return keys;
}

//===----------------------------------------------------------------------===//
// The nearest supported key
//===----------------------------------------------------------------------===//

// How far apart two sizes are, in doublings: 48 is nearer to 64 than to 32.
static double sizeDistance(int64_t a, int64_t b) {
  auto log = [](int64_t value) {
    return std::log2(double(value < 0 ? 0 : value) + 0.5);
  };
  return std::fabs(log(a) - log(b));
}

namespace {
/// Goes through the supported keys in canonical order, field by field, and
/// leaves a branch as soon as it is no nearer than the best key so far: there
/// are some 26,000, and who asks may be serving.
class NearestKey {
public:
  explicit NearestKey(const KernelKey &wanted) : wanted(wanted) {
    visit(0, Distance(0, 0, 0));
  }
  const KernelKey &get() const { return nearest; }

private:
  // The GPU is what a user cannot change, so it outweighs everything; then
  // fewest fields, then smallest steps.
  using Distance = std::tuple<unsigned, unsigned, double>;

  void visit(unsigned field, Distance distance) {
    // The first of equals stays: canonical order decides.
    if (distance >= best)
      return;
    auto other = [&](unsigned fields, double steps = 0) {
      return Distance(std::get<0>(distance), std::get<1>(distance) + fields,
                      std::get<2>(distance) + steps);
    };
    auto size = [&](int64_t KernelKey::*member,
                    llvm::ArrayRef<int64_t> values) {
      for (int64_t value : values) {
        candidate.*member = value;
        visit(field + 1, other(wanted.*member != value,
                               sizeDistance(wanted.*member, value)));
      }
    };
    switch (field) {
    case 0:
      for (Op op : ops) {
        candidate.op = op;
        visit(field + 1, other(op != wanted.op));
      }
      return;
    case 1:
      for (const Arch &arch : archTable()) {
        candidate.arch = &arch;
        candidate.fp8 = arch.fp8;
        visit(field + 1,
              Distance(wanted.arch && wanted.arch != &arch,
                       std::get<1>(distance) + (arch.fp8 != wanted.fp8), 0));
      }
      return;
    case 2:
      return size(&KernelKey::pageSize, pageSizes);
    case 3:
      return size(&KernelKey::headDim, headDims);
    case 4:
      return size(&KernelKey::kvBlockSize, kvBlockSizes);
    case 5:
      for (bool preshuffle : {false, true}) {
        candidate.preshuffle = preshuffle;
        visit(field + 1, other(preshuffle != wanted.preshuffle));
      }
      return;
    case 6:
      return size(&KernelKey::heads, headCounts);
    case 7:
      return size(&KernelKey::nextN, nextNs);
    case 8:
      for (Tail tail : {Tail::Untouched, Tail::NegInf}) {
        candidate.tail = tail;
        visit(field + 1, other(tail != wanted.tail));
      }
      return;
    case 9:
      for (bool checkTable : {true, false}) {
        candidate.checkTable = checkTable;
        visit(field + 1, other(checkTable != wanted.checkTable));
      }
      return;
    default:
      if (!firstUnmet(candidate)) {
        best = distance;
        nearest = candidate;
      }
    }
  }

  const KernelKey &wanted;
  KernelKey candidate, nearest;
  Distance best = Distance(UINT_MAX, 0, 0);
};
} // namespace

KernelKey KernelKey::nearestSupported() const {
  return firstUnmet(*this) ? NearestKey(*this).get() : *this;
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

std::string KernelKey::str() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << opName(op) << '.' << (arch ? arch->name : "?") << ".p" << pageSize
     << ".d" << headDim << ".b" << kvBlockSize
     << (preshuffle ? ".pre" : ".plain") << ".h" << heads << ".n" << nextN
     << '.' << fp8KeyName(fp8);
  if (tail == Tail::NegInf)
    os << '.' << negInfName;
  if (!checkTable)
    os << '.' << uncheckedName;
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

llvm::Expected<KernelKey> KernelKey::parse(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 11> fields;
  text.split(fields, '.');
  if (fields.size() < 9)
    return badKey(text,
                  "has " + llvm::Twine(fields.size()) +
                      " fields, must have 9, as in "
                      "\"paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn\"");

  KernelKey key;
  const Op *op = llvm::find_if(
      ops, [&](Op candidate) { return opName(candidate) == fields[0]; });
  if (op == std::end(ops)) {
    llvm::SmallVector<llvm::StringRef> names;
    for (Op candidate : ops)
      names.push_back(opName(candidate));
    return badKey(text, "unknown op \"" + fields[0] +
                            "\", supported: " + llvm::join(names, ", ") +
                            "; nearest: " + nearestName(fields[0], names));
  }
  key.op = *op;

  // Canonical text has no feature suffix, although lookupArch() takes one.
  key.arch = fields[1].contains(':') ? nullptr : lookupArch(fields[1]);
  if (!key.arch) {
    llvm::SmallVector<llvm::StringRef> names;
    for (const Arch &arch : archTable())
      names.push_back(arch.name);
    return badKey(text, "unknown arch \"" + fields[1] +
                            "\", supported: " + listedArchs() +
                            "; nearest: " + nearestName(fields[1], names));
  }

  struct SizeField {
    unsigned position;
    char letter;
    llvm::StringRef name;
    int64_t *value;
  };
  const SizeField sizes[] = {{2, 'p', "page_size", &key.pageSize},
                             {3, 'd', "head_dim", &key.headDim},
                             {4, 'b', "kv_block_size", &key.kvBlockSize},
                             {6, 'h', "heads", &key.heads},
                             {7, 'n', "next_n", &key.nextN}};
  for (const SizeField &size : sizes) {
    llvm::StringRef digits = fields[size.position];
    bool isNumber = digits.consume_front(llvm::StringRef(&size.letter, 1)) &&
                    !digits.empty() && llvm::all_of(digits, llvm::isDigit) &&
                    (digits.size() == 1 || digits[0] != '0');
    if (!isNumber)
      return badKey(text, "field " + llvm::Twine(size.position + 1) + " is \"" +
                              fields[size.position] + "\", must be " +
                              size.name + " as \"" + llvm::Twine(size.letter) +
                              "\" and a decimal number");
    if (digits.getAsInteger(10, *size.value))
      return badKey(text,
                    size.name + " " + digits + " does not fit in 64 bits");
  }

  if (fields[5] != "pre" && fields[5] != "plain")
    return badKey(text, "field 6 is \"" + fields[5] +
                            "\", must be \"plain\" or \"pre\"");
  key.preshuffle = fields[5] == "pre";

  std::optional<Fp8Format> format = parseFp8KeyName(fields[8]);
  if (!format)
    return badKey(text, "unknown fp8 format \"" + fields[8] +
                            "\", must be \"fn\" or \"fnuz\"");
  key.fp8 = *format;

  llvm::ArrayRef<llvm::StringRef> rest = llvm::ArrayRef(fields).drop_front(9);
  if (!rest.empty() && rest.front() == negInfName) {
    key.tail = Tail::NegInf;
    rest = rest.drop_front();
  }
  if (!rest.empty() && rest.front() == uncheckedName) {
    key.checkTable = false;
    rest = rest.drop_front();
  }
  if (!rest.empty())
    return badKey(text, "after the fp8 format is \"" + rest.front() +
                            "\", allowed is nothing, \"" + negInfName +
                            "\", \"" + uncheckedName + "\", or \"" +
                            negInfName + "." + uncheckedName + "\"");
  return key;
}

bool KernelKey::operator==(const KernelKey &other) const {
  return op == other.op && arch == other.arch && pageSize == other.pageSize &&
         headDim == other.headDim && kvBlockSize == other.kvBlockSize &&
         preshuffle == other.preshuffle && heads == other.heads &&
         nextN == other.nextN && fp8 == other.fp8 && tail == other.tail &&
         checkTable == other.checkTable;
}
