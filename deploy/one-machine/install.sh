#!/bin/bash
# Puts a release of Tỉnh Số on this machine (Debian 12), or puts right what is missing; running it again changes nothing that
# stands. As root, in the folder of the release:
#   deploy/one-machine/install.sh --host dichvucong.tinh.gov.vn --province quang-ngai [--workers 4] [--upload-mb 25]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd); release=$(cd "$here/../.." && pwd)
host= province= workers=4 upload=25 http=80 https=443
while [ $# -gt 0 ]; do
  case $1 in
    --host) host=$2 ;; --province) province=$2 ;; --workers) workers=$2 ;; --upload-mb) upload=$2 ;;
    *) echo "Không hiểu $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ -n "$host" ] && [ -n "$province" ] || { echo "Cần --host và --province" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "Cần quyền root" >&2; exit 2; }

say() { echo "— $*"; }
# keep FILE MODE OWNER: from standard input, only where it is not there yet
keep() { [ -e "$1" ] && { cat > /dev/null; return; }; say "tạo $1"; install -m "$2" -o "${3%:*}" -g "${3#*:}" /dev/stdin "$1"; }
fill() { sed -e "s|@host@|$host|g; s|@province@|$province|g; s|@workers@|$workers|g; s|@upload@|$upload|g; s|@http@|$http|g; s|@https@|$https|g"; }

say "gói của Debian"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx python3 python3-venv openssl logrotate > /dev/null
getent passwd tinhso > /dev/null || useradd --system --home-dir /var/lib/tinhso --no-create-home --shell /usr/sbin/nologin tinhso
install -d -m 0711 -o tinhso -g tinhso /var/lib/tinhso
install -d -m 0750 -o root -g tinhso /etc/tinhso /etc/tinhso/tls
install -d -m 0700 -o tinhso -g tinhso /var/backups/tinhso
install -d -m 0755 /opt/tinhso/releases /etc/nginx/tinhso /var/lib/letsencrypt

fill < "$here/tinhso.env.in" | keep /etc/tinhso/tinhso.env 0640 root:tinhso
openssl rand -hex 32 | keep /etc/tinhso/metrics.token 0640 root:tinhso
openssl rand -hex 32 | keep /etc/tinhso/backup.key 0640 root:tinhso
if [ ! -e /etc/tinhso/tls/fullchain.pem ]; then
  say "chứng thư tạm, tự ký; thay bằng chứng thư thật (docs/how-to/deploy.md)"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
    -keyout /etc/tinhso/tls/key.pem -out /etc/tinhso/tls/fullchain.pem 2> /dev/null
  chgrp tinhso /etc/tinhso/tls/*.pem; chmod 0640 /etc/tinhso/tls/*.pem
fi

say "phần mềm (môi trường Python, gói khóa mã băm, tệp giao diện)"
target=/opt/tinhso/releases/$(basename "$release")
[ "$release" = "$target" ] || { mkdir -p "$target"; cp -aT "$release" "$target"; }
python3 "$target/deploy/bootstrap.py"
[ -e /opt/tinhso/current ] || ln -sfn "$target" /opt/tinhso/current

say "dịch vụ của systemd, nhật ký"
cp -r "$here"/systemd/. /etc/systemd/system/
install -D -m 0644 "$here/journald-tinhso.conf" /etc/systemd/journald.conf.d/tinhso.conf
install -m 0644 "$here/logrotate-tinhso" /etc/logrotate.d/tinhso
systemctl daemon-reload

say "nginx"
printf 'server 127.0.0.1:8000 max_fails=2 fail_timeout=5s;\nserver 127.0.0.1:8010 max_fails=2 fail_timeout=5s;\n' | keep /etc/nginx/tinhso/web.conf 0644 root:root
install -m 0644 "$here/nginx/away.html" /etc/nginx/tinhso/away.html
fill < "$here/nginx/tinhso.conf.in" > /etc/nginx/conf.d/tinhso.conf
nginx -t -q

say "cơ sở dữ liệu, nội dung, tệp giao diện"
systemctl start tinhso-database
"$here/as-tinhso.sh" migrate --verbosity 0
"$here/as-tinhso.sh" content publish --all
"$here/as-tinhso.sh" static --keep
chmod -R a+rX /var/lib/tinhso/staticfiles
systemctl enable -q --now tinhso.target nginx tinhso-backup.timer tinhso-backup-verify.timer
systemctl reload nginx
"$here/healthy.sh" 8000 8010
say "xong: https://$host — cất /etc/tinhso/backup.key thêm một nơi khác"
