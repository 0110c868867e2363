//===- KeyOptions.cpp - A key, or some keys, as options -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyOptions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace hipdex;
namespace cl = llvm::cl;

KeyOptions::KeyOptions(cl::SubCommand &command)
    : pageSize("page-size", cl::sub(command), cl::value_desc("N"),
               cl::desc("Tokens of a cache page (64)")),
      headDim("head-dim", cl::sub(command), cl::value_desc("N"),
              cl::desc("fp8 elements of a head (128)")),
      kvBlockSize("kv-block-size", cl::sub(command), cl::value_desc("N"),
                  cl::desc("Tokens named by a block-table entry (page size)")),
      heads("heads", cl::sub(command), cl::value_desc("N"),
            cl::desc("Query heads (64)")),
      nextN("next-n", cl::sub(command), cl::value_desc("N"),
            cl::desc("Query tokens of a request (1)")),
      text(cl::Positional, cl::sub(command), cl::desc("[KEY]")),
      op("op", cl::sub(command), cl::init("paged_mqa_logits"),
         cl::value_desc("name"),
         cl::desc("The operation (paged_mqa_logits; with --fuzz: all)")),
      arch("arch", cl::sub(command), cl::value_desc("name"),
           cl::desc("The architecture (default: the device's; gfx950 on the "
                    "emulator); it decides the fp8 format")),
      tail("tail", cl::sub(command), cl::init("untouched"),
           cl::value_desc("untouched|neginf"),
           cl::desc("What becomes of a row beyond its context (untouched)")),
      checkTable("check-table", cl::sub(command), cl::init("on"),
                 cl::value_desc("on|off"),
                 cl::desc("Whether table entries out of range give -inf (on)")),
      contains("key-contains", cl::sub(command), cl::value_desc("TEXT"),
               cl::desc("With --fuzz: only keys with this in their text")),
      preshuffle("preshuffle", cl::sub(command),
                 cl::desc("The cache is in (16,16) tiles")) {}

llvm::Expected<std::string> KeyOptions::archName() const {
  if (text.empty())
    return arch.getValue();
  auto parsed = KernelKey::parse(text);
  if (!parsed)
    return parsed.takeError();
  for (const cl::Option *option : std::initializer_list<const cl::Option *>{
           &pageSize, &headDim, &kvBlockSize, &heads, &nextN, &op, &arch, &tail,
           &checkTable, &preshuffle})
    if (option->getNumOccurrences())
      return llvm::createStringError("--" + option->ArgStr +
                                     " does not go with a KEY, which says it");
  return parsed->arch->name.str();
}

llvm::Expected<Op> KeyOptions::readOp() const {
  for (Op each : allOps())
    if (op == opName(each))
      return each;
  // The parser of keys knows what to say.
  return KernelKey::parse(op.getValue()).takeError();
}

llvm::Error KeyOptions::read(KernelKey &key, llvm::StringRef archName) const {
  key.preshuffle = preshuffle;
  for (auto [option, field] :
       {std::pair<const IntegerOption *, int64_t *>{&pageSize, &key.pageSize},
        {&headDim, &key.headDim},
        {&heads, &key.heads},
        {&nextN, &key.nextN}})
    if (llvm::Error error = readInteger(*option, *field))
      return error;
  key.kvBlockSize = key.pageSize;
  if (llvm::Error error = readInteger(kvBlockSize, key.kvBlockSize))
    return error;
  if (tail != "untouched" && tail != "neginf")
    return llvm::createStringError("tail is \"" + tail +
                                   "\", must be untouched or neginf");
  key.tail = tail == "neginf" ? Tail::NegInf : Tail::Untouched;
  if (checkTable != "on" && checkTable != "off")
    return llvm::createStringError("check-table is \"" + checkTable +
                                   "\", must be on or off");
  key.checkTable = checkTable == "on";
  key.arch = lookupArch(archName);
  if (!key.arch)
    return KernelKey::parse(opName(key.op).str() + "." + archName.str() +
                            ".p64.d128.b64.pre.h64.n1.fn")
        .takeError();
  key.fp8 = key.arch->fp8;
  return llvm::Error::success();
}

llvm::Expected<KernelKey> KeyOptions::key(llvm::StringRef archName) const {
  if (contains.getNumOccurrences())
    return llvm::createStringError("--key-contains needs --fuzz");
  if (!text.empty())
    return validKey();
  auto op = readOp();
  if (!op)
    return op.takeError();
  // The options are fields of one op's keys.
  if (*op != Op::PagedMqaLogits)
    return llvm::createStringError("a key of " + opName(*op) +
                                   " is given as a KEY (hipdexc list)");
  KernelKey key;
  if (llvm::Error error = read(key, archName))
    return std::move(error);
  if (llvm::Error error = key.validate())
    return std::move(error);
  return key;
}

llvm::Expected<KernelKey> KeyOptions::validKey() const {
  auto key = KernelKey::parse(text);
  if (key)
    if (llvm::Error error = key->validate())
      return std::move(error);
  return key;
}

llvm::Expected<std::vector<KernelKey>>
KeyOptions::keys(llvm::StringRef archName) const {
  if (!text.empty()) {
    auto key = validKey();
    if (!key)
      return key.takeError();
    return std::vector<KernelKey>{*key};
  }
  KernelKey wanted;
  if (llvm::Error error = read(wanted, archName))
    return std::move(error);
  auto onlyOp = readOp();
  if (!onlyOp)
    return onlyOp.takeError();
  const std::pair<const cl::Option *, llvm::StringRef> options[] = {
      {&pageSize, "page_size"}, {&headDim, "head_dim"},
      {&heads, "heads"},        {&kvBlockSize, "kv_block_size"},
      {&nextN, "next_n"},       {&preshuffle, "order"},
      {&tail, "tail"},          {&checkTable, "check_table"}};
  std::vector<KernelKey> keys;
  for (Op each : allOps()) {
    if (op.getNumOccurrences() && each != *onlyOp)
      continue;
    // The fields that are given; ops without one of them are not meant.
    std::vector<const KeyField *> fields;
    const cl::Option *missing = nullptr;
    for (auto [option, name] : options) {
      if (!option->getNumOccurrences())
        continue;
      const KeyField *field =
          llvm::find_if(keyFields(each), [&, name = name](const KeyField &f) {
            return f.name == name;
          });
      if (field == keyFields(each).end())
        missing = option;
      else
        fields.push_back(field);
    }
    if (missing && op.getNumOccurrences())
      return llvm::createStringError(
          "--" + missing->ArgStr + " does not go with keys of " + opName(each));
    if (missing)
      continue;
    for (const KernelKey &key : KernelKey::all(each))
      if (key.arch == wanted.arch &&
          (!contains.getNumOccurrences() ||
           llvm::StringRef(key.str()).contains(contains)) &&
          llvm::all_of(fields, [&](const KeyField *field) {
            return field->get(key) == field->get(wanted);
          }))
        keys.push_back(key);
  }
  if (keys.empty())
    return llvm::createStringError(
        "no supported key of " + wanted.arch->name +
        " has all that the options say (hipdexc list)");
  return keys;
}
