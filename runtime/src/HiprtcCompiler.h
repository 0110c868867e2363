//===- HiprtcCompiler.h - HIP C++ text by hiprtc --------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// For who may not ship libhipdex-compiler.so: the text of a bundle made with
// hipdexc bundle --format=hip, compiled by the hiprtc of the ROCm that is
// installed. Chosen with HIPDEX_COMPILER=hiprtc, so what is wrong with it is an
// error and not a reason to use another compiler.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_HIPRTCCOMPILER_H
#define HIPDEX_RUNTIME_HIPRTCCOMPILER_H

#include "src/Bundle.h"
#include "src/HiprtcLibrary.h"
#include "src/KernelCompiler.h"

namespace hipdex {
namespace runtime {

class HiprtcCompiler final : public KernelCompiler {
public:
  /// Refuses a hiprtc that is too old for the text, or for the arch of a
  /// device: hiprtc of HIP 5.2 aborts the process when it does not know an
  /// arch.
  /// \p bundles are of text; the first that has a key is taken.
  static llvm::Expected<std::unique_ptr<HiprtcCompiler>>
  open(llvm::StringRef deviceArch,
       std::vector<std::shared_ptr<Bundle>> bundles);

  llvm::StringRef name() const override { return "hiprtc"; }
  llvm::Expected<Action> action(llvm::StringRef key) const override;
  llvm::Error open() override { return llvm::Error::success(); }
  llvm::Expected<CompiledKernel> compile(llvm::StringRef key) override;
  std::unique_lock<std::mutex> turn() override;

private:
  HiprtcCompiler(HiprtcLibrary library, llvm::StringRef deviceArch,
                 std::vector<std::shared_ptr<Bundle>> bundles)
      : library(std::move(library)), deviceArch(deviceArch),
        bundles(std::move(bundles)) {}

  struct Text {
    const BundleEntry *entry;
    std::unique_ptr<llvm::MemoryBuffer> content;
  };
  /// The text of a key, as its manifest says it is.
  llvm::Expected<Text> find(llvm::StringRef key) const;

  const HiprtcLibrary library;
  const std::string deviceArch;
  const std::vector<std::shared_ptr<Bundle>> bundles;
};

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_HIPRTCCOMPILER_H
