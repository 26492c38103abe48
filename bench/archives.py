"""Packages of the archive: a case read, its signatures looked at, written as a SIP and checked; one process."""

import tempfile
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from bench.tables import table

_CASES = 25


def measure(*, packages: int) -> dict[str, Any]:
    """Packages a minute over closed cases of the demo province; nothing is recorded or kept."""
    from tinhso.apps.archives import flows
    from tinhso.apps.archives.data import FileToPack
    from tinhso.apps.cases import queries as cases
    from tinhso.apps.directory import queries as directory
    from tinhso.kernel import clock
    from tinhso.lib.eark import check_package, write_package

    now = clock.now()
    units = frozenset(unit.id for unit in directory.list_units(on=clock.today()))
    closed = list(cases.closed_cases(unit_ids=units, before=now + timedelta(days=1))[:_CASES])
    if not closed:
        raise SystemExit("the demo province has no closed case to pack")
    files = [
        FileToPack(
            id=n, case_id=case.pk, uuid=str(UUID(int=n)), file_code=case.code or "", title=case.procedure_name,
            unit_id=case.unit_id or 0, maintenance="06", mode="02", keep_until=None, listed_at=now, approved_by="",
            approved_at=now, status="listed",
        )
        for n, case in enumerate(closed, 1)
    ]  # fmt: skip
    written = checked = size = 0.0
    begun = time.monotonic()
    for number in range(packages):
        file = files[number % len(files)]
        started = time.monotonic()
        with tempfile.TemporaryFile() as out:
            spec, _facts = flows._submission(file, cases.record_of(file.case_id))  # noqa: SLF001 - what is measured
            write_package(out, spec)  # type: ignore[arg-type]  # a binary file
            written += time.monotonic() - started
            size += out.tell()
            out.seek(0)
            started = time.monotonic()
            report = check_package(out)  # type: ignore[arg-type]  # a binary file
            checked += time.monotonic() - started
        if not report.ok:
            raise SystemExit(f"the measured package does not hold: {report.problems}")
    seconds = time.monotonic() - begun
    return {
        "packages": packages, "per_minute": round(60 * packages / seconds), "kilobytes": round(size / packages / 1024),
        "write_ms": round(1000 * written / packages), "check_ms": round(1000 * checked / packages),
    }  # fmt: skip


def tell(found: dict[str, Any], _: dict[str, Any]) -> str:
    """This part of the report."""
    head = ("packages a minute", "KiB each", "read, signatures looked at, written", "checked")
    row = (found["per_minute"], found["kilobytes"], f"{found['write_ms']} ms", f"{found['check_ms']} ms")
    told = "Submission packages (SIP) of closed cases, one process, from the store to a checked zip file."
    return f"### Archive\n\n{told}\n\n{table(head, [row])}"
