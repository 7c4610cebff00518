#!/usr/bin/env bash
# Looks for bytes that a parser does not stand: `fuzz.sh [SECONDS]` for each of crates/fuzz (default 60).
# What it finds is printed, and left in target/fuzz; what is worth keeping goes into crates/fuzz/corpus. The first
# time it takes about 15 minutes on 2 cores until it begins.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
    echo "SECONDS is a number of seconds, at least 1, and not $seconds" >&2
    exit 2
}
# The sanitizer is an unstable option of the compiler, which is a stable one here.
export RUSTC_BOOTSTRAP=1
# cargo-fuzz's flags take the place of those of .cargo/config.toml.
export RUSTFLAGS='--cfg erase_components'
# Apart from everything else, which is compiled without it.
export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/fuzz
for target in crates/fuzz/targets/*.rs; do
    name=$(basename "$target" .rs)
    found=target/fuzz/$name
    mkdir -p "$found/corpus"
    echo "=== $name, $seconds s"
    cargo fuzz run --fuzz-dir crates/fuzz --features targets --release "$name" \
        "$found/corpus" "crates/fuzz/corpus/$name" -- \
        -max_total_time="$seconds" -artifact_prefix="$found/" -verbosity=0 -print_final_stats=1
done
