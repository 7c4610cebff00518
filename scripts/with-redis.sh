#!/usr/bin/env bash
# Runs a command with a Redis server of its own: `with-redis.sh cargo nextest run -p server`.
# ROLLCALL_TEST_REDIS leads to it. It writes nothing, and nothing of it is left.
set -euo pipefail

folder=$(mktemp --directory)
redis-server --port 0 --unixsocket "$folder/socket" --save '' --appendonly no --dir "$folder" \
    --logfile "$folder/log" &
server=$!
trap 'kill $server; wait $server; rm -rf "$folder"' EXIT
until redis-cli -s "$folder/socket" ping &>/dev/null; do
    kill -0 $server
done

ROLLCALL_TEST_REDIS="unix://$folder/socket" "$@"
