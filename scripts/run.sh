#!/usr/bin/env bash
# Installs what is missing, builds, and serves the demo workspace on this machine only.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

scripts/setup.sh
scripts/build.sh
cat <<'TEXT'

Rollcall will be on http://127.0.0.1:3000
Demo accounts: jane (admin), john and bob; the password of each is rollcall-demo
Data are kept in ./data; Ctrl-C stops the server.

TEXT
exec scripts/rollcall.sh serve --listen 127.0.0.1:3000 --data ./data --demo
