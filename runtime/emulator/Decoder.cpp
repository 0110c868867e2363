//===- Decoder.cpp - From instruction words to what runs ------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/Decoder.h"
#include "Spec/Arch.h"
#include "emulator/Memory.h"
#include "emulator/Mfma.h"
#include "emulator/Salu.h"
#include "emulator/Valu.h"
#include "emulator/VectorOp.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/MCTargetOptions.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Triple.h"
#include <algorithm>
#include <cstring>
#include <mutex>

using namespace hipdex;
using namespace hipdex::emulator;

extern "C" void LLVMInitializeAMDGPUTargetInfo();
extern "C" void LLVMInitializeAMDGPUTargetMC();
extern "C" void LLVMInitializeAMDGPUDisassembler();

//===----------------------------------------------------------------------===//
// What there is
//===----------------------------------------------------------------------===//

namespace {

struct Opcodes {
  llvm::StringMap<const VectorOp *> vector;
  llvm::StringMap<const VectorOp *> packed;
  llvm::StringMap<const LaneOp *> lane;
  llvm::StringMap<const ScalarOp *> scalar;
  llvm::StringMap<const ControlOp *> control;
  llvm::StringMap<const ScalarMemoryOp *> scalarMemory;
  llvm::StringMap<const MemoryOp *> memory;
  llvm::StringMap<const LdsOp *> lds;
};

template <typename Op>
void add(llvm::StringMap<const Op *> &map, llvm::ArrayRef<Op> ops) {
  for (const Op &op : ops)
    map[op.name] = &op;
}

const Opcodes &opcodes() {
  static const Opcodes result = [] {
    Opcodes tables;
    add(tables.vector, integerVectorOps());
    add(tables.vector, floatVectorOps());
    add(tables.vector, convertVectorOps());
    add(tables.vector, compareVectorOps());
    add(tables.packed, packedVectorOps());
    // Those of VOP2 among the packed ones run as vector operations.
    for (const VectorOp &op : packedVectorOps())
      if (op.flags & opflag::accumulates)
        tables.vector[op.name] = &op;
    add(tables.lane, laneOps());
    add(tables.scalar, scalarOps());
    add(tables.control, controlOps());
    add(tables.scalarMemory, scalarMemoryOps());
    add(tables.memory, vectorMemoryOps());
    add(tables.lds, ldsOps());
    return tables;
  }();
  return result;
}

/// Without _e32, _e64, _dpp, _sdwa.
llvm::StringRef stemOf(llvm::StringRef mnemonic) {
  for (llvm::StringRef suffix : {"_e64_dpp", "_e32", "_e64", "_dpp", "_sdwa"})
    if (mnemonic.consume_back(suffix))
      break;
  return mnemonic;
}

uint32_t bits(uint32_t word, unsigned high, unsigned low) {
  return word >> low & uint32_t((uint64_t(1) << (high - low + 1)) - 1);
}

/// Source codes that are not registers or inline constants.
enum : unsigned { codeSdwa = 249, codeDpp = 250, codeLiteral = 255 };

void nothing(Wave &, const Instruction &) {}

constexpr uint16_t firstAgpr = 256;

/// Caches are coherent here.
bool isCacheControl(llvm::StringRef name) {
  return name == "buffer_wbl2" || name == "buffer_inv" ||
         name == "buffer_wbinvl1" || name == "buffer_wbinvl1_vol";
}

/// global_load_lds_dword loads as global_load_dword does, into LDS.
bool consumeLds(std::string &name) {
  if (!llvm::StringRef(name).starts_with("load_lds_"))
    return false;
  name.erase(4, 4);
  return true;
}

//===----------------------------------------------------------------------===//
// One instruction
//===----------------------------------------------------------------------===//

class InstructionDecoder {
public:
  InstructionDecoder(llvm::ArrayRef<uint32_t> words, llvm::StringRef mnemonic,
                     const Arch &arch)
      : words(words), stem(stemOf(mnemonic)), arch(arch) {}

  /// False if it is not implemented.
  bool run(Instruction &out) {
    in.dwords = uint8_t(words.size());
    bool known = dispatch() && !unsupported;
    if (known)
      out = in;
    return known;
  }

private:
  llvm::ArrayRef<uint32_t> words;
  llvm::StringRef stem;
  const Arch &arch;
  Instruction in;
  bool unsupported = false;

  uint32_t word(unsigned i) const { return i < words.size() ? words[i] : 0; }
  uint32_t literal() const { return words.back(); }

  bool dispatch() {
    uint32_t w = words[0];
    if (w >> 30 == 2) {
      if (w >> 23 == 0x17D)
        return decodeScalar(bits(w, 7, 0), 0, bits(w, 22, 16));
      if (w >> 23 == 0x17E)
        return decodeScalar(bits(w, 7, 0), bits(w, 15, 8), 0);
      if (w >> 23 == 0x17F)
        return decodeControl();
      if (w >> 28 == 0xB)
        return decodeScalarConstant();
      return decodeScalar(bits(w, 7, 0), bits(w, 15, 8), bits(w, 22, 16));
    }
    if (!(w >> 31)) {
      if (w >> 25 == 0x3F)
        return decodeVector1();
      if (w >> 25 == 0x3E)
        return decodeVectorCompare();
      return decodeVector2();
    }
    switch (w >> 26) {
    case 0x34:
      return w >> 23 == 0x1A7 ? decodePacked() : decodeVector3();
    case 0x30:
      return decodeScalarMemory();
    case 0x36:
      return decodeLds();
    case 0x37:
      return decodeFlat();
    case 0x38:
      return decodeBuffer();
    default:
      return false;
    }
  }

  //===--------------------------------------------------------------------===//
  // Operands
  //===--------------------------------------------------------------------===//

  static Operand vectorOperand(unsigned index) {
    Operand result;
    result.kind = Operand::Vector;
    result.index = uint16_t(index);
    return result;
  }
  static Operand scalarOperand(unsigned index) {
    Operand result;
    result.kind = Operand::Scalar;
    result.index = uint16_t(index);
    return result;
  }
  static Operand constantOperand(uint64_t value) {
    Operand result;
    result.kind = Operand::Constant;
    result.value = value;
    return result;
  }

  /// A constant that is a float in the type that reads it.
  static uint64_t inlineFloat(unsigned code, ValueType type) {
    static const float values[] = {0.5f,  -0.5f, 1.0f,  -1.0f,      2.0f,
                                   -2.0f, 4.0f,  -4.0f, 0.15915494f};
    unsigned which = code - 240;
    switch (type) {
    case ValueType::F16:
    case ValueType::B16:
    case ValueType::PackedF16:
      // 1/(2 pi) of a half is 0x3118 (the ISA guide's table).
      return which == 8 ? 0x3118 : floatToHalf(values[which]).bits;
    case ValueType::F64:
    case ValueType::B64:
      return which == 8 ? 0x3FC45F306DC9C882 : bitsOf(double(values[which]));
    case ValueType::PackedF32:
      return bitsOf(values[which]) * uint64_t(0x100000001);
    default:
      return which == 8 ? 0x3E22F983 : bitsOf(values[which]);
    }
  }

  Operand source(unsigned code, ValueType type) {
    if (code >= 256)
      return vectorOperand(code - 256);
    if (code < 128)
      return scalarOperand(code);
    if (code <= 192)
      return constantOperand(pairOf(code - 128, type));
    if (code <= 208)
      return constantOperand(pairOf(uint64_t(int64_t(192) - code), type));
    if (code >= 240 && code <= 248)
      return constantOperand(inlineFloat(code, type));
    switch (code) {
    case sreg::scc:
      return scalarOperand(code);
    case sreg::sharedBase:
      return constantOperand(sharedAperture);
    case sreg::sharedLimit:
      return constantOperand(sharedAperture | 0xFFFFFFFF);
    case sreg::privateBase:
      return constantOperand(privateAperture);
    case sreg::privateLimit:
      return constantOperand(privateAperture | 0xFFFFFFFF);
    case codeLiteral:
      // 32 bits: the upper ones of a double, else zero extended.
      if (type == ValueType::F64)
        return constantOperand(uint64_t(literal()) << 32);
      return constantOperand(pairOf(literal(), type));
    default:
      unsupported = true;
      return Operand();
    }
  }
  /// Integers in a packed f32 operand stand in both words.
  static uint64_t pairOf(uint64_t value, ValueType type) {
    return type == ValueType::PackedF32
               ? uint32_t(value) * uint64_t(0x100000001)
               : value;
  }

  //===--------------------------------------------------------------------===//
  // Scalar formats
  //===--------------------------------------------------------------------===//

  bool setScalar(InstClass kind = InstClass::Salu) {
    const ScalarOp *op = opcodes().scalar.lookup(stem);
    if (!op)
      return false;
    in.run = runScalar;
    in.scalar = op;
    bool jumps =
        stem == "s_setpc_b64" || stem == "s_swappc_b64" || stem == "s_call_b64";
    in.kind = jumps ? InstClass::Branch : kind;
    return true;
  }

  bool decodeScalar(unsigned first, unsigned second, unsigned destination) {
    if (!setScalar())
      return false;
    auto typeOf = [](unsigned count) {
      return count == 2 ? ValueType::B64 : ValueType::B32;
    };
    in.destination = uint16_t(destination);
    if (in.scalar->sourceWords[0])
      in.source[0] = source(first, typeOf(in.scalar->sourceWords[0]));
    if (in.scalar->sourceWords[1])
      in.source[1] = source(second, typeOf(in.scalar->sourceWords[1]));
    in.extra = uint8_t(second); // s_set_gpr_idx_on: a number, not an operand.
    return true;
  }

  bool decodeScalarConstant() {
    if (!setScalar())
      return false;
    uint32_t w = words[0];
    in.destination = uint16_t(bits(w, 22, 16));
    in.offset = int16_t(w);
    bool isUnsigned = stem.starts_with("s_cmpk_") && stem.ends_with("_u32");
    in.source[0] = scalarOperand(in.destination);
    in.source[1] =
        constantOperand(isUnsigned ? w & 0xFFFF : uint64_t(int64_t(in.offset)));
    if (stem == "s_setreg_imm32_b32")
      in.source[0] = constantOperand(literal());
    return true;
  }

  bool decodeControl() {
    const ControlOp *op = opcodes().control.lookup(stem);
    if (!op)
      return false;
    in.run = op->run;
    in.kind = op->kind;
    in.offset = int16_t(words[0]);
    return true;
  }

  bool decodeScalarMemory() {
    const ScalarMemoryOp *op = opcodes().scalarMemory.lookup(stem);
    if (!op)
      return false;
    uint32_t w = words[0], w1 = word(1);
    in.run = op->run;
    in.kind = InstClass::Smem;
    in.memoryFlags = op->words;
    in.scalarBase = uint16_t(bits(w, 5, 0) * 2);
    in.destination = uint16_t(bits(w, 12, 6));
    bool soffsetEnabled = w >> 14 & 1, immediate = w >> 17 & 1;
    if (immediate)
      in.offset = int32_t(w1 << 11) >> 11;
    if (soffsetEnabled)
      in.scalarOffset = scalarOperand(bits(w1, 31, 25));
    else if (!immediate && op->words)
      in.scalarOffset = scalarOperand(bits(w1, 7, 0));
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Vector formats
  //===--------------------------------------------------------------------===//

  bool setVector() {
    const VectorOp *op = opcodes().vector.lookup(stem);
    if (!op)
      return false;
    in.run = runVector;
    in.vector = op;
    in.kind = InstClass::Valu;
    return true;
  }

  /// VOP1, VOP2 and VOPC: the first source, or what SDWA and DPP say of the
  /// sources.
  void firstSources(unsigned code, int second) {
    const VectorOp &op = *in.vector;
    if (code != codeSdwa && code != codeDpp) {
      in.source[0] = source(code, op.source[0]);
      if (second >= 0)
        in.source[1] = vectorOperand(second);
      return;
    }
    uint32_t w = word(1);
    if (second >= 0)
      in.source[1] = vectorOperand(second);
    in.source[0] = vectorOperand(bits(w, 7, 0));
    in.modified = true;
    if (code == codeDpp) {
      in.dpp = true;
      in.dppControl = uint16_t(bits(w, 16, 8));
      in.boundControl = w >> 19 & 1;
      in.bankMask = uint8_t(bits(w, 27, 24));
      in.rowMask = uint8_t(bits(w, 31, 28));
      in.modifiers[0].negate = w >> 20 & 1;
      in.modifiers[0].absolute = w >> 21 & 1;
      in.modifiers[1].negate = w >> 22 & 1;
      in.modifiers[1].absolute = w >> 23 & 1;
      return;
    }
    in.sdwa = true;
    auto operand = [&](unsigned i, unsigned base) {
      in.modifiers[i].select = uint8_t(bits(w, base + 2, base));
      in.modifiers[i].signExtend = w >> (base + 3) & 1;
      in.modifiers[i].negate = w >> (base + 4) & 1;
      in.modifiers[i].absolute = w >> (base + 5) & 1;
      // GFX9 may read a scalar or a constant instead.
      bool isScalar = w >> (base + 7) & 1;
      if (isScalar)
        in.source[i] = source(in.source[i].index, op.source[i]);
    };
    operand(0, 16);
    if (second >= 0)
      operand(1, 24);
    if (op.flags & opflag::writesMask) {
      in.maskDestination = w >> 15 & 1 ? uint16_t(bits(w, 14, 8)) : sreg::vcc;
      return;
    }
    in.destinationSelect = uint8_t(bits(w, 10, 8));
    in.destinationUnused = uint8_t(bits(w, 12, 11));
    in.clamp = w >> 13 & 1;
    in.outputModifier = uint8_t(bits(w, 15, 14));
  }

  /// The operation needs the destination as its last source.
  void addAccumulator() {
    if (in.vector->flags & opflag::accumulates)
      in.source[2] = vectorOperand(in.destination);
  }

  bool decodeVector1() {
    uint32_t w = words[0];
    unsigned destination = bits(w, 24, 17), code = bits(w, 8, 0);
    if (const LaneOp *op = opcodes().lane.lookup(stem)) {
      if (code == codeSdwa || code == codeDpp)
        return false;
      in.run = op->run;
      in.kind = stem == "v_nop" ? InstClass::Nop : InstClass::Valu;
      in.destination = uint16_t(destination);
      in.source[0] = source(code, ValueType::B32);
      return true;
    }
    if (!setVector())
      return false;
    in.destination = uint16_t(destination);
    firstSources(code, -1);
    if (stem == "v_accvgpr_mov_b32") {
      in.destination += firstAgpr;
      in.source[0].index += firstAgpr;
    }
    addAccumulator();
    return true;
  }

  bool decodeVectorCompare() {
    uint32_t w = words[0];
    if (!setVector())
      return false;
    in.maskDestination = sreg::vcc;
    firstSources(bits(w, 8, 0), int(bits(w, 16, 9)));
    return true;
  }

  bool decodeVector2() {
    uint32_t w = words[0];
    if (!setVector())
      return false;
    in.destination = uint16_t(bits(w, 24, 17));
    unsigned second = bits(w, 16, 9);
    firstSources(bits(w, 8, 0), int(second));
    // The constant of these is the word behind; "mk" multiplies by it.
    if (stem.contains("mk_f")) {
      in.source[2] = vectorOperand(second);
      in.source[1] = constantOperand(literal());
    } else if (stem.contains("ak_f")) {
      in.source[2] = constantOperand(literal());
    }
    addAccumulator();
    return true;
  }

  bool decodeVector3() {
    uint32_t w = words[0], w1 = word(1);
    unsigned destination = bits(w, 7, 0);
    unsigned codes[3] = {bits(w1, 8, 0), bits(w1, 17, 9), bits(w1, 26, 18)};
    if (const LaneOp *op = opcodes().lane.lookup(stem)) {
      in.run = op->run;
      in.kind = InstClass::Valu;
      in.destination = uint16_t(destination);
      in.source[0] = source(codes[0], ValueType::B32);
      if (stem == "v_readlane_b32" || stem == "v_writelane_b32")
        in.source[1] = source(codes[1], ValueType::B32);
      return true;
    }
    if (!setVector())
      return false;
    const VectorOp &op = *in.vector;
    in.destination = uint16_t(destination);
    in.clamp = w >> 15 & 1;
    in.outputModifier = uint8_t(bits(w1, 28, 27));
    uint32_t negate = bits(w1, 31, 29), absolute = bits(w, 10, 8);
    if (op.flags & opflag::carryOut) {
      in.maskDestination = uint16_t(bits(w, 14, 8));
      absolute = 0;
    } else {
      in.opSel = uint8_t(bits(w, 14, 11));
    }
    if (op.flags & opflag::writesMask)
      in.maskDestination = uint16_t(destination);
    if (stem.starts_with("v_bitop3_")) {
      // The truth table is spread over the fields of the modifiers.
      in.extra = uint8_t(in.outputModifier << 6 | absolute << 3 | negate);
      in.outputModifier = 0;
      negate = absolute = 0;
    }
    unsigned count = 0;
    for (unsigned i = 0; i < 3; ++i) {
      if (op.source[i] == ValueType::None)
        break;
      ++count;
      bool accumulator = i == 2 && (op.flags & opflag::accumulates);
      if (accumulator)
        break;
      in.source[i] = source(codes[i], op.source[i]);
      in.modifiers[i].negate = negate >> i & 1;
      in.modifiers[i].absolute = absolute >> i & 1;
      if (in.modifiers[i].any() ||
          ((in.opSel >> i & 1) && !(op.flags & opflag::ownOpSel)))
        in.modified = true;
    }
    // Carries and selections of VOP3 name their mask.
    if ((op.flags & opflag::carryIn) && count == 2)
      in.maskSource = uint16_t(codes[2]);
    addAccumulator();
    return true;
  }

  bool decodePacked() {
    if (stem.starts_with("v_mfma_"))
      return decodeMfma();
    uint32_t w = words[0], w1 = word(1);
    unsigned codes[3] = {bits(w1, 8, 0), bits(w1, 17, 9), bits(w1, 26, 18)};
    in.destination = uint16_t(bits(w, 7, 0));
    if (stem == "v_accvgpr_read_b32" || stem == "v_accvgpr_write_b32") {
      if (!setVector())
        return false;
      in.source[0] = source(codes[0], ValueType::B32);
      if (stem == "v_accvgpr_read_b32")
        in.source[0].index += firstAgpr;
      else
        in.destination += firstAgpr;
      return true;
    }
    const VectorOp *op = opcodes().packed.lookup(stem);
    if (!op)
      return false;
    in.run = runPacked;
    in.vector = op;
    in.kind = InstClass::Valu;
    in.clamp = w >> 15 & 1;
    in.opSel = uint8_t(bits(w, 13, 11));
    in.opSelHi = uint8_t(bits(w1, 28, 27) | (w >> 14 & 1) << 2);
    in.negateHi = uint8_t(bits(w, 10, 8));
    in.extra = uint8_t(bits(w1, 31, 29));
    for (unsigned i = 0; i < 3; ++i)
      if (op->source[i] != ValueType::None)
        in.source[i] = source(codes[i], op->source[i]);
    // Dot products read whole words: only their default selection is known.
    bool words =
        op->source[0] == ValueType::B32 && !(op->flags & opflag::ownOpSel);
    if (words && (in.opSel || in.negateHi || in.extra))
      return false;
    return true;
  }

  bool decodeMfma() {
    const MfmaOp *op = lookupMfma(stem, arch);
    if (!op)
      return false;
    in.run = runMfma;
    in.mfma = op;
    in.kind = InstClass::Mfma;
    unsigned first = 0;
    if (stem.starts_with("v_mfma_scale_")) {
      // Two words of scales stand before the instruction proper.
      uint32_t w = words[0], w1 = word(1);
      in.scaled = true;
      in.scale[0] = source(bits(w1, 8, 0), ValueType::B32);
      in.scale[1] = source(bits(w1, 17, 9), ValueType::B32);
      in.opSel = uint8_t(bits(w, 13, 11));
      in.opSelHi = uint8_t(bits(w1, 28, 27));
      first = 2;
    }
    uint32_t w = word(first), w1 = word(first + 1);
    unsigned codes[3] = {bits(w1, 8, 0), bits(w1, 17, 9), bits(w1, 26, 18)};
    bool accumulators = w >> 15 & 1;
    bool isAgpr[3] = {bool(w1 >> 27 & 1), bool(w1 >> 28 & 1), accumulators};
    ValueType type = stem.contains("_f64_") ? ValueType::F64 : ValueType::F32;
    for (unsigned i = 0; i < 3; ++i) {
      in.source[i] = source(codes[i], type);
      if (in.source[i].kind == Operand::Vector && isAgpr[i])
        in.source[i].index += firstAgpr;
    }
    // Sources of a matrix are vector registers, the addend may be a constant.
    if (in.source[0].kind != Operand::Vector ||
        in.source[1].kind != Operand::Vector ||
        in.source[2].kind == Operand::Scalar)
      return false;
    in.destination = uint16_t(bits(w, 7, 0) + (accumulators ? firstAgpr : 0));
    in.format = uint8_t(bits(w, 10, 8));
    in.extra = uint8_t(bits(w, 14, 11));
    in.extra2 = uint8_t(bits(w1, 31, 29));
    return true;
  }

  //===--------------------------------------------------------------------===//
  // Memory formats
  //===--------------------------------------------------------------------===//

  bool decodeLds() {
    const LdsOp *op = opcodes().lds.lookup(stem);
    if (!op)
      return false;
    uint32_t w = words[0], w1 = word(1);
    if (w >> 16 & 1) // GDS
      return false;
    in.run = op->run;
    in.lds = op;
    in.kind = InstClass::Lds;
    unsigned file = w >> 25 & 1 ? firstAgpr : 0;
    in.offset = int32_t(bits(w, 15, 0));
    in.address = uint16_t(bits(w1, 7, 0));
    in.data = uint16_t(bits(w1, 15, 8) + file);
    in.data2 = uint16_t(bits(w1, 23, 16) + file);
    in.destination = uint16_t(bits(w1, 31, 24) + file);
    return true;
  }

  /// \p toLds: the load goes to LDS.
  bool setMemory(llvm::StringRef name, bool toLds) {
    const MemoryOp *op = opcodes().memory.lookup(name);
    if (!op)
      return false;
    in.memory = op;
    in.kind = op->isLoad() ? InstClass::VmemLoad : InstClass::VmemStore;
    if (toLds)
      in.memoryFlags |= memflag::toLds;
    return true;
  }

  void setReturns(bool returns) {
    if (in.memory->kind != MemoryOp::Atomic || !returns)
      return;
    in.memoryFlags |= memflag::returns;
    in.kind = InstClass::VmemLoad;
  }

  bool decodeFlat() {
    uint32_t w = words[0], w1 = word(1);
    llvm::StringRef name = stem;
    bool isFlat = false, isScratch = false;
    if (name.consume_front("flat_")) {
      in.run = runFlat;
      isFlat = true;
    } else if (name.consume_front("global_")) {
      in.run = runGlobal;
    } else if (name.consume_front("scratch_")) {
      in.run = runScratch;
      isScratch = true;
    } else {
      return false;
    }
    std::string access = name.str();
    bool toLds = in.run == runGlobal && consumeLds(access);
    if (!setMemory(access, toLds))
      return false;
    in.offset = isFlat ? int32_t(bits(w, 11, 0)) : int32_t(w << 19) >> 19;
    unsigned file = w1 >> 23 & 1 ? firstAgpr : 0;
    in.address = uint16_t(bits(w1, 7, 0));
    in.data = uint16_t(bits(w1, 15, 8) + file);
    in.destination = uint16_t(bits(w1, 31, 24) + file);
    in.scalarBase = uint16_t(bits(w1, 22, 16));
    if (!isFlat && in.scalarBase != 0x7F)
      in.memoryFlags |= memflag::useScalarBase;
    // Bit 13: scratch uses the vector address.
    if (isScratch ? w >> 13 & 1 : true)
      in.memoryFlags |= memflag::useAddress;
    if (!isScratch && (w >> 13 & 1)) // How older chips load into LDS.
      return false;
    setReturns(w >> 16 & 1);
    return true;
  }

  bool decodeBuffer() {
    if (isCacheControl(stem)) {
      in.run = nothing;
      in.kind = InstClass::Other;
      return true;
    }
    uint32_t w = words[0], w1 = word(1);
    llvm::StringRef name = stem;
    if (!name.consume_front("buffer_") || !setMemory(name, w >> 16 & 1))
      return false;
    in.run = runBuffer;
    in.offset = int32_t(bits(w, 11, 0));
    if (w >> 12 & 1)
      in.memoryFlags |= memflag::offen;
    if (w >> 13 & 1)
      in.memoryFlags |= memflag::idxen;
    unsigned file = w1 >> 23 & 1 ? firstAgpr : 0;
    in.address = uint16_t(bits(w1, 7, 0));
    // One field: what is stored, and where loads and atomics return to.
    in.data = in.destination = uint16_t(bits(w1, 15, 8) + file);
    in.scalarBase = uint16_t(bits(w1, 20, 16) * 4);
    in.scalarOffset = source(bits(w1, 31, 24), ValueType::B32);
    setReturns(w >> 14 & 1);
    return true;
  }
};

} // namespace

void emulator::runInvalid(Wave &wave, const Instruction &) {
  wave.fail("not an instruction, or one that the emulator does not implement "
            "(docs/emulator-opcodes.md lists what it does)");
}

//===----------------------------------------------------------------------===//
// LLVM's part
//===----------------------------------------------------------------------===//

struct Decoder::Impl {
  const Arch *arch;
  std::unique_ptr<llvm::MCRegisterInfo> registers;
  std::unique_ptr<llvm::MCAsmInfo> assembly;
  std::unique_ptr<llvm::MCInstrInfo> instructions;
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget;
  std::unique_ptr<llvm::MCContext> context;
  std::unique_ptr<llvm::MCDisassembler> disassembler;
  std::unique_ptr<llvm::MCInstPrinter> printer;

  bool disassemble(llvm::ArrayRef<uint8_t> bytes, uint64_t address,
                   llvm::MCInst &inst, uint64_t &size) const;
};

Decoder::Decoder(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
Decoder::~Decoder() = default;

llvm::Expected<std::unique_ptr<Decoder>> Decoder::create(const Arch &arch) {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeAMDGPUTargetInfo();
    LLVMInitializeAMDGPUTargetMC();
    LLVMInitializeAMDGPUDisassembler();
  });
  llvm::Triple triple("amdgcn-amd-amdhsa");
  std::string message;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return llvm::createStringError("LLVM has no AMDGPU target: " + message);
  auto impl = std::make_unique<Impl>();
  impl->arch = &arch;
  impl->registers.reset(target->createMCRegInfo(triple));
  llvm::MCTargetOptions options;
  impl->assembly.reset(
      target->createMCAsmInfo(*impl->registers, triple, options));
  impl->instructions.reset(target->createMCInstrInfo());
  impl->subtarget.reset(
      target->createMCSubtargetInfo(triple, arch.name, /*Features=*/""));
  impl->context = std::make_unique<llvm::MCContext>(
      triple, impl->assembly.get(), impl->registers.get(),
      impl->subtarget.get());
  impl->disassembler.reset(
      target->createMCDisassembler(*impl->subtarget, *impl->context));
  impl->printer.reset(target->createMCInstPrinter(
      triple, 0, *impl->assembly, *impl->instructions, *impl->registers));
  if (!impl->disassembler || !impl->printer)
    return llvm::createStringError("LLVM has no disassembler for " + arch.name);
  return std::unique_ptr<Decoder>(new Decoder(std::move(impl)));
}

/// LLVM's names: "VGPR3", "AGPR0_AGPR1", "SGPR4"; the last part has the highest
/// number.
static void noteRegister(llvm::StringRef name, Instruction &in) {
  llvm::StringRef last = name.rsplit('_').second;
  if (last.empty())
    last = name;
  unsigned number;
  if (last.consume_front("VGPR") && !last.getAsInteger(10, number))
    in.vgprs = std::max<uint16_t>(in.vgprs, uint16_t(number + 1));
  else if (last.consume_front("AGPR") && !last.getAsInteger(10, number))
    in.agprs = std::max<uint16_t>(in.agprs, uint16_t(number + 1));
}

/// Words that LLVM 22's disassembler does not survive (llvm-mc does not
/// either); none of them is an instruction. Found by decoding random words.
static bool crashesLlvm(const uint32_t *words) {
  uint32_t encoding = words[0] >> 26, opcode = words[0] >> 16 & 0x3ff;
  if (encoding == 0x38 || encoding == 0x3a) // MUBUF, MTBUF: literal soffset.
    return words[1] >> 24 == 255;
  if (encoding != 0x34) // VOP3 and VOP3P.
    return false;
  // There are no literals in VOP3 on GFX9, as a source or as VOPC's result.
  for (unsigned shift : {0, 9, 18})
    if ((words[1] >> shift & 511) == 255)
      return true;
  if (opcode < 0x100 && (words[0] & 255) == 255)
    return true;
  // v_mfma_*_f8f6f4, and the word of scales before it: an unknown format, or a
  // source that is no vector register.
  if (opcode >= 0x3ac && opcode <= 0x3af &&
      ((words[0] >> 8 & 7) > 4 || words[1] >> 29 > 4))
    return true;
  if ((opcode == 0x3ad || opcode == 0x3ae) &&
      (!(words[1] & 256) || !(words[1] >> 9 & 256)))
    return true;
  return opcode == 0x3ac && crashesLlvm(words + 2);
}

/// LLVM's decoding of what \p bytes begin with, and its size; or false.
bool Decoder::Impl::disassemble(llvm::ArrayRef<uint8_t> bytes, uint64_t address,
                                llvm::MCInst &inst, uint64_t &size) const {
  // Zeros behind the end: a literal that is cut off crashes LLVM as well.
  uint8_t padded[32] = {};
  std::memcpy(padded, bytes.data(), std::min<size_t>(bytes.size(), 20));
  uint32_t words[5];
  for (unsigned i = 0; i < 5; ++i)
    words[i] = llvm::support::endian::read32le(padded + 4 * i);
  return !crashesLlvm(words) &&
         disassembler->getInstruction(inst, size, padded, address,
                                      llvm::nulls()) ==
             llvm::MCDisassembler::Success &&
         size >= 4 && size % 4 == 0 && size <= bytes.size();
}

Instruction Decoder::decode(llvm::ArrayRef<uint8_t> bytes) {
  Instruction result;
  result.run = runInvalid;
  llvm::MCInst inst;
  uint64_t size = 0;
  if (!impl->disassemble(bytes, 0, inst, size))
    return result;
  result.dwords = uint8_t(size / 4);
  llvm::SmallVector<uint32_t, 4> words;
  for (uint64_t i = 0; i < size; i += 4)
    words.push_back(llvm::support::endian::read32le(bytes.data() + i));
  // Some instructions have literal operands in what LLVM calls the mnemonic.
  llvm::StringRef mnemonic =
      llvm::StringRef(impl->printer->getMnemonic(inst).first).split(" ").first;
  InstructionDecoder(words, mnemonic.trim(), *impl->arch).run(result);
  for (const llvm::MCOperand &operand : inst)
    if (operand.isReg() && operand.getReg())
      noteRegister(impl->registers->getName(operand.getReg()), result);
  return result;
}

std::string Decoder::print(llvm::ArrayRef<uint8_t> bytes, uint64_t address) {
  llvm::MCInst inst;
  uint64_t size = 0;
  if (!impl->disassemble(bytes, address, inst, size))
    return "not an instruction: 0x" +
           llvm::utohexstr(bytes.size() >= 4
                               ? llvm::support::endian::read32le(bytes.data())
                               : 0,
                           /*LowerCase=*/true);
  std::string text;
  llvm::raw_string_ostream stream(text);
  impl->printer->printInst(&inst, address, "", *impl->subtarget, stream);
  return llvm::StringRef(text).trim().str();
}

static bool isImplemented(llvm::StringRef stem, const Arch &arch) {
  const Opcodes &all = opcodes();
  if (all.vector.contains(stem) || all.packed.contains(stem) ||
      all.lane.contains(stem) || all.scalar.contains(stem) ||
      all.control.contains(stem) || all.scalarMemory.contains(stem) ||
      all.lds.contains(stem) || isCacheControl(stem))
    return true;
  if (stem.starts_with("v_mfma_"))
    return lookupMfma(stem, arch);
  for (llvm::StringRef prefix : {"global_", "flat_", "scratch_", "buffer_"}) {
    llvm::StringRef name = stem;
    if (!name.consume_front(prefix))
      continue;
    std::string access = name.str();
    if (prefix == "global_")
      consumeLds(access);
    return all.memory.contains(access);
  }
  return false;
}

std::vector<std::string> Decoder::implementedOpcodes() const {
  std::vector<std::string> result;
  for (unsigned i = 0; i < impl->instructions->getNumOpcodes(); ++i) {
    // Real encodings of this family; the rest are pseudo instructions and
    // those of other generations.
    llvm::StringRef name = impl->instructions->getName(i);
    if (!name.ends_with("_vi") && !name.contains("_vi_") &&
        !name.contains("_gfx9"))
      continue;
    llvm::MCInst inst;
    inst.setOpcode(i);
    const char *mnemonic = impl->printer->getMnemonic(inst).first;
    if (!mnemonic)
      continue;
    llvm::StringRef stem = stemOf(llvm::StringRef(mnemonic).split(" ").first);
    if (isImplemented(stem, *impl->arch))
      result.push_back(stem.str());
  }
  llvm::sort(result);
  result.erase(llvm::unique(result), result.end());
  return result;
}
