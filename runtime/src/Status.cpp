//===- Status.cpp - An error with a status of the C ABI -------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// See Status.h.
//
//===----------------------------------------------------------------------===//

#include "src/Status.h"
#include "Spec/KernelKey.h"
#include "llvm/Support/raw_ostream.h"
#include <cxxabi.h>
#include <new>

using namespace hipdex;
using namespace hipdex::runtime;

char StatusError::ID = 0;

void StatusError::log(llvm::raw_ostream &os) const { os << message; }

std::error_code StatusError::convertToErrorCode() const {
  return llvm::inconvertibleErrorCode();
}

llvm::Error runtime::makeError(hipdex_status status,
                               const llvm::Twine &message) {
  return llvm::make_error<StatusError>(status, message.str());
}

std::pair<hipdex_status, std::string>
runtime::takeStatus(llvm::Error error, hipdex_status otherwise) {
  hipdex_status status = otherwise;
  if (error.isA<UnsupportedKey>())
    status = HIPDEX_ERROR_UNSUPPORTED_KEY;
  std::string message;
  llvm::handleAllErrors(
      std::move(error),
      [&](const StatusError &info) {
        status = info.status;
        message = info.message;
      },
      [&](const llvm::ErrorInfoBase &info) { message = info.message(); });
  return {status, message};
}

std::pair<hipdex_status, std::string> runtime::takeException() {
  try {
    throw;
  } catch (const std::bad_alloc &) {
    return {HIPDEX_ERROR_OUT_OF_MEMORY, "out of memory"};
  } catch (const std::exception &exception) {
    return {HIPDEX_ERROR_INTERNAL,
            std::string("unexpected exception: ") + exception.what()};
  } catch (const abi::__forced_unwind &) {
    throw; // the thread is being cancelled: glibc aborts if that is held up
  } catch (...) {
    return {HIPDEX_ERROR_INTERNAL,
            "unexpected exception, which is no std::exception"};
  }
}
