#!/usr/bin/env bash
# Makes the Debian package target/rollcall.deb of what scripts/build.sh has built, and looks whether it
# holds what it should: the program runs from wherever it is unpacked.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

package=target/rollcall.deb
# So that a later build counts as newer.
revision=$(git show --no-patch --date=format:%Y%m%d%H%M%S --format=%cd 2>/dev/null || echo 1)
cargo deb --quiet --locked --package server --no-build --no-strip --deb-revision "$revision" --output "$package"

unpacked=$(mktemp --directory)
trap 'rm --recursive --force "$unpacked"' EXIT
dpkg-deb --extract "$package" "$unpacked"
unit=$unpacked/usr/lib/systemd/system/rollcall@.service
program=$unpacked$(sed --quiet 's/^ExecStart=\(\S*\) serve$/\1/p' "$unit")
"$program" version
complaints=$(systemd-analyze verify --man=no --root="$unpacked" rollcall@1.service 2>&1 | grep --fixed-strings "$(basename "$unit"):" || true)
[[ -z $complaints ]] || {
    echo "$complaints" >&2
    exit 1
}
# How much of the machine the unit leaves open to the server, in tenths: what it needs, and little more.
exposure=$(systemd-analyze security --no-pager --offline=true --root="$unpacked" --threshold=20 rollcall@1.service 2>&1) || {
    echo "$exposure" >&2
    exit 1
}
for document in "$unpacked"/usr/share/doc/rollcall/{operations.md,copyright,monitoring/{alerts.yaml,grafana.json}}; do
    [[ -s $document ]] || {
        echo "$package holds no ${document#"$unpacked"}" >&2
        exit 1
    }
done
# The site is in the program, or what browser tests run would not be what is packed.
cmp "$program" target/rollcall
