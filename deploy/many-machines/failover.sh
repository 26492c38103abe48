#!/bin/bash
# At the standby, as the user the database runs as, when the primary is gone and will stay so (docs/how-to/deploy.md):
#   failover.sh --fenced DATA_FOLDER [PG_BIN]
# `--fenced` says that somebody has made sure the old primary is off or cut from the network: two primaries would both be
# believed. Ends when the standby takes writes; the product finds it by itself.
set -euo pipefail
[ "${1:-}" = --fenced ] || { echo "Trước hết tắt hẳn máy chính cũ (hoặc rút mạng), rồi chạy lại với --fenced" >&2; exit 2; }
data=$2; bin=${3:+$3/}; ask() { "${bin}psql" -qAtX -d postgres -c "$1"; }
[ "$(ask 'SELECT pg_is_in_recovery()')" = t ] || { echo "Máy này đã là máy chính." >&2; exit 2; }
# A copy of the primary's settings waits for a standby of its own, which is not there: every write would wait for ever.
ask "ALTER SYSTEM SET synchronous_standby_names = ''"
ask "SELECT pg_reload_conf()" > /dev/null
"${bin}pg_ctl" promote -w -t 120 -D "$data" > /dev/null
[ "$(ask 'SELECT pg_is_in_recovery()')" = f ] || { echo "Chưa thành máy chính; xem nhật ký của PostgreSQL." >&2; exit 1; }
echo "✓ Máy này nhận ghi. Hiện chỉ còn một bản: dựng lại máy dự phòng ngay (docs/how-to/deploy.md)."
