//===- HiprtcCompiler.cpp - HIP C++ text by hiprtc ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See HiprtcCompiler.h.
//
//===----------------------------------------------------------------------===//

#include "src/HiprtcCompiler.h"
#include "Spec/Arch.h"
#include "Spec/HipSource.h"
#include "src/Status.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace hipdex;
using namespace hipdex::runtime;

llvm::Expected<std::unique_ptr<HiprtcCompiler>>
HiprtcCompiler::open(llvm::StringRef deviceArch,
                     std::vector<std::shared_ptr<Bundle>> bundles) {
  if (bundles.empty())
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "the compiler is hiprtc, which compiles bundles of HIP "
                     "C++, and none of the bundles is one; this makes one: "
                     "hipdexc bundle --format=hip");
  llvm::Expected<HiprtcLibrary> library = HiprtcLibrary::open();
  if (!library)
    return library.takeError();
  auto tooOld = [&](const llvm::Twine &why) {
    return makeError(HIPDEX_ERROR_COMPILER,
                     "hiprtc library " + library->name() + " is of HIP " +
                         library->hipVersion().getAsString() + " with clang " +
                         llvm::Twine(library->clangVersion()) + ", " + why +
                         "; HIPDEX_HIPRTC_LIBRARY names another");
  };
  // Another arch has no keys.
  if (const Arch *arch = lookupArch(deviceArch);
      arch && library->hipVersion() < arch->hip)
    return tooOld(arch->name + " needs HIP " + arch->hip.getAsString() +
                  " or newer");
  if (library->clangVersion() < hipSourceClang)
    return tooOld("the text of kernels needs clang " +
                  llvm::Twine(hipSourceClang) + " or newer");
  return std::unique_ptr<HiprtcCompiler>(
      new HiprtcCompiler(std::move(*library), deviceArch, std::move(bundles)));
}

llvm::Expected<HiprtcCompiler::Text>
HiprtcCompiler::find(llvm::StringRef key) const {
  for (const std::shared_ptr<Bundle> &bundle : bundles)
    if (const BundleEntry *entry = bundle->entry(key)) {
      auto content = bundle->content(*entry);
      if (!content)
        return content.takeError();
      return Text{entry, std::move(*content)};
    }
  std::string asked = llvm::join(
      llvm::map_range(bundles,
                      [](const auto &bundle) { return bundle->name(); }),
      ", ");
  return makeError(HIPDEX_ERROR_NOT_FOUND,
                   "no HIP C++ text for " + key + " in " + asked +
                       "; this makes it: hipdexc bundle --format=hip --key " +
                       key + " -o DIR");
}

// The text is read for this, so that one that somebody has changed is not
// answered from a cache with the kernel of the text before.
llvm::Expected<Action> HiprtcCompiler::action(llvm::StringRef key) const {
  llvm::Expected<Text> text = find(key);
  if (!text)
    return text.takeError();
  Action action = Action::of(key);
  action.codeObjectVersion = text->entry->metadata.codeObjectVersion;
  action.compiler = library.identity();
  action.sourceDigest = sha256Hex(text->entry->toJSON());
  return action;
}

// Of the process, as hiprtc's own lock is.
std::unique_lock<std::mutex> HiprtcCompiler::turn() {
  static std::mutex mutex;
  return std::unique_lock<std::mutex>(mutex);
}

llvm::Expected<CompiledKernel> HiprtcCompiler::compile(llvm::StringRef key) {
  llvm::Expected<Text> text = find(key);
  if (!text)
    return text.takeError();
  const BundleEntry &entry = *text->entry;
  std::vector<std::string> options(std::begin(hipSourceFlags),
                                   std::end(hipSourceFlags));
  // The one that was checked. A key of another is refused before.
  options.push_back("--offload-arch=" + deviceArch);
  options.push_back("-mcode-object-version=" +
                    std::to_string(entry.metadata.codeObjectVersion));
  auto code =
      library.compile(text->content->getBuffer().str(), entry.file(), options);
  if (!code)
    return code.takeError();
  CompiledKernel kernel;
  // What the launch needs to know of the text: clang keeps no names.
  kernel.metadata = entry.metadata.toJSON();
  kernel.codeObject = std::move(*code);
  return kernel;
}
