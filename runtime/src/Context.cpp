//===- Context.cpp - One device, its kernels and its caches ---------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Context.h.
//
//===----------------------------------------------------------------------===//

#include "src/Context.h"
#include "src/CompilerLibrary.h"
#include "src/HiprtcCompiler.h"
#include "src/Status.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace hipdex;
using namespace hipdex::runtime;

/// The string in a field that may lack its terminator.
template <size_t size>
static std::string fieldString(const char (&field)[size]) {
  return std::string(field, strnlen(field, size));
}

llvm::Error Context::askDevice() {
  int count = 0;
  hipError_t result = hipLibrary.hipGetDeviceCount(&count);
  // Debian's libamdhip64-5 without a GPU answers hipErrorNoDevice; others say
  // that there are 0.
  if (result == hipErrorNoDevice || result == hipErrorInsufficientDriver ||
      (result == hipSuccess && count == 0)) {
    if (result != hipSuccess)
      hipLibrary.hipGetLastError();
    return makeError(HIPDEX_ERROR_NO_DEVICE,
                     "HIP library " + hipLibrary.name() + " finds no device");
  }
  if (llvm::Error error = hipLibrary.check(result, "hipGetDeviceCount"))
    return error;
  if (device < 0 || device >= count)
    return makeError(HIPDEX_ERROR_NO_DEVICE,
                     "device is " + llvm::Twine(device) + ", must be in 0.." +
                         llvm::Twine(count - 1));

  if (llvm::Error error = hipLibrary.check(
          hipLibrary.hipDeviceGetAttribute(
              &computeUnitCount, attributeMultiprocessorCount, device),
          "hipDeviceGetAttribute"))
    return error;
  if (computeUnitCount <= 0)
    return makeError(HIPDEX_ERROR_HIP,
                     "HIP says that device " + llvm::Twine(device) + " has " +
                         llvm::Twine(computeUnitCount) + " compute units");

  // See HipTypes.h for why there are two.
  std::string fullArch;
  if (hipLibrary.hipGetDevicePropertiesR0600) {
    DevicePropertiesR0600 properties = {};
    if (llvm::Error error = hipLibrary.check(
            hipLibrary.hipGetDevicePropertiesR0600(&properties, device),
            "hipGetDevicePropertiesR0600"))
      return error;
    name = fieldString(properties.name);
    fullArch = fieldString(properties.gcnArchName);
  } else {
    DevicePropertiesR0000 properties = {};
    if (llvm::Error error = hipLibrary.check(
            hipLibrary.hipGetDeviceProperties(&properties, device),
            "hipGetDeviceProperties"))
      return error;
    name = fieldString(properties.name);
    fullArch = fieldString(properties.gcnArchName);
  }
  archName = llvm::StringRef(fullArch).split(':').first.str();
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Settings
//===----------------------------------------------------------------------===//

/// The environment's value, or nothing if it is unset or empty.
static llvm::StringRef environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

static llvm::Error badSetting(llvm::StringRef name, llvm::StringRef value,
                              llvm::StringRef allowed) {
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                   name + " is \"" + value + "\", must be " + allowed);
}

/// HIPDEX_CACHE_LIMIT: bytes, with K, M or G for powers of 1024.
static llvm::Expected<uint64_t> cacheLimitOr(uint64_t given) {
  llvm::StringRef text = environment("HIPDEX_CACHE_LIMIT");
  if (given || text.empty())
    return given ? given : DiskCache::defaultLimit;
  llvm::StringRef digits = text;
  unsigned shift = digits.consume_back("K")   ? 10
                   : digits.consume_back("M") ? 20
                   : digits.consume_back("G") ? 30
                                              : 0;
  uint64_t number = 0;
  if (digits.getAsInteger(10, number) || number == 0 ||
      number > (UINT64_MAX >> shift))
    return badSetting("HIPDEX_CACHE_LIMIT", text,
                      "a number of bytes above 0, or one with K, M or G");
  return number << shift;
}

static llvm::Expected<uint64_t> jitFlags() {
  llvm::StringRef text = environment("HIPDEX_JIT");
  if (text.empty() || text == "on")
    return 0;
  if (text == "prepare")
    return HIPDEX_CONTEXT_STRICT;
  if (text == "off")
    return HIPDEX_CONTEXT_STRICT | HIPDEX_CONTEXT_NO_JIT;
  return badSetting("HIPDEX_JIT", text, "on, prepare or off");
}

/// A full disk would otherwise be said with every kernel.
void Context::warnOnce(Step &step, const llvm::Twine &message,
                       Resolution &resolution) {
  if (step.warned.exchange(true))
    return;
  resolution.warn(message);
  if (&step == diskStep)
    resolution.warn("kernels stay in memory only");
}

void Context::addSource(std::shared_ptr<KernelSource> source) {
  steps.push_back(std::make_unique<Step>());
  steps.back()->source = std::move(source);
}

/// Adds the bundles of a list of folders with ":" between them.
llvm::Error Context::addBundles(llvm::StringRef path,
                                llvm::StringRef publicKeys,
                                std::vector<std::shared_ptr<Bundle>> &texts) {
  llvm::SmallVector<llvm::StringRef> folders;
  path.split(folders, ':', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (llvm::StringRef folder : folders) {
    llvm::Expected<std::shared_ptr<Bundle>> bundle =
        openBundle(folder, publicKeys);
    if (!bundle)
      return bundle.takeError();
    if ((*bundle)->contents() == BundleContents::HipSource)
      texts.push_back(std::move(*bundle));
    else
      addSource(std::move(*bundle));
  }
  return llvm::Error::success();
}

llvm::Error
Context::chooseCompiler(const char *given,
                        std::vector<std::shared_ptr<Bundle>> texts) {
  llvm::StringRef setting = "options.compiler";
  llvm::StringRef choice = given ? given : "";
  if (choice.empty()) {
    setting = "HIPDEX_COMPILER";
    choice = environment("HIPDEX_COMPILER");
  }
  if (choice == "hiprtc") {
    auto opened = HiprtcCompiler::open(archName, std::move(texts));
    if (!opened)
      return opened.takeError();
    compiler = std::move(*opened);
    return llvm::Error::success();
  }
  if (!choice.empty() && choice != "hipdex")
    return badSetting(setting, choice, "hipdex or hiprtc");
  if (!texts.empty())
    return makeError(HIPDEX_ERROR_CODE_OBJECT,
                     texts.front()->name() +
                         " holds HIP C++ source and no code objects; build it "
                         "with the CMakeLists.txt in it, and name the folder "
                         "kernels of that build, or have the ROCm here compile "
                         "it with HIPDEX_COMPILER=hiprtc");
  compiler = std::make_unique<CompilerLibrary>();
  return llvm::Error::success();
}

// The resolution order.
llvm::Error Context::addSources(const hipdex_context_options &options) {
  llvm::StringRef publicKeys = options.bundle_public_key;
  // Nor does "" turn off what the environment asks for.
  if (publicKeys.empty())
    publicKeys = environment("HIPDEX_BUNDLE_PUBLIC_KEY");
  std::vector<std::shared_ptr<Bundle>> texts;
  if (options.bundle_path)
    if (llvm::Error error = addBundles(options.bundle_path, publicKeys, texts))
      return error;
  auto embedded = embeddedBundles();
  if (!embedded)
    return embedded.takeError();
  for (std::shared_ptr<Bundle> &bundle : *embedded)
    addSource(std::move(bundle));
  if (llvm::Error error =
          addBundles(environment("HIPDEX_BUNDLE_PATH"), publicKeys, texts))
    return error;
  if (llvm::Error error = chooseCompiler(options.compiler, std::move(texts)))
    return error;

  bundleCount = steps.size();
  llvm::Expected<uint64_t> limit = cacheLimitOr(options.cache_limit_bytes);
  if (!limit)
    return limit.takeError();
  using Access = CacheDirectory::Access;
  std::string directory = cacheDirectoryOr(options.cache_dir);
  if (!directory.empty()) {
    diskCache = std::make_shared<DiskCache>(std::move(directory),
                                            Access::Private, *limit);
    addSource(diskCache);
    diskStep = steps.back().get();
  }
  std::string lower = options.cache_lower_dir
                          ? options.cache_lower_dir
                          : environment("HIPDEX_CACHE_LOWER_DIR").str();
  if (!lower.empty())
    addSource(std::make_shared<DiskCache>(std::move(lower), Access::ReadOnly));
  llvm::StringRef url = options.http_cache ? options.http_cache
                                           : environment("HIPDEX_HTTP_CACHE");
  if (url.empty())
    return llvm::Error::success();
  llvm::StringRef mode = environment("HIPDEX_HTTP_CACHE_MODE");
  if (!mode.empty() && mode != "read" && mode != "readwrite")
    return badSetting("HIPDEX_HTTP_CACHE_MODE", mode, "read or readwrite");
  auto opened = HttpCache::open(
      url, mode == "read" || (options.flags & HIPDEX_CONTEXT_HTTP_READ_ONLY));
  if (!opened)
    return opened.takeError();
  httpCache = std::move(*opened);
  addSource(httpCache);
  httpStep = steps.back().get();
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<Context>>
Context::create(const hipdex_context_options &options) {
  const char *provider = options.provider;
  if (!provider)
    provider = std::getenv("HIPDEX_DEVICE");
  if (!provider || !*provider)
    provider = "hip";
  llvm::Expected<uint64_t> jit = jitFlags();
  if (!jit)
    return jit.takeError();
  constexpr uint64_t allFlags = HIPDEX_CONTEXT_STRICT | HIPDEX_CONTEXT_NO_JIT |
                                HIPDEX_CONTEXT_HTTP_READ_ONLY;
  if (options.flags & ~allFlags)
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "options.flags is 0x" + llvm::utohexstr(options.flags) +
                         ", known are 0x" + llvm::utohexstr(allFlags));
  llvm::StringRef log = environment("HIPDEX_LOG");
  if (!log.empty() && log != "resolve")
    return badSetting("HIPDEX_LOG", log, "resolve");

  llvm::Expected<HipLibrary> hip = HipLibrary::open(provider);
  if (!hip)
    return hip.takeError();
  std::unique_ptr<Context> context(
      new Context(std::move(*hip), options.device));
  context->flags = options.flags | *jit;
  context->isTraced = !log.empty();
  if (llvm::Error error = context->askDevice())
    return std::move(error);
  if (llvm::Error error = context->addSources(options))
    return std::move(error);
  return context;
}

//===----------------------------------------------------------------------===//
// Resolution
//===----------------------------------------------------------------------===//

void Resolution::warn(const llvm::Twine &text) {
  if (!warning.empty())
    warning += "; ";
  warning += text.str();
}

llvm::Error Context::checkProcess() const {
  if (LLVM_LIKELY(!processState.isForked()))
    return llvm::Error::success();
  return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                   "the context is of another process, of which this one was "
                   "forked: make a context here");
}

/// One line a step, in one write, so that lines of threads do not mix.
void Context::trace(llvm::StringRef keyText, const llvm::Twine &step) const {
  if (!isTraced)
    return;
  std::string line = ("hipdex: resolve " + keyText + ": " + step + "\n").str();
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

bool Context::mayCompile(Caller caller) const {
  return !(flags & HIPDEX_CONTEXT_NO_JIT) &&
         (caller == Caller::Prepare || !(flags & HIPDEX_CONTEXT_STRICT));
}

llvm::Error Context::notFound(llvm::StringRef keyText,
                              llvm::StringRef rejected) const {
  std::string asked;
  for (const std::unique_ptr<Step> &step : steps)
    asked += (asked.empty() ? "" : ", ") + step->source->name();
  return makeError(
      HIPDEX_ERROR_NOT_FOUND,
      "no kernel for " + keyText + " in " +
          (asked.empty() ? "memory" : "memory, " + asked) + ", and " +
          (flags & HIPDEX_CONTEXT_NO_JIT ? "compiling is off"
                                         : "only hipdex_prepare() compiles") +
          "; this makes it: hipdexc bundle --key " + keyText +
          " -o DIR, to be found with HIPDEX_BUNDLE_PATH=DIR" +
          (rejected.empty() ? "" : " (" + rejected + ")"));
}

llvm::Expected<const Kernel *>
Context::getKernel(llvm::StringRef key, Caller caller, Resolution &resolution) {
  if (llvm::Error error = checkProcess())
    return std::move(error);
  if (const Kernel *kernel = kernels.find(key)) {
    ++memoryHits;
    resolution.source = "memory";
    return kernel;
  }
  for (;;) {
    resolution.source = "memory"; // if another thread is at it
    bool isOurs = false;
    llvm::Expected<const Kernel *> kernel = kernels.findOrBuild(key, [&] {
      isOurs = true;
      return build(key, caller, resolution);
    });
    if (kernel || isOurs)
      return kernel;
    auto [status, message] = takeStatus(kernel.takeError());
    // The other thread may have been one that is not allowed to compile.
    if (status != HIPDEX_ERROR_NOT_FOUND || !mayCompile(caller))
      return makeError(status, message);
  }
}

template <typename Cache>
void Context::store(Cache &cache, Step &step, const Action &action,
                    const Kernel &kernel, Resolution &resolution) {
  llvm::Error error = cache.store(action, kernel.compiled);
  if (!error)
    return;
  std::string message = llvm::toString(std::move(error));
  ++storeFailures;
  trace(action.key, cache.name() + ": not stored: " + message);
  warnOnce(step, message, resolution);
}

/// The kernel that \p step has; null if it has none that can be used. What is
/// wrong there is said and counted the first time.
llvm::Expected<std::unique_ptr<Kernel>>
Context::loadFrom(Step &step, const Action &action, Resolution &resolution,
                  bool isFirstLook) {
  KernelSource &source = *step.source;
  const llvm::StringRef keyText = action.key;
  const bool isDisk = source.kind() == KernelSource::Kind::Disk;
  const bool isHttp = source.kind() == KernelSource::Kind::Http;
  auto reject = [&](const llvm::Twine &reason) {
    if (!isFirstLook)
      return nullptr;
    trace(keyText, source.name() + ": rejected: " + reason);
    ++(isDisk ? diskRejects : isHttp ? httpRejects : bundleRejects);
    // A message about an entry begins with its path.
    resolution.warn(reason + (isDisk ? "; built again" : "; passed over"));
    return nullptr;
  };

  llvm::Expected<std::optional<CompiledKernel>> found = source.find(action);
  if (!found) {
    auto [status, message] = takeStatus(found.takeError());
    if (status == HIPDEX_ERROR_CODE_OBJECT)
      return reject(message);
    trace(keyText, source.name() + ": cannot be used: " + message);
    warnOnce(step, message, resolution);
    return nullptr;
  }
  if (!*found) {
    trace(keyText, source.name() + ": miss");
    return nullptr;
  }
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      Kernel::load(*this, std::move(**found));
  if (!kernel) {
    auto [status, message] = takeStatus(kernel.takeError());
    // Only contents can be had from elsewhere; HIP's failures would come again.
    if (status != HIPDEX_ERROR_CODE_OBJECT) {
      trace(keyText, source.name() + ": " + message);
      return makeError(status, message);
    }
    return reject(source.name() + ": kernel " + keyText + ": " + message);
  }
  if ((*kernel)->metadata.key != keyText)
    return reject(source.name() + ": kernel " + keyText + ": is of key " +
                  (*kernel)->metadata.key);
  trace(keyText, source.name() + ": hit");
  switch (source.kind()) {
  case KernelSource::Kind::Embedded:
    ++embeddedHits;
    resolution.source = "embedded";
    break;
  case KernelSource::Kind::Bundle:
    ++bundleHits;
    resolution.source = "bundle";
    break;
  case KernelSource::Kind::Disk:
    ++diskHits;
    resolution.source = "disk";
    break;
  case KernelSource::Kind::Http:
    ++httpHits;
    resolution.source = "http";
    // Once over the network is enough.
    if (diskCache)
      store(*diskCache, *diskStep, action, **kernel, resolution);
    break;
  }
  return kernel;
}

llvm::Expected<std::unique_ptr<Kernel>>
Context::compile(const Action &action, Resolution &resolution, FileLock lock) {
  llvm::Expected<CompiledKernel> compiled = compiler->compile(action.key);
  if (!compiled)
    return compiled.takeError();
  ++compiles;
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      Kernel::load(*this, std::move(*compiled));
  if (!kernel)
    return kernel.takeError();
  if ((*kernel)->metadata.key != action.key)
    return makeError(HIPDEX_ERROR_COMPILER, "the compiler was asked for " +
                                                action.key + " and made " +
                                                (*kernel)->metadata.key);
  resolution.source = "compiler";
  // Only what loaded is worth keeping. A cache that cannot be written is slow,
  // not wrong.
  if (diskCache) {
    // From here on others find it: they must not wait for the network.
    FileLock released = std::move(lock);
    store(*diskCache, *diskStep, action, **kernel, resolution);
  }
  if (httpCache)
    store(*httpCache, *httpStep, action, **kernel, resolution);
  return kernel;
}

llvm::Expected<std::unique_ptr<Kernel>>
Context::build(llvm::StringRef keyText, Caller caller, Resolution &resolution) {
  llvm::Expected<KernelKey> key = KernelKey::parse(keyText);
  if (!key)
    return key.takeError();
  if (llvm::Error error = key->validate())
    return std::move(error);
  if (key->arch->name != archName)
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "key \"" + keyText + "\" is for " + key->arch->name +
                         ", the device is " + archName);
  // Sources go by the text, so there must be one text.
  if (std::string canonical = key->str(); canonical != keyText)
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "key \"" + keyText + "\" must be written \"" + canonical +
                         "\"");

  auto look =
      [&](llvm::ArrayRef<std::unique_ptr<Step>> sources,
          const Action &action) -> llvm::Expected<std::unique_ptr<Kernel>> {
    for (const std::unique_ptr<Step> &step : sources) {
      llvm::Expected<std::unique_ptr<Kernel>> kernel =
          loadFrom(*step, action, resolution, /*isFirstLook=*/true);
      if (!kernel || *kernel)
        return kernel;
    }
    return nullptr;
  };
  llvm::ArrayRef<std::unique_ptr<Step>> all(steps);
  llvm::Expected<std::unique_ptr<Kernel>> found =
      look(all.take_front(bundleCount), Action::of(keyText));
  if (!found || *found)
    return found;
  llvm::Expected<Action> made = compiler->action(keyText);
  if (!made) {
    trace(keyText, compiler->name() + ": cannot make it");
    return made.takeError();
  }
  const Action &action = *made;
  found = look(all.drop_front(bundleCount), action);
  if (!found || *found)
    return found;
  if (!mayCompile(caller)) {
    trace(keyText, compiler->name() + ": may not be used");
    return notFound(keyText, resolution.warning);
  }
  std::unique_lock<std::mutex> turn = compiler->turn();
  FileLock lock;
  if (diskCache) {
    // Several processes that start together want the same kernels. Who waits
    // looks for what the other is making.
    constexpr std::chrono::seconds patience(10);
    lock = diskCache->lock(action, std::chrono::milliseconds(0));
    if (!lock) {
      ++lockWaits;
      trace(keyText, diskCache->name() + ": another process compiles it");
      lock = diskCache->lock(action, patience);
      if (!lock)
        ++lockTimeouts;
    }
    // It may have been published since the miss.
    llvm::Expected<std::unique_ptr<Kernel>> kernel =
        loadFrom(*diskStep, action, resolution, /*isFirstLook=*/false);
    if (!kernel || *kernel)
      return kernel;
  }
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      compile(action, resolution, std::move(lock));
  trace(keyText, compiler->name() + (kernel ? ": compiled" : ": failed"));
  return kernel;
}

llvm::Expected<const Kernel *> Context::loadKernel(CompiledKernel compiled) {
  if (llvm::Error error = checkProcess())
    return std::move(error);
  llvm::Expected<std::unique_ptr<Kernel>> kernel =
      Kernel::load(*this, std::move(compiled));
  if (!kernel)
    return kernel.takeError();
  std::lock_guard<std::mutex> lock(loadedMutex);
  loaded.push_back(std::move(*kernel));
  return loaded.back().get();
}

llvm::Expected<Context::Answer> Context::canRun(Context *context,
                                                llvm::StringRef keyText) {
  llvm::Expected<KernelKey> key = KernelKey::parse(keyText);
  if (!key)
    return key.takeError();
  Answer answer;
  llvm::handleAllErrors(
      key->validate(),
      [&](const UnsupportedKey &why) {
        answer = {why.constraint, why.nearest};
      },
      [&](const llvm::ErrorInfoBase &why) {
        answer = {why.message(), key->nearestSupported().str()};
      });
  if (!answer.constraint.empty() || !context)
    return answer;
  if (llvm::Error error = context->checkProcess())
    return std::move(error);
  if (key->arch->name != context->archName) {
    KernelKey here = *key;
    here.arch = lookupArch(context->archName);
    answer.constraint =
        ("arch is " + key->arch->name + ", the device is " + context->archName)
            .str();
    if (here.arch) {
      here.fp8 = here.arch->fp8;
      answer.nearest = here.nearestSupported().str();
    }
    return answer;
  }
  if (context->kernels.find(keyText))
    return answer;
  auto has = [&](Step &step, const Action &action) {
    llvm::Expected<std::optional<CompiledKernel>> found =
        step.source->find(action);
    if (found)
      return found->has_value();
    llvm::consumeError(found.takeError()); // hipdex_get_kernel() says it
    return false;
  };
  llvm::ArrayRef<std::unique_ptr<Step>> all(context->steps);
  for (const std::unique_ptr<Step> &step : all.take_front(context->bundleCount))
    if (has(*step, Action::of(keyText)))
      return answer;
  llvm::Expected<Action> action = context->compiler->action(keyText);
  if (!action) {
    answer = {llvm::toString(action.takeError()), key->str()};
    return answer;
  }
  for (const std::unique_ptr<Step> &step : all.drop_front(context->bundleCount))
    if (step.get() != context->httpStep && has(*step, *action))
      return answer;
  // The compiler before the network: the answer is quicker.
  llvm::Error noCompiler = context->mayCompile(Caller::Get)
                               ? context->compiler->open()
                               : context->notFound(keyText);
  if (!noCompiler)
    return answer;
  answer = {llvm::toString(std::move(noCompiler)), key->str()};
  if (context->httpStep && has(*context->httpStep, *action))
    return Answer();
  return answer;
}
