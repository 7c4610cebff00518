#!/usr/bin/env bash
# Serves the demo workspace, and rebuilds and reloads the browser at each change.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

scripts/setup.sh
exec cargo leptos watch -- serve --listen 127.0.0.1:3000 --data ./data --demo
