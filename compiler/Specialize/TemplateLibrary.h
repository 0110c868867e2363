//===- TemplateLibrary.h - The templates that are built in ------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_SPECIALIZE_TEMPLATELIBRARY_H
#define HIPDEX_SPECIALIZE_TEMPLATELIBRARY_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace hipdex {

struct TemplateFile {
  llvm::StringRef name; ///< Without folder and ".mlir".
  llvm::StringRef text;
};

/// Every file of templates/, sorted by name.
llvm::ArrayRef<TemplateFile> templateFiles();
const TemplateFile *lookupTemplate(llvm::StringRef name);

/// The line that ends a template's prelude. \p text from after it on, or
/// nothing if there is none.
std::optional<llvm::StringRef> templateBody(llvm::StringRef text);

/// Parses \p text, called \p name in diagnostics. The SSA name of each
/// operation and block argument, and the comment lines right above an
/// operation, become part of its location:
///
///   loc("page"(fused<"Entries name blocks of slots.">["t.mlir":7:5]))
mlir::OwningOpRef<mlir::ModuleOp> parseTemplate(mlir::MLIRContext *context,
                                                llvm::StringRef name,
                                                llvm::StringRef text);

/// \p loc with a comment around it, as parseTemplate() puts it.
mlir::Location withComment(mlir::Location loc, llvm::StringRef comment);
/// The comments in \p loc, from the outermost one on.
llvm::SmallVector<mlir::StringAttr> commentsOf(mlir::Location loc);

} // namespace hipdex

#endif // HIPDEX_SPECIALIZE_TEMPLATELIBRARY_H
