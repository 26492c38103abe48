"""The log: sealing new rows, checking sealed ones."""

import time
from typing import Any

from bench.tables import table


def measure(*, rows: int | None) -> dict[str, Any]:
    """Seal up to `rows` rows (None: all there are), then check the log; rates in rows a second, one process."""
    from tinhso.apps.audit.actions import seal_entries
    from tinhso.apps.audit.queries import verify_log
    from tinhso.kernel import clock
    from tinhso.kernel.actor import SYSTEM

    sealed, started = 0, time.perf_counter()
    while rows is None or sealed < rows:
        count = seal_entries(actor=SYSTEM, at=clock.now())
        sealed += count
        if count == 0:
            break
    sealing = time.perf_counter() - started
    started = time.perf_counter()
    report = verify_log()
    checking = time.perf_counter() - started
    if report.problems:
        raise SystemExit(f"the log does not verify: {report.problems[:3]}")
    covered = report.entries - report.unsealed
    return {
        "entries": report.entries, "sealed": sealed, "seals": report.seals, "covered": covered,
        "seal_rate": round(sealed / sealing), "verify_rate": round(covered / checking),
        "verify_seconds": round(checking, 1),
    }  # fmt: skip


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    return (
        f"### The log\n\n{found['entries']:,} rows in the log; {found['covered']:,} of them under {found['seals']} seals.\n\n"
        + table(
            ["sealed rows/s", "checked rows/s", "whole check s"],
            [(f"{found['seal_rate']:,}", f"{found['verify_rate']:,}", found["verify_seconds"])],
        )
    )
