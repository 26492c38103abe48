"""Preparing an installation, step by step with progress: database, schema, content, keys, static files.

Each step is skipped when what it depends on has not changed since it last succeeded, so that a second start is quick.
"""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tinhso.config import embedded, failures, paths

OLDEST_POSTGRESQL = 15
_TRY_AGAIN_S = 0.5
_TOLD = 2  # the exit code of a command that has told its reason in a sentence


@dataclass(frozen=True)
class Step:
    """One step: what to tell, the command of `tinhso` that does it, and the mark of what it depends on."""

    name: str
    arguments: tuple[str, ...]
    mark: str


class Installation:
    """The data folder, its database and what has been done to it already."""

    def __init__(self) -> None:
        self.folder = paths.data_dir()
        self.cluster = embedded.Cluster(self.folder / "postgres")
        address = os.environ.get("DATABASE_URL", "")
        self.is_embedded = not address
        # What was done to one database says nothing about another.
        self._database_mark = hashlib.sha256(address.encode()).hexdigest()[:16] if address else ""
        self._database: subprocess.Popen[bytes] | None = None
        self._is_up = False
        self._try_again_at = 0.0

    def start_database(self) -> None:
        """Start the embedded database, or make sure that the one `DATABASE_URL` names will do."""
        if self.is_embedded:
            self._database = embedded.start(self.cluster)
            self._is_up = True
        else:
            _require_usable(os.environ["DATABASE_URL"])

    def look_after_database(self) -> None:
        """Start the embedded database again when it has died: killed, out of memory, a full disk.

        What is left of it may hold its memory for a moment, and a full disk lasts: then the next look tries again.
        """
        if self._database is None or self._database.poll() is None or time.monotonic() < self._try_again_at:
            return
        click.echo(f"Cơ sở dữ liệu dừng (mã {self._database.returncode}), đang khởi động lại.")
        try:
            self._database = embedded.start(self.cluster) or self._database
        except embedded.EmbeddedPostgresError as error:
            click.echo(str(error))
            self._try_again_at = time.monotonic() + _TRY_AGAIN_S

    def stop_database(self) -> None:
        """Stop the embedded database; also one that outlived whoever started it."""
        if self._is_up:
            embedded.stop(self.cluster)
        if self._database is not None:
            self._database.wait()

    def due(self, steps: Iterable[Step]) -> list[Step]:
        """Those of the steps whose ground has changed since they were last done."""
        done_before = self._done()
        return [step for step in steps if done_before.get(step.name) != self._mark(step)]

    def prepare(self, due: Sequence[Step]) -> None:
        """Run the steps that are due, each in a process of its own, and remember them."""
        for number, step in enumerate(due, 1):
            click.echo(f"[{number}/{len(due)}] {step.name} ...")
            started = time.monotonic()
            done = subprocess.run([sys.executable, "-m", "tinhso.config.cli", *step.arguments], check=False)
            if done.returncode == _TOLD:
                raise SystemExit(_TOLD)
            if done.returncode != 0:
                raise SystemExit(f"Bước «{step.name}» không xong (mã {done.returncode}).")
            click.echo(f"      xong sau {time.monotonic() - started:.1f} giây")
            self._remember(step)

    def _mark(self, step: Step) -> str:
        return step.mark + self._database_mark

    def _done(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / "steps.json").read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, step: Step) -> None:
        done = {**self._done(), step.name: self._mark(step)}
        partial = self.folder / "steps.json.new"
        partial.write_text(json.dumps(done, ensure_ascii=False, indent=1))
        partial.replace(self.folder / "steps.json")


def _require_usable(url: str) -> None:
    """Refuse a database that does not answer or is older than the product knows, in one sentence."""
    import psycopg

    from tinhso.config import env

    options = env.database(url)["OPTIONS"]
    assert isinstance(options, dict)  # noqa: S101 - a plain dict by construction
    try:
        with psycopg.connect(url, **{"connect_timeout": "10", **options}) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise SystemExit(failures.sentence_of(error) or f"Không kết nối được cơ sở dữ liệu: {error}") from None
    if version < OLDEST_POSTGRESQL:
        raise SystemExit(f"Cần PostgreSQL {OLDEST_POSTGRESQL} trở lên; DATABASE_URL là bản {version}.")


def mark_of(*parts: Path | str) -> str:
    """The mark of files, folders (every file below) and words: changes when any of them does."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            found.update(part.encode())
            continue
        for file in sorted(part.rglob("*")) if part.is_dir() else [part]:
            if file.is_file() and "__pycache__" not in file.parts:
                stat = file.stat()
                found.update(f"{file}:{stat.st_size}:{stat.st_mtime_ns}".encode())
    return found.hexdigest()


def standard_steps() -> list[Step]:
    """What every installation needs, demo or not."""
    source = paths.ROOT / "src" / "tinhso"
    migrations = mark_of(*sorted((source / "apps").glob("*/migrations")), source / "config" / "database.py")
    static = mark_of(*sorted(source.glob("interfaces/*/static")), paths.ROOT / "package-lock.json")
    return [
        Step("cấu trúc cơ sở dữ liệu", ("migrate", "--verbosity", "0"), migrations),
        Step(
            "nội dung: lịch, đơn vị, thủ tục, từ ngữ",
            ("content", "publish", "--all"),
            mark_of(paths.CONTENT, migrations),
        ),
        Step("tệp giao diện", ("static",), static),
    ]
