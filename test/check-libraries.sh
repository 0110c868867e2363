#!/usr/bin/env bash
# check-libraries.sh <library folder>
# Holds the libraries to docs/architecture.md's table of who may depend on whom:
# what each needs at load time, what each exports, how big the runtime is, that
# nothing of ours needs ROCm, and that nothing below the compiler includes MLIR.
set -euo pipefail

libraries=$1
source=$(dirname "$0")/..
readelf=/usr/lib/llvm-22/bin/llvm-readelf
failed=0
complain() {
  echo "$1"
  failed=1
}

system='libc\.so\.6|libm\.so\.6|libgcc_s\.so\.1|libstdc\+\+\.so\.6|ld-linux-x86-64\.so\.2'

# check_library <name> <regex of extra libraries> <regex of exports>
check_library() {
  local file=$libraries/$1 needed exports bad
  [[ -f $file ]] || {
    complain "$1: not in $libraries"
    return
  }
  needed=$("$readelf" --dynamic "$file" |
    sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
  [[ -n $needed ]] || complain "$1: found no NEEDED entries"
  bad=$(grep -vxE "$system${2:+|$2}" <<<"$needed" || true)
  [[ -z $bad ]] || complain "$1: must not need ${bad//$'\n'/ }"

  exports=$("$readelf" --dyn-syms --wide "$file" |
    awk '$5 ~ /GLOBAL|WEAK|UNIQUE/ && $7 != "UND" { sub(/@.*/, "", $8); print $8 }')
  grep -qxE "$3" <<<"$exports" || complain "$1: exports nothing like $3"
  bad=$(grep -vxE "$3" <<<"$exports" | head -n 5 || true)
  [[ -z $bad ]] || complain "$1: must not export ${bad//$'\n'/ }"
  echo "$1: $(wc -l <<<"$needed") libraries, $(wc -l <<<"$exports") exports," \
    "$(stat -c %s "$file") bytes"
}

compression='libz\.so\.1|libzstd\.so\.1'
check_library libhipdex.so '' 'hipdex_[a-z0-9_]+'
check_library libhipdex-compiler.so "$compression" 'hipdex_[a-z0-9_]+'
check_library libhipdex-emulator.so "$compression" '(__)?hip[A-Z][A-Za-z0-9_]+|hipdex_emulator_[a-z_]+'

# The C ABI only grows: what it exports is this list, to the name.
golden=$source/test/data/libhipdex.symbols
changes=$("$readelf" --dyn-syms --wide "$libraries/libhipdex.so" |
  awk '$5 ~ /GLOBAL|WEAK|UNIQUE/ && $7 != "UND" { sub(/@.*/, "", $8); if ($8 != "") print $8 }' |
  LC_ALL=C sort | diff "$golden" - || true)
[[ -z $changes ]] || complain "libhipdex.so does not export what $golden lists:
$changes"

# An ahead-of-time deployment ships this.
limit=1500000
stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
/usr/lib/llvm-22/bin/llvm-strip "$libraries/libhipdex.so" -o "$stripped"
size=$(stat -c %s "$stripped")
echo "libhipdex.so: $size bytes stripped, of $limit"
[[ $size -le $limit ]] || complain "libhipdex.so is $size bytes stripped, must be at most $limit"

# Every program and library of the build.
artefacts=0
while IFS= read -r file; do
  # Scripts are executable too.
  needed=$("$readelf" --dynamic "$file" 2>/dev/null |
    sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' || true)
  [[ -n $needed ]] || continue
  artefacts=$((artefacts + 1))
  bad=$(grep -E 'amdhip|hsa-runtime|hiprtc|comgr|rocm|hipblas' <<<"$needed" || true)
  [[ -z $bad ]] || complain "${file##*/} must not need ${bad//$'\n'/ }"
done < <(find "$libraries/.." -name CMakeFiles -prune -o -type f \
  \( -name '*.so' -o -perm -u+x \) -print)
echo "$artefacts programs and libraries need no ROCm"
[[ $artefacts -gt 3 ]] || complain "found only $artefacts programs and libraries in $libraries/.."

files=$(find "$source/dialects/Spec" "$source/runtime" -name '*.h' -o \
  -name '*.hpp' -o -name '*.cpp' -o -name '*.c')
[[ -n $files ]] || complain "found no sources of Spec and runtime"
bad=$(xargs grep -nE '#include [<"]mlir/' <<<"$files" || true)
[[ -z $bad ]] || complain "Spec and runtime must not include MLIR: $bad"

exit "$failed"
