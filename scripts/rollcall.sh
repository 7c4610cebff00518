#!/usr/bin/env bash
# Starts the built server from the project's folder, where it finds target/site, with all arguments
# passed on.
set -euo pipefail
cd "$(dirname "$0")/.."

server=target/rollcall
if [[ ! -x $server ]]; then
    echo "There is no $server yet: make build" >&2
    exit 1
fi
# The server takes ROLLCALL_* for its settings, and refuses those that it does not know.
unset ROLLCALL_CACHE
exec "$server" "$@"
