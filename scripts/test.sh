#!/usr/bin/env bash
# Everything that must hold, quickest first. Ends at the first stage that fails.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
# shellcheck source=scripts/stage.sh
source scripts/stage.sh

native=(--locked --workspace --exclude frontend)

# What everybody is shown is judged, payload by payload; what it costs is for `make bench`.
small_load() {
    for scenario in churn typing snapshots join-storm reconnect-storm; do
        scripts/load.sh "$scenario" --connections 100 --seconds 3 || return
    done
}

stage "Setup" "about 20 minutes" scripts/setup.sh test
scripts/lint.sh
stage "Unit, property and integration tests" "about 10 minutes" \
    cargo nextest run "${native[@]}"
stage "The store on PostgreSQL" "about 1 minute" \
    scripts/with-postgres.sh cargo nextest run --locked --package store --test it \
    --ignore-default-filter --filterset 'not test(/^(file|opening)::/)'
stage "Copying to PostgreSQL" "some seconds" \
    scripts/with-postgres.sh cargo nextest run --locked --package server --test program \
    --filterset 'test(/^database::/)'
# Each test has two servers, and its connections go to one after the other. What a server decides by
# itself is left out: how many guesses and sockets are too many, its own counts, its own end; and, as the
# clock of the second is an hour ahead, when a sign-in of seconds has run out.
alone='guesses_count_by_address|one_socket_too_many|one_newcomer_too_many|limits::|what_happened_is_counted|when_the_data_cannot_be_reached'
alone+='|comes_back_to_a_restarted_server|a_sign_in_that_runs_out'
stage "Two servers on PostgreSQL and Redis" "about 3 minutes" \
    scripts/with-redis.sh scripts/with-postgres.sh cargo nextest run --locked --package server \
    --test http --test socket --filterset "not test(/$alone/)"
stage "Fault drills, small" "about 4 minutes" scripts/drill.sh
stage "Documentation tests" "about 2 minutes" cargo test --doc "${native[@]}"
stage "Build" "about 15 minutes" scripts/build.sh
stage "Clippy, with the site" "about 1 minute" \
    cargo clippy --locked --package server --features embedded -- -D warnings
stage "Debian package" "some seconds" scripts/package.sh
stage "Load, small" "about 5 minutes" small_load
stage "Browser tests" "about 15 minutes" scripts/browser.sh tests
printf '\n=== All stages passed in %d min %d s\n' $((SECONDS / 60)) $((SECONDS % 60))
