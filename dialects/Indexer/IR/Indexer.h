//===- Indexer.h - The indexer dialect --------------------------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_INDEXER_IR_INDEXER_H
#define HIPDEX_INDEXER_IR_INDEXER_H

#include "Spec/CacheLayout.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "Indexer/IR/IndexerDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "Indexer/IR/IndexerAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "Indexer/IR/IndexerTypes.h.inc"

#define GET_OP_CLASSES
#include "Indexer/IR/IndexerOps.h.inc"

#endif // HIPDEX_INDEXER_IR_INDEXER_H
