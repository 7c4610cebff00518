#!/usr/bin/env bash
# Starts the built server, with all arguments passed on.
set -euo pipefail

server=$(dirname "$0")/../target/rollcall
if [[ ! -x $server ]]; then
    echo "There is no target/rollcall yet: make build" >&2
    exit 1
fi
# The server takes ROLLCALL_* for its settings, and refuses those that it does not know.
unset ROLLCALL_CACHE
exec "$server" "$@"
