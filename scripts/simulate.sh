#!/usr/bin/env bash
# Tries random schedules of failures on several nodes: `simulate.sh [COUNT or FROM..TO]`.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

SIMULATION_SEEDS=${1:-100000} exec cargo test --locked --package presence --test simulation --release \
    whatever_fails -- --nocapture
