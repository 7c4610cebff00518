#!/usr/bin/env bash
# Formatting and lints: Rust for the server and for the browser, TypeScript, and these scripts.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

stage "Format" cargo fmt --all --check
stage "Shell scripts" shellcheck --external-sources scripts/*.sh .ci/run
stage "TypeScript" npm exec --prefix end2end -- tsc --project end2end
stage "Clippy, server side" \
    cargo clippy --locked --workspace --exclude frontend --all-targets -- -D warnings
stage "Clippy, browser side" \
    cargo clippy --locked --package frontend --target wasm32-unknown-unknown -- -D warnings
