//===- DumpTest.cpp - Dumps come back as they were written ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Dump.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace hipdex;

namespace {
struct TemporaryDirectory {
  llvm::SmallString<128> path;
  TemporaryDirectory() {
    REQUIRE(!llvm::sys::fs::createUniqueDirectory("hipdex-dump-test", path));
  }
  ~TemporaryDirectory() { llvm::sys::fs::remove_directories(path); }
  std::string operator/(const std::string &name) const {
    return std::string(path) + "/" + name;
  }
};
} // namespace

static Dump makeDump(int64_t pagePadding = 0) {
  auto key = KernelKey::parse(
      "paged_mqa_logits.gfx942.p64.d128.b64.plain.h32.n1.fnuz");
  REQUIRE(bool(key));
  ProblemOptions options;
  options.contextLens = {0, 130, 64};
  options.seed = 0xfedcba9876543210;
  options.logitsPadding = 5;
  options.pagePadding = pagePadding;
  auto problem = Problem::random(*key, options);
  REQUIRE(bool(problem));
  Dump dump;
  dump.problem = std::move(*problem);
  dump.logits.assign(dump.problem.logitsElements(), 2.5f);
  dump.codeObject = std::string("\x7f"
                                "ELF\0code",
                                9);
  dump.metadata.key = key->str();
  dump.metadata.ldsBytes = 4096;
  dump.metadata.kernargBytes = 12;
  dump.metadata.arguments = {{"q", 0, 8, true}, {"width", 8, 4, false}};
  dump.launch.workgroups = 7;
  dump.launch.threads = 256;
  dump.launch.arguments = {1, 2, 3, 4, 5, 6, 7, 8, 130, 0, 0, 0};
  return dump;
}

TEST_CASE("a dump comes back as it was written") {
  TemporaryDirectory directory;
  for (int64_t padding : {int64_t(0), int64_t(32), int64_t(3) << 30}) {
    Dump dump = makeDump(padding);
    // The second and third time it replaces a dump.
    llvm::Error error = dump.write(directory / "d");
    INFO(llvm::toString(std::move(error)));
    auto loaded = Dump::load(directory / "d");
    if (!loaded)
      FAIL(llvm::toString(loaded.takeError()));
    const Problem &a = dump.problem, &b = loaded->problem;
    CHECK(a.key == b.key);
    CHECK(a.seed == b.seed);
    CHECK(a.q == b.q);
    CHECK(a.contextLens == b.contextLens);
    CHECK(a.blockTable == b.blockTable);
    CHECK(a.weights == b.weights);
    CHECK(a.pageStride == b.pageStride);
    CHECK(a.logitsStride == b.logitsStride);
    CHECK(dump.logits == loaded->logits);
    CHECK(dump.codeObject == loaded->codeObject);
    CHECK(dump.metadata.toJSON() == loaded->metadata.toJSON());
    REQUIRE(a.kvBytes() == b.kvBytes());
    for (auto [begin, end] : a.kvRanges())
      CHECK(std::memcmp(a.kv.get() + begin, b.kv.get() + begin, end - begin) ==
            0);
  }
}

/// As if a kernel had run: the arrays afterwards differ from those before.
static Dump makeRowDump(const char *text) {
  auto key = KernelKey::parse(text);
  REQUIRE(bool(key));
  Dump dump = makeDump();
  // The first seeds may be problems without rows.
  for (uint64_t seed = 5;
       !dump.rows || dump.rows->compare(*dump.rowsAfter) == ""; ++seed) {
    auto problem = RowProblem::random(*key, seed);
    REQUIRE(bool(problem));
    dump.rows = std::move(*problem);
    dump.rowsAfter = dump.rows->clone();
    for (const RowOperand &operand : dump.rowsAfter->operands())
      if (operand.isWritten())
        for (uint8_t &byte : operand.bytes)
          byte ^= 0x55;
  }
  dump.metadata.key = text;
  dump.metadata.arguments = {{"cache", 0, 8, true},
                             {"page_stride", 8, 4, false}};
  return dump;
}

static const char *const rowKeys[] = {
    "k_quant_store.gfx942.p16.d64.pre.f16.i32.fnuz",
    "k_gather.gfx950.p64.d128.b16.plain.fn",
    "k_move.gfx950.p16.d64.pre.t64.plain.i64.fn",
    "qk_prep.gfx942.p16.d128.pre.h8.neox.last.f16.i64.fnuz.hadamard"};
/// Not all of whose sizes are those of a file.
static const char *const otherKeys[] = {
    "mqa_logits.gfx942.d64.h16.fnuz.neginf",
    "paged_mqa_prefill.gfx950.p16.d128.b16.pre.h32.fn",
    "topk.gfx942.prefill.slot.b16", "topk.gfx950.decode.column.b1"};

TEST_CASE("a dump of an op on K rows comes back as it was written") {
  TemporaryDirectory directory;
  for (const char *key : llvm::concat<const char *const>(rowKeys, otherKeys)) {
    INFO(key);
    Dump dump = makeRowDump(key);
    llvm::Error error = dump.write(directory / "d");
    INFO(llvm::toString(std::move(error)));
    auto manifest = llvm::MemoryBuffer::getFile(directory / "d/manifest.json");
    REQUIRE(manifest);
    CHECK((*manifest)->getBuffer().contains("\"layout\": \"" +
                                            dump.key().layoutText() + "\""));
    auto loaded = Dump::load(directory / "d");
    if (!loaded)
      FAIL(llvm::toString(loaded.takeError()));
    REQUIRE(loaded->rows);
    CHECK(loaded->key() == dump.key());
    CHECK(loaded->rows->seed == dump.rows->seed);
    CHECK(loaded->codeObject == dump.codeObject);
    for (auto [a, b] : {std::pair(&dump.rows, &loaded->rows),
                        std::pair(&dump.rowsAfter, &loaded->rowsAfter)}) {
      for (auto [x, y] : llvm::zip_equal((*a)->sizes(), (*b)->sizes())) {
        INFO(x.name);
        CHECK(*x.value == *y.value);
      }
      for (auto [x, y] : llvm::zip_equal((*a)->operands(), (*b)->operands())) {
        INFO(x.argument);
        CHECK(x.bytes == y.bytes);
      }
    }
  }
}

TEST_CASE("an unreadable dump of an op on K rows gives one clear line") {
  TemporaryDirectory directory;
  std::string dump = directory / "d";
  std::string manifest;
  auto read = [&](const std::string &name) {
    auto buffer = llvm::MemoryBuffer::getFile(dump + "/" + name);
    REQUIRE(buffer);
    return (*buffer)->getBuffer().str();
  };
  auto write = [&](const std::string &name, llvm::StringRef content) {
    std::error_code error;
    llvm::raw_fd_ostream os(dump + "/" + name, error);
    REQUIRE(!error);
    os << content;
  };
  auto refuse = [&](llvm::StringRef what) {
    auto loaded = Dump::load(dump);
    REQUIRE(!loaded);
    std::string message = llvm::toString(loaded.takeError());
    INFO(message);
    INFO("must have: " << what.str());
    CHECK(message.find("cannot read dump " + dump) == 0);
    CHECK(message.find(what.str()) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  };
  /// The manifest with another value of a number.
  auto refuseNumber = [&](const std::string &name, const char *value,
                          llvm::StringRef what) {
    std::string text = manifest, label = "\"" + name + "\": ";
    size_t at = text.find(label);
    REQUIRE(at != std::string::npos);
    at += label.size();
    write("manifest.json", text.replace(at, text.find(',', at) - at, value));
    refuse(what);
    write("manifest.json", manifest);
  };
  for (const char *key : rowKeys) {
    INFO(key);
    Dump made = makeRowDump(key);
    REQUIRE(!made.write(dump));
    manifest = read("manifest.json");
    for (const RowSize &size : made.rows->sizes()) {
      INFO(size.name);
      refuseNumber(size.name, "-1",
                   "manifest.json: \"" + std::string(size.name) + "\"");
      if (llvm::StringRef(size.name).ends_with("page_stride"))
        refuseNumber(size.name, "16", "must be at least");
      if (llvm::StringRef(size.name).ends_with("_stride")) {
        // Fits in 64 bits, and its products with the extents do not.
        refuseNumber(size.name, "4611686018427387904", "manifest.json: ");
        refuseNumber(size.name, std::to_string(*size.value + 4).c_str(),
                     "are not those that the sizes say");
      } else if (!llvm::is_contained({"has_error", "in_place", "run_tokens"},
                                     llvm::StringRef(size.name))) {
        refuseNumber(size.name, "99999999999", "which does not fit in int32");
        // A wider table may still fit in its stride. Some are numbers.
        if (llvm::StringRef(size.name) != "table_width" &&
            !llvm::StringRef(size.name).ends_with("_bits"))
          refuseNumber(size.name, std::to_string(*size.value + 1).c_str(),
                       "bytes, the manifest says");
      }
    }
    std::vector<std::pair<const char *, std::string>> layouts = {
        {"layout", made.key().layout().str()}};
    if (made.key().op == Op::KMove)
      layouts.push_back({"target_layout", made.key().targetLayout().str()});
    for (const auto &[name, layout] : layouts) {
      std::string text = manifest, label = std::string(name) + "\": \"";
      size_t at = text.find("\"" + label + layout + "\"");
      REQUIRE(at != std::string::npos);
      at += 1 + label.size();
      write("manifest.json", text.replace(at, layout.size(), "none"));
      refuse(std::string("\"") + name + "\" is \"none\", the key's is \"" +
             layout + "\"");
      write("manifest.json", manifest);
    }
    for (const RowOperand &operand : made.rows->operands()) {
      std::vector<std::string> names = {operand.argument + std::string(".bin")};
      if (operand.isWritten())
        names.push_back(operand.argument + std::string("_after.bin"));
      for (const std::string &name : names) {
        std::string content = read(name);
        write(name, content + "x");
        refuse(name + ": has " + std::to_string(content.size() + 1) +
               " bytes, the manifest says " + std::to_string(content.size()));
        REQUIRE(!llvm::sys::fs::remove(dump + "/" + name));
        refuse(name + ": No such file");
        write(name, content);
      }
    }
    write("manifest.json", std::string(100000, '['));
    refuse("manifest.json: JSON is nested deeper than 32 levels");
    write("manifest.json", manifest);
    CHECK(bool(Dump::load(dump)));
    if (made.key().op == Op::KMove) {
      refuseNumber("run_tokens", "3", "must be a power of two");
      refuseNumber("in_place", "1", "\"source_after.bin\" has not 2 strides");
    }
    // A slot twice; a length that decreases.
    bool isGather = made.key().op == Op::KGather;
    std::string table = isGather                     ? "cu_seq_lens.bin"
                        : made.key().op == Op::KMove ? "target_slots.bin"
                                                     : "slots.bin";
    std::string content = read(table);
    REQUIRE(content.size() > 8);
    if (isGather)
      std::memset(&content[4], 0xff, 4);
    else
      content.assign(content.size(), '\0');
    write(table, content);
    if (made.key().op == Op::KMove)
      write("source_slots.bin", content);
    refuse(table + ": ");
  }
}

TEST_CASE("a manifest says what people need") {
  TemporaryDirectory directory;
  REQUIRE(!makeDump().write(directory / "d"));
  auto text = llvm::MemoryBuffer::getFile(directory / "d/manifest.json");
  REQUIRE(text);
  auto manifest = llvm::json::parse((*text)->getBuffer());
  REQUIRE(bool(manifest));
  const llvm::json::Object &o = *manifest->getAsObject();
  CHECK(o.getString("poison") == "0x7fedbeef");
  CHECK(o.getString("seed") == "0xfedcba9876543210");
  CHECK(o.getObject("files")->getObject("q.bin")->getString("dtype") ==
        "e4m3fnuz");
  CHECK(*o.get("grid") == llvm::json::Value({7, 1, 1}));
  const llvm::json::Array &arguments = *o.getArray("arguments");
  CHECK(arguments[0].getAsObject()->getString("file") == "q.bin");
  CHECK(arguments[1].getAsObject()->getInteger("value") == 130);
}

TEST_CASE("an unreadable dump gives one clear line") {
  TemporaryDirectory directory;
  std::string dump = directory / "d";
  REQUIRE(!makeDump().write(dump));
  auto refuse = [&](const char *what) {
    auto loaded = Dump::load(dump);
    REQUIRE(!loaded);
    std::string message = llvm::toString(loaded.takeError());
    INFO(message);
    CHECK(message.find("cannot read dump " + dump) == 0);
    CHECK(message.find(what) != std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
  };
  auto write = [&](const std::string &name, llvm::StringRef content) {
    std::error_code error;
    llvm::raw_fd_ostream os(dump + "/" + name, error);
    REQUIRE(!error);
    os << content;
  };
  std::string manifest = (*llvm::MemoryBuffer::getFile(dump + "/manifest.json"))
                             ->getBuffer()
                             .str();
  auto replaced = [&](llvm::StringRef from, llvm::StringRef to) {
    std::string text = manifest;
    size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
  };

  write("manifest.json", replaced("\"batch\": 3", "\"batch\": -3"));
  refuse("\"batch\"");
  write("manifest.json", replaced("\"batch\": 3", "\"batch\": 99999999999999"));
  refuse("int32");
  write("manifest.json", replaced("\"width\": 130", "\"width\": 1300"));
  refuse("\"table_width\" is 3");
  write("manifest.json", replaced("p64.d128", "p8.d128"));
  refuse("page_size");
  write("manifest.json", replaced("\"version\": 2", "\"version\": 1"));
  refuse("\"version\"");
  // Products of these and the extents wrap around 2^64 to what fits.
  write("manifest.json", replaced("\"strides\": [4096, 4096, 128, 1]",
                                  "\"strides\": [4096, 4096, "
                                  "576460752303423488, 1]"));
  refuse("the strides of q.bin do not cover its shape");
  write("manifest.json", replaced("\"strides\": [4096, 4096, 128, 1]",
                                  "\"strides\": [4096, 4096, 129, 1]"));
  refuse("the strides of q.bin do not cover its shape");
  for (auto [file, from, stride] :
       {std::tuple<const char *, const char *, const char *>{
            "weights.bin", "\"strides\": [32, 1]", "4611686018427387904"},
        {"block_table.bin", "\"strides\": [3, 1]", "6148914691236517206"},
        {"logits.bin", "\"strides\": [135, 1]", "4611686018427387904"}}) {
    write("manifest.json",
          replaced(from, std::string("\"strides\": [") + stride + ", 1]"));
    refuse((std::string("the strides of ") + file).c_str());
  }
  for (const char *argument :
       {"{\"name\":\"hidden_x\",\"offset\":128,\"size\":4000000,"
        "\"is_pointer\":false},",
        "{\"name\":\"hidden_x\",\"offset\":4294967295,\"size\":8,"
        "\"is_pointer\":false},",
        "{\"name\":\"hidden_x\",\"offset\":0,\"size\":0,"
        "\"is_pointer\":false},"}) {
    std::string text = manifest;
    size_t kernel = text.find("\"kernel\": {");
    size_t array = text.find("\"arguments\": [", kernel);
    REQUIRE(kernel != std::string::npos);
    REQUIRE(array != std::string::npos);
    write("manifest.json", text.insert(text.find('[', array) + 1, argument));
    refuse("argument hidden_x has offset");
  }
  write("manifest.json", "{");
  refuse("manifest.json");
  write("manifest.json", manifest);
  write("q.bin", "short");
  refuse("q.bin: has 5 bytes");
  REQUIRE(!llvm::sys::fs::remove(dump + "/q.bin"));
  refuse("q.bin");
  dump = directory / "none";
  refuse("manifest.json");
}

TEST_CASE("a dump holds no argument that was not passed") {
  TemporaryDirectory directory;
  for (KernelArgument argument : {KernelArgument{"x", 8, 16, false},
                                  {"x", 128, 4, false},
                                  {"x", 9, 4, false},
                                  {"x", 0, 0, false}}) {
    Dump dump = makeDump();
    dump.metadata.arguments.push_back(argument);
    llvm::Error error = dump.write(directory / "d");
    CHECK(llvm::toString(std::move(error)).find("argument x has offset") == 0);
    CHECK(!llvm::sys::fs::exists(directory / "d"));
  }
}

TEST_CASE("a dump replaces nothing that is not a dump") {
  TemporaryDirectory directory;
  std::string target = directory / "mine";
  REQUIRE(!llvm::sys::fs::create_directory(target));
  CHECK(!makeDump().write(target)); // empty: taken
  REQUIRE(!llvm::sys::fs::remove(target + "/manifest.json"));
  llvm::Error error = makeDump().write(target);
  CHECK(llvm::toString(std::move(error)).find("cannot dump to") == 0);
  CHECK(llvm::sys::fs::exists(target + "/q.bin"));
}
