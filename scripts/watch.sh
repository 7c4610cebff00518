#!/usr/bin/env bash
# Serves the demo workspace, and rebuilds and reloads the browser at each change.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

scripts/setup.sh
# The server takes ROLLCALL_* for its settings, and refuses those that it does not know.
unset ROLLCALL_CACHE
exec cargo leptos watch -- serve --listen 127.0.0.1:3000 --data ./data --demo
