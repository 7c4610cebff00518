# shellcheck shell=bash
# Sourced by scripts that are a list of stages.

# Runs a command under a name, says how long it took, and ends everything when it fails.
stage() {
    local name=$1 start=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    if ! "$@" </dev/null; then
        printf '\n=== %s FAILED after %d s: %s\n' "$name" $((SECONDS - start)) "$*" >&2
        exit 1
    fi
    printf '=== %s: done in %d s\n' "$name" $((SECONDS - start))
}
