//===- BuildId.cpp - What generated the kernels ---------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// The only file here that is compiled again when a template changes.
//
//===----------------------------------------------------------------------===//

#include "src/BuildId.h"
#include "hipdex/BuildId.h"

const char *hipdex::runtime::buildId() { return HIPDEX_BUILD_ID; }
