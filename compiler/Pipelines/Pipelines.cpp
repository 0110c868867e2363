//===- Pipelines.cpp - From a key to LLVM's dialect, stage by stage -------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Pipelines/Pipelines.h"
#include "Indexer/IR/Indexer.h"
#include "Passes.h"
#include "Tile/IR/Tile.h"
#include "mlir/Conversion/AMDGPUToROCDL/AMDGPUToROCDL.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/AMDGPU/IR/AMDGPUDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/ROCDLDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace hipdex;

void hipdex::registerAllDialects(DialectRegistry &registry) {
  registry.insert<amdgpu::AMDGPUDialect, arith::ArithDialect,
                  cf::ControlFlowDialect, func::FuncDialect, gpu::GPUDialect,
                  LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                  ROCDL::ROCDLDialect, scf::SCFDialect, tensor::TensorDialect,
                  vector::VectorDialect, indexer::IndexerDialect,
                  tile::TileDialect>();
  // convert-gpu-to-rocdl converts the dialects that say how.
  arith::registerConvertArithToLLVMInterface(registry);
  cf::registerConvertControlFlowToLLVMInterface(registry);
  registerConvertFuncToLLVMInterface(registry);
  registerConvertMathToLLVMInterface(registry);
  registerConvertMemRefToLLVMInterface(registry);
  vector::registerConvertVectorToLLVMInterface(registry);
}

void hipdex::registerAllPasses() {
  registerIndexerSpecialize();
  registerTileExpandPipelinedFor();
  registerTileInlineFunctions();
  registerTileToGPU();
  registerOrderPipelinedLoop();
  registerCanonicalizerPass();
  registerCSEPass();
  PassPipelineRegistration<>("hipdex-indexer-to-tile",
                             "The kernel of an indexer operation, as its "
                             "template says it",
                             buildTilePipeline);
  PassPipelineRegistration<>("hipdex-tile-to-gpu",
                             "What one lane does, in upstream dialects",
                             buildGPUPipeline);
  struct Options : PassPipelineOptions<Options> {
    Option<std::string> chip{*this, "chip",
                             llvm::cl::desc("LLVM's name of the target"),
                             llvm::cl::init("gfx942")};
  };
  PassPipelineRegistration<Options>(
      "hipdex-gpu-to-llvm", "LLVM's dialect, ready to translate",
      [](OpPassManager &pm, const Options &options) {
        buildLLVMPipeline(pm, options.chip);
      });
}

namespace {
/// A function of an op's name, around one operation.
struct IndexerFunction {
  struct Parameter {
    StringRef name;
    Type type;
  };

  IndexerFunction(OpBuilder &builder, const KernelKey &key,
                  ArrayRef<Parameter> parameters, ArrayRef<Type> results) {
    Location loc = builder.getUnknownLoc();
    SmallVector<Type> types;
    for (const Parameter &parameter : parameters)
      types.push_back(parameter.type);
    auto function = func::FuncOp::create(
        builder, loc, opName(key.op), builder.getFunctionType(types, results));
    body = function.addEntryBlock();
    for (auto [argument, parameter] :
         llvm::zip(body->getArguments(), parameters))
      argument.setLoc(NameLoc::get(builder.getStringAttr(parameter.name), loc));
    builder.setInsertionPointToStart(body);
  }
  Value operator[](unsigned i) const { return body->getArgument(i); }

  Block *body;
};
} // namespace

static void buildPagedMqaLogits(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Type queries = RankedTensorType::get(
      {dynamic, key.nextN, key.heads, key.headDim}, layout.getFp8());
  Type cache = indexer::CacheType::get(context, layout);
  Type weights = RankedTensorType::get({dynamic, key.heads}, f32);
  Type lengths = RankedTensorType::get({dynamic}, i32);
  Type table = RankedTensorType::get({dynamic, dynamic}, i32);
  Type logits = RankedTensorType::get({dynamic, dynamic}, f32);
  IndexerFunction in(builder, key,
                     {{"q", queries},
                      {"cache", cache},
                      {"weights", weights},
                      {"context_lens", lengths},
                      {"block_table", table},
                      {"logits", logits}},
                     logits);
  auto op = indexer::PagedMqaLogitsOp::create(
      builder, loc, logits, in[0], in[1], in[2], in[3], in[4], in[5], layout,
      key.kvBlockSize, key.tail == Tail::NegInf, !key.checkTable,
      key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResult());
}

/// What K is before it is quantized.
static Type sourceType(OpBuilder &builder, const KernelKey &key) {
  switch (key.source) {
  case SourceType::BF16:
    return builder.getBF16Type();
  case SourceType::F16:
    return builder.getF16Type();
  case SourceType::F32:
    return builder.getF32Type();
  }
  llvm_unreachable("a key's source is one of these");
}

static void buildKQuantStore(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type source = sourceType(builder, key);
  Type slot = builder.getIntegerType(key.wideSlots ? 64 : 32);
  Type k = RankedTensorType::get({dynamic, key.headDim}, source);
  Type slots = RankedTensorType::get({dynamic}, slot);
  Type cache = indexer::CacheType::get(context, layout);
  Type error = RankedTensorType::get({}, builder.getI32Type());
  IndexerFunction in(
      builder, key,
      {{"k", k}, {"slots", slots}, {"cache", cache}, {"error", error}},
      {cache, error});
  auto op = indexer::KQuantStoreOp::create(
      builder, loc, cache, error, in[0], in[1], in[2], in[3], layout,
      key.fp8Max(), key.powerOfTwo, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResults());
}

static void buildKGather(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type i32 = builder.getI32Type();
  Type cache = indexer::CacheType::get(context, layout);
  Type table = RankedTensorType::get({dynamic, dynamic}, i32);
  Type lengths = RankedTensorType::get({dynamic}, i32);
  Type k = RankedTensorType::get({dynamic, key.headDim}, layout.getFp8());
  Type scales = RankedTensorType::get({dynamic}, builder.getF32Type());
  IndexerFunction in(builder, key,
                     {{"cache", cache},
                      {"block_table", table},
                      {"cu_seq_lens", lengths},
                      {"k", k},
                      {"scales", scales}},
                     {k, scales});
  auto op = indexer::KGatherOp::create(builder, loc, k, scales, in[0], in[1],
                                       in[2], in[3], in[4], layout,
                                       key.kvBlockSize, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResults());
}

static void buildKMove(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  auto targetLayout =
      indexer::CacheLayoutAttr::get(context, key.targetLayout());
  Type source = indexer::CacheType::get(context, layout);
  Type target = indexer::CacheType::get(context, targetLayout);
  Type slots = RankedTensorType::get(
      {ShapedType::kDynamic}, builder.getIntegerType(key.wideSlots ? 64 : 32));
  Type i32 = builder.getI32Type();
  Type error = RankedTensorType::get({}, i32);
  IndexerFunction in(builder, key,
                     {{"source", source},
                      {"source_slots", slots},
                      {"target_slots", slots},
                      {"run_tokens", i32},
                      {"target", target},
                      {"error", error}},
                     {target, error});
  auto op = indexer::KMoveOp::create(builder, loc, target, error, in[0], in[1],
                                     in[2], in[3], in[4], in[5], layout,
                                     targetLayout, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResults());
}

static void buildStreamPages(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type i32 = builder.getI32Type();
  Type cache = indexer::CacheType::get(context, layout);
  Type lengths = RankedTensorType::get({dynamic}, i32);
  Type table = RankedTensorType::get({dynamic, dynamic}, i32);
  Type logits = RankedTensorType::get({dynamic, dynamic}, builder.getF32Type());
  IndexerFunction in(builder, key,
                     {{"cache", cache},
                      {"context_lens", lengths},
                      {"block_table", table},
                      {"logits", logits}},
                     logits);
  auto op = indexer::StreamPagesOp::create(
      builder, loc, logits, in[0], in[1], in[2], in[3], layout, key.kvBlockSize,
      key.nextN, key.tail == Tail::NegInf, !key.checkTable, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResult());
}

static void buildMqaLogits(OpBuilder &builder, const KernelKey &key) {
  Location loc = builder.getUnknownLoc();
  int64_t dynamic = ShapedType::kDynamic;
  Type fp8 = indexer::CacheLayoutAttr::get(builder.getContext(), key.layout())
                 .getFp8();
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Type q = RankedTensorType::get({dynamic, key.heads, key.headDim}, fp8);
  Type k = RankedTensorType::get({dynamic, key.headDim}, fp8);
  Type scales = RankedTensorType::get({dynamic}, f32);
  Type weights = RankedTensorType::get({dynamic, key.heads}, f32);
  Type bounds = RankedTensorType::get({dynamic}, i32);
  Type logits = RankedTensorType::get({dynamic, dynamic}, f32);
  IndexerFunction in(builder, key,
                     {{"q", q},
                      {"k", k},
                      {"k_scales", scales},
                      {"weights", weights},
                      {"starts", bounds},
                      {"ends", bounds},
                      {"logits", logits}},
                     logits);
  auto op = indexer::MqaLogitsOp::create(
      builder, loc, logits, in[0], in[1], in[2], in[3], in[4], in[5], in[6],
      key.tail == Tail::NegInf, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResult());
}

static void buildPagedMqaPrefill(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type f32 = builder.getF32Type(), i32 = builder.getI32Type();
  Type q =
      RankedTensorType::get({dynamic, key.heads, key.headDim}, layout.getFp8());
  Type cache = indexer::CacheType::get(context, layout);
  Type weights = RankedTensorType::get({dynamic, key.heads}, f32);
  Type ofRows = RankedTensorType::get({dynamic}, i32);
  Type table = RankedTensorType::get({dynamic, dynamic}, i32);
  Type logits = RankedTensorType::get({dynamic, dynamic}, f32);
  IndexerFunction in(builder, key,
                     {{"q", q},
                      {"cache", cache},
                      {"weights", weights},
                      {"requests", ofRows},
                      {"starts", ofRows},
                      {"ends", ofRows},
                      {"block_table", table},
                      {"logits", logits}},
                     logits);
  auto op = indexer::PagedMqaPrefillOp::create(
      builder, loc, logits, in[0], in[1], in[2], in[3], in[4], in[5], in[6],
      in[7], layout, key.kvBlockSize, key.tail == Tail::NegInf, !key.checkTable,
      key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResult());
}

static void buildTopK(OpBuilder &builder, const KernelKey &key) {
  Location loc = builder.getUnknownLoc();
  int64_t dynamic = ShapedType::kDynamic;
  Type i32 = builder.getI32Type();
  Type logits = RankedTensorType::get({dynamic, dynamic}, builder.getF32Type());
  Type numbers = RankedTensorType::get({dynamic}, i32);
  Type table = RankedTensorType::get({dynamic, dynamic}, i32);
  SmallVector<IndexerFunction::Parameter> parameters = {{"logits", logits}};
  auto add = [&](StringRef name, Type type) {
    parameters.push_back({name, type});
    return parameters.size() - 1;
  };
  // 0, which is the logits: there is no such operand.
  size_t lengths = 0, starts = 0, ends = 0, requests = 0, blocks = 0, count = 0;
  if (key.windows) {
    starts = add("starts", numbers);
    ends = add("ends", numbers);
  } else {
    lengths = add("context_lens", numbers);
  }
  if (key.outputSlots) {
    if (key.windows)
      requests = add("requests", numbers);
    blocks = add("block_table", table);
    count = add("num_blocks", i32);
  }
  size_t init = add("indices", table);
  IndexerFunction in(builder, key, parameters, table);
  auto operand = [&](size_t i) { return i ? in[i] : Value(); };
  auto op = indexer::TopKOp::create(
      builder, loc, table, in[0], operand(lengths), operand(starts),
      operand(ends), operand(requests), operand(blocks), operand(count),
      in[init],
      key.outputSlots ? builder.getI64IntegerAttr(key.kvBlockSize)
                      : IntegerAttr(),
      builder.getStringAttr(key.arch->name));
  func::ReturnOp::create(builder, loc, op.getResult());
}

static void buildQkPrep(OpBuilder &builder, const KernelKey &key) {
  MLIRContext *context = builder.getContext();
  Location loc = builder.getUnknownLoc();
  auto layout = indexer::CacheLayoutAttr::get(context, key.layout());
  int64_t dynamic = ShapedType::kDynamic;
  Type f32 = builder.getF32Type();
  Type source = sourceType(builder, key);
  Type index = builder.getIntegerType(key.wideSlots ? 64 : 32);
  Type q = RankedTensorType::get({dynamic, key.heads, key.headDim}, source);
  Type k = RankedTensorType::get({dynamic, key.headDim}, source);
  Type weights = RankedTensorType::get({dynamic, key.heads}, source);
  Type ofTokens = RankedTensorType::get({dynamic}, index);
  Type angles = RankedTensorType::get({dynamic, key.headDim / 4}, source);
  Type norm = RankedTensorType::get({key.headDim}, f32);
  Type cache = indexer::CacheType::get(context, layout);
  Type newQ =
      RankedTensorType::get({dynamic, key.heads, key.headDim}, layout.getFp8());
  Type newWeights = RankedTensorType::get({dynamic, key.heads}, f32);
  Type error = RankedTensorType::get({}, builder.getI32Type());
  IndexerFunction in(builder, key,
                     {{"q", q},
                      {"k", k},
                      {"weights", weights},
                      {"positions", ofTokens},
                      {"cos", angles},
                      {"sin", angles},
                      {"norm_weight", norm},
                      {"norm_bias", norm},
                      {"norm_eps", f32},
                      {"weights_scale", f32},
                      {"slots", ofTokens},
                      {"cache", cache},
                      {"q_out", newQ},
                      {"weights_out", newWeights},
                      {"error", error}},
                     {cache, newQ, newWeights, error});
  auto op = indexer::QkPrepOp::create(
      builder, loc, cache, newQ, newWeights, error, in[0], in[1], in[2], in[3],
      in[4], in[5], in[6], in[7], in[8], in[9], in[10], in[11], in[12], in[13],
      in[14], layout, key.rope == Rope::Interleaved, key.rotaryLast,
      key.hadamard, key.powerOfTwo, key.prepsSkipped, key.arch->name);
  func::ReturnOp::create(builder, loc, op.getResults());
}

OwningOpRef<ModuleOp> hipdex::buildIndexerModule(MLIRContext *context,
                                                 const KernelKey &key) {
  OpBuilder builder(context);
  OwningOpRef<ModuleOp> module(ModuleOp::create(builder.getUnknownLoc()));
  builder.setInsertionPointToStart(module->getBody());
  switch (key.op) {
  case hipdex::Op::PagedMqaLogits:
    buildPagedMqaLogits(builder, key);
    break;
  case hipdex::Op::KQuantStore:
    buildKQuantStore(builder, key);
    break;
  case hipdex::Op::KGather:
    buildKGather(builder, key);
    break;
  case hipdex::Op::KMove:
    buildKMove(builder, key);
    break;
  case hipdex::Op::StreamPages:
    buildStreamPages(builder, key);
    break;
  case hipdex::Op::MqaLogits:
    buildMqaLogits(builder, key);
    break;
  case hipdex::Op::PagedMqaPrefill:
    buildPagedMqaPrefill(builder, key);
    break;
  case hipdex::Op::TopK:
    buildTopK(builder, key);
    break;
  case hipdex::Op::QkPrep:
    buildQkPrep(builder, key);
    break;
  }
  return module;
}

void hipdex::buildTilePipeline(OpPassManager &pm) {
  pm.addPass(createIndexerSpecialize());
}

void hipdex::buildGPUPipeline(OpPassManager &pm) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createTileInlineFunctions());
  kernels.addPass(createTileExpandPipelinedFor());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createTileToGPU());
  kernels.addPass(createCanonicalizerPass());
  // The resources of rows, and what a lane adds: once for all steps, the last
  // one included.
  kernels.addPass(createLoopInvariantCodeMotionPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createOrderPipelinedLoop());
}

void hipdex::buildLLVMPipeline(OpPassManager &pm, StringRef chip) {
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createConvertVectorToLLVMPass());
  kernels.addPass(createConvertAMDGPUToROCDLPass(
      ConvertAMDGPUToROCDLPassOptions{chip.str()}));
  ConvertGpuOpsToROCDLOpsOptions options;
  options.chipset = chip.str();
  // Lane, thread and workgroup numbers; addresses are explicit 64-bit.
  options.indexBitwidth = 32;
  options.runtime = gpu::amd::Runtime::HIP;
  kernels.addPass(createConvertGpuOpsToROCDLOps(options));
  kernels.addPass(createReconcileUnrealizedCastsPass());
}

std::string hipdex::printStage(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  OpPrintingFlags flags;
  flags.printNameLocAsPrefix();
  module.print(os, flags);
  os << "\n";
  return text;
}
