#!/bin/sh
# A PostgreSQL in a folder of its own, on port $1 of this machine, until the input ends. Says "ready" once it answers, and again
# after each line "restart". $2: settings besides, as pg_ctl takes them.
set -e
for folder in /usr/lib/postgresql/*/bin $(echo "$PATH" | tr : ' '); do
    [ -x "$folder/initdb" ] && bin=$folder
done
[ "$bin" ] || { echo "PostgreSQL is not installed" >&2; exit 1; }
dir=$(mktemp -d)
as_owner() { "$@"; }
# It refuses to be root's.
if [ "$(id -u)" = 0 ]; then
    chown postgres "$dir"
    as_owner() { su postgres -s /bin/sh -c "$*"; }
fi
as_owner "$bin/initdb" -N -D "$dir/data" -U test --auth=trust -E UTF8 --locale=C.UTF-8 >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
start() {
    as_owner "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/data/log" \
        -o "'-p $1 -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=600 $2'" start >/dev/null
    echo ready
}
stop() {
    as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -s stop >/dev/null 2>&1 || true
}
start "$1" "$2"
while read -r command; do
    [ "$command" = restart ] || break
    stop
    start "$1" "$2"
done
stop
rm -rf "$dir"
