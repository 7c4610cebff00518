#!/usr/bin/env bash
# Measures what the built product costs, first by itself, then in Chromium. Prints a table of each;
# a figure over its aim ends nothing, somebody who is shown what is not true ends everything.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

# 10,000 connections are a file each on both sides; a shell's soft limit is often 1,024.
ulimit -Sn "$(ulimit -Hn)"
# Compiles the client only: the server that is measured is the one that scripts/build.sh has left.
stage "Budgets of the server" "about 12 minutes" \
    scripts/with-postgres.sh cargo bench --quiet --locked --package loadtest --bench budgets
stage "Load" "about 10 minutes" scripts/load.sh all --connections 500 --seconds 10
stage "Fan-out" "about 6 minutes" cargo bench --quiet --locked --package server --bench interest
stage "Sizes past one machine" "about 4 minutes" \
    cargo bench --quiet --locked --package presence --bench sizes
stage "Budgets in a browser" "about 5 minutes" scripts/browser.sh bench
