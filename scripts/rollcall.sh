#!/usr/bin/env bash
# Starts the built server from the project's folder, with all arguments passed on. The one place
# that says where the built site is.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

server=$CARGO_TARGET_DIR/release/rollcall
if [[ ! -x $server ]]; then
    echo "There is no $server yet: make build" >&2
    exit 1
fi
# The server takes ROLLCALL_* for its settings, and refuses those that it does not know.
unset ROLLCALL_CACHE
export LEPTOS_OUTPUT_NAME=rollcall LEPTOS_SITE_ROOT=target/site LEPTOS_SITE_PKG_DIR=pkg
exec "$server" "$@"
