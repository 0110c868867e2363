//===- HipPrinter.h - The body of a kernel as HIP C++ -----------*- C++ -*-===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One statement for a value, with the name that the template gave it, in the
// order of the IR: the order is a schedule. A value that is used once, by a
// value of the same name, stands in that one's expression.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TARGET_HIPSOURCE_HIPPRINTER_H
#define HIPDEX_TARGET_HIPSOURCE_HIPPRINTER_H

#include "Target/HipSource/HipType.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include <set>

namespace hipdex {

/// A function of the file that the text of an operation calls.
struct HipHelper {
  llvm::StringLiteral name, text;
};

class HipPrinter {
public:
  /// Prints the kernel's body. An operation or type that has no text is an
  /// error of that operation.
  mlir::LogicalResult print(mlir::gpu::GPUFuncOp kernel);

  struct Parameter {
    std::string name;
    HipType type;
  };
  llvm::ArrayRef<Parameter> getParameters() const { return parameters; }
  /// Lines, indented by two.
  llvm::StringRef getBody() const { return body; }
  /// Those that the body calls.
  const std::set<const HipHelper *> &getHelpers() const { return helpers; }

  //===--------------------------------------------------------------------===//
  // For the functions that print one operation
  //===--------------------------------------------------------------------===//

  /// An operand: a name, a literal, or the expression that stands for it.
  HipExpression get(mlir::Value value);
  /// As \p type, cast to it where it has another one.
  HipExpression get(mlir::Value value, const HipType &type);
  /// As the integer that its type is, with or without a sign.
  HipExpression getSigned(mlir::Value value);
  HipExpression getUnsigned(mlir::Value value);
  /// For where a literal must say what it is: an argument of a template.
  static std::string spelled(const HipExpression &value);

  /// The type that a value's name is declared with.
  HipType typeOf(mlir::Value value);

  /// Says that the text calls \p helper, and gives its name.
  std::string use(const HipHelper &helper) {
    helpers.insert(&helper);
    return helper.name.str();
  }

  /// Adds a line of its own, after the comments that belong to \p op. Operands
  /// that make it too long get statements before it.
  mlir::LogicalResult statement(mlir::Operation *op,
                                llvm::function_ref<std::string()> text);

private:
  mlir::LogicalResult checkTypes(mlir::Operation *op);
  /// LDS: an array for each global variable that the kernel uses.
  mlir::LogicalResult declareShared(mlir::gpu::GPUFuncOp kernel);
  mlir::LogicalResult printBlock(mlir::Block &block);
  mlir::LogicalResult printOperation(mlir::Operation *op);
  mlir::LogicalResult printFor(mlir::scf::ForOp loop);
  mlir::LogicalResult printWhile(mlir::scf::WhileOp loop);
  mlir::LogicalResult printIf(mlir::scf::IfOp branch);
  mlir::LogicalResult printValue(mlir::Operation *op);
  mlir::LogicalResult declare(mlir::Operation *op);

  /// Whether the text of \p op, with what stands in it, takes from other lanes.
  bool readsLanes(mlir::Operation *op);
  bool mayInline(mlir::Operation *op, const HipExpression &expression);
  /// An operand whose name \p op may take over: nobody reads it later.
  mlir::Value overwritten(mlir::Operation *op);
  /// Where the text of \p op stands: in that of the operation that uses it, if
  /// it has no statement.
  mlir::Operation *statementOf(mlir::Operation *op);
  /// Whether no statement after \p op, which is about to be printed, reads
  /// \p value.
  bool isLastReader(mlir::Value value, mlir::Operation *op);

  /// Gives the variable of a loop its first value, or the initial value's name
  /// to the variable, if it \p mayTakeOver that.
  void enterLoop(mlir::Operation *loop, mlir::Value argument,
                 mlir::Value initial, bool mayTakeOver = true);
  /// Gives \p value the variable of \p other.
  void share(mlir::Value value, mlir::Value other);
  /// The values that a block yields to itself may be computed right into the
  /// variables, where nobody reads the old ones any more.
  void expectYield(mlir::Block &block, mlir::ValueRange arguments);

  /// Declares a name for \p value, with an initial value or without.
  void declareVariable(mlir::Value value, const HipExpression *initial);
  /// All at once: `names[i] = values[i]`.
  void assign(llvm::ArrayRef<std::string> names, llvm::ArrayRef<HipType> types,
              mlir::ValueRange values);

  std::string templateName(mlir::Value value);
  std::string makeName(mlir::Value value);
  std::string unique(llvm::StringRef name);

  void comment(mlir::Location loc);
  void flushComments();
  void line(const llvm::Twine &text);
  /// `target = value;` on one line, or on two.
  void assignment(llvm::StringRef target, llvm::StringRef value);
  llvm::SmallVector<std::string> packed(llvm::StringRef text, size_t more);
  bool fits(size_t length) const { return indent + length <= 80; }

  void open(const llvm::Twine &text);
  void close(const llvm::Twine &text = "}");
  void pushScope() { scopes.emplace_back(); }
  void popScope();

  std::string body;
  unsigned indent = 2;
  bool atBlockStart = true;
  std::vector<Parameter> parameters;
  std::set<const HipHelper *> helpers;

  struct Variable {
    std::string name;
    HipType type;
  };
  llvm::DenseMap<mlir::Value, Variable> variables;
  /// Values without a statement.
  llvm::DenseMap<mlir::Value, HipExpression> inlined;
  /// Values whose variable is declared before them.
  llvm::DenseSet<mlir::Value> pinned;
  /// Values that are the next ones of variables.
  llvm::DenseMap<mlir::Value, mlir::Value> nextOf;

  llvm::StringSet<> names;
  std::vector<std::vector<std::string>> scopes;

  std::vector<mlir::StringAttr> pendingComments;
  llvm::DenseSet<mlir::StringAttr> printedComments;
};

/// The text of an operation with one result, by its kind. An error of the
/// operation if it has none.
mlir::FailureOr<HipExpression> printExpression(HipPrinter &printer,
                                               mlir::Operation *op);
/// Prints an operation without results; nothing if it is not one of those that
/// are a statement.
std::optional<mlir::LogicalResult> printStatement(HipPrinter &printer,
                                                  mlir::Operation *op);
/// Whether moving \p op to where its result is used changes nothing.
bool isExpression(mlir::Operation *op);

/// Every helper, in the order in which they are defined.
llvm::ArrayRef<const HipHelper *> hipHelpers();

/// The lines of \p text, which has none longer than \p width that could be
/// shorter. Two spaces begin a paragraph.
llvm::SmallVector<std::string> wrapComment(llvm::StringRef text, size_t width);

/// \p text of a template with the names of values in backquotes, not after a
/// percent sign.
std::string plainComment(llvm::StringRef text);

} // namespace hipdex

#endif // HIPDEX_TARGET_HIPSOURCE_HIPPRINTER_H
