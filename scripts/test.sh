#!/usr/bin/env bash
# Everything that must hold, quickest first. Ends at the first stage that fails.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

native=(--locked --workspace --exclude frontend)

stage "Setup" "about 20 minutes" scripts/setup.sh test
scripts/lint.sh
stage "Unit, property and integration tests" "about 10 minutes" \
    cargo nextest run "${native[@]}"
stage "Tests on PostgreSQL" "about 3 minutes" \
    scripts/with-postgres.sh cargo nextest run --locked --package store --package server \
    --test it --test http --test socket --ignore-default-filter \
    --filterset 'not (package(store) and test(/^(file|opening)::/))'
stage "Documentation tests" "about 2 minutes" cargo test --doc "${native[@]}"
stage "Build" "about 15 minutes" scripts/build.sh
stage "Browser tests" "about 15 minutes" scripts/browser.sh tests
printf '\n=== All stages passed in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
