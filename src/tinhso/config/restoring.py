"""Bringing an installation back from its backups: the last whole copy before the moment asked for, then the log up to it."""

import shutil
import subprocess
import tarfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tinhso.config import embedded
from tinhso.config.backups import SETTINGS, BackupError, Base, Repository

_AUTO = "postgresql.auto.conf"


@dataclass(frozen=True)
class Restored:
    """What came back, and how long each part took, in seconds."""

    base: Base
    unpacked_s: float
    recovered_s: float
    files: int
    latest_at: datetime | None
    server: "subprocess.Popen[bytes] | None"


def restore(repository: Repository, data: Path, *, until: datetime | None = None, name: str = "") -> Restored:
    """Fill an empty data folder from the backups, up to a moment (or to the end of what there is), and leave it running.

    Raises:
        BackupError: the folder is not empty, there is no copy from before that moment, or something does not open.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"Thư mục {data} không trống; khôi phục chỉ vào thư mục mới.")
    base = _choose(repository, until=until, name=name)
    started = time.monotonic()
    data.mkdir(parents=True, exist_ok=True)
    unpack(repository, base.folder / "settings.tar", data)
    if (repository.folder / SETTINGS).exists():  # keys made since the whole copy
        unpack(repository, repository.folder / SETTINGS, data)
    cluster = embedded.Cluster(data / "postgres")
    unpack(repository, base.folder / "database.tar", cluster.data)
    log = data / "postgres" / "restored-wal"
    _lay_out_log(repository, log, since=base.first_segment)
    _tell_recovery(cluster, log, until=until)
    files = _files(repository, data)
    embedded.adopt(cluster)
    for part in [log, *log.iterdir()]:
        shutil.chown(part, *_owner(cluster))
    unpacked_s = time.monotonic() - started
    started = time.monotonic()
    server, latest = _recovered(cluster)
    _forget_recovery(cluster)
    shutil.rmtree(log)
    return Restored(base, unpacked_s, time.monotonic() - started, files, latest, server)


def _choose(repository: Repository, *, until: datetime | None, name: str) -> Base:
    found = [base for base in repository.bases() if not name or base.name == name]
    if until is not None:
        found = [base for base in found if base.ended_at <= until]
    if not found:
        raise BackupError("Không có bản sao lưu nào hoàn tất trước thời điểm ấy.")
    return found[-1]


def unpack(repository: Repository, source: Path, target: Path) -> None:
    """Open one sealed archive into a folder."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    with repository.opened(source) as plain, tarfile.open(fileobj=cast("Any", plain), mode="r|") as archive:
        archive.extractall(target)  # noqa: S202 - sealed with our own key, so it is what we packed


def _lay_out_log(repository: Repository, target: Path, *, since: str) -> None:
    """Every segment that may be needed, plain, the one under way last as far as it had come."""
    target.mkdir(mode=0o700)
    for segment in (repository.folder / "wal").iterdir():
        if len(segment.name) != 24 or segment.name[8:] >= since[8:]:
            with repository.opened(segment) as plain, (target / segment.name).open("wb") as out:
                shutil.copyfileobj(plain, out, 1 << 20)
    for segment in (repository.folder / "wal-open").iterdir():
        place = target / segment.name.removesuffix(".partial")
        if not place.exists():
            shutil.copyfile(segment, place)


def _tell_recovery(cluster: embedded.Cluster, log: Path, *, until: datetime | None) -> None:
    (cluster.data / "recovery.signal").touch()
    lines = ["", f'restore_command = \'cp "{log}/%f" "%p"\'', "recovery_target_timeline = 'latest'"]
    if until is not None:
        lines += [f"recovery_target_time = '{until.astimezone(UTC).isoformat()}'", "recovery_target_action = 'promote'"]
    # The copy must not wait for the backup of the one it was made from.
    lines += ["synchronous_standby_names = ''", ""]
    with (cluster.data / _AUTO).open("a") as conf:
        conf.write("\n".join(lines))


def _forget_recovery(cluster: embedded.Cluster) -> None:
    import psycopg

    with psycopg.connect(cluster.url(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
        for name in ("restore_command", "recovery_target_timeline", "recovery_target_time", "recovery_target_action"):
            connection.execute(f"ALTER SYSTEM RESET {name}".encode())
        # The slot of the old machine's backup would keep this one's log for ever.
        connection.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active")


def _files(repository: Repository, data: Path) -> int:
    source, target = repository.folder / "files", data / "files"
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.part"))
    return sum(1 for one in target.rglob("*") if one.is_file())


def _owner(cluster: embedded.Cluster) -> tuple[int, int]:
    stat = cluster.data.stat()
    return stat.st_uid, stat.st_gid


def _recovered(cluster: embedded.Cluster) -> "tuple[subprocess.Popen[bytes] | None, datetime | None]":
    """Start it and wait until it takes writes; the instant of the last change that came back."""
    import psycopg

    try:
        server = embedded.start(cluster)
        while True:
            with psycopg.connect(cluster.url(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
                row = connection.execute("SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp()").fetchone()
            if row is not None and not row[0]:
                return server, row[1]
            time.sleep(0.1)
    except (psycopg.OperationalError, embedded.EmbeddedPostgresError) as error:
        tail = cluster.log_file.read_text(errors="replace")[-4_000:]
        if "before configured recovery target" in tail:
            raise BackupError("Nhật ký sao lưu chưa tới thời điểm ấy; hãy chọn thời điểm sớm hơn.") from None
        raise BackupError(f"Phục hồi không xong; xem {cluster.log_file}. {error}") from None
