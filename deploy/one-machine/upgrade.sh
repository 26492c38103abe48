#!/bin/bash
# To a new release without refusing a request: backup, schema (only added to), then one web server after the other out of
# nginx, anew, and back. As root, in the folder of the new release: deploy/one-machine/upgrade.sh
# What a release no longer needs of the schema is removed by a later one, when nothing old runs any more (docs/how-to/deploy.md).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); release=$(cd "$here/../.." && pwd)
target=/opt/tinhso/releases/$(basename "$release"); ports="8000 8010"
say() { echo "— $*"; }
# shown WITHOUT: nginx sends nobody to this port; with "": to all
shown() {
  for port in $ports; do
    if [ "$port" = "$1" ]; then echo "server 127.0.0.1:$port down;"; else echo "server 127.0.0.1:$port max_fails=2 fail_timeout=5s;"; fi
  done > /etc/nginx/tinhso/web.conf.new
  mv /etc/nginx/tinhso/web.conf.new /etc/nginx/tinhso/web.conf
  nginx -t -q && systemctl reload nginx
}

say "phần mềm mới vào $target"
[ "$release" = "$target" ] || { mkdir -p "$target"; cp -aT "$release" "$target"; }
python3 "$target/deploy/bootstrap.py"
before=$(readlink -f /opt/tinhso/current)
say "sao lưu trước khi đổi"
[ -e /etc/tinhso/database-elsewhere ] || systemctl start tinhso-backup
say "cấu trúc cơ sở dữ liệu (chỉ thêm), nội dung, tệp giao diện"
TINHSO_RELEASE=$target "$here/as-tinhso.sh" migrate --verbosity 0
TINHSO_RELEASE=$target "$here/as-tinhso.sh" content publish --all
TINHSO_RELEASE=$target "$here/as-tinhso.sh" static --keep
chmod -R a+rX /var/lib/tinhso/staticfiles
cp -r "$here"/systemd/. /etc/systemd/system/
systemctl daemon-reload
ln -sfn "$target" /opt/tinhso/current.new && mv -T /opt/tinhso/current.new /opt/tinhso/current
for port in $ports; do
  say "web $port"
  shown "$port"
  sleep 2 # requests under way end
  systemctl restart "tinhso-web@$port"
  if ! "$here/healthy.sh" "$port"; then
    say "bản mới không lên; trả lại $before"
    ln -sfn "$before" /opt/tinhso/current.new && mv -T /opt/tinhso/current.new /opt/tinhso/current
    systemctl restart "tinhso-web@$port" && "$here/healthy.sh" "$port" && shown ""
    exit 1
  fi
  shown ""
done
say "tiến trình nền, cổng trao đổi, số đo"
systemctl restart tinhso-worker tinhso-gateway tinhso-metrics tinhso-backup-receive
say "xong: $(basename "$target"); bản cũ còn ở $before"
