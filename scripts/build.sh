#!/usr/bin/env bash
# Builds the product: the server with all that it serves to the browser, target/rollcall.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

echo "Building for release (about 15 minutes the first time on 2 cores)"
# Names bear hashes: a tab that was opened before an upgrade never fetches a part that does not fit.
export LEPTOS_HASH_FILES=true
build=(cargo leptos build --release --split --cargo-locked)
# Empties target/site first, so that no compressed file outlives what it was made from.
"${build[@]}" --frontend-only --precompress
cp "$CARGO_TARGET_DIR/release/hash.txt" target/site/pkg/hash.txt
"${build[@]}" --server-only --bin-features embedded
# The next clone that is built replaces what is in the shared folder. A server that is running keeps
# the file that it was started from.
cp --remove-destination "$CARGO_TARGET_DIR/release/rollcall" target/rollcall
