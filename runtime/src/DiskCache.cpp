//===- DiskCache.cpp - Compiled kernels in a folder -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See DiskCache.h for the grammar.
//
//===----------------------------------------------------------------------===//

#include "src/DiskCache.h"
#include "Spec/KernelKey.h"
#include "src/BuildId.h"
#include "src/Status.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/raw_ostream.h"

using namespace hipdex;
using namespace hipdex::runtime;
namespace fs = llvm::sys::fs;

static constexpr llvm::StringLiteral magic = "hipdex-kernel 1 ";
static constexpr size_t digestDigits = 64;

static std::string hexDigest(llvm::StringRef bytes) {
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes));
  return llvm::toHex(digest, /*LowerCase=*/true);
}

/// What was asked for and what built it, as the fields of the header.
static void writeIdentity(llvm::json::OStream &json, llvm::StringRef key) {
  json.attribute("key", key);
  json.attribute("schema", int64_t(KernelKey::schemaVersion));
  json.attribute("build_id", buildId());
  json.attribute("code_object_version",
                 int64_t(CompilerLibrary::codeObjectVersion));
}

static std::string makeHeader(llvm::StringRef key, uint64_t metadataBytes,
                              uint64_t codeBytes) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::json::OStream json(os);
  json.object([&] {
    writeIdentity(json, key);
    json.attribute("metadata_bytes", int64_t(metadataBytes));
    json.attribute("code_object_bytes", int64_t(codeBytes));
  });
  return text;
}

std::string DiskCache::entryPath(llvm::StringRef key) const {
  std::string identity;
  llvm::raw_string_ostream os(identity);
  llvm::json::OStream json(os);
  json.object([&] { writeIdentity(json, key); });
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, "llvmcache-" + hexDigest(identity));
  return path.str().str();
}

static llvm::Error bad(llvm::StringRef path, const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT,
                   "cache entry " + path + ": " + message);
}

llvm::Expected<std::optional<CompiledKernel>>
DiskCache::load(llvm::StringRef key) const {
  std::string path = entryPath(key);
  // Volatile: read, not mapped. A mapped file that somebody truncates kills
  // the process with SIGBUS.
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  if (!file) {
    if (file.getError() == std::errc::no_such_file_or_directory ||
        file.getError() == std::errc::not_a_directory)
      return std::nullopt;
    return bad(path, file.getError().message());
  }
  llvm::StringRef rest = (*file)->getBuffer();
  if (!rest.consume_front(magic))
    return bad(path, "does not begin with \"" + magic + "\"");
  llvm::StringRef digest = rest.take_front(digestDigits);
  rest = rest.drop_front(digest.size());
  if (!rest.consume_front("\n"))
    return bad(path, "has a malformed first line");
  if (hexDigest(rest) != digest)
    return bad(path, "contents do not have the SHA-256 of the first line");

  // From here on the bytes are what a writer wrote; it may have been another
  // version of us.
  auto [header, body] = rest.split('\n');
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(header);
  if (!value)
    return bad(path, "header: " + llvm::toString(value.takeError()));
  const llvm::json::Object *object = value->getAsObject();
  std::optional<int64_t> metadataBytes, codeBytes;
  if (object) {
    metadataBytes = object->getInteger("metadata_bytes");
    codeBytes = object->getInteger("code_object_bytes");
  }
  if (!metadataBytes || !codeBytes || *metadataBytes < 0 || *codeBytes < 0 ||
      uint64_t(*metadataBytes) > body.size() ||
      uint64_t(*codeBytes) != body.size() - uint64_t(*metadataBytes))
    return bad(path, "sizes in its header do not fit its " +
                         llvm::Twine(body.size()) + " bytes");
  std::string expected = makeHeader(key, *metadataBytes, *codeBytes);
  if (header != expected)
    return bad(path, "header is " + header + ", must be " + expected);

  CompiledKernel kernel;
  kernel.metadata = body.take_front(*metadataBytes).str();
  kernel.codeObject =
      llvm::MemoryBuffer::getMemBufferCopy(body.drop_front(*metadataBytes));
  return kernel;
}

llvm::Error DiskCache::store(llvm::StringRef key,
                             const CompiledKernel &kernel) const {
  std::string path = entryPath(key);
  auto failure = [&](llvm::StringRef what, std::error_code code) {
    return llvm::createStringError(code, "kernel cache: cannot " + what + " " +
                                             path + ": " + code.message());
  };
  // The user's own: what is in here runs on the user's GPU.
  if (std::error_code code = fs::create_directories(
          directory, /*IgnoreExisting=*/true, fs::perms::owner_all))
    return failure("make the folder of", code);

  llvm::StringRef code = kernel.codeObject->getBuffer();
  std::string body = makeHeader(key, kernel.metadata.size(), code.size());
  body += "\n";
  body += kernel.metadata;
  body += code;

  // Not sys::fs::TempFile: it installs LLVM's signal handlers, which a library
  // must not do to its process. A temporary file that is left behind after a
  // crash has the cache's prefix, so that pruning removes it.
  int descriptor = -1;
  llvm::SmallString<256> temporary;
  if (std::error_code error =
          fs::createUniqueFile(path + "-%%%%%%%%.tmp", descriptor, temporary,
                               fs::OF_None, fs::owner_read | fs::owner_write))
    return failure("write", error);
  std::error_code error;
  {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os << magic << hexDigest(body) << "\n" << body;
    os.close();
    error = os.error();
    // Else the stream's destructor ends the process.
    os.clear_error();
  }
  if (!error)
    error = fs::rename(temporary, path);
  if (error) {
    fs::remove(temporary);
    return failure("write", error);
  }
  return llvm::Error::success();
}
