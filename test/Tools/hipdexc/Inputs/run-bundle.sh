#!/usr/bin/env bash
# run-bundle.sh HIPDEXC DIR: runs every kernel of a bundle on the emulator, from
# the bundle alone.
set -eu

export HIPDEX_BUNDLE_PATH=$2 HIPDEX_JIT=off HIPDEX_CACHE_DIR='' HIPDEX_LOG=resolve
export HIPDEX_COMPILER_LIBRARY=/none
for file in "$2"/*.hsaco; do
  "$1" run "$(basename "$file" .hsaco)" --device emulator 2>&1
done
