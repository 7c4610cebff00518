#!/usr/bin/env bash
# Builds the product: the server, and what it serves to the browser (in target/site).
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

echo "Building for release (about 15 minutes the first time on 2 cores)"
exec cargo leptos build --release --cargo-locked
