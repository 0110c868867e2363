//===- Signature.cpp - Who made a bundle ----------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Signature.h. Every way out of here that is not a verified signature is an
// error.
//
//===----------------------------------------------------------------------===//

#include "src/Signature.h"
#include "src/SharedLibrary.h"
#include "src/Status.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdlib>
#include <memory>
#include <mutex>

using namespace hipdex;
using namespace hipdex::runtime;

static llvm::Error invalid(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, message);
}

static constexpr size_t signatureBytes = 64;

namespace {
/// What is used of OpenSSL 1.1 or 3.
struct Crypto {
  static constexpr int ed25519 = 1087; ///< EVP_PKEY_ED25519.

  void *(*newReader)(const void *, int) = nullptr;
  int (*freeReader)(void *) = nullptr;
  void *(*readPublicKey)(void *, void **, void *, void *) = nullptr;
  int (*keyKind)(const void *) = nullptr;
  void (*freeKey)(void *) = nullptr;
  void *(*newContext)() = nullptr;
  void (*freeContext)(void *) = nullptr;
  int (*verifyInit)(void *, void **, const void *, void *, void *) = nullptr;
  int (*verify)(void *, const unsigned char *, size_t, const unsigned char *,
                size_t) = nullptr;
  int (*setMark)() = nullptr;
  int (*popToMark)() = nullptr;

  static llvm::Expected<const Crypto *> get();

private:
  llvm::Error open();
};
} // namespace

llvm::Error Crypto::open() {
  llvm::SmallVector<std::string, 2> names = {"libcrypto.so.3",
                                             "libcrypto.so.1.1"};
  if (const char *given = std::getenv("HIPDEX_CRYPTO_LIBRARY"); given && *given)
    names = {given};
  std::string failures;
  SharedLibrary library = SharedLibrary::openFirst(names, failures);
  if (!library)
    return invalid("no libcrypto: tried " + failures);
  std::string missing;
  auto resolve = [&](auto &function,
                     std::initializer_list<const char *> names) {
    library.resolve(function, names, missing);
  };
  resolve(newReader, {"BIO_new_mem_buf"});
  resolve(freeReader, {"BIO_free"});
  resolve(readPublicKey, {"PEM_read_bio_PUBKEY"});
  resolve(keyKind, {"EVP_PKEY_get_id", "EVP_PKEY_id"}); // 3, 1.1
  resolve(freeKey, {"EVP_PKEY_free"});
  resolve(newContext, {"EVP_MD_CTX_new"});
  resolve(freeContext, {"EVP_MD_CTX_free"});
  resolve(verifyInit, {"EVP_DigestVerifyInit"});
  resolve(verify, {"EVP_DigestVerify"});
  resolve(setMark, {"ERR_set_mark"});
  resolve(popToMark, {"ERR_pop_to_mark"});
  if (!missing.empty())
    return invalid(library.name() + " lacks" + missing);
  return llvm::Error::success();
}

llvm::Expected<const Crypto *> Crypto::get() {
  // Never destroyed: libcrypto stays, too.
  static std::mutex mutex;
  static const Crypto *opened = nullptr;
  std::lock_guard<std::mutex> lock(mutex);
  if (!opened) {
    auto crypto = std::make_unique<Crypto>();
    if (llvm::Error error = crypto->open())
      return std::move(error);
    opened = crypto.release();
  }
  return opened;
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readFile(llvm::StringRef path, llvm::StringRef what) {
  auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                          /*RequiresNullTerminator=*/false,
                                          /*IsVolatile=*/true);
  if (!file)
    return invalid(what + " " + path + ": " + file.getError().message());
  return std::move(*file);
}

llvm::Error runtime::checkSignature(llvm::StringRef manifestPath,
                                    llvm::StringRef manifest,
                                    llvm::StringRef keysPath) {
  auto keys = readFile(keysPath, "public key");
  if (!keys)
    return keys.takeError();
  std::string path = (manifestPath + ".sig").str();
  auto signature = readFile(path, "bundle is not signed, but a signature is "
                                  "required:");
  if (!signature)
    return signature.takeError();
  llvm::StringRef bytes = (*signature)->getBuffer();
  if (bytes.size() != signatureBytes)
    return invalid("signature " + path + ": has " + llvm::Twine(bytes.size()) +
                   " bytes, must have " + llvm::Twine(signatureBytes));

  llvm::Expected<const Crypto *> opened = Crypto::get();
  if (!opened)
    return opened.takeError();
  const Crypto &crypto = **opened;
  // The host's own errors stay in OpenSSL's queue, ours do not.
  crypto.setMark();
  llvm::scope_exit popErrors([&] { crypto.popToMark(); });
  llvm::StringRef pem = (*keys)->getBuffer();
  void *reader = crypto.newReader(pem.data(), int(pem.size()));
  if (!reader)
    return makeError(HIPDEX_ERROR_OUT_OF_MEMORY, "out of memory");
  llvm::scope_exit freeReader([&] { crypto.freeReader(reader); });
  auto data = [](llvm::StringRef text) {
    return reinterpret_cast<const unsigned char *>(text.data());
  };
  unsigned count = 0;
  while (void *key = crypto.readPublicKey(reader, nullptr, nullptr, nullptr)) {
    llvm::scope_exit freeKey([&] { crypto.freeKey(key); });
    if (crypto.keyKind(key) != Crypto::ed25519)
      return invalid("public key " + keysPath + ": key " + llvm::Twine(count) +
                     " is not an Ed25519 key");
    ++count;
    void *context = crypto.newContext();
    if (!context)
      return makeError(HIPDEX_ERROR_OUT_OF_MEMORY, "out of memory");
    llvm::scope_exit freeContext([&] { crypto.freeContext(context); });
    if (crypto.verifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
        crypto.verify(context, data(bytes), bytes.size(), data(manifest),
                      manifest.size()) == 1)
      return llvm::Error::success();
  }
  if (count == 0)
    return invalid("public key " + keysPath + ": has no public key in PEM");
  return invalid("signature " + path + ": is not one of " + manifestPath +
                 " by a key in " + keysPath + " (" + llvm::Twine(count) +
                 (count == 1 ? " key)" : " keys)"));
}
