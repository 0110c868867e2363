//===- HipBuildFile.h - CMakeLists.txt of a folder of HIP C++ ---*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A bundle of HIP source is built by people who have a HIP compiler and CMake,
// and maybe no hipdexc: the file that builds it is in the bundle, and needs
// nothing else to make a bundle that libhipdex.so loads.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEXC_HIPBUILDFILE_H
#define HIPDEXC_HIPBUILDFILE_H

#include "Spec/BundleManifest.h"

namespace hipdex {

constexpr llvm::StringLiteral hipBuildFileName = "CMakeLists.txt";

/// The file's text, which follows from \p entries alone.
std::string hipBuildFile(llvm::ArrayRef<BundleEntry> entries);

} // namespace hipdex

#endif // HIPDEXC_HIPBUILDFILE_H
