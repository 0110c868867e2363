//===- Sign.cpp - hipdexc sign --------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Signs a bundle's manifest with an Ed25519 key, after checking that the bundle
// is whole. The same as
//   openssl pkeyutl -sign -inkey KEY -rawin -in manifest.json
// which is there for who keeps the key in a device.
//
//===----------------------------------------------------------------------===//

#include "BundleFolder.h"
#include "Commands.h"
#include "OutputFile.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <dlfcn.h>

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::signCommand("sign", "Sign a bundle's manifest");

static cl::opt<std::string> directory(cl::Positional, cl::desc("DIR"),
                                      cl::Required, cl::sub(signCommand));
static cl::opt<std::string>
    keyPath("key", cl::sub(signCommand), cl::value_desc("FILE"),
            cl::desc("Ed25519 private key in PEM (openssl genpkey -algorithm "
                     "ed25519)"));

static llvm::Expected<std::string> sign(llvm::StringRef message,
                                        llvm::StringRef pem) {
  void *library = nullptr;
  if (const char *given = std::getenv("HIPDEX_CRYPTO_LIBRARY"); given && *given)
    library = ::dlopen(given, RTLD_NOW | RTLD_LOCAL);
  else
    for (const char *name : {"libcrypto.so.3", "libcrypto.so.1.1"})
      if (!library)
        library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return llvm::createStringError(llvm::Twine("no libcrypto: ") + ::dlerror());
  std::string missing;
  auto resolve = [&](auto &function, const char *name, const char *older) {
    void *symbol = ::dlsym(library, name);
    if (!symbol && older)
      symbol = ::dlsym(library, older);
    if (!symbol)
      missing += std::string(" ") + name;
    function = reinterpret_cast<std::decay_t<decltype(function)>>(symbol);
  };
  void *(*newReader)(const void *, int);
  void *(*readPrivateKey)(void *, void **, void *, void *);
  int (*keyKind)(const void *);
  void *(*newContext)();
  int (*signInit)(void *, void **, const void *, void *, void *);
  int (*signMessage)(void *, unsigned char *, size_t *, const unsigned char *,
                     size_t);
  resolve(newReader, "BIO_new_mem_buf", nullptr);
  resolve(readPrivateKey, "PEM_read_bio_PrivateKey", nullptr);
  resolve(keyKind, "EVP_PKEY_get_id", "EVP_PKEY_id"); // OpenSSL 3, 1.1
  resolve(newContext, "EVP_MD_CTX_new", nullptr);
  resolve(signInit, "EVP_DigestSignInit", nullptr);
  resolve(signMessage, "EVP_DigestSign", nullptr);
  if (!missing.empty())
    return llvm::createStringError("libcrypto lacks" + missing);

  // The process ends after this; nothing is freed.
  constexpr int ed25519 = 1087; // EVP_PKEY_ED25519
  void *reader = newReader(pem.data(), int(pem.size()));
  void *key =
      reader ? readPrivateKey(reader, nullptr, nullptr, nullptr) : nullptr;
  if (!key || keyKind(key) != ed25519)
    return llvm::createStringError(keyPath +
                                   " is not an Ed25519 private key in PEM");
  void *context = newContext();
  unsigned char signature[64];
  size_t size = sizeof(signature);
  if (!context || signInit(context, nullptr, nullptr, nullptr, key) != 1 ||
      signMessage(context, signature, &size,
                  reinterpret_cast<const unsigned char *>(message.data()),
                  message.size()) != 1)
    return llvm::createStringError("libcrypto cannot sign with " + keyPath);
  return std::string(reinterpret_cast<char *>(signature), size);
}

llvm::Error hipdex::runSign() {
  if (keyPath.empty())
    return llvm::createStringError("no --key: name a private key's file");
  auto manifest = readBundle(directory);
  if (!manifest)
    return manifest.takeError();
  for (const BundleEntry &entry : manifest->entries)
    if (auto file = readBundleFile(directory, entry); !file)
      return file.takeError();
  auto readAll = [](llvm::StringRef path)
      -> llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> {
    auto file = llvm::MemoryBuffer::getFile(path);
    if (!file)
      return llvm::createStringError("cannot read " + path + ": " +
                                     file.getError().message());
    return std::move(*file);
  };
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, BundleManifest::fileName);
  auto text = readAll(path);
  if (!text)
    return text.takeError();
  auto pem = readAll(keyPath);
  if (!pem)
    return pem.takeError();
  auto signature = sign((*text)->getBuffer(), (*pem)->getBuffer());
  if (!signature)
    return signature.takeError();
  path += ".sig";
  if (llvm::Error error = checkOutputFile(path))
    return error;
  if (llvm::Error error = writeOutputFile(path, *signature))
    return error;
  llvm::outs() << path << "\n";
  return llvm::Error::success();
}
