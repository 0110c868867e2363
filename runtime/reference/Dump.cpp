//===- Dump.cpp - A launch as files ---------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "reference/Dump.h"

#include "Spec/BoundedJson.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <limits>

using namespace hipdex;

static_assert(llvm::endianness::native == llvm::endianness::little,
              "dumps hold memory as it is and are little-endian");

namespace {

constexpr llvm::StringLiteral formatName = "hipdex dump";
constexpr llvm::StringLiteral manifestName = "manifest.json";
constexpr llvm::StringLiteral kernelName = "kernel.hsaco";

/// How an array lies in its file.
struct File {
  std::string name;
  std::string argument; ///< The kernel's pointer argument that it backs.
  std::string dtype;
  int64_t elementBytes;
  std::vector<int64_t> shape, strides; ///< Strides in elements.
  void *data;
  /// The [begin, end) bytes that hold data, if the rest is a hole.
  std::vector<std::pair<uint64_t, uint64_t>> ranges = {};

  /// Bytes of the file, or nothing if an index of a dimension can reach beyond
  /// the stride of the one before it, or that does not fit in 63 bits.
  std::optional<uint64_t> bytes() const {
    for (size_t i = 1; i < shape.size(); ++i) {
      auto extent = llvm::checkedMul(shape[i], strides[i]);
      if (!extent || *extent > strides[i - 1])
        return std::nullopt;
    }
    auto elements = llvm::checkedMul(shape[0], strides[0]);
    return elements ? llvm::checkedMul(*elements, elementBytes) : std::nullopt;
  }
};

/// The arrays in the order of the documentation.
std::vector<File> describeFiles(Problem &p, std::vector<float> &logits) {
  const KernelKey &key = p.key;
  int64_t heads = Problem::heads(key);
  return {{"q.bin",
           "q",
           fp8Name(key.fp8).str(),
           1,
           {p.batch, key.nextN, heads, key.headDim},
           {p.qStrideRequest, p.qStrideToken, p.qStrideHead, 1},
           p.q.data()},
          {"kv.bin",
           "cache",
           "uint8",
           1,
           {p.numPages, p.pageStride},
           {p.pageStride, 1},
           p.kv.get(),
           p.kv ? p.kvRanges() : std::vector<std::pair<uint64_t, uint64_t>>()},
          {"weights.bin",
           "weights",
           "float32",
           4,
           {p.rows(), heads},
           {p.weightsStride, 1},
           p.weights.data()},
          {"context_lens.bin",
           "context_lens",
           "int32",
           4,
           {p.batch},
           {1},
           p.contextLens.data()},
          {"block_table.bin",
           "block_table",
           "int32",
           4,
           {p.batch, p.tableWidth},
           {p.tableStride, 1},
           p.blockTable.data()},
          {"logits.bin",
           "logits",
           "float32",
           4,
           {p.rows(), p.width},
           {p.logitsStride, 1},
           logits.data()}};
}

/// What is given, and what a kernel may have changed of it.
std::vector<File> describeFiles(RowProblem &rows, RowProblem &after) {
  std::vector<File> files;
  for (const RowOperand &operand : rows.operands())
    files.push_back({operand.argument + std::string(".bin"), operand.argument,
                     operand.dtype, operand.elementBytes, operand.shape,
                     operand.strides, operand.bytes.data()});
  for (const RowOperand &operand : after.operands())
    if (operand.isWritten())
      files.push_back({operand.argument + std::string("_after.bin"), "",
                       operand.dtype, operand.elementBytes, operand.shape,
                       operand.strides, operand.bytes.data()});
  return files;
}

std::vector<File> describeFiles(Dump &dump) {
  return dump.rows ? describeFiles(*dump.rows, *dump.rowsAfter)
                   : describeFiles(dump.problem, dump.logits);
}

std::vector<RowSize> sizesOf(Dump &dump) {
  Problem &p = dump.problem;
  if (dump.rows)
    return dump.rows->sizes();
  return {{"batch", &p.batch},
          {"width", &p.width},
          {"num_pages", &p.numPages},
          {"page_stride", &p.pageStride},
          {"table_width", &p.tableWidth}};
}

std::string hex(uint64_t value, unsigned digits) {
  return "0x" + llvm::utohexstr(value, /*LowerCase=*/true, digits);
}

void writeNumbers(llvm::json::OStream &json, llvm::StringRef name,
                  llvm::ArrayRef<int64_t> values) {
  // On one line: a matrix of four numbers is not four lines of text.
  json.attributeBegin(name);
  std::string text = "[";
  for (int64_t value : values)
    text += (text.size() > 1 ? ", " : "") + llvm::itostr(value);
  json.rawValue(text + "]");
  json.attributeEnd();
}

/// Every argument is a number or a pointer in a segment of \p bytes.
llvm::Error checkArguments(const KernelMetadata &metadata, uint64_t bytes) {
  for (const KernelArgument &argument : metadata.arguments)
    if (argument.size < 1 || argument.size > sizeof(uint64_t) ||
        uint64_t(argument.offset) + argument.size > bytes)
      return llvm::createStringError(
          "argument " + argument.name + " has offset " +
          llvm::Twine(argument.offset) + " and size " +
          llvm::Twine(argument.size) + ", must be 1 to 8 bytes among the " +
          llvm::Twine(bytes) + " of the kernel's arguments");
  return llvm::Error::success();
}

/// What checkArguments() has passed.
void writeManifest(Dump &dump, llvm::ArrayRef<File> files,
                   llvm::raw_ostream &os) {
  const KernelKey &key = dump.key();
  auto valueOf = [&](const KernelArgument &argument) {
    uint64_t value = 0;
    std::memcpy(&value, dump.launch.arguments.data() + argument.offset,
                argument.size);
    return value;
  };
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("format", formatName);
    json.attribute("version", Dump::formatVersion);
    json.attribute("op", opName(key.op));
    json.attribute("key", key.str());
    json.attribute("arch", key.arch->name);
    json.attribute("fp8", fp8Name(key.fp8));
    json.attribute("layout", key.layoutText());
    if (key.op == Op::KMove)
      json.attribute("target_layout", key.targetLayout().str());
    for (const KeyField &field : keyFields(key.op))
      if (field.letter)
        json.attribute(field.name, field.get(key));
    json.attribute("preshuffle", key.preshuffle);
    for (const RowSize &size : sizesOf(dump))
      json.attribute(size.name, *size.value);
    json.attribute("seed",
                   hex(dump.rows ? dump.rows->seed : dump.problem.seed, 16));
    if (!dump.rows)
      json.attribute("poison", hex(Problem::poison, 8));
    json.attributeObject("files", [&] {
      for (const File &file : files)
        json.attributeObject(file.name, [&] {
          json.attribute("dtype", file.dtype);
          writeNumbers(json, "shape", file.shape);
          writeNumbers(json, "strides", file.strides);
        });
    });
    writeNumbers(json, "grid", {dump.launch.workgroups, 1, 1});
    writeNumbers(json, "block", {dump.launch.threads, 1, 1});
    json.attribute("lds_bytes", dump.metadata.ldsBytes);
    json.attributeArray("arguments", [&] {
      for (const KernelArgument &argument : dump.metadata.arguments)
        json.object([&] {
          json.attribute("name", argument.name);
          json.attribute("offset", argument.offset);
          json.attribute("size", argument.size);
          uint64_t value = valueOf(argument);
          // An array may be two arguments; an empty one is null, as are those
          // that a key has no use for.
          auto backing = llvm::find_if(files, [&](const File &file) {
            return argument.isPointer &&
                   llvm::any_of(dump.metadata.arguments,
                                [&](const KernelArgument &other) {
                                  return other.name == file.argument &&
                                         valueOf(other) == value &&
                                         (value || other.name == argument.name);
                                });
          });
          if (backing != files.end())
            json.attribute("file", backing->name);
          else
            json.attribute("value",
                           llvm::SignExtend64(value, argument.size * 8));
        });
    });
    json.attributeBegin("kernel");
    json.rawValue(llvm::StringRef(dump.metadata.toJSON()).trim());
    json.attributeEnd();
  });
  os << "\n";
}

/// Writes the ranges of \p data; the rest of the file stays a hole.
llvm::Error writeRanges(llvm::StringRef path, const void *data, uint64_t size,
                        llvm::ArrayRef<std::pair<uint64_t, uint64_t>> ranges) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return llvm::createFileError(path, error);
  for (auto [begin, end] : ranges) {
    os.seek(begin);
    os.write(static_cast<const char *>(data) + begin, end - begin);
  }
  os.close();
  if (os.has_error()) {
    error = os.error();
    os.clear_error();
    return llvm::createFileError(path, error);
  }
  int fd;
  if ((error = llvm::sys::fs::openFileForReadWrite(
           path, fd, llvm::sys::fs::CD_OpenExisting, llvm::sys::fs::OF_None)))
    return llvm::createFileError(path, error);
  error = llvm::sys::fs::resize_file_sparse(fd, size);
  llvm::sys::fs::file_t file = llvm::sys::fs::convertFDToNativeFile(fd);
  llvm::sys::fs::closeFile(file);
  return error ? llvm::createFileError(path, error) : llvm::Error::success();
}

bool isDump(llvm::StringRef directory) {
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, manifestName);
  return llvm::sys::fs::exists(path);
}

} // namespace

llvm::Error Dump::checkTarget(llvm::StringRef directory) {
  if (!llvm::sys::fs::exists(directory) || isDump(directory))
    return llvm::Error::success();
  std::error_code error;
  if (llvm::sys::fs::is_directory(directory) &&
      llvm::sys::fs::directory_iterator(directory, error) ==
          llvm::sys::fs::directory_iterator() &&
      !error)
    return llvm::Error::success();
  return llvm::createStringError("cannot dump to " + directory +
                                 ": it exists and is neither a dump nor an "
                                 "empty directory");
}

llvm::Error Dump::write(llvm::StringRef directory) {
  if (llvm::Error error = checkTarget(directory))
    return error;
  if (launch.workgroups == 0)
    return llvm::createStringError("there is no launch to dump: nothing was to "
                                   "be done");
  if (llvm::Error error = checkArguments(metadata, launch.arguments.size()))
    return error;
  while (directory.size() > 1 && directory.ends_with("/"))
    directory = directory.drop_back();

  llvm::SmallString<128> temporary;
  llvm::sys::fs::createUniquePath(directory + ".tmp-%%%%%%%%", temporary,
                                  /*MakeAbsolute=*/false);
  if (std::error_code error = llvm::sys::fs::create_directories(
          temporary, /*IgnoreExisting=*/true, llvm::sys::fs::perms::all_all))
    return llvm::createFileError(temporary, error);

  std::vector<File> files = describeFiles(*this);
  auto fill = [&]() -> llvm::Error {
    auto path = [&](llvm::StringRef name) {
      llvm::SmallString<128> result(temporary);
      llvm::sys::path::append(result, name);
      return std::string(result);
    };
    for (const File &file : files) {
      std::optional<uint64_t> size = file.bytes();
      if (!size)
        return llvm::createStringError("cannot dump " + file.name +
                                       ": its rows overlap");
      std::vector<std::pair<uint64_t, uint64_t>> ranges = file.ranges;
      if (ranges.empty())
        ranges.push_back({0, *size});
      if (llvm::Error error =
              writeRanges(path(file.name), file.data, *size, ranges))
        return error;
    }
    if (llvm::Error error =
            writeRanges(path(kernelName), codeObject.data(), codeObject.size(),
                        {{0, codeObject.size()}}))
      return error;
    std::string manifest;
    llvm::raw_string_ostream os(manifest);
    writeManifest(*this, files, os);
    return writeRanges(path(manifestName), manifest.data(), manifest.size(),
                       {{0, manifest.size()}});
  };
  if (llvm::Error error = fill()) {
    llvm::sys::fs::remove_directories(temporary);
    return error;
  }

  // rename() replaces an empty directory but not a full one.
  if (isDump(directory))
    if (std::error_code error = llvm::sys::fs::remove_directories(
            directory, /*IgnoreErrors=*/false))
      return llvm::createFileError(directory, error);
  if (std::error_code error = llvm::sys::fs::rename(temporary, directory)) {
    llvm::sys::fs::remove_directories(temporary);
    return llvm::createFileError(directory, error);
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Loading
//===----------------------------------------------------------------------===//

namespace {

/// Reads a dump's parts; every error names the dump and the file.
class Loader {
public:
  explicit Loader(llvm::StringRef directory) : directory(directory) {}

  llvm::Expected<Dump> load();

private:
  llvm::Error fail(llvm::StringRef file, const llvm::Twine &message) const {
    return llvm::createStringError("cannot read dump " + directory + ": " +
                                   file + ": " + message);
  }
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  open(llvm::StringRef name) const;
  /// A non-negative integer of the manifest.
  llvm::Expected<int64_t> number(const llvm::json::Object &object,
                                 llvm::StringRef name) const;
  /// The strides of a file, of which there must be \p rank.
  llvm::Expected<std::vector<int64_t>> strides(const llvm::json::Object &files,
                                               llvm::StringRef name,
                                               size_t rank) const;

  /// Fills the arrays. \p allocate makes them as large as the \p files, of
  /// which then \p again says where they are.
  llvm::Error loadArrays(llvm::ArrayRef<File> files,
                         llvm::function_ref<llvm::Error()> allocate,
                         llvm::function_ref<std::vector<File>()> again);
  llvm::Error loadProblem(const llvm::json::Object &manifest,
                          const llvm::json::Object &files, Dump &dump);
  llvm::Error loadRows(const llvm::json::Object &files, Dump &dump);

  llvm::StringRef directory;
};

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
Loader::open(llvm::StringRef name) const {
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, name);
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fail(name, buffer.getError().message());
  return std::move(*buffer);
}

llvm::Expected<int64_t> Loader::number(const llvm::json::Object &object,
                                       llvm::StringRef name) const {
  std::optional<int64_t> value = object.getInteger(name);
  if (!value || *value < 0)
    return fail(manifestName,
                "\"" + name + "\" is not an integer of at least 0");
  return *value;
}

llvm::Expected<std::vector<int64_t>>
Loader::strides(const llvm::json::Object &files, llvm::StringRef name,
                size_t rank) const {
  const llvm::json::Object *file = files.getObject(name);
  const llvm::json::Array *array = file ? file->getArray("strides") : nullptr;
  std::vector<int64_t> result;
  if (array)
    for (const llvm::json::Value &value : *array)
      if (auto stride = value.getAsInteger(); stride && *stride >= 0)
        result.push_back(*stride);
  if (!array || array->size() != rank || result.size() != rank)
    return fail(manifestName, "\"files\": \"" + name + "\" has not " +
                                  llvm::Twine(rank) + " strides of at least 0");
  return result;
}

llvm::Error Loader::loadArrays(llvm::ArrayRef<File> files,
                               llvm::function_ref<llvm::Error()> allocate,
                               llvm::function_ref<std::vector<File>()> again) {
  // Sizes first: nothing is allocated for a manifest that lies.
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> buffers;
  for (const File &file : files) {
    std::optional<uint64_t> bytes = file.bytes();
    if (!bytes)
      return fail(manifestName, llvm::Twine("the strides of ") + file.name +
                                    " do not cover its shape, or its size is "
                                    "not below 2^63");
    auto buffer = open(file.name);
    if (!buffer)
      return buffer.takeError();
    if ((*buffer)->getBufferSize() != *bytes)
      return fail(file.name, "has " + llvm::Twine((*buffer)->getBufferSize()) +
                                 " bytes, the manifest says " +
                                 llvm::Twine(*bytes));
    buffers.push_back(std::move(*buffer));
  }
  if (llvm::Error error = allocate())
    return error;
  for (auto [file, buffer] : llvm::zip_equal(again(), buffers)) {
    std::vector<std::pair<uint64_t, uint64_t>> ranges = file.ranges;
    if (ranges.empty())
      ranges.push_back({0, buffer->getBufferSize()});
    for (auto [begin, end] : ranges)
      if (begin != end)
        std::memcpy(static_cast<char *>(file.data) + begin,
                    buffer->getBufferStart() + begin, end - begin);
  }
  return llvm::Error::success();
}

llvm::Error Loader::loadProblem(const llvm::json::Object &manifest,
                                const llvm::json::Object &files, Dump &dump) {
  Problem &p = dump.problem;
  if (manifest.getString("poison") != hex(Problem::poison, 8))
    return fail(manifestName, "\"poison\" is not " + hex(Problem::poison, 8));
  auto q = strides(files, "q.bin", 4);
  if (!q)
    return q.takeError();
  p.qStrideRequest = (*q)[0];
  p.qStrideToken = (*q)[1];
  p.qStrideHead = (*q)[2];
  for (auto [name, field] :
       {std::pair<const char *, int64_t *>{"weights.bin", &p.weightsStride},
        {"block_table.bin", &p.tableStride},
        {"logits.bin", &p.logitsStride}}) {
    auto pair = strides(files, name, 2);
    if (!pair)
      return pair.takeError();
    *field = (*pair)[0];
  }
  if (p.pageStride < p.key.layout().pageBytes())
    return fail(manifestName,
                "\"page_stride\" is " + llvm::Twine(p.pageStride) +
                    ", a page of the layout has " +
                    llvm::Twine(p.key.layout().pageBytes()) + " bytes");
  if (uint64_t(p.tableWidth) < llvm::divideCeil(p.width, p.key.kvBlockSize))
    return fail(manifestName, "\"table_width\" is " +
                                  llvm::Twine(p.tableWidth) +
                                  ", too few entries for \"width\"");
  auto allocate = [&]() -> llvm::Error {
    p.q.resize(p.batch * p.qStrideRequest);
    p.weights.resize(p.rows() * p.weightsStride);
    p.contextLens.resize(p.batch);
    p.blockTable.resize(p.batch * p.tableStride);
    dump.logits.resize(p.logitsElements());
    p.kv = Problem::mapMemory(p.kvBytes());
    if (!p.kv)
      return fail("kv.bin",
                  "no memory for " + llvm::Twine(p.kvBytes()) + " bytes");
    return llvm::Error::success();
  };
  return loadArrays(describeFiles(dump), allocate,
                    [&] { return describeFiles(dump); });
}

llvm::Error Loader::loadRows(const llvm::json::Object &files, Dump &dump) {
  // Strides are sizes of these; what the files say must agree.
  std::vector<File> described = describeFiles(dump);
  for (const File &file : described) {
    auto written = strides(files, file.name, file.strides.size());
    if (!written)
      return written.takeError();
    if (*written != file.strides)
      return fail(manifestName, "\"files\": the strides of \"" + file.name +
                                    "\" are not those that the sizes say");
  }
  auto allocate = [&] {
    dump.rows->allocate();
    dump.rowsAfter->allocate();
    return llvm::Error::success();
  };
  auto again = [&] {
    // What the kernel did not change is the same after it.
    return describeFiles(dump);
  };
  if (llvm::Error error = loadArrays(described, allocate, again))
    return error;
  for (auto [before, after] :
       llvm::zip_equal(dump.rows->operands(), dump.rowsAfter->operands()))
    if (!before.isWritten() && !before.bytes.empty())
      std::memcpy(after.bytes.data(), before.bytes.data(), before.bytes.size());
  RowFault fault = dump.rows->check();
  if (!fault.what.empty())
    return fail(fault.argument + std::string(".bin"), fault.what);
  return llvm::Error::success();
}

llvm::Expected<Dump> Loader::load() {
  auto text = open(manifestName);
  if (!text)
    return text.takeError();
  auto value = parseBoundedJson((*text)->getBuffer());
  if (!value)
    return fail(manifestName, llvm::toString(value.takeError()));
  const llvm::json::Object *manifest = value->getAsObject();
  if (!manifest || manifest->getString("format") != formatName)
    return fail(manifestName, "\"format\" is not \"" + formatName + "\"");
  if (manifest->getInteger("version") != Dump::formatVersion)
    return fail(manifestName, "\"version\" is not " +
                                  llvm::Twine(Dump::formatVersion) +
                                  ", the one that this program reads");

  Dump dump;
  auto key = KernelKey::parse(manifest->getString("key").value_or(""));
  if (!key)
    return fail(manifestName, llvm::toString(key.takeError()));
  if (llvm::Error error = key->validate())
    return fail(manifestName, llvm::toString(std::move(error)));
  dump.rows = RowProblem::create(key->op);
  dump.rowsAfter = RowProblem::create(key->op);
  uint64_t seed = 0;
  llvm::StringRef seedText = manifest->getString("seed").value_or("");
  if (!seedText.consume_front("0x") || seedText.getAsInteger(16, seed))
    return fail(manifestName, "\"seed\" is not a hexadecimal string");
  if (dump.rows) {
    dump.rows->key = dump.rowsAfter->key = *key;
    dump.rows->seed = dump.rowsAfter->seed = seed;
  } else {
    dump.problem.key = *key;
    dump.problem.seed = seed;
  }
  auto checkLayout = [&](llvm::StringRef name,
                         llvm::StringRef wanted) -> llvm::Error {
    std::optional<llvm::StringRef> layout = manifest->getString(name);
    if (layout == wanted)
      return llvm::Error::success();
    return fail(manifestName, "\"" + name + "\" is \"" + layout.value_or("") +
                                  "\", the key's is \"" + wanted + "\"");
  };
  if (llvm::Error error = checkLayout("layout", key->layoutText()))
    return std::move(error);
  if (key->op == Op::KMove)
    if (llvm::Error error =
            checkLayout("target_layout", key->targetLayout().str()))
      return std::move(error);
  for (const RowSize &size : sizesOf(dump)) {
    auto number = this->number(*manifest, size.name);
    if (!number)
      return number.takeError();
    if (*number > std::numeric_limits<int32_t>::max() &&
        !llvm::StringRef(size.name).ends_with("_stride"))
      return fail(manifestName, llvm::Twine("\"") + size.name + "\" is " +
                                    llvm::Twine(*number) +
                                    ", which does not fit in int32");
    if (*number < size.least)
      return fail(manifestName, llvm::Twine("\"") + size.name + "\" is " +
                                    llvm::Twine(*number) +
                                    ", must be at least " +
                                    llvm::Twine(size.least));
    *size.value = *number;
  }
  if (dump.rows)
    for (auto [to, from] :
         llvm::zip_equal(dump.rowsAfter->sizes(), dump.rows->sizes()))
      *to.value = *from.value;

  const llvm::json::Object *files = manifest->getObject("files");
  if (!files)
    return fail(manifestName, "\"files\" is not an object");
  if (llvm::Error error = dump.rows ? loadRows(*files, dump)
                                    : loadProblem(*manifest, *files, dump))
    return std::move(error);

  auto codeObject = open(kernelName);
  if (!codeObject)
    return codeObject.takeError();
  dump.codeObject = (*codeObject)->getBuffer().str();
  const llvm::json::Value *kernel = manifest->get("kernel");
  std::string kernelText;
  llvm::raw_string_ostream(kernelText)
      << (kernel ? *kernel : llvm::json::Value(nullptr));
  auto metadata = KernelMetadata::fromJSON(kernelText);
  if (!metadata)
    return fail(manifestName, llvm::toString(metadata.takeError()));
  if (llvm::Error error = checkArguments(*metadata, metadata->kernargBytes))
    return fail(manifestName, llvm::toString(std::move(error)));
  dump.metadata = *metadata;
  return dump;
}

} // namespace

llvm::Expected<Dump> Dump::load(llvm::StringRef directory) {
  return Loader(directory).load();
}
