#!/usr/bin/env bash
# From a bare Debian 12 to a running kernel: installs, builds and runs
# examples/decode. Arguments go to the example (--help lists them).
set -euo pipefail

cd "$(dirname "$0")/.."
bash cmake/install-dependencies.sh
bash cmake/build.sh release build hipdex-example-decode
exec build/bin/hipdex-example-decode "$@"
