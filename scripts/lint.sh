#!/usr/bin/env bash
# Formatting and lints: Rust for the server and for the browser, TypeScript, and these scripts; and what all
# of it depends on.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

stage "Format" "some seconds" cargo fmt --all --check
stage "Shell scripts" "some seconds" shellcheck --external-sources scripts/*.sh .ci/run
if command -v promtool >/dev/null; then
    stage "Alerts" "some seconds" promtool check rules docs/monitoring/alerts.yaml
    stage "Alerts, tested" "some seconds" promtool test rules docs/monitoring/alerts.test.yaml
fi
stage "TypeScript" "some seconds" npm exec --prefix end2end -- tsc --project end2end
stage "Clippy, server side" "about 5 minutes" \
    cargo clippy --locked --workspace --exclude frontend --all-targets -- -D warnings
stage "Clippy, browser side" "about 2 minutes" \
    cargo clippy --locked --package frontend --target wasm32-unknown-unknown -- -D warnings
stage "Dependencies" "some seconds" cargo deny --locked check licenses bans sources
