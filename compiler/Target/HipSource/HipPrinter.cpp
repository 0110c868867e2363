//===- HipPrinter.cpp - The body of a kernel as HIP C++ -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Target/HipSource/HipPrinter.h"
#include "Specialize/TemplateLibrary.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace hipdex;

//===----------------------------------------------------------------------===//
// Lines
//===----------------------------------------------------------------------===//

void HipPrinter::line(const Twine &text) {
  body.append(indent, ' ');
  body += text.str();
  body += '\n';
  atBlockStart = false;
}

void HipPrinter::open(const Twine &text) {
  line(text + " {");
  indent += 2;
  atBlockStart = true;
  pushScope();
}

void HipPrinter::close(const Twine &text) {
  popScope();
  indent -= 2;
  line(text);
}

void HipPrinter::popScope() {
  for (const std::string &name : scopes.back())
    names.erase(name);
  scopes.pop_back();
}

void HipPrinter::assignment(StringRef target, StringRef value) {
  if (fits(target.size() + value.size() + 4)) {
    line(target + " = " + value + ";");
    return;
  }
  // Fewer breaks between arguments are worth one behind the sign.
  SmallVector<std::string> here =
                               packed((target + " = " + value + ";").str(), 0),
                           below = packed((value + ";").str(), 4);
  if (below.size() < here.size() || (here.size() == 1 && below.size() == 1)) {
    line(target + " =");
    for (const std::string &part : below)
      line("    " + part);
    return;
  }
  for (const std::string &part : here)
    line(part);
}

/// Breaks a call between its arguments, as clang-format does: below the first
/// one, as many a line as fit.
SmallVector<std::string> HipPrinter::packed(StringRef text, size_t more) {
  size_t column = text.find_first_of("({") + 1;
  SmallVector<StringRef> parts;
  // The arguments of a call that is too long are names and numbers.
  text.split(parts, ", ");
  SmallVector<std::string> lines;
  std::string current = parts.front().str();
  for (auto [i, part] : llvm::enumerate(llvm::drop_begin(parts))) {
    bool isLast = i + 2 == parts.size();
    current += ',';
    if (!fits(more + current.size() + 1 + part.size() + (isLast ? 0 : 1))) {
      lines.push_back(current);
      current = std::string(column, ' ');
    } else {
      current += ' ';
    }
    current += part;
  }
  lines.push_back(current);
  return lines;
}

SmallVector<std::string> hipdex::wrapComment(StringRef text, size_t width) {
  SmallVector<std::string> lines;
  SmallVector<StringRef> words;
  text.split(words, ' ');
  std::string current;
  for (auto [i, word] : llvm::enumerate(words)) {
    if (word.empty()) {
      // Two spaces: a line without words was between the two.
      if (!current.empty())
        lines.push_back(std::exchange(current, ""));
      if (!lines.empty() && !lines.back().empty())
        lines.push_back("");
      continue;
    }
    if (!current.empty() && current.size() + 1 + word.size() > width)
      lines.push_back(std::exchange(current, ""));
    current += (current.empty() ? "" : " ") + word.str();
  }
  if (!current.empty())
    lines.push_back(current);
  return lines;
}

std::string hipdex::plainComment(StringRef text) {
  std::string plain;
  bool inName = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i] == '\n' ? ' ' : text[i];
    if (inName && !llvm::isAlnum(c) && c != '_') {
      plain += '`';
      inName = false;
    }
    if (c == '%' && i + 1 < text.size() && llvm::isAlpha(text[i + 1])) {
      c = '`';
      inName = true;
    }
    plain += c;
  }
  return inName ? plain + '`' : plain;
}

void HipPrinter::comment(Location loc) {
  for (StringAttr text : commentsOf(loc))
    if (printedComments.insert(text).second)
      pendingComments.push_back(text);
}

void HipPrinter::flushComments() {
  if (pendingComments.empty())
    return;
  if (!atBlockStart)
    body += '\n';
  bool isFirst = true;
  for (StringAttr text : pendingComments) {
    if (!std::exchange(isFirst, false))
      line("//");
    for (StringRef part : wrapComment(plainComment(text), 80 - indent - 3))
      // A backslash, or its trigraph, would make the next line a comment.
      line("// " + part +
           (part.ends_with("\\") || part.ends_with("?\?/") ? "." : ""));
  }
  pendingComments.clear();
}

LogicalResult HipPrinter::statement(Operation *op,
                                    llvm::function_ref<std::string()> text) {
  comment(op->getLoc());
  std::string current = text();
  while (!fits(current.size())) {
    // The longest operand that has no statement yet.
    Value longest;
    for (Value operand : op->getOperands())
      if (inlined.count(operand) &&
          (!longest ||
           inlined[operand].text.size() > inlined[longest].text.size()))
        longest = operand;
    if (!longest)
      break;
    if (failed(declare(longest.getDefiningOp())))
      return failure();
    current = text();
  }
  flushComments();
  size_t equals = current.find(" = ");
  if (!fits(current.size()) && equals != std::string::npos)
    assignment(StringRef(current).take_front(equals),
               StringRef(current).drop_front(equals + 3).drop_back());
  else if (!fits(current.size()) && current.find(", ") != std::string::npos)
    for (const std::string &part : packed(current, 0))
      line(part);
  else
    line(current);
  return success();
}

//===----------------------------------------------------------------------===//
// Names and types
//===----------------------------------------------------------------------===//

std::string HipPrinter::templateName(Value value) {
  Location loc = value.getLoc();
  if (auto name = loc->findInstanceOf<NameLoc>())
    return name.getName().str();
  return "";
}

std::string HipPrinter::unique(StringRef name) {
  // C++'s words. The file's own are helpers and types, see below.
  static const llvm::StringSet<> reserved = {
      "alignas",      "alignof",  "and",           "and_eq",
      "asm",          "auto",     "bitand",        "bitor",
      "bool",         "break",    "case",          "catch",
      "char",         "char16_t", "char32_t",      "class",
      "compl",        "const",    "const_cast",    "constexpr",
      "continue",     "decltype", "default",       "delete",
      "do",           "double",   "dynamic_cast",  "else",
      "enum",         "explicit", "export",        "extern",
      "false",        "float",    "for",           "friend",
      "goto",         "if",       "inline",        "int",
      "long",         "mutable",  "namespace",     "new",
      "noexcept",     "not",      "not_eq",        "nullptr",
      "operator",     "or",       "or_eq",         "private",
      "protected",    "public",   "register",      "reinterpret_cast",
      "restrict",     "return",   "short",         "signed",
      "sizeof",       "static",   "static_assert", "static_cast",
      "struct",       "switch",   "template",      "this",
      "thread_local", "throw",    "true",          "try",
      "typedef",      "typeid",   "typename",      "union",
      "unsigned",     "using",    "virtual",       "void",
      "volatile",     "wchar_t",  "while",         "xor",
      "xor_eq"};
  static const llvm::Regex type("^(i|u|f|bf)[0-9]+(x[0-9]+)?$");
  auto isTaken = [&](StringRef candidate) {
    return names.contains(candidate) || reserved.contains(candidate) ||
           type.match(candidate) ||
           llvm::any_of(hipHelpers(), [&](const HipHelper *helper) {
             return helper->name == candidate;
           });
  };
  std::string word = name.str();
  for (char &c : word)
    if (!llvm::isAlnum(c))
      c = '_';
  std::string candidate = word;
  for (unsigned i = 1; isTaken(candidate); ++i)
    candidate = word + "_" + std::to_string(i);
  names.insert(candidate);
  scopes.back().push_back(candidate);
  return candidate;
}

std::string HipPrinter::makeName(Value value) {
  std::string name = templateName(value);
  Operation *op = value.getDefiningOp();
  // What a template's value is made of has its name, and a word for its kind.
  auto add = [&](StringRef kind) {
    name += ((name.empty() ? "" : "_") + kind).str();
  };
  if (op && isa<LLVM::GEPOp>(op))
    add("at");
  else if (op && isa<ROCDL::MakeBufferRsrcOp>(op))
    add("buffer");
  return unique(name.empty() ? "value" : name);
}

/// Whether the uses of an integer look at its sign more than they add it.
static int signBalance(Value value) {
  int balance = 0;
  for (Operation *user : value.getUsers()) {
    if (isa<arith::MinSIOp, arith::MaxSIOp, arith::ExtSIOp, arith::DivSIOp,
            arith::RemSIOp, arith::ShRSIOp, arith::SIToFPOp>(user))
      ++balance;
    else if (isa<arith::AddIOp, arith::SubIOp, arith::MulIOp, arith::ShLIOp,
                 arith::ShRUIOp, arith::DivUIOp, arith::RemUIOp, arith::ExtUIOp,
                 arith::MinUIOp, arith::MaxUIOp, arith::AndIOp, arith::OrIOp,
                 arith::XOrIOp>(user))
      --balance;
    else if (auto loop = dyn_cast<scf::ForOp>(user))
      balance += value == loop.getLowerBound() ||
                 value == loop.getUpperBound() || value == loop.getStep();
    else if (auto compare = dyn_cast<arith::CmpIOp>(user))
      switch (compare.getPredicate()) {
      case arith::CmpIPredicate::slt:
      case arith::CmpIPredicate::sle:
      case arith::CmpIPredicate::sgt:
      case arith::CmpIPredicate::sge:
        ++balance;
        break;
      case arith::CmpIPredicate::eq:
      case arith::CmpIPredicate::ne:
        break;
      default:
        --balance;
      }
  }
  return balance;
}

/// What a pointer points at: what its first use says.
static std::string pointeeOf(Value pointer) {
  for (Operation *user : pointer.getUsers()) {
    Type element;
    if (auto address = dyn_cast<LLVM::GEPOp>(user))
      element = address.getElemType();
    else if (auto load = dyn_cast<LLVM::LoadOp>(user))
      element = load.getType();
    else if (auto store = dyn_cast<LLVM::StoreOp>(user))
      element = store.getValue().getType();
    else if (auto atomic = dyn_cast<LLVM::AtomicRMWOp>(user))
      element = atomic.getVal().getType();
    if (auto type = element ? HipType::get(element, element.isInteger(32))
                            : std::nullopt)
      return type->str();
  }
  return "u8";
}

/// Whether memory that is reached from \p pointer is written.
static bool isWritten(Value pointer) {
  return llvm::any_of(pointer.getUsers(), [&](Operation *user) {
    if (isa<LLVM::GEPOp, ROCDL::MakeBufferRsrcOp>(user))
      return isWritten(user->getResult(0));
    if (isa<LLVM::LoadOp, ROCDL::RawPtrBufferLoadOp, LLVM::PtrToIntOp,
            arith::CmpIOp>(user))
      return false;
    return true;
  });
}

HipType HipPrinter::typeOf(Value value) {
  if (auto it = variables.find(value); it != variables.end())
    return it->second.type;
  if (auto it = inlined.find(value); it != inlined.end())
    return it->second.type;
  int balance = signBalance(value);
  bool isInteger = value.getType().isInteger(32) || value.getType().isIndex();
  return *HipType::get(value.getType(),
                       balance > 0 || (balance == 0 && isInteger));
}

LogicalResult HipPrinter::checkTypes(Operation *op) {
  for (Value result : op->getResults())
    // Pairs that an exchange between lanes gives are of two words.
    if (!HipType::get(result.getType(), false) &&
        !isa<LLVM::LLVMStructType>(result.getType()))
      return op->emitOpError("has the type ")
             << result.getType() << ", which has no HIP C++ text";
  for (Region &region : op->getRegions())
    for (BlockArgument argument : region.getArguments())
      if (!HipType::get(argument.getType(), false))
        return op->emitOpError("has an argument of type ")
               << argument.getType() << ", which has no HIP C++ text";
  return success();
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

HipExpression HipPrinter::get(Value value) {
  if (auto it = variables.find(value); it != variables.end())
    return {it->second.name, it->second.type};
  if (auto it = inlined.find(value); it != inlined.end())
    return it->second;
  return get(value, typeOf(value));
}

HipExpression HipPrinter::get(Value value, const HipType &type) {
  if (value.getDefiningOp<LLVM::PoisonOp>())
    return {type.isVector() ? "(" + type.str() + ")0" : "0", type,
            type.isVector() ? Precedence::Unary : Precedence::Primary};
  Attribute constant;
  if (matchPattern(value, m_Constant(&constant)))
    if (auto text = literal(constant, type))
      return *text;
  return castTo(get(value), type);
}

HipExpression HipPrinter::getSigned(Value value) {
  return get(value, typeOf(value).withSign(true));
}

HipExpression HipPrinter::getUnsigned(Value value) {
  return get(value, typeOf(value).withSign(false));
}

std::string HipPrinter::spelled(const HipExpression &value) {
  if (!value.isLiteral)
    return value.text;
  return value.text + (value.type.isSigned ? "" : "u") +
         (value.type.bits == 64 ? "ll" : "");
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool HipPrinter::readsLanes(Operation *op) {
  return isa<ROCDL::ROCDLDialect>(op->getDialect()) ||
         llvm::any_of(op->getOperands(), [&](Value operand) {
           return inlined.count(operand) && readsLanes(operand.getDefiningOp());
         });
}

bool HipPrinter::mayInline(Operation *op, const HipExpression &expression) {
  Value result = op->getResult(0);
  if (!isExpression(op) || !result.hasOneUse() || pinned.contains(result))
    return false;
  Operation *user = *result.user_begin();
  if (user->getBlock() != op->getBlock() || isa<scf::ForOp, scf::WhileOp>(user))
    return false;
  // `?:` is a branch, and the lanes that do not take it give nothing.
  if (isa<arith::SelectOp>(user) && readsLanes(op))
    return false;
  // Chains of sums read better as a line each.
  if (expression.text.size() > 48 || isa<math::FmaOp>(op) ||
      (isa<arith::AddFOp, arith::MulFOp>(op) &&
       isa<VectorType>(result.getType())))
    return false;
  // What a barrier keeps apart stays apart.
  for (Operation *between = op->getNextNode(); between != user;
       between = between->getNextNode())
    if (isa<ROCDL::SchedBarrier>(between))
      return false;
  std::string name = templateName(result);
  return name.empty() ||
         (user->getNumResults() == 1 && user->getNumRegions() == 0 &&
          templateName(user->getResult(0)) == name);
}

static SmallVector<Value> sharing(Value argument);

Operation *HipPrinter::statementOf(Operation *op) {
  while (op->getNumResults() == 1 && inlined.count(op->getResult(0)))
    op = *op->getResult(0).user_begin();
  return op;
}

bool HipPrinter::isLastReader(Value value, Operation *op) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    Operation *reader = statementOf(user);
    if (reader == op)
      return true;
    reader = op->getBlock()->findAncestorOpInBlock(*reader);
    return reader && reader->isBeforeInBlock(op);
  });
}

Value HipPrinter::overwritten(Operation *op) {
  Value result = op->getResult(0);
  std::string name = templateName(result);
  if (name.empty())
    return {};
  for (Value operand : llvm::reverse(op->getOperands())) {
    Operation *def = operand.getDefiningOp();
    if (def && def->getBlock() == op->getBlock() && def->getNumRegions() == 0 &&
        variables.count(operand) && !pinned.contains(operand) &&
        templateName(operand) == name &&
        operand.getType() == result.getType() && isLastReader(operand, op))
      return operand;
  }
  return {};
}

LogicalResult HipPrinter::declare(Operation *op) {
  Value result = op->getResult(0);
  inlined.erase(result);
  FailureOr<HipExpression> expression = printExpression(*this, op);
  if (failed(expression))
    return failure();
  Variable variable;
  bool isNew = false;
  Value next = nextOf.lookup(result);
  if (next && !llvm::all_of(sharing(next), [&](Value value) {
        return isLastReader(value, op);
      }))
    next = Value();
  if (auto it = variables.find(result); it != variables.end()) {
    variable = it->second;
  } else if (next) {
    variable = variables[next];
    pinned.insert(result);
  } else if (Value operand = overwritten(op)) {
    variable = variables[operand];
  } else {
    isNew = true;
    // Pointers, buffers and masks are what their expression says; integers
    // without a preference too.
    variable.type = expression->type;
    if (isa<IntegerType, IndexType>(result.getType()) &&
        !result.getType().isInteger(1) && signBalance(result) != 0)
      variable.type = typeOf(result);
    variable.name = makeName(result);
  }
  LogicalResult printed = statement(op, [&] {
    HipExpression value = *printExpression(*this, op);
    // Scalars convert by themselves.
    if (variable.type.isVector())
      value = castTo(value, variable.type);
    return (isNew ? variable.type.declare(variable.name) : variable.name) +
           " = " + value.text + ";";
  });
  variables[result] = variable;
  return printed;
}

LogicalResult HipPrinter::printValue(Operation *op) {
  Attribute constant;
  if (isa<LLVM::PoisonOp>(op))
    return success();
  if (matchPattern(op, m_Constant(&constant))) {
    if (literal(constant, typeOf(op->getResult(0))))
      return success();
    return op->emitOpError("has a value without HIP C++ text");
  }
  FailureOr<HipExpression> expression = printExpression(*this, op);
  if (failed(expression))
    return failure();
  Value result = op->getResult(0);
  if (op->use_empty() && isExpression(op))
    return success();
  if (!mayInline(op, *expression))
    return declare(op);
  comment(op->getLoc());
  inlined[result] = *expression;
  return success();
}

//===----------------------------------------------------------------------===//
// Structure
//===----------------------------------------------------------------------===//

void HipPrinter::declareVariable(Value value, const HipExpression *initial) {
  HipType type = typeOf(value);
  std::string name = makeName(value);
  variables[value] = {name, type};
  pinned.insert(value);
  if (initial)
    assignment(type.declare(name),
               type.isVector() ? castTo(*initial, type).text : initial->text);
  else
    line(type.declare(name) + ";");
}

void HipPrinter::share(Value value, Value other) {
  // A copy: the map may grow under a reference.
  Variable variable = variables[other];
  variables[value] = std::move(variable);
}

void HipPrinter::enterLoop(Operation *loop, Value argument, Value initial,
                           bool mayTakeOver) {
  Operation *def = initial.getDefiningOp();
  auto it = variables.find(initial);
  std::string name = templateName(argument);
  if (mayTakeOver && def && def->getBlock() == loop->getBlock() &&
      it != variables.end() &&
      (name.empty() || name == templateName(initial)) &&
      !pinned.contains(initial) && it->second.type.kind != HipType::Pointer &&
      llvm::count(loop->getOperands(), initial) == 1 &&
      isLastReader(initial, loop)) {
    share(argument, initial);
    pinned.insert(initial);
    pinned.insert(argument);
    return;
  }
  HipExpression value = get(initial, typeOf(argument));
  declareVariable(argument, &value);
}

void HipPrinter::expectYield(Block &block, ValueRange arguments) {
  for (auto [argument, value] :
       llvm::zip(arguments, block.getTerminator()->getOperands()))
    if (value.hasOneUse() && value.getDefiningOp() &&
        value.getDefiningOp()->getBlock() == &block &&
        value.getDefiningOp()->getNumRegions() == 0)
      nextOf[value] = argument;
}

/// The values that have the variable of a loop's \p argument while its body
/// runs: itself, and what the condition of an scf.while passes on.
static SmallVector<Value> sharing(Value argument) {
  SmallVector<Value> values = {argument};
  auto block = cast<BlockArgument>(argument).getOwner();
  if (auto loop = dyn_cast<scf::WhileOp>(block->getParentOp())) {
    auto condition = loop.getConditionOp();
    for (auto [passed, after] :
         llvm::zip(condition.getArgs(), loop.getAfterArguments()))
      if (passed == argument)
        values.push_back(after);
    // Its other readers come before the test of the next round.
    values.erase(values.begin());
  }
  return values;
}

/// Whether \p text has \p name as a whole word.
static bool mentions(StringRef text, StringRef name) {
  auto isWord = [](char c) { return llvm::isAlnum(c) || c == '_'; };
  for (size_t at = text.find(name); at != StringRef::npos;
       at = text.find(name, at + 1)) {
    size_t end = at + name.size();
    if ((at == 0 || !isWord(text[at - 1])) &&
        (end == text.size() || !isWord(text[end])))
      return true;
  }
  return false;
}

void HipPrinter::assign(ArrayRef<std::string> targets, ArrayRef<HipType> types,
                        ValueRange values) {
  struct Assignment {
    std::string target, text;
    HipType type;
  };
  SmallVector<Assignment> left;
  for (auto [target, type, value] : llvm::zip(targets, types, values)) {
    std::string text = get(value, type).text;
    if (text != target)
      left.push_back({target, text, type});
  }
  // What nobody still has to read goes first.
  while (!left.empty()) {
    auto ready = llvm::find_if(left, [&](const Assignment &candidate) {
      return llvm::none_of(left, [&](const Assignment &other) {
        return &other != &candidate && mentions(other.text, candidate.target);
      });
    });
    if (ready == left.end()) {
      // They trade places: what still reads the first one is computed now.
      ready = left.begin();
      for (Assignment &other : llvm::drop_begin(left))
        if (mentions(other.text, ready->target)) {
          std::string early = unique("next_" + other.target);
          assignment(other.type.declare(early), other.text);
          other.text = early;
        }
    }
    flushComments();
    assignment(ready->target, ready->text);
    left.erase(ready);
  }
}

/// The templates say how far a loop is unrolled, and which steps of one
/// overlap. (To disable vectors of steps disables steps that are interleaved.)
static const char *const loopPragma =
    "#pragma clang loop unroll(disable) vectorize(disable)\n";

LogicalResult HipPrinter::printFor(scf::ForOp loop) {
  comment(loop.getLoc());
  flushComments();
  SmallVector<std::string> targets;
  SmallVector<HipType> types;
  // LLVM adds integers up from the last of a loop's variables to the first,
  // wherever the additions stand. Words of K that are only added up have to go
  // the other way round: their registers are filled again in that order.
  bool isReversed = llvm::any_of(loop.getRegionIterArgs(), [](Value argument) {
    return llvm::any_of(argument.getUsers(), [](Operation *user) {
      return isa<vector::ExtractOp>(user);
    });
  });
  for (size_t i = 0, e = loop.getNumRegionIterArgs(); i < e; ++i) {
    size_t which = isReversed ? e - 1 - i : i;
    enterLoop(loop, loop.getRegionIterArg(which), loop.getInitArgs()[which],
              /*mayTakeOver=*/!isReversed);
  }
  for (auto [argument, result] :
       llvm::zip(loop.getRegionIterArgs(), loop.getResults())) {
    share(result, argument);
    targets.push_back(variables[argument].name);
    types.push_back(variables[argument].type);
  }
  expectYield(*loop.getBody(), loop.getRegionIterArgs());
  Value counter = loop.getInductionVar();
  bool isSigned = !loop.getUnsignedCmp();
  HipType type = HipType::get(counter.getType(), isSigned).value();
  pushScope();
  std::string name = makeName(counter);
  variables[counter] = {name, type};
  pinned.insert(counter);
  std::string end = get(loop.getUpperBound(), type).text,
              step = get(loop.getStep(), type).text;
  body += loopPragma;
  std::string head = "for (" + type.declare(name) + " = " +
                     get(loop.getLowerBound(), type).text + ";",
              test = name + " < " + end + ";",
              next = (step == "1" ? "++" + name : name + " += " + step) + ")";
  // Parts that do not fit stand below the first one.
  for (const std::string &part : {test, next + " {"}) {
    if (fits(head.size() + 1 + part.size())) {
      head += " " + part;
      continue;
    }
    line(head);
    head = "     " + part;
  }
  open(StringRef(head).drop_back(2));
  if (failed(printBlock(*loop.getBody())))
    return failure();
  assign(targets, types, loop.getBody()->getTerminator()->getOperands());
  close();
  popScope();
  return success();
}

LogicalResult HipPrinter::printWhile(scf::WhileOp loop) {
  comment(loop.getLoc());
  flushComments();
  Block &before = loop.getBefore().front(), &after = loop.getAfter().front();
  auto condition = cast<scf::ConditionOp>(before.getTerminator());
  SmallVector<std::string> targets;
  SmallVector<HipType> types;
  for (auto [argument, initial] :
       llvm::zip(before.getArguments(), loop.getInits())) {
    enterLoop(loop, argument, initial);
    targets.push_back(variables[argument].name);
    types.push_back(variables[argument].type);
  }
  // What the condition passes on has one name in the loop and behind it.
  for (auto [passed, argument, result] : llvm::zip(
           condition.getArgs(), after.getArguments(), loop.getResults())) {
    if (!variables.count(passed)) {
      if (passed.getDefiningOp() &&
          passed.getDefiningOp()->getBlock() == &before)
        declareVariable(passed, nullptr);
      else {
        // From outside: a copy would do, a constant has no name.
        HipExpression value = get(passed, typeOf(argument));
        declareVariable(argument, &value);
        share(result, argument);
        continue;
      }
    }
    share(argument, passed);
    share(result, passed);
    pinned.insert(passed);
    pinned.insert(argument);
    pinned.insert(result);
  }

  expectYield(after, before.getArguments());

  // Where nothing but the condition stands before the test, it is the test.
  Operation *test = condition.getCondition().getDefiningOp();
  bool isSimple =
      llvm::all_of(before.without_terminator(),
                   [&](Operation &op) {
                     return &op == test || matchPattern(&op, m_Constant());
                   }) &&
      test && isExpression(test) && test->hasOneUse();
  body += loopPragma;
  if (isSimple) {
    FailureOr<HipExpression> text = printExpression(*this, test);
    if (failed(text))
      return failure();
    open("while (" + text->text + ")");
  } else {
    open("while (true)");
    if (failed(printBlock(before)))
      return failure();
    HipExpression going = get(condition.getCondition(), HipType::boolean());
    flushComments();
    open("if (!" + going.at(Precedence::Unary) + ")");
    line("break;");
    close();
  }
  if (failed(printBlock(after)))
    return failure();
  assign(targets, types, after.getTerminator()->getOperands());
  close();
  return success();
}

LogicalResult HipPrinter::printIf(scf::IfOp branch) {
  comment(branch.getLoc());
  flushComments();
  SmallVector<std::string> targets;
  SmallVector<HipType> types;
  for (Value result : branch.getResults()) {
    declareVariable(result, nullptr);
    targets.push_back(variables[result].name);
    types.push_back(variables[result].type);
  }
  HipExpression condition = get(branch.getCondition(), HipType::boolean());
  open("if (" + condition.text + ")");
  if (failed(printBlock(*branch.thenBlock())))
    return failure();
  assign(targets, types, branch.thenYield().getOperands());
  if (!branch.getElseRegion().empty() &&
      (branch.getNumResults() ||
       !branch.elseBlock()->without_terminator().empty())) {
    close("} else {");
    indent += 2;
    pushScope();
    atBlockStart = true;
    if (failed(printBlock(*branch.elseBlock())))
      return failure();
    assign(targets, types, branch.elseYield().getOperands());
  }
  close();
  return success();
}

LogicalResult HipPrinter::printBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(printOperation(&op)))
      return failure();
  return success();
}

LogicalResult HipPrinter::printOperation(Operation *op) {
  if (failed(checkTypes(op)))
    return failure();
  // declareShared has done them.
  if (isa<LLVM::AddressOfOp>(op))
    return success();
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return printFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return printWhile(loop);
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return printIf(branch);
  if (std::optional<LogicalResult> printed = printStatement(*this, op))
    return *printed;
  if (op->getNumResults() != 1 || op->getNumRegions() != 0)
    return op->emitOpError("has no HIP C++ text");
  return printValue(op);
}

LogicalResult HipPrinter::declareShared(gpu::GPUFuncOp kernel) {
  llvm::MapVector<StringAttr, Variable> arrays;
  auto walked = kernel.walk([&](LLVM::AddressOfOp op) {
    auto [it, isNew] =
        arrays.try_emplace(op.getGlobalNameAttr().getAttr(), Variable());
    if (isNew) {
      auto array = SymbolTable::lookupNearestSymbolFrom<LLVM::GlobalOp>(
          op, op.getGlobalNameAttr());
      auto type = array ? dyn_cast<LLVM::LLVMArrayType>(array.getGlobalType())
                        : LLVM::LLVMArrayType();
      auto element = type ? HipType::get(type.getElementType(),
                                         type.getElementType().isInteger(32))
                          : std::nullopt;
      if (!element || array.getAddrSpace() != 3 || array.getValueOrNull()) {
        op.emitOpError("is of a variable without HIP C++ text");
        return WalkResult::interrupt();
      }
      std::string name = templateName(op.getResult());
      it->second = {
          unique(name.empty() ? StringRef("shared") : StringRef(name)),
          HipType::pointer(element->str())};
      comment(op.getLoc());
      flushComments();
      std::string alignment;
      if (auto bytes = array.getAlignment())
        alignment = "__attribute__((aligned(" + std::to_string(*bytes) + "))) ";
      line("__shared__ " + alignment + element->declare(it->second.name) + "[" +
           Twine(type.getNumElements()) + "];");
    }
    variables[op.getResult()] = it->second;
    pinned.insert(op.getResult());
    return WalkResult::advance();
  });
  return failure(walked.wasInterrupted());
}

LogicalResult HipPrinter::print(gpu::GPUFuncOp kernel) {
  if (!kernel.getBody().hasOneBlock())
    return kernel.emitOpError(
        "is not one block, and HIP C++ text has structured loops only");
  if (failed(checkTypes(kernel)))
    return failure();
  pushScope();
  for (BlockArgument argument : kernel.getBody().getArguments()) {
    HipType type = typeOf(argument);
    if (type.kind == HipType::Pointer)
      type.pointee =
          (isWritten(argument) ? "" : "const ") + pointeeOf(argument);
    std::string name = makeName(argument);
    variables[argument] = {name, type};
    pinned.insert(argument);
    parameters.push_back({name, type});
  }
  if (failed(declareShared(kernel)))
    return failure();
  return printBlock(kernel.getBody().front());
}
