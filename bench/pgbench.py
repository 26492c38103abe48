"""The floor under everything: PostgreSQL's own load on the same server, which knows nothing of Python (pgbench)."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg

from bench.province import Province
from bench.tables import table
from bench.traffic import CLIENTS

_DATABASE, _SCALE = "bench_pgbench", 5
_FOUND = {"tps": r"tps = ([\d.]+)", "latency_ms": r"latency average = ([\d.]+)", "transactions": r"processed: (\d+)"}


def measure(province: Province, *, seconds: int) -> dict[str, Any]:
    """Transactions a second of its standard load (three updates, a read and an insert), every commit on the disk."""
    from tinhso.config import embedded

    cluster = province.installation.cluster
    program = embedded.program(cluster, "pgbench")
    if not program.exists():
        return {"missing": "the embedded server came without pgbench"}
    with psycopg.connect(province.address("postgres"), autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {_DATABASE} (FORCE)")
        owner.execute(f"CREATE DATABASE {_DATABASE}")
    _run(province, program, "--initialize", "--quiet", "--scale", str(_SCALE))
    said = _run(province, program, "--client", str(CLIENTS), "--jobs", "2", "--time", str(seconds), "--no-vacuum")
    found = {name: float(re.search(pattern, said)[1]) for name, pattern in _FOUND.items()}  # type: ignore[index]
    with psycopg.connect(province.address("postgres"), autocommit=True) as owner:
        owner.execute(f"DROP DATABASE {_DATABASE} (FORCE)")
    return {"seconds": seconds, "scale": _SCALE, "clients": CLIENTS, **found}


def _run(province: Province, program: Path, *options: str) -> str:
    cluster = province.installation.cluster
    environment = {
        **os.environ, "PGHOST": str(cluster.socket_folder), "PGUSER": "postgres", "PGDATABASE": _DATABASE,
        "PGPASSWORD": cluster.password("postgres"),
    }  # fmt: skip
    done = subprocess.run([program, *options], env=environment, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"pgbench: {done.stderr[-1000:]}")
    return done.stdout


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    title = "### The database alone\n\n"
    if "missing" in found:
        return f"{title}Left out: {found['missing']}."
    row = (f"{found['tps']:,.0f}", found["latency_ms"], f"{found['transactions']:,.0f}")
    told = f"pgbench's own load, scale {found['scale']}, {found['clients']} clients, {found['seconds']} s, the same server."
    return f"{title}{told}\n\n" + table(["transactions/s", "mean ms", "transactions"], [row])
