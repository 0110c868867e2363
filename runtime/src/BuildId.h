//===- BuildId.h - What generated the kernels -----------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See cmake/BuildId.cmake.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_BUILDID_H
#define HIPDEX_RUNTIME_BUILDID_H

namespace hipdex {
namespace runtime {

/// 64 hexadecimal digits.
const char *buildId();

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_BUILDID_H
