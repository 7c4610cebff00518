#!/usr/bin/env bash
# Lets machines fail, and prints what was measured beside what is promised: `drill.sh [full]`. Small, it
# has a handful of people and short times; full, those of an installation, built for release, and takes
# about 20 minutes.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

size=${1:-small}
profile=()
if [[ $size == full ]]; then profile=(--cargo-profile release); fi
ROLLCALL_DRILL=$size scripts/with-postgres.sh cargo nextest run --locked --package server \
    "${profile[@]}" --test drill --ignore-default-filter --success-output final
