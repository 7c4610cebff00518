#!/usr/bin/env bash
# Runs one project of end2end/playwright.config.ts in Chromium against the built server:
# `browser.sh tests|screenshots|bench [options of "playwright test"]`.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

kind=$1
shift
cd end2end
exec npm exec -- playwright test --project="$kind" "$@"
