//===- Bundle.h - Kernels compiled ahead of time --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Spec/BundleManifest.h says what a bundle is. Its manifest is read when it is
// opened, a kernel when it is asked for. A bundle is somebody's explicit
// choice, so one that cannot be used, or that another BuildId made, is an error
// and not a reason to compile. One of HIP C++ text is what hiprtc compiles
// (HiprtcCompiler.h).
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_BUNDLE_H
#define HIPDEX_RUNTIME_BUNDLE_H

#include "Spec/BundleManifest.h"
#include "hipdex/hipdex.h"
#include "src/KernelSource.h"
#include <memory>
#include <vector>

namespace hipdex {
namespace runtime {

class Bundle : public KernelSource {
public:
  BundleContents contents() const { return manifest.contents; }
  const BundleEntry *entry(llvm::StringRef key) const {
    return manifest.find(key);
  }
  /// The file of one of its entries, with the digest that the manifest says.
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  content(const BundleEntry &entry) const;
  /// Of a bundle of code objects.
  llvm::Expected<std::optional<CompiledKernel>>
  find(const Action &action) override;

protected:
  explicit Bundle(BundleManifest manifest) : manifest(std::move(manifest)) {}

  /// The bytes of an entry, whatever they are.
  virtual llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  read(size_t index) const = 0;
  /// Why an entry may not be what the manifest says, if there is a reason.
  virtual std::string circumstances() const { return ""; }

  const BundleManifest manifest;
};

/// The bundle in a folder. Contexts of one process share it. With
/// \p publicKeys, a PEM file, it must be signed by one of them.
llvm::Expected<std::shared_ptr<Bundle>> openBundle(llvm::StringRef directory,
                                                   llvm::StringRef publicKeys);

/// Remembers a bundle in the program's data; no more, as static constructors
/// call it.
llvm::Error registerEmbeddedBundle(const hipdex_embedded_bundle &bundle);

/// The bundles that were registered so far, in that order.
llvm::Expected<std::vector<std::shared_ptr<Bundle>>> embeddedBundles();

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_BUNDLE_H
