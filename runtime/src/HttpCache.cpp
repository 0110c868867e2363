//===- HttpCache.cpp - A fleet's kernels over HTTP ------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See HttpCache.h.
//
//===----------------------------------------------------------------------===//

#include "src/HttpCache.h"
#include "Spec/BundleManifest.h"
#include "src/ActionEntry.h"
#include "src/Status.h"

using namespace hipdex;
using namespace hipdex::runtime;
using Clock = std::chrono::steady_clock;

/// Without user and password, also where there is no scheme.
static std::string withoutUser(llvm::StringRef url) {
  size_t begin = url.find("://");
  begin = begin == url.npos ? 0 : begin + 3;
  llvm::StringRef authority = url.drop_front(begin).split('/').first;
  size_t at = authority.rfind('@');
  size_t host = at == authority.npos ? begin : begin + at + 1;
  return (url.take_front(begin) + url.drop_front(host)).str();
}

HttpCache::HttpCache(const Curl &curl, llvm::StringRef url, bool isReadOnly)
    : curl(curl), url(url), shownUrl(withoutUser(url)), isReadOnly(isReadOnly) {
}

llvm::Expected<std::shared_ptr<HttpCache>> HttpCache::open(llvm::StringRef url,
                                                           bool isReadOnly) {
  llvm::StringRef rest = url;
  if ((!rest.consume_front("http://") && !rest.consume_front("https://")) ||
      rest.empty())
    return makeError(HIPDEX_ERROR_INVALID_ARGUMENT,
                     "the HTTP tier's URL is \"" + withoutUser(url) +
                         "\", must begin with http:// or https://");
  llvm::Expected<const Curl *> curl = Curl::get();
  if (!curl)
    return curl.takeError();
  return std::shared_ptr<HttpCache>(
      new HttpCache(**curl, url.rtrim('/'), isReadOnly));
}

llvm::Error HttpCache::checkPause(const Ticks &until) const {
  if (Clock::now().time_since_epoch().count() >= until)
    return llvm::Error::success();
  return makeError(HIPDEX_ERROR_CACHE, name() + ": failed within the last " +
                                           llvm::Twine(int64_t(pause.count())) +
                                           " s");
}

llvm::Error HttpCache::failed(Ticks &until, llvm::StringRef call,
                              llvm::StringRef path, const llvm::Twine &reason) {
  until = (Clock::now() + pause).time_since_epoch().count();
  return makeError(HIPDEX_ERROR_CACHE,
                   name() + ": " + call + " " + path + ": " + reason);
}

llvm::Error HttpCache::bad(llvm::StringRef path,
                           const llvm::Twine &reason) const {
  return makeError(HIPDEX_ERROR_CODE_OBJECT,
                   name() + ": " + path + ": " + reason);
}

llvm::Expected<std::optional<std::string>>
HttpCache::get(const std::string &path, uint64_t most) {
  llvm::Expected<Curl::Response> response = curl.get(url + "/" + path, most);
  if (!response)
    return failed(resumeAt, "GET", path, llvm::toString(response.takeError()));
  if (response->status == 404 || response->status == 410)
    return std::nullopt;
  if (response->status != 200)
    return failed(resumeAt, "GET", path,
                  "status " + llvm::Twine(response->status));
  if (response->isTooLong)
    return bad(path, "has more than " + llvm::Twine(most) + " bytes");
  return std::move(response->body);
}

llvm::Error HttpCache::put(const std::string &path, llvm::StringRef content) {
  llvm::Expected<Curl::Response> response = curl.put(url + "/" + path, content);
  if (!response)
    return failed(resumeAt, "PUT", path, llvm::toString(response.takeError()));
  if (response->status < 200 || response->status > 299)
    return failed(resumePutAt, "PUT", path,
                  "status " + llvm::Twine(response->status));
  return llvm::Error::success();
}

static std::string actionPath(const Action &action) {
  return (ActionEntry::folder + "/" + action.name()).str();
}

static std::string contentPath(const ActionEntry &entry) {
  return (ActionEntry::contentFolder + "/" + entry.contentDigest).str();
}

llvm::Expected<std::optional<CompiledKernel>>
HttpCache::find(const Action &action) {
  if (llvm::Error error = checkPause(resumeAt))
    return std::move(error);
  const std::string path = actionPath(action);
  auto text = get(path, ActionEntry::maxBytes);
  if (!text)
    return text.takeError();
  if (!*text)
    return std::nullopt;
  llvm::Expected<ActionEntry> entry = ActionEntry::parse(**text);
  if (!entry)
    return bad(path, llvm::toString(entry.takeError()));
  // The name is the digest of the identity.
  if (actionPath(*entry) != path)
    return bad(path, "is the entry of " + entry->description());

  if (entry->contentBytes > ActionEntry::maxContentBytes)
    return bad(path, "names a content of " + llvm::Twine(entry->contentBytes) +
                         " bytes, at most " +
                         llvm::Twine(ActionEntry::maxContentBytes) +
                         " are allowed");
  auto content = get(contentPath(*entry), entry->contentBytes);
  if (!content)
    return content.takeError();
  if (!*content)
    return std::nullopt;
  llvm::StringRef bytes = **content;
  if (bytes.size() != entry->contentBytes)
    return bad(contentPath(*entry), "has " + llvm::Twine(bytes.size()) +
                                        " bytes, its entry says " +
                                        llvm::Twine(entry->contentBytes));
  if (std::string digest = sha256Hex(bytes); digest != entry->contentDigest)
    return bad(contentPath(*entry), "has SHA-256 " + digest);
  CompiledKernel kernel;
  kernel.metadata = std::move(entry->metadata);
  kernel.codeObject = llvm::MemoryBuffer::getMemBufferCopy(bytes);
  return kernel;
}

llvm::Error HttpCache::store(const Action &action,
                             const CompiledKernel &kernel) {
  if (isReadOnly)
    return llvm::Error::success();
  for (const Ticks *until : {&resumeAt, &resumePutAt})
    if (llvm::Error error = checkPause(*until))
      return error;
  const ActionEntry entry(action, kernel);
  // The content first: an entry promises that it is there.
  if (llvm::Error error =
          put(contentPath(entry), kernel.codeObject->getBuffer()))
    return error;
  return put(actionPath(entry), entry.str());
}
