#!/usr/bin/env bash
# Every source file carries LLVM's banner with its own name and our license, is
# formatted by clang-format-22, and every script passes shellcheck (if there).
set -euo pipefail

cd "$(dirname "$0")/.."
failed=0
complain() {
  echo "$1" >&2
  failed=1
}

# Not git ls-files: a source archive is checked as well.
find_sources() {
  find . \( -path ./build -o -path './build-*' -o -path ./.git \) -prune -o "$@"
}

mapfile -t cxx < <(find_sources -type f \
  \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) -print)
mapfile -t tablegen < <(find_sources -type f -name '*.td' -print)
mapfile -t templates < <(find templates -type f -name '*.mlir' 2>/dev/null)
mapfile -t scripts < <(
  find_sources -type f -name '*.sh' -print
  echo ./.ci/run
)
[[ ${#cxx[@]} -gt 0 ]] || complain "no source files found"

for file in "${cxx[@]}" "${tablegen[@]}" "${templates[@]}"; do
  head -n 1 "$file" | grep -qF -- "===- ${file##*/} - " ||
    complain "$file:1: the banner '===- ${file##*/} - <what it is> ...' is missing"
  head -n 10 "$file" |
    grep -qF 'SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception' ||
    complain "$file:1: no 'SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception'"
done

clang-format-22 --dry-run --Werror "${cxx[@]}" ||
  complain "run clang-format-22 -i on the files above"

if command -v shellcheck >/dev/null; then
  shellcheck "${scripts[@]}" || failed=1
fi

exit "$failed"
