#!/usr/bin/env bash
# Makes the Debian package target/rollcall.deb of what scripts/build.sh has built, and looks whether it
# holds what it should: the program runs from wherever it is unpacked.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

package=target/rollcall.deb
cargo deb --quiet --locked --package server --no-build --no-strip --output "$package"

unpacked=$(mktemp --directory)
trap 'rm --recursive --force "$unpacked"' EXIT
dpkg-deb --extract "$package" "$unpacked"
unit=$unpacked/usr/lib/systemd/system/rollcall@.service
program=$unpacked$(sed --quiet 's/^ExecStart=\(\S*\) serve$/\1/p' "$unit")
"$program" version
for document in "$unpacked"/usr/share/doc/rollcall/{operations.md,copyright,examples/Caddyfile}; do
    [[ -s $document ]] || {
        echo "$package holds no ${document#"$unpacked"}" >&2
        exit 1
    }
done
