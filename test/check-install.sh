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

# build_project <folder> <compiler variable>=<compiler>
build_project() {
  local name
  name=$(basename "$1")
  if ! {
    cmake -S "$1" -B "$work/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release \
      "-DCMAKE_PREFIX_PATH=$prefix" "$2" && cmake --build "$work/$name"
  } >"$work/log" 2>&1; then
    cat "$work/log"
    fail "building $1 failed"
  fi
}
build_project "$source/examples/embed_c" -DCMAKE_C_COMPILER=clang-22
build_project "$source/examples/aot_cmake" -DCMAKE_CXX_COMPILER=clang++-22

# One target with four key sets, of which the second has what the program wants.
mkdir -p "$work/source/several"
cat >"$work/source/several/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(several LANGUAGES C)
find_package(hipdex REQUIRED)
add_executable(several $source/examples/embed_c/main.c)
target_link_libraries(several PRIVATE hipdex::hipdex)
hipdex_add_kernels(several KEYSET other.txt ARCHS gfx950 EMBED)
hipdex_add_kernels(several KEYSET $source/examples/embed_c/keys.txt ARCHS gfx942 gfx950 EMBED)
hipdex_add_kernels(several KEYSET other.txt ARCHS gfx950)
hipdex_add_kernels(several KEYSET other.txt ARCHS gfx942)
file(GENERATE OUTPUT folders CONTENT "\$<JOIN:\$<TARGET_PROPERTY:several,HIPDEX_BUNDLE_DIRECTORY>, >\n")
END
echo 'k_gather.{arch}.p1.d128.b1.plain.{fp8}' >"$work/source/several/other.txt"
build_project "$work/source/several" -DCMAKE_C_COMPILER=clang-22
read -r -a folders <"$work/several/folders"
[[ ${#folders[@]} == 2 && -e ${folders[0]}/k_gather.gfx950.p1.d128.b1.plain.fn.hsaco &&
  -e ${folders[1]}/k_gather.gfx942.p1.d128.b1.plain.fnuz.hsaco ]] ||
  fail "the folders of two key sets are ${folders[*]}"
expect 'logit 8192, 0 of 128 wrong, 1 kernels embedded, 0 compiled' \
  env LD_LIBRARY_PATH="$prefix/lib" HIPDEX_LOG=resolve "$work/several/several"
[[ $status == 0 && $output == *several_kernels:\ miss* && $output == *several_kernels_2:\ hit* ]] ||
  fail "two embedded key sets were not both asked"
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
