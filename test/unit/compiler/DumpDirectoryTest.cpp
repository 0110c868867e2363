//===- DumpDirectoryTest.cpp - HIPDEX_DUMP_DIR ----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compiled.h"
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace fs = std::filesystem;

namespace {

/// HIPDEX_DUMP_DIR is a fresh folder for as long as this lives.
struct DumpDirectory {
  DumpDirectory() {
    std::string name =
        (fs::temp_directory_path() / "hipdex-compiler-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    root = name;
    set(root);
  }
  ~DumpDirectory() {
    unsetenv("HIPDEX_DUMP_DIR");
    fs::remove_all(root);
  }
  static void set(const fs::path &path) {
    setenv("HIPDEX_DUMP_DIR", path.c_str(), /*overwrite=*/1);
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const fs::directory_entry &entry :
         fs::directory_iterator(root / testKey))
      names.insert(entry.path().filename());
    return names;
  }

  fs::path root;
};

std::string contentOf(const fs::path &path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

} // namespace

TEST_CASE("stages are written, numbered, in a folder of the key") {
  Compiled plain(testKey);
  DumpDirectory dump;
  Compiled compiled(testKey);
  CHECK(compiled.error == "");
  // Looking at it does not change it.
  CHECK(compiled.data == plain.data);
  CHECK(dump.files() == std::set<std::string>{"1-indexer.mlir", "2-tile.mlir",
                                              "3-gpu.mlir", "4-llvm.ll",
                                              "5-asm.s", "6-kernel.hsaco",
                                              "7-metadata.json"});
  fs::path folder = dump.root / testKey;
  CHECK(contentOf(folder / "6-kernel.hsaco") == compiled.data);
  CHECK(contentOf(folder / "7-metadata.json") == compiled.metadata);
  unsetenv("HIPDEX_DUMP_DIR");
  CHECK(contentOf(folder / "2-tile.mlir") == Compiled(testKey, "tile").data);
  CHECK(contentOf(folder / "5-asm.s") == Compiled(testKey, "asm").data);
}

TEST_CASE("stages after the one asked for are not made") {
  DumpDirectory dump;
  CHECK(Compiled(testKey, "gpu").error == "");
  CHECK(dump.files() ==
        std::set<std::string>{"1-indexer.mlir", "2-tile.mlir", "3-gpu.mlir"});
}

TEST_CASE("a bad key writes nothing") {
  DumpDirectory dump;
  CHECK(Compiled("paged_mqa_logits.gfx950.p64.d128.b64.pre.h48.n1.fn", "obj")
            .error != "");
  CHECK(fs::is_empty(dump.root));
}

TEST_CASE("an empty HIPDEX_DUMP_DIR is none") {
  setenv("HIPDEX_DUMP_DIR", "", /*overwrite=*/1);
  CHECK(Compiled(testKey, "tile").error == "");
  unsetenv("HIPDEX_DUMP_DIR");
}

TEST_CASE("a folder that cannot be made is an error") {
  DumpDirectory dump;
  // Below a file there are no folders, whoever asks.
  fs::path file = dump.root / "file";
  std::ofstream(file) << "not a folder";
  DumpDirectory::set(file);
  Compiled compiled(testKey);
  CHECK(compiled.error.find("HIPDEX_DUMP_DIR: cannot make " +
                            (file / testKey).string() + ": ") == 0);
  CHECK(compiled.data == "");
}
