#!/usr/bin/env bash
# Removes the tools and compiled dependencies that are kept outside the clone.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

echo "Removing what is kept in $cache; the next setup and build start from nothing"
rm -rf "$cache/target" "$cache/tools" "$cache/tool-build"
