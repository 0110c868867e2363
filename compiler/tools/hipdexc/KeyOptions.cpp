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
         cl::value_desc("name"), cl::desc("The operation (paged_mqa_logits)")),
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

/// The options are fields of one op's keys; other keys are given as text.
static llvm::Error checkOp(Op op) {
  if (op == Op::PagedMqaLogits)
    return llvm::Error::success();
  return llvm::createStringError("keys of " + opName(op) +
                                 " are given as a KEY (hipdexc list), and not "
                                 "with --fuzz");
}

llvm::Error KeyOptions::read(KernelKey &key, llvm::StringRef archName) const {
  if (!text.empty()) {
    auto parsed = KernelKey::parse(text);
    if (!parsed)
      return parsed.takeError();
    key = *parsed;
    return checkOp(key.op);
  }
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
  // Unknown names: the parser of keys knows what to say.
  for (Op each : allOps())
    if (op == opName(each))
      if (llvm::Error error = checkOp(each))
        return error;
  if (!key.arch || op != opName(key.op)) {
    auto parsed = KernelKey::parse(op + "." + archName.str() +
                                   ".p64.d128.b64.pre.h64.n1.fn");
    if (!parsed)
      return parsed.takeError();
  }
  key.fp8 = key.arch->fp8;
  return llvm::Error::success();
}

llvm::Expected<KernelKey> KeyOptions::key(llvm::StringRef archName) const {
  if (contains.getNumOccurrences())
    return llvm::createStringError("--key-contains needs --fuzz");
  KernelKey key;
  if (llvm::Error error = read(key, archName))
    return std::move(error);
  if (llvm::Error error = key.validate())
    return std::move(error);
  return key;
}

llvm::Expected<std::vector<KernelKey>>
KeyOptions::keys(llvm::StringRef archName) const {
  KernelKey wanted;
  if (llvm::Error error = read(wanted, archName))
    return std::move(error);
  if (!text.empty()) {
    if (llvm::Error error = wanted.validate())
      return std::move(error);
    return std::vector<KernelKey>{wanted};
  }
  const std::pair<const cl::Option *,
                  bool (*)(const KernelKey &a, const KernelKey &b)>
      fields[] = {
          {&pageSize,
           [](auto &a, auto &b) { return a.pageSize == b.pageSize; }},
          {&headDim, [](auto &a, auto &b) { return a.headDim == b.headDim; }},
          {&kvBlockSize,
           [](auto &a, auto &b) { return a.kvBlockSize == b.kvBlockSize; }},
          {&preshuffle,
           [](auto &a, auto &b) { return a.preshuffle == b.preshuffle; }},
          {&heads, [](auto &a, auto &b) { return a.heads == b.heads; }},
          {&nextN, [](auto &a, auto &b) { return a.nextN == b.nextN; }},
          {&tail, [](auto &a, auto &b) { return a.tail == b.tail; }},
          {&checkTable,
           [](auto &a, auto &b) { return a.checkTable == b.checkTable; }}};
  std::vector<KernelKey> keys = KernelKey::all(wanted.op);
  llvm::erase_if(keys, [&](const KernelKey &key) {
    return key.arch != wanted.arch ||
           (contains.getNumOccurrences() &&
            !llvm::StringRef(key.str()).contains(contains)) ||
           llvm::any_of(fields, [&](const auto &field) {
             return field.first->getNumOccurrences() &&
                    !field.second(key, wanted);
           });
  });
  if (keys.empty())
    return llvm::createStringError(
        "no supported key of " + wanted.arch->name +
        " has all that the options say (hipdexc list)");
  return keys;
}
