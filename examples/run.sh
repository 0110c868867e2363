#!/usr/bin/env bash
# From a bare Debian 12 to running kernels: installs, builds and runs
# examples/decode, and examples/indexer behind it. Arguments go to both (--help
# lists them).
set -euo pipefail

cd "$(dirname "$0")/.."
bash cmake/install-dependencies.sh
bash cmake/build.sh release build hipdex-example-decode \
  hipdex-example-indexer
build/bin/hipdex-example-decode "$@"
echo
exec build/bin/hipdex-example-indexer "$@"
