#!/usr/bin/env bash
# check-http-cache.sh <folder of hipdexc>
# The HTTP tier against Debian's nginx with its WebDAV module on the loopback:
# hit, miss, corrupt, truncated, slow, status 500, down.
set -euo pipefail

PATH=$1:$PATH
work=$(mktemp -d)
server=
stop() {
  [[ -z $server ]] || kill "$server"
  [[ -z $server ]] || wait "$server" || true
  server=
}
trap 'stop; rm -rf "$work"' EXIT
command -v nginx >/dev/null || {
  echo "check-http-cache.sh: no nginx (cmake/install-dependencies.sh installs it)" >&2
  exit 1
}
unset HIPDEX_BUNDLE_PATH HIPDEX_JIT HIPDEX_HTTP_CACHE_MODE http_proxy
export HIPDEX_LOG=resolve HIPDEX_CACHE_LOWER_DIR='' no_proxy=127.0.0.1

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir "$work/store" "$work/empty"
cat >"$work/nginx.conf" <<END
daemon off;
master_process off;
user root;
pid $work/pid;
error_log $work/error.log;
events {}
http {
  access_log $work/access.log;
  client_body_temp_path $work/body;
  server {
    listen 127.0.0.1:$port;
    client_max_body_size 64m;
    location /store/ { root $work; dav_methods PUT; create_full_put_path on; }
    location /empty/ { root $work; dav_methods PUT; create_full_put_path on; }
    location /refusing/ { alias $work/empty/; }
    location /slow/ { alias $work/store/; limit_rate 100; }
    location /broken/ { return 500; }
  }
}
END
nginx -c "$work/nginx.conf" 2>"$work/start.log" &
server=$!
base=http://127.0.0.1:$port
until python3 -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || {
    cat "$work/start.log" >&2
    exit 1
  }
  sleep 0.1
done

fail() {
  echo "check-http-cache.sh: $*" >&2
  cat "$work/output" >&2
  exit 1
}

key=paged_mqa_logits.gfx950.p64.d128.b64.pre.h64.n1.fn
# run <what it is> <path below the server>: runs the key with an empty disk
# cache; cells that are wrong fail it.
run() {
  rm -rf "$work/cache"
  again "$@"
}
again() {
  echo "-- $1"
  HIPDEX_CACHE_DIR=$work/cache HIPDEX_HTTP_CACHE=$base/$2 hipdexc run "$key" --device emulator \
    --batch 1 --context 100..100 --seed 1 >"$work/output" 2>&1 || fail "the run failed"
}
said() { grep -qE "$1" "$work/output" || fail "said nothing like '$1'"; }
unsaid() { if grep -qE "$1" "$work/output"; then fail "said '$1'"; fi; }
# As many as the log has when it has stopped growing: nginx writes it after it
# has answered.
requests() {
  local before=-1 now
  while now=$(wc -l <"$work/access.log") && [[ $now != "$before" ]]; do
    before=$now
    sleep 0.2
  done
  echo "$now"
}
content() { echo "$work"/store/cas/*; }
action() { echo "$work"/store/ac/*; }

run "miss: compiled and put there" store
said 'HTTP tier http://127.0.0.1:[0-9]+/store: miss'
said 'compiler: compiled'
[[ $(basename "$(content)") == "$(sha256sum "$(content)" | cut -d' ' -f1)" ]] ||
  fail "the content is not where its digest says"
[[ $(requests) == 3 ]] || fail "$(requests) requests, must be a GET and two PUTs"

export HIPDEX_JIT=off
run "hit" store/
said 'HTTP tier .*: hit'
unsaid warning
count=$(requests)
again "hit on disk: the server is not asked" store
said 'disk cache .*: hit|cache .*: hit'
[[ $(requests) == "$count" ]] || fail "the server was asked"
unset HIPDEX_JIT
echo "-- user and password stay out of messages"
HIPDEX_CACHE_DIR=$work/none HIPDEX_HTTP_CACHE=http://me:secret@127.0.0.1:$port/store hipdexc run "$key" \
  --device emulator --batch 1 --context 1..1 --seed 1 >"$work/output" 2>&1 || fail "the run failed"
said 'HTTP tier http://127.0.0.1:[0-9]+/store: hit'
unsaid secret

# changed <what> <reason>: what the server holds now is refused, compiled again
# and put right.
changed() {
  run "$1" store
  said "HTTP tier .*: rejected: .*$2"
  said 'warning: .*HTTP tier'
  said 'compiler: compiled'
  run "$1: put right" store
  said 'HTTP tier .*: hit'
}
size=$(stat -c %s "$(content)")
printf '\xff' | dd of="$(content)" bs=1 seek=100 conv=notrunc status=none
changed "corrupt content" 'has SHA-256 '
truncate -s 1000 "$(content)"
changed "truncated content" "has 1000 bytes, its entry says $size"
echo more >>"$(content)"
changed "longer content" "has more than $size bytes"
truncate -s 50 "$(action)"
changed "truncated entry" 'ac/'
sed -i 's/"build_id":"./"build_id":"x/' "$(action)"
changed "changed entry" 'ac/'
head -c 2000000 /dev/zero >"$(action)"
changed "entry without an end" 'has more than 1048576 bytes'
other=${key/h64/h32}
HIPDEX_CACHE_DIR=$work/other HIPDEX_HTTP_CACHE=$base/empty hipdexc run "$other" --device emulator \
  --batch 1 --context 1..1 --seed 1 >"$work/output" 2>&1 || fail "the run failed"
cp "$work"/empty/ac/* "$(action)"
rm -r "$work"/empty/*
changed "another key's entry" "is the entry of $other"
rm "$(content)"
run "an entry without its content is a miss" store
said 'HTTP tier .*: miss'
unsaid warning

count=$(requests)
export HIPDEX_HTTP_CACHE_MODE=read
run "read only" empty
said 'HTTP tier .*: miss'
[[ -z $(ls "$work/empty") ]] || fail "something was put there"
[[ $(requests) == $((count + 1)) ]] || fail "more than one GET"
unset HIPDEX_HTTP_CACHE_MODE

run "a server that takes nothing" refusing
said 'not stored: HTTP tier .*: PUT cas/[0-9a-f]+: status 405'
said 'warning: HTTP tier .*: status 405'
run "slow" slow
said 'HTTP tier .*: GET ac/[0-9a-f]+: .*timed out'
said 'compiler: compiled'
count=$(requests)
run "status 500" broken
said 'HTTP tier .*: GET ac/[0-9a-f]+: status 500'
said 'not stored: HTTP tier .*: failed within the last 30 s'
[[ $(requests) == $((count + 1)) ]] || fail "the server was asked again after it failed"
stop
run "down" store
said 'HTTP tier .*: GET ac/[0-9a-f]+: .*[Cc]onnect'
said 'compiler: compiled'

if HIPDEX_HTTP_CACHE=ftp://me:secret@server hipdexc run "$key" --device emulator >"$work/output" 2>&1; then
  fail "ftp was taken"
fi
said 'error: the HTTP tier.s URL is "ftp://server", must begin with http:// or https://'
unsaid secret
echo "check-http-cache.sh: passed"
