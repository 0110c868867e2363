//===- FakeCurl.c - A libcurl whose server hangs up -----------------------===//
//
// Part of hipdex, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// What libcurl does with a TLS library that writes to the socket itself, when
// the server closes the connection: the thread gets SIGPIPE.
//
//===----------------------------------------------------------------------===//

#include <stddef.h>
#include <unistd.h>

int curl_global_init(long flags) { return flags != 3; }
void *curl_easy_init(void) { return "handle"; }
int curl_easy_setopt(void *handle, int option, ...) {
  (void)handle;
  (void)option;
  return 0;
}
int curl_easy_perform(void *handle) {
  int ends[2];
  (void)handle;
  if (pipe(ends) != 0)
    return 2;
  close(ends[0]);
  ssize_t written = write(ends[1], "x", 1);
  close(ends[1]);
  return written == 1 ? 0 : 55; /* CURLE_SEND_ERROR */
}
int curl_easy_getinfo(void *handle, int info, ...) {
  (void)handle;
  (void)info;
  return 0;
}
void curl_easy_cleanup(void *handle) { (void)handle; }
const char *curl_easy_strerror(int code) {
  return code == 55 ? "Failed sending data" : "another error";
}
void *curl_slist_append(void *list, const char *text) {
  (void)text;
  return list ? list : "list";
}
void curl_slist_free_all(void *list) { (void)list; }
