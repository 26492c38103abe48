#!/bin/bash
# Waits until each port given answers /healthz with 200, two minutes at most each.
set -euo pipefail
for port in "$@"; do
  for _ in $(seq 240); do
    curl=$(python3 - "$port" <<'PY' || true
import sys, urllib.request
try:
    print(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/healthz", timeout=3).status)
except OSError as error:
    print(error)
PY
    )
    [ "$curl" = 200 ] && continue 2
    sleep 0.5
  done
  echo "Cổng $port không trả lời: $curl" >&2
  exit 1
done
