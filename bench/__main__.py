"""`python -m bench`: prepare a province, measure, write the report. `--full` takes longer and measures more."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import report
from bench.province import NATIONAL_SET, ROOT, Province, prepared


@dataclass(frozen=True)
class Profile:
    """How much is measured."""

    cases: int = 100_000
    templates: int = 100
    requests: int = 1_000
    page_requests: int = 40
    search_rounds: int = 1
    papers: int = 40
    log_rows: int | None = 100_000
    file_megabytes: int = 200


FULL = Profile(templates=400, requests=4_000, page_requests=300, search_rounds=5, papers=200, log_rows=None)
TINY = Profile(cases=400, templates=20, requests=40, page_requests=5, papers=3, log_rows=1_000, file_megabytes=8)


def main() -> None:
    """Measure everything asked for and write the report."""
    options = _options()
    profile = FULL if options.full else TINY if options.tiny else Profile()
    started = time.monotonic()
    with prepared(
        templates=profile.templates, keep=options.keep or bool(options.reuse), reuse=options.reuse
    ) as province:
        figures = _measure(province, profile, options.only, kept=options.json.with_suffix(".part.json"))
    figures["seconds"] = round(time.monotonic() - started)
    figures["profile"] = {"name": "full" if options.full else "tiny" if options.tiny else "small", **asdict(profile)}
    figures["machine"] = report.machine()
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    text = report.text(figures)
    if options.tiny or options.only:  # figures of a smoke run tell nothing and must not replace real ones
        print(text)
        return
    report.write(options.page, text)
    print(f"{options.page} and {options.json} written after {figures['seconds']} s")


def _measure(province: Province, profile: Profile, only: list[str], *, kept: Path) -> dict[str, Any]:
    """Every step asked for. What is measured so far also stands in the file `kept`, should a later step fail."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tinhso.config.settings"
    django.setup()
    from django.conf import settings
    from django.db import connection

    from bench import archives, deadlines, files, generate, log, pages, papers, search, start, submissions

    content = Path(settings.CONTENT_DIR)
    figures: dict[str, Any] = {}
    if NATIONAL_SET.exists() and not only:
        province.tinhso("catalogue", "import", str(NATIONAL_SET), "--publish")
    figures["national"] = NATIONAL_SET.exists()

    def step(name: str, work: Callable[[], Any]) -> None:
        if only and name not in only:
            return
        print(f"{name} ...", flush=True)
        begun = time.monotonic()
        figures[name] = work()
        connection.close()
        print(f"   {time.monotonic() - begun:.1f} s", flush=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(figures, ensure_ascii=False, indent=1))

    step("start", lambda: start.measure(province, templates=profile.templates))
    step("papers", lambda: papers.measure(content, papers=profile.papers))
    step("files", lambda: files.measure(megabytes=profile.file_megabytes))
    step("archives", lambda: archives.measure(packages=profile.papers))
    step("data", lambda: generate.grow(province.address("tinhso_owner"), content=content, cases=profile.cases))
    step("search", lambda: search.measure(rounds=profile.search_rounds))
    step("pages", lambda: pages.measure(province, requests=profile.page_requests))
    step("submissions", lambda: submissions.measure(province, content, requests=profile.requests))
    step("deadlines", lambda: deadlines.measure(cases=profile.cases))
    step("log", lambda: log.measure(rows=profile.log_rows))
    figures["timings"] = {name: round(seconds, 1) for name, seconds in province.timings.items()}
    return figures


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="longer runs, the whole log sealed")
    size.add_argument("--tiny", action="store_true", help="a smoke run: everything once, nothing written to the docs")
    parser.add_argument("--keep", action="store_true", help="leave the province's folder behind")
    parser.add_argument("--reuse", type=Path, metavar="FOLDER", help="a folder that --keep left behind")
    parser.add_argument("--only", nargs="*", default=[], help="only these measurements, for work on the bench itself")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "explanation" / "performance.md")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench" / "latest.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
