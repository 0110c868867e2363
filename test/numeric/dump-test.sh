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

for key in "--op paged_mqa_logits --arch gfx942 --preshuffle --heads 64 --next-n 1" \
  "--arch gfx950 --preshuffle --heads 32 --next-n 2" \
  "--arch gfx950 --page-size 1 --kv-block-size 1 --heads 64 --next-n 2" \
  "--arch gfx942 --page-size 16 --kv-block-size 16 --heads 32 --next-n 1" \
  "--arch gfx950 --preshuffle --heads 8 --next-n 3 --tail neginf --width 310" \
  stream_pages.gfx950.p64.d128.b16.pre.n2.fn \
  "stream_pages.gfx942.p1.d64.b1.plain.n1.fnuz.neginf --width 310"; do
  # shellcheck disable=SC2086 # several options
  "$hipdexc" run $key --batch 4 --context 0..300 \
    --device emulator --dump "$folder/dump"
  python3 "$here/check-dump.py" "$folder/dump"
done
# Dumps of both kinds are run again.
"$hipdexc" run --load "$folder/dump" --device emulator |
  grep '^dumped logits  *bit-identical$'

# judge FOLDER SEEDS SHAPE KEY...: dumps of each key and seed, and each key's
# last one run again.
judge() {
  local dump=$folder/$1 seeds=$2 shape=$3 key seed
  shift 3
  for key; do
    for seed in $seeds; do
      # shellcheck disable=SC2086 # an option and its value
      "$hipdexc" run "$key" $shape --seed "$seed" --device emulator \
        --dump "$dump"
      python3 "$here/check-dump.py" "$dump"
    done
    "$hipdexc" run --load "$dump" --device emulator |
      grep '^dumped result  *bit-identical$'
  done
}

rows_keys=(k_quant_store.gfx942.p64.d128.pre.bf16.i64.fnuz.max224
  k_quant_store.gfx950.p16.d64.plain.f32.i32.fn.ue8m0
  k_quant_store.gfx950.p1.d128.plain.f16.i64.fn
  k_move.gfx942.p64.d128.pre.t64.pre.i32.fnuz
  k_move.gfx950.p1.d128.plain.t64.pre.i64.fn
  topk.gfx942.decode.slot.b64
  topk.gfx950.decode.column.b1
  topk.gfx950.prefill.slot.b1
  k_gather.gfx942.p1.d128.b1.plain.fnuz
  k_gather.gfx950.p64.d64.b16.pre.fn)
judge rows "11 12 13" "--random-shape" "${rows_keys[@]}"
# Few heads: what Python multiplies takes long.
prefill_keys=(mqa_logits.gfx942.d64.h8.fnuz.neginf
  mqa_logits.gfx950.d128.h16.fn
  paged_mqa_prefill.gfx942.p64.d128.b16.pre.h8.fnuz
  paged_mqa_prefill.gfx950.p1.d64.b1.plain.h16.fn.neginf)
judge prefill "15 17 18" "--random-shape" "${prefill_keys[@]}"
# Rows of q take Python long: few tokens, of many seeds.
prep_keys=(qk_prep.gfx942.p64.d128.pre.h8.neox.first.bf16.i64.fnuz
  qk_prep.gfx950.p1.d128.plain.h8.interleaved.last.f16.i32.fn.hadamard.prep_q
  qk_prep.gfx942.p16.d128.pre.h16.interleaved.first.f16.i64.fnuz.ue8m0
  qk_prep.gfx950.p64.d128.pre.h8.neox.last.bf16.i32.fn.ue8m0.hadamard)
judge prep "11 12" "--tokens 30" "${prep_keys[@]}"
printf '\x01' | dd of="$folder/rows/k.bin" bs=1 conv=notrunc status=none
printf '\x02' | dd of="$folder/rows/k_after.bin" bs=1 conv=notrunc status=none
if python3 "$here/check-dump.py" "$folder/rows" 2>"$folder/message"; then
  echo "check-dump.py did not see a spoiled byte" >&2
  exit 1
fi
grep 'byte 0 of k_after.bin' "$folder/message"

# The first cell is a logit or poison; neither survives this.
for file in dump/logits.bin prefill/logits_after.bin; do
  printf '\x01\x02\x03' | dd of="$folder/$file" bs=1 conv=notrunc status=none
  if python3 "$here/check-dump.py" "$folder/${file%/*}" 2>"$folder/message"; then
    echo "check-dump.py did not see a spoiled cell of $file" >&2
    exit 1
  fi
  grep 'row 0, column 0' "$folder/message"
done
