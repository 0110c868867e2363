//===- DumpTest.cpp - Dumps come back as they were written ----------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Dump.h"
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
  write("manifest.json", replaced("\"version\": 1", "\"version\": 2"));
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
