"""Backups of one installation with the embedded database, kept in a folder that is on another machine or another disk.

What lies in the folder: `base/NAME/` a whole copy of the database (checked by `pg_verifybackup` before it counts), its
settings and keys; `wal/` every segment of the write-ahead log since, so that any moment can be restored; `wal-open/` the
segment under way, as it arrives; `files/` the content of the file store; `reached.json` how far all of these have come
together. What holds anybody's data is sealed but for `wal-open`: the files by their own keys, the rest by the backup key,
which is kept elsewhere. Without that key nothing of a backup opens.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

from tinhso.config import embedded
from tinhso.lib.sealed import SealBroken, SealedReader, Sealer, new_key, unwrap_key, wrap_key

SETTINGS = "settings-latest.tar"
_REACHED = "reached.json"
_WRAPPED = 60  # bytes of a wrapped data key at the head of each sealed file
_PORTION = 1 << 20
_SEGMENT = 24  # letters of the name of a segment
# What of the data folder needs no copy: the database and the files have their own way, the rest is made anew.
_LEFT_OUT = (
    "files",
    "log",
    "staticfiles",
    "templates",
    "postgres/data",
    "postgres/run",
    "postgres/log",
    "postgres/lock",
)


class BackupError(SystemExit):
    """A backup could not be made, read or restored; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Base:
    """One whole copy of the database."""

    folder: Path
    name: str
    began_at: datetime
    ended_at: datetime
    first_segment: str
    bytes: int


@dataclass(frozen=True)
class Reached:
    """How far the backup is whole: of every change up to there it has the log, the files it names and their keys."""

    lsn: str
    at: datetime


class Repository:
    """The folder of the backups, opened with the backup key."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self.folder = folder
        try:
            self.key = bytes.fromhex(key_file.read_text().strip())
        except (OSError, ValueError) as error:
            raise BackupError(f"Không đọc được khóa sao lưu {key_file}: {error}") from None
        for part in ("base", "wal", "wal-open", "files"):
            (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)

    def seal(self, source: IO[bytes], target: Path) -> None:
        """Keep a stream sealed; it is on the disk before it has its name."""
        key, partial = new_key(), target.with_name(f"{target.name}.part")
        with partial.open("wb") as out:
            out.write(wrap_key(key, with_key=self.key, bound_to=target.name.encode()))
            sealer = Sealer(cast("Any", out), key)
            while portion := source.read(_PORTION):
                sealer.write(portion)
            sealer.finish()
            out.flush()
            os.fsync(out.fileno())
        partial.rename(target)
        sync(target.parent)

    @contextlib.contextmanager
    def opened(self, source: Path) -> Iterator[IO[bytes]]:
        """The plain stream of what was sealed.

        Raises:
            BackupError: another key, or changed bytes.
        """
        handle = os.open(source, os.O_RDONLY)
        try:
            key = unwrap_key(os.pread(handle, _WRAPPED, 0), with_key=self.key, bound_to=source.name.encode())
            size = os.fstat(handle).st_size - _WRAPPED
            yield cast(
                "IO[bytes]",
                SealedReader(lambda at, length: os.pread(handle, length, _WRAPPED + at), sealed=size, key=key),
            )
        except SealBroken as error:
            raise BackupError(f"{source.name} không mở được bằng khóa này, hoặc đã bị sửa: {error}") from None
        finally:
            os.close(handle)

    def bases(self) -> list[Base]:
        """Whole copies, oldest first."""
        found = []
        for folder in sorted((self.folder / "base").glob("*")):
            with contextlib.suppress(OSError, ValueError, KeyError):
                told = json.loads((folder / "base.json").read_text())
                found.append(
                    Base(
                        folder, folder.name, datetime.fromisoformat(told["began_at"]),
                        datetime.fromisoformat(told["ended_at"]), told["first_segment"], told["bytes"],
                    )
                )  # fmt: skip
        return found

    def reached(self) -> Reached | None:
        """How far log and files both have come; None before the first whole copy or receipt."""
        try:
            told = json.loads((self.folder / _REACHED).read_text())
            return Reached(told["lsn"], datetime.fromisoformat(told["at"]))
        except (OSError, ValueError, KeyError):
            return None

    def reach(self, reached: Reached) -> None:
        """Say how far it has come."""
        partial = self.folder / f"{_REACHED}.part"
        partial.write_text(json.dumps({"lsn": reached.lsn, "at": reached.at.isoformat()}))
        sync(partial)
        partial.rename(self.folder / _REACHED)


def new_backup_key(path: Path) -> None:
    """Make a backup key in a file that only its owner reads; never over one that is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BackupError(f"Không tạo được khóa {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_hex(32) + "\n")


def make_base(cluster: embedded.Cluster, data: Path, repository: Repository, *, at: datetime) -> Base:
    """A whole copy: database, then the files and keys that its rows may name. Checked before it counts."""
    name = f"{at:%Y%m%d-%H%M%S}"
    work = repository.folder / "base" / f".{name}"
    shutil.rmtree(work, ignore_errors=True)
    plain = work / "plain"
    plain.mkdir(parents=True, mode=0o700)
    try:
        run(cluster, "pg_basebackup", "-D", str(plain), "-X", "stream", "-c", "fast", "--manifest-checksums=SHA256")
        check_base(cluster, plain)
        label = (plain / "backup_label").read_text()
        size = sum(one.stat().st_size for one in plain.rglob("*") if one.is_file())
        _seal_folder(repository, plain, work / "database.tar")
        shutil.rmtree(plain)
        copy_files(data, repository)  # after the database: what its rows name was written before them
        _seal_folder(repository, data, work / "settings.tar", left_out=_LEFT_OUT)
        told = {
            "began_at": at.isoformat(), "ended_at": datetime.now(UTC).isoformat(),  # noqa: TID251 - an operator's clock
            "first_segment": label.split("file ")[1][:_SEGMENT], "bytes": size,
        }  # fmt: skip
        (work / "base.json").write_text(json.dumps(told, indent=1))
        work.rename(work.with_name(name))
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return next(one for one in repository.bases() if one.name == name)


def check_base(cluster: embedded.Cluster, plain: Path) -> None:
    """Every byte against the manifest, and the log that belongs to it."""
    run(cluster, "pg_verifybackup", "-q", str(plain))


def copy_files(data: Path, repository: Repository) -> int:
    """Copy the file store's contents that the backup does not have; they are sealed as they lie. How many."""
    source, count = data / "files", 0
    if not source.exists():
        return 0
    for file in source.rglob("*"):
        place = file.relative_to(source)
        if place.parts[0] != "incoming" and file.is_file():
            count += copy_file(file, repository.folder / "files" / place)
    return count


def copy_file(source: Path, target: Path) -> bool:
    """Copy one content, durably, unless the backup has it; whether it was copied."""
    if target.exists():
        return False
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")  # a whole copy may be at it too
    try:
        shutil.copyfile(source, partial)
    except FileNotFoundError:  # swept up meanwhile
        return False
    sync(partial)
    partial.rename(target)
    sync(target.parent)
    return True


def seal_settings(data: Path, repository: Repository) -> bool:
    """Keep settings, secrets and keys as they are now, when any has changed: a key made today opens what is filed today."""
    files = sorted(
        f for part in ("keys", "secrets", "postgres/secrets") for f in (data / part).rglob("*") if f.is_file()
    )
    mark = "\n".join(f"{f} {f.stat().st_size} {f.stat().st_mtime_ns}" for f in files)
    known = repository.folder / "settings.mark"
    if not files or (known.exists() and known.read_text() == mark):
        return False
    _seal_folder(repository, data, repository.folder / SETTINGS, left_out=_LEFT_OUT)
    known.write_text(mark)
    return True


def seal_segments(repository: Repository) -> int:
    """Seal the segments of the log that have come whole; how many."""
    count = 0
    for segment in sorted((repository.folder / "wal-open").iterdir()):
        whole = len(segment.name) == _SEGMENT or segment.suffix in {".history", ".gz"}
        if whole and segment.is_file():
            with segment.open("rb") as plain:
                repository.seal(plain, repository.folder / "wal" / segment.name)
            segment.unlink()
            count += 1
    return count


def forget(repository: Repository, *, keep: int) -> list[str]:
    """Remove whole copies but the newest `keep`, and the log that none of those left needs; the names removed."""
    bases = repository.bases()
    gone, left = bases[:-keep], bases[-keep:]
    for base in gone:
        shutil.rmtree(base.folder)
    if left and gone:
        first = left[0].first_segment
        for segment in (repository.folder / "wal").iterdir():
            # A name is the line of history and a number: within a line only the number tells what came first.
            if len(segment.name) == _SEGMENT and segment.name[8:] < first[8:]:
                segment.unlink()
    return [base.name for base in gone]


def _seal_folder(repository: Repository, folder: Path, target: Path, *, left_out: Sequence[str] = ()) -> None:
    """A folder as one sealed archive, packed and sealed on the way."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            with os.fdopen(write, "wb") as out, tarfile.open(fileobj=out, mode="w|") as archive:
                archive.add(folder, arcname=".", filter=lambda entry: _wanted(entry, left_out))
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as plain:
        repository.seal(plain, target)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        target.unlink()
        raise BackupError(f"Không đóng gói được {folder}.")


def _wanted(entry: tarfile.TarInfo, left_out: Sequence[str]) -> tarfile.TarInfo | None:
    name = entry.name.removeprefix("./")
    return None if name in left_out or not (entry.isfile() or entry.isdir()) else entry


def run(cluster: embedded.Cluster, program: str, *arguments: str) -> None:
    """Run a program that came with the server, as its superuser.

    Raises:
        BackupError: it ended with an error.
    """
    done = _call(subprocess.run, cluster, program, arguments, check=False, capture_output=True, text=True)
    if done.returncode:
        detail = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"mã {done.returncode}"
        raise BackupError(f"{program}: {detail}")


def start(cluster: embedded.Cluster, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start one, in a session of its own."""
    found: subprocess.Popen[bytes] = _call(subprocess.Popen, cluster, program, arguments, start_new_session=True)
    return found


def _call(how: Any, cluster: embedded.Cluster, program: str, arguments: Sequence[str], **options: Any) -> Any:
    environment = {
        **os.environ, "PGHOST": str(cluster.socket_folder), "PGUSER": embedded.SUPERUSER, "PGDATABASE": "postgres",
        "PGPASSWORD": cluster.password(embedded.SUPERUSER), "PGAPPNAME": program, "LC_ALL": "C",
    }  # fmt: skip
    return how([embedded.program(cluster, program), *arguments], env=environment, **options)


def sync(path: Path) -> None:
    """Have a file or a folder on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
