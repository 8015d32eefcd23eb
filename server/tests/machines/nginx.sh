#!/bin/sh
# nginx on port $1 of this machine in front of three servers at the addresses $2 to $4, as nginx.conf has it but for these, until
# the input ends, or nginx does.
set -e
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || { echo "nginx is not installed" >&2; exit 1; }
dir=$(mktemp -d)
sed -e "s/127.0.0.1:3000;/127.0.0.1:$1;/" -e "s/127.0.0.1:3001/$2/" -e "s/127.0.0.1:3002/$3/" -e "s/127.0.0.1:3003/$4/" \
    "$(dirname "$0")/../../nginx.conf" >"$dir/earshot.conf"
# Root's nginx would leave the work to somebody who may not write to the folder.
[ "$(id -u)" = 0 ] && user='user root;'
cat >"$dir/nginx.conf" <<END
$user
daemon off;
pid nginx.pid;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include earshot.conf;
}
END
"$(dirname "$0")/supervise.sh" nginx -p "$dir" -c nginx.conf -e "$dir/log" || true
rm -rf "$dir"
