# shellcheck shell=bash
# Sourced by scripts that are a list of stages.

# Runs the command $3... under the name $1, says how long it may take ($2: on 2 cores, when nothing is
# compiled yet) and how long it took, and ends everything when it fails.
stage() {
    local name=$1 estimate=$2 start=$SECONDS
    shift 2
    printf '\n=== %s (%s)\n' "$name" "$estimate"
    if ! "$@" </dev/null; then
        printf '\n=== %s FAILED after %d s: %s\n' "$name" $((SECONDS - start)) "$*" >&2
        exit 1
    fi
    printf '=== %s: done in %d s\n' "$name" $((SECONDS - start))
}
