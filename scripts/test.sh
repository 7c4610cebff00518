#!/usr/bin/env bash
# Everything that must hold, quickest first. Ends at the first stage that fails.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

native=(--locked --workspace --exclude frontend)

stage "Setup" scripts/setup.sh test
scripts/lint.sh
stage "Unit, property and integration tests" cargo nextest run "${native[@]}"
stage "Documentation tests" cargo test --doc "${native[@]}"
stage "Build" scripts/build.sh
stage "Browser tests" scripts/browser.sh tests
printf '\n=== All stages passed in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
