#!/usr/bin/env bash
# Measures what the built product costs, first by itself, then in Chromium. Prints a table of each;
# a figure over its aim ends nothing.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

# Compiles the client only: the server that is measured is the one that scripts/build.sh has left.
stage "Budgets of the server" "about 10 minutes" \
    cargo bench --quiet --locked --package loadtest --bench budgets
stage "Budgets in a browser" "about 3 minutes" scripts/browser.sh bench
