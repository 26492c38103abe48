#!/bin/bash
# The `tinhso` command as the services run it: their user, their settings. TINHSO_RELEASE names another release than the present.
set -euo pipefail
set -a; . /etc/tinhso/tinhso.env; set +a
umask 077
exec setpriv --reuid tinhso --regid tinhso --init-groups --no-new-privs "${TINHSO_RELEASE:-/opt/tinhso/current}/.venv/bin/tinhso" "$@"
