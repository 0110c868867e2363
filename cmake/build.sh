#!/usr/bin/env bash
# cmake/build.sh <preset> <build folder> [targets...]
# Configures a preset and builds it. Says how far it is; keeps the log in
# <build folder>/build.log and shows its end when something fails.
set -euo pipefail

preset=$1
folder=$2
shift 2
cd "$(dirname "$0")/.."
mkdir -p "$folder"
log=$folder/build.log

fail() {
  # Ninja prints what failed in the middle of what succeeded.
  grep -m 20 -E -A 20 '^FAILED|error:|CMake Error' "$log" >&2 ||
    tail -n 40 "$log" >&2
  echo "$1 failed; the whole log is $log" >&2
  exit 1
}

cmake --preset "$preset" >"$log" 2>&1 || fail "configuring $preset"

# One line each 10 %.
export NINJA_STATUS='[%p %f/%t %es] '
cmake --build "$folder" ${1:+--target "$@"} 2>&1 | tee -a "$log" |
  awk -v preset="$preset" '
    /^\[ *[0-9]+% / {
      percent = $1; gsub(/[^0-9]/, "", percent)
      if ($1 == "[") percent = $2 + 0
      if (int(percent / 10) > shown) {
        shown = int(percent / 10)
        line = $0; sub(/\].*/, "", line); sub(/^\[ */, "", line)
        printf "  building %s: %s\n", preset, line
        fflush()
      }
    }' || fail "building $preset"
