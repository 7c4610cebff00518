#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own: `with-postgres.sh cargo nextest run -p store`.
# ROLLCALL_TEST_POSTGRES leads to it. It writes nothing to be kept, and nothing of it is left.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

bin=$(postgres_folder)
folder=$(mktemp --directory)

# PostgreSQL does not run as root.
as_owner() {
    if [[ $(id -u) == 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

end() {
    as_owner "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate --silent stop || true
    rm -rf "$folder"
}
trap end EXIT

if [[ $(id -u) == 0 ]]; then chown postgres "$folder"; fi
as_owner "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --no-sync >/dev/null
# Reached by a socket in its folder only. What is lost with the power is no loss to a test.
as_owner "$bin/pg_ctl" --pgdata="$folder/data" --silent --wait --log="$folder/log" --options="\
    -c listen_addresses='' -c unix_socket_directories='$folder' -c max_connections=200 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start

ROLLCALL_TEST_POSTGRES="postgres://postgres@localhost/postgres?host=$folder" "$@"
