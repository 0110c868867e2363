#!/usr/bin/env bash
# Installs the Debian 12 packages that building and testing hipdex needs, and
# nothing when they are all there. LLVM 22 comes from bookworm-security.
set -euo pipefail

packages=(
  cmake ninja-build ccache
  # The compiler that builds hipdex, its linker, and the sanitizers' runtimes.
  clang-22 lld-22 libclang-rt-22-dev libstdc++-12-dev
  # What hipdex links, and TableGen.
  llvm-22-dev libmlir-22-dev mlir-22-tools liblld-22-dev
  # LLVM's static LTO, which lld calls, registers Polly.
  libpolly-22-dev
  # LLVM's and MLIR's CMake exports name these, whether we link them or not.
  zlib1g-dev libzstd-dev libxml2-dev
  # Tests: FileCheck and lit (a Python program, which needs psutil to stop tests
  # that hang), unit tests, benchmarks, style.
  llvm-22-tools python3 python3-psutil catch2 libbenchmark-dev clang-format-22
  # The emulator's test of a whole HIP program: clang's offload bundler.
  clang-tools-22
  # The tests of HIP C++: a bundle's build file, for the other build tool; and
  # the oldest clang that it is for.
  make clang-19
  # The test of the HTTP tier: the server, and what the runtime opens.
  nginx libcurl4
  # A real HIP, 5.2: without a device, and with a hiprtc that the runtime must
  # refuse. It has no gfx942.
  libamdhip64-5
  # The tests of signatures: the runtime opens libcrypto, openssl makes keys.
  libssl3 openssl
)

fail() {
  echo "install-dependencies.sh: $*" >&2
  exit 1
}

command -v apt-get >/dev/null ||
  fail "needs Debian 12 (no apt-get here); install by hand: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
  # A removed package still has an entry, so ask for the status.
  # shellcheck disable=SC2016 # the ${} is dpkg-query's, not the shell's
  status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null |
    sort -u || true)
  [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

install=(apt-get install -y --no-install-recommends -o Acquire::Retries=3
  -o DPkg::Lock::Timeout=120 "${missing[@]}")
[[ $EUID -eq 0 ]] || fail "run this as root: apt-get update && ${install[*]}"

echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update -o Acquire::Retries=3 && "${install[@]}"; } \
  >"$log" 2>&1 </dev/null; then
  tail -n 30 "$log" >&2
  fail "apt-get failed (above); LLVM 22 needs Debian 12 with its" \
    "bookworm-security repository"
fi
