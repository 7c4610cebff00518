# shellcheck shell=bash
# shellcheck disable=SC2034 # the scripts that source this use what is set here
# Sourced by every script: where things are kept, which tools are used, and in which versions.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Outside the clone, so that the next clone on this machine finds tools and compiled dependencies.
cache=${ROLLCALL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rollcall}
tools=$cache/tools

rust_minimum=1.95
node_minimum=20
cargo_leptos_version=0.3.10 # 0.3.11 wants rustc 1.96
cargo_nextest_version=0.9.151
cargo_deb_version=3.8.0
cargo_deny_version=0.20.2
cargo_fuzz_version=0.13.2
binaryen_version=132.0.0
# wasm-bindgen reads only what its own version has written.
wasm_bindgen_version=$(awk '
    $0 == "name = \"wasm-bindgen\"" { found = 1; next }
    found { gsub(/[^0-9.]/, ""); print; exit }' "$project/Cargo.lock")

wasm_bindgen_folder=$tools/wasm-bindgen-$wasm_bindgen_version
binaryen_folder=$tools/binaryen-$binaryen_version

export PATH="$tools/bin:$wasm_bindgen_folder/bin:$binaryen_folder/node_modules/.bin:$PATH"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

# The folder of PostgreSQL's programs: Debian keeps those of a server outside PATH.
postgres_folder() {
    local folders=(/usr/lib/postgresql/*/bin/postgres "$(command -v postgres)")
    dirname "${folders[0]}"
}

cd "$project" || exit 1

# To Cargo, two clones are the same packages, and it compiles nothing whose files are older than what
# it finds: the program of another clone would pass for this one's. So a clone that was not the last
# to build makes its files new. Clones that build at the same moment need a ROLLCALL_CACHE each.
last_clone=$CARGO_TARGET_DIR/last-clone
if [[ $(cat "$last_clone" 2>/dev/null) != "$project" ]]; then
    find app crates frontend server -type f -exec touch {} +
    mkdir -p "$CARGO_TARGET_DIR"
    echo "$project" >"$last_clone"
fi
