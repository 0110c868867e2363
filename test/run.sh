#!/usr/bin/env bash
# Builds everything and runs every test. The last line is "N passed, N failed";
# the exit status is 0 only if something passed and nothing failed.
#
# usage: test/run.sh [--full]
#
# --full then checks every key that there is, not only a set that covers them;
# about half an hour on two cores. HIPDEX_TEST_SHARD=I/N checks the I-th of N
# parts of them, and nothing else: for many machines.
set -euo pipefail

full=0
for argument in "$@"; do
  if [[ $argument != --full ]]; then
    echo "test/run.sh: unknown argument '$argument', must be --full" >&2
    exit 2
  fi
  full=1
done
shard=${HIPDEX_TEST_SHARD-}
if [[ -n $shard && $full -eq 0 ]]; then
  echo "test/run.sh: HIPDEX_TEST_SHARD is $shard, which needs --full" >&2
  exit 2
fi

cd "$(dirname "$0")/.."
root=$PWD
results=$root/build/test-results
passed=0
failed=0

step() { printf '== %s (%ds)\n' "$1" "$SECONDS"; }

# Runs a command as one test; fails if it does.
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    echo "FAILED: $name"
    failed=$((failed + 1))
    return 1
  fi
}

# Adds the tests of a result file of lit or ctest, as test/count-results.py
# finds them. A runner that left no results, or failed where its results did
# not, is one failure.
count() {
  local status=$1 file=$2 counts new_passed=0 new_failed=0
  if counts=$(python3 test/count-results.py "$file"); then
    read -r new_passed new_failed <<<"$counts"
  else
    new_failed=1
  fi
  if [[ $status -ne 0 && $new_failed -eq 0 ]]; then
    echo "FAILED: the runner exited with $status (results in $file)"
    new_failed=1
  fi
  echo "   $new_passed passed, $new_failed failed"
  passed=$((passed + new_passed))
  failed=$((failed + new_failed))
}

run_ctest() {
  local name=$1 folder=$2 status=0
  shift 2
  # Passing programs print too: their Catch2 summary is what gets counted.
  (cd "$folder" && ctest "$@" --output-on-failure --no-tests=error \
    --timeout 1200 --test-output-size-passed 65536 \
    --output-junit "$results/$name.xml") || status=$?
  count "$status" "$results/$name.xml"
}

test_release() {
  local status=0
  step "lit"
  /usr/lib/llvm-22/bin/lit -v --output "$results/lit.json" build/test || status=$?
  count "$status" "$results/lit.json"

  step "unit"
  run_ctest unit build -L unit -j "$(nproc)"

  step "numeric"
  # Each of these uses every core by itself: the emulator is threaded.
  run_ctest numeric build -L numeric

  step "everything else that ctest knows"
  run_ctest other build -LE 'unit|numeric|bench'
}

# Every key. The program prints how many, how long and the seed.
test_all_keys() {
  step "every key"
  check "every key" build/test/numeric/hipdex-numeric '[full]' || true
}

finish() {
  echo "HIPDEX_TEST_SEED=$HIPDEX_TEST_SEED repeats this run ($SECONDS s)"
  echo "$passed passed, $failed failed"
  [[ $failed -eq 0 && $passed -gt 0 ]]
  exit
}

# Tests leave the user's cache alone and are not led by his settings.
for setting in "${!HIPDEX_@}"; do
  [[ $setting == HIPDEX_TEST_* ]] || unset "$setting"
done
export HIPDEX_CACHE_DIR=$root/build/test-cache
# What all random inputs follow from: this repeats a run.
export HIPDEX_TEST_SEED=${HIPDEX_TEST_SEED:-$(((RANDOM << 15 | RANDOM) + 1))}
step "dependencies"
bash cmake/install-dependencies.sh || { failed=1 && finish; }
rm -rf "$results" "$HIPDEX_CACHE_DIR"
mkdir -p "$results"

step "style"
check "style" bash test/check-style.sh || true

step "build: release"
if check "build of release" bash cmake/build.sh release build; then
  [[ -n $shard ]] || test_release
  [[ $full -eq 0 ]] || test_all_keys
fi
[[ -z $shard ]] || finish

step "build: asan"
if check "build of asan" bash cmake/build.sh asan build-asan; then
  step "unit, under address and undefined-behaviour sanitizers"
  run_ctest unit-asan build-asan -L unit -j "$(nproc)"
fi

finish
