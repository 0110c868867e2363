//===- Child.h - A process to lose ----------------------------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A forked process that does something and says how it went.
//
//===----------------------------------------------------------------------===//

#ifndef HIPDEX_TEST_FAULT_CHILD_H
#define HIPDEX_TEST_FAULT_CHILD_H

#include <functional>
#include <string>
#include <sys/types.h>

class Child {
public:
  /// Runs \p body in a child, which ends with it. What it returns is failures,
  /// for the parent to print.
  explicit Child(const std::function<std::string()> &body);
  /// Kills what still runs.
  ~Child();
  Child(Child &&other);
  Child(const Child &) = delete;

  void kill(int signal);
  /// Waits for the end; what the body returned, or how the child died.
  std::string wait();

private:
  pid_t process;
  int output;
};

/// Collects failures in a child, where Catch2 has nobody to report to.
struct Failures {
  std::string text;
  void expect(bool condition, const std::string &what) {
    if (!condition)
      text += what + "\n";
  }
};

#endif // HIPDEX_TEST_FAULT_CHILD_H
