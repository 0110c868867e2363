//===- KernelMetadataTest.cpp - Tests of the metadata's JSON --------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Both directions, and what is refused.
//
//===----------------------------------------------------------------------===//

#include "Spec/KernelMetadata.h"
#include <catch2/catch.hpp>

using namespace hipdex;
using Catch::Contains;

static KernelMetadata makeMetadata() {
  KernelMetadata metadata;
  metadata.key = "paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn";
  metadata.symbol = "paged_mqa_logits";
  metadata.arch = "gfx950";
  metadata.layout = "a \"layout\"\n";
  metadata.codeObjectVersion = 5;
  metadata.blockSize = 256;
  metadata.wavesPerSimd = 2;
  metadata.stepTokens = 64;
  metadata.teamWaves = 2;
  metadata.waveQueries = 3;
  metadata.ldsBytes = 4;
  metadata.scratchBytes = 5;
  metadata.vgprs = 6;
  metadata.agprs = 7;
  metadata.sgprs = 8;
  metadata.vgprSpills = 9;
  metadata.sgprSpills = 10;
  metadata.kernargBytes = 4294967295u;
  metadata.arguments = {{"q", 0, 8, true}, {"batch", 8, 4, false}};
  return metadata;
}

TEST_CASE("metadata goes through JSON unchanged") {
  KernelMetadata metadata = makeMetadata();
  std::string text = metadata.toJSON();
  llvm::Expected<KernelMetadata> read = KernelMetadata::fromJSON(text);
  REQUIRE(bool(read));
  CHECK(read->key == metadata.key);
  CHECK(read->symbol == metadata.symbol);
  CHECK(read->arch == metadata.arch);
  CHECK(read->layout == metadata.layout);
  CHECK(read->wavesPerSimd == 2);
  CHECK(read->vgprSpills == 9);
  CHECK(read->sgprSpills == 10);
  CHECK(read->kernargBytes == 4294967295u);
  REQUIRE(read->arguments.size() == 2);
  CHECK(read->arguments[1].name == "batch");
  CHECK(read->arguments[1].offset == 8);
  CHECK(read->arguments[1].size == 4);
  CHECK(!read->arguments[1].isPointer);
  CHECK(read->arguments[0].isPointer);
  // Every field: what is written again is the same text.
  CHECK(read->toJSON() == text);
}

static std::string readError(std::string text) {
  llvm::Expected<KernelMetadata> read = KernelMetadata::fromJSON(text);
  return read ? "" : llvm::toString(read.takeError());
}

static std::string replaced(std::string text, const std::string &from,
                            const std::string &to) {
  size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("metadata that is wrong names the field") {
  std::string good = makeMetadata().toJSON();
  CHECK_THAT(readError("{"), Contains("kernel metadata: "));
  CHECK_THAT(readError("[]"), Contains("not a JSON object"));
  CHECK_THAT(readError(replaced(good, "\"symbol\"", "\"simbol\"")),
             Contains("\"symbol\" is not a string"));
  CHECK_THAT(
      readError(replaced(good, "\"block_size\": 256", "\"block_size\": -1")),
      Contains("\"block_size\" is not an integer in 0..4294967295"));
  CHECK_THAT(readError(replaced(good, "4294967295", "4294967296")),
             Contains("\"kernarg_bytes\""));
  CHECK_THAT(
      readError(replaced(good, "\"is_pointer\": false", "\"is_pointer\": 0")),
      Contains("argument 1: field \"is_pointer\""));
  CHECK_THAT(readError(replaced(good, "\"arguments\"", "\"argument\"")),
             Contains("\"arguments\" is not an array"));
}
