"""`python -m bench`: prepare a province, measure, write the report. `--full` takes longer and measures more."""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import machine
from bench.peers.environment import PeerUnavailableError, python_of
from bench.profiles import PROFILES
from bench.province import NATIONAL_SET, ROOT, Province, prepared, web


def main() -> None:
    """Measure everything asked for and write the report."""
    options = _options()
    name = "full" if options.full else "tiny" if options.tiny else "small"
    try:
        python_of("caluma")  # once, and before the clock runs
    except PeerUnavailableError as reason:
        print(f"   {reason}", flush=True)
    started, watch = time.monotonic(), machine.Watch()
    keep = options.keep or bool(options.reuse)
    with prepared(templates=PROFILES[name].templates, keep=keep, reuse=options.reuse) as province:
        figures = _measure(province, name, options.only, kept=options.json.with_suffix(".part.json"))
    figures["reused"] = options.reuse is not None
    figures |= {"seconds": round(time.monotonic() - started), "watch": watch.told(), "machine": machine.facts()}
    from bench import aims, report

    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1))
    if options.tiny or options.only:  # figures of a smoke run tell nothing and must not replace real ones
        print(f"{aims.tell(figures)}\n\n{report.text(figures)}")
        return
    report.write(options.page, figures)
    print(f"{options.page} and {options.json} written after {figures['seconds']} s")


def _measure(province: Province, name: str, only: list[str], *, kept: Path) -> dict[str, Any]:
    """Every part asked for. What is measured so far also stands in the file `kept`, should a later part fail."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "tinhso.config.settings"
    django.setup()
    from django.conf import settings

    from bench.parts import PARTS, Part, Setting

    profile = PROFILES[name]
    setting = Setting(province, Path(settings.CONTENT_DIR), profile)
    national = profile.national and NATIONAL_SET.exists()
    figures: dict[str, Any] = {"profile": asdict(profile), "national": national, "parts": {}}
    if national:
        province.tinhso("catalogue", "import", str(NATIONAL_SET), "--publish")
    asked: list[Part] = [part for part in PARTS if not only or part.name in only]
    with ExitStack() as server:
        for place, part in enumerate(asked):
            print(f"{part.name} ...", flush=True)
            watch = machine.Watch()
            if part.served and not (place and asked[place - 1].served):
                server.enter_context(web(province.port))
            figures[part.name] = part.measure(setting)
            if part.served and not (asked[place + 1 :] and asked[place + 1].served):
                server.pop_all().close()
            figures["parts"][part.name] = watch.told()
            print(f"   {figures['parts'][part.name]['seconds']} s", flush=True)
            _keep(figures, kept)
    figures["timings"] = {name: round(seconds, 1) for name, seconds in province.timings.items()}
    return figures


def _keep(figures: dict[str, Any], kept: Path) -> None:
    from django.db import connection

    connection.close()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(figures, ensure_ascii=False, indent=1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--full", action="store_true", help="longer runs, the whole log sealed")
    size.add_argument("--tiny", action="store_true", help="a smoke run: everything once, nothing written to the docs")
    parser.add_argument("--keep", action="store_true", help="leave the province's folder behind")
    parser.add_argument("--reuse", type=Path, metavar="FOLDER", help="a folder that --keep left behind")
    parser.add_argument("--only", nargs="*", default=[], help="only these parts, for work on the bench itself")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "explanation" / "performance.md")
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench" / "latest.json")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
