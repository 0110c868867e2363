//===- Run.cpp - hipdexc run ----------------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A random problem, or one from a dump, through the C ABI of libhipdex.so on
// a device, compared cell by cell with the float64 reference.
//
//===----------------------------------------------------------------------===//

#include "Commands.h"
#include "Fuzz.h"
#include "KeyOptions.h"
#include "KeySet.h"
#include "RunRows.h"
#include "reference/DeviceProblem.h"
#include "reference/Dump.h"
#include "reference/Gather.h"
#include "reference/LaunchCounters.h"
#include "reference/Move.h"
#include "reference/PagedMqaPrefill.h"
#include "reference/Pipeline.h"
#include "reference/QkPrep.h"
#include "reference/QuantStore.h"
#include "reference/RandomShape.h"
#include "reference/Reference.h"
#include "reference/TopK.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <cstring>
#include <random>

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::runCommand(
    "run", "Run a kernel on a random problem, or on a dump, and check every "
           "cell, or byte, of its result; or all kernels of a model's indexer "
           "(--pipeline)");

template <typename T> using Option = cl::opt<T>;
static cl::sub sub(runCommand);

static KeyOptions keyOptions(runCommand);
static IntegerOption batch("batch", sub, cl::value_desc("N"),
                           cl::desc("Requests (4)"));
static Option<std::string>
    context("context", sub, cl::init("1..1000"), cl::value_desc("LO..HI"),
            cl::desc("Context lengths are random in this range (1..1000); or "
                     "a list of them, one a request"));
static IntegerOption
    width("width", sub, cl::value_desc("N"),
          cl::desc("Columns of a logits row (the longest context); longer "
                   "contexts are cut"));
static IntegerOption
    seed("seed", sub, cl::value_desc("N"),
         cl::desc("What the random numbers follow from (a fresh one)"));
static IntegerOption
    repeat("repeat", sub, cl::value_desc("N"),
           cl::desc("Launches; the last one is checked, the fastest printed "
                    "(1)"));
static Option<std::string> deviceChoice(
    "device", sub, cl::init("auto"), cl::value_desc("auto|emulator|hip"),
    cl::desc("auto (default): HIP if it has such a device, else the emulator"));
static IntegerOption workgroups(
    "workgroups", sub, cl::value_desc("N"),
    cl::desc("Launch so many workgroups, not as many as fill the device"));
static Option<bool> stats("stats", sub,
                          cl::desc("Print what the emulator counted"));
/// Those that are plain integers of ProblemOptions.
static const std::vector<std::unique_ptr<IntegerOption>> shapeOptions = [] {
  std::vector<std::unique_ptr<IntegerOption>> options;
  for (const ProblemOption &option : problemOptions)
    options.push_back(std::make_unique<IntegerOption>(
        llvm::StringRef(option.name), sub, cl::value_desc("N"),
        cl::desc(option.description)));
  return options;
}();
static IntegerOption tokens("tokens", sub, cl::value_desc("N"),
                            cl::desc("k_quant_store: rows of k; k_move: tokens "
                                     "that move; mqa_logits: tokens of K "
                                     "(1000); qk_prep: tokens (100)"));
static IntegerOption
    runTokens("run-tokens", sub, cl::value_desc("N"),
              cl::desc("k_move: tokens that an entry of the lists names (1)"));
static Option<bool>
    shapeOfSeed("random-shape", sub,
                cl::desc("With a KEY of an op other than paged_mqa_logits and "
                         "stream_pages: sizes, strides and what is wrong "
                         "follow from the seed, as --fuzz draws them"));
static IntegerOption
    fuzz("fuzz", sub, cl::value_desc("N"),
         cl::desc("Check N random problems of random keys, on all cores; the "
                  "key's options say which keys, of all ops without --op. Ends "
                  "at the first wrong one with the command that repeats it"));
static Option<bool>
    pipeline("pipeline", sub,
             cl::desc("Run a model's indexer from end to end, in four cache "
                      "layouts and on every architecture without --arch, and "
                      "compare what it selects with a float64 reference"));
static Option<std::string>
    modelName("model", sub, cl::init("deepseek-v3.2"),
              cl::value_desc("deepseek-v3.2|glm-5|deepseek-v4"),
              cl::desc("With --pipeline: whose indexer (deepseek-v3.2)"));
static Option<std::string>
    dumpDirectory("dump", sub, cl::value_desc("DIR"),
                  cl::desc("Write a reproducer (docs/dump-format.md)"));
static Option<std::string>
    loadDirectory("load", sub, cl::value_desc("DIR"),
                  cl::desc("Take problem and kernel from a dump, not from the "
                           "options above"));

namespace {

/// Far above any device, and its waves still fit in int32.
constexpr int64_t maxWorkgroups = 1 << 20;

using Clock = std::chrono::steady_clock;

double microsecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

/// LO..HI, one number for both, or a list.
llvm::Error parseContext(llvm::StringRef text, ProblemOptions &options) {
  auto wrong = [&] {
    return llvm::createStringError(
        "context is \"" + text +
        "\", must be LO..HI with two integers, or integers and commas");
  };
  if (text.contains(',')) {
    for (llvm::StringRef item : llvm::split(text, ','))
      if (item.getAsInteger(10, options.contextLens.emplace_back()))
        return wrong();
    if (!batch.getNumOccurrences())
      return llvm::Error::success();
    return llvm::createStringError(
        "--batch does not go with a list of contexts, which says it");
  }
  auto [low, high] = text.split("..");
  if (!text.contains(".."))
    high = low;
  if (low.getAsInteger(10, options.contextLow) ||
      high.getAsInteger(10, options.contextHigh))
    return wrong();
  return llvm::Error::success();
}

/// The problem of the options.
llvm::Expected<ProblemOptions> readProblem() {
  ProblemOptions options;
  options.batch = 4;
  options.seed = std::random_device{}();
  if (llvm::Error error = readInteger(batch, options.batch))
    return std::move(error);
  if (llvm::Error error = readInteger(seed, options.seed))
    return std::move(error);
  if (llvm::Error error = parseContext(context, options))
    return std::move(error);
  if (width.getNumOccurrences()) {
    if (llvm::Error error = readInteger(width, options.width))
      return std::move(error);
    if (options.width < 0)
      return llvm::createStringError("width is " + llvm::Twine(options.width) +
                                     ", must be at least 0");
  }
  for (auto [option, field] : llvm::zip(shapeOptions, problemOptions)) {
    int64_t &value = options.*field.value;
    if (llvm::Error error = readInteger(*option, value))
      return std::move(error);
    if (value < 0)
      return llvm::createStringError(llvm::Twine(field.name) + " is " +
                                     llvm::Twine(value) +
                                     ", must be at least 0");
  }
  return options;
}

/// The architecture of the options, else of the first device, which is then
/// open.
llvm::Expected<std::string> chooseArch(std::unique_ptr<Device> &device) {
  auto archName = keyOptions.archName();
  if (!archName || !archName->empty())
    return archName;
  if (deviceChoice == "emulator")
    return "gfx950";
  auto first =
      Device::open(deviceChoice == "auto" ? "hip" : deviceChoice.getValue(), 0);
  if (!first) {
    // Said later, by the search for a device of that architecture.
    llvm::consumeError(first.takeError());
    return "gfx950";
  }
  if (!lookupArch((*first)->info().arch))
    return "gfx950";
  device = std::move(*first);
  return device->info().arch;
}

/// What --fuzz and --pipeline decide themselves.
llvm::Error refuseShapes(llvm::StringRef with,
                         std::vector<const cl::Option *> refused) {
  llvm::append_range(refused,
                     std::initializer_list<const cl::Option *>{
                         &batch, &context, &width, &repeat, &workgroups,
                         &tokens, &runTokens, &shapeOfSeed, &dumpDirectory,
                         &loadDirectory, &stats});
  for (const auto &option : shapeOptions)
    refused.push_back(option.get());
  for (const cl::Option *option : refused)
    if (option->getNumOccurrences())
      return llvm::createStringError("--" + option->ArgStr +
                                     " does not go with " + with);
  return llvm::Error::success();
}

llvm::Error runModel() {
  if (!keyOptions.text.empty())
    return llvm::createStringError(
        "a KEY does not go with --pipeline, which has keys of its own");
  if (llvm::Error error = refuseShapes(
          "--pipeline",
          {&fuzz, &keyOptions.pageSize, &keyOptions.headDim,
           &keyOptions.kvBlockSize, &keyOptions.heads, &keyOptions.nextN,
           &keyOptions.op, &keyOptions.tail, &keyOptions.checkTable,
           &keyOptions.contains, &keyOptions.preshuffle}))
    return error;
  auto model = lookupIndexerModel(modelName);
  if (!model)
    return model.takeError();
  uint64_t theSeed = std::random_device{}();
  if (llvm::Error error = readInteger(seed, theSeed))
    return error;
  std::vector<const Arch *> arches;
  if (!keyOptions.arch.empty()) {
    auto parsed = parseArchs(keyOptions.arch);
    if (!parsed)
      return parsed.takeError();
    arches = std::move(*parsed);
  } else if (deviceChoice == "hip") {
    std::unique_ptr<Device> device;
    auto archName = chooseArch(device);
    if (!archName)
      return archName.takeError();
    arches.push_back(lookupArch(*archName));
  } else {
    for (const Arch &arch : archTable())
      arches.push_back(&arch);
  }
  return runPipelines(*model, theSeed, arches, deviceChoice, llvm::outs());
}

/// --fuzz draws what these say.
llvm::Error fuzzProblems() {
  if (llvm::Error error = refuseShapes("--fuzz", {}))
    return error;
  int64_t count = 0;
  if (llvm::Error error = readInteger(fuzz, count))
    return error;
  if (count < 1)
    return llvm::createStringError("fuzz is " + llvm::Twine(count) +
                                   ", must be at least 1");
  uint64_t firstSeed = std::random_device{}();
  if (llvm::Error error = readInteger(seed, firstSeed))
    return error;
  std::unique_ptr<Device> device;
  auto archName = chooseArch(device);
  if (!archName)
    return archName.takeError();
  auto keys = keyOptions.keys(*archName);
  if (!keys)
    return keys.takeError();
  device.reset();
  return runFuzz(count, firstSeed, std::move(*keys), deviceChoice);
}

/// A random problem of an op on K rows, as the options say.
llvm::Expected<std::unique_ptr<RowProblem>> drawRows(const KernelKey &key) {
  if (llvm::Error error = key.validate())
    return std::move(error);
  std::vector<const cl::Option *> refused = {&context, &width};
  if ((key.op != Op::KQuantStore && key.op != Op::KMove &&
       key.op != Op::MqaLogits && key.op != Op::QkPrep) ||
      shapeOfSeed)
    refused.push_back(&tokens);
  if (key.op != Op::KMove || shapeOfSeed)
    refused.push_back(&runTokens);
  if ((key.op != Op::KGather && key.op != Op::PagedMqaPrefill) || shapeOfSeed)
    refused.push_back(&batch);
  for (const auto &option : shapeOptions)
    refused.push_back(option.get());
  for (const cl::Option *option : refused)
    if (option->getNumOccurrences())
      return llvm::createStringError(
          "--" + option->ArgStr + " does not go with a " + opName(key.op) +
          " key" + (shapeOfSeed ? " and --random-shape" : ""));
  uint64_t theSeed = std::random_device{}();
  if (llvm::Error error = readInteger(seed, theSeed))
    return std::move(error);
  auto inRange = [](llvm::StringRef name, int64_t value,
                    int64_t most) -> llvm::Error {
    if (value >= 0 && value <= most)
      return llvm::Error::success();
    return llvm::createStringError(name + " is " + llvm::Twine(value) +
                                   ", must be in 0.." + llvm::Twine(most));
  };
  if (shapeOfSeed)
    return RowProblem::random(key, theSeed);
  int64_t tokenCount = 1000;
  if (llvm::Error error = readInteger(tokens, tokenCount))
    return std::move(error);
  if (llvm::Error error = inRange("tokens", tokenCount, 1 << 24))
    return std::move(error);
  // Some of everything that can go wrong.
  switch (key.op) {
  case Op::KQuantStore: {
    QuantStoreOptions options;
    options.tokens = tokenCount;
    options.seed = theSeed;
    options.skipped = options.outOfRange = options.notFinite = 5;
    // Room for slots that stay as they are.
    options.numPages = llvm::divideCeil(options.tokens, key.pageSize) + 2;
    auto problem = QuantStoreProblem::random(key, options);
    if (!problem)
      return problem.takeError();
    return std::make_unique<QuantStoreProblem>(std::move(*problem));
  }
  case Op::KGather: {
    GatherOptions options;
    options.batch = 4;
    options.longest = 1000;
    options.seed = theSeed;
    options.invalidEntries = options.rowsBefore = options.rowsAfter = 5;
    if (llvm::Error error = readInteger(batch, options.batch))
      return std::move(error);
    if (llvm::Error error = inRange("batch", options.batch, 1 << 14))
      return std::move(error);
    return std::make_unique<GatherProblem>(GatherProblem::random(key, options));
  }
  case Op::KMove: {
    MoveOptions options;
    options.seed = theSeed;
    options.skipped = options.outOfRange = 5;
    if (llvm::Error error = readInteger(runTokens, options.runTokens))
      return std::move(error);
    if (options.runTokens > 1 << 16 || !llvm::isPowerOf2_64(options.runTokens))
      return llvm::createStringError("run-tokens is " +
                                     llvm::Twine(options.runTokens) +
                                     ", must be a power of two in 1..65536");
    options.entries = llvm::divideCeil(tokenCount, options.runTokens);
    auto problem = MoveProblem::random(key, options);
    if (!problem)
      return problem.takeError();
    return std::make_unique<MoveProblem>(std::move(*problem));
  }
  case Op::MqaLogits: {
    MqaLogitsOptions options;
    options.rows = 100;
    options.tokens = 1000;
    options.seed = theSeed;
    if (llvm::Error error = readInteger(tokens, options.tokens))
      return std::move(error);
    if (llvm::Error error = inRange("tokens", options.tokens, 1 << 20))
      return std::move(error);
    return std::make_unique<MqaLogitsProblem>(
        MqaLogitsProblem::random(key, options));
  }
  case Op::QkPrep: {
    QkPrepOptions options;
    options.store.tokens = 100;
    options.store.seed = theSeed;
    options.store.skipped = options.store.outOfRange = options.store.notFinite =
        5;
    options.outOfTables = options.notFinite = 5;
    options.maxPositions = 1000;
    if (llvm::Error error = readInteger(tokens, options.store.tokens))
      return std::move(error);
    if (llvm::Error error = inRange("tokens", options.store.tokens, 1 << 20))
      return std::move(error);
    options.store.numPages =
        llvm::divideCeil(options.store.tokens, key.pageSize) + 2;
    auto problem = QkPrepProblem::random(key, options);
    if (!problem)
      return problem.takeError();
    return std::make_unique<QkPrepProblem>(std::move(*problem));
  }
  case Op::PagedMqaPrefill: {
    PagedMqaPrefillOptions options;
    options.rows.rows = 100;
    options.rows.tokens = 1000;
    options.rows.seed = theSeed;
    options.batch = 4;
    options.noRequest = 5;
    options.invalidEntries = key.checkTable ? 5 : 0;
    if (llvm::Error error = readInteger(batch, options.batch))
      return std::move(error);
    if (llvm::Error error = inRange("batch", options.batch, 1 << 10))
      return std::move(error);
    return std::make_unique<PagedMqaPrefillProblem>(
        PagedMqaPrefillProblem::random(key, options));
  }
  case Op::TopK: {
    TopKOptions options;
    options.seed = theSeed;
    options.width = 20000;
    options.k = 2048;
    options.nextN = key.windows ? 1 : 2;
    options.invalidEntries = options.noRequest = 5;
    return std::make_unique<TopKProblem>(TopKProblem::random(key, options));
  }
  case Op::PagedMqaLogits:
  case Op::StreamPages:
    break;
  }
  llvm_unreachable("not on K rows");
}

/// All that the options say of a problem of an op on K rows.
llvm::Error runRows(const KernelKey &key, Dump *loaded) {
  for (const cl::Option *option :
       std::initializer_list<const cl::Option *>{&repeat, &workgroups})
    if (option->getNumOccurrences())
      return llvm::createStringError("--" + option->ArgStr +
                                     " does not go with a " + opName(key.op) +
                                     " key");
  Dump dump;
  if (loaded) {
    dump = std::move(*loaded);
  } else {
    auto problem = drawRows(key);
    if (!problem)
      return problem.takeError();
    dump.rows = std::move(*problem);
  }
  return runRowProblem(dump, deviceChoice, stats, dumpDirectory);
}

/// Whether the KEY, if there is one, may have the dump's cache.
llvm::Error checkDumpKey(const KernelKey &dumped) {
  if (keyOptions.text.empty())
    return llvm::Error::success();
  auto key = KernelKey::parse(keyOptions.text);
  if (!key)
    return key.takeError();
  auto compare = [](llvm::StringRef name, const CacheLayout &dumped,
                    const CacheLayout &wanted) -> llvm::Error {
    if (dumped == wanted)
      return llvm::Error::success();
    return llvm::createStringError("the dump's " + name + " has " +
                                   dumped.str() + ", the kernel's is " +
                                   wanted.str());
  };
  if (dumped.hasCache() && key->hasCache())
    if (llvm::Error error = compare("cache", dumped.layout(), key->layout()))
      return error;
  if (dumped.op == Op::KMove && key->op == Op::KMove)
    if (llvm::Error error =
            compare("target cache", dumped.targetLayout(), key->targetLayout()))
      return error;
  if (!(*key == dumped))
    return llvm::createStringError("the dump is of " + dumped.str() +
                                   ", not of " + key->str());
  return llvm::Error::success();
}

/// A line of the table.
llvm::raw_ostream &line(llvm::StringRef name) {
  return llvm::outs() << llvm::left_justify(name, 18);
}

} // namespace

llvm::Error hipdex::runRun() {
  if (auto archName = keyOptions.archName(); !archName)
    return archName.takeError();
  if (pipeline)
    return runModel();
  if (modelName.getNumOccurrences())
    return llvm::createStringError("--model needs --pipeline");
  if (fuzz.getNumOccurrences())
    return fuzzProblems();
  if (!dumpDirectory.empty())
    if (llvm::Error error = Dump::checkTarget(dumpDirectory))
      return error;
  Dump dump;
  bool loaded = !loadDirectory.empty();
  if (loaded) {
    auto read = Dump::load(loadDirectory);
    if (!read)
      return read.takeError();
    dump = std::move(*read);
    if (llvm::Error error = checkDumpKey(dump.key()))
      return error;
    if (dump.rows)
      return runRows(KernelKey(dump.key()), &dump);
  } else if (!keyOptions.text.empty()) {
    auto parsed = KernelKey::parse(keyOptions.text);
    if (!parsed)
      return parsed.takeError();
    if (!Problem::isOf(parsed->op))
      return runRows(*parsed, nullptr);
  }
  for (const cl::Option *option : std::initializer_list<const cl::Option *>{
           &tokens, &runTokens, &shapeOfSeed})
    if (option->getNumOccurrences())
      return llvm::createStringError("--" + option->ArgStr +
                                     " needs a KEY of an op other than "
                                     "paged_mqa_logits and stream_pages");
  int64_t launches = 1;
  if (llvm::Error error = readInteger(repeat, launches))
    return error;
  if (launches < 1)
    return llvm::createStringError("repeat is " + llvm::Twine(launches) +
                                   ", must be at least 1");
  std::optional<uint32_t> grid;
  if (workgroups.getNumOccurrences()) {
    int64_t count = 0;
    if (llvm::Error error = readInteger(workgroups, count))
      return error;
    if (count < 1 || count > maxWorkgroups)
      return llvm::createStringError("workgroups is " + llvm::Twine(count) +
                                     ", must be in 1.." +
                                     llvm::Twine(maxWorkgroups));
    grid = count;
  }

  // The problem. Bad options are refused before any device is opened; without
  // --arch the device has the say.
  Problem &problem = dump.problem;
  std::unique_ptr<Device> device;
  std::vector<float> loadedLogits;
  if (loaded) {
    loadedLogits = std::move(dump.logits);
  } else {
    auto archName = chooseArch(device);
    if (!archName)
      return archName.takeError();
    auto key = keyOptions.key(*archName);
    if (!key)
      return key.takeError();
    auto options = readProblem();
    if (!options)
      return options.takeError();
    auto random = Problem::random(*key, *options);
    if (!random)
      return random.takeError();
    problem = std::move(*random);
  }
  const KernelKey &key = problem.key;

  if (!device) {
    auto chosen = Device::choose(deviceChoice, key.arch->name);
    if (!chosen)
      return chosen.takeError();
    device = std::move(*chosen);
  }
  if (stats && !device->isEmulator())
    return llvm::createStringError(
        "--stats needs the emulator, the device is " +
        llvm::Twine(device->info().name));

  int64_t longest = 0, shortest = problem.batch ? INT64_MAX : 0, tokens = 0;
  for (int64_t b = 0; b < problem.batch; ++b) {
    longest = std::max<int64_t>(longest, problem.contextLen(b));
    shortest = std::min<int64_t>(shortest, problem.contextLen(b));
    tokens += problem.contextLen(b);
  }
  line("device") << device->describe();
  if (device->isEmulator() && deviceChoice == "auto")
    llvm::outs() << " (HIP has no such device: hipdexc devices)";
  llvm::outs() << "\n";
  line("key") << key.str() << "\n";
  line("seed") << problem.seed << "\n";
  line("problem") << problem.batch << " requests, contexts " << shortest << ".."
                  << longest << ", " << tokens << " tokens, "
                  << problem.numPages << " pages\n";
  llvm::outs().flush();

  // The kernel.
  const hipdex_kernel *kernel = nullptr;
  Clock::time_point start = Clock::now();
  double compileMicroseconds, lookupMicroseconds;
  if (loaded) {
    if (hipdex_load_kernel(
            device->context(), dump.codeObject.data(), dump.codeObject.size(),
            dump.metadata.toJSON().c_str(), &kernel) != HIPDEX_SUCCESS)
      return Device::lastError();
    compileMicroseconds = microsecondsSince(start);
    lookupMicroseconds = 0;
  } else {
    std::string keyText = key.str();
    auto get = [&] {
      return hipdex_get_kernel(device->context(), keyText.c_str(), &kernel);
    };
    if (get() != HIPDEX_SUCCESS)
      return Device::lastError();
    compileMicroseconds = microsecondsSince(start);
    // A cache that is broken costs a compilation in every process.
    if (llvm::StringRef warning = hipdex_last_message(); !warning.empty())
      reportWarning(warning);
    start = Clock::now();
    if (get() != HIPDEX_SUCCESS)
      return Device::lastError();
    lookupMicroseconds = microsecondsSince(start);
    auto metadata = KernelMetadata::fromJSON(hipdex_kernel_metadata(kernel));
    if (!metadata)
      return metadata.takeError();
    dump.metadata = std::move(*metadata);
    size_t size = 0;
    const void *code = hipdex_kernel_code_object(kernel, &size);
    dump.codeObject.assign(static_cast<const char *>(code), size);
  }
  hipdex_counters cacheCounters = {};
  cacheCounters.struct_size = sizeof(cacheCounters);
  if (hipdex_get_counters(device->context(), &cacheCounters) != HIPDEX_SUCCESS)
    return Device::lastError();

  // The launches.
  auto placed = DeviceProblem::create(*device, problem);
  if (!placed)
    return placed.takeError();
  DeviceProblem &operands = **placed;
  auto packed = operands.describe(kernel, grid);
  if (!packed)
    return packed.takeError();
  dump.launch = *packed;

  LaunchCounters counters;
  double launchMicroseconds = 0;
  for (int64_t i = 0; i < launches; ++i) {
    if (i > 0)
      if (llvm::Error error = operands.poisonLogits())
        return error;
    if (stats)
      if (llvm::Error error = counters.start(*device, operands.args.cache))
        return error;
    start = Clock::now();
    if (llvm::Error error =
            grid ? operands.launch(kernel, *packed) : operands.launch(kernel))
      return error;
    double elapsed = microsecondsSince(start);
    launchMicroseconds =
        i == 0 ? elapsed : std::min(launchMicroseconds, elapsed);
    if (stats)
      if (llvm::Error error = counters.finish(*device))
        return error;
  }
  auto logits = operands.downloadLogits();
  if (!logits)
    return logits.takeError();
  dump.logits = std::move(*logits);
  Comparison result = compare(problem, dump.logits);

  if (!dumpDirectory.empty())
    if (llvm::Error error = dump.write(dumpDirectory))
      return error;

  // The rest of the table.
  line(loaded                   ? "load"
       : cacheCounters.compiles ? "compile"
                                : "disk cache")
      << llvm::format("%.1f ms\n", compileMicroseconds / 1000);
  if (!loaded)
    line("second lookup") << llvm::format("%.2f us\n", lookupMicroseconds);
  line("grid") << packed->workgroups << " workgroups of " << packed->threads
               << " threads\n";
  line("launch") << llvm::format("%.2f ms", launchMicroseconds / 1000)
                 << (device->isEmulator() ? " (emulator time)\n" : "\n");
  line("cells checked") << result.cells << " written, " << result.untouched
                        << " untouched\n";
  if (key.op == Op::PagedMqaLogits)
    line("worst error") << llvm::format(
        "%.2e of the magnitude (allowed %.0e)\n", result.worst,
        Comparison::tolerance);
  if (loaded)
    line("dumped logits") << (loadedLogits.size() == dump.logits.size() &&
                                      std::memcmp(loadedLogits.data(),
                                                  dump.logits.data(),
                                                  loadedLogits.size() *
                                                      sizeof(float)) == 0
                                  ? "bit-identical\n"
                                  : "different\n");
  if (!dumpDirectory.empty())
    line("dump") << dumpDirectory << "\n";
  if (stats) {
    counters.print(llvm::outs(), tokens);
    counters.printKeys(llvm::outs(), problem);
  }

  if (!result.passed())
    return llvm::createStringError(
        llvm::Twine(result.wrong) + " of " +
        llvm::Twine(result.cells + result.untouched) +
        " cells are wrong; first: " + result.firstWrong);
  return llvm::Error::success();
}
