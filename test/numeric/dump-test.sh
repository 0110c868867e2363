#!/usr/bin/env bash
# Dumps launches and lets check-dump.py, which shares no code with us, judge
# them; then spoils one cell and wants to be told.
#
# usage: dump-test.sh HIPDEXC
set -euo pipefail

hipdexc=$1
here=$(dirname "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for key in "--arch gfx942 --preshuffle --heads 64 --next-n 1" \
  "--arch gfx950 --preshuffle --heads 32 --next-n 2" \
  "--arch gfx950 --page-size 1 --kv-block-size 1 --heads 64 --next-n 2" \
  "--arch gfx942 --page-size 16 --kv-block-size 16 --heads 32 --next-n 1" \
  "--arch gfx950 --preshuffle --heads 8 --next-n 3 --tail neginf --width 310"; do
  # shellcheck disable=SC2086 # several options
  "$hipdexc" run --op paged_mqa_logits $key --batch 4 --context 0..300 \
    --device emulator --dump "$folder/dump"
  python3 "$here/check-dump.py" "$folder/dump"
done

# The first cell is a logit or poison; neither survives this.
printf '\x01\x02\x03' | dd of="$folder/dump/logits.bin" bs=1 conv=notrunc \
  status=none
if python3 "$here/check-dump.py" "$folder/dump" 2>"$folder/message"; then
  echo "check-dump.py did not see a spoiled cell" >&2
  exit 1
fi
grep 'row 0, column 0' "$folder/message"
