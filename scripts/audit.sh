#!/usr/bin/env bash
# Looks whether anything is known against what the project depends on (https://rustsec.org).
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

cargo deny --locked check advisories
