"""Bringing an installation back from its backups: the last whole copy before the moment asked for, then the log up to it."""

import shutil
import subprocess
import tarfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from tinhso.config import embedded
from tinhso.config.backups import SETTINGS, BackupError, Base, Repository

_AUTO = "postgresql.auto.conf"
_RECOVERY = (
    "restore_command",
    "recovery_target",
    "recovery_target_action",
    "recovery_target_inclusive",
    "recovery_target_lsn",
    "recovery_target_time",
    "recovery_target_timeline",
)


@dataclass(frozen=True)
class Restored:
    """What came back, and how long each part took, in seconds.

    `missing`: files that the log named and the backup lacked, for which it went back to where it has both.
    """

    base: Base
    unpacked_s: float
    recovered_s: float
    files: int
    latest_at: datetime | None
    server: "subprocess.Popen[bytes] | None"
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Target:
    """Where recovery stops: at a setting of the server's, or at the end of the log."""

    setting: str = ""
    value: str = ""


_LSN = "recovery_target_lsn"
_AT_THE_END = _Target()


def restore(repository: Repository, data: Path, *, until: datetime | None = None, name: str = "") -> Restored:
    """Fill an empty data folder from the backups, up to a moment (or as far as they go), and leave it running.

    The log reaches the backup before the files that its last rows name. Where one of them is missing, it goes back to
    where the backup has both.

    Raises:
        BackupError: the folder is not empty, there is no copy from before that moment, something does not open, or files
            of rows before that moment are missing.
    """
    if data.exists() and any(data.iterdir()):
        raise BackupError(f"Thư mục {data} không trống; khôi phục chỉ vào thư mục mới.")
    base, started = _choose(repository, until=until, name=name), time.monotonic()
    target = _Target("recovery_target_time", until.astimezone(UTC).isoformat()) if until else _AT_THE_END
    found = _brought_back(repository, base, data, target)
    missing = _missing(data)
    if not missing:
        return found
    _thrown_away(found, data)
    if until is not None:
        reached = repository.reached()
        raise BackupError(
            f"{len(missing)} tệp của các thay đổi trước thời điểm ấy chưa kịp tới bản sao lưu; nhật ký và tệp cùng đủ "
            f"đến {reached.at.isoformat() if reached else base.ended_at.isoformat()}."
        )
    found = _brought_back(repository, base, data, _whole_at(repository, base))
    spent = time.monotonic() - started - found.unpacked_s - found.recovered_s
    return replace(found, recovered_s=found.recovered_s + spent, missing=missing)


def _brought_back(repository: Repository, base: Base, data: Path, target: _Target) -> Restored:
    started = time.monotonic()
    data.mkdir(parents=True, exist_ok=True)
    unpack(repository, base.folder / "settings.tar", data)
    if (repository.folder / SETTINGS).exists():  # keys made since the whole copy
        unpack(repository, repository.folder / SETTINGS, data)
    cluster = embedded.Cluster(data / "postgres")
    unpack(repository, base.folder / "database.tar", cluster.data)
    log = data / "postgres" / "restored-wal"
    _lay_out_log(repository, log, since=base.first_segment)
    _tell_recovery(cluster, log, target)
    files = _files(repository, data)
    embedded.adopt(cluster)
    for part in [log, *log.iterdir()]:
        shutil.chown(part, *_owner(cluster))
    unpacked_s = time.monotonic() - started
    started = time.monotonic()
    server, latest = _recovered(cluster, target)
    _forget_recovery(cluster)
    shutil.rmtree(log)
    return Restored(base, unpacked_s, time.monotonic() - started, files, latest, server)


def _missing(data: Path) -> tuple[str, ...]:
    """Files and keys that rows name and that did not come."""
    import psycopg

    cluster = embedded.Cluster(data / "postgres")
    with psycopg.connect(cluster.url(embedded.SUPERUSER), autocommit=True) as database:
        if database.execute("SELECT to_regclass('documents_content')").fetchone() == (None,):
            return ()
        named = database.execute(
            "SELECT 'files/' || blob FROM documents_content WHERE store = 'disk' AND blob <> '' AND shredded_at IS NULL"
        )
        found = [place for (place,) in named if not (data / place).exists()]
        keys = data / "keys" / "files"
        if keys.is_dir():  # elsewhere they are the operator's to bring
            sealed = database.execute("SELECT DISTINCT key_id FROM documents_content WHERE key_id <> ''")
            found += [f"keys/files/{key}.key" for (key,) in sealed if not (keys / f"{key}.key").exists()]
        return tuple(found)


def _whole_at(repository: Repository, base: Base) -> _Target:
    """The last point for which the backup has log, files and keys: the receiver's, or the end of the whole copy itself."""
    reached = repository.reached()
    if reached is None or reached.at < base.ended_at:
        return _Target("recovery_target", "immediate")
    return _Target(_LSN, reached.lsn)


def _thrown_away(found: Restored, data: Path) -> None:
    embedded.stop(embedded.Cluster(data / "postgres"))
    if found.server is not None:
        found.server.wait()
    for one in data.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


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


def _tell_recovery(cluster: embedded.Cluster, log: Path, target: _Target) -> None:
    (cluster.data / "recovery.signal").touch()
    lines = ["", f'restore_command = \'cp "{log}/%f" "%p"\'', "recovery_target_timeline = 'latest'"]
    if target.setting:
        lines += [f"{target.setting} = '{target.value}'", "recovery_target_action = 'promote'"]
    if target.setting == _LSN:  # what begins there belongs to what came after
        lines.append("recovery_target_inclusive = 'off'")
    # The copy must not wait for the backup of the one it was made from.
    lines += ["synchronous_standby_names = ''", ""]
    with (cluster.data / _AUTO).open("a") as conf:
        conf.write("\n".join(lines))


def _leave_out(cluster: embedded.Cluster, setting: str) -> None:
    conf = cluster.data / _AUTO
    conf.write_text("".join(line for line in conf.read_text().splitlines(True) if not line.startswith(setting)))


def _forget_recovery(cluster: embedded.Cluster) -> None:
    import psycopg

    with psycopg.connect(cluster.url(embedded.SUPERUSER, "postgres"), autocommit=True) as connection:
        for name in _RECOVERY:
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


def _recovered(cluster: embedded.Cluster, target: _Target) -> "tuple[subprocess.Popen[bytes] | None, datetime | None]":
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
            if target.setting == _LSN:  # the log ends right there: nothing begins behind it
                _leave_out(cluster, _LSN)
                return _recovered(cluster, _AT_THE_END)
            raise BackupError("Nhật ký sao lưu chưa tới thời điểm ấy; hãy chọn thời điểm sớm hơn.") from None
        raise BackupError(f"Phục hồi không xong; xem {cluster.log_file}. {error}") from None
