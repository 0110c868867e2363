//===- Bundle.cpp - hipdexc bundle ----------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiles a key set into a bundle of code objects or of HIP C++, merges
// bundles, and writes the C file that embeds one. Needs no GPU and no HIP.
//
//===----------------------------------------------------------------------===//

#include "BundleFolder.h"
#include "Commands.h"
#include "CompilerLibrary.h"
#include "KeySet.h"
#include "OutputFile.h"
#include "Spec/KernelKey.h"
#include "hipdex/hipdex.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <chrono>
#include <thread>
#include <unistd.h>

using namespace hipdex;
namespace cl = llvm::cl;

cl::SubCommand hipdex::bundleCommand(
    "bundle",
    "Compile a key set ahead of time:\n"
    "      hipdexc bundle --keyset FILE|NAME --arch gfx942,gfx950 -o DIR\n"
    "      hipdexc bundle --key KEY -o DIR\n"
    "      hipdexc bundle --format=hip ... -o DIR   (HIP C++, and a "
    "CMakeLists.txt\n"
    "        that builds a bundle of it with your own HIP compiler)\n"
    "      hipdexc bundle merge DIR... -o DIR   (shards, or several bundles)\n"
    "      hipdexc bundle embed DIR -o FILE.c   (registers itself when "
    "linked)");

static cl::list<std::string> words(cl::Positional, cl::sub(bundleCommand),
                                   cl::desc("[merge DIR... | embed DIR]"));
static cl::opt<std::string>
    keySet("keyset", cl::sub(bundleCommand), cl::value_desc("FILE|NAME"),
           cl::desc("Keys to compile: a file of patterns, or the name of a set "
                    "that hipdexc has"));
static cl::list<std::string> keyList("key", cl::sub(bundleCommand),
                                     cl::value_desc("KEY"),
                                     cl::desc("One more key to compile"));
static cl::opt<std::string> archList("arch", cl::sub(bundleCommand),
                                     cl::value_desc("names"),
                                     cl::desc("Architectures, with commas"));
static cl::opt<std::string> output("o", cl::sub(bundleCommand),
                                   cl::value_desc("DIR|FILE.c"),
                                   cl::desc("Where to write; replaces a bundle "
                                            "that is there"));
static cl::opt<std::string>
    format("format", cl::sub(bundleCommand), cl::init("obj"),
           cl::value_desc("obj|hip"),
           cl::desc("What a kernel is: obj (default), a code object; hip, HIP "
                    "C++ source"));
static IntegerOption jobs("jobs", cl::sub(bundleCommand), cl::value_desc("N"),
                          cl::desc("Threads (default: one a core)"));
static cl::opt<bool>
    resume("resume", cl::sub(bundleCommand),
           cl::desc("Keep what an interrupted build has left in DIR.partial, "
                    "and what is still right in DIR"));
static cl::opt<std::string>
    shardText("shard", cl::sub(bundleCommand), cl::value_desc("i/n"),
              cl::desc("Every n-th key only, from the i-th on: 0/4 to 3/4"));
static cl::opt<std::string>
    symbol("symbol", cl::sub(bundleCommand), cl::value_desc("name"),
           cl::desc("embed: prefix of the C file's symbols, one for each "
                    "bundle in a program (default hipdex_bundle)"));

namespace {
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Shows on the standard error how far a build is: one line that is drawn
/// again on a terminal, else a line for each tenth.
class Progress {
public:
  Progress(size_t total, size_t done) : total(total), done(done), first(done) {}
  ~Progress() {
    if (isTerminal)
      llvm::errs() << "\r\033[K";
  }

  void add() {
    std::lock_guard<std::mutex> lock(mutex);
    ++done;
    double seconds = secondsSince(start);
    double left = seconds / (done - first) * (total - done);
    if (isTerminal) {
      constexpr size_t width = 40;
      size_t filled = done * width / total;
      llvm::errs() << "\r\033[K[" << std::string(filled, '#')
                   << std::string(width - filled, '.') << "] " << done << "/"
                   << total << llvm::format(" kernels, %.0f s left", left);
    } else if (done * 10 / total != (done - 1) * 10 / total) {
      llvm::errs() << done << "/" << total
                   << llvm::format(" kernels, %.1f s\n", seconds);
    }
  }

private:
  const bool isTerminal = ::isatty(STDERR_FILENO);
  const Clock::time_point start = Clock::now();
  const size_t total;
  size_t done;
  const size_t first;
  std::mutex mutex;
};

llvm::raw_ostream &line(llvm::StringRef name) {
  return llvm::outs() << llvm::left_justify(name, 18);
}

void printSizes(const BundleFolder::Sizes &sizes, BundleContents contents) {
  line("bundle") << output << ", " << sizes.kernels << " kernels, "
                 << sizes.kernelBytes << " bytes of "
                 << (contents == BundleContents::HipSource ? "source" : "code")
                 << ", " << sizes.allBytes << " in all\n";
}

llvm::Expected<BundleShard> parseShard(llvm::StringRef text) {
  BundleShard shard;
  auto [index, count] = text.split('/');
  if (index.getAsInteger(10, shard.index) ||
      count.getAsInteger(10, shard.count) || shard.index >= shard.count)
    return llvm::createStringError(
        "shard is \"" + text +
        "\", must be i/n with 0 <= i < n, as in 0/4 to 3/4");
  return shard;
}

llvm::Error compileInto(BundleFolder &folder, BundleContents contents,
                        llvm::StringRef key) {
  auto compiled = compileStage(key, format);
  if (!compiled)
    return compiled.takeError();
  BundleEntry entry;
  entry.key = key.str();
  entry.contents = contents;
  entry.sha256 = sha256Hex(compiled->data);
  entry.bytes = compiled->data.size();
  auto metadata = KernelMetadata::fromJSON(compiled->metadata);
  if (!metadata)
    return metadata.takeError();
  if (metadata->key != key)
    return llvm::createStringError("the compiler was asked for " + key +
                                   " and made " + metadata->key);
  entry.metadata = std::move(*metadata);
  return folder.add(std::move(entry), compiled->data);
}

/// The keys of --keyset and --key, sorted.
llvm::Expected<std::vector<std::string>> wantedKeys() {
  std::vector<std::string> keys;
  if (keySet.empty() && keyList.empty())
    return llvm::createStringError(
        "no keys: give --keyset FILE|NAME or --key KEY");
  if (!keySet.empty()) {
    if (archList.empty())
      return llvm::createStringError(
          "no --arch: say for which, as in --arch gfx942,gfx950");
    auto archs = parseArchs(archList);
    if (!archs)
      return archs.takeError();
    auto loaded = loadKeySet(keySet, *archs);
    if (!loaded)
      return loaded.takeError();
    keys = std::move(*loaded);
  }
  for (const std::string &text : keyList) {
    auto key = KernelKey::parse(text);
    if (!key)
      return key.takeError();
    if (llvm::Error error = key->validate())
      return std::move(error);
    keys.push_back(key->str());
  }
  llvm::sort(keys);
  keys.erase(llvm::unique(keys), keys.end());
  return keys;
}

void printKeys(llvm::ArrayRef<std::string> keys) {
  line("keys") << keys.size();
  llvm::StringRef separator = ": ";
  for (const Arch &arch : archTable()) {
    std::string field = ("." + arch.name + ".").str();
    size_t count = llvm::count_if(
        keys, [&](llvm::StringRef key) { return key.contains(field); });
    if (count)
      llvm::outs() << separator << count << " " << arch.name;
    separator = count ? ", " : separator;
  }
  llvm::outs() << "\n";
}

llvm::Error build() {
  if (format != "obj" && format != "hip")
    return llvm::createStringError("format is \"" + format +
                                   "\", must be obj or hip");
  BundleContents contents =
      format == "hip" ? BundleContents::HipSource : BundleContents::CodeObjects;
  unsigned threadCount = llvm::hardware_concurrency().compute_thread_count();
  if (llvm::Error error = readInteger(jobs, threadCount))
    return error;
  if (threadCount < 1 || threadCount > 1024)
    return llvm::createStringError("jobs is " + llvm::Twine(threadCount) +
                                   ", must be in 1..1024");
  std::optional<BundleShard> shard;
  if (shardText.getNumOccurrences()) {
    auto parsed = parseShard(shardText);
    if (!parsed)
      return parsed.takeError();
    shard = *parsed;
  }
  auto keys = wantedKeys();
  if (!keys)
    return keys.takeError();
  printKeys(*keys);
  if (shard) {
    shard->keys = keys->size();
    shard->keysSha256 = keysDigest(*keys);
    std::vector<std::string> mine;
    for (size_t i = shard->index; i < keys->size(); i += shard->count)
      mine.push_back((*keys)[i]);
    *keys = std::move(mine);
    line("shard") << shardText << ", " << keys->size() << " keys\n";
  }
  llvm::outs().flush();

  auto folder =
      BundleFolder::create(output, contents, hipdex_build_id(), resume);
  if (!folder)
    return folder.takeError();
  std::vector<std::string> missing;
  for (const std::string &key : *keys) {
    auto isThere = (*folder)->reuse(key);
    if (!isThere)
      return isThere.takeError();
    if (!*isThere)
      missing.push_back(key);
  }

  // LLVM works on several kernels at once; only linking takes turns.
  Clock::time_point start = Clock::now();
  threadCount = std::min<size_t>(threadCount, missing.size());
  std::mutex failureMutex;
  std::string failure;
  std::atomic<bool> hasFailed = false;
  std::atomic<size_t> next = 0;
  {
    Progress progress(keys->size(), keys->size() - missing.size());
    auto work = [&] {
      for (size_t i; !hasFailed && (i = next++) < missing.size();) {
        llvm::Error error = compileInto(**folder, contents, missing[i]);
        if (!error) {
          progress.add();
          continue;
        }
        std::string message = llvm::toString(std::move(error));
        std::lock_guard<std::mutex> lock(failureMutex);
        if (!hasFailed.exchange(true))
          failure = missing[i] + ": " + message;
      }
    };
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < threadCount; ++t)
      threads.emplace_back(work);
    for (std::thread &thread : threads)
      thread.join();
  }
  if (hasFailed)
    return llvm::createStringError(failure + " (--resume goes on with " +
                                   (*folder)->partialPath() + ")");
  double seconds = secondsSince(start);
  line("kernels") << missing.size() << " compiled, "
                  << keys->size() - missing.size() << " reused";
  if (!missing.empty())
    llvm::outs() << llvm::format(", %.2f s, %.1f kernels/s", seconds,
                                 missing.size() / seconds)
                 << " with " << threadCount << " threads";
  llvm::outs() << "\n";
  auto sizes = (*folder)->publish(std::move(shard));
  if (!sizes)
    return sizes.takeError();
  printSizes(*sizes, contents);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// The shards of one key set must be all there, and be what they say.
llvm::Error
checkShards(llvm::ArrayRef<std::pair<std::string, BundleManifest>> bundles) {
  for (const auto &[name, manifest] : bundles) {
    if (!manifest.shard)
      continue;
    const BundleShard &shard = *manifest.shard;
    std::vector<const std::string *> parts(shard.count);
    std::vector<std::string> keys;
    for (const auto &[otherName, other] : bundles) {
      if (!other.shard || other.shard->keysSha256 != shard.keysSha256)
        continue;
      if (other.shard->count != shard.count)
        return llvm::createStringError(name + " is of " +
                                       llvm::Twine(shard.count) + " shards, " +
                                       otherName + " of the same keys of " +
                                       llvm::Twine(other.shard->count));
      const std::string *&part = parts[other.shard->index];
      if (part)
        return llvm::createStringError(
            *part + " and " + otherName + " are both shard " +
            llvm::Twine(other.shard->index) + "/" + llvm::Twine(shard.count));
      part = &otherName;
      for (const BundleEntry &entry : other.entries)
        keys.push_back(entry.key);
    }
    for (auto [index, part] : llvm::enumerate(parts))
      if (!part)
        return llvm::createStringError(
            "shard " + llvm::Twine(index) + "/" + llvm::Twine(shard.count) +
            " is missing: " + name + " is shard " + llvm::Twine(shard.index) +
            "/" + llvm::Twine(shard.count));
    llvm::sort(keys);
    if (keys.size() != shard.keys || keysDigest(keys) != shard.keysSha256)
      return llvm::createStringError(
          "the shards of " + name + " hold " + llvm::Twine(keys.size()) +
          " keys, which are not the " + llvm::Twine(shard.keys) +
          " keys of their key set");
  }
  return llvm::Error::success();
}

llvm::Error merge(llvm::ArrayRef<std::string> directories) {
  if (directories.empty())
    return llvm::createStringError("bundle merge: no bundle given");
  std::vector<std::pair<std::string, BundleManifest>> bundles;
  for (const std::string &directory : directories) {
    auto manifest = readBundle(directory);
    if (!manifest)
      return manifest.takeError();
    if (!bundles.empty() && bundles[0].second.buildId != manifest->buildId)
      return llvm::createStringError("bundle " + bundles[0].first +
                                     " has BuildId " +
                                     bundles[0].second.buildId + ", " +
                                     directory + " has " + manifest->buildId);
    if (!bundles.empty() && bundles[0].second.contents != manifest->contents)
      return llvm::createStringError(
          "bundle " + bundles[0].first + " is \"" +
          BundleManifest::formatName(bundles[0].second.contents) + "\", " +
          directory + " is \"" +
          BundleManifest::formatName(manifest->contents) + "\"");
    bundles.emplace_back(directory, std::move(*manifest));
  }
  if (llvm::Error error = checkShards(bundles))
    return error;

  const BundleManifest &first = bundles[0].second;
  auto folder = BundleFolder::create(output, first.contents, first.buildId,
                                     /*resume=*/false);
  if (!folder)
    return folder.takeError();
  llvm::StringMap<std::pair<const std::string *, const BundleEntry *>> taken;
  for (const auto &[directory, manifest] : bundles)
    for (const BundleEntry &entry : manifest.entries) {
      auto [slot, isNew] = taken.try_emplace(entry.key, &directory, &entry);
      if (!isNew) {
        if (slot->second.second->toJSON() == entry.toJSON())
          continue;
        return llvm::createStringError(
            *slot->second.first + " and " + directory +
            " have different kernels of " + entry.key);
      }
      auto file = readBundleFile(directory, entry);
      if (!file)
        return file.takeError();
      if (llvm::Error error = (*folder)->add(entry, (*file)->getBuffer()))
        return error;
    }
  auto sizes = (*folder)->publish(std::nullopt);
  if (!sizes)
    return sizes.takeError();
  line("merged") << bundles.size() << " bundles\n";
  printSizes(*sizes, first.contents);
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Embedding
//===----------------------------------------------------------------------===//

/// C and C++. The assembler includes the files, which takes no time however
/// many there are; string literals of this size do.
llvm::Error embed(llvm::ArrayRef<std::string> directories) {
  if (directories.size() != 1)
    return llvm::createStringError(
        "bundle embed: " + llvm::Twine(directories.size()) +
        " bundles given, must be one");
  std::string prefix = symbol.empty() ? "hipdex_bundle" : symbol.getValue();
  if (llvm::isDigit(prefix[0]) || !llvm::all_of(prefix, [](char c) {
        return llvm::isAlnum(c) || c == '_';
      }))
    return llvm::createStringError("symbol is \"" + prefix +
                                   "\", must be a C identifier");
  llvm::SmallString<256> folder(directories[0]);
  if (std::error_code error = llvm::sys::fs::make_absolute(folder))
    return llvm::createStringError("cannot find " + folder + ": " +
                                   error.message());
  llvm::sys::path::remove_dots(folder, /*remove_dot_dot=*/false);
  if (folder.str().find_first_of("\"\\\n") != llvm::StringRef::npos)
    return llvm::createStringError("cannot embed " + folder +
                                   ": the path has a quote, a backslash or a "
                                   "newline");
  auto manifest = readBundle(folder);
  if (!manifest)
    return manifest.takeError();
  if (manifest->contents != BundleContents::CodeObjects)
    return llvm::createStringError(
        "bundle " + folder +
        " holds HIP C++ source: build it with its CMakeLists.txt first");
  if (manifest->entries.empty())
    return llvm::createStringError("bundle " + folder + " has no kernels");
  for (const BundleEntry &entry : manifest->entries)
    if (auto file = readBundleFile(folder, entry); !file)
      return file.takeError();

  std::string text;
  llvm::raw_string_ostream os(text);
  os << "/* Made by hipdexc bundle embed from " << folder << ". */\n"
     << "#include <hipdex/hipdex.h>\n\n"
     << "#define EMBED(name, file) \\\n"
     << "  __asm__(\".pushsection .rodata\\n\" \\\n"
     << "          \".balign 4096\\n\" \\\n"
     << "          \".globl \" name \"\\n.hidden \" name \"\\n\" name \":\\n\" "
        "\\\n"
     << "          \".incbin \\\"\" file \"\\\"\\n\" \\\n"
     << "          \".popsection\\n\")\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  auto file = [&](llvm::StringRef name, llvm::StringRef fileName) {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, fileName);
    os << "EMBED(\"" << name << "\", \"" << path << "\");\n"
       << "extern const unsigned char " << name << "[];\n";
  };
  file(prefix + "_manifest", BundleManifest::fileName);
  for (auto [index, entry] : llvm::enumerate(manifest->entries))
    file(prefix + "_" + std::to_string(index), entry.file());
  uint64_t manifestBytes = 0;
  llvm::SmallString<256> manifestPath(folder);
  llvm::sys::path::append(manifestPath, BundleManifest::fileName);
  if (std::error_code error =
          llvm::sys::fs::file_size(manifestPath, manifestBytes))
    return llvm::createStringError("cannot read " + manifestPath + ": " +
                                   error.message());
  os << "\nstatic const hipdex_embedded_code code[] = {\n";
  for (auto [index, entry] : llvm::enumerate(manifest->entries))
    os << "    {" << prefix << "_" << index << ", " << entry.bytes << "},\n";
  os << "};\n\nstatic const hipdex_embedded_bundle bundle = {\n"
     << "    sizeof(bundle), \"" << prefix << "\", " << prefix << "_manifest, "
     << manifestBytes << ", code, " << manifest->entries.size() << "};\n\n"
     << "/* Remembers the tables; HIP is not called before a context is made. "
        "*/\n"
     << "__attribute__((constructor)) static void registerBundle(void) {\n"
     << "  (void)hipdex_register_embedded_bundle(&bundle);\n"
     << "}\n\n"
     << "#ifdef __cplusplus\n}\n#endif\n";
  if (llvm::Error error = checkOutputFile(output))
    return error;
  return writeOutputFile(output, text);
}

} // namespace

llvm::Error hipdex::runBundle() {
  llvm::ArrayRef<std::string> arguments = words;
  if (output.empty())
    return llvm::createStringError("no -o: say where to write");
  if (arguments.empty())
    return build();
  std::string verb = arguments[0];
  if (verb != "merge" && verb != "embed")
    return llvm::createStringError(
        "bundle: unknown word \"" + verb +
        "\", must be merge, embed, or nothing to build a bundle");
  for (const cl::Option *option :
       {(cl::Option *)&keySet, (cl::Option *)&keyList, (cl::Option *)&archList,
        (cl::Option *)&format, (cl::Option *)&jobs, (cl::Option *)&resume,
        (cl::Option *)&shardText})
    if (option->getNumOccurrences())
      return llvm::createStringError("bundle " + verb + " takes no --" +
                                     option->ArgStr);
  return verb == "merge" ? merge(arguments.drop_front())
                         : embed(arguments.drop_front());
}
