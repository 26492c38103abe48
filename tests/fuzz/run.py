"""Bytes that nobody would send, to every reader: `python -m tests.fuzz.run SECONDS [READER ...]` (`make fuzz`).

A reader answers or raises what it declares; anything else, an answer that takes ten seconds and memory without bound are
defects. What broke one is made as short as it gets, kept in `tests/fuzz/crashes/<reader>/` and read again by `test_fuzz` for
ever. What was reached is kept in `var/fuzz`, so that the next run goes on from there.
"""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django import setup

ROOT = Path(__file__).resolve().parents[2]
CRASHES = Path(__file__).parent / "crashes"
CORPUS = ROOT / "var" / "fuzz"
_LIMITS = ("-timeout=10", "-rss_limit_mb=1500", "-max_len=20000", "-print_final_stats=1")
_SHORTENING_S = 20
_DONE = re.compile(r"^#(\d+)\s+DONE\s+cov: (\d+)", re.M)
_RUNS = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_REACHED = re.compile(r"\bcov: (\d+)")
_SAID = re.compile(r"^(?:=== Uncaught Python exception: ===\n)?(\w[\w.]*(?:Error|Exception|Exit)\b.*)$", re.M)


@dataclass(frozen=True)
class Outcome:
    """What trying one reader has come to; `broken`: the sentence of what came of it, empty when nothing did."""

    reader: str
    runs: int
    reached: int
    broken: str
    file: str = ""


def attempt(reader: str, *, seconds: int) -> Outcome:
    """Try one reader so long, from its own beginnings and from what earlier runs have reached."""
    from tests.fuzz.targets import TARGETS

    corpus = CORPUS / reader
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(TARGETS[reader].beginnings):
        (corpus / f"seed-{number}").write_bytes(seed)
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder)
        done = _guided(reader, f"-max_total_time={seconds}", f"-artifact_prefix={found}/", str(corpus), *_kept(reader))
        runs, reached = _figures(done.stderr)
        artifacts = sorted(found.iterdir())
        if not artifacts:
            broken = "" if done.returncode == 0 else f"ended with {done.returncode}: {done.stderr[-400:]}"
            return Outcome(reader, runs, reached, broken)
        data = _shortened(reader, artifacts[0], found)
    file = CRASHES / reader / hashlib.sha256(data).hexdigest()[:16]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    said = _SAID.findall(done.stdout + done.stderr)
    return Outcome(reader, runs, reached, said[-1][:300] if said else artifacts[0].name.partition("-")[0], file.name)


def _kept(reader: str) -> list[str]:
    folder = CRASHES / reader
    return [str(folder)] if folder.is_dir() else []


def _guided(reader: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", reader, *_LIMITS, *options],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip


def _shortened(reader: str, artifact: Path, folder: Path) -> bytes:
    short = folder / "short"
    _guided(
        reader, "-minimize_crash=1", f"-max_total_time={_SHORTENING_S}", f"-exact_artifact_path={short}", str(artifact)
    )
    return (short if short.exists() else artifact).read_bytes()


def _figures(told: str) -> tuple[int, int]:
    runs, reached = _RUNS.findall(told), _REACHED.findall(told)
    done = _DONE.search(told)
    count = int(runs[-1]) if runs else int(done.group(1)) if done else 0
    return count, int(reached[-1]) if reached else 0


def main(seconds: int, readers: list[str]) -> int:
    """Try every reader so long; 1 where one broke."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tinhso.config.settings_test", "TINHSO_DATA_DIR": folder,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }  # fmt: skip
        setup()
        from tests.fuzz.targets import TARGETS

        failed = 0
        for reader in readers or sorted(TARGETS):
            found = attempt(reader, seconds=seconds)
            failed += bool(found.broken)
            told = f" ✗ {found.broken} ({found.file})" if found.broken else ""
            print(f"{reader:20} {found.runs:>10,} runs {found.reached:>6,} edges{told}", flush=True)  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(float(sys.argv[1])), sys.argv[2:]))
