#!/usr/bin/env bash
# Installs what is missing: `setup.sh` what building and running needs; `setup.sh test` what testing needs as
# well, and `setup.sh package`, `audit` or `fuzz` what that alone needs. Says nothing about what is already there.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

main() {
    check_rust
    check_node
    install_debian_packages cc gcc libc6-dev # SQLite is compiled from C
    install_wasm_target
    [[ -n $wasm_bindgen_version ]] || fail "Cargo.lock names no version of wasm-bindgen; is it complete?"
    install_command cargo-leptos cargo-leptos "$cargo_leptos_version" "$tools" "about 12 minutes on 2 cores"
    install_command wasm-bindgen wasm-bindgen-cli "$wasm_bindgen_version" "$wasm_bindgen_folder" "about 3 minutes on 2 cores"
    install_wasm_opt
    link_into_cargo_home cargo-leptos
    link_into_cargo_home wasm-bindgen
    link_into_cargo_home wasm-opt
    if [[ ${1:-} == test ]]; then
        install_command cargo-nextest cargo-nextest "$cargo_nextest_version" "$tools" "about 5 minutes on 2 cores"
        install_debian_packages chromium chromium
        install_debian_packages shellcheck shellcheck
        [[ -x $(postgres_folder)/postgres ]] || install_debian_packages postgres postgresql
        install_debian_packages redis-server redis-server
        install_debian_packages faketime faketime
        install_promtool
        install_browser_test_packages
    fi
    if [[ ${1:-} == @(test|package) ]]; then
        install_command cargo-deb cargo-deb "$cargo_deb_version" "$tools" "about 1 minute on 2 cores"
        install_debian_packages dpkg-shlibdeps dpkg-dev
        install_debian_packages systemd-analyze systemd
    fi
    if [[ ${1:-} == @(test|audit) ]]; then
        install_command cargo-deny cargo-deny "$cargo_deny_version" "$tools" "about 2 minutes on 2 cores"
    fi
    if [[ ${1:-} == fuzz ]]; then
        install_debian_packages c++ g++
        install_command cargo-fuzz cargo-fuzz "$cargo_fuzz_version" "$tools" "about 1 minute on 2 cores"
    fi
    # What the tools were compiled from is of no further use, and large.
    rm -rf "$cache/tool-build"
}

say() { printf 'setup: %s\n' "$*"; }

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

is_there() { command -v "$1" >/dev/null; }

# Whether version $1 is at least version $2.
is_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort --version-sort | head -n 1) == "$2" ]]; }

# Whether `$1 --version` names exactly the version $2.
has_version() { [[ " $("$1" --version 2>/dev/null) " == *[[:space:]]"$2"[[:space:]]* ]]; }

check_rust() {
    is_there rustup || fail "rustup is missing. Install Rust $rust_minimum or newer with it: https://rustup.rs"
    local version
    version=$(rustc --version | cut -d ' ' -f 2)
    is_at_least "$version" "$rust_minimum" ||
        fail "Rust $version is too old; $rust_minimum or newer is needed: rustup update stable && rustup default stable"
    cargo clippy --version &>/dev/null && cargo fmt --version &>/dev/null && return
    say "adding Rust's clippy and rustfmt (some seconds)"
    rustup component add clippy rustfmt
}

check_node() {
    is_there node || fail "Node.js is missing; $node_minimum or newer is needed, with npm."
    is_there npm || fail "npm is missing; it comes with Node.js, or as Debian's package npm."
    local version
    version=$(node --version)
    is_at_least "${version#v}" "$node_minimum" ||
        fail "Node.js $version is too old; $node_minimum or newer is needed."
}

install_wasm_target() {
    [[ -d $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown ]] && return
    say "adding Rust's target wasm32-unknown-unknown (some seconds)"
    rustup target add wasm32-unknown-unknown
}

# Compiles the command $1 from the crate $2 in version $3 into the folder $4; $5 says how long it takes.
# The dev profile without debug information compiles in a fraction of the time of `release`.
install_command() {
    has_version "$1" "$3" && return
    say "compiling $1 $3 ($5)"
    CARGO_TARGET_DIR=$cache/tool-build CARGO_PROFILE_DEV_DEBUG=false CARGO_INCREMENTAL=0 \
        cargo install --quiet --locked --force --profile dev --root "$4" "$2@$3"
}

install_wasm_opt() {
    [[ -x $binaryen_folder/node_modules/.bin/wasm-opt ]] && return
    say "fetching wasm-opt, in npm's package binaryen $binaryen_version (some seconds)"
    npm install --loglevel=error --no-save --ignore-scripts --prefix "$binaryen_folder" "binaryen@$binaryen_version"
}

# Makes a tool known to a bare `cargo leptos watch` in any shell. Never replaces somebody else's.
link_into_cargo_home() {
    local source target=${CARGO_HOME:-$HOME/.cargo}/bin/$1
    source=$(command -v "$1")
    [[ $source == "$target" || $target -ef $source ]] && return
    if [[ -L $target && $(readlink "$target") == "$tools"/* || ! -e $target && ! -L $target ]]; then
        say "linking $target to $source"
        ln -sfn "$source" "$target"
    else
        say "$target is not the $1 that this project is built with." \
            "Use \`make watch\`, or remove that file and run \`make setup\` again for a bare \`cargo leptos watch\`."
    fi
}

# Installs the packages $2... unless there is the command $1, which they bring.
install_debian_packages() {
    local command=$1
    shift
    is_there "$command" && return
    if [[ $(id -u) != 0 ]] || ! is_there apt-get; then
        fail "$command is missing, and only root can install it, with apt." \
            "Debian and Ubuntu: sudo apt-get update && sudo apt-get install --yes $*. Then start again."
    fi
    say "installing $command with apt: $* (about a minute)"
    apt-get update --quiet --quiet
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes --no-install-recommends "$@" >/dev/null
}

# What checks the alerts. Only this program of the package: installed, it would start a server. Where there is no
# apt, the alerts are left unchecked.
install_promtool() {
    is_there promtool && return
    is_there apt-get || return 0
    say "fetching promtool, in Debian's package prometheus (some seconds)"
    local folder
    folder=$(mktemp --directory)
    if [[ $(id -u) == 0 ]]; then apt-get update --quiet --quiet; fi
    (cd "$folder" && apt-get download --quiet --quiet --option APT::Sandbox::User=root prometheus &&
        dpkg-deb --extract prometheus_*.deb .)
    install -D "$folder/usr/bin/promtool" "$tools/bin/promtool"
    rm -rf "$folder"
}

install_browser_test_packages() {
    local lock=end2end/package-lock.json stamp=end2end/node_modules/.installed-lock.json
    cmp --silent "$lock" "$stamp" && return
    say "fetching the npm packages of the browser tests (some seconds)"
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --loglevel=error --ignore-scripts --prefix end2end
    cp "$lock" "$stamp"
}

main "$@"
