#!/usr/bin/env bash
# check-readme.sh <library folder>
# Compiles and runs the C program in README.md, and sees that the files it
# points to exist.
set -euo pipefail

libraries=$1
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md \
  >"$work/readme.c"
clang-22 -std=c11 -Wall -Wextra -Werror -Wno-missing-field-initializers \
  -Iruntime/include "$work/readme.c" -o "$work/readme" \
  -L"$libraries" -lhipdex -Wl,-rpath,"$libraries"
HIPDEX_CACHE_DIR=$work/cache "$work/readme" | tee "$work/output"
grep -qx 'logit of token 99: 0' "$work/output"

failed=0
for document in README.md CONTRIBUTING.md docs/*.md templates/README.md; do
  [[ -f $document ]] || continue
  while read -r link; do
    [[ -e $(dirname "$document")/$link ]] || {
      echo "$document links to $link, which does not exist"
      failed=1
    }
  done < <(grep -oE '\]\([^)#:]+[)#]' "$document" | sed 's/^](//; s/[)#]$//')
done
exit "$failed"
