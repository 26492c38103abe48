"""Postfix and Dovecot of a test run: their own folders, ports and processes; nothing of the system's is touched.

They are Debian's programs, configured by the product's own generator, reading the test's database by the read-only role.
"""

import contextlib
import imaplib
import os
import select
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self

from django.db import connection
from psycopg import sql

from tests.factories.snapshots import database_address
from tinhso.apps.mailboxes import queries
from tinhso.config.database import MAIL_ROLE, grant_mail
from tinhso.config.mail_servers import Plan, programs_missing, write

_PASSWORD = "chi-doc-2026"
_MASTER = "/usr/lib/postfix/sbin/master"
_ANSWERS_WITHIN = 30  # seconds


def why_not() -> str:
    """Why the servers cannot be started here; empty when they can."""
    if os.geteuid() != 0:
        return "the mail servers need root to switch users"
    missing = programs_missing()
    return f"not installed: {' '.join(missing)} (deploy/bootstrap.py --dev)" if missing else ""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Bridge:
    """Carries connections on a loopback port to the database's socket, which lies in a folder only its owner may enter."""

    def __init__(self, target: str) -> None:
        self._target, self._listener = target, socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, socket.socket(socket.AF_UNIX) as far, contextlib.suppress(OSError):
            far.connect(self._target)
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for one in ready:
                    content = one.recv(65_536)
                    if not content:
                        return
                    (far if one is near else near).sendall(content)

    def close(self) -> None:
        self._listener.close()


@dataclass
class MailHost:
    """The two servers of one run; a context manager."""

    folder: Path = field(init=False)
    plan: Plan = field(init=False)
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix=f"tinhso-mail-{os.getpid()}-"))
        self.folder.chmod(0o755)
        try:
            self._prepare()
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if hasattr(self, "_bridge"):
            self._bridge.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def certificate(self) -> Path:
        """Its certificate, which stands for its own authority."""
        return self.folder / "mail.pem"

    def _prepare(self) -> None:
        address = database_address()
        self._bridge = Bridge(f"{address['host']}/.s.PGSQL.{address.get('port', 5432)}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [MAIL_ROLE])
            known = "ALTER" if cursor.fetchone() else "CREATE"
            role = sql.SQL(known + " ROLE {} LOGIN PASSWORD {}")
            cursor.execute(role.format(sql.Identifier(MAIL_ROLE), sql.Literal(_PASSWORD)))
        grant_mail(MAIL_ROLE)
        certificate, key = self.certificate, self.folder / "mail.key"
        command: list[Any] = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
        ]
        command += ["-days", "2", "-subj", "/CN=mail.test", "-keyout", key, "-out", certificate]
        command += ["-addext", "subjectAltName=DNS:mail.test,IP:127.0.0.1"]
        subprocess.run(command, check=True, capture_output=True)
        ports = {name: free_port() for name in ("smtp", "submission", "submissions", "imap", "imaps", "doveadm")}
        for name in ("store", "queue", "data", "log", "run"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "store", "mail", "mail")
        shutil.chown(self.folder / "data", "postfix", "postfix")
        self.plan = Plan(
            out=self.folder / "etc", hostname="mail.test", certificate=str(certificate), key=str(key),
            database_url=f"postgresql://{MAIL_ROLE}:{_PASSWORD}@127.0.0.1:{self._bridge.port}/{address['dbname']}",
            doveadm_key="khoa-quan-tri", state=self.folder / "store", queue=self.folder / "queue",
            data=self.folder / "data", run=self.folder / "run", vmail_user="mail", vmail_group="mail",
            smtp=f"127.0.0.1:{ports['smtp']}", submission=f"127.0.0.1:{ports['submission']}",
            submissions=f"127.0.0.1:{ports['submissions']}", imap=ports["imap"], imaps=ports["imaps"],
            doveadm_port=ports["doveadm"], interfaces="127.0.0.1", networks="127.0.0.2/32", dkim=False,
            submission_host=f"127.0.0.1:{ports['smtp']}", log=self.folder / "log", relayhost="[127.0.0.1]:1",
        )  # fmt: skip
        self.ports = ports
        write(self.plan, queries.rules_now())

    def _start(self) -> None:
        etc = self.folder / "etc"
        subprocess.run(["postfix", "-c", etc / "postfix", "check"], check=False, capture_output=True)
        commands: list[list[Any]] = [
            ["dovecot", "-F", "-c", etc / "dovecot" / "dovecot.conf"],
            [_MASTER, "-c", etc / "postfix", "-d"],
        ]
        with (self.folder / "log" / "start.log").open("ab") as log:
            for command in commands:
                self._processes.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        until = time.monotonic() + _ANSWERS_WITHIN
        for port in self.ports.values():
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=5).close()
                    break
                except OSError as error:
                    if time.monotonic() > until or any(one.poll() is not None for one in self._processes):
                        raise RuntimeError(self.told()) from error
                    time.sleep(0.1)

    def told(self) -> str:
        """What the servers wrote."""
        return "\n".join(file.read_text(errors="replace")[-6000:] for file in sorted((self.folder / "log").iterdir()))

    # --- what people's programs do

    def submit(
        self, login: str, password: str, letter: EmailMessage, *, sender: str = "", to: list[str] | None = None
    ) -> Any:
        """Send a letter as an officer's program does; returns what was refused, by recipient."""
        with smtplib.SMTP("127.0.0.1", self.ports["submission"], timeout=60) as client:
            client.starttls(context=_trusting())
            client.login(login, password)
            return client.send_message(letter, from_addr=sender or login, to_addrs=to)

    def deliver(self, sender: str, recipient: str, letter: EmailMessage) -> Any:
        """Send a letter as another server does."""
        with smtplib.SMTP("127.0.0.1", self.ports["smtp"], timeout=60) as client:
            return client.send_message(letter, from_addr=sender, to_addrs=[recipient])

    def read(self, login: str, password: str, *, at_least: int = 0, box: str = "INBOX") -> list[str]:
        """The subjects in a folder, once there are so many."""
        until = time.monotonic() + _ANSWERS_WITHIN
        while True:
            with imaplib.IMAP4_SSL("127.0.0.1", self.ports["imaps"], ssl_context=_trusting(), timeout=60) as client:
                client.login(login, password)
                client.select(box, readonly=True)
                found = [str(number) for number in client.search(None, "ALL")[1][0].split()]
                subjects = []
                for number in client.search(None, "ALL")[1][0].split():
                    part: Any = client.fetch(number, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0]
                    subjects.append(part[1].decode().removeprefix("Subject: ").strip())
            if len(found) >= at_least:
                return subjects
            if time.monotonic() > until:
                raise AssertionError(f"{login}: {subjects}\n{self.told()}")
            time.sleep(0.2)


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def letter(subject: str, *, sender: str, to: str, size: int = 0) -> EmailMessage:
    """A letter of so many bytes at least."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, sender, to
    made["Message-ID"] = f"<{subject.replace(' ', '-')}.{time.monotonic_ns()}@test>"
    made.set_content("Kính gửi." + "\nx" * (size // 2))
    return made
