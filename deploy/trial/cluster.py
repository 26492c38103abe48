"""A primary and a standby of PostgreSQL, each at an address of its own as on two machines; kill one, promote the other."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from tinhso.config import embedded

STANDBY = "may_du_phong"


class Machine:
    """One PostgreSQL server: its folder, its address."""

    def __init__(self, cluster: embedded.Cluster, folder: Path, address: str, port: int) -> None:
        self.cluster, self.folder, self.address, self.port = cluster, folder, address, port
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, *lines: str) -> None:
        """Open the server to the other machines, and run it; `lines` are settings of its own."""
        settings = [
            f"listen_addresses = '{self.address}'", f"port = {self.port}", "unix_socket_directories = ''",
            "wal_level = replica", "hot_standby = on", "wal_keep_size = 256MB", "max_connections = 100", *lines,
        ]  # fmt: skip
        with (self.folder / "postgresql.auto.conf").open("a") as file:
            file.write("\n".join(["", *settings, ""]))
        rights = self.folder / "pg_hba.conf"
        rules = "host all all 127.0.0.0/8 scram-sha-256\nhost replication all 127.0.0.0/8 scram-sha-256\n"
        if rules not in rights.read_text():
            rights.write_text(rights.read_text() + rules)
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [embedded.program(self.cluster, "postgres"), "-D", self.folder], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, **_as_owner(self.folder),
            )  # fmt: skip
        self.wait()

    def copy_to(self, folder: Path, address: str) -> "Machine":
        """A standby made of this server, with a slot, so that the log it needs is kept for it."""
        told = f"host={self.address} port={self.port} user=postgres application_name={STANDBY}"
        command = [
            embedded.program(self.cluster, "pg_basebackup"), "-d", told, "-D", folder, "-R", "-X", "stream", "-C",
            "-S", STANDBY,
            "-c", "fast",
        ]  # fmt: skip
        password = {**os.environ, "PGPASSWORD": self.cluster.password(embedded.SUPERUSER), "LC_ALL": "C"}
        subprocess.run(command, check=True, env=password, capture_output=True, **_as_owner(self.folder))
        return Machine(self.cluster, folder, address, self.port)

    def ask(self, statement: str) -> Any:
        """One statement as the administrator; the first value."""
        with self.session() as session:
            found = session.execute(statement.encode())
            row = found.fetchone() if found.description else None
        return row[0] if row else None

    def configure(self, line: str) -> None:
        """Change one setting while it runs."""
        self.ask(f"ALTER SYSTEM SET {line}")
        self.ask("SELECT pg_reload_conf()")

    def session(self, database: str = embedded.DATABASE) -> "psycopg.Connection[Any]":
        """A session as the administrator."""
        return psycopg.connect(
            host=self.address, port=self.port, user=embedded.SUPERUSER, dbname=database, autocommit=True, connect_timeout=3,
            password=self.cluster.password(embedded.SUPERUSER),
        )  # fmt: skip

    def wait(self, *, patience_s: float = 1800.0) -> None:
        """Until it answers; one that has ended is not waited for."""
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            with suppress(psycopg.OperationalError):
                self.session("postgres").close()
                return
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit(f"the database at {self.address} does not answer; see {self.folder}.log")

    def kill(self) -> None:
        """The whole server at once, as when the machine loses its power."""
        if self._process is not None and self._process.poll() is None:
            children = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(self._process.pid)], capture_output=True, text=True, check=False
            )
            for number in [self._process.pid, *map(int, children.stdout.split())]:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            self._process.wait()

    def remove(self) -> None:
        """Kill it and forget what it held."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def _as_owner(folder: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    found = folder.stat()
    return {"user": found.st_uid, "group": pwd.getpwuid(found.st_uid).pw_gid, "extra_groups": [], "cwd": "/"}
