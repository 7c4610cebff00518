#!/usr/bin/env bash
# Measures the built server under load, with all arguments passed on to rollcall-load.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

# A connection is an open file on both sides; a shell's soft limit is often 1,024.
ulimit -Sn "$(ulimit -Hn)"
exec cargo run --quiet --locked --release --package loadtest --bin rollcall-load -- "$@"
