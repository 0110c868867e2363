//===- Status.h - An error with a status of the C ABI ---------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Inside the library errors are llvm::Error; at the C ABI they become a status
// and the thread's last message.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_RUNTIME_STATUS_H
#define HIPDEX_RUNTIME_STATUS_H

#include "hipdex/hipdex.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace hipdex {
namespace runtime {

class StatusError : public llvm::ErrorInfo<StatusError> {
public:
  static char ID;
  StatusError(hipdex_status status, std::string message)
      : status(status), message(std::move(message)) {}
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
  const hipdex_status status;
  const std::string message;
};

llvm::Error makeError(hipdex_status status, const llvm::Twine &message);

/// Takes \p error apart. An unsupported key has its status; an error without
/// one, \p otherwise.
std::pair<hipdex_status, std::string>
takeStatus(llvm::Error error,
           hipdex_status otherwise = HIPDEX_ERROR_INVALID_ARGUMENT);

/// The same of the exception that the caller is handling.
std::pair<hipdex_status, std::string> takeException();

} // namespace runtime
} // namespace hipdex

#endif // HIPDEX_RUNTIME_STATUS_H
