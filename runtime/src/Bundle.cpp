//===- Bundle.cpp - Kernels compiled ahead of time ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Bundle.h.
//
//===----------------------------------------------------------------------===//

#include "src/Bundle.h"
#include "src/BuildId.h"
#include "src/Signature.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <mutex>
#include <pthread.h>

using namespace hipdex;
using namespace hipdex::runtime;
namespace fs = llvm::sys::fs;

static llvm::Error invalid(const llvm::Twine &message) {
  return makeError(HIPDEX_ERROR_CODE_OBJECT, message);
}

/// Read, not mapped: a mapped file that somebody truncates kills the process.
static llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>>
readFile(llvm::StringRef path) {
  return llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                     /*RequiresNullTerminator=*/false,
                                     /*IsVolatile=*/true);
}

/// Reads a manifest and checks who made it. \p where is for messages.
static llvm::Expected<BundleManifest> readManifest(llvm::StringRef where,
                                                   llvm::StringRef text) {
  llvm::Expected<BundleManifest> manifest = BundleManifest::fromJSON(text);
  if (!manifest)
    return invalid(where + ": " + llvm::toString(manifest.takeError()));
  if (manifest->buildId != buildId())
    return invalid(where + ": was made by BuildId " + manifest->buildId +
                   ", libhipdex.so has " + buildId() +
                   "; make it again with this version's hipdexc bundle");
  return manifest;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
Bundle::content(const BundleEntry &entry) const {
  auto file = read(&entry - manifest.entries.data());
  if (!file)
    return file;
  if (llvm::Error error = entry.check((*file)->getBuffer()))
    return invalid(name() + ": " + entry.file() + " " +
                   llvm::toString(std::move(error)) + circumstances());
  return file;
}

llvm::Expected<std::optional<CompiledKernel>>
Bundle::find(const Action &action) {
  const BundleEntry *found = entry(action.key);
  if (!found)
    return std::nullopt;
  auto code = content(*found);
  if (!code)
    return code.takeError();
  CompiledKernel kernel;
  kernel.metadata = found->metadata.toJSON();
  kernel.codeObject = std::move(*code);
  return kernel;
}

namespace {

/// Where a manifest's file is, and which it is. Nothing if there is none.
llvm::ErrorOr<std::string> versionOf(llvm::StringRef path) {
  fs::file_status status;
  if (std::error_code error = fs::status(path, status))
    return error;
  return (path + "\n" + llvm::Twine(status.getUniqueID().getDevice()) + " " +
          llvm::Twine(status.getUniqueID().getFile()) + " " +
          llvm::Twine(
              status.getLastModificationTime().time_since_epoch().count()))
      .str();
}

class FolderBundle final : public Bundle {
public:
  FolderBundle(std::string directory, std::string version,
               BundleManifest manifest)
      : Bundle(std::move(manifest)), directory(std::move(directory)),
        version(std::move(version)) {}

  Kind kind() const override { return Kind::Bundle; }
  std::string name() const override { return "bundle " + directory; }

protected:
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  read(size_t index) const override {
    llvm::SmallString<256> path(directory);
    llvm::sys::path::append(path, manifest.entries[index].file());
    auto file = readFile(path);
    if (!file)
      return invalid(name() + ": cannot read " +
                     manifest.entries[index].file() + ": " +
                     file.getError().message() + circumstances());
    return std::move(*file);
  }

  // The files are opened by their paths, not below a descriptor of the folder:
  // hipdexc removes the old folder when it makes a bundle again, and what the
  // same BuildId puts in its place is the same.
  std::string circumstances() const override {
    llvm::SmallString<256> path(directory);
    llvm::sys::path::append(path, BundleManifest::fileName);
    llvm::ErrorOr<std::string> now = versionOf(path);
    return now && *now == version
               ? ""
               : " (another bundle has been put in this one's place since the "
                 "context was made)";
  }

private:
  const std::string directory, version;
};

class EmbeddedBundle final : public Bundle {
public:
  EmbeddedBundle(const hipdex_embedded_bundle &bundle, BundleManifest manifest)
      : Bundle(std::move(manifest)), bundle(bundle) {}

  Kind kind() const override { return Kind::Embedded; }
  std::string name() const override {
    return std::string("embedded bundle ") + bundle.name;
  }

protected:
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  read(size_t index) const override {
    const hipdex_embedded_code &code = bundle.code[index];
    return llvm::MemoryBuffer::getMemBuffer(
        llvm::StringRef(static_cast<const char *>(code.data), code.bytes), "",
        /*RequiresNullTerminator=*/false);
  }

private:
  const hipdex_embedded_bundle &bundle;
};

/// What contexts share. Never destroyed: contexts may outlive static objects.
struct Registry {
  std::mutex mutex;
  /// By path and version of the manifest's file.
  llvm::StringMap<std::weak_ptr<Bundle>> folders;
  struct Embedded {
    const hipdex_embedded_bundle *bundle;
    std::shared_ptr<Bundle> opened; ///< Once somebody wanted it.
  };
  std::vector<Embedded> embedded;

  static Registry &get() {
    static Registry *registry = [] {
      // A child must not find the mutex held by a thread that it does not have.
      (void)pthread_atfork([] { get().mutex.lock(); },
                           [] { get().mutex.unlock(); },
                           [] { get().mutex.unlock(); });
      return new Registry;
    }();
    return *registry;
  }
};

} // namespace

llvm::Expected<std::shared_ptr<Bundle>>
runtime::openBundle(llvm::StringRef directory, llvm::StringRef publicKeys) {
  llvm::SmallString<256> folder(directory);
  if (std::error_code error = fs::make_absolute(folder))
    return invalid("bundle " + directory + ": " + error.message());
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, BundleManifest::fileName);
  std::string where = ("bundle " + path).str();
  llvm::ErrorOr<std::string> version = versionOf(path);
  if (!version)
    return invalid(where + ": " + version.getError().message());
  Registry &registry = Registry::get();
  std::lock_guard<std::mutex> lock(registry.mutex);
  std::weak_ptr<Bundle> &slot = registry.folders[*version];
  // One that was opened without a signature is of no use to who wants one.
  if (publicKeys.empty())
    if (std::shared_ptr<Bundle> open = slot.lock())
      return open;
  auto file = readFile(path);
  if (!file)
    return invalid(where + ": " + file.getError().message());
  if (!publicKeys.empty())
    if (llvm::Error error =
            checkSignature(path, (*file)->getBuffer(), publicKeys))
      return std::move(error);
  llvm::Expected<BundleManifest> manifest =
      readManifest(where, (*file)->getBuffer());
  if (!manifest)
    return manifest.takeError();
  auto opened = std::make_shared<FolderBundle>(folder.str().str(), *version,
                                               std::move(*manifest));
  slot = opened;
  return opened;
}

llvm::Error
runtime::registerEmbeddedBundle(const hipdex_embedded_bundle &bundle) {
  auto isNull = [](llvm::StringRef field) {
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "bundle." + field + " is null");
  };
  if (!bundle.name)
    return isNull("name");
  if (!bundle.manifest)
    return isNull("manifest");
  if (!bundle.code)
    return isNull("code");
  Registry &registry = Registry::get();
  std::lock_guard<std::mutex> lock(registry.mutex);
  if (llvm::none_of(registry.embedded, [&](const Registry::Embedded &known) {
        return known.bundle == &bundle;
      }))
    registry.embedded.push_back({&bundle, nullptr});
  return llvm::Error::success();
}

llvm::Expected<std::vector<std::shared_ptr<Bundle>>>
runtime::embeddedBundles() {
  Registry &registry = Registry::get();
  std::lock_guard<std::mutex> lock(registry.mutex);
  std::vector<std::shared_ptr<Bundle>> bundles;
  for (Registry::Embedded &known : registry.embedded) {
    const hipdex_embedded_bundle &bundle = *known.bundle;
    if (!known.opened) {
      std::string where = std::string("embedded bundle ") + bundle.name;
      llvm::Expected<BundleManifest> manifest = readManifest(
          where, llvm::StringRef(static_cast<const char *>(bundle.manifest),
                                 bundle.manifest_bytes));
      if (!manifest)
        return manifest.takeError();
      // hipdexc bundle embed refuses to make one.
      if (manifest->contents != BundleContents::CodeObjects)
        return invalid(where + ": holds HIP C++ source and no code objects");
      if (manifest->entries.size() != bundle.code_count)
        return invalid(where + ": code_count is " +
                       llvm::Twine(bundle.code_count) + ", the manifest has " +
                       llvm::Twine(manifest->entries.size()) + " entries");
      known.opened =
          std::make_shared<EmbeddedBundle>(bundle, std::move(*manifest));
    }
    bundles.push_back(known.opened);
  }
  return bundles;
}
