#!/usr/bin/env bash
# check-install.sh <build folder>
# Installs hipdex into a scratch prefix and builds the out-of-tree examples
# against it; then runs them from a folder that has neither the compiler nor
# the build tree: what an ahead-of-time deployment is.
set -euo pipefail

build=$1
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
# Nothing that a developer has set, built or cached may help.
unset HIPDEX_BUNDLE_PATH HIPDEX_JIT HIPDEX_COMPILER_LIBRARY HIPDEX_EMULATOR_LIBRARY LD_LIBRARY_PATH
export HIPDEX_DEVICE=emulator HIPDEX_CACHE_DIR=$work/cache

fail() {
  echo "check-install.sh: $*" >&2
  exit 1
}

# expect <regex> <command>...: the command's status goes to $status.
expect() {
  local pattern=$1
  shift
  status=0
  output=$("$@" 2>&1) || status=$?
  echo "$output"
  grep -qE "$pattern" <<<"$output" || fail "'$*' printed nothing like '$pattern'"
}

cmake --install "$build" --prefix "$prefix" >"$work/log" || {
  cat "$work/log"
  fail "cmake --install failed"
}
"$prefix/bin/hipdexc" --version

# build_example <name> <compiler variable>=<compiler>
build_example() {
  if ! {
    cmake -S "$source/examples/$1" -B "$work/$1" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      "-DCMAKE_PREFIX_PATH=$prefix" "$2" && cmake --build "$work/$1"
  } >"$work/log" 2>&1; then
    cat "$work/log"
    fail "building examples/$1 failed"
  fi
}
build_example embed_c -DCMAKE_C_COMPILER=clang-22
build_example aot_cmake -DCMAKE_CXX_COMPILER=clang++-22
cmake --install "$work/aot_cmake" --prefix "$work/deployed" >/dev/null
ls "$work/deployed/lib"/libhipdex.so* >/dev/null || fail "libhipdex.so was not deployed"

# Only what ships, and the emulator in the place of HIP.
mkdir "$work/hidden" && mv "$prefix" "$work/hidden"
cp "$work/hidden/prefix/lib/libhipdex-emulator.so" "$work/deployed/lib"
cp "$work/embed_c/embed_c" "$work/deployed/bin"
mv "$work/aot_cmake" "$work/embed_c" "$work/hidden"
if find "$work/deployed" -name '*compiler*' | grep .; then
  fail "the compiler was deployed"
fi
export HIPDEX_JIT=off LD_LIBRARY_PATH=$work/deployed/lib
bundle=$work/deployed/share/aot_cmake/kernels
echo "bundle of $(find "$bundle" -name '*.hsaco' | wc -l) kernels, $(du -sb "$bundle" | cut -f1) bytes;" \
  "libhipdex.so $(stat -Lc %s "$work/deployed/lib/libhipdex.so") bytes"

expect 'n2\.fnuz on .*: logit [0-9.e-]+, 0 of 128 wrong' "$work/deployed/bin/aot_cmake" "$bundle"
[[ $status == 0 ]] || fail "aot_cmake failed"
grep -q '^2/2 .*: bundle$' <<<"$output" || fail "a kernel was not from the bundle"
expect 'logit 8192, 0 of 128 wrong, 1 kernels embedded, 0 compiled' "$work/deployed/bin/embed_c"
[[ $status == 0 ]] || fail "embed_c failed"

# What is missing is an error that names it, and so is a bundle that is not one.
rm "$bundle"/*gfx942*n2*.hsaco
expect 'cannot read .*n2\.fnuz\.hsaco' "$work/deployed/bin/aot_cmake" "$bundle"
[[ $status == 1 ]] || fail "aot_cmake ran with a kernel missing"
expect "no context: .*nowhere/manifest.json" "$work/deployed/bin/aot_cmake" "$work/nowhere"
[[ $status == 1 ]] || fail "aot_cmake ran without a bundle"
[[ ! -e $HIPDEX_CACHE_DIR ]] || fail "something was cached"
echo "check-install.sh: passed"
