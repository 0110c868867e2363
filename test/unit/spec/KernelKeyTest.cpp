//===- KernelKeyTest.cpp - Tests of the key -------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Text both ways, the messages, and the nearest supported key.
//
//===----------------------------------------------------------------------===//

#include "Spec/KernelKey.h"
#include "Seed.h"
#include "llvm/ADT/StringExtras.h"
#include <catch2/catch.hpp>
#include <set>

using namespace hipdex;
using Catch::Contains;

static std::string parseError(llvm::StringRef text) {
  llvm::Expected<KernelKey> key = KernelKey::parse(text);
  return key ? "" : llvm::toString(key.takeError());
}

static std::string validateError(llvm::StringRef text) {
  llvm::Expected<KernelKey> key = KernelKey::parse(text);
  if (!key)
    return "does not parse: " + llvm::toString(key.takeError());
  return llvm::toString(key->validate());
}

TEST_CASE("every supported key is valid and its text goes both ways") {
  std::vector<KernelKey> keys = KernelKey::all();
  // 2 archs * 2 head_dim * 5 heads * 8 next_n * 2 tails * 2 (table checked or
  // not) * (plain: of the page sizes 1, 16, 32, 64, 128 and 256 the
  // 1 + 2 + 3 + 4 + 5 + 6 that divide; preshuffled: the same without page
  // size 1).
  size_t logitsKeys = 2 * 2 * 5 * 8 * 2 * 2 * (21 + 20);
  CHECK(KernelKey::all(Op::PagedMqaLogits).size() == logitsKeys);
  // Six page sizes plain and five preshuffled, 2 head_dim, 3 types of k, 2 of
  // slots, 2 kinds of scale; one fp8_max of fn, two of fnuz.
  size_t storeKeys = (6 + 5) * 2 * 3 * 2 * 2 * (1 + 2);
  CHECK(KernelKey::all(Op::KQuantStore).size() == storeKeys);
  CHECK(KernelKey::all(Op::KGather).size() == 2 * 2 * (21 + 20));
  // Any two layouts of one head_dim, and two types of slots.
  size_t moveKeys = 2 * 2 * 11 * 11 * 2;
  CHECK(KernelKey::all(Op::KMove).size() == moveKeys);
  // Those of paged_mqa_logits, of which the heads are no field.
  size_t streamKeys = logitsKeys / 5;
  CHECK(KernelKey::all(Op::StreamPages).size() == streamKeys);
  // 2 archs * 2 head_dim * 5 heads * 2 tails.
  CHECK(KernelKey::all(Op::MqaLogits).size() == 40);
  // Those of paged_mqa_logits, of which next_n is no field.
  CHECK(KernelKey::all(Op::PagedMqaPrefill).size() == logitsKeys / 8);
  // Columns, and slots of blocks of any size, of two kinds of rows.
  CHECK(KernelKey::all(Op::TopK).size() == archTable().size() * 2 * (1 + 6));
  // 2 archs, 11 layouts, 5 heads, 2 ropes in 2 places, 2 types of q and k, 2 of
  // slots, 2 kinds of scale, 2 transforms, 2 rules for negative slots.
  size_t prepKeys = 2 * 11 * 5 * 2 * 2 * 2 * 2 * 2 * 2 * 2;
  CHECK(KernelKey::all(Op::QkPrep).size() == prepKeys);
  CHECK(keys.size() == logitsKeys + storeKeys + 2 * 2 * (21 + 20) + moveKeys +
                           streamKeys + 40 + logitsKeys / 8 +
                           KernelKey::all(Op::TopK).size() + prepKeys);
  std::set<std::string> texts;
  for (const KernelKey &key : keys) {
    INFO(key.str());
    CHECK(!key.validate());
    CHECK(key.nearestSupported() == key);
    CHECK(texts.insert(key.str()).second);
    llvm::Expected<KernelKey> parsed = KernelKey::parse(key.str());
    REQUIRE(bool(parsed));
    CHECK(*parsed == key);
    CHECK(!key.layout().validate());
    CHECK(!key.targetLayout().validate());
    // Each field says something: with another value the key is another.
    for (const KeyField &field : keyFields(key.op)) {
      if (field.values.size() == 1)
        continue;
      KernelKey other = key;
      field.set(other, field.get(key) == field.values[0] ? field.values[1]
                                                         : field.values[0]);
      if (other == key || other.str() == key.str())
        FAIL_CHECK(field.name.str() << " says nothing");
    }
  }
  CHECK(texts.count("k_move.gfx942.p256.d64.pre.t16.plain.i32.fnuz"));
  CHECK(texts.count("k_gather.gfx942.p256.d64.b1.pre.fnuz"));
  CHECK(texts.count("stream_pages.gfx950.p64.d128.b16.pre.n8.fn.neginf"));
  CHECK(texts.count("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn"));
  CHECK(texts.count("paged_mqa_logits.gfx942.p1.d128.b1.plain.h32.n2.fnuz"));
  CHECK(texts.count("paged_mqa_logits.gfx950.p256.d64.b16.plain.h32.n2.fn"));
  CHECK(texts.count("paged_mqa_logits.gfx950.p32.d128.b1.pre.h8.n7.fn.neginf"));
  CHECK(texts.count(
      "paged_mqa_logits.gfx942.p16.d64.b16.pre.h128.n8.fnuz.unchecked"));
  CHECK(texts.count(
      "paged_mqa_logits.gfx942.p1.d64.b1.plain.h16.n3.fnuz.neginf.unchecked"));
}

TEST_CASE("keys of k_quant_store") {
  llvm::Expected<KernelKey> key =
      KernelKey::parse("k_quant_store.gfx942.p16.d64.plain.f32.i32.fnuz.ue8m0."
                       "max224");
  REQUIRE(bool(key));
  CHECK(key->op == Op::KQuantStore);
  CHECK(key->pageSize == 16);
  CHECK(key->headDim == 64);
  CHECK(!key->preshuffle);
  CHECK(key->source == SourceType::F32);
  CHECK(!key->wideSlots);
  CHECK(key->powerOfTwo);
  CHECK(key->fp8Max() == 224);
  key->lowerFp8Max = false;
  CHECK(key->fp8Max() == 240);

  CHECK_THAT(parseError("k_quant_store.gfx950.p64.d128.pre.bf16.i64"),
             Contains("has 7 fields, must have 8, as in "
                      "\"k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn\""));
  CHECK_THAT(parseError("k_quant_store.gfx950.p64.d128.pre.f64.i64.fn"),
             Contains("field 6 is \"f64\", must be \"bf16\" or \"f16\" or "
                      "\"f32\""));
  CHECK_THAT(parseError("k_quant_store.gfx950.p64.d128.pre.bf16.i16.fn"),
             Contains("field 7 is \"i16\", must be \"i32\" or \"i64\""));
  CHECK_THAT(
      parseError("k_quant_store.gfx942.p64.d128.pre.bf16.i64.fnuz."
                 "max224.ue8m0"),
      Contains("after the fp8 format is \"ue8m0\", allowed is nothing, or "
               "one or more, in this order, of \"ue8m0\", \"max224\""));
  CHECK(validateError("k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn.max224") ==
        "fp8_max is 224, of fn it is 448; nearest supported key: "
        "k_quant_store.gfx950.p64.d128.pre.bf16.i64.fn");
  CHECK(validateError("k_quant_store.gfx942.p8.d96.pre.f16.i32.fn.ue8m0") ==
        "page_size is 8, must be a multiple of 16 with preshuffle; nearest "
        "supported key: k_quant_store.gfx942.p16.d128.pre.f16.i32.fnuz.ue8m0");
}

TEST_CASE("keys of qk_prep") {
  llvm::Expected<KernelKey> key = KernelKey::parse(
      "qk_prep.gfx942.p16.d128.pre.h32.interleaved.last.f16.i32.fnuz.ue8m0."
      "hadamard.prep_q");
  REQUIRE(bool(key));
  CHECK(key->op == Op::QkPrep);
  CHECK(key->heads == 32);
  CHECK(key->rope == Rope::Interleaved);
  CHECK(key->rotaryLast);
  CHECK(key->source == SourceType::F16);
  CHECK(!key->wideSlots);
  CHECK(key->powerOfTwo);
  CHECK(key->hadamard);
  CHECK(key->prepsSkipped);
  CHECK(key->fp8Max() == 240);
  CHECK_THAT(
      parseError("qk_prep.gfx950.p64.d128.pre.h64.gptj.first.bf16.i64.fn"),
      Contains("field 7 is \"gptj\", must be \"neox\" or "
               "\"interleaved\""));
  CHECK_THAT(
      parseError("qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn."
                 "prep_q.hadamard"),
      Contains("after the fp8 format is \"hadamard\", allowed is nothing, or "
               "one or more, in this order, of \"ue8m0\", \"hadamard\", "
               "\"prep_q\""));
  CHECK(
      validateError("qk_prep.gfx950.p64.d64.pre.h64.neox.first.bf16.i64.fn") ==
      "head_dim is 64, supported: 128; nearest supported key: "
      "qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn");
  CHECK(
      validateError("qk_prep.gfx950.p64.d128.pre.h64.neox.first.f32.i64.fn") ==
      "source is f32, must be bf16 or f16; nearest supported key: "
      "qk_prep.gfx950.p64.d128.pre.h64.neox.first.bf16.i64.fn");
}

TEST_CASE("only ops with a cache name a layout") {
  for (Op op : allOps()) {
    KernelKey key;
    key.op = op;
    bool isWithout = op == Op::MqaLogits || op == Op::TopK;
    INFO(opName(op).str());
    CHECK(key.hasCache() == !isWithout);
    CHECK(key.layoutText() == (isWithout ? "" : key.layout().str()));
  }
}

TEST_CASE("keys of k_move") {
  llvm::Expected<KernelKey> key =
      KernelKey::parse("k_move.gfx942.p16.d64.pre.t1.plain.i32.fnuz");
  REQUIRE(bool(key));
  CHECK(key->op == Op::KMove);
  CHECK(!key->wideSlots);
  CHECK(key->layout().str() ==
        "cache<page_size=16,head_dim=64,order=preshuffle(16,16),fp8=e4m3fnuz>");
  CHECK(key->targetLayout().str() ==
        "cache<page_size=1,head_dim=64,order=plain,fp8=e4m3fnuz>");
  CHECK_THAT(
      parseError("k_move.gfx950.p1.d128.plain.p64.pre.i64.fn"),
      Contains("field 6 is \"p64\", must be target_page_size as \"t\" and a "
               "decimal number"));
  CHECK_THAT(parseError("k_move.gfx950.p1.d128.plain.t64.i64.fn"),
             Contains("has 8 fields, must have 9, as in "
                      "\"k_move.gfx950.p16.d128.plain.t64.pre.i64.fn\""));
  CHECK(validateError("k_move.gfx950.p1.d128.plain.t8.pre.i64.fn") ==
        "target_page_size is 8, must be a multiple of 16 with preshuffle; "
        "nearest supported key: k_move.gfx950.p1.d128.plain.t16.pre.i64.fn");
  CHECK(validateError("k_move.gfx950.p1.d128.plain.t512.plain.i64.fn") ==
        "target_page_size is 512, supported: 1, 16, 32, 64, 128, 256; nearest "
        "supported key: k_move.gfx950.p1.d128.plain.t256.plain.i64.fn");
}

TEST_CASE("key text that is wrong says what and what is allowed") {
  CHECK_THAT(parseError("paged_mqa_logits.gfx95.p64.d128.b64.pre.h64.n1.fn"),
             Contains("unknown arch \"gfx95\", supported: gfx942, gfx950; "
                      "nearest: gfx950"));
  CHECK_THAT(parseError("paged_mqa_logits.gfx942:xnack-.p64.d128.b64.pre.h64."
                        "n1.fnuz"),
             Contains("unknown arch"));
  CHECK_THAT(
      parseError("paged_mqa_logit.gfx950.p64.d128.b64.pre.h64.n1.fn"),
      Contains("supported: paged_mqa_logits, k_quant_store, k_gather, k_move, "
               "stream_pages, mqa_logits, paged_mqa_prefill, topk, qk_prep; "
               "nearest: "
               "paged_mqa_logits"));
  CHECK_THAT(
      parseError("paged_mqa_logits.gfx950.p99999999999999999999.d128.b64."
                 "pre.h64.n1.fn"),
      Contains("page_size 99999999999999999999 does not fit in 64 bits"));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p9223372036854775808.d128."
                        "b64.pre.h64.n1.fn"),
             Contains("does not fit"));
  CHECK_THAT(parseError(""), Contains("unknown op \"\""));
  CHECK_THAT(parseError("paged_mqa_logits"),
             Contains("has 1 fields, must have 9"));
  CHECK_THAT(
      parseError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn.x"),
      Contains("after the fp8 format is \"x\", allowed is nothing, or one "
               "or more, in this order, of \"neginf\", \"unchecked\""));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn."
                        "unchecked.neginf"),
             Contains("after the fp8 format is \"neginf\""));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn."
                        "neginf.neginf"),
             Contains("after the fp8 format is \"neginf\""));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn."),
             Contains("after the fp8 format is \"\""));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.q64.d128.b64.pre.h64.n1.fn"),
             Contains("field 3 is \"q64\", must be page_size as \"p\""));
  for (const char *size : {"p", "p-1", "p064", "p+1", "p6 4", "p0x40"})
    CHECK_THAT(parseError(std::string("paged_mqa_logits.gfx950.") + size +
                          ".d128.b64.pre.h64.n1.fn"),
               Contains("decimal number"));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p64.d128.b64.both.h64.n1.fn"),
             Contains("must be \"plain\" or \"pre\""));
  CHECK_THAT(parseError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.e5m2"),
             Contains("must be \"fn\" or \"fnuz\""));
}

TEST_CASE("an unsupported key says the first unmet constraint and the nearest "
          "key") {
  // Preshuffle can never work with 8 tokens; that is the deeper reason.
  CHECK(validateError("paged_mqa_logits.gfx950.p8.d128.b8.pre.h64.n1.fn") ==
        "page_size is 8, must be a multiple of 16 with preshuffle; nearest "
        "supported key: paged_mqa_logits.gfx950.p16.d128.b16.pre.h64.n1.fn");
  CHECK(validateError("paged_mqa_logits.gfx950.p64.d128.b48.pre.h64.n1.fn") ==
        "kv_block_size is 48, must divide page_size, which is 64; nearest "
        "supported key: paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn");
  CHECK(
      validateError("paged_mqa_logits.gfx942.p64.d128.b64.plain.h0.n1.fnuz") ==
      "heads is 0, must be at least 1; nearest supported key: "
      "paged_mqa_logits.gfx942.p64.d128.b64.plain.h8.n1.fnuz");
  CHECK(validateError("paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fn") ==
        "fp8 format is fn, gfx942 has fnuz; nearest supported key: "
        "paged_mqa_logits.gfx942.p64.d128.b64.pre.h64.n1.fnuz");
  CHECK_THAT(
      validateError("paged_mqa_logits.gfx950.p0.d128.b0.plain.h64.n1.fn"),
      Contains("page_size is 0, must be at least 1"));
  CHECK_THAT(
      validateError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h256.n1.fn"),
      Contains("heads is 256, supported: 8, 16, 32, 64, 128") &&
          Contains("p64.d128.b64.pre.h128.n1.fn"));
  CHECK_THAT(validateError("paged_mqa_logits.gfx950.p64.d96.b64.pre.h64.n1.fn"),
             Contains("head_dim is 96, supported: 64, 128"));
  CHECK_THAT(
      validateError("paged_mqa_logits.gfx950.p512.d128.b512.pre.h64.n1.fn"),
      Contains("page_size is 512, supported: 1, 16, 32, 64, 128, 256") &&
          Contains("p256.d128.b256.pre.h64.n1.fn"));
  CHECK_THAT(
      validateError("paged_mqa_logits.gfx950.p64.d128.b8.pre.h64.n1.fn"),
      Contains("kv_block_size is 8, supported: 1, 16, 32, 64, 128, 256") &&
          Contains("p64.d128.b16.pre.h64.n1.fn"));
  CHECK_THAT(
      validateError("paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n9.fn"),
      Contains("next_n is 9, supported: 1, 2, 3, 4, 5, 6, 7, 8") &&
          Contains(".n8.fn"));
  CHECK_THAT(validateError("paged_mqa_logits.gfx950.p9223372036854775807.d128."
                           "b1.pre.h64.n1.fn"),
             Contains("must be a multiple of 16"));
  CHECK_THAT(llvm::toString(KernelKey().validate()),
             Contains("arch is not given"));
}

TEST_CASE("the nearest key is supported and the nearest") {
  uint64_t seed = testSeed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  auto pick = [&](std::initializer_list<int64_t> values) {
    return values.begin()[random() % values.size()];
  };
  for (int i = 0; i < 300; ++i) {
    KernelKey key;
    key.arch = &archTable()[random() % archTable().size()];
    key.pageSize = pick({-5, 0, 1, 2, 8, 16, 17, 63, 64, 65, 256, INT64_MAX});
    key.kvBlockSize = pick({-5, 0, 1, 2, 8, 16, 48, 64, 256, INT64_MIN});
    key.headDim = pick({0, 64, 128, 129, 512});
    key.preshuffle = random() & 1;
    key.heads = pick({0, 1, 31, 32, 33, 64, 65, 1000});
    key.nextN = pick({-1, 0, 1, 2, 3, 9});
    key.fp8 = random() & 1 ? Fp8Format::E4M3FN : Fp8Format::E4M3FNUZ;
    key.tail = random() & 1 ? Tail::Untouched : Tail::NegInf;
    key.checkTable = random() & 1;
    INFO(key.str());
    KernelKey nearest = key.nearestSupported();
    CHECK(!nearest.validate());
    CHECK(nearest.arch == key.arch);
    bool valid = true;
    llvm::handleAllErrors(key.validate(), [&](const UnsupportedKey &error) {
      valid = false;
      CHECK(error.nearest == nearest.str());
      CHECK(!error.constraint.empty());
    });
    CHECK(valid == (nearest == key));
  }
}
