#!/bin/sh
# Restores the backup into a folder of its own and throws it away. `tinhso restore` ends with an error where a seal is broken
# or a file is missing, and then the unit fails, which is told (docs/how-to/deploy.md).
set -eu
place=$(mktemp -d "${TINHSO_DATA_DIR:?}/drill-XXXXXX")
chmod 0711 "$place" # where this runs as root, the database's own user must get through
trap 'rm -rf "$place"' EXIT
TINHSO_DATA_DIR=$place "$(dirname "$0")/../../.venv/bin/tinhso" restore
