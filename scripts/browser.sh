#!/usr/bin/env bash
# Runs one project of end2end/playwright.config.ts in Chromium against the built server:
# `browser.sh tests|screenshots|bench [options of "playwright test"]`.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

if ! CHROMIUM=${CHROMIUM:-$(command -v chromium)}; then
    echo "There is no Chromium yet: make setup" >&2
    exit 1
fi
export CHROMIUM
kind=$1
shift
cd end2end
exec npm exec -- playwright test --project="$kind" "$@"
