#!/bin/bash
# Makes a standby of the primary, into an empty folder, on its own machine and as the user the database runs as:
#   PGPASSFILE=~/.pgpass standby.sh PRIMARY_HOST NAME DATA_FOLDER [PG_BIN]
# Then, at the primary, once the standby runs: ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (NAME)' and reload: from
# there on nothing is acknowledged that the standby does not have on its disk too.
set -euo pipefail
primary=$1 name=$2 data=$3 bin=${4:+$4/}
[ ! -e "$data/PG_VERSION" ] || { echo "$data không trống; máy chính cũ phải được dựng lại từ đầu, không chạy tiếp dữ liệu cũ." >&2; exit 2; }
"${bin}pg_basebackup" -d "host=$primary user=replicator application_name=$name" -D "$data" -R -X stream -C -S "$name" -c fast -P
