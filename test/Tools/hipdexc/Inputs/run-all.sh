#!/usr/bin/env bash
# run-all.sh HIPDEXC DIR: runs every kernel of a bundle on the emulator, with
# what the environment says about where they come from.
set -eu

for file in "$2"/*.hsaco "$2"/*.hip; do
  [[ -e $file ]] || continue # a pattern of the other contents
  key=$(basename "$file")
  "$1" run "${key%.*}" --device emulator 2>&1
done
